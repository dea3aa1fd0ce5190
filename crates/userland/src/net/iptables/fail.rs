//! How iptables says no.

/// What a refused command prints and exits with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fail {
    kind: Kind,
    text: String,
    /// The line of iptables-restore's input.
    line: Option<usize>,
}

/// The classes of refusals, each with its layout and exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The command line is wrong.
    Parameter,
    /// An argument is left over; said without the program's name.
    Leftover,
    /// The kernel knows no such thing; a sentence with the program's name only.
    Sentence,
    /// The kernel refused a change, and says why in its own words.
    Refused,
    /// This version has no such thing.
    Version,
}

/// The version that is modelled, as it names itself.
pub(crate) const VERSION: &str = "v1.8.13 (nf_tables)";

impl Fail {
    const fn new(kind: Kind, text: String) -> Self {
        Self {
            kind,
            text,
            line: None,
        }
    }

    /// Exit code 2, with the hint where help is.
    pub(crate) fn parameter(text: impl Into<String>) -> Self {
        Self::new(Kind::Parameter, text.into())
    }

    pub(crate) fn leftover(argument: &str) -> Self {
        Self::new(Kind::Leftover, format!("Bad argument `{argument}'"))
    }

    /// Exit code 1.
    pub(crate) fn sentence(text: impl Into<String>) -> Self {
        Self::new(Kind::Sentence, text.into())
    }

    /// Exit code 4: `RULE_APPEND failed (...): rule in chain ...`.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self::new(Kind::Refused, text.into())
    }

    /// Exit code 3.
    pub(crate) fn version(text: impl Into<String>) -> Self {
        Self::new(Kind::Version, text.into())
    }

    /// Names the line of iptables-restore's input.
    pub(crate) fn at_line(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }

    /// Whether a rule jumps to a chain that is not there.
    pub(crate) fn is_missing_target(&self) -> bool {
        self.text.starts_with("Chain '") && self.text.ends_with("' does not exist")
    }

    pub(crate) const fn code(&self) -> i32 {
        match self.kind {
            Kind::Parameter | Kind::Leftover => 2,
            Kind::Sentence => 1,
            Kind::Version => 3,
            Kind::Refused => 4,
        }
    }

    /// All that goes to standard error.
    pub(crate) fn render(&self, program: &str) -> String {
        let text = &self.text;
        let line = self
            .line
            .map(|line| format!("Error occurred at line: {line}\n"))
            .unwrap_or_default();
        let hint =
            format!("{line}Try `{program} -h' or '{program} --help' for more information.\n");
        match self.kind {
            Kind::Parameter if text.is_empty() => hint,
            Kind::Parameter => format!("{program} {VERSION}: {text}\n{hint}"),
            Kind::Leftover => format!("{text}\n{hint}"),
            Kind::Sentence => {
                let at = self.line.map(|line| format!("line {line} failed: "));
                format!("{program}: {}{text}\n", at.unwrap_or_default())
            }
            Kind::Refused => {
                let at = self.line.map(|line| format!("\nline {line}:"));
                format!("{program} {VERSION}: {}{text}\n", at.unwrap_or_default())
            }
            Kind::Version => format!(
                "{program} {VERSION}: {text}\nPerhaps iptables or your kernel needs to be upgraded.\n"
            ),
        }
    }
}
