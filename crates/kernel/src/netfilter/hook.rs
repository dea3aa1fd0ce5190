//! The order of things at a hook. Source: Linux `enum nf_ip_hook_priorities`.

use super::conntrack::NO_CONN;
use super::conntrack::packet::{Tracking, UNTRACKED};
use super::ipvs::{Fate, Ipvs};
use super::matches::Probe;
use super::model::NatTo;
use super::nat::{self, Manip};
use super::walk::{self, Hits, NatOp, Outcome};
use super::{Family, Hook, HookCtx, State, TableName, Verdict};
use crate::ids::ConnId;
use crate::rng::Rng;
use crate::skb::{CtRef, CtState, Direction, Skb};
use crate::trace::{Checkpoint, DropReason, Endpoint, HookVerdict, Trace};
use std::net::IpAddr;
use wire::{IcmpMessage, IpPacket, Transport};

/// The name of the device on which a namespace talks to itself.
const LOOPBACK: &str = "lo";

/// How a hook ended early.
enum End {
    Drop,
    Reject(super::model::RejectWith),
    /// IPVS has no server for it.
    Unserved(super::model::RejectWith),
    /// Connection tracking or translation could not go on.
    Conntrack,
}

pub(super) fn run(
    state: &mut State,
    ctx: &HookCtx<'_>,
    skb: &mut Skb,
    trace: &mut Trace,
    rng: &mut Rng,
) -> Verdict {
    state.ct.expire(ctx.now);
    let mut hits: Hits = trace.enabled().then(Vec::new);
    let before = Routed::of(&skb.ip, skb.mark);
    let ends = hits.is_some().then(|| endpoints(&skb.ip));
    let mut pass = Pass {
        state,
        ctx,
        skb,
        rng,
        hits: &mut hits,
        tracked: None,
    };
    let end = pass.all();
    let tracked = pass.tracked;
    if let Some(what) = tracked.filter(|_| trace.enabled()) {
        trace.push(ctx.now, ctx.ns, skb.id, what.checkpoint());
    }
    let decided = hits.as_ref().filter(|_| end.is_err());
    let last = decided.and_then(|hits| hits.last()).cloned();
    if let Some(matched) = hits.filter(|hits| !hits.is_empty()) {
        let verdict = match end {
            Ok(()) => HookVerdict::Accept,
            Err(End::Drop | End::Conntrack) => HookVerdict::Drop,
            Err(End::Reject(_) | End::Unserved(_)) => HookVerdict::Reject,
        };
        trace.push(
            ctx.now,
            ctx.ns,
            skb.id,
            Checkpoint::Hook {
                hook: ctx.hook,
                matched,
                verdict,
            },
        );
    }
    if let (Some((src, dst)), Some(ct)) = (ends, skb.ct) {
        let (new_src, new_dst) = endpoints(&skb.ip);
        if (src, dst) != (new_src, new_dst) && end.is_ok() {
            let reply = ct.dir == Direction::Reply;
            let what = Checkpoint::Nat {
                hook: ctx.hook,
                conn: ct.conn,
                reply,
                src: (src, new_src),
                dst: (dst, new_dst),
            };
            trace.push(ctx.now, ctx.ns, skb.id, what);
        }
    }
    let reason = || DropReason::Netfilter {
        hook: ctx.hook,
        rule: last.map(Box::new),
    };
    match end {
        Ok(()) => Verdict::Accept {
            reroute: before.changed(ctx.hook, &skb.ip, skb.mark),
        },
        Err(End::Drop) => Verdict::Drop(reason()),
        Err(End::Reject(with)) => Verdict::Reject {
            with,
            reason: reason(),
        },
        Err(End::Unserved(with)) => Verdict::Reject {
            with,
            reason: DropReason::NoServer,
        },
        Err(End::Conntrack) => Verdict::Drop(DropReason::Conntrack),
    }
}

/// What routing depends on.
struct Routed {
    src: IpAddr,
    dst: IpAddr,
    mark: u32,
    tos: u8,
}

