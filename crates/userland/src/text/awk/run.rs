//! The machine that runs the steps.

use std::rc::Rc;

use super::code::{ARGC, ARGV, CONVFMT, ENVIRON, FNR, FS, NF, NR, OFMT, OFS, ORS, SUBSEP};
use super::code::{Name, Op, Place, Program, RLENGTH, RS, RSTART, Stream};
use super::value::Value;
use crate::Flavour;
use crate::text::regex::Regex;

mod place;

/// What the machine needs from outside before it can go on.
#[derive(Debug)]
pub(super) enum Need {
    /// Calls in one another, or steps, have gone on for long: other processes get a turn.
    Turn,
    /// Another record; `nextfile` if true.
    Record(bool),
    /// A text written to a file or a command.
    Write(Stream, Rc<str>, String),
    /// A line from a file, a command or the records; the answer is [`Machine::got`].
    Line(Option<(Stream, Rc<str>)>, Option<Place>),
    /// A command run, whose status is the answer.
    System(Rc<str>),
    /// A stream closed, whose status is the answer.
    Close(Rc<str>),
    /// `exit`, with a status if one was given.
    Exit(Option<i32>),
    /// The end of the actions.
    Done,
}

/// How many steps are taken before others get their turn.
const TURN: usize = 1 << 13;

/// How deep functions may call one another.
const MAX_FRAMES: usize = 5000;

/// The longest text, and how many values may wait.
const MAX_TEXT: usize = 8 << 20;
const MAX_FIELD: f64 = 32_767.0;

struct Frame {
    back: usize,
    base: usize,
    walks: usize,
}

pub(super) struct Machine {
    program: Program,
    pub(super) flavour: Flavour,
    pub(super) at: usize,
    /// Steps until the next turn, whatever is needed in between: a loop may ask for what never waits.
    left: usize,
    stack: Vec<Value>,
    pub(super) globals: Vec<Value>,
    locals: Vec<Value>,
    frames: Vec<Frame>,
    walks: Vec<std::vec::IntoIter<Rc<str>>>,
    record: Rc<str>,
    fields: Vec<Value>,
    /// Whether the fields were found for the record as it is, and whether the record was made of the fields.
    split: bool,
    joined: bool,
    regexes: Vec<(Rc<str>, Regex)>,
    pub(super) seed: u64,
    /// What was printed.
    pub(super) out: String,
}

impl Machine {
    pub(super) fn new(program: Program, flavour: Flavour) -> Self {
        let mut globals = vec![Value::Unset; program.globals.len()];
        for (at, text) in [
            (FS, " "),
            (OFS, " "),
            (ORS, "\n"),
            (RS, "\n"),
            (SUBSEP, "\u{1c}"),
            (CONVFMT, "%.6g"),
            (OFMT, "%.6g"),
        ] {
            if let Some(value) = globals.get_mut(at) {
                *value = Value::text(text);
            }
        }
        for at in [NF, NR, FNR, RSTART, RLENGTH] {
            if let Some(value) = globals.get_mut(at) {
                *value = Value::Number(0.0);
            }
        }
        Self {
            program,
            flavour,
            at: 0,
            left: TURN,
            stack: Vec::new(),
            globals,
            locals: Vec::new(),
            frames: Vec::new(),
            walks: Vec::new(),
            record: "".into(),
            fields: Vec::new(),
            split: true,
            joined: true,
            regexes: Vec::new(),
            seed: 1,
            out: String::new(),
        }
    }

    pub(super) fn starts(&self) -> [Option<usize>; 3] {
        [self.program.begin, self.program.main, self.program.end]
    }

    /// Begins at a place with nothing left over.
    pub(super) fn start(&mut self, at: usize) {
        self.at = at;
        self.stack.clear();
        self.locals.clear();
        self.frames.clear();
        self.walks.clear();
    }

    /// Sets a variable by name, as `-v` does.
    pub(super) fn set(&mut self, name: &str, text: &str) {
        let at = self.program.globals.iter().position(|known| known == name);
        if let Some(at) = at {
            self.store_name(Name::Global(at), Value::input(&super::lex::unescape(text)));
        }
    }

