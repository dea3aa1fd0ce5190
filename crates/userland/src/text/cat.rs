//! `cat`, `tac`, `rev`, `tee`.

use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;

use crate::args::{self, program};
use crate::{Flavour, io};

/// The `cat` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "nbsEATveu",
        &[
            ("number", 'n'),
            ("show-all", 'A'),
            ("squeeze-blank", 's'),
            ("show-ends", 'E'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut files = parsed.operands.clone();
    if files.is_empty() {
        files.push("-".to_owned());
    }
    let plain = parsed.options.iter().all(|(option, _)| *option == 'u');
    let (mut status, mut number, mut blanks) = (0, 0_u64, 0);
    for file in &files {
        let Some(mut input) = io::open(&sys, program(&args), file, flavour) else {
            status = 1;
            continue;
        };
        if plain {
            while let Some(piece) = input.piece().await {
                if sys.write(Fd::STDOUT, &piece).await.is_err() {
                    return 1;
                }
            }
        } else {
            let all = parsed.has('A');
            while let Some(line) = input.line().await {
                blanks = if line.text.is_empty() { blanks + 1 } else { 0 };
                if parsed.has('s') && blanks > 1 {
                    continue;
                }
                let mut text = line.text;
                if all || parsed.has('T') {
                    text = text.replace('\t', "^I");
                }
                if all || parsed.has('v') || parsed.has('e') {
                    text = visible(&text);
                }
                if parsed.has('b') && !text.is_empty() || parsed.has('n') && !parsed.has('b') {
                    number += 1;
                    text.insert_str(0, &format!("{number:6}\t"));
                }
                if all || parsed.has('E') || parsed.has('e') {
                    text.push('$');
                }
                if line.ended {
                    text.push('\n');
                }
                sys.out(&text);
            }
        }
        if let Some(error) = input.error {
            let text = match flavour {
                Flavour::Gnu => format!("{}: {file}: {error}\n", program(&args)),
                Flavour::Busybox => format!("{}: read error: {error}\n", program(&args)),
            };
            sys.err(&text);
            status = 1;
        }
        input.close();
    }
    status
}

/// Returns what does not print as `^X` and `M-X`; tabs stay.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte >= 0x80 {
            out.push_str("M-");
        }
        match byte & 0x7f {
            b'\t' if byte < 0x80 => out.push('\t'),
            0x7f => out.push_str("^?"),
            low if low < b' ' => out.extend(['^', char::from(low + b'@')]),
            low => out.push(char::from(low)),
        }
    }
    out
}

/// The `tac` program.
pub async fn tac(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let standard = ["-".to_owned()];
    let files = match parsed.operands.as_slice() {
        [] => &standard[..],
        files => files,
    };
    let mut status = 0;
    for file in files {
        let mut input = match io::Input::open(&sys, file) {
            Ok(input) => input,
            Err(error) => {
                sys.err(&match flavour {
                    Flavour::Gnu => {
                        format!("tac: failed to open '{file}' for reading: {error}\n")
                    }
                    Flavour::Busybox => format!("tac: {file}: {error}\n"),
                });
                status = 1;
                continue;
            }
        };
        let mut lines = Vec::new();
        while let Some(line) = input.line().await {
            lines.push(line.text);
        }
        input.close();
        let back = lines.iter().rev().map(|line| format!("{line}\n"));
        sys.out(&back.collect::<String>());
    }
    status
}

/// The `rev` program.
pub async fn rev(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let (lines, fine) =
        io::all_lines(&sys, "rev", args.get(1..).unwrap_or_default(), flavour).await;
    for line in lines {
        sys.out(&(line.chars().rev().collect::<String>() + "\n"));
    }
    i32::from(!fine)
}

/// The `tee` program.
pub async fn tee(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "ai", &[("append", 'a')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let options = if parsed.has('a') {
        OpenOptions::APPEND
    } else {
        OpenOptions::WRITE
    };
    let mut outputs = vec![Fd::STDOUT];
    let mut status = 0;
    for file in &parsed.operands {
        match sys.open(file, options) {
            Ok(fd) => outputs.push(fd),
            Err(error) => {
                let file = if flavour == Flavour::Busybox {
                    format!("can't open '{file}'")
                } else {
                    file.clone()
                };
                sys.err(&format!("tee: {file}: {error}\n"));
                status = 1;
            }
        }
    }
    let mut input = io::Input::new(&sys, Fd::STDIN);
    while let Some(piece) = input.piece().await {
        for fd in &outputs {
            status |= i32::from(sys.write(*fd, &piece).await.is_err());
        }
    }
    status
}
