//! Whatever fails on the network in the recordings is explained by the step that decided, and what is offered mends it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

use drydock::play::Player;
use drydock::transcript::{self, Step, Transcript};
use lab::session::Session;
use lab::view::{Explanation, Fix};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is known to be left unexplained.
const GAPS: &str = include_str!("unexplained.txt");

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/transcripts");

/// How many ways out of one kind are tried, each in a lab of its own; `EXPLAINED_ALL=1` tries all, `EXPLAINED_ONLY` names a
/// part of recordings' names, and `EXPLAINED_CENSUS` a file for all that was said.
const TRIED: usize = 3;

/// In how many cases at most another trouble, explained in its turn, may stand behind the one that is mended: a rule that
/// is deleted before a port at which nobody listens, a name that is free for a network with a faulty option, or two faults in
/// one command to see which is told first.
const MOST_BEHIND: usize = 36;

/// What a command says that failed for a reason of the network, by the programs that say it.
const TROUBLE: &str = concat!(
    // Names.
    r"bad address|not known|[Cc]ould not resolve|translate host name|can't find|NXDOMAIN|SERVFAIL|No address associated",
    // Packets and connections.
    r"|[Tt]imed out|timeout expired|TIMEOUT|[Rr]efused|unreachable|No route to host|100% packet loss",
    r"|no servers could be reached|no response|Could not connect|Failed to connect|Received 0 response",
    r"|(?:message|packet) too long|[Oo]peration not permitted|[Pp]ermission denied",
);

/// Programs that may fail without a word.
const QUIET: &str = r"(?:^|[ ;|&(])(?:curl -s|ping -q|nc -z|getent |dig )";

/// What the engine says about networks, names, addresses and ports.
const REFUSED: &str = concat!(
    r"Error response from daemon: (?s:.*)(?:[Nn]etwork|[Ee]ndpoint|[Aa]ddress|[Pp]ort |[Pp]ool|[Ss]ubnet|[Gg]ateway",
    r"|alias|hostname|dns|parent|container name|plugin .* not found|swarm manager|-link|links|busy)",
);

/// What has nothing to do with the network although it sounds like it: flags, texts, files, programs, and swarms.
const OTHER: &str = concat!(
    r"Usage: |--help' for more information\.$|unknown (?:flag|shorthand)|flag needs an argument|template parsing",
    r"|unable to find user|mount |touch: |FATAL:|registry|no such host|does not appear to be|No such object|page not found",
    r"|executable file not found|exec failed|[Ii]nvalid container name|failed to rename|logging driver|volume",
    r"|support signal|container is running|no device matches name|/var/run/postgresql|on socket|binding local|SIOCDARP|can't find device",
);

/// Commands that ask and change nothing, that are a swarm's own affairs, that keep the connection from being made by a flag
/// of their own, that make the trouble themselves, that look for a word in what was got, that wait for others, or that are
/// no address.
const ASKS: &str = concat!(
    r"inspect|docker (?:plugin|swarm|node|service|stack|secret|config) |ip (?:-6 )?route |curl -sf|--resolve|nc -zvn",
    r"|ip netns exec|docker stop [^;]*;|nomaster;|> /etc/resolv.conf;|dig .*\| grep",
    r"|nc -l |/\{a,b'",
);

struct Patterns {
    trouble: Regex,
    quiet: Regex,
    refused: Regex,
    other: Regex,
    asks: Regex,
}

impl Patterns {
    fn new() -> Self {
        let of = |text| Regex::new(text).unwrap();
        Self {
            trouble: of(TROUBLE),
            quiet: of(QUIET),
            refused: of(REFUSED),
            other: of(OTHER),
            asks: of(ASKS),
        }
    }

    /// Whether this is a failure that has to be explained.
    fn is_failure(&self, step: &Step) -> bool {
        if step.exit.is_none_or(|code| code == 0) || self.asks.is_match(&step.command) {
            return false;
        }
        let said = step.output.join("\n");
        let docker = said.contains("Error response from daemon");
        let usage = "Run 'docker run --help' for more information";
        let said = said.replace(usage, "");
        if docker {
            return self.refused.is_match(&said) && !self.other.is_match(&said);
        }
        let silent = said.is_empty() && self.quiet.is_match(&step.command);
        (silent || self.trouble.is_match(&said)) && !self.other.is_match(&said)
    }
}

