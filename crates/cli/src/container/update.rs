//! `docker container update`.

use engine::api::UpdateRequest;

use super::request::{limits, restart};
use crate::args::{Action, ArgRule, Command, Flag, Kind, Parsed};
use crate::session::{Outcome, Session, complaint, said};

pub(crate) static COMMAND: Command = Command {
    name: "update",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Update configuration of one or more containers",
    known_as: "docker container update, docker update",
    flags: &[&[
        Flag::new(
            Kind::Uint(16),
            "blkio-weight",
            "Block IO (relative weight), between 10 and 1000, or 0 to disable",
        )
        .default("0"),
        Flag::int(
            "cpu-period",
            "Limit CPU CFS (Completely Fair Scheduler) period",
        ),
        Flag::int(
            "cpu-quota",
            "Limit CPU CFS (Completely Fair Scheduler) quota",
        ),
        Flag::int(
            "cpu-rt-period",
            "Limit the CPU real-time period in microseconds",
        ),
        Flag::int(
            "cpu-rt-runtime",
            "Limit the CPU real-time runtime in microseconds",
        ),
        Flag::int("cpu-shares", "CPU shares (relative weight)").short('c'),
        Flag::new(Kind::Special("decimal"), "cpus", "Number of CPUs").check(super::checks::decimal),
        Flag::text("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"),
        Flag::text("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
        Flag::new(Kind::Bytes, "memory", "Memory limit").short('m'),
        Flag::new(Kind::Bytes, "memory-reservation", "Memory soft limit"),
        Flag::new(
            Kind::Special("bytes"),
            "memory-swap",
            "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
        )
        .check(super::checks::swap),
        Flag::int(
            "pids-limit",
            "Tune container pids limit (set -1 for unlimited)",
        ),
        Flag::text("restart", "Restart policy to apply when a container exits"),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    if !parsed.command.flags().any(|flag| parsed.given(flag.name)) {
        return Err(complaint(
            "you must provide one or more flags when using this command",
        ));
    }
    let client = session.client()?;
    let update = UpdateRequest {
        restart_policy: restart(parsed.text("restart")).map_err(complaint)?,
        limits: limits(&parsed),
    };
    let (mut failed, mut warnings) = (Vec::new(), Vec::new());
    for name in &parsed.args {
        match client.container_update(name.as_str(), update.clone()) {
            Ok(updated) => {
                session.line(name);
                warnings.extend(updated.warnings);
            }
            Err(e) => failed.push(said(&e)),
        }
    }
    if !warnings.is_empty() {
        session.line(&warnings.join("\n"));
    }
    match failed.is_empty() {
        true => Ok(0),
        false => Err(complaint(failed.join("\n"))),
    }
}
