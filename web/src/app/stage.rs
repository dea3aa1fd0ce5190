//! Where the stage is looked at from, and laying it out anew.

use super::App;
use crate::components::minimap;
use crate::components::packets::Camera;
use crate::components::stage::matches;
use crate::layout::geometry::Rect;
use crate::layout::{self, LEGIBLE, Level, WHOLE, WHOLE_CHIPS, Wish};
use crate::platform;
use crate::shared::Shared;
use yew::AttrValue;

/// Milliseconds in which the camera comes most of the way to where it is on its way to.
const GLIDE: f64 = 110.0;
/// Below this scale texts are left out.
const FAR: f64 = 0.45;

/// How long zooming has to rest before the stage is drawn anew.
const REST: f64 = 160.0;

/// The scale that the stage's pixels were made for: its layer keeps them, however far it is scaled.
#[derive(Default)]
pub(super) struct Sharp {
    zoom: f64,
    /// When they are to be made anew, if another scale has come to rest by then.
    due: Option<f64>,
    /// Whether they are being made.
    anew: bool,
}

impl App {
    /// Has the stage drawn at the scale at which it has come to rest: without a layer for one frame, which then is made anew.
    pub(super) fn sharpen(&mut self, at: f64) {
        let sharp = &mut self.sharp;
        if sharp.zoom != self.camera.zoom {
            sharp.zoom = self.camera.zoom;
            sharp.due = Some(at + REST);
        }
        let anew = sharp.due.is_some_and(|due| at >= due);
        if anew {
            sharp.due = None;
        }
        if sharp.anew != anew {
            sharp.anew = anew;
            platform::class(self.refs.world.cast(), "sharp", anew);
        }
    }

    pub(super) fn wish(&self) -> Wish {
        let (width, height) = self.canvas_size;
        let mut wish = Wish {
            level: self.level,
            backstage: self.backstage,
            ..Wish::default()
        };
        if width > 0.0 {
            (wish.width, wish.height) = (width, height);
        }
        wish
    }

    /// Lays the stage out anew and keeps it in view.
    pub(super) fn lay_out(&mut self) {
        let wish = self.wish();
        self.newest.update(layout::lay_out(
            &self.views.topology,
            &mut self.memory,
            wish,
        ));
        if self
            .walking
            .as_ref()
            .is_none_or(|w| !self.newest.spots.contains_key(w))
        {
            self.walking = self.newest.outside.first().map(|o| o.id.clone());
        }
        if self
            .selected
            .as_ref()
            .is_some_and(|s| !self.newest.spots.contains_key(s))
        {
            self.selected = None;
        }
        let shown = self.now_shown();
        self.stage.take(self.owner.borrow().stage_at(shown));
        self.draw_stage();
        if self.fitted {
            self.fit(false);
        }
        self.moved();
    }

    /// Turns to the stage of a moment; whether another one stands there than before.
    pub(super) fn set_stage(&mut self, at: u64) -> bool {
        let before = self.stage.clone();
        self.stage.take(self.owner.borrow().stage_at(at));
        let changed = self.stage != before;
        if changed {
            self.draw_stage();
        }
        changed
    }

    /// Draws the stage of the moment: the newest one, or an older one in the newest one's measures.
    fn draw_stage(&mut self) {
        self.scene = if self.stage == self.views.topology {
            self.newest.clone()
        } else {
            let wish = Wish {
                level: Some(self.newest.level),
                ..self.wish()
            };
            Shared::new(layout::lay_out(&self.stage, &mut self.memory.clone(), wish))
        };
        self.make_legs();
    }

