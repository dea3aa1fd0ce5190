//! conntrack: lists and changes the flows that connection tracking knows. Texts follow conntrack-tools 1.4.9.

use kernel::netfilter::conntrack::{CtEventKind, L4, Tuple};
use kernel::netfilter::{ConnInfo, Conntrack};
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use std::net::IpAddr;
use wire::Proto;

use crate::Flavour;

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    gnu "conntrack", "list and change tracked flows", &["-L", "-D", "-F", "-E", "-S", "-C", "-p"], main;
}

/// What `-h` and no word at all print.
const USAGE: &str = include_str!("conntrack.txt");

const NAME: &str = "conntrack v1.4.9 (conntrack-tools)";

/// How often `-E` looks for news.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    List,
    Get,
    Delete,
    Flush,
    Events,
    Stats,
    Count,
    Expectations,
}

/// Which flows.
#[derive(Debug, Clone, Default, PartialEq)]
struct Filter {
    proto: Option<Proto>,
    v6: Option<bool>,
    orig_src: Option<IpAddr>,
    orig_dst: Option<IpAddr>,
    reply_src: Option<IpAddr>,
    reply_dst: Option<IpAddr>,
    sport: Option<u16>,
    dport: Option<u16>,
    /// An ICMP packet's type, code and id.
    icmp: [Option<u16>; 3],
    reply_sport: Option<u16>,
    reply_dport: Option<u16>,
    mark: Option<u32>,
    /// The other address of a translated source, destination, or either.
    /// The inner `None` stands for every address.
    src_nat: Option<Option<IpAddr>>,
    dst_nat: Option<Option<IpAddr>>,
    any_nat: Option<Option<IpAddr>>,
    state: Option<String>,
    /// What `-u` asks for: `ASSURED`, `SEEN_REPLY`, `UNREPLIED`.
    status: Option<String>,
    /// What `-E` tells of, all if empty.
    events: Vec<String>,
    /// What `-o` asks for.
    extended: bool,
    id: bool,
    save: bool,
    /// Events are told with the moment at which they are.
    timestamp: bool,
}

impl Filter {
    fn matches(&self, conn: &ConnInfo) -> bool {
        fn is<T: PartialEq>(wanted: Option<T>, value: T) -> bool {
            wanted.is_none_or(|wanted| wanted == value)
        }
        let (there, back) = (&conn.original, &conn.reply);
        is(self.proto, there.proto)
            && is(Some(self.v6.unwrap_or(false)), there.src.is_ipv6())
            && is(self.orig_src, there.src)
            && is(self.orig_dst, there.dst)
            && is(self.reply_src, back.src)
            && is(self.reply_dst, back.dst)
            && is(self.sport, there.src_port())
            && is(self.dport, there.dst_port())
            && self.matches_icmp(&there.l4)
            && is(self.reply_sport, back.src_port())
            && is(self.reply_dport, back.dst_port())
            && is(self.mark, conn.mark)
            && self.src_nat.is_none_or(|to| conn.snat && is(to, back.dst))
            && self.dst_nat.is_none_or(|to| conn.dnat && is(to, back.src))
            && self
                .any_nat
                .is_none_or(|to| conn.snat && is(to, back.dst) || conn.dnat && is(to, back.src))
            && self
                .state
                .as_deref()
                .is_none_or(|state| conn.tcp.is_some_and(|t| t.name() == state))
            && self.status.as_deref().is_none_or(|status| match status {
                "ASSURED" => conn.assured,
                "SEEN_REPLY" => conn.seen_reply,
                _ => !conn.seen_reply,
            })
    }
}

impl Filter {
    /// Whether a flow's first packet has the ICMP fields that are asked for.
    fn matches_icmp(&self, l4: &L4) -> bool {
        let found = match *l4 {
            L4::Icmp { kind, code, id } => Some([kind.into(), code.into(), id]),
            _ => None,
        };
        let mut wanted = self.icmp.iter().enumerate();
        wanted.all(|(i, wanted)| {
            wanted.is_none()
                || found.is_some_and(|found: [u16; 3]| found.get(i).copied() == *wanted)
        })
    }
}

