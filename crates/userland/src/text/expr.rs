//! The `expr` program.

use kernel::sys::Sys;

use super::regex::Regex;
use crate::Flavour;

/// What is wrong with an expression, as `expr` says it.
type Fault = String;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 50;

struct Reader<'a> {
    words: &'a [String],
    depth: usize,
    last: String,
}

/// The operators by level, loosest first.
const LEVELS: [&[&str]; 5] = [
    &["|"],
    &["&"],
    &["=", "==", "!=", "<", "<=", ">", ">="],
    &["+", "-"],
    &["*", "/", "%"],
];

fn holds(text: &str) -> bool {
    !text.is_empty() && text.trim_start_matches('-').parse() != Ok(0_u64)
}

impl Reader<'_> {
    fn next(&mut self) -> Option<String> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        self.last.clone_from(first);
        Some(first.clone())
    }

    fn value(&mut self) -> Result<String, Fault> {
        let last = self.last.clone();
        self.next()
            .ok_or_else(|| format!("syntax error: missing argument after ‘{last}’"))
    }

    fn level(&mut self, level: usize) -> Result<String, Fault> {
        let Some(operators) = LEVELS.get(level) else {
            return self.matching();
        };
        let mut left = self.level(level + 1)?;
        while let Some(op) = self.words.first().cloned()
            && operators.contains(&op.as_str())
        {
            self.next();
            let right = self.level(level + 1)?;
            left = apply(&op, left, right)?;
        }
        Ok(left)
    }

    fn matching(&mut self) -> Result<String, Fault> {
        let mut left = self.primary()?;
        while self.words.first().is_some_and(|word| word == ":") {
            self.next();
            let pattern = self.primary()?;
            left = matched(&left, &pattern)?;
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<String, Fault> {
        let word = self.value()?;
        match word.as_str() {
            "(" => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("syntax error: nested too deep".to_owned());
                }
                let value = self.level(0)?;
                self.depth -= 1;
                match self.next() {
                    Some(word) if word == ")" => Ok(value),
                    Some(word) => Err(format!("syntax error: expecting ')' instead of ‘{word}’")),
                    None => Err(format!("syntax error: expecting ')' after ‘{value}’")),
                }
            }
            ")" => Err("syntax error: unexpected ')'".to_owned()),
            "length" if !self.words.is_empty() => Ok(self.primary()?.chars().count().to_string()),
            "index" if !self.words.is_empty() => {
                let (text, set) = (self.primary()?, self.primary()?);
                let at = text.chars().position(|c| set.contains(c));
                Ok(at.map_or(0, |at| at + 1).to_string())
            }
            "substr" if !self.words.is_empty() => {
                let text = self.primary()?;
                let mut number = || Ok::<_, Fault>(self.primary()?.parse::<usize>().unwrap_or(0));
                let (from, len) = (number()?, number()?);
                let chars = text.chars().skip(from.saturating_sub(1));
                Ok(chars.take(if from == 0 { 0 } else { len }).collect())
            }
            "match" if !self.words.is_empty() => {
                let (text, pattern) = (self.primary()?, self.primary()?);
                matched(&text, &pattern)
            }
            "+" => self.value(),
            _ => Ok(word),
        }
    }
}

fn matched(text: &str, pattern: &str) -> Result<String, Fault> {
    let regex = Regex::basic(&format!("^{pattern}"), false)?;
    let groups = regex.groups_at(text, 0).unwrap_or_default();
    let part = |index: usize| {
        let (start, end) = groups.get(index).copied().flatten()?;
        text.get(start..end)
    };
    Ok(if regex.groups() > 0 {
        part(1).unwrap_or_default().to_owned()
    } else {
        part(0).map_or(0, |text| text.chars().count()).to_string()
    })
}

fn apply(op: &str, left: String, right: String) -> Result<String, Fault> {
    let numbers = left.parse::<i64>().ok().zip(right.parse::<i64>().ok());
    Ok(match op {
        "|" if holds(&left) => left,
        "|" if holds(&right) => right,
        "|" => "0".to_owned(),
        "&" if holds(&left) && holds(&right) => left,
        "&" => "0".to_owned(),
        "+" | "-" | "*" | "/" | "%" => {
            let (left, right) = numbers.ok_or("non-integer argument")?;
            match op {
                "+" => left.wrapping_add(right),
                "-" => left.wrapping_sub(right),
                "*" => left.wrapping_mul(right),
                _ if right == 0 => return Err("division by zero".to_owned()),
                "/" => left.wrapping_div(right),
                _ => left.wrapping_rem(right),
            }
            .to_string()
        }
        _ => {
            let order = match numbers {
                Some((left, right)) => left.cmp(&right),
                None => left.cmp(&right),
            };
            let yes = match op {
                "=" | "==" => order.is_eq(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            };
            i32::from(yes).to_string()
        }
    })
}

/// The `expr` program.
pub fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let words = args.get(1..).unwrap_or_default();
    if words.is_empty() {
        sys.err(match flavour {
            Flavour::Gnu => "expr: missing operand\nTry 'expr --help' for more information.\n",
            Flavour::Busybox => "expr: too few arguments\n",
        });
        return 2;
    }
    let mut reader = Reader {
        words,
        depth: 0,
        last: String::new(),
    };
    let result = reader
        .level(0)
        .and_then(|value| match reader.words.first() {
            None => Ok(value),
            Some(word) => Err(format!("syntax error: unexpected argument ‘{word}’")),
        });
    match result {
        Ok(value) => {
            sys.out(&format!("{value}\n"));
            i32::from(!holds(&value))
        }
        Err(fault) => {
            sys.err(&format!("expr: {fault}\n"));
            2
        }
    }
}
