//! `diff`, `cmp` and `comm`, and the small ones that go through lines: `nl`, `fold`.

use std::cmp::Ordering;

use kernel::sys::Sys;

use crate::args::{self, Parsed};
use crate::io;
use crate::{Flavour, args::refuse};

/// The most lines that two files may differ in, multiplied: what the table of common lines holds.
const MOST_CELLS: usize = 4 << 20;

/// Reads a file as lines; `None`, and said so, if it cannot be read. The flag says whether the last line ended.
pub(super) async fn lines(sys: &Sys, program: &str, path: &str) -> Option<(Vec<String>, bool)> {
    if sys.is_dir(path) {
        sys.err(&format!("{program}: {path}: Is a directory\n"));
        return None;
    }
    let mut input = io::open(sys, program, path, Flavour::Gnu)?;
    let mut out = Vec::new();
    let mut ended = true;
    while let Some(line) = input.line().await {
        ended = line.ended;
        out.push(line.text);
    }
    input.close();
    Some((out, ended))
}

/// A run of lines that differ: where it begins and how long it is, on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hunk {
    left: usize,
    left_len: usize,
    right: usize,
    right_len: usize,
}

/// The runs that differ, by the longest common subsequence; `None` if the files are too different to say.
fn hunks<T: PartialEq>(left: &[T], right: &[T]) -> Option<Vec<Hunk>> {
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let rest = (left.len() - same, right.len() - same);
    let tail = left.iter().rev().zip(right.iter().rev());
    let tail = tail
        .take(rest.0.min(rest.1))
        .take_while(|(a, b)| a == b)
        .count();
    let (rows, columns) = (rest.0 - tail, rest.1 - tail);
    let width = columns + 1;
    if (rows + 1).saturating_mul(width) > MOST_CELLS {
        return None;
    }
    let equal = |row: usize, column: usize| left.get(same + row) == right.get(same + column);
    let mut table = vec![0_u32; (rows + 1) * width];
    let at = |table: &[u32], row: usize, column: usize| {
        table.get(row * width + column).copied().unwrap_or(0)
    };
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let value = if equal(row, column) {
                at(&table, row + 1, column + 1) + 1
            } else {
                at(&table, row + 1, column).max(at(&table, row, column + 1))
            };
            if let Some(cell) = table.get_mut(row * width + column) {
                *cell = value;
            }
        }
    }
    let mut out = Vec::new();
    let (mut row, mut column) = (0, 0);
    while row < rows || column < columns {
        if row < rows && column < columns && equal(row, column) {
            row += 1;
            column += 1;
            continue;
        }
        let start = (row, column);
        while (row < rows || column < columns)
            && !(row < rows && column < columns && equal(row, column))
        {
            let down = at(&table, row + 1, column);
            if column >= columns || (row < rows && down >= at(&table, row, column + 1)) {
                row += 1;
            } else {
                column += 1;
            }
        }
        out.push(Hunk {
            left: same + start.0,
            left_len: row - start.0,
            right: same + start.1,
            right_len: column - start.1,
        });
    }
    Some(out)
}

/// A range of lines as `diff` without `-u` names it.
fn range(from: usize, len: usize) -> String {
    match len {
        0 => from.to_string(),
        1 => (from + 1).to_string(),
        _ => format!("{},{}", from + 1, from + len),
    }
}

/// The same as `-u` names it.
fn unified_range(from: usize, len: usize) -> String {
    match len {
        0 => format!("{from},0"),
        1 => (from + 1).to_string(),
        _ => format!("{},{len}", from + 1),
    }
}

