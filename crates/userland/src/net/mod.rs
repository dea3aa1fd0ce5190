//! Network tools.
//!
//! [`resolv`] is the C library's resolver, which all of them share; [`connect`], [`stream`] and [`http`] are what the clients
//! have in common.

pub mod connect;
pub mod http;
pub mod mywire;
pub mod pgwire;
pub mod pump;
pub mod resolv;
pub mod resp;
pub mod services;
pub mod stream;

pub mod arping;
pub mod conntrack;
pub mod curl;
pub mod dns;
pub mod iptables;
mod layer2;
pub mod mtr;
pub mod mysql;
pub mod nc;
pub mod ncat;
pub mod nft;
pub mod ping;
pub mod psql;
pub mod redis_cli;
pub mod socat;
pub mod tcpdump;
pub mod traceroute;
pub mod ufw;
pub mod wget;

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    gnu "curl", "fetch an address", curl::WORDS, curl::main;
    gnu "dig", "ask a name server", &["+short", "+noall", "+answer", "+tcp", "+search", "-x"], dns::dig::main;
    gnu "getent", "ask the C library's databases", &["hosts", "ahosts", "ahostsv4", "passwd", "group", "services"], dns::getent::main;
    gnu "host", "look a name up", &["-t"], dns::host::main;
    both "nc", "connect and listen", &["-z", "-v", "-w", "-u", "-l", "-k"], nc::main;
    gnu "ncat", "connect and listen", &["-z", "-v", "-w", "-u", "-l", "-k", "-e"], ncat::main;
    gnu "psql", "talk to PostgreSQL", &["-h", "-U", "-p", "-d", "-c", "-t", "-A"], psql::main;
    gnu "pg_isready", "ask whether PostgreSQL answers", &["-h", "-p", "-U", "-t", "-q"], psql::ready;
    gnu "mtr", "find the way, again and again", &["--report", "-n", "-c"], mtr::main;
    gnu "socat", "join two streams", &["TCP-LISTEN:", "TCP:", "EXEC:"], socat::main;
    gnu "tcpdump", "show the packets that pass a device", tcpdump::WORDS, tcpdump::main;
    plain gnu "ebtables", "list the rules of bridges", &["-L", "-t"], layer2::ebtables;
    plain gnu "arptables", "list the rules for ARP", &["-L"], layer2::arptables;
    gnu "mysql", "talk to MySQL", &["-h", "-u", "-e"], mysql::main;
    gnu "mysqladmin", "ask whether MySQL lives", &["-h", "-u", "ping"], mysql::admin;
    gnu "redis-cli", "talk to Redis", &["-h", "-p", "ping", "get", "set", "incr", "keys", "info"], redis_cli::main;
    both "arping", "ask for a hardware address", &["-c", "-w", "-I"], arping::main;
    gnu "tracepath", "find the way and its MTU", &["-n"], traceroute::tracepath;
    both "traceroute", "find the way to a host", &["-n", "-m", "-w", "-q", "-I"], traceroute::main;
    both "traceroute6", "find the way to a host by IPv6", &["-n", "-m", "-w", "-q"], traceroute::main;
    both "telnet", "connect to a port", &[], ncat::telnet;
    both "wget", "fetch an address", &["-q", "-O", "-S", "-T"], wget::main;
    both "nslookup", "look a name up", &["-type=a", "-type=aaaa", "-type=mx", "-type=ptr", "-type=txt"], dns::nslookup::main;
    both "ping", "ask a host for an echo", &["-c", "-i", "-W", "-w", "-s", "-t", "-I", "-q", "-n", "-4", "-6"], ping::main;
    both "ping6", "ask a host for an echo by IPv6", &["-c", "-i", "-W", "-w", "-s", "-I", "-q"], ping::main;
}
