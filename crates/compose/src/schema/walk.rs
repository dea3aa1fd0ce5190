//! Finding one's way in the table: what it says about the place that some keys lead to.

use super::table::FILE;
use super::{Object, Rest, Schema, Type};

static TOP: Schema = Schema::Object(&FILE);

/// Returns everything that may stand where the keys lead, alternatives one by one. An item's key is its index.
pub(crate) fn at(path: &[String]) -> Vec<&'static Schema> {
    let mut found = Vec::new();
    descend(&TOP, path, &mut found);
    found
}

/// Returns the mappings among what may stand where the keys lead.
pub(crate) fn objects(path: &[String]) -> Vec<&'static Object> {
    let object = |schema: &'static Schema| match schema {
        Schema::Object(object) => Some(*object),
        _ => None,
    };
    at(path).into_iter().filter_map(object).collect()
}

fn descend(schema: &'static Schema, path: &[String], found: &mut Vec<&'static Schema>) {
    match (schema, path.split_first()) {
        (Schema::OneOf(all), _) => all.iter().for_each(|one| descend(one, path, found)),
        (_, None) => found.push(schema),
        (Schema::List(items, _), Some((key, rest))) if key.parse::<usize>().is_ok() => {
            descend(items, rest, found);
        }
        (Schema::Object(object), Some((key, rest))) => {
            let field = object.fields.iter().find(|field| field.key == key);
            match (field, &object.rest) {
                (Some(field), _) => descend(&field.schema, rest, found),
                (None, Rest::Keys(_, schema, _)) => descend(schema, rest, found),
                (None, _) => {}
            }
        }
        _ => {}
    }
}

impl Schema {
    /// Says in a word what this is, for a list of keys.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Is(types) => match types {
                [Type::Bool, ..] => "true or false",
                [Type::Integer | Type::Number, ..] => "number",
                _ => "text",
            },
            Self::Words(_) => "word",
            Self::Matches(_) => "text",
            Self::Range(..) => "number",
            Self::List(..) => "list",
            Self::Object(_) => "mapping",
            Self::OneOf(all) => {
                let list = all.iter().any(|one| matches!(one, Self::List(..)));
                let map = all.iter().any(|one| matches!(one, Self::Object(_)));
                match (list, map) {
                    (true, true) => "list or mapping",
                    (true, false) => "text or list",
                    (false, true) => "text or mapping",
                    (false, false) => "text",
                }
            }
        }
    }
}
