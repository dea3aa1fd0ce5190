//! A topology as a Compose file.

use engine::api::Mount;
use sorted::SortedMap;

use super::asked::{Attachment, Holder, INTERFACE_NAME, Net, Topology};
use crate::config::plain_yaml;
use crate::value::{Map, Value};

/// Writes a Compose file for a project of this name.
pub fn file(topology: &Topology, project: &str) -> String {
    let mut out = "# Written from what an engine holds. Subnets and addresses that nobody asked for are left to the engine.\n".to_owned();
    for c in topology.containers.iter().filter(|c| c.state != "running") {
        out.push_str(&format!(
            "# {} was {} when this was written.\n",
            c.name, c.state
        ));
    }
    let services = topology
        .containers
        .iter()
        .map(|c| (c.key.clone(), Value::Map(service(topology, c))));
    let networks = topology
        .networks
        .iter()
        .filter(|n| !n.config_only)
        .map(|n| (n.key.clone(), Value::Map(network(n))));
    section(&mut out, "name", project.into());
    section(&mut out, "services", Value::Map(services.collect()));
    let networks: Map = networks.collect();
    if !networks.is_empty() {
        section(&mut out, "networks", Value::Map(networks));
    }
    let volumes = topology.volumes.iter().map(|v| {
        let mut kept = Filling(Map::new());
        kept.put("name", text(&v.name));
        kept.put("driver_opts", pairs(&v.options));
        kept.put("labels", pairs(&v.labels));
        (v.name.clone(), Value::Map(kept.0))
    });
    let volumes: Map = volumes.collect();
    if !volumes.is_empty() {
        section(&mut out, "volumes", Value::Map(volumes));
    }
    out
}

fn section(out: &mut String, key: &str, value: Value) {
    out.push_str(&plain_yaml(&Map::from([(key.to_owned(), value)])));
}

/// A text in which nothing is a variable.
fn text(text: &str) -> Value {
    Value::Str(text.replace('$', "$$"))
}

fn texts(list: &[String]) -> Value {
    Value::List(list.iter().map(|one| text(one)).collect())
}

fn pairs(map: &SortedMap<String, String>) -> Value {
    Value::Map(
        map.iter()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect(),
    )
}

/// Puts what is not empty into a mapping.
struct Filling(Map);

impl Filling {
    fn put(&mut self, key: &str, value: Value) {
        let empty = match &value {
            Value::Str(text) => text.is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(map) => map.is_empty(),
            Value::Bool(flag) => !flag,
            Value::Int(number) => *number == 0,
            _ => false,
        };
        if !empty {
            self.0.insert(key.to_owned(), value);
        }
    }
}

fn network(n: &Net) -> Map {
    let mut out = Filling(Map::new());
    out.put("name", text(&n.name));
    out.put(
        "driver",
        text(if n.driver == "bridge" { "" } else { &n.driver }),
    );
    out.put("driver_opts", pairs(&n.options));
    out.put("internal", n.internal.into());
    out.put("attachable", n.attachable.into());
    out.put("enable_ipv6", n.ipv6.into());
    if !n.ipv4 {
        out.0.insert("enable_ipv4".into(), false.into());
    }
    out.put("labels", pairs(&n.labels));
    let pools = n.pools.iter().map(|pool| {
        let mut out = Filling(Map::new());
        out.put("subnet", text(&pool.subnet));
        out.put("ip_range", text(&pool.ip_range));
        out.put("gateway", text(&pool.gateway));
        out.put("aux_addresses", pairs(&pool.auxiliary_addresses));
        Value::Map(out.0)
    });
    let mut ipam = Filling(Map::new());
    ipam.put("driver", text(&n.ipam_driver));
    ipam.put("config", Value::List(pools.collect()));
    out.put("ipam", Value::Map(ipam.0));
    out.0
}

/// A mount of a part of a volume, in the long form.
fn part(mount: &Mount) -> Value {
    let mut out = Filling(Map::new());
    out.put("type", "volume".into());
    out.put("source", text(&mount.source));
    out.put("target", text(&mount.target));
    out.put("read_only", mount.read_only.into());
    let subpath = mount.volume_options.clone().unwrap_or_default().subpath;
    let volume = Map::from([("subpath".to_owned(), text(&subpath))]);
    out.put("volume", Value::Map(volume));
    Value::Map(out.0)
}

