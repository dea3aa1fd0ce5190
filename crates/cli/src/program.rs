//! The `docker` program: from a command line to a verb, and from a verb's outcome to an exit code.

use std::pin::Pin;

use engine::Client;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::world::Programs;

use crate::args::{Failure, HelpContext, Interpretation, Parsed, help, interpret};
use crate::docker::DOCKER;

/// Standard input.
pub(crate) const STDIN: Fd = Fd(0);
/// Standard output.
pub(crate) const STDOUT: Fd = Fd(1);

/// How a verb ends: an exit code, or a failure to be told.
pub type Outcome = Result<i32, Failure>;

/// A verb that is running.
pub type Running = Pin<Box<dyn Future<Output = Outcome>>>;

/// What a command does.
#[derive(Clone, Copy)]
pub enum Action {
    /// Prints its help: a group, or a command that only exists to be explained.
    Help,
    /// Says that it is known and not modelled.
    NotModelled,
    /// Does something.
    Verb(fn(Session, Parsed) -> Running),
}

/// Makes the action of an `async fn(Session, Parsed) -> Outcome`.
macro_rules! verb {
    ($run:path) => {
        $crate::program::Action::Verb(|session, parsed| Box::pin($run(session, parsed)))
    };
}
pub(crate) use verb;

/// One run of the program, as its verbs see it.
#[derive(Clone)]
pub struct Session {
    /// The system calls.
    pub sys: Sys,
}

impl Session {
    /// Connects to the machine's engine.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Client::connect(&self.sys).map_err(|e| Failure {
            text: e.to_string(),
            code: 1,
        })
    }

    /// Prints a line to standard output.
    pub(crate) async fn line(&self, text: &str) {
        self.sys.out(&format!("{text}\n")).await;
    }

    /// Prints a line to standard error.
    pub(crate) async fn complain(&self, text: &str) {
        self.sys.err(&format!("{text}\n")).await;
    }

    /// Returns the calendar time in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        i64::try_from(self.sys.wall_clock().0).unwrap_or(i64::MAX)
    }

    /// Prints `question` and reads an answer; only `y` is yes. Without a terminal on standard input that is the end.
    pub(crate) async fn confirm(&self, question: &str) -> bool {
        self.sys.out(&format!("{question} [y/N] ")).await;
        let mut answer = Vec::new();
        while let Ok(piece) = self.sys.read(STDIN, 1).await {
            if piece.is_empty() || piece.as_ref() == b"\n" || answer.len() > 16 {
                break;
            }
            answer.extend_from_slice(&piece);
        }
        String::from_utf8_lossy(&answer)
            .trim()
            .eq_ignore_ascii_case("y")
    }
}

/// Returns what docker says about an engine's refusal.
pub(crate) fn said(error: &engine::Error) -> String {
    let text = error.to_string();
    // The client's own complaints about the connection are not the daemon's answers.
    match text.starts_with("Cannot connect to the Docker daemon")
        || text.starts_with("error during connect")
    {
        true => text,
        false => format!("Error response from daemon: {text}"),
    }
}

/// Returns an engine's refusal as the end of a verb.
pub(crate) fn refused(error: engine::Error) -> Failure {
    Failure {
        text: said(&error),
        code: 1,
    }
}

/// Returns a complaint of docker's own as the end of a verb, exit code 1.
pub(crate) fn complaint(text: impl Into<String>) -> Failure {
    Failure {
        text: text.into(),
        code: 1,
    }
}

/// Puts `docker` into the world's table of programs.
pub fn register(programs: &mut Programs) {
    programs.add("docker", |sys| Box::pin(docker(sys)));
}

/// The `docker` program.
pub async fn docker(sys: Sys) -> i32 {
    let session = Session { sys };
    let words = session.sys.args();
    let outcome = run(&session, words.get(1..).unwrap_or(&[])).await;
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            if !failure.text.is_empty() {
                session.complain(&failure.text).await;
            }
            failure.code
        }
    }
}

async fn run(session: &Session, words: &[String]) -> Outcome {
    match interpret(&DOCKER, words) {
        Interpretation::Fail(failure) => Err(failure),
        Interpretation::Help {
            command,
            path,
            notices,
            to_stderr,
        } => {
            for notice in notices {
                session.complain(&notice).await;
            }
            let text = help(command, &path, help_context(session));
            match to_stderr {
                true => session.sys.err(&text).await,
                false => session.sys.out(&text).await,
            }
            Ok(0)
        }
        Interpretation::Run { globals, parsed } => {
            if globals.on("version") {
                session.line(&crate::system::version::one_line()).await;
                return Ok(0);
            }
            for flag in ["host", "context"] {
                if globals.given(flag) && globals.text(flag) != "default" {
                    return Err(complaint(format!(
                        "docker --{flag}: not modelled in this simulation"
                    )));
                }
            }
            for notice in &parsed.notices {
                session.complain(notice).await;
            }
            match parsed.command.action {
                Action::Verb(verb) => verb(session.clone(), parsed).await,
                Action::Help => {
                    session
                        .sys
                        .out(&help(parsed.command, &parsed.path, help_context(session)))
                        .await;
                    Ok(0)
                }
                Action::NotModelled => Err(complaint(format!(
                    "{}: not modelled in this simulation yet",
                    parsed.path
                ))),
            }
        }
    }
}

fn help_context(session: &Session) -> HelpContext {
    let columns = session
        .sys
        .env("COLUMNS")
        .and_then(|text| text.parse().ok());
    HelpContext {
        width: columns.filter(|_| session.sys.is_tty(STDOUT)).unwrap_or(80),
        swarm: false,
    }
}
