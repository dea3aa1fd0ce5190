//! What `ss` tells of a socket beyond its columns: `-o`, `-e`, `-m` and `-i`.
//!
//! What this kernel does not know (congestion windows, delivery rates, the memory that data takes beyond its bytes) is left
//! out or 0. Order and names are those of iproute2 7 (`misc/ss.c`, `inet_show_sock`, `tcp_stats_print`).

use kernel::Kernel;
use kernel::process::local::LocalSocket;
use kernel::sock::tcp::TcpInfo;
use kernel::sock::{SockType, SocketInfo};
use kernel::time::{Duration, Instant};

/// Bytes that a connection takes before it is read. Source: `net.ipv4.tcp_rmem`, default.
const TCP_RECEIVE: usize = 131_072;
/// Bytes that a connection takes from its program. Source: `net.ipv4.tcp_wmem`, default, and what a connection begins with.
const TCP_SEND: (usize, usize) = (16_384, 87_040);
/// The same of other sockets. Source: `net.core.rmem_default`.
const OTHER: usize = 212_992;
/// How finely the kernel's clock of timeouts ticks. Source: Linux with `CONFIG_HZ_250`.
const TICK: Duration = Duration::from_millis(4);

/// Which details are told.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Details {
    /// `-o`: timers.
    pub(super) timers: bool,
    /// `-e`: owner, number, cgroup and what is shut down.
    pub(super) extended: bool,
    /// `-m`: memory.
    pub(super) memory: bool,
    /// `-i`: what TCP has measured.
    pub(super) internal: bool,
    /// `-O`: all on one line.
    pub(super) one_line: bool,
}

impl Details {
    /// The details of a socket of an IP family.
    pub(super) fn of(self, k: &Kernel, s: &SocketInfo) -> String {
        let mut out = String::new();
        let timer = s.timer.filter(|_| self.timers || self.extended);
        if let Some(running) = timer {
            out += &timer_text(running, k.now);
        }
        if self.extended {
            out += &extended(k, s);
        }
        let mut below = Vec::new();
        if self.memory {
            below.push(memory(s));
        }
        if self.internal && s.kind == SockType::Stream {
            let known = k.sock_tcp_info(s.id).filter(|_| s.state != "TIME-WAIT");
            below.push(self.measured(k, s, known));
        }
        if !below.is_empty() {
            let start = if self.one_line { " " } else { "\n\t " };
            out = out + start + &below.join(" ");
        }
        out
    }

    /// The details of a socket of AF_UNIX.
    pub(super) fn of_local(self, socket: &LocalSocket) -> String {
        let mut out = String::new();
        if self.extended {
            out += " <->";
            if socket.path.is_some() {
                out += &format!(" ino:{}", socket.inode);
            }
        }
        if self.memory {
            out += &format!(" skmem:(r0,rb{OTHER},t0,tb{OTHER},f0,w0,o0,bl0,d0)");
        }
        out
    }

    fn measured(self, k: &Kernel, s: &SocketInfo, info: Option<TcpInfo>) -> String {
        let mut words: Vec<String> = Vec::new();
        let info = info.filter(|_| s.state != "LISTEN");
        if let Some(info) = &info
            && info.timestamps
            && (self.timers || self.extended)
        {
            words.push("ts sack".to_owned());
        }
        let algorithm = k.sock_netns(s.id);
        let algorithm =
            algorithm.and_then(|ns| k.sysctl_get(ns, "net/ipv4/tcp_congestion_control"));
        words.extend(algorithm);
        if let Some(info) = &info {
            words.extend(tcp(k, s, info));
        }
        words.join(" ")
    }
}

fn extended(k: &Kernel, s: &SocketInfo) -> String {
    let mut out = String::new();
    let owner = s.owner.and_then(|owner| k.proc.get(owner));
    if let Some(process) = owner.filter(|process| process.uid != 0) {
        out += &format!(" uid:{}", process.uid);
    }
    let waits = s.state == "TIME-WAIT";
    // What only waits for stragglers is no program's any more.
    let inode = if waits { 0 } else { s.id.0 };
    out += &format!(" ino:{inode} sk:{:x}", s.id.0);
    if s.local.is_ipv6() {
        out += &format!(" v6only:{}", u8::from(s.v6_only));
    }
    if !waits {
        let (reads, writes) = match s.state {
            "CLOSE-WAIT" => ('-', '>'),
            "FIN-WAIT-1" | "FIN-WAIT-2" => ('<', '-'),
            "LAST-ACK" | "CLOSING" => ('-', '-'),
            _ => ('<', '>'),
        };
        out += &format!(" cgroup:/ {reads}-{writes}");
    }
    out
}

