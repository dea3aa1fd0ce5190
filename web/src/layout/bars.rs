//! The networks of a machine: their bars, and what feeds each.

use lab::view::Network;

use super::boxes;
use super::columns;
use super::floor::Plan;
use super::geometry::{Point, Rect, pt, rect};
use super::host::{Host, wire};
use super::label::{Style, label};
use super::scene::{HostBox, Scene, SpotKind, Wire};

impl Host<'_> {
    /// Bars, their gateway lines, and the bus or the interface that feeds them.
    pub(super) fn bars(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        plan: &Plan,
        (bar_y, rail, bus): (f64, f64, f64),
        bottom: f64,
    ) {
        let m = self.m;
        let mut feeds = 0;
        for stretch in &plan.stretches {
            let Some(network) = self.networks.get(stretch.network.as_str()) else {
                continue;
            };
            let area = rect(stretch.x, bar_y, stretch.w, m.bar_h);
            let members = self.members.get(network.id.as_str()).copied().unwrap_or(0);
            let mut lane = boxes::bar(network, members, area, m);
            lane.area = rect(
                area.x - 4.0,
                bar_y - 4.0,
                area.w + 8.0,
                bottom - bar_y + 4.0 + m.pick(26.0, 12.0),
            );
            let mut feed = Vec::new();
            if columns::past_root(network) {
                feed = self.feed(host, network, area, feeds);
                feeds += 1;
                lane.drop_x = feed.last().map_or(lane.drop_x, |p| p.x);
                scene.wires.push(Wire {
                    mark: Some(lane.mark),
                    network: Some(lane.id.clone()),
                    ..wire(feed.clone())
                });
            } else if lane.fed {
                let x = lane.drop_x + 8.0;
                let room = area.right() - x;
                let text = Style::Fine.fit(&network.gateway, room);
                lane.gateway = (!text.is_empty()).then(|| label(x, bar_y - 9.0, Style::Fine, text));
                scene
                    .wires
                    .push(wire(vec![pt(lane.drop_x, bus), pt(lane.drop_x, bar_y)]));
            }
            let kind = SpotKind::Network {
                rail,
                drop_x: lane.drop_x,
                bus,
                feed,
            };
            scene.spot(&network.id, area, kind);
            host.lanes.push(lane);
        }
    }

    /// The line from the interface that a macvlan or ipvlan network sits on, past the root namespace.
    fn feed(&self, host: &HostBox, network: &Network, bar: Rect, index: usize) -> Vec<Point> {
        let parent = network.interface.split('.').next().unwrap_or_default();
        let named = host
            .ports
            .iter()
            .find(|p| p.id.rsplit('/').next() == Some(parent));
        let Some(port) = named.or(host.ports.first()).map(|p| p.rect) else {
            return vec![pt(bar.x + 16.0, bar.y)];
        };
        // Down the strip at the bar's left, which its texts leave free.
        let k = index as f64;
        let leave = (port.x + 16.0 + 12.0 * k).min(port.cx());
        if leave > bar.x + 8.0 && leave < bar.x + 24.0 {
            return vec![pt(leave, port.bottom()), pt(leave, bar.y)];
        }
        let y = port.bottom() + 12.0 + 8.0 * k;
        let at = bar.x + 16.0;
        vec![
            pt(leave, port.bottom()),
            pt(leave, y),
            pt(at, y),
            pt(at, bar.y),
        ]
    }
}
