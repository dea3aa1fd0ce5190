//! Telling screen readers what is printed: in portions, at most twice a second, and never more than one could listen to.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use lab::view::{LineKind, Terminal};
use yew::prelude::*;

use super::reading;
use crate::messages;
use crate::platform;

/// Milliseconds between two portions.
const PAUSE: u32 = 500;
/// Milliseconds after which what was said is taken away: whoever reads the page finds it in the output, not a second time.
const LINGER: u32 = 6_000;
/// Lines in a portion; of more, the last are said.
const MOST: usize = 30;

thread_local! {
    static CLEARING: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// Says something politely: in the language in use, and what programs printed, which is English.
pub(crate) fn say(own: &str, printed: &str) {
    let set = |selector, text: &str| {
        if let Some(region) = platform::find(selector) {
            region.set_text_content(Some(text));
        }
    };
    // What the other region says is not taken away from whoever still listens to it.
    for (region, text) in [(".dock .spoken", own), (".dock .spoken.printed", printed)] {
        if !text.is_empty() {
            set(region, text);
        }
    }
    let clear = move || {
        set(".dock .spoken", "");
        set(".dock .spoken.printed", "");
    };
    CLEARING.set(Some(Timeout::new(LINGER, clear)));
}

/// What there was to say of a terminal: the number behind its last line, and the last command whose end was known.
#[derive(Clone, Copy, PartialEq, Default)]
struct Said {
    end: u64,
    over: Option<u64>,
}

impl Said {
    fn all(t: &Terminal) -> Self {
        let last = t.runs.last().filter(|r| t.idle && r.exit.is_some());
        Self {
            end: t.first + t.lines.len() as u64,
            over: last.map(|r| r.input),
        }
    }
}

/// Says what is printed in a region beside the output; where output is a list to be read, also how commands end.
#[hook]
pub(super) fn use_spoken(terminal: &Rc<Terminal>, reading: bool) {
    let latest = use_mut_ref(|| Rc::clone(terminal));
    let said = use_mut_ref(|| Said::all(terminal));
    let waiting = use_mut_ref(|| None::<Timeout>);
    *latest.borrow_mut() = Rc::clone(terminal);
    let now = Said::all(terminal);
    use_effect_with((terminal.id, now, reading), move |_| {
        let before = *said.borrow();
        if now.end < before.end || (now.end == before.end && (!reading || now.over == before.over))
        {
            *said.borrow_mut() = now;
            return;
        }
        if waiting.borrow().is_some() {
            return;
        }
        let slot = Rc::clone(&waiting);
        *waiting.borrow_mut() = Some(Timeout::new(PAUSE, move || {
            slot.borrow_mut().take();
            let terminal = Rc::clone(&latest.borrow());
            let before = said.replace(Said::all(&terminal));
            let (mut own, printed) = portion(&terminal, before.end);
            if reading && let Some(end) = ended(&terminal, before) {
                own = [own.as_str(), &end].join(" ");
            }
            if !own.is_empty() || !printed.is_empty() {
                say(own.trim(), &printed);
            }
        }));
    });
}

/// How the last command ended, unless that was said before.
fn ended(t: &Terminal, before: Said) -> Option<AttrValue> {
    let over = Said::all(t)
        .over
        .filter(|over| before.over != Some(*over))?;
    let run = t.runs.iter().rfind(|r| r.input == over)?;
    let silent = t.lines.last().is_some_and(|l| l.kind == LineKind::Command);
    reading::result(run, silent)
}

/// What is said about the lines from number `from` on: how many are left out, and the others.
fn portion(terminal: &Terminal, from: u64) -> (String, String) {
    let skip = usize::try_from(from.saturating_sub(terminal.first)).unwrap_or(usize::MAX);
    let new = terminal.lines.get(skip..).unwrap_or_default();
    // A command was typed by the one who listens.
    let new: Vec<&str> = new
        .iter()
        .filter(|l| l.kind != LineKind::Command)
        .map(|l| l.text.as_str())
        .collect();
    let left_out = new.len().saturating_sub(MOST);
    let own = match left_out {
        0 => String::new(),
        _ => messages::lines_left_out(&left_out),
    };
    (own, new.get(left_out..).unwrap_or_default().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::view::{Line, Run};

    fn printed(lines: std::ops::Range<u64>) -> Terminal {
        let line = |n: u64| {
            Rc::new(Line {
                text: n.to_string(),
                ..Line::default()
            })
        };
        Terminal {
            first: 10,
            lines: lines.map(line).collect(),
            ..Terminal::default()
        }
    }

    #[test]
    fn of_much_output_the_end_is_said() {
        let terminal = printed(10..100);
        assert_eq!(portion(&terminal, 98), (String::new(), "98\n99".into()));
        let (own, all) = portion(&terminal, 0);
        assert_eq!(own, "60 lines before these");
        assert_eq!(all.lines().count(), MOST);
        assert!(all.starts_with("70") && all.ends_with("99"));
    }

    #[test]
    fn an_end_is_said_once() {
        let mut terminal = printed(10..12);
        terminal.runs = vec![Run {
            input: 3,
            exit: Some(1),
            ..Run::default()
        }];
        assert_eq!(ended(&terminal, Said::default()), None, "not shown yet");
        terminal.idle = true;
        let before = Said::default();
        assert_eq!(ended(&terminal, before).as_deref(), Some("exit status 1"));
        assert_eq!(ended(&terminal, Said::all(&terminal)), None);
    }
}
