//! `docker config`.

use engine::api::{ConfigSpec, SwarmChange, SwarmConfig};
use wire::base64;

use super::files::{self, Shown};
use super::inspect;
use crate::args::{Action, ArgRule, Command, Flag, Parsed, Section, verb};
use crate::filter;
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::format::list::Layout;
use crate::go;
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "config",
    short: "Manage Swarm configs",
    sections: &[Section {
        title: "Commands",
        commands: &[&CREATE, &INSPECT, &LS, &RM],
    }],
    args: ArgRule::None,
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] CONFIG file|-",
    short: "Create a config from a file or STDIN",
    flags: &[&[
        Flag::list("label", "Config labels")
            .short('l')
            .check(pairs::check_label),
        Flag::text("template-driver", "Template driver"),
    ]],
    args: ArgRule::Exactly(2),
    action: verb!(create),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] CONFIG [CONFIG...]",
    short: "Display detailed information on one or more configs",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("pretty", "Print the information in a human friendly format"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(inspect_configs),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List configs",
    aliases: &["list"],
    known_as: "docker config ls, docker config list",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::Now(ls),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "CONFIG [CONFIG...]",
    short: "Remove one or more configs",
    aliases: &["remove"],
    known_as: "docker config rm, docker config remove",
    args: ArgRule::AtLeast(1),
    action: verb!(rm),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Name}}\t{{.CreatedAt}}\t{{.UpdatedAt}}",
    row_type: "*config.configContext",
    headings: &[
        ("ID", "ID"),
        ("Name", "NAME"),
        ("CreatedAt", "CREATED"),
        ("UpdatedAt", "UPDATED"),
        ("Labels", "LABELS"),
    ],
};

async fn create(session: Session, parsed: Parsed) -> Outcome {
    let source = parsed.arg(1);
    let data = files::read(&session, source).await.map_err(|why| {
        complaint(format!(
            "Error reading content from {}: {why}",
            go::quote(source)
        ))
    })?;
    let spec = ConfigSpec {
        name: parsed.arg(0).to_owned(),
        labels: pairs::map(parsed.all("label")),
        data: base64::encode(&data),
        templating: parsed.given_text("template-driver").map(super::driver),
    };
    let change = SwarmChange::ConfigCreate(spec);
    let made = session.client()?.swarm_change(change).await;
    session.line(&made.map_err(refused)?.id);
    Ok(0)
}

async fn inspect_configs(session: Session, parsed: Parsed) -> Outcome {
    inspect(&session, &parsed, "config", |client, name| {
        let SwarmConfig {
            id,
            created_at,
            updated_at,
            spec,
            ..
        } = client.config_inspect(name)?;
        let mut out = format!("ID:\t\t\t{id}\nName:\t\t\t{}\n", spec.name);
        out.push_str(&super::lines("Labels:\n", " - ", &spec.labels));
        out.push_str(&format!(
            "Created at:            \t{}\nUpdated at:            \t{}\nData:\n{}\n",
            files::moment(&created_at),
            files::moment(&updated_at),
            String::from_utf8_lossy(&base64::decode(&spec.data).unwrap_or_default())
        ));
        Ok(out)
    })
    .await
}

fn ls(session: Session, parsed: Parsed) -> Outcome {
    let filters = filter::gather(parsed.all("filter"));
    let configs = session.client()?.config_list(filters).map_err(refused)?;
    let shown = configs.into_iter().map(|config| Shown {
        id: config.id,
        name: config.spec.name,
        labels: config.spec.labels,
        driver: None,
        created_at: config.created_at,
        updated_at: config.updated_at,
    });
    files::list(&session, &parsed, &LAYOUT, shown.collect())
}

async fn rm(session: Session, parsed: Parsed) -> Outcome {
    super::remove(&session, &parsed.args, |id| SwarmChange::ConfigRemove {
        id,
    })
    .await
}
