//! Makes bad input out of good.

use kernel::rng::Rng;

use crate::Input;

/// The longest input that is made, bytes: more would only be slow.
const MOST: usize = 1 << 16;

/// Numbers at which something overflows, and things that only look like numbers.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "00",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999999",
    "0x7fffffffffffffff",
    "1e999",
    "-1e-999",
    "0.1",
    "NaN",
    "08",
    "+5",
];

/// Words that upset whoever expects others.
const WORDS: &[&str] = &[
    "",
    "-",
    "--",
    "---",
    "-h",
    "--help",
    "=",
    "==",
    "a=",
    "=a",
    "\u{e9}",
    "\u{1f40b}",
    "\u{202e}",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\u{0}",
    "\u{1b}[31m",
    "*",
    "?",
    "[",
    "]",
    "{",
    "}",
    "$",
    "$(",
    "`",
    "\\",
    "\"",
    "'",
    "%",
    "%s",
    "%n",
    "%999999d",
    "{{",
    "}}",
    "{{.",
    "..",
    "/",
    "/..",
    "~",
    "0.0.0.0",
    "255.255.255.255",
    "256.1.1.1",
    "10.0.0.0/8",
    "1.2.3.4/33",
    "::",
    "::1",
    "fe80::1%eth0",
    "fd00::/8",
    "::/129",
    "1:2:3:4:5:6:7:8:9",
    "[::1]:80",
    "80:80/tcp",
    "1-65535",
    "65535-1",
    "tcp",
    "any",
    "all",
    "none",
    "host",
    "bridge",
    "lo",
    "eth0",
    "default",
    "docker0",
    "web",
    "true",
    "false",
    "null",
    "!",
    "!!",
    "&",
    "|",
    ";",
    "<",
    ">",
    "<<",
    "#",
    ":",
    "::::",
    ",",
    ",,",
    "@",
    "^",
    "(",
    ")",
];

/// What opens, with what closes it.
const NESTS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("((", "))"),
    ("$(", ")"),
    ("${x:-", "}"),
    ("$((", "))"),
    ("`", "`"),
    ("\"", "\""),
    ("'", "'"),
    ("{{", "}}"),
    ("!", ""),
    ("-", ""),
    ("not ", ""),
    ("\\", ""),
    ("- ", ""),
    ("a: ", ""),
    ("<<", ""),
    (".[", "]"),
    ("{a: ", "}"),
    ("if true; then ", " fi"),
    ("[[", "]]"),
    ("(((", ")))"),
    ("[-", "-]"),
    ("a|", ""),
    ("(?:", ")"),
    ("*", ""),
];

/// Good examples of what a parser reads, and the pieces that they are made of.
pub(crate) struct Seeds {
    examples: Vec<Input>,
    pieces: Vec<Input>,
}

impl Seeds {
    pub(crate) fn new(examples: Vec<Input>) -> Self {
        let mut pieces: Vec<Input> = examples
            .iter()
            .flat_map(|example| split(example).into_iter().map(<[u8]>::to_vec))
            .collect();
        pieces.sort();
        pieces.dedup();
        Self { examples, pieces }
    }

    /// An input: one of the examples, changed a little or beyond recognition.
    pub(crate) fn mutated(&self, rng: &mut Rng) -> Input {
        let mut input = match rng.below(24) {
            0 => noise(rng),
            1 => {
                let count = rng.below(30);
                (0..count).flat_map(|_| self.piece(rng)).collect()
            }
            _ => pick(rng, &self.examples).cloned().unwrap_or_default(),
        };
        for _ in 0..changes(rng) {
            input = self.changed(rng, &input);
            input.truncate(MOST);
        }
        input
    }

    fn piece(&self, rng: &mut Rng) -> Input {
        match rng.below(8) {
            0 => pick(rng, NUMBERS).map_or_else(Vec::new, |n| n.as_bytes().to_vec()),
            1 => pick(rng, WORDS).map_or_else(Vec::new, |w| w.as_bytes().to_vec()),
            _ => pick(rng, &self.pieces).cloned().unwrap_or_default(),
        }
    }

    fn changed(&self, rng: &mut Rng, input: &[u8]) -> Input {
        if rng.below(6) == 0 {
            return change_bytes(rng, input);
        }
        let parts: Vec<Input> = split(input).into_iter().map(<[u8]>::to_vec).collect();
        let other = || {
            pick(&mut rng.clone(), &self.examples)
                .map(|e| split(e))
                .unwrap_or_default()
        };
        let other: Vec<Input> = other().into_iter().map(<[u8]>::to_vec).collect();
        let piece = self.piece(rng);
        rearranged(rng, parts, &other, piece).concat()
    }
}

/// Command lines by their words.
pub(crate) struct Lines {
    lines: Vec<Vec<String>>,
    words: Vec<String>,
}

impl Lines {
    pub(crate) fn new(lines: Vec<Vec<String>>) -> Self {
        let mut words: Vec<String> = lines
            .iter()
            .flat_map(|l| l.iter().skip(1).cloned())
            .collect();
        words.sort();
        words.dedup();
        Self { lines, words }
    }

