//! The loopback device: what is sent comes back.

use crate::ids::LinkId;
use crate::net::timing;
use crate::skb::TracedFrame;
use crate::state::Kernel;

/// Sends the frame to the device itself.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, frame: TracedFrame) {
    k.schedule_frame(link, link, timing::LOOPBACK, frame);
}
