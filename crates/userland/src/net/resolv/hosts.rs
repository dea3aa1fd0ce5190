//! `/etc/hosts`. Source: hosts(5), glibc nss_files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kernel::sock::Family;
use kernel::sys::Sys;

use super::Found;

/// The addresses that `/etc/hosts` gives a name, in order of the file.
#[must_use]
pub fn hosts_file(text: &str, name: &str) -> Vec<IpAddr> {
    entries(text)
        .filter(|(_, names)| names.iter().any(|n| n.eq_ignore_ascii_case(name)))
        .map(|(ip, _)| ip)
        .collect()
}

/// The lines of `/etc/hosts`: address and names.
pub fn entries(text: &str) -> impl Iterator<Item = (IpAddr, Vec<&str>)> {
    text.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let ip = words.next()?.parse().ok()?;
        let names: Vec<&str> = words.collect();
        (!names.is_empty()).then_some((ip, names))
    })
}

/// Whether all lines of `/etc/hosts` count, not only the first that fits. Source: host.conf(5), glibc nss_files.
pub(crate) fn all_lines_count(sys: &Sys) -> bool {
    sys.read_text("/etc/host.conf")
        .is_ok_and(|text| text.lines().any(|line| line.trim() == "multi on"))
}

/// What `/etc/hosts` says about a name: the first line that fits, or all. The canonical name is the first of its line.
pub(super) fn in_hosts_file(sys: &Sys, name: &str, family: Option<Family>) -> Option<Found> {
    let hosts = sys.read_text("/etc/hosts").ok()?;
    let mut lines = entries(&hosts)
        .map(|(ip, names)| match (ip, family) {
            // The other loopback address stands for this one (glibc nss_files).
            (IpAddr::V6(Ipv6Addr::LOCALHOST), Some(Family::V4)) => {
                (IpAddr::V4(Ipv4Addr::LOCALHOST), names)
            }
            _ => (ip, names),
        })
        .filter(|(ip, names)| {
            family.is_none_or(|f| Family::of(*ip) == f)
                && names.iter().any(|n| n.eq_ignore_ascii_case(name))
        })
        .peekable();
    let canonical = lines
        .peek()
        .and_then(|(_, names)| names.first().copied())?
        .to_owned();
    let most = match all_lines_count(sys) {
        true => usize::MAX,
        false => 1,
    };
    let addresses = lines.take(most).map(|(ip, _)| ip).collect();
    Some(Found::of(&canonical, addresses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_matched_whole_and_without_case() {
        let text =
            "127.0.0.1\tlocalhost\n# 1.1.1.1 web\n172.17.0.2\tdatabase 0123456789ab DB # note\n";
        assert_eq!(
            hosts_file(text, "db"),
            ["172.17.0.2".parse::<IpAddr>().unwrap()]
        );
        assert!(hosts_file(text, "data").is_empty());
        assert!(hosts_file(text, "web").is_empty());
    }
}
