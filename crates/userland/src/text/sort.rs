//! `sort` and `uniq`.

use std::cmp::Ordering;

use kernel::sys::Sys;

use crate::{Flavour, args, io};

/// A key of `-k`: field and character bounds, with its own letters.
#[derive(Debug, Clone, Default)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    letters: String,
}

fn key(text: &str) -> Option<Key> {
    let mut letters = String::new();
    let mut bound = |text: &str| -> Option<(usize, usize)> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        letters.push_str(text.get(digits.len()..)?);
        match digits.split_once('.') {
            Some((field, character)) => Some((field.parse().ok()?, character.parse().ok()?)),
            None => Some((digits.parse().ok()?, 0)),
        }
    };
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (bound(from)?, Some(bound(to)?)),
        None => (bound(text)?, None),
    };
    (from.0 > 0).then_some(Key { from, to, letters })
}

/// Where the fields of a line lie, in characters.
fn fields(line: &[char], separator: Option<char>) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = 0;
    match separator {
        Some(separator) => {
            for (at, c) in line.iter().enumerate() {
                if *c == separator {
                    out.push((start, at));
                    start = at + 1;
                }
            }
        }
        None => {
            // A field takes the blanks before it along.
            let mut seen = false;
            for (at, c) in line.iter().enumerate() {
                if c.is_whitespace() && seen {
                    out.push((start, at));
                    start = at;
                    seen = false;
                } else if !c.is_whitespace() {
                    seen = true;
                }
            }
        }
    }
    out.push((start, line.len()));
    out
}

fn extract(line: &str, key: &Key, separator: Option<char>) -> String {
    let chars: Vec<char> = line.chars().collect();
    let fields = fields(&chars, separator);
    let start = fields
        .get(key.from.0.saturating_sub(1))
        .map_or(chars.len(), |(start, _)| {
            start + key.from.1.saturating_sub(1)
        });
    let end = match key.to {
        None => chars.len(),
        Some((field, character)) => {
            fields
                .get(field.saturating_sub(1))
                .map_or(chars.len(), |(start, end)| {
                    if character == 0 {
                        *end
                    } else {
                        (start + character).min(*end)
                    }
                })
        }
    };
    chars
        .get(start.min(end)..end)
        .unwrap_or_default()
        .iter()
        .collect()
}

fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let length = text
        .char_indices()
        .take_while(|(at, c)| c.is_ascii_digit() || *c == '.' || (*at == 0 && *c == '-'))
        .count();
    text.get(..length)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0.0)
}

fn human(text: &str) -> f64 {
    let unit = text
        .trim()
        .chars()
        .last()
        .map_or(1.0, |c| match c.to_ascii_uppercase() {
            'K' => 1e3,
            'M' => 1e6,
            'G' => 1e9,
            'T' => 1e12,
            _ => 1.0,
        });
    number(text) * unit
}

/// Compares by digits as numbers and the rest as text, as versions and addresses want it.
fn version(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        match (a.chars().next(), b.chars().next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let take = |text: &str| {
                    text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len()
                };
                let (la, lb) = (take(a), take(b));
                let digits = |text: &str, length: usize| {
                    text.get(..length)
                        .unwrap_or_default()
                        .trim_start_matches('0')
                        .to_owned()
                };
                let (da, db) = (digits(a, la), digits(b, lb));
                let order = da.len().cmp(&db.len()).then_with(|| da.cmp(&db));
                if order != Ordering::Equal {
                    return order;
                }
                a = a.get(la..).unwrap_or_default();
                b = b.get(lb..).unwrap_or_default();
            }
            (Some(x), Some(y)) if x == y => {
                a = a.get(x.len_utf8()..).unwrap_or_default();
                b = b.get(y.len_utf8()..).unwrap_or_default();
            }
            (Some(x), Some(y)) => return x.cmp(&y),
        }
    }
}

fn compare(a: &str, b: &str, letters: &str) -> Ordering {
    let has = |letter: char| letters.contains(letter);
    let (a, b) = if has('b') {
        (a.trim_start(), b.trim_start())
    } else {
        (a, b)
    };
    let order = if has('n') || has('g') {
        number(a).total_cmp(&number(b))
    } else if has('h') {
        human(a).total_cmp(&human(b))
    } else if has('V') {
        version(a, b)
    } else if has('f') {
        a.to_ascii_uppercase().cmp(&b.to_ascii_uppercase())
    } else {
        a.cmp(b)
    };
    if has('r') { order.reverse() } else { order }
}

