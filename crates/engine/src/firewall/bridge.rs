//! The rules of bridge networks, their endpoints and their published ports, in the order in which the engine makes them.
//!
//! Pure: a description goes in, rules come out. Source: moby `libnetwork/drivers/bridge/internal/iptabler`.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::rule::{Family, Match, Place, Placed, PortMatch, Rule, Table, Target, is, not};
use crate::ports::Proto;

/// How packets get between a bridge network and the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GatewayMode {
    /// Addresses are translated, and only published ports can be reached.
    #[default]
    Nat,
    /// Published ports by translation, but direct access is not barred either.
    NatUnprotected,
    /// No translation; published ports are open at the container's own address.
    Routed,
    /// The bridge has no address on the machine.
    Isolated,
}

/// Settings of the whole engine that shape rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// True if docker-proxy carries what DNAT does not reach.
    pub userland_proxy: bool,
    /// True if containers may be reached directly from outside even in mode nat.
    pub allow_direct_routing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            userland_proxy: true,
            allow_direct_routing: false,
        }
    }
}

/// What one family of a bridge network looks like.
#[derive(Clone, Debug, Default)]
pub struct NetworkRules {
    /// The Linux bridge.
    pub bridge: String,
    /// The subnet.
    pub subnet: IpNet,
    /// How it meets the world.
    pub mode: GatewayMode,
    /// True if its containers may talk to each other.
    pub icc: bool,
    /// True if nothing enters or leaves.
    pub internal: bool,
    /// True if outgoing packets take the machine's address.
    pub masquerade: bool,
    /// The address they take instead of that of the interface.
    pub snat_to: Option<IpAddr>,
    /// Interfaces from which containers may be reached directly.
    pub trusted: Vec<String>,
}

/// One published port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRule {
    /// The protocol.
    pub proto: Proto,
    /// Address on the machine; unspecified for all.
    pub host: IpAddr,
    /// Port on the machine.
    pub host_port: u16,
    /// Where it leads.
    pub container: SocketAddr,
}

/// The chain for rules of the machine's owner.
pub const USER: &str = "DOCKER-USER";

const DOCKER: &str = "DOCKER";
const STAGE_1: &str = "DOCKER-ISOLATION-STAGE-1";
const STAGE_2: &str = "DOCKER-ISOLATION-STAGE-2";
const FORWARD: &str = "DOCKER-FORWARD";
const BRIDGE: &str = "DOCKER-BRIDGE";
const CT: &str = "DOCKER-CT";
const ISOLATING: &str = "add inter-network communication rule";

/// Gathers rules of one family.
struct Rules {
    family: Family,
    placed: Vec<Placed>,
}

impl Rules {
    fn new(family: Family) -> Self {
        Self {
            family,
            placed: Vec::new(),
        }
    }

