//! `$VAR`, `${VAR}`, `${VAR:-default}`, `${VAR:?error}`, `${VAR:+replacement}`, nested and escaped.

use crate::error::LoadError;
use crate::path::Path;

/// Finds a variable's value.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// How deeply variables may stand in the defaults of others; the real one knows no limit but its stack.
const DEEPEST: usize = 100;

/// Why a text could not be substituted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text is no template.
    Invalid(String),
    /// A variable that has to be set is not: its name and the message.
    Missing(String, String),
}

impl Fault {
    /// Words the fault for the place of its text.
    pub(crate) fn at(self, path: &Path<'_>) -> LoadError {
        let text = match self {
            Self::Invalid(template) => format!(
                "invalid interpolation format for {path}.\nYou may need to escape any $ with another $.\n{template}"
            ),
            missing => format!("error while interpolating {path}: {}", missing.text()),
        };
        LoadError::along(text, path.parts())
    }

    /// Words the fault alone.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Invalid(template) => format!("Invalid template: {template:?}"),
            Self::Missing(name, why) if why.is_empty() => {
                format!("required variable {name} is missing a value")
            }
            Self::Missing(name, why) => {
                format!("required variable {name} is missing a value: {why}")
            }
        }
    }
}

/// What stands between two braces or after a dollar sign.
enum Piece<'a> {
    /// Text as it is.
    Plain(&'a str),
    /// `$$`.
    Dollar,
    /// A variable; the operator is `""`, `-`, `:-`, `?`, `:?`, `+` or `:+`, and the rest is its operand.
    Variable(&'a str, &'a str, &'a str),
}

/// Substitutes all variables of a text. A variable that is not set anywhere and has no default is warned about.
pub(crate) fn substitute(
    text: &str,
    lookup: &Lookup<'_>,
    warnings: &mut Vec<String>,
) -> Result<String, Fault> {
    substitute_within(text, lookup, warnings, 0)
}

fn substitute_within(
    text: &str,
    lookup: &Lookup<'_>,
    warnings: &mut Vec<String>,
    depth: usize,
) -> Result<String, Fault> {
    let mut out = String::new();
    if depth > DEEPEST {
        return Err(Fault::Invalid(text.into()));
    }
    let operand = |text: &str, warnings: &mut Vec<String>| {
        substitute_within(text, lookup, warnings, depth + 1)
    };
    for piece in pieces(text)? {
        let (name, operator, rest) = match piece {
            Piece::Plain(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Dollar => {
                out.push('$');
                continue;
            }
            Piece::Variable(name, operator, rest) => (name, operator, rest),
        };
        let value = lookup(name);
        let set = match (&value, operator.starts_with(':')) {
            (Some(value), true) => !value.is_empty(),
            (value, _) => value.is_some(),
        };
        match operator.trim_start_matches(':') {
            "-" => {
                let default = operand(rest, warnings)?;
                out.push_str(&if set {
                    value.unwrap_or_default()
                } else {
                    default
                });
            }
            "?" => {
                let why = operand(rest, warnings)?;
                if !set {
                    return Err(Fault::Missing(name.into(), why));
                }
                out.push_str(&value.unwrap_or_default());
            }
            "+" => {
                let replacement = operand(rest, warnings)?;
                if set {
                    out.push_str(&replacement);
                }
            }
            _ => {
                if value.is_none() {
                    warnings.push(format!(
                        "The \"{name}\" variable is not set. Defaulting to a blank string."
                    ));
                }
                out.push_str(&value.unwrap_or_default());
            }
        }
    }
    Ok(out)
}

/// Cuts a text into pieces. Errors: a brace that holds no variable, or never closes.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Fault> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        let (before, from) = rest.split_at(dollar);
        pieces.push(Piece::Plain(before));
        let after = from.get(1..).unwrap_or_default();
        if let Some(tail) = after.strip_prefix('$') {
            pieces.push(Piece::Dollar);
            rest = tail;
        } else if let Some(inner) = after.strip_prefix('{') {
            let (variable, tail) = braced(inner).ok_or_else(|| Fault::Invalid(text.into()))?;
            pieces.push(variable);
            rest = tail;
        } else {
            let (name, tail) = name(after);
            pieces.push(match name {
                "" => Piece::Plain("$"),
                name => Piece::Variable(name, "", ""),
            });
            rest = tail;
        }
    }
    pieces.push(Piece::Plain(rest));
    Ok(pieces)
}

