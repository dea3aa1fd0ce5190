//! `docker compose events`.

use sorted::SortedMap;

use compose::plan::labels;
use engine::api::{EventMessage, EventType, EventsOptions};

use super::DRY_RUN;
use super::context::Compose;
use crate::args::{Command, Flag, Parsed, verb};
use crate::format::time;
use crate::session::{Outcome, Session, complaint, refused};
use crate::since;
use crate::template::{Missing, Value, structure};

pub(super) static COMMAND: Command = Command {
    name: "events",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Receive real time events from containers",
    flags: &[&[
        DRY_RUN,
        Flag::bool("json", "Output events as a stream of json objects"),
        Flag::text("since", "Show all events created since timestamp"),
        Flag::text("until", "Stream events until this timestamp"),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let now = compose.session.now();
    let moment = |flag: &str| match parsed.text(flag) {
        "" => Ok(None),
        text => since::instant(text, now).map(Some).map_err(complaint),
    };
    let sent = |flag: &str| since::sent(parsed.text(flag), now).unwrap_or_default();
    let options = EventsOptions {
        since: moment("since")?,
        until: moment("until")?,
        sent: [sent("since"), sent("until")],
        filters: SortedMap::from([(
            "label".to_owned(),
            vec![format!("{}={project}", labels::PROJECT)],
        )]),
    };
    let events = compose.client()?.events(options).await.map_err(refused)?;
    while let Some(event) = events.next().await {
        let attribute = |name: &str| event.actor.attributes.get(name).map(String::as_str);
        let service = attribute(labels::SERVICE).unwrap_or_default().to_owned();
        if event.kind != EventType::Container
            || attribute(labels::ONE_OFF) == Some("True")
            || !(parsed.args.is_empty() || parsed.args.contains(&service))
        {
            continue;
        }
        let line = match parsed.on("json") {
            true => json(&event, &service),
            false => plain(&event),
        };
        compose.session.line(&line);
    }
    // The real program takes the end of the stream for an error.
    Err(complaint("EOF"))
}

fn attributes(event: &EventMessage) -> SortedMap<String, String> {
    let mut all = event.actor.attributes.clone();
    all.retain(|name, _| !name.starts_with("com.docker.compose."));
    all
}

fn moment(event: &EventMessage) -> (i64, u32) {
    let nanos = event.time_nano.rem_euclid(1_000_000_000);
    (
        event.time_nano.div_euclid(1_000_000_000),
        u32::try_from(nanos).unwrap_or(0),
    )
}

fn plain(event: &EventMessage) -> String {
    let (seconds, nanos) = moment(event);
    let clock = time::rfc3339(seconds, nanos).replace('T', " ");
    let pairs: Vec<String> = attributes(event)
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!(
        "{} container {} {} ({})\n",
        clock.get(..26).unwrap_or(&clock),
        event.action,
        event.actor.id,
        pairs.join(", ")
    )
}

fn json(event: &EventMessage, service: &str) -> String {
    let (seconds, nanos) = moment(event);
    let attributes = attributes(event)
        .into_iter()
        .map(|(name, value)| (name, Value::Str(value)))
        .collect();
    structure(
        "map[string]interface {}",
        [
            ("action", Value::str(event.action.as_str())),
            ("attributes", Value::Map(attributes, Missing::Text)),
            ("id", Value::str(event.actor.id.as_str())),
            ("service", Value::str(service)),
            ("time", Value::Str(time::rfc3339(seconds, nanos))),
            ("type", Value::str("container")),
        ],
    )
    .json()
}
