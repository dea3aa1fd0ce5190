//! Completion of docker command lines, from the same tables that parse them.

use crate::args::{Command, Flag, Kind};
use crate::docker::DOCKER;

/// What a word on the command line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Any container.
    Container,
    /// A container that runs.
    RunningContainer,
    /// A container that does not run.
    StoppedContainer,
    /// A network.
    Network,
    /// An image.
    Image,
    /// Any object that can be inspected.
    Anything,
    /// A service of the Compose project.
    Service,
    /// A node of the swarm.
    Node,
    /// A service of the swarm.
    SwarmService,
    /// A stack.
    Stack,
    /// A secret.
    Secret,
    /// A config.
    Config,
    /// A program in the container that stands before it.
    Program,
}

/// One word that could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The word.
    pub word: String,
    /// What it is, in a few words; may be empty.
    pub about: String,
}

/// Returns what could stand at the cursor.
/// `words` are those before it, without `docker` itself, and `partial` is what is typed of the word at the cursor.
/// `names` lists the objects of a kind. Nothing is offered where another program's words stand, as after `docker exec web ls`.
pub fn complete(
    words: &[&str],
    partial: &str,
    names: impl Fn(Subject) -> Vec<String>,
) -> Vec<Candidate> {
    let mut command: &'static Command = &DOCKER;
    let mut group = command;
    let mut arguments = 0;
    let mut waiting: Option<&'static Flag> = None;
    for word in words {
        if waiting.take().is_some() {
            continue;
        }
        if word.starts_with('-') && (arguments == 0 || command.interspersed) {
            waiting = flag_of(command, word)
                .filter(|flag| flag.kind != Kind::Bool && !word.contains('='));
        } else if let Some(child) = command.child(word).filter(|_| command.is_group()) {
            (group, command) = (command, child);
        } else if command.is_group() {
            return Vec::new();
        } else {
            arguments += 1;
        }
    }
    if let Some(flag) = waiting {
        return flag_subject(flag)
            .map(|subject| named(names(subject), partial))
            .unwrap_or_default();
    }
    if partial.starts_with('-') {
        return match arguments == 0 || command.interspersed {
            true => flags(command, partial),
            false => Vec::new(),
        };
    }
    if command.is_group() {
        // A manager alone knows of nodes.
        let manages =
            command.children().any(|child| child.swarm_only) && !names(Subject::Node).is_empty();
        return command
            .children()
            .filter(|child| !child.hidden && (manages || !child.swarm_only))
            .filter(|child| child.name.starts_with(partial))
            .map(|child| Candidate {
                word: child.name.into(),
                about: child.short.into(),
            })
            .collect();
    }
    subject(group, command, arguments)
        .map(|subject| named(names(subject), partial))
        .unwrap_or_default()
}

fn flag_of(command: &'static Command, word: &str) -> Option<&'static Flag> {
    match word.strip_prefix("--") {
        Some(long) => command.flag(long.split('=').next().unwrap_or(long)),
        // In a bundle only the last letter can take the next word.
        None => word
            .chars()
            .last()
            .and_then(|letter| command.flags().find(|flag| flag.short == Some(letter))),
    }
}

fn flags(command: &'static Command, partial: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = command
        .flags()
        .filter(|flag| !flag.hidden)
        .map(|flag| Candidate {
            word: format!("--{}", flag.name),
            about: flag.usage.lines().next().unwrap_or("").to_owned(),
        })
        .filter(|candidate| candidate.word.starts_with(partial))
        .collect();
    sorted::sort_by(&mut found, |a, b| a.word.cmp(&b.word));
    found
}

fn flag_subject(flag: &Flag) -> Option<Subject> {
    match flag.stands_for.unwrap_or(flag.name) {
        "network" | "config-from" => Some(Subject::Network),
        "link" => Some(Subject::RunningContainer),
        _ => None,
    }
}

/// Reads off the usage line what an argument names.
fn subject(group: &Command, command: &Command, index: usize) -> Option<Subject> {
    let words: Vec<&str> = command
        .usage
        .split_whitespace()
        .filter(|word| *word != "[OPTIONS]")
        .collect();
    let word = match words.get(index) {
        Some(word) => word,
        None => words.last().filter(|word| word.contains("..."))?,
    };
    match word.trim_matches(['[', ']', '.']) {
        "CONTAINER" => Some(match command.name {
            "start" => Subject::StoppedContainer,
            "attach" | "exec" | "kill" | "pause" | "stop" | "top" => Subject::RunningContainer,
            _ => Subject::Container,
        }),
        "NETWORK" if command.name != "create" => Some(Subject::Network),
        "IMAGE" => Some(Subject::Image),
        "SERVICE" | "SERVICE|TASK" if group.name == "service" => Some(Subject::SwarmService),
        "SERVICE" => Some(Subject::Service),
        "NODE" | "self|NODE" => Some(Subject::Node),
        "STACK" => Some(Subject::Stack),
        "SECRET" if command.name != "create" => Some(Subject::Secret),
        "CONFIG" if command.name != "create" => Some(Subject::Config),
        "NAME|ID" => Some(Subject::Anything),
        "COMMAND" if command.name == "exec" => Some(Subject::Program),
        _ => None,
    }
}

fn named(names: Vec<String>, partial: &str) -> Vec<Candidate> {
    let fits = |name: &String| name.starts_with(partial);
    names
        .into_iter()
        .filter(fits)
        .map(|word| Candidate {
            word,
            about: String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(line: &str) -> Vec<String> {
        let mut words: Vec<&str> = line.split(' ').collect();
        let partial = words.pop().unwrap();
        complete(&words, partial, |subject| vec![format!("<{subject:?}>")])
            .into_iter()
            .map(|candidate| candidate.word)
            .collect()
    }

    fn names(line: &str) -> Vec<String> {
        offers(&format!("{line} "))
    }

    #[test]
    fn commands_and_flags_come_from_the_tables() {
        assert_eq!(offers("network dis"), ["disconnect"]);
        assert_eq!(
            offers("network create --ip"),
            [
                "--ip-range",
                "--ipam-driver",
                "--ipam-opt",
                "--ipv4",
                "--ipv6"
            ]
        );
        assert!(offers("re").contains(&"restart".to_owned()));
        assert!(names("nosuch").is_empty());
    }

    #[test]
    fn arguments_are_known_from_the_usage_line() {
        assert_eq!(names("network connect"), ["<Network>"]);
        assert_eq!(names("network connect --alias x mynet"), ["<Container>"]);
        assert_eq!(names("network rm a b"), ["<Network>"]);
        assert_eq!(names("start"), ["<StoppedContainer>"]);
        assert_eq!(names("exec -it"), ["<RunningContainer>"]);
        assert_eq!(names("run -d --network"), ["<Network>"]);
        assert_eq!(names("run -d"), ["<Image>"]);
        assert_eq!(names("inspect"), ["<Anything>"]);
        assert_eq!(names("exec web"), ["<Program>"]);
        assert!(names("exec web ls").is_empty());
        assert!(offers("exec web --").is_empty());
        assert!(names("network create").is_empty());
        assert_eq!(names("service ps"), ["<SwarmService>"]);
        assert_eq!(names("compose logs"), ["<Service>"]);
        assert_eq!(names("node inspect a"), ["<Node>"]);
        assert_eq!(names("stack deploy -c x"), ["<Stack>"]);
        assert_eq!(names("secret rm"), ["<Secret>"]);
        assert!(names("config create").is_empty());
    }
}
