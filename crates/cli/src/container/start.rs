//! `docker container start`.

use engine::api::WaitCondition;
use engine::{Class, Client};

use super::streams::{self, Waiting};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::session::{Outcome, Session, complaint, refused, said};

pub(crate) static COMMAND: Command = Command {
    name: "start",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Start one or more stopped containers",
    known_as: "docker container start, docker start",
    flags: &[&[
        Flag::bool("attach", "Attach STDOUT/STDERR and forward signals").short('a'),
        Flag::text("checkpoint", "Restore from this checkpoint").hidden(),
        Flag::text(
            "checkpoint-dir",
            "Use a custom checkpoint storage directory",
        )
        .hidden(),
        Flag::text(
            "detach-keys",
            "Override the key sequence for detaching a container",
        ),
        Flag::bool("interactive", "Attach container's STDIN").short('i'),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    for flag in ["checkpoint", "checkpoint-dir"] {
        if parsed.given(flag) {
            session.check_experimental(&format!("\"--{flag}\""))?;
        }
    }
    let client = session.client()?;
    if parsed.on("attach") || parsed.on("interactive") {
        return attached(&session, &client, &parsed).await;
    }
    detached(&session, &client, &parsed.args).await
}

/// Starts containers, tells the names of those that it started, and leaves them alone.
pub(crate) async fn detached(session: &Session, client: &Client, names: &[String]) -> Outcome {
    let mut failed = Vec::new();
    for name in names {
        match client.container_start(name).await {
            Ok(()) => session.line(name),
            Err(e) if e.class() == Class::NotModified => session.line(name),
            Err(e) => {
                session.complain(&said(&e));
                failed.push(name.as_str());
            }
        }
    }
    match failed.is_empty() {
        true => Ok(0),
        false => Err(complaint(format!(
            "Error: failed to start containers: {}",
            failed.join(", ")
        ))),
    }
}

/// Starts one container and stays attached to it.
async fn attached(session: &Session, client: &Client, parsed: &Parsed) -> Outcome {
    let [name] = parsed.args.as_slice() else {
        return Err(complaint(
            "you cannot start and attach multiple containers at once",
        ));
    };
    let container = client.container_inspect(name.as_str()).map_err(refused)?;
    let tty = container.config.tty;
    let stdin = parsed.on("interactive") && container.config.open_stdin;
    streams::check_terminal(session, stdin, tty)?;
    streams::check_keys(parsed.text("detach-keys"))?;
    let options = streams::attach_options(session, stdin, true, true, tty);
    let condition = if container.host_config.auto_remove {
        WaitCondition::Removed
    } else {
        WaitCondition::NextExit
    };
    let waiting = Waiting::begin(session, client, &container.id, condition);
    let attached = client
        .container_attach(container.id.as_str(), options)
        .map_err(refused)?;
    if !tty {
        streams::proxy_signals(session, client, &container.id);
    }
    match client.container_start(&container.id).await {
        Err(e) if e.class() != Class::NotModified => return Err(refused(e)),
        _ => {}
    }
    streams::carry(session, attached).await?;
    Ok(waiting.exit_code().await)
}
