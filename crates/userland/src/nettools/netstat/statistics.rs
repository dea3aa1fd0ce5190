//! `netstat -s`: what the protocols have counted, in words. The numbers are those of `/proc/net/snmp` and `netstat`; those
//! that the program has no words for it shows by their names. Source: net-tools 2.10, `statistics.c`.

use kernel::sys::Sys;

/// How a counter is shown.
#[derive(Clone, Copy)]
enum Shown {
    /// Always, the number before the words.
    Always,
    /// As that, unless it is 0.
    IfAny,
    /// Below "input histogram", the number behind, unless it is 0.
    Received,
    /// The same for "output histogram".
    Sent,
    /// It is a setting.
    Never,
}
use Shown::{Always, IfAny, Never, Received, Sent};

type Words = [(&'static str, Shown, &'static str)];

const IP: &Words = &[
    ("DefaultTTL", Never, ""),
    ("InReceives", Always, "total packets received"),
    ("InHdrErrors", IfAny, "with invalid headers"),
    ("InAddrErrors", IfAny, "with invalid addresses"),
    ("ForwDatagrams", Always, "forwarded"),
    ("InUnknownProtos", IfAny, "with unknown protocol"),
    ("InDiscards", Always, "incoming packets discarded"),
    ("InDelivers", Always, "incoming packets delivered"),
    ("OutRequests", Always, "requests sent out"),
    ("OutDiscards", IfAny, "outgoing packets dropped"),
    ("OutNoRoutes", IfAny, "dropped because of missing route"),
    ("ReasmTimeout", IfAny, "fragments dropped after timeout"),
    ("ReasmReqds", IfAny, "reassemblies required"),
    ("ReasmOKs", IfAny, "packets reassembled ok"),
    ("ReasmFails", IfAny, "packet reassemblies failed"),
    ("FragOKs", IfAny, "outgoing packets fragmented ok"),
    ("FragFails", IfAny, "outgoing packets failed fragmentation"),
    ("FragCreates", IfAny, "fragments created"),
];

const ICMP: &Words = &[
    ("InMsgs", Always, "ICMP messages received"),
    ("InErrors", Always, "input ICMP message failed"),
    ("InDestUnreachs", Received, "destination unreachable"),
    ("InTimeExcds", Received, "timeout in transit"),
    ("InParmProbs", Received, "wrong parameters"),
    ("InSrcQuenchs", Received, "source quenches"),
    ("InRedirects", Received, "redirects"),
    ("InEchos", Received, "echo requests"),
    ("InEchoReps", Received, "echo replies"),
    ("OutMsgs", Always, "ICMP messages sent"),
    ("OutErrors", Always, "ICMP messages failed"),
    ("OutDestUnreachs", Sent, "destination unreachable"),
    ("OutTimeExcds", Sent, "time exceeded"),
    ("OutParmProbs", Sent, "wrong parameters"),
    ("OutSrcQuenchs", Sent, "source quench"),
    ("OutRedirects", Sent, "redirect"),
    ("OutEchos", Sent, "echo requests"),
    ("OutEchoReps", Sent, "echo replies"),
];

const TCP: &Words = &[
    ("RtoAlgorithm", Never, ""),
    ("RtoMin", Never, ""),
    ("RtoMax", Never, ""),
    ("MaxConn", Never, ""),
    ("ActiveOpens", Always, "active connection openings"),
    ("PassiveOpens", Always, "passive connection openings"),
    ("AttemptFails", Always, "failed connection attempts"),
    ("EstabResets", Always, "connection resets received"),
    ("CurrEstab", Always, "connections established"),
    ("InSegs", Always, "segments received"),
    ("OutSegs", Always, "segments sent out"),
    ("RetransSegs", Always, "segments retransmitted"),
    ("InErrs", Always, "bad segments received"),
    ("OutRsts", Always, "resets sent"),
];

const UDP: &Words = &[
    ("InDatagrams", Always, "packets received"),
    ("NoPorts", Always, "packets to unknown port received"),
    ("InErrors", Always, "packet receive errors"),
    ("OutDatagrams", Always, "packets sent"),
    ("RcvbufErrors", Always, "receive buffer errors"),
    ("SndbufErrors", Always, "send buffer errors"),
];

