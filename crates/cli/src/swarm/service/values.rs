//! What the flags of `docker service create` and `update` reject while they are read, and what their values mean.
//! Source: docker/cli `command/service/opts.go`.

use engine::api::{NetworkAttachmentConfig, PlacementPreference, SpreadOver};

use crate::args::split_commas;
use crate::go;

/// Rejects what is no wish for where tasks go.
pub(super) fn check_preference(text: &str) -> Result<(), String> {
    match text.split_once('=') {
        Some(("spread", _)) => Ok(()),
        Some((strategy, _)) if !strategy.is_empty() => Err(format!(
            "unsupported placement preference {strategy} (only spread is supported)"
        )),
        _ => Err("placement preference must be of the format \"<strategy>=<arg>\"".into()),
    }
}

/// Reads a wish for where tasks go.
pub(super) fn preference(text: &str) -> PlacementPreference {
    let over = text.split_once('=').map_or("", |(_, over)| over);
    PlacementPreference {
        spread: Some(SpreadOver {
            spread_descriptor: over.to_owned(),
        }),
    }
}

/// Rejects what is no number.
pub(super) fn check_float(text: &str) -> Result<(), String> {
    match text.parse::<f32>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "strconv.ParseFloat: parsing {}: invalid syntax",
            go::quote(text)
        )),
    }
}

/// Rejects a time before now.
pub(super) fn check_positive(text: &str) -> Result<(), String> {
    match go::parse_duration(text)? {
        nanos if nanos < 0 => Err("duration cannot be negative".into()),
        _ => Ok(()),
    }
}

/// Rejects what is not a resource of the user's own.
pub(super) fn check_generic(text: &str) -> Result<(), String> {
    match text.contains('=') {
        true => Ok(()),
        false => Err(format!(
            "invalid generic-resource format `{text}` expected `name=value`"
        )),
    }
}

/// Rejects what names no place of a credential.
pub(super) fn check_credential(text: &str) -> Result<(), String> {
    let places = ["config://", "file://", "registry://"];
    match text.is_empty() || places.iter().any(|place| text.starts_with(place)) {
        true => Ok(()),
        false => Err(
            "invalid credential spec: value must be prefixed with \"config://\", \"file://\", or \"registry://\""
                .into(),
        ),
    }
}

/// Rejects a bad `--network`.
pub(super) fn check_network(text: &str) -> Result<(), String> {
    network(text).map(|_valid| ())
}

/// Reads a network that tasks are on, by its name.
pub(super) fn network(text: &str) -> Result<NetworkAttachmentConfig, String> {
    let read = crate::container::attachments::read(text)?;
    Ok(NetworkAttachmentConfig {
        target: read.network,
        aliases: read.aliases,
        driver_opts: read.driver_options,
    })
}

/// Rejects what a shell could not split into words.
pub(super) fn check_words(text: &str) -> Result<(), String> {
    compose::words::split(text).map(|_valid| ())
}

/// Reads the words of a command as a shell would.
pub(super) fn words(text: &str) -> Vec<String> {
    compose::words::split(text).unwrap_or_default()
}

/// Turns `name:address` into a line of a hosts file.
pub(super) fn host(text: &str) -> Option<String> {
    let normal = crate::container::checks::normal_host(text).ok()?;
    let (name, address) = normal.split_once(':')?;
    Some(format!("{address} {name}"))
}

/// Reads the billionths of a processor that a number means.
pub(crate) fn nano_cpus(text: &str) -> i64 {
    (text.parse::<f64>().unwrap_or(0.0) * 1e9) as i64
}

/// Splits `key=value` fields at their commas. Errors: the field that is none, or a quote out of place.
pub(super) fn fields(text: &str) -> Result<Vec<(String, String)>, String> {
    split_commas(text)?
        .into_iter()
        .map(|field| match field.split_once('=') {
            Some((key, value)) => Ok((key.to_ascii_lowercase(), value.to_owned())),
            None => Err(format!("invalid field '{field}' must be a key=value pair")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named() {
        assert_eq!(
            check_preference("bogus").unwrap_err(),
            "placement preference must be of the format \"<strategy>=<arg>\""
        );
        assert_eq!(
            check_preference("random=x").unwrap_err(),
            "unsupported placement preference random (only spread is supported)"
        );
        assert_eq!(
            check_float("x").unwrap_err(),
            "strconv.ParseFloat: parsing \"x\": invalid syntax"
        );
        assert_eq!(
            check_positive("-1s").unwrap_err(),
            "duration cannot be negative"
        );
    }
}