/// The `diff` program: plain, `-u`, `-q`, `-i`, `-w`, `-b`, `-B`, `-s`.
pub async fn diff(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "uU:qiwbBsaNrL:",
        &[
            ("unified", 'u'),
            ("brief", 'q'),
            ("ignore-case", 'i'),
            ("ignore-all-space", 'w'),
            ("ignore-space-change", 'b'),
            ("report-identical-files", 's'),
            ("label", 'L'),
            ("text", 'a'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            refuse(&sys, &args, wrong);
            return 2;
        }
    };
    let [left, right] = parsed.operands.as_slice() else {
        let text = match parsed.operands.as_slice() {
            [] => "diff: missing operand after 'diff'\n".to_owned(),
            [one] => format!("diff: missing operand after '{one}'\n"),
            [_, _, extra, ..] => format!("diff: extra operand '{extra}'\n"),
            _ => String::new(),
        };
        sys.err(&(text + "diff: Try 'diff --help' for more information.\n"));
        return 2;
    };
    if parsed.has('r') || sys.is_dir(left) || sys.is_dir(right) {
        return crate::not_modelled(&sys, "diff", "comparing directories");
    }
    let missing: Vec<&String> = [left, right]
        .into_iter()
        .filter(|path| *path != "-" && !path.starts_with("/dev/") && !sys.exists(path))
        .collect();
    if !missing.is_empty() {
        for path in missing {
            sys.err(&format!("diff: {path}: No such file or directory\n"));
        }
        return 2;
    }
    let (Some(a), Some(b)) = (
        lines(&sys, "diff", left).await,
        lines(&sys, "diff", right).await,
    ) else {
        return 2;
    };
    let mark = |(lines, ended): &(Vec<String>, bool)| -> Vec<(String, bool)> {
        let last = lines.len().saturating_sub(1);
        let each = lines.iter().enumerate();
        each.map(|(index, line)| (alike(line, &parsed), *ended || index < last))
            .collect()
    };
    let Some(found) = hunks(&mark(&a), &mark(&b)) else {
        return crate::not_modelled(&sys, "diff", "files with so many differences");
    };
    if found.is_empty() {
        if parsed.has('s') {
            sys.out(&format!("Files {left} and {right} are identical\n"));
        }
        return 0;
    }
    if parsed.has('q') {
        sys.out(&format!("Files {left} and {right} differ\n"));
        return 1;
    }
    let context = match parsed.value('U') {
        Some(count) => count.parse().ok(),
        None => parsed.has('u').then_some(3),
    };
    let text = match context {
        Some(context) => {
            let mut labels = parsed.values('L');
            let mut head = |path: &String| match labels.next() {
                Some(label) => label.to_owned(),
                None => format!("{path}\t{}", stamp(&sys, path)),
            };
            let head = format!("--- {}\n+++ {}\n", head(left), head(right));
            head + &unified(&a, &b, &found, context)
        }
        None => plain(&a, &b, &found),
    };
    sys.out(&text);
    1
}

/// The line as it is compared.
fn alike(line: &str, parsed: &Parsed) -> String {
    let mut line = line.to_owned();
    if parsed.has('i') {
        line = line.to_lowercase();
    }
    if parsed.has('w') {
        line.retain(|c| !c.is_whitespace());
    } else if parsed.has('b') {
        let words: Vec<&str> = line.split_whitespace().collect();
        let lead = if line.starts_with(char::is_whitespace) {
            " "
        } else {
            ""
        };
        line = format!("{lead}{}", words.join(" "));
    }
    line
}

/// When a file was changed, as `diff -u` tells it.
fn stamp(sys: &Sys, path: &str) -> String {
    let (seconds, nanos) = match sys.stat(path, true) {
        Ok(found) => {
            let at = found.modified.as_nanos();
            let epoch = sys.kernel(|k| k.epoch);
            let nanos = u32::try_from(at % 1_000_000_000).unwrap_or(0);
            (epoch + at / 1_000_000_000, nanos)
        }
        Err(_) => sys.wall_clock(),
    };
    let seconds = i64::try_from(seconds).unwrap_or(0);
    crate::system::date::format("%F %T.%N %z", seconds, nanos)
}

const NO_NEWLINE: &str = "\\ No newline at end of file\n";

fn side(sign: &str, (lines, ended): &(Vec<String>, bool), from: usize, len: usize) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate().skip(from).take(len) {
        out.push_str(&format!("{sign}{line}\n"));
        if !ended && index + 1 == lines.len() {
            out.push_str(NO_NEWLINE);
        }
    }
    out
}

