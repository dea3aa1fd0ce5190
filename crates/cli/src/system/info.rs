//! `docker system info`.

use engine::api::{ENGINE_VERSION, Info, SwarmInfo};
use engine::clock::human;

use super::facts;
use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::flags::FORMAT;
use crate::format::size;
use crate::session::{Outcome, Session, refused};
use crate::template::value_of;

pub(crate) static COMMAND: Command = Command {
    name: "info",
    usage: "[OPTIONS]",
    short: "Display system-wide information",
    known_as: "docker system info, docker info",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    args: ArgRule::None,
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let told = session.client()?.info().map_err(refused);
    let (info, told) = match told {
        Ok(info) => (info, Ok(0)),
        Err(why) => (Info::default(), Err(why)),
    };
    let format = parsed.text("format");
    if !format.is_empty() {
        let data = value_of(&info)
            .with_empty("ClientErrors")
            .with("ClientInfo", facts::client_info(session.debug))
            .named("system.dockerInfo");
        // An engine that answers is told of at once, and then all is well. Source: docker/cli `system/info.go`,
        // `addServerInfo`.
        let told = told.or_else(|why| {
            if why.text.starts_with("Error response from daemon") {
                session.complain(&why.text);
                return Ok(0);
            }
            Err(why)
        });
        let printed = facts::print(&session, "", format, &data);
        return told.and(printed);
    }
    let text = pretty(&info, session.debug);
    let of_client = text.split_inclusive("\nServer:\n").next();
    session.sys.out(match &told {
        Ok(_) => &text,
        Err(_) => of_client.unwrap_or_default(),
    });
    for warning in info.warnings.iter().flatten() {
        session.complain(warning);
    }
    told
}

/// Lays everything out for people. Source: docker/cli `system/info.go`.
fn pretty(info: &Info, debug: bool) -> String {
    let mut out = String::new();
    let mut line = |depth: usize, name: &str, value: &str| {
        let gap = if value.is_empty() { "" } else { " " };
        out.push_str(&format!("{}{name}:{gap}{value}\n", " ".repeat(depth)));
    };
    line(0, "Client", "");
    line(1, "Version", &format!("   {ENGINE_VERSION}"));
    line(1, "Context", "   default");
    line(1, "Debug Mode", &debug.to_string());
    line(1, "Plugins", "");
    line(2, "compose", "Docker Compose (Docker Inc.)");
    line(4, "Version", " v2.40.3");
    line(4, "Path", &format!("    {}", facts::COMPOSE));
    line(0, "\nServer", "");
    line(1, "Containers", &info.containers.to_string());
    line(2, "Running", &info.containers_running.to_string());
    line(2, "Paused", &info.containers_paused.to_string());
    line(2, "Stopped", &info.containers_stopped.to_string());
    line(1, "Images", &info.images.to_string());
    line(1, "Server Version", &info.server_version);
    line(1, "Storage Driver", &info.driver);
    for (name, value) in &info.driver_status {
        line(2, name, value);
    }
    line(1, "Logging Driver", &info.logging_driver);
    line(1, "Cgroup Driver", &info.cgroup_driver);
    line(1, "Cgroup Version", &info.cgroup_version);
    line(1, "Plugins", "");
    line(2, "Volume", &info.plugins.volume.join(" "));
    line(2, "Network", &info.plugins.network.join(" "));
    line(2, "Log", &info.plugins.log.join(" "));
    line(1, "CDI spec directories", "");
    out.push_str("  /etc/cdi\n  /var/run/cdi\n");
    let mut line = |depth: usize, name: &str, value: &str| {
        let gap = if value.is_empty() { "" } else { " " };
        out.push_str(&format!("{}{name}:{gap}{value}\n", " ".repeat(depth)));
    };
    line(1, "Swarm", &info.swarm.local_node_state);
    out.push_str(&swarm(&info.swarm));
    let mut line = |depth: usize, name: &str, value: &str| {
        let gap = if value.is_empty() { "" } else { " " };
        out.push_str(&format!("{}{name}:{gap}{value}\n", " ".repeat(depth)));
    };
    line(
        1,
        "Runtimes",
        &format!("io.containerd.runc.v2 {}", info.default_runtime),
    );
    line(1, "Default Runtime", &info.default_runtime);
    line(1, "Init Binary", "docker-init");
    line(1, "Kernel Version", &info.kernel_version);
    line(1, "Operating System", &info.operating_system);
    line(1, "OSType", &info.os_type);
    line(1, "Architecture", &info.architecture);
    line(1, "CPUs", &info.ncpu.to_string());
    line(1, "Total Memory", &size::binary(info.mem_total));
    line(1, "Name", &info.name);
    line(1, "ID", &info.id);
    line(1, "Docker Root Dir", &info.docker_root_dir);
    line(1, "Debug Mode", &info.debug.to_string());
    line(1, "Experimental", &info.experimental_build.to_string());
    line(1, "Insecure Registries", "");
    out.push_str("  ::1/128\n  127.0.0.0/8\n");
    let pools = info.default_address_pools.as_deref().unwrap_or_default();
    let pools: String = pools
        .iter()
        .map(|pool| format!("   Base: {}, Size: {}\n", pool.base, pool.size))
        .collect();
    out.push_str(&format!(
        " Live Restore Enabled: {}\n",
        info.live_restore_enabled
    ));
    if !pools.is_empty() {
        out.push_str(&format!(" Default Address Pools:\n{pools}"));
    }
    out.push('\n');
    out
}