/// The states that `--state` knows.
const TCP_STATES: [&str; 10] = [
    "NONE",
    "SYN_SENT",
    "SYN_RECV",
    "ESTABLISHED",
    "FIN_WAIT",
    "CLOSE_WAIT",
    "LAST_ACK",
    "TIME_WAIT",
    "CLOSE",
    "LISTEN",
];

/// A refusal: what is said, and whether the hint follows.
type Refusal = String;

fn refusal(text: &str) -> Refusal {
    format!("{NAME}: {text}\nTry `conntrack -h' or 'conntrack --help' for more information.\n")
}

fn parse(args: &[String]) -> Result<(Verb, Filter), Refusal> {
    let mut verb = None;
    let mut filter = Filter::default();
    let mut rest = args.iter().peekable();
    while let Some(option) = rest.next() {
        let chosen = match option.as_str() {
            "-L" | "--dump" => Some(Verb::List),
            "-D" | "--delete" => Some(Verb::Delete),
            "-F" | "--flush" => Some(Verb::Flush),
            "-E" | "--event" => Some(Verb::Events),
            "-S" | "--stats" => Some(Verb::Stats),
            "-C" | "--count" => Some(Verb::Count),
            "-G" | "--get" => Some(Verb::Get),
            "-I" | "--create" | "-U" | "--update" => {
                return Err(format!(
                    "conntrack: {}\n",
                    crate::not_modelled!("conntrack", "-I and -U")
                ));
            }
            _ => None,
        };
        if chosen.is_some() {
            if verb.is_some() {
                return Err(refusal("Can't use two commands together"));
            }
            verb = chosen;
            // The table may be named; no expectation is ever in the other one.
            rest.next_if(|next| *next == "conntrack");
            if rest.next_if(|next| *next == "expect").is_some() {
                verb = Some(Verb::Expectations);
            } else if let Some(table) = rest.next_if(|next| !next.starts_with('-'))
                && !matches!(table.as_str(), "dying" | "unconfirmed")
            {
                return Err(refusal(&format!("unknown type `{table}'")));
            }
            continue;
        }
        // These may come without an address, and then leave nothing out.
        if matches!(
            option.as_str(),
            "-n" | "--src-nat" | "-g" | "--dst-nat" | "-j" | "--any-nat"
        ) {
            let to = rest
                .next_if(|next| !next.starts_with('-'))
                .and_then(|a| a.parse().ok());
            match option.as_str() {
                "-n" | "--src-nat" => filter.src_nat = Some(to),
                "-g" | "--dst-nat" => filter.dst_nat = Some(to),
                _ => filter.any_nat = Some(to),
            }
            continue;
        }
        let (name, attached) = option
            .split_once('=')
            .map_or((option.as_str(), None), |(name, value)| {
                (name, Some(value.to_owned()))
            });
        const KNOWN: [&str; 22] = [
            "-u",
            "--status",
            "-p",
            "--protonum",
            "-f",
            "--family",
            "-s",
            "--src",
            "--orig-src",
            "-d",
            "--dst",
            "--orig-dst",
            "-r",
            "--reply-src",
            "-q",
            "--reply-dst",
            "-m",
            "--mark",
            "-o",
            "--output",
            "-e",
            "--event-mask",
        ];
        // These belong to protocols and are unknown before one is named.
        let known = match name {
            "--state" => filter.proto == Some(Proto::TCP),
            "--sport" | "--dport" | "--orig-port-src" | "--orig-port-dst" | "--reply-port-src"
            | "--reply-port-dst" => filter.proto.is_some(),
            "--icmp-type" | "--icmp-code" | "--icmp-id" => {
                matches!(filter.proto, Some(Proto::ICMP))
            }
            name => KNOWN.contains(&name),
        };
        if !known {
            return Err(refusal(&format!("unknown option `{option}'")));
        }
        let missing = || refusal(&format!("option `{name}' requires an argument"));
        let value = attached
            .or_else(|| rest.next().cloned())
            .ok_or_else(missing)?;
        let addr = || {
            value
                .parse::<IpAddr>()
                .ok()
                .ok_or_else(|| refusal(&format!("Invalid IP address `{value}'")))
        };
        // As `atoi` reads it: what is no number is none.
        let digits = value.find(|c: char| !c.is_ascii_digit());
        let number: u16 = value
            .get(..digits.unwrap_or(value.len()))
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0);
        let bad = |value: &str| refusal(&format!("Bad parameter `{value}'"));
        match name {
            "-f" | "--family" if !["ipv4", "ipv6"].contains(&value.as_str()) => {
                return Err(refusal(&format!("`{value}' unsupported protocol")));
            }
            "-p" | "--protonum" => filter.proto = Some(protocol(&value)?),
            "-f" | "--family" => filter.v6 = Some(value == "ipv6"),
            "-s" | "--src" | "--orig-src" => filter.orig_src = Some(addr()?),
            "-d" | "--dst" | "--orig-dst" => filter.orig_dst = Some(addr()?),
            "-r" | "--reply-src" => filter.reply_src = Some(addr()?),
            "-q" | "--reply-dst" => filter.reply_dst = Some(addr()?),
            "--sport" | "--orig-port-src" => filter.sport = Some(number),
            "--dport" | "--orig-port-dst" => filter.dport = Some(number),
            "--icmp-type" => filter.icmp[0] = Some(number),
            "--icmp-code" => filter.icmp[1] = Some(number),
            "--icmp-id" => filter.icmp[2] = Some(number),
            "--reply-port-src" => filter.reply_sport = Some(number),
            "--reply-port-dst" => filter.reply_dport = Some(number),
            "--state" if !TCP_STATES.contains(&value.as_str()) => {
                return Err(refusal(&format!("unknown TCP state `{value}'")));
            }
            "--state" => filter.state = Some(value),
            "-u" | "--status" => {
                if !["ASSURED", "SEEN_REPLY", "UNSET"].contains(&value.as_str()) {
                    return Err(bad(&value));
                }
                filter.status = Some(value);
            }
            "-e" | "--event-mask" => {
                let words = value.split(',').map(str::to_ascii_uppercase);
                filter.events = words.filter(|w| w != "ALL").collect();
                if filter
                    .events
                    .iter()
                    .any(|w| !["NEW", "UPDATES", "DESTROY"].contains(&w.as_str()))
                {
                    return Err(bad(&value));
                }
            }
            "-o" | "--output" => {
                for word in value.split(',') {
                    match word {
                        "extended" => filter.extended = true,
                        "id" => filter.id = true,
                        "save" => filter.save = true,
                        "timestamp" => filter.timestamp = true,
                        "xml" | "ktimestamp" | "labels" | "userspace" => {
                            return Err(format!(
                                "conntrack: {}\n",
                                crate::not_modelled!("conntrack", "-o {word}")
                            ));
                        }
                        _ => return Err(bad(&value)),
                    }
                }
            }
            "-m" | "--mark" => filter.mark = Some(u32::from(number)),
            _ => {}
        }
    }
    match verb {
        Some(Verb::Get) if filter.proto.is_none() => Err(refusal(
            "You need to supply the `--protonum' option for this command",
        )),
        Some(verb) => Ok((verb, filter)),
        None => Err(refusal("You need to supply parameters to conntrack")),
    }
}

