//! dig's command line.

use kernel::time::Duration;
use std::net::IpAddr;
use std::str::FromStr;
use wire::dns::{Name, RecordType};

/// Known to dig and left out here.
const LETTERS: &[&str] = &["-b", "-c", "-h", "-i", "-k", "-m", "-r", "-u", "-y"];
/// Those of them that nothing is without a value.
const TAKING: &[&str] = &["-b", "-c", "-k", "-y"];
/// The same among the flags. Source: dig(1) of BIND 9.20.
const FLAGS: &str = "aaflag aaonly badcookie coflag dns64prefix dscp ednsflags ednsnegotiation ednsopt expire header-only \
https https-get https-post keepalive nsid nssearch onesoa opcode padding proxy proxy-plain qid raflag showallmessages \
showauth showbadcookie showbadvers showsearch sit split subnet tcflag tls tls-ca tls-certfile tls-hostname tls-keyfile \
unknownformat zflag";
/// What earlier versions knew.
const GONE: &[&str] = &["mapped", "sigchase", "topdown", "trusted-key"];

/// The longest answer over UDP that is asked for unless told otherwise, bytes.
/// Source: BIND 9.20 `bin/dig/dighost.h`, `DEFAULT_EDNS_BUFSIZE`.
pub(super) const UDP_SIZE: u16 = 1232;

/// What dig says of an option that it does not know.
fn invalid(option: &str) -> String {
    format!(
        "Invalid option: {option}\nUsage:  dig [@global-server] [domain] [q-type] [q-class] {{q-opt}}\n            {{global-d-opt}} host [@local-server] {{local-d-opt}}\n            [ host [@local-server] {{local-d-opt}} [...]]\n\nUse \"dig -h\" (or \"dig -h | more\") for complete list of options\n"
    )
}

/// A command line that is refused: what dig prints of it, and its status.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) status: i32,
}

impl<T: Into<String>> From<T> for Refused {
    fn from(err: T) -> Self {
        let (out, err) = (String::new(), err.into());
        Self {
            out,
            err,
            status: 1,
        }
    }
}

/// Reads the value of a flag, which `what` names. Source: BIND 9.20 `bin/dig/dighost.c`, `parse_uint`.
fn number<N: FromStr>(flag: &str, what: &str, value: Option<&str>) -> Result<N, Refused> {
    let value = value.ok_or_else(|| invalid(&format!("+{flag}")))?;
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let wrong = match value.parse() {
        _ if !digits => "not a valid number",
        Err(_) => "out of range",
        Ok(number) => return Ok(number),
    };
    Err(Refused {
        out: format!("invalid {what} '{value}': {wrong}\n"),
        err: format!("dig: Couldn't parse {what}\n"),
        status: 10,
    })
}

