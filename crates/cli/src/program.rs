//! The `docker` program: from a command line to a verb, and from a verb's outcome to an exit code.

use kernel::sys::Sys;
use kernel::time::Duration;
use kernel::world::Programs;

use crate::args::{Action, HelpContext, Interpretation, Parsed, help, interpret};
use crate::compose;
use crate::docker::DOCKER;
use crate::host;
use crate::session::{Failure, Outcome, Session, complaint, not_modelled};
use crate::system::context::{LOCAL, current, find};

/// What docker needs to start, find its plug-ins and agree with the engine on a version. Real programs in containers that were
/// just started get as far meanwhile as to listen.
const START_UP: Duration = Duration::from_millis(25);
/// What docker needs to end. What a container starts with goes on meanwhile.
const LEAVING: Duration = Duration::from_millis(1);

/// The names of the programs.
const DOCKER_NAME: &str = "docker";
const COMPOSE_NAME: &str = "docker-compose";

/// Puts `docker` into the world's table of programs.
pub fn register(programs: &Programs) {
    programs.add(DOCKER_NAME, |sys| Box::pin(docker(sys, &[])));
    programs.add(COMPOSE_NAME, |sys| Box::pin(docker(sys, &["compose"])));
}

/// Makes the programs' names known to a kernel's table, for a [`register`] that comes later.
pub fn announce(programs: &Programs) {
    programs.announce(DOCKER_NAME);
    programs.announce(COMPOSE_NAME);
}

/// The `docker` program; its command line begins with `first`.
async fn docker(sys: Sys, first: &[&str]) -> i32 {
    let mut session = Session {
        sys,
        elsewhere: None,
        debug: false,
    };
    let own = session.sys.args().into_iter().skip(1);
    let words: Vec<String> = first.iter().map(|w| (*w).to_owned()).chain(own).collect();
    let outcome = run(&mut session, &words).await;
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            if !failure.text.is_empty() {
                session.complain(&failure.text);
            }
            failure.code
        }
    }
}

/// Returns the daemon that `--host`, a variable or the context names, if it is not the one of the machine. None of them
/// answers here.
fn elsewhere(sys: &Sys, flag: &str, context: &str) -> Result<Option<String>, Failure> {
    let named = match (flag, context) {
        ("", "") => sys.env("DOCKER_HOST").unwrap_or_default(),
        (flag, _) => flag.to_owned(),
    };
    let host = match named.as_str() {
        "" => {
            let name = match context {
                "" => current(sys),
                name => name.to_owned(),
            };
            find(sys, &name).map(|found| found.host)
        }
        named => host::parse(named),
    };
    let in_vain = |why: &str| complaint(format!("Failed to initialize: {why}"));
    let host = host.map_err(|why| in_vain(&format!("unable to resolve docker endpoint: {why}")))?;
    match host.split_once("://") {
        _ if host == LOCAL || host == "unix:///run/docker.sock" => Ok(None),
        Some(("npipe", _)) => Err(in_vain("protocol not available")),
        Some((_, "")) | None => Err(in_vain(&format!("unable to parse docker host `{host}`"))),
        Some(("unix" | "tcp", _)) => Ok(Some(host)),
        Some(_) => Err(complaint("docker --host: not modelled in this simulation")),
    }
}

async fn run(session: &mut Session, words: &[String]) -> Outcome {
    match interpret(&DOCKER, words) {
        Interpretation::Fail(failure) => Err(failure),
        Interpretation::Help {
            command,
            path,
            notices,
            apart,
            to_stderr,
            fault,
        } => {
            if matches!(command.action, Action::Experimental) {
                let code = i32::from(to_stderr);
                let missing = session.check_experimental(&path);
                missing.map_err(|failure| Failure { code, ..failure })?;
            }
            for notice in notices {
                match apart {
                    true => session.complain(&notice),
                    false => session.line(&notice),
                }
            }
            let text = help(command, &path, help_context(session));
            match to_stderr {
                true => session.sys.err(&text),
                false => session.sys.out(&text),
            }
            fault.map_or(Ok(0), Err)
        }
        Interpretation::Run {
            globals,
            mut parsed,
        } => {
            // With a command, the flag is taken and means nothing.
            if globals.on("version") && parsed.path == globals.path {
                session.line(&crate::system::version::one_line());
                return Ok(0);
            }
            check_globals(&session.sys, &globals).map_err(complaint)?;
            crate::settings::apply(session, &globals, &mut parsed);
            session.debug = globals.on("debug");
            // Contexts are looked after without a daemon.
            if !parsed.path.starts_with("docker context ") {
                let (host, context) = (globals.text("host"), globals.text("context"));
                session.elsewhere = elsewhere(&session.sys, host, context)?;
            }
            for notice in &parsed.notices {
                session.complain(notice);
            }
            match parsed.command.action {
                Action::Verb(verb) => {
                    // A signal that comes meanwhile ends the program, as it would later.
                    let _ = session.sys.sleep(START_UP).await;
                    let alone = compose::is_interruptible(&parsed.path);
                    let doing = verb(session.clone(), parsed);
                    let result = match alone {
                        true => compose::interruptible(session, doing).await,
                        false => doing.await,
                    };
                    let _ = session.sys.sleep(LEAVING).await;
                    result
                }
                Action::Now(verb) => {
                    let _ = session.sys.sleep(START_UP).await;
                    verb(session.clone(), parsed)
                }
                Action::Help => {
                    session
                        .sys
                        .out(&help(parsed.command, &parsed.path, help_context(session)));
                    Ok(0)
                }
                Action::Experimental => {
                    session.check_experimental(&parsed.path)?;
                    Err(not_modelled(&parsed))
                }
                Action::NotModelled => Err(not_modelled(&parsed)),
            }
        }
    }
}

/// Checks the flags that stand before the command.
fn check_globals(sys: &Sys, globals: &Parsed) -> Result<(), String> {
    let level = globals.text("log-level");
    let known = [
        "debug", "info", "warn", "warning", "error", "fatal", "panic", "trace",
    ];
    if globals.given("log-level") && !known.contains(&level.to_ascii_lowercase().as_str()) {
        return Err(format!("Unable to parse logging level: {level}"));
    }
    if globals.given("host") && globals.given("context") {
        return Err("conflicting options: cannot specify both --host and --context".into());
    }
    let verifies = match globals.given("tlsverify") {
        true => globals.on("tlsverify"),
        false => sys
            .env("DOCKER_TLS_VERIFY")
            .is_some_and(|on| !on.is_empty()),
    };
    if globals.on("tls") || verifies {
        let file = globals.text("tlscacert");
        return Err(format!(
            "Failed to initialize: unable to resolve docker endpoint: open {file}: no such file or directory"
        ));
    }
    Ok(())
}

pub(crate) fn help_context(session: &Session) -> HelpContext {
    let swarm = session.client().ok().and_then(|client| client.info().ok());
    let swarm = swarm.map(|info| info.swarm).unwrap_or_default();
    HelpContext {
        width: session.columns().unwrap_or(80),
        member: !matches!(swarm.local_node_state.as_str(), "" | "inactive"),
        manager: swarm.control_available,
    }
}
