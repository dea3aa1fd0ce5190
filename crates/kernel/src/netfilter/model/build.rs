//! Writing rules in code, one condition after the other, as on iptables' command line.

use super::{
    AddrTypes, ConntrackMatch, CtStates, IfPattern, Inv, Match, PortRange, Rule, Target, TcpMatch,
    UdpMatch,
};
use crate::netfilter::ctx::AddrType;
use ipnet::IpNet;
use std::rc::Rc;
use wire::Proto;

impl Rule {
    /// A rule without conditions that does nothing but count.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `-s NET`
    #[must_use]
    pub fn src(self, net: impl Into<IpNet>) -> Self {
        Self {
            src: Some(Inv::is(net.into())),
            ..self
        }
    }

    /// `! -s NET`
    #[must_use]
    pub fn not_src(self, net: impl Into<IpNet>) -> Self {
        Self {
            src: Some(Inv::not(net.into())),
            ..self
        }
    }

    /// `-d NET`
    #[must_use]
    pub fn dst(self, net: impl Into<IpNet>) -> Self {
        Self {
            dst: Some(Inv::is(net.into())),
            ..self
        }
    }

    /// `! -d NET`
    #[must_use]
    pub fn not_dst(self, net: impl Into<IpNet>) -> Self {
        Self {
            dst: Some(Inv::not(net.into())),
            ..self
        }
    }

    /// `-i NAME`
    #[must_use]
    pub fn in_if(self, name: &str) -> Self {
        Self {
            in_if: Some(Inv::is(IfPattern::new(name))),
            ..self
        }
    }

    /// `! -i NAME`
    #[must_use]
    pub fn not_in_if(self, name: &str) -> Self {
        Self {
            in_if: Some(Inv::not(IfPattern::new(name))),
            ..self
        }
    }

    /// `-o NAME`
    #[must_use]
    pub fn out_if(self, name: &str) -> Self {
        Self {
            out_if: Some(Inv::is(IfPattern::new(name))),
            ..self
        }
    }

    /// `! -o NAME`
    #[must_use]
    pub fn not_out_if(self, name: &str) -> Self {
        Self {
            out_if: Some(Inv::not(IfPattern::new(name))),
            ..self
        }
    }

    /// `-p PROTO`
    #[must_use]
    pub fn proto(self, proto: Proto) -> Self {
        Self {
            proto: Some(Inv::is(proto)),
            ..self
        }
    }

    /// `--sport` of the protocol given before (TCP or UDP); nothing for others.
    #[must_use]
    pub fn sport(self, ports: impl Into<PortRange>) -> Self {
        let ports = Some(Inv::is(ports.into()));
        self.with_ports(|sport, _| *sport = ports)
    }

    /// `--dport` of the protocol given before (TCP or UDP); nothing for others.
    #[must_use]
    pub fn dport(self, ports: impl Into<PortRange>) -> Self {
        let ports = Some(Inv::is(ports.into()));
        self.with_ports(|_, dport| *dport = ports)
    }

    fn with_ports(
        mut self,
        set: impl FnOnce(&mut Option<Inv<PortRange>>, &mut Option<Inv<PortRange>>),
    ) -> Self {
        let found = self
            .matches
            .iter()
            .position(|m| matches!(m, Match::Tcp(_) | Match::Udp(_)));
        let at = found.unwrap_or(self.matches.len());
        if found.is_none() {
            self.matches.push(match self.proto {
                Some(Inv {
                    value: Proto::TCP, ..
                }) => Match::Tcp(TcpMatch::default()),
                Some(Inv {
                    value: Proto::UDP, ..
                }) => Match::Udp(UdpMatch::default()),
                _ => return self,
            });
        }
        match self.matches.get_mut(at) {
            Some(Match::Tcp(m)) => set(&mut m.sport, &mut m.dport),
            Some(Match::Udp(m)) => set(&mut m.sport, &mut m.dport),
            _ => {}
        }
        self
    }

    /// `-m conntrack --ctstate STATES`
    #[must_use]
    pub fn ctstate(self, states: CtStates) -> Self {
        self.and(Match::Conntrack(Box::new(ConntrackMatch {
            state: Some(Inv::is(states)),
            ..ConntrackMatch::default()
        })))
    }

    /// `-m addrtype --src-type TYPE`
    #[must_use]
    pub fn src_type(self, kind: AddrType) -> Self {
        let src = Some(Inv::is(AddrTypes::from(kind)));
        self.and(Match::AddrType {
            src,
            dst: None,
            limit_in: false,
            limit_out: false,
        })
    }

    /// `-m addrtype --dst-type TYPE`
    #[must_use]
    pub fn dst_type(self, kind: AddrType) -> Self {
        let dst = Some(Inv::is(AddrTypes::from(kind)));
        self.and(Match::AddrType {
            src: None,
            dst,
            limit_in: false,
            limit_out: false,
        })
    }

    /// `-m comment --comment TEXT`
    #[must_use]
    pub fn comment(self, text: &str) -> Self {
        self.and(Match::Comment(text.into()))
    }

    /// One more `-m`.
    #[must_use]
    pub fn and(mut self, condition: Match) -> Self {
        self.matches.push(condition);
        self
    }

    /// `-j CHAIN`
    #[must_use]
    pub fn jump(self, chain: impl Into<Rc<str>>) -> Self {
        self.target(Target::Jump(chain.into()))
    }

    /// `-j TARGET`
    #[must_use]
    pub fn target(self, target: Target) -> Self {
        Self { target, ..self }
    }
}
