//! tcpdump's command line.

use crate::args::{self, Wrong};

pub(super) const VERSION: &str = "tcpdump version 4.99.6\nlibpcap version 1.11.0 (64-bit time_t, with TPACKET_V3)\nOpenSSL 3.6.5 29 Sep 2026\n64-bit build, 64-bit time_t\n";
pub(super) const USAGE: &str = "Usage: tcpdump [-AbdDefghHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]\n\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]\n\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]\n\t\t[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]\n\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]\n\t\t[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]\n\t\t[ --time-stamp-precision precision ] [ --micro ] [ --nano ]\n\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]\n";

/// What is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) interface: Option<String>,
    pub(super) count: Option<u64>,
    pub(super) read: Option<String>,
    pub(super) write: Option<String>,
    pub(super) snaplen: u32,
    /// How many `-n`.
    pub(super) numeric: u8,
    /// `-N`: names without their domains.
    pub(super) short_names: bool,
    pub(super) link_header: bool,
    pub(super) verbose: u8,
    pub(super) quiet: bool,
    pub(super) ascii: bool,
    /// `-x` and `-X`, given once or twice.
    pub(super) hex: u8,
    pub(super) hex_ascii: u8,
    /// How many `-t`.
    pub(super) times: u8,
    pub(super) absolute: bool,
    pub(super) number: bool,
    pub(super) line_buffered: bool,
    /// `--print`: also print what is written to a file.
    pub(super) print: bool,
    pub(super) count_only: bool,
    /// `-p`: leave the device's mode alone.
    pub(super) modest: bool,
    pub(super) list_devices: bool,
    /// `-Q`: only what is received (`Some(false)`) or sent.
    pub(super) direction: Option<bool>,
    pub(super) filter: String,
}

/// Why there is nothing to capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    Version,
    Help,
    Usage(String),
    Said(String),
    NotModelled(String),
}

/// Letters that long options stand for and that have no short form.
const LONG: [(&str, char); 17] = [
    ("interface", 'i'),
    ("list-interfaces", 'D'),
    ("no-promiscuous-mode", 'p'),
    ("packet-buffered", 'U'),
    ("snapshot-length", 's'),
    ("direction", 'Q'),
    ("absolute-tcp-sequence-numbers", 'S'),
    ("dont-verify-checksums", 'K'),
    ("relinquish-privileges", 'Z'),
    ("number", '#'),
    ("immediate-mode", '1'),
    ("print", '2'),
    ("count", '3'),
    ("micro", '4'),
    ("version", '5'),
    ("help", 'h'),
    ("nano", '6'),
];

/// Options that are accepted because they change nothing here: there are no users to change to, names have no cache, and
/// every device is heard in full.
const IDLE: &str = "fKOuZB14";

/// Reads the command line.
pub(super) fn parse(args: &[String]) -> Result<Options, Refusal> {
    let short = "+AbdDefhHIJKlLnNOpqStuUvxX#B:c:C:E:F:G:i:j:M:Q:r:s:T:V:w:W:y:z:Z:123456";
    let parsed = args::parse(args, short, &LONG).map_err(|wrong| match wrong {
        Wrong::Unknown(option) if option.starts_with("--") => {
            Refusal::Usage(format!("unrecognized option '{option}'"))
        }
        Wrong::Unknown(option) => Refusal::Usage(format!(
            "invalid option -- '{}'",
            option.trim_start_matches('-')
        )),
        Wrong::Missing(option) => {
            Refusal::Usage(format!("option requires an argument -- '{option}'"))
        }
    })?;
    let mut options = Options {
        snaplen: wire::pcap::SNAPLEN,
        filter: parsed.operands.join(" "),
        ..Options::default()
    };
    for (option, value) in parsed.options {
        let value = value.unwrap_or_default();
        match option {
            'i' => options.interface = Some(value),
            'c' => match value.parse::<u64>() {
                Ok(count) if count > 0 => options.count = Some(count),
                _ => return Err(Refusal::Said(format!("invalid packet count {value}"))),
            },
            'r' => options.read = Some(value),
            'w' => options.write = Some(value),
            's' => match value.parse::<u32>() {
                Ok(0) => {}
                Ok(snaplen) if snaplen <= wire::pcap::SNAPLEN => options.snaplen = snaplen,
                _ => return Err(Refusal::Said(format!("invalid snaplen {value}"))),
            },
            'n' => options.numeric = options.numeric.saturating_add(1),
            'N' => options.short_names = true,
            'e' => options.link_header = true,
            'v' => options.verbose = options.verbose.saturating_add(1),
            'q' => options.quiet = true,
            'A' => options.ascii = true,
            'x' => options.hex = options.hex.saturating_add(1),
            'X' => options.hex_ascii = options.hex_ascii.saturating_add(1),
            't' => options.times = options.times.saturating_add(1),
            'S' => options.absolute = true,
            '#' => options.number = true,
            'l' | 'U' => options.line_buffered = true,
            'p' => options.modest = true,
            '2' => options.print = true,
            '3' => options.count_only = true,
            'D' => options.list_devices = true,
            'Q' => {
                options.direction = match value.as_str() {
                    "in" => Some(false),
                    "out" => Some(true),
                    "inout" => None,
                    _ => {
                        return Err(Refusal::Said(format!(
                            "unknown capture direction '{value}'"
                        )));
                    }
                }
            }
            '5' => return Err(Refusal::Version),
            'h' => return Err(Refusal::Help),
            idle if IDLE.contains(idle) => {}
            other => {
                let long = LONG.iter().find(|(_, letter)| *letter == other);
                return Err(Refusal::NotModelled(match long {
                    Some((name, '0'..='9')) => format!("--{name}"),
                    _ => format!("-{other}"),
                }));
            }
        }
    }
    Ok(options)
}

impl Options {
    /// Whether frames of that direction are wanted.
    pub(super) fn wants(&self, outbound: bool) -> bool {
        self.direction.is_none_or(|wanted| wanted == outbound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, Refusal> {
        let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(&args)
    }

    #[test]
    fn letters_may_be_repeated_and_joined() {
        let options = read("tcpdump -nnvvXX -i any -c 5 -l tcp port 80").unwrap();
        assert_eq!(
            (options.numeric, options.verbose, options.hex_ascii),
            (2, 2, 2)
        );
        assert_eq!(options.interface.as_deref(), Some("any"));
        assert_eq!(options.count, Some(5));
        assert_eq!(options.filter, "tcp port 80");
        assert!(options.line_buffered && options.wants(true));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let said = |text: &str| Err(Refusal::Said(text.to_owned()));
        assert_eq!(read("tcpdump -c x"), said("invalid packet count x"));
        assert_eq!(
            read("tcpdump -Q up"),
            said("unknown capture direction 'up'")
        );
        assert_eq!(
            read("tcpdump -Q"),
            Err(Refusal::Usage(
                "option requires an argument -- 'Q'".to_owned()
            ))
        );
        assert_eq!(
            read("tcpdump -G 5"),
            Err(Refusal::NotModelled("-G".to_owned()))
        );
        assert_eq!(
            read("tcpdump --nano"),
            Err(Refusal::NotModelled("--nano".to_owned()))
        );
    }
}
