//! How long entries live.

use super::TcpState;
use crate::time::Duration;

/// The timeouts, at first Linux's defaults; `net.netfilter.nf_conntrack_*_timeout*` change them.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// TCP, SYN seen.
    pub tcp_syn_sent: Duration,
    /// TCP, SYN answered.
    pub tcp_syn_recv: Duration,
    /// TCP, open.
    pub tcp_established: Duration,
    /// TCP, one side has ended.
    pub tcp_fin_wait: Duration,
    /// TCP, the end is acknowledged.
    pub tcp_close_wait: Duration,
    /// TCP, both have ended.
    pub tcp_last_ack: Duration,
    /// TCP, over.
    pub tcp_time_wait: Duration,
    /// TCP, reset.
    pub tcp_close: Duration,
    /// TCP, at most this while data waits for an acknowledgement.
    pub tcp_unacknowledged: Duration,
    /// UDP, not answered.
    pub udp: Duration,
    /// UDP, a stream in both directions.
    pub udp_stream: Duration,
    /// ICMP queries of both families.
    pub icmp: Duration,
    /// Other protocols.
    pub generic: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            tcp_syn_sent: Duration::from_secs(120),
            tcp_syn_recv: Duration::from_secs(60),
            // Five days: an idle connection must not lose its translation.
            tcp_established: Duration::from_secs(432_000),
            tcp_fin_wait: Duration::from_secs(120),
            tcp_close_wait: Duration::from_secs(60),
            tcp_last_ack: Duration::from_secs(30),
            tcp_time_wait: Duration::from_secs(120),
            tcp_close: Duration::from_secs(10),
            tcp_unacknowledged: Duration::from_secs(300),
            udp: Duration::from_secs(30),
            udp_stream: Duration::from_secs(120),
            icmp: Duration::from_secs(30),
            generic: Duration::from_secs(600),
        }
    }
}

impl Timeouts {
    /// The time that the sysctl `net.netfilter.nf_conntrack_NAME` sets; `None` if it sets none.
    pub(crate) fn named(&mut self, name: &str) -> Option<&mut Duration> {
        Some(match name {
            "generic_timeout" => &mut self.generic,
            "icmp_timeout" | "icmpv6_timeout" => &mut self.icmp,
            "tcp_timeout_close" => &mut self.tcp_close,
            "tcp_timeout_close_wait" => &mut self.tcp_close_wait,
            "tcp_timeout_established" => &mut self.tcp_established,
            "tcp_timeout_fin_wait" => &mut self.tcp_fin_wait,
            "tcp_timeout_last_ack" => &mut self.tcp_last_ack,
            "tcp_timeout_syn_recv" => &mut self.tcp_syn_recv,
            "tcp_timeout_syn_sent" => &mut self.tcp_syn_sent,
            "tcp_timeout_time_wait" => &mut self.tcp_time_wait,
            "tcp_timeout_unacknowledged" => &mut self.tcp_unacknowledged,
            "udp_timeout" => &mut self.udp,
            "udp_timeout_stream" => &mut self.udp_stream,
            _ => return None,
        })
    }

    /// The time for a TCP state.
    #[must_use]
    pub const fn tcp(&self, state: TcpState) -> Duration {
        match state {
            TcpState::None | TcpState::SynSent | TcpState::SynSent2 => self.tcp_syn_sent,
            TcpState::SynRecv => self.tcp_syn_recv,
            TcpState::Established => self.tcp_established,
            TcpState::FinWait => self.tcp_fin_wait,
            TcpState::CloseWait => self.tcp_close_wait,
            TcpState::LastAck => self.tcp_last_ack,
            TcpState::TimeWait => self.tcp_time_wait,
            TcpState::Close => self.tcp_close,
        }
    }
}