/// What is printed, and how is asked.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) server: Option<String>,
    pub(super) port: u16,
    pub(super) short: bool,
    pub(super) cmd: bool,
    pub(super) comments: bool,
    pub(super) question: bool,
    pub(super) answer: bool,
    pub(super) authority: bool,
    pub(super) additional: bool,
    pub(super) stats: bool,
    pub(super) search: bool,
    /// The only domain that is searched, in place of those of resolv.conf.
    pub(super) domain: Option<String>,
    pub(super) tcp: bool,
    /// Whether an answer that was cut is not asked for again.
    pub(super) ignore: bool,
    edns: bool,
    /// The longest answer over UDP that is asked for, if it was given, bytes.
    udp_size: Option<u16>,
    pub(super) cookie: bool,
    pub(super) recurse: bool,
    pub(super) ad: bool,
    pub(super) cd: bool,
    /// Whether the question is shown, too.
    pub(super) shows_query: bool,
    /// Whether the root's servers are asked first, and then those that they name.
    pub(super) trace: bool,
    pub(super) yaml: bool,
    pub(super) ttl: bool,
    /// `10m` in place of 600.
    pub(super) ttl_units: bool,
    /// Whether IPv6 addresses are written with all their zeros.
    pub(super) expand: bool,
    pub(super) class: bool,
    pub(super) dnssec: bool,
    pub(super) identify: bool,
    pub(super) multiline: bool,
    pub(super) version: bool,
    pub(super) timeout: Duration,
    pub(super) tries: u32,
    pub(super) queries: Vec<Query>,
    pub(super) not_modelled: Option<String>,
    /// What stood after `-t` and is no type.
    pub(super) invalid_types: Vec<String>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) name: String,
    pub(super) rtype: RecordType,
    /// The type was given, not meant by default.
    pub(super) explicit: bool,
    /// Flags that came after it, and are its own.
    own: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            server: None,
            port: 53,
            short: false,
            cmd: true,
            comments: true,
            question: true,
            answer: true,
            authority: true,
            additional: true,
            stats: true,
            search: false,
            domain: None,
            tcp: false,
            ignore: false,
            edns: true,
            udp_size: None,
            cookie: true,
            recurse: true,
            ad: true,
            cd: false,
            shows_query: false,
            trace: false,
            yaml: false,
            ttl: true,
            ttl_units: false,
            expand: false,
            class: true,
            dnssec: false,
            identify: false,
            multiline: false,
            version: false,
            timeout: Duration::from_secs(5),
            tries: 3,
            queries: Vec::new(),
            not_modelled: None,
            invalid_types: Vec::new(),
        }
    }
}

/// Whether a word is the class of the Internet, the only one here.
fn is_internet(word: &str) -> bool {
    word.eq_ignore_ascii_case("in")
}

impl Options {
    /// Reads the words after the program's name. Errors: what is printed.
    pub(super) fn parse(words: &[String]) -> Result<Self, Refused> {
        let mut o = Self::default();
        let mut rest = words.iter();
        let mut pending_type: Option<RecordType> = None;
        while let Some(word) = rest.next() {
            if let Some(server) = word.strip_prefix('@') {
                o.server = Some(server.to_owned());
            } else if let Some(flag) = word.strip_prefix('+') {
                o.take_flag(flag)?;
            } else if word == "-x" {
                let text = rest.next().ok_or_else(|| invalid(word))?;
                let ip: IpAddr = text
                    .parse()
                    .ok()
                    .ok_or_else(|| format!("Invalid IP address {text}\n"))?;
                o.queries.push(Query {
                    name: format!("{}.", Name::reverse(ip)),
                    rtype: RecordType::PTR,
                    explicit: true,
                    own: Vec::new(),
                });
            } else if word == "-t" {
                let text = rest.next().ok_or_else(|| invalid(word))?;
                match text.parse() {
                    Ok(rtype) => o.set_type(rtype, &mut pending_type),
                    Err(_) => o.invalid_types.push(text.clone()),
                }
            } else if word == "-c" && rest.clone().next().is_some_and(|c| is_internet(c)) {
                rest.next();
            } else if word == "-p" {
                let text = rest.next().ok_or_else(|| invalid(word))?;
                let bad = |_why| "dig: Couldn't parse port number\n";
                o.port = text.parse().map_err(bad)?;
            } else if word == "-v" {
                o.version = true;
            } else if word == "-q" {
                let name = rest.next().ok_or_else(|| invalid(word))?;
                o.push(name.clone(), &mut pending_type);
            } else if word == "-4" || word == "-6" || is_internet(word) {
                // One family is all that a single address has.
            } else if word.starts_with('-') && word.len() > 1 {
                let known = LETTERS.contains(&word.as_str());
                if !known || (rest.as_slice().is_empty() && TAKING.contains(&word.as_str())) {
                    return Err(invalid(word).into());
                }
                o.not_modelled = Some(word.clone());
            } else if let Ok(rtype) = word.parse::<RecordType>() {
                o.set_type(rtype, &mut pending_type);
            } else {
                o.push(word.clone(), &mut pending_type);
            }
        }
        if o.queries.is_empty() {
            let rtype = pending_type.unwrap_or(RecordType::NS);
            o.queries.push(Query {
                name: ".".to_owned(),
                rtype,
                explicit: true,
                own: Vec::new(),
            });
        }
        Ok(o)
    }

