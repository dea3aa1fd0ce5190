//! Lines, and a cursor that writes into them.
//!
//! A line is as long as what was written before its line feed: it is for a front end to wrap it, and a line that is copied
//! is whole. Programs that move about see a screen of [`ROWS`] of the last lines, which begins no earlier than where
//! the command's output began: what was said before is not painted over.

use super::cells::{self, Cells, columns};
use super::codes::Sequence;
use super::look::dress;
use crate::view::{Line, LineKind, Look};
use std::rc::Rc;

/// How many rows a program may paint, as `stty size` tells it.
const ROWS: usize = 24;
/// The last column that the cursor can be moved to.
const LAST_COLUMN: usize = 159;
/// How many lines are kept; the oldest go first.
pub(super) const KEPT_LINES: usize = 5000;
/// How much text is kept in all, bytes.
pub(super) const KEPT_BYTES: usize = 4 << 20;
/// Where a line without an end goes on as another line, bytes.
pub(super) const LONGEST_LINE: usize = 64 << 10;
/// How long a line may be, bytes, to be written into: it has to be taken apart for that.
const LONGEST_EDITED: usize = 1 << 10;

/// Where text comes from, which its line tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// When it was written, virtual nanoseconds.
    pub(super) at: u64,
    /// The input to which it belongs.
    pub(super) input: u64,
    /// By whom.
    pub(super) kind: LineKind,
}

/// The lines of one screen.
#[derive(Debug, Clone, Default)]
struct Sheet {
    lines: Vec<Rc<Line>>,
    first: u64,
    bytes: usize,
    /// The cursor: a line, which may be the one behind the last, and a column.
    row: usize,
    column: usize,
    /// Whether the cursor is known to be at the end of its line.
    at_end: bool,
    /// The first line that may be painted over.
    floor: usize,
    saved: (usize, usize),
}

/// What a terminal shows besides its prompt.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid {
    sheet: Sheet,
    /// The lines that are put aside while a program has the whole screen to itself.
    aside: Option<Box<Sheet>>,
    look: Look,
}

impl Grid {
    /// The lines.
    pub(super) fn lines(&self) -> &[Rc<Line>] {
        &self.sheet.lines
    }

    /// How many lines were let go before the first.
    pub(super) const fn first(&self) -> u64 {
        self.sheet.first
    }

    /// Adds a prompt with what was typed at it. What follows stands below it.
    pub(super) fn command(&mut self, line: Line) {
        let sheet = &mut self.sheet;
        sheet.push(line);
        sheet.floor = sheet.lines.len();
        sheet.go(sheet.lines.len(), 0);
        self.look = Look::default();
    }

    /// A command has ended well: what it wrote as errors was no error.
    pub(super) fn forgive(&mut self, input: u64) {
        let lines = self.sheet.lines.iter_mut().rev();
        for line in lines.take_while(|l| l.input >= input) {
            if line.kind == LineKind::Error {
                Rc::make_mut(line).kind = LineKind::Output;
            }
        }
    }

    /// Writes text at the cursor. A line that becomes too long goes on as another one.
    pub(super) fn text(&mut self, mut text: &str, origin: Origin) {
        loop {
            let room = LONGEST_LINE.saturating_sub(self.sheet.length());
            let (now, later) = text.split_at(text.floor_char_boundary(room));
            self.sheet.write(now, self.look, origin);
            if later.is_empty() {
                break;
            }
            text = later;
            self.sheet.go(self.sheet.row + 1, 0);
        }
    }

    /// Does what a control character says.
    pub(super) fn control(&mut self, c: char, origin: Origin) {
        let sheet = &mut self.sheet;
        match c {
            '\n' => sheet.feed(origin),
            '\r' => sheet.go(sheet.row, 0),
            '\u{8}' => sheet.go(sheet.row, sheet.column.saturating_sub(1)),
            '\t' => {
                let to = (sheet.column / 8 + 1) * 8;
                if sheet.at_end {
                    let blanks = " ".repeat(to - sheet.column);
                    sheet.write(&blanks, Look::default(), origin);
                } else {
                    sheet.go(sheet.row, to.min(LAST_COLUMN.max(sheet.column)));
                }
            }
            _ => {}
        }
    }

    /// Does what an escape of one character says.
    pub(super) fn escape(&mut self, c: char, origin: Origin) {
        let sheet = &mut self.sheet;
        match c {
            'D' => sheet.go(sheet.row + 1, sheet.column),
            'E' => sheet.feed(origin),
            'M' => sheet.go(sheet.row.saturating_sub(1), sheet.column),
            '7' => sheet.save(),
            '8' => sheet.restore(),
            'c' => {
                self.leave();
                self.look = Look::default();
                self.sheet.clear();
            }
            _ => {}
        }
    }