/// A failure of a recording, what is said about it, and what is wrong with that.
struct Failure {
    step: usize,
    command: String,
    said: String,
    why: Option<Explanation>,
    trouble: Option<String>,
}

/// What each rule and policy of the machines has counted.
fn counted(session: &Session) -> Vec<(String, String)> {
    let machines = ["hostA", "hostB", "laptop", "router"];
    let tables = machines.into_iter().flat_map(|machine| {
        let tables = session.rules(machine).tables.into_iter();
        tables.map(move |t| (machine, t))
    });
    tables
        .flat_map(|(machine, t)| {
            let chains = t.chains.into_iter();
            chains.flat_map(move |c| {
                let family = &t.family;
                let policy = format!("{} table, policy of {}:", t.name, c.name);
                let policy = (format!("{machine} {family} {policy}"), c.note);
                let rules = c.rules.into_iter().map({
                    let (table, chain) = (&t.name, c.name);
                    move |r| {
                        let place = format!("{table} table, chain {chain}, rule {}:", r.number);
                        (format!("{machine} {family} {place}"), r.packets.to_string())
                    }
                });
                rules.chain([policy]).collect::<Vec<_>>()
            })
        })
        .collect()
}

/// Whether the rule that is blamed is one that counted something; rules of containers are not looked at, and those that
/// went away with a container cannot be.
fn counter_moved(
    before: &[(String, String)],
    after: &[(String, String)],
    why: &Explanation,
    gone: bool,
) -> bool {
    let machine = why.sentence.strip_prefix("Dropped in ").unwrap_or_default();
    let machine = machine.split(',').next().unwrap_or_default();
    let mut named = after.iter().filter(|(place, _)| {
        let (owner, rule) = place.split_once(' ').unwrap();
        let (_, rule) = rule.split_once(' ').unwrap();
        owner == machine && why.decided_by.contains(rule)
    });
    let of_machine = after.iter().any(|(place, _)| place.starts_with(machine));
    !of_machine || named.any(|row| !before.contains(row)) || gone
}

/// Plays a recording as far as something fails in it.
fn failures(patterns: &Patterns, recorded: &Transcript) -> Vec<Failure> {
    let fails = |step: &Step| patterns.is_failure(step);
    let Some(last) = recorded.steps.iter().rposition(fails) else {
        return Vec::new();
    };
    let mut player = Player::new(recorded).unwrap();
    player.session.watch();
    let mut found = Vec::new();
    for (at, step) in recorded.steps.iter().enumerate().take(last + 1) {
        let before = fails(step).then(|| counted(&player.session));
        let run = player.step(step).unwrap();
        let Some(before) = before.filter(|_| fails(&run)) else {
            continue;
        };
        let why = player.session.explanation();
        let trouble = match &why {
            None => Some("is not explained".to_owned()),
            Some(why) if why.sentence.is_empty() || why.decided_by.is_empty() => {
                Some("does not say what decided".to_owned())
            }
            Some(why)
                if why.decided_by.contains(" table, ")
                    && !counter_moved(
                        &before,
                        &counted(&player.session),
                        why,
                        step.command.contains("--rm"),
                    ) =>
            {
                Some("names a rule that did not count".to_owned())
            }
            Some(_) => None,
        };
        found.push(Failure {
            step: at,
            command: format!("{}$ {}", run.machine, run.command),
            said: run.output.join("\n"),
            why,
            trouble,
        });
    }
    found
}

