//! Running a script over lines: the pattern space, the hold space, and what each command does to them.

use sorted::SortedMap;

use super::parse::{Action, Address, Command, Substitution};
use crate::io;

/// Commands run for one input line; a script that loops beyond it is stopped.
const MAX_STEPS: usize = 100_000;

/// What the pattern space may hold, bytes.
const MAX_SPACE: usize = 8 << 20;

struct Editor<'a> {
    commands: &'a [Command],
    labels: SortedMap<&'a str, usize>,
    /// For each range, whether it is open, and until which line if that is a number.
    open: Vec<Option<usize>>,
    quiet: bool,
    number: usize,
    space: String,
    hold: String,
    out: String,
    after: String,
    /// What `w` wrote, by file.
    written: Vec<(&'a str, String)>,
}

/// What happens after the commands for a line.
enum Next {
    Line,
    Quit(i32),
}

impl<'a> Editor<'a> {
    fn matches(&self, address: &Address, last: bool) -> bool {
        match address {
            Address::Line(number) => *number == self.number,
            Address::Last => last,
            Address::Step(first, step) => {
                self.number >= *first
                    && (*step == 0 && self.number == *first
                        || *step > 0 && (self.number - first).is_multiple_of(*step))
            }
            Address::Plus(_) => false,
            Address::Match(regex) => regex.is_match(&self.space),
        }
    }

    fn selected(&mut self, index: usize, command: &Command, last: bool) -> bool {
        let yes = match (&command.from, &command.to) {
            (None, _) => true,
            (Some(from), None) => self.matches(from, last),
            (Some(from), Some(to)) => {
                let open = self.open.get(index).copied().flatten();
                match open {
                    Some(start) => {
                        let ends = match to {
                            Address::Plus(more) => self.number >= start + more,
                            Address::Line(number) => self.number >= *number,
                            to => self.matches(to, last),
                        };
                        if ends && let Some(slot) = self.open.get_mut(index) {
                            *slot = None;
                        }
                        // A range that ends on a line already passed holds only its first.
                        !matches!(to, Address::Line(number) if self.number > *number)
                    }
                    None if self.matches(from, last) => {
                        let single = matches!(to, Address::Line(number) if *number <= self.number)
                            || matches!(to, Address::Plus(0));
                        if !single && let Some(slot) = self.open.get_mut(index) {
                            *slot = Some(self.number);
                        }
                        true
                    }
                    None => false,
                }
            }
        };
        yes != command.negated
    }

    /// Runs the script for the line in the pattern space.
    fn line(&mut self, input: &mut Lines) -> Result<Next, String> {
        let mut at = 0;
        let mut replaced = false;
        let commands = self.commands;
        for _ in 0..MAX_STEPS {
            let Some(command) = commands.get(at) else {
                return Ok(Next::Line);
            };
            let index = at;
            at += 1;
            let last = input.is_last();
            if !self.selected(index, command, last) {
                if let Action::Begin(end) = command.action {
                    at = end;
                }
                continue;
            }
            match &command.action {
                Action::Begin(_) | Action::End | Action::Label(_) => {}
                Action::Delete => return Ok(self.deleted()),
                Action::DeleteFirst => match self.space.split_once('\n') {
                    Some((_, rest)) => {
                        self.space = rest.to_owned();
                        at = 0;
                    }
                    None => return Ok(self.deleted()),
                },
                Action::Print => self.print_space(),
                Action::PrintFirst => {
                    let first = self.space.split('\n').next().unwrap_or_default().to_owned();
                    self.out.push_str(&(first + "\n"));
                }
                Action::Number => self.out.push_str(&format!("{}\n", self.number)),
                Action::Quit(code, show) => {
                    if *show && !self.quiet {
                        self.print_space();
                    }
                    let after = std::mem::take(&mut self.after);
                    self.out.push_str(&after);
                    return Ok(Next::Quit(*code));
                }
                Action::AppendWhole(text) => self.after.push_str(text),
                Action::Read(_) => {}
                Action::Write(file) => self.write(file),
                Action::List => {
                    let shown = listed(&self.space);
                    self.out.push_str(&shown);
                }
                Action::Append(text) => self.after.push_str(&format!("{text}\n")),
                Action::Insert(text) => self.out.push_str(&format!("{text}\n")),
                Action::Change(text) => {
                    // For a range, the text stands for all of it.
                    if command.to.is_none() || self.open.get(index).copied().flatten().is_none() {
                        self.out.push_str(&format!("{text}\n"));
                    }
                    return Ok(self.deleted());
                }
                Action::Next => {
                    if !self.quiet {
                        self.print_space();
                    }
                    match input.next() {
                        Some(line) => {
                            self.number += 1;
                            self.space = line;
                        }
                        None => return Ok(self.deleted()),
                    }
                }
                Action::NextAppend => match input.next() {
                    Some(line) => {
                        self.number += 1;
                        self.space.push('\n');
                        self.space.push_str(&line);
                    }
                    None => return Ok(Next::Line),
                },
                Action::Hold => self.hold.clone_from(&self.space),
                Action::HoldAppend => {
                    self.hold.push('\n');
                    self.hold.push_str(&self.space);
                }
                Action::Get => self.space.clone_from(&self.hold),
                Action::GetAppend => {
                    self.space.push('\n');
                    self.space.push_str(&self.hold);
                }
                Action::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
                Action::Translate(pairs) => {
                    self.space = self
                        .space
                        .chars()
                        .map(|c| {
                            pairs
                                .iter()
                                .find(|(from, _)| *from == c)
                                .map_or(c, |(_, to)| *to)
                        })
                        .collect();
                }
                Action::Substitute(substitution) => {
                    if self.substitute(substitution) {
                        replaced = true;
                        if substitution.print {
                            self.print_space();
                        }
                    }
                }
                Action::Branch(label) => at = self.target(label),
                Action::BranchUnless(label) => {
                    if !std::mem::take(&mut replaced) {
                        at = self.target(label);
                    }
                }
                Action::BranchIf(label) => {
                    if std::mem::take(&mut replaced) {
                        at = self.target(label);
                    }
                }
            }
            if self.space.len() > MAX_SPACE
                || self.hold.len() > MAX_SPACE
                || self.out.len() > 2 * MAX_SPACE
            {
                return Err("couldn't allocate memory".to_owned());
            }
        }
        Err(crate::not_modelled!("sed", "a script that loops for ever"))
    }

