//! A machine's netfilter rules and tracked connections.

use serde::{Deserialize, Serialize};

/// All netfilter rules of a machine's root namespace, and what conntrack remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ruleset {
    /// The machine's name.
    pub machine: String,
    /// Tables in the order they are asked: raw, mangle, nat, filter; those without chains left out.
    pub tables: Vec<RuleTable>,
    /// What `iptables-save` prints.
    pub saved: String,
    /// Tracked connections.
    pub connections: Vec<Connection>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleTable {
    /// `raw`, `mangle`, `nat`, `filter`.
    pub name: String,
    /// `IPv4` or `IPv6`.
    pub family: String,
    /// Chains: built-in ones in hook order, then the others as `iptables -L` lists them.
    pub chains: Vec<RuleChain>,
}

/// One chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleChain {
    /// Its name.
    pub name: String,
    /// `policy ACCEPT, 1 packet` or `2 references`.
    pub note: String,
    /// Its rules in order.
    pub rules: Vec<RuleRow>,
}

/// One rule, in the columns of `iptables -nvL`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its number in the chain, from 1.
    pub number: u32,
    /// Packets counted.
    pub packets: u64,
    /// Bytes counted.
    pub bytes: u64,
    /// Its target.
    pub target: String,
    /// Interface in, `*` for any.
    pub input: String,
    /// Interface out, `*` for any.
    pub output: String,
    /// Source.
    pub source: String,
    /// Destination.
    pub destination: String,
    /// Protocol and matches, and the target's options.
    pub matches: String,
}

/// A tracked connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Connection {
    /// `tcp`, `udp`, `icmp`.
    pub protocol: String,
    /// Its state, such as `ESTABLISHED`; empty where the protocol has none.
    pub state: String,
    /// `192.168.1.50:51514 → 192.168.1.10:8080`.
    pub original: String,
    /// The reply that is expected.
    pub reply: String,
    /// Seconds until it is forgotten.
    pub expires_s: u64,
}
