//! Packets on their way, painted on the canvas above the stage, outside Yew's tree.

use std::rc::Rc;

use lab::view::{Journey, Protocol, Tone};
use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};
use yew::NodeRef;

use crate::layout::geometry::{Point, along, length, pt};
use crate::layout::legs::Legs;
use crate::platform;
use crate::playback::{Bundle, Film, Way, bundles};

/// Where the stage is looked at from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Camera {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) zoom: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            zoom: 1.0,
        }
    }
}

/// Colours of the theme, read once when it changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ink {
    ink: String,
    on: String,
    drop: String,
    stage: String,
    mono: String,
}

impl Ink {
    /// Reads the theme's colours from the document.
    pub(crate) fn read() -> Self {
        Self {
            ink: platform::css("--ink"),
            on: platform::css("--inkon"),
            drop: platform::css("--drop"),
            stage: platform::css("--stage"),
            mono: platform::css("--mono"),
        }
    }
}

/// What is painted.
pub(crate) struct Frame<'a> {
    pub(crate) film: &'a Film,
    pub(crate) position: f64,
    pub(crate) journeys: &'a [Rc<Journey>],
    pub(crate) legs: &'a Legs,
    pub(crate) camera: Camera,
    /// The canvas's size, which asking for would make the browser lay the page out.
    pub(crate) size: (f64, f64),
    pub(crate) ink: &'a Ink,
    /// Milliseconds, for the halo; `None` keeps everything still.
    pub(crate) beat: Option<f64>,
}

/// Paints one frame. Returns whether anything is on the canvas.
pub(crate) fn paint(canvas: &NodeRef, frame: &Frame<'_>) -> bool {
    let Some(element) = canvas.cast::<HtmlCanvasElement>() else {
        return false;
    };
    let context = element
        .get_context("2d")
        .ok()
        .flatten()
        .and_then(|c| c.dyn_into::<CanvasRenderingContext2d>().ok());
    let Some(c) = context else { return false };
    let ratio = web_sys::window().map_or(1.0, |w| w.device_pixel_ratio());
    let (w, h) = frame.size;
    let (pw, ph) = ((w * ratio) as u32, (h * ratio) as u32);
    if element.width() != pw || element.height() != ph {
        element.set_width(pw);
        element.set_height(ph);
    }
    let _ = c.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    c.clear_rect(0.0, 0.0, f64::from(pw), f64::from(ph));
    let k = ratio * frame.camera.zoom;
    let _ = c.set_transform(
        k,
        0.0,
        0.0,
        k,
        frame.camera.x * ratio,
        frame.camera.y * ratio,
    );
    let sprites = frame.film.sprites(frame.position, frame.journeys);
    let drawn = bundles(&sprites, |sprite| {
        let leg = frame.legs.to(sprite.packet, sprite.hop)?;
        let journey = frame.journeys.get(sprite.packet)?;
        let last = sprite.hop + 1 == journey.hops.len() && sprite.share >= 1.0;
        let bad = last && journey.verdict.tone == Tone::Bad;
        let come = length(&leg.points) * sprite.share * frame.camera.zoom;
        let link = leg.link;
        Some((Way { link, bad }, come))
    });
    c.set_font(&format!("700 10.5px {}", frame.ink.mono));
    c.set_text_align("center");
    c.set_text_baseline("middle");
    let scale = (LEAST_SCALE / frame.camera.zoom).max(1.0);
    for bundle in &drawn {
        draw(&c, frame, bundle, scale);
    }
    !drawn.is_empty()
}

/// Packets are drawn at this scale at least, however far away the stage is.
const LEAST_SCALE: f64 = 0.8;

