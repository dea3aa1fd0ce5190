//! A line as columns, to write into its middle.

use crate::view::{Look, Span};
use cli::format::text::is_wide;

/// How many columns a character takes: none for what is put on the one before.
pub(crate) const fn width(c: char) -> usize {
    match c as u32 {
        0..=0x2ff => 1,
        0x300..=0x36f | 0x200b..=0x200f | 0x20d0..=0x20ff | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f => 0,
        _ if is_wide(c) => 2,
        _ => 1,
    }
}

/// The columns that a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// A line taken apart into characters with their looks.
pub(crate) struct Cells(Vec<(char, Look)>);

impl Cells {
    /// Takes a line apart.
    pub(crate) fn new(text: &str, spans: &[Span]) -> Self {
        let mut spans = spans.iter().peekable();
        let cells = text.char_indices().map(|(at, c)| {
            while spans.next_if(|s| s.to <= at).is_some() {}
            let look = spans.peek().filter(|s| s.from <= at);
            (c, look.map_or_else(Look::default, |s| s.look))
        });
        Self(cells.collect())
    }

    /// The line again: its text, and the parts that do not look plain.
    pub(crate) fn line(&self) -> (String, Vec<Span>) {
        let (mut text, mut spans) = (String::with_capacity(self.0.len()), Vec::new());
        for (c, look) in &self.0 {
            let from = text.len();
            text.push(*c);
            add(&mut spans, from, text.len(), *look);
        }
        (text, spans)
    }

    /// Makes sure that a column begins with a character: blanks fill the way to it, and a wide character that it would
    /// cut in two becomes blanks. Returns the character's place.
    fn at(&mut self, column: usize) -> usize {
        let mut here = 0;
        for place in 0..self.0.len() {
            let wide = self.0.get(place).map_or(1, |(c, _)| width(*c));
            if here >= column && wide > 0 {
                return place;
            }
            if here < column && here + wide > column {
                self.0.splice(place..=place, [BLANK, BLANK]);
                return place + 1;
            }
            here += wide;
        }
        self.0
            .resize(self.0.len() + column.saturating_sub(here), BLANK);
        self.0.len()
    }

    /// Writes over what stands at a column and behind it.
    pub(crate) fn write(&mut self, column: usize, text: &str, look: Look) {
        let from = self.at(column);
        let to = self.at(column + columns(text));
        self.0
            .splice(from..to.max(from), text.chars().map(|c| (c, look)));
    }

    /// Puts blanks in front of what stands at a column.
    pub(crate) fn insert(&mut self, column: usize, count: usize) {
        let at = self.at(column);
        self.0.splice(at..at, std::iter::repeat_n(BLANK, count));
        self.trim();
    }

    /// Takes columns out; what is behind them moves up.
    pub(crate) fn delete(&mut self, column: usize, count: usize) {
        let from = self.at(column);
        let to = self.at(column.saturating_add(count).min(LAST));
        self.0.drain(from..to.max(from));
        self.trim();
    }

    /// Blanks columns.
    pub(crate) fn erase(&mut self, column: usize, count: usize) {
        let end = column.saturating_add(count).min(LAST);
        let from = self.at(column);
        let to = self.at(end);
        let blanks = std::iter::repeat_n(BLANK, end.saturating_sub(column));
        self.0.splice(from..to.max(from), blanks);
        self.trim();
    }

    /// Cuts everything off from a column on.
    pub(crate) fn cut(&mut self, column: usize) {
        let at = self.at(column);
        self.0.truncate(at);
        self.trim();
    }

    /// Blanks at the end are nothing.
    fn trim(&mut self) {
        while self.0.last() == Some(&BLANK) {
            self.0.pop();
        }
    }
}

/// The last column that is counted.
const LAST: usize = 4096;

/// What stands where nothing was written.
const BLANK: (char, Look) = (
    ' ',
    Look {
        ink: None,
        paper: None,
        bold: false,
        dim: false,
        italic: false,
        underline: false,
        inverse: false,
        struck: false,
    },
);

/// Notes how the bytes from `from` to `to` look.
pub(crate) fn add(spans: &mut Vec<Span>, from: usize, to: usize, look: Look) {
    if look == Look::default() || from == to {
        return;
    }
    match spans.last_mut() {
        Some(last) if last.to == from && last.look == look => last.to = to,
        _ => spans.push(Span { from, to, look }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, change: impl Fn(&mut Cells)) -> String {
        let mut cells = Cells::new(text, &[]);
        change(&mut cells);
        cells.line().0
    }

    #[test]
    fn columns_are_written_erased_and_moved() {
        let plain = Look::default();
        assert_eq!(changed("abcdef", |c| c.write(2, "XY", plain)), "abXYef");
        assert_eq!(changed("ab", |c| c.write(4, "X", plain)), "ab  X");
        assert_eq!(changed("abcdef", |c| c.insert(1, 2)), "a  bcdef");
        assert_eq!(changed("abcdef", |c| c.delete(1, 2)), "adef");
        assert_eq!(changed("abcdef", |c| c.delete(4, 99)), "abcd");
        assert_eq!(changed("abcdef", |c| c.erase(1, 2)), "a  def");
        assert_eq!(changed("abcdef", |c| c.cut(3)), "abc");
    }

    #[test]
    fn wide_characters_take_two_columns_and_are_not_cut_in_two() {
        let plain = Look::default();
        assert_eq!(columns("a日e\u{301}"), 4);
        assert_eq!(changed("日本x", |c| c.write(4, "y", plain)), "日本y");
        assert_eq!(changed("日本x", |c| c.write(1, "y", plain)), " y本x");
        assert_eq!(changed("日本x", |c| c.write(0, "y", plain)), "y 本x");
        assert_eq!(
            changed("e\u{301}b", |c| c.write(1, "x", plain)),
            "e\u{301}x"
        );
    }

    #[test]
    fn looks_stay_with_their_characters() {
        let red = Look {
            ink: Some(1),
            ..Look::default()
        };
        let mut cells = Cells::new("abcd", &[]);
        cells.write(1, "é!", red);
        let (text, spans) = cells.line();
        assert_eq!(text, "aé!d");
        assert_eq!(
            spans,
            [Span {
                from: 1,
                to: 4,
                look: red
            }]
        );
        assert_eq!(Cells::new(&text, &spans).line(), (text, spans));
    }
}
