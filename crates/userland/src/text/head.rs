//! `head` and `tail`.

use std::collections::VecDeque;

use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::Duration;

use crate::args::{self, Parsed, program};
use crate::{Flavour, io};

/// Which part of the input is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The first, or the last, so many.
    Count(usize),
    /// All from this one on, counted from 1 (`tail -n +N`).
    From(usize),
    /// All but the last so many (`head -n -N`).
    AllBut(usize),
}

/// Turns `-5` into `-n5`, as both programs have always taken it. What follows `-n` is a number of its own: all but the last.
fn modernised(args: &[String]) -> Vec<String> {
    let is_value = |index: usize| {
        let before = index.checked_sub(1).and_then(|i| args.get(i));
        before.is_some_and(|b| matches!(b.as_str(), "-n" | "-c" | "--lines" | "--bytes"))
    };
    args.iter()
        .enumerate()
        .map(|(index, argument)| match argument.strip_prefix('-') {
            Some(digits)
                if index > 0
                    && !is_value(index)
                    && !digits.is_empty()
                    && digits.chars().all(|c| c.is_ascii_digit()) =>
            {
                format!("-n{digits}")
            }
            _ => argument.clone(),
        })
        .collect()
}

fn part(text: &str) -> Option<Part> {
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.chars().next(), digits),
        None => (None, text),
    };
    let (digits, unit) = digits
        .strip_suffix(['k', 'K'])
        .map_or((digits, 1), |digits| (digits, 1024));
    let number = digits.parse::<usize>().ok()?.checked_mul(unit)?;
    Some(match sign {
        Some('+') => Part::From(number.max(1)),
        Some(_) => Part::AllBut(number),
        None => Part::Count(number),
    })
}

struct Request {
    parsed: Parsed,
    part: Part,
    bytes: bool,
}

fn request(sys: &Sys, args: &[String], short: &str, flavour: Flavour) -> Result<Request, i32> {
    let args = modernised(args);
    let long = [
        ("lines", 'n'),
        ("bytes", 'c'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("verbose", 'v'),
        ("follow", 'f'),
    ];
    let parsed = match args::parse(&args, short, &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return Err(args::refuse(sys, &args, wrong)),
    };
    let bytes = parsed.last_of("nc") == Some('c');
    let text = parsed.value(if bytes { 'c' } else { 'n' }).unwrap_or("10");
    match part(text) {
        Some(part) => Ok(Request {
            part,
            bytes,
            parsed,
        }),
        None => {
            let name = program(&args);
            let what = if bytes { "bytes" } else { "lines" };
            let text = match flavour {
                Flavour::Gnu => format!(
                    "{name}: invalid number of {what}: {}\n",
                    args::quote(sys, text)
                ),
                Flavour::Busybox => format!("{name}: invalid number '{text}'\n"),
            };
            sys.err(&text);
            Err(1)
        }
    }
}

fn heading(sys: &Sys, request: &Request, index: usize, file: &str) {
    let several = request.parsed.operands.len() > 1;
    if (several || request.parsed.has('v')) && !request.parsed.has('q') {
        let gap = if index > 0 { "\n" } else { "" };
        let shown = if file == "-" { "standard input" } else { file };
        sys.out(&format!("{gap}==> {shown} <==\n"));
    }
}

fn files(parsed: &Parsed) -> Vec<String> {
    if parsed.operands.is_empty() {
        vec!["-".to_owned()]
    } else {
        parsed.operands.clone()
    }
}

/// The `head` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let request = match request(&sys, &args, "n:c:qv", flavour) {
        Ok(request) => request,
        Err(code) => return code,
    };
    let mut status = 0;
    for (index, file) in files(&request.parsed).iter().enumerate() {
        let Some(mut input) = open(&sys, "head", file, flavour) else {
            status = 1;
            continue;
        };
        heading(&sys, &request, index, file);
        match (request.part, request.bytes) {
            (Part::AllBut(count), _) => {
                let data = input.rest().await;
                let units = split(&data, request.bytes);
                let kept = units.len().saturating_sub(count);
                let _ = sys
                    .write(
                        Fd::STDOUT,
                        &units
                            .into_iter()
                            .take(kept)
                            .flatten()
                            .copied()
                            .collect::<Vec<u8>>(),
                    )
                    .await;
            }
            (Part::Count(count) | Part::From(count), true) => {
                let mut left = count;
                while left > 0
                    && let Some(piece) = input.piece().await
                {
                    let some = piece.get(..left.min(piece.len())).unwrap_or_default();
                    left -= some.len();
                    let _ = sys.write(Fd::STDOUT, some).await;
                }
            }
            (Part::Count(count) | Part::From(count), false) => {
                for _ in 0..count {
                    let Some(line) = input.until(b'\n').await else {
                        break;
                    };
                    let _ = sys.write(Fd::STDOUT, &line).await;
                }
            }
        }
        status |= i32::from(complain(&sys, "head", file, &input));
        input.close();
    }
    status
}