    /// Does what a control sequence says.
    pub(super) fn sequence(&mut self, s: Sequence<'_>, origin: Origin) {
        if let Some(modes) = s.parameters.strip_prefix('?') {
            let whole_screen = modes
                .split(';')
                .any(|m| matches!(m, "1049" | "1047" | "47"));
            match s.last {
                'h' if whole_screen => self.enter(),
                'l' if whole_screen => self.leave(),
                _ => {}
            }
            return;
        }
        let sheet = &mut self.sheet;
        let (row, column, n) = (sheet.row, sheet.column, s.count(0));
        let right = |by: usize| column.saturating_add(by).min(LAST_COLUMN.max(column));
        match s.last {
            'A' => sheet.go(row.saturating_sub(n), column),
            'B' | 'e' => sheet.go(row.saturating_add(n), column),
            'C' | 'a' => sheet.go(row, right(n)),
            'D' => sheet.go(row, column.saturating_sub(n)),
            'E' => sheet.go(row.saturating_add(n), 0),
            'F' => sheet.go(row.saturating_sub(n), 0),
            'G' | '`' => sheet.go(row, (n - 1).min(LAST_COLUMN)),
            'd' => sheet.go(sheet.top() + (n - 1).min(ROWS - 1), column),
            'H' | 'f' => {
                let to = (n - 1).min(ROWS - 1);
                sheet.go(sheet.top() + to, (s.count(1) - 1).min(LAST_COLUMN));
            }
            'J' => sheet.erase_screen(s.number(0)),
            'K' => {
                let mode = s.number(0);
                sheet.edit(row, |cells| match mode {
                    0 => cells.cut(column),
                    1 => cells.erase(0, column + 1),
                    _ => cells.cut(0),
                });
            }
            'L' => sheet.insert_lines(n, origin),
            'M' => sheet.delete_lines(n),
            'P' => sheet.edit(row, |cells| cells.delete(column, n)),
            '@' => sheet.edit(row, |cells| cells.insert(column, n.min(LAST_COLUMN))),
            'X' => sheet.edit(row, |cells| cells.erase(column, n)),
            'm' => dress(&mut self.look, s.parameters),
            's' => sheet.save(),
            'u' => sheet.restore(),
            _ => {}
        }
    }

    /// A program takes the whole screen.
    fn enter(&mut self) {
        if self.aside.is_none() {
            self.aside = Some(Box::new(std::mem::take(&mut self.sheet)));
        }
    }

    /// It gives it back: what was there before is there again.
    fn leave(&mut self) {
        if let Some(sheet) = self.aside.take() {
            self.sheet = *sheet;
        }
    }

    /// Lets the oldest lines go, as many as there are too many.
    pub(super) fn bound(&mut self) {
        let kept = if self.aside.is_some() {
            ROWS
        } else {
            KEPT_LINES
        };
        let sheet = &mut self.sheet;
        let mut gone = sheet.lines.len().saturating_sub(kept);
        let mut bytes = sheet.bytes;
        for (number, line) in sheet.lines.iter().enumerate() {
            if number >= gone && bytes <= KEPT_BYTES {
                break;
            }
            bytes -= size(line);
            gone = gone.max(number + 1);
        }
        sheet.let_go(gone);
    }
}

/// What a line weighs, bytes.
fn size(line: &Line) -> usize {
    line.text.len() + line.prompt.len() + line.spans.len() * size_of::<crate::view::Span>()
}

/// A line on which nothing stands yet.
fn blank(origin: Origin) -> Line {
    Line {
        at_ns: origin.at,
        input: origin.input,
        kind: origin.kind,
        complete: true,
        ..Line::default()
    }
}

impl Sheet {
    /// The line that is the first row of the screen.
    fn top(&self) -> usize {
        self.floor.max(self.lines.len().saturating_sub(ROWS))
    }

    /// Moves the cursor, within the screen.
    fn go(&mut self, row: usize, column: usize) {
        let top = self.top();
        let last = (top + ROWS - 1).max(self.lines.len());
        (self.row, self.column) = (row.clamp(top, last), column);
        self.at_end = false;
    }

    fn save(&mut self) {
        self.saved = (self.row.saturating_sub(self.top()), self.column);
    }

    fn restore(&mut self) {
        let (row, column) = self.saved;
        self.go(self.top() + row, column);
    }

    fn push(&mut self, line: Line) {
        self.bytes += size(&line);
        self.lines.push(Rc::new(line));
    }

    /// Makes sure that there is a line where the cursor is.
    fn reach(&mut self, origin: Origin) {
        while self.lines.len() <= self.row {
            self.push(blank(origin));
        }
    }

    /// Changes a line, and keeps count of its size. Without effect where there is none.
    fn change(&mut self, row: usize, change: impl FnOnce(&mut Line)) {
        if let Some(line) = self.lines.get_mut(row) {
            let line = Rc::make_mut(line);
            self.bytes -= size(line);
            change(line);
            self.bytes += size(line);
        }
    }

