//! Lifting, carrying and putting down a container, and the menus that do the same.

use super::{App, Drag, MenuKind, MenuView};
use crate::layout::geometry::pt;
use crate::layout::scene::Mark;
use crate::messages;
use crate::platform;
use crate::shared::Shared;

impl App {
    pub(super) fn lift(&mut self, id: &str) {
        let machine = self
            .views
            .topology
            .machines
            .iter()
            .find(|m| m.containers.iter().any(|c| c.id == id));
        let container = machine.and_then(|m| m.containers.iter().find(|c| c.id == id));
        let (Some(machine), Some(container)) = (machine, container) else {
            return;
        };
        let first = container
            .networks
            .first()
            .and_then(|n| machine.networks.iter().find(|k| k.id == *n));
        let drag = Drag {
            container: id.to_owned(),
            name: container.name.clone(),
            mark: Mark(first.map_or(0, |n| n.mark)),
            offers: self.owner.borrow().offers(id),
            ..Drag::default()
        };
        self.drag = Shared::new(Some(drag));
        self.selected = Some(id.to_owned());
    }

    pub(super) fn carry(&mut self, x: f64, y: f64, shift: bool) -> bool {
        let (left, top) = self.port_corner();
        let (x, y) = (x - left, y - top);
        platform::style(
            self.refs.chip.cast(),
            "transform",
            &format!("translate({x:.1}px,{y:.1}px)"),
        );
        let Some(drag) = &*self.drag else {
            return false;
        };
        let at = pt(
            (x - self.camera.x) / self.camera.zoom,
            (y - self.camera.y) / self.camera.zoom,
        );
        let host = self.scene.hosts.iter().find(|h| h.rect.holds(at));
        let over = host
            .and_then(|h| h.lanes.iter().find(|l| l.area.holds(at)))
            .map(|l| l.id.clone());
        let ground = host.is_some() && over.is_none();
        let next = Drag {
            over,
            moving: shift,
            ground,
            ..drag.clone()
        };
        self.drag.update(Some(next))
    }

    pub(super) fn put_down(&mut self) {
        let Some(drag) = (*self.drag).clone() else {
            return;
        };
        self.drag = Shared::default();
        let commands = drag.commands();
        if commands.is_empty() {
            return;
        }
        let network = drag.over.as_deref().and_then(|id| self.network_name(id));
        self.run_all(&drag.machine(), &commands, true);
        let text = match network {
            Some(network) => messages::connected(&drag.name, &network),
            None => messages::disconnected(&drag.name, "its network"),
        };
        if self.last_exit_ok() {
            self.toast(text, true, false);
        }
    }

    pub(super) fn open_menu(&mut self, menu: Option<(MenuKind, String)>) {
        let view = menu.and_then(|(kind, id)| {
            let containers = self
                .views
                .topology
                .machines
                .iter()
                .flat_map(|m| &m.containers);
            let name = containers.into_iter().find(|c| c.id == id)?.name.clone();
            Some(MenuView {
                kind,
                name,
                offers: self.owner.borrow().offers(&id),
            })
        });
        let closed = view.is_none() && self.menu.is_some();
        self.menu = Shared::new(view);
        if closed {
            self.focus_walking();
        }
    }

    pub(super) fn last_exit_ok(&self) -> bool {
        let runs = self.views.terminals.iter().flat_map(|t| &t.runs);
        runs.max_by_key(|r| r.input)
            .is_none_or(|r| r.exit.is_none_or(|e| e == 0))
    }

    pub(super) fn network_name(&self, id: &str) -> Option<String> {
        let networks = self
            .views
            .topology
            .machines
            .iter()
            .flat_map(|m| &m.networks);
        networks
            .into_iter()
            .find(|n| n.id == id)
            .map(|n| n.name.clone())
    }
}