fn protocol(text: &str) -> Result<Proto, Refusal> {
    let unsupported = || refusal(&format!("`{text}' unsupported protocol"));
    match text {
        "tcp" => Ok(Proto::TCP),
        "udp" => Ok(Proto::UDP),
        "icmp" => Ok(Proto::ICMP),
        "icmpv6" => Ok(Proto::ICMPV6),
        "sctp" => Ok(Proto(132)),
        _ => text.parse().map(Proto).ok().ok_or_else(unsupported),
    }
}

/// One direction: `src=... dst=... sport=... dport=...`.
fn tuple(tuple: &Tuple) -> String {
    let l4 = match tuple.l4 {
        L4::Ports { src, dst } => format!(" sport={src} dport={dst}"),
        L4::Icmp { kind, code, id } => format!(" type={kind} code={code} id={id}"),
        L4::None => String::new(),
    };
    format!("src={} dst={}{l4}", tuple.src, tuple.dst)
}

/// A flow as `-L` prints it. Events leave out what does not apply.
fn line(conn: &ConnInfo, with_time: bool) -> String {
    let proto = conn.original.proto;
    let name = match proto {
        Proto::ICMPV6 => "icmpv6".to_owned(),
        Proto(132) => "sctp".to_owned(),
        known @ (Proto::TCP | Proto::UDP | Proto::ICMP) => known.to_string(),
        Proto(_) => "unknown".to_owned(),
    };
    let time = if with_time {
        format!("{} ", conn.remaining.as_secs())
    } else {
        String::new()
    };
    let state = conn
        .tcp
        .map(|state| format!("{} ", state.name()))
        .unwrap_or_default();
    let unreplied = if conn.seen_reply { "" } else { "[UNREPLIED] " };
    let assured = if conn.assured { "[ASSURED] " } else { "" };
    let (there, back) = (tuple(&conn.original), tuple(&conn.reply));
    format!(
        "{name:<8} {} {time}{state}{there} {unreplied}{back} {assured}",
        proto.0
    )
}

