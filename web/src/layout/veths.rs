//! How each container's interfaces are wired to the bars of its networks.
//!
//! Below its own bar a veth is a straight line.
//! Containers of later rows hang from a trunk beside their column.
//! Whatever is not below its bar takes a track along the gap between bars and containers, and lines that cross jump.

use lab::view::Container;

use super::floor::{BESIDE, Plan, Stretch};
use super::geometry::{JUMP, Point, Rect, pt, simplify};
use super::scene::Wire;

/// Distance between two tracks.
const TRACK: f64 = 8.0;
/// Distance of the first track from the bars.
const FIRST_TRACK: f64 = 15.0;
/// Tracks that the gap holds without growing.
const FREE_TRACKS: usize = 2;
/// Nubs drawn on a container.
const MOST_NUBS: usize = 8;

/// One veth to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Veth {
    pub(super) network: String,
    /// x of the nub.
    pub(super) nub: f64,
    way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// Straight down from the bar.
    Straight,
    /// Down a trunk and across; the second number counts lines into the same container.
    Trunk(f64, usize),
    /// From a point of the rail along a track to a point above the container or beside its column.
    Track {
        from: f64,
        to: f64,
        track: usize,
        turn: usize,
    },
}

/// Tracks in use: the stretches taken on each.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    taken: Vec<Vec<(f64, f64)>>,
    /// How many veths have left each bar by its ends.
    left: Vec<(String, usize, usize)>,
}

impl Tracks {
    /// By how much the gap has to grow.
    pub(super) fn extra(&self) -> f64 {
        self.taken.len().saturating_sub(FREE_TRACKS) as f64 * TRACK
    }

    fn take(&mut self, a: f64, b: f64) -> usize {
        let (a, b) = (a.min(b) - 6.0, a.max(b) + 6.0);
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|(c, d)| b <= *c || *d <= a);
        let index = self.taken.iter().position(free).unwrap_or_else(|| {
            self.taken.push(Vec::new());
            self.taken.len() - 1
        });
        if let Some(row) = self.taken.get_mut(index) {
            row.push((a, b));
        }
        index
    }

    /// Where on a bar's rail a veth leaves for a place beside it.
    fn leave(&mut self, bar: &Stretch, to: f64) -> f64 {
        let at = match self.left.iter().position(|l| l.0 == bar.network) {
            Some(i) => i,
            None => {
                self.left.push((bar.network.clone(), 0, 0));
                self.left.len() - 1
            }
        };
        let Some(counts) = self.left.get_mut(at) else {
            return bar.x + 26.0;
        };
        let room = (bar.w - 48.0).max(7.0);
        if to < bar.x + bar.w / 2.0 {
            counts.1 += 1;
            bar.x + 26.0 + ((counts.1 - 1) as f64 * 7.0) % room
        } else {
            counts.2 += 1;
            bar.x + bar.w - 10.0 - ((counts.2 - 1) as f64 * 7.0) % room
        }
    }
}

/// Wires a container that stands at `x` in a row, as far as that can be said without heights.
pub(super) fn connect(
    container: &Container,
    x: f64,
    row: usize,
    plan: &Plan,
    tracks: &mut Tracks,
) -> Vec<Veth> {
    let mut bars: Vec<&Stretch> = container
        .networks
        .iter()
        .filter_map(|n| plan.stretch(n))
        .take(MOST_NUBS)
        .collect();
    sorted::sort_by(&mut bars, |a, b| {
        (a.x + a.w / 2.0).total_cmp(&(b.x + b.w / 2.0))
    });
    let w = plan.column;
    let count = bars.len() as f64;
    let mut out = Vec::with_capacity(bars.len());
    for (i, bar) in bars.iter().enumerate() {
        let share = if bars.len() == 1 {
            0.46
        } else if bars.len() == 2 {
            [0.24, 0.76].get(i).copied().unwrap_or(0.5)
        } else {
            (i as f64 + 0.6) / (count + 0.2)
        };
        let nub = x + w * share;
        let reaches = |at: f64| at >= bar.x + 24.0 && at <= bar.x + bar.w - 6.0;
        let trunk = if bar.x + bar.w / 2.0 < x + w / 2.0 && bars.len() > 1 {
            x - BESIDE
        } else {
            x + w + BESIDE
        };
        let way = if row == 0 && reaches(nub) {
            Way::Straight
        } else if row > 0 && reaches(trunk) {
            Way::Trunk(trunk, i)
        } else {
            // Beside the trunk of the column's own network.
            let riser = x + w + BESIDE + 4.0;
            let to = if row == 0 { nub } else { riser };
            let from = tracks.leave(bar, to);
            let track = tracks.take(from, to);
            Way::Track {
                from,
                to,
                track,
                turn: i,
            }
        };
        out.push(Veth {
            network: bar.network.clone(),
            nub,
            way,
        });
    }
    out
}

impl Veth {
    /// Its corners from the rail to the nub.
    pub(super) fn points(&self, rail: f64, bar_bottom: f64, row: usize, area: Rect) -> Vec<Point> {
        let nub = pt(self.nub, area.y);
        let turn = |k: usize| area.y - 11.0 - 5.0 * (k % 4) as f64;
        let line = match self.way {
            Way::Straight => vec![pt(self.nub, rail), nub],
            Way::Trunk(x, k) => {
                vec![pt(x, rail), pt(x, turn(k)), pt(self.nub, turn(k)), nub]
            }
            Way::Track {
                from,
                to,
                track,
                turn: k,
            } => {
                let y = bar_bottom + FIRST_TRACK + TRACK * track as f64;
                let mut line = vec![pt(from, rail), pt(from, y), pt(to, y)];
                if row > 0 {
                    line.extend([pt(to, turn(k)), pt(self.nub, turn(k))]);
                }
                line.push(nub);
                line
            }
        };
        simplify(line)
    }
}

/// Lets horizontal pieces jump over the vertical ones of other networks.
pub(super) fn cross(wires: &mut [Wire]) {
    let mut upright: Vec<(Option<String>, f64, f64, f64)> = Vec::new();
    for wire in wires.iter() {
        for pair in wire.points.windows(2) {
            if let [a, b] = pair
                && (a.x - b.x).abs() < 0.1
            {
                upright.push((wire.network.clone(), a.x, a.y.min(b.y), a.y.max(b.y)));
            }
        }
    }
    sorted::sort_by(&mut upright, |a, b| a.1.total_cmp(&b.1));
    for wire in wires.iter_mut() {
        let mut jumps = Vec::new();
        for pair in wire.points.windows(2) {
            let [a, b] = pair else { continue };
            if (a.y - b.y).abs() > 0.1 {
                continue;
            }
            let (left, right) = (a.x.min(b.x) + JUMP + 8.0, a.x.max(b.x) - JUMP - 8.0);
            let from = upright.partition_point(|u| u.1 < left);
            for u in upright.iter().skip(from).take_while(|u| u.1 <= right) {
                if u.0 != wire.network && a.y > u.2 + 1.0 && a.y < u.3 - 1.0 {
                    jumps.push(pt(u.1, a.y));
                }
            }
        }
        wire.hops = jumps;
    }
}
