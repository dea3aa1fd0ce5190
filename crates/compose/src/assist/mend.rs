//! The first fix of a fault, where it is obvious.

use super::outline::names;
use crate::error::Position;
use crate::schema;

/// An edit of the text that mends a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it would be, such as `Replace with backend`.
    pub label: String,
    /// Where.
    pub at: Position,
    /// How many characters go.
    pub drop: usize,
    /// What comes in their place.
    pub text: String,
}

/// Puts the nearest key of the table in the place of one that is none.
pub(super) fn key(path: &[String], wrong: &str, at: Position) -> Option<Fix> {
    let objects = schema::objects(path);
    let keys = objects
        .iter()
        .flat_map(|object| object.fields.iter().map(|field| field.key));
    nearest(wrong, keys).map(|key| replace(key, wrong, at))
}

/// Mends a reference to something that the file does not define: with the nearest name there is, else by defining it.
pub(super) fn reference(text: &str, section: &str, wrong: &str, at: Position) -> Option<Fix> {
    if let Some(name) = nearest(wrong, names(text, section).into_iter()) {
        return Some(replace(name, wrong, at));
    }
    if !matches!(section, "networks" | "volumes") {
        return None;
    }
    let heading = text
        .lines()
        .position(|line| line.trim_end() == format!("{section}:"));
    let (line, new) = match heading {
        Some(line) => (line + 2, format!("  {wrong}:\n")),
        None => (
            text.lines().count() + 1,
            format!("{section}:\n  {wrong}:\n"),
        ),
    };
    let ends = text.is_empty() || text.ends_with('\n') || line <= text.lines().count();
    Some(Fix {
        label: format!("Define {wrong} under {section}"),
        at: Position { line, column: 1 },
        drop: 0,
        text: if ends { new } else { format!("\n{new}") },
    })
}

/// Puts spaces in the place of a tab that indents.
pub(super) fn tab(text: &str, at: Position) -> Option<Fix> {
    let line = text.lines().nth(at.line.checked_sub(1)?)?;
    let column = line.chars().position(|c| c == '\t')?;
    Some(Fix {
        label: "Put spaces in the place of the tab".into(),
        at: Position {
            line: at.line,
            column: column + 1,
        },
        drop: line.chars().skip(column).take_while(|c| *c == '\t').count(),
        text: "  ".into(),
    })
}

fn replace(with: &str, wrong: &str, at: Position) -> Fix {
    Fix {
        label: format!("Replace with {with}"),
        at,
        drop: wrong.chars().count(),
        text: with.to_owned(),
    }
}

/// Returns the word that is the fewest slips away, if those are few.
fn nearest<'a>(wrong: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let bearable = 1 + wrong.chars().count() / 4;
    words
        .map(|word| (slips(wrong, word), word))
        .filter(|(slips, _)| *slips <= bearable)
        .min()
        .map(|(_, word)| word)
}

/// Counts how many characters have to be put in, taken out or changed.
fn slips(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let here = (corner + usize::from(x != *y)).min(*cell + 1).min(left + 1);
            (corner, left) = (*cell, here);
            *cell = here;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        assert_eq!(slips("backnd", "backend"), 1);
        assert_eq!(slips("", "abc"), 3);
        assert_eq!(slips("kitten", "sitting"), 3);
        assert_eq!(
            nearest("imagee", ["ports", "image"].into_iter()),
            Some("image")
        );
        assert_eq!(nearest("foo", ["ports", "image"].into_iter()), None);
    }
}