/// What is told of a swarm. Source: docker/cli `system/info.go`, `printSwarmInfo`.
fn swarm(swarm: &SwarmInfo) -> String {
    if matches!(swarm.local_node_state.as_str(), "inactive" | "locked") {
        return String::new();
    }
    let mut out = format!("  NodeID: {}\n", swarm.node_id);
    if !swarm.error.is_empty() {
        out.push_str(&format!("  Error: {}\n", swarm.error));
    }
    out.push_str(&format!("  Is Manager: {}\n", swarm.control_available));
    let cluster = swarm.cluster.as_ref();
    if let Some(cluster) = cluster.filter(|_| swarm.control_available && swarm.error.is_empty()) {
        let age = |nanos: i64| human(nanos / 1_000_000_000);
        let spec = &cluster.spec;
        out.push_str(&format!(
            "  ClusterID: {}\n  Managers: {}\n  Nodes: {}\n",
            cluster.id, swarm.managers, swarm.nodes
        ));
        if let Some(pools) = &cluster.default_addr_pool {
            let pools: String = pools.iter().map(|pool| format!("{pool}  ")).collect();
            let size = cluster.subnet_size;
            out.push_str(&format!(
                "  Default Address Pool: {pools}\n  SubnetSize: {size}\n"
            ));
        }
        out.push_str(&format!(
            "  Data Path Port: {}\n  Orchestration:\n   Task History Retention Limit: {}\n  Raft:\n   \
             Snapshot Interval: {}\n   Number of Old Snapshots to Retain: {}\n   Heartbeat Tick: {}\n   \
             Election Tick: {}\n  Dispatcher:\n   Heartbeat Period: {}\n  CA Configuration:\n   \
             Expiry Duration: {}\n   Force Rotate: {}\n",
            cluster.data_path_port,
            spec.orchestration.task_history_retention_limit.unwrap_or(0),
            spec.raft.snapshot_interval,
            spec.raft.keep_old_snapshots.unwrap_or(0),
            spec.raft.heartbeat_tick,
            spec.raft.election_tick,
            age(spec.dispatcher.heartbeat_period),
            age(spec.ca_config.node_cert_expiry),
            spec.ca_config.force_rotate,
        ));
        if !spec.ca_config.external_cas.is_empty() {
            out.push_str("   External CAs:\n");
            for ca in &spec.ca_config.external_cas {
                out.push_str(&format!("     {}: {}\n", ca.protocol, ca.url));
            }
        }
        out.push_str(&format!(
            "  Autolock Managers: {}\n  Root Rotation In Progress: {}\n",
            spec.encryption_config.auto_lock_managers, cluster.root_rotation_in_progress
        ));
    }
    out.push_str(&format!("  Node Address: {}\n", swarm.node_addr));
    let mut managers: Vec<&str> = Vec::new();
    managers.extend(
        swarm
            .remote_managers
            .iter()
            .flatten()
            .map(|peer| peer.addr.as_str()),
    );
    sorted::sort(&mut managers);
    if !managers.is_empty() {
        out.push_str("  Manager Addresses:\n");
    }
    for address in managers {
        out.push_str(&format!("   {address}\n"));
    }
    out
}
