//! How packets get past what is written: along the ends of bars, into tunnels, and below the word for a machine's
//! processes.

use super::geometry::{Point, Rect, pt};
use super::scene::{Scene, Spot, SpotKind};

/// Where the tunnel to a network's bar on another machine begins.
pub(super) fn mouth(scene: &Scene, from: &str, to: Option<&str>) -> Option<Point> {
    let joins = |ends: &[String; 2]| {
        let other = to.filter(|to| *to != from);
        other.is_some_and(|to| ends.iter().all(|end| end == from || end == to))
    };
    let tube = scene.tubes.iter().find(|t| joins(&t.ends))?;
    let (here, there) = (scene.spots.get(from)?.rect, scene.spots.get(to?)?.rect);
    let x = if there.x > here.x {
        here.right()
    } else {
        here.x
    };
    Some(pt(x, tube.rect.cy()))
}

/// How far into a tunnel a packet waits for its datagram to arrive, so as to hide nothing on the bar.
pub(super) const IN_TUBE: f64 = 34.0;
/// How far from its ends packets go up and down in a bar.
const BAR_END: f64 = 7.0;

/// Along a bar's rail and up its end to the mouth of a tunnel, past what is written on it.
pub(super) fn to_mouth(bar: &Spot, at: Point, mouth: Point) -> Vec<Point> {
    let SpotKind::Network { rail, .. } = bar.kind else {
        return vec![at, mouth];
    };
    // In it already.
    if (at.y - mouth.y).abs() < 1.0 {
        return vec![at];
    }
    let r = bar.rect;
    let x = mouth.x.clamp(r.x + BAR_END, r.right() - BAR_END);
    vec![at, pt(at.x, rail), pt(x, rail), pt(x, mouth.y), mouth]
}

/// From the mouth of a tunnel to a bar's rail; from elsewhere the packet is on it already.
pub(super) fn off_the_words(bar: Rect, rail: f64, at: Point) -> Vec<Point> {
    if (at.y - rail).abs() < 1.0 {
        return vec![at];
    }
    let x = at.x.clamp(bar.x + BAR_END, bar.right() - BAR_END);
    vec![at, pt(x, at.y), pt(x, rail)]
}

/// From a hook at `x` to the end of the box of a machine's processes, below the word in it.
pub(super) fn into_local(local: Rect, x: f64) -> Vec<Point> {
    let end = pt(local.x, local.cy());
    if x < local.x {
        return vec![pt(x, local.cy()), end];
    }
    let y = local.bottom();
    vec![pt(x, y), pt(local.x, y), end]
}

/// From a bar's rail to a machine's processes without a hook on the way, as ARP goes: up the gateway's line, along the bus,
/// and in at the side.
pub(super) fn up_to_local(local: Rect, (drop_x, rail): (f64, f64), bus: f64) -> Vec<Point> {
    let aside = local.x - 14.0;
    vec![
        pt(drop_x, rail),
        pt(drop_x, bus),
        pt(aside, bus),
        pt(aside, local.cy()),
        pt(local.x, local.cy()),
    ]
}

/// From a machine's processes to a port without a hook on the way, as ARP goes: out at the side, since the namespace's
/// label stands above.
pub(super) fn past_the_label(local: Rect, port: Rect) -> Vec<Point> {
    let aside = local.x - 14.0;
    let below = port.bottom() + (local.y - port.bottom()) * 0.48;
    let x = port.x + port.w * 0.8;
    vec![
        pt(local.x, local.cy()),
        pt(aside, local.cy()),
        pt(aside, below),
        pt(x, below),
        pt(x, port.cy()),
    ]
}
