//! The line being typed: what keys do to it. Pure.

use lab::view::Completions;

use super::text::{byte, common_prefix};
use crate::history::{Search, Walk};

/// The line being typed and what helps typing it.
#[derive(Clone, PartialEq, Default)]
pub(super) struct Edit {
    pub(super) text: String,
    pub(super) walk: Walk,
    pub(super) search: Option<Search>,
    pub(super) offers: Option<Offers>,
    /// The output's lines before this number are cleared away.
    pub(super) cleared: u64,
    /// Where the cursor has to go once the field holds the text.
    pub(super) cursor: Option<usize>,
    /// Whether the next key counts as pressed together with Ctrl, as the key bar's Ctrl wants it.
    pub(super) ctrl: bool,
}

/// Completions, and the one that is chosen.
#[derive(Clone, PartialEq)]
pub(super) struct Offers {
    pub(super) list: Completions,
    pub(super) chosen: usize,
}

/// A key, and where it was pressed.
pub(super) struct Press<'a> {
    pub(super) key: &'a str,
    pub(super) ctrl: bool,
    pub(super) shift: bool,
    /// The cursor, in characters.
    pub(super) cursor: usize,
    /// Whether text is selected, in the line or in the output.
    pub(super) chosen: bool,
}

/// What else matters to a key.
pub(super) struct Around<'a> {
    pub(super) history: &'a [&'a str],
    /// The number behind the last line of output.
    pub(super) end: u64,
    /// Whether a shell waits for a command.
    pub(super) waiting: bool,
    /// Whether that is the machine's own shell.
    pub(super) own: bool,
    pub(super) complete: &'a dyn Fn(&str, usize) -> Completions,
}

/// What a key leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Edit,
    Enter(String),
    Interrupt,
    End,
    Eof,
    Leave,
    Find,
    Copy,
}

/// Does what a key does; `None` if the field itself knows.
pub(super) fn press(edit: &mut Edit, p: &Press<'_>, a: &Around<'_>) -> Option<Outcome> {
    if p.ctrl {
        control(edit, p, a)
    } else if edit.search.is_some() {
        searching(edit, p.key, a.history)
    } else if edit.offers.is_some() {
        choosing(edit, p.key)
    } else {
        plain(edit, p, a)
    }
}

fn control(edit: &mut Edit, p: &Press<'_>, a: &Around<'_>) -> Option<Outcome> {
    match p.key {
        "C" if p.shift => return Some(Outcome::Copy),
        // With text selected, Ctrl-C copies.
        "c" if p.chosen => return None,
        "c" => {
            edit.reset();
            // At a prompt there is nothing to stop but the line being typed and the film being shown.
            return Some(if a.waiting {
                Outcome::End
            } else {
                Outcome::Interrupt
            });
        }
        // The machine's own shell is the terminal: ending it would leave nothing to type into.
        "d" if edit.text.is_empty() && !a.own => return Some(Outcome::Eof),
        "d" if edit.text.is_empty() => {}
        "f" => return Some(Outcome::Find),
        "l" => edit.cleared = a.end,
        "r" => {
            match &mut edit.search {
                Some(search) => {
                    let further = Search {
                        skip: search.skip + 1,
                        query: search.query.clone(),
                    };
                    if further.found(a.history).is_some() {
                        *search = further;
                    }
                }
                None => edit.search = Some(Search::default()),
            }
            edit.offers = None;
        }
        "a" => edit.cursor = Some(0),
        "e" => edit.cursor = Some(edit.text.chars().count()),
        "k" => {
            edit.text = edit.text.chars().take(p.cursor).collect();
            edit.cursor = Some(p.cursor);
        }
        "u" => {
            edit.text = edit.text.chars().skip(p.cursor).collect();
            edit.cursor = Some(0);
        }
        "`" => return Some(Outcome::Leave),
        _ => return None,
    }
    Some(Outcome::Edit)
}

fn searching(edit: &mut Edit, key: &str, history: &[&str]) -> Option<Outcome> {
    match key {
        "Enter" | "Tab" | "ArrowRight" | "End" => {
            let search = edit.search.take()?;
            edit.set(search.found(history).unwrap_or_default().to_owned());
            if key == "Enter" {
                return Some(edit.enter());
            }
        }
        "Escape" => edit.search = None,
        _ => return None,
    }
    Some(Outcome::Edit)
}

fn choosing(edit: &mut Edit, key: &str) -> Option<Outcome> {
    let offers = edit.offers.as_mut()?;
    let count = offers.list.items.len().max(1);
    match key {
        "Tab" | "Enter" => {
            let chosen = offers.chosen;
            edit.accept(chosen);
        }
        "ArrowDown" => offers.chosen = (offers.chosen + 1) % count,
        "ArrowUp" => offers.chosen = (offers.chosen + count - 1) % count,
        "Escape" => edit.offers = None,
        _ => return None,
    }
    Some(Outcome::Edit)
}