/// A flow as the words that would make it again.
fn saved(conn: &ConnInfo) -> String {
    let ports = |tuple: &Tuple, [src, dst]: [&str; 2]| match tuple.l4 {
        L4::Ports { src: from, dst: to } => format!(" --{src} {from} --{dst} {to}"),
        L4::Icmp { kind, code, id } if src == "sport" => {
            format!(" --icmp-type {kind} --icmp-code {code} --icmp-id {id}")
        }
        _ => String::new(),
    };
    let status = match (conn.seen_reply, conn.assured) {
        (false, _) => "",
        (true, false) => "-u SEEN_REPLY ",
        (true, true) => "-u SEEN_REPLY,ASSURED ",
    };
    let (there, back) = (&conn.original, &conn.reply);
    let state = conn
        .tcp
        .map(|state| format!(" --state {}", state.name()))
        .unwrap_or_default();
    format!(
        "-A -t {} {status}-s {} -d {} -g {} -q {} -p {}{}{}{state}\n",
        conn.remaining.as_secs(),
        there.src,
        there.dst,
        back.src,
        back.dst,
        there.proto,
        ports(there, ["sport", "dport"]),
        ports(back, ["reply-port-src", "reply-port-dst"]),
    )
}

fn list(conn: &ConnInfo, filter: &Filter) -> String {
    if filter.save {
        return saved(conn);
    }
    let family = match (filter.extended, conn.original.src.is_ipv6()) {
        (false, _) => "",
        (true, false) => "ipv4     2 ",
        (true, true) => "ipv6     10 ",
    };
    let id = if filter.id {
        format!(" id={}", conn.id)
    } else {
        String::new()
    };
    format!("{family}{}mark={} use=1{id}\n", line(conn, true), conn.mark)
}

/// conntrack.
pub async fn main(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    let words = args.get(1..).unwrap_or_default();
    if words.iter().any(|word| word == "-V" || word == "--version") {
        sys.out(&format!("{NAME}\n"));
        return 0;
    }
    if matches!(
        words.first().map(String::as_str),
        None | Some("-h" | "--help")
    ) {
        sys.out(USAGE);
        return 0;
    }
    let (verb, filter) = match parse(words) {
        Ok(parsed) => parsed,
        Err(text) => {
            sys.err(&text);
            return 2;
        }
    };
    if !sys.may_admin_net() {
        sys.err(&format!("{NAME}: Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n"));
        return 1;
    }
    let now = sys.now();
    match verb {
        Verb::Events => return events(&sys, &filter).await,
        Verb::Flush => {
            with_flows(&sys, |ct| ct.flush(now));
            sys.err(&format!(
                "{NAME}: connection tracking table has been emptied.\n"
            ));
        }
        Verb::Count => {
            let count = with_flows(&sys, |ct| ct.list(now).len()).unwrap_or(0);
            sys.out(&format!("{count}\n"));
        }
        Verb::Stats => {
            let s = with_flows(&sys, |ct| ct.stats()).unwrap_or_default();
            let text = format!(
                "cpu=0   \tfound={} invalid={} insert={} insert_failed={} drop={} early_drop={} error=0 search_restart=0 clash_resolve=0 chaintoolong=0 \n",
                s.found, s.invalid, s.insert, s.insert_failed, s.drop, s.early_drop
            );
            sys.out(&text);
        }
        Verb::Expectations => {
            sys.err(&format!("{NAME}: 0 expectations have been shown.\n"));
        }
        Verb::List | Verb::Get | Verb::Delete => {
            let flows = with_flows(&sys, |ct| chosen(ct, &filter, verb == Verb::Delete, now))
                .unwrap_or_default();
            if verb == Verb::Get && flows.is_empty() {
                sys.err(&format!(
                    "{NAME}: Operation failed: such conntrack doesn't exist\n"
                ));
                return 1;
            }
            let text: String = flows.iter().map(|flow| list(flow, &filter)).collect();
            let done = if verb == Verb::Delete {
                "deleted"
            } else {
                "shown"
            };
            let count = format!("{NAME}: {} flow entries have been {done}.\n", flows.len());
            // Only a terminal gets each line at once.
            if sys.is_tty(Fd::STDOUT) {
                sys.out(&text);
                sys.err(&count);
            } else {
                sys.err(&count);
                sys.out(&text);
            }
            return i32::from(verb == Verb::Delete && flows.is_empty());
        }
    }
    0
}

