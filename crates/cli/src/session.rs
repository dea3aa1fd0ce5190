//! One run of `docker` as its verbs see it, and how a verb ends.

use engine::Client;
use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::args::Parsed;

/// Standard input.
pub(crate) const STDIN: Fd = Fd(0);
/// Standard output.
pub(crate) const STDOUT: Fd = Fd(1);

/// A command line that cannot be run, or a verb that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What standard error says.
    pub text: String,
    /// The exit code.
    pub code: i32,
}

/// How a verb ends: an exit code, or a failure to be told.
pub type Outcome = Result<i32, Failure>;

/// One run of the program, as its verbs see it.
#[derive(Clone)]
pub struct Session {
    /// The system calls.
    pub sys: Sys,
    /// The daemon that was named, if it is another than the machine's own.
    pub(crate) elsewhere: Option<String>,
    /// Whether `--debug` stood before the command.
    pub(crate) debug: bool,
}

impl Session {
    /// Connects to the machine's engine, or to nobody: then what is asked of it fails.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(Client::connect(&self.sys, self.elsewhere.as_deref()))
    }

    /// How wide the terminal of standard output says that it is, columns.
    pub(crate) fn columns(&self) -> Option<usize> {
        let columns = self.sys.env("COLUMNS")?.parse().ok();
        columns.filter(|_| self.sys.is_tty(STDOUT))
    }

    /// Refuses a command or a flag that the engine knows only with its experimental features on. Source: docker/cli
    /// `cmd/docker/docker.go`, `isSupported`.
    pub(crate) fn check_experimental(&self, what: &str) -> Result<(), Failure> {
        let info = self.client()?.info();
        match info.is_ok_and(|info| info.experimental_build) {
            true => Ok(()),
            false => Err(complaint(format!(
                "{what} is only supported on a Docker daemon with experimental features enabled"
            ))),
        }
    }

    /// Prints a line to standard output.
    pub(crate) fn line(&self, text: &str) {
        self.sys.out(&format!("{text}\n"));
    }

    /// Prints a line to standard error.
    pub(crate) fn complain(&self, text: &str) {
        self.sys.err(&format!("{text}\n"));
    }

    /// Returns the calendar time in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        i64::try_from(self.sys.wall_clock().0).unwrap_or(i64::MAX)
    }

    /// Prints `question` and reads an answer; only `y` is yes. Without a terminal on standard input that is the end.
    pub(crate) async fn confirm(&self, question: &str) -> bool {
        self.sys.out(&format!("{question} [y/N] "));
        self.answer().await.eq_ignore_ascii_case("y")
    }

    /// Reads a short line of standard input, without blanks around it.
    pub(crate) async fn answer(&self) -> String {
        let mut answer = Vec::new();
        while let Ok(piece) = self.sys.read(STDIN, 1).await {
            if piece.is_empty() || piece.as_ref() == b"\n" || answer.len() > 16 {
                break;
            }
            answer.extend_from_slice(&piece);
        }
        String::from_utf8_lossy(&answer).trim().to_owned()
    }
}

/// How the complaint about a name of nothing ends.
const BLANK: &str = " name or ID: value is empty";

/// Returns what docker says about an engine's refusal.
pub(crate) fn said(error: &engine::Error) -> String {
    let text = error.to_string();
    // The client's own complaints, about a name of nothing or the connection, are not the daemon's answers.
    if let Some(at) = text.find("invalid ").filter(|_| text.ends_with(BLANK)) {
        return text.get(at..).unwrap_or_default().to_owned();
    }
    match text.starts_with("Cannot connect to the Docker daemon")
        || text.starts_with("error during connect")
    {
        true => text,
        // Source: moby `client/request.go`, `checkResponseErr`.
        false => format!("Error response from daemon: {}", text.trim()),
    }
}

/// Returns an engine's refusal as the end of a verb.
pub(crate) fn refused(error: engine::Error) -> Failure {
    Failure {
        text: said(&error),
        code: 1,
    }
}

/// Returns what is said of a command that is known and does nothing here.
pub(crate) fn not_modelled(parsed: &Parsed) -> Failure {
    complaint(format!(
        "{}: not modelled in this simulation yet",
        parsed.path
    ))
}

/// Returns a complaint of docker's own as the end of a verb, exit code 1.
pub(crate) fn complaint(text: impl Into<String>) -> Failure {
    Failure {
        text: text.into(),
        code: 1,
    }
}
