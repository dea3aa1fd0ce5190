//! What the flags of `docker service update` change. Source: docker/cli `command/service/update.go`.

use engine::Client;
use engine::api::{
    ContainerSpec, DnsConfig, EndpointSpec, HealthConfig, Mount, PortConfig, ServiceSpec,
};
use sorted::SortedMap;

use super::{capabilities, ports, references, spec, values};
use crate::args::Parsed;
use crate::container::{mounts, request};
use crate::pairs;
use crate::session::said;

/// Lays the flags over what a service was to be like. Errors: the sentence.
pub(super) fn change(
    client: &Client,
    parsed: &Parsed,
    service: &mut ServiceSpec,
) -> Result<(), String> {
    let task = &mut service.task_template;
    let container = task.container_spec.get_or_insert_default();
    labels(parsed, "label", &mut service.labels);
    labels(parsed, "container-label", &mut container.labels);
    labels(parsed, "sysctl", &mut container.sysctls);
    texts(parsed, container);
    environment(parsed, &mut container.env);
    mounts_of(parsed, &mut container.mounts)?;
    if parsed.given("ulimit-add") || parsed.given("ulimit-rm") {
        let removed = pairs::map(parsed.all("ulimit-rm"));
        let added = request::ulimits(parsed.all("ulimit-add"));
        let stays = |name: &String| {
            !removed.contains_key(name) && !added.iter().any(|limit| limit.name == *name)
        };
        container.ulimits.retain(|limit| stays(&limit.name));
        container.ulimits.extend(added);
        sorted::sort_by(&mut container.ulimits, |a, b| a.name.cmp(&b.name));
    }
    if parsed.given("oom-score-adj") {
        container.oom_score_adj = parsed.int("oom-score-adj");
    }
    let any = |flags: &[&str]| flags.iter().any(|flag| parsed.given(flag));
    if any(&[
        "limit-cpu",
        "limit-memory",
        "limit-pids",
        "reserve-cpu",
        "reserve-memory",
    ]) {
        let resources = task.resources.get_or_insert_default();
        let most = resources.limits.get_or_insert_default();
        let kept = resources.reservations.get_or_insert_default();
        let cpus = [
            ("limit-cpu", &mut most.nano_cpus),
            ("reserve-cpu", &mut kept.nano_cpus),
        ];
        for (flag, field) in cpus.into_iter().filter(|(flag, _)| parsed.given(flag)) {
            *field = values::nano_cpus(parsed.text(flag));
        }
        let bytes = [
            ("limit-memory", &mut most.memory_bytes),
            ("reserve-memory", &mut kept.memory_bytes),
        ];
        for (flag, field) in bytes.into_iter().filter(|(flag, _)| parsed.given(flag)) {
            *field = parsed.bytes(flag);
        }
        if parsed.given("limit-pids") {
            most.pids = parsed.int("limit-pids");
        }
    }
    if let Some(time) = spec::given_duration(parsed, "stop-grace-period") {
        container.stop_grace_period = Some(time);
    }
    task.restart_policy = spec::restart(parsed, task.restart_policy.take());
    let placement = task.placement.get_or_insert_default();
    if any(&["constraint-add", "constraint-rm"]) {
        list(parsed, "constraint", &mut placement.constraints);
        sorted::sort_by(&mut placement.constraints, Ord::cmp);
    }
    if let Some(text) = parsed.given_text("placement-pref-rm") {
        let gone = values::preference(text);
        placement.preferences.retain(|wish| *wish != gone);
    }
    if let Some(text) = parsed.given_text("placement-pref-add") {
        placement.preferences.push(values::preference(text));
    }
    if let Some(most) = spec::count(parsed, "replicas-max-per-node") {
        placement.max_replicas = most;
    }
    if any(&["network-add", "network-rm"]) {
        let mut gone = Vec::new();
        for name in parsed.all("network-rm") {
            let network = client.network_inspect(name.as_str(), false);
            gone.push(network.map_err(|error| said(&error))?.id);
        }
        task.networks
            .retain(|network| !gone.contains(&network.target));
        for text in parsed.all("network-add") {
            let found = spec::networks(client, std::slice::from_ref(text))?;
            for network in found {
                if task.networks.iter().any(|n| n.target == network.target) {
                    let name = values::network(text)?.target;
                    return Err(format!("service is already attached to network {name}"));
                }
                task.networks.push(network);
            }
        }
        sorted::sort_by(&mut task.networks, |a, b| a.target.cmp(&b.target));
    }
    if let Some(replicas) = spec::count(parsed, "replicas") {
        match &mut service.mode.replicated {
            Some(mode) => mode.replicas = Some(replicas),
            None => return Err("replicas can only be used with replicated mode".into()),
        }
    }
    spec::change_updates(parsed, "update", &mut service.update_config);
    spec::change_updates(parsed, "rollback", &mut service.rollback_config);
    if any(&["endpoint-mode", "publish-add", "publish-rm"]) {
        let endpoint = service.endpoint_spec.get_or_insert_default();
        change_endpoint(parsed, endpoint);
    }
    if any(&["group-add", "group-rm"]) {
        list(parsed, "group", &mut container.groups);
        sorted::sort_by(&mut container.groups, Ord::cmp);
    }
    names(parsed, container);
    if let Some(driver) = spec::log_driver(parsed) {
        task.log_driver = Some(driver);
    }
    task.force_update += u64::from(parsed.on("force"));
    health(parsed, container)?;
    let secrets = references::all(parsed.all("secret-add"), "secret");
    let configs = references::all(parsed.all("config-add"), "config");
    let stays = |flag: &str, name: &String| !parsed.all(flag).contains(name);
    container
        .secrets
        .retain(|secret| stays("secret-rm", &secret.secret_name));
    container
        .configs
        .retain(|config| stays("config-rm", &config.config_name));
    container
        .secrets
        .extend(references::secrets(client, secrets)?);
    container
        .configs
        .extend(references::configs(client, configs)?);
    if any(&["cap-add", "cap-drop"]) {
        capabilities::change(
            (
                &mut container.capability_add,
                &mut container.capability_drop,
            ),
            parsed.all("cap-add"),
            parsed.all("cap-drop"),
        );
    }
    Ok(())
}

