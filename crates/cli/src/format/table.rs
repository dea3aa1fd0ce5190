//! Columns, as docker's own `text/tabwriter` aligns them: by what characters take on the screen.

use super::text::columns;

/// How wide a column is at least.
const MIN_WIDTH: usize = 10;
/// How many blanks stand after the widest cell.
const PADDING: usize = 3;

/// Aligns lines whose cells end in tabs. Cells after a line's last tab belong to no column.
pub fn align(text: &str) -> String {
    align_with(text, MIN_WIDTH, PADDING)
}

/// Aligns like [`align`], with another least width and padding.
pub fn align_with(text: &str, min_width: usize, padding: usize) -> String {
    let mut lines: Vec<Vec<&str>> = text
        .split('\n')
        .map(|line| line.split('\t').collect())
        .collect();
    let ends_in_newline = text.ends_with('\n');
    if ends_in_newline {
        lines.pop();
    }
    let mut widths: Vec<Vec<usize>> = lines
        .iter()
        .map(|cells| vec![0; cells.len().saturating_sub(1)])
        .collect();
    measure(&lines, &mut widths, 0, lines.len(), 0, (min_width, padding));
    let mut out = String::new();
    for (i, (cells, widths)) in lines.iter().zip(&widths).enumerate() {
        if i > 0 {
            out.push('\n');
        }
        for (j, cell) in cells.iter().enumerate() {
            out.push_str(cell);
            if let Some(width) = widths.get(j) {
                out.push_str(&" ".repeat(width.saturating_sub(columns(cell))));
            }
        }
    }
    if ends_in_newline {
        out.push('\n');
    }
    out
}

/// Finds each run of lines that have a cell in `column`, gives it one width, and goes on inside with the next column.
fn measure(
    lines: &[Vec<&str>],
    widths: &mut [Vec<usize>],
    from: usize,
    to: usize,
    column: usize,
    (min_width, padding): (usize, usize),
) {
    let has_cell = |i: usize| lines.get(i).is_some_and(|cells| cells.len() > column + 1);
    let mut start = from;
    while start < to {
        if !has_cell(start) {
            start += 1;
            continue;
        }
        let end = (start..to).find(|&i| !has_cell(i)).unwrap_or(to);
        let cells = lines
            .get(start..end)
            .unwrap_or(&[])
            .iter()
            .filter_map(|cells| cells.get(column));
        let widest = cells.map(|cell| columns(cell)).max().unwrap_or(0);
        // A column without any text takes no room at all.
        let width = if widest == 0 {
            0
        } else {
            (widest + padding).max(min_width)
        };
        for line in widths.get_mut(start..end).unwrap_or(&mut []) {
            if let Some(slot) = line.get_mut(column) {
                *slot = width;
            }
        }
        measure(lines, widths, start, end, column + 1, (min_width, padding));
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_at_least_ten_wide() {
        let text = "NETWORK ID\tNAME\tDRIVER\tSCOPE\n0123456789ab\tbridge\tbridge\tlocal\n";
        assert_eq!(
            align(text),
            "NETWORK ID     NAME      DRIVER    SCOPE\n0123456789ab   bridge    bridge    local\n"
        );
        assert_eq!(
            align("NETWORK ID\tNAME\tDRIVER\tSCOPE\n"),
            "NETWORK ID   NAME      DRIVER    SCOPE\n"
        );
    }

    #[test]
    fn wide_letters_count_twice() {
        let text = "NAME\tDRIVER\tSCOPE\n前端网络前端\tbridge\tlocal\nweb\tbridge\tlocal\n";
        let aligned = "NAME           DRIVER    SCOPE\n前端网络前端   bridge    local\nweb            bridge    local\n";
        assert_eq!(align(text), aligned);
    }

    #[test]
    fn an_empty_last_column_leaves_the_padding_before_it() {
        assert_eq!(
            align("DOCKER ENDPOINT\tERROR\nunix:///x\t\n"),
            "DOCKER ENDPOINT   ERROR\nunix:///x         \n"
        );
    }
}
