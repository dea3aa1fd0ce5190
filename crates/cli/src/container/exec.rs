//! `docker container exec`.

use engine::Client;
use engine::api::{ExecCreateRequest, ExecStartRequest};

use super::{request, streams};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "exec",
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    short: "Execute a command in a running container",
    known_as: "docker container exec, docker exec",
    flags: &[&[
        Flag::bool("detach", "Detached mode: run command in the background").short('d'),
        Flag::text(
            "detach-keys",
            "Override the key sequence for detaching a container",
        ),
        Flag::list("env", "Set environment variables")
            .short('e')
            .check(pairs::check_env),
        Flag::list("env-file", "Read in a file of environment variables"),
        Flag::bool("interactive", "Keep STDIN open even if not attached").short('i'),
        Flag::bool("privileged", "Give extended privileges to the command"),
        Flag::bool("tty", "Allocate a pseudo-TTY").short('t'),
        Flag::text(
            "user",
            "Username or UID (format: \"<name|uid>[:<group|gid>]\")",
        )
        .short('u'),
        Flag::text("workdir", "Working directory inside the container").short('w'),
    ]],
    args: ArgRule::AtLeast(2),
    interspersed: false,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let env = request::environment(&session.sys, &parsed).map_err(complaint)?;
    let client = session.client()?;
    client.container_inspect(parsed.arg(0)).map_err(refused)?;
    let keys = parsed.text("detach-keys");
    if !streams::are_keys(keys) {
        return Err(complaint(format!(
            "Error response from daemon: Invalid escape keys ({keys}) provided"
        )));
    }
    let (detached, tty) = (parsed.on("detach"), parsed.on("tty"));
    let stdin = parsed.on("interactive") && !detached;
    if !detached {
        streams::check_terminal(&session, stdin, tty)?;
    }
    let request = ExecCreateRequest {
        user: parsed.text("user").to_owned(),
        privileged: parsed.on("privileged"),
        tty,
        attach_stdin: stdin,
        attach_stderr: !detached,
        attach_stdout: !detached,
        env: (!env.is_empty()).then_some(env),
        working_dir: parsed.text("workdir").to_owned(),
        cmd: parsed.args.get(1..).unwrap_or(&[]).to_vec(),
    };
    perform(&session, &client, parsed.arg(0), request).await
}

/// Runs a command in a container, attached to its streams unless the request asks for none, and returns its exit code.
pub(crate) async fn perform(
    session: &Session,
    client: &Client,
    container: &str,
    request: ExecCreateRequest,
) -> Outcome {
    let (stdin, tty, detached) = (request.attach_stdin, request.tty, !request.attach_stdout);
    let exec = client.exec_create(container, request).map_err(refused)?;
    let options = streams::attach_options(session, stdin, !detached, !detached, tty);
    let attached = match client
        .exec_start(
            exec.id.as_str(),
            ExecStartRequest {
                detach: detached,
                tty,
            },
            options,
        )
        .await
    {
        Ok(attached) => attached,
        Err(e) if e.to_string().starts_with("OCI runtime exec failed") && !detached => {
            // The engine sends this down the stream that it has opened already, hence without its usual words before it.
            let text = e.to_string();
            session.line(&text);
            return Ok(if text.contains("permission denied") {
                126
            } else {
                127
            });
        }
        Err(e) => return Err(refused(e)),
    };
    if detached {
        return Ok(0);
    }
    streams::carry(session, attached).await?;
    let ended = client.exec_inspect(exec.id.as_str()).map_err(refused)?;
    Ok(ended
        .exit_code
        .and_then(|code| i32::try_from(code).ok())
        .unwrap_or(0))
}
