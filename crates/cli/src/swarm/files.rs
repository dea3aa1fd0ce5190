//! What secrets and configs have in common.

use sorted::SortedMap;

use super::{age_ago, pretty};
use crate::args::Parsed;
use crate::format::list::{Layout, labels, render};
use crate::format::text::natural;
use crate::format::time;
use crate::session::{Outcome, STDIN, Session, complaint};
use crate::template::{Labels, Value};

/// More than any of them may hold.
const MOST: usize = 1 << 20;

/// Reads what one is to hold from a file or, for `-`, from standard input. Errors: docker's sentence.
pub(super) async fn read(session: &Session, source: &str) -> Result<Vec<u8>, String> {
    let (name, data) = match source {
        "-" => (
            "STDIN",
            session.sys.read_all(STDIN, MOST).await.unwrap_or_default(),
        ),
        file => {
            let text = session.sys.read_file(file).map_err(|errno| {
                let why = errno.text().to_ascii_lowercase();
                format!("error reading from {file}: open {file}: {why}")
            })?;
            (file, text.to_vec())
        }
    };
    match data.is_empty() {
        true => Err(format!("error reading from {name}: data is empty")),
        false => Ok(data),
    }
}

/// A moment as `inspect --pretty` tells it.
pub(super) fn moment(rfc3339: &str) -> String {
    pretty(&time::plain(rfc3339))
}

/// One of a list.
pub(super) struct Shown {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Its labels.
    pub(super) labels: SortedMap<String, String>,
    /// Who holds it; `None` where nobody else can.
    pub(super) driver: Option<String>,
    /// When it was made, RFC 3339.
    pub(super) created_at: String,
    /// When it was changed, RFC 3339.
    pub(super) updated_at: String,
}

/// Prints a list.
pub(super) fn list(
    session: &Session,
    parsed: &Parsed,
    layout: &Layout,
    mut all: Vec<Shown>,
) -> Outcome {
    sorted::sort_by(&mut all, |a, b| natural(&a.name, &b.name));
    let row = |one: Shown| {
        let mut columns = vec![
            ("ID", one.id),
            ("Name", one.name),
            ("CreatedAt", age_ago(&one.created_at, session.now())),
            ("UpdatedAt", age_ago(&one.updated_at, session.now())),
            ("Labels", labels(&one.labels)),
        ];
        columns.extend(one.driver.map(|driver| ("Driver", driver)));
        Value::row(layout.row_type, columns, Labels::Values(one.labels))
    };
    let rows: Vec<Value> = all.into_iter().map(row).collect();
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        format => format,
    };
    let text = render(layout, format, &rows).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}
