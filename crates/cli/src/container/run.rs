//! `docker container run`.

use engine::api::WaitCondition;

use super::streams::{self, Waiting};
use super::{create_flags, making, request};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::session::{Failure, Outcome, Session, complaint, said};

pub(crate) static COMMAND: Command = Command {
    name: "run",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create and run a new container from an image",
    known_as: "docker container run, docker run",
    flags: &[
        create_flags::FLAGS,
        &[
            Flag::bool(
                "detach",
                "Run container in background and print container ID",
            )
            .short('d'),
            Flag::text(
                "detach-keys",
                "Override the key sequence for detaching a container",
            ),
            Flag::text(
                "pull",
                "Pull image before running (\"always\", \"missing\", \"never\")",
            )
            .default("missing"),
            Flag::bool("sig-proxy", "Proxy received signals to the process").default("true"),
        ],
    ],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    interspersed: false,
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let mut request =
        request::request(&session.sys, &parsed).map_err(|why| making::misuse(&why, "run"))?;
    let detached = parsed.on("detach");
    if detached {
        if parsed.given("attach") {
            return Err(complaint(
                "conflicting options: cannot specify both --attach and --detach",
            ));
        }
        request.config.attach_stdin = false;
        request.config.attach_stdout = false;
        request.config.attach_stderr = false;
        request.config.stdin_once = false;
    } else {
        streams::check_terminal(&session, request.config.attach_stdin, request.config.tty)?;
    }
    let config = request.config.clone();
    let client = session.client()?;
    let created = making::make(&session, &client, &parsed, request).map_err(|why| failed(&why))?;
    let id = created.id;
    let attaches = config.attach_stdin || config.attach_stdout || config.attach_stderr;
    let condition = if parsed.on("rm") {
        WaitCondition::Removed
    } else {
        WaitCondition::NextExit
    };
    let waiting = (!detached).then(|| Waiting::begin(&session, &client, &id, condition));
    let attached = match attaches {
        true => {
            streams::check_keys(parsed.text("detach-keys"))?;
            let options = streams::attach_options(
                &session,
                config.attach_stdin,
                config.attach_stdout,
                config.attach_stderr,
                config.tty,
            );
            Some(
                client
                    .container_attach(id.as_str(), options)
                    .map_err(|e| failed(&said(&e)))?,
            )
        }
        false => None,
    };
    if !attaches {
        session.line(&id);
    }
    if !detached && parsed.on("sig-proxy") && !config.tty {
        streams::proxy_signals(&session, &client, &id);
    }
    client
        .container_start(&id)
        .await
        .map_err(|e| failed(&said(&e)))?;
    if let Some(attached) = attached {
        streams::carry(&session, attached).await?;
    }
    match waiting {
        Some(waiting) => Ok(waiting.exit_code().await),
        None => Ok(0),
    }
}

/// Tells a failure with the exit code that its reason has. Source: docker/cli `container/run.go`, `toStatusError`.
fn failed(why: &str) -> Failure {
    let says = |part: &str| why.contains(part);
    let code = if says("executable file not found") || says("no such file or directory") {
        127
    } else if says("permission denied") || says("is a directory") {
        126
    } else {
        125
    };
    Failure {
        text: making::with_hint(why, "run"),
        code,
    }
}
