//! What is looked at: the thing that is chosen, and what the side panel tells of it.

use lab::view;
use yew::AttrValue;

use super::{App, Pane, Tab};
use crate::components::packets::Camera;
use crate::platform;
use crate::shared::Shared;

/// Whether the side panel is a view of its own, for want of room beside the stage.
pub(super) fn side_is_apart() -> bool {
    platform::window_size().0 < 900.0
}

impl App {
    /// Shows a packet of an earlier command, at its first hop.
    pub(super) fn watch(&mut self, input: u64, journey: &str) {
        if !self.owner.borrow().is_watched(input) {
            self.turn_to(input, false);
        }
        let find = |app: &Self| app.views.journeys.iter().position(|j| j.id == journey);
        let packet = find(self).or_else(|| {
            // One that is left out unless it is asked for.
            self.turn_to(input, true);
            find(self)
        });
        if let Some(packet) = packet {
            self.go_to(packet, 0);
        }
    }

    /// Watches what an input sent.
    fn turn_to(&mut self, input: u64, announcements: bool) {
        self.owner.borrow_mut().watch(input, announcements);
        self.watch.turn();
        self.player.finish(&self.film);
        self.take_views();
    }

    pub(super) fn select(&mut self, id: Option<String>) {
        if let Some(id) = &id {
            self.walking = Some(id.clone());
            self.tab = if chain_at(id).is_some() {
                Tab::Rules
            } else {
                Tab::Inspector
            };
        }
        self.selected = id;
        self.choices += 1;
        self.look_up();
    }

    /// Turns to the side panel, where it is a view of its own.
    pub(super) fn show_side(&mut self) {
        if side_is_apart() {
            self.pane = Pane::Journey;
        }
    }

    /// The chain that the chosen hook calls, and how often something was chosen so far: chosen again, it is shown again.
    pub(super) fn chosen_chain(&self) -> Option<(AttrValue, u32)> {
        let chain = self.selected.as_deref().and_then(chain_at)?;
        Some((chain.to_owned().into(), self.choices))
    }

    /// Shows a container from inside, or the stage again.
    pub(super) fn go_inside(&mut self, id: Option<String>) {
        let back = id.is_none();
        if let Some(id) = id.as_deref().and_then(|id| self.scene.spots.get(id)) {
            let Camera { x, y, zoom } = self.camera;
            let (left, top) = (id.rect.cx() * zoom + x, id.rect.cy() * zoom + y);
            platform::property("--door", &format!("{left:.0}px {top:.0}px"));
        }
        self.inside = id;
        self.room = Shared::default();
        self.look_up();
        if back {
            self.focus_stage();
        }
    }

    /// Looks up what the inspector and the rules show, if they are seen.
    pub(super) fn look_up(&mut self) {
        self.look_at_file();
        let owner = self.owner.borrow();
        if self.tab == Tab::Inspector {
            let details = self.selected.as_deref().and_then(|id| owner.details(id));
            self.details.update(details);
        }
        if let Some(id) = &self.inside {
            self.room.update(owner.details(id));
        }
        if self.tab == Tab::Events {
            self.flights.update(owner.flights());
        }
        if self.tab == Tab::Rules {
            let chosen = self.selected.as_deref().and_then(machine_of);
            let machine = self
                .at()
                .and_then(|(p, h)| Some(self.views.journeys.get(p)?.hops.get(h)?.machine.clone()));
            let docker = |name: &str| {
                self.views
                    .topology
                    .machines
                    .iter()
                    .any(|m| m.name == name && m.kind == view::MachineKind::Docker)
            };
            let first = self
                .views
                .topology
                .machines
                .iter()
                .find(|m| m.kind == view::MachineKind::Docker);
            let name = chosen
                .or(machine)
                .filter(|n| docker(n))
                .or(first.map(|m| m.name.clone()));
            if let Some(name) = name {
                let rules = owner.rules(&name);
                drop(owner);
                self.rules.update(rules);
            }
        }
    }
}

/// The built-in chain of a netfilter hook's place id. Routing is a stop among the hooks, but has no chain.
fn chain_at(id: &str) -> Option<&str> {
    let (_, chain) = id.strip_prefix("hook:")?.split_once('/')?;
    (chain != "ROUTE").then_some(chain)
}

/// The machine's name in a place id.
fn machine_of(id: &str) -> Option<String> {
    let rest = id.split_once(':')?.1;
    Some(rest.split('/').next().unwrap_or(rest).to_owned())
}
