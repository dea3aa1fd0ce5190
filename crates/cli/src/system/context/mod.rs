//! `docker context`: the daemons that can be named. Only the one of this machine answers.

mod archive;
mod store;

use crate::args::{ArgRule, Command, Counts, Flag, Kind, Parsed, Section, verb};
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::format::list::{Layout, render};
use crate::go::quote;
use crate::session::{Failure, Outcome, Session, complaint};
use crate::template::{Labels, Value};
use store::Context;

pub(crate) use store::{LOCAL, current, find, text_of};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
    short: "Display detailed information on one or more contexts",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    action: verb!(inspect),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List contexts",
    aliases: &["list"],
    known_as: "docker context ls, docker context list",
    flags: &[&[
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only show context names").short('q'),
    ]],
    args: ArgRule::None,
    action: verb!(ls),
    ..Command::BLANK
};

pub(crate) static SHOW: Command = Command {
    name: "show",
    short: "Print the name of the current context",
    args: ArgRule::None,
    action: verb!(show),
    ..Command::BLANK
};

pub(crate) static USE: Command = Command {
    name: "use",
    usage: "CONTEXT",
    short: "Set the current docker context",
    args: ArgRule::Exactly(1),
    counts: Counts::Library,
    action: verb!(use_context),
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] CONTEXT",
    short: "Create a context",
    long: "Create a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context's Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context create my-context --description \"some description\" --docker \"host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file\"",
    flags: &[&[
        Flag::text("description", "Description of the context"),
        Flag::new(
            Kind::Special("stringToString"),
            "docker",
            "set the docker endpoint",
        )
        .default("[]")
        .check(pair),
        Flag::text("from", "create context from a named context"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(create),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "CONTEXT [CONTEXT...]",
    short: "Remove one or more contexts",
    aliases: &["remove"],
    known_as: "docker context rm, docker context remove",
    flags: &[&[Flag::bool("force", "Force the removal of a context in use").short('f')]],
    args: ArgRule::AtLeast(1),
    action: verb!(rm),
    ..Command::BLANK
};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS] CONTEXT",
    short: "Update a context",
    long: "Update a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context's Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context update my-context --description \"some description\" --docker \"host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file\"",
    flags: &[&[
        Flag::text("description", "Description of the context"),
        Flag::new(
            Kind::Special("stringToString"),
            "docker",
            "set the docker endpoint",
        )
        .default("[]")
        .check(pair),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(update),
    ..Command::BLANK
};

/// `docker context`.
pub(crate) static COMMAND: Command = Command {
    name: "context",
    short: "Manage contexts",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &CREATE,
            &archive::EXPORT,
            &archive::IMPORT,
            &INSPECT,
            &LS,
            &RM,
            &SHOW,
            &UPDATE,
            &USE,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}",
    row_type: "*formatter.clientContextContext",
    headings: &[
        ("Name", "NAME"),
        ("Description", "DESCRIPTION"),
        ("DockerEndpoint", "DOCKER ENDPOINT"),
        ("Current", ""),
        ("Error", "ERROR"),
    ],
};

/// What contexts may be called.
const NAMES: &str = "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$";

fn pair(text: &str) -> Result<(), String> {
    let pairs = text.split(',').all(|part| part.contains('='));
    match pairs {
        true => Ok(()),
        false => Err(format!("{text} must be formatted as key=value")),
    }
}

/// What a variable says that stands above the current context.
fn overridden(session: &Session, what: &str) -> Option<String> {
    let host = session.sys.env("DOCKER_HOST")?;
    (!host.is_empty()).then(|| {
        format!(
            "Warning: DOCKER_HOST environment variable overrides the active context. To use {what}, either set the global \
             --context flag, or unset DOCKER_HOST environment variable."
        )
    })
}

/// A fault in the width that the table has for it. Source: docker/cli `formatter/context.go`, `maxErrLength`.
fn shortened(fault: &str) -> String {
    const WIDTH: usize = 45;
    if fault.chars().count() <= WIDTH {
        return fault.to_owned();
    }
    fault.chars().take(WIDTH - 1).chain(['…']).collect()
}

async fn ls(session: Session, parsed: Parsed) -> Outcome {
    let now = current(&session.sys);
    let mut all = store::all(&session.sys);
    // A current one that is not there is told with what is wrong.
    if all.iter().all(|context| context.name != now) {
        all.push(Context {
            name: now.clone(),
            description: String::new(),
            host: String::new(),
        });
        sorted::sort_by_key(&mut all, |context| context.name.clone());
    }
    let row = |context: Context| {
        let is_current = context.name == now;
        let fault = match context.host.as_str() {
            "" => find(&session.sys, &context.name).err(),
            _ => None,
        };
        let columns = vec![
            ("Name", context.name),
            ("Description", context.description),
            ("DockerEndpoint", context.host),
            ("Error", shortened(&fault.unwrap_or_default())),
        ];
        let row = Value::row(LAYOUT.row_type, columns, Labels::None);
        row.with("Current", Value::Bool(is_current))
    };
    let rows: Vec<Value> = all.into_iter().map(row).collect();
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.Name}}",
        format => format,
    };
    let text = render(&LAYOUT, format, &rows).map_err(complaint)?;
    session.sys.out(&text);
    if let Some(warning) = overridden(&session, "a context").filter(|_| !parsed.on("quiet")) {
        session.complain(&warning);
    }
    Ok(0)
}

