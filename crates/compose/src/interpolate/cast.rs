//! Texts in places where a file's model has a number or a flag. Source: compose-go 2.9.1, loader/interpolate.go.

use crate::go;
use crate::path::Path;
use crate::value::Value;

/// What a text is read as.
#[derive(Clone, Copy)]
enum As {
    Flag,
    /// A whole number, by Go's `Atoi`.
    Int,
    /// A whole number, by Go's `ParseInt`.
    Long,
    Float,
}

const PLACES: [(&str, As); 56] = [
    ("services.*.cpu_count", As::Long),
    ("services.*.cpu_percent", As::Float),
    ("services.*.cpu_period", As::Long),
    ("services.*.cpu_quota", As::Long),
    ("services.*.cpu_rt_period", As::Long),
    ("services.*.cpu_rt_runtime", As::Long),
    ("services.*.cpus", As::Float),
    ("services.*.cpu_shares", As::Long),
    ("services.*.init", As::Flag),
    ("services.*.depends_on.*.required", As::Flag),
    ("services.*.depends_on.*.restart", As::Flag),
    ("services.*.deploy.replicas", As::Int),
    ("services.*.deploy.update_config.parallelism", As::Int),
    (
        "services.*.deploy.update_config.max_failure_ratio",
        As::Float,
    ),
    ("services.*.deploy.rollback_config.parallelism", As::Int),
    (
        "services.*.deploy.rollback_config.max_failure_ratio",
        As::Float,
    ),
    ("services.*.deploy.restart_policy.max_attempts", As::Int),
    ("services.*.deploy.placement.max_replicas_per_node", As::Int),
    ("services.*.healthcheck.retries", As::Int),
    ("services.*.healthcheck.disable", As::Flag),
    ("services.*.oom_kill_disable", As::Flag),
    ("services.*.oom_score_adj", As::Long),
    ("services.*.pids_limit", As::Long),
    ("services.*.ports.*.target", As::Int),
    ("services.*.privileged", As::Flag),
    ("services.*.read_only", As::Flag),
    ("services.*.scale", As::Int),
    ("services.*.stdin_open", As::Flag),
    ("services.*.tty", As::Flag),
    ("services.*.ulimits.*", As::Int),
    ("services.*.ulimits.*.hard", As::Int),
    ("services.*.ulimits.*.soft", As::Int),
    ("services.*.volumes.*.read_only", As::Flag),
    ("services.*.volumes.*.volume.nocopy", As::Flag),
    ("services.*.volumes.*.bind.create_host_path", As::Flag),
    ("services.*.volumes.*.tmpfs.mode", As::Int),
    ("services.*.attach", As::Flag),
    ("services.*.env_file.*.required", As::Flag),
    ("services.*.use_api_socket", As::Flag),
    ("services.*.build.no_cache", As::Flag),
    ("services.*.build.pull", As::Flag),
    ("services.*.build.privileged", As::Flag),
    ("services.*.build.ulimits.*", As::Int),
    ("services.*.build.ulimits.*.hard", As::Int),
    ("services.*.build.ulimits.*.soft", As::Int),
    ("networks.*.external", As::Flag),
    ("networks.*.internal", As::Flag),
    ("networks.*.attachable", As::Flag),
    ("networks.*.enable_ipv4", As::Flag),
    ("networks.*.enable_ipv6", As::Flag),
    ("volumes.*.external", As::Flag),
    ("secrets.*.external", As::Flag),
    ("configs.*.external", As::Flag),
    ("services.*.develop.watch.*.initial_sync", As::Flag),
    ("services.*.post_start.*.privileged", As::Flag),
    ("services.*.pre_stop.*.privileged", As::Flag),
];

/// Casts a text, if its place asks for it. Errors: Go's words for a text that does not read so.
pub(super) fn cast(
    text: String,
    path: &Path<'_>,
    warnings: &mut Vec<String>,
) -> Result<Value, String> {
    let Some((_, kind)) = PLACES.iter().find(|(pattern, _)| path.matches(pattern)) else {
        return Ok(Value::Str(text));
    };
    match kind {
        As::Flag => flag(&text, warnings).map(Value::Bool),
        As::Int => go::parse_int("Atoi", &text).map(Value::Int),
        As::Long => go::parse_int("ParseInt", &text).map(Value::Int),
        As::Float => go::parse_float(&text).map(Value::Float),
    }
}

fn flag(text: &str, warnings: &mut Vec<String>) -> Result<bool, String> {
    let lower = text.to_ascii_lowercase();
    let (value, instead) = match lower.as_str() {
        "true" => return Ok(true),
        "false" => return Ok(false),
        "1" | "t" | "y" | "yes" | "on" => (true, "true"),
        "0" | "f" | "n" | "no" | "off" => (false, "false"),
        _ => return Err(format!("invalid boolean: {text}")),
    };
    warnings.push(format!(
        "\"{lower}\" for boolean is not supported by YAML 1.2, please use `{instead}`"
    ));
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_what_their_place_holds() {
        let services = Path::ROOT.then("services");
        let web = services.then("web");
        let mut warnings = Vec::new();
        let mut at = |key, text: &str| cast(text.into(), &web.then(key), &mut warnings);
        assert_eq!(at("privileged", "True"), Ok(Value::Bool(true)));
        assert_eq!(at("privileged", "off"), Ok(Value::Bool(false)));
        assert_eq!(at("privileged", "2"), Err("invalid boolean: 2".into()));
        assert_eq!(at("scale", "-3"), Ok(Value::Int(-3)));
        assert_eq!(at("cpus", "0.5"), Ok(Value::Float(0.5)));
        assert_eq!(at("image", "true"), Ok(Value::from("true")));
        assert_eq!(
            at("scale", "x"),
            Err("strconv.Atoi: parsing \"x\": invalid syntax".into())
        );
        assert_eq!(warnings.len(), 1);
    }
}
