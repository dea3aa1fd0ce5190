//! From words to arguments: parameters, command substitution, splitting, file names.

use super::ast::{Param, ParamOp, Piece, ReplaceMode, Word};
use super::expand::{self, Field, Part};
use super::glob::Pattern;
use super::state::{Abort, Boxed, Shell};
use super::{Flavour, arith};

/// What `$@` and its like give.
enum Value {
    Unset,
    One(String),
    /// `$@` (true: kept apart even in quotes) or `$*`.
    Many(Vec<String>, bool),
}

impl Shell {
    /// Expands words into arguments, fully.
    pub(crate) fn words<'a>(
        &'a mut self,
        words: &'a [Word],
    ) -> Boxed<'a, Result<Vec<String>, Abort>> {
        Box::pin(async move {
            let mut out = Vec::new();
            for word in words {
                let words = match self.flavour {
                    Flavour::Bash => expand::braces(word),
                    _ => vec![word.clone()],
                };
                for word in words {
                    let mut parts = Vec::new();
                    self.parts(&word.pieces, false, &mut parts).await?;
                    let ifs = self.variable("IFS").unwrap_or_else(|| " \t\n".to_owned());
                    for field in expand::fields(&parts, &ifs) {
                        self.file_names(&field, &mut out);
                    }
                }
            }
            Ok(out)
        })
    }

    /// Expands a word into one string, neither split nor matched.
    pub(crate) async fn single(&mut self, word: &Word) -> Result<String, Abort> {
        Ok(expand::text(&self.unsplit(word).await?))
    }

    /// Expands a word into a pattern.
    pub(crate) async fn pattern(&mut self, word: &Word) -> Result<Pattern, Abort> {
        Ok(Pattern::quoted(&self.unsplit(word).await?))
    }

    /// Expands a word without splitting, keeping what was quoted.
    pub(crate) async fn unsplit(&mut self, word: &Word) -> Result<Field, Abort> {
        let mut parts = Vec::new();
        self.parts(&word.pieces, false, &mut parts).await?;
        Ok(expand::unsplit(&parts))
    }

    /// Expands and evaluates arithmetic.
    pub(crate) async fn arithmetic(&mut self, word: &Word) -> Result<i64, Abort> {
        let text = self.single(word).await?;
        match arith::evaluate(&text, self) {
            Ok(value) => Ok(value),
            Err(error) => {
                let shown = text.trim_start();
                match (self.flavour, &error) {
                    (Flavour::Bash, error) => {
                        self.complain(&format!("{shown}: {}", error.bash()));
                    }
                    (Flavour::Dash, arith::ArithError::DivisionByZero(_)) => {
                        self.complain(&format!(
                            "arithmetic expression: division by zero: \"{text}\""
                        ));
                    }
                    (Flavour::Dash, _) => {
                        self.complain(&format!(
                            "arithmetic expression: expecting primary: \"{text}\""
                        ));
                    }
                    (Flavour::Ash, arith::ArithError::DivisionByZero(_)) => {
                        self.complain("divide by zero");
                    }
                    (Flavour::Ash, _) => self.complain("arithmetic syntax error"),
                }
                self.status = if self.flavour == Flavour::Bash { 1 } else { 2 };
                Err(Abort)
            }
        }
    }

    /// Replaces tilde, parameters, commands and arithmetic in pieces.
    fn parts<'a>(
        &'a mut self,
        pieces: &'a [Piece],
        quoted: bool,
        out: &'a mut Vec<Part>,
    ) -> Boxed<'a, Result<(), Abort>> {
        Box::pin(async move {
            let result = |text: String| {
                if quoted {
                    Part::Quoted(text)
                } else {
                    Part::Split(text)
                }
            };
            for (index, piece) in pieces.iter().enumerate() {
                match piece {
                    Piece::Bare(text) if quoted => out.push(Part::Quoted(text.clone())),
                    Piece::Bare(text) if index == 0 && text.starts_with('~') => {
                        self.tilde(text, out);
                    }
                    Piece::Bare(text) => out.push(Part::Bare(text.clone())),
                    Piece::Quoted(text) => out.push(Part::Quoted(text.clone())),
                    Piece::Double(inner) => {
                        // "$@" without arguments is no word at all; any other quotes are one.
                        let vanishes = matches!(inner.as_slice(), [Piece::Param(param)] if param.name == "@" && self.positional.is_empty());
                        if !vanishes {
                            out.push(Part::Quoted(String::new()));
                        }
                        self.parts(inner, true, out).await?;
                    }
                    Piece::Param(param) => self.parameter(param, quoted, out).await?,
                    Piece::Command(script) => {
                        let text = self.substitute(script).await?;
                        out.push(result(text));
                    }
                    Piece::Arith(word) => {
                        let value = self.arithmetic(word).await?;
                        out.push(result(value.to_string()));
                    }
                }
            }
            Ok(())
        })
    }

    fn tilde(&self, text: &str, out: &mut Vec<Part>) {
        let (who, rest) = text
            .find('/')
            .and_then(|at| text.split_at_checked(at))
            .unwrap_or((text, ""));
        let home = match who {
            "~" => self.variable("HOME"),
            "~+" => self.variable("PWD"),
            "~-" => self.variable("OLDPWD"),
            "~root" => Some("/root".to_owned()),
            _ => None,
        };
        match home {
            Some(home) => {
                out.push(Part::Quoted(home));
                out.push(Part::Bare(rest.to_owned()));
            }
            None => out.push(Part::Bare(text.to_owned())),
        }
    }

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

    async fn parameter(
        &mut self,
        param: &Param,
        quoted: bool,
        out: &mut Vec<Part>,
    ) -> Result<(), Abort> {
        let value = self.lookup(&param.name);
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
                self.assign(&param.name, text.clone())?;
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
                if source.contains('[') {
                    return self.give_up(&crate::not_modelled!("the shell", "{source}: arrays"));
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
                if !is_set && self.options.nounset && !matches!(param.name.as_str(), "@" | "*") =>
            {
                let text = if self.flavour == Flavour::Bash {
                    "unbound variable"
                } else {
                    "parameter not set"
                };
                return self.give_up(&format!("{}: {text}", param.name));
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
        let many = matches!(param.name.as_str(), "@" | "*");
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                out.push(Part::Break);
            }
            let value = if many && matches!(param.op, ParamOp::Length | ParamOp::Slice { .. }) {
                value
            } else {
                self.operate(&param.op, value).await?
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

    async fn slice_list(
        &mut self,
        param: &Param,
        mut values: Vec<String>,
    ) -> Result<Vec<String>, Abort> {
        if let ParamOp::Slice { offset, length } = &param.op {
            let offset = usize::try_from(self.arithmetic(offset).await?).unwrap_or(0);
            if offset == 0 {
                values.insert(0, self.name.clone());
            }
            let length = match length {
                Some(length) => usize::try_from(self.arithmetic(length).await?).unwrap_or(0),
                None => usize::MAX,
            };
            return Ok(values
                .into_iter()
                .skip(offset.saturating_sub(usize::from(offset > 0)))
                .take(length)
                .collect());
        }
        Ok(values)
    }

    /// Prints why an expansion failed; a shell that isn't interactive ends.
    fn give_up(&mut self, text: &str) -> Result<(), Abort> {
        self.complain(text);
        self.status = match (self.flavour, self.interactive) {
            (Flavour::Bash, false) => 127,
            (Flavour::Bash, true) => 1,
            _ => 2,
        };
        Err(Abort)
    }

    async fn operate(&mut self, op: &ParamOp, value: String) -> Result<String, Abort> {
        let chars: Vec<char> = value.chars().collect();
        let skip = |count: usize| chars.iter().skip(count).collect::<String>();
        Ok(match op {
            ParamOp::Length => chars.len().to_string(),
            ParamOp::Indirect => match self.lookup(&value) {
                Value::One(text) => text,
                Value::Unset => String::new(),
                Value::Many(values, _) => values.join(" "),
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
            ParamOp::Case { upper, all } => {
                let change = |c: char| {
                    if *upper {
                        c.to_uppercase().collect::<String>()
                    } else {
                        c.to_lowercase().collect()
                    }
                };
                chars
                    .iter()
                    .enumerate()
                    .map(|(index, c)| {
                        if *all || index == 0 {
                            change(*c)
                        } else {
                            c.to_string()
                        }
                    })
                    .collect()
            }
            _ => value,
        })
    }

    /// Adds the file names that a field matches, or the field itself if it has no pattern or matches nothing.
    fn file_names(&self, field: &[(char, bool)], out: &mut Vec<String>) {
        let text = expand::text(field);
        if self.options.noglob || !Pattern::quoted(field).is_special() {
            out.push(text);
            return;
        }
        let mut found = vec![String::new()];
        for (index, part) in field.split(|(c, _)| *c == '/').enumerate() {
            let pattern = Pattern::quoted(part);
            let mut next = Vec::new();
            for base in &found {
                let joined = |name: &str| {
                    if index == 0 {
                        name.to_owned()
                    } else {
                        format!("{base}/{name}")
                    }
                };
                if !pattern.is_special() {
                    let path = joined(&expand::text(part));
                    let last = field.iter().filter(|(c, _)| *c == '/').count() == index;
                    if path.is_empty() || !last || self.sys.exists(&path) {
                        next.push(path);
                    }
                    continue;
                }
                let dir = match (index, base.as_str()) {
                    (0, _) => ".",
                    (_, "") => "/",
                    (_, base) => base,
                };
                let entries = self.sys.read_dir(dir).unwrap_or_default();
                let hidden = pattern.starts_with_dot();
                next.extend(
                    entries
                        .iter()
                        .filter(|entry| hidden || !entry.name.starts_with('.'))
                        .filter(|entry| pattern.matches(&entry.name))
                        .map(|entry| joined(&entry.name)),
                );
            }
            found = next;
        }
        if found.is_empty() {
            out.push(text);
        } else {
            out.append(&mut found);
        }
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
