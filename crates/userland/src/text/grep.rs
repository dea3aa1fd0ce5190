//! `grep`, `egrep`, `fgrep`.

use std::collections::VecDeque;

use kernel::sys::Sys;

use super::regex::Regex;
use crate::args::{self, Parsed, program};
use crate::{Flavour, io, usage};

struct Search {
    patterns: Vec<Regex>,
    parsed: Parsed,
    after: usize,
    before: usize,
    most: Option<usize>,
    with_names: bool,
    flavour: Flavour,
    /// Whether colours were asked for.
    colour: bool,
}

impl Search {
    /// The matches in a line, in order and apart.
    fn matches(&self, line: &str) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        let mut at = 0;
        while at <= line.len() {
            let found = self
                .patterns
                .iter()
                .filter_map(|pattern| self.valid(pattern, line, at))
                .min_by_key(|(start, end)| (*start, usize::MAX - end));
            let Some((start, end)) = found else { break };
            if end > start {
                out.push((start, end));
                at = end;
            } else {
                at = line
                    .char_indices()
                    .map(|(index, _)| index)
                    .find(|index| *index > start)
                    .unwrap_or(line.len() + 1);
            }
        }
        out
    }

    /// A match that satisfies `-w` and `-x`.
    fn valid(&self, pattern: &Regex, line: &str, from: usize) -> Option<(usize, usize)> {
        let word = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_alphanumeric());
        let mut at = from;
        while let Some((start, end)) = pattern.find_at(line, at) {
            let bounded = !self.parsed.has('w')
                || !word(line.get(..start).and_then(|text| text.chars().next_back()))
                    && !word(line.get(end..).and_then(|text| text.chars().next()));
            let whole = !self.parsed.has('x') || (start == 0 && end == line.len());
            if bounded && whole {
                return Some((start, end));
            }
            at = line
                .char_indices()
                .map(|(index, _)| index)
                .find(|index| *index > start)?;
        }
        None
    }

    fn selects(&self, line: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| self.valid(pattern, line, 0).is_some())
            != self.parsed.has('v')
    }

    fn label(&self, name: &str, number: usize, mark: char) -> String {
        let mut out = String::new();
        if self.with_names {
            out.push_str(name);
            out.push(mark);
        }
        if self.parsed.has('n') {
            out.push_str(&format!("{number}{mark}"));
        }
        out
    }

    /// Searches one input; true if something was selected.
    async fn run(&self, sys: &Sys, input: &mut io::Input, name: &str) -> bool {
        let quiet = self.parsed.has('q')
            || self.parsed.has('l')
            || self.parsed.has('L')
            || self.parsed.has('c');
        let (mut count, mut number, mut due, mut printed) = (0, 0, 0, 0);
        let mut behind: VecDeque<(usize, String)> = VecDeque::new();
        let context = self.after > 0 || self.before > 0;
        while let Some(line) = input.line().await {
            number += 1;
            if !self.selects(&line.text) {
                if due > 0 && !quiet {
                    due -= 1;
                    printed = number;
                    sys.out(&format!("{}{}\n", self.label(name, number, '-'), line.text));
                } else if self.before > 0 {
                    behind.push_back((number, line.text));
                    if behind.len() > self.before {
                        behind.pop_front();
                    }
                }
                continue;
            }
            if self.most == Some(count) {
                break;
            }
            count += 1;
            if self.parsed.has('q') || self.parsed.has('l') {
                break;
            }
            if !quiet {
                let first = behind.front().map_or(number, |(number, _)| *number);
                if context && printed > 0 && first > printed + 1 {
                    sys.out("--\n");
                }
                for (number, text) in behind.drain(..) {
                    sys.out(&format!("{}{text}\n", self.label(name, number, '-')));
                }
                self.show(sys, name, number, &line.text);
                printed = number;
                due = self.after;
            }
            if self.most == Some(count) && due == 0 {
                break;
            }
        }
        if self.parsed.has('c') {
            let label = if self.with_names {
                format!("{name}:")
            } else {
                String::new()
            };
            sys.out(&format!("{label}{count}\n"));
        } else if !self.parsed.has('q')
            && ((self.parsed.has('l') && count > 0) || (self.parsed.has('L') && count == 0))
        {
            sys.out(&format!("{name}\n"));
        }
        count > 0
    }

    fn show(&self, sys: &Sys, name: &str, number: usize, line: &str) {
        let label = self.label(name, number, ':');
        if self.parsed.has('o') {
            if !self.parsed.has('v') {
                for (start, end) in self.matches(line) {
                    sys.out(&format!(
                        "{label}{}\n",
                        line.get(start..end).unwrap_or_default()
                    ));
                }
            }
            return;
        }
        let mut text = String::new();
        if self.colour && !self.parsed.has('v') {
            let mut at = 0;
            for (start, end) in self.matches(line) {
                text.push_str(line.get(at..start).unwrap_or_default());
                text.push_str(&format!(
                    "\u{1b}[01;31m\u{1b}[K{}\u{1b}[m\u{1b}[K",
                    line.get(start..end).unwrap_or_default()
                ));
                at = end;
            }
            text.push_str(line.get(at..).unwrap_or_default());
        } else {
            line.clone_into(&mut text);
        }
        sys.out(&format!("{label}{text}\n"));
    }

    /// Searches a file, or with `-r` all files below a directory; `None` for a file that cannot be read.
    async fn file(&self, sys: &Sys, program: &str, path: &str) -> Option<bool> {
        if path != "-" && sys.is_dir(path) {
            if !(self.parsed.has('r') || self.parsed.has('R')) {
                if !self.parsed.has('s') {
                    let text = if self.flavour == Flavour::Gnu {
                        format!("{program}: {path}: Is a directory\n")
                    } else {
                        format!("{program}: read error: Is a directory\n")
                    };
                    sys.err(&text);
                }
                return None;
            }
            let mut some = false;
            for entry in sys.read_dir(path).unwrap_or_default() {
                let below = format!("{}/{}", path.trim_end_matches('/'), entry.name);
                some |= Box::pin(self.file(sys, program, &below))
                    .await
                    .unwrap_or(false);
            }
            return Some(some);
        }
        let input = if self.parsed.has('s') {
            io::Input::open(sys, path).ok()
        } else {
            match io::Input::open(sys, path) {
                Ok(input) => Some(input),
                Err(error) => {
                    sys.err(&format!("{program}: {path}: {error}\n"));
                    None
                }
            }
        };
        let mut input = input?;
        let shown = if path == "-" {
            "(standard input)"
        } else {
            path
        };
        let found = self.run(sys, &mut input, shown).await;
        input.close();
        Some(found)
    }
}