fn draw(c: &CanvasRenderingContext2d, frame: &Frame<'_>, bundle: &Bundle, scale: f64) {
    let sprite = &bundle.sprite;
    let Some(journey) = frame.journeys.get(sprite.packet) else {
        return;
    };
    let Some(leg) = frame.legs.to(sprite.packet, sprite.hop) else {
        return;
    };
    if leg.points.is_empty() {
        return;
    }
    let at = along(&leg.points, sprite.share);
    let arrived = sprite.share >= 1.0;
    let hop = journey.hops.get(sprite.hop);
    // Within a tunnel it is until it has arrived at the other end.
    let within = if arrived {
        hop
    } else {
        leg.from.and_then(|from| journey.hops.get(from))
    };
    let bad = arrived && hop.is_some_and(|h| h.verdict.tone == Tone::Bad);
    if sprite.current && !arrived && leg.from.is_some() {
        live_line(c, &leg.points, sprite.share, &frame.ink.ink);
    }
    let at = if arrived {
        pt(at.x, at.y + leg.lift)
    } else {
        at
    };
    // What only brings bad news, such as a reset or NXDOMAIN, keeps its form: it is no packet that was lost.
    let last = journey.hops.last();
    let news =
        journey.verdict.tone == Tone::Bad && last.is_some_and(|h| h.verdict.tone != Tone::Bad);
    let colour = if bad || news {
        &frame.ink.drop
    } else {
        &frame.ink.ink
    };
    c.save();
    let _ = c.translate(at.x, at.y);
    let _ = c.scale(scale, scale);
    let plain = sprite.current || sprite.crowd || bad;
    c.set_global_alpha(if plain { 1.0 } else { AROUND });
    let half = if bad {
        octagon(c, HERE, colour, &frame.ink.stage);
        13.0
    } else if sprite.crowd {
        small(c, journey.protocol, frame);
        9.0
    } else {
        packet(
            c,
            HERE,
            journey,
            within.is_some_and(|h| h.wrapped),
            colour,
            frame,
        )
    };
    if bundle.count > 1 {
        count(c, pt(half, -11.0), bundle.count, colour, frame);
    }
    if sprite.current {
        halo(c, HERE, colour, frame.beat);
    }
    c.restore();
}

const HERE: Point = Point { x: 0.0, y: 0.0 };
/// How strongly packets are drawn that are not the one being watched.
const AROUND: f64 = 0.62;

/// A packet of a crowd: as small as the timeline shows it, so that it covers nobody's name.
fn small(c: &CanvasRenderingContext2d, protocol: Protocol, frame: &Frame<'_>) {
    c.begin_path();
    match protocol {
        Protocol::Tcp => {
            let _ = c.round_rect_with_f64(-3.0, -6.0, 6.0, 12.0, 3.0);
        }
        Protocol::DnsQuestion | Protocol::DnsAnswer => {
            for (i, (x, y)) in HEXAGON.into_iter().enumerate() {
                if i == 0 {
                    c.move_to(x, y);
                } else {
                    c.line_to(x, y);
                }
            }
            c.close_path();
        }
        Protocol::Udp | Protocol::Other => c.rect(-4.5, -4.5, 9.0, 9.0),
        Protocol::Arp | Protocol::Icmp => {
            let _ = c.arc(0.0, 0.0, 5.0, 0.0, std::f64::consts::TAU);
        }
    }
    let ring = protocol == Protocol::Arp;
    let (fill, edge) = if ring {
        (&frame.ink.stage, &frame.ink.ink)
    } else {
        (&frame.ink.ink, &frame.ink.stage)
    };
    c.set_fill_style_str(fill);
    c.fill();
    c.set_stroke_style_str(edge);
    c.set_line_width(if ring { 2.0 } else { 1.0 });
    c.stroke();
}

/// A DNS message's corners.
const HEXAGON: [(f64, f64); 6] = [
    (-6.5, 0.0),
    (-3.0, -5.0),
    (3.0, -5.0),
    (6.5, 0.0),
    (3.0, 5.0),
    (-3.0, 5.0),
];

/// How many packets a bundle holds, at its corner.
fn count(c: &CanvasRenderingContext2d, at: Point, count: usize, colour: &str, frame: &Frame<'_>) {
    let text = format!("×{count}");
    let half = text.chars().count() as f64 * 3.3 + 4.0;
    c.set_global_alpha(1.0);
    c.begin_path();
    let _ = c.round_rect_with_f64(at.x - half, at.y - 8.0, half * 2.0, 16.0, 8.0);
    c.set_fill_style_str(&frame.ink.stage);
    c.fill();
    c.set_stroke_style_str(colour);
    c.set_line_width(1.5);
    c.stroke();
    c.set_fill_style_str(colour);
    let _ = c.fill_text(&text, at.x, at.y + 0.5);
}

fn live_line(c: &CanvasRenderingContext2d, points: &[Point], share: f64, colour: &str) {
    let mut first = true;
    c.begin_path();
    let steps = 24;
    for i in 0..=steps {
        let p = along(points, share * f64::from(i) / f64::from(steps));
        if first {
            c.move_to(p.x, p.y);
        } else {
            c.line_to(p.x, p.y);
        }
        first = false;
    }
    c.set_stroke_style_str(colour);
    c.set_line_width(3.0);
    c.set_line_join("round");
    c.set_line_cap("round");
    c.stroke();
}

