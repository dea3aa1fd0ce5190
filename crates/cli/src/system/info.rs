//! `docker system info`.

use engine::api::{ENGINE_VERSION, Info};

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
            .with("ClientInfo", facts::client())
            .named("system.dockerInfo");
        let printed = facts::print(&session, "", format, &data);
        return told.and(printed);
    }
    let text = pretty(&info);
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
fn pretty(info: &Info) -> String {
    let mut out = String::new();
    let mut line = |depth: usize, name: &str, value: &str| {
        let gap = if value.is_empty() { "" } else { " " };
        out.push_str(&format!("{}{name}:{gap}{value}\n", " ".repeat(depth)));
    };
    line(0, "Client", "");
    line(1, "Version", &format!("   {ENGINE_VERSION}"));
    line(1, "Context", "   default");
    line(1, "Debug Mode", "false");
    line(1, "Plugins", "");
    line(2, "compose", "Docker Compose (Docker Inc.)");
    line(4, "Version", " v2.40.3");
    line(
        4,
        "Path",
        "    /usr/libexec/docker/cli-plugins/docker-compose",
    );
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