fn complain(sys: &Sys, name: &str, file: &str, input: &io::Input) -> bool {
    match input.error {
        Some(error) => {
            sys.err(&format!("{name}: error reading '{file}': {error}\n"));
            true
        }
        None => false,
    }
}

fn open(sys: &Sys, name: &str, path: &str, flavour: Flavour) -> Option<io::Input> {
    match io::Input::open(sys, path) {
        Ok(input) => Some(input),
        Err(error) => {
            let text = match flavour {
                Flavour::Gnu => format!("{name}: cannot open '{path}' for reading: {error}\n"),
                Flavour::Busybox => format!("{name}: can't open '{path}': {error}\n"),
            };
            sys.err(&text);
            None
        }
    }
}

/// Lines with their newlines, or single bytes.
fn split(data: &[u8], bytes: bool) -> Vec<&[u8]> {
    if bytes {
        data.chunks(1).collect()
    } else {
        data.split_inclusive(|byte| *byte == b'\n').collect()
    }
}

/// The `tail` program.
pub async fn tail(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut args = args;
    // `tail +3` is the old way to write `tail -n +3`.
    if let Some(argument) = args.get_mut(1)
        && argument
            .strip_prefix('+')
            .is_some_and(|digits| digits.parse::<usize>().is_ok())
    {
        argument.insert_str(0, "-n");
    }
    let request = match request(&sys, &args, "n:c:qvfF", flavour) {
        Ok(request) => request,
        Err(code) => return code,
    };
    let mut status = 0;
    let mut last = None;
    for (index, file) in files(&request.parsed).iter().enumerate() {
        let Some(mut input) = open(&sys, "tail", file, flavour) else {
            status = 1;
            continue;
        };
        heading(&sys, &request, index, file);
        show_end(&sys, &request, &mut input).await;
        status |= i32::from(complain(&sys, "tail", file, &input));
        input.close();
        last = Some(file.clone());
    }
    if last.is_none() && flavour == Flavour::Busybox {
        sys.err("tail: no files\n");
    }
    match last {
        Some(file) if (request.parsed.has('f') || request.parsed.has('F')) && file != "-" => {
            follow(&sys, &file).await
        }
        _ => status,
    }
}

async fn show_end(sys: &Sys, request: &Request, input: &mut io::Input) {
    let delimiter = if request.bytes { None } else { Some(b'\n') };
    match request.part {
        Part::From(first) => {
            if let Some(delimiter) = delimiter {
                for _ in 1..first {
                    input.until(delimiter).await;
                }
                while let Some(piece) = input.piece().await {
                    let _ = sys.write(Fd::STDOUT, &piece).await;
                }
            } else {
                let data = input.rest().await;
                let _ = sys
                    .write(Fd::STDOUT, data.get(first - 1..).unwrap_or_default())
                    .await;
            }
        }
        Part::Count(count) | Part::AllBut(count) => {
            let mut kept: VecDeque<Vec<u8>> = VecDeque::new();
            if delimiter.is_none() {
                let data = input.rest().await;
                kept.push_back(
                    data.get(data.len().saturating_sub(count)..)
                        .unwrap_or_default()
                        .to_vec(),
                );
            } else {
                while let Some(line) = input.until(b'\n').await {
                    kept.push_back(line);
                    if kept.len() > count {
                        kept.pop_front();
                    }
                }
            }
            for line in kept {
                let _ = sys.write(Fd::STDOUT, &line).await;
            }
        }
    }
}

/// Prints what is added to a file, for ever.
async fn follow(sys: &Sys, file: &str) -> i32 {
    let mut seen = sys.read_file(file).map_or(0, |data| data.len());
    loop {
        // Real tail is told of changes at once; looking twice a second is near enough.
        if sys.sleep(Duration::from_millis(500)).await.is_err() {
            return 130;
        }
        if let Ok(data) = sys.read_file(file) {
            if data.len() < seen {
                sys.err(&format!("tail: {file}: file truncated\n"));
                seen = 0;
            }
            let _ = sys
                .write(Fd::STDOUT, data.get(seen..).unwrap_or_default())
                .await;
            seen = data.len();
        }
    }
}
