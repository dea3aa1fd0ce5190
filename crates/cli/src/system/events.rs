//! `docker system events`.

use engine::api::{EventActor, EventMessage, EventType, EventsOptions};

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::filter;
use crate::flags::FORMAT;
use crate::format::time;
use crate::session::{Failure, Outcome, Session, complaint, refused};
use crate::since;
use crate::template::{Mode, Template, Value, value_of};

pub(crate) static COMMAND: Command = Command {
    name: "events",
    usage: "[OPTIONS]",
    short: "Get real time events from the server",
    known_as: "docker system events, docker events",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT),
        Flag::text("since", "Show all events created since timestamp"),
        Flag::text("until", "Stream events until this timestamp"),
    ]],
    args: ArgRule::None,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let template = match parsed.text("format") {
        "" => None,
        "json" => Some(Template::parse("{{json .}}")),
        text => Some(Template::parse(text)),
    };
    let bad_format = |why: String| Failure {
        text: format!("Error parsing format: {why}"),
        code: 64,
    };
    let template = template.transpose().map_err(bad_format)?;
    // It is tried with an event of which nothing is known, so that what is wrong shows at once.
    if let Some(template) = &template {
        let tried = template.execute(&nothing(), Mode::Plain);
        tried.map_err(bad_format)?;
    }
    let now = session.now();
    let moment = |flag: &str| match parsed.text(flag) {
        "" => Ok(None),
        text => since::instant(text, now).map(Some).map_err(complaint),
    };
    let sent = |flag: &str| since::sent(parsed.text(flag), now).unwrap_or_default();
    let options = EventsOptions {
        since: moment("since")?,
        until: moment("until")?,
        sent: [sent("since"), sent("until")],
        filters: filter::gather(parsed.all("filter")),
    };
    let events = session.client()?.events(options).await.map_err(refused)?;
    while let Some(event) = events.next().await {
        match &template {
            Some(template) => {
                let text = template
                    .execute(&value(&event), Mode::Plain)
                    .map_err(bad_format)?;
                session.line(&text);
            }
            None => session.line(&line(&event)),
        }
    }
    Ok(0)
}

/// Returns an event as Go sees it.
fn value(event: &EventMessage) -> Value {
    value_of(event).named("*events.Message")
}

/// An event of which nothing is known.
fn nothing() -> Value {
    value(&EventMessage {
        status: String::new(),
        id: String::new(),
        from: String::new(),
        kind: EventType::Container,
        action: String::new(),
        actor: EventActor::default(),
        scope: String::new(),
        time: 0,
        time_nano: 0,
    })
}

fn line(event: &EventMessage) -> String {
    let nanos = u32::try_from(event.time_nano.rem_euclid(1_000_000_000)).unwrap_or(0);
    let moment = time::rfc3339(event.time_nano.div_euclid(1_000_000_000), nanos);
    let attributes: Vec<String> = event
        .actor
        .attributes
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let attributes = match attributes.is_empty() {
        true => String::new(),
        false => format!(" ({})", attributes.join(", ")),
    };
    format!(
        "{moment} {} {} {}{attributes}",
        event.kind.as_str(),
        event.action,
        event.actor.id
    )
}
