//! `select`: a menu on standard error, and answers from standard input.

use super::ast::{Script, Word};
use super::state::{Boxed, Flow, Shell};

/// The width that a menu without a terminal is laid out for.
const COLUMNS: usize = 80;

impl Shell {
    pub(super) fn select_loop<'a>(
        &'a mut self,
        name: &'a str,
        words: Option<&'a [Word]>,
        body: &'a Script,
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let values = match self.words_or_arguments(words).await {
                Ok(values) => values,
                Err(flow) => return flow,
            };
            self.status = 0;
            if values.is_empty() {
                return Flow::Next;
            }
            self.loops += 1;
            let mut shows = true;
            let end = loop {
                if shows {
                    self.sys.err(&menu(&values));
                }
                self.sys
                    .err(&self.variable("PS3").unwrap_or_else(|| "#? ".to_owned()));
                let ended = self.read(&["-r".to_owned()]).await;
                if ended != 0 {
                    self.sys.err("\n");
                    self.status = 1;
                    break Flow::Next;
                }
                let reply = self.variable("REPLY").unwrap_or_default();
                shows = reply.trim().is_empty();
                if shows {
                    continue;
                }
                let number = reply.trim().parse::<usize>().ok();
                let chosen = number.and_then(|number| values.get(number.wrapping_sub(1)));
                if self
                    .assign(name, chosen.cloned().unwrap_or_default())
                    .is_err()
                {
                    break self.abandon();
                }
                if let Err(flow) = self.round(body).await {
                    break flow;
                }
            };
            self.loops -= 1;
            end
        })
    }
}

/// The choices, numbered, in columns that go down. Source: bash 5.3 `execute_cmd.c`, `print_select_list`.
fn menu(values: &[String]) -> String {
    let digits = values.len().to_string().len();
    let longest = values.iter().map(|value| value.chars().count()).max();
    let width = longest.unwrap_or(0) + digits + 4;
    let columns = (COLUMNS / width).max(1);
    let mut rows = values.len().div_ceil(columns);
    if rows == 1 {
        rows = values.len();
    }
    let mut out = String::new();
    for row in 0..rows {
        let mut position = 0;
        for (index, value) in values.iter().enumerate().skip(row).step_by(rows) {
            let item = format!("{:>digits$}) {value}", index + 1);
            let end = position + item.chars().count();
            out.push_str(&item);
            if index + rows < values.len() {
                out.push_str(&gap(end, position + width));
            }
            position += width;
        }
        out.push('\n');
    }
    out
}

/// The way from one column to another, with tabs where they fit.
fn gap(mut from: usize, to: usize) -> String {
    let mut out = String::new();
    while from < to {
        if to / 8 > from / 8 {
            out.push('\t');
            from += 8 - from % 8;
        } else {
            out.push(' ');
            from += 1;
        }
    }
    out
}
