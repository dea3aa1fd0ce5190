//! `$name` and `${...}`: what a parameter holds, and what is done to it.

use super::Flavour;
use super::ast::{Param, ParamOp, ReplaceMode};
use super::expand::Part;
use super::glob::Pattern;
use super::quote;
use super::state::{Abort, Shell};

/// What a parameter holds.
enum Value {
    Unset,
    One(String),
    /// `$@` and all of an array (true: kept apart even in quotes), or `$*`.
    Many(Vec<String>, bool),
}

impl Shell {
    fn lookup(&self, name: &str) -> Value {
        let one = |text: String| Value::One(text);
        match name {
            "@" => Value::Many(self.positional.clone(), true),
            "*" => Value::Many(self.positional.clone(), false),
            "#" => one(self.positional.len().to_string()),
            "?" => one(self.status.to_string()),
            "$" => one(self.pid.to_string()),
            "!" => self
                .last_background
                .map_or(Value::Unset, |pid| one(pid.to_string())),
            "-" => one(self.flags()),
            "0" => one(self.name.clone()),
            _ => match name.parse::<usize>() {
                Ok(index) => self
                    .positional
                    .get(index.wrapping_sub(1))
                    .cloned()
                    .map_or(Value::Unset, one),
                Err(_) => self.variable(name).map_or(Value::Unset, one),
            },
        }
    }

    fn flags(&self) -> String {
        let options = &self.options;
        let mut out = String::new();
        for (flag, on) in [
            ('a', options.allexport),
            ('e', options.errexit),
            ('f', options.noglob),
            ('h', self.flavour == Flavour::Bash),
            ('i', self.interactive),
            ('u', options.nounset),
            ('x', options.xtrace),
            ('B', self.flavour == Flavour::Bash),
            ('C', options.noclobber),
            ('c', self.from_argument && self.flavour == Flavour::Bash),
        ] {
            if on {
                out.push(flag);
            }
        }
        out
    }

    fn joined(&self, values: &[String]) -> String {
        let separator = self
            .variable("IFS")
            .map_or(Some(' '), |ifs| ifs.chars().next());
        values.join(&separator.map_or_else(String::new, String::from))
    }

    /// True if this gives no word even in quotes: all of nothing, kept apart.
    pub(super) fn is_nothing(&self, param: &Param) -> bool {
        let plain = matches!(param.op, ParamOp::Value) && !param.indirect;
        plain
            && param.many() == Some("@")
            && match param.index {
                Some(_) => self.elements(&param.name).is_empty(),
                None => self.positional.is_empty(),
            }
    }

    /// What a parameter holds, its index and indirection taken into account.
    async fn value(&mut self, param: &Param) -> Result<Value, Abort> {
        if let ParamOp::Names { apart } = param.op {
            let names = self.variables.keys();
            let found = names.filter(|name| name.starts_with(param.name.as_str()));
            return Ok(Value::Many(found.cloned().collect(), apart));
        }
        let all = param.many().filter(|_| param.index.is_some());
        if let Some(all) = all {
            let elements = self.elements(&param.name);
            let part = |(index, value)| if param.indirect { index } else { value };
            return Ok(Value::Many(
                elements.into_iter().map(part).collect(),
                all == "@",
            ));
        }
        let value = match &param.index {
            None => self.lookup(&param.name),
            Some(index) => {
                let key = self.key(&param.name, index).await?;
                self.element(&param.name, &key)
                    .map_or(Value::Unset, Value::One)
            }
        };
        match value {
            Value::One(name) if param.indirect => match super::arrays::target(&name) {
                (_, None) => Ok(self.lookup(&name)),
                (base, Some(all @ ("@" | "*"))) => {
                    let values = self.elements(base).into_iter().map(|(_, value)| value);
                    Ok(Value::Many(values.collect(), all == "@"))
                }
                (base, Some(index)) => {
                    let key = self.key_of(base, index);
                    let found = key.and_then(|key| self.element(base, &key));
                    Ok(found.map_or(Value::Unset, Value::One))
                }
            },
            value => Ok(value),
        }
    }

