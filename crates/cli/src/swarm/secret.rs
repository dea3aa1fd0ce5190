//! `docker secret`.

use engine::api::{Secret, SecretSpec, SwarmChange};
use wire::base64;

use super::files::{self, Shown};
use super::inspect;
use crate::args::{Action, ArgRule, Command, Flag, Parsed, Section, verb};
use crate::filter;
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::format::list::Layout;
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "secret",
    short: "Manage Swarm secrets",
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
    usage: "[OPTIONS] SECRET [file|-]",
    short: "Create a secret from a file or STDIN as content",
    flags: &[&[
        Flag::text("driver", "Secret driver").short('d'),
        Flag::list("label", "Secret labels")
            .short('l')
            .check(pairs::check_label),
        Flag::text("template-driver", "Template driver"),
    ]],
    args: ArgRule::Between(1, 2),
    action: verb!(create),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] SECRET [SECRET...]",
    short: "Display detailed information on one or more secrets",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("pretty", "Print the information in a human friendly format"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(inspect_secrets),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List secrets",
    aliases: &["list"],
    known_as: "docker secret ls, docker secret list",
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
    usage: "SECRET [SECRET...]",
    short: "Remove one or more secrets",
    aliases: &["remove"],
    known_as: "docker secret rm, docker secret remove",
    args: ArgRule::AtLeast(1),
    action: verb!(rm),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.CreatedAt}}\t{{.UpdatedAt}}",
    row_type: "*secret.secretContext",
    headings: &[
        ("ID", "ID"),
        ("Name", "NAME"),
        ("Driver", "DRIVER"),
        ("CreatedAt", "CREATED"),
        ("UpdatedAt", "UPDATED"),
        ("Labels", "LABELS"),
    ],
};

async fn create(session: Session, parsed: Parsed) -> Outcome {
    let source = parsed.args.get(1);
    let driver = parsed.given_text("driver").filter(|name| !name.is_empty());
    let data = match (source, driver) {
        (Some(_), Some(_)) => {
            return Err(complaint(
                "When using secret driver secret data must be empty",
            ));
        }
        (None, Some(_)) => Vec::new(),
        (None, None) => return Err(complaint("secret file is required")),
        (Some(source), None) => files::read(&session, source).await.map_err(complaint)?,
    };
    let spec = SecretSpec {
        name: parsed.arg(0).to_owned(),
        labels: pairs::map(parsed.all("label")),
        data: base64::encode(&data),
        driver: driver.map(super::driver),
        templating: parsed.given_text("template-driver").map(super::driver),
    };
    let change = SwarmChange::SecretCreate(spec);
    let made = session.client()?.swarm_change(change).await;
    session.line(&made.map_err(refused)?.id);
    Ok(0)
}

async fn inspect_secrets(session: Session, parsed: Parsed) -> Outcome {
    inspect(&session, &parsed, "secret", |client, name| {
        let Secret {
            id,
            created_at,
            updated_at,
            spec,
            ..
        } = client.secret_inspect(name)?;
        let mut out = format!("ID:              {id}\nName:              {}\n", spec.name);
        out.push_str(&super::lines("Labels:\n", " - ", &spec.labels));
        out.push_str(&format!(
            "Driver:            {}\nCreated at:        {}\nUpdated at:        {}\n",
            spec.driver.unwrap_or_default().name,
            files::moment(&created_at),
            files::moment(&updated_at),
        ));
        Ok(out)
    })
    .await
}

fn ls(session: Session, parsed: Parsed) -> Outcome {
    let filters = filter::gather(parsed.all("filter"));
    let secrets = session.client()?.secret_list(filters).map_err(refused)?;
    let shown = secrets.into_iter().map(|secret| Shown {
        id: secret.id,
        name: secret.spec.name,
        labels: secret.spec.labels,
        driver: Some(secret.spec.driver.unwrap_or_default().name),
        created_at: secret.created_at,
        updated_at: secret.updated_at,
    });
    files::list(&session, &parsed, &LAYOUT, shown.collect())
}

async fn rm(session: Session, parsed: Parsed) -> Outcome {
    super::remove(&session, &parsed.args, |id| SwarmChange::SecretRemove {
        id,
    })
    .await
}
