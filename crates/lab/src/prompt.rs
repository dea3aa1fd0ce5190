//! The marks that an interactive shell puts around its prompt, so that a terminal knows where commands begin and end.
//!
//! They are those of real terminals: `ESC ] 133 ; A BEL` before the prompt, `B` after it, `C` before a command's output and
//! `D ; STATUS` when it has ended. `A` and `D` carry `aid=PID`, so that shells within shells can be told apart.
//! Source: the FinalTerm escape sequences, as iTerm2 and VTE document them.

/// What a terminal's output consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that is shown.
    Text(&'a str),
    /// A prompt of this shell begins.
    PromptStart(&'a str),
    /// A prompt ends; what follows is typed by the person.
    PromptEnd,
    /// A command's output begins.
    OutputStart,
    /// A command of this shell has ended with this status.
    Done(Option<i32>, &'a str),
}

const START: &str = "\u{1b}]133;";
const END: char = '\u{7}';

/// Splits output into text and marks. Unknown marks are dropped.
pub fn parts(mut text: &str) -> impl Iterator<Item = Part<'_>> {
    std::iter::from_fn(move || {
        while !text.is_empty() {
            let Some(at) = text.find(START) else {
                return Some(Part::Text(std::mem::take(&mut text)));
            };
            if at > 0 {
                let (before, rest) = text.split_at(at);
                text = rest;
                return Some(Part::Text(before));
            }
            let body = text.strip_prefix(START).unwrap_or_default();
            let Some((mark, rest)) = body.split_once(END) else {
                // A mark that is still being written.
                text = "";
                return None;
            };
            text = rest;
            if let Some(part) = read(mark) {
                return Some(part);
            }
        }
        None
    })
}

/// What an operating system command says, without its escape and end, if it is one of the marks.
pub(crate) fn mark(command: &str) -> Option<Part<'_>> {
    read(command.strip_prefix("133;")?)
}

fn read(mark: &str) -> Option<Part<'_>> {
    let mut fields = mark.split(';');
    let shell = mark
        .split(';')
        .find_map(|f| f.strip_prefix("aid="))
        .unwrap_or_default();
    match fields.next() {
        Some("A") => Some(Part::PromptStart(shell)),
        Some("B") => Some(Part::PromptEnd),
        Some("C") => Some(Part::OutputStart),
        Some("D") => Some(Part::Done(
            fields.next().and_then(|s| s.parse().ok()),
            shell,
        )),
        _ => None,
    }
}

/// The text without marks.
#[must_use]
pub fn strip_marks(text: &str) -> String {
    parts(text)
        .filter_map(|p| match p {
            Part::Text(t) => Some(t),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_and_left_out() {
        let text = "\u{1b}]133;D;1;aid=7\u{7}\u{1b}]133;A;aid=7\u{7}hostA:~# \u{1b}]133;B\u{7}ls\n\u{1b}]133;X\u{7}out\u{1b}]133;";
        let found: Vec<_> = parts(text).collect();
        assert_eq!(
            found,
            [
                Part::Done(Some(1), "7"),
                Part::PromptStart("7"),
                Part::Text("hostA:~# "),
                Part::PromptEnd,
                Part::Text("ls\n"),
                Part::Text("out")
            ]
        );
        assert_eq!(strip_marks(text), "hostA:~# ls\nout");
    }
}
