//! Reading the flags of one command, as pflag does.

use std::rc::Rc;

use sorted::SortedMap;

use super::{Command, Flag, Kind, split_commas};
use crate::go;

/// The `--help` that every command has without naming it.
const HELP: Flag = Flag::bool("help", "Print usage").hidden();

/// The flags and arguments that were given to one command.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The command.
    pub command: &'static Command,
    /// Its path as typed, such as `docker container ls`.
    pub path: String,
    /// The arguments that are not flags.
    pub args: Vec<String>,
    /// Lines about deprecated flags, for standard error.
    pub notices: Vec<String>,
    /// What was given to the group above it, such as `docker compose -f FILE`.
    pub above: Option<Rc<Self>>,
    given: SortedMap<&'static str, Vec<String>>,
}

impl Parsed {
    pub(super) fn new(command: &'static Command, path: String) -> Self {
        Self {
            command,
            path,
            args: Vec::new(),
            notices: Vec::new(),
            above: None,
            given: SortedMap::new(),
        }
    }

    /// True if the flag was given, whatever its value.
    pub fn given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Returns a flag's last value, or its default, or an empty text.
    pub fn text(&self, name: &str) -> &str {
        match self.given.get(name).and_then(|values| values.last()) {
            Some(value) => value,
            None => self.command.default(name),
        }
    }

    /// Returns a flag's last value if it was given.
    pub fn given_text(&self, name: &str) -> Option<&str> {
        self.given
            .get(name)
            .and_then(|values| values.last())
            .map(String::as_str)
    }

    /// True if a flag is on.
    pub fn on(&self, name: &str) -> bool {
        go::parse_bool(self.text(name)).unwrap_or(false)
    }

    /// Returns a number; 0 if it was not given and has no default.
    pub fn int(&self, name: &str) -> i64 {
        go::parse_int(self.text(name)).unwrap_or(0)
    }

    /// Returns a duration in nanoseconds; 0 if it was not given.
    pub fn duration(&self, name: &str) -> i64 {
        go::parse_duration(self.text(name)).unwrap_or(0)
    }

    /// Returns an amount of memory in bytes; 0 if it was not given.
    pub fn bytes(&self, name: &str) -> i64 {
        compose::units::size(self.text(name)).unwrap_or(0)
    }

