//! Crowds: which conversations of a run are watched hop by hop, and how all the others move along.
//!
//! A person can follow one packet, not three hundred. In a crowd one conversation is told as if it were alone; the rest
//! flows past in little time, and where several travel the same link together they are one bundle with a count.

use std::rc::Rc;

use sorted::{SortedMap, SortedSet};

use lab::view::{Journey, Protocol};

use super::pace::is_background;
use super::sprites::Sprite;

/// Packets up to here are all followed, one after the other.
const MOST_FOLLOWED: usize = 40;
/// In a crowd conversations are followed until they have so many packets.
const ENOUGH: usize = 12;
/// Milliseconds that the others' hops may take together.
const CROWD_TIME: f64 = 9_000.0;
/// Milliseconds that one hop of the others takes at most.
const CROWD_HOP: f64 = 18.0;
/// Milliseconds that a packet of the crowd is seen on its way between two places at most.
const GLIDE: f64 = 700.0;
/// Packets on one link are one bundle if they are closer than so many pixels.
const CLOSE: f64 = 36.0;

/// What somebody wants to see of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Watch {
    /// The journey whose conversation alone is shown.
    pub(crate) only: Option<String>,
    /// Whether silences last as long as they did.
    pub(crate) idle: bool,
    /// What kind of packet was asked about: when all is over, it is the first of that kind that is shown.
    pub(crate) asked: Option<Protocol>,
}

impl Watch {
    /// Turns to another run: what was wanted of the last one is no longer.
    pub(crate) fn turn(&mut self) {
        self.only = None;
        self.asked = None;
    }
}

/// How a packet of a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Part {
    /// Hop by hop.
    #[default]
    Followed,
    /// In the crowd that flows past.
    Crowd,
    /// Not at all.
    Hidden,
}

/// How each packet of a run is shown.
pub(super) fn parts(journeys: &[Rc<Journey>], watch: &Watch) -> Vec<Part> {
    if let Some(id) = watch
        .only
        .as_deref()
        .filter(|id| journeys.iter().any(|j| j.id == **id))
    {
        let told = conversation(journeys, id);
        let part = |chosen: bool| if chosen { Part::Followed } else { Part::Hidden };
        return told.into_iter().map(part).collect();
    }
    if journeys.len() <= MOST_FOLLOWED {
        return vec![Part::Followed; journeys.len()];
    }
    // Where there is nothing else, what devices say by themselves is followed.
    let quiet = journeys.iter().all(|j| is_background(j));
    let mut followed = vec![false; journeys.len()];
    for first in 0..journeys.len() {
        let Some(journey) = journeys.get(first) else {
            break;
        };
        if is_background(journey) && !quiet || followed.get(first) == Some(&true) {
            continue;
        }
        for (all, own) in followed.iter_mut().zip(conversation(journeys, &journey.id)) {
            *all |= own;
        }
        if followed.iter().filter(|f| **f).count() >= ENOUGH {
            break;
        }
    }
    let part = |chosen: bool| if chosen { Part::Followed } else { Part::Crowd };
    followed.into_iter().map(part).collect()
}

/// Which packets belong to a journey's conversation: those of its flow, what they caused, and what caused them.
fn conversation(journeys: &[Rc<Journey>], id: &str) -> Vec<bool> {
    let by_id: SortedMap<&str, &Journey> = journeys.iter().map(|j| (j.id.as_str(), &**j)).collect();
    let mut root = by_id.get(id).copied();
    for _ in 0..journeys.len() {
        let cause = root.and_then(|j| by_id.get(j.cause.as_deref()?).copied());
        let Some(cause) = cause else { break };
        root = Some(cause);
    }
    let Some(root) = root else {
        return vec![false; journeys.len()];
    };
    let mut ids: SortedSet<&str> = SortedSet::new();
    // An answer may have other addresses than the question, when those were rewritten on the way.
    let mut flows: SortedSet<&str> = SortedSet::new();
    flows.insert(root.flow.as_str());
    let told = journeys.iter().map(|j| {
        let caused = j.cause.as_deref().is_some_and(|c| ids.contains(c));
        let own = caused || flows.contains(j.flow.as_str());
        if own {
            ids.insert(j.id.as_str());
            flows.insert(j.flow.as_str());
        }
        own
    });
    told.collect()
}