fn chosen(ct: &mut Conntrack, filter: &Filter, delete: bool, now: Instant) -> Vec<ConnInfo> {
    let flows: Vec<ConnInfo> = ct
        .list(now)
        .into_iter()
        .filter(|conn| filter.matches(conn))
        .collect();
    if delete {
        for conn in &flows {
            ct.delete(conn.id, now);
        }
    }
    flows
}

/// Works on the flows of this process's namespace; `None` if nothing was ever tracked in it.
fn with_flows<T>(sys: &Sys, work: impl FnOnce(&mut Conntrack) -> T) -> Option<T> {
    let ns = sys.netns();
    sys.kernel(|k| {
        let nf = &mut k.net.netns_mut(ns)?.nf;
        nf.conntrack()?;
        Some(work(nf.conntrack_mut()))
    })
}

/// Prints what happens to flows until a signal ends it.
async fn events(sys: &Sys, filter: &Filter) -> i32 {
    sys.catch(Signal::INT);
    sys.catch(Signal::TERM);
    let mut seen = with_flows(sys, |ct| ct.next_event()).unwrap_or(0);
    let mut count = 0;
    let epoch = sys.kernel(|k| k.epoch);
    loop {
        let (lines, next) = with_flows(sys, |ct| {
            ct.events_wanted = true;
            let mut lines = Vec::new();
            for event in ct
                .events_since(seen)
                .filter(|event| filter.matches(&event.conn))
            {
                let (name, mask, time) = match event.kind {
                    CtEventKind::New => ("    [NEW]", "NEW", true),
                    CtEventKind::Update => (" [UPDATE]", "UPDATES", true),
                    CtEventKind::Destroy => ("[DESTROY]", "DESTROY", false),
                };
                if filter.events.is_empty() || filter.events.iter().any(|w| w == mask) {
                    let stamp = if filter.timestamp {
                        stamp(epoch, event.at)
                    } else {
                        String::new()
                    };
                    let flow = line(&event.conn, time);
                    lines.push(format!("{stamp}{name} {}\n", flow.trim_end()));
                }
            }
            (lines, ct.next_event())
        })
        .unwrap_or_default();
        seen = next.max(seen);
        count += lines.len();
        sys.out(&lines.concat());
        if sys.sleep(LOOK_EVERY).await.is_err() {
            sys.err(&format!("{NAME}: {count} flow events have been shown.\n"));
            return 0;
        }
    }
}

/// A moment as `[1762765200.000123]`, seconds since 1970.
fn stamp(epoch: u64, at: Instant) -> String {
    let (seconds, micros) = (at.0 / 1_000_000_000, at.0 / 1000 % 1_000_000);
    format!("[{}.{micros:06}]\t", epoch + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn options_choose_flows() {
        let (verb, filter) = parse(&words("-L -p tcp --dport 8080")).unwrap();
        assert_eq!(
            (verb, filter.proto, filter.dport),
            (Verb::List, Some(Proto::TCP), Some(8080))
        );
        assert_eq!(
            parse(&words("-D conntrack -s 1.2.3.4")).unwrap().1.orig_src,
            "1.2.3.4".parse().ok()
        );
    }

    #[test]
    fn refusals_have_the_words_of_conntrack() {
        let hint = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
        assert_eq!(
            parse(&words("-L -p foo")),
            Err(format!("{NAME}: `foo' unsupported protocol\n{hint}"))
        );
        assert_eq!(
            parse(&words("-L --foo")),
            Err(format!("{NAME}: unknown option `--foo'\n{hint}"))
        );
    }
}