fn plain(edit: &mut Edit, p: &Press<'_>, a: &Around<'_>) -> Option<Outcome> {
    let (before, after) = edit.text.split_at(byte(&edit.text, p.cursor));
    match p.key {
        "Tab" if !p.shift => {
            let list = (a.complete)(&edit.text, p.cursor);
            match list.items.len() {
                0 => {}
                1 => {
                    edit.offers = Some(Offers { list, chosen: 0 });
                    edit.accept(0);
                }
                _ => {
                    let common = common_prefix(&list);
                    let typed = p.cursor.saturating_sub(list.from);
                    if common.chars().count() > typed {
                        edit.replace(list.from, p.cursor, &common);
                    }
                    edit.offers = Some(Offers { list, chosen: 0 });
                }
            }
        }
        "Enter" if edit.text.ends_with('\\') => {
            edit.text.push('\n');
            edit.cursor = Some(edit.text.chars().count());
        }
        "Enter" if !p.shift => return Some(edit.enter()),
        // In a text of several lines, arrows walk through these first.
        "ArrowUp" if !before.contains('\n') => {
            let text = edit.text.clone();
            if let Some(line) = edit.walk.older(a.history, &text) {
                edit.set(line);
            }
        }
        "ArrowDown" if !after.contains('\n') => {
            if let Some(line) = edit.walk.newer(a.history) {
                edit.set(line);
            }
        }
        "Escape" if edit.text.contains('\n') => edit.set(String::new()),
        _ => return None,
    }
    Some(Outcome::Edit)
}

impl Edit {
    /// An empty line; what was cleared away stays so.
    fn reset(&mut self) {
        *self = Self {
            cleared: self.cleared,
            ..Self::default()
        };
    }

    fn set(&mut self, text: String) {
        self.cursor = Some(text.chars().count());
        self.text = text;
    }

    fn enter(&mut self) -> Outcome {
        let line = std::mem::take(&mut self.text);
        self.reset();
        Outcome::Enter(line)
    }

    /// What stands in the field: while searching, what is searched for.
    pub(super) fn typed(&self) -> &str {
        self.search.as_ref().map_or(&self.text, |s| &s.query)
    }

    /// Puts text in at a place, in characters.
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        self.replace(at, at, text);
    }

    /// Takes a completion.
    pub(super) fn accept(&mut self, index: usize) {
        let Some(offers) = self.offers.take() else {
            return;
        };
        let Some(item) = offers.list.items.get(index) else {
            return;
        };
        let from = offers.list.from;
        let rest = self.text.chars().skip(from);
        let word = rest.take_while(|c| !c.is_whitespace()).count();
        let text = if item.space {
            format!("{} ", item.text)
        } else {
            item.text.clone()
        };
        self.replace(from, from + word, &text);
    }

    /// Replaces characters and puts the cursor behind them.
    fn replace(&mut self, from: usize, to: usize, with: &str) {
        let head: String = self.text.chars().take(from).collect();
        let tail: String = self.text.chars().skip(to).collect();
        let tail = if with.len() > 1 && with.ends_with(' ') {
            tail.strip_prefix(' ').unwrap_or(&tail).to_owned()
        } else {
            tail
        };
        self.cursor = Some(from + with.chars().count());
        self.text = format!("{head}{with}{tail}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::view::Completion;

    fn list(from: usize, words: &[&str]) -> Completions {
        Completions {
            from,
            items: words
                .iter()
                .map(|w| Completion {
                    text: (*w).into(),
                    description: String::new(),
                    space: true,
                })
                .collect(),
        }
    }

    fn pressed(edit: &mut Edit, key: &str, ctrl: bool, cursor: usize) -> Option<Outcome> {
        let key = Press {
            key,
            ctrl,
            shift: false,
            cursor,
            chosen: false,
        };
        let around = Around {
            history: &["docker ps", "ping db"],
            end: 7,
            waiting: true,
            own: true,
            complete: &|_, _| list(0, &["con", "conf"]),
        };
        press(edit, &key, &around)
    }

    #[test]
    fn accepting_replaces_the_whole_word_under_the_cursor() {
        let mut edit = Edit {
            text: "docker netw ls".into(),
            offers: Some(Offers {
                list: list(7, &["network"]),
                chosen: 0,
            }),
            ..Edit::default()
        };
        edit.accept(0);
        assert_eq!(edit.text, "docker network ls");
        assert_eq!(edit.cursor, Some(15));
    }

    #[test]
    fn the_common_beginning_is_completed_first() {
        assert_eq!(
            common_prefix(&list(0, &["connect", "container", "config"])),
            "con"
        );
        assert_eq!(common_prefix(&list(0, &[])), "");
    }

    #[test]
    fn control_keys_edit_as_in_a_shell() {
        let text = |edit: &Edit| edit.text.clone();
        let mut edit = Edit {
            text: "abc def".into(),
            ..Edit::default()
        };
        pressed(&mut edit, "k", true, 3);
        assert_eq!((text(&edit), edit.cursor), ("abc".into(), Some(3)));
        pressed(&mut edit, "u", true, 1);
        assert_eq!((text(&edit), edit.cursor), ("bc".into(), Some(0)));
        assert_eq!(pressed(&mut edit, "c", true, 0), Some(Outcome::End));
        assert_eq!(text(&edit), "");
        assert_eq!(pressed(&mut edit, "d", true, 0), Some(Outcome::Edit));
        pressed(&mut edit, "l", true, 0);
        assert_eq!(edit.cleared, 7);
    }

    #[test]
    fn a_pasted_text_is_walked_through() {
        let mut edit = Edit {
            text: "a\nb".into(),
            ..Edit::default()
        };
        assert_eq!(pressed(&mut edit, "ArrowUp", false, 3), None);
        pressed(&mut edit, "ArrowUp", false, 0);
        assert_eq!(edit.text, "ping db");
    }
}
