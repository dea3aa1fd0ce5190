//! `nstat` (iproute2): what the protocols have counted since it was last asked, which it keeps in a file.
//!
//! The numbers are those of `/proc/net/snmp`, `snmp6` and `netstat`. Checked against iproute2 7.

use kernel::Errno;
use kernel::sys::Sys;

use crate::Flavour;
use crate::args::{self, Wrong};
use crate::shell::glob::Pattern;

/// What it says about itself. Source: iproute2 7.2.
const USAGE: &str = "Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]
   -h, --help          this message
   -a, --ignore        ignore history
   -d, --scan=SECS     sample every statistics every SECS
   -j, --json          format output in JSON
   -n, --nooutput      do history only
   -p, --pretty        pretty print
   -r, --reset         reset history
   -s, --noupdate      don't update history
   -t, --interval=SECS report average over the last SECS
   -V, --version       output version information
   -z, --zeros         show entries with zero activity
";

/// Settings among the counters, which it leaves out.
const SETTINGS: [&str; 7] = [
    "IpForwarding",
    "IpDefaultTTL",
    "TcpRtoAlgorithm",
    "TcpRtoMin",
    "TcpRtoMax",
    "TcpMaxConn",
    "TcpCurrEstab",
];

/// The `nstat` program.
pub(super) fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let long = [
        ("help", 'h'),
        ("ignore", 'a'),
        ("scan", 'd'),
        ("json", 'j'),
        ("nooutput", 'n'),
        ("pretty", 'p'),
        ("reset", 'r'),
        ("noupdate", 's'),
        ("interval", 't'),
        ("version", 'V'),
        ("zeros", 'z'),
    ];
    let parsed = match args::parse(&args, "had:jnprst:Vz", &long) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) => {
            let what = match option.strip_prefix('-') {
                Some(letter) if !letter.starts_with('-') => format!("invalid option -- '{letter}'"),
                _ => format!("unrecognized option '{option}'"),
            };
            sys.err(&format!("nstat: {what}\n{USAGE}"));
            return 255;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('h') {
        sys.err(USAGE);
        return 255;
    }
    if parsed.has('V') {
        sys.out("nstat utility, iproute2-7.2.0\n");
        return 0;
    }
    for background in ['d', 't'] {
        if parsed.has(background) {
            return crate::not_modelled(&sys, "nstat", &format!("-{background}"));
        }
    }
    let counters = counters(&sys);
    let uid = sys.me(|me| me.uid).unwrap_or(0);
    let history = format!("/tmp/.nstat.u{uid}");
    let kept = if parsed.has('a') || parsed.has('r') {
        Vec::new()
    } else {
        read_history(&sys.read_text(&history).unwrap_or_default())
    };
    if !parsed.has('n') {
        let since = |name: &str, count: u64| {
            let before = kept.iter().find(|(known, _)| known == name);
            before.map_or(count, |(_, before)| count.wrapping_sub(*before))
        };
        let wanted = |name: &str| {
            let patterns = &parsed.operands;
            patterns.is_empty() || patterns.iter().any(|p| Pattern::new(p).matches(name))
        };
        let shown: Vec<(&str, u64)> = counters
            .iter()
            .map(|(name, count)| (name.as_str(), since(name, *count)))
            .filter(|(name, count)| (*count > 0 || parsed.has('z')) && wanted(name))
            .collect();
        sys.out(&if parsed.has('j') {
            json(&shown, parsed.has('p'))
        } else {
            table(&shown)
        });
    }
    if !parsed.has('s') {
        let all: Vec<(&str, u64)> = counters
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        if let Err(error) = keep(&sys, &history, &table(&all)) {
            sys.err(&format!("nstat: write history file: {error}\n"));
            return 255;
        }
    }
    0
}

fn keep(sys: &Sys, path: &str, text: &str) -> Result<(), Errno> {
    sys.write_file(path, text.as_bytes())?;
    sys.chmod(path, 0o600)
}

/// All counters of the program's namespace, in the order of the files.
fn counters(sys: &Sys) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    for file in ["snmp", "snmp6", "netstat"] {
        let text = sys.read_text(&format!("/proc/net/{file}"));
        let text = text.unwrap_or_default();
        if file == "snmp6" {
            let each = text.lines().filter_map(|line| line.split_once('\t'));
            all.extend(each.filter_map(|(name, count)| {
                Some((name.trim().to_owned(), count.trim().parse().ok()?))
            }));
            continue;
        }
        let mut lines = text.lines();
        while let (Some(names), Some(counts)) = (lines.next(), lines.next()) {
            let (title, names) = names.split_once(": ").unwrap_or_default();
            let counts = counts.split(' ').skip(1);
            let each = names.split(' ').zip(counts);
            all.extend(
                each.filter_map(|(name, count)| {
                    Some((format!("{title}{name}"), count.parse().ok()?))
                }),
            );
        }
    }
    all.retain(|(name, _)| !SETTINGS.contains(&name.as_str()));
    all
}

fn read_history(text: &str) -> Vec<(String, u64)> {
    let words = text.lines().map(str::split_whitespace);
    let each = words.filter_map(|mut words| {
        let name = words.next()?.to_owned();
        Some((name, words.next()?.parse().ok()?))
    });
    each.collect()
}

/// A line for each; nothing is averaged, so that the last column says nothing.
fn table(counters: &[(&str, u64)]) -> String {
    let mut out = String::from("#kernel\n");
    for (name, count) in counters {
        out += &format!("{name:<32}{count:<16}   0.0\n");
    }
    out
}

fn json(counters: &[(&str, u64)], pretty: bool) -> String {
    let (start, between, end) = if pretty {
        ("\n        ", ",\n        ", "\n    ")
    } else {
        ("", ",", "")
    };
    let each: Vec<String> = counters
        .iter()
        .map(|(name, count)| format!("\"{name}\":{}{count}", if pretty { " " } else { "" }))
        .collect();
    let (start, end) = if each.is_empty() {
        ("", "")
    } else {
        (start, end)
    };
    let all = format!("{{{start}{}{end}}}", each.join(between));
    if pretty {
        format!("{{\n    \"kernel\": {all}\n}}\n")
    } else {
        format!("{{\"kernel\":{all}}}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_its_own_history() {
        let text = table(&[("IpInReceives", 16), ("IcmpInMsgs", 4)]);
        assert_eq!(
            text,
            "#kernel\nIpInReceives                    16                 0.0\nIcmpInMsgs                      4                  0.0\n"
        );
        let kept = read_history(&text);
        assert_eq!(kept.get(1), Some(&("IcmpInMsgs".to_owned(), 4)));
    }
}
