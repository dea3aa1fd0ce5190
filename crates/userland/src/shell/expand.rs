//! What becomes of an expanded word: braces before, field splitting after.
//!
//! Looking up variables and running commands is `exec`'s work; this file is the pure part around it.

use super::ast::{Piece, Word};

/// Part of a word after parameters and commands have been replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as written and unquoted: never split, but its pattern characters count.
    Bare(String),
    /// Quoted text, where nothing counts.
    Quoted(String),
    /// The unquoted result of an expansion: split at `IFS`, and its pattern characters count.
    Split(String),
    /// The border between two of `"$@"`.
    Break,
}

/// Characters with whether each was quoted.
pub type Field = Vec<(char, bool)>;

/// Splits parts into fields at the characters of `ifs`.
#[must_use]
pub fn fields(parts: &[Part], ifs: &str) -> Vec<Field> {
    let mut out = Vec::new();
    let mut current: Option<Field> = None;
    for part in parts {
        match part {
            Part::Break => out.extend(current.take()),
            Part::Bare(text) => current
                .get_or_insert_default()
                .extend(text.chars().map(|c| (c, false))),
            Part::Quoted(text) => current
                .get_or_insert_default()
                .extend(text.chars().map(|c| (c, true))),
            Part::Split(text) => split(text, ifs, &mut current, &mut out),
        }
    }
    out.extend(current);
    out
}

fn split(text: &str, ifs: &str, current: &mut Option<Field>, out: &mut Vec<Field>) {
    let mut after_blank = false;
    for c in text.chars() {
        if !ifs.contains(c) {
            after_blank = false;
            current.get_or_insert_default().push((c, false));
        } else if c.is_whitespace() {
            if let Some(field) = current.take() {
                out.push(field);
                after_blank = true;
            }
        } else {
            // Another separator ends a field even if that is empty; blanks before it belong to it.
            if !after_blank {
                out.push(current.take().unwrap_or_default());
            }
            after_blank = false;
        }
    }
}

/// Joins parts without splitting, keeping which characters were quoted.
#[must_use]
pub fn unsplit(parts: &[Part]) -> Field {
    let mut out = Field::new();
    for part in parts {
        match part {
            Part::Bare(text) | Part::Split(text) => out.extend(text.chars().map(|c| (c, false))),
            Part::Quoted(text) => out.extend(text.chars().map(|c| (c, true))),
            Part::Break => out.push((' ', true)),
        }
    }
    out
}

/// The characters of a field.
#[must_use]
pub fn text(field: &[(char, bool)]) -> String {
    field.iter().map(|(c, _)| c).collect()
}

/// More words than this from one pair of braces are not made.
const MAX_BRACE_WORDS: usize = 20_000;

/// An unquoted character, or a piece braces can't look into.
#[derive(Debug, Clone)]
enum Atom {
    Char(char),
    Piece(Piece),
}

/// Expands `{a,b}` and `{1..3}`; a word without braces comes back as it is.
#[must_use]
pub fn braces(word: &Word) -> Vec<Word> {
    let has_brace = word
        .pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Bare(text) if text.contains('{')));
    if !has_brace {
        return vec![word.clone()];
    }
    let mut atoms = Vec::new();
    for piece in &word.pieces {
        match piece {
            Piece::Bare(text) => atoms.extend(text.chars().map(Atom::Char)),
            other => atoms.push(Atom::Piece(other.clone())),
        }
    }
    let mut budget = MAX_BRACE_WORDS;
    expand_atoms(&atoms, &mut budget, 0)
        .into_iter()
        .map(|atoms| collect(&atoms))
        .collect()
}

fn collect(atoms: &[Atom]) -> Word {
    let mut word = Word::default();
    for atom in atoms {
        match (atom, word.pieces.last_mut()) {
            (Atom::Char(c), Some(Piece::Bare(text))) => text.push(*c),
            (Atom::Char(c), _) => word.pieces.push(Piece::Bare(c.to_string())),
            (Atom::Piece(piece), _) => word.pieces.push(piece.clone()),
        }
    }
    word
}

fn expand_atoms(atoms: &[Atom], budget: &mut usize, depth: usize) -> Vec<Vec<Atom>> {
    let whole = || vec![atoms.to_vec()];
    if depth > 20 {
        return whole();
    }
    for start in 0..atoms.len() {
        if !matches!(atoms.get(start), Some(Atom::Char('{'))) {
            continue;
        }
        let Some((parts, end)) = alternatives(atoms, start) else {
            continue;
        };
        let head = atoms.get(..start).unwrap_or_default();
        let tail = atoms.get(end + 1..).unwrap_or_default();
        let tails = expand_atoms(tail, budget, depth + 1);
        let mut out = Vec::new();
        for part in parts {
            for middle in expand_atoms(&part, budget, depth + 1) {
                for tail in &tails {
                    let Some(left) = budget.checked_sub(1) else {
                        return whole();
                    };
                    *budget = left;
                    out.push([head, &middle, tail].concat());
                }
            }
        }
        return out;
    }
    whole()
}

