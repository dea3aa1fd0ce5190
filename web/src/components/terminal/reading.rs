//! The output for screen readers: each command is a heading, below it stand what it printed and how it ended.

use std::rc::Rc;

use lab::view::{Line, LineKind, Run, Terminal};
use yew::prelude::*;

use super::lines;
use crate::messages;

/// One command with its output, or output without a command: its end was asked for, its beginning was let go.
struct Entry<'a> {
    /// The number of its first line.
    first: u64,
    command: Option<&'a Rc<Line>>,
    output: &'a [Rc<Line>],
}

/// The lines as entries; the first line has the number `first`. Where only Enter was pressed, there is nothing to read.
fn entries(lines: &[Rc<Line>], first: u64) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    let mut number = first;
    for chunk in lines.chunk_by(|_, next| next.kind != LineKind::Command) {
        let (command, output) = match chunk.split_first() {
            Some((line, output)) if line.kind == LineKind::Command => (Some(line), output),
            _ => (None, chunk),
        };
        if !output.is_empty() || command.is_some_and(|c| !c.text.trim().is_empty()) {
            entries.push(Entry {
                first: number,
                command,
                output,
            });
        }
        number += chunk.len() as u64;
    }
    entries
}

/// Draws lines as a list of commands with their results.
pub(super) fn list(t: &Terminal, lines: &[Rc<Line>], first: u64) -> Html {
    let entries = entries(lines, first);
    let count = entries.len();
    let items = entries.into_iter().enumerate().map(|(i, e)| {
        // Of the last one the end is known only once it is shown.
        let run = e.command.filter(|_| i + 1 < count || t.idle);
        let run = run.and_then(|c| t.runs.iter().rfind(|r| r.input == c.input));
        let end = run.and_then(|r| result(r, e.output.is_empty()));
        let below = e.first + u64::from(e.command.is_some());
        html! { <Item key={e.first} command={e.command.cloned()} output={e.output.to_vec()} first={below} {end} /> }
    });
    html! { <>{ for items }</> }
}

/// How a command ended, where its output does not tell.
pub(super) fn result(run: &Run, silent: bool) -> Option<AttrValue> {
    match run.exit? {
        0 if silent => Some(AttrValue::Static(messages::reading_silent())),
        0 => None,
        status => Some(messages::reading_exit(&status).into()),
    }
}

#[derive(Properties, PartialEq)]
struct Props {
    command: Option<Rc<Line>>,
    output: Vec<Rc<Line>>,
    /// The number of the first line of output.
    first: u64,
    end: Option<AttrValue>,
}

#[component]
fn Item(p: &Props) -> Html {
    html! {
        <li>
            <div>
                if let Some(c) = &p.command {
                    <h3 class="ln cmdline"><span class="pr" aria-hidden="true">{ c.prompt.trim_end() }{ " " }</span>{ &c.text }</h3>
                }
            </div>
            <div>{ lines::blocks(&p.output, p.first) }</div>
            <div>if let Some(end) = &p.end { <p class="ended" lang={messages::language::spoken()}>{ end }</p> }</div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: LineKind, text: &str) -> Rc<Line> {
        Rc::new(Line {
            kind,
            text: text.into(),
            ..Line::default()
        })
    }

    #[test]
    fn commands_stand_with_their_output() {
        use LineKind::{Command, Error, Output};
        let lines = [
            line(Output, "the end of something"),
            line(Command, ""),
            line(Command, "ls"),
            line(Output, "a"),
            line(Error, "b"),
            line(Command, "true"),
        ];
        let all = entries(&lines, 7);
        let all: Vec<_> = all
            .iter()
            .map(|e| (e.first, e.command.map(|c| c.text.as_str()), e.output.len()))
            .collect();
        assert_eq!(
            all,
            [(7, None, 1), (9, Some("ls"), 2), (12, Some("true"), 0)]
        );
    }

    #[test]
    fn an_end_is_told_where_the_output_does_not() {
        let run = |exit| Run {
            exit,
            ..Run::default()
        };
        assert_eq!(result(&run(None), true), None);
        assert_eq!(result(&run(Some(0)), false), None);
        assert_eq!(result(&run(Some(0)), true).as_deref(), Some("no output"));
        assert_eq!(
            result(&run(Some(2)), false).as_deref(),
            Some("exit status 2")
        );
    }
}