fn service(topology: &Topology, c: &Holder) -> Map {
    let mut out = Filling(Map::new());
    out.put("image", text(&c.image));
    out.put("container_name", text(&c.name));
    for (key, list) in [("entrypoint", &c.entrypoint), ("command", &c.command)] {
        if let Some(list) = list {
            // An empty one clears the image's.
            out.0.insert(key.into(), texts(list));
        }
    }
    out.put("environment", texts(&c.environment));
    out.put("labels", pairs(&c.labels));
    for (key, word) in &c.words {
        out.put(key, text(word));
    }
    for (key, list) in &c.lists {
        // What is made by the same file is a service there.
        let keyed = |one: &String| {
            let rest = one.strip_prefix("container:").unwrap_or_default();
            let (name, mode) = rest.split_once(':').unwrap_or((rest, ""));
            let other = topology.containers.iter().find(|o| o.name == name);
            let of = |o: &Holder| format!("{}:{mode}", o.key).trim_end_matches(':').to_owned();
            other.map_or_else(|| one.clone(), of)
        };
        match *key {
            "volumes_from" => out.put(key, texts(&list.iter().map(keyed).collect::<Vec<_>>())),
            _ => out.put(key, texts(list)),
        }
    }
    if !c.mounts_of_parts.is_empty() {
        let short = c.lists.iter().find(|(key, _)| *key == "volumes");
        let short = short
            .iter()
            .flat_map(|(_, list)| list.iter().map(|one| text(one)));
        let long = c.mounts_of_parts.iter().map(part);
        out.put("volumes", Value::List(short.chain(long).collect()));
    }
    let links = links(c);
    out.put("external_links", texts(&links));
    out.put("depends_on", texts(&linked(topology, c, &links)));
    for flag in &c.flags {
        out.put(flag, true.into());
    }
    out.put("sysctls", pairs(&c.sysctls));
    let ports = c.ports.iter().map(|(ip, there, here)| {
        let ip = if ip.contains(':') {
            format!("[{ip}]")
        } else {
            ip.clone()
        };
        let port = match (ip.as_str(), there.as_str()) {
            ("", "") => here.clone(),
            ("", there) => format!("{there}:{here}"),
            (ip, there) => format!("{ip}:{there}:{here}"),
        };
        text(port.trim_end_matches("/tcp"))
    });
    out.put("ports", Value::List(ports.collect()));
    if let Some(health) = &c.health {
        let mut check = Filling(Map::new());
        check.put("test", texts(&health.test));
        for (key, nanos) in [
            ("interval", health.interval),
            ("timeout", health.timeout),
            ("start_period", health.start_period),
            ("start_interval", health.start_interval),
        ] {
            let duration = if nanos == 0 {
                String::new()
            } else {
                format!("{}ms", nanos / 1_000_000)
            };
            check.put(key, text(&duration));
        }
        check.put("retries", health.retries.into());
        out.put("healthcheck", Value::Map(check.0));
    }
    let restart = match (c.restart.name.as_str(), c.restart.maximum_retry_count) {
        ("no", _) => String::new(),
        ("on-failure", most) if most > 0 => format!("on-failure:{most}"),
        (name, _) => name.to_owned(),
    };
    out.put("restart", text(&restart));
    let mode = match c.shares.strip_prefix("container:") {
        Some(name) => match topology.containers.iter().find(|other| other.name == name) {
            Some(other) => format!("service:{}", other.key),
            None => c.shares.clone(),
        },
        None => c.shares.clone(),
    };
    let usual = |a: &Attachment| a.network == "bridge";
    if mode.is_empty() && (c.networks.is_empty() || c.networks.iter().all(usual)) {
        out.put("network_mode", text("bridge"));
        if let Some(first) = c.networks.first() {
            out.put("mac_address", text(&first.mac));
        }
    } else {
        out.put("network_mode", text(&mode));
        let attached = c.networks.iter().filter_map(|a| {
            let key = topology
                .networks
                .iter()
                .find(|n| n.name == a.network)?
                .key
                .clone();
            Some((key, attachment(c, a)))
        });
        let mut attached: Map = attached.collect();
        // The one that it was made with is the one of the highest priority; else it is the first by name.
        let first = c.networks.first().map(|a| &a.network);
        let first = topology.networks.iter().find(|n| Some(&n.name) == first);
        if let Some(key) = first
            .map(|n| &n.key)
            .filter(|key| attached.keys().next() != Some(*key))
            && let Some(value) = attached.get_mut(key.as_str())
        {
            let mut map = value.as_map().cloned().unwrap_or_default();
            map.insert("priority".into(), Value::Int(1));
            *value = Value::Map(map);
        }
        out.put("networks", Value::Map(attached));
    }
    out.0
}

/// The links of a container: a Compose file has them for all its networks at once.
fn links(c: &Holder) -> Vec<String> {
    let old = c.lists.iter().filter(|(key, _)| *key == "external_links");
    let mut all: Vec<String> = old.flat_map(|(_, list)| list.clone()).collect();
    for link in c.networks.iter().flat_map(|a| &a.links) {
        if !all.contains(link) {
            all.push(link.clone());
        }
    }
    all
}

/// The services that have to be there before the links are: of those made earlier, so that no two wait for each other.
fn linked(topology: &Topology, c: &Holder, links: &[String]) -> Vec<String> {
    let earlier = topology.containers.iter().take_while(|o| o.name != c.name);
    earlier
        .filter(|o| links.iter().any(|l| l.split(':').next() == Some(&o.name)))
        .map(|o| o.key.clone())
        .collect()
}

fn attachment(c: &Holder, a: &Attachment) -> Value {
    let mut out = Filling(Map::new());
    let aliases: Vec<String> = a
        .aliases
        .iter()
        .filter(|alias| **alias != c.key)
        .cloned()
        .collect();
    out.put("aliases", texts(&aliases));
    out.put("ipv4_address", text(&a.ipv4));
    out.put("ipv6_address", text(&a.ipv6));
    out.put("link_local_ips", texts(&a.link_local));
    out.put("mac_address", text(&a.mac));
    out.put("gw_priority", a.gw_priority.into());
    let mut options = a.options.clone();
    if let Some(name) = options.remove(INTERFACE_NAME) {
        out.put("interface_name", text(&name));
    }
    out.put("driver_opts", pairs(&options));
    if out.0.is_empty() {
        Value::Null
    } else {
        Value::Map(out.0)
    }
}
