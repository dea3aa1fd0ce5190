//! `dig` of BIND 9.20.

use super::dig_options::{Options, Query, UDP_SIZE};
use super::dig_yaml::{Exchange, flags};
use super::{
    Cut, Manner, UNREACHED, ask_servers, data, dotted, legal, own_servers, server_address, status,
};
use crate::net::resolv::{self, ResolvConf};
use kernel::process::files::Fd;
use kernel::sys::Sys;
use std::net::SocketAddr;
use wire::dns::{Edns, Message, Name, Rcode, Record, RecordData, RecordType};

/// What the first line says.
const VERSION: &str = "9.20.30-1-Debian";
/// A longer list of questions is not read, bytes.
const LONGEST_BATCH: usize = 1 << 20;

/// The `dig` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let words = args.get(1..).unwrap_or_default();
    let Some((before, [_, file, after @ ..])) = words
        .iter()
        .position(|word| word == "-f")
        .and_then(|at| words.split_at_checked(at))
    else {
        return run(&sys, words).await;
    };
    let text = if matches!(file.as_str(), "-" | "/dev/stdin") {
        let bytes = sys
            .read_all(Fd::STDIN, LONGEST_BATCH)
            .await
            .unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        match sys.read_text(file) {
            Ok(text) => text,
            Err(error) => {
                sys.err(&format!("couldn't open specified batch file: {error}\n"));
                return 8;
            }
        }
    };
    let mut code = 0;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        let own = line.split_whitespace().map(str::to_owned);
        let all: Vec<String> = [before, after].concat().into_iter().chain(own).collect();
        code = run(&sys, &all).await.max(code);
    }
    code
}

/// One command line, or one line of a batch with what stands before it.
async fn run(sys: &Sys, words: &[String]) -> i32 {
    let options = match Options::parse(words) {
        Ok(options) => options,
        Err(refused) => {
            sys.out(&refused.out);
            sys.err(&refused.err);
            return refused.status;
        }
    };
    if let Some(word) = &options.not_modelled {
        return crate::not_modelled(sys, "dig", word);
    }
    for rtype in &options.invalid_types {
        sys.err(&format!(";; Warning, ignoring invalid type {rtype}\n"));
    }
    if options.version {
        sys.out(&format!("DiG {VERSION}\n"));
        return 0;
    }
    let conf = ResolvConf::load(sys);
    let servers: Vec<SocketAddr> = match &options.server {
        None => own_servers(&conf)
            .into_iter()
            .map(|ip| SocketAddr::new(ip, options.port))
            .collect(),
        Some(text) => match server_address(sys, text).await {
            Some(ip) => vec![SocketAddr::new(ip, options.port)],
            None => {
                sys.err(&format!(
                    "dig: couldn't get address for '{text}': not found\n"
                ));
                return 1;
            }
        },
    };
    let mut code = 0;
    for (n, query) in options.queries.iter().enumerate() {
        let dig = Dig {
            sys,
            options: &options.of(query),
            servers: &servers,
            conf: &conf,
            line: words.join(" "),
        };
        code = dig.query(query, n == 0).await.max(code);
        if code == 10 {
            break;
        }
    }
    code
}

/// An answer in full, as `host -v` shows it too.
pub(super) fn rendered(message: &Message) -> String {
    render(&Options::default(), message, "Got answer")
}

struct Dig<'a> {
    sys: &'a Sys,
    options: &'a Options,
    servers: &'a [SocketAddr],
    conf: &'a ResolvConf,
    line: String,
}

