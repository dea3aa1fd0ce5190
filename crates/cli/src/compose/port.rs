//! `docker compose port`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::format::ports::join_host_port;
use crate::go;
use crate::session::{Outcome, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "port",
    usage: "[OPTIONS] SERVICE PRIVATE_PORT",
    short: "Print the public port for a port binding",
    flags: &[&[
        DRY_RUN,
        Flag::int(
            "index",
            "Index of the container if service has multiple replicas",
        ),
        Flag::text("protocol", "tcp or udp").default("tcp"),
    ]],
    args: ArgRule::AtLeast(2),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let port = go::parse_uint(parsed.arg(1), 16).map_err(|why| {
        complaint(format!(
            "strconv.ParseUint: parsing {}: {}",
            go::quote(parsed.arg(1)),
            why.rsplit(": ").next().unwrap_or("")
        ))
    })?;
    let protocol = parsed.text("protocol").to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp") {
        return Err(complaint(format!(
            "unsupported protocol \"{}\"",
            parsed.text("protocol")
        )));
    }
    let project = compose.name().await?;
    let scope = Scope {
        stopped: false,
        one_off: true,
    };
    let target = compose.target(&project, parsed.arg(0), parsed.int("index"), scope)?;
    let all = compose.summaries(&project, scope)?;
    let ports = all
        .into_iter()
        .find(|summary| summary.id == target.id)
        .map(|summary| summary.ports)
        .unwrap_or_default();
    let fits =
        |p: &&engine::api::PortSummary| u64::from(p.private_port) == port && p.protocol == protocol;
    match ports.iter().find(fits) {
        Some(found) => {
            let place = join_host_port(&found.ip, &found.public_port.to_string());
            compose.session.line(&place);
            Ok(0)
        }
        None => {
            let have: Vec<String> = ports
                .iter()
                .map(|p| format!("{}/{}", p.public_port, p.protocol))
                .collect();
            Err(complaint(format!(
                "no port {port}/{protocol} for container {}: {}",
                target.name,
                have.join(", ")
            )))
        }
    }
}