fn plain(a: &(Vec<String>, bool), b: &(Vec<String>, bool), found: &[Hunk]) -> String {
    let mut out = String::new();
    for hunk in found {
        let kind = match (hunk.left_len, hunk.right_len) {
            (0, _) => 'a',
            (_, 0) => 'd',
            _ => 'c',
        };
        let (from, to) = (
            range(hunk.left, hunk.left_len),
            range(hunk.right, hunk.right_len),
        );
        out.push_str(&format!("{from}{kind}{to}\n"));
        out.push_str(&side("< ", a, hunk.left, hunk.left_len));
        if kind == 'c' {
            out.push_str("---\n");
        }
        out.push_str(&side("> ", b, hunk.right, hunk.right_len));
    }
    out
}

fn unified(
    a: &(Vec<String>, bool),
    b: &(Vec<String>, bool),
    found: &[Hunk],
    context: usize,
) -> String {
    let mut out = String::new();
    let mut rest = found;
    while let Some(first) = rest.first() {
        // Hunks whose context touches are shown as one.
        let joined = rest.windows(2).take_while(|pair| match pair {
            [one, two] => two.left - (one.left + one.left_len) <= 2 * context,
            _ => false,
        });
        let count = joined.count() + 1;
        let (group, after) = rest.split_at(count.min(rest.len()));
        rest = after;
        let last = group.last().unwrap_or(first);
        let before = first.left.min(context);
        let (left, right) = (first.left - before, first.right - before);
        let behind = (a.0.len() - last.left - last.left_len).min(context);
        let left_len = last.left + last.left_len + behind - left;
        let right_len = last.right + last.right_len + behind - right;
        out.push_str(&format!(
            "@@ -{} +{} @@\n",
            unified_range(left, left_len),
            unified_range(right, right_len)
        ));
        let mut at = left;
        for hunk in group {
            out.push_str(&side(" ", a, at, hunk.left - at));
            out.push_str(&side("-", a, hunk.left, hunk.left_len));
            out.push_str(&side("+", b, hunk.right, hunk.right_len));
            at = hunk.left + hunk.left_len;
        }
        out.push_str(&side(" ", a, at, behind));
    }
    out
}

/// The `cmp` program.
pub async fn cmp(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "s", &[("silent", 's'), ("quiet", 's')]) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            refuse(&sys, &args, wrong);
            return 2;
        }
    };
    let [left, right] = parsed.operands.as_slice() else {
        sys.err("cmp: missing operand after 'cmp'\ncmp: Try 'cmp --help' for more information.\n");
        return 2;
    };
    let mut data = Vec::new();
    for path in [left, right] {
        let Some(mut input) = io::open(&sys, "cmp", path, Flavour::Gnu) else {
            return 2;
        };
        data.push(input.rest().await);
        input.close();
    }
    let [a, b] = data.as_slice() else { return 2 };
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    if same == a.len() && same == b.len() {
        return 0;
    }
    if !parsed.has('s') {
        let shared = a.get(..same).unwrap_or_default();
        let line = shared.iter().filter(|byte| **byte == b'\n').count() + 1;
        if same == a.len() || same == b.len() {
            let (short, shown) = if same == a.len() {
                (left, a)
            } else {
                (right, b)
            };
            let place = if shown.is_empty() {
                "which is empty".to_owned()
            } else if shown.last() == Some(&b'\n') {
                format!("after byte {same}, line {}", line - 1)
            } else {
                format!("after byte {same}, in line {line}")
            };
            sys.err(&format!("cmp: EOF on {short} {place}\n"));
        } else {
            let byte = same + 1;
            sys.out(&format!(
                "{left} {right} differ: byte {byte}, line {line}\n"
            ));
        }
    }
    1
}

