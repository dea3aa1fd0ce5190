//! `docker service inspect --pretty`. Source: docker/cli `command/service/formatter.go`.

use engine::Client;
use engine::api::{ContainerSpec, Service, TaskSpec, UpdateConfig};
use sorted::SortedMap;

use super::super::age_ago;
use crate::format::size;
use crate::go::duration;

/// Writes one service for people.
pub(super) fn service(client: &Client, service: &Service, now: i64) -> String {
    let spec = &service.spec;
    let task = &spec.task_template;
    let mut out = format!("\nID:\t\t{}\nName:\t\t{}\n", service.id, spec.name);
    out.push_str(&super::super::lines("Labels:\n", " ", &spec.labels));
    out.push_str("Service Mode:");
    if spec.mode.global.is_some() {
        out.push_str("\tGlobal");
    } else if let Some(mode) = spec.mode.replicated {
        out.push_str("\tReplicated");
        if let Some(replicas) = mode.replicas {
            out.push_str(&format!("\n Replicas:\t{replicas}"));
        }
    }
    out.push('\n');
    let mut add = |text: &str| out.push_str(text);
    if let Some(status) = service
        .update_status
        .as_ref()
        .filter(|s| !s.state.is_empty())
    {
        add(&format!("UpdateStatus:\n State:\t\t{}\n", status.state));
        if let Some(moment) = &status.started_at {
            add(&format!(" Started:\t{}\n", age_ago(moment, now)));
        }
        if let Some(moment) = status
            .completed_at
            .as_ref()
            .filter(|_| status.state == "completed")
        {
            add(&format!(" Completed:\t{}\n", age_ago(moment, now)));
        }
        add(&format!(" Message:\t{}\n", status.message));
    }
    add(&placement(task));
    if let Some(config) = &spec.update_config {
        add(&updates("Update", config));
    }
    if let Some(config) = &spec.rollback_config {
        add(&updates("Rollback", config));
    }
    if let Some(spec) = &task.container_spec {
        add(&container(spec));
    }
    if let Some(driver) = &task.log_driver {
        add("Log Driver:\n");
        if !driver.name.is_empty() {
            add(&format!(" Name:\t\t{}\n", driver.name));
        }
        add(&entries(" LogOpts:\n", "  ", ":       ", &driver.options));
        add("\n");
    }
    add(&resources(task));
    if !task.networks.is_empty() {
        add("Networks:");
        for network in &task.networks {
            let known = client.network_inspect(network.target.as_str(), false);
            add(&format!(
                " {}",
                known.map_or_else(|_| network.target.clone(), |it| it.name)
            ));
        }
        add(" \n");
    }
    let mode = spec.endpoint_spec.as_ref().map_or("", |spec| &spec.mode);
    add(&format!("Endpoint Mode:\t{mode}"));
    if !service.endpoint.ports.is_empty() {
        add("\nPorts:");
        for port in &service.endpoint.ports {
            add(&format!(
                "\n PublishedPort = {}\n  Protocol = {}\n  TargetPort = {}\n  PublishMode = {}",
                port.published_port, port.protocol, port.target_port, port.publish_mode
            ));
        }
        add(" ");
    }
    let health = task.container_spec.as_ref();
    if let Some(health) = health.and_then(|container| container.healthcheck.as_ref()) {
        add(&format!(
            "\n Healthcheck:\n  Interval = {}\n  Retries = {}\n  StartPeriod =\t{}\n  Timeout =\t{}",
            duration(health.interval),
            health.retries,
            duration(health.start_period),
            duration(health.timeout)
        ));
        if !health.test.is_empty() {
            add("\n  Tests:");
            for word in &health.test {
                add(&format!("\n\t Test = {word}"));
            }
            add(" ");
        }
    }
    add("\n\n");
    out
}

/// Writes a map below a heading; nothing if it is empty.
fn entries(heading: &str, before: &str, between: &str, map: &SortedMap<String, String>) -> String {
    let mut out = String::new();
    for (key, value) in map {
        if out.is_empty() {
            out.push_str(heading);
        }
        let between = if value.is_empty() { "" } else { between };
        out.push_str(&format!("{before}{key}{between}{value}\n"));
    }
    out
}

fn placement(task: &TaskSpec) -> String {
    let mut out = "Placement:\n".to_owned();
    let Some(placement) = &task.placement else {
        return out;
    };
    if !placement.constraints.is_empty() {
        let all = placement.constraints.join(" ");
        out.push_str(&format!(" Constraints:\t[{all}]\n"));
    }
    let wishes: Vec<String> = placement
        .preferences
        .iter()
        .filter_map(|wish| wish.spread.as_ref())
        .map(|spread| format!("spread={}", spread.spread_descriptor))
        .collect();
    if !wishes.is_empty() {
        out.push_str(&format!(" Preferences:   [{}]\n", wishes.join(" ")));
    }
    if placement.max_replicas > 0 {
        let most = placement.max_replicas;
        out.push_str(&format!(" Max Replicas Per Node:   {most}\n"));
    }
    out
}