    /// Returns all values of a flag that may be repeated.
    pub fn all(&self, name: &str) -> &[String] {
        self.given.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the argument at `index`, or an empty text.
    pub fn arg(&self, index: usize) -> &str {
        self.args.get(index).map_or("", String::as_str)
    }

    /// Gives a flag a value that nobody gave it on the command line.
    pub(crate) fn set_default(&mut self, name: &'static str, value: &str) {
        let given = self.given.entry(name).or_default();
        if given.is_empty() {
            given.push(value.to_owned());
        }
    }

    fn set(&mut self, flag: &'static Flag, value: &str) -> Result<(), String> {
        let again = flag.once && self.given.contains_key(flag.name);
        let checked = match (again, flag.short) {
            (false, _) => check(flag, value),
            (true, Some(short)) => Err(format!("specify only one -{short}")),
            (true, None) => Err(format!("specify only one --{}", flag.name)),
        };
        checked.map_err(|why| {
            let shown = match flag.short {
                Some(short) => format!("-{short}, --{}", flag.name),
                None => format!("--{}", flag.name),
            };
            format!(
                "invalid argument {} for {} flag: {why}",
                go::quote(value),
                go::quote(&shown)
            )
        })?;
        if !flag.deprecated.is_empty() {
            self.notices.push(format!(
                "Flag --{} has been deprecated, {}",
                flag.name, flag.deprecated
            ));
        }
        let values = self
            .given
            .entry(flag.stands_for.unwrap_or(flag.name))
            .or_default();
        match flag.kind {
            Kind::List(_) => values.push(value.to_owned()),
            Kind::Strings => values.extend(split_commas(value).unwrap_or_default()),
            Kind::Bool
            | Kind::Int
            | Kind::Uint(_)
            | Kind::Text
            | Kind::Duration
            | Kind::Bytes
            | Kind::Special(_) => *values = vec![value.to_owned()],
        }
        Ok(())
    }
}

/// Rejects a value that the flag's kind, or its own check, does not take.
fn check(flag: &Flag, value: &str) -> Result<(), String> {
    match flag.kind {
        Kind::Bool => go::parse_bool(value).map(|_valid| ())?,
        Kind::Int => go::parse_int(value).map(|_valid| ())?,
        Kind::Uint(bits) => go::parse_uint(value, bits).map(|_valid| ())?,
        Kind::Duration => go::parse_duration(value).map(|_valid| ())?,
        Kind::Bytes => compose::units::size(value).map(|_valid| ())?,
        Kind::Strings if !value.is_empty() => split_commas(value).map(|_valid| ())?,
        Kind::Text | Kind::List(_) | Kind::Strings | Kind::Special(_) => {}
    }
    match flag.check {
        Some(check) => check(value),
        None => Ok(()),
    }
}

/// Reads flags from `words` into `parsed` until the end, or until the first argument where flags end there.
/// Returns the error sentence of the first mistake.
pub(super) fn parse_flags(
    parsed: &mut Parsed,
    words: &[String],
    interspersed: bool,
) -> Result<(), String> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            parsed.args.extend(rest.cloned());
            return Ok(());
        }
        if let Some(long) = word.strip_prefix("--") {
            long_flag(parsed, word, long, &mut rest)?;
        } else if word.len() > 1 && word.starts_with('-') {
            short_flags(parsed, word.get(1..).unwrap_or(""), &mut rest)?;
        } else {
            parsed.args.push(word.clone());
            if !interspersed {
                parsed.args.extend(rest.cloned());
                return Ok(());
            }
        }
    }
    Ok(())
}

fn long_flag(
    parsed: &mut Parsed,
    word: &str,
    long: &str,
    rest: &mut std::slice::Iter<'_, String>,
) -> Result<(), String> {
    if long.starts_with(['-', '=']) {
        return Err(format!("bad flag syntax: {word}"));
    }
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let Some(flag) = find_long(parsed.command, name) else {
        return Err(format!("unknown flag: --{name}"));
    };
    match (value, flag.kind) {
        (Some(value), _) => parsed.set(flag, value),
        (None, Kind::Bool) => parsed.set(flag, "true"),
        (None, _) => match rest.next() {
            Some(value) => parsed.set(flag, value),
            None => Err(format!("flag needs an argument: --{name}")),
        },
    }
}

fn short_flags(
    parsed: &mut Parsed,
    bundle: &str,
    rest: &mut std::slice::Iter<'_, String>,
) -> Result<(), String> {
    let mut left = bundle;
    while let Some(letter) = left.chars().next() {
        let after = left.get(letter.len_utf8()..).unwrap_or("");
        let Some(flag) = parsed.command.flags().find(|f| f.short == Some(letter)) else {
            if letter == 'h' {
                parsed
                    .notices
                    .push("Flag shorthand -h has been deprecated, use --help".into());
                parsed.set(&HELP, "true")?;
                left = after;
                continue;
            }
            return Err(format!(
                "unknown shorthand flag: {} in -{left}",
                go::quote_rune(letter)
            ));
        };
        if let Some(value) = after.strip_prefix('=').filter(|value| !value.is_empty()) {
            return parsed.set(flag, value);
        }
        if flag.kind == Kind::Bool {
            parsed.set(flag, "true")?;
            left = after;
            continue;
        }
        if !after.is_empty() {
            return parsed.set(flag, after);
        }
        return match rest.next() {
            Some(value) => parsed.set(flag, value),
            None => Err(format!(
                "flag needs an argument: {} in -{left}",
                go::quote_rune(letter)
            )),
        };
    }
    Ok(())
}

fn find_long(command: &'static Command, name: &str) -> Option<&'static Flag> {
    command.flag(name).or((name == "help").then_some(&HELP))
}
