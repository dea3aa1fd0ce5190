//! Compares random sessions in a laboratory of real engines with the simulation.
//!
//! For developers' own machines: the laboratory needs root. Its command records scenario files as transcripts, which
//! `drydock play --check` then compares.

mod dice;
mod generate;
mod shrink;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use generate::{Kind, Step, session};

const USAGE: &str = "\
Usage: differential print [KIND:]SEED             the session of a seed
       differential run [KIND:]SEED[-SEED]...     record sessions in the laboratory and compare
       differential shrink [KIND:]SEED            leave out what a difference does not need

A session's kind is one of containers (if not given), flags, names, rules and wires.

DIFFERENTIAL_LAB is the laboratory's command, such as 'sudo ./lab': it is called with 'record -o FOLDER FILE'.
DIFFERENTIAL_OUT is a folder for what is recorded, target/differential if not given.
DIFFERENTIAL_STEPS is how many commands a session has, 25 if not given.
";

/// Where recordings go and how they are made.
struct Bench {
    lab: Vec<String>,
    out: PathBuf,
    root: PathBuf,
}

#[allow(
    clippy::print_stdout,
    reason = "this is a command: printing is its business"
)]
fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["print", seed] => one(seed).map(|(name, steps)| {
            print!("{}", scenario(&name, &steps));
            true
        }),
        ["run", seeds @ ..] if !seeds.is_empty() => run(seeds),
        ["shrink", seed] => one(seed).and_then(|(name, steps)| {
            let bench = Bench::from_environment()?;
            let steps = shrink::shrink(steps, |steps| {
                Ok(bench.compare(&[("shrunk".to_owned(), steps.to_vec())])? > 0)
            })?;
            println!("{}", scenario(&name, &steps));
            Ok(true)
        }),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{}", why.trim_end());
            ExitCode::from(2)
        }
    }
}

/// Compares the sessions of some seeds; true if all agree.
#[allow(
    clippy::print_stdout,
    reason = "this is a command: printing is its business"
)]
fn run(seeds: &[&str]) -> Result<bool, String> {
    let mut sessions = Vec::new();
    for text in seeds {
        sessions.extend(asked(text)?);
    }
    let differing = Bench::from_environment()?.compare(&sessions)?;
    println!("{} sessions, {differing} differ", sessions.len());
    Ok(differing == 0)
}

/// Makes the sessions of `[KIND:]SEED[-SEED]`, each with its name.
fn asked(text: &str) -> Result<Vec<(String, Vec<Step>)>, String> {
    let (word, seeds) = text.split_once(':').unwrap_or(("containers", text));
    let (_, kind) = *Kind::ALL
        .iter()
        .find(|(known, _)| *known == word)
        .ok_or_else(|| format!("no kind of session: {word}"))?;
    let (first, last) = seeds.split_once('-').unwrap_or((seeds, seeds));
    let made = |seed| (format!("{word}-{seed}"), session(kind, seed, length()));
    Ok((number(first)?..=number(last)?).map(made).collect())
}

fn one(text: &str) -> Result<(String, Vec<Step>), String> {
    let sessions: [_; 1] = asked(text)?
        .try_into()
        .map_err(|_several| format!("not one seed: {text}"))?;
    let [it] = sessions;
    Ok(it)
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_bad| format!("no seed: {text}"))
}

fn length() -> usize {
    let given = std::env::var("DIFFERENTIAL_STEPS").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(25)
}

/// Writes a session in the laboratory's form.
fn scenario(name: &str, steps: &[Step]) -> String {
    let mut text = format!("=== {name}\n# title: {name}\n# covers: a random session\n");
    for step in steps {
        let _ = writeln!(text, "{}$ {}", step.machine, step.command);
        for note in &step.notes {
            let _ = writeln!(text, "{note}");
        }
    }
    text
}

impl Bench {
    fn from_environment() -> Result<Self, String> {
        let lab = std::env::var("DIFFERENTIAL_LAB")
            .map_err(|_unset| format!("DIFFERENTIAL_LAB is not set\n\n{USAGE}"))?;
        let here = std::env::var("CARGO_MANIFEST_DIR")
            .map_err(|_unset| "start it with cargo run -p differential".to_owned())?;
        let root = Path::new(&here).join("../..");
        let out = match std::env::var("DIFFERENTIAL_OUT") {
            Ok(given) => PathBuf::from(given),
            Err(_unset) => root.join("target/differential"),
        };
        let lab = lab.split_whitespace().map(str::to_owned).collect();
        Ok(Self { lab, out, root })
    }

    /// Records sessions and compares; prints what differs and returns how many do.
    fn compare(&self, sessions: &[(String, Vec<Step>)]) -> Result<usize, String> {
        std::fs::create_dir_all(&self.out).map_err(|e| e.to_string())?;
        let file = self.out.join("random.scn");
        let text: String = sessions
            .iter()
            .map(|(name, steps)| scenario(name, steps) + "\n")
            .collect();
        std::fs::write(&file, text).map_err(|e| e.to_string())?;
        let (program, arguments) = self.lab.split_first().ok_or("DIFFERENTIAL_LAB is empty")?;
        let recorded = Command::new(program)
            .args(arguments)
            .args(["record", "-o"])
            .arg(&self.out)
            .arg(&file)
            .status()
            .map_err(|e| format!("{program}: {e}"))?;
        if !recorded.success() {
            return Err(format!("{program}: {recorded}"));
        }
        let mut differing = 0;
        for (name, _) in sessions {
            let same = Command::new("cargo")
                .current_dir(&self.root)
                .args(["run", "-q", "-p", "drydock", "--", "play", "--check"])
                .args(["--rules", "tests/transcripts/normalize.toml"])
                .arg(self.out.join(format!("random-{name}.txt")))
                .status()
                .map_err(|e| format!("cargo: {e}"))?;
            differing += usize::from(!same.success());
        }
        Ok(differing)
    }
}
