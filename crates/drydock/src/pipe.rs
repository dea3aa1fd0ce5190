//! `drydock pipe`: one JSON object a line in, one out, all in one lab.

use lab::session::Session;
use lab::view::Export;
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
    export: Option<Export>,
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

/// A lab that answers requests.
pub struct Pipe {
    session: Session,
}

impl Pipe {
    /// A fresh lab.
    /// # Errors
    /// If its engine does not come up; the text says why.
    pub fn new() -> Result<Self, String> {
        Ok(Self { session: fresh()? })
    }

    /// Lets no command take more than so many steps.
    pub const fn limit_steps(&mut self, steps: u64) {
        self.session.limit_steps(steps);
    }

    /// Answers one line with one line (without its line feed); what is wrong with a request is its answer.
    pub fn answer(&mut self, line: &str) -> String {
        let answer = serde_json::from_str(line)
            .map_err(|e| e.to_string())
            .and_then(|request| answer(&mut self.session, request))
            .unwrap_or_else(|error| Answer {
                error: Some(error),
                ..Answer::default()
            });
        // Texts and numbers can always be written.
        serde_json::to_string(&answer).unwrap_or_default()
    }
}

/// Answers standard input until it ends.
pub(crate) fn main() -> Result<bool, String> {
    let mut pipe = Pipe::new()?;
    let mut stdin = std::io::stdin().lock();
    let mut stdout = std::io::stdout();
    let mut line = Vec::new();
    while stdin
        .read_until(b'\n', &mut line)
        .map_err(|e| e.to_string())?
        > 0
    {
        // Bytes that are no text make a request that is no JSON, and its answer says so; whoever asks next is still heard.
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            let answer = pipe.answer(&text);
            writeln!(stdout, "{answer}")
                .and_then(|()| stdout.flush())
                .map_err(|e| e.to_string())?;
        }
        line.clear();
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
        session.write_file(on, &path, request.text.unwrap_or_default())?;
        return Ok(done);
    }
    if let Some(what) = request.export {
        let file = session.export(on, what);
        let file = file.ok_or_else(|| format!("nothing of {on} can be written so"))?;
        return Ok(Answer {
            out: Some(String::from_utf8_lossy(&file.bytes).into_owned()),
            ..Answer::default()
        });
    }
    if let Some(ms) = request.advance_ms {
        session.advance_ms(ms);
        return Ok(done);
    }
    let command = request
        .run
        .ok_or("the request has none of run, file, export, advance_ms, reset")?;
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
