//! `docker image tag`.

use super::pull::check_name;
use crate::args::{Action, ArgRule, Command, Parsed};
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "tag",
    usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
    short: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    known_as: "docker image tag, docker tag",
    args: ArgRule::Exactly(2),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let (image, name) = (parsed.arg(0), parsed.arg(1));
    for given in [image, name] {
        check_name(given).map_err(|why| {
            complaint(format!(
                "Error parsing reference: {given:?} is not a valid repository/tag: {why}"
            ))
        })?;
    }
    let client = session.client()?;
    client.image_tag(image, name).map_err(refused)?;
    Ok(0)
}
