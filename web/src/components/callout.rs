//! The callout on the stage: what was done to the packet being watched, beside it.

use lab::view::{Change, Hop, Journey, RuleLine, Tone};
use yew::prelude::*;

use super::icons::px;
use super::trail::Badge;
use crate::layout::geometry::{Point, Rect, pt, rect, rounded};
use crate::layout::scene::{HostBox, SpotKind};
use crate::layout::{Level, Scene, text};
use crate::messages::{self, said::plainly};

/// A callout and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Callout {
    at: Point,
    from: Point,
    size: (f64, f64),
    /// The thing that the packet is at.
    home: Rect,
    rows: Vec<Row>,
    bad: bool,
}

/// A line of text in it.
#[derive(Debug, Clone, PartialEq)]
enum Row {
    /// What happened.
    Title(String),
    /// Why, in a sentence.
    Why(String),
    /// What was, crossed out, and what is.
    Text(String, String),
}

impl Row {
    fn width(&self) -> f64 {
        match self {
            // Bold letters are wider than the rest.
            Self::Title(title) => text::sans(title, 13.0),
            Self::Why(why) => text::sans(why, 12.0),
            Self::Text(before, after) => after_before(before) + text::mono(after, 11.5),
        }
    }

    /// The row in as many as it takes for each to be no wider than `most`.
    fn wrapped(&self, most: f64) -> Vec<Self> {
        let letters = |size: f64| (most / text::sans("x", size)).floor();
        let plain = |line: String| Self::Text(String::new(), line);
        match self {
            Self::Title(title) => {
                let lines = text::wrap(title, letters(13.0));
                lines.into_iter().map(Self::Title).collect()
            }
            Self::Why(why) => {
                let lines = text::wrap(why, letters(12.0).min(LONGEST as f64));
                lines.into_iter().map(Self::Why).collect()
            }
            Self::Text(before, after) if !before.is_empty() && self.width() > most => vec![
                Self::Text(before.clone(), String::new()),
                plain(after.clone()),
            ],
            Self::Text(before, after) if before.is_empty() => {
                let lines = text::wrap(after, letters(11.7));
                lines.into_iter().map(plain).collect()
            }
            Self::Text(..) => vec![self.clone()],
        }
    }
}

/// Height of a row, and of what is above and below them all.
const LINE: f64 = 16.0;
const PAD: f64 = 12.0;
/// How narrow a callout is made where a wider one would cover something.
const NARROWER: [f64; 2] = [250.0, 150.0];
/// What it costs to be a step narrower, and how little it has to cost not to try that.
const NARROW: f64 = 1.5;
const CHEAP: f64 = 4.0;

impl Callout {
    /// What there is to say at a hop; the packet is at `from`.
    pub(super) fn new(
        scene: &Scene,
        badges: &[Badge],
        journey: &Journey,
        hop: &Hop,
        from: Point,
    ) -> Option<Self> {
        let mut said = rows(journey, hop)?;
        // Among chips there is room for what was rewritten, and no more.
        if scene.level == Level::Chips
            && matches!(said.as_slice(), [_, Row::Text(before, _)] if !before.is_empty())
        {
            said.remove(0);
        }
        let spot = scene.spots.get(&hop.place);
        let home = spot.map_or_else(|| rect(from.x, from.y, 0.0, 0.0), |s| s.rect);
        let mut best: Option<(f64, Self)> = None;
        for (narrow, most) in [scene.width - 48.0].into_iter().chain(NARROWER).enumerate() {
            let rows: Vec<Row> = said.iter().flat_map(|row| row.wrapped(most)).collect();
            let width = rows.iter().map(Row::width).fold(0.0, f64::max);
            let size = (width + 24.0, PAD + LINE * rows.len() as f64);
            let (cost, at) = place(scene, badges, &hop.place, from, size);
            let cost = cost + narrow as f64 * NARROW;
            if best.as_ref().is_none_or(|b| cost < b.0) {
                let bad = hop.verdict.tone == Tone::Bad;
                let made = Self {
                    at,
                    from,
                    size,
                    home,
                    rows,
                    bad,
                };
                best = Some((cost, made));
            }
            if cost < CHEAP {
                break;
            }
        }
        best.map(|b| b.1)
    }

    pub(super) fn area(&self) -> Rect {
        rect(self.at.x, self.at.y, self.size.0, self.size.1)
    }