fn packet(
    c: &CanvasRenderingContext2d,
    at: Point,
    j: &Journey,
    wrapped: bool,
    colour: &str,
    frame: &Frame<'_>,
) -> f64 {
    let half = ((j.label.chars().count() as f64 * 6.6 + 14.0) / 2.0).max(11.0);
    c.begin_path();
    match j.protocol {
        Protocol::Arp => {
            let _ = c.arc(at.x, at.y, half.max(12.0), 0.0, std::f64::consts::TAU);
        }
        Protocol::Icmp => {
            // A disc for a number, drawn out for more than that.
            if half <= 16.0 {
                let _ = c.arc(at.x, at.y, half.max(11.0), 0.0, std::f64::consts::TAU);
            } else {
                let _ = c.round_rect_with_f64(at.x - half, at.y - 11.0, half * 2.0, 22.0, 11.0);
            }
        }
        Protocol::DnsQuestion | Protocol::DnsAnswer => {
            c.move_to(at.x - half - 6.0, at.y);
            c.line_to(at.x - half + 2.0, at.y - 11.0);
            c.line_to(at.x + half - 2.0, at.y - 11.0);
            c.line_to(at.x + half + 6.0, at.y);
            c.line_to(at.x + half - 2.0, at.y + 11.0);
            c.line_to(at.x - half + 2.0, at.y + 11.0);
            c.close_path();
        }
        Protocol::Tcp => {
            let _ = c.round_rect_with_f64(at.x - half, at.y - 10.0, half * 2.0, 20.0, 6.0);
        }
        Protocol::Udp | Protocol::Other => c.rect(at.x - half, at.y - 10.0, half * 2.0, 20.0),
    }
    let hollow = j.protocol == Protocol::Arp;
    c.set_fill_style_str(if hollow { &frame.ink.stage } else { colour });
    c.fill();
    c.set_stroke_style_str(if hollow { colour } else { &frame.ink.stage });
    c.set_line_width(if hollow { 2.0 } else { 1.5 });
    c.stroke();
    if wrapped {
        c.begin_path();
        let _ = c.round_rect_with_f64(
            at.x - half - 7.0,
            at.y - 16.0,
            half * 2.0 + 14.0,
            32.0,
            10.0,
        );
        c.set_stroke_style_str(colour);
        c.set_line_width(2.0);
        c.stroke();
    }
    c.set_fill_style_str(if hollow { colour } else { &frame.ink.on });
    let _ = c.fill_text(&j.label, at.x, at.y + 0.5);
    half
}

fn octagon(c: &CanvasRenderingContext2d, at: Point, colour: &str, on: &str) {
    let (a, b) = (5.4, 13.0);
    c.begin_path();
    for (i, (x, y)) in [
        (-a, -b),
        (a, -b),
        (b, -a),
        (b, a),
        (a, b),
        (-a, b),
        (-b, a),
        (-b, -a),
    ]
    .iter()
    .enumerate()
    {
        if i == 0 {
            c.move_to(at.x + x, at.y + y);
        } else {
            c.line_to(at.x + x, at.y + y);
        }
    }
    c.close_path();
    c.set_fill_style_str(colour);
    c.fill();
    c.set_stroke_style_str(on);
    c.set_line_width(2.0);
    c.stroke();
    c.begin_path();
    c.move_to(at.x - 4.5, at.y - 4.5);
    c.line_to(at.x + 4.5, at.y + 4.5);
    c.move_to(at.x + 4.5, at.y - 4.5);
    c.line_to(at.x - 4.5, at.y + 4.5);
    c.set_line_cap("round");
    c.stroke();
}

fn halo(c: &CanvasRenderingContext2d, at: Point, colour: &str, beat: Option<f64>) {
    let Some(beat) = beat else { return };
    let phase = (beat % 1400.0) / 1400.0;
    c.begin_path();
    let _ = c.arc(at.x, at.y, 16.0 + phase * 12.0, 0.0, std::f64::consts::TAU);
    c.set_global_alpha((1.0 - phase) * 0.4);
    c.set_stroke_style_str(colour);
    c.set_line_width(3.0);
    c.stroke();
}
