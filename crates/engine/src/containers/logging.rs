//! Drivers for logs and their options: what is refused when a container is made, and what only when it starts.
//!
//! Source: moby `daemon/logger/factory.go` (`ValidateLogOpts`), and `New` and `ValidateLogOpt` of each driver.

use sorted::SortedMap;

use crate::api::{ContainerConfig, LogConfig};
use crate::error::{Error, Result};
use crate::units;

const DRIVERS: [&str; 11] = [
    "",
    "awslogs",
    "fluentd",
    "gcplogs",
    "gelf",
    "journald",
    "json-file",
    "local",
    "none",
    "splunk",
    "syslog",
];

/// What every driver takes.
const COMMON: [&str; 2] = ["mode", "max-buffer-size"];

/// What the drivers that write files take.
const OF_FILES: [&str; 8] = [
    "compress",
    "env",
    "env-regex",
    "labels",
    "labels-regex",
    "max-file",
    "max-size",
    "tag",
];

const STARTING: &str = "failed to create task for container: failed to initialize logging driver";

/// Refuses drivers and options that are not known.
pub(super) fn check(logs: &LogConfig) -> Result<()> {
    let driver = logs.kind.as_str();
    let refuse = |why: String| Err(Error::invalid(why));
    if !DRIVERS.contains(&driver) {
        return refuse(format!(
            "error looking up logging plugin {driver}: plugin \"{driver}\" not found"
        ));
    }
    if driver == "none" {
        return Ok(());
    }
    let option = |name: &str| logs.config.get(name).map(String::as_str);
    let mode = option("mode").unwrap_or_default();
    if !matches!(mode, "" | "blocking" | "non-blocking") {
        return refuse(format!("logger: logging mode not supported: {mode}"));
    }
    if let Some(size) = option("max-buffer-size") {
        if mode != "non-blocking" {
            return refuse(
                "logger: max-buffer-size option is only supported with 'mode=non-blocking'".into(),
            );
        }
        units::size(size).map_err(|why| {
            Error::invalid(format!("error parsing option max-buffer-size: {why}"))
        })?;
    }
    let unknown = |name: &&String| {
        let name = name.as_str();
        !COMMON.contains(&name) && !OF_FILES.contains(&name)
    };
    match (driver, logs.config.keys().find(unknown)) {
        ("" | "json-file", Some(name)) => {
            refuse(format!("unknown log opt '{name}' for json-file log driver"))
        }
        ("local", Some(name)) => refuse(format!("unknown log opt '{name}' for log driver local")),
        ("gelf", _) if option("gelf-address").is_none() => {
            refuse("gelf-address is a required parameter".into())
        }
        _ => Ok(()),
    }
}

/// Says why a driver cannot be brought up for a container that is about to start.
pub(super) fn begin(logs: &LogConfig) -> Result<()> {
    let why = match logs.kind.as_str() {
        "" | "json-file" => json_file(logs),
        "local" => local(logs),
        // Nothing on the machines takes logs.
        "syslog" => Err("Unix syslog delivery error".into()),
        "journald" => Err("journald is not enabled on this host".into()),
        "fluentd" if !logs.config.contains_key("fluentd-address") => {
            Err("dial tcp 127.0.0.1:24224: connect: connection refused".into())
        }
        _ => Ok(()),
    };
    why.map_err(|why| Error::invalid(why).within(STARTING))
}

/// What `docker logs --details` shows before each line: labels and variables that the options name, and a blank. Source:
/// moby `daemon/logger/loginfo.go`, `ExtraAttributes`.
pub(super) fn details(logs: &LogConfig, config: &ContainerConfig) -> String {
    let pairs: Vec<String> = attributes(logs, config)
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(",") + " "
}

