//! Docker's packet filter rules: [`bridge`] says which, [`rule`] what one is, [`Firewall`] writes them.
//!
//! Nothing else in the engine writes rules on the machine.

mod apply;
pub mod bridge;
pub(crate) mod ingress;
pub mod rule;

use kernel::Kernel;
use kernel::ids::NetnsId;

use self::bridge::Settings;
use self::rule::{Family, Placed, Table};
use crate::error::Result;

/// Writes rules, or not, as the engine's settings say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Firewall {
    /// True if iptables is written.
    pub v4: bool,
    /// True if ip6tables is written.
    pub v6: bool,
}

impl Firewall {
    fn writes(self, family: Family) -> bool {
        match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }

    /// Makes the chains, empty, and the rules that are there before any network.
    pub fn start(self, kernel: &mut Kernel, ns: NetnsId, settings: Settings) {
        for family in [Family::V4, Family::V6] {
            if self.writes(family) {
                let base = bridge::base(family, settings);
                let Some((user, own)) = base.split_last() else {
                    continue;
                };
                for userland_proxy in [true, false] {
                    let settings = Settings {
                        userland_proxy,
                        ..settings
                    };
                    let before = bridge::base(family, settings).into_iter();
                    let nat: Vec<_> = before.filter(|p| p.table == Table::Nat).collect();
                    self.remove(kernel, ns, &nat);
                }
                apply::make_chains(kernel, ns, family);
                // Those that lead to the engine's chains come first again, whatever was put before them.
                self.remove(kernel, ns, &base);
                let _ = self.add(kernel, ns, own);
                apply::new_chain(kernel, ns, family, Table::Filter, bridge::USER);
                let _ = self.add(kernel, ns, std::slice::from_ref(user));
            }
        }
    }

    /// Adds rules, each once. Errors: `Internal`, in the engine's words, if a chain that it made at its start is gone; what
    /// was added is removed again then, except by a set-up that failed half-way.
    pub fn add(self, kernel: &mut Kernel, ns: NetnsId, placed: &[Placed]) -> Result<()> {
        for (n, p) in placed.iter().enumerate() {
            if self.writes(p.family)
                && let Err(error) = apply::add(kernel, ns, p)
            {
                if !p.in_setup {
                    self.remove(kernel, ns, placed.get(..n).unwrap_or_default());
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes rules.
    pub fn remove(self, kernel: &mut Kernel, ns: NetnsId, placed: &[Placed]) {
        for p in placed.iter().filter(|p| self.writes(p.family)) {
            apply::remove(kernel, ns, p);
        }
    }

    /// Makes DROP the policy for packets on their way through, as the engine does where it turned forwarding on.
    pub fn drop_forwarded(self, kernel: &mut Kernel, ns: NetnsId, family: Family) {
        if self.writes(family) {
            apply::drop_forwarded(kernel, ns, family);
        }
    }
}

/// Writes the rules in a container's namespace by which 127.0.0.11:53 leads to the ports of its DNS server.
/// Source: moby `libnetwork/resolver_unix.go`.
pub fn lead_to_resolver(kernel: &mut Kernel, ns: NetnsId, tcp: u16, udp: u16) {
    const OUTPUT: &str = "DOCKER_OUTPUT";
    const POSTROUTING: &str = "DOCKER_POSTROUTING";
    use rule::{Match, Place, PortMatch, Rule, Target, is};
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};
    let server = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11));
    let net = ipnet::IpNet::from(server);
    apply::make_chain(kernel, ns, Family::V4, Table::Nat, OUTPUT);
    apply::make_chain(kernel, ns, Family::V4, Table::Nat, POSTROUTING);
    let mut put = |chain, matches, target| {
        let rule = Rule { matches, target };
        let placed = Placed {
            family: Family::V4,
            table: Table::Nat,
            chain,
            place: Place::Tail,
            rule,
            failure: "",
            in_setup: false,
        };
        let _ = apply::add(kernel, ns, &placed);
    };
    let to = || Match {
        destination: is(net),
        ..Match::default()
    };
    put("OUTPUT", to(), Target::Jump(OUTPUT));
    put("POSTROUTING", to(), Target::Jump(POSTROUTING));
    for (proto, port) in [
        (crate::ports::Proto::Tcp, tcp),
        (crate::ports::Proto::Udp, udp),
    ] {
        let asked = PortMatch {
            proto,
            sport: None,
            dport: Some(53),
        };
        put(
            OUTPUT,
            Match {
                proto: Some(asked),
                ..to()
            },
            Target::Dnat(SocketAddr::new(server, port)),
        );
        let answered = PortMatch {
            proto,
            sport: Some(port),
            dport: None,
        };
        let matches = Match {
            source: is(net),
            proto: Some(answered),
            ..Match::default()
        };
        put(POSTROUTING, matches, Target::Snat(None, Some(53)));
    }
}
