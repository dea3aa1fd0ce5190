//! Variables in values, and the types that values in certain places have.

mod cast;
mod template;

pub(crate) use template::{Lookup, substitute};
pub use template::{Variable, variables};

use crate::error::LoadError;
use crate::path::Path;
use crate::value::{Map, Value};

/// Substitutes variables in all texts of a tree and casts those that stand where numbers and flags belong.
pub(crate) fn interpolate(
    map: Map,
    lookup: &Lookup<'_>,
    warnings: &mut Vec<String>,
) -> Result<Map, LoadError> {
    map.into_iter()
        .map(|(key, value)| {
            let value = value_at(value, &Path::ROOT.then(&key), lookup, warnings)?;
            Ok((key, value))
        })
        .collect()
}

fn value_at(
    value: Value,
    path: &Path<'_>,
    lookup: &Lookup<'_>,
    warnings: &mut Vec<String>,
) -> Result<Value, LoadError> {
    match value {
        Value::Str(text) => {
            let text = substitute(&text, lookup, warnings).map_err(|fault| fault.at(path))?;
            cast::cast(text, path, warnings).map_err(|why| {
                LoadError::along(
                    format!(
                        "error while interpolating {path}: failed to cast to expected type: {why}"
                    ),
                    path.parts(),
                )
            })
        }
        Value::List(items) => items
            .into_iter()
            .map(|item| value_at(item, &path.then("[]"), lookup, warnings))
            .collect::<Result<_, _>>()
            .map(Value::List),
        Value::Map(map) => map
            .into_iter()
            .map(|(key, value)| {
                let value = value_at(value, &path.then(&key), lookup, warnings)?;
                Ok((key, value))
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        other => Ok(other),
    }
}