const LONG: [(&str, char); 24] = [
    ("ignore-case", 'i'),
    ("invert-match", 'v'),
    ("count", 'c'),
    ("extended-regexp", 'E'),
    ("fixed-strings", 'F'),
    ("basic-regexp", 'G'),
    ("only-matching", 'o'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("line-number", 'n'),
    ("recursive", 'r'),
    ("word-regexp", 'w'),
    ("line-regexp", 'x'),
    ("after-context", 'A'),
    ("before-context", 'B'),
    ("context", 'C'),
    ("max-count", 'm'),
    ("regexp", 'e'),
    ("file", 'f'),
    ("files-with-matches", 'l'),
    ("files-without-match", 'L'),
    ("no-filename", 'h'),
    ("with-filename", 'H'),
    ("no-messages", 's'),
];

/// The `grep` program, `egrep` and `fgrep` too.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let name = program(&args).to_owned();
    let mut colour = false;
    // `--color` takes its value only after an equals sign, which getopt's rules here don't know.
    let args: Vec<String> = args
        .into_iter()
        .filter(|argument| {
            let about = argument.starts_with("--color") || argument.starts_with("--colour");
            colour |= argument == "--color=always" || argument == "--colour=always";
            !about
        })
        .collect();
    let parsed = match args::parse(&args, "ivcEFGPoqnrRwxA:B:C:m:e:f:lLhHsaI", &LONG) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut operands = parsed.operands.clone();
    let mut texts: Vec<String> = parsed.values('e').map(str::to_owned).collect();
    for file in parsed.values('f') {
        // busybox says here what GNU grep says.
        let files = [file.to_owned()];
        let (lines, read) = io::all_lines(&sys, &name, &files, Flavour::Gnu).await;
        if !read {
            return 2;
        }
        texts.extend(lines);
    }
    if texts.is_empty() && parsed.value('f').is_none() {
        if operands.is_empty() {
            if flavour == Flavour::Busybox {
                return usage::show(&sys, "grep", None);
            }
            sys.err(&format!(
                "Usage: {name} [OPTION]... PATTERNS [FILE]...\nTry '{name} --help' for more information.\n"
            ));
            return 2;
        }
        texts.push(operands.remove(0));
    }
    let kind = parsed.last_of("EFGP").or(match name.as_str() {
        "egrep" => Some('E'),
        "fgrep" => Some('F'),
        _ => None,
    });
    let mut patterns = Vec::new();
    for text in texts.iter().flat_map(|text| text.split('\n')) {
        let ignore_case = parsed.has('i');
        let compiled = match kind {
            Some('F') => Regex::literal(text, ignore_case),
            Some('E' | 'P') => Regex::extended(text, ignore_case),
            _ => Regex::basic(text, ignore_case),
        };
        match compiled {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => {
                let what = match flavour {
                    Flavour::Busybox => format!("bad regex '{text}'"),
                    // The matcher that is tried first knows no better.
                    Flavour::Gnu if error.starts_with("Unmatched [") => {
                        "Invalid regular expression".to_owned()
                    }
                    Flavour::Gnu if kind == Some('P') && error.contains("( or") => {
                        "missing closing parenthesis".to_owned()
                    }
                    Flavour::Gnu => error,
                };
                sys.err(&format!("{name}: {what}\n"));
                return 2;
            }
        }
    }
    let number = |option: char| {
        parsed
            .value(option)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let around = number('C').unwrap_or(0);
    let recursive = parsed.has('r') || parsed.has('R');
    if operands.is_empty() {
        operands.push(if recursive { "." } else { "-" }.to_owned());
    }
    let with_names = match parsed.last_of("hH") {
        Some('h') => false,
        Some(_) => true,
        None => {
            operands.len() > 1 || recursive && operands.iter().any(|operand| sys.is_dir(operand))
        }
    };
    let search = Search {
        patterns,
        after: number('A').unwrap_or(around),
        before: number('B').unwrap_or(around),
        most: number('m'),
        with_names,
        flavour,
        colour,
        parsed,
    };
    let (mut some, mut failed) = (false, false);
    for path in &operands {
        match search.file(&sys, &name, path).await {
            Some(found) => some |= found,
            None => failed = true,
        }
        if some && search.parsed.has('q') {
            return 0;
        }
    }
    if failed { 2 } else { i32::from(!some) }
}
