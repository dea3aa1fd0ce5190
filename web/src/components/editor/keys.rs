//! What keys do to a text, as edits that the field carries out itself, so that its own undo knows them.

/// Spaces of one step in.
const STEP: usize = 2;

/// An edit: what is between the two offsets, in bytes, gives way to a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
}

/// Where the line of an offset begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1)
}

/// A line's end.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |end| at + end)
}

/// Tab, or Shift Tab: spaces at the cursor, or all chosen lines one step in or out.
pub(super) fn tab(text: &str, (from, to): (usize, usize), out: bool) -> Edit {
    if from == to && !out {
        let column = from - line_start(text, from);
        return Edit {
            from,
            to,
            text: " ".repeat(STEP - column % STEP),
        };
    }
    let (start, end) = (line_start(text, from), line_end(text, to));
    let lines = text
        .get(start..end)
        .unwrap_or_default()
        .split('\n')
        .map(|line| {
            if !out {
                return if line.is_empty() {
                    String::new()
                } else {
                    format!("{:STEP$}{line}", "")
                };
            }
            let blank = line.bytes().take(STEP).take_while(|b| *b == b' ').count();
            line.get(blank..).unwrap_or_default().to_owned()
        });
    Edit {
        from: start,
        to: end,
        text: lines.collect::<Vec<_>>().join("\n"),
    }
}

/// Enter: a new line that begins where this one does, one step further in after a key without a value.
pub(super) fn enter(text: &str, (from, to): (usize, usize)) -> Edit {
    let line = text.get(line_start(text, from)..from).unwrap_or_default();
    let body = line.trim_start_matches(' ');
    let mut indent = line.len() - body.len();
    if body.trim_end().ends_with(':') && !body.starts_with('#') {
        // What belongs to the key of an item stands further in than the key, not than the dash.
        indent += if body.starts_with("- ") {
            2 * STEP
        } else {
            STEP
        };
    } else if body.starts_with("- ") && body.contains(": ") {
        indent += STEP;
    }
    Edit {
        from,
        to,
        text: format!("\n{:indent$}", ""),
    }
}

/// Returns the offset, in bytes, of a line and a column in characters, both from 0.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 0..line {
        start = (line_end(text, start) + 1).min(text.len());
    }
    let rest = text.get(start..line_end(text, start)).unwrap_or_default();
    start
        + rest
            .char_indices()
            .nth(column)
            .map_or(rest.len(), |(at, _)| at)
}

/// Returns the line and the column, in characters, of an offset.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = line_start(text, before.len());
    let column = before.get(start..).unwrap_or_default().chars().count();
    (before.matches('\n').count(), column)
}

/// Returns an offset in bytes from one in the units that the browser counts.
pub(super) fn bytes(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.len_utf16());
    }
    text.len()
}

/// Returns an offset as the browser counts from one in bytes.
pub(super) fn units(text: &str, at: usize) -> u32 {
    let before = text.get(..at).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does an edit at `|`, or between two of them.
    fn after(text: &str, edit: impl Fn(&str, (usize, usize)) -> Edit) -> String {
        let from = text.find('|').unwrap();
        let to = text
            .rfind('|')
            .unwrap()
            .saturating_sub(usize::from(text.matches('|').count() > 1));
        let text = text.replace('|', "");
        let edit = edit(&text, (from, to.max(from)));
        format!("{}{}{}", &text[..edit.from], edit.text, &text[edit.to..])
    }

    #[test]
    fn tab_steps_in_and_out() {
        assert_eq!(after("a:\n|b", |t, at| tab(t, at, false)), "a:\n  b");
        assert_eq!(after("a:\n b|", |t, at| tab(t, at, false)), "a:\n b  ");
        assert_eq!(
            after("a\n|b\n\nc|", |t, at| tab(t, at, false)),
            "a\n  b\n\n  c"
        );
        assert_eq!(after("  a\n    b|", |t, at| tab(t, at, true)), "  a\n  b");
        assert_eq!(after("|  a\n b|", |t, at| tab(t, at, true)), "a\nb");
    }

    #[test]
    fn enter_keeps_the_place() {
        assert_eq!(after("services:|", enter), "services:\n  ");
        assert_eq!(after("  web: x|", enter), "  web: x\n  ");
        assert_eq!(after("  - target: 80|", enter), "  - target: 80\n    ");
        assert_eq!(after("  - ipam:|", enter), "  - ipam:\n      ");
        assert_eq!(after("  # so:|", enter), "  # so:\n  ");
    }

    #[test]
    fn offsets_and_places_agree() {
        let text = "aé𝄞b\n  c\n";
        for (at, _) in text.char_indices() {
            let (line, column) = place(text, at);
            assert_eq!(offset(text, line, column), at);
            assert_eq!(bytes(text, units(text, at)), at);
        }
        assert_eq!(offset(text, 9, 9), text.len());
    }
}