/// The `comm` program.
pub async fn comm(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "123", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse(&sys, &args, wrong),
    };
    let [left, right] = parsed.operands.as_slice() else {
        let text = match parsed.operands.as_slice() {
            [] => "comm: missing operand\n".to_owned(),
            [one] => format!("comm: missing operand after {}\n", args::quote(&sys, one)),
            [_, _, extra, ..] => format!("comm: extra operand {}\n", args::quote(&sys, extra)),
            _ => String::new(),
        };
        sys.err(&(text + "Try 'comm --help' for more information.\n"));
        return 1;
    };
    let (Some((a, _)), Some((b, _))) = (
        lines(&sys, "comm", left).await,
        lines(&sys, "comm", right).await,
    ) else {
        return 1;
    };
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let tabs = |columns: &str| "\t".repeat(columns.chars().filter(|c| !parsed.has(*c)).count());
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return 0,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => x.cmp(y),
        };
        let (column, before, line) = match order {
            Ordering::Less => ('1', "", a.next()),
            Ordering::Greater => ('2', "1", b.next()),
            Ordering::Equal => {
                b.next();
                ('3', "12", a.next())
            }
        };
        if !parsed.has(column)
            && let Some(line) = line
        {
            sys.out(&format!("{}{line}\n", tabs(before)));
        }
    }
}

/// The `nl` program.
pub async fn nl(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "b:w:s:v:", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse(&sys, &args, wrong),
    };
    let width: usize = parsed
        .value('w')
        .and_then(|text| text.parse().ok())
        .unwrap_or(6)
        .min(64);
    let separator = parsed.value('s').unwrap_or("\t");
    let mut number: i64 = parsed
        .value('v')
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let (lines, fine) = io::all_lines(&sys, "nl", &parsed.operands, flavour).await;
    for line in lines {
        if line.is_empty() && parsed.value('b') != Some("a") || parsed.value('b') == Some("n") {
            sys.out(&format!("{:1$}\n", "", width + separator.chars().count()));
            continue;
        }
        sys.out(&format!("{number:>width$}{separator}{line}\n"));
        number += 1;
    }
    i32::from(!fine)
}

/// The `fold` program.
pub async fn fold(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "w:sbc", &[("width", 'w'), ("spaces", 's')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse(&sys, &args, wrong),
    };
    let width: usize = parsed
        .value('w')
        .and_then(|text| text.parse().ok())
        .unwrap_or(80)
        .max(1);
    let (lines, fine) = io::all_lines(&sys, "fold", &parsed.operands, flavour).await;
    for line in lines {
        let chars: Vec<char> = line.chars().collect();
        let mut rest = chars.as_slice();
        while rest.len() > width {
            let head = rest.get(..width).unwrap_or_default();
            let blank = head
                .iter()
                .rposition(|c| *c == ' ')
                .filter(|_| parsed.has('s'));
            let (head, after) = rest.split_at(blank.map_or(width, |at| at + 1));
            sys.out(&(head.iter().collect::<String>() + "\n"));
            rest = after;
        }
        sys.out(&(rest.iter().collect::<String>() + "\n"));
    }
    i32::from(!fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(a: &str, b: &str) -> String {
        let split = |text: &str| (text.chars().map(String::from).collect::<Vec<_>>(), true);
        let (a, b) = (split(a), split(b));
        plain(&a, &b, &hunks(&a.0, &b.0).unwrap()).replace('\n', " ")
    }

    #[test]
    fn differences_are_additions_deletions_and_changes() {
        assert_eq!(both("abc", "abc"), "");
        assert_eq!(both("abc", "axc"), "2c2 < b --- > x ");
        assert_eq!(both("abc", "ac"), "2d1 < b ");
        assert_eq!(both("ac", "abxc"), "1a2,3 > b > x ");
        assert_eq!(both("", "a"), "0a1 > a ");
    }

    #[test]
    fn near_differences_share_their_context() {
        let lines = |text: &str| (text.lines().map(str::to_owned).collect::<Vec<_>>(), true);
        let (a, b) = (lines("a\nb\nc\nd"), lines("a\nB\nc\nD"));
        let found = hunks(&a.0, &b.0).unwrap();
        assert_eq!(
            unified(&a, &b, &found, 3),
            "@@ -1,4 +1,4 @@\n a\n-b\n+B\n c\n-d\n+D\n"
        );
    }
}
