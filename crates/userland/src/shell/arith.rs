//! Shell arithmetic: 64-bit, wrapping, with C's operators.

use super::lexer::{is_name_char, is_name_start};

/// Where an expression finds and puts variables.
pub trait Variables {
    /// The value of a variable, `None` if unset.
    fn get(&mut self, name: &str) -> Option<String>;
    /// Sets a variable.
    fn set(&mut self, name: &str, value: String);
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArithError {
    /// Division or remainder by zero, with the rest of the text from the divisor on.
    DivisionByZero(String),
    /// An operand is missing, with the text from the last operator on.
    OperandExpected(String),
    /// Something follows the expression, or an operator is unknown.
    Syntax(String),
    /// Not a number in that base, with the number.
    BadNumber(String),
    /// Nested too deep.
    TooDeep,
}

impl ArithError {
    /// The text bash 5.3 puts after the expression.
    #[must_use]
    pub fn bash(&self) -> String {
        match self {
            Self::DivisionByZero(token) => format!("division by 0 (error token is \"{token}\")"),
            Self::OperandExpected(token) => {
                format!("arithmetic syntax error: operand expected (error token is \"{token}\")")
            }
            Self::Syntax(token) => {
                format!("arithmetic syntax error in expression (error token is \"{token}\")")
            }
            Self::BadNumber(token) => {
                format!("value too great for base (error token is \"{token}\")")
            }
            Self::TooDeep => "expression recursion level exceeded".to_owned(),
        }
    }
}

const MAX_DEPTH: usize = 50;

/// True if an expression uses what dash lacks: powers, and steps of a variable.
pub fn beyond_posix(text: &str) -> bool {
    let near = |(before, after): (&str, &str)| {
        before.ends_with(is_name_char) || after.starts_with(is_name_start)
    };
    text.contains("**")
        || ["++", "--"]
            .iter()
            .any(|sign| text.split_once(sign).is_some_and(near))
}

/// Evaluates an expression; an empty one is 0.
pub fn evaluate(text: &str, variables: &mut dyn Variables) -> Result<i64, ArithError> {
    nested(text, variables, 0)
}

fn nested(text: &str, variables: &mut dyn Variables, depth: usize) -> Result<i64, ArithError> {
    let chars: Vec<char> = text.chars().collect();
    let mut evaluator = Evaluator {
        chars,
        position: 0,
        operator: 0,
        variables,
        depth,
        live: true,
    };
    evaluator.skip_blanks();
    if evaluator.peek().is_none() {
        return Ok(0);
    }
    let value = evaluator.comma()?;
    match evaluator.peek() {
        None => Ok(value),
        Some(_) => Err(ArithError::Syntax(evaluator.rest())),
    }
}

struct Evaluator<'a> {
    chars: Vec<char>,
    position: usize,
    /// Where the last operator stands, for messages.
    operator: usize,
    variables: &'a mut dyn Variables,
    depth: usize,
    /// False in a branch not taken: nothing is assigned and nothing fails.
    live: bool,
}

/// Binary operators by level, loosest first; longer spellings before shorter ones.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [&str; 11] = [
    "<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "=",
];

