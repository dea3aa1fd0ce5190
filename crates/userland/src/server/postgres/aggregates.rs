//! What is made of all rows together, and columns that somebody may have meant.

use super::expression::Parser;
use super::sql::{SqlError, not_modelled};
use super::value::{Value, arithmetic};

impl Parser<'_> {
    /// What is made of all rows, from behind the function's bracket on.
    pub(super) fn aggregate(&mut self, name: String) -> Result<(Value, String), SqlError> {
        self.counts = true;
        let rows = self.group.clone();
        let count = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let value = if name == "count" && self.sign('*') {
            count(rows.len())
        } else {
            let (start, own) = (self.at, self.scope.as_ref().map(|scope| scope.row.clone()));
            // Once for the row that is meant anyway, which there is also if there are no others.
            self.expression()?;
            let end = self.at;
            let mut values = Vec::new();
            for row in rows.iter() {
                self.at = start;
                self.enter(row);
                values.push(self.expression()?.0);
            }
            self.at = end;
            self.enter(&own.unwrap_or_default());
            values.retain(|value| *value != Value::Null);
            match name.as_str() {
                "count" => count(values.len()),
                "max" => values.into_iter().max().unwrap_or(Value::Null),
                "min" => values.into_iter().min().unwrap_or(Value::Null),
                "sum" => {
                    let add = |sum: Option<Value>, value| match sum {
                        None => Ok(Some(value)),
                        Some(sum) => arithmetic('+', &sum, &value).map(Some),
                    };
                    values
                        .into_iter()
                        .try_fold(None, add)?
                        .unwrap_or(Value::Null)
                }
                _ => return Err(not_modelled(&format!("{name}()"))),
            }
        };
        match self.sign(')') {
            true => Ok((value, name)),
            false => Err(self.misplaced()),
        }
    }

    /// The column that somebody may have meant: the nearest one, if at most half of its letters differ.
    /// Source: PostgreSQL `src/backend/parser/parse_relation.c`.
    pub(super) fn meant(&self, name: &str) -> Option<String> {
        let scope = self.scope.as_ref()?;
        let near = scope.columns.iter().filter_map(|column| {
            let distance = distance(name, column);
            (distance <= 3 && distance <= column.len() / 2).then_some((distance, column))
        });
        let near: Vec<(usize, &String)> = near.collect();
        let least = near.iter().map(|(distance, _)| *distance).min()?;
        let shown = |column: &String| format!("the column \"{}.{column}\"", scope.alias);
        let best: Vec<String> = near
            .iter()
            .filter(|(distance, _)| *distance == least)
            .map(|(_, column)| shown(column))
            .collect();
        (best.len() <= 2).then(|| format!("Perhaps you meant to reference {}.", best.join(" or ")))
    }
}

/// How many letters have to be put in, taken out or changed to make one word of another.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = (0..=to.len()).collect();
    for (n, letter) in from.chars().enumerate() {
        let mut row = vec![n + 1];
        for (other, above) in to.iter().zip(before.windows(2)) {
            let [diagonal, up] = above else { continue };
            let left = row.last().copied().unwrap_or(0);
            let changed = diagonal + usize::from(letter != *other);
            row.push(changed.min(up + 1).min(left + 1));
        }
        before = row;
    }
    before.last().copied().unwrap_or(0)
}