fn updates(what: &str, config: &UpdateConfig) -> String {
    let mut out = format!("{what}Config:\n Parallelism:\t{}\n", config.parallelism);
    if config.delay > 0 {
        out.push_str(&format!(" Delay:\t\t{}\n", duration(config.delay)));
    }
    out.push_str(&format!(" On failure:\t{}\n", config.failure_action));
    if config.monitor > 0 {
        let monitor = duration(config.monitor);
        out.push_str(&format!(" Monitoring Period: {monitor}\n"));
    }
    out.push_str(&format!(
        " Max failure ratio: {}\n {:<19}{}\n",
        config.max_failure_ratio,
        format!("{what} order:"),
        config.order
    ));
    out
}

fn container(spec: &ContainerSpec) -> String {
    let mut out = format!("ContainerSpec:\n Image:\t\t{}\n", spec.image);
    for (heading, words) in [("Args", &spec.args), ("Env", &spec.env)] {
        if !words.is_empty() {
            out.push_str(&format!(" {heading}:\t\t{} \n", words.join(" ")));
        }
    }
    if !spec.dir.is_empty() {
        out.push_str(&format!(" Dir:\t\t{}\n", spec.dir));
    }
    if let Some(init) = spec.init {
        out.push_str(&format!(" Init:\t\t{init}\n"));
    }
    if !spec.user.is_empty() {
        out.push_str(&format!(" User: {}\n", spec.user));
    }
    let capabilities = [
        ("Add", &spec.capability_add),
        ("Drop", &spec.capability_drop),
    ];
    if capabilities.iter().any(|(_, list)| !list.is_empty()) {
        out.push_str("Capabilities:\n");
    }
    for (what, list) in capabilities.iter().filter(|(_, list)| !list.is_empty()) {
        out.push_str(&format!(" {what}: {}\n", list.join(", ")));
    }
    out.push_str(&entries("SysCtls:\n", " ", ": ", &spec.sysctls));
    let limits = spec.ulimits.iter();
    let limits = limits.map(|limit| (limit.name.clone(), format!("{}:{}", limit.soft, limit.hard)));
    out.push_str(&entries("Ulimits:\n", " ", ": ", &limits.collect()));
    if !spec.mounts.is_empty() {
        out.push_str("Mounts:\n");
    }
    for mount in &spec.mounts {
        out.push_str(&format!(
            " Target:\t{}\n  Source:\t{}\n  ReadOnly:\t{}\n  Type:\t\t{}\n",
            mount.target, mount.source, mount.read_only, mount.kind
        ));
    }
    let configs = spec.configs.iter().map(|c| (&c.file, &c.config_name));
    let secrets = spec.secrets.iter().map(|s| (&s.file, &s.secret_name));
    let both = [
        ("Configs:\n", configs.collect::<Vec<_>>()),
        ("Secrets:\n", secrets.collect()),
    ];
    for (heading, files) in both {
        if !files.is_empty() {
            out.push_str(heading);
        }
        for (file, name) in files {
            let target = file.as_ref().map_or("", |file| &file.name);
            out.push_str(&format!(" Target:\t{target}\n  Source:\t{name}\n"));
        }
    }
    out
}

fn resources(task: &TaskSpec) -> String {
    let mut out = String::new();
    let Some(resources) = &task.resources else {
        return out;
    };
    out.push_str("Resources:\n");
    let mut part = |heading: &str, nano_cpus: i64, bytes: i64, pids: i64| {
        if nano_cpus <= 0 && bytes <= 0 && pids <= 0 {
            return;
        }
        out.push_str(heading);
        if nano_cpus > 0 {
            out.push_str(&format!("  CPU:\t\t{}\n", nano_cpus as f64 / 1e9));
        }
        if let Some(bytes) = u64::try_from(bytes).ok().filter(|bytes| *bytes > 0) {
            out.push_str(&format!("  Memory:\t{}\n", size::binary(bytes)));
        }
        if pids > 0 {
            out.push_str(&format!("  PIDs:\t\t{pids}\n"));
        }
    };
    if let Some(kept) = &resources.reservations {
        part(" Reservations:\n", kept.nano_cpus, kept.memory_bytes, 0);
    }
    if let Some(most) = &resources.limits {
        part(" Limits:\n", most.nano_cpus, most.memory_bytes, most.pids);
    }
    out
}
