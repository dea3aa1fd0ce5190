//! Commands of `docker compose` that are known and not modelled.

use super::DRY_RUN;
use super::context::Compose;
use crate::args::{Action, ArgRule, Command, Counts, Flag, Kind, Parsed, Section, verb};
use crate::format::table;
use crate::session::{Outcome, Session, complaint, refused};

/// What the help of a command on trial says: its one line, and a warning.
macro_rules! on_trial {
    ($path:literal, $short:literal) => {
        concat!(
            $short,
            "\n\nEXPERIMENTAL:\n  ",
            $path,
            " is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/"
        )
    };
}
pub(super) use on_trial;

pub(super) static GENERATE: Command = Command {
    name: "generate",
    usage: "[OPTIONS] [CONTAINERS...]",
    short: "EXPERIMENTAL - Generate a Compose file from existing containers",
    long: on_trial!(
        "docker compose alpha generate",
        "EXPERIMENTAL - Generate a Compose file from existing containers"
    ),
    flags: &[&[
        DRY_RUN,
        Flag::text("format", "Format the output. Values: [yaml | json]").default("yaml"),
        Flag::text("name", "Project name to set in the Compose file"),
        Flag::text("project-dir", "Directory to use for the project"),
    ]],
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(super) static PUBLISH: Command = PUBLISHING;

/// What `publish` and its older form have in common.
pub(super) const PUBLISHING: Command = Command {
    name: "publish",
    usage: "[OPTIONS] REPOSITORY[:TAG]",
    short: "Publish compose application",
    flags: &[&[
        DRY_RUN,
        Flag::bool(
            "app",
            "Published compose application (includes referenced images)",
        ),
        Flag::text(
            "oci-version",
            "OCI image/artifact specification version (automatically determined by default)",
        ),
        Flag::bool("resolve-image-digests", "Pin image tags to digests"),
        Flag::bool(
            "with-env",
            "Include environment variables in the published OCI artifact",
        ),
        Flag::bool("yes", "Assume \"yes\" as answer to all prompts").short('y'),
    ]],
    args: ArgRule::Exactly(1),
    counts: Counts::Docker,
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(super) static BRIDGE: Command = Command {
    name: "bridge",
    usage: "[OPTIONS] COMMAND",
    short: "Convert compose files into another model",
    flags: &[&[DRY_RUN]],
    sections: &[
        Section {
            title: "Management Commands",
            commands: &[&TRANSFORMATIONS],
        },
        Section {
            title: "Commands",
            commands: &[&CONVERT],
        },
    ],
    ..Command::BLANK
};

static CONVERT: Command = Command {
    name: "convert",
    short: "Convert compose files to Kubernetes manifests, Helm charts, or another model",
    flags: &[&[
        DRY_RUN,
        Flag::text(
            "output",
            "The output directory for the Kubernetes resources",
        )
        .short('o')
        .default("out"),
        Flag::text("templates", "Directory containing transformation templates"),
        Flag::new(
            Kind::List("stringArray"),
            "transformation",
            "Transformation to apply to compose model (default: docker/compose-bridge-kubernetes)",
        )
        .short('t'),
    ]],
    action: verb!(convert),
    ..Command::BLANK
};

static TRANSFORMATIONS: Command = Command {
    name: "transformations",
    usage: "[OPTIONS] COMMAND",
    short: "Manage transformation images",
    flags: &[&[DRY_RUN]],
    sections: &[Section {
        title: "Commands",
        commands: &[&CREATE, &LIST],
    }],
    ..Command::BLANK
};

static CREATE: Command = Command {
    name: "create",
    usage: "[OPTION] PATH",
    short: "Create a new transformation",
    flags: &[&[
        DRY_RUN,
        Flag::text(
            "from",
            "Existing transformation to copy (default: docker/compose-bridge-kubernetes)",
        )
        .short('f'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(create),
    ..Command::BLANK
};

static LIST: Command = Command {
    name: "list",
    aliases: &["ls"],
    known_as: "docker compose bridge transformations list, docker compose bridge transformations ls",
    short: "List available transformations",
    flags: &[&[
        DRY_RUN,
        Flag::text("format", "Format the output. Values: [table | json]").default("table"),
        Flag::bool("quiet", "Only display transformer names").short('q'),
    ]],
    action: verb!(list),
    ..Command::BLANK
};

/// There are none: they are images of a registry.
async fn list(session: Session, parsed: Parsed) -> Outcome {
    match (parsed.on("quiet"), parsed.text("format")) {
        (true, _) => {}
        (false, "json") => session.line("[]"),
        _ => {
            let head = "IMAGE ID\tREPO\tTAGS\tSIZE\n";
            session.sys.out(&table::align_with(head, 20, 3));
        }
    }
    Ok(0)
}

/// What a transformation is copied from is an image that is not there.
async fn create(session: Session, parsed: Parsed) -> Outcome {
    let image = match parsed.text("from") {
        "" => KUBERNETES,
        other => other,
    };
    let seen = session.client()?.image_inspect(image);
    seen.map_err(refused)?;
    Err(complaint(
        "compose bridge transformations create: not modelled in this simulation",
    ))
}

/// A transformation is an image, which has to be fetched.
async fn convert(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    compose.project(&[]).await?;
    let image = parsed.all("transformation").first();
    let image = image.map_or(KUBERNETES, String::as_str);
    let pulled = compose.client()?.image_pull(image);
    pulled.map_err(refused)?;
    Err(complaint(
        "compose bridge convert: not modelled in this simulation",
    ))
}

const KUBERNETES: &str = "docker/compose-bridge-kubernetes";