/// Whether a way out carries out itself, in another form, what the command wanted.
fn is_instead(fix: &Fix, command: &str) -> bool {
    let verbs = [
        "docker run ",
        "docker create ",
        "docker network create ",
        "docker network connect ",
        "docker network rm ",
    ];
    let same = |verb: &&str| command.contains(*verb) && fix.command.contains(*verb);
    let starts = ["docker run ", "docker start ", "docker restart "];
    let starts = starts.iter().any(|s| command.contains(s));
    let started = ["docker run ", "docker start "];
    // Another container in place of one that cannot be moved.
    let moves = ["docker network connect ", "docker network disconnect "];
    let moved = moves.iter().any(|m| command.contains(m)) && fix.command.contains("docker rm -f ");
    // The same line with one other word.
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (asked, instead) = (words(command), words(&fix.command));
    let others = asked.iter().zip(&instead).filter(|(a, b)| a != b).count();
    let reworded = asked.len() == instead.len() && others == 1;
    verbs.iter().any(same)
        || reworded
        || moved
        || starts && started.iter().any(|s| fix.command.contains(s))
}

/// What became of a way out, when it was taken at the moment when the command had failed.
enum Tried {
    Mended,
    /// What was named is mended, and something else stood behind it, which is explained in its turn.
    Behind,
    Useless(String),
}

fn tried(recorded: &Transcript, at: usize, why: &Explanation, fix: &Fix) -> Tried {
    let mut player = Player::new(recorded).unwrap();
    player.session.watch();
    for step in recorded.steps.iter().take(at + 1) {
        player.step(step).unwrap();
    }
    let step = recorded.steps.get(at).unwrap();
    let done = player.command(&fix.machine, &fix.command).unwrap();
    let other = |player: &Player| {
        let next = player.session.explanation();
        next.is_some_and(|next| {
            (next.sentence, next.detail) != (why.sentence.clone(), why.detail.clone())
        })
    };
    let instead = is_instead(fix, &step.command);
    if done.exit != 0 {
        return match instead && other(&player) {
            true => Tried::Behind,
            false => Tried::Useless(format!("`{}` fails: {}", fix.command, done.output.trim())),
        };
    }
    if instead {
        return Tried::Mended;
    }
    let again = player.command(&step.machine, &step.command).unwrap();
    // 52: connected, and what answers speaks no HTTP.
    if matches!(again.exit, 0 | 52) {
        Tried::Mended
    } else if other(&player) {
        Tried::Behind
    } else {
        let said = again.output.trim();
        Tried::Useless(format!("`{}` does not mend it: {said}", fix.command))
    }
}

/// What a failure and a way out are, without the names in them.
fn kind(why: &Explanation, fix: &Fix) -> String {
    let words = |text: &str, n| {
        let words = text
            .split(' ')
            .filter(|w| !w.contains(['/', '.', ':', '"']));
        words.take(n).collect::<Vec<_>>().join(" ")
    };
    let decided = why.decided_by.split(':').next().unwrap_or_default();
    let chain = why.decided_by.split(", ").nth(1).unwrap_or_default();
    let verb = fix.label.split(' ').next().unwrap_or_default();
    format!(
        "{} | {chain} | {verb} | {}",
        words(decided, 3),
        words(&fix.command, 3)
    )
}

/// Does something with each of many things, on two threads, and keeps the order.
fn each<T: Sync, U: Send>(things: &[T], work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, thing)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    things.get(at).map(|t| (at, t))
                } {
                    let result = work(thing);
                    done.lock().unwrap().insert(at, result);
                }
            });
        }
    });
    done.into_inner().unwrap().into_values().collect()
}

fn recordings() -> Vec<(String, Transcript)> {
    let files = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|e| e.unwrap().path());
    let name = |file: &Path| file.file_name().unwrap().to_string_lossy().into_owned();
    let only = std::env::var("EXPLAINED_ONLY").unwrap_or_default();
    let mut files: Vec<PathBuf> = files
        .filter(|f| name(f).ends_with(".txt") && name(f).starts_with(|c: char| c.is_ascii_digit()))
        .filter(|f| name(f).contains(&only))
        .collect();
    files.sort();
    let read = |f: &PathBuf| transcript::parse(&std::fs::read_to_string(f).unwrap()).unwrap();
    files.iter().map(|f| (name(f), read(f))).collect()
}

