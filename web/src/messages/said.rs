//! What the lab says, in the language in use.
//!
//! The lab speaks English. In the files of the other languages its sentences stand as templates, each with its
//! translation; a sentence is looked up by what stands between what is filled in. What is not found stays English and is
//! marked as such. Nothing of it costs those anything who read English.

use std::cell::Cell;

use yew::AttrValue;

use super::{fill, language};

/// What separates a sentence from its translation in a file.
const ARROW: &str = " => ";
/// Letters that a template needs so that spaces may stand in what is filled in: shorter ones would fit too much.
const TELLING: usize = 5;

thread_local! {
    /// The templates of the language in use, each with its translation.
    static SAID: Cell<&'static [(&'static str, &'static str)]> = const { Cell::new(&[]) };
}

/// Takes the templates of a file.
pub(super) fn take(file: &'static str) {
    let lines = file.lines().filter(|l| !l.starts_with('#'));
    let pairs: Vec<_> = lines.filter_map(|l| l.split_once(ARROW)).collect();
    SAID.set(pairs.leak());
}

/// A text of the lab in the language in use, and the language to mark it with if it is another one.
pub(crate) fn said(text: &str) -> (AttrValue, Option<&'static str>) {
    match found(text) {
        Some(found) => (found.into(), None),
        None => {
            let other = language::spoken() != "en";
            (text.to_owned().into(), other.then_some("en"))
        }
    }
}

/// A text of the lab in the language in use, if it is known there.
pub(super) fn found(text: &str) -> Option<String> {
    translate(SAID.get(), text)
}

/// The same without the mark, for where there is no place for one.
pub(crate) fn plainly(text: &str) -> AttrValue {
    said(text).0
}

type Pairs = [(&'static str, &'static str)];

/// A text whole, or sentence by sentence.
fn translate(pairs: &Pairs, text: &str) -> Option<String> {
    if let Some(found) = one(pairs, text) {
        return Some(found);
    }
    text.match_indices(". ").find_map(|(at, _)| {
        let head = one(pairs, text.get(..=at)?)?;
        let tail = translate(pairs, text.get(at + 2..)?)?;
        let space = if head.ends_with('。') { "" } else { " " };
        Some(format!("{head}{space}{tail}"))
    })
}

/// By the template that says most of a text.
fn one(pairs: &Pairs, text: &str) -> Option<String> {
    let fitting = pairs.iter().filter_map(|(english, other)| {
        let (values, letters) = read(english, text)?;
        Some((letters, values, *other))
    });
    let (_, values, other) = fitting.max_by_key(|f| f.0)?;
    let values = values.into_iter().map(|(name, value)| {
        let Some(name) = name.strip_prefix('!') else {
            return (name, value.to_owned());
        };
        let found = translate(pairs, value);
        (name, found.unwrap_or_else(|| value.to_owned()))
    });
    let values: Vec<(&str, String)> = values.collect();
    let values: Vec<_> = values.iter().map(|(n, v)| (*n, v as _)).collect();
    Some(fill(other, &values))
}

/// What is filled in where a template has its places, and how many letters stand between; `None` if it does not fit.
fn read<'t>(template: &'t str, text: &'t str) -> Option<(Vec<(&'t str, &'t str)>, usize)> {
    let mut parts = template.split('{');
    let first = parts.next()?;
    let mut rest = text.strip_prefix(first)?;
    let mut letters = first.len();
    let mut values = Vec::new();
    let mut parts = parts.filter_map(|p| p.split_once('}')).peekable();
    while let Some((name, after)) = parts.next() {
        let end = match (parts.peek(), after) {
            (None, "") => rest.len(),
            (None, _) => rest.strip_suffix(after)?.len(),
            // The next place begins after what stands between.
            (Some(_), _) => rest.find(after)?,
        };
        let value = rest.get(..end)?;
        if value.is_empty() || value.contains(". ") {
            return None;
        }
        rest = rest.get(end + after.len()..)?;
        letters += after.len();
        values.push((name, value));
    }
    let loose = |(name, value): &(&str, &str)| {
        letters < TELLING && value.contains(' ') && !name.starts_with('!')
    };
    (rest.is_empty() && !values.iter().any(loose)).then_some((values, letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &Pairs = &[
        ("{a} to {b}", "{a} an {b}"),
        ("{!who} sends", "{who} sendet"),
        ("the kernel", "der Kernel"),
        ("{name} is not running.", "{name} läuft nicht."),
        ("{name} is not.", "{name} nicht."),
        ("NXDOMAIN.", "NXDOMAIN."),
        ("{!a}; {!b}", "{a}; {b}"),
    ];

    #[test]
    fn sentences_are_found_by_what_stands_between() {
        let says = |text| translate(GERMAN, text);
        assert_eq!(
            says("10.0.0.1:80 to 10.0.0.2:80").as_deref(),
            Some("10.0.0.1:80 an 10.0.0.2:80")
        );
        assert_eq!(
            says("the kernel sends").as_deref(),
            Some("der Kernel sendet")
        );
        assert_eq!(says("curl sends").as_deref(), Some("curl sendet"));
        assert_eq!(
            says("the kernel; a to b").as_deref(),
            Some("der Kernel; a an b")
        );
    }

    #[test]
    fn sentences_that_stand_together_are_found_one_by_one() {
        let two = translate(GERMAN, "NXDOMAIN. web is not running.");
        assert_eq!(two.as_deref(), Some("NXDOMAIN. web läuft nicht."));
        assert_eq!(translate(GERMAN, "NXDOMAIN. Nobody knows."), None);
    }

    #[test]
    fn what_says_little_fits_little() {
        assert_eq!(translate(GERMAN, "it belongs to nobody at all"), None);
        assert_eq!(translate(GERMAN, " sends"), None);
    }
}
