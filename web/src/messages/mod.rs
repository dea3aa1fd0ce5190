//! What the page says to its user, in the language that was chosen.
//!
//! The texts are in `web/messages`, a file a language; English is built in, the others are read when they are chosen.
//! Each key of `en.txt` is a function here. What is said about packets comes from the lab, in English, and is looked up
//! sentence by sentence: see [`said`].

#[cfg(test)]
mod coverage;
pub(crate) mod keys;
pub(crate) mod language;
pub(crate) mod said;

use std::cell::Cell;
use std::fmt::Display;

use crate::platform::storage::Trouble;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// A text of the language in use, by its function.
pub(crate) type Words = fn() -> &'static str;

thread_local! {
    /// The texts of the language in use, in the order of [`ENGLISH`].
    static TEXTS: Cell<&'static [&'static str]> = const { Cell::new(ENGLISH) };
}

fn text(at: usize) -> &'static str {
    let texts = TEXTS.get();
    let english = || ENGLISH.get(at).copied();
    texts.get(at).copied().or_else(english).unwrap_or_default()
}

/// Fills the places of a text.
fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (place, after))) = rest
        .split_once('{')
        .and_then(|(before, place)| Some((before, place.split_once('}')?)))
    {
        out.push_str(before);
        let (name, forms) = place.split_once(':').unwrap_or((place, ""));
        let value = values.iter().find(|v| v.0 == name);
        let value = value.map(|v| v.1.to_string()).unwrap_or_default();
        let (one, other) = forms.split_once('|').unwrap_or((forms, forms));
        out.push_str(match (forms, value.as_str()) {
            ("", value) => value,
            (_, "1") => one,
            _ => other,
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A text that comes from elsewhere in English, in the language in use if it is known.
pub(crate) fn known(english: &str) -> &str {
    let at = ENGLISH.iter().position(|e| *e == english);
    at.map_or(english, |at| text(at))
}

/// A number with a fraction, as the language writes it.
pub(crate) fn decimal(number: &str) -> String {
    number.replacen('.', decimal_point(), 1)
}

/// A whole number, as the language writes it.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && n >= 10_000 {
            out.push_str(thousands());
        }
        out.push(digit);
    }
    out
}

/// Virtual time since the lab began.
pub(crate) fn since_start(ns: u64) -> String {
    let text = format!("{}.{:03}", ns / 1_000_000_000, ns / 1_000_000 % 1000);
    seconds(&decimal(&text))
}

/// Why the work is not being saved.
pub(crate) fn not_saved(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Blocked => not_saved_blocked(),
        Trouble::Full => not_saved_full(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys and texts of a file, in their order.
    fn entries(file: &str) -> Vec<(&str, &str)> {
        let lines = file.lines().filter(|l| !l.starts_with('#'));
        lines.filter_map(|l| l.split_once(" = ")).collect()
    }

    /// The names of what is filled in, each once, sorted.
    fn places(text: &str) -> Vec<&str> {
        let names = text.split('{').skip(1);
        let mut names: Vec<&str> = names.filter_map(|p| p.split(['}', ':']).next()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn every_language_says_everything_in_the_same_order() {
        let english = entries(include_str!("../../messages/en.txt"));
        for (language, file) in [
            ("de", include_str!("../../messages/de.txt")),
            ("es", include_str!("../../messages/es.txt")),
            ("zh", include_str!("../../messages/zh.txt")),
        ] {
            let other = entries(file);
            for (i, (key, text)) in english.iter().enumerate() {
                let (other_key, said) = other.get(i).copied().unwrap_or_default();
                assert_eq!(*key, other_key, "{language}.txt, entry {i}");
                assert_eq!(places(text), places(said), "{language}.txt: {key}");
            }
            assert_eq!(english.len(), other.len(), "{language}.txt");
            assert!(!file.contains('<'), "{language}.txt holds markup");
        }
    }

    #[test]
    fn keys_are_unique() {
        let mut keys: Vec<&str> = entries(include_str!("../../messages/en.txt"))
            .iter()
            .map(|e| e.0)
            .collect();
        keys.sort_unstable();
        assert!(keys.windows(2).all(|w| w[0] != w[1]), "{keys:?}");
    }

    #[test]
    fn places_are_filled_and_forms_chosen() {
        let text = "{b} of {n} {n:thing|things} {n:same}";
        assert_eq!(
            fill(text, &[("n", &1), ("b", &"a {")]),
            "a { of 1 thing same"
        );
        assert_eq!(fill(text, &[("n", &2), ("b", &0)]), "0 of 2 things same");
        assert_eq!(fill("an open {place", &[]), "an open {place");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(1234), "1234");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(since_start(61_002_000_000), "61.002 s");
    }

    #[test]
    fn the_stage_says_what_a_machine_is_in_the_language_in_use() {
        let stage = || {
            let swarm = crate::sample::swarm();
            let wish = crate::layout::Wish {
                level: Some(crate::layout::Level::Standard),
                ..Default::default()
            };
            let scene = crate::layout::lay_out(&swarm, &mut Default::default(), wish);
            scene.labels().map(|l| l.0.text.clone()).collect::<Vec<_>>()
        };
        said::take("swarm manager => Swarm-Manager");
        assert!(
            stage().contains(&"Swarm-Manager".to_owned()),
            "{:?}",
            stage()
        );
        said::take("");
        assert!(stage().contains(&"swarm manager".to_owned()));
    }

    #[test]
    fn a_language_replaces_the_texts_and_english_comes_back() {
        language::take("a = A\n# more\n\nb = B {n}\n");
        assert_eq!((text(0), text(1)), ("A", "B {n}"));
        assert_eq!(text(2), ENGLISH[2]);
        language::take("");
        assert_eq!(text(0), ENGLISH[0]);
    }
}
