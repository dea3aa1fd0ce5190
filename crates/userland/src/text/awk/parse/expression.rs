//! Expressions, from assignment down to what stands by itself.

use super::super::code::{FUNCTIONS, Op, Place, Stream};
use super::super::lex::Token;
use super::super::value::Value;
use super::{MAX_DEPTH, MAX_OPS, Parsed, Parser};
use crate::Flavour;

/// The comparisons, with what [`Op::Binary`] calls them.
const COMPARE: &[(&str, char)] = &[
    ("<", '<'),
    ("<=", 'l'),
    ("==", '='),
    ("!=", 'n'),
    (">", '>'),
    (">=", 'g'),
];

impl Parser {
    pub(super) fn expr(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH || self.here() > MAX_OPS {
            return Err("program too large".to_owned());
        }
        let done = self.assignment();
        self.depth -= 1;
        done
    }

    fn assignment(&mut self) -> Parsed<()> {
        self.ternary()?;
        let Token::Sign(sign @ ("=" | "+=" | "-=" | "*=" | "/=" | "%=" | "^=")) = self.token else {
            return Ok(());
        };
        let Some(place) = self.place() else {
            return self.wrong();
        };
        self.advance()?;
        self.newlines()?;
        self.expr()?;
        self.emit(match sign {
            "=" => Op::Store(place),
            other => Op::Update(place, other.chars().next().unwrap_or('+')),
        });
        Ok(())
    }

    fn ternary(&mut self) -> Parsed<()> {
        self.or()?;
        if !self.take("?")? {
            return Ok(());
        }
        self.newlines()?;
        let no = self.emit(Op::JumpFalse(0));
        self.expr()?;
        self.newlines()?;
        self.expect(":")?;
        self.newlines()?;
        let over = self.emit(Op::Jump(0));
        self.land(no);
        self.expr()?;
        self.land(over);
        Ok(())
    }

    fn shortcut(&mut self, sign: &str, next: fn(&mut Self) -> Parsed<()>) -> Parsed<()> {
        next(self)?;
        while self.take(sign)? {
            self.newlines()?;
            let jump = if sign == "||" {
                Op::JumpTrue(0)
            } else {
                Op::JumpFalse(0)
            };
            let short = self.emit(jump);
            next(self)?;
            self.emit(Op::Not);
            self.emit(Op::Not);
            let over = self.emit(Op::Jump(0));
            self.land(short);
            self.emit(Op::Push(Value::truth(sign == "||")));
            self.land(over);
        }
        Ok(())
    }

    fn or(&mut self) -> Parsed<()> {
        self.shortcut("||", Self::and)
    }

    fn and(&mut self) -> Parsed<()> {
        self.shortcut("&&", Self::membership)
    }

    fn membership(&mut self) -> Parsed<()> {
        self.matching()?;
        while !self.no_in && self.take_word("in")? {
            let Token::Word(name) = self.token.clone() else {
                return self.wrong();
            };
            self.advance()?;
            if self.group > 1 {
                self.emit(Op::Join(self.group));
                self.group = 0;
            }
            let name = self.name(&name);
            self.emit(Op::In(name));
        }
        Ok(())
    }

    fn matching(&mut self) -> Parsed<()> {
        self.comparison()?;
        while self.is("~") || self.is("!~") {
            let not = self.is("!~");
            self.advance()?;
            let start = self.here();
            self.comparison()?;
            self.as_pattern(start);
            self.emit(Op::Match(not));
        }
        Ok(())
    }

    /// An expression between slashes alone means itself where a pattern is wanted, not a match with the record.
    fn as_pattern(&mut self, start: usize) -> bool {
        let alone = matches!(
            self.program.ops.get(start..),
            Some([
                Op::Push(_),
                Op::Load(Place::Field),
                Op::Push(_),
                Op::Match(false)
            ])
        );
        if alone {
            self.program.ops.pop();
            self.program.ops.drain(start..start + 2);
        }
        alone
    }

    fn comparison(&mut self) -> Parsed<()> {
        self.concatenation()?;
        loop {
            if self.is("|") && !self.no_greater {
                // A command's output; elsewhere a bar is `print`'s.
                self.advance()?;
                if !self.take_word("getline")? {
                    return self.wrong();
                }
                let place = self.getline_place()?;
                self.emit(Op::Getline(Some(Stream::Command), place));
                continue;
            }
            let Token::Sign(sign) = self.token else {
                return Ok(());
            };
            let Some((_, op)) = COMPARE
                .iter()
                .find(|(known, _)| *known == sign && !(*known == ">" && self.no_greater))
            else {
                return Ok(());
            };
            self.advance()?;
            self.concatenation()?;
            self.emit(Op::Binary(*op));
        }
    }

