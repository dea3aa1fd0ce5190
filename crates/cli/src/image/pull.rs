//! `docker image pull`.

use engine::Client;
pub(crate) use engine::images::{check_name, name_and_tag as parts};

use super::platform;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::session::{Outcome, Session, complaint, refused, said};

pub(crate) static COMMAND: Command = Command {
    name: "pull",
    usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
    short: "Download an image from a registry",
    known_as: "docker image pull, docker pull",
    flags: &[&[
        Flag::bool("all-tags", "Download all tagged images in the repository").short('a'),
        Flag::bool("disable-content-trust", "Skip image verification").default("true"),
        Flag::text(
            "platform",
            "Set platform if server is multi-platform capable",
        ),
        Flag::bool("quiet", "Suppress verbose output").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let name = parsed.arg(0);
    check_name(name).map_err(complaint)?;
    let quiet = parsed.on("quiet");
    if !quiet && with_tag(name) != name {
        session.line("Using default tag: latest");
    }
    let here = platform::is_here(parsed.text("platform"));
    let here = here.map_err(|e| complaint(bad_platform(&e)))?;
    let client = session.client()?;
    if !here {
        elsewhere(&client, name).map_err(complaint)?;
    }
    client.image_pull(name).map_err(refused)?;
    let image = client.image_inspect(name).map_err(refused)?;
    if !quiet {
        let (repository, tag) = parts(name);
        session.line(&format!("{tag}: Pulling from {}", path(repository)));
        if let Some((_, digest)) = image.repo_digests.first().and_then(|d| d.split_once('@')) {
            session.line(&format!("Digest: {digest}"));
        }
        session.line(&format!(
            "Status: Image is up to date for {}",
            with_tag(name)
        ));
    }
    let (repository, tag) = parts(name);
    session.line(&format!("{}:{tag}", full(repository)));
    Ok(0)
}

/// Fetches an image on behalf of another command, telling so on standard error.
pub(crate) fn pull(
    session: &Session,
    client: &Client,
    name: &str,
    quiet: bool,
) -> Result<(), String> {
    client.image_pull(name).map_err(|e| said(&e))?;
    if !quiet {
        let (repository, tag) = parts(name);
        session.complain(&format!("{tag}: Pulling from {}", path(repository)));
        session.complain(&format!(
            "Status: Downloaded newer image for {}",
            with_tag(name)
        ));
    }
    Ok(())
}

/// What is said of a platform that makes no sense.
pub(crate) fn bad_platform(why: &str) -> String {
    format!("error parsing specified platform: {why}")
}

/// Fetches an image for another platform, which none of those that can be had is for.
pub(crate) fn elsewhere(client: &Client, name: &str) -> Result<(), String> {
    let full = full(parts(name).0);
    let host = full.strip_prefix("docker.io/").map_or_else(
        || full.split('/').next().unwrap_or_default(),
        |_| "registry-1.docker.io",
    );
    client.registry(host, "/v2/").map_err(|e| said(&e))
}

/// Returns a name with its tag.
pub(crate) fn with_tag(name: &str) -> String {
    let (repository, tag) = parts(name);
    if name.contains('@') {
        name.to_owned()
    } else {
        format!("{repository}:{tag}")
    }
}

/// Returns the path at the registry: official images lie under `library/`.
fn path(repository: &str) -> String {
    if repository.contains('/') {
        repository.to_owned()
    } else {
        format!("library/{repository}")
    }
}

/// Returns the name with its registry.
pub(crate) fn full(repository: &str) -> String {
    match repository.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => {
            repository.to_owned()
        }
        _ => format!("docker.io/{}", path(repository)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed() {
        assert_eq!(with_tag("nginx"), "nginx:latest");
        assert_eq!(with_tag("localhost:5000/x"), "localhost:5000/x:latest");
        assert_eq!(full("nginx"), "docker.io/library/nginx");
        assert_eq!(full("nicolaka/netshoot"), "docker.io/nicolaka/netshoot");
    }
}
