//! `drydock play`: runs the commands of transcripts in fresh labs.

use crate::check;
use crate::cores;
use crate::known;
use crate::normalize::Rules;
use crate::transcript::{self, Step, Transcript};
use lab::session::{Outcome, Session};
use std::path::{Path, PathBuf};

/// As the recorder gives each command on the real engine.
const LIMIT_SECONDS: u64 = 90;

/// How long a swarm is left alone at least after a command that changes it, milliseconds: whoever recorded waited for it to
/// come to rest without writing it down.
const SWARM_WAIT_MS: u64 = 3000;
/// How long at most: some never come to rest, and containers get ten seconds to stop.
const LONGEST_SWARM_WAIT_MS: u64 = 15_000;

/// Runs `drydock play` with these arguments; false if a check failed.
#[allow(
    clippy::print_stdout,
    reason = "this is a command: printing is its business"
)]
pub(crate) fn main(args: &[String]) -> Result<bool, String> {
    let mut checking = false;
    let mut rules_file = None;
    let mut files = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--check" => checking = true,
            "--rules" => {
                rules_file = Some(PathBuf::from(args.next().ok_or("--rules needs a file")?));
            }
            flag if flag.starts_with('-') => {
                return Err(format!("drydock play: unknown flag {flag}"));
            }
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() {
        return Err("drydock play: which FILE?".into());
    }
    if checking {
        return check_all(&files, rules_file.as_deref());
    }
    for file in &files {
        let recorded = recording(file)?;
        for line in &recorded.head {
            println!("{line}");
        }
        for step in run(&recorded)? {
            print!("{}", step.render());
        }
    }
    Ok(true)
}

/// Compares runs with recordings, prints what differs and a count.
///
/// A folder stands for all its recordings, among which those of its `known-differences.txt` must differ.
#[allow(
    clippy::print_stdout,
    reason = "this is a command: printing is its business"
)]
fn check_all(paths: &[PathBuf], rules_file: Option<&Path>) -> Result<bool, String> {
    let (mut passed, mut failed, mut known) = (0, 0, 0);
    for path in paths {
        let (files, mut differences) = if path.is_dir() {
            (recordings(path)?, known::read(&path.join(known::FILE))?)
        } else {
            (vec![path.clone()], known::Known::default())
        };
        let folder = if path.is_dir() {
            Some(path.as_path())
        } else {
            path.parent()
        };
        let beside = folder.unwrap_or(path).join("normalize.toml");
        let rules = rules_file.unwrap_or(&beside);
        let rules = Rules::parse(&read(rules)?).map_err(|e| format!("{}: {e}", rules.display()))?;
        for (file, difference) in files
            .iter()
            .zip(cores::side_by_side(&files, |f| compare(f, &rules)))
        {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            match (difference?, differences.remove(name.as_ref())) {
                (None, None) => passed += 1,
                (Some(_), Some(_)) => known += 1,
                (Some(diff), None) => {
                    failed += 1;
                    println!("{diff}");
                }
                (None, Some(_)) => {
                    failed += 1;
                    println!("{name} agrees now: take it off {}", known::FILE);
                }
            }
        }
        for name in differences.into_keys() {
            failed += 1;
            println!("{} names {name}, which is not there", known::FILE);
        }
    }
    if known > 0 {
        println!("{known} differ as {} says", known::FILE);
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Runs a recording and says what differs.
fn compare(file: &Path, rules: &Rules) -> Result<Option<String>, String> {
    let recorded = recording(file)?;
    let steps = run(&recorded)?;
    Ok(check::difference(
        rules,
        &file.display().to_string(),
        &recorded,
        &steps,
    ))
}

/// The recordings in a folder, in order.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| {
        file.extension().is_some_and(|e| e == "txt")
            && file.file_name().is_some_and(|name| name != known::FILE)
    });
    files.sort();
    if files.is_empty() {
        Err(format!("{} holds no recording", folder.display()))
    } else {
        Ok(files)
    }
}

