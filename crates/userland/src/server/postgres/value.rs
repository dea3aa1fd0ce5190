//! Values, and what operators make of them.

use super::sql::{SqlError, not_modelled};
use crate::net::pgwire;
use crate::text::regex::Regex;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Int(i64),
    Text(String),
    Bool(bool),
    Null,
}

impl Value {
    /// The type's number on the wire.
    pub(super) const fn oid(&self) -> u32 {
        match self {
            Self::Int(_) => pgwire::INT4,
            Self::Bool(_) => pgwire::BOOL,
            Self::Text(_) | Self::Null => pgwire::TEXT,
        }
    }

    /// The type's name in errors.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Int(_) => "integer",
            Self::Bool(_) => "boolean",
            Self::Text(_) | Self::Null => "unknown",
        }
    }

    /// The text on the wire; `None` for null.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Int(n) => Some(n.to_string()),
            Self::Bool(b) => Some(if *b { "t" } else { "f" }.to_owned()),
            Self::Text(t) => Some(t.clone()),
            Self::Null => None,
        }
    }
}

/// Whether an argument of `WHERE` or the like holds; `None` if that is not known.
pub(super) fn truth(value: &Value, of: &str) -> Result<Option<bool>, SqlError> {
    match value {
        Value::Bool(yes) => Ok(Some(*yes)),
        Value::Null => Ok(None),
        other => Err(SqlError {
            code: "42804",
            text: format!(
                "argument of {of} must be type boolean, not type {}",
                other.kind()
            ),
            position: None,
            note: None,
        }),
    }
}

/// `AND` and `OR`, of which one side may be enough.
pub(super) fn joined(left: &Value, right: &Value, either: bool) -> Result<Value, SqlError> {
    let of = if either { "OR" } else { "AND" };

    Ok(match (truth(left, of)?, truth(right, of)?) {
        (Some(a), _) | (_, Some(a)) if a == either => Value::Bool(either),
        (Some(_), Some(_)) => Value::Bool(!either),
        _ => Value::Null,
    })
}

/// Whether two values stand to each other as the operator says.
pub(super) fn compare(operator: &str, left: &Value, right: &Value) -> Result<Value, SqlError> {
    let (Some(a), Some(b)) = (left.text(), right.text()) else {
        return Ok(Value::Null);
    };
    // What is quoted takes the other side's type.
    let order = match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        _ => a.cmp(&b),
    };
    Ok(Value::Bool(match operator {
        "=" => order.is_eq(),
        "<>" | "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        "~" | "!~" => {
            let pattern = Regex::extended(&b, false).map_err(|why| SqlError {
                code: "2201B",
                text: format!("invalid regular expression: {why}"),
                position: None,
                note: None,
            })?;
            pattern.is_match(&a) == (operator == "~")
        }
        _ => return Err(not_modelled(&format!("the operator {operator}"))),
    }))
}

/// What an operator makes of two numbers.
pub(super) fn arithmetic(op: char, left: &Value, right: &Value) -> Result<Value, SqlError> {
    let (Value::Int(a), Value::Int(b)) = (left, right) else {
        return Err(not_modelled("operators on other than integers"));
    };
    let result = match op {
        '+' => a.checked_add(*b),
        '-' => a.checked_sub(*b),
        '*' => a.checked_mul(*b),
        _ if *b == 0 => {
            return Err(SqlError {
                code: "22012",
                text: "division by zero".into(),
                position: None,
                note: None,
            });
        }
        '/' => a.checked_div(*b),
        _ => a.checked_rem(*b),
    };
    result.map(Value::Int).ok_or_else(|| SqlError {
        code: "22003",
        text: "integer out of range".into(),
        position: None,
        note: None,
    })
}

/// Whether a text fits a pattern of `LIKE`: `%` stands for anything, `_` for one character.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('%') => {
            let rest = letters.as_str();
            let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            starts.any(|at| like(rest, text.get(at..).unwrap_or_default()))
        }
        Some(letter) => {
            let mut others = text.chars();
            let other = others.next();
            other.is_some_and(|other| letter == '_' || letter == other)
                && like(letters.as_str(), others.as_str())
        }
    }
}