/// A packet of the crowd on its way from one hop to another.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Glide {
    hop: usize,
    leaves: f64,
    arrives: f64,
}

/// The crowd: for each packet in it the hops it glides through.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Crowd {
    glides: Vec<(usize, Vec<Glide>)>,
    /// Where in `glides` a packet is.
    index: SortedMap<usize, usize>,
    /// Milliseconds for each of its hops.
    pub(super) pace: f64,
}

impl Crowd {
    /// A crowd whose packets make so many hops together.
    pub(super) fn new(hops: usize) -> Self {
        Self {
            pace: (CROWD_TIME / (hops.max(1) as f64)).min(CROWD_HOP),
            ..Self::default()
        }
    }

    /// Whether nobody is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.glides.is_empty()
    }

    /// A packet of the crowd is at a hop.
    pub(super) fn add(&mut self, packet: usize, hop: usize, arrives: f64) {
        let next = self.glides.len();
        let at = *self.index.entry(packet).or_insert(next);
        if at == next {
            self.glides.push((packet, Vec::new()));
        }
        if let Some((_, glides)) = self.glides.get_mut(at) {
            let before = glides.last().map_or(arrives, |g| g.arrives);
            let leaves = before.max(arrives - GLIDE);
            glides.push(Glide {
                hop,
                leaves,
                arrives,
            });
        }
    }

    /// When its packets are somewhere, for the time line: each moment once.
    pub(crate) fn moments(&self, least_apart: f64) -> Vec<f64> {
        let mut all: Vec<f64> = self
            .glides
            .iter()
            .flat_map(|g| g.1.iter().map(|g| g.arrives))
            .collect();
        sorted::sort_by(&mut all, |a, b| a.total_cmp(b));
        let mut last = f64::NEG_INFINITY;
        all.retain(|at| {
            let keep = *at - last >= least_apart;
            if keep {
                last = *at;
            }
            keep
        });
        all
    }

    /// The packets that are on their way at a position.
    pub(super) fn sprites(
        &self,
        position: f64,
        bad: impl Fn(usize) -> bool,
        out: &mut Vec<Sprite>,
    ) {
        for (packet, glides) in &self.glides {
            let begun = glides.partition_point(|g| g.leaves <= position);
            let Some(glide) = begun.checked_sub(1).and_then(|i| glides.get(i)) else {
                continue;
            };
            let over = begun == glides.len() && glide.arrives <= position;
            if over && !bad(*packet) {
                continue;
            }
            let span = glide.arrives - glide.leaves;
            let share = if span > 0.0 {
                ((position - glide.leaves) / span).clamp(0.0, 1.0)
            } else {
                1.0
            };
            out.push(Sprite {
                packet: *packet,
                hop: glide.hop,
                share,
                current: false,
                crowd: true,
            });
        }
    }
}

/// Packets that are drawn as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bundle {
    /// The one in front.
    pub(crate) sprite: Sprite,
    pub(crate) count: usize,
}

/// Where a packet is, to tell whether it travels together with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    /// The link and the direction in which it is travelled.
    pub(crate) link: u32,
    /// Whether the packet ended badly there.
    pub(crate) bad: bool,
}

