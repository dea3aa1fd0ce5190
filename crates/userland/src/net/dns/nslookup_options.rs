//! nslookup's command line, as BIND and as busybox read it.

use kernel::time::Duration;
use wire::dns::RecordType;

/// What the command line says.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) server: Option<String>,
    pub(super) rtype: Option<RecordType>,
    pub(super) port: u16,
    pub(super) timeout: Duration,
    /// How many times the servers are gone through.
    pub(super) tries: u32,
    /// Whether answers are shown whole.
    pub(super) debug: bool,
    pub(super) tcp: bool,
    pub(super) recurse: bool,
    /// Domains to search in place of those of resolv.conf.
    pub(super) domain: Option<String>,
    pub(super) searches: bool,
    /// Whether it is one of several commands from standard input: then no blank line ends its answer.
    pub(super) talks: bool,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            name: String::new(),
            server: None,
            rtype: None,
            port: 53,
            timeout: Duration::from_secs(5),
            tries: 3,
            debug: false,
            tcp: false,
            recurse: true,
            domain: None,
            searches: true,
            talks: false,
        }
    }
}

/// What became of an option.
pub(super) enum Read {
    Taken,
    /// It was left out, with words about it.
    Said(String),
    /// It ends the program.
    Refused(String),
    NotModelled,
}

impl Asked {
    /// An option of BIND's: what it does not know is told and left out. Source: BIND 9.20 `bin/dig/nslookup.c`.
    pub(super) fn bind_option(&mut self, key: &str, value: &str) -> Read {
        match key {
            "type" | "query" | "querytype" | "qu" | "q" | "ty" => match value.parse() {
                Ok(rtype) => self.rtype = Some(rtype),
                Err(_) => return Read::Said(format!("unknown query type: {value}\n")),
            },
            "port" | "po" => self.port = value.parse().unwrap_or(53),
            "timeout" | "t" => self.timeout = Duration::from_secs(value.parse().unwrap_or(5)),
            "retry" | "ret" => self.tries = value.parse().unwrap_or(self.tries),
            "domain" | "do" => self.domain = Some(value.to_owned()),
            "debug" | "deb" => self.debug = true,
            "nodebug" | "nodeb" => self.debug = false,
            "vc" | "v" => self.tcp = true,
            "novc" | "nov" => self.tcp = false,
            "recurse" | "rec" => self.recurse = true,
            "norecurse" | "norec" => self.recurse = false,
            "search" | "sea" | "defname" | "def" => self.searches = true,
            "nosearch" | "nosea" | "nodefname" | "nodef" => self.searches = false,
            "class" | "cl" if value.eq_ignore_ascii_case("in") => {}
            // Neither shows with servers that answer.
            "fail" | "nofail" | "nod2" | "ndots" => {}
            "all" | "d2" | "class" | "cl" => return Read::NotModelled,
            _ => {
                let equals = if value.is_empty() { "" } else { "=" };
                return Read::Said(format!("*** Invalid option: {key}{equals}{value}\n"));
            }
        }
        Read::Taken
    }

    /// An option of busybox's; the beginning of its name will do. Source: busybox 1.38 `networking/nslookup.c`.
    pub(super) fn busybox_option(&mut self, key: &str, value: &str) -> Read {
        let known = ["type", "querytype", "port", "retry", "debug", "timeout"];
        let mut begins = known.iter().filter(|name| name.starts_with(key));
        let number = || {
            let read = value.parse::<u16>();
            read.map_err(|_bad| Read::Refused(format!("nslookup: invalid number '{value}'\n")))
        };
        let read = match begins.next_back().copied() {
            Some("type" | "querytype") => match value.parse() {
                Ok(rtype) => {
                    self.rtype = Some(rtype);
                    Ok(())
                }
                Err(_) => Err(Read::Refused(format!(
                    "nslookup: invalid query type \"{value}\"\n"
                ))),
            },
            Some("port") => number().map(|port| self.port = port),
            Some("retry") => number().map(|tries| self.tries = u32::from(tries)),
            Some("timeout") => {
                number().map(|seconds| self.timeout = Duration::from_secs(u64::from(seconds)))
            }
            Some(_) => {
                self.debug = true;
                Ok(())
            }
            None => Err(Read::Refused(crate::usage::busybox("nslookup"))),
        };
        match read {
            Ok(()) => Read::Taken,
            Err(refused) => refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_leaves_out_the_other_refuses() {
        let mut asked = Asked::default();
        assert!(matches!(asked.bind_option("type", "caa"), Read::Taken));
        assert_eq!(asked.rtype, Some(RecordType(257)));
        assert!(matches!(asked.bind_option("vc", ""), Read::Taken));
        assert!(asked.tcp);
        let Read::Said(text) = asked.bind_option("type", "xyz") else {
            panic!("taken")
        };
        assert_eq!(text, "unknown query type: xyz\n");
        assert!(matches!(asked.busybox_option("q", "mx"), Read::Taken));
        assert_eq!(asked.rtype, Some(RecordType::MX));
        assert!(matches!(asked.busybox_option("vc", ""), Read::Refused(_)));
    }
}
