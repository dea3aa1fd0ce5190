//! `docker container port`.

use engine::api::PortBinding;

use crate::args::{Action, ArgRule, Command, Parsed};
use crate::format::ports::join_host_port;
use crate::format::text::natural;
use crate::go;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "port",
    usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
    short: "List port mappings or a specific mapping for the container",
    known_as: "docker container port, docker port",
    args: ArgRule::Between(1, 2),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let container = session
        .client()?
        .container_inspect(parsed.arg(0))
        .map_err(refused)?;
    let settings = &container.network_settings;
    if parsed.args.len() < 2 {
        let mut lines = Vec::new();
        for (port, bindings) in &settings.ports {
            lines.extend(
                bindings
                    .iter()
                    .flatten()
                    .map(|b| format!("{port} -> {}", place(b))),
            );
        }
        sorted::sort_by(&mut lines, |a, b| natural(a, b));
        for line in lines {
            session.line(&line);
        }
        return Ok(0);
    }
    let asked = parsed.arg(1);
    let (number, protocol) = match asked.split_once('/') {
        Some((number, "")) => (number, "tcp"),
        Some(both) => both,
        None => (asked, "tcp"),
    };
    let number = go::parse_uint(number, 16)
        .map_err(|why| complaint(format!("Error: invalid port ({number}): {why}")))?;
    let bindings = settings.bindings(&format!("{number}/{protocol}"));
    if bindings.is_empty() {
        return Err(complaint(format!(
            "Error: No public port '{asked}' published for {}",
            parsed.arg(0)
        )));
    }
    let mut lines: Vec<String> = bindings.iter().map(place).collect();
    sorted::sort_by(&mut lines, |a, b| natural(a, b));
    for line in lines {
        session.line(&line);
    }
    Ok(0)
}

fn place(binding: &PortBinding) -> String {
    join_host_port(&binding.host_ip, &binding.host_port)
}