    fn starts_value(&self) -> bool {
        match &self.token {
            Token::Number(_) | Token::Text(_) => true,
            Token::Word(word) => word != "in" && word != "getline",
            Token::Called(word) => word != "in",
            Token::Sign(sign) => matches!(*sign, "$" | "!" | "(" | "-" | "+" | "++" | "--"),
            Token::Newline | Token::End => false,
        }
    }

    fn concatenation(&mut self) -> Parsed<()> {
        self.level(&["+", "-"])?;
        while self.starts_value() && !self.is("+") && !self.is("-") && self.group < 2 {
            self.level(&["+", "-"])?;
            self.emit(Op::Binary(' '));
        }
        Ok(())
    }

    fn level(&mut self, signs: &[&str]) -> Parsed<()> {
        let products: &[&str] = &["*", "/", "%"];
        let next = |parser: &mut Self| {
            if signs == products {
                parser.unary()
            } else {
                parser.level(products)
            }
        };
        next(self)?;
        while let Token::Sign(sign) = self.token
            && signs.contains(&sign)
        {
            self.advance()?;
            next(self)?;
            self.emit(Op::Binary(sign.chars().next().unwrap_or('+')));
        }
        Ok(())
    }

    fn unary(&mut self) -> Parsed<()> {
        for (sign, op) in [("!", Op::Not), ("-", Op::Minus), ("+", Op::Plus)] {
            if self.take(sign)? {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("program too large".to_owned());
                }
                let done = self.unary();
                self.depth -= 1;
                done?;
                self.emit(op);
                return Ok(());
            }
        }
        self.power()
    }

    fn power(&mut self) -> Parsed<()> {
        self.postfix()?;
        if self.take("^")? {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err("program too large".to_owned());
            }
            // It binds to the right, and tighter than a sign.
            let done = self.unary();
            self.depth -= 1;
            done?;
            self.emit(Op::Binary('^'));
        }
        Ok(())
    }

    fn postfix(&mut self) -> Parsed<()> {
        self.primary()?;
        for (sign, delta) in [("++", 1.0), ("--", -1.0)] {
            if self.is(sign)
                && let Some(place) = self.place()
            {
                self.advance()?;
                self.emit(Op::Step(place, delta, true));
                break;
            }
        }
        Ok(())
    }

    /// Where `getline` puts what it reads, if that is said.
    fn getline_place(&mut self) -> Parsed<Option<Place>> {
        if !matches!(self.token, Token::Word(_)) && !self.is("$") || self.word("in") {
            return Ok(None);
        }
        self.primary()?;
        match self.place() {
            Some(place) => Ok(Some(place)),
            None => self.wrong(),
        }
    }

    fn arguments(&mut self) -> Parsed<usize> {
        self.expect("(")?;
        let (greater, inside) = (self.no_greater, self.no_in);
        (self.no_greater, self.no_in) = (false, false);
        let mut count = 0;
        self.newlines()?;
        while !self.is(")") {
            let start = self.here();
            self.expr()?;
            // A name alone may be an array.
            if let (Some(Op::Load(Place::Variable(name))), 1) =
                (self.program.ops.last().cloned(), self.here() - start)
            {
                self.program.ops.pop();
                self.emit(Op::Pass(name));
            }
            count += 1;
            self.newlines()?;
            if !self.take(",")? {
                break;
            }
            self.newlines()?;
        }
        (self.no_greater, self.no_in) = (greater, inside);
        self.expect(")")?;
        Ok(count)
    }

    fn primary(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("program too large".to_owned());
        }
        let done = self.one_primary();
        self.depth -= 1;
        done
    }

    fn one_primary(&mut self) -> Parsed<()> {
        match self.token.clone() {
            Token::Number(number) => {
                self.advance()?;
                self.emit(Op::Push(Value::Number(number)));
            }
            Token::Text(text) => {
                self.advance()?;
                self.emit(Op::Push(Value::text(&text)));
            }
            Token::Sign(sign @ ("/" | "/=")) => {
                let mut text = self.lexer.regex()?;
                if sign == "/=" {
                    text.insert(0, '=');
                }
                self.advance()?;
                self.emit(Op::Push(Value::Number(0.0)));
                self.emit(Op::Load(Place::Field));
                self.emit(Op::Push(Value::text(&text)));
                self.emit(Op::Match(false));
            }
            Token::Sign("$") => {
                self.advance()?;
                if self.is("-") || self.is("+") || self.is("!") {
                    self.unary()?;
                } else {
                    self.primary()?;
                }
                self.emit(Op::Load(Place::Field));
            }
            Token::Sign(sign @ ("++" | "--")) => {
                self.advance()?;
                self.primary()?;
                let Some(place) = self.place() else {
                    return self.wrong();
                };
                self.emit(Op::Step(
                    place,
                    if sign == "++" { 1.0 } else { -1.0 },
                    false,
                ));
            }
            Token::Sign("(") => {
                self.advance()?;
                let (greater, inside) = (self.no_greater, self.no_in);
                (self.no_greater, self.no_in) = (false, false);
                self.newlines()?;
                self.expr()?;
                let mut count = 1;
                while self.take(",")? {
                    self.newlines()?;
                    self.expr()?;
                    count += 1;
                }
                self.newlines()?;
                (self.no_greater, self.no_in) = (greater, inside);
                self.expect(")")?;
                self.group = if count > 1 { count } else { 0 };
            }
            Token::Word(word) if word == "getline" => {
                self.advance()?;
                let place = self.getline_place()?;
                if self.take("<")? {
                    self.primary()?;
                    self.emit(Op::Getline(Some(Stream::File), place));
                } else {
                    self.emit(Op::Getline(None, place));
                }
            }
            Token::Word(word) => {
                self.advance()?;
                if FUNCTIONS.iter().any(|(name, ..)| *name == word) {
                    if self.is("(") {
                        return self.call(&word);
                    }
                    if word == "length" {
                        self.emit(Op::Call(0, 0));
                        return Ok(());
                    }
                    return self.wrong();
                }
                let name = self.name(&word);
                if self.take("[")? {
                    self.element()?;
                    self.emit(Op::Load(Place::Element(name)));
                } else {
                    self.emit(Op::Load(Place::Variable(name)));
                }
            }
            Token::Called(word) => {
                self.advance()?;
                self.call(&word)?;
            }
            Token::Sign("-" | "+" | "!") => self.unary()?,
            _ => return self.wrong(),
        }
        Ok(())
    }

    fn call(&mut self, word: &str) -> Parsed<()> {
        match word {
            "sub" | "gsub" => {
                self.expect("(")?;
                let start = self.here();
                self.expr()?;
                self.as_pattern(start);
                self.expect(",")?;
                self.newlines()?;
                self.expr()?;
                let mut place = Some(Place::Field);
                if self.take(",")? {
                    self.newlines()?;
                    self.expr()?;
                    place = self.place();
                } else {
                    self.emit(Op::Push(Value::Number(0.0)));
                }
                self.expect(")")?;
                let Some(place) = place else {
                    return self.wrong();
                };
                self.emit(Op::Replace(word == "gsub", place));
            }
            "split" => {
                self.expect("(")?;
                self.expr()?;
                self.expect(",")?;
                self.newlines()?;
                let Token::Word(array) = self.token.clone() else {
                    return self.wrong();
                };
                self.advance()?;
                let array = self.name(&array);
                let given = self.take(",")?;
                if given {
                    self.newlines()?;
                    let start = self.here();
                    self.expr()?;
                    if self.as_pattern(start)
                        && let Some(Op::Push(Value::Text(text))) = self.program.ops.last_mut()
                        && text.len() == 1
                    {
                        // `/ /` is one blank, `" "` any.
                        *text = format!("[{text}]").into();
                    }
                }
                self.expect(")")?;
                self.emit(Op::Split(array, given));
            }
            "match" => {
                self.expect("(")?;
                self.expr()?;
                self.expect(",")?;
                self.newlines()?;
                let start = self.here();
                self.expr()?;
                self.as_pattern(start);
                self.expect(")")?;
                let at = FUNCTIONS.iter().position(|(name, ..)| *name == word);
                self.emit(Op::Call(at.unwrap_or(0), 2));
            }
            "if" | "while" | "for" | "print" | "in" => return self.wrong(),
            _ => {
                let count = self.arguments()?;
                match FUNCTIONS
                    .iter()
                    .enumerate()
                    .find(|(_, (name, ..))| *name == word)
                {
                    Some((at, (_, least, most))) => {
                        if !(*least..=*most).contains(&count) {
                            return Err(match self.flavour {
                                Flavour::Gnu if count < *least => format!(
                                    "not enough arguments in call to {word}: {count} (need {least})"
                                ),
                                Flavour::Gnu => format!("too many arguments in call to {word}"),
                                Flavour::Busybox => "Too few arguments".to_owned(),
                            });
                        }
                        self.emit(Op::Call(at, count));
                    }
                    None => {
                        let at = self.function(word);
                        self.emit(Op::User(at, count));
                    }
                }
            }
        }
        Ok(())
    }
}
