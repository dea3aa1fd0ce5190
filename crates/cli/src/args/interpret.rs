//! From a command line to the command that it means.

use std::rc::Rc;

use super::parse::parse_flags;
use super::{ArgRule, Command, Counts, Parsed, use_line};
use crate::session::{Failure, complaint};

/// What a command line means.
#[derive(Clone, Debug)]
pub enum Interpretation {
    /// Print the help of a command. `notices` go before it.
    Help {
        /// The command.
        command: &'static Command,
        /// Its path, such as `docker network`.
        path: String,
        /// Lines about deprecated flags.
        notices: Vec<String>,
        /// True if those go to standard error: the program reads its own flags apart from those of its commands.
        apart: bool,
        /// True if help goes to standard error: a group was named, but none of its commands.
        to_stderr: bool,
        /// What to complain of afterwards.
        fault: Option<Failure>,
    },
    /// Run a command.
    Run {
        /// The flags of the root, such as `--version`.
        globals: Parsed,
        /// The command and what was given to it.
        parsed: Parsed,
    },
    /// Complain.
    Fail(Failure),
}

/// `docker help`, as a topic of its own. Source: docker/cli `cli/cobra.go`.
static HELP: Command = Command {
    name: "help",
    usage: "[command]",
    short: "Help about the command",
    hidden: true,
    ..Command::BLANK
};

/// Finds out what `words`, a command line without the program's own name, asks of the tree under `root`.
pub fn interpret(root: &'static Command, words: &[String]) -> Interpretation {
    let mut globals = Parsed::new(root, root.name.to_owned());
    if let Err(why) = parse_flags(&mut globals, words, false) {
        return Interpretation::Fail(flag_failure(&why, &line_of_root(root), root.name));
    }
    let mut parsed = globals.clone();
    let mut command = root;
    let mut path = root.name.to_owned();
    let mut terse = false;
    if globals.on("help") {
        for word in &globals.args {
            let Some(child) = topic(root, command, word) else {
                break;
            };
            path = format!("{path} {}", child.name);
            command = child;
        }
        return Interpretation::Help {
            command,
            path,
            notices: globals.notices,
            apart: true,
            to_stderr: false,
            fault: None,
        };
    }
    if globals.args.first().is_some_and(|word| word == "help") {
        return help_topic(root, globals.args.get(1..).unwrap_or(&[]));
    }
    while command.is_group() {
        let Some((word, rest)) = parsed.args.split_first() else {
            return match command.name == root.name && globals.on("version") {
                true => Interpretation::Run {
                    parsed: globals.clone(),
                    globals,
                },
                false => help(command, path, parsed.notices, true),
            };
        };
        let Some(child) = command.child(word) else {
            // Flags are read before the word is looked at: whoever asks for help gets it.
            let mut asked = Parsed::new(command, path.clone());
            let read = parse_flags(&mut asked, rest, true);
            if read.is_ok() && asked.on("help") {
                return match command.plugin {
                    true => unknown_of_plugin(root, command, path, word),
                    false => help(command, path, asked.notices, false),
                };
            }
            if let (Err(why), false) = (read, terse || command.plugin) {
                let line = match command.name == root.name {
                    true => line_of_root(root),
                    false => use_line(command, &path),
                };
                return Interpretation::Fail(flag_failure(&why, &line, &path));
            }
            return match terse {
                // A group within a plug-in has no action, for which cobra prints its help and no fault.
                true if !command.plugin => help(command, path, parsed.notices, false),
                true => unknown_of_plugin(root, command, path, word),
                false => {
                    let failure = unknown_command(root, command, &path, word);
                    Interpretation::Fail(after(command.notice, failure))
                }
            };
        };
        path = format!("{path} {}", child.name);
        command = child;
        terse |= command.terse;
        let rest = rest.to_vec();
        let above = Rc::new(parsed);
        parsed = Parsed::new(command, path.clone());
        parsed.above = Some(above);
        let interspersed = command.interspersed && !command.is_group();
        if let Err(why) = parse_flags(&mut parsed, &rest, interspersed) {
            let failure = match terse {
                true => complaint(why),
                false => flag_failure(&why, &use_line(command, &path), &path),
            };
            return Interpretation::Fail(after(command.notice, failure));
        }
        if parsed.on("help") {
            return help(command, path, parsed.notices, false);
        }
    }
    let miscounted = match (command.counts, terse) {
        (Counts::Library, _) | (Counts::OfProgram, true) => count_failure_of_plugin(&parsed),
        (Counts::Docker, _) | (Counts::OfProgram, false) => count_failure(root, &parsed),
    };
    match miscounted {
        Some(failure) => Interpretation::Fail(after(command.notice, failure)),
        None => Interpretation::Run { globals, parsed },
    }
}

fn help(
    command: &'static Command,
    path: String,
    notices: Vec<String>,
    to_stderr: bool,
) -> Interpretation {
    Interpretation::Help {
        command,
        path,
        notices,
        apart: false,
        to_stderr,
        fault: None,
    }
}

/// What help can be asked for below a command.
fn topic(root: &Command, command: &Command, word: &str) -> Option<&'static Command> {
    match word {
        "help" if command.name == root.name => Some(&HELP),
        word => command.child(word),
    }
}

