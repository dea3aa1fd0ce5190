//! `docker container commit`. Source: docker/cli `container/commit.go`.

use engine::api::CommitOptions;

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::image::pull::check_name;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "commit",
    usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
    short: "Create a new image from a container's changes",
    known_as: "docker container commit, docker commit",
    flags: &[FLAGS],
    args: ArgRule::Between(1, 2),
    action: Action::Now(run),
    ..Command::BLANK
};

/// What `docker compose commit` takes, too.
pub(crate) const FLAGS: &[Flag] = &[
    Flag::text(
        "author",
        "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")",
    )
    .short('a'),
    Flag::list(
        "change",
        "Apply Dockerfile instruction to the created image",
    )
    .short('c'),
    Flag::text("message", "Commit message").short('m'),
    Flag::bool("pause", "Pause container during commit")
        .short('p')
        .default("true"),
];

fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let options = options(&parsed);
    if !options.reference.is_empty() {
        check_name(&options.reference).map_err(complaint)?;
    }
    let id = client.container_commit(parsed.arg(0), options);
    session.line(&id.map_err(refused)?);
    Ok(0)
}

/// Reads what the image is to be called and to say.
pub(crate) fn options(parsed: &Parsed) -> CommitOptions {
    CommitOptions {
        reference: parsed.arg(1).to_owned(),
        comment: parsed.text("message").to_owned(),
        author: parsed.text("author").to_owned(),
        changes: parsed.all("change").to_vec(),
        pause: parsed.on("pause"),
    }
}