    /// Flags before the first name are for all, later ones for the name before them; only the first line belongs to nobody.
    fn take_flag(&mut self, flag: &str) -> Result<(), Refused> {
        if self.queries.is_empty() {
            return self.flag(flag);
        }
        let mut tried = self.clone();
        tried.flag(flag)?;
        // Neither belongs to a single query.
        (self.cmd, self.short) = (tried.cmd, tried.short);
        self.not_modelled = tried.not_modelled;
        if let Some(query) = self.queries.last_mut() {
            query.own.push(flag.to_owned());
        }
        Ok(())
    }

    /// The options with which one query is made.
    pub(super) fn of(&self, query: &Query) -> Self {
        let mut options = self.clone();
        for flag in &query.own {
            // Each was tried when it was read.
            let _ = options.flag(flag);
        }
        (options.cmd, options.short) = (self.cmd, self.short);
        options
    }

    /// The size that the question's EDNS record tells; `None` where it has no such record. What only EDNS can tell asks for
    /// it, whatever `+noedns` says. Source: BIND 9.20 `bin/dig/dighost.c`, `setup_lookup`.
    pub(super) fn edns_size(&self) -> Option<u16> {
        let wanted = self.edns || self.dnssec || self.udp_size.is_some();
        wanted.then_some(self.udp_size.unwrap_or(UDP_SIZE))
    }

    fn push(&mut self, name: String, pending: &mut Option<RecordType>) {
        let rtype = pending.take();
        self.queries.push(Query {
            name,
            rtype: rtype.unwrap_or(RecordType::A),
            explicit: rtype.is_some(),
            own: Vec::new(),
        });
    }

    /// A type belongs to the name before it, or to the next one.
    fn set_type(&mut self, rtype: RecordType, pending: &mut Option<RecordType>) {
        match self.queries.last_mut() {
            Some(query) if !query.explicit => (query.rtype, query.explicit) = (rtype, true),
            _ => *pending = Some(rtype),
        }
    }