fn help_topic(root: &'static Command, words: &[String]) -> Interpretation {
    let own = format!("{} {}", root.name, HELP.name);
    let mut asked = Parsed::new(&HELP, own.clone());
    if let Err(why) = parse_flags(&mut asked, words, true) {
        let failure = flag_failure(&why, &use_line(&HELP, &own), &own);
        return Interpretation::Fail(failure);
    }
    if asked.on("help") {
        return help(&HELP, own, asked.notices, false);
    }
    let (mut command, mut path) = (root, root.name.to_owned());
    let mut words = asked.args.as_slice();
    while let Some((word, rest)) = words.split_first() {
        let Some(child) = topic(root, command, word) else {
            let unknown = words.join(" ");
            return Interpretation::Fail(complaint(format!("unknown help topic: {unknown}")));
        };
        path = format!("{path} {}", child.name);
        (command, words) = (child, rest);
    }
    help(command, path, Vec::new(), false)
}

/// A complaint after what a command says before anything else.
fn after(notice: &str, mut failure: Failure) -> Failure {
    failure.text.insert_str(0, notice);
    failure
}

/// How the program itself is called, as a complaint about its flags says it.
fn line_of_root(root: &Command) -> String {
    format!("{} [OPTIONS] COMMAND [ARG...]", root.name)
}

fn flag_failure(why: &str, use_line: &str, path: &str) -> Failure {
    let text = format!("{why}\n\nUsage:  {use_line}\n\nRun '{path} --help' for more information");
    Failure { text, code: 125 }
}

fn unknown_command(root: &Command, group: &'static Command, path: &str, word: &str) -> Failure {
    let usage = match group.name == root.name {
        true => String::new(),
        false => format!("\n\nUsage:  {}", use_line(group, path)),
    };
    let program = root.name;
    complaint(format!(
        "{program}: unknown command: {path} {word}{usage}\n\nRun '{path} --help' for more information"
    ))
}

/// A plug-in prints its whole help to standard output, and names the command without the program.
fn unknown_of_plugin(
    root: &Command,
    group: &'static Command,
    path: String,
    word: &str,
) -> Interpretation {
    let own = path
        .strip_prefix(root.name)
        .unwrap_or(&path)
        .trim_start_matches(' ');
    let fault = complaint(format!("unknown docker command: \"{own} {word}\""));
    Interpretation::Help {
        command: group,
        path,
        notices: Vec::new(),
        apart: false,
        to_stderr: false,
        fault: Some(fault),
    }
}

/// The same for a plug-in, whose sentences are cobra's. Source: spf13/cobra `args.go`.
fn count_failure_of_plugin(parsed: &Parsed) -> Option<Failure> {
    let given = parsed.args.len();
    let text = match parsed.command.args {
        ArgRule::None if given > 0 => {
            let first = parsed.args.first().map_or("", String::as_str);
            format!("unknown command \"{first}\" for \"{}\"", parsed.path)
        }
        ArgRule::Exactly(n) if given != n => format!("accepts {n} arg(s), received {given}"),
        ArgRule::AtLeast(n) if given < n => {
            format!("requires at least {n} arg(s), only received {given}")
        }
        ArgRule::AtMost(n) if given > n => {
            format!("accepts at most {n} arg(s), received {given}")
        }
        ArgRule::Between(low, high) if given < low || given > high => {
            format!("accepts between {low} and {high} arg(s), received {given}")
        }
        ArgRule::Any
        | ArgRule::None
        | ArgRule::Exactly(_)
        | ArgRule::AtLeast(_)
        | ArgRule::AtMost(_)
        | ArgRule::Between(..) => return None,
    };
    Some(complaint(text))
}

/// Complains if a command was given the wrong number of arguments. Source: docker/cli `cli/required.go`.
fn count_failure(root: &Command, parsed: &Parsed) -> Option<Failure> {
    let given = parsed.args.len();
    let arguments = |n: usize| if n == 1 { "argument" } else { "arguments" };
    let (rule, hint) = match parsed.command.args {
        ArgRule::None if given > 0 => ("accepts no arguments".into(), "Run"),
        ArgRule::Exactly(n) if given != n => (format!("requires {n} {}", arguments(n)), "Run"),
        ArgRule::AtLeast(n) if given < n => {
            (format!("requires at least {n} {}", arguments(n)), "See")
        }
        // docker/cli really says `SRun` here.
        ArgRule::AtMost(n) if given > n => {
            (format!("requires at most {n} {}", arguments(n)), "SRun")
        }
        ArgRule::Between(low, high) if given < low || given > high => (
            format!(
                "requires at least {low} and at most {high} {}",
                arguments(high)
            ),
            "Run",
        ),
        ArgRule::Any
        | ArgRule::None
        | ArgRule::Exactly(_)
        | ArgRule::AtLeast(_)
        | ArgRule::AtMost(_)
        | ArgRule::Between(..) => return None,
    };
    let (program, path, line) = (
        root.name,
        &parsed.path,
        use_line(parsed.command, &parsed.path),
    );
    Some(complaint(format!(
        "{program}: '{path}' {rule}\n\nUsage:  {line}\n\n{hint} '{path} --help' for more information"
    )))
}