    fn write(&mut self, file: &'a str) {
        if file == "/dev/stdout" {
            return self.print_space();
        }
        let text = format!("{}\n", self.space);
        match self.written.iter_mut().find(|(known, _)| *known == file) {
            Some((_, old)) => old.push_str(&text),
            None => self.written.push((file, text)),
        }
    }

    fn deleted(&mut self) -> Next {
        let after = std::mem::take(&mut self.after);
        self.out.push_str(&after);
        self.space.clear();
        // The empty mark keeps the end of the cycle from printing.
        self.space.push('\u{0}');
        Next::Line
    }

    fn target(&self, label: &str) -> usize {
        self.labels
            .get(label)
            .copied()
            .unwrap_or(self.commands.len())
    }

    fn print_space(&mut self) {
        self.out.push_str(&self.space);
        self.out.push('\n');
    }

    fn substitute(&mut self, substitution: &Substitution) -> bool {
        let text = std::mem::take(&mut self.space);
        let mut out = String::new();
        let (mut at, mut count, mut changed) = (0, 0, false);
        while at <= text.len() {
            let Some(groups) = substitution.regex.groups_at(&text, at) else {
                break;
            };
            let Some(Some((start, end))) = groups.first().copied() else {
                break;
            };
            count += 1;
            out.push_str(text.get(at..start).unwrap_or_default());
            let due = count == substitution.occurrence
                || (substitution.global && count >= substitution.occurrence);
            if due {
                substitution.replacement(&text, &groups, &mut out);
                changed = true;
            } else {
                out.push_str(text.get(start..end).unwrap_or_default());
            }
            at = end;
            if start == end {
                // An empty match: step over one character.
                let Some(c) = text.get(end..).and_then(|rest| rest.chars().next()) else {
                    at = text.len() + 1;
                    break;
                };
                out.push(c);
                at += c.len_utf8();
            }
            if due && !substitution.global {
                break;
            }
        }
        out.push_str(text.get(at..).unwrap_or_default());
        self.space = out;
        changed
    }
}

/// A line as `l` shows it: nothing that can't be seen, folded at 69 characters.
fn listed(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for c in text.chars() {
        let shown = match c {
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            '\r' => "\\r".to_owned(),
            ' '..='~' => c.to_string(),
            c => {
                let mut bytes = [0; 4];
                let bytes = c.encode_utf8(&mut bytes).bytes();
                bytes.map(|byte| format!("\\{byte:03o}")).collect()
            }
        };
        if width + shown.len() > 69 {
            out.push_str("\\\n");
            width = 0;
        }
        width += shown.len();
        out.push_str(&shown);
    }
    out + "$\n"
}

/// The input's lines, with a look at whether one is the last.
struct Lines {
    lines: std::collections::VecDeque<String>,
}

impl Lines {
    fn next(&mut self) -> Option<String> {
        self.lines.pop_front()
    }

    fn is_last(&self) -> bool {
        self.lines.is_empty()
    }
}

/// What was printed, the exit code, and what was written where.
pub(super) type Edited<'a> = (String, Result<i32, String>, Vec<(&'a str, String)>);

pub(super) fn edited(commands: &[Command], quiet: bool, lines: Vec<io::Line>) -> Edited<'_> {
    let open_end = lines.last().is_some_and(|line| !line.ended);
    let labels = commands
        .iter()
        .enumerate()
        .filter_map(|(index, command)| {
            if let Action::Label(label) = &command.action {
                Some((label.as_str(), index))
            } else {
                None
            }
        })
        .collect();
    let mut editor = Editor {
        commands,
        labels,
        // A range from line 0 is open from the start.
        open: commands
            .iter()
            .map(|command| matches!(command.from, Some(Address::Line(0))).then_some(0))
            .collect(),
        quiet,
        number: 0,
        space: String::new(),
        hold: String::new(),
        out: String::new(),
        after: String::new(),
        written: Vec::new(),
    };
    let mut input = Lines {
        lines: lines.into_iter().map(|line| line.text).collect(),
    };
    let mut code = Ok(0);
    while let Some(line) = input.next() {
        editor.number += 1;
        editor.space = line;
        match editor.line(&mut input) {
            Ok(Next::Line) => {
                if !quiet && editor.space != "\u{0}" {
                    editor.print_space();
                }
                let after = std::mem::take(&mut editor.after);
                editor.out.push_str(&after);
            }
            Ok(Next::Quit(status)) => {
                code = Ok(status);
                break;
            }
            Err(text) => {
                code = Err(text);
                break;
            }
        }
    }
    if open_end && editor.out.ends_with('\n') && input.is_last() {
        editor.out.pop();
    }
    (editor.out, code, editor.written)
}
