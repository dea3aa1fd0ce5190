//! `--mount`. Source: docker/cli `opts/mount.go`.

use engine::api::{BindOptions, DriverConfig, Mount, TmpfsOptions, VolumeOptions};

use crate::args::split_commas;
use crate::go;

/// Rejects a bad `--mount`.
pub(crate) fn check(text: &str) -> Result<(), String> {
    read(text).map(|_valid| ())
}

/// Keys that may stand without a value.
const FLAGS: [&str; 4] = ["readonly", "ro", "volume-nocopy", "bind-nonrecursive"];

/// Reads one mount; a path from here is still as it was given.
pub(crate) fn read(text: &str) -> Result<Mount, String> {
    let mut mount = Mount {
        kind: "volume".into(),
        ..Mount::default()
    };
    for field in split_commas(text)? {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_ascii_lowercase(), value),
            None => (field.to_ascii_lowercase(), "true"),
        };
        let key = key.as_str();
        if !field.contains('=') && !FLAGS.contains(&key) {
            return Err(format!("invalid field '{field}' must be a key=value pair"));
        }
        let wrong = || format!("invalid value for {key}: {value}");
        let on = || go::parse_bool(value).map_err(|_bad| wrong());
        let text = || value.to_owned();
        let pair = || {
            let (key, value) = value.split_once('=').unwrap_or((value, ""));
            (key.to_owned(), value.to_owned())
        };
        match key {
            "type" => mount.kind = value.to_ascii_lowercase(),
            "source" | "src" => mount.source = text(),
            "target" | "dst" | "destination" => mount.target = text(),
            "readonly" | "ro" => mount.read_only = on()?,
            "consistency" => {}
            _ => match key.split_once('-') {
                Some(("bind", what)) => {
                    let options = mount.bind_options.get_or_insert_with(BindOptions::default);
                    match what {
                        "propagation" => options.propagation = text().to_ascii_lowercase(),
                        "nonrecursive" => options.non_recursive = on()?,
                        "recursive" => options.non_recursive = value == "disabled",
                        _ => return Err(format!("unexpected key '{key}' in '{field}'")),
                    }
                }
                Some(("volume", what)) => {
                    let options = mount.volume_options.get_or_insert_with(|| VolumeOptions {
                        driver_config: Some(DriverConfig::default()),
                        ..VolumeOptions::default()
                    });
                    let driver = options.driver_config.get_or_insert_default();
                    match what {
                        "nocopy" => options.no_copy = on()?,
                        "subpath" => options.subpath = text(),
                        "label" => drop(options.labels.insert(pair().0, pair().1)),
                        "driver" => driver.name = text(),
                        "opt" => drop(driver.options.insert(pair().0, pair().1)),
                        _ => return Err(format!("unexpected key '{key}' in '{field}'")),
                    }
                }
                Some(("tmpfs", what)) => {
                    let options = mount
                        .tmpfs_options
                        .get_or_insert_with(TmpfsOptions::default);
                    match what {
                        "size" => {
                            options.size_bytes =
                                Some(compose::units::size(value).map_err(|_bad| wrong())?);
                        }
                        "mode" => {
                            let mode = u32::from_str_radix(value, 8).map_err(|_bad| wrong())?;
                            options.mode = Some(mode);
                        }
                        _ => return Err(format!("unexpected key '{key}' in '{field}'")),
                    }
                }
                _ => return Err(format!("unexpected key '{key}' in '{field}'")),
            },
        }
    }
    let kind = mount.kind.as_str();
    if kind.is_empty() {
        return Err("type is required".into());
    }
    if mount.target.is_empty() {
        return Err("target is required".into());
    }
    let given = [
        ("volume", mount.volume_options.is_some()),
        ("bind", mount.bind_options.is_some()),
        ("tmpfs", mount.tmpfs_options.is_some()),
    ];
    match given.iter().find(|(of, given)| *given && *of != kind) {
        Some((of, _)) => Err(format!(
            "cannot mix '{of}-*' options with mount type '{kind}'"
        )),
        None => Ok(mount),
    }
}