fn recording(file: &Path) -> Result<Transcript, String> {
    transcript::parse(&read(file)?).map_err(|e| format!("{}: {e}", file.display()))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))
}

/// Runs a transcript's commands in a fresh lab.
/// # Errors
/// If its head or one of its commands names something that is not there.
pub fn run(recorded: &Transcript) -> Result<Vec<Step>, String> {
    let mut player = Player::new(recorded)?;
    let steps = recorded.steps.iter();
    steps.map(|step| player.step(step)).collect()
}

/// Whether a command leaves a swarm to come to rest after it.
fn changes_swarm(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let object = words.find(|w| *w == "docker").and_then(|_| words.next());
    let objects = ["swarm", "node", "service", "stack"];
    let changes = [
        "init", "join", "leave", "update", "promote", "demote", "rm", "create", "scale",
        "rollback", "deploy",
    ];
    object.is_some_and(|o| objects.contains(&o))
        && words.next().is_some_and(|v| changes.contains(&v))
}

/// Runs a transcript's commands one by one.
pub struct Player {
    /// The lab, to look into and to do more in.
    pub session: Session,
    cwd: String,
    saved: Vec<(String, String)>,
}

impl Player {
    /// A fresh lab with the transcript's files.
    /// # Errors
    /// If the head names something that is not there.
    pub fn new(recorded: &Transcript) -> Result<Self, String> {
        let engines: Vec<&str> = recorded.engines.iter().map(String::as_str).collect();
        let mut session = Session::new(&engines, recorded.daemon.as_deref(), 1)?;
        let cwd = recorded.cwd.as_deref().unwrap_or("/root").to_owned();
        for (path, text) in &recorded.files {
            let path = if path.starts_with('/') {
                path.clone()
            } else {
                format!("{cwd}/{path}")
            };
            session.write_file("hostA", &path, text.clone())?;
        }
        Ok(Self {
            session,
            cwd,
            saved: Vec::new(),
        })
    }

    /// Runs a command as the transcript's own are: in the same directory, with the texts that were saved.
    /// # Errors
    /// If there is no such machine.
    pub fn command(&mut self, machine: &str, command: &str) -> Result<Outcome, String> {
        let mut command = command.to_owned();
        for (name, value) in &self.saved {
            command = command.replace(&format!("<{name}>"), value);
        }
        let dir = if machine == "hostA" {
            &self.cwd
        } else {
            "/root"
        };
        self.session.run(machine, &command, dir, LIMIT_SECONDS)
    }

    fn leave_swarm_alone(&mut self, command: &str) {
        self.session.advance_ms(SWARM_WAIT_MS);
        let mut waited = SWARM_WAIT_MS;
        // Others notice only after a while that somebody left.
        let leaves = command.contains("swarm leave");
        while waited < LONGEST_SWARM_WAIT_MS && (leaves || !self.session.swarms_rest()) {
            self.session.advance_ms(1000);
            waited += 1000;
        }
    }

    /// Runs a step: what came of it.
    /// # Errors
    /// If it names something that is not there.
    pub fn step(&mut self, step: &Step) -> Result<Step, String> {
        let result = self.command(&step.machine, &step.command)?;
        if changes_swarm(&step.command) {
            self.leave_swarm_alone(&step.command);
        }
        for name in step.notes.iter().filter_map(|n| n.strip_prefix("@save ")) {
            self.saved.retain(|(known, _)| known != name.trim());
            self.saved
                .push((name.trim().to_owned(), result.output.trim().to_owned()));
        }
        let text = result.output.strip_suffix('\n').unwrap_or(&result.output);
        let output = if result.output.is_empty() {
            Vec::new()
        } else {
            text.split('\n').map(str::to_owned).collect()
        };
        Ok(Step {
            output,
            exit: Some(result.exit),
            ..step.clone()
        })
    }
}
