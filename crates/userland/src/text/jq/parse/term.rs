//! Terms: what stands between operators.

use super::super::filter::Filter;
use super::super::json::Json;
use super::super::reader::Reader;
use super::{MAX_DEPTH, Parsed, Parser, boxed, text};

impl Parser {
    pub(super) fn postfix(&mut self) -> Parsed {
        let mut term = self.term()?;
        loop {
            self.join()?;
            if self.take("?") {
                term = Filter::Try(boxed(term));
            } else if self.at_text(".[") {
                self.at += 1;
            } else if self.peek() == Some('.')
                && self
                    .chars
                    .get(self.at + 1)
                    .is_some_and(|c| c.is_ascii_alphabetic() || *c == '_' || *c == '"')
            {
                self.at += 1;
                term = Filter::Index(boxed(term), boxed(self.key()?));
            } else if self.take("[") {
                term = self.bracket(term)?;
            } else {
                return Ok(term);
            }
        }
    }

    pub(super) fn key(&mut self) -> Parsed {
        if self.peek() == Some('"') {
            self.string()
        } else {
            Ok(text(&self.name()))
        }
    }

    fn bracket(&mut self, term: Filter) -> Parsed {
        if self.take("]") {
            return Ok(Filter::Each(boxed(term)));
        }
        let from = if self.at_text(":") {
            None
        } else {
            Some(boxed(self.pipe()?))
        };
        let sliced = self.take(":");
        let result = if sliced {
            let to = if self.at_text("]") {
                None
            } else {
                Some(boxed(self.pipe()?))
            };
            Filter::Slice(boxed(term), from, to)
        } else {
            Filter::Index(boxed(term), from.ok_or_else(|| self.unexpected())?)
        };
        if sliced {
            self.expect("]")?;
        } else {
            self.expect_or("]", "'|' or ',' or ':' or ']'")?;
        }
        Ok(result)
    }