    /// Its leader: to the packet beside it, or round a corner down to the thing that the packet is at. From afar, and right
    /// above or below, it has none.
    fn leader(&self) -> Option<String> {
        let (width, height) = self.size;
        let from = self.from;
        let middle = self.at.y + height / 2.0;
        if from.x > self.at.x - 18.0 && from.x < self.at.x + width + 18.0 {
            return None;
        }
        let (edge, start) = if self.at.x > from.x {
            (self.at.x, from.x + 18.0)
        } else {
            (self.at.x + width, from.x - 18.0)
        };
        match from.y - middle {
            120.0.. => None,
            above if above < -(height / 2.0 + 8.0) => None,
            60.0.. => {
                let end = match self.home.y {
                    top if top > middle => top,
                    _ => from.y - 14.0,
                };
                let corners = [pt(edge, middle), pt(from.x, middle), pt(from.x, end)];
                Some(rounded(&corners, 6.0))
            }
            _ => {
                let y = from.y.max(middle - 12.0);
                Some(format!("M{start:.1} {y:.1}L{edge:.1} {middle:.1}"))
            }
        }
    }
}

fn rows(journey: &Journey, hop: &Hop) -> Option<Vec<Row>> {
    let bad = hop.verdict.tone == Tone::Bad;
    let change = hop.changes.iter().find(|c| c.before != c.after);
    // The last one decides; those before it only lead there.
    let matched = hop.rules.iter().rfind(|r| r.matched);
    let verdict = capital(&plainly(&hop.verdict.text));
    let plain = |text: &str| Row::Text(String::new(), text::shorten(text, LONGEST));
    let (title, mut rest) = match (bad, matched, change) {
        (true, Some(r), _) => (
            messages::callout_rule(&verdict, &hop.namespace, &r.table, &r.chain),
            // The title names the chain.
            vec![plain(rule_in_chain(r))],
        ),
        (true, None, _) => (
            messages::callout_place(&verdict, &hop.namespace, &plainly(&hop.title)),
            vec![match hop.reason.as_str() {
                "" => plain(&plainly(&hop.detail)),
                why => Row::Why(text::shorten(&plainly(why), 2 * LONGEST)),
            }],
        ),
        (false, _, Some(c)) => (
            changed(c),
            vec![Row::Text(
                c.before.clone(),
                format!("→ {}", text::shorten(&c.after, LONGEST)),
            )],
        ),
        (false, _, None) if hop.wrapped => (
            plainly(&hop.title).to_string(),
            vec![
                plain(&messages::callout_outer(&plainly(&hop.detail))),
                plain(&messages::callout_inner(&plainly(&journey.summary))),
            ],
        ),
        _ => return None,
    };
    rest.insert(0, Row::Title(text::shorten(&title, 60)));
    Some(rest)
}

/// Letters of a line, at most.
const LONGEST: usize = 48;

/// A rule without the chain that it stands in.
fn rule_in_chain(rule: &RuleLine) -> &str {
    let rest = rule.text.strip_prefix("-A ").unwrap_or(&rule.text);
    let rest = rest.strip_prefix(rule.chain.as_str()).unwrap_or(&rule.text);
    rest.trim_start()
}

/// Where on its line what is begins, behind what was.
fn after_before(before: &str) -> f64 {
    match before {
        "" => 0.0,
        before => text::mono(before, 11.5) + 8.0,
    }
}

