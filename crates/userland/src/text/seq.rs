//! `seq`, `yes`, `base64`.

use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::{Flavour, args, io};

/// The `seq` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let (mut separator, mut wide) = ("\n".to_owned(), false);
    let mut numbers = Vec::new();
    let mut rest = args.iter().skip(1);
    // Not getopt's rules: `-3` is a number here.
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-w" => wide = true,
            "-s" => separator = rest.next().cloned().unwrap_or_default(),
            text if text.starts_with("-s") => {
                text.get(2..).unwrap_or_default().clone_into(&mut separator);
            }
            text => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => numbers.push((
                    number,
                    text.split_once('.')
                        .map_or(0, |(_, decimals)| decimals.len().min(15)),
                )),
                _ if text.starts_with('-') && text.len() > 1 => {
                    return crate::not_modelled(&sys, "seq", text);
                }
                _ => {
                    let error = match flavour {
                        Flavour::Gnu => format!(
                            "seq: invalid floating point argument: {}\nTry 'seq --help' for more information.\n",
                            crate::args::quote(&sys, text)
                        ),
                        Flavour::Busybox => format!("seq: invalid number '{text}'\n"),
                    };
                    sys.err(&error);
                    return 1;
                }
            },
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => ((1.0, 0), (1.0, 0), *last),
        [first, last] => (*first, (1.0, 0), *last),
        [first, step, last] => (*first, *step, *last),
        _ => {
            sys.err("seq: missing operand\n");
            if flavour == Flavour::Gnu {
                sys.err("Try 'seq --help' for more information.\n");
            }
            return 1;
        }
    };
    if step.0 == 0.0 {
        sys.err("seq: invalid Zero increment value: '0'\n");
        return 1;
    }
    let decimals = first.1.max(step.1);
    let width = if wide {
        format!("{:.decimals$}", first.0)
            .len()
            .max(format!("{:.decimals$}", last.0).len())
    } else {
        0
    };
    let mut index = 0_u32;
    let mut any = false;
    loop {
        let value = first.0 + f64::from(index) * step.0;
        // Half a step's thousandth makes up for binary fractions.
        let slack = step.0 * 1e-9;
        if (step.0 > 0.0 && value > last.0 + slack) || (step.0 < 0.0 && value < last.0 + slack) {
            break;
        }
        let gap = if any { separator.as_str() } else { "" };
        any = true;
        if sys
            .write(
                Fd::STDOUT,
                format!("{gap}{value:0width$.decimals$}").as_bytes(),
            )
            .await
            .is_err()
        {
            return 1;
        }
        let Some(next) = index.checked_add(1) else {
            break;
        };
        index = next;
        if index.is_multiple_of(1000) {
            sys.pause().await;
        }
    }
    if any {
        sys.out("\n");
    }
    0
}

/// The `yes` program.
pub async fn yes(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let words = args.get(1..).unwrap_or_default();
    let line = if words.is_empty() {
        "y\n".to_owned()
    } else {
        words.join(" ") + "\n"
    };
    while sys.write(Fd::STDOUT, line.as_bytes()).await.is_ok() {
        sys.pause().await;
    }
    1
}

/// The `base64` program.
pub async fn base64(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "dDw:i", &[("decode", 'd'), ("wrap", 'w')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let path = parsed.operands.first().map_or("-", String::as_str);
    let Some(mut input) = io::open(&sys, "base64", path, flavour) else {
        return 1;
    };
    let data = input.rest().await;
    if parsed.has('d') || parsed.has('D') {
        return match wire::base64::decode(&String::from_utf8_lossy(&data)) {
            Some(bytes) => i32::from(sys.write(Fd::STDOUT, &bytes).await.is_err()),
            None => {
                sys.err(if flavour == Flavour::Gnu {
                    "base64: invalid input\n"
                } else {
                    "base64: truncated input\n"
                });
                1
            }
        };
    }
    let width = parsed
        .value('w')
        .and_then(|text| text.parse::<usize>().ok())
        .unwrap_or(76);
    let text = wire::base64::encode(&data);
    if width == 0 {
        sys.out(&text);
        return 0;
    }
    for line in text.as_bytes().chunks(width) {
        sys.out(&(String::from_utf8_lossy(line).into_owned() + "\n"));
    }
    0
}
