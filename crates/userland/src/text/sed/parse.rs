//! Reading a `sed` script.

use super::super::regex::Regex;

/// An address.
#[derive(Debug, Clone)]
pub(super) enum Address {
    Line(usize),
    Last,
    /// `first~step`
    Step(usize, usize),
    /// `+N`: so many lines more.
    Plus(usize),
    Match(Regex),
}

/// A command with its addresses.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) negated: bool,
    pub(super) action: Action,
}

/// What a command does.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// `{`, with where the block ends.
    Begin(usize),
    End,
    Label(String),
    Branch(String),
    BranchIf(String),
    BranchUnless(String),
    Delete,
    DeleteFirst,
    Print,
    PrintFirst,
    Number,
    /// `q` (true: prints first) and `Q`.
    Quit(i32, bool),
    Append(String),
    Insert(String),
    Change(String),
    Next,
    NextAppend,
    Hold,
    HoldAppend,
    Get,
    GetAppend,
    Exchange,
    /// `l`
    List,
    /// `r`, by its file; what is in it takes the place of this.
    Read(String),
    /// What `r` read.
    AppendWhole(String),
    Write(String),
    Translate(Vec<(char, char)>),
    Substitute(Box<Substitution>),
}

/// `s/regex/replacement/flags`
#[derive(Debug, Clone)]
pub(super) struct Substitution {
    pub(super) regex: Regex,
    parts: Vec<Part>,
    pub(super) global: bool,
    pub(super) print: bool,
    pub(super) occurrence: usize,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Group(usize),
    /// `\U`, `\L`, `\E`, `\u`, `\l`.
    Case(char),
}

impl Substitution {
    /// Writes what a match is replaced by.
    pub(super) fn replacement(
        &self,
        text: &str,
        groups: &[Option<(usize, usize)>],
        out: &mut String,
    ) {
        let (mut mode, mut once) = ('E', 'E');
        for part in &self.parts {
            let piece = match part {
                Part::Text(piece) => piece.as_str(),
                Part::Group(number) => groups
                    .get(*number)
                    .copied()
                    .flatten()
                    .and_then(|(start, end)| text.get(start..end))
                    .unwrap_or_default(),
                Part::Case(c @ ('u' | 'l')) => {
                    once = *c;
                    continue;
                }
                Part::Case(c) => {
                    mode = *c;
                    continue;
                }
            };
            for c in piece.chars() {
                match (std::mem::replace(&mut once, 'E'), mode) {
                    ('u', _) | ('E', 'U') => out.extend(c.to_uppercase()),
                    ('l', _) | ('E', 'L') => out.extend(c.to_lowercase()),
                    _ => out.push(c),
                }
            }
        }
    }
}

/// Position and text of what is wrong.
type Wrong = (usize, String);

struct Reader {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    /// What an empty expression stands for.
    last: Option<Regex>,
}

