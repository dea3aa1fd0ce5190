//! `docker volume create`.

use engine::api::VolumeCreateRequest;

use crate::args::{Action, ArgRule, Command, Flag, Kind, Parsed};
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] [VOLUME]",
    short: "Create a volume",
    flags: &[&[
        Flag::text(
            "availability",
            "Cluster Volume availability (\"active\", \"pause\", \"drain\")",
        )
        .default("active")
        .hidden(),
        Flag::text("driver", "Specify volume driver name")
            .short('d')
            .default("local"),
        Flag::text("group", "Cluster Volume group (cluster volumes)").hidden(),
        Flag::list("label", "Set metadata for a volume").check(pairs::check_label),
        Flag::new(
            Kind::Bytes,
            "limit-bytes",
            "Minimum size of the Cluster Volume in bytes",
        )
        .hidden(),
        Flag::text("name", "Specify volume name").hidden(),
        Flag::map("opt", "Set driver specific options")
            .short('o')
            .default("map[]"),
        Flag::new(
            Kind::Bytes,
            "required-bytes",
            "Maximum size of the Cluster Volume in bytes",
        )
        .hidden(),
        Flag::text(
            "scope",
            "Cluster Volume access scope (\"single\", \"multi\")",
        )
        .default("single")
        .hidden(),
        Flag::map("secret", "Cluster Volume secrets")
            .default("map[]")
            .hidden(),
        Flag::text(
            "sharing",
            "Cluster Volume access sharing (\"none\", \"readonly\", \"onewriter\", \"all\")",
        )
        .default("none")
        .hidden(),
        Flag::list(
            "topology-preferred",
            "A topology that the Cluster Volume would be preferred in",
        )
        .hidden(),
        Flag::list(
            "topology-required",
            "A topology that the Cluster Volume must be accessible from",
        )
        .hidden(),
        Flag::text("type", "Cluster Volume access type (\"mount\", \"block\")")
            .default("block")
            .hidden(),
    ]],
    args: ArgRule::AtMost(1),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let name = match (parsed.text("name"), parsed.args.first()) {
        (name, None) => name,
        ("", Some(name)) => name,
        (_, Some(_)) => {
            return Err(complaint(
                "conflicting options: cannot specify a volume name through both --name and as a positional arg",
            ));
        }
    };
    let request = VolumeCreateRequest {
        driver: parsed.text("driver").to_owned(),
        driver_opts: pairs::map(parsed.all("opt")),
        labels: pairs::map(parsed.all("label")),
        name: name.to_owned(),
    };
    let made = session.client()?.volume_create(request);
    session.line(&made.map_err(refused)?.name);
    Ok(0)
}
