//! From the flags of `docker service create` to what a service is to be like. Source: docker/cli `command/service/opts.go`.

use engine::Client;
use engine::api::{
    ContainerSpec, DnsConfig, EndpointSpec, EveryNode, Limit, NetworkAttachmentConfig, Placement,
    Replicated, ReplicatedJob, ResourceRequirements, Resources, ServiceMode, ServiceSpec,
    SwarmDriver, TaskRestartPolicy, TaskSpec, UpdateConfig,
};
use kernel::sys::Sys;

use super::{capabilities, ports, references, values};
use crate::args::Parsed;
use crate::container::{mounts, request};
use crate::pairs;
use crate::session::said;

/// Reads a whole command line. Errors: the sentence.
pub(super) fn spec(sys: &Sys, client: &Client, parsed: &Parsed) -> Result<ServiceSpec, String> {
    let env = environment(sys, parsed)?;
    let healthcheck = request::health(parsed)?;
    let mode = mode(parsed)?;
    let update_config = updates(parsed, "update");
    let rollback_config = updates(parsed, "rollback");
    let is_job = mode.replicated_job.is_some() || mode.global_job.is_some();
    if is_job && (update_config.is_some() || rollback_config.is_some()) {
        return Err("update and rollback configuration is not supported for jobs".into());
    }
    let networks = networks(client, parsed.all("network"))?;
    let (capability_add, capability_drop) =
        capabilities::effective(parsed.all("cap-add"), parsed.all("cap-drop"));
    let text = |flag: &str| parsed.text(flag).to_owned();
    let secrets = references::all(parsed.all("secret"), "secret");
    let configs = references::all(parsed.all("config"), "config");
    let container = ContainerSpec {
        image: parsed.arg(0).to_owned(),
        labels: pairs::map(parsed.all("container-label")),
        command: values::words(parsed.text("entrypoint")),
        args: parsed.args.get(1..).unwrap_or(&[]).to_vec(),
        hostname: text("hostname"),
        env,
        dir: text("workdir"),
        user: text("user"),
        groups: parsed.all("group").to_vec(),
        init: Some(parsed.on("init")),
        stop_signal: text("stop-signal"),
        tty: parsed.on("tty"),
        read_only: parsed.on("read-only"),
        mounts: parsed
            .all("mount")
            .iter()
            .filter_map(|text| mounts::read(text).ok())
            .collect(),
        stop_grace_period: given_duration(parsed, "stop-grace-period"),
        healthcheck,
        hosts: parsed
            .all("host")
            .iter()
            .filter_map(|text| values::host(text))
            .collect(),
        dns_config: Some(DnsConfig {
            nameservers: parsed.all("dns").to_vec(),
            search: parsed.all("dns-search").to_vec(),
            options: parsed.all("dns-option").to_vec(),
        }),
        secrets: references::secrets(client, secrets)?,
        configs: references::configs(client, configs)?,
        isolation: text("isolation"),
        sysctls: pairs::map(parsed.all("sysctl")),
        capability_add,
        capability_drop,
        ulimits: request::ulimits(parsed.all("ulimit")),
        oom_score_adj: parsed.int("oom-score-adj"),
        ..ContainerSpec::default()
    };
    let task_template = TaskSpec {
        container_spec: Some(container),
        resources: Some(resources(parsed)),
        restart_policy: restart(parsed, None),
        placement: Some(Placement {
            constraints: parsed.all("constraint").to_vec(),
            preferences: parsed
                .given_text("placement-pref")
                .iter()
                .map(|text| values::preference(text))
                .collect(),
            max_replicas: count(parsed, "replicas-max-per-node").unwrap_or(0),
            platforms: Vec::new(),
        }),
        networks,
        log_driver: log_driver(parsed),
        ..TaskSpec::default()
    };
    Ok(ServiceSpec {
        name: text("name"),
        labels: pairs::map(parsed.all("label")),
        task_template,
        mode,
        update_config,
        rollback_config,
        endpoint_spec: Some(EndpointSpec {
            mode: parsed.text("endpoint-mode").to_ascii_lowercase(),
            ports: ports::all(parsed.all("publish")),
        }),
        ..ServiceSpec::default()
    })
}

/// Gathers variables; of several of one name the last one stays, where it stands.
fn environment(sys: &Sys, parsed: &Parsed) -> Result<Vec<String>, String> {
    let mut all: Vec<String> = Vec::new();
    for variable in request::environment(sys, parsed)? {
        let name = variable.split('=').next().unwrap_or("");
        all.retain(|other| other == &variable || !other.starts_with(&format!("{name}=")));
        all.push(variable);
    }
    Ok(all)
}

/// Returns a number, if it was given.
pub(super) fn count(parsed: &Parsed, flag: &str) -> Option<u64> {
    let given = parsed.given_text(flag)?;
    crate::go::parse_uint(given, 64).ok()
}

/// Returns a duration in nanoseconds, if it was given.
pub(super) fn given_duration(parsed: &Parsed, flag: &str) -> Option<i64> {
    parsed.given(flag).then(|| parsed.duration(flag))
}

