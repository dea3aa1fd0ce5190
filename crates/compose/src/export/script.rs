//! A topology as a script of docker commands.

use super::asked::{Attachment, Holder, Net, Topology};

/// Flags of `docker run`, by the names of options in a Compose file.
const FLAGS: [(&str, &str); 23] = [
    ("hostname", "--hostname"),
    ("domainname", "--domainname"),
    ("user", "--user"),
    ("working_dir", "--workdir"),
    ("stop_signal", "--stop-signal"),
    ("pid", "--pid"),
    ("ipc", "--ipc"),
    ("stop_grace_period", "--stop-timeout"),
    ("expose", "--expose"),
    ("dns", "--dns"),
    ("dns_search", "--dns-search"),
    ("dns_opt", "--dns-option"),
    ("extra_hosts", "--add-host"),
    ("cap_add", "--cap-add"),
    ("cap_drop", "--cap-drop"),
    ("volumes", "--volume"),
    ("tmpfs", "--tmpfs"),
    ("volumes_from", "--volumes-from"),
    ("external_links", "--link"),
    ("privileged", "--privileged"),
    ("read_only", "--read-only"),
    ("init", "--init"),
    ("tty", "--tty"),
];

/// The longest line before it is continued on the next, characters.
const LONGEST: usize = 100;