/// Reads what follows `${`: the variable, and the text after its closing brace.
fn braced(inner: &str) -> Option<(Piece<'_>, &str)> {
    let (name, after) = name(inner);
    if name.is_empty() {
        return None;
    }
    if let Some(tail) = after.strip_prefix('}') {
        return Some((Piece::Variable(name, "", ""), tail));
    }
    let length = after.find(|c| c != ':').filter(|colons| *colons <= 1)? + 1;
    let operator = after.get(..length)?;
    if !operator.ends_with(['-', '?', '+']) {
        return None;
    }
    let operand = after.get(length..)?;
    let end = closing(operand)?;
    let (operand, tail) = operand.split_at(end);
    Some((
        Piece::Variable(name, operator, operand),
        tail.get(1..).unwrap_or_default(),
    ))
}

/// Returns where the brace that is open closes, on the same line; only braces of variables count.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    let mut previous = '\0';
    for (at, c) in text.char_indices() {
        match c {
            '}' => open -= 1,
            '{' if previous == '$' => open += 1,
            '\n' => return None,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
        previous = c;
    }
    None
}

fn name(text: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return ("", text);
    }
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}

/// A variable that a file mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it is if it is not set.
    pub default: String,
    /// Whether it has to be set.
    pub required: bool,
    /// What stands in its place if it is set.
    pub alternate: String,
}

/// Returns the variables of a text, in order.
pub fn variables(text: &str) -> Vec<Variable> {
    let pieces = pieces(text).unwrap_or_default();
    let read = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Variable(name, operator, rest) => {
            let operator = operator.trim_start_matches(':');
            let operand = |sign: &str| if operator == sign { rest } else { "" };
            Some(Variable {
                name: name.into(),
                default: operand("-").into(),
                required: operator == "?",
                alternate: operand("+").into(),
            })
        }
        Piece::Plain(_) | Piece::Dollar => None,
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> (Result<String, String>, usize) {
        let lookup = |name: &str| match name {
            "FOO" => Some("foo".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let mut warnings = Vec::new();
        let text = substitute(text, &lookup, &mut warnings).map_err(|fault| fault.text());
        (text, warnings.len())
    }

    #[test]
    fn every_form_is_substituted() {
        let cases = [
            ("$FOO-${FOO}", "foo-foo"),
            ("$$FOO $${FOO}", "$FOO ${FOO}"),
            ("${EMPTY:-a}${EMPTY-b}${NO:-c}${NO-d}", "acd"),
            ("${FOO:+a}${EMPTY:+b}${EMPTY+c}${NO+d}", "ac"),
            ("${FOO:?x}${EMPTY?x}", "foo"),
            ("${NO:-a${NO:-b${FOO}}}c", "abfooc"),
            (r#"${NO:-{"a":1}}"#, r#"{"a":1}"#),
            ("$1 a$ $-", "$1 a$ $-"),
            ("${NO:-http://x:80/?a-b}", "http://x:80/?a-b"),
        ];
        for (text, expected) in cases {
            assert_eq!(with(text), (Ok(expected.into()), 0), "{text}");
        }
    }

    #[test]
    fn unset_variables_are_blank_and_warned_about() {
        assert_eq!(with("$NO${NO}"), (Ok(String::new()), 2));
    }

    #[test]
    fn wrong_templates_are_refused() {
        for text in [
            "${}",
            "${1a}",
            "${FOO",
            "${FOO:-a",
            "${FOO::-a}",
            "${FOO!}",
            "${ FOO}",
            "${FOO:-a\nb}",
        ] {
            let (result, _) = with(text);
            assert_eq!(result, Err(format!("Invalid template: {text:?}")), "{text}");
        }
        let missing = "required variable EMPTY is missing a value: foo needed";
        assert_eq!(with("${EMPTY:?$FOO needed}").0, Err(missing.into()));
        let missing = "required variable NO is missing a value";
        assert_eq!(with("${NO?}").0, Err(missing.into()));
    }

    #[test]
    fn endless_nesting_ends() {
        let text = "${A:-".repeat(5000) + &"}".repeat(5000);
        assert!(with(&text).0.is_err());
    }
}
