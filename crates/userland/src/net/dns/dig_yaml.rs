//! What `dig +yaml` prints. Source: BIND 9.20 `bin/dig/dig.c`, and the tool itself.

use super::{data, dotted, status};
use crate::net::resolv::Answer;
use kernel::calendar::Calendar;
use std::net::SocketAddr;
use wire::dns::{Flags, Record};

/// A question and its answer, as they went over the network.
pub(super) struct Exchange {
    pub(super) server: SocketAddr,
    pub(super) by_tcp: bool,
    /// When it was asked and answered: seconds since 1970, and nanoseconds.
    pub(super) times: [(u64, u32); 2],
}

impl Exchange {
    /// The whole document.
    pub(super) fn told(&self, answer: &Answer) -> String {
        let [asked, answered] = self.times.map(stamp);
        let (family, any) = match self.server {
            SocketAddr::V4(_) => ("INET", "0.0.0.0"),
            SocketAddr::V6(_) => ("INET6", "::"),
        };
        let protocol = if self.by_tcp { "TCP" } else { "UDP" };
        let counts = [
            ("QUESTION", answer.questions.len()),
            ("ANSWER", answer.answers.len()),
            ("AUTHORITY", answer.authorities.len()),
            (
                "ADDITIONAL",
                answer.additionals.len() + usize::from(answer.edns.is_some()),
            ),
        ];
        let mut out = format!(
            "- type: MESSAGE\n  message:\n    type: {}_RESPONSE\n    query_time: !!timestamp {asked}\n    \
             response_time: !!timestamp {answered}\n    message_size: {}b\n    socket_family: {family}\n    \
             socket_protocol: {protocol}\n    response_address: \"{}\"\n    response_port: {}\n    \
             query_address: \"{any}\"\n    query_port: 0\n    response_message_data:\n      opcode: QUERY\n      \
             status: {}\n      id: {}\n      flags:{}\n",
            if answer.flags.rd {
                "RECURSIVE"
            } else {
                "ITERATIVE"
            },
            answer.size,
            self.server.ip(),
            self.server.port(),
            status(answer.rcode),
            answer.id,
            flags(answer.flags),
        );
        for (name, count) in counts {
            out.push_str(&format!("      {name}: {count}\n"));
        }
        if let Some(edns) = answer.edns {
            let wishes = if edns.dnssec_ok { " do" } else { "" };
            out.push_str(&format!(
                "      OPT_PSEUDOSECTION:\n        EDNS:\n          version: 0\n          flags:{wishes}\n          udp: {}\n",
                edns.udp_size
            ));
        }
        let questions = answer.questions.iter();
        out.push_str(&section(
            "QUESTION",
            questions.map(|q| format!("{} IN {}", dotted(&q.name), q.rtype)),
        ));
        for (name, records) in [
            ("ANSWER", &answer.answers),
            ("AUTHORITY", &answer.authorities),
            ("ADDITIONAL", &answer.additionals),
        ] {
            out.push_str(&section(name, records.iter().map(entry)));
        }
        out
    }
}

/// A section, if it holds something.
fn section(name: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("        - '{line}'\n")).collect();
    if lines.is_empty() {
        return lines;
    }
    format!("      {name}_SECTION:\n{lines}")
}

fn entry(record: &Record) -> String {
    let (name, rtype) = (dotted(&record.name), record.data.rtype());
    format!("{name} {} IN {rtype} {}", record.ttl, data(record))
}

/// The flags that are set, a space before each.
pub(super) fn flags(flags: Flags) -> String {
    let names = [
        ("qr", flags.qr),
        ("aa", flags.aa),
        ("tc", flags.tc),
        ("rd", flags.rd),
        ("ra", flags.ra),
        ("ad", flags.ad),
        ("cd", flags.cd),
    ];
    let set = names.iter().filter(|(_, on)| *on);
    set.map(|(name, _)| format!(" {name}")).collect()
}

fn stamp((seconds, nanos): (u64, u32)) -> String {
    let moment = Calendar::new(seconds.cast_signed());
    let millis = nanos / 1_000_000;
    format!("{}T{}.{millis:03}Z", moment.date(), moment.clock())
}