/// The alternatives of the brace at `start`, and where it closes; `None` if it is plain text.
fn alternatives(atoms: &[Atom], start: usize) -> Option<(Vec<Vec<Atom>>, usize)> {
    let mut depth = 0_usize;
    let mut parts = vec![Vec::new()];
    for (index, atom) in atoms.iter().enumerate().skip(start + 1) {
        match atom {
            Atom::Char('}') if depth == 0 => {
                if parts.len() > 1 {
                    return Some((parts, index));
                }
                return sequence(parts.first()?).map(|parts| (parts, index));
            }
            Atom::Char(',') if depth == 0 => {
                parts.push(Vec::new());
                continue;
            }
            Atom::Char('{') => depth += 1,
            Atom::Char('}') => depth -= 1,
            _ => {}
        }
        parts.last_mut()?.push(atom.clone());
    }
    None
}

/// `1..5`, `a..e`, `1..9..2`, `01..10`.
fn sequence(atoms: &[Atom]) -> Option<Vec<Vec<Atom>>> {
    let text: Option<String> = atoms
        .iter()
        .map(|atom| {
            if let Atom::Char(c) = atom {
                Some(*c)
            } else {
                None
            }
        })
        .collect();
    let text = text?;
    let mut bounds = text.split("..");
    let (from, to, step) = (bounds.next()?, bounds.next()?, bounds.next());
    if bounds.next().is_some() {
        return None;
    }
    let step = step
        .map_or(Some(1), |step| step.parse::<i64>().ok())?
        .unsigned_abs()
        .max(1);
    let numbers = |from: i64, to: i64| -> Vec<i64> {
        let count = from.abs_diff(to) / step;
        let count = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .min(MAX_BRACE_WORDS);
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let step = if from <= to { step } else { -step };
        std::iter::successors(Some(from), |value| value.checked_add(step))
            .take(count + 1)
            .collect()
    };
    let words: Vec<String> = if let (Ok(first), Ok(last)) = (from.parse::<i64>(), to.parse::<i64>())
    {
        let padded = |text: &str| {
            text.trim_start_matches('-').len() > 1 && text.trim_start_matches('-').starts_with('0')
        };
        let width = if padded(from) || padded(to) {
            from.len().max(to.len()).min(40)
        } else {
            0
        };
        numbers(first, last)
            .into_iter()
            .map(|value| format!("{value:0width$}"))
            .collect()
    } else {
        let letter = |text: &str| {
            let mut chars = text.chars();
            chars
                .next()
                .filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
        };
        let (first, last) = (letter(from)?, letter(to)?);
        let as_number = |c: char| i64::from(u32::from(c));
        numbers(as_number(first), as_number(last))
            .into_iter()
            .filter_map(|value| {
                u32::try_from(value)
                    .ok()
                    .and_then(char::from_u32)
                    .map(String::from)
            })
            .collect()
    };
    Some(
        words
            .into_iter()
            .map(|word| word.chars().map(Atom::Char).collect())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn braced(text: &str) -> String {
        let words: Vec<String> = braces(&Word::bare(text))
            .iter()
            .filter_map(Word::as_literal)
            .collect();
        words.join(" ")
    }

    #[test]
    fn braces_expand_lists_and_sequences() {
        assert_eq!(braced("a{b,c}d"), "abd acd");
        assert_eq!(braced("{1..3}{x,y}"), "1x 1y 2x 2y 3x 3y");
        assert_eq!(braced("{08..10} "), "08  09  10 ");
        assert_eq!(braced("{e..a..2}"), "e c a");
        assert_eq!(braced("a{b,{c,d}}"), "ab ac ad");
        assert_eq!(braced("{} {a} {a,b"), "{} {a} {a,b");
    }

    #[test]
    fn huge_braces_stay_as_they_are() {
        assert_eq!(braces(&Word::bare("{1..999999999}")).len(), 1);
        assert_eq!(braces(&Word::bare(&"{a,b}".repeat(19))).len(), 1);
    }

    fn split_at(parts: &[Part], ifs: &str) -> Vec<String> {
        fields(parts, ifs).iter().map(|field| text(field)).collect()
    }

    #[test]
    fn fields_split_only_where_unquoted() {
        let split = Part::Split("  a b ".to_owned());
        assert_eq!(split_at(std::slice::from_ref(&split), " \t\n"), ["a", "b"]);
        assert_eq!(
            split_at(
                &[
                    Part::Bare("x".to_owned()),
                    split,
                    Part::Bare("y".to_owned())
                ],
                " \t\n"
            ),
            ["x", "a", "b", "y"]
        );
        assert_eq!(
            split_at(&[Part::Quoted("a b".to_owned())], " \t\n"),
            ["a b"]
        );
        assert_eq!(
            split_at(&[Part::Split("a::b".to_owned())], ":"),
            ["a", "", "b"]
        );
        assert_eq!(
            split_at(&[Part::Split(String::new())], " "),
            Vec::<String>::new()
        );
        assert_eq!(split_at(&[Part::Quoted(String::new())], " "), [""]);
    }
}
