//! `cut`, `tr`, `fold`, `paste`, `nl`.

use sorted::SortedSet;

use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::shell::glob::is_in_class;
use crate::{Flavour, args, io, usage};

/// Ranges of a list such as `1,3-5,7-`; `None` if it is malformed.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    list.split(',')
        .map(|part| {
            let (from, to) = part.split_once('-').map_or((part, part), |(from, to)| {
                (if from.is_empty() { "1" } else { from }, to)
            });
            let from: usize = from.parse().ok()?;
            let to: usize = if to.is_empty() {
                usize::MAX
            } else {
                to.parse().ok()?
            };
            (from > 0 && from <= to).then_some((from, to))
        })
        .collect()
}

/// The `cut` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("fields", 'f'),
        ("delimiter", 'd'),
        ("characters", 'c'),
        ("bytes", 'b'),
        ("only-delimited", 's'),
        ("complement", 'C'),
        ("output-delimiter", 'O'),
    ];
    let parsed = match args::parse(&args, "f:d:c:b:snCO:", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let Some(kind) = parsed.last_of("fcb") else {
        if flavour == Flavour::Busybox {
            return usage::show(&sys, "cut", None);
        }
        sys.err("cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n");
        return 1;
    };
    let list = parsed.value(kind).unwrap_or_default();
    let Some(ranges) = ranges(list) else {
        let text = if flavour == Flavour::Gnu {
            let zero = list.split([',', '-']).any(|part| part == "0");
            let what = match (zero, kind == 'f') {
                (true, true) => "fields are numbered from 1".to_owned(),
                (true, false) => "byte/character positions are numbered from 1".to_owned(),
                (false, true) => format!("invalid field value {}", args::quote(&sys, list)),
                (false, false) => {
                    format!(
                        "invalid byte/character position {}",
                        args::quote(&sys, list)
                    )
                }
            };
            format!("cut: {what}\nTry 'cut --help' for more information.\n")
        } else {
            format!("cut: invalid range {list}\n")
        };
        sys.err(&text);
        return 1;
    };
    let wanted = |index: usize| {
        ranges
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&(index + 1)))
            != parsed.has('C')
    };
    let delimiter = parsed.value('d').unwrap_or("\t").to_owned();
    if delimiter.chars().count() != 1 {
        let advice = match flavour {
            Flavour::Gnu => "Try 'cut --help' for more information.\n",
            Flavour::Busybox => "",
        };
        sys.err(&format!(
            "cut: the delimiter must be a single character\n{advice}"
        ));
        return 1;
    }
    let joiner = parsed.value('O').unwrap_or(&delimiter).to_owned();
    let (lines, fine) = io::all_lines(&sys, "cut", &parsed.operands, flavour).await;
    for line in lines {
        let out = if kind == 'f' {
            if !line.contains(&delimiter) {
                if parsed.has('s') {
                    continue;
                }
                line
            } else {
                let fields: Vec<&str> = line
                    .split(delimiter.as_str())
                    .enumerate()
                    .filter(|(index, _)| wanted(*index))
                    .map(|(_, field)| field)
                    .collect();
                fields.join(&joiner)
            }
        } else {
            line.chars()
                .enumerate()
                .filter(|(index, _)| wanted(*index))
                .map(|(_, c)| c)
                .collect()
        };
        sys.out(&(out + "\n"));
    }
    i32::from(!fine)
}

/// The characters that a set of `tr` means.
fn set(text: &str) -> Vec<char> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    let single = |at: &mut usize| -> Option<char> {
        let c = *chars.get(*at)?;
        *at += 1;
        if c != '\\' {
            return Some(c);
        }
        let Some(next) = chars.get(*at).copied() else {
            return Some('\\');
        };
        *at += 1;
        Some(match next {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0'..='7' => {
                let mut value = next.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    value = value * 8 + digit;
                    *at += 1;
                }
                char::from_u32(value).unwrap_or('?')
            }
            other => other,
        })
    };
    while at < chars.len() {
        if chars.get(at) == Some(&'[') && chars.get(at + 1) == Some(&':') {
            let rest: String = chars.get(at + 2..).unwrap_or_default().iter().collect();
            if let Some((name, _)) = rest.split_once(":]") {
                out.extend(
                    (0_u8..128)
                        .map(char::from)
                        .filter(|c| is_in_class(name, *c)),
                );
                at += 4 + name.chars().count();
                continue;
            }
        }
        let Some(first) = single(&mut at) else { break };
        if chars.get(at) == Some(&'-') && at + 1 < chars.len() {
            at += 1;
            if let Some(last) = single(&mut at) {
                out.extend(first..=last);
            }
        } else {
            out.push(first);
        }
    }
    out
}

