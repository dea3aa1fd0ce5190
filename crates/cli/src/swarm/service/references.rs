//! Secrets and configs that a service's tasks get. Source: docker/cli `opts/secret.go`, `opts/config.go`,
//! `command/service/parse.go`.

use engine::Client;
use engine::api::{FileTarget, Filters, SecretReference, SwarmConfigReference};

use super::values::fields;
use crate::args::split_commas;
use crate::session::said;

/// Permission bits of a file that everybody may read.
pub(crate) const READABLE: u32 = 0o444;

/// One that is asked for by its name.
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: String,
    /// Where it is to be seen.
    pub(crate) file: FileTarget,
}

/// Rejects a bad `--secret`.
pub(super) fn check_secret(text: &str) -> Result<(), String> {
    read(text, "secret").map(|_valid| ())
}

/// Rejects a bad `--config`.
pub(super) fn check_config(text: &str) -> Result<(), String> {
    read(text, "config").map(|_valid| ())
}

/// Reads all values of a flag, which were checked.
pub(super) fn all(texts: &[String], kind: &str) -> Vec<Wanted> {
    texts
        .iter()
        .filter_map(|text| read(text, kind).ok())
        .collect()
}

fn read(text: &str, kind: &str) -> Result<Wanted, String> {
    let mut wanted = Wanted {
        name: String::new(),
        file: FileTarget {
            uid: "0".into(),
            gid: "0".into(),
            mode: READABLE,
            ..FileTarget::default()
        },
    };
    if let [name] = split_commas(text)?.as_slice()
        && !name.contains('=')
    {
        name.clone_into(&mut wanted.name);
        name.clone_into(&mut wanted.file.name);
        return Ok(wanted);
    }
    for (key, value) in fields(text)? {
        match key.as_str() {
            "source" | "src" => wanted.name = value,
            "target" => wanted.file.name = value,
            "uid" => wanted.file.uid = value,
            "gid" => wanted.file.gid = value,
            "mode" => {
                wanted.file.mode = crate::go::parse_uint(&value, 32)
                    .ok()
                    .and_then(|mode| u32::try_from(mode).ok())
                    .ok_or_else(|| {
                        let text = crate::go::quote(&value);
                        format!("invalid mode specified: strconv.ParseUint: parsing {text}: invalid syntax")
                    })?;
            }
            key => return Err(format!("invalid field in {kind} request: {key}")),
        }
    }
    if wanted.name.is_empty() {
        return Err("source is required".into());
    }
    if wanted.file.name.is_empty() {
        wanted.file.name.clone_from(&wanted.name);
    }
    Ok(wanted)
}

/// Refuses two at one place.
fn check_places(wanted: &[Wanted], kind: &str) -> Result<(), String> {
    for (at, one) in wanted.iter().enumerate() {
        let before = wanted.get(..at).unwrap_or(&[]);
        if before.iter().any(|other| other.file.name == one.file.name) {
            return Err(format!(
                "duplicate {kind} target for {} not allowed",
                one.name
            ));
        }
    }
    Ok(())
}

fn named(wanted: &[Wanted]) -> Filters {
    let names = wanted.iter().map(|one| one.name.clone()).collect();
    [("name".to_owned(), names)].into_iter().collect()
}

/// Finds secrets by their names. Errors: the sentence.
pub(crate) fn secrets(
    client: &Client,
    wanted: Vec<Wanted>,
) -> Result<Vec<SecretReference>, String> {
    check_places(&wanted, "secret")?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let known = client.secret_list(named(&wanted));
    let known = known.map_err(|error| said(&error))?;
    let find = |one: Wanted| match known.iter().find(|secret| secret.spec.name == one.name) {
        Some(secret) => Ok(SecretReference {
            file: Some(one.file),
            secret_id: secret.id.clone(),
            secret_name: one.name,
        }),
        None => Err(format!("secret not found: {}", one.name)),
    };
    wanted.into_iter().map(find).collect()
}

/// Finds configs by their names. Errors: the sentence.
pub(crate) fn configs(
    client: &Client,
    wanted: Vec<Wanted>,
) -> Result<Vec<SwarmConfigReference>, String> {
    check_places(&wanted, "config")?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let known = client.config_list(named(&wanted));
    let known = known.map_err(|error| said(&error))?;
    let find = |one: Wanted| match known.iter().find(|config| config.spec.name == one.name) {
        Some(config) => Ok(SwarmConfigReference {
            file: Some(one.file),
            config_id: config.id.clone(),
            config_name: one.name,
        }),
        None => Err(format!("config not found: {}", one.name)),
    };
    wanted.into_iter().map(find).collect()
}