    /// Looks at the canvas's size; whether it has changed.
    pub(super) fn measure(&mut self) -> bool {
        // Asking for a size makes the browser lay the page out: only when there may be another one.
        if !self.resized.take() {
            return false;
        }
        let port = self.refs.port.cast::<web_sys::Element>();
        let Some(port) = port.or_else(|| platform::find(".canvas")) else {
            return false;
        };
        let size = (
            f64::from(port.client_width()),
            f64::from(port.client_height()),
        );
        if size == self.canvas_size || size.0 < 1.0 {
            return false;
        }
        self.canvas_size = size;
        self.lay_out();
        // What was looked at from close by, for want of room, is seen whole when there is some.
        let panned = self.camera.zoom == LEGIBLE && self.whole().1;
        if !self.fitted && (panned || !self.cropped()) {
            self.fitted = true;
            self.fit(false);
        }
        true
    }

    /// The scale at which everything is seen, and whether it can be read at that.
    fn whole(&self) -> (f64, bool) {
        let (width, height) = self.canvas_size;
        let all = layout::scale(
            &self.newest,
            Wish {
                width,
                height,
                ..Wish::default()
            },
        );
        let least = match self.newest.level {
            Level::Chips => WHOLE_CHIPS,
            Level::Compact | Level::Standard => WHOLE,
        };
        (all, all >= least)
    }

    /// Shows everything, or as much of it as can be read; asked for `whole`, everything in any case.
    pub(super) fn fit(&mut self, whole: bool) {
        let (w, h) = self.canvas_size;
        let (all, legible) = self.whole();
        let zoom = if whole || legible { all } else { LEGIBLE };
        let x = ((w - self.newest.width * zoom) / 2.0).max(0.0);
        let y = ((h - self.newest.height * zoom) / 2.0).max(0.0);
        self.camera = Camera { x, y, zoom };
        self.glide = None;
        self.aim();
        self.painted = true;
    }

    /// Whether a part of the stage is out of view.
    pub(super) fn cropped(&self) -> bool {
        let (w, h) = self.canvas_size;
        let Camera { zoom, .. } = self.camera;
        self.newest.width * zoom > w + 2.0 || self.newest.height * zoom > h + 2.0
    }

    /// The view with a point of the stage in its middle, as far as there is stage on all sides.
    pub(super) fn centred(&self, x: f64, y: f64) -> Camera {
        let (w, h) = self.canvas_size;
        let zoom = self.camera.zoom;
        let held = |middle: f64, at: f64, size: f64| {
            let spare = middle * 2.0 - size * zoom;
            if spare >= 0.0 {
                spare / 2.0
            } else {
                (middle - at * zoom).clamp(spare, 0.0)
            }
        };
        Camera {
            x: held(w / 2.0, x, self.newest.width),
            y: held(h / 2.0, y, self.newest.height),
            zoom,
        }
    }

    /// Lets the camera go on to where it is on its way to, for so many milliseconds.
    pub(super) fn travel(&mut self, passed: f64) {
        let Some(to) = self.glide else { return };
        let share = if self.still {
            1.0
        } else {
            1.0 - (-passed / GLIDE).exp()
        };
        self.camera.x += (to.x - self.camera.x) * share;
        self.camera.y += (to.y - self.camera.y) * share;
        if (to.x - self.camera.x).abs() < 0.5 && (to.y - self.camera.y).abs() < 0.5 {
            self.camera = to;
            self.glide = None;
        }
        self.aim();
        self.painted = true;
    }

    /// Chooses the first container that is found, or the one after the chosen one.
    pub(super) fn search_next(&mut self) {
        let found: Vec<String> = self
            .scene
            .hosts
            .iter()
            .flat_map(|h| &h.containers)
            .filter(|c| matches(&c.name, &self.search))
            .map(|c| c.id.clone())
            .collect();
        let here = found
            .iter()
            .position(|id| Some(id) == self.selected.as_ref());
        let next = here.map_or(0, |i| i + 1);
        if let Some(id) = found.get(next).or(found.first()).cloned() {
            self.reveal(&id);
            self.select(Some(id));
        }
    }

