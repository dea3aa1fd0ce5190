//! Where the stage is looked at from, and laying it out anew.

use super::App;
use crate::components::packets::Camera;
use crate::layout::{self, Wish};
use crate::platform;
use crate::shared::Shared;

impl App {
    fn wish(&self) -> Wish {
        let (width, height) = self.canvas_size;
        let mut wish = Wish {
            level: self.level,
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
            self.fit();
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
            Shared::new(layout::lay_out(
                &self.stage,
                &mut self.memory.clone(),
                wish,
            ))
        };
        self.make_legs();
    }

    /// Looks at the canvas's size; whether it has changed.
    pub(super) fn measure(&mut self) -> bool {
        let Some(port) = self.refs.port.cast::<web_sys::Element>() else {
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
        true
    }

    pub(super) fn fit(&mut self) {
        let (w, h) = self.canvas_size;
        let zoom = layout::scale(
            &self.newest,
            Wish {
                width: w,
                height: h,
                level: None,
            },
        );
        let x = ((w - self.newest.width * zoom) / 2.0).max(0.0);
        let y = ((h - self.newest.height * zoom) / 2.0).max(0.0);
        self.camera = Camera { x, y, zoom };
        self.aim();
    }

    pub(super) fn zoom_at(&mut self, x: f64, y: f64, by: f64) {
        let zoom = (self.camera.zoom * by).clamp(0.15, 4.0);
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
    }

    pub(super) fn port_corner(&self) -> (f64, f64) {
        let rect = self
            .refs
            .port
            .cast::<web_sys::Element>()
            .map(|e| e.get_bounding_client_rect());
        rect.map_or((0.0, 0.0), |r| (r.left(), r.top()))
    }

    pub(super) fn focus_walking(&self) {
        if let Some(id) = &self.walking {
            platform::focus(&format!("[data-id=\"{id}\"]"));
        }
    }

    pub(super) fn focus_stage(&self) {
        self.focus_walking();
    }
}
