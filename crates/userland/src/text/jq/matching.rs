//! Regular expressions: what matches, and what is put in its place.

use super::super::regex::Regex;
use super::builtins::{items, object_of, string};
use super::eval::{Scope, Values, values};
use super::filter::Filter;
use super::json::Json;
use super::operators::{described, plain};

/// Compiles the pattern of `test` and `sub`.
pub(super) fn regex(pattern: &Json, flags: &str) -> Result<Regex, String> {
    match pattern {
        Json::String(pattern) => Regex::extended(pattern, flags.contains('i'))
            .map_err(|error| format!("{pattern} (at offset 0) is not a valid regex: {error}")),
        other => Err(format!(
            "{} cannot be matched, as it is not a string",
            described(other)
        )),
    }
}

/// The matches of a pattern, as `match` gives them.
pub(super) fn matches(input: &Json, pattern: &Json, flags: &str) -> Result<Vec<Json>, String> {
    let text = string(input, "cannot be matched, as it is not a string")?;
    let (names, pattern) = match pattern {
        Json::String(pattern) => named_groups(pattern),
        other => (Vec::new(), other.clone()),
    };
    let found = regex(&pattern, flags)?;
    let counted = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(groups) = found.groups_at(text, at) {
        let describe = |group: Option<(usize, usize)>| match group {
            Some((start, end)) => {
                let part = text.get(start..end).unwrap_or_default();
                vec![
                    ("offset", Json::Number(counted(start) as f64)),
                    ("length", Json::Number(part.chars().count() as f64)),
                    ("string", Json::String(part.to_owned())),
                ]
            }
            None => vec![
                ("offset", Json::Number(-1.0)),
                ("length", Json::Number(0.0)),
                ("string", Json::Null),
            ],
        };
        let whole = groups.first().copied().flatten();
        let captures = groups.iter().skip(1).enumerate().map(|(index, group)| {
            let mut members = describe(*group);
            let name = names.get(index).cloned().flatten();
            members.push(("name", name.map_or(Json::Null, Json::String)));
            object_of(members)
        });
        let mut members = describe(whole);
        members.push(("captures", Json::Array(captures.collect())));
        out.push(object_of(members));
        let Some((start, end)) = whole.filter(|_| flags.contains('g')) else {
            break;
        };
        at = if end == start {
            let step = text.get(end..).and_then(|rest| rest.chars().next());
            match step {
                Some(c) => end + c.len_utf8(),
                None => break,
            }
        } else {
            end
        };
        if at > text.len() {
            break;
        }
    }
    Ok(out)
}

/// A pattern without its groups' names, and those names.
fn named_groups(pattern: &str) -> (Vec<Option<String>>, Json) {
    let mut names = Vec::new();
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        out.push(c);
        match c {
            '\\' => {
                if let Some(next) = rest.chars().next() {
                    out.push(next);
                    rest = rest.get(next.len_utf8()..).unwrap_or_default();
                }
            }
            '(' => match rest
                .strip_prefix("?<")
                .and_then(|after| after.split_once('>'))
            {
                Some((name, after)) => {
                    names.push(Some(name.to_owned()));
                    rest = after;
                }
                None => names.push(None),
            },
            _ => {}
        }
    }
    (names, Json::String(out))
}

/// `sub` and `gsub`: the replacement sees the named groups.
pub(super) fn substituted(
    input: &Json,
    (pattern, flags): (&Json, &str),
    with: &Filter,
    scope: &Scope,
) -> Values {
    let text = string(input, "cannot be matched, as it is not a string")?;
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    for found in matches(input, pattern, flags)? {
        let number = |name: &str| match found.member(name) {
            Some(Json::Number(number)) => *number as usize,
            _ => 0,
        };
        let mut groups = Vec::new();
        for capture in found
            .member("captures")
            .map(|c| items(c, "iterated over"))
            .transpose()?
            .unwrap_or_default()
        {
            if let (Some(Json::String(name)), Some(value)) =
                (capture.member("name"), capture.member("string"))
            {
                groups.push((name.clone(), value.clone()));
            }
        }
        let (start, length) = (number("offset"), number("length"));
        out.extend(chars.get(at..start).unwrap_or_default());
        let made = values(with, &Json::Object(groups), scope)?;
        out.push_str(&made.first().map(plain).unwrap_or_default());
        at = start + length;
    }
    out.extend(chars.get(at..).unwrap_or_default());
    Ok(vec![Json::String(out)])
}
