//! `docker compose pull`, `push` and `build`.

use super::DRY_RUN;
use super::context::Compose;
use super::images::not_built;
use super::request::image_name;
use super::screen::Stage;
use crate::args::{Command, Flag, Kind, Parsed, verb};
use crate::session::{Outcome, Session};
use compose::plan::{Reach, select};

pub(super) static COMMAND: Command = Command {
    name: "pull",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Pull service images",
    flags: &[&[
        DRY_RUN,
        Flag::bool("ignore-buildable", "Ignore images that can be built"),
        Flag::bool(
            "ignore-pull-failures",
            "Pull what it can and ignores images with pull failures",
        ),
        Flag::bool(
            "include-deps",
            "Also pull services declared as dependencies",
        ),
        Flag::text("policy", "Apply pull policy (\"missing\"|\"always\")"),
        Flag::bool("quiet", "Pull without printing progress information").short('q'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

pub(super) static PUSH: Command = Command {
    name: "push",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Push service images",
    flags: &[&[
        DRY_RUN,
        Flag::bool(
            "ignore-push-failures",
            "Push what it can and ignores images with push failures",
        ),
        Flag::bool(
            "include-deps",
            "Also push images of services declared as dependencies",
        ),
        Flag::bool("quiet", "Push without printing progress information").short('q'),
    ]],
    action: verb!(push),
    ..Command::BLANK
};

pub(super) static BUILD: Command = Command {
    name: "build",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Build or rebuild services",
    flags: &[&[
        DRY_RUN,
        Flag::new(
            Kind::List("stringArray"),
            "build-arg",
            "Set build-time variables for services",
        ),
        Flag::text("builder", "Set builder to use"),
        Flag::bool("check", "Check build configuration"),
        Flag::new(
            Kind::Bytes,
            "memory",
            "Set memory limit for the build container. Not supported by BuildKit.",
        )
        .short('m'),
        Flag::bool("no-cache", "Do not use cache when building the image"),
        Flag::bool("print", "Print equivalent bake file"),
        Flag::text("provenance", "Add a provenance attestation"),
        Flag::bool(
            "pull",
            "Always attempt to pull a newer version of the image",
        ),
        Flag::bool("push", "Push service images"),
        Flag::bool("quiet", "Suppress the build output").short('q'),
        Flag::text("sbom", "Add a SBOM attestation"),
        Flag::text(
            "ssh",
            "Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)",
        ),
        Flag::bool(
            "with-dependencies",
            "Also build dependencies (transitively)",
        ),
    ]],
    action: verb!(build),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let mut project = compose.project_of_images(&parsed.args).await?;
    if !parsed.on("include-deps") {
        select(&mut project, &parsed.args, Reach::Alone).map_err(crate::session::complaint)?;
    }
    let client = compose.client()?;
    for (name, service) in &project.services {
        let image = image_name(&project, service);
        if service.build && (parsed.on("ignore-buildable") || service.image.is_none()) {
            let text = "Skipped - No image to be pulled";
            compose.progress.event(name, Stage::Done, text, "");
            continue;
        }
        let newest = image_tag(&image) == "latest";
        if parsed.text("policy") == "missing"
            && !newest
            && client.image_inspect(image.as_str()).is_ok()
        {
            let text = "Skipped - Image is already present locally";
            compose.progress.event(name, Stage::Done, text, "");
            continue;
        }
        match compose.pull(name, &image) {
            Err(failure) if !parsed.on("ignore-pull-failures") => return Err(failure),
            _ => {}
        }
    }
    Ok(0)
}

async fn push(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.seen_project(&parsed.args).await?;
    for (name, service) in &project.services {
        if service.build {
            return Err(not_built(service));
        }
        compose.progress.event(name, Stage::Done, "Skipped", "");
    }
    Ok(0)
}

async fn build(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.project_of_images(&parsed.args).await?;
    match project.services.values().find(|service| service.build) {
        Some(service) => Err(not_built(service)),
        None => Ok(0),
    }
}

/// Returns the tag of an image's name.
fn image_tag(name: &str) -> &str {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split_once(':').map_or("latest", |(_, tag)| tag)
}