/// Reads a script.
pub(super) fn script(text: &str, extended: bool) -> Result<Vec<Command>, Wrong> {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
        extended,
        last: None,
    };
    let mut commands: Vec<Command> = Vec::new();
    let mut blocks = Vec::new();
    loop {
        while reader.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
            reader.at += 1;
        }
        if reader.peek().is_none() {
            break;
        }
        if reader.peek() == Some('#') {
            reader.line();
            continue;
        }
        let command = reader.command()?;
        match command.action {
            Action::Begin(_) => blocks.push(commands.len()),
            Action::End => {
                let begin = blocks.pop().ok_or_else(|| reader.wrong("unexpected `}'"))?;
                let end = commands.len();
                if let Some(command) = commands.get_mut(begin) {
                    command.action = Action::Begin(end + 1);
                }
            }
            _ => {}
        }
        commands.push(command);
    }
    if blocks.is_empty() {
        Ok(commands)
    } else {
        Err((0, "unmatched `{'".to_owned()))
    }
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn wrong(&self, text: &str) -> Wrong {
        (self.at, text.to_owned())
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }

    fn line(&mut self) -> String {
        let mut out = String::new();
        while let Some(c) = self.bump() {
            if c == '\n' {
                break;
            }
            out.push(c);
        }
        out
    }

    fn number(&mut self) -> Option<usize> {
        let mut value: Option<usize> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value = Some(
                value
                    .unwrap_or(0)
                    .saturating_mul(10)
                    .saturating_add(digit as usize),
            );
            self.at += 1;
        }
        value
    }

    fn compile(&mut self, pattern: &str, ignore_case: bool) -> Result<Regex, Wrong> {
        if pattern.is_empty() {
            return self
                .last
                .clone()
                .ok_or_else(|| self.wrong("no previous regular expression"));
        }
        let regex = if self.extended {
            Regex::extended(pattern, ignore_case)
        } else {
            Regex::basic(pattern, ignore_case)
        };
        let regex = regex.map_err(|error| self.wrong(&error))?;
        self.last = Some(regex.clone());
        Ok(regex)
    }

    /// Text up to an unescaped delimiter; `\` and delimiter give the delimiter. Brackets hide it only in an address.
    fn delimited(&mut self, delimiter: char, regex: bool) -> Option<String> {
        let mut out = String::new();
        let mut bracket = false;
        loop {
            match self.bump()? {
                c if c == delimiter && !bracket => return Some(out),
                '\\' => match self.bump()? {
                    c if c == delimiter && c != '\\' => out.push(c),
                    'n' if regex => out.push_str("\\n"),
                    c => {
                        out.push('\\');
                        out.push(c);
                    }
                },
                c => {
                    if regex {
                        match c {
                            '[' if !bracket => {
                                // A `]` right after the opening is part of the set.
                                bracket = true;
                                out.push(c);
                                for first in ['^', ']'] {
                                    if self.peek() == Some(first) {
                                        self.at += 1;
                                        out.push(first);
                                    }
                                }
                                continue;
                            }
                            '[' if self.peek() == Some(':') => {
                                out.push(c);
                                while let Some(inner) = self.bump() {
                                    out.push(inner);
                                    if inner == ']' {
                                        break;
                                    }
                                }
                                continue;
                            }
                            ']' => bracket = false,
                            _ => {}
                        }
                    }
                    out.push(c);
                }
            }
        }
    }

    fn address(&mut self) -> Result<Option<Address>, Wrong> {
        if let Some(number) = self.number() {
            if self.peek() == Some('~') {
                self.at += 1;
                return Ok(Some(Address::Step(number, self.number().unwrap_or(0))));
            }
            return Ok(Some(Address::Line(number)));
        }
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(c @ ('/' | '\\')) => {
                self.at += 1;
                let delimiter = if c == '\\' {
                    self.bump().unwrap_or('/')
                } else {
                    c
                };
                let pattern = self
                    .delimited(delimiter, true)
                    .ok_or_else(|| self.wrong("unterminated address regex"))?;
                let ignore_case = self.peek() == Some('I');
                self.at += usize::from(ignore_case);
                Ok(Some(Address::Match(self.compile(&pattern, ignore_case)?)))
            }
            _ => Ok(None),
        }
    }

    fn command(&mut self) -> Result<Command, Wrong> {
        let from = self.address()?;
        self.blanks();
        let mut to = None;
        if from.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.blanks();
            if self.peek() == Some('+') {
                self.at += 1;
                to = Some(Address::Plus(self.number().unwrap_or(0)));
            } else {
                to = self.address()?;
            }
            if to.is_none() {
                self.at += 1;
                return Err(self.wrong("unexpected `,'"));
            }
            self.blanks();
        }
        if matches!(from, Some(Address::Line(0))) && !matches!(to, Some(Address::Match(_))) {
            return Err(self.wrong("invalid usage of line address 0"));
        }
        let mut negated = false;
        while self.peek() == Some('!') {
            negated = true;
            self.at += 1;
            self.blanks();
        }
        let name = self.bump().ok_or_else(|| self.wrong("missing command"))?;
        let action = match name {
            '{' => Action::Begin(0),
            '}' => Action::End,
            ':' => Action::Label(self.label()),
            'b' => Action::Branch(self.label()),
            't' => Action::BranchIf(self.label()),
            'T' => Action::BranchUnless(self.label()),
            'l' => Action::List,
            'r' | 'w' => {
                self.blanks();
                let file = self.line();
                if file.is_empty() {
                    return Err(self.wrong("missing filename in r/R/w/W commands"));
                }
                if name == 'r' {
                    Action::Read(file)
                } else {
                    Action::Write(file)
                }
            }
            'd' => Action::Delete,
            'D' => Action::DeleteFirst,
            'p' => Action::Print,
            'P' => Action::PrintFirst,
            '=' => Action::Number,
            'q' | 'Q' => {
                self.blanks();
                let code = self
                    .number()
                    .map_or(0, |code| i32::try_from(code & 0xff).unwrap_or(0));
                Action::Quit(code, name == 'q')
            }
            'a' => Action::Append(self.text()),
            'i' => Action::Insert(self.text()),
            'c' => Action::Change(self.text()),
            'n' => Action::Next,
            'N' => Action::NextAppend,
            'h' => Action::Hold,
            'H' => Action::HoldAppend,
            'g' => Action::Get,
            'G' => Action::GetAppend,
            'x' => Action::Exchange,
            'y' => self.translate()?,
            's' => self.substitute()?,
            other => return Err(self.wrong(&format!("unknown command: `{other}'"))),
        };
        if !matches!(
            name,
            '{' | '}' | ':' | 'b' | 't' | 'T' | 'a' | 'i' | 'c' | 'r' | 'w'
        ) {
            self.blanks();
            if !matches!(self.peek(), None | Some('\n' | ';' | '}' | '#')) {
                self.at += 1;
                return Err(self.wrong("extra characters after command"));
            }
        }
        Ok(Command {
            from,
            to,
            negated,
            action,
        })
    }

    fn label(&mut self) -> String {
        self.blanks();
        let mut out = String::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, ';' | '\n' | '}')) {
            out.push(c);
            self.at += 1;
        }
        out.trim_end().to_owned()
    }

    /// The text of `a`, `i` and `c`: after a backslash and newline, or on the same line.
    fn text(&mut self) -> String {
        self.blanks();
        if self.peek() == Some('\\') {
            self.at += 1;
            self.blanks();
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        let mut out = self.line();
        while out.ends_with('\\') && self.peek().is_some() {
            out.pop();
            out.push('\n');
            out.push_str(&self.line());
        }
        out.trim_end_matches('\\').to_owned()
    }

    fn translate(&mut self) -> Result<Action, Wrong> {
        let delimiter = self
            .bump()
            .ok_or_else(|| self.wrong("unterminated `y' command"))?;
        let mut side = || {
            self.delimited(delimiter, false).map(|text| {
                text.replace("\\n", "\n")
                    .replace("\\\\", "\\")
                    .chars()
                    .collect::<Vec<_>>()
            })
        };
        let (from, to) = (side(), side());
        let (Some(from), Some(to)) = (from, to) else {
            return Err(self.wrong("unterminated `y' command"));
        };
        if from.len() != to.len() {
            return Err(self.wrong("strings for `y' command are different lengths"));
        }
        Ok(Action::Translate(from.into_iter().zip(to).collect()))
    }

    fn substitute(&mut self) -> Result<Action, Wrong> {
        let unterminated = |reader: &Self| reader.wrong("unterminated `s' command");
        let delimiter = self.bump().ok_or_else(|| unterminated(self))?;
        let pattern = self
            .delimited(delimiter, true)
            .ok_or_else(|| unterminated(self))?;
        let replacement = self
            .delimited(delimiter, false)
            .ok_or_else(|| unterminated(self))?;
        let (mut global, mut print, mut ignore_case, mut occurrence) = (false, false, false, 1);
        loop {
            if let Some(number) = self.number() {
                occurrence = number.max(1);
                continue;
            }
            match self.peek() {
                Some('g') => global = true,
                Some('p') => print = true,
                Some('i' | 'I') => ignore_case = true,
                Some(c @ ('e' | 'w' | 'm' | 'M')) => {
                    return Err(self.wrong(&crate::not_modelled!("sed", "flag {c} of `s'")));
                }
                None | Some(' ' | '\t' | '\n' | ';' | '}' | '#') => break,
                Some(_) => {
                    self.at += 1;
                    return Err(self.wrong("unknown option to `s'"));
                }
            }
            self.at += 1;
        }
        let regex = self.compile(&pattern, ignore_case)?;
        let parts = parts(&replacement);
        for part in &parts {
            if let Part::Group(number) = part
                && *number > regex.groups()
            {
                return Err(self.wrong(&format!(
                    "invalid reference \\{number} on `s' command's RHS"
                )));
            }
        }
        Ok(Action::Substitute(Box::new(Substitution {
            regex,
            parts,
            global,
            print,
            occurrence,
        })))
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut out = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let part = match c {
            '&' => Part::Group(0),
            '\\' => match chars.next() {
                Some(c @ '0'..='9') => Part::Group(c.to_digit(10).unwrap_or(0) as usize),
                Some(c @ ('U' | 'L' | 'E' | 'u' | 'l')) => Part::Case(c),
                Some('n') => {
                    literal.push('\n');
                    continue;
                }
                Some('t') => {
                    literal.push('\t');
                    continue;
                }
                Some(other) => {
                    literal.push(other);
                    continue;
                }
                None => continue,
            },
            c => {
                literal.push(c);
                continue;
            }
        };
        if !literal.is_empty() {
            out.push(Part::Text(std::mem::take(&mut literal)));
        }
        out.push(part);
    }
    if !literal.is_empty() {
        out.push(Part::Text(literal));
    }
    out
}