    /// Fills `ARGV` and `ENVIRON`.
    pub(super) fn world(&mut self, args: &[String], env: &[(String, String)]) {
        self.store_name(Name::Global(ARGC), Value::Number(args.len() as f64));
        for (at, arg) in args.iter().enumerate() {
            self.set_element(Name::Global(ARGV), at.to_string().into(), Value::input(arg));
        }
        for (name, value) in env {
            self.set_element(
                Name::Global(ENVIRON),
                name.as_str().into(),
                Value::input(value),
            );
        }
    }

    pub(super) fn special(&self, at: usize) -> Rc<str> {
        self.text(self.globals.get(at).unwrap_or(&Value::Unset))
    }

    pub(super) fn count(&mut self, at: usize, number: f64) {
        if let Some(value) = self.globals.get_mut(at) {
            *value = Value::Number(number);
        }
    }

    pub(super) fn counted(&self, at: usize) -> f64 {
        self.globals.get(at).map_or(0.0, Value::number)
    }

    pub(super) fn text(&self, value: &Value) -> Rc<str> {
        match value {
            Value::Text(text) | Value::Input(text) => text.clone(),
            value => {
                let format = match self.globals.get(CONVFMT) {
                    Some(Value::Text(format) | Value::Input(format)) => format.clone(),
                    _ => "%.6g".into(),
                };
                value.as_text(&format)
            }
        }
    }

    /// Makes that the record.
    pub(super) fn load(&mut self, record: &str) {
        self.record = record.into();
        self.split = false;
        self.joined = true;
    }

    /// Answers [`Need::Line`]: the line read, nothing at the end, or an error.
    pub(super) fn got(
        &mut self,
        line: Result<Option<String>, ()>,
        main: bool,
        place: Option<Place>,
    ) -> Result<(), String> {
        let answer = match line {
            Ok(Some(line)) => {
                if main {
                    for at in [NR, FNR] {
                        self.count(at, self.counted(at) + 1.0);
                    }
                }
                match place {
                    // A command's or the main input's lines count as records.
                    None => self.load(&line),
                    Some(place) => self.store(place, Value::input(&line))?,
                }
                1.0
            }
            Ok(None) => 0.0,
            Err(()) => -1.0,
        };
        // What names the place lies below.
        self.stack.push(Value::Number(answer));
        Ok(())
    }

    pub(super) fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    pub(super) fn answer(&mut self, number: f64) {
        self.stack.push(Value::Number(number));
    }