async fn show(session: Session, _parsed: Parsed) -> Outcome {
    session.line(&current(&session.sys));
    Ok(0)
}

async fn inspect(session: Session, parsed: Parsed) -> Outcome {
    let names = match parsed.args.is_empty() {
        true => vec![current(&session.sys)],
        false => parsed.args.clone(),
    };
    let format = parsed.text("format");
    crate::inspect::own_objects(&session, format, &names, async |name: &str| {
        find(&session.sys, name).map(|context| context.shown(format))
    })
    .await
}

async fn use_context(session: Session, parsed: Parsed) -> Outcome {
    let name = parsed.arg(0);
    find(&session.sys, name).map_err(complaint)?;
    store::choose(&session.sys, name).map_err(|e| complaint(e.to_string()))?;
    session.line(name);
    session.complain(&format!("Current context is now {}", quote(name)));
    let warning = overridden(&session, &quote(name));
    if let Some(warning) = warning.filter(|_| name != "default") {
        session.complain(&warning);
    }
    Ok(0)
}

/// Reads `--docker host=...`; empty if it is not given.
fn endpoint(parsed: &Parsed) -> Result<String, String> {
    let fail = |why: String| Err(format!("unable to create docker endpoint config: {why}"));
    let mut host = String::new();
    for part in parsed.text("docker").split(',').filter(|p| !p.is_empty()) {
        match part.split_once('=') {
            Some(("host", given)) => host = given.to_owned(),
            Some(("ca" | "cert" | "key" | "skip-tls-verify" | "from", _)) | None => {}
            Some((key, _)) => return fail(format!("unrecognized config key: {key}")),
        }
    }
    match host.is_empty() || host.contains("://") {
        true => Ok(host),
        false => fail(format!(
            "unable to apply docker endpoint options: unable to parse docker host `{host}`"
        )),
    }
}

/// Looks whether a new context may be called that.
fn create_named(session: &Session, name: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    let fits = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(allowed);
    if name == "default" {
        return Err(complaint("\"default\" is a reserved context name"));
    }
    if !fits {
        return Err(complaint(format!(
            "context name {} is invalid, names are validated against regexp \"{NAMES}\"",
            quote(name)
        )));
    }
    if find(&session.sys, name).is_ok() {
        return Err(complaint(format!("context {} already exists", quote(name))));
    }
    Ok(())
}

async fn create(session: Session, parsed: Parsed) -> Outcome {
    let name = parsed.arg(0);
    create_named(&session, name)?;
    let host = endpoint(&parsed).map_err(complaint)?;
    let from = match (parsed.text("from"), host.is_empty()) {
        ("", true) => Some(current(&session.sys)),
        ("", false) => None,
        (from, _) => Some(from.to_owned()),
    };
    let mut context = Context {
        host,
        description: String::new(),
        ..Context::local()
    };
    if let Some(from) = from {
        context = find(&session.sys, &from).map_err(complaint)?;
    }
    name.clone_into(&mut context.name);
    keep(&session, context, &parsed, "created").await
}

async fn update(session: Session, parsed: Parsed) -> Outcome {
    let name = parsed.arg(0);
    if name == "default" {
        return Err(complaint("\"default\" is a reserved context name"));
    }
    let mut context = find(&session.sys, name).map_err(complaint)?;
    let host = endpoint(&parsed).map_err(complaint)?;
    if !host.is_empty() {
        context.host = host;
    }
    keep(&session, context, &parsed, "updated").await
}

/// Writes a context down and says so.
async fn keep(session: &Session, mut context: Context, parsed: &Parsed, done: &str) -> Outcome {
    if parsed.given("description") {
        parsed
            .text("description")
            .clone_into(&mut context.description);
    }
    store::keep(&session.sys, &context).map_err(|e| complaint(e.to_string()))?;
    session.line(&context.name);
    session.complain(&format!(
        "Successfully {done} context {}",
        quote(&context.name)
    ));
    Ok(0)
}

async fn rm(session: Session, parsed: Parsed) -> Outcome {
    let mut complaints = Vec::new();
    for name in &parsed.args {
        let called = quote(name);
        let in_use = current(&session.sys) == *name;
        if name == "default" {
            complaints.push(format!("context {called} cannot be removed"));
        } else if find(&session.sys, name).is_err() {
            complaints.push(format!("context {called} does not exist"));
        } else if in_use && !parsed.on("force") {
            complaints.push(format!(
                "context {called} is in use, set -f flag to force remove"
            ));
        } else {
            if in_use {
                let _ = store::choose(&session.sys, "default");
            }
            let _ = store::forget(&session.sys, name);
            session.line(name);
        }
    }
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(complaint(complaints.join("\n"))),
    }
}
