//! `docker container attach`.

use engine::api::WaitCondition;

use super::streams::{self, Waiting};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "attach",
    usage: "[OPTIONS] CONTAINER",
    short: "Attach local standard input, output, and error streams to a running container",
    known_as: "docker container attach, docker attach",
    flags: &[&[
        Flag::text(
            "detach-keys",
            "Override the key sequence for detaching a container",
        ),
        Flag::bool("no-stdin", "Do not attach STDIN"),
        Flag::bool("sig-proxy", "Proxy all received signals to the process").default("true"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let found = session.client()?.container_inspect(parsed.arg(0));
    found.map_err(refused)?;
    let stdin = !parsed.on("no-stdin");
    let keys = parsed.text("detach-keys");
    to(&session, parsed.arg(0), stdin, keys, parsed.on("sig-proxy")).await
}

/// Connects this program's streams to those of a container.
pub(crate) async fn to(
    session: &Session,
    container: &str,
    stdin: bool,
    keys: &str,
    sig_proxy: bool,
) -> Outcome {
    let client = session.client()?;
    let container = client.container_inspect(container).map_err(refused)?;
    if !container.state.running {
        return Err(complaint(
            "You cannot attach to a stopped container, start it first",
        ));
    }
    if container.state.paused {
        return Err(complaint(
            "You cannot attach to a paused container, unpause it first",
        ));
    }
    if container.state.restarting {
        return Err(complaint(
            "You cannot attach to a restarting container, wait until it is running",
        ));
    }
    let tty = container.config.tty;
    let stdin = stdin && container.config.open_stdin;
    streams::check_terminal(session, stdin, tty)?;
    streams::check_keys(keys)?;
    let waiting = Waiting::begin(session, &client, &container.id, WaitCondition::NotRunning);
    let options = streams::attach_options(session, stdin, true, true, tty);
    let terminal = options.console;
    let attached = client
        .container_attach(container.id.as_str(), options)
        .map_err(refused)?;
    if sig_proxy && !tty {
        streams::proxy_signals(session, &client, &container.id);
    }
    match terminal.filter(|_| tty && stdin) {
        Some(terminal) => streams::carry_keys(session, attached, terminal).await?,
        None => streams::carry(session, attached).await?,
    }
    Ok(waiting.exit_code().await)
}