impl Routed {
    const fn of(ip: &IpPacket, mark: u32) -> Self {
        Self {
            src: ip.src,
            dst: ip.dst,
            mark,
            tos: ip.tos,
        }
    }

    fn changed(&self, hook: Hook, ip: &IpPacket, mark: u32) -> bool {
        match hook {
            Hook::Output => {
                self.dst != ip.dst || self.src != ip.src || self.mark != mark || self.tos != ip.tos
            }
            // At INPUT it is IPVS that sends a packet elsewhere.
            Hook::Prerouting | Hook::Input => self.dst != ip.dst,
            Hook::Forward | Hook::Postrouting => false,
        }
    }
}

/// What connection tracking found, for the trace.
#[derive(Clone, Copy)]
struct Tracked(Option<CtRef>);

impl Tracked {
    const fn checkpoint(self) -> Checkpoint {
        let ct = match self.0 {
            Some(ct) => ct,
            None => CtRef {
                conn: NO_CONN,
                dir: Direction::Original,
                state: CtState::Invalid,
            },
        };
        Checkpoint::Conntrack {
            conn: ct.conn,
            dir: ct.dir,
            state: ct.state,
        }
    }
}

/// One packet at one hook.
struct Pass<'a, 'c> {
    state: &'a mut State,
    ctx: &'a HookCtx<'c>,
    skb: &'a mut Skb,
    rng: &'a mut Rng,
    hits: &'a mut Hits,
    tracked: Option<Tracked>,
}

impl Pass<'_, '_> {
    fn all(&mut self) -> Result<(), End> {
        let hook = self.ctx.hook;
        let first = matches!(hook, Hook::Prerouting | Hook::Output);
        let last = matches!(hook, Hook::Input | Hook::Postrouting);
        if first {
            self.filter(TableName::Raw)?;
            self.track()?;
        }
        self.filter(TableName::Mangle)?;
        if first {
            self.nat(Manip::Dst)?;
        }
        self.filter(TableName::Filter)?;
        self.filter(TableName::Security)?;
        if self.state.ipvs.is_some() && self.balance()? {
            return Ok(());
        }
        if last {
            self.nat(Manip::Src)?;
            self.confirm()?;
        }
        Ok(())
    }

    /// Lets IPVS look at a packet; true if it goes to a server.
    fn balance(&mut self) -> Result<bool, End> {
        let State { ipvs, ct, .. } = &mut *self.state;
        let fate = match (ipvs, self.ctx.hook) {
            (Some(ipvs), Hook::Input) => ipvs.take(self.skb, ct),
            (Some(_), Hook::Forward) => {
                Ipvs::give_back(self.skb, ct);
                Fate::None
            }
            _ => Fate::None,
        };
        match fate {
            Fate::None => Ok(false),
            Fate::Rewritten => Ok(true),
            Fate::Lost => Err(End::Conntrack),
            Fate::Refused(with) => Err(End::Unserved(with)),
        }
    }

    const fn family(&self) -> Family {
        if self.skb.ip.is_v6() {
            Family::V6
        } else {
            Family::V4
        }
    }

    fn walk(&mut self, name: TableName) -> Outcome {
        let family = self.family();
        let State {
            v4,
            v6,
            ct,
            recent,
            lines,
            ..
        } = &mut *self.state;
        let tables = match family {
            Family::V4 => v4,
            Family::V6 => v6,
        };
        let Some(table) = tables.slot(name) else {
            return Outcome::Accept;
        };
        let Some(start) = table.builtin(self.ctx.hook) else {
            return Outcome::Accept;
        };
        let mut probe = Probe::new(self.ctx, self.skb, ct, recent, self.rng);
        walk::table(table, start, &mut probe, self.hits, lines)
    }

    fn filter(&mut self, name: TableName) -> Result<(), End> {
        match self.walk(name) {
            // Translation is not validated into these tables.
            Outcome::Accept | Outcome::Nat(_) => Ok(()),
            Outcome::Drop => Err(End::Drop),
            Outcome::Reject(with) => Err(End::Reject(with)),
        }
    }

