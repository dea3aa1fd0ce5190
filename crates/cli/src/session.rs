//! One run of `docker` as its verbs see it, and how a verb ends.

use engine::Client;
use kernel::process::files::Fd;
use kernel::sys::Sys;

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
}

impl Session {
    /// Connects to the machine's engine, or to nobody: then what is asked of it fails.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(Client::connect(&self.sys, self.elsewhere.as_deref()))
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
