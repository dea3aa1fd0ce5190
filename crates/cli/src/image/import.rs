//! `docker image import`. Source: docker/cli `image/import.go`.

use engine::api::ImportOptions;

use super::archive::read;
use super::pull::check_name;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "import",
    usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
    short: "Import the contents from a tarball to create a filesystem image",
    known_as: "docker image import, docker import",
    flags: &[&[
        Flag::list(
            "change",
            "Apply Dockerfile instruction to the created image",
        )
        .short('c'),
        Flag::text("message", "Set commit message for imported image").short('m'),
        Flag::text(
            "platform",
            "Set platform if server is multi-platform capable",
        ),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let (from, reference) = (parsed.arg(0), parsed.arg(1));
    if ["http://", "https://"].iter().any(|s| from.starts_with(s)) {
        return Err(complaint(
            "docker import of a URL: not modelled in this simulation yet",
        ));
    }
    let bytes = read(&session, from).await?;
    if !reference.is_empty() {
        check_name(reference).map_err(complaint)?;
    }
    let options = ImportOptions {
        reference: reference.to_owned(),
        message: parsed.text("message").to_owned(),
        changes: parsed.all("change").to_vec(),
    };
    let id = client.image_import(bytes, options);
    session.line(&id.map_err(refused)?);
    Ok(0)
}