const TCP_EXT: &Words = &[
    ("TW", IfAny, "TCP sockets finished time wait in fast timer"),
    (
        "ListenOverflows",
        IfAny,
        "times the listen queue of a socket overflowed",
    ),
    ("ListenDrops", IfAny, "SYNs to LISTEN sockets dropped"),
    ("TCPHPHits", Always, "packet headers predicted"),
    (
        "TCPAbortOnClose",
        IfAny,
        "connections reset due to early user close",
    ),
];

/// Which protocols are asked for; all if none is.
#[derive(Clone, Copy)]
pub(super) struct Protocols {
    pub(super) tcp: bool,
    pub(super) udp: bool,
    pub(super) raw: bool,
}

impl Protocols {
    /// The words for a protocol's counters; `None` if nobody asks for it.
    fn words(self, title: &str) -> Option<&'static Words> {
        let all = !(self.tcp || self.udp || self.raw);
        match title {
            "Ip" => (all || self.raw).then_some(IP),
            "Icmp" => (all || self.raw).then_some(ICMP),
            "Tcp" => (all || self.tcp).then_some(TCP),
            "TcpExt" => (all || self.tcp).then_some(TCP_EXT),
            "Udp" => (all || self.udp).then_some(UDP),
            _ => Some(&[]),
        }
    }
}

/// Prints all counters of the program's namespace that are asked for.
pub(super) fn print(sys: &Sys, protocols: Protocols) {
    let mut deep = false;
    for file in ["/proc/net/snmp", "/proc/net/netstat"] {
        let text = sys.read_text(file).unwrap_or_default();
        let mut lines = text.lines();
        while let (Some(names), Some(numbers)) = (lines.next(), lines.next()) {
            let Some((title, names)) = names.split_once(": ") else {
                continue;
            };
            let Some(words) = protocols.words(title) else {
                continue;
            };
            let numbers = numbers.split_whitespace().skip(1);
            let counters = names.split(' ').zip(numbers);
            sys.out(&section(title, words, counters, &mut deep));
        }
    }
}

/// A protocol's part. `deep`: whether what came last stood below a histogram's title, where what has no words then stands,
/// too.
fn section<'a>(
    title: &str,
    words: &Words,
    counters: impl Iterator<Item = (&'a str, &'a str)>,
    deep: &mut bool,
) -> String {
    let mut out = format!("{title}:\n");
    let mut histogram = "";
    if title == "IpExt" {
        // There its words are the names.
        *deep = false;
    }
    for (name, number) in counters {
        let any = number != "0";
        let known = words.iter().find(|(known, ..)| *known == name);
        let (shown, text) = known.map_or((None, ""), |(_, shown, text)| (Some(*shown), *text));
        let begins = match shown {
            Some(Received) => "input",
            Some(Sent) => "output",
            _ => "",
        };
        if !begins.is_empty() && begins != histogram {
            out += &format!("    {title} {begins} histogram:\n").replace("Icmp", "ICMP");
            histogram = begins;
        }
        match shown {
            Some(Always | IfAny) => *deep = false,
            Some(Received | Sent) => *deep = true,
            Some(Never) | None => {}
        }
        let indent = if *deep { "        " } else { "    " };
        out += &match shown {
            Some(Always) => format!("{indent}{number} {text}\n"),
            Some(IfAny) if any => format!("{indent}{number} {text}\n"),
            Some(Received | Sent) if any => format!("{indent}{text}: {number}\n"),
            None if any => format!("{indent}{name}: {number}\n"),
            _ => continue,
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_words_stands_where_the_last_stood() {
        let mut deep = false;
        let counters = [
            ("InMsgs", "1"),
            ("InEchos", "1"),
            ("OutMsgs", "0"),
            ("OutEchos", "0"),
        ];
        let text = section("Icmp", ICMP, counters.into_iter(), &mut deep);
        assert_eq!(
            text,
            "Icmp:\n    1 ICMP messages received\n    ICMP input histogram:\n        echo requests: 1\n    0 ICMP messages sent\n    ICMP output histogram:\n"
        );
        let text = section("IcmpMsg", &[], [("InType8", "1")].into_iter(), &mut deep);
        assert_eq!(text, "IcmpMsg:\n        InType8: 1\n");
    }
}