/// The `tr` program.
pub async fn tr(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "+cCdst",
        &[
            ("delete", 'd'),
            ("squeeze-repeats", 's'),
            ("complement", 'c'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let sets: Vec<Vec<char>> = parsed.operands.iter().map(|text| set(text)).collect();
    let needed = if parsed.has('d') && !parsed.has('s') || parsed.has('s') && sets.len() == 1 {
        1
    } else {
        2
    };
    let Some(first) = sets.first().filter(|_| sets.len() >= needed) else {
        if flavour == Flavour::Busybox {
            return usage::show(&sys, "tr", None);
        }
        let text = match parsed.operands.first() {
            Some(only) => format!(
                "tr: missing operand after {}\nTwo strings must be given when translating.\nTry 'tr --help' for more information.\n",
                args::quote(&sys, only)
            ),
            None => "tr: missing operand\nTry 'tr --help' for more information.\n".to_owned(),
        };
        sys.err(&text);
        return 1;
    };
    if flavour == Flavour::Gnu
        && needed == 1
        && parsed.has('d')
        && let Some(more) = parsed.operands.get(1)
    {
        sys.err(&format!(
            "tr: extra operand {}\nOnly one string may be given when deleting without squeezing repeats.\nTry 'tr --help' for more information.\n",
            args::quote(&sys, more)
        ));
        return 1;
    }
    let second = sets.get(1).cloned().unwrap_or_default();
    let members: SortedSet<char> = first.iter().copied().collect();
    let complement = parsed.has('c') || parsed.has('C');
    let in_first = |c: char| members.contains(&c) != complement;
    let squeezed: SortedSet<char> = if second.is_empty() {
        members.clone()
    } else {
        second.iter().copied().collect()
    };
    let squeeze = |c: char| {
        parsed.has('s')
            && if second.is_empty() {
                in_first(c)
            } else {
                squeezed.contains(&c)
            }
    };
    let translate = |c: char| -> Option<char> {
        if !in_first(c) || second.is_empty() {
            return Some(c);
        }
        let position = if complement {
            usize::MAX
        } else {
            first
                .iter()
                .rposition(|own| *own == c)
                .unwrap_or(usize::MAX)
        };
        second.get(position).or(second.last()).copied()
    };
    let mut input = io::Input::new(&sys, Fd::STDIN);
    let mut last = None;
    while let Some(piece) = input.until(b'\n').await {
        let mut out = String::new();
        for c in String::from_utf8_lossy(&piece).chars() {
            let c = if parsed.has('d') {
                if in_first(c) {
                    continue;
                }
                c
            } else {
                translate(c).unwrap_or(c)
            };
            if last == Some(c) && squeeze(c) {
                continue;
            }
            last = Some(c);
            out.push(c);
        }
        sys.out(&out);
    }
    0
}

/// The `paste` program; several files side by side, or with `-s` each on a line.
pub async fn paste(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "sd:", &[("serial", 's'), ("delimiters", 'd')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let joiner = parsed.value('d').unwrap_or("\t").to_owned();
    let files = if parsed.operands.is_empty() {
        vec!["-".to_owned()]
    } else {
        parsed.operands.clone()
    };
    let mut columns = Vec::new();
    let mut status = 0;
    for file in &files {
        let (lines, fine) = io::all_lines(&sys, "paste", std::slice::from_ref(file), flavour).await;
        status |= i32::from(!fine);
        columns.push(lines);
    }
    if parsed.has('s') {
        for lines in columns {
            sys.out(&(lines.join(&joiner) + "\n"));
        }
        return status;
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        let cells: Vec<&str> = columns
            .iter()
            .map(|lines| lines.get(row).map_or("", String::as_str))
            .collect();
        sys.out(&(cells.join(&joiner) + "\n"));
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_sets_read_as_documented() {
        assert_eq!(
            ranges("1,3-5,7-"),
            Some(vec![(1, 1), (3, 5), (7, usize::MAX)])
        );
        assert_eq!(ranges("0"), None);
        assert_eq!(
            set("a-c\\n[:digit:]").iter().collect::<String>(),
            "abc\n0123456789"
        );
    }
}