    /// A command line of which all but the program's name may have changed.
    pub(crate) fn mutated(&self, rng: &mut Rng) -> Vec<String> {
        let mut line = pick(rng, &self.lines).cloned().unwrap_or_default();
        if line.is_empty() {
            return line;
        }
        let program = line.remove(0);
        for _ in 0..changes(rng) {
            let word = self.word(rng);
            let other = pick(rng, &self.lines).cloned().unwrap_or_default();
            line = rearranged(rng, line, other.get(1..).unwrap_or_default(), word);
        }
        line.insert(0, program);
        line
    }

    fn word(&self, rng: &mut Rng) -> String {
        let word = pick(rng, &self.words).cloned().unwrap_or_default();
        match rng.below(6) {
            0 => pick(rng, NUMBERS).map_or(word, |n| (*n).to_owned()),
            1 => pick(rng, WORDS).map_or(word, |w| (*w).to_owned()),
            2 => {
                let seeds = Seeds::new(vec![word.into_bytes()]);
                String::from_utf8_lossy(&seeds.mutated(rng)).into_owned()
            }
            _ => word,
        }
    }
}

/// How often an input is changed: mostly once or twice, and sometimes not at all.
fn changes(rng: &mut Rng) -> u64 {
    match rng.below(10) {
        0 => 0,
        1..=5 => 1,
        6..=8 => 2 + rng.below(2),
        _ => 4 + rng.below(8),
    }
}

/// A row of parts with one of them replaced, added, taken away, doubled, repeated, swapped, cut off, or joined to another
/// row's end.
fn rearranged<T: Clone + Part>(rng: &mut Rng, mut parts: Vec<T>, other: &[T], new: T) -> Vec<T> {
    let at = index(rng, parts.len() + 1);
    let end = (at + 1 + index(rng, 4)).min(parts.len());
    let range = at.min(parts.len())..end.max(at.min(parts.len()));
    match rng.below(11) {
        0 | 1 => {
            parts.splice(range, [new]);
        }
        2 | 3 => parts.insert(at, new),
        4 => {
            parts.drain(range);
        }
        5 => {
            let copy: Vec<T> = parts.get(range).unwrap_or_default().to_vec();
            let to = index(rng, parts.len() + 1);
            parts.splice(to..to, copy);
        }
        6 => {
            let copy: Vec<T> = parts.get(range).unwrap_or_default().to_vec();
            let times = [3, 50, 1000].get(index(rng, 3)).copied().unwrap_or(3);
            parts.splice(
                at..at,
                copy.iter().cycle().take(copy.len() * times).cloned(),
            );
        }
        7 if !parts.is_empty() => {
            let last = parts.len() - 1;
            parts.swap(at.min(last), index(rng, last + 1));
        }
        8 => parts.truncate(at),
        9 => {
            let from = index(rng, other.len() + 1);
            parts.truncate(at);
            parts.extend_from_slice(other.get(from..).unwrap_or_default());
        }
        _ => {
            let depth = [2, 20, 300, 5000].get(index(rng, 4)).copied().unwrap_or(2);
            let (open, close) = pick(rng, NESTS).copied().unwrap_or_default();
            let closed = if rng.below(3) == 0 { 0 } else { depth };
            let inner = parts.get(at).cloned().unwrap_or(new);
            let nested = inner.nested(&open.repeat(depth), &close.repeat(closed));
            parts.splice(range, [nested]);
        }
    }
    parts
}

/// What a row is made of.
trait Part {
    /// The part within what opens and what closes.
    fn nested(self, open: &str, close: &str) -> Self;
}

impl Part for Input {
    fn nested(self, open: &str, close: &str) -> Self {
        [open.as_bytes(), &self, close.as_bytes()].concat()
    }
}

impl Part for String {
    fn nested(self, open: &str, close: &str) -> Self {
        [open, &self, close].concat()
    }
}

/// An input of which a few bytes are others, more or fewer.
fn change_bytes(rng: &mut Rng, input: &[u8]) -> Input {
    let mut input = input.to_vec();
    for _ in 0..1 + rng.below(4) {
        let at = index(rng, input.len() + 1);
        let byte = rng.next_u32().to_le_bytes()[0];
        match rng.below(4) {
            0 => input.insert(at, byte),
            1 if at < input.len() => {
                input.remove(at);
            }
            2 => input.truncate(at),
            _ => {
                if let Some(there) = input.get_mut(at) {
                    *there = if rng.below(2) == 0 {
                        byte
                    } else {
                        *there ^ (1 << (byte % 8))
                    };
                }
            }
        }
    }
    input
}

/// Any bytes at all.
fn noise(rng: &mut Rng) -> Input {
    let mut bytes = vec![0; index(rng, 200)];
    rng.fill(&mut bytes);
    bytes
}

/// A place below `bound`; 0 if `bound` is 0.
fn index(rng: &mut Rng, bound: usize) -> usize {
    usize::try_from(rng.below(bound as u64)).unwrap_or(0)
}

pub(crate) fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> Option<&'a T> {
    items.get(index(rng, items.len()))
}

/// The pieces of a text: words, spaces, and single signs.
fn split(text: &[u8]) -> Vec<&[u8]> {
    let class = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80.. => 0,
        b' ' => 1,
        _ => 2,
    };
    text.chunk_by(|a, b| class(a) == class(b) && class(a) != 2)
        .collect()
}