/// The `sort` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("numeric-sort", 'n'),
        ("reverse", 'r'),
        ("unique", 'u'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("version-sort", 'V'),
        ("human-numeric-sort", 'h'),
        ("ignore-case", 'f'),
        ("output", 'o'),
        ("check", 'c'),
        ("stable", 's'),
    ];
    let parsed = match args::parse(&args, "nruk:t:Vhfbgo:csd", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut keys = Vec::new();
    for text in parsed.values('k') {
        match key(text) {
            Some(key) => keys.push(key),
            None => {
                let what = match text.starts_with('0') {
                    true => "field number is zero: invalid field specification",
                    false => "invalid number at field start: invalid count at start of",
                };
                let text = crate::args::quote(&sys, text);
                sys.err(&format!("sort: {what} {text}\n"));
                return 2;
            }
        }
    }
    let separator = parsed.value('t').and_then(|text| {
        if text == "\\t" {
            Some('\t')
        } else {
            text.chars().next()
        }
    });
    let global: String = "nrhVfbg"
        .chars()
        .filter(|letter| parsed.has(*letter))
        .collect();
    let mut lines = Vec::new();
    let files = if parsed.operands.is_empty() {
        vec!["-".to_owned()]
    } else {
        parsed.operands.clone()
    };
    for file in &files {
        let opened = io::Input::open(&sys, file);
        let mut input = match opened {
            Ok(input) => input,
            Err(error) => {
                let text = if flavour == Flavour::Gnu {
                    format!("sort: cannot read: {file}: {error}\n")
                } else {
                    format!("sort: {file}: {error}\n")
                };
                sys.err(&text);
                return 2;
            }
        };
        while let Some(line) = input.line().await {
            lines.push(line.text);
        }
        input.close();
    }
    let by_keys = |a: &String, b: &String| {
        if keys.is_empty() {
            return compare(a, b, &global);
        }
        for key in &keys {
            let letters = if key.letters.is_empty() {
                &global
            } else {
                &key.letters
            };
            let order = compare(
                &extract(a, key, separator),
                &extract(b, key, separator),
                letters,
            );
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    };
    if parsed.has('c') {
        for (index, pair) in lines.windows(2).enumerate() {
            if let [a, b] = pair
                && by_keys(a, b) == Ordering::Greater
            {
                sys.err(&format!(
                    "sort: {}:{}: disorder: {b}\n",
                    files.first().map_or("-", String::as_str),
                    index + 2
                ));
                return 1;
            }
        }
        return 0;
    }
    // Lines with equal keys are put in order as a whole, as the last resort.
    let last_resort = !parsed.has('s') && !parsed.has('u');
    sorted::sort_by(&mut lines, |a, b| {
        by_keys(a, b).then_with(|| match (last_resort, global.contains('r')) {
            (false, _) => Ordering::Equal,
            (true, false) => a.cmp(b),
            (true, true) => b.cmp(a),
        })
    });
    if parsed.has('u') {
        lines.dedup_by(|b, a| by_keys(a, b) == Ordering::Equal);
    }
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    match parsed.value('o') {
        Some(path) => match sys.write_file(path, text.as_bytes()) {
            Ok(()) => 0,
            Err(error) => {
                sys.err(&format!("sort: open failed: {path}: {error}\n"));
                2
            }
        },
        None => {
            sys.out(&text);
            0
        }
    }
}

/// The texts of a file that NULs end.
async fn between_nuls(sys: &Sys, file: &str, flavour: Flavour) -> (Vec<String>, bool) {
    let Some(mut input) = io::open(sys, "uniq", file, flavour) else {
        return (Vec::new(), false);
    };
    let mut texts = Vec::new();
    while let Some(mut piece) = input.until(0).await {
        if piece.last() == Some(&0) {
            piece.pop();
        }
        texts.push(String::from_utf8_lossy(&piece).into_owned());
    }
    input.close();
    (texts, true)
}

/// The `uniq` program.
pub async fn uniq(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "cduif:s:w:z",
        &[
            ("count", 'c'),
            ("repeated", 'd'),
            ("unique", 'u'),
            ("ignore-case", 'i'),
            ("skip-fields", 'f'),
            ("zero-terminated", 'z'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let option = |option: char| {
        parsed
            .value(option)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let compared = |line: &str| -> String {
        let mut text = line;
        for _ in 0..option('f').unwrap_or(0) {
            text = text.trim_start();
            text = text.trim_start_matches(|c: char| !c.is_whitespace());
        }
        let text: String = text
            .chars()
            .skip(option('s').unwrap_or(0))
            .take(option('w').unwrap_or(usize::MAX))
            .collect();
        if parsed.has('i') {
            text.to_ascii_lowercase()
        } else {
            text
        }
    };
    let input: Vec<String> = parsed.operands.iter().take(1).cloned().collect();
    let (lines, fine) = match (parsed.has('z'), input.first()) {
        (false, _) => io::all_lines(&sys, "uniq", &input, flavour).await,
        (true, file) => between_nuls(&sys, file.map_or("-", String::as_str), flavour).await,
    };
    let end = if parsed.has('z') { '\0' } else { '\n' };
    let mut runs: Vec<(String, usize)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some((first, count)) if compared(first) == compared(&line) => *count += 1,
            _ => runs.push((line, 1)),
        }
    }
    for (line, count) in runs {
        if (parsed.has('d') && count < 2) || (parsed.has('u') && count > 1) {
            continue;
        }
        let text = if parsed.has('c') {
            format!("{count:7} {line}{end}")
        } else {
            format!("{line}{end}")
        };
        sys.out(&text);
    }
    i32::from(!fine)
}
