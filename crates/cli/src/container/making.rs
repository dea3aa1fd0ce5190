//! Making a container: what `docker run` and `docker create` share, pulling included.

use std::net::IpAddr;

use engine::api::{ContainerCreateRequest, ContainerCreateResponse};
use engine::{Class, Client, Error};

use crate::args::Parsed;
use crate::image::{platform, pull};
use crate::session::{Failure, Session, said};

/// Returns a complaint with the hint at the command's help after it, as docker gives it.
pub(super) fn with_hint(text: &str, command: &str) -> String {
    format!("docker: {text}\n\nRun 'docker {command} --help' for more information")
}

/// Returns the failure of a command line that makes no sense.
pub(super) fn misuse(text: &str, command: &str) -> Failure {
    Failure {
        text: with_hint(text, command),
        code: 125,
    }
}

/// Makes a container, fetching its image if that is missing, and writes the file of `--cidfile`. The error is the whole
/// sentence.
pub(super) fn make(
    session: &Session,
    client: &Client,
    parsed: &Parsed,
    request: ContainerCreateRequest,
) -> Result<ContainerCreateResponse, String> {
    let id_file = parsed.text("cidfile");
    if id_file.is_empty() {
        return create(session, client, parsed, request);
    }
    if session.sys.exists(id_file) {
        return Err(format!(
            "container ID file found, make sure the other container isn't running or delete {id_file}"
        ));
    }
    let write = |id: &str| {
        session.sys.write_file(id_file, id.as_bytes()).map_err(|e| {
            let why = e.to_string().to_ascii_lowercase();
            format!("failed to create the container ID file: open {id_file}: {why}")
        })
    };
    // It is there before the container, and goes if there is to be none.
    write("")?;
    let made = create(session, client, parsed, request);
    match &made {
        Ok(made) => write(&made.id)?,
        Err(_) => {
            let _ = session.sys.remove(id_file);
        }
    }
    made
}

/// Whether the engine's answer may mean that the image is missing.
fn missing(e: &Error) -> bool {
    let text = e.to_string();
    text.starts_with("No such image")
        || text.contains("error looking up volume plugin")
        || text.ends_with(": no such volume")
}

fn create(
    session: &Session,
    client: &Client,
    parsed: &Parsed,
    request: ContainerCreateRequest,
) -> Result<ContainerCreateResponse, String> {
    let policy = parsed.text("pull");
    pull::check_name(&request.config.image)?;
    warn_of_local_servers(session, request.host_config.dns.as_deref().unwrap_or(&[]));
    let image = request.config.image.clone();
    let quiet = parsed.on("quiet");
    if policy == "always" {
        pull::pull(session, client, &image, quiet)?;
    }
    let here = platform::is_here(parsed.text("platform")).map_err(|e| pull::bad_platform(&e))?;
    if !here {
        if !quiet {
            let missing = pull::with_tag(&image);
            session.complain(&format!("Unable to find image '{missing}' locally"));
        }
        pull::elsewhere(client, &image)?;
    }
    let name = parsed
        .given_text("name")
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let created = match client.container_create(name.clone(), request.clone()) {
        // Whatever is not found is taken for the image, as docker does.
        Err(e) if policy != "never" && e.class() == Class::NotFound && missing(&e) => {
            if !quiet {
                session.complain(&format!(
                    "Unable to find image '{}' locally",
                    pull::with_tag(&image)
                ));
            }
            pull::pull(session, client, &image, quiet)?;
            client.container_create(name, request)
        }
        other => other,
    }
    .map_err(|e| said(&e))?;
    for warning in &created.warnings {
        session.complain(&format!("WARNING: {warning}"));
    }
    Ok(created)
}

fn warn_of_local_servers(session: &Session, servers: &[String]) {
    let local = servers.iter().find(|server| {
        server
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
    });
    if let Some(server) = local {
        session.complain(&format!(
            "WARNING: Localhost DNS ({server}) may fail in containers."
        ));
    }
}