    fn put(
        &mut self,
        place: Place,
        (table, chain): (Table, &'static str),
        (matches, target): (Match, Target),
    ) -> &mut Self {
        self.placed.push(Placed {
            family: self.family,
            table,
            chain,
            place,
            rule: Rule { matches, target },
            failure: "",
            in_setup: false,
        });
        self
    }

    fn append(
        &mut self,
        table: Table,
        chain: &'static str,
        matches: Match,
        target: Target,
    ) -> &mut Self {
        self.put(Place::Tail, (table, chain), (matches, target))
    }

    fn insert(
        &mut self,
        table: Table,
        chain: &'static str,
        matches: Match,
        target: Target,
    ) -> &mut Self {
        self.put(Place::Head, (table, chain), (matches, target))
    }

    /// Says what an error about the rule put last begins with.
    fn or(&mut self, failure: &'static str) {
        if let Some(last) = self.placed.last_mut() {
            last.failure = failure;
        }
    }

    /// The same for a rule of the engine's first step, which leaves what it wrote when it fails.
    fn or_in_setup(&mut self, failure: &'static str) {
        self.or(failure);
        if let Some(last) = self.placed.last_mut() {
            last.in_setup = true;
        }
    }
}

/// The chains that the engine makes at its start, by table; what users put into [`USER`] stays.
pub const CHAINS: [(Table, &str); 7] = [
    (Table::Nat, DOCKER),
    (Table::Filter, DOCKER),
    (Table::Filter, FORWARD),
    (Table::Filter, BRIDGE),
    (Table::Filter, CT),
    (Table::Filter, STAGE_1),
    (Table::Filter, STAGE_2),
];

/// Returns the rules that are there before any network; the last one leads to [`USER`].
pub fn base(family: Family, settings: Settings) -> Vec<Placed> {
    let mut rules = Rules::new(family);
    for chain in [CT, STAGE_1, BRIDGE] {
        rules.append(
            Table::Filter,
            FORWARD,
            Match::default(),
            Target::Jump(chain),
        );
    }
    let to_local = || Match {
        to_local: true,
        ..Match::default()
    };
    rules.append(Table::Nat, "PREROUTING", to_local(), Target::Jump(DOCKER));
    let mut output = to_local();
    if settings.userland_proxy {
        let loopback = if family == Family::V4 {
            "127.0.0.0/8"
        } else {
            "::1/128"
        };
        output.destination = loopback.parse::<IpNet>().ok().and_then(not);
    }
    rules.append(Table::Nat, "OUTPUT", output, Target::Jump(DOCKER));
    rules.insert(
        Table::Filter,
        "FORWARD",
        Match::default(),
        Target::Jump(FORWARD),
    );
    rules.insert(
        Table::Filter,
        "FORWARD",
        Match::default(),
        Target::Jump(USER),
    );
    rules.placed
}

/// The rule of a network that only a daemon without its proxy needs, and that others take away if they find it.
/// Source: moby `iptabler/network.go`, `setupNonInternalNetworkRules`.
pub fn hairpin(n: &NetworkRules) -> Vec<Placed> {
    let without_proxy = Settings {
        userland_proxy: false,
        allow_direct_routing: false,
    };
    let mut rules = network(n, without_proxy);
    rules.retain(|placed| placed.rule.matches.from_local);
    rules
}

/// Returns the rules of one family of a network.
pub fn network(n: &NetworkRules, settings: Settings) -> Vec<Placed> {
    let mut rules = Rules::new(Family::of(n.subnet.addr()));
    let into = || Match {
        output: is(n.bridge.as_str()),
        ..Match::default()
    };
    let from = || Match {
        input: is(n.bridge.as_str()),
        ..Match::default()
    };
    let leaving = || Match {
        output: not(n.bridge.as_str()),
        ..from()
    };
    let entering = || Match {
        input: not(n.bridge.as_str()),
        ..into()
    };
    let within = || Match {
        output: is(n.bridge.as_str()),
        ..from()
    };
    let icc = if n.icc { Target::Accept } else { Target::Drop };
    if n.internal {
        // Link-local and multicast packets of IPv6 stay on the bridge, with addresses that are not of its subnet.
        let v6 = n.subnet.addr().is_ipv6();
        let (out_of, in_to) = match v6 {
            true => (leaving(), entering()),
            false => (from(), into()),
        };
        let outgoing = Match {
            destination: not(n.subnet),
            ..out_of
        };
        let incoming = Match {
            source: not(n.subnet),
            ..in_to
        };
        rules
            .insert(Table::Filter, STAGE_1, outgoing, Target::Drop)
            .or_in_setup("Unable to enable DROP INCOMING rule");
        rules
            .insert(Table::Filter, STAGE_1, incoming, Target::Drop)
            .or_in_setup("Unable to enable DROP OUTGOING rule");
        rules
            .append(Table::Filter, FORWARD, within(), icc)
            .or_in_setup(if n.icc {
                "Unable to allow intercontainer communication"
            } else {
                "Unable to prevent intercontainer communication"
            });
        return rules.placed;
    }
    let to = n
        .snat_to
        .map_or(Target::Masquerade, |addr| Target::Snat(Some(addr), None));
    if n.masquerade && n.mode != GatewayMode::Routed {
        let matches = Match {
            source: is(n.subnet),
            output: not(n.bridge.as_str()),
            ..Match::default()
        };
        rules
            .insert(Table::Nat, "POSTROUTING", matches, to.clone())
            .or_in_setup("Unable to enable NAT rule");
    }
    // Also where nothing else is masqueraded: the machine's own loopback address must not reach a container.
    if !settings.userland_proxy {
        rules
            .insert(
                Table::Nat,
                "POSTROUTING",
                Match {
                    from_local: true,
                    ..into()
                },
                to,
            )
            .or_in_setup("Unable to enable MASQ LOCAL HOST rule");
    }
    if n.masquerade && settings.userland_proxy {
        rules
            .insert(Table::Nat, DOCKER, from(), Target::Return)
            .or_in_setup("Unable to enable SKIP DNAT rule");
    }
    if !n.icc {
        rules
            .append(Table::Filter, FORWARD, within(), Target::Drop)
            .or_in_setup("Unable to prevent intercontainer communication");
    }
    if n.mode == GatewayMode::Routed {
        let icmp = Match {
            icmp: true,
            ..into()
        };
        rules
            .append(Table::Filter, DOCKER, icmp, Target::Accept)
            .or_in_setup("Unable to enable ICMP rule");
    }
    let (out_of, failure) = if n.icc {
        (from(), "Unable to enable ACCEPT OUTGOING rule")
    } else {
        (leaving(), "Unable to enable ACCEPT NON_ICC OUTGOING rule")
    };
    rules
        .append(Table::Filter, FORWARD, out_of, Target::Accept)
        .or_in_setup(failure);
    let unpublished = if n.mode == GatewayMode::NatUnprotected {
        Target::Accept
    } else {
        Target::Drop
    };
    rules
        .append(Table::Filter, DOCKER, entering(), unpublished)
        .or("failed to add default-drop rule: Unable to enable DEFAULT FWD rule");
    let established = |m| Match {
        established: true,
        ..m
    };
    rules
        .append(Table::Filter, CT, established(into()), Target::Accept)
        .or("Unable to enable bridge ct related rule");
    rules
        .append(Table::Filter, BRIDGE, into(), Target::Jump(DOCKER))
        .or("Unable to enable jump to docker rule");
    if n.mode == GatewayMode::Routed {
        rules
            .insert(Table::Filter, STAGE_1, into(), Target::Return)
            .or(ISOLATING);
        rules
            .insert(Table::Filter, STAGE_1, established(from()), Target::Accept)
            .or(ISOLATING);
    }
    rules
        .append(Table::Filter, STAGE_1, leaving(), Target::Jump(STAGE_2))
        .or(ISOLATING);
    rules
        .insert(Table::Filter, STAGE_2, into(), Target::Drop)
        .or(ISOLATING);
    rules.placed
}

/// Returns the rules of one address of an endpoint: they bar direct access from other interfaces.
pub fn endpoint(n: &NetworkRules, addr: IpAddr, settings: Settings) -> Vec<Placed> {
    let mut rules = Rules::new(Family::of(addr));
    if n.internal || n.mode != GatewayMode::Nat || settings.allow_direct_routing {
        return rules.placed;
    }
    let to = || Match {
        destination: is(IpNet::from(addr)),
        ..Match::default()
    };
    for interface in &n.trusted {
        rules.append(
            Table::Raw,
            "PREROUTING",
            Match {
                input: is(interface.as_str()),
                ..to()
            },
            Target::Accept,
        );
    }
    rules.append(
        Table::Raw,
        "PREROUTING",
        Match {
            input: not(n.bridge.as_str()),
            ..to()
        },
        Target::Drop,
    );
    rules.placed
}

/// Returns the rules of one published port. Both ends must be of one family; what docker-proxy alone carries has none.
pub fn port(n: &NetworkRules, p: &PortRule, settings: Settings) -> Vec<Placed> {
    let mut rules = Rules::new(Family::of(p.container.ip()));
    let dport = |port| {
        Some(PortMatch {
            proto: p.proto,
            sport: None,
            dport: Some(port),
        })
    };
    let container = IpNet::from(p.container.ip());
    if n.mode != GatewayMode::Routed {
        let mut matches = Match {
            proto: dport(p.host_port),
            ..Match::default()
        };
        if settings.userland_proxy {
            matches.input = not(n.bridge.as_str());
        }
        if !p.host.is_unspecified() {
            matches.destination = is(IpNet::from(p.host));
        }
        if p.container.is_ipv6() {
            matches.source = "fe80::/10".parse::<IpNet>().ok().and_then(not);
        }
        rules
            .append(Table::Nat, DOCKER, matches, Target::Dnat(p.container))
            .or("Unable to enable DNAT rule");
        if !settings.userland_proxy {
            let hairpin = Match {
                source: is(container),
                destination: is(container),
                proto: dport(p.container.port()),
                ..Match::default()
            };
            rules.append(Table::Nat, "POSTROUTING", hairpin, Target::Masquerade);
        }
    }
    if n.mode != GatewayMode::NatUnprotected {
        let matches = Match {
            destination: is(container),
            input: not(n.bridge.as_str()),
            output: is(n.bridge.as_str()),
            proto: dport(p.container.port()),
            ..Match::default()
        };
        rules
            .insert(Table::Filter, DOCKER, matches, Target::Accept)
            .or("Unable to enable OPEN PORT rule");
    }
    if p.host.is_loopback() && p.host.is_ipv4() && n.mode != GatewayMode::Routed {
        let matches = Match {
            destination: is(IpNet::from(p.host)),
            input: not("lo"),
            proto: dport(p.host_port),
            ..Match::default()
        };
        rules.append(Table::Raw, "PREROUTING", matches, Target::Drop);
    }
    rules.placed
}

/// Returns the rules by which a legacy link opens one port between two containers of a bridge without icc.
pub fn link(bridge: &str, child: IpAddr, parent: IpAddr, port: u16, proto: Proto) -> Vec<Placed> {
    let mut rules = Rules::new(Family::of(child));
    let between = |source: IpAddr, destination: IpAddr, sport, dport| Match {
        source: is(IpNet::from(source)),
        destination: is(IpNet::from(destination)),
        input: is(bridge),
        output: is(bridge),
        proto: Some(PortMatch {
            proto,
            sport,
            dport,
        }),
        ..Match::default()
    };
    rules.append(
        Table::Filter,
        DOCKER,
        between(parent, child, None, Some(port)),
        Target::Accept,
    );
    rules.append(
        Table::Filter,
        DOCKER,
        between(child, parent, Some(port), None),
        Target::Accept,
    );
    rules.placed
}

#[cfg(test)]
mod tests;
