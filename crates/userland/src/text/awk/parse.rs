//! From text to steps, in one go.

mod expression;

use super::code::{Function, Name, Op, Place, Program, SPECIAL, Stream};
use super::lex::{Lexer, Token};
use super::value::Value;
use crate::Flavour;

type Parsed<T> = Result<T, String>;

/// How deep things may stand in one another.
const MAX_DEPTH: usize = 50;

/// What a program may be compiled to, steps.
const MAX_OPS: usize = 100_000;

#[derive(Default)]
struct Loop {
    breaks: Vec<usize>,
    continues: Vec<usize>,
}

struct Parser {
    lexer: Lexer,
    token: Token,
    program: Program,
    locals: Vec<String>,
    loops: Vec<Loop>,
    depth: usize,
    /// How many expressions a parenthesis just closed held, if more than one: `print (a, b)`.
    group: usize,
    /// Whether `>` is a comparison here, and `in` an operator.
    no_greater: bool,
    no_in: bool,
    flavour: Flavour,
}

/// Compiles a program.
pub(super) fn parse(text: &str, flavour: Flavour) -> Parsed<Program> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token::Newline,
        program: Program {
            globals: SPECIAL.iter().map(|name| (*name).to_owned()).collect(),
            ..Program::default()
        },
        locals: Vec::new(),
        loops: Vec::new(),
        depth: 0,
        group: 0,
        no_greater: false,
        no_in: false,
        flavour,
    };
    let whole = parser.program();
    // What ends too early is noticed on the line after the last.
    let line = parser.lexer.line + usize::from(parser.token == Token::End);
    whole.map_err(|error| match flavour {
        Flavour::Gnu => format!("line {line}: {error}"),
        Flavour::Busybox => format!("cmd. line:{}: {error}", parser.lexer.line),
    })?;
    Ok(parser.program)
}

impl Parser {
    fn wrong<T>(&self) -> Parsed<T> {
        if self.flavour == Flavour::Busybox {
            return Err(match self.token {
                Token::End => "Unexpected end of string",
                _ => "Unexpected token",
            }
            .to_owned());
        }
        let near = match &self.token {
            Token::End => "end of line".to_owned(),
            Token::Newline => "unexpected newline".to_owned(),
            Token::Sign(sign) => (*sign).to_owned(),
            Token::Word(word) | Token::Called(word) => word.clone(),
            Token::Text(text) => format!("\"{text}\""),
            Token::Number(number) => number.to_string(),
        };
        Err(match &self.token {
            Token::Newline => near,
            _ => format!("syntax error at or near {near}"),
        })
    }

    fn advance(&mut self) -> Parsed<()> {
        self.token = self.lexer.next()?;
        Ok(())
    }

    fn is(&self, sign: &str) -> bool {
        matches!(&self.token, Token::Sign(known) if *known == sign)
    }