fn memory(s: &SocketInfo) -> String {
    let connection = s.remote.port() != 0 && s.state != "SYN-SENT";
    let (receive, send) = match s.kind {
        SockType::Stream if connection => (TCP_RECEIVE, TCP_SEND.1),
        SockType::Stream => (TCP_RECEIVE, TCP_SEND.0),
        _ => (OTHER, OTHER),
    };
    let listens = s.state == "LISTEN";
    let read = if listens { 0 } else { s.recv_queue };
    let unsent = if listens { 0 } else { s.send_queue };
    format!("skmem:(r{read},rb{receive},t0,tb{send},f0,w{unsent},o0,bl0,d0)")
}

/// What a connection has measured, counted and agreed on.
fn tcp(k: &Kernel, s: &SocketInfo, info: &TcpInfo) -> Vec<String> {
    let mut words = Vec::new();
    let tally = &info.tally;
    let mut word = |name: &str, value: String| words.push(format!("{name}:{value}"));
    if let Some((theirs, ours)) = info.scales.filter(|_| s.state != "SYN-SENT") {
        word("wscale", format!("{theirs},{ours}"));
    }
    let ticks = info.timeout.as_nanos().div_ceil(TICK.as_nanos());
    word("rto", (ticks * TICK.as_millis()).to_string());
    if info.backoff > 0 {
        word("backoff", info.backoff.to_string());
    }
    if let Some((smoothed, variation)) = info.round_trip {
        word("rtt", format!("{}/{}", ms(smoothed), ms(variation)));
    }
    word("mss", info.segment.to_string());
    if let Some(ns) = k.sock_netns(s.id) {
        word("pmtu", k.mtu_for(ns, s.remote.ip()).to_string());
    }
    word("rcvmss", info.received_segment.to_string());
    word("advmss", info.advertised.to_string());
    let counted = [
        ("bytes_sent", tally.bytes_sent),
        ("bytes_retrans", tally.bytes_retransmitted),
        ("bytes_acked", tally.bytes_acknowledged),
        ("bytes_received", tally.bytes_received),
        ("segs_out", u64::from(tally.segments_out)),
        ("segs_in", u64::from(tally.segments_in)),
        ("data_segs_out", u64::from(tally.data_segments_out)),
        ("data_segs_in", u64::from(tally.data_segments_in)),
    ];
    for (name, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
        word(name, count.to_string());
    }
    for (name, at) in [
        ("lastsnd", tally.last_sent),
        ("lastrcv", tally.last_received),
        ("lastack", tally.last_acknowledged),
    ] {
        let since = k.now.since(at).as_millis();
        if since > 0 {
            word(name, since.to_string());
        }
    }
    if info.unacknowledged > 0 {
        word("unacked", info.unacknowledged.to_string());
    }
    if tally.retransmissions > 0 {
        let pending = u32::from(info.pending);
        word("retrans", format!("{pending}/{}", tally.retransmissions));
    }
    if info.unsent > 0 {
        word("notsent", info.unsent.to_string());
    }
    if let Some(fastest) = tally.fastest {
        word("minrtt", ms(fastest));
    }
    if info.send_window > 0 {
        word("snd_wnd", info.send_window.to_string());
    }
    word("rcv_wnd", info.receive_window.to_string());
    words
}

/// Milliseconds with what six digits show of their parts, as C's `%g` writes them.
fn ms(time: Duration) -> String {
    let micros = time.as_micros();
    let whole = micros / 1000;
    let digits = 3usize.saturating_sub(whole.to_string().len().saturating_sub(3));
    let text = format!("{whole}.{:03}", micros % 1000);
    let kept = text.get(..text.len() - (3 - digits)).unwrap_or(&text);
    kept.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A socket's timer, as ` timer:(timewait,59sec,0)`.
fn timer_text((name, at, retries): (&str, Instant, u32), now: Instant) -> String {
    let ms = at.since(now).as_millis();
    let (minutes, seconds, ms) = (ms / 60_000, ms / 1000 % 60, ms % 1000);
    let mut left = String::new();
    if minutes > 0 {
        left.push_str(&format!("{minutes}min"));
    }
    let seconds = if minutes > 9 { 0 } else { seconds };
    let ms = if minutes > 0 || seconds > 9 { 0 } else { ms };
    if seconds > 0 {
        left.push_str(&format!("{seconds}{}", if ms > 0 { "." } else { "sec" }));
    }
    if ms > 0 {
        left.push_str(&format!("{ms:03}ms"));
    }
    format!(" timer:({name},{left},{retries})")
}
