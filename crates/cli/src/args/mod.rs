//! Command lines as docker reads them: one table per command feeds the parser, the help texts and completion.
//!
//! A [`Command`] is data: its name, what it is for, its flags and its argument rule.
//! [`interpret`] walks a tree of them with a command line, [`help`] prints one, `complete` offers words from it.
//! The rules and texts are those of spf13/pflag 1.0 and of docker/cli 28.5.2 (`cli/required.go`, `cli/cobra.go`).

mod csv;
mod interpret;
mod parse;
mod usage;

#[cfg(test)]
mod tests;

pub(crate) use csv::split_commas;
pub use interpret::{Interpretation, interpret};
pub use parse::Parsed;
pub use usage::{HelpContext, help, use_line};

use std::pin::Pin;

use crate::session::{Outcome, Session};

/// A verb that is running.
pub type Running = Pin<Box<dyn Future<Output = Outcome>>>;

/// What a command does.
#[derive(Clone, Copy)]
pub enum Action {
    /// Prints its help: a group, or a command that only exists to be explained.
    Help,
    /// Says that it is known and not modelled.
    NotModelled,
    /// The same, once the engine's experimental features are on.
    Experimental,
    /// Does something, which may take time.
    Verb(fn(Session, Parsed) -> Running),
    /// Does something in a moment.
    Now(fn(Session, Parsed) -> Outcome),
}

/// Makes the action of an `async fn(Session, Parsed) -> Outcome`.
macro_rules! verb {
    ($run:path) => {
        $crate::args::Action::Verb(|session, parsed| Box::pin($run(session, parsed)))
    };
}
pub(crate) use verb;

/// Checks and maybe rejects one value of a flag, with the text that follows `invalid argument ... flag: `.
pub type Check = fn(&str) -> Result<(), String>;

/// What kind of value a flag takes; decides parsing and the word shown in help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false; `--flag` alone is true.
    Bool,
    /// A signed number.
    Int,
    /// An unsigned number of so many bits.
    Uint(u32),
    /// Text; the last one given wins.
    Text,
    /// A duration such as `1m30s`.
    Duration,
    /// An amount of memory such as `64m`.
    Bytes,
    /// May be repeated; each value is kept as it is. Holds the word shown in help.
    List(&'static str),
    /// May be repeated; each value is split at commas.
    Strings,
    /// One value of a special form; the last one given wins. Holds the word shown in help.
    Special(&'static str),
}

impl Kind {
    /// Returns the word that help prints after the flag's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "",
            Self::Int => "int",
            Self::Uint(16) => "uint16",
            Self::Uint(32) => "uint32",
            Self::Uint(_) => "uint",
            Self::Text => "string",
            Self::Duration => "duration",
            Self::Bytes => "bytes",
            Self::Strings => "strings",
            Self::List(word) | Self::Special(word) => word,
        }
    }
}

/// One flag of a command.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// The long name, without dashes.
    pub name: &'static str,
    /// The one-letter form.
    pub short: Option<char>,
    /// What it takes.
    pub kind: Kind,
    /// The sentence in help.
    pub usage: &'static str,
    /// The default as help prints it, and as a value is read from it; empty for none.
    pub default: &'static str,
    /// Whether it may be given only once.
    pub once: bool,
    /// True if help leaves it out.
    pub hidden: bool,
    /// What to use instead, if its use prints a deprecation.
    pub deprecated: &'static str,
    /// The flag that this one is another name of.
    pub stands_for: Option<&'static str>,
    /// Rejects bad values while parsing.
    pub check: Option<Check>,
}

impl Flag {
    /// Returns a flag of any kind.
    pub const fn new(kind: Kind, name: &'static str, usage: &'static str) -> Self {
        Self {
            name,
            short: None,
            kind,
            usage,
            default: "",
            hidden: false,
            once: false,
            deprecated: "",
            stands_for: None,
            check: None,
        }
    }

    /// Returns a flag that is true or false.
    pub const fn bool(name: &'static str, usage: &'static str) -> Self {
        Self::new(Kind::Bool, name, usage)
    }

    /// Returns a flag that takes a number.
    pub const fn int(name: &'static str, usage: &'static str) -> Self {
        Self::new(Kind::Int, name, usage)
    }

    /// Returns a flag that takes text.
    pub const fn text(name: &'static str, usage: &'static str) -> Self {
        Self::new(Kind::Text, name, usage)
    }

    /// Returns a flag that may be repeated.
    pub const fn list(name: &'static str, usage: &'static str) -> Self {
        Self::new(Kind::List("list"), name, usage)
    }

    /// Returns a flag whose values are `key=value` pairs.
    pub const fn map(name: &'static str, usage: &'static str) -> Self {
        Self::new(Kind::List("map"), name, usage)
    }

    /// Returns a flag whose values are split at commas.
    pub const fn strings(name: &'static str, usage: &'static str) -> Self {
        Self::new(Kind::Strings, name, usage)
    }

