//! The tunnels of overlay networks, from a machine to the next one that is on the network too.

use super::geometry::rect;
use super::label::{Style, label};
use super::metrics::Metrics;
use super::scene::{LaneBox, Scene, Tube};

/// Room between two tunnels at the same bars.
const BETWEEN: f64 = 3.0;

/// Joins the bars of networks that are the same on several machines; each has a height of its own, so that those that
/// pass behind other bars come out beside each other.
pub(super) fn tubes(scene: &mut Scene, m: &Metrics) {
    let of = |lane: &LaneBox| lane.id.rsplit('/').next().unwrap_or_default().to_owned();
    let mut names: Vec<String> = Vec::new();
    for lane in scene.hosts.iter().flat_map(|h| &h.lanes) {
        if !lane.fed && !names.contains(&of(lane)) {
            names.push(of(lane));
        }
    }
    let mut tubes = Vec::new();
    let room = m.bar_h - 8.0;
    let height = ((room + BETWEEN) / names.len().max(1) as f64 - BETWEEN).clamp(3.0, 26.0);
    for (i, name) in names.iter().enumerate() {
        let lanes = scene.hosts.iter().filter_map(|h| {
            let lane = h.lanes.iter().find(|l| !l.fed && of(l) == *name)?;
            Some((h.rect, lane))
        });
        let lanes: Vec<_> = lanes.collect();
        for pair in lanes.windows(2) {
            let [(host, a), (next, b)] = pair else {
                continue;
            };
            let all = names.len() as f64 * (height + BETWEEN) - BETWEEN;
            let y = a.bar.cy() - all / 2.0 + i as f64 * (height + BETWEEN);
            let gap = rect(host.right(), a.bar.y - 22.0, next.x - host.right(), 18.0);
            let text = label(gap.cx(), gap.y + 13.0, Style::Pill, "VXLAN").middle();
            let first = tubes
                .iter()
                .all(|t: &Tube| t.caption.as_ref().is_none_or(|(_, there)| *there != gap));
            let fits = Style::Pill.width(&text.text) <= gap.w;
            tubes.push(Tube {
                ends: [a.id.clone(), b.id.clone()],
                mark: a.mark,
                rect: rect(
                    a.bar.right() - 4.0,
                    y,
                    b.bar.x - a.bar.right() + 8.0,
                    height,
                ),
                caption: (first && fits).then_some((text, gap)),
            });
        }
    }
    scene.tubes = tubes;
}

#[cfg(test)]
mod tests {
    use crate::layout::scene::Level;
    use crate::layout::{Memory, Wish, lay_out};
    use crate::sample;

    #[test]
    fn tunnels_join_the_bars_that_face_each_other() {
        for level in [Level::Standard, Level::Compact] {
            let wish = Wish {
                level: Some(level),
                ..Wish::default()
            };
            let scene = lay_out(&sample::swarm(), &mut Memory::default(), wish);
            assert_eq!(scene.tubes.len(), 2);
            assert!(!scene.tubes[0].rect.meets(&scene.tubes[1].rect));
            let [a, b] = [0, 1].map(|i| &scene.hosts[i]);
            for tube in &scene.tubes {
                let bar = |host: &crate::layout::scene::HostBox| {
                    let lanes = host.lanes.iter();
                    lanes
                        .clone()
                        .find(|l| tube.ends.contains(&l.id))
                        .unwrap()
                        .bar
                };
                assert!(tube.rect.x < bar(a).right() && tube.rect.right() > bar(b).x);
            }
            let edges = |host: &crate::layout::scene::HostBox| {
                let mut lanes: Vec<_> = host.lanes.iter().collect();
                lanes.sort_by(|a, b| a.bar.x.total_cmp(&b.bar.x));
                lanes.iter().map(|l| l.fed).collect::<Vec<_>>()
            };
            assert_eq!(edges(a), [true, true, false, false]);
            assert_eq!(edges(b), [false, false, true, true]);
            assert_eq!(
                scene.tubes.iter().filter(|t| t.caption.is_some()).count(),
                1
            );
        }
    }

    #[test]
    fn the_order_stays_when_looked_at_again() {
        let mut memory = Memory::default();
        let first = lay_out(&sample::swarm(), &mut memory, Wish::default());
        let second = lay_out(&sample::swarm(), &mut memory, Wish::default());
        assert!(first == second);
    }
}
