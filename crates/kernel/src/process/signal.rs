//! Signals.

/// A signal number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Signal(u8);

/// Names and numbers on x86-64. Source: signal(7).
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

#[allow(missing_docs, reason = "they are named as in signal(7)")]
impl Signal {
    pub const HUP: Self = Self(1);
    pub const INT: Self = Self(2);
    pub const QUIT: Self = Self(3);
    pub const KILL: Self = Self(9);
    pub const USR1: Self = Self(10);
    pub const USR2: Self = Self(12);
    pub const PIPE: Self = Self(13);
    pub const ALRM: Self = Self(14);
    pub const TERM: Self = Self(15);
    pub const CHLD: Self = Self(17);
    pub const CONT: Self = Self(18);
    pub const STOP: Self = Self(19);
    pub const TSTP: Self = Self(20);
    pub const URG: Self = Self(23);
    pub const WINCH: Self = Self(28);

    /// The signal with this number, 1 to 64.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        if number >= 1 && number <= 64 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The signal that a user names: `KILL`, `SIGKILL`, `kill`, `9`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Self::from_number(number);
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let position = NAMES.iter().position(|n| *n == name)?;
        Some(Self(u8::try_from(position + 1).ok()?))
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0 as i32
    }

    /// Its name without `SIG`; `RTMIN+n` for the real-time ones.
    #[must_use]
    pub fn name(self) -> String {
        NAMES.get(usize::from(self.0) - 1).map_or_else(
            || format!("RTMIN+{}", i32::from(self.0) - 34),
            |n| (*n).to_owned(),
        )
    }

    /// Whether a process that says nothing about it is left alone.
    #[must_use]
    pub const fn ignored_by_default(self) -> bool {
        matches!(self, Self::CHLD | Self::CONT | Self::URG | Self::WINCH)
    }
}

/// A set of signals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SignalSet(u64);

impl SignalSet {
    /// Adds a signal.
    pub const fn insert(&mut self, signal: Signal) {
        self.0 |= 1 << (signal.0 - 1);
    }

    /// Takes a signal out.
    pub const fn remove(&mut self, signal: Signal) {
        self.0 &= !(1 << (signal.0 - 1));
    }

    /// Whether the signal is in it.
    #[must_use]
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & (1 << (signal.0 - 1)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_agree() {
        for (text, number) in [
            ("KILL", 9),
            ("sigterm", 15),
            ("SIGQUIT", 3),
            ("15", 15),
            ("USR1", 10),
            ("SYS", 31),
        ] {
            assert_eq!(
                Signal::parse(text).map(Signal::number),
                Some(number),
                "{text}"
            );
        }
        assert_eq!(Signal::parse("NOPE"), None);
        assert_eq!(Signal::parse("0"), None);
        assert_eq!(Signal::TERM.name(), "TERM");
    }
}
