//! `key=value` pairs, as many flags take them.

use sorted::SortedMap;

/// Returns pairs as a map; a key without `=` has an empty value, and the last of several wins.
pub(crate) fn map(pairs: &[String]) -> SortedMap<String, String> {
    let split = |pair: &String| match pair.split_once('=') {
        Some((key, value)) => (key.to_owned(), value.to_owned()),
        None => (pair.clone(), String::new()),
    };
    pairs.iter().map(split).collect()
}

/// Rejects a label without a name, or with blanks in it.
pub(crate) fn check_label(label: &str) -> Result<(), String> {
    let name = label.split_once('=').map_or(label, |(name, _)| name);
    let name = name.trim_start();
    if name.is_empty() {
        return Err(format!("invalid label '{label}': empty name"));
    }
    match name.contains(char::is_whitespace) {
        true => Err(format!("label '{name}' contains whitespaces")),
        false => Ok(()),
    }
}

/// Rejects a variable without a name.
pub(crate) fn check_env(variable: &str) -> Result<(), String> {
    match variable.is_empty() || variable.starts_with('=') {
        true => Err(format!("invalid environment variable: {variable}")),
        false => Ok(()),
    }
}
