//! Measuring and cutting what is typed.

use lab::view::Completions;

/// The commands in a text of several lines; a line that ends in a backslash goes on in the next one.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.split('\n') {
        match list.last_mut().filter(|_| open) {
            Some(last) => {
                last.push('\n');
                last.push_str(line);
            }
            None => list.push(line.to_owned()),
        }
        open = line.ends_with('\\');
    }
    if list.len() > 1 {
        list.retain(|line| !line.trim().is_empty());
    }
    list
}

pub(super) fn common_prefix(list: &Completions) -> String {
    let mut words = list.items.iter().map(|i| i.text.as_str());
    let Some(first) = words.next() else {
        return String::new();
    };
    words.fold(first.to_owned(), |common, word| {
        let same = common.chars().zip(word.chars()).take_while(|(a, b)| a == b);
        same.map(|(a, _)| a).collect()
    })
}

/// The byte at which a character begins.
pub(super) fn byte(text: &str, characters: usize) -> usize {
    let mut starts = text.char_indices().map(|(at, _)| at);
    starts.nth(characters).unwrap_or(text.len())
}

/// Characters before a position that the browser counts in UTF-16 units.
pub(super) fn characters(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    text.chars()
        .take_while(|c| {
            let fits = left >= c.len_utf16();
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .count()
}

/// The browser's position of so many characters.
pub(super) fn units(text: &str, characters: usize) -> u32 {
    text.chars()
        .take(characters)
        .map(char::len_utf16)
        .sum::<usize>() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_where_the_browser_counts_units() {
        assert_eq!(characters("a😀b", 3), 2);
        assert_eq!(units("a😀b", 2), 3);
    }

    #[test]
    fn a_pasted_text_falls_into_commands() {
        assert_eq!(commands("a\nb \\\n  c\n\nd\n"), ["a", "b \\\n  c", "d"]);
        assert_eq!(commands(""), [""]);
    }
}
