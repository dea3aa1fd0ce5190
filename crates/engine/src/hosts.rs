//! The text of a container's `/etc/hosts`. Source: moby `libnetwork/etchosts`.

use std::fmt::Write as _;
use std::net::IpAddr;

const LOCALHOST_V4: &str = "127.0.0.1\tlocalhost\n";
const LOCALHOST_V6: &str = "::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\n\
    ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

/// One line: an address, and the names after it as they are to stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The address.
    pub addr: IpAddr,
    /// Names, separated by blanks.
    pub names: String,
}

/// Returns a new file: localhost, then the records given. Without IPv6 nothing of it is in the file.
pub fn build(ipv6: bool, records: &[Record]) -> String {
    let mut text = LOCALHOST_V4.to_owned();
    if ipv6 {
        text.push_str(LOCALHOST_V6);
    }
    let usable = records.iter().filter(|r| ipv6 || r.addr.is_ipv4());
    add(text, usable)
}

/// Returns the file with records appended.
pub fn add<'a>(mut text: String, records: impl IntoIterator<Item = &'a Record>) -> String {
    for record in records {
        let _ = writeln!(text, "{}\t{}", record.addr, record.names);
    }
    text
}

/// Returns the file without those records; other lines stay, whatever anyone wrote there.
pub fn remove(text: &str, records: &[Record]) -> String {
    let is_removed = |line: &str| {
        let Some((addr, names)) = line.split_once(char::is_whitespace) else {
            return false;
        };
        records
            .iter()
            .any(|r| addr.parse() == Ok(r.addr) && names.trim() == r.names)
    };
    text.split_inclusive('\n')
        .filter(|line| !is_removed(line))
        .collect()
}

/// Returns the file with the lines whose first name is `name` (or begins with it and a dot) at another address.
pub fn update(text: &str, name: &str, addr: IpAddr) -> String {
    let line = |line: &str| {
        let names = line.split_once('\t').and_then(|(_, names)| {
            let rest = names.strip_prefix(name)?;
            rest.starts_with(|c: char| c.is_whitespace() || c == '.')
                .then_some(names)
        });
        names.map_or_else(|| line.to_owned(), |names| format!("{addr}\t{names}"))
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Returns the names on a container's own lines: the full one, and the first label if there is a domain.
pub fn own_names(hostname: &str, domainname: &str) -> String {
    let full = if domainname.is_empty() {
        hostname.to_owned()
    } else {
        format!("{hostname}.{domainname}")
    };
    match full.split_once('.') {
        Some((short, _)) => format!("{full} {short}"),
        None => full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(addr: &str, names: &str) -> Record {
        Record {
            addr: addr.parse().unwrap(),
            names: names.into(),
        }
    }

    #[test]
    fn a_file_grows_and_shrinks_by_the_engines_own_lines() {
        let own = record("192.168.123.2", "c1.invalid c1");
        let extra = record("192.0.2.3", "other.invalid");
        let text = build(true, std::slice::from_ref(&extra));
        assert!(text.ends_with("ff02::2\tip6-allrouters\n192.0.2.3\tother.invalid\n"));
        let with = add(text.clone(), std::slice::from_ref(&own));
        assert_eq!(remove(&with, &[own]), text);
        assert_eq!(build(false, &[]), "127.0.0.1\tlocalhost\n");
    }

    #[test]
    fn a_name_moves_to_another_address_and_its_lookalikes_stay() {
        let text = "127.0.0.1\tlocalhost\n172.17.0.2\tdb 0123 store\n172.17.0.3\tdb.lan\n172.17.0.4\tdb2 db\n";
        let moved = update(text, "db", "172.17.0.9".parse().unwrap());
        assert_eq!(
            moved,
            "127.0.0.1\tlocalhost\n172.17.0.9\tdb 0123 store\n172.17.0.9\tdb.lan\n172.17.0.4\tdb2 db\n"
        );
    }

    #[test]
    fn a_domain_adds_the_short_name() {
        assert_eq!(own_names("web01", "corp.test"), "web01.corp.test web01");
        assert_eq!(own_names("a.b.c", ""), "a.b.c a");
        assert_eq!(own_names("web01", ""), "web01");
    }
}
