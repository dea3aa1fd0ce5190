//! What the flags of `docker run` and `create` reject while they are read. Source: docker/cli `opts/`.

use std::net::IpAddr;

use kernel::sys::Sys;

use crate::go;

/// Rejects what is not an address.
pub(crate) fn address(text: &str) -> Result<(), String> {
    match text.trim().parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("IP address is not correctly formatted: {text}")),
    }
}

/// Rejects what `--pull` does not know.
pub(super) fn pull_policy(text: &str) -> Result<(), String> {
    match text {
        "" | "always" | "missing" | "never" => Ok(()),
        _ => Err(format!(
            "invalid pull option: '{text}': must be one of \"always\", \"missing\" or \"never\""
        )),
    }
}

/// Returns a search domain without the dot at its end.
pub(super) fn normal_domain(text: &str) -> &str {
    match text.trim() {
        "." => ".",
        domain => domain.strip_suffix('.').unwrap_or(domain),
    }
}

/// Rejects what is not `name:address`, `name=address` or `name:host-gateway`.
pub(crate) fn extra_host(text: &str) -> Result<(), String> {
    normal_host(text).map(|_valid| ())
}

/// Returns an extra host as the engine takes it: `name:address`.
pub(crate) fn normal_host(text: &str) -> Result<String, String> {
    let bad = || format!("bad format for add-host: {}", go::quote(text));
    let (name, address) = text
        .split_once('=')
        .or_else(|| text.split_once(':'))
        .ok_or_else(bad)?;
    if name.is_empty() || name.contains(':') {
        return Err(bad());
    }
    let address = match address
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
    {
        Some(inner) if !inner.is_empty() => inner,
        _ => address,
    };
    match address == "host-gateway" || address.parse::<IpAddr>().is_ok() {
        true => Ok(format!("{name}:{address}")),
        false => Err(format!(
            "invalid IP address in add-host: {}",
            go::quote(address)
        )),
    }
}

/// Rejects what is not `container` or `container:alias`.
pub(crate) fn link(text: &str) -> Result<(), String> {
    match text.split(':').count() {
        _ if text.is_empty() => Err("empty string specified for links".into()),
        1 | 2 => Ok(()),
        _ => Err(format!("bad format for links: {text}")),
    }
}

/// Rejects settings that do not belong to a container's namespaces.
pub(super) fn sysctl(text: &str) -> Result<(), String> {
    const NAMES: [&str; 8] = [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ];
    let allowed = text.split_once('=').is_some_and(|(name, _)| {
        NAMES.contains(&name) || name.starts_with("net.") || name.starts_with("fs.mqueue.")
    });
    match allowed {
        true => Ok(()),
        false => Err(format!("sysctl '{text}' is not allowed")),
    }
}

/// Rejects what is not a standard stream.
pub(super) fn stream(text: &str) -> Result<(), String> {
    match text.to_ascii_lowercase().as_str() {
        "stdin" | "stdout" | "stderr" => Ok(()),
        _ => Err("valid streams are STDIN, STDOUT and STDERR".into()),
    }
}

/// Rejects what is no number of CPUs. Source: docker/cli `opts/opts.go`, `ParseCPUs`.
pub(crate) fn decimal(text: &str) -> Result<(), String> {
    billionths(text).map(|_valid| ())
}

/// Reads a number of CPUs, which may be a fraction such as `3/2`, as billionths.
pub(crate) fn billionths(text: &str) -> Result<i64, String> {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let value = match (above.parse::<f64>(), below.parse::<f64>()) {
        (Ok(above), Ok(below)) if below != 0.0 => above / below * 1e9,
        _ => f64::NAN,
    };
    match value {
        _ if !value.is_finite() => Err(format!("failed to parse {text} as a rational number")),
        _ if (value - value.round()).abs() > 0.01 => Err("value is too precise".into()),
        _ => Ok(value.round() as i64),
    }
}

/// Rejects what is no limit of memory and swap; `-1` is none. Source: docker/cli `opts/opts.go`, `MemSwapBytes`.
pub(crate) fn swap(text: &str) -> Result<(), String> {
    match text {
        "-1" => Ok(()),
        _ => compose::units::size(text).map(|_valid| ()),
    }
}

/// Rejects what is no limit of a process. Source: docker/go-units `ulimit.go`.
pub(crate) fn ulimit(text: &str) -> Result<(), String> {
    const KNOWN: [&str; 15] = [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let Some((name, values)) = text.split_once('=') else {
        return Err(format!("invalid ulimit argument: {text}"));
    };
    if !KNOWN.contains(&name) {
        return Err(format!("invalid ulimit type: {name}"));
    }
    let number = |text: &str| {
        text.parse::<i64>().ok().ok_or_else(|| {
            format!(
                "strconv.ParseInt: parsing {}: invalid syntax",
                crate::go::quote(text)
            )
        })
    };
    let (soft, hard) = values.split_once(':').unwrap_or((values, values));
    if hard.contains(':') {
        return Err("too many limit value arguments - ".to_owned()
            + values
            + ", can only have up to two, `soft[:hard]`");
    }
    let (soft, hard) = (number(soft)?, number(hard)?);
    if hard != -1 && (soft == -1 || soft > hard) {
        return Err(format!(
            "ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}"
        ));
    }
    Ok(())
}

/// Reads a security option: `name=value` or a word of its own; a file of system calls is read. Source: docker/cli
/// `container/opts.go`, `parseSecurityOpts`.
pub(super) fn security_option(sys: &Sys, text: &str) -> Result<String, String> {
    let pair = text.split_once('=').or_else(|| text.split_once(':'));
    let path = match pair.filter(|(_, value)| !value.is_empty()) {
        _ if text == "no-new-privileges" => return Ok(text.to_owned()),
        Some(("seccomp", path)) if !matches!(path, "builtin" | "unconfined") => path,
        Some(_) => return Ok(text.to_owned()),
        None => return Err(format!("Invalid --security-opt: {}", go::quote(text))),
    };
    let profile = sys.read_text(path).map_err(|e| {
        let why = e.to_string().to_ascii_lowercase();
        format!("opening seccomp profile ({path}) failed: open {path}: {why}")
    })?;
    let profile = engine::go_json::compact(&profile);
    let profile = profile
        .map_err(|why| format!("compacting json for seccomp profile ({path}) failed: {why}"))?;
    Ok(format!("seccomp={profile}"))
}

/// Rejects what is not a hardware address; empty is none.
pub(super) fn mac(text: &str) -> Result<(), String> {
    // Those of Ethernet, and the longer ones of FireWire and InfiniBand. Source: go `net/mac.go`.
    let groups = |separator: char, digits: usize| {
        let all = || text.split(separator);
        let whole = |g: &str| g.len() == digits && g.bytes().all(|c| c.is_ascii_hexdigit());
        matches!(all().count() * digits, 12 | 16 | 40) && all().all(whole)
    };
    let apart = groups(':', 2) || groups('-', 2) || groups('.', 4);
    // Recorded: digits without anything between them are taken too.
    match text.is_empty() || apart || groups(':', 12) {
        true => Ok(()),
        false => Err(format!("{text} is not a valid mac address")),
    }
}
