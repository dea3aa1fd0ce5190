//! `drydock pipe`: one JSON object a line in, one out, all in one lab.

use lab::session::Session;
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, Write as _};

/// How long a command may run, virtual seconds, unless the request says otherwise.
const LIMIT_SECONDS: u64 = 90;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default)]
    on: Option<String>,
    run: Option<String>,
    file: Option<String>,
    text: Option<String>,
    advance_ms: Option<u64>,
    reset: Option<bool>,
    limit_s: Option<u64>,
}

#[derive(Debug, Default, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    out: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ok: Option<bool>,
}

/// Answers standard input until it ends.
pub(crate) fn main() -> Result<bool, String> {
    let mut session = fresh()?;
    let stdin = std::io::stdin();
    let mut stdout = std::io::stdout();
    for line in stdin.lock().lines() {
        let line = line.map_err(|e| e.to_string())?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = serde_json::from_str(&line)
            .map_err(|e| e.to_string())
            .and_then(|request| answer(&mut session, request))
            .unwrap_or_else(|error| Answer {
                error: Some(error),
                ..Answer::default()
            });
        let text = serde_json::to_string(&answer).map_err(|e| e.to_string())?;
        writeln!(stdout, "{text}")
            .and_then(|()| stdout.flush())
            .map_err(|e| e.to_string())?;
    }
    Ok(true)
}

fn fresh() -> Result<Session, String> {
    Session::new(&["hostA"], None, 1)
}

fn answer(session: &mut Session, request: Request) -> Result<Answer, String> {
    let on = request.on.as_deref().unwrap_or("hostA");
    let done = Answer {
        ok: Some(true),
        ..Answer::default()
    };
    if request.reset == Some(true) {
        *session = fresh()?;
        return Ok(done);
    }
    if let Some(path) = request.file {
        session.write_file(on, &path, request.text.as_deref().unwrap_or_default())?;
        return Ok(done);
    }
    if let Some(ms) = request.advance_ms {
        session.advance_ms(ms);
        return Ok(done);
    }
    let command = request
        .run
        .ok_or("the request has none of run, file, advance_ms, reset")?;
    let result = session.run(
        on,
        &command,
        "/root",
        request.limit_s.unwrap_or(LIMIT_SECONDS),
    )?;
    Ok(Answer {
        out: Some(result.output),
        exit: Some(result.exit),
        ..Answer::default()
    })
}