/// Takes keys away and sets others.
fn labels(parsed: &Parsed, what: &str, labels: &mut SortedMap<String, String>) {
    for (key, _) in pairs::map(parsed.all(&format!("{what}-rm"))) {
        labels.remove(&key);
    }
    for (key, value) in pairs::map(parsed.all(&format!("{what}-add"))) {
        labels.insert(key, value);
    }
}

/// Adds to a list and takes away from it.
fn list(parsed: &Parsed, what: &str, items: &mut Vec<String>) {
    items.extend_from_slice(parsed.all(&format!("{what}-add")));
    let gone = parsed.all(&format!("{what}-rm"));
    items.retain(|item| !gone.contains(item));
}

/// The flags that set one text each.
fn texts(parsed: &Parsed, container: &mut ContainerSpec) {
    let fields = [
        ("image", &mut container.image),
        ("workdir", &mut container.dir),
        ("user", &mut container.user),
        ("hostname", &mut container.hostname),
        ("isolation", &mut container.isolation),
        ("stop-signal", &mut container.stop_signal),
    ];
    for (flag, field) in fields {
        if let Some(text) = parsed.given_text(flag) {
            text.clone_into(field);
        }
    }
    let commands = [
        ("args", &mut container.args),
        ("entrypoint", &mut container.command),
    ];
    for (flag, field) in commands {
        if let Some(text) = parsed.given_text(flag) {
            *field = values::words(text);
        }
    }
    if parsed.given("init") {
        container.init = Some(parsed.on("init"));
    }
    let switches = [
        ("tty", &mut container.tty),
        ("read-only", &mut container.read_only),
    ];
    for (flag, field) in switches.into_iter().filter(|(flag, _)| parsed.given(flag)) {
        *field = parsed.on(flag);
    }
}

/// Variables are taken away by name, then others set. The real command leaves their order to chance; here it is by name.
fn environment(parsed: &Parsed, env: &mut Vec<String>) {
    let name = |variable: &str| variable.split('=').next().unwrap_or("").to_owned();
    let gone = parsed.all("env-rm");
    env.retain(|variable| !gone.contains(&name(variable)));
    if parsed.given("env-add") {
        let all = env.iter().chain(parsed.all("env-add"));
        let by_name: SortedMap<String, String> = all.map(|v| (name(v), v.clone())).collect();
        *env = by_name.into_iter().map(|(_, variable)| variable).collect();
    }
}

