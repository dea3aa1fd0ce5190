//! How `--host` and `DOCKER_HOST` name a daemon. Source: docker/cli `opts/hosts.go`.

use crate::go::quote;
use crate::system::context::LOCAL;

const DEFAULT_HOST: &str = "localhost";
const DEFAULT_PORT: &str = "2375";

/// Returns an address in its full form. Errors: why it is none.
pub(crate) fn parse(given: &str) -> Result<String, String> {
    let given = given.trim();
    if given.is_empty() {
        return Ok(LOCAL.to_owned());
    }
    match given.split_once("://").unwrap_or(("tcp", given)) {
        ("tcp", addr) => tcp(addr),
        ("unix", "") => Ok(LOCAL.to_owned()),
        (proto @ ("unix" | "npipe"), addr) => not_nested(proto, addr).map(|()| given.to_owned()),
        ("fd" | "ssh", _) => Ok(given.to_owned()),
        _ => Err(format!("invalid bind address format: {given}")),
    }
}

/// Rejects an address that begins with a protocol once more.
fn not_nested(proto: &str, addr: &str) -> Result<(), String> {
    match addr.contains("://") {
        false => Ok(()),
        true => Err(format!("invalid proto, expected {proto}: {addr}")),
    }
}

/// Fills out `HOST:PORT/PATH`, any part of which may be missing.
fn tcp(addr: &str) -> Result<String, String> {
    not_nested("tcp", addr)?;
    let (place, path) = addr.split_at(addr.find('/').unwrap_or(addr.len()));
    let is_wrong = |why: String| Err(format!("parse {}: {why}", quote(&format!("tcp://{addr}"))));
    if let Some(c) = place.chars().find(|c| " \"<>".contains(*c)) {
        return is_wrong(format!(
            "invalid character {} in host name",
            quote(&c.to_string())
        ));
    }
    // A colon within brackets is part of an IPv6 address.
    let colon = match place.rfind(']') {
        Some(end) => place
            .get(end..)
            .and_then(|rest| Some(end + rest.find(':')?)),
        None => place.find(':'),
    };
    let (host, port) = place.split_at(colon.unwrap_or(place.len()));
    if !port.chars().skip(1).all(|c| c.is_ascii_digit()) {
        return is_wrong(format!("invalid port {} after host", quote(port)));
    }
    let host = if host.is_empty() { DEFAULT_HOST } else { host };
    let port = port.strip_prefix(':').filter(|port| !port.is_empty());
    Ok(format!(
        "tcp://{host}:{}{path}",
        port.unwrap_or(DEFAULT_PORT)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_of_an_address_is_filled_in() {
        for (given, full) in [
            (" ", LOCAL),
            ("unix://", LOCAL),
            ("unix:///x.sock", "unix:///x.sock"),
            ("tcp://", "tcp://localhost:2375"),
            ("192.168.1.20", "tcp://192.168.1.20:2375"),
            ("tcp://:2376/v1", "tcp://localhost:2376/v1"),
            ("[fd00::1]", "tcp://[fd00::1]:2375"),
            ("tcp://[fd00::1]:80", "tcp://[fd00::1]:80"),
            ("ssh://me@there", "ssh://me@there"),
        ] {
            assert_eq!(parse(given), Ok(full.to_owned()), "{given}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_in_the_clis_words() {
        for (given, why) in [
            (
                "udp://there:1",
                "invalid bind address format: udp://there:1",
            ),
            ("tcp://unix:///x", "invalid proto, expected tcp: unix:///x"),
            (
                "tcp://there:http",
                "parse \"tcp://there:http\": invalid port \":http\" after host",
            ),
            (
                "no host",
                "parse \"tcp://no host\": invalid character \" \" in host name",
            ),
        ] {
            assert_eq!(parse(given), Err(why.to_owned()), "{given}");
        }
    }
}