    /// Returns the `--filter` flag.
    pub const fn filter(usage: &'static str) -> Self {
        Self::new(Kind::List("filter"), "filter", usage).check(crate::filter::check)
    }

    /// Gives it a one-letter form.
    pub const fn short(self, short: char) -> Self {
        Self {
            short: Some(short),
            ..self
        }
    }

    /// Gives it a default.
    pub const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// Lets it be given only once.
    pub const fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// Leaves it out of help.
    pub const fn hidden(self) -> Self {
        Self {
            hidden: true,
            ..self
        }
    }

    /// Makes it another name of `target`, left out of help.
    pub const fn stands_for(self, target: &'static str) -> Self {
        Self {
            stands_for: Some(target),
            hidden: true,
            ..self
        }
    }

    /// Makes its use print a deprecation, and leaves it out of help.
    pub const fn deprecated(self, instead: &'static str) -> Self {
        Self {
            deprecated: instead,
            hidden: true,
            ..self
        }
    }

    /// Has its values checked while parsing.
    pub const fn check(self, check: Check) -> Self {
        Self {
            check: Some(check),
            ..self
        }
    }
}

/// How many arguments a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgRule {
    /// Any number.
    Any,
    /// None.
    None,
    /// Exactly so many.
    Exactly(usize),
    /// So many or more.
    AtLeast(usize),
    /// So many or fewer.
    AtMost(usize),
    /// From the first number to the second.
    Between(usize, usize),
}

/// Commands of a group that help lists under one heading.
#[derive(Clone, Copy)]
pub struct Section {
    /// The heading, without its colon.
    pub title: &'static str,
    /// The commands, in the order of help.
    pub commands: &'static [&'static Command],
}

/// In whose words a wrong number of arguments is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// In those of the program that the command belongs to.
    OfProgram,
    /// In docker's, although the command is a plug-in's.
    Docker,
    /// In those of the library that reads command lines, although the command is docker's own.
    Library,
}

/// One command, or a group of them.
#[derive(Clone, Copy)]
pub struct Command {
    /// The word that is typed.
    pub name: &'static str,
    /// What follows the name in the usage line.
    pub usage: &'static str,
    /// One line for lists of commands and the command's own help.
    pub short: &'static str,
    /// What its own help says instead of `short`; empty for the same.
    pub long: &'static str,
    /// What help says before anything else; empty for nothing.
    pub notice: &'static str,
    /// Further words for the same command at the same place.
    pub aliases: &'static [&'static str],
    /// The `Aliases:` line of its help, whole paths; empty for none.
    pub known_as: &'static str,
    /// Its flags, in lists that commands may share; help sorts them by name.
    pub flags: &'static [&'static [Flag]],
    /// How many arguments it takes.
    pub args: ArgRule,
    /// False if flags end at the first argument, which then belong to another program.
    pub interspersed: bool,
    /// The commands of a group; empty for a command that does something itself.
    pub sections: &'static [Section],
    /// True if help leaves it out.
    pub hidden: bool,
    /// True if it is a program of its own, which help marks with a star.
    pub plugin: bool,
    /// True if complaints about its command line are one sentence, without a hint at its help: a plug-in's way.
    pub terse: bool,
    /// In whose words it complains of the number of its arguments.
    pub counts: Counts,
    /// True if help shows it only on a manager of a swarm,
    pub swarm_only: bool,
    /// or on a worker too.
    pub on_workers: bool,
    /// What it does.
    pub action: Action,
}

impl Command {
    /// A command of which nothing is said yet, to build others from.
    pub const BLANK: Self = Self {
        name: "",
        usage: "",
        short: "",
        long: "",
        notice: "",
        aliases: &[],
        known_as: "",
        flags: &[],
        args: ArgRule::Any,
        interspersed: true,
        sections: &[],
        hidden: false,
        plugin: false,
        terse: false,
        counts: Counts::OfProgram,
        swarm_only: false,
        on_workers: false,
        action: Action::Help,
    };

    /// True if it only holds other commands.
    pub fn is_group(&self) -> bool {
        !self.sections.is_empty()
    }

    /// Returns the commands of a group, in the order of help.
    pub fn children(&self) -> impl Iterator<Item = &'static Self> {
        self.sections
            .iter()
            .flat_map(|section| section.commands.iter().copied())
    }

    /// Finds a child by name or alias.
    pub fn child(&self, word: &str) -> Option<&'static Self> {
        self.children()
            .find(|c| c.name == word || c.aliases.contains(&word))
    }

    /// Finds a flag by its long name.
    pub fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.flags().find(|f| f.name == name)
    }

    /// Returns a flag's default; of a hundred few have one. Loops, since chains of iterators are calls where code is to be
    /// small, and this is asked for every flag of a command.
    fn default(&self, name: &str) -> &'static str {
        for list in self.flags {
            for flag in *list {
                if !flag.default.is_empty() && flag.name == name {
                    return flag.default;
                }
            }
        }
        ""
    }

    /// Returns its flags.
    pub fn flags(&self) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().flat_map(|list| list.iter())
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Command({})", self.name)
    }
}