fn mode(parsed: &Parsed) -> Result<ServiceMode, String> {
    const REPLICAS: &str = "can only be used with replicated or replicated-job mode";
    const CONCURRENT: &str = "max-concurrent can only be used with replicated-job mode";
    let replicas = count(parsed, "replicas");
    let concurrent = count(parsed, "max-concurrent");
    let per_node = count(parsed, "replicas-max-per-node").unwrap_or(0) > 0;
    let word = parsed.text("mode");
    let everywhere = matches!(word, "global" | "global-job");
    // The two modes look at their flags in orders of their own.
    if word == "global" && replicas.is_some() {
        return Err(format!("replicas {REPLICAS}"));
    }
    if everywhere && per_node {
        return Err(format!("replicas-max-per-node {REPLICAS}"));
    }
    if concurrent.is_some() && word != "replicated-job" && (everywhere || word == "replicated") {
        return Err(CONCURRENT.into());
    }
    if word == "global-job" && replicas.is_some() {
        return Err(format!("replicas {REPLICAS}"));
    }
    let mut mode = ServiceMode::default();
    match word {
        "replicated" => mode.replicated = Some(Replicated { replicas }),
        "global" => mode.global = Some(EveryNode {}),
        "replicated-job" => {
            mode.replicated_job = Some(ReplicatedJob {
                max_concurrent: concurrent.or(replicas),
                total_completions: replicas,
            });
        }
        "global-job" => mode.global_job = Some(EveryNode {}),
        other => {
            return Err(format!(
                "Unknown mode: {other}, only replicated and global supported"
            ));
        }
    }
    Ok(mode)
}

/// Finds the networks' ids, and sorts by them. Only those of the swarm are looked for, to which each node's own `bridge`
/// and `host` belong. Source: docker/cli 28.5.2 `cli/command/service/opts.go`, `resolveNetworkID`.
pub(super) fn networks(
    client: &Client,
    texts: &[String],
) -> Result<Vec<NetworkAttachmentConfig>, String> {
    let mut networks = Vec::new();
    for text in texts {
        let mut network = values::network(text)?;
        let found = client
            .network_inspect(network.target.as_str(), false)
            .and_then(|found| {
                let of_swarm = found.scope == "swarm" || matches!(&*found.name, "bridge" | "host");
                of_swarm
                    .then_some(found.id)
                    .ok_or_else(|| engine::Error::no_such_network(&network.target))
            });
        network.target = found.map_err(|error| said(&error))?;
        networks.push(network);
    }
    sorted::sort_by(&mut networks, |a, b| a.target.cmp(&b.target));
    Ok(networks)
}

fn resources(parsed: &Parsed) -> ResourceRequirements {
    ResourceRequirements {
        limits: Some(Limit {
            nano_cpus: values::nano_cpus(parsed.text("limit-cpu")),
            memory_bytes: parsed.bytes("limit-memory"),
            pids: parsed.int("limit-pids"),
        }),
        reservations: Some(Resources {
            nano_cpus: values::nano_cpus(parsed.text("reserve-cpu")),
            memory_bytes: parsed.bytes("reserve-memory"),
        }),
    }
}

/// Lays the flags over a policy of before, or over the policy that holds without one. Nothing if no flag was given.
pub(super) fn restart(
    parsed: &Parsed,
    before: Option<TaskRestartPolicy>,
) -> Option<TaskRestartPolicy> {
    let flags = [
        "restart-condition",
        "restart-delay",
        "restart-max-attempts",
        "restart-window",
    ];
    if !flags.iter().any(|flag| parsed.given(flag)) {
        return before;
    }
    let mut policy = before.unwrap_or_else(|| TaskRestartPolicy {
        condition: "any".into(),
        delay: Some(5_000_000_000),
        max_attempts: Some(0),
        window: None,
    });
    if let Some(condition) = parsed.given_text("restart-condition") {
        condition.clone_into(&mut policy.condition);
    }
    policy.delay = given_duration(parsed, "restart-delay").or(policy.delay);
    policy.max_attempts = count(parsed, "restart-max-attempts").or(policy.max_attempts);
    policy.window = given_duration(parsed, "restart-window").or(policy.window);
    Some(policy)
}

/// Reads the flags of updates, or of rollbacks. Nothing if none was given.
fn updates(parsed: &Parsed, what: &str) -> Option<UpdateConfig> {
    let mut config = None;
    change_updates(parsed, what, &mut config);
    config
}

/// Lays the flags of updates, or of rollbacks, over what holds.
pub(super) fn change_updates(parsed: &Parsed, what: &str, config: &mut Option<UpdateConfig>) {
    let flag = |name: &str| format!("{what}-{name}");
    let names = [
        "parallelism",
        "delay",
        "monitor",
        "failure-action",
        "max-failure-ratio",
        "order",
    ];
    if !names.iter().any(|name| parsed.given(&flag(name))) {
        return;
    }
    let config = config.get_or_insert_with(|| UpdateConfig {
        parallelism: 1,
        delay: 0,
        failure_action: "pause".into(),
        monitor: 5_000_000_000,
        max_failure_ratio: 0.0,
        order: "stop-first".into(),
    });
    if let Some(number) = count(parsed, &flag("parallelism")) {
        config.parallelism = number;
    }
    if let Some(delay) = given_duration(parsed, &flag("delay")) {
        config.delay = delay;
    }
    if let Some(monitor) = given_duration(parsed, &flag("monitor")) {
        config.monitor = monitor;
    }
    if let Some(action) = parsed.given_text(&flag("failure-action")) {
        action.clone_into(&mut config.failure_action);
    }
    if let Some(ratio) = parsed.given_text(&flag("max-failure-ratio")) {
        config.max_failure_ratio = ratio.parse().unwrap_or(0.0);
    }
    if let Some(order) = parsed.given_text(&flag("order")) {
        order.clone_into(&mut config.order);
    }
}

/// Returns where output goes, if it was said.
pub(super) fn log_driver(parsed: &Parsed) -> Option<SwarmDriver> {
    let name = parsed.text("log-driver");
    (!name.is_empty()).then(|| SwarmDriver {
        name: name.to_owned(),
        options: pairs::map(parsed.all("log-opt")),
    })
}
