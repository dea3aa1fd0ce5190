//! How results are shown: aligned, expanded, unaligned or as CSV.

/// How results are shown.
pub(super) struct Print {
    pub(super) tuples: bool,
    pub(super) aligned: bool,
    pub(super) expanded: bool,
    pub(super) csv: bool,
    pub(super) separator: String,
    pub(super) null: String,
    pub(super) border: u8,
    pub(super) quiet: bool,
}

impl Print {
    /// Changes a parameter of `\pset`; false if there is none of that name.
    pub(super) fn set(&mut self, name: &str, value: &str) -> bool {
        let on = !matches!(value, "off" | "0" | "false");
        match name {
            "border" => self.border = value.parse().unwrap_or(1),
            "tuples_only" | "t" => self.tuples = on,
            "expanded" | "x" => self.expanded = on,
            "null" => value.trim_matches('\'').clone_into(&mut self.null),
            "fieldsep" => value.clone_into(&mut self.separator),
            "format" => {
                self.aligned = value == "aligned";
                self.csv = value == "csv";
            }
            "pager" | "footer" | "linestyle" | "title" => {}
            _ => return false,
        }
        true
    }
}

/// Puts a title over a table.
pub(super) fn titled(
    title: &str,
    text: String,
    columns: &[(String, bool)],
    rows: &[Vec<String>],
    print: &Print,
) -> String {
    if print.tuples || print.csv {
        return text;
    }
    let width: usize = widths(columns, rows)
        .iter()
        .map(|w| w + 3)
        .sum::<usize>()
        .saturating_sub(1);
    let indent = if print.aligned {
        width.saturating_sub(title.len()) / 2
    } else {
        0
    };
    format!("{}{title}\n{text}", " ".repeat(indent))
}

/// How wide each column is.
fn widths(columns: &[(String, bool)], rows: &[Vec<String>]) -> Vec<usize> {
    let cells = |n: usize| {
        let lines = rows
            .iter()
            .filter_map(move |row| row.get(n))
            .flat_map(|cell| cell.split('\n'));
        lines.map(|line| line.chars().count()).max().unwrap_or(0)
    };
    let wide = |(n, (name, _)): (usize, &(String, bool))| cells(n).max(name.chars().count());
    columns.iter().enumerate().map(wide).collect()
}

/// A value as CSV has it.
fn in_csv(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A result as psql prints it.
pub(super) fn table(columns: &[(String, bool)], rows: &[Vec<String>], print: &Print) -> String {
    let footer = format!(
        "({} row{})\n",
        rows.len(),
        if rows.len() == 1 { "" } else { "s" }
    );
    let names = || columns.iter().map(|(name, _)| name.clone());
    if print.expanded && !print.csv {
        return records(columns, rows, print);
    }
    if print.csv || !print.aligned {
        let line = |cells: Vec<String>| {
            let cells: Vec<String> = if print.csv {
                cells.iter().map(|c| in_csv(c)).collect()
            } else {
                cells
            };
            cells.join(if print.csv { "," } else { &print.separator }) + "\n"
        };
        let head = if print.tuples {
            String::new()
        } else {
            line(names().collect())
        };
        let body: String = rows.iter().map(|row| line(row.clone())).collect();
        let end = if print.tuples || print.csv {
            ""
        } else {
            &footer
        };
        return format!("{head}{body}{end}");
    }
    let widths = widths(columns, rows);
    // What stands left, between and right of cells, and the same in lines.
    let (left, between, right) = match print.border {
        0 => ("", " ", ""),
        1 => (" ", " | ", ""),
        _ => ("| ", " | ", " |"),
    };
    let rule = || {
        let dashes: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
        match print.border {
            0 => dashes.join(" ") + "\n",
            1 => format!("-{}-\n", dashes.join("-+-")),
            _ => format!("+-{}-+\n", dashes.join("-+-")),
        }
    };
    let mut out = String::new();
    if print.border > 1 {
        out.push_str(&rule());
    }
    if !print.tuples {
        let heads: Vec<String> = names()
            .zip(&widths)
            .map(|(name, width)| format!("{name:^width$}"))
            .collect();
        let end = if print.border == 1 { " " } else { right };
        out.push_str(&format!("{left}{}{end}\n{}", heads.join(between), rule()));
    }
    for row in rows {
        let cells: Vec<Vec<&str>> = row.iter().map(|cell| cell.split('\n').collect()).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(1);
        for at in 0..height {
            let mut line = left.to_owned();
            for (n, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                let last = n + 1 == columns.len();
                let text = cell.get(at).copied().unwrap_or_default();
                let goes_on = cell.len() > at + 1;
                let number = columns.get(n).is_some_and(|(_, number)| *number);
                if number {
                    line.push_str(&format!("{text:>width$}"));
                } else if last && print.border < 2 && !goes_on {
                    line.push_str(text);
                } else {
                    line.push_str(&format!("{text:<width$}"));
                }
                let gap = if last { right } else { between };
                line.push_str(&if goes_on {
                    gap.replacen(' ', "+", 1)
                } else {
                    gap.to_owned()
                });
                if goes_on && last && gap.is_empty() {
                    line.push('+');
                }
            }
            out.push_str(&format!("{line}\n"));
        }
    }
    if print.border > 1 {
        out.push_str(&rule());
    }
    if !print.tuples {
        out.push_str(&footer);
    }
    out + "\n"
}

/// A result with a line for each value.
fn records(columns: &[(String, bool)], rows: &[Vec<String>], print: &Print) -> String {
    let wide = columns
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let value_width = rows
        .iter()
        .flatten()
        .map(|cell| cell.chars().count())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    if rows.is_empty() {
        return "(0 rows)\n\n".to_owned();
    }
    for (at, row) in rows.iter().enumerate() {
        if !print.aligned {
            out.push_str(if at > 0 { "\n" } else { "" });
        } else if !print.tuples {
            let title = format!("-[ RECORD {} ]", at + 1);
            let lead = wide + 1;
            let rest = value_width + 1;
            // The line goes on as far as names and values do, with a cross where they meet.
            let mut line: Vec<char> = "-".repeat(lead + 1 + rest).chars().collect();
            if let Some(cross) = line.get_mut(lead) {
                *cross = '+';
            }
            let tail: String = line.into_iter().skip(title.len()).collect();
            out.push_str(&format!("{title}{tail}\n"));
        }
        for ((name, _), cell) in columns.iter().zip(row) {
            out.push_str(&if print.aligned {
                format!("{name:<wide$} | {cell}\n")
            } else {
                format!("{name}{}{cell}\n", print.separator)
            });
        }
    }
    if print.aligned { out + "\n" } else { out }
}
