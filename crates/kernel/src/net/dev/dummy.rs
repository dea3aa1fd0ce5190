//! A device that swallows what is sent. It exists to hold addresses.

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::net::{LinkKind, LinkSpec};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use crate::trace::Checkpoint;

/// Makes one.
pub(super) fn create(k: &mut Kernel, ns: NetnsId, spec: &LinkSpec) -> Result<LinkId, Errno> {
    k.link_insert(ns, spec, LinkKind::Dummy)
}

/// Swallows the frame.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, frame: &TracedFrame) {
    if let Some(found) = k.net.link(link) {
        k.trace.push(
            k.now,
            found.ns,
            frame.id,
            Checkpoint::Consume { what: "dummy" },
        );
    }
}