impl Dig<'_> {
    async fn query(&self, query: &Query, first: bool) -> i32 {
        let o = self.options;
        // A name with dots enough is only asked for as it is: dig does not go on to the search list after that.
        let absolute = query.name.matches('.').count() >= self.conf.ndots;
        let candidates = match &o.domain {
            Some(domain) if !query.name.ends_with('.') => vec![format!("{}.{domain}", query.name)],
            None if o.search && !absolute => self.conf.candidates(&query.name),
            _ => vec![query.name.clone()],
        };
        // ANY goes by TCP from the start.
        let tcp = o.tcp || query.rtype == RecordType::ANY;
        let started = self.sys.now();
        let asked = self.sys.wall_clock();
        if o.trace {
            return self.trace(query, first).await;
        }
        let mut last = None;
        for candidate in candidates {
            let name = match legal(&candidate) {
                Ok(name) => name,
                Err(why) => {
                    self.sys.err(&format!(
                        "dig: '{}' is not a legal name ({why})\n",
                        query.name
                    ));
                    return 10;
                }
            };
            let mut question = Message::query(resolv::new_id(self.sys), name, query.rtype);
            question.flags.rd = o.recurse;
            question.flags.ad = o.ad;
            question.flags.cd = o.cd;
            question.edns = o.edns_size().map(|udp_size| Edns {
                udp_size,
                dnssec_ok: o.dnssec,
                // Any number will do, as no server here gives one of its own back.
                cookie: o.cookie.then(|| {
                    let id = u64::from(question.id) + 1;
                    id.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()
                }),
            });
            if o.shows_query && !o.short {
                self.heading(first);
                self.sys.out(&self.sent(&question));
            }
            let manner = Manner {
                name: &query.name,
                tcp,
                timeout: o.timeout,
                tries: o.tries,
                cut: match o.ignore {
                    true => Cut::Take,
                    // It is told among the comments.
                    false if o.short || !o.comments => Cut::Again,
                    false => Cut::Tell,
                },
            };
            let outcome = ask_servers(self.sys, self.servers, &question, manner).await;
            self.sys.out(&outcome.complaints);
            let Some((server, answer)) = outcome.answer else {
                if !outcome.told {
                    self.heading(first && !o.shows_query);
                    self.sys.out(UNREACHED);
                }
                return 9;
            };
            let good = answer.rcode == Rcode::NOERROR;
            last = Some((server, answer, outcome.by_tcp));
            if good {
                break;
            }
        }
        let Some((server, answer, by_tcp)) = last else {
            return 0;
        };
        if o.short {
            let from = if o.identify {
                let took = (self.sys.now() - started).as_millis();
                format!(" from server {} in {took} ms.", server.ip())
            } else {
                String::new()
            };
            let text: String = answer
                .answers
                .iter()
                .map(|r| format!("{}{from}\n", value(o, r)))
                .collect();
            self.sys.out(&text);
            return 0;
        }
        if o.yaml {
            let exchange = Exchange {
                server,
                by_tcp,
                times: [asked, self.sys.wall_clock()],
            };
            self.sys.out(&exchange.told(&answer));
            return 0;
        }
        self.heading(first && !o.shows_query);
        let mut text = render(o, &answer, "Got answer");
        if o.stats {
            let c = self.sys.calendar();
            let took = (self.sys.now() - started).as_millis();
            let way = if by_tcp { "TCP" } else { "UDP" };
            text.push_str(&format!(
                ";; Query time: {took} msec\n;; SERVER: {}#{}({}) ({way})\n;; WHEN: {} {} {:02} {} UTC {}\n;; MSG SIZE  rcvd: {}\n\n",
                server.ip(),
                server.port(),
                o.server.as_deref().unwrap_or(&server.ip().to_string()),
                c.day_name(),
                c.month_name(),
                c.day,
                c.clock(),
                c.year,
                answer.size
            ));
        }
        self.sys.out(&text);
        0
    }

    fn heading(&self, first: bool) {
        if !self.options.cmd || !first || self.options.short {
            return;
        }
        let space = if self.line.is_empty() { "" } else { " " };
        let found = if self.options.server.is_some() {
            "; (1 server found)\n"
        } else {
            ""
        };
        self.sys.out(&format!(
            "\n; <<>> DiG {VERSION} <<>>{space}{}\n{found};; global options: +cmd\n",
            self.line
        ));
    }

    /// The question, as `+qr` shows it.
    fn sent(&self, question: &Message) -> String {
        let size = question.emit().len();
        let text = render(self.options, question, "Sending");
        format!("{text};; QUERY SIZE: {size}\n\n")
    }

    /// From the root's servers down to those of a name. The first question is to the usual server, and is for the
    /// root's; no network here has any, so that it ends there. Source: BIND `bin/dig/dighost.c`.
    async fn trace(&self, query: &Query, first: bool) -> i32 {
        let o = self.options;
        let started = self.sys.now();
        let Ok(root) = ".".parse() else { return 1 };
        let mut question = Message::query(resolv::new_id(self.sys), root, RecordType::NS);
        question.edns = Some(Edns {
            udp_size: UDP_SIZE,
            dnssec_ok: true,
            cookie: None,
        });
        let manner = Manner {
            name: &query.name,
            tcp: o.tcp,
            timeout: o.timeout,
            tries: o.tries,
            cut: Cut::Again,
        };
        let outcome = ask_servers(self.sys, self.servers, &question, manner).await;
        self.sys.out(&outcome.complaints);
        self.heading(first);
        let Some((server, answer)) = outcome.answer else {
            self.sys.out(if outcome.told { "" } else { UNREACHED });
            return 9;
        };
        let servers: String = answer.answers.iter().map(|r| line(o, r)).collect();
        let took = (self.sys.now() - started).as_millis();
        let (ip, port, size) = (server.ip(), server.port(), answer.size);
        self.sys.out(&format!(
            "{servers};; Received {size} bytes from {ip}#{port}({ip}) in {took} ms\n\n"
        ));
        0
    }
}

