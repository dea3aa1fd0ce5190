//! Telling what happens to containers, networks and images while it happens. Source: docker/compose `pkg/progress`.

use std::cell::RefCell;
use std::rc::Rc;

use kernel::process::files::Fd;

use super::screen::{Screen, Stage};
use crate::session::Session;
use crate::template::Value;

/// Where steps are told, unless a variable says otherwise.
pub(super) const STDERR: Fd = Fd(2);

/// How steps are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A line for each.
    Plain,
    /// A picture that is drawn over and over.
    Terminal,
    /// A JSON object for each.
    Json,
    /// Not at all.
    Quiet,
}

impl Mode {
    /// Reads `--progress`; without it a terminal gets the picture. The error is Compose's sentence.
    pub(super) fn choose(session: &Session, progress: &str, ansi: &str) -> Result<Self, String> {
        match progress {
            "" | "auto" if session.sys.is_tty(STDERR) && ansi != "never" => Ok(Self::Terminal),
            "" | "auto" | "plain" => Ok(Self::Plain),
            "tty" => Ok(Self::Terminal),
            "json" => Ok(Self::Json),
            "quiet" | "none" => Ok(Self::Quiet),
            other => Err(format!("unsupported --progress value \"{other}\"")),
        }
    }
}

/// Tells steps. Clones tell to the same place.
#[derive(Clone)]
pub(super) struct Progress {
    session: Session,
    mode: Mode,
    dry: bool,
    fd: Fd,
    screen: Rc<RefCell<Screen>>,
}

impl Progress {
    /// Begins.
    pub(super) fn new(session: &Session, mode: Mode, dry: bool, fd: Fd) -> Self {
        Self {
            session: session.clone(),
            mode,
            dry,
            fd,
            screen: Rc::default(),
        }
    }

    /// The same place, but nothing is told.
    pub(super) fn silent(&self) -> Self {
        Self {
            mode: Mode::Quiet,
            ..self.clone()
        }
    }

    /// Ends a picture: what is told next begins a new one below.
    pub(super) fn end(&self) {
        *self.screen.borrow_mut() = Screen::default();
    }

    /// Tells of something under way.
    pub(super) fn working(&self, id: &str, status: &str) {
        self.event(id, Stage::Working, "", status);
    }

    /// Tells of something done.
    pub(super) fn done(&self, id: &str, status: &str) {
        self.event(id, Stage::Done, "", status);
    }

    /// Tells of something that failed.
    pub(super) fn failed(&self, id: &str, status: &str) {
        self.event(id, Stage::Error, "", status);
    }

    /// Tells of anything.
    pub(super) fn event(&self, id: &str, stage: Stage, text: &str, status: &str) {
        let sys = &self.session.sys;
        let prefix = if self.dry { " DRY-RUN MODE - " } else { "" };
        let line = match self.mode {
            Mode::Quiet => return,
            Mode::Plain => format!("{prefix} {id} {text} {status}\n"),
            Mode::Json => json(self.dry, id, text, status),
            Mode::Terminal => {
                let told = format!("{text} {status}");
                self.screen
                    .borrow_mut()
                    .draw(sys.now(), prefix, (id, stage, told.trim()))
            }
        };
        match self.fd {
            STDERR => sys.err(&line),
            _ => sys.out(&line),
        }
    }
}

fn json(dry: bool, id: &str, text: &str, status: &str) -> String {
    let fields: Vec<String> = [("id", id), ("text", text), ("status", status)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("\"{name}\":{}", Value::str(value).json()))
        .collect();
    let dry = if dry { "\"dry-run\":true," } else { "" };
    format!("{{{dry}{}}}\n", fields.join(","))
}