    fn take(&mut self, sign: &str) -> Parsed<bool> {
        let yes = self.is(sign);
        if yes {
            self.advance()?;
        }
        Ok(yes)
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign)? {
            Ok(())
        } else {
            self.wrong()
        }
    }

    fn word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(known) | Token::Called(known) if known == word)
    }

    fn take_word(&mut self, word: &str) -> Parsed<bool> {
        let yes = self.word(word);
        if yes {
            self.advance()?;
        }
        Ok(yes)
    }

    fn newlines(&mut self) -> Parsed<()> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    fn gap(&mut self) -> Parsed<()> {
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        Ok(())
    }

    fn emit(&mut self, op: Op) -> usize {
        self.program.ops.push(op);
        self.program.ops.len() - 1
    }

    fn here(&self) -> usize {
        self.program.ops.len()
    }

    /// Lets a jump that was made before lead to this place.
    fn land(&mut self, at: usize) {
        let here = self.here();
        self.land_at(at, here);
    }

    fn land_at(&mut self, at: usize, target: usize) {
        if let Some(Op::Jump(to) | Op::JumpFalse(to) | Op::JumpTrue(to) | Op::Next(_, to)) =
            self.program.ops.get_mut(at)
        {
            *to = target;
        }
    }

    fn global(&mut self, name: &str) -> usize {
        let names = &mut self.program.globals;
        names
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            })
    }

    fn name(&mut self, name: &str) -> Name {
        match self.locals.iter().position(|known| known == name) {
            Some(at) => Name::Local(at),
            None => Name::Global(self.global(name)),
        }
    }

    fn function(&mut self, name: &str) -> usize {
        let known = &mut self.program.functions;
        known
            .iter()
            .position(|f| f.name == name)
            .unwrap_or_else(|| {
                known.push(Function {
                    name: name.to_owned(),
                    ..Function::default()
                });
                known.len() - 1
            })
    }

    /// Takes back the step that loads a place, so that something else can be done with it.
    fn place(&mut self) -> Option<Place> {
        match self.program.ops.last() {
            Some(Op::Load(place)) => {
                let place = *place;
                self.program.ops.pop();
                Some(place)
            }
            _ => None,
        }
    }

    // Rules of each kind are spread over the text: each is compiled where it stands, and jumps on to the next of its
    // kind.
    fn program(&mut self) -> Parsed<()> {
        self.advance()?;
        let mut last: [Option<usize>; 3] = [None; 3];
        loop {
            self.gap()?;
            if self.token == Token::End {
                break;
            }
            if self.is("}") && self.flavour == Flavour::Gnu {
                return Err("extra '}'".to_owned());
            }
            if self.take_word("function")? || self.take_word("func")? {
                self.definition()?;
                continue;
            }
            let start = self.here();
            let kind = if self.take_word("BEGIN")? {
                0
            } else if self.take_word("END")? {
                2
            } else {
                1
            };
            let mut skip = None;
            if kind == 1 && !self.is("{") {
                skip = Some(self.pattern()?);
            }
            if self.is("{") {
                self.block()?;
            } else if kind == 1 {
                self.emit(Op::Print(0, false, None));
            } else {
                return self.wrong();
            }
            if let Some(skip) = skip {
                self.land(skip);
            }
            if let Some(at) = last.get_mut(kind) {
                let before = at.replace(self.program.ops.len());
                match (before, kind) {
                    (Some(before), _) => self.land_at(before, start),
                    (None, 0) => self.program.begin = Some(start),
                    (None, 1) => self.program.main = Some(start),
                    (None, _) => self.program.end = Some(start),
                }
            }
            self.emit(Op::Jump(0));
        }
        let end = self.here();
        for at in last.into_iter().flatten() {
            self.land_at(at, end);
        }
        self.emit(Op::End);
        if let Some(missing) = self.program.functions.iter().find(|f| f.start.is_none()) {
            return Err(match self.flavour {
                Flavour::Gnu => format!("function {} never defined", missing.name),
                Flavour::Busybox => "Call to undefined function".to_owned(),
            });
        }
        Ok(())
    }

    /// A pattern or a range of two; gives the jump for when it does not hold.
    fn pattern(&mut self) -> Parsed<usize> {
        let start = self.here();
        self.expr()?;
        if !self.take(",")? {
            return Ok(self.emit(Op::JumpFalse(0)));
        }
        self.newlines()?;
        // A variable of no name keeps whether the range is open.
        self.program.globals.push(String::new());
        let open = Place::Variable(Name::Global(self.program.globals.len() - 1));
        let from: Vec<Op> = self.program.ops.split_off(start);
        let shift = 2;
        self.emit(Op::Load(open));
        let inside = self.emit(Op::JumpTrue(0));
        for op in from {
            self.program.ops.push(match op {
                Op::Jump(to) => Op::Jump(to + shift),
                Op::JumpFalse(to) => Op::JumpFalse(to + shift),
                Op::JumpTrue(to) => Op::JumpTrue(to + shift),
                other => other,
            });
        }
        let skip = self.emit(Op::JumpFalse(0));
        self.land(inside);
        self.expr()?;
        self.emit(Op::Not);
        self.emit(Op::Store(open));
        self.emit(Op::Pop);
        Ok(skip)
    }

    fn definition(&mut self) -> Parsed<()> {
        let name = match &self.token {
            Token::Word(name) | Token::Called(name) => name.clone(),
            _ => return self.wrong(),
        };
        self.advance()?;
        self.expect("(")?;
        self.locals.clear();
        while let Token::Word(parameter) = self.token.clone() {
            self.locals.push(parameter);
            self.advance()?;
            if !self.take(",")? {
                break;
            }
            self.newlines()?;
        }
        self.expect(")")?;
        self.newlines()?;
        let over = self.emit(Op::Jump(0));
        let start = self.here();
        let at = self.function(&name);
        let parameters = self.locals.len();
        if let Some(function) = self.program.functions.get_mut(at) {
            function.start = Some(start);
            function.parameters = parameters;
        }
        self.block()?;
        self.emit(Op::Push(Value::Unset));
        self.emit(Op::Return);
        self.land(over);
        self.locals.clear();
        Ok(())
    }

    fn block(&mut self) -> Parsed<()> {
        self.expect("{")?;
        loop {
            self.gap()?;
            if self.take("}")? {
                return Ok(());
            }
            if self.token == Token::End {
                return if self.flavour == Flavour::Gnu {
                    Err("missing } near end of file".to_owned())
                } else {
                    Err("Unexpected token".to_owned())
                };
            }
            self.statement()?;
        }
    }

    fn statement(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH || self.here() > MAX_OPS {
            return Err("program too large".to_owned());
        }
        let done = self.one_statement();
        self.depth -= 1;
        done
    }

    /// The end of a simple statement.
    fn finish(&mut self) -> Parsed<()> {
        match self.token {
            Token::Newline | Token::End => Ok(()),
            _ if self.is("}") => Ok(()),
            _ => self.expect(";"),
        }
    }

    fn body(&mut self) -> Parsed<()> {
        self.newlines()?;
        if self.take(";")? {
            return Ok(());
        }
        self.statement()
    }

    fn looped(&mut self, again: Option<usize>) -> Parsed<Vec<usize>> {
        self.loops.push(Loop::default());
        let done = self.body();
        let ended = self.loops.pop().unwrap_or_default();
        done?;
        let target = again.unwrap_or_else(|| self.here());
        for at in ended.continues {
            self.land_at(at, target);
        }
        Ok(ended.breaks)
    }

    fn one_statement(&mut self) -> Parsed<()> {
        if self.is("{") {
            return self.block();
        }
        let word = match &self.token {
            Token::Word(word) | Token::Called(word) => word.clone(),
            _ => String::new(),
        };
        match word.as_str() {
            "if" => {
                self.advance()?;
                self.expect("(")?;
                self.expr()?;
                self.expect(")")?;
                let skip = self.emit(Op::JumpFalse(0));
                self.body()?;
                // `else` may follow a semicolon and newlines.
                let (at, line, token) = (self.lexer.at, self.lexer.line, self.token.clone());
                self.gap()?;
                if self.take_word("else")? {
                    let over = self.emit(Op::Jump(0));
                    self.land(skip);
                    self.body()?;
                    self.land(over);
                } else {
                    (self.lexer.at, self.lexer.line, self.token) = (at, line, token);
                    self.land(skip);
                }
                return Ok(());
            }
            "while" => {
                self.advance()?;
                let start = self.here();
                self.expect("(")?;
                self.expr()?;
                self.expect(")")?;
                let skip = self.emit(Op::JumpFalse(0));
                let breaks = self.looped(Some(start))?;
                self.emit(Op::Jump(start));
                for at in breaks.into_iter().chain([skip]) {
                    self.land(at);
                }
                return Ok(());
            }
            "do" => {
                self.advance()?;
                let start = self.here();
                let breaks = self.looped(None)?;
                self.gap()?;
                if !self.take_word("while")? {
                    return self.wrong();
                }
                self.expect("(")?;
                self.expr()?;
                self.expect(")")?;
                self.emit(Op::JumpTrue(start));
                for at in breaks {
                    self.land(at);
                }
            }
            "for" => {
                self.advance()?;
                return self.for_loop();
            }
            "break" | "continue" => {
                self.advance()?;
                let at = self.emit(Op::Jump(0));
                match (self.loops.last_mut(), word.as_str()) {
                    (Some(inner), "break") => inner.breaks.push(at),
                    (Some(inner), _) => inner.continues.push(at),
                    (None, _) => return Err(format!("{word} statement outside of loop")),
                }
            }
            "next" | "nextfile" => {
                self.advance()?;
                self.emit(if word == "next" {
                    Op::NextRecord
                } else {
                    Op::NextFile
                });
            }
            "exit" | "return" => {
                self.advance()?;
                let bare = matches!(self.token, Token::Newline | Token::End)
                    || self.is(";")
                    || self.is("}");
                if !bare {
                    self.expr()?;
                } else if word == "return" {
                    self.emit(Op::Push(Value::Unset));
                }
                self.emit(if word == "return" {
                    Op::Return
                } else {
                    Op::Exit(!bare)
                });
            }
            "delete" => {
                self.advance()?;
                let Token::Word(name) = self.token.clone() else {
                    return self.wrong();
                };
                self.advance()?;
                let name = self.name(&name);
                if self.take("[")? {
                    self.element()?;
                    self.emit(Op::Delete(name));
                } else {
                    self.emit(Op::Clear(name));
                }
            }
            _ => self.simple()?,
        }
        self.finish()
    }

    fn for_loop(&mut self) -> Parsed<()> {
        self.expect("(")?;
        if !self.is(";") {
            self.no_in = true;
            let simple = self.simple();
            self.no_in = false;
            simple?;
        }
        if self.take_word("in")? {
            // What was taken for a statement was the loop's variable.
            self.program.ops.pop();
            let (Some(place), Token::Word(array)) = (self.place(), self.token.clone()) else {
                return self.wrong();
            };
            self.advance()?;
            self.expect(")")?;
            let array = self.name(&array);
            self.emit(Op::Walk(array));
            let start = self.emit(Op::Next(place, 0));
            let breaks = self.looped(Some(start))?;
            self.emit(Op::Jump(start));
            for at in breaks.into_iter().chain([start]) {
                self.land(at);
            }
            self.emit(Op::EndWalk);
            return Ok(());
        }
        self.expect(";")?;
        self.newlines()?;
        let test = self.here();
        let mut skip = None;
        if !self.is(";") {
            self.expr()?;
            skip = Some(self.emit(Op::JumpFalse(0)));
        }
        self.expect(";")?;
        self.newlines()?;
        let over = self.emit(Op::Jump(0));
        let step = self.here();
        if !self.is(")") {
            self.simple()?;
        }
        self.emit(Op::Jump(test));
        self.expect(")")?;
        self.land(over);
        let breaks = self.looped(Some(step))?;
        self.emit(Op::Jump(step));
        for at in breaks.into_iter().chain(skip) {
            self.land(at);
        }
        Ok(())
    }

    /// An expression or `print` as a statement.
    fn simple(&mut self) -> Parsed<()> {
        let formatted = self.word("printf");
        if !formatted && !self.word("print") {
            self.expr()?;
            self.emit(Op::Pop);
            return Ok(());
        }
        self.advance()?;
        let mut count = 0;
        let ends = matches!(self.token, Token::Newline | Token::End)
            || [";", "}", ">", ">>", "|"].iter().any(|sign| self.is(sign));
        self.no_greater = true;
        if !ends {
            loop {
                self.group = 0;
                self.expr()?;
                count += self.group.max(1);
                if !self.take(",")? {
                    break;
                }
                self.newlines()?;
            }
        }
        self.group = 0;
        self.no_greater = false;
        let stream = if self.take(">")? {
            Some(Stream::File)
        } else if self.take(">>")? {
            Some(Stream::Append)
        } else if self.take("|")? {
            Some(Stream::Command)
        } else {
            None
        };
        if stream.is_some() {
            self.expr()?;
        }
        self.emit(Op::Print(count, formatted, stream));
        Ok(())
    }

    /// The names of an element up to the bracket.
    fn element(&mut self) -> Parsed<()> {
        let (greater, inside) = (self.no_greater, self.no_in);
        (self.no_greater, self.no_in) = (false, false);
        let mut count = 1;
        self.expr()?;
        while self.take(",")? {
            self.expr()?;
            count += 1;
        }
        (self.no_greater, self.no_in) = (greater, inside);
        if count > 1 {
            self.emit(Op::Join(count));
        }
        self.expect("]")
    }
}
