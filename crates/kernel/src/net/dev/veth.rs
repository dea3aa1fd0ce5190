//! Virtual cables: two devices, each of which receives what the other sends.

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::net::timing;
use crate::net::{Link, LinkKind, LinkSpec};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use wire::MacAddr;

/// One end of a virtual cable.
#[derive(Debug)]
pub struct Veth {
    /// The other end.
    pub peer: LinkId,
}

/// Makes both ends, the peer first, as Linux does: so of two automatic indices in one namespace the peer has the lower.
pub(super) fn create(
    k: &mut Kernel,
    ns: NetnsId,
    spec: &LinkSpec,
    (peer_ns, peer_name, peer_mac): (NetnsId, String, Option<MacAddr>),
) -> Result<LinkId, Errno> {
    let peer_spec = LinkSpec {
        name: peer_name,
        mac: peer_mac,
        index: None,
        ..spec.clone()
    };
    // A failure of the second must not leave the first behind, so what can fail is looked at before.
    let taken = k.link_by_name(ns, &spec.name).is_some();
    if taken || (ns == peer_ns && !spec.name.is_empty() && spec.name == peer_spec.name) {
        return Err(Errno::EEXIST);
    }
    let peer = k.link_insert(
        peer_ns,
        &peer_spec,
        LinkKind::Veth(Veth {
            peer: LinkId(u32::MAX),
        }),
    )?;
    let link = match k.link_insert(ns, spec, LinkKind::Veth(Veth { peer })) {
        Ok(link) => link,
        Err(error) => {
            k.link_destroy(peer);
            return Err(error);
        }
    };
    if let Some(LinkKind::Veth(veth)) = k.net.link_mut(peer).map(|l| &mut l.kind) {
        veth.peer = link;
    }
    k.netns_number_pair(link);
    Ok(link)
}

/// A cable has carrier when both ends are up.
pub(super) fn carrier(k: &Kernel, link: &Link, veth: &Veth) -> bool {
    link.admin_up && k.net.link(veth.peer).is_some_and(|peer| peer.admin_up)
}

/// Sends the frame to the other end.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, peer: LinkId, frame: TracedFrame) {
    k.schedule_frame(link, peer, timing::VETH, frame);
}
