//! `--device` and `--gpus`. Source: docker/cli `container/opts.go`, `opts/gpus.go`.

use engine::api::{DeviceMapping, DeviceRequest};

use crate::args::split_commas;
use crate::go;
use crate::pairs;

/// Reads one device: a path of the machine, perhaps another in the container, perhaps what may be done with it.
pub(super) fn device(text: &str) -> Result<DeviceMapping, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let may = |mode: &str| {
        !mode.is_empty()
            && mode
                .chars()
                .all(|c| "rwm".contains(c) && mode.matches(c).count() == 1)
    };
    let (here, there, mode) = match parts.as_slice() {
        [here] => (*here, *here, "rwm"),
        [here, mode] if may(mode) => (*here, *here, *mode),
        [here, there] => (*here, *there, "rwm"),
        [here, there, mode] => (*here, *there, *mode),
        _ => return Err(format!("bad format for path: {text}")),
    };
    if here.is_empty() {
        return Err(format!("bad format for path: {text}"));
    }
    if !may(mode) {
        return Err(format!("bad mode specified: {mode}"));
    }
    match there.starts_with('/') {
        true => Ok(DeviceMapping {
            path_on_host: here.to_owned(),
            path_in_container: there.to_owned(),
            cgroup_permissions: mode.to_owned(),
        }),
        false => Err(format!("{there} is not an absolute path")),
    }
}

/// Rejects a bad `--gpus`.
pub(super) fn check_gpus(text: &str) -> Result<(), String> {
    gpus(text).map(|_valid| ())
}

/// Reads a request for graphics processors.
pub(super) fn gpus(text: &str) -> Result<DeviceRequest, String> {
    let count = |text: &str| {
        match text {
        "all" => Ok(-1),
        other => other.parse().map_err(|_bad| {
            format!(
                "invalid count ({other}): value must be either \"all\" or an integer: invalid syntax"
            )
        }),
    }
    };
    let mut request = DeviceRequest::default();
    let mut met: Vec<String> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for field in split_commas(text)? {
        let (key, value) = field.split_once('=').unwrap_or(("count", field.as_str()));
        if met.iter().any(|one| one == key) {
            return Err(format!(
                "gpu request key {} can be specified only once",
                go::quote(key)
            ));
        }
        met.push(key.to_owned());
        match key {
            "driver" => value.clone_into(&mut request.driver),
            "count" => request.count = count(value)?,
            "device" => {
                request.device_ids = Some(value.split(',').map(str::to_owned).collect());
            }
            "capabilities" => words.extend(value.split(',').map(str::to_owned)),
            "options" => {
                let given: Vec<String> = value.split(',').map(str::to_owned).collect();
                request.options = pairs::map(&given);
            }
            _ => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    if request.count == 0 && request.device_ids.is_none() {
        request.count = 1;
    }
    words.push("gpu".into());
    request.capabilities = Some(vec![words]);
    Ok(request)
}