#[test]
fn every_network_failure_of_the_recordings_is_explained_and_mended() {
    let patterns = Patterns::new();
    let recordings = recordings();
    let all = std::env::var("EXPLAINED_ALL").is_ok();
    let found = each(&recordings, |(_, recorded)| failures(&patterns, recorded));
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut trials = Vec::new();
    let (mut count, mut wrong) = (0, String::new());
    let lines = GAPS.lines().filter(|line| !line.starts_with('#'));
    let gaps: BTreeSet<&str> = lines.collect();
    // Those that are gaps still.
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for ((name, recorded), failures) in recordings.iter().zip(&found) {
        for failure in failures {
            count += 1;
            let case = format!("{name}: {}", failure.command);
            let gap = gaps.get(case.as_str()).copied();
            match (&failure.trouble, gap) {
                (Some(_), Some(gap)) => drop(open.insert(gap)),
                (Some(trouble), None) => {
                    let said = failure.said.lines().last().unwrap_or_default();
                    let _ = writeln!(wrong, "{case}\n    {said}\n    {trouble}");
                }
                (None, _) => {}
            }
            for (why, fix) in failure
                .why
                .iter()
                .flat_map(|w| w.fixes.iter().map(move |f| (w, f)))
            {
                let times = kinds.entry(kind(why, fix)).or_default();
                *times += 1;
                if all || gap.is_some() || *times <= TRIED {
                    trials.push((name, recorded, failure, fix, gap));
                }
            }
        }
    }
    let results = each(&trials, |(_, recorded, failure, fix, _)| {
        tried(recorded, failure.step, failure.why.as_ref().unwrap(), fix)
    });
    let (mut behind, mut useless) = (Vec::new(), 0);
    for ((name, _, failure, fix, gap), result) in trials.iter().zip(results) {
        let why = failure.why.as_ref().map_or("", |w| w.sentence.as_str());
        let case = format!("{name}: {}\n    {why}", failure.command);
        match result {
            Tried::Mended => {}
            Tried::Behind | Tried::Useless(_) if gap.is_some() => open.extend(*gap),
            Tried::Behind => behind.push(format!("{case}\n    `{}`", fix.command)),
            Tried::Useless(trouble) => {
                useless += 1;
                let _ = writeln!(wrong, "{case}\n    {trouble}");
            }
        }
    }
    if let Ok(census) = std::env::var("EXPLAINED_CENSUS") {
        let mut text = String::new();
        let mut with = 0;
        for ((name, _), failures) in recordings.iter().zip(&found) {
            for f in failures {
                let _ = writeln!(
                    text,
                    "{name}: {}\n  said: {}",
                    f.command,
                    f.said.replace('\n', "\n        ")
                );
                match &f.why {
                    None => text.push_str("  NOT EXPLAINED\n"),
                    Some(w) => {
                        with += 1;
                        let _ = writeln!(
                            text,
                            "  why: {} | {}\n  by: {}",
                            w.sentence, w.detail, w.decided_by
                        );
                        for fix in &w.fixes {
                            let _ = writeln!(
                                text,
                                "  fix: {}: {}$ {}",
                                fix.label, fix.machine, fix.command
                            );
                        }
                    }
                }
            }
        }
        let _ = writeln!(
            text,
            "{count} failures, {with} explained, {} ways tried, {useless} useless, {} behind",
            trials.len(),
            behind.len()
        );
        let _ = writeln!(text, "{kinds:#?}\nBEHIND\n{}", behind.join("\n"));
        std::fs::write(census, text).unwrap();
    }
    let part = std::env::var("EXPLAINED_ONLY").is_ok();
    assert!(part || count > 700, "only {count} failures were found");
    assert!(behind.len() <= MOST_BEHIND, "{}", behind.join("\n"));
    assert!(wrong.is_empty(), "{wrong}");
    let mended: Vec<_> = gaps.difference(&open).collect();
    assert!(part || mended.is_empty(), "no gaps any more: {mended:#?}");
}
