//! `docker context`: one context, the default one.

use crate::args::{Action, ArgRule, Command, Flag, Kind, Parsed, Section, verb};
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::format::list::{Layout, render};
use crate::session::{Outcome, Session, complaint};
use crate::template::{Labels, Value, structure};

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
        .default("[]"),
        Flag::text("from", "create context from a named context"),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static EXPORT: Command = Command {
    name: "export",
    usage: "[OPTIONS] CONTEXT [FILE|-]",
    short: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
    args: ArgRule::Between(1, 2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static IMPORT: Command = Command {
    name: "import",
    usage: "CONTEXT FILE|-",
    short: "Import a context from a tar or zip file",
    args: ArgRule::Exactly(2),
    action: Action::NotModelled,
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
    action: Action::NotModelled,
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
        .default("[]"),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

/// `docker context`.
pub(crate) static COMMAND: Command = Command {
    name: "context",
    short: "Manage contexts",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &CREATE, &EXPORT, &IMPORT, &INSPECT, &LS, &RM, &SHOW, &UPDATE, &USE,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

const ENDPOINT: &str = "unix:///var/run/docker.sock";

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

async fn ls(session: Session, parsed: Parsed) -> Outcome {
    let columns = vec![
        ("Name", "default".to_owned()),
        (
            "Description",
            "Current DOCKER_HOST based configuration".to_owned(),
        ),
        ("DockerEndpoint", ENDPOINT.to_owned()),
        ("Error", String::new()),
    ];
    let row = Value::row(LAYOUT.row_type, columns, Labels::None).with("Current", Value::Bool(true));
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.Name}}",
        format => format,
    };
    session
        .sys
        .out(&render(&LAYOUT, format, &[row]).map_err(complaint)?);
    Ok(0)
}

async fn show(session: Session, _parsed: Parsed) -> Outcome {
    session.line("default");
    Ok(0)
}

async fn inspect(session: Session, parsed: Parsed) -> Outcome {
    let names = if parsed.args.is_empty() {
        vec!["default".to_owned()]
    } else {
        parsed.args.clone()
    };
    crate::inspect::objects(
        &session,
        parsed.text("format"),
        &names,
        async |name: &str| match name {
            "default" => Ok(default_context()),
            other => Err(no_context(other)),
        },
    )
    .await
}

/// What is said of a context that is not there: only the default one is.
pub(crate) fn no_context(name: &str) -> String {
    let file = engine::sha256::hex(name.as_bytes());
    format!(
        "context \"{name}\": context not found: open /root/.docker/contexts/meta/{file}/meta.json: no such file or directory"
    )
}

async fn use_context(session: Session, parsed: Parsed) -> Outcome {
    match parsed.arg(0) {
        "default" => {
            session.line("default");
            session.complain("Current context is now \"default\"");
            Ok(0)
        }
        other => Err(complaint(no_context(other))),
    }
}

fn default_context() -> Value {
    let empty = || Value::Map(sorted::SortedMap::new(), crate::template::Missing::Text);
    let memory = || Value::str("<IN MEMORY>");
    let docker = structure(
        "docker.EndpointMeta",
        [
            ("Host", Value::str(ENDPOINT)),
            ("SkipTLSVerify", Value::Bool(false)),
        ],
    );
    structure(
        "context",
        [
            ("Name", Value::str("default")),
            ("Metadata", empty()),
            ("Endpoints", structure("endpoints", [("docker", docker)])),
            ("TLSMaterial", empty()),
            (
                "Storage",
                structure(
                    "storage",
                    [("MetadataPath", memory()), ("TLSPath", memory())],
                ),
            ),
        ],
    )
}