/// A message's sections, as far as they are asked for.
/// Whether a name is one of those that machines of a LAN answer for themselves. Source: RFC 6762, section 3.
fn is_local(name: &Name) -> bool {
    let text = name.to_string().to_ascii_lowercase();
    text == "local" || text.ends_with(".local")
}

fn render(o: &Options, m: &Message, what: &str) -> String {
    let mut out = String::new();
    if o.comments {
        let flags = flags(m.flags);
        out.push_str(&format!(";; {what}:\n"));
        if m.questions.iter().any(|q| is_local(&q.name)) {
            out.push_str(";; WARNING: .local is reserved for Multicast DNS\n");
            out.push_str(
                ";; You are currently testing what happens when an mDNS query is leaked to DNS\n",
            );
        }
        out.push_str(&format!(
                ";; ->>HEADER<<- opcode: QUERY, status: {}, id: {}\n;; flags:{flags}; QUERY: {}, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}\n",
                status(m.rcode),
                m.id,
                m.questions.len(),
                m.answers.len(),
                m.authorities.len(),
                m.additionals.len() + usize::from(m.edns.is_some())
            ));
        if m.flags.qr && m.flags.rd && !m.flags.ra {
            out.push_str(";; WARNING: recursion requested but not available\n");
        }
        out.push('\n');
        if let Some(edns) = m.edns {
            let dnssec = if edns.dnssec_ok { " do" } else { "" };
            out.push_str(&format!(
                ";; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:{dnssec}; udp: {}\n",
                edns.udp_size
            ));
            if let Some(cookie) = edns.cookie {
                let hex: String = cookie.iter().map(|byte| format!("{byte:02x}")).collect();
                out.push_str(&format!("; COOKIE: {hex}\n"));
            }
        }
    }
    if o.question {
        if o.comments {
            out.push_str(";; QUESTION SECTION:\n");
        }
        for q in &m.questions {
            // The semicolon is not counted.
            let name = dotted(&q.name);
            let class = column_after(name.len(), 32);
            out.push_str(&format!(
                ";{name}{}IN{}{}\n",
                tabs(name.len(), 32),
                tabs(class + "IN".len(), 40),
                q.rtype
            ));
        }
        if o.comments {
            out.push('\n');
        }
    }
    for (title, records, shown) in [
        ("ANSWER", &m.answers, o.answer),
        ("AUTHORITY", &m.authorities, o.authority),
        ("ADDITIONAL", &m.additionals, o.additional),
    ] {
        if !shown || records.is_empty() {
            continue;
        }
        if o.comments {
            out.push_str(&format!(";; {title} SECTION:\n"));
        }
        records.iter().for_each(|r| out.push_str(&line(o, r)));
        if o.comments {
            out.push('\n');
        }
    }
    out
}