    pub(super) async fn parameter(
        &mut self,
        param: &Param,
        quoted: bool,
        out: &mut Vec<Part>,
    ) -> Result<(), Abort> {
        let value = self.value(param).await?;
        let is_set = match &value {
            Value::Unset => false,
            Value::One(_) => true,
            Value::Many(values, _) => !values.is_empty(),
        };
        let is_empty = match &value {
            Value::Unset => true,
            Value::One(text) => text.is_empty(),
            Value::Many(values, _) => values.iter().all(String::is_empty),
        };
        let missing = |empty: bool| !is_set || (empty && is_empty);
        match &param.op {
            ParamOp::Default { empty, word } if missing(*empty) => {
                return self.parts(&word.pieces, quoted, out).await;
            }
            ParamOp::Alternate { empty, .. } if missing(*empty) => return Ok(()),
            ParamOp::Alternate { word, .. } => return self.parts(&word.pieces, quoted, out).await,
            ParamOp::Assign { empty, word } if missing(*empty) => {
                let text = self.single(word).await?;
                match &param.index {
                    Some(index) => {
                        let key = self.key(&param.name, index).await?;
                        self.assign_element(&param.name, key, false, text.clone())?;
                    }
                    None => self.assign(&param.name, text.clone())?,
                }
                out.push(if quoted {
                    Part::Quoted(text)
                } else {
                    Part::Split(text)
                });
                return Ok(());
            }
            ParamOp::Error { empty, word } if missing(*empty) => {
                let mut text = self.single(word).await?;
                if text.is_empty() {
                    text = if *empty {
                        "parameter null or not set"
                    } else {
                        "parameter not set"
                    }
                    .to_owned();
                }
                return self.give_up(&format!("{}: {text}", param.name));
            }
            ParamOp::Bad(source) => {
                if self.flavour == Flavour::Dash {
                    return self.give_up("Bad substitution");
                }
                let text = if self.flavour == Flavour::Bash {
                    format!("{source}: bad substitution")
                } else {
                    "bad substitution".to_owned()
                };
                self.status = 1;
                self.complain(&text);
                return Err(Abort);
            }
            ParamOp::Value | ParamOp::Length
                if !is_set && self.options.nounset && param.many().is_none() =>
            {
                let text = if self.flavour == Flavour::Bash {
                    "unbound variable"
                } else {
                    "parameter not set"
                };
                let name = self.named(param).await?;
                return self.give_up(&format!("{name}: {text}"));
            }
            _ => {}
        }
        let values = match value {
            Value::Unset => Vec::new(),
            Value::One(text) => vec![text],
            Value::Many(values, apart) => {
                let values = self.slice_list(param, values).await?;
                if let ParamOp::Length = param.op {
                    vec![values.len().to_string()]
                } else if quoted && !apart {
                    vec![self.joined(&values)]
                } else {
                    values
                }
            }
        };
        let many = param.many().is_some();
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                out.push(Part::Break);
            }
            let value = if many && matches!(param.op, ParamOp::Length | ParamOp::Slice { .. }) {
                value
            } else {
                self.operate(param, value).await?
            };
            out.push(if quoted {
                Part::Quoted(value)
            } else {
                Part::Split(value)
            });
        }
        if let ParamOp::Length = param.op
            && !is_set
            && !many
        {
            out.push(Part::Quoted("0".to_owned()));
        }
        Ok(())
    }

    /// The parameter as messages name it.
    async fn named(&mut self, param: &Param) -> Result<String, Abort> {
        Ok(match &param.index {
            Some(index) => format!("{}[{}]", param.name, self.single(index).await?),
            None => param.name.clone(),
        })
    }

    async fn slice_list(
        &mut self,
        param: &Param,
        mut values: Vec<String>,
    ) -> Result<Vec<String>, Abort> {
        let ParamOp::Slice { offset, length } = &param.op else {
            return Ok(values);
        };
        let mut offset = self.arithmetic(offset).await?;
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        let arguments = param.index.is_none();
        if offset < 0 {
            offset += count + i64::from(arguments);
        }
        if offset < 0 {
            return Ok(Vec::new());
        }
        if arguments && offset == 0 {
            values.insert(0, self.name.clone());
        }
        let length = match length {
            Some(length) => {
                let length = self.arithmetic(length).await?;
                if length < 0 {
                    return self
                        .give_up(&format!("{length}: substring expression < 0"))
                        .map(|()| Vec::new());
                }
                usize::try_from(length).unwrap_or(0)
            }
            None => usize::MAX,
        };
        let offset = usize::try_from(offset).unwrap_or(0);
        Ok(values
            .into_iter()
            .skip(offset.saturating_sub(usize::from(arguments && offset > 0)))
            .take(length)
            .collect())
    }

    /// Prints why an expansion failed; a shell that isn't interactive ends.
    fn give_up(&mut self, text: &str) -> Result<(), Abort> {
        self.complain(text);
        self.status = match (self.flavour, self.interactive) {
            (Flavour::Bash, _) if self.options.errexit => 1,
            (Flavour::Bash, false) => 127,
            (Flavour::Bash, true) => 1,
            _ => 2,
        };
        Err(Abort)
    }

    async fn operate(&mut self, param: &Param, value: String) -> Result<String, Abort> {
        let chars: Vec<char> = value.chars().collect();
        let skip = |count: usize| chars.iter().skip(count).collect::<String>();
        Ok(match &param.op {
            ParamOp::Length => chars.len().to_string(),
            ParamOp::Transform(letter) => match self.transformed(param, *letter, &value) {
                Some(text) => text,
                None => {
                    let text = format!("${{{}@{letter}}}: bad substitution", param.name);
                    return self.give_up(&text).map(|()| String::new());
                }
            },
            ParamOp::TrimStart { longest, pattern } => {
                let pattern = self.pattern(pattern).await?;
                skip(pattern.prefix(&chars, *longest).unwrap_or(0))
            }
            ParamOp::TrimEnd { longest, pattern } => {
                let pattern = self.pattern(pattern).await?;
                let cut = pattern.suffix(&chars, *longest).unwrap_or(0);
                chars.iter().take(chars.len().saturating_sub(cut)).collect()
            }
            ParamOp::Replace {
                mode,
                pattern,
                with,
            } => {
                let pattern = self.pattern(pattern).await?;
                let with = self.single(with).await?;
                replace(&chars, &pattern, &with, *mode)
            }
            ParamOp::Slice { offset, length } => {
                let count = i64::try_from(chars.len()).unwrap_or(i64::MAX);
                let from_end = |number: i64| {
                    if number < 0 {
                        count.saturating_add(number)
                    } else {
                        number
                    }
                };
                let start = from_end(self.arithmetic(offset).await?).clamp(0, count);
                let end = match length {
                    None => count,
                    Some(length) => {
                        let length = self.arithmetic(length).await?;
                        if length < 0 {
                            from_end(length)
                        } else {
                            start.saturating_add(length)
                        }
                        .clamp(start, count)
                    }
                };
                let as_index = |number: i64| usize::try_from(number).unwrap_or(0);
                chars
                    .get(as_index(start)..as_index(end))
                    .unwrap_or_default()
                    .iter()
                    .collect()
            }
            ParamOp::Case {
                upper,
                all,
                pattern,
            } => {
                let which = self.pattern(pattern).await?;
                let any = pattern.pieces.is_empty();
                let mut out = String::new();
                for (index, c) in chars.iter().enumerate() {
                    let changes = (*all || index == 0) && (any || which.matches(&c.to_string()));
                    match (changes, upper) {
                        (false, _) => out.push(*c),
                        (true, true) => out.extend(c.to_uppercase()),
                        (true, false) => out.extend(c.to_lowercase()),
                    }
                }
                out
            }
            _ => value,
        })
    }

    /// `${x@Q}` and its like.
    fn transformed(&mut self, param: &Param, letter: char, value: &str) -> Option<String> {
        let first = |upper: bool| {
            let mut chars = value.chars();
            let head = chars.next().map(|c| {
                if upper {
                    c.to_uppercase().collect()
                } else {
                    c.to_string()
                }
            });
            head.unwrap_or_default() + chars.as_str()
        };
        Some(match letter {
            'Q' => quote::single(value),
            'U' => value.to_uppercase(),
            'L' => value.to_lowercase(),
            'u' => first(true),
            'E' => quote::unescape_ansi(value),
            'A' => format!("{}={}", param.name, quote::single(value)),
            'a' => self
                .variables
                .get(&param.name)
                .map(super::state::Variable::letters)?,
            _ => return None,
        })
    }
}

fn replace(chars: &[char], pattern: &Pattern, with: &str, mode: ReplaceMode) -> String {
    let whole = || chars.iter().collect::<String>();
    match mode {
        ReplaceMode::Start => match pattern.prefix(chars, true) {
            Some(length) => format!("{with}{}", chars.iter().skip(length).collect::<String>()),
            None => whole(),
        },
        ReplaceMode::End => match pattern.suffix(chars, true) {
            Some(length) => format!(
                "{}{with}",
                chars
                    .iter()
                    .take(chars.len().saturating_sub(length))
                    .collect::<String>()
            ),
            None => whole(),
        },
        ReplaceMode::First | ReplaceMode::All => {
            let mut out = String::new();
            let mut rest = chars;
            let mut done = false;
            while let Some((first, after)) = rest.split_first() {
                match pattern.prefix(rest, true) {
                    Some(length) if length > 0 && !done => {
                        out.push_str(with);
                        rest = rest.get(length..).unwrap_or_default();
                        done = mode == ReplaceMode::First;
                    }
                    _ => {
                        out.push(*first);
                        rest = after;
                    }
                }
            }
            out
        }
    }
}