    fn term(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("filter nested too deep".to_owned());
        }
        let term = self.one_term()?;
        self.depth -= 1;
        Ok(term)
    }

    fn one_term(&mut self) -> Parsed {
        self.blanks();
        let Some(c) = self.peek() else {
            return Err(self.unexpected());
        };
        match c {
            '.' if self.take("..") => Ok(Filter::Recurse),
            '.' => {
                self.at += 1;
                if self
                    .peek()
                    .is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '"')
                {
                    return Ok(Filter::Index(boxed(Filter::Identity), boxed(self.key()?)));
                }
                self.blanks();
                Ok(Filter::Identity)
            }
            '"' => self.string(),
            '(' => {
                self.take("(");
                let inner = self.pipe()?;
                self.expect(")")?;
                Ok(inner)
            }
            '[' => {
                self.take("[");
                if self.take("]") {
                    return Ok(Filter::Array(None));
                }
                let inner = self.pipe()?;
                self.expect("]")?;
                Ok(Filter::Array(Some(boxed(inner))))
            }
            '{' => self.object(),
            '-' => {
                self.take("-");
                let inner = self.postfix()?;
                Ok(Filter::Negate(boxed(inner)))
            }
            '$' => {
                self.at += 1;
                Ok(Filter::Variable(self.name()))
            }
            '@' => {
                self.at += 1;
                let name = self.name();
                if self.peek() != Some('"') {
                    return Ok(Filter::Format(name));
                }
                Ok(match self.string()? {
                    Filter::Interpolated(parts) => Filter::Formatted(name, parts),
                    plain => plain,
                })
            }
            c if c.is_ascii_digit() => {
                let start = self.at;
                while let Some(c) = self.peek() {
                    let before = self.chars.get(self.at.wrapping_sub(1));
                    let signs = matches!(c, '+' | '-') && matches!(before, Some('e' | 'E'));
                    if !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || signs) {
                        break;
                    }
                    self.at += 1;
                }
                let digits: String = self
                    .chars
                    .get(start..self.at)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                self.blanks();
                digits
                    .parse()
                    .map(|number| Filter::Literal(Json::Number(number)))
                    .map_err(|_not_a_number| format!("Invalid numeric literal '{digits}'"))
            }
            c if c.is_ascii_alphabetic() || c == '_' => self.word(),
            _ => Err(self.unexpected()),
        }
    }

    fn word(&mut self) -> Parsed {
        if self.take("if") {
            return self.conditional();
        }
        let name = self.name();
        Ok(match name.as_str() {
            "null" => Filter::Literal(Json::Null),
            "true" => Filter::Literal(Json::Bool(true)),
            "false" => Filter::Literal(Json::Bool(false)),
            "reduce" | "foreach" => {
                let source = boxed(self.postfix()?);
                self.expect("as")?;
                let pattern = Box::new(self.pattern()?);
                self.expect("(")?;
                let init = boxed(self.pipe()?);
                self.expect(";")?;
                let update = boxed(self.pipe()?);
                let extract = if name == "foreach" && self.take(";") {
                    Some(boxed(self.pipe()?))
                } else {
                    None
                };
                self.expect(")")?;
                if name == "reduce" {
                    Filter::Reduce(source, pattern, init, update)
                } else {
                    Filter::Foreach(source, pattern, init, update, extract)
                }
            }
            "try" => {
                let body = boxed(self.postfix()?);
                if self.take("catch") {
                    Filter::Catch(body, boxed(self.postfix()?))
                } else {
                    Filter::Try(body)
                }
            }
            "break" => {
                self.expect("$")?;
                Filter::Break(self.name())
            }
            "import" | "include" => {
                return Err(crate::not_modelled!("jq", "{name}"));
            }
            _ => {
                let mut arguments = Vec::new();
                if self.take("(") {
                    loop {
                        arguments.push(self.pipe()?);
                        if !self.take(";") {
                            break;
                        }
                    }
                    self.expect_or(")", "';' or ')'")?;
                }
                Filter::Call(name, arguments)
            }
        })
    }

    fn conditional(&mut self) -> Parsed {
        let mut branches = Vec::new();
        loop {
            let test = self.pipe()?;
            self.expect("then")?;
            branches.push((test, self.pipe()?));
            if !self.take("elif") {
                break;
            }
        }
        let otherwise = if self.take("else") {
            Some(boxed(self.pipe()?))
        } else {
            None
        };
        self.expect("end")?;
        Ok(Filter::If(branches, otherwise))
    }

    fn object(&mut self) -> Parsed {
        self.take("{");
        let mut members = Vec::new();
        while !self.take("}") {
            let (key, own) = match self.peek() {
                Some('"') => {
                    let key = self.string()?;
                    (
                        key.clone(),
                        Filter::Index(boxed(Filter::Identity), boxed(key)),
                    )
                }
                Some('(') => {
                    self.take("(");
                    let key = self.pipe()?;
                    self.expect(")")?;
                    (
                        key.clone(),
                        Filter::Index(boxed(Filter::Identity), boxed(key)),
                    )
                }
                Some('$') => {
                    self.at += 1;
                    let name = self.name();
                    (text(&name), Filter::Variable(name))
                }
                _ => {
                    let name = self.name();
                    if name.is_empty() {
                        return Err(self.unexpected());
                    }
                    (
                        text(&name),
                        Filter::Index(boxed(Filter::Identity), boxed(text(&name))),
                    )
                }
            };
            let value = if self.take(":") {
                let mut value = self.binary(0)?;
                while self.at_text("|") {
                    self.join()?;
                    self.take("|");
                    value = Filter::Pipe(boxed(value), boxed(self.binary(0)?));
                }
                value
            } else {
                own
            };
            members.push((key, value));
            if !self.take(",") && !self.at_text("}") {
                return Err(self.unexpected_after("'}'"));
            }
        }
        Ok(Filter::Object(members))
    }

    fn string(&mut self) -> Parsed {
        self.at += 1;
        let mut parts = Vec::new();
        let mut raw = String::new();
        let decode = |raw: &str| match Reader::new(&format!("\"{raw}\"")).next() {
            Ok(Some(Json::String(text))) => Ok(text),
            _ => Err("invalid string".to_owned()),
        };
        loop {
            match self.peek() {
                None => {
                    let expecting = "QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END";
                    return Err(self.unexpected_after(expecting));
                }
                Some('"') => {
                    self.at += 1;
                    self.blanks();
                    if parts.is_empty() {
                        return Ok(text(&decode(&raw)?));
                    }
                    parts.push((decode(&raw)?, None));
                    return Ok(Filter::Interpolated(parts));
                }
                Some('\\') if self.chars.get(self.at + 1) == Some(&'(') => {
                    self.at += 2;
                    self.blanks();
                    let inner = self.pipe()?;
                    if self.peek() != Some(')') {
                        return Err(self.unexpected());
                    }
                    self.at += 1;
                    parts.push((decode(&std::mem::take(&mut raw))?, Some(inner)));
                }
                Some('\\') => {
                    raw.push('\\');
                    raw.extend(self.chars.get(self.at + 1));
                    self.at += 2;
                }
                Some(c) => {
                    raw.push(c);
                    self.at += 1;
                }
            }
        }
    }
}