/// Where a callout stands: near its packet, in the free room above the hooks if it is at one, on no text and, if it can
/// be, on no badge.
fn place(
    scene: &Scene,
    badges: &[Badge],
    hop_place: &str,
    from: Point,
    (width, height): (f64, f64),
) -> (f64, Point) {
    let at_hook = |h: &&HostBox| h.hooks.iter().any(|k| k.id == hop_place);
    let around = |h: &&HostBox| h.root.is_none() && h.rect.meets(&rect(from.x, from.y, 1.0, 1.0));
    let host = scene.hosts.iter().find(|h| at_hook(h) || around(h));
    let beside = from.y - 34.0;
    let mut heights = vec![beside, from.y + 20.0, from.y - 30.0 - height, from.y + 52.0];
    if let Some(host) = host.filter(|h| h.root.is_some()) {
        // Above the hooks' numbers, which stand on their corners.
        heights.insert(0, host.gate.y - height - 5.0);
        let top = host.root.map_or(0.0, |r| r.y);
        heights.insert(1, top + 4.0);
    }
    if let Some(spot) = scene.spots.get(hop_place)
        && matches!(spot.kind, SpotKind::Network { .. })
    {
        heights.insert(0, spot.rect.bottom() + 8.0);
    }
    // Beside the cards, which leave room where they end.
    let mut beyond = Vec::new();
    if let Some(host) = host.filter(|h| h.root.is_none()) {
        heights.insert(0, host.gate.y - height - 2.0);
        heights.extend([host.gate.y + 5.0, host.gate.bottom() + 6.0]);
        beyond.push(host.gate.right() + 12.0);
        beyond.extend(host.lanes.iter().map(|l| l.area.right() + 10.0));
    }
    // At a container, where bars and other containers leave no room beside it, on the floor of its machine.
    let here = rect(from.x, from.y, 1.0, 1.0);
    let floor = scene
        .hosts
        .iter()
        .find(|h| h.root.is_some() && h.rect.meets(&here));
    if let Some(host) = floor.filter(|_| host.is_none()) {
        beyond.extend([host.rect.x + 12.0, host.rect.right() - 12.0 - width]);
    }
    // Where it is close all around, at the upper or the lower end.
    heights.extend([4.0, scene.height - height - 8.0]);
    let most_x = (scene.width - width - 8.0).max(8.0);
    let most_y = (scene.height - height - 4.0).max(4.0);
    let mut best: Option<(f64, Point)> = None;
    for (i, y) in heights.iter().enumerate() {
        let sides = [
            from.x + 42.0,
            from.x - 42.0 - width,
            from.x + 90.0,
            from.x - 90.0 - width,
            from.x + 200.0,
            from.x - width / 2.0,
        ];
        for (k, x) in sides.iter().chain(&beyond).enumerate() {
            let at = Point {
                x: x.clamp(8.0, most_x),
                y: y.clamp(4.0, most_y),
            };
            let area = rect(at.x - 2.0, at.y - 2.0, width + 4.0, height + 4.0);
            let covered: f64 = scene
                .labels()
                .filter(|(l, _)| l.rect().meets(&area))
                .count() as f64;
            let marked = badges
                .iter()
                .filter(|b| rect(b.at.x - 10.0, b.at.y - 10.0, 20.0, 20.0).meets(&area))
                .count() as f64;
            let boxes = scene.boxes().filter(|b| b.meets(&area)).count() as f64;
            let packet = rect(from.x - 22.0, from.y - 14.0, 44.0, 28.0);
            let hides = if packet.meets(&area) { 3.0 } else { 0.0 };
            let far = ((at.y - from.y).max(from.y - at.y - height) - 110.0).max(0.0)
                + ((at.x - from.x).max(from.x - at.x - width) - 100.0).max(0.0);
            let cost = covered * 6.0
                + marked * 3.0
                + boxes * 0.5
                + hides * 4.0
                + far / 60.0
                + i as f64 * 0.5
                + k as f64 * 0.3;
            if best.is_none_or(|b| cost < b.0) {
                best = Some((cost, at));
            }
        }
    }
    best.unwrap_or((f64::MAX, from))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|c| c.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn changed(change: &Change) -> String {
    match change.field.as_str() {
        "dst" => messages::dst_rewritten().to_owned(),
        "src" => messages::src_rewritten().to_owned(),
        field => messages::field_rewritten(&field),
    }
}

/// Draws a callout.
pub(super) fn bubble(c: &Callout) -> Html {
    let (width, height) = c.size;
    let left = c.at.x + 12.0;
    let rows = c.rows.iter().enumerate().map(|(i, row)| {
        let y = px(c.at.y + 18.0 + LINE * i as f64);
        match row {
            Row::Title(title) => {
                html! { <text key={i} class="tsb" x={px(left)} {y}>{ title }</text> }
            }
            Row::Why(why) => html! { <text key={i} class="ts" x={px(left)} {y}>{ why }</text> },
            Row::Text(before, after) => html! {
                <g key={i}>
                    <text class="tm strike" x={px(left)} y={y.clone()}>{ before }</text>
                    <text class="tm1" x={px(left + after_before(before))} {y}>{ after }</text>
                </g>
            },
        }
    });
    html! {
        <g class={if c.bad { "call bad" } else { "call" }}>
            <path class="lead" d={c.leader()} />
            <rect x={px(c.at.x)} y={px(c.at.y)} width={px(width)} height={px(height)} rx="8" />
            <g>{ for rows }</g>
        </g>
    }
}
