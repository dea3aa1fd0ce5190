//! `drydock play`: runs the commands of transcripts in fresh labs.

use crate::check;
use crate::normalize::Rules;
use crate::transcript::{self, Step, Transcript};
use lab::session::Session;
use std::path::{Path, PathBuf};

/// As the recorder gives each command on the real engine.
const LIMIT_SECONDS: u64 = 90;

/// Runs `drydock play` with these arguments; false if a check failed.
#[allow(clippy::print_stdout, reason = "this is a command: printing is its business")]
pub(crate) fn main(args: &[String]) -> Result<bool, String> {
    let mut checking = false;
    let mut rules_file = None;
    let mut files = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--check" => checking = true,
            "--rules" => rules_file = Some(PathBuf::from(args.next().ok_or("--rules needs a file")?)),
            flag if flag.starts_with('-') => return Err(format!("drydock play: unknown flag {flag}")),
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() {
        return Err("drydock play: which FILE?".into());
    }
    let (mut passed, mut failed) = (0, 0);
    for file in &files {
        let text = read(file)?;
        let recorded = transcript::parse(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        let steps = run(&recorded)?;
        if !checking {
            for line in &recorded.head {
                println!("{line}");
            }
            for step in &steps {
                print!("{}", step.render());
            }
            continue;
        }
        let rules = rules_file.clone().unwrap_or_else(|| file.with_file_name("normalize.toml"));
        let rules = Rules::parse(&read(&rules)?).map_err(|e| format!("{}: {e}", rules.display()))?;
        match check::difference(&rules, &file.display().to_string(), &recorded, &steps) {
            None => passed += 1,
            Some(diff) => {
                failed += 1;
                println!("{diff}");
            }
        }
    }
    if checking {
        println!("{passed} passed, {failed} failed");
    }
    Ok(failed == 0)
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))
}

/// Runs a transcript's commands in a fresh lab.
fn run(recorded: &Transcript) -> Result<Vec<Step>, String> {
    let engines: Vec<&str> = recorded.engines.iter().map(String::as_str).collect();
    let mut session = Session::new(&engines, recorded.daemon.as_deref(), 1)?;
    let cwd = recorded.cwd.as_deref().unwrap_or("/root");
    for (path, text) in &recorded.files {
        let path = if path.starts_with('/') { path.clone() } else { format!("{cwd}/{path}") };
        session.write_file("hostA", &path, text)?;
    }
    let mut saved: Vec<(String, String)> = Vec::new();
    let mut steps = Vec::new();
    for step in &recorded.steps {
        let mut command = step.command.clone();
        for (name, value) in &saved {
            command = command.replace(&format!("<{name}>"), value);
        }
        let dir = if step.machine == "hostA" { cwd } else { "/root" };
        let result = session.run(&step.machine, &command, dir, LIMIT_SECONDS)?;
        for name in step.notes.iter().filter_map(|n| n.strip_prefix("@save ")) {
            saved.push((name.trim().to_owned(), result.output.trim().to_owned()));
        }
        let text = result.output.strip_suffix('\n').unwrap_or(&result.output);
        let output = if result.output.is_empty() { Vec::new() } else { text.split('\n').map(str::to_owned).collect() };
        steps.push(Step { output, exit: Some(result.exit), ..step.clone() });
    }
    Ok(steps)
}
