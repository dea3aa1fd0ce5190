//! Lists of objects: `--format`, `--quiet` and tables. Source: docker/cli `formatter/formatter.go`.

use super::table;
use crate::template::{Labels, Mode, Template, Value};

/// What is needed to print a list.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The table that is printed without `--format`.
    pub table: &'static str,
    /// What Go calls the type of a row, for error texts.
    pub row_type: &'static str,
    /// Column names with their headings.
    pub headings: &'static [(&'static str, &'static str)],
}

/// Prints `rows` as `format` asks: empty or `table` is the layout's own table, else `json`, `table TEMPLATE` or a template.
/// The error is the whole sentence.
pub fn render(layout: &Layout, format: &str, rows: &[Value]) -> Result<String, String> {
    let (is_table, body) = match format {
        "" | "table" => (true, layout.table),
        "json" => (false, "{{json .}}"),
        other => match other.strip_prefix("table") {
            Some(body) => (true, body),
            None => (false, other),
        },
    };
    let body = body
        .trim_matches(' ')
        .replace("\\t", "\t")
        .replace("\\n", "\n");
    let fail = |why: String| format!("template parsing error: {why}");
    let template = Template::parse(&body).map_err(fail)?;
    let mut lines = String::new();
    for row in rows {
        lines.push_str(&template.execute(row, Mode::Plain).map_err(fail)?);
        lines.push('\n');
    }
    if !is_table {
        return Ok(lines);
    }
    let columns = layout
        .headings
        .iter()
        .map(|&(name, heading)| (name, heading.to_owned()))
        .collect();
    let header = Value::row(layout.row_type, columns, Labels::Heading);
    // Docker too ignores what goes wrong in the heading.
    let heading = template.execute(&header, Mode::Header).unwrap_or_default();
    Ok(table::align(&format!("{heading}\n{lines}")))
}

/// Returns labels as one column: `a=1,b=2`.
pub fn labels<'a>(labels: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    let parts: Vec<String> = labels
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.join(",")
}
