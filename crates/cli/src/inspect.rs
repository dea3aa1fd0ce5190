//! Printing whole objects, one after another: what every `inspect` shares. Source: docker/cli `inspect/inspector.go`.

use crate::session::{Failure, Outcome, Session};
use crate::template::{Mode, Template, Value};

/// How objects are printed.
enum Style {
    /// A JSON list with an indentation.
    Pretty,
    /// A JSON list on one line.
    Json,
    /// A template for each.
    Template(Template),
}

/// Looks up each of `names` with `get` and prints what is found as `format` asks; `get` fails with the whole sentence.
pub(crate) async fn objects(
    session: &Session,
    format: &str,
    names: &[String],
    get: impl AsyncFn(&str) -> Result<Value, String>,
) -> Outcome {
    all(session, format, names, get, (false, true)).await
}

/// The same for objects of which docker keeps no raw form.
pub(crate) async fn typed_objects(
    session: &Session,
    format: &str,
    names: &[String],
    get: impl AsyncFn(&str) -> Result<Value, String>,
) -> Outcome {
    all(session, format, names, get, (false, false)).await
}

/// The same for objects that the client itself writes as JSON, with angle brackets and ampersands escaped, and keeps no raw
/// form of.
pub(crate) async fn own_objects(
    session: &Session,
    format: &str,
    names: &[String],
    get: impl AsyncFn(&str) -> Result<Value, String>,
) -> Outcome {
    all(session, format, names, get, (true, false)).await
}

async fn all(
    session: &Session,
    format: &str,
    names: &[String],
    get: impl AsyncFn(&str) -> Result<Value, String>,
    (escape, raw): (bool, bool),
) -> Outcome {
    let style = match format {
        "" => Style::Pretty,
        "json" => Style::Json,
        text => match Template::parse(text) {
            Ok(template) => Style::Template(template),
            Err(why) => {
                return Err(Failure {
                    text: format!("template parsing error: {why}"),
                    code: 64,
                });
            }
        },
    };
    let mut found = Vec::new();
    let mut printed = String::new();
    let mut complaints = Vec::new();
    for name in names {
        match (get(name).await, &style) {
            (Err(why), _) => complaints.push(why),
            (Ok(value), Style::Pretty | Style::Json) => found.push(value),
            (Ok(value), Style::Template(template)) => match execute(template, &value, raw) {
                Ok(text) => {
                    printed.push_str(&text);
                    printed.push('\n');
                }
                Err(why) => complaints.push(format!("template parsing error: {why}")),
            },
        }
    }
    let text = match style {
        Style::Pretty => Value::List(found).json_pretty(escape) + "\n",
        Style::Json => Value::List(found).json() + "\n",
        Style::Template(_) if printed.is_empty() => "\n".into(),
        Style::Template(_) => printed,
    };
    session.sys.out(&text);
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(Failure {
            text: complaints.join("\n"),
            code: 1,
        }),
    }
}

/// Tries the typed form, then the raw one if there is one, in which a key that is missing is named.
fn execute(template: &Template, value: &Value, raw: bool) -> Result<String, String> {
    let typed = template.execute(value, Mode::Plain);
    match raw {
        true => typed.or_else(|_| template.execute(&value.raw(), Mode::MissingKeyIsError)),
        false => typed,
    }
}