    fn track(&mut self) -> Result<(), End> {
        if !self.state.tables(self.family()).needs_conntrack() {
            return Ok(());
        }
        if self.skb.ct.is_none() {
            let looped = self.ctx.hook == Hook::Prerouting
                && self
                    .ctx
                    .in_if
                    .is_some_and(|iface| iface.name == super::model::IfName::new(LOOPBACK));
            self.skb.ct = match self.state.ct.track(&self.skb.ip, looped, self.ctx.now) {
                Tracking::Known(ct) => Some(ct),
                Tracking::Invalid => None,
                Tracking::Full => return Err(End::Conntrack),
            };
        }
        if self.skb.ct != Some(UNTRACKED) {
            self.tracked = Some(Tracked(self.skb.ct));
        }
        Ok(())
    }

    fn nat(&mut self, manip: Manip) -> Result<(), End> {
        let Some(ct) = self.skb.ct else { return Ok(()) };
        if self
            .state
            .tables(self.family())
            .get(TableName::Nat)
            .is_none()
            || self.state.ct.get(ct.conn).is_none()
        {
            return Ok(());
        }
        if ct.state == CtState::Related {
            if let Transport::Icmp(IcmpMessage::Error { .. }) = self.skb.ip.transport {
                self.state.ct.translate_error(self.skb, ct, manip);
                return Ok(());
            }
        } else if self
            .state
            .ct
            .get(ct.conn)
            .is_some_and(|conn| !conn.confirmed && !conn.is_decided(manip))
        {
            self.decide(ct.conn, manip)?;
        }
        self.check_way_out(ct)?;
        self.state.ct.translate(self.skb, ct, manip);
        Ok(())
    }

    /// Asks the rules what becomes of a new flow.
    fn decide(&mut self, id: ConnId, manip: Manip) -> Result<(), End> {
        let to = match self.walk(TableName::Nat) {
            Outcome::Accept => NatTo::default(),
            Outcome::Drop => return Err(End::Drop),
            Outcome::Reject(with) => return Err(End::Reject(with)),
            Outcome::Nat(op) => {
                if let (NatOp::Masquerade(_), Some(out), Some(conn)) =
                    (op, self.ctx.out_if, self.state.ct.get_mut(id))
                {
                    conn.masquerade = Some(out.link);
                }
                nat::resolve(op, self.ctx, &self.skb.ip, manip).ok_or(End::Conntrack)?
            }
        };
        self.state.ct.set_up(id, manip, &to, self.ctx.now, self.rng);
        Ok(())
    }

    /// A masqueraded flow that now leaves by another device would carry the wrong address: it is forgotten, so that the
    /// next packet begins anew.
    fn check_way_out(&mut self, ct: CtRef) -> Result<(), End> {
        let masquerade = self.state.ct.get(ct.conn).and_then(|conn| conn.masquerade);
        let leaves = self.ctx.hook == Hook::Postrouting && ct.dir == Direction::Original;
        let (Some(link), Some(out), true) = (masquerade, self.ctx.out_if, leaves) else {
            return Ok(());
        };
        if link == out.link {
            return Ok(());
        }
        self.state.ct.remove(ct.conn, self.ctx.now);
        Err(End::Conntrack)
    }

    fn confirm(&mut self) -> Result<(), End> {
        match self.skb.ct {
            Some(CtRef {
                conn,
                state: CtState::New,
                ..
            }) if !self.state.ct.confirm(conn, self.ctx.now) => Err(End::Conntrack),
            _ => Ok(()),
        }
    }
}

fn endpoints(ip: &IpPacket) -> (Endpoint, Endpoint) {
    let (src, dst) = match &ip.transport {
        Transport::Icmp(
            IcmpMessage::EchoRequest { ident, .. } | IcmpMessage::EchoReply { ident, .. },
        ) => (*ident, *ident),
        other => other.ports().unwrap_or((0, 0)),
    };
    (
        Endpoint {
            ip: ip.src,
            port: src,
        },
        Endpoint {
            ip: ip.dst,
            port: dst,
        },
    )
}