impl Evaluator<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn rest(&self) -> String {
        self.chars
            .get(self.position..)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    fn since_operator(&self) -> String {
        self.chars
            .get(self.operator..)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.position += 1;
        }
    }

    fn at(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(offset, c)| self.chars.get(self.position + offset) == Some(&c))
    }

    fn take(&mut self, text: &str) -> bool {
        let yes = self.at(text);
        if yes {
            self.operator = self.position;
            self.position += text.len();
            self.skip_blanks();
        }
        yes
    }

    /// Takes a binary operator, but not the start of a longer one or of an assignment.
    fn take_binary(&mut self, level: usize) -> Option<&'static str> {
        let op = *LEVELS.get(level)?.iter().find(|op| self.at(op))?;
        let next = self.chars.get(self.position + op.len()).copied();
        let longer = match op {
            "|" | "&" => next == op.chars().next() || next == Some('='),
            "<" | ">" => next == op.chars().next(),
            "==" | "!=" | "<=" | ">=" | "||" | "&&" => false,
            "*" => next == Some('*') || next == Some('='),
            _ => next == Some('='),
        };
        if longer {
            None
        } else {
            self.take(op).then_some(op)
        }
    }

    fn enter(&mut self) -> Result<(), ArithError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(ArithError::TooDeep)
        } else {
            Ok(())
        }
    }

    fn comma(&mut self) -> Result<i64, ArithError> {
        let mut value = self.assignment()?;
        while self.take(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn name(&mut self) -> Option<String> {
        if !self.peek().is_some_and(is_name_start) {
            return None;
        }
        let start = self.position;
        while self.peek().is_some_and(is_name_char) {
            self.position += 1;
        }
        if self.peek() == Some('[') {
            let mut depth = 0_usize;
            for (offset, c) in self.chars.iter().enumerate().skip(self.position) {
                depth = match c {
                    '[' => depth + 1,
                    ']' => depth - 1,
                    _ => depth,
                };
                if depth == 0 {
                    self.position = offset + 1;
                    break;
                }
            }
        }
        let name = self
            .chars
            .get(start..self.position)
            .unwrap_or_default()
            .iter()
            .collect();
        self.skip_blanks();
        Some(name)
    }

    fn assignment(&mut self) -> Result<i64, ArithError> {
        self.enter()?;
        let start = self.position;
        if let Some(name) = self.name() {
            let op = ASSIGNMENTS
                .iter()
                .find(|op| self.at(op) && !self.at("=="))
                .copied();
            if let Some(op) = op {
                self.take(op);
                let divisor = self.position;
                let right = self.assignment()?;
                let value = match op.strip_suffix('=') {
                    Some("") | None => right,
                    Some(binary) => {
                        let left = self.value(&name)?;
                        self.apply(binary, left, right, divisor)?
                    }
                };
                self.store(&name, value);
                self.depth -= 1;
                return Ok(value);
            }
            self.position = start;
        }
        let value = self.ternary()?;
        self.depth -= 1;
        Ok(value)
    }

    fn store(&mut self, name: &str, value: i64) {
        if self.live {
            self.variables.set(name, value.to_string());
        }
    }

    fn value(&mut self, name: &str) -> Result<i64, ArithError> {
        if !self.live {
            return Ok(0);
        }
        let Some(text) = self.variables.get(name) else {
            return Ok(0);
        };
        match text.trim().parse() {
            Ok(value) if !text.trim().starts_with('0') || text.trim() == "0" => Ok(value),
            _ if self.depth >= MAX_DEPTH => Err(ArithError::TooDeep),
            _ => nested(&text, self.variables, self.depth + 5),
        }
    }

    fn quietly<T>(
        &mut self,
        live: bool,
        part: impl FnOnce(&mut Self) -> Result<T, ArithError>,
    ) -> Result<T, ArithError> {
        let before = self.live;
        self.live = before && live;
        let result = part(self);
        self.live = before;
        result
    }

    fn ternary(&mut self) -> Result<i64, ArithError> {
        let test = self.binary(0)?;
        if !self.take("?") {
            return Ok(test);
        }
        let yes = self.quietly(test != 0, Self::comma)?;
        if !self.take(":") {
            return Err(ArithError::Syntax(self.rest()));
        }
        let no = self.quietly(test == 0, Self::assignment)?;
        Ok(if test == 0 { no } else { yes })
    }

    fn binary(&mut self, level: usize) -> Result<i64, ArithError> {
        if level >= LEVELS.len() {
            return self.power();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(op) = self.take_binary(level) {
            let at = self.position;
            left = match op {
                "&&" => i64::from(
                    self.quietly(left != 0, |own| own.binary(level + 1))? != 0 && left != 0,
                ),
                "||" => i64::from(
                    self.quietly(left == 0, |own| own.binary(level + 1))? != 0 || left != 0,
                ),
                op => {
                    let right = self.binary(level + 1)?;
                    self.apply(op, left, right, at)?
                }
            };
        }
        Ok(left)
    }

    fn apply(&self, op: &str, left: i64, right: i64, at: usize) -> Result<i64, ArithError> {
        let shift = u32::try_from(right & 63).unwrap_or(0);
        Ok(match op {
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(shift),
            ">>" => left.wrapping_shr(shift),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" | "%" if right == 0 => {
                if !self.live {
                    return Ok(0);
                }
                return Err(ArithError::DivisionByZero(
                    self.chars.get(at..).unwrap_or_default().iter().collect(),
                ));
            }
            "/" => left.wrapping_div(right),
            _ => left.wrapping_rem(right),
        })
    }

    fn power(&mut self) -> Result<i64, ArithError> {
        let base = self.unary()?;
        if !self.take("**") {
            return Ok(base);
        }
        self.enter()?;
        let exponent = self.power()?;
        self.depth -= 1;
        let exponent = u32::try_from(exponent)
            .map_err(|_out_of_range| ArithError::Syntax(self.since_operator()))?;
        Ok(base.wrapping_pow(exponent))
    }

    fn unary(&mut self) -> Result<i64, ArithError> {
        self.enter()?;
        let value = if self.at("++") || self.at("--") {
            let step = if self.at("++") { 1 } else { -1 };
            let sign = if step > 0 { "++" } else { "--" };
            self.take(sign);
            match self.name() {
                Some(name) => {
                    let value = self.value(&name)?.wrapping_add(step);
                    self.store(&name, value);
                    value
                }
                // Two signs before a number: `--5` is 5.
                None => self.unary()?,
            }
        } else if self.take("-") {
            self.unary()?.wrapping_neg()
        } else if self.take("+") {
            self.unary()?
        } else if self.take("!") {
            i64::from(self.unary()? == 0)
        } else if self.take("~") {
            !self.unary()?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn primary(&mut self) -> Result<i64, ArithError> {
        if self.take("(") {
            let value = self.comma()?;
            if !self.take(")") {
                return Err(ArithError::Syntax(self.rest()));
            }
            return Ok(value);
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return self.number();
        }
        let Some(name) = self.name() else {
            let token = if self.peek().is_none() {
                self.since_operator()
            } else {
                self.rest()
            };
            return Err(ArithError::OperandExpected(token));
        };
        let value = self.value(&name)?;
        let step = if self.at("++") { 1 } else { -1 };
        if self.at("++") || self.at("--") {
            self.position += 2;
            self.skip_blanks();
            self.store(&name, value.wrapping_add(step));
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<i64, ArithError> {
        let start = self.position;
        while self
            .peek()
            .is_some_and(|c| c.is_ascii_alphanumeric() || c == '#' || c == '_')
        {
            self.position += 1;
        }
        let text: String = self
            .chars
            .get(start..self.position)
            .unwrap_or_default()
            .iter()
            .collect();
        self.skip_blanks();
        let bad = || ArithError::BadNumber(text.clone());
        let (radix, digits) = if let Some((base, digits)) = text.split_once('#') {
            (
                base.parse()
                    .ok()
                    .filter(|base| (2..=36).contains(base))
                    .ok_or_else(bad)?,
                digits,
            )
        } else if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            (16, digits)
        } else if text.len() > 1 && text.starts_with('0') {
            (8, text.get(1..).unwrap_or_default())
        } else {
            (10, text.as_str())
        };
        let mut value = 0_i64;
        for c in digits.chars() {
            let digit = c.to_digit(radix).ok_or_else(bad)?;
            value = value
                .wrapping_mul(i64::from(radix))
                .wrapping_add(i64::from(digit));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use sorted::SortedMap;

    use super::*;

    impl Variables for SortedMap<String, String> {
        fn get(&mut self, name: &str) -> Option<String> {
            Self::get(self, name).cloned()
        }
        fn set(&mut self, name: &str, value: String) {
            self.insert(name.to_owned(), value);
        }
    }

    fn value(text: &str) -> Result<i64, ArithError> {
        evaluate(text, &mut SortedMap::new())
    }

    #[test]
    fn operators_bind_as_in_c() {
        for (text, expected) in [
            ("1 + 2 * 3", 7),
            ("(1+2)*3", 9),
            ("2**3**2", 512),
            ("-7 / 2", -3),
            ("7 % 3 == 1 && 1 < 2", 1),
            ("1 ? 10 : 20", 10),
            ("0x1f + 010 + 2#101", 44),
            ("1 << 4 | 1", 17),
            ("!0 + ~0", 0),
            ("5 <= 5", 1),
            ("", 0),
            ("1, 2", 2),
            ("0 && 1/0", 0),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn assignments_and_steps_change_variables() {
        let mut variables: SortedMap<String, String> = SortedMap::new();
        assert_eq!(evaluate("i = 5, i += 2, i++", &mut variables), Ok(7));
        assert_eq!(evaluate("--i * j", &mut variables), Ok(0));
        assert_eq!(variables.get("i").map(String::as_str), Some("7"));
    }

    #[test]
    fn errors_name_the_token() {
        assert_eq!(
            value("1/0").unwrap_err().bash(),
            "division by 0 (error token is \"0\")"
        );
        assert_eq!(
            value("1+").unwrap_err().bash(),
            "arithmetic syntax error: operand expected (error token is \"+\")"
        );
        assert_eq!(value(&"(".repeat(5000)), Err(ArithError::TooDeep));
        assert_eq!(value(&"-".repeat(5000)), Err(ArithError::TooDeep));
    }
}
