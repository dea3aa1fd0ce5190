//! `join`: lines of two files that share a field.

use std::cmp::Ordering;

use kernel::sys::Sys;

use super::compare::lines;
use crate::{Flavour, args};

/// A line: the field that is compared, and the others.
struct Line {
    key: String,
    others: Vec<String>,
    whole: Vec<String>,
}

/// The `join` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "1:2:j:t:a:v:e:o:i", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let [left, right] = parsed.operands.as_slice() else {
        let text = match parsed.operands.as_slice() {
            [] => "join: missing operand\n".to_owned(),
            [one] => format!("join: missing operand after {}\n", args::quote(&sys, one)),
            [_, _, extra, ..] => format!("join: extra operand {}\n", args::quote(&sys, extra)),
            _ => String::new(),
        };
        sys.err(&(text + "Try 'join --help' for more information.\n"));
        return 1;
    };
    let number = |letter: char| {
        let text = parsed.value(letter).or_else(|| parsed.value('j'))?;
        text.parse::<usize>().ok()?.checked_sub(1)
    };
    let fields = [number('1').unwrap_or(0), number('2').unwrap_or(0)];
    let separator = parsed.value('t').and_then(|t| t.chars().next());
    let read = |text: &String, field: usize| {
        let whole: Vec<String> = match separator {
            Some(c) => text.split(c).map(str::to_owned).collect(),
            None => text.split_whitespace().map(str::to_owned).collect(),
        };
        let mut key = whole.get(field).cloned().unwrap_or_default();
        if parsed.has('i') {
            key.make_ascii_lowercase();
        }
        let others = whole.iter().enumerate().filter(|(i, _)| *i != field);
        Line {
            key,
            others: others.map(|(_, text)| text.clone()).collect(),
            whole,
        }
    };
    let (Some((a, _)), Some((b, _))) = (
        lines(&sys, "join", left).await,
        lines(&sys, "join", right).await,
    ) else {
        return 1;
    };
    let [a_field, b_field] = fields;
    let a: Vec<Line> = a.iter().map(|line| read(line, a_field)).collect();
    let b: Vec<Line> = b.iter().map(|line| read(line, b_field)).collect();
    let asked = |letter: char, file: &str| {
        let mut given = parsed.options.iter();
        given.any(|(option, value)| *option == letter && value.as_deref() == Some(file))
    };
    let only = parsed.has('v');
    let show = |pair: [Option<&Line>; 2]| {
        let gap = separator.map_or_else(|| " ".to_owned(), String::from);
        let empty = parsed.value('e').unwrap_or_default();
        let words: Vec<String> = match parsed.value('o') {
            Some(list) => list
                .split([',', ' '])
                .map(|spot| field(pair, fields, spot).unwrap_or_else(|| empty.to_owned()))
                .collect(),
            None => {
                let mut lines = pair.iter().flatten().peekable();
                let key = lines.peek().zip(pair.iter().position(Option::is_some));
                let key = key.and_then(|(line, side)| line.whole.get(*fields.get(side)?));
                let key = key.cloned().unwrap_or_default();
                let others = lines.flat_map(|line| line.others.iter().cloned());
                std::iter::once(key).chain(others).collect()
            }
        };
        sys.out(&(words.join(&gap) + "\n"));
    };
    let (mut i, mut j) = (0, 0);
    loop {
        let order = match (a.get(i), b.get(j)) {
            (None, None) => return 0,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => x.key.cmp(&y.key),
        };
        match order {
            Ordering::Less => {
                if asked('a', "1") || asked('v', "1") {
                    show([a.get(i), None]);
                }
                i += 1;
            }
            Ordering::Greater => {
                if asked('a', "2") || asked('v', "2") {
                    show([None, b.get(j)]);
                }
                j += 1;
            }
            Ordering::Equal => {
                let key = a.get(i).map(|line| line.key.clone());
                let run = |lines: &[Line], from: usize| {
                    let same = |line: &&Line| Some(&line.key) == key.as_ref();
                    lines.iter().skip(from).take_while(same).count()
                };
                let (many, others) = (run(&a, i), run(&b, j));
                for left in a.iter().skip(i).take(many).filter(|_| !only) {
                    for right in b.iter().skip(j).take(others) {
                        show([Some(left), Some(right)]);
                    }
                }
                (i, j) = (i + many, j + others);
            }
        }
    }
}

/// What `-o` asks for by `FILE.FIELD`, or by 0 for the field that is shared.
fn field(pair: [Option<&Line>; 2], fields: [usize; 2], spot: &str) -> Option<String> {
    if spot == "0" {
        let both = pair.into_iter().zip(fields);
        let mut there = both.filter_map(|(line, field)| line?.whole.get(field));
        return there.next().cloned();
    }
    let (file, at) = spot.split_once('.')?;
    let line = pair.get(file.parse::<usize>().ok()?.checked_sub(1)?)?;
    let at = at.parse::<usize>().ok()?.checked_sub(1)?;
    (*line)?.whole.get(at).cloned()
}
