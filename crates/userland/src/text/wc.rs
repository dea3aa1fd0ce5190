//! `wc`.

use kernel::sys::Sys;

use crate::{Flavour, args, io};

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    lines: usize,
    words: usize,
    chars: usize,
    bytes: usize,
    longest: usize,
}

fn count(data: &[u8]) -> Counts {
    let text = String::from_utf8_lossy(data);
    Counts {
        lines: data.iter().filter(|byte| **byte == b'\n').count(),
        words: text.split_whitespace().count(),
        chars: text.chars().count(),
        bytes: data.len(),
        longest: text
            .lines()
            .map(|line| line.chars().count())
            .max()
            .unwrap_or(0),
    }
}

impl Counts {
    /// Counts what follows, too.
    fn add(&mut self, more: &Self) {
        self.lines += more.lines;
        self.words += more.words;
        self.chars += more.chars;
        self.bytes += more.bytes;
        self.longest = self.longest.max(more.longest);
    }
}

/// The `wc` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("lines", 'l'),
        ("words", 'w'),
        ("bytes", 'c'),
        ("chars", 'm'),
        ("max-line-length", 'L'),
    ];
    let parsed = match args::parse(&args, "lwcmL", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let wanted: Vec<char> = "lwmcL"
        .chars()
        .filter(|option| {
            if parsed.options.is_empty() {
                "lwc".contains(*option)
            } else {
                parsed.has(*option)
            }
        })
        .collect();
    let files = if parsed.operands.is_empty() {
        vec!["-".to_owned()]
    } else {
        parsed.operands.clone()
    };
    let mut rows = Vec::new();
    let mut status = 0;
    let mut total = Counts::default();
    for file in &files {
        let mut input = match io::Input::open(&sys, file) {
            Ok(input) => input,
            Err(error) => {
                sys.err(&format!("wc: {file}: {error}\n"));
                status = 1;
                continue;
            }
        };
        // Line by line, since input may have no end.
        let mut counts = Counts::default();
        while let Some(line) = input.until(b'\n').await {
            counts.add(&count(&line));
        }
        if let Some(error) = input.error {
            sys.err(&format!("wc: {file}: {error}\n"));
            status = 1;
        }
        input.close();
        total.add(&counts);
        let name = if parsed.operands.is_empty() {
            String::new()
        } else {
            file.clone()
        };
        rows.push((counts, name));
    }
    if files.len() > 1 {
        rows.push((total, "total".to_owned()));
    }
    // One number of standard input stands alone; else GNU wc is as wide as the sum of sizes, and at least 7 for a pipe.
    let width = match flavour {
        _ if wanted.len() == 1 && files.len() == 1 => 0,
        Flavour::Busybox => 9,
        Flavour::Gnu if parsed.operands.is_empty() || files.iter().any(|file| file == "-") => 7,
        Flavour::Gnu => total.bytes.max(total.lines).to_string().len(),
    };
    for (counts, name) in rows {
        let numbers: Vec<String> = wanted
            .iter()
            .map(|option| match option {
                'l' => counts.lines,
                'w' => counts.words,
                'm' => counts.chars,
                'c' => counts.bytes,
                _ => counts.longest,
            })
            .map(|number| format!("{number:>width$}"))
            .collect();
        let mut line = numbers.join(" ");
        if !name.is_empty() {
            line.push(' ');
            line.push_str(&name);
        }
        sys.out(&(line + "\n"));
    }
    status
}
