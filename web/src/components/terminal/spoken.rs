//! Telling screen readers what is printed: in portions, at most twice a second, and never more than one could listen to.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use lab::view::{LineKind, Terminal};
use web_sys::Element;
use yew::prelude::*;

use crate::messages;

/// Milliseconds between two portions.
const PAUSE: u32 = 500;
/// Lines in a portion; of more, the last are said.
const MOST: usize = 30;

/// Says what is printed in a region beside the output.
#[hook]
pub(super) fn use_spoken(terminal: &Rc<Terminal>, output: &NodeRef) {
    let latest = use_mut_ref(|| Rc::clone(terminal));
    let said = use_mut_ref(|| terminal.first + terminal.lines.len() as u64);
    let waiting = use_mut_ref(|| None::<Timeout>);
    *latest.borrow_mut() = Rc::clone(terminal);
    let end = terminal.first + terminal.lines.len() as u64;
    let output = output.clone();
    use_effect_with((terminal.id, end), move |_| {
        if end <= *said.borrow() {
            *said.borrow_mut() = end;
            return;
        }
        if waiting.borrow().is_some() {
            return;
        }
        let slot = Rc::clone(&waiting);
        *waiting.borrow_mut() = Some(Timeout::new(PAUSE, move || {
            slot.borrow_mut().take();
            let terminal = Rc::clone(&latest.borrow());
            let text = portion(&terminal, *said.borrow());
            *said.borrow_mut() = terminal.first + terminal.lines.len() as u64;
            let log = output.cast::<Element>().and_then(|o| {
                let frame = o.closest(".dock").ok().flatten()?;
                frame.query_selector(".spoken").ok().flatten()
            });
            if let Some(log) = log {
                log.set_text_content(Some(&text));
            }
        }));
    });
}

/// What is said about the lines from number `from` on.
fn portion(terminal: &Terminal, from: u64) -> String {
    let skip = usize::try_from(from.saturating_sub(terminal.first)).unwrap_or(usize::MAX);
    let new = terminal.lines.get(skip..).unwrap_or_default();
    // A command was typed by the one who listens.
    let new: Vec<&str> = new
        .iter()
        .filter(|l| l.kind != LineKind::Command)
        .map(|l| l.text.as_str())
        .collect();
    let left_out = new.len().saturating_sub(MOST);
    let mut text = new.get(left_out..).unwrap_or_default().join("\n");
    if left_out > 0 {
        text.insert_str(0, &format!("{}\n", messages::lines_left_out(&left_out)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::view::Line;

    #[test]
    fn of_much_output_the_end_is_said() {
        let line = |n: u64| {
            Rc::new(Line {
                text: n.to_string(),
                ..Line::default()
            })
        };
        let terminal = Terminal {
            first: 10,
            lines: (10..100).map(line).collect(),
            ..Terminal::default()
        };
        assert_eq!(portion(&terminal, 98), "98\n99");
        let all = portion(&terminal, 0);
        assert_eq!(all.lines().count(), MOST + 1);
        assert!(all.ends_with("99") && all.contains("60"));
    }
}
