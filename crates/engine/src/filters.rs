//! Filters of list and prune requests.

use sorted::SortedMap;

use crate::api::Filters;
use crate::clock::UnixNanos;
use crate::error::{Error, Result};

/// Refuses filters that a request does not know.
pub(crate) fn check_filters(filters: &Filters, known: &[&str]) -> Result<()> {
    match filters.keys().find(|k| !known.contains(&k.as_str())) {
        Some(bad) if bad.is_empty() => Err(Error::invalid("invalid filter")),
        Some(bad) => Err(Error::invalid(format!("invalid filter '{bad}'"))),
        None => Ok(()),
    }
}

/// Reads a filter that is true or false.
pub(crate) fn boolean_filter(filters: &Filters, key: &str) -> Result<Option<bool>> {
    let Some(values) = filters.get(key) else {
        return Ok(None);
    };
    match values
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["true" | "1"] => Ok(Some(true)),
        ["false" | "0"] => Ok(Some(false)),
        _ => Err(Error::invalid(format!(
            "invalid value for filter '{key}', must be \"true\" (or \"1\"), or \"false\" (or \"0\")"
        ))),
    }
}

/// Returns whether a name is what a filter asks for: the very word, or a match of it as a regular expression.
/// Source: moby `api/types/filters`, `Args.Match`.
pub(crate) fn matches_name(wanted: &str, name: &str) -> bool {
    wanted == name || regex_lite::Regex::new(wanted).is_ok_and(|r| r.is_match(name))
}

/// Returns whether every label asked for is there, with its value if one is given.
pub(crate) fn has_labels(filters: &Filters, key: &str, labels: &SortedMap<String, String>) -> bool {
    let has = |wanted: &String| match wanted.split_once('=') {
        Some((name, value)) => labels.get(name).is_some_and(|v| v == value),
        None => labels.contains_key(wanted),
    };
    filters.get(key).is_none_or(|wanted| wanted.iter().all(has))
}

/// Returns whether something made at `created` is older than the filter `until`, a moment in nanoseconds since 1970, asks.
pub(crate) fn is_before_until(filters: &Filters, created: UnixNanos) -> Result<bool> {
    let Some(values) = filters.get("until") else {
        return Ok(true);
    };
    let [until] = values.as_slice() else {
        return Err(Error::invalid("more than one until filter specified"));
    };
    match until.parse::<UnixNanos>() {
        Ok(until) => Ok(created < until),
        Err(_) => Err(Error::invalid(format!(
            "failed to parse value as time or duration: \"{until}\""
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_as_regular_expressions() {
        for wanted in ["web", "we", "^web$", "w.b", "(db|web)", "eb$"] {
            assert!(matches_name(wanted, "web"), "{wanted}");
        }
        for wanted in ["^eb", "web2", "we$", "("] {
            assert!(!matches_name(wanted, "web"), "{wanted}");
        }
    }
}
