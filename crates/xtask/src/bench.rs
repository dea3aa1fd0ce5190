//! Benchmarks, native and in the browser, gathered into one table beside what is asked of them.
//!
//! A benchmark is a program that prints lines `bench: NAME: VALUE UNIT`: natively one of the `benches/` of a crate,
//! in the browser `tests/browser/bench.mjs`. Whatever else it prints tells what it is doing.
//! What must be reached stands in `tests/budgets/bench.toml`.

use std::fs;
use std::process::Command;
use std::time::Duration;

use toml::{Table, Value};

use crate::metadata::Metadata;
use crate::page;
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result, say, timed};
use crate::serve;
use crate::setup::{Node, chromium, wasm};

/// How long one benchmark may take once it is built; `tests/browser/bench.mjs` bounds each of its steps besides.
const LIMIT: Duration = Duration::from_secs(360);

/// Where a benchmark runs.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Native,
    Browser,
}

impl Place {
    pub(crate) const ALL: &[Self] = &[Self::Native, Self::Browser];

    fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Browser => "browser",
        }
    }
}

/// One measured value.
#[derive(Debug, PartialEq)]
struct Measure {
    name: String,
    value: f64,
    unit: String,
}

/// Measures in the given places and prints the table; a goal that is not reached is a failure.
pub(crate) fn run(project: &Project, places: &[Place]) -> Result<()> {
    let file = project.root().join("tests/budgets/bench.toml");
    let goals = fs::read_to_string(&file).context(|| format!("read {}", file.display()))?;
    let goals: Table = goals
        .parse()
        .context(|| format!("read {}", file.display()))?;
    let mut rows = Vec::new();
    for place in places {
        let measures = match place {
            Place::Native => native(project)?,
            Place::Browser => browser(project)?,
        };
        rows.extend(measures.iter().map(|measure| row(*place, measure, &goals)));
        rows.extend(unmeasured(*place, &measures, &goals));
    }
    if rows.is_empty() {
        return Err(Failure::new("there is no benchmark to run"));
    }
    print_table(&rows);
    let short = rows
        .iter()
        .filter(|row| row.verdict == Verdict::Short)
        .count();
    if short == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "{short} of {} goals are not reached",
            rows.len()
        )))
    }
}

fn native(project: &Project) -> Result<Vec<Measure>> {
    let mut measures = Vec::new();
    for package in Metadata::read(project)?.own() {
        for bench in &package.benches {
            let arguments = ["bench", "--quiet", "-p", &package.name, "--bench", bench];
            timed(&format!("build {}: {bench}", package.name), || {
                let no_run = [&arguments[..], &["--no-run"]].concat();
                process::run(&mut process::cargo(project, &no_run))
            })?;
            say(format_args!("measuring {}: {bench}", package.name));
            measures.extend(measured(&mut process::cargo(project, &arguments)));
        }
    }
    Ok(measures)
}

fn browser(project: &Project) -> Result<Vec<Measure>> {
    let node = Node::ready(project)?;
    let chromium = chromium()?;
    let dist = page::build(project)?;
    let toolchain = wasm::toolchain(project)?;
    let program = timed("build the simulator alone", || {
        page::compile_wasm(
            project,
            &toolchain,
            "replay",
            page::Part::Library,
            page::Profile::Page,
        )
    })?;
    let folder = project.wasm_target().join("bench");
    page::bind_alone(&program, page::Runtime::Browser, &folder)?;
    let blank = folder.join("index.html");
    fs::write(&blank, "<!doctype html>").context(|| format!("write {}", blank.display()))?;
    let mut command = node.script("bench.mjs");
    command
        .arg(serve::in_background(dist, "")?)
        .arg(serve::in_background(folder, "")?)
        .arg("--chromium")
        .arg(chromium);
    say("measuring in the browser");
    Ok(measured(&mut command))
}

/// What a benchmark measured, as far as it came: what it leaves out is told by its name in the table.
fn measured(command: &mut Command) -> Vec<Measure> {
    let mut measures = Vec::new();
    let ended = process::lines_within(command, LIMIT, |line| {
        println!("{line}");
        measures.extend(measure(line));
    });
    match ended {
        Ok(true) => {}
        Ok(false) => say(format_args!("`{}` failed", process::line(command))),
        Err(failure) => say(failure),
    }
    measures
}

