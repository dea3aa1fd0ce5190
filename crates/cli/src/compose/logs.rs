//! `docker compose logs`.

use compose::plan::Container;
use engine::api::LogsOptions;

use super::DRY_RUN;
use super::attached;
use super::context::{Compose, Scope};
use super::log;
use super::printer::Printer;
use crate::args::{Command, Flag, Parsed, verb};
use crate::session::{Failure, Outcome, Session, complaint, said};
use crate::since;

pub(super) static COMMAND: Command = Command {
    name: "logs",
    usage: "[OPTIONS] [SERVICE...]",
    short: "View output from containers",
    flags: &[&[
        DRY_RUN,
        Flag::bool("follow", "Follow log output").short('f'),
        Flag::int(
            "index",
            "index of the container if service has multiple replicas",
        ),
        Flag::bool("no-color", "Produce monochrome output"),
        Flag::bool("no-log-prefix", "Don't print prefix in logs"),
        Flag::text(
            "since",
            "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)",
        ),
        Flag::text(
            "tail",
            "Number of lines to show from the end of the logs for each container",
        )
        .short('n')
        .default("all"),
        Flag::bool("timestamps", "Show timestamps").short('t'),
        Flag::text(
            "until",
            "Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)",
        ),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&parsed.args).await?;
    let index = parsed.int("index");
    if index > 0 && parsed.args.len() != 1 {
        return Err(complaint("--index requires one service to be selected"));
    }
    let mut containers = compose.containers(&named.name, Scope::ALL)?;
    containers.retain(|c| {
        let in_file = named
            .project
            .as_ref()
            .is_none_or(|p| p.services.contains_key(&c.service));
        let meant = parsed.args.is_empty() || parsed.args.contains(&c.service);
        in_file && meant && (index == 0 || c.number == index)
    });
    if let (true, [service]) = (index > 0 && containers.is_empty(), parsed.args.as_slice()) {
        return Err(complaint(format!(
            "service \"{service}\" is not running container #{index}"
        )));
    }
    sorted::sort_by(&mut containers, |a, b| a.name.cmp(&b.name));
    if containers.is_empty() {
        return Ok(0);
    }
    let options = options(&compose, &parsed)?;
    let printer = Printer::new(
        &compose.session,
        !parsed.on("no-log-prefix"),
        !parsed.on("no-color"),
        compose.globals.text("ansi"),
    )
    .merged();
    if !options.follow {
        for container in &containers {
            print(&compose, &named.name, container, options.clone(), &printer).await?;
        }
        return Ok(0);
    }
    attached::follow_logs(&compose, &named.name, containers, options, &printer).await
}

async fn print(
    compose: &Compose,
    project: &str,
    container: &Container,
    options: LogsOptions,
    printer: &Printer,
) -> Result<(), Failure> {
    let output = match compose
        .client()?
        .container_logs(container.id.as_str(), options)
    {
        Ok(output) => output,
        Err(why) => {
            let name = crate::go::quote(&container.name);
            let text = format!("Can't retrieve logs for {name}: {}", said(&why));
            log::warn(&compose.session, &text);
            return Ok(());
        }
    };
    printer
        .follow(&short_name(project, container), &output)
        .await;
    Ok(())
}

fn options(compose: &Compose, parsed: &Parsed) -> Result<LogsOptions, Failure> {
    let moment = |flag: &str| match parsed.text(flag) {
        "" => Ok(None),
        text => since::instant(text, compose.session.now())
            .map(Some)
            .map_err(|why| complaint(format!("invalid value for \"{flag}\": {why}"))),
    };
    Ok(LogsOptions {
        stdout: true,
        stderr: true,
        follow: parsed.on("follow"),
        timestamps: parsed.on("timestamps"),
        tail: parsed.text("tail").parse().ok(),
        since: moment("since")?,
        until: moment("until")?,
        ..LogsOptions::default()
    })
}

/// Returns a container's name without its project, unless the file gave the name.
pub(super) fn short_name(project: &str, container: &Container) -> String {
    let own = format!("{project}-{}-{}", container.service, container.number);
    let rest = container.name.strip_prefix(project);
    match rest.and_then(|rest| rest.get(1..)) {
        Some(short) if container.name == own => short.to_owned(),
        _ => container.name.clone(),
    }
}