/// A record, its columns at 24, 32, 40 and 48; what is left out leaves no gap, and with `+multiline` only the first
/// is kept.
fn line(o: &Options, record: &Record) -> String {
    let mut line = dotted(&record.name);
    let mut column = line.len();
    let mut columns = [24, 32, 40, 48].into_iter();
    let mut next = |line: &mut String, text: &str| {
        let at = columns.next().unwrap_or(48);
        let gap = if o.multiline && at > 24 {
            " ".to_owned()
        } else {
            tabs(column, at)
        };
        column = column_after(column, at);
        line.push_str(&gap);
        line.push_str(text);
        column += text.len();
    };
    if o.ttl {
        let ttl = match o.ttl_units {
            true => units(record.ttl),
            false => record.ttl.to_string(),
        };
        next(&mut line, &ttl);
    }
    if o.class {
        next(&mut line, "IN");
    }
    next(&mut line, &record.data.rtype().to_string());
    next(&mut line, &value(o, record));
    line + "\n"
}

/// What a record says, in the form that is asked for.
fn value(o: &Options, record: &Record) -> String {
    match record.data {
        RecordData::Aaaa(ip) if o.expand => {
            let groups = ip.segments().map(|group| format!("{group:04x}"));
            groups.join(":")
        }
        _ => data(record),
    }
}

/// `1h30m`: a lifetime in units of time. Source: BIND `lib/dns/ttl.c`.
fn units(ttl: u32) -> String {
    let parts = [
        (ttl / 604_800, 'w'),
        (ttl / 86_400 % 7, 'd'),
        (ttl / 3600 % 24, 'h'),
        (ttl / 60 % 60, 'm'),
        (ttl % 60, 's'),
    ];
    let told = parts
        .iter()
        .filter(|(count, unit)| *count > 0 || (ttl == 0 && *unit == 's'));
    told.map(|(count, unit)| format!("{count}{unit}")).collect()
}

/// Where what is to stand at a column stands after what ends at another: what passes its column goes on after one space.
const fn column_after(from: usize, to: usize) -> usize {
    if to > from { to } else { from + 1 }
}

/// Tabs from one column to another, or spaces where no tab would help. Source: BIND `lib/dns/masterdump.c`, `indent`.
fn tabs(from: usize, to: usize) -> String {
    let to = column_after(from, to);
    let count = to / 8 - from / 8;
    let from = if count > 0 { to / 8 * 8 } else { from };
    "\t".repeat(count) + &" ".repeat(to - from)
}

#[cfg(test)]
mod tests {
    use super::{tabs, units};

    #[test]
    fn lifetimes_have_units() {
        assert_eq!(
            [0, 600, 90_061, 604_800].map(units),
            ["0s", "10m", "1d1h1m1s", "1w"]
        );
    }

    #[test]
    fn columns_are_reached_by_tabs() {
        assert_eq!(tabs("web.".len(), 24), "\t\t\t");
        assert_eq!(tabs("mycontainer.".len(), 24), "\t\t");
        assert_eq!(tabs("2.0.18.172.in-addr.arpa.".len(), 24), " ");
        assert_eq!(tabs(39, 32), "\t");
        assert_eq!(tabs(43, 40), " ");
    }
}