/// Reads `bench: NAME: VALUE UNIT`.
fn measure(line: &str) -> Option<Measure> {
    let (name, measured) = line.strip_prefix("bench: ")?.rsplit_once(": ")?;
    let (value, unit) = measured.split_once(' ')?;
    Some(Measure {
        name: name.to_owned(),
        value: value.parse().ok()?,
        unit: unit.to_owned(),
    })
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Reached,
    Short,
    NoGoal,
}

/// A row for each goal of a place for which there is no measure.
fn unmeasured(place: Place, measures: &[Measure], goals: &Table) -> Vec<Row> {
    let goals = goals.get(place.name()).and_then(Value::as_table);
    let names = goals.into_iter().flat_map(Table::keys);
    names
        .filter(|name| measures.iter().all(|measure| measure.name != **name))
        .map(|name| Row {
            place: place.name(),
            name: name.clone(),
            value: "not measured".to_owned(),
            goal: String::new(),
            verdict: Verdict::Short,
        })
        .collect()
}

struct Row {
    place: &'static str,
    name: String,
    value: String,
    goal: String,
    verdict: Verdict,
}

fn row(place: Place, measure: &Measure, goals: &Table) -> Row {
    let goal = goals
        .get(place.name())
        .and_then(|place| place.get(&measure.name));
    let bound = |key: &str| goal.and_then(|goal| goal.get(key)).and_then(number);
    let (goal, verdict) = match (bound("at_least"), bound("at_most")) {
        (Some(least), _) => (
            format!(">= {}", amount(least, &measure.unit)),
            measure.value >= least,
        ),
        (None, Some(most)) => (
            format!("<= {}", amount(most, &measure.unit)),
            measure.value <= most,
        ),
        (None, None) => (String::new(), true),
    };
    let verdict = match (goal.is_empty(), verdict) {
        (true, _) => Verdict::NoGoal,
        (false, true) => Verdict::Reached,
        (false, false) => Verdict::Short,
    };
    let value = amount(measure.value, &measure.unit);
    Row {
        place: place.name(),
        name: measure.name.clone(),
        value,
        goal,
        verdict,
    }
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_float()
        .or_else(|| value.as_integer()?.to_string().parse().ok())
}

/// A value with three significant digits or none after the point, and its unit.
fn amount(value: f64, unit: &str) -> String {
    let digits = if value >= 100.0 { 0 } else { 2 };
    format!("{value:.digits$} {unit}")
}

fn print_table(rows: &[Row]) {
    let width = |text: fn(&Row) -> &str| {
        rows.iter()
            .map(|row| text(row).chars().count())
            .max()
            .unwrap_or_default()
    };
    let (names, values, goals) = (
        width(|row| &row.name),
        width(|row| &row.value),
        width(|row| &row.goal),
    );
    for row in rows {
        let verdict = match row.verdict {
            Verdict::Reached => "reached",
            Verdict::Short => "SHORT",
            Verdict::NoGoal => "",
        };
        println!(
            "{:<7}  {:<names$}  {:>values$}  {:<goals$}  {verdict}",
            row.place, row.name, row.value, row.goal
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_read_from_their_lines() {
        let expected = Measure {
            name: "full path: trace on".to_owned(),
            value: 1.5e6,
            unit: "frames/s".to_owned(),
        };
        assert_eq!(
            measure("bench: full path: trace on: 1500000 frames/s"),
            Some(expected)
        );
        assert_eq!(measure("warming up: 3 s"), None);
    }

    #[test]
    fn a_goal_is_a_floor_or_a_ceiling() {
        let goals: Table = "native.fast.at_least = 100\nnative.small.at_most = 1.2"
            .parse()
            .unwrap();
        let verdict = |name: &str, value: f64| {
            let measure = Measure {
                name: name.to_owned(),
                value,
                unit: "x".to_owned(),
            };
            row(Place::Native, &measure, &goals).verdict
        };
        assert_eq!(verdict("fast", 100.0), Verdict::Reached);
        assert_eq!(verdict("fast", 99.0), Verdict::Short);
        assert_eq!(verdict("small", 1.3), Verdict::Short);
        assert_eq!(verdict("other", 1.0), Verdict::NoGoal);
        let measures = [measure("bench: fast: 1 x").unwrap()];
        let missing = unmeasured(Place::Native, &measures, &goals);
        assert_eq!(missing.len(), 1);
        assert_eq!(missing[0].name, "small");
        assert_eq!(missing[0].verdict, Verdict::Short);
    }
}