/// Writes a script for a POSIX shell.
pub fn script(topology: &Topology) -> String {
    let mut out = "#!/bin/sh\n# Written from what an engine holds. Subnets and addresses that nobody asked for are left to the engine.\nset -e\n".to_owned();
    for network in &topology.networks {
        line(&mut out, create(network));
    }
    for volume in &topology.volumes {
        let mut w = words("docker volume create");
        for (key, value) in &volume.options {
            option(&mut w, "--opt", &format!("{key}={value}"));
        }
        for (key, value) in &volume.labels {
            option(&mut w, "--label", &format!("{key}={value}"));
        }
        w.push(volume.name.clone());
        line(&mut out, w);
    }
    for container in &topology.containers {
        run(&mut out, container);
    }
    out
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Writes a command, its words apart or each option on a line if it is long.
fn line(out: &mut String, words: Vec<String>) {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let whole = words.join(" ");
    if whole.chars().count() <= LONGEST {
        out.push_str(&whole);
        out.push('\n');
        return;
    }
    let mut width = 0;
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        // An option and its value stay together.
        let value = words.next_if(|next| {
            word.starts_with("--") && !word.contains('=') && !next.starts_with("--")
        });
        let value = value.map(|value| format!(" {value}")).unwrap_or_default();
        let len = word.chars().count() + value.chars().count() + 1;
        if width > 0 && width + len > LONGEST - 2 {
            out.push_str(" \\\n  ");
            width = 2;
        } else if width > 0 {
            out.push(' ');
        }
        width += len;
        out.push_str(word);
        out.push_str(&value);
    }
    out.push('\n');
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn option(words: &mut Vec<String>, flag: &str, value: &str) {
    if !value.is_empty() {
        words.push(flag.to_owned());
        words.push(value.to_owned());
    }
}

fn create(n: &Net) -> Vec<String> {
    let mut w = words("docker network create");
    if n.config_only {
        w.push("--config-only".into());
    }
    if n.config_from.is_empty() {
        option(
            &mut w,
            "--driver",
            if matches!(n.driver.as_str(), "bridge" | "null") {
                ""
            } else {
                &n.driver
            },
        );
        for pool in &n.pools {
            option(&mut w, "--subnet", &pool.subnet);
            option(&mut w, "--ip-range", &pool.ip_range);
            option(&mut w, "--gateway", &pool.gateway);
            for (name, address) in &pool.auxiliary_addresses {
                option(&mut w, "--aux-address", &format!("{name}={address}"));
            }
        }
        option(&mut w, "--ipam-driver", &n.ipam_driver);
        for (on, flag) in [
            (n.internal, "--internal"),
            (!n.ipv4 && !n.config_only, "--ipv4=false"),
            (n.ipv6, "--ipv6"),
        ] {
            if on {
                w.push(flag.into());
            }
        }
        for (key, value) in &n.options {
            option(&mut w, "--opt", &format!("{key}={value}"));
        }
    } else {
        option(&mut w, "--driver", &n.driver);
        option(&mut w, "--config-from", &n.config_from);
    }
    if n.attachable {
        w.push("--attachable".into());
    }
    for (key, value) in &n.labels {
        option(&mut w, "--label", &format!("{key}={value}"));
    }
    w.push(n.name.clone());
    w
}

fn run(out: &mut String, c: &Holder) {
    // What did not run is only made.
    let runs = matches!(c.state.as_str(), "running" | "paused" | "restarting");
    let mut w = words(if runs {
        "docker run -d"
    } else {
        "docker create"
    });
    option(&mut w, "--name", &c.name);
    if c.auto_remove {
        w.push("--rm".into());
    }
    // `network connect` knows no hardware addresses; else interfaces get their names in the order of connecting.
    let at_once = c.networks.iter().skip(1).any(|a| !a.mac.is_empty());
    let (first, later) = c.networks.split_at(if at_once {
        c.networks.len()
    } else {
        c.networks.len().min(1)
    });
    match c.shares.as_str() {
        "" => first.iter().for_each(|a| attach(&mut w, a)),
        shares => option(&mut w, "--network", shares),
    }
    for (ip, there, here) in &c.ports {
        let ip = if ip.contains(':') {
            format!("[{ip}]")
        } else {
            ip.clone()
        };
        let here = here.trim_end_matches("/tcp");
        let port = match (ip.as_str(), there.as_str()) {
            ("", "") => here.to_owned(),
            ("", there) => format!("{there}:{here}"),
            (ip, there) => format!("{ip}:{there}:{here}"),
        };
        option(&mut w, "--publish", &port);
    }
    if c.publish_all {
        w.push("--publish-all".into());
    }
    for variable in &c.environment {
        option(&mut w, "--env", variable);
    }
    for (key, value) in &c.labels {
        option(&mut w, "--label", &format!("{key}={value}"));
    }
    let flag = |key: &str| {
        FLAGS
            .iter()
            .find(|(name, _)| *name == key)
            .map_or("--interactive", |(_, flag)| *flag)
    };
    for (key, word) in &c.words {
        let seconds = *key == "stop_grace_period";
        option(
            &mut w,
            flag(key),
            if seconds {
                word.trim_end_matches('s')
            } else {
                word
            },
        );
    }
    for (key, list) in &c.lists {
        let bare = |one: &String| one.strip_prefix("container:").unwrap_or(one).to_owned();
        list.iter()
            .for_each(|one| option(&mut w, flag(key), &bare(one)));
    }
    for mount in &c.mounts_of_parts {
        let subpath = mount.volume_options.clone().unwrap_or_default().subpath;
        let mode = if mount.read_only { ",readonly" } else { "" };
        let (source, target) = (&mount.source, &mount.target);
        let text =
            format!("type=volume,source={source},target={target},volume-subpath={subpath}{mode}");
        option(&mut w, "--mount", &text);
    }
    for link in first.iter().flat_map(|a| &a.links) {
        option(&mut w, "--link", link);
    }
    w.extend(c.flags.iter().map(|key| flag(key).to_owned()));
    for (key, value) in &c.sysctls {
        option(&mut w, "--sysctl", &format!("{key}={value}"));
    }
    if let Some(health) = &c.health {
        match health.test.split_first() {
            Some((kind, _)) if kind == "NONE" => w.push("--no-healthcheck".into()),
            Some((kind, [line])) if kind == "CMD-SHELL" => option(&mut w, "--health-cmd", line),
            Some((_, test)) => {
                let line: Vec<String> = test.iter().map(|word| quoted(word)).collect();
                option(&mut w, "--health-cmd", &line.join(" "));
            }
            None => {}
        }
        for (flag, nanos) in [
            ("--health-interval", health.interval),
            ("--health-timeout", health.timeout),
            ("--health-start-period", health.start_period),
            ("--health-start-interval", health.start_interval),
        ] {
            if nanos != 0 {
                option(&mut w, flag, &format!("{}ms", nanos / 1_000_000));
            }
        }
        if health.retries != 0 {
            option(&mut w, "--health-retries", &health.retries.to_string());
        }
    }
    match (c.restart.name.as_str(), c.restart.maximum_retry_count) {
        ("no", _) => {}
        ("on-failure", most) if most > 0 => {
            option(&mut w, "--restart", &format!("on-failure:{most}"));
        }
        (name, _) => option(&mut w, "--restart", name),
    }
    let mut rest = Vec::new();
    if let Some(entry) = &c.entrypoint {
        // The flag takes one word; what follows goes before the command. An empty one clears the image's.
        let (program, more) = entry
            .split_first()
            .map_or(("", &[][..]), |(p, more)| (p, more));
        w.push(format!("--entrypoint={program}"));
        rest.extend(more.iter().cloned());
    }
    rest.extend(c.command.iter().flatten().cloned());
    w.push(c.image.clone());
    w.extend(rest);
    line(out, w);
    for a in later {
        let mut w = words("docker network connect");
        option(&mut w, "--ip", &a.ipv4);
        option(&mut w, "--ip6", &a.ipv6);
        for address in &a.link_local {
            option(&mut w, "--link-local-ip", address);
        }
        for alias in &a.aliases {
            option(&mut w, "--alias", alias);
        }
        for link in &a.links {
            option(&mut w, "--link", link);
        }
        for (key, value) in &a.options {
            option(&mut w, "--driver-opt", &format!("{key}={value}"));
        }
        if a.gw_priority != 0 {
            option(&mut w, "--gw-priority", &a.gw_priority.to_string());
        }
        w.extend([a.network.clone(), c.name.clone()]);
        line(out, w);
    }
    if c.state == "paused" {
        line(out, vec!["docker".into(), "pause".into(), c.name.clone()]);
    }
}

/// Adds a `--network` for an attachment; the default one needs none.
fn attach(w: &mut Vec<String>, a: &Attachment) {
    let mut parts = Vec::new();
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            parts.push(format!("{key}={value}"));
        }
    };
    add("ip", &a.ipv4);
    add("ip6", &a.ipv6);
    a.link_local
        .iter()
        .for_each(|address| add("link-local-ip", address));
    add("mac-address", &a.mac);
    a.aliases.iter().for_each(|alias| add("alias", alias));
    a.options
        .iter()
        .for_each(|(key, value)| add("driver-opt", &format!("{key}={value}")));
    if a.gw_priority != 0 {
        add("gw-priority", &a.gw_priority.to_string());
    }
    if parts.is_empty() {
        option(
            w,
            "--network",
            if a.network == "bridge" {
                ""
            } else {
                &a.network
            },
        );
    } else {
        option(
            w,
            "--network",
            &format!("name={},{}", a.network, parts.join(",")),
        );
    }
}