    /// Brings a place into view, if it is out of it.
    pub(super) fn reveal(&mut self, id: &str) {
        if let Some(spot) = self.scene.spots.get(id) {
            self.reveal_area(spot.rect);
        }
    }

    /// The same with a part of the stage.
    pub(super) fn reveal_area(&mut self, r: Rect) {
        let (w, h) = self.canvas_size;
        let Camera { x, y, zoom } = self.camera;
        let seen = r.x * zoom + x >= 0.0
            && r.right() * zoom + x <= w
            && r.y * zoom + y >= 0.0
            && r.bottom() * zoom + y <= h;
        if !seen {
            self.fitted = false;
            self.glide = Some(self.centred(r.cx(), r.cy()));
        }
    }

    pub(super) fn zoom_at(&mut self, x: f64, y: f64, by: f64) {
        self.glide = None;
        let zoom = (self.camera.zoom * by).clamp(0.05, 4.0);
        let k = zoom / self.camera.zoom;
        self.camera = Camera {
            x: x - (x - self.camera.x) * k,
            y: y - (y - self.camera.y) * k,
            zoom,
        };
        self.fitted = false;
        self.aim();
        self.painted = true;
    }

    /// Points the camera: a CSS transform, which costs no layout.
    pub(super) fn aim(&self) {
        let Camera { x, y, zoom } = self.camera;
        let value = format!("translate({x:.2}px,{y:.2}px) scale({zoom:.4})");
        platform::style(self.refs.world.cast(), "transform", &value);
        // Texts that nobody could read only cost time.
        platform::class(self.refs.world.cast(), "far", zoom < FAR);
        platform::class(self.refs.minimap.cast(), "off", !self.cropped());
        minimap::aim(&self.refs.view, &self.newest, self.camera, self.canvas_size);
        self.place_hint();
    }

    /// What is said where there are no containers stands there, as far as that is in view.
    fn place_hint(&self) {
        let Some(room) = self.newest.vacancy() else {
            return;
        };
        let Camera { x, y, zoom } = self.camera;
        let (width, height) = self.canvas_size;
        let (left, top) = ((x + room.x * zoom).max(0.0), (y + room.y * zoom).max(0.0));
        let right = (x + room.right() * zoom).min(width);
        let bottom = (y + room.bottom() * zoom).min(height);
        let hint = platform::find(".hint");
        for (name, value) in [
            ("left", left),
            ("top", top),
            ("width", (right - left).max(0.0)),
            ("height", (bottom - top).max(0.0)),
        ] {
            platform::style(hint.clone(), name, &format!("{value:.1}px"));
        }
    }

    pub(super) fn port_corner(&self) -> (f64, f64) {
        let rect = self
            .refs
            .port
            .cast::<web_sys::Element>()
            .map(|e| e.get_bounding_client_rect());
        rect.map_or((0.0, 0.0), |r| (r.left(), r.top()))
    }

    /// Gives focus to what the stage's keys are at.
    pub(super) fn focus_stage(&mut self) {
        if let Some(id) = &self.walking {
            self.focus = Some(format!("[data-id=\"{id}\"]").into());
        }
    }

    /// Gives focus to an element once the page has been drawn: before, it may not be there yet, or lie behind a dialog.
    pub(super) fn focus(&mut self, selector: &'static str) {
        self.focus = Some(AttrValue::Static(selector));
    }

    /// The page has been drawn: focus goes where somebody wanted it, and is not lost with what had it.
    pub(super) fn settle_focus(&mut self) {
        if let Some(selector) = self.focus.take() {
            platform::focus(&selector);
            // The button is not there on a narrow screen: its menu was.
            if nowhere() {
                platform::focus(super::menus::MORE);
            }
        }
        if let Some(home) = self.region.take().filter(|_| nowhere()) {
            platform::focus(home);
        }
    }
}

/// Whether nothing has focus.
fn nowhere() -> bool {
    platform::focused().is_none_or(|f| f.tag_name() == "BODY")
}