/// Gathers packets that are close together on the same link. `way` says where a packet is, and how many pixels it has
/// come on that link; packets that it does not know are left out, the one being watched is never gathered.
pub(crate) fn bundles(
    sprites: &[Sprite],
    way: impl Fn(&Sprite) -> Option<(Way, f64)>,
) -> Vec<Bundle> {
    let mut out: Vec<Bundle> = Vec::new();
    let mut found: Vec<(Way, f64, Sprite)> = Vec::new();
    for sprite in sprites {
        let Some((way, come)) = way(sprite) else {
            continue;
        };
        if !sprite.current {
            found.push((way, come, *sprite));
        }
    }
    sorted::sort_by(&mut found, |a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut last: Option<(Way, f64)> = None;
    for (way, come, sprite) in found {
        let joins = last.is_some_and(|(w, front)| w == way && front - come < CLOSE);
        match out.last_mut().filter(|_| joins) {
            Some(bundle) => bundle.count += 1,
            None => {
                out.push(Bundle { sprite, count: 1 });
                last = Some((way, come));
            }
        }
    }
    out.extend(sprites.iter().filter(|s| s.current).map(|s| Bundle {
        sprite: *s,
        count: 1,
    }));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::view::{Hop, Protocol};

    fn journey(id: &str, flow: &str, cause: Option<&str>) -> Rc<Journey> {
        Rc::new(Journey {
            id: id.into(),
            flow: flow.into(),
            cause: cause.map(Into::into),
            protocol: Protocol::Icmp,
            hops: vec![Hop::default()],
            ..Journey::default()
        })
    }

    #[test]
    fn a_conversation_holds_the_answers_whose_addresses_were_rewritten() {
        let all = [
            journey("p1", "a-b", None),
            journey("p2", "c-b", None),
            journey("p3", "nat-b", Some("p1")),
            journey("p4", "a-b", None),
        ];
        assert_eq!(conversation(&all, "p3"), [true, false, true, true]);
        assert_eq!(conversation(&all, "p2"), [false, true, false, false]);
    }

    #[test]
    fn in_a_crowd_one_conversation_is_followed_and_a_chosen_one_hides_the_others() {
        let crowd: Vec<Rc<Journey>> = (0..100)
            .map(|i| journey(&format!("p{i}"), &format!("f{}", i / 20), None))
            .collect();
        let told = parts(&crowd, &Watch::default());
        assert!(told.iter().take(20).all(|p| *p == Part::Followed));
        assert!(told.iter().skip(20).all(|p| *p == Part::Crowd));
        let only = Watch {
            only: Some("p45".into()),
            ..Watch::default()
        };
        let told = parts(&crowd, &only);
        assert_eq!(told[45], Part::Followed);
        assert_eq!(told.iter().filter(|p| **p == Part::Hidden).count(), 80);
    }

    #[test]
    fn where_all_is_background_the_first_of_it_is_followed() {
        let all: Vec<Rc<Journey>> = (0..100)
            .map(|i| {
                Rc::new(Journey {
                    chatter: true,
                    ..(*journey(&format!("p{i}"), &format!("f{i}"), None)).clone()
                })
            })
            .collect();
        let told = parts(&all, &Watch::default());
        let followed = told.iter().filter(|p| **p == Part::Followed).count();
        assert_eq!(followed, ENOUGH);
    }

    #[test]
    fn packets_close_together_on_a_link_are_one_bundle() {
        let sprite = |packet, current| Sprite {
            packet,
            hop: 0,
            share: 0.5,
            current,
            crowd: false,
        };
        let sprites = [
            sprite(0, false),
            sprite(1, false),
            sprite(2, false),
            sprite(3, true),
            sprite(4, false),
        ];
        // 0 and 1 travel together, 2 is far behind, 4 on another link.
        let way = |s: &Sprite| {
            let link = u32::from(s.packet == 4);
            Some((
                Way { link, bad: false },
                if s.packet == 2 { 0.0 } else { 100.0 },
            ))
        };
        let counts: Vec<(usize, usize)> = bundles(&sprites, way)
            .iter()
            .map(|b| (b.sprite.packet, b.count))
            .collect();
        assert_eq!(counts, [(0, 2), (2, 1), (4, 1), (3, 1)]);
    }
}
