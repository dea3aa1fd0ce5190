//! `docker compose scale`, and `--scale`.

use compose::model::Project;
use compose::plan::{Reach, select};

use super::DRY_RUN;
use super::context::Compose;
use super::converge::Creation;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::go;
use crate::session::{Outcome, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "scale",
    usage: "[SERVICE=REPLICAS...]",
    short: "Scale services ",
    long: "Scale services",
    flags: &[&[
        DRY_RUN,
        Flag::bool("no-deps", "Don't start linked services"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let mut wanted: Vec<(String, i64)> = Vec::new();
    for text in &parsed.args {
        let bad = || complaint(format!("invalid scale specifier: {text}"));
        let (name, number) = text.split_once('=').ok_or_else(bad)?;
        let number = number.parse().map_err(|_invalid| {
            complaint(format!(
                "invalid scale specifier: can't parse replica value as int: {text}"
            ))
        })?;
        wanted.push((name.to_owned(), number));
    }
    let names: Vec<String> = wanted.iter().map(|(name, _)| name.clone()).collect();
    let mut project = compose.scaled_project(&names).await?;
    if parsed.on("no-deps") {
        select(&mut project, &names, Reach::Alone).map_err(complaint)?;
    }
    for (name, number) in wanted {
        set(&mut project, &name, number).map_err(complaint)?;
    }
    let creation = Creation {
        names,
        ..Creation::default()
    };
    compose.bring_about(&project, &creation).await?;
    compose.start_services(&project).await?;
    Ok(0)
}

/// Carries out `--scale SERVICE=NUM`. The error is Compose's sentence.
pub(super) fn apply(project: &mut Project, scales: &[String]) -> Result<(), String> {
    for text in scales {
        let Some((name, number)) = text.split_once('=') else {
            return Err(format!(
                "invalid --scale option {}. Should be SERVICE=NUM",
                go::quote(text)
            ));
        };
        let number: i64 = number.parse().map_err(|_invalid| {
            format!(
                "strconv.Atoi: parsing {}: invalid syntax",
                go::quote(number)
            )
        })?;
        set(project, name, number)?;
    }
    Ok(())
}

fn set(project: &mut Project, name: &str, number: i64) -> Result<(), String> {
    let service = project
        .services
        .get_mut(name)
        .ok_or_else(|| format!("no such service: {name}: not found"))?;
    // The real program ends in a panic here.
    if number < 0 {
        return Err(format!("{name}: a service cannot have {number} containers"));
    }
    service.set_scale(number);
    Ok(())
}