fn mounts_of(parsed: &Parsed, mounts: &mut Vec<Mount>) -> Result<(), String> {
    let mut added: Vec<Mount> = Vec::new();
    for text in parsed.all("mount-add") {
        let mount = mounts::read(text)?;
        if added.iter().any(|other| other.target == mount.target) {
            return Err("duplicate mount target".into());
        }
        added.push(mount);
    }
    let gone = parsed.all("mount-rm");
    mounts.retain(|mount| !added.iter().any(|other| other.target == mount.target));
    mounts.extend(added);
    mounts.retain(|mount| !gone.contains(&mount.target));
    sorted::sort_by(mounts, |a, b| {
        (&a.source, &a.target).cmp(&(&b.source, &b.target))
    });
    Ok(())
}

fn change_endpoint(parsed: &Parsed, endpoint: &mut EndpointSpec) {
    if let Some(mode) = parsed.given_text("endpoint-mode") {
        mode.clone_into(&mut endpoint.mode);
    }
    if !parsed.given("publish-add") && !parsed.given("publish-rm") {
        return;
    }
    let shown = |port: &PortConfig| {
        format!(
            "{}:{}/{}/{}",
            port.published_port, port.target_port, port.protocol, port.publish_mode
        )
    };
    let before: Vec<String> = endpoint.ports.iter().map(shown).collect();
    let gone = ports::all(parsed.all("publish-rm"));
    let same = |a: &PortConfig, b: &PortConfig| {
        (&a.protocol, a.target_port, &a.publish_mode)
            == (&b.protocol, b.target_port, &b.publish_mode)
    };
    endpoint
        .ports
        .retain(|port| !gone.iter().any(|other| same(port, other)));
    let added = ports::all(parsed.all("publish-add"));
    let added = added
        .into_iter()
        .filter(|port| !before.contains(&shown(port)));
    endpoint.ports.extend(added);
    sorted::sort_by(&mut endpoint.ports, |a, b| shown(a).cmp(&shown(b)));
}

/// How names are resolved.
fn names(parsed: &Parsed, container: &mut ContainerSpec) {
    let DnsConfig {
        nameservers,
        search,
        options,
    } = container.dns_config.get_or_insert_default();
    let lists = [
        ("dns", nameservers),
        ("dns-search", search),
        ("dns-option", options),
    ];
    for (what, items) in lists {
        if parsed.given(&format!("{what}-add")) || parsed.given(&format!("{what}-rm")) {
            list(parsed, what, items);
            sorted::sort_by(items, Ord::cmp);
            items.dedup();
        }
    }
    for text in parsed.all("host-rm") {
        let (name, address) = text.split_once(':').unwrap_or((text, ""));
        container.hosts = container
            .hosts
            .iter()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                let own = words.next()?;
                let hit = address.is_empty() || address == own;
                let names: Vec<&str> = words.filter(|word| !hit || *word != name).collect();
                (!names.is_empty()).then(|| format!("{own} {}", names.join(" ")))
            })
            .collect();
    }
    for line in parsed
        .all("host-add")
        .iter()
        .filter_map(|text| values::host(text))
    {
        if !container.hosts.contains(&line) {
            container.hosts.push(line);
        }
    }
}

fn health(parsed: &Parsed, container: &mut ContainerSpec) -> Result<(), String> {
    let flags = [
        "health-cmd",
        "health-interval",
        "health-retries",
        "health-timeout",
        "health-start-period",
    ];
    let any = flags.iter().any(|flag| parsed.given(flag));
    if parsed.on("no-healthcheck") {
        if any {
            return Err("--no-healthcheck conflicts with --health-* options".into());
        }
        container.healthcheck = Some(HealthConfig {
            test: vec!["NONE".into()],
            ..HealthConfig::default()
        });
        return Ok(());
    }
    if !any && !parsed.given("no-healthcheck") {
        return Ok(());
    }
    let health = container.healthcheck.get_or_insert_default();
    if health.test.first().is_some_and(|word| word == "NONE") {
        health.test.clear();
    }
    let times = [
        ("health-interval", &mut health.interval),
        ("health-timeout", &mut health.timeout),
        ("health-start-period", &mut health.start_period),
    ];
    for (flag, field) in times {
        if let Some(time) = spec::given_duration(parsed, flag) {
            *field = time;
        }
    }
    if parsed.given("health-retries") {
        health.retries = parsed.int("health-retries");
    }
    match parsed.given_text("health-cmd") {
        Some("") => health.test.clear(),
        Some(line) => health.test = vec!["CMD-SHELL".into(), line.to_owned()],
        None => {}
    }
    Ok(())
}
