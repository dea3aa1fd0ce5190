//! `--filter name=value`, as every list of docker's takes it.

use sorted::SortedMap;

use crate::since;

/// Rejects a filter that is not `name=value`; an empty one filters nothing.
pub fn check(text: &str) -> Result<(), String> {
    match text.is_empty() || text.contains('=') {
        true => Ok(()),
        false => Err("bad format of filter (expected name=value)".into()),
    }
}

/// Gathers filters by name, in the order in which the engine's API has them.
/// Names are put in lower case and blanks around name and value dropped. Source: docker/cli `opts/opts.go`.
pub fn gather(filters: &[String]) -> SortedMap<String, Vec<String>> {
    let mut gathered: SortedMap<String, Vec<String>> = SortedMap::new();
    for (name, value) in filters.iter().filter_map(|f| f.split_once('=')) {
        let values = gathered
            .entry(name.trim().to_ascii_lowercase())
            .or_default();
        let value = value.trim().to_owned();
        if !values.contains(&value) {
            values.push(value);
        }
    }
    gathered
}

/// The same for a prune, where `until` is a moment or a time before now; `now` is in seconds.
/// Errors: the engine's sentence about a moment that is none.
pub fn gather_for_prune(
    filters: &[String],
    now: i64,
) -> Result<SortedMap<String, Vec<String>>, String> {
    let mut gathered = gather(filters);
    for until in gathered.get_mut("until").into_iter().flatten() {
        *until = since::instant(until, now)
            .map_err(|why| format!("Error response from daemon: {why}"))?
            .to_string();
    }
    Ok(gathered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_need_an_equals_sign_unless_empty() {
        assert_eq!(
            check("driver").unwrap_err(),
            "bad format of filter (expected name=value)"
        );
        assert_eq!(check(""), Ok(()));
        assert_eq!(check("label=a=b"), Ok(()));
    }

    #[test]
    fn filters_of_one_name_are_alternatives() {
        let words = [
            "Label=a=1".to_owned(),
            " label = b ".to_owned(),
            "driver=null".to_owned(),
        ];
        let gathered = gather(&words);
        assert_eq!(*gathered.get("label").unwrap(), ["a=1", "b"]);
        assert_eq!(*gathered.get("driver").unwrap(), ["null"]);
    }
}