/// What a driver notes of each line: labels and variables that its options name, and a tag. Tags that are templates are left
/// as they are.
pub(super) fn attributes(logs: &LogConfig, config: &ContainerConfig) -> SortedMap<String, String> {
    let names = |option: &str| {
        logs.config
            .get(option)
            .map_or("", String::as_str)
            .split(',')
    };
    let labels = names("labels").filter_map(|name| Some((name, config.labels.get(name)?.as_str())));
    let variables = config
        .env
        .iter()
        .flatten()
        .filter_map(|v| v.split_once('='));
    let variables: Vec<(&str, &str)> = variables.collect();
    let named = names("env").filter_map(|name| variables.iter().find(|(own, _)| *own == name));
    let tag = logs.config.get("tag").filter(|tag| !tag.is_empty());
    labels
        .chain(named.copied())
        .chain(tag.map(|tag| ("tag", tag.as_str())))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn json_file(logs: &LogConfig) -> std::result::Result<(), String> {
    let option = |name: &str| logs.config.get(name).map(String::as_str);
    let size = option("max-size").map(units::decimal).transpose()?;
    if size.is_some_and(|size| size <= 0) {
        return Err("max-size must be a positive number".into());
    }
    let files = option("max-file").map(whole).transpose()?.unwrap_or(1);
    if files < 1 {
        return Err("max-file cannot be less than 1".into());
    }
    let compresses = option("compress").map(truth).transpose()?;
    if compresses == Some(true) && (files == 1 || size.is_none()) {
        return Err(
            "compress cannot be true when max-file is less than 2 or max-size is not set".into(),
        );
    }
    Ok(())
}

fn local(logs: &LogConfig) -> std::result::Result<(), String> {
    let option = |name: &str| logs.config.get(name).map(String::as_str);
    if let Some(given) = option("max-size") {
        let invalid = |why: String| format!("invalid value for max-size: {given}: {why}");
        if units::size(given).map_err(invalid)? <= 0 {
            return Err("max size should be a positive number".into());
        }
    }
    if let Some(given) = option("max-file") {
        let invalid = |why: String| format!("invalid value for max-file: {given}: {why}");
        if whole(given).map_err(invalid)? < 1 {
            return Err("max file must not be less than 1".into());
        }
    }
    if let Some(given) = option("compress") {
        truth(given).map_err(|why| format!("error reading compress log option: {why}"))?;
    }
    Ok(())
}

fn whole(text: &str) -> std::result::Result<i64, String> {
    text.parse()
        .map_err(|_invalid| format!("strconv.Atoi: parsing \"{text}\": invalid syntax"))
}

fn truth(text: &str) -> std::result::Result<bool, String> {
    super::checks::truth(text)
        .ok_or_else(|| format!("strconv.ParseBool: parsing \"{text}\": invalid syntax"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(driver: &str, options: &[(&str, &str)]) -> LogConfig {
        let pairs = options.iter();
        LogConfig {
            kind: driver.to_owned(),
            config: pairs
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn what_a_driver_does_not_know_is_refused_at_once() {
        let said = |driver, options: &[(&str, &str)]| {
            check(&logs(driver, options))
                .map_err(|e| e.to_string())
                .err()
        };
        assert_eq!(said("json-file", &[("max-size", "x")]), None);
        let unknown = "unknown log opt 'a' for log driver local";
        assert_eq!(said("local", &[("a", "1")]).as_deref(), Some(unknown));
        let mode = "logger: logging mode not supported: odd";
        assert_eq!(said("", &[("mode", "odd")]).as_deref(), Some(mode));
    }

    #[test]
    fn values_are_read_when_the_container_starts() {
        let said = |driver, options: &[(&str, &str)]| {
            let why = begin(&logs(driver, options)).err()?;
            why.to_string()
                .strip_prefix(STARTING)?
                .strip_prefix(": ")
                .map(str::to_owned)
        };
        assert_eq!(said("", &[("max-size", "10m"), ("max-file", "3")]), None);
        for (driver, option, value, why) in [
            ("", "max-size", "x", "invalid size: 'x'"),
            (
                "",
                "max-file",
                "x",
                "strconv.Atoi: parsing \"x\": invalid syntax",
            ),
            ("", "max-file", "0", "max-file cannot be less than 1"),
            (
                "local",
                "max-size",
                "x",
                "invalid value for max-size: x: invalid size: 'x'",
            ),
        ] {
            assert_eq!(said(driver, &[(option, value)]).as_deref(), Some(why));
        }
    }
}