    fn flag(&mut self, flag: &str) -> Result<(), Refused> {
        let (flag, value) = flag
            .split_once('=')
            .map_or((flag, None), |(f, v)| (f, Some(v)));
        let (name, on) = flag
            .strip_prefix("no")
            .filter(|rest| !rest.is_empty())
            .map_or((flag, true), |rest| (rest, false));
        match name {
            "short" => self.short = on,
            "all" => {
                for part in [
                    &mut self.cmd,
                    &mut self.comments,
                    &mut self.question,
                    &mut self.answer,
                    &mut self.authority,
                    &mut self.additional,
                    &mut self.stats,
                ] {
                    *part = on;
                }
            }
            "cmd" => self.cmd = on,
            "comments" => self.comments = on,
            "question" => self.question = on,
            "answer" => self.answer = on,
            "authority" => self.authority = on,
            "additional" => self.additional = on,
            "stats" => self.stats = on,
            "search" | "defname" => self.search = on,
            "tcp" | "vc" => self.tcp = on,
            "ignore" => self.ignore = on,
            "edns" => self.edns = on,
            "recurse" | "rec" | "rdflag" => self.recurse = on,
            "adflag" => self.ad = on,
            "cdflag" => self.cd = on,
            "qr" => self.shows_query = on,
            "trace" => self.trace = on,
            "yaml" => self.yaml = on,
            "domain" => {
                self.domain = value.map(str::to_owned).filter(|_| on);
                self.search |= self.domain.is_some();
            }
            "ttlid" => self.ttl = on,
            "ttlunits" => self.ttl_units = on,
            "expandaaaa" => self.expand = on,
            "class" => self.class = on,
            "dnssec" | "do" => self.dnssec = on,
            "identify" => self.identify = on,
            "multiline" | "multi" => self.multiline = on,
            "time" | "timeout" => {
                let seconds: u16 = number(flag, "timeout", value)?;
                self.timeout = Duration::from_secs(seconds.max(1).into());
            }
            "tries" => self.tries = number::<u32>(flag, "tries", value)?.max(1),
            "retry" => self.tries = number::<u32>(flag, "retries", value)?.saturating_add(1),
            "bufsize" if on => {
                let size = value.map(|_| number(flag, "buffer size", value));
                self.udp_size = Some(size.transpose()?.unwrap_or(UDP_SIZE));
            }
            // Names here are searched for without counting their dots.
            "ndots" if on => drop(number::<u16>(flag, "ndots", value)?),
            "cookie" => self.cookie = on,
            // A connection is made for each question here, whatever becomes of it.
            "fail" | "besteffort" | "crypto" | "idn" | "idnin" | "idnout" | "keepopen"
            | "rrcomments" => {}
            gone if GONE.contains(&gone) => {
                return Err(format!("dig: +{gone} option no longer supported\n").into());
            }
            other if FLAGS.split(' ').any(|known| known == other) => {
                self.not_modelled = Some(format!("+{other}"));
            }
            _ => return Err(invalid(&format!("+{flag}")).into()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Options {
        Options::parse(&text.split(' ').map(str::to_owned).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn types_stand_before_or_after_names() {
        let o = parse("@1.2.3.4 +noall +answer ant MX TXT bee cat");
        let of = |i: usize| (o.queries[i].name.as_str(), o.queries[i].rtype);
        assert_eq!(
            (of(0), of(1), of(2)),
            (
                ("ant", RecordType::MX),
                ("bee", RecordType::TXT),
                ("cat", RecordType::A)
            )
        );
        assert!(o.answer && !o.comments && !o.cmd);
        let o = parse("ant bee +short cat");
        let short: Vec<bool> = o.queries.iter().map(|q| o.of(q).short).collect();
        assert_eq!(short, [true, true, true]);
        assert_eq!(
            parse("-x 10.7.0.2").queries[0].name,
            "2.0.7.10.in-addr.arpa."
        );
        assert_eq!(parse("+short").queries[0].rtype, RecordType::NS);
    }

    #[test]
    fn flags_of_all_kinds_are_read() {
        let o = parse("+nordflag +cdflag +ttlunits +qr +domain=example.test www");
        assert!(!o.recurse && o.cd && o.ttl_units && o.shows_query && o.search);
        assert_eq!(o.domain.as_deref(), Some("example.test"));
        assert_eq!(parse("web CAA").queries[0].rtype, RecordType(257));
        let gone = Options::parse(&["+topdown".to_owned()]).unwrap_err();
        assert_eq!(gone.err, "dig: +topdown option no longer supported\n");
    }

    #[test]
    fn numbers_are_within_bounds() {
        let o = parse("+bufsize=512 +noedns +retry=0 +time=0 www");
        assert_eq!((o.edns_size(), o.tries), (Some(512), 1));
        assert_eq!(o.timeout, Duration::from_secs(1));
        assert_eq!(parse("+noedns www").edns_size(), None);
        assert_eq!(parse("+bufsize www").edns_size(), Some(UDP_SIZE));
        let refused = |flag: &str| Options::parse(&[flag.to_owned()]).unwrap_err();
        let large = refused("+bufsize=65536");
        assert_eq!(large.out, "invalid buffer size '65536': out of range\n");
        assert_eq!(
            (large.err.as_str(), large.status),
            ("dig: Couldn't parse buffer size\n", 10)
        );
        let signed = refused("+tries=+1");
        assert_eq!(signed.out, "invalid tries '+1': not a valid number\n");
        let bare = refused("+time");
        assert!(bare.err.starts_with("Invalid option: +time\n"), "{bare:?}");
    }
}
