//! Requests about what comes in time: output, events, waiting, and commands in containers.
//! Source: moby `api/server/router/container`, `exec.go` and `container_routes.go`.

use super::body::body;
use super::flow::{FRAMED, Flow, Manner, RAW, Taken};
use super::go_types::{EXEC_CREATE, EXEC_START};
use super::query::Query;
use super::request::Request;
use super::{Answer, Outcome, Told, lines, reason};
use crate::api::{ExecCreateRequest, ExecStartRequest, StatsResponse, WaitResponse};
use crate::client::{AttachOptions, Client};
use crate::error::{Error, Result};
use crate::go_json;

const JSON: &str = "application/json";

/// Answers what is among them; `None` is something else.
pub(super) async fn answer(client: &Client, request: &Request) -> Result<Option<Outcome>> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let q = Query(request);
    let answer: Outcome = match (request.method.as_str(), path.as_slice()) {
        ("GET", ["containers", id, "logs"]) => logs(client, request, id)?.into(),
        ("GET", ["containers", id, "stats"]) => stats(client, id, &q)?.into(),
        ("GET", ["events"]) => {
            let events = client.events(q.events()?).await?;
            Answer::flowing(JSON, Flow::Events(events)).into()
        }
        ("POST", ["containers", id, "wait"]) => wait(client, id, &q)?.into(),
        ("POST", ["containers", id, "attach"]) => attach(client, request, id),
        ("GET", ["containers", id, "attach", "ws"]) => {
            client.container_inspect(*id)?;
            Answer {
                kind: "text/plain; charset=utf-8",
                body: b"not websocket protocol".to_vec(),
                ..Answer::empty(400)
            }
            .into()
        }
        ("POST", ["containers", id, "exec"]) => {
            let wanted: ExecCreateRequest = body(request, &EXEC_CREATE)?;
            Answer::json(201, &client.exec_create(*id, wanted)?).into()
        }
        ("GET", ["exec", id, "json"]) => Answer::json(200, &client.exec_inspect(*id)?).into(),
        ("POST", ["exec", id, "start"]) => exec(client, request, id).await?,
        ("POST", ["exec", id, "resize"]) => {
            q.size()?;
            client.exec_inspect(*id)?;
            Answer::empty(201).into()
        }
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

fn logs(client: &Client, request: &Request, id: &str) -> Result<Answer> {
    let options = Query(request).logs()?;
    let frames = client.container_logs(id, options)?;
    let tty = client.container_inspect(id)?.config.tty;
    let kind = match !tty && request.speaks((1, 42)) {
        true => FRAMED,
        false => RAW,
    };
    Ok(Answer::flowing(kind, Flow::Output(frames, Manner::of(tty))))
}

/// Where nothing is streamed, the reading before is the one a second ago; of one alone it is not said whose it is.
/// Source: moby `daemon/stats.go`.
fn stats(client: &Client, id: &str, q: &Query<'_>) -> Result<Answer> {
    let now = client.container_stats(id)?;
    if !q.on_by_default("stream") {
        let told = match q.on("one-shot") {
            true => StatsResponse {
                name: String::new(),
                id: String::new(),
                ..now
            },
            false => StatsResponse {
                preread: now.read.clone(),
                ..now
            },
        };
        return Ok(Answer::json(200, &told));
    }
    let flow = Flow::Stats(Box::new((client.clone(), Some(now))));
    Ok(Answer::flowing(JSON, flow))
}

fn wait(client: &Client, id: &str, q: &Query<'_>) -> Result<Answer> {
    let condition = q.condition()?;
    client.container_inspect(id)?;
    let (client, id) = (client.clone(), id.to_owned());
    let work = async move {
        let ended = client.container_wait(id, condition).await;
        go_json::line(&ended.unwrap_or(WaitResponse { status_code: -1 }))
    };
    Ok(Answer::flowing(JSON, Flow::Later(Some(Box::pin(work)))))
}

/// The connection is the container's from the beginning: faults are told on it, too.
fn attach(client: &Client, request: &Request, id: &str) -> Outcome {
    let taken = |tty, streams| {
        let head = Taken::head(request, tty) + "\r\n";
        Outcome::Taken(Taken {
            head: head.into_bytes(),
            streams,
            manner: Manner::of(tty),
            last: None,
        })
    };
    let q = Query(request);
    let stream = q.on("stream");
    let options = AttachOptions {
        stdin: stream && q.on("stdin"),
        stdout: q.on("stdout"),
        stderr: q.on("stderr"),
        logs: q.on("logs"),
        past_only: !stream,
        console: None,
    };
    let tty = client.container_inspect(id).map(|c| c.config.tty);
    let attached = tty.and_then(|tty| Ok((tty, client.container_attach(id, options)?)));
    match attached {
        Ok((tty, streams)) => taken(tty, Some(streams)),
        Err(error) => refused(&error),
    }
}

/// A refusal on a connection that is no longer one of HTTP.
fn refused(error: &Error) -> Outcome {
    let status = error.class().status();
    let reason = reason(status);
    let head = format!("HTTP/1.1 {status} {reason}\r\nContent-Type: {RAW}\r\n\r\n{error}\r\n");
    Outcome::Taken(Taken {
        head: head.into_bytes(),
        streams: None,
        manner: Manner::Raw,
        last: None,
    })
}

async fn exec(client: &Client, request: &Request, id: &str) -> Result<Outcome> {
    let wanted: ExecStartRequest = body(request, &EXEC_START)?;
    let prepared = client.exec_inspect(id)?;
    let (detach, tty) = (wanted.detach, wanted.tty);
    let options = AttachOptions {
        stdin: prepared.open_stdin && !detach,
        stdout: true,
        stderr: true,
        ..AttachOptions::default()
    };
    let started = client.exec_start(id, wanted, options).await;
    if detach {
        started?;
        return Ok(Answer::empty(200).into());
    }
    let mut told = Told::All.headers();
    sorted::sort_by_key(&mut told, |(name, _)| *name);
    let head = Taken::head(request, tty) + &lines(&told) + "\r\n";
    let (streams, last) = match started {
        Ok(streams) => (Some(streams), None),
        Err(error) => (None, Some(error)),
    };
    Ok(Outcome::Taken(Taken {
        head: head.into_bytes(),
        streams,
        manner: Manner::of(tty),
        last,
    }))
}