    pub(super) fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_default()
    }

    pub(super) fn pop_text(&mut self) -> Rc<str> {
        let value = self.pop();
        self.text(&value)
    }

    pub(super) fn regex(&mut self, pattern: &Rc<str>) -> Result<Regex, String> {
        if let Some((_, regex)) = self.regexes.iter().find(|(known, _)| known == pattern) {
            return Ok(regex.clone());
        }
        let regex = Regex::extended(&escapes(pattern), false)
            .map_err(|error| format!("regular expression compile failed ({error})\n{pattern}"))?;
        if self.regexes.len() < 64 {
            self.regexes.push((pattern.clone(), regex.clone()));
        }
        Ok(regex)
    }

    fn binary(&mut self, op: char) -> Result<(), String> {
        let (b, a) = (self.pop(), self.pop());
        let value = match op {
            ' ' => {
                let (a, b) = (self.text(&a), self.text(&b));
                if a.len() + b.len() > MAX_TEXT {
                    return Err("out of memory".to_owned());
                }
                Value::Text([&*a, &*b].concat().into())
            }
            '+' | '-' | '*' | '/' | '%' | '^' => {
                Value::Number(calculate(op, a.number(), b.number(), self.flavour)?)
            }
            _ => {
                let order = match (a.numeric(), b.numeric()) {
                    (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Greater),
                    _ => self.text(&a).as_bytes().cmp(self.text(&b).as_bytes()),
                };
                Value::truth(match op {
                    '<' => order.is_lt(),
                    'l' => order.is_le(),
                    '=' => order.is_eq(),
                    'n' => order.is_ne(),
                    '>' => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        };
        self.stack.push(value);
        Ok(())
    }

    /// Runs until something is needed.
    pub(super) fn run(&mut self) -> Result<Need, String> {
        while self.left > 0 {
            self.left -= 1;
            let Some(op) = self.program.ops.get(self.at).cloned() else {
                return Ok(Need::Done);
            };
            self.at += 1;
            match op {
                Op::Push(value) => self.stack.push(value),
                Op::Pop => {
                    self.stack.pop();
                }
                Op::Load(place) => {
                    let key = self.key_of(place);
                    let value = self.look(place, &key)?;
                    self.stack.push(value);
                }
                Op::Store(place) => {
                    // An array's worth is nothing.
                    let value = match self.pop() {
                        Value::Array(_) => Value::Unset,
                        value => value,
                    };
                    self.store(place, value.clone())?;
                    self.stack.push(value);
                }
                Op::Update(place, op) => {
                    let by = self.pop().number();
                    let key = self.key_of(place);
                    let before = self.look(place, &key)?.number();
                    let value = Value::Number(calculate(op, before, by, self.flavour)?);
                    self.put(place, &key, value.clone())?;
                    self.stack.push(value);
                }
                Op::Step(place, by, before) => {
                    let key = self.key_of(place);
                    let old = self.look(place, &key)?.number();
                    self.put(place, &key, Value::Number(old + by))?;
                    self.answer(if before { old } else { old + by });
                }
                Op::Binary(op) => self.binary(op)?,
                Op::Not => {
                    let value = self.pop();
                    self.stack.push(Value::truth(!value.truthy()));
                }
                Op::Minus | Op::Plus => {
                    let number = self.pop().number();
                    self.answer(if matches!(op, Op::Minus) {
                        -number
                    } else {
                        number
                    });
                }
                Op::Match(not) => {
                    let pattern = self.pop_text();
                    let text = self.pop_text();
                    let found = self.regex(&pattern)?.is_match(&text);
                    self.stack.push(Value::truth(found != not));
                }
                Op::Join(count) => {
                    let key = self.joined_names(count);
                    self.stack.push(Value::Text(key));
                }
                Op::In(name) => {
                    let key = self.pop_text();
                    let has = self.table(name).borrow().has(&key);
                    self.stack.push(Value::truth(has));
                }
                Op::Delete(name) => {
                    let key = self.pop_text();
                    self.table(name).borrow_mut().remove(&key);
                }
                Op::Clear(name) => self.table(name).borrow_mut().clear(),
                Op::Jump(to) => self.at = to,
                Op::JumpFalse(to) => {
                    if !self.pop().truthy() {
                        self.at = to;
                    }
                }
                Op::JumpTrue(to) => {
                    if self.pop().truthy() {
                        self.at = to;
                    }
                }
                Op::Pass(name) => {
                    if let Some(Value::Unset) = self.slot(name) {
                        self.table(name);
                    }
                    let value = self.look(Place::Variable(name), &Value::Unset)?;
                    self.stack.push(value);
                }
                Op::Call(function, count) => {
                    if let Some(need) = self.call(function, count)? {
                        return Ok(need);
                    }
                }
                Op::Replace(all, place) => self.replace(all, place)?,
                Op::Split(name, given) => {
                    let separator = if given {
                        self.pop_text()
                    } else {
                        self.special(FS)
                    };
                    let text = self.pop_text();
                    let parts = self.cut(&text, &separator)?;
                    let table = self.table(name);
                    table.borrow_mut().clear();
                    let count = parts.len();
                    for (at, part) in parts.into_iter().enumerate() {
                        *table.borrow_mut().cell((at + 1).to_string().into()) = part;
                    }
                    self.answer(count as f64);
                }
                Op::User(function, count) => {
                    let Some(function) = self.program.functions.get(function) else {
                        return Ok(Need::Done);
                    };
                    let (start, parameters) = (function.start.unwrap_or(0), function.parameters);
                    if self.frames.len() >= MAX_FRAMES {
                        return Err("function call nesting too deep".to_owned());
                    }
                    self.frames.push(Frame {
                        back: self.at,
                        base: self.locals.len(),
                        walks: self.walks.len(),
                    });
                    let from = self.stack.len().saturating_sub(count);
                    self.locals
                        .extend(self.stack.drain(from..).take(parameters));
                    let extra = parameters.saturating_sub(count);
                    self.locals.extend(std::iter::repeat_n(Value::Unset, extra));
                    self.at = start;
                }
                Op::Return => {
                    if let Some(frame) = self.frames.pop() {
                        self.at = frame.back;
                        self.locals.truncate(frame.base);
                        self.walks.truncate(frame.walks);
                    }
                }
                Op::Walk(name) => {
                    let keys = self.table(name).borrow().keys(self.flavour);
                    self.walks.push(keys.into_iter());
                }
                Op::Next(place, to) => match self.walks.last_mut().and_then(Iterator::next) {
                    Some(key) => self.store(place, Value::Input(key))?,
                    None => self.at = to,
                },
                Op::EndWalk => {
                    self.walks.pop();
                }
                Op::Print(count, formatted, stream) => {
                    let target = stream.map(|stream| (stream, self.pop_text()));
                    let text = self.printed(count, formatted)?;
                    match target {
                        Some((stream, name)) => return Ok(Need::Write(stream, name, text)),
                        None => self.out.push_str(&text),
                    }
                    if self.out.len() > 1 << 16 {
                        return Ok(Need::Turn);
                    }
                }
                Op::Getline(stream, place) => {
                    let source = stream.map(|stream| (stream, self.pop_text()));
                    return Ok(Need::Line(source, place));
                }
                Op::NextRecord => return Ok(Need::Record(false)),
                Op::NextFile => return Ok(Need::Record(true)),
                Op::Exit(given) => {
                    let code = given.then(|| self.pop().number() as i32 & 0xff);
                    return Ok(Need::Exit(code));
                }
                Op::End => return Ok(Need::Done),
            }
        }
        self.left = TURN;
        Ok(Need::Turn)
    }

    fn joined_names(&mut self, count: usize) -> Rc<str> {
        let names = self.take(count);
        let names: Vec<Rc<str>> = names.iter().map(|name| self.text(name)).collect();
        names.join(&*self.special(SUBSEP)).into()
    }

    fn printed(&mut self, count: usize, formatted: bool) -> Result<String, String> {
        let values = self.take(count);
        if formatted {
            return self.sprintf(&values, "printf");
        }
        let end = self.special(ORS);
        if values.is_empty() {
            return Ok([&*self.record(), &*end].concat());
        }
        let format = self.special(OFMT);
        let cells: Vec<Rc<str>> = values.iter().map(|value| value.as_text(&format)).collect();
        Ok(cells.join(&*self.special(OFS)) + &end)
    }

    pub(super) fn take(&mut self, count: usize) -> Vec<Value> {
        let from = self.stack.len().saturating_sub(count);
        self.stack.drain(from..).collect()
    }

    /// Where the program is in its input, as mawk's errors say.
    pub(super) fn whereabouts(&self) -> String {
        format!(
            "\tFILENAME=\"{}\" FNR={} NR={}\n",
            self.special(super::code::FILENAME),
            self.counted(FNR),
            self.counted(NR)
        )
    }
}

/// Puts the escapes of an expression that the regular expressions don't know into characters.
fn escapes(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            match chars.next() {
                Some('"') => {
                    out.pop();
                    out.push('"');
                }
                Some(next) => out.push(next),
                None => out.push('\\'),
            }
        }
    }
    out
}

fn calculate(op: char, a: f64, b: f64, flavour: Flavour) -> Result<f64, String> {
    Ok(match op {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' | '%' if b == 0.0 && flavour == Flavour::Busybox => {
            return Err("Division by zero".to_owned());
        }
        '/' => a / b,
        '%' => a % b,
        _ => a.powf(b),
    })
}
