//! Steps of rewriting, and the expressions in them.

use crate::server::nginx::syntax::{ConfigError, Directive};
use crate::text::regex::Regex;

/// A step of rewriting.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) enum Step {
    Set(String, String),
    Rewrite {
        pattern: Regex,
        to: String,
        flag: String,
    },
    Return {
        status: u16,
        text: String,
    },
    Break,
    If {
        condition: Vec<String>,
        pattern: Option<Regex>,
        steps: Vec<Self>,
    },
}

/// `map`.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct Map {
    pub(in crate::server::nginx) from: String,
    pub(in crate::server::nginx) to: String,
    pub(in crate::server::nginx) cases: Vec<(String, Option<Regex>, String)>,
}

pub(super) fn map(d: &Directive) -> Result<Map, ConfigError> {
    let mut cases = Vec::new();
    for case in &d.inside {
        let text = case.word(0);
        let pattern = match text.strip_prefix("~*") {
            Some(pattern) => Some(regex(pattern, true, case)?),
            None => text
                .strip_prefix('~')
                .map(|pattern| regex(pattern, false, case))
                .transpose()?,
        };
        cases.push((text.to_owned(), pattern, case.word(1).to_owned()));
    }
    let to = d.word(2).trim_start_matches('$').to_owned();
    Ok(Map {
        from: d.word(1).to_owned(),
        to,
        cases,
    })
}

pub(super) fn regex(pattern: &str, ignore_case: bool, d: &Directive) -> Result<Regex, ConfigError> {
    Regex::perl(pattern, ignore_case)
        .map_err(|why| d.error(&format!("pcre2_compile() failed: {why} in \"{pattern}\"")))
}

pub(super) fn steps(inside: &[Directive]) -> Result<Vec<Step>, ConfigError> {
    let mut out = Vec::new();
    for d in inside {
        match d.word(0) {
            "set" => {
                let name = d.word(1).strip_prefix('$');
                let name = name
                    .ok_or_else(|| d.error(&format!("invalid variable name \"{}\"", d.word(1))))?;
                out.push(Step::Set(name.to_owned(), d.word(2).to_owned()));
            }
            "rewrite" => out.push(Step::Rewrite {
                pattern: regex(d.word(1), false, d)?,
                to: d.word(2).to_owned(),
                flag: d.word(3).to_owned(),
            }),
            "break" => out.push(Step::Break),
            "return" => {
                let code = d.word(1).parse::<u16>().ok();
                out.push(Step::Return {
                    status: code.unwrap_or(302),
                    text: d.word(if code.is_some() { 2 } else { 1 }).to_owned(),
                });
            }
            "if" => {
                let whole = d.args().join("\u{0}");
                let inner = whole.strip_prefix('(').and_then(|w| w.strip_suffix(')'));
                let inner = inner
                    .ok_or_else(|| d.error(&format!("invalid condition \"{}\"", d.word(1))))?;
                let condition: Vec<String> = inner
                    .split('\u{0}')
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned)
                    .collect();
                let pattern = match condition.as_slice() {
                    [_, operator, pattern] if operator.contains('~') => {
                        Some(regex(pattern, operator.ends_with('*'), d)?)
                    }
                    _ => None,
                };
                out.push(Step::If {
                    condition,
                    pattern,
                    steps: steps(&d.inside)?,
                });
            }
            _ => {}
        }
    }
    Ok(out)
}

/// What matched as a whole, and its groups.
pub(in crate::server::nginx) fn groups(pattern: &Regex, text: &str) -> Option<Vec<String>> {
    let found = pattern.groups_at(text, 0)?;
    let part = |bounds: &Option<(usize, usize)>| {
        bounds
            .and_then(|(from, to)| text.get(from..to))
            .unwrap_or_default()
            .to_owned()
    };
    Some(found.iter().map(part).collect())
}
