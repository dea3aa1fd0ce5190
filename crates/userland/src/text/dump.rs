//! `od` and `hexdump`: bytes as numbers.

use kernel::sys::Sys;

use crate::args::{self, Parsed};
use crate::{Flavour, io};

/// How each line shows its sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Characters, or their names, as `od -c`.
    Characters,
    /// A number for so many bytes.
    Numbers { bytes: usize, radix: u32 },
    /// `hexdump -C`.
    Canonical,
}

/// How the places are counted; `None` for not at all.
type Addresses = Option<u32>;

/// All that is given, one file after another; `None`, and said so, if one cannot be read.
async fn input(sys: &Sys, name: &str, files: &[String], flavour: Flavour) -> Option<Vec<u8>> {
    let standard = ["-".to_owned()];
    let files = if files.is_empty() {
        &standard[..]
    } else {
        files
    };
    let mut all = Vec::new();
    for file in files {
        let mut input = io::open(sys, name, file, flavour)?;
        all.extend(input.rest().await);
        input.close();
    }
    Some(all)
}

fn limited(parsed: &Parsed, mut data: Vec<u8>, skip: char, count: char) -> Vec<u8> {
    let number = |option| {
        parsed
            .value(option)
            .and_then(|text| text.parse::<usize>().ok())
    };
    data.drain(..number(skip).unwrap_or(0).min(data.len()));
    data.truncate(number(count).unwrap_or(usize::MAX));
    data
}

/// The `od` program.
pub async fn od(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("address-radix", 'A'),
        ("format", 't'),
        ("read-bytes", 'N'),
        ("skip-bytes", 'j'),
    ];
    let parsed = match args::parse(&args, "A:t:N:j:cbxdov", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut shape = Shape::Numbers { bytes: 2, radix: 8 };
    for (option, value) in &parsed.options {
        let numbers = |bytes, radix| Shape::Numbers { bytes, radix };
        shape = match (option, value.as_deref()) {
            ('c', _) | ('t', Some("c")) => Shape::Characters,
            ('b', _) | ('t', Some("o1")) => numbers(1, 8),
            ('x', _) | ('t', Some("x2")) => numbers(2, 16),
            ('d', _) | ('t', Some("u2")) => numbers(2, 10),
            ('t', Some("x1")) => numbers(1, 16),
            ('t', Some("u1")) => numbers(1, 10),
            ('t', Some("x4" | "x")) => numbers(4, 16),
            ('t', Some("o2")) | ('o', _) => numbers(2, 8),
            ('t', Some(other)) => {
                return crate::not_modelled(&sys, "od", &format!("-t {other}"));
            }
            _ => shape,
        };
    }
    let addresses = match parsed.value('A') {
        Some("n") => None,
        Some("x") => Some(16),
        Some("d") => Some(10),
        _ => Some(8),
    };
    let Some(data) = input(&sys, "od", &parsed.operands, flavour).await else {
        return 1;
    };
    sys.out(&dump(
        &limited(&parsed, data, 'j', 'N'),
        shape,
        addresses,
        7,
    ));
    0
}

/// The `hexdump` program.
pub async fn hexdump(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "Ccbdxn:s:v", &[("canonical", 'C')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let shape = if parsed.has('C') {
        Shape::Canonical
    } else if parsed.has('c') {
        Shape::Characters
    } else {
        Shape::Numbers {
            bytes: 2,
            radix: 16,
        }
    };
    let Some(data) = input(&sys, "hexdump", &parsed.operands, flavour).await else {
        return 1;
    };
    let width = if parsed.has('C') { 8 } else { 7 };
    sys.out(&dump(
        &limited(&parsed, data, 's', 'n'),
        shape,
        Some(16),
        width,
    ));
    0
}

fn dump(data: &[u8], shape: Shape, addresses: Addresses, width: usize) -> String {
    let place = |at: usize| match addresses {
        None => String::new(),
        Some(16) => format!("{at:0width$x}"),
        Some(10) => format!("{at:0width$}"),
        Some(_) => format!("{at:0width$o}"),
    };
    let mut out = String::new();
    let mut before: Option<&[u8]> = None;
    let mut starred = false;
    for (index, chunk) in data.chunks(16).enumerate() {
        // Lines that say the same again are left out.
        if before == Some(chunk) {
            if !starred {
                out.push_str("*\n");
            }
            starred = true;
            continue;
        }
        (before, starred) = (Some(chunk), false);
        out.push_str(&place(index * 16));
        out.push_str(&line(chunk, shape));
        out.push('\n');
    }
    if addresses.is_some() && !(data.is_empty() && shape == Shape::Canonical) {
        out.push_str(&place(data.len()));
        out.push('\n');
    }
    out
}

fn line(chunk: &[u8], shape: Shape) -> String {
    match shape {
        Shape::Characters => chunk
            .iter()
            .map(|byte| format!("{:>4}", character(*byte)))
            .collect(),
        Shape::Canonical => {
            let mut out = String::from(" ");
            for at in 0..16 {
                let gap = if at == 8 { "  " } else { " " };
                out.push_str(gap);
                out.push_str(
                    &chunk
                        .get(at)
                        .map_or("  ".to_owned(), |byte| format!("{byte:02x}")),
                );
            }
            let shown = chunk.iter().map(|byte| match byte {
                b' '..=b'~' => char::from(*byte),
                _ => '.',
            });
            format!("{out}  |{}|", shown.collect::<String>())
        }
        Shape::Numbers { bytes, radix } => {
            let numbers = chunk.chunks(bytes).map(|part| {
                let number = part
                    .iter()
                    .rev()
                    .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
                match (radix, bytes) {
                    (16, _) => format!(" {number:0width$x}", width = bytes * 2),
                    (10, 1) => format!(" {number:>3}"),
                    (10, _) => format!(" {number:>5}"),
                    (_, 1) => format!(" {number:03o}"),
                    _ => format!(" {number:06o}"),
                }
            });
            numbers.collect()
        }
    }
}

/// A byte as `od -c` writes it.
fn character(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\n' => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        b'\r' => "\\r".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("{other:03o}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_dumped_as_the_real_ones_do() {
        let data = b"abc\n\x01\xff";
        let octal = Shape::Numbers { bytes: 2, radix: 8 };
        assert_eq!(
            dump(data, octal, Some(8), 7),
            "0000000 061141 005143 177401\n0000006\n"
        );
        assert_eq!(
            dump(data, Shape::Characters, Some(8), 7),
            "0000000   a   b   c  \\n 001 377\n0000006\n"
        );
        let hex = Shape::Numbers {
            bytes: 1,
            radix: 16,
        };
        assert_eq!(dump(data, hex, None, 7), " 61 62 63 0a 01 ff\n");
        assert_eq!(
            dump(b"abcdefghijklmnopqrst", Shape::Canonical, Some(16), 8),
            "00000000  61 62 63 64 65 66 67 68  69 6a 6b 6c 6d 6e 6f 70  |abcdefghijklmnop|\n00000010  71 72 73 74                                       |qrst|\n00000014\n"
        );
        assert_eq!(dump(&[0; 48], octal, Some(8), 7).lines().nth(1), Some("*"));
    }
}