    /// Changes a line's columns. A line that is too long for it stays.
    fn edit(&mut self, row: usize, change: impl FnOnce(&mut Cells)) {
        self.at_end = false;
        self.change(row, |line| {
            if line.text.len() <= LONGEST_EDITED {
                let mut cells = Cells::new(&line.text, &line.spans);
                change(&mut cells);
                (line.text, line.spans) = cells.line();
            }
        });
    }

    /// How long the line is that the cursor is in, bytes.
    fn length(&self) -> usize {
        self.lines.get(self.row).map_or(0, |l| l.text.len())
    }

    fn write(&mut self, text: &str, look: Look, origin: Origin) {
        let fresh = self.lines.len() <= self.row;
        self.reach(origin);
        let (row, column, width) = (self.row, self.column, columns(text));
        // An empty line ends a complaint: what follows is advice.
        let before = row.checked_sub(1).and_then(|row| self.lines.get(row));
        let advice = before.is_some_and(|l| {
            l.text.is_empty() && l.kind == LineKind::Error && l.input == origin.input
        });
        let last = row + 1 == self.lines.len();
        let mut at_end = self.at_end || self.length() > LONGEST_EDITED;
        self.change(row, |line| {
            at_end |= (column == 0 && line.text.is_empty())
                || (line.text.len() <= LONGEST_EDITED && columns(&line.text) == column);
            if at_end {
                let from = line.text.len();
                line.text.push_str(text);
                cells::add(&mut line.spans, from, line.text.len(), look);
            } else {
                let mut cells = Cells::new(&line.text, &line.spans);
                cells.write(column, text, look);
                (line.text, line.spans) = cells.line();
                // As if it had been written letter by letter.
                at_end = columns(&line.text) == column.saturating_add(width);
            }
            if fresh || column == 0 || origin.kind == LineKind::Error {
                // What is indented is a table or a progress bar: errors begin at the edge.
                let no_error = advice || line.text.starts_with(' ');
                line.kind = if no_error && origin.kind == LineKind::Error {
                    LineKind::Output
                } else {
                    origin.kind
                };
            }
            if last {
                line.complete = false;
            }
        });
        self.at_end = at_end;
        self.column = column.saturating_add(width);
    }

    fn feed(&mut self, origin: Origin) {
        self.reach(origin);
        self.change(self.row, |line| line.complete = true);
        (self.row, self.column, self.at_end) = (self.row + 1, 0, false);
    }

    /// Wipes from the cursor on, up to it, or everything; 3 is what has scrolled away.
    fn erase_screen(&mut self, mode: u16) {
        let (row, column) = (self.row, self.column);
        match mode {
            0 => {
                self.edit(row, |cells| cells.cut(column));
                self.truncate(row + usize::from(column > 0));
            }
            1 => {
                for above in self.top()..row {
                    self.edit(above, |cells| cells.cut(0));
                }
                self.edit(row, |cells| cells.erase(0, column + 1));
            }
            2 => {
                // The screen is what a person sees, whoever wrote it.
                self.truncate(self.lines.len().saturating_sub(ROWS));
                self.floor = self.lines.len();
                self.go(self.floor, 0);
            }
            3 => self.let_go(self.top()),
            _ => {}
        }
    }

    fn truncate(&mut self, lines: usize) {
        while self.lines.len() > lines {
            if let Some(line) = self.lines.pop() {
                self.bytes -= size(&line);
            }
        }
    }

    fn insert_lines(&mut self, count: usize, origin: Origin) {
        if self.row >= self.lines.len() {
            return;
        }
        let last = self.top() + ROWS;
        for _ in 0..count.min(ROWS) {
            self.lines.insert(self.row, Rc::new(blank(origin)));
        }
        self.truncate(last.max(self.row + 1));
        self.column = 0;
        self.at_end = false;
    }

    fn delete_lines(&mut self, count: usize) {
        let to = self.row.saturating_add(count).min(self.lines.len());
        for line in self.lines.drain(self.row.min(to)..to) {
            self.bytes -= size(&line);
        }
        self.column = 0;
        self.at_end = false;
    }

    /// Lets the first lines go.
    fn let_go(&mut self, count: usize) {
        let count = count.min(self.lines.len());
        for line in self.lines.drain(..count) {
            self.bytes -= size(&line);
        }
        self.first += count as u64;
        self.row = self.row.saturating_sub(count);
        self.floor = self.floor.saturating_sub(count);
    }

    fn clear(&mut self) {
        self.let_go(self.lines.len());
        self.go(0, 0);
    }
}

#[cfg(test)]
impl Grid {
    /// Whether the sizes add up, for tests.
    pub(super) fn counts_right(&self) -> bool {
        let sum: usize = self.sheet.lines.iter().map(|l| size(l)).sum();
        sum == self.sheet.bytes
    }
}
