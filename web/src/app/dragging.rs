//! Lifting, carrying and putting down.

use std::rc::Rc;

use lab::view::{Action, Container, ContainerState, DropOffer, DropState, Interface};

use super::drag::Load;
use super::{App, Drag, MenuKind};
use crate::layout::geometry::pt;
use crate::layout::scene::{Mark, SpotKind};
use crate::layout::{self, Scene, Wish};
use crate::messages;
use crate::platform;
use crate::shared::Shared;

/// Among more containers than these nobody sees one more, and finding its place would hold up the pointer.
const MOST_FORESEEN: usize = 80;
/// The id of the container that is shown before it is there.
pub(crate) const PREVIEW: &str = "preview:";

impl App {
    /// Takes something up: a container or an outside machine by its place, an image as `image:NAME`, a network to be as
    /// `network`.
    pub(super) fn lift(&mut self, id: &str) {
        let drag = if let Some(name) = id.strip_prefix("image:") {
            self.lift_image(name)
        } else if id == "network" {
            self.network_to_be(None).map(|action| Drag {
                load: Load::Network,
                name: action
                    .commands
                    .first()
                    .and_then(|c| c.rsplit(' ').next())
                    .unwrap_or_default()
                    .to_owned(),
                here: Some(action),
                ..Drag::default()
            })
        } else {
            self.lift_thing(id)
        };
        if drag.is_some() {
            self.drag = Shared::new(drag);
            self.look_up();
        }
    }

    fn lift_thing(&mut self, id: &str) -> Option<Drag> {
        let machines = &self.views.topology.machines;
        if let Some(machine) = machines.iter().find(|m| m.id == id) {
            return Some(Drag {
                load: Load::Machine,
                container: id.to_owned(),
                name: machine.name.clone(),
                ..Drag::default()
            });
        }
        let machine = machines
            .iter()
            .find(|m| m.containers.iter().any(|c| c.id == id))?;
        let container = machine.containers.iter().find(|c| c.id == id)?;
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
        self.selected = Some(id.to_owned());
        Some(drag)
    }

    fn lift_image(&self, name: &str) -> Option<Drag> {
        let image = self.palette().into_iter().find(|i| i.image == name)?;
        let offers = image.on.iter().map(|(network, command)| DropOffer {
            network: network.clone(),
            state: DropState::Connects,
            connect: vec![command.clone()],
            machine: image.machine.clone(),
            ..DropOffer::default()
        });
        Some(Drag {
            load: Load::Image,
            container: image.image.clone(),
            name: image.image.clone(),
            offers: offers.collect(),
            here: Some(Action {
                commands: vec![image.command.clone()],
                machine: image.machine.clone(),
                ..Action::default()
            }),
            ..Drag::default()
        })
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
        let speaks = matches!(drag.load, Load::Container | Load::Machine);
        let target = self
            .scene
            .spots
            .iter()
            .filter(|(id, s)| {
                let outside = matches!(s.kind, SpotKind::Machine { .. })
                    && !self.scene.hosts.iter().any(|h| h.id == **id);
                let listens = matches!(s.kind, SpotKind::Container { .. } | SpotKind::Published);
                (outside || listens) && **id != drag.container && s.rect.holds(at)
            })
            .map(|(id, _)| id.clone())
            .find(|_| speaks);
        let contacts = match (&target, target == drag.target) {
            (Some(_), true) => drag.contacts.clone(),
            (Some(to), false) => self.owner.borrow().contacts(&drag.container, to),
            (None, _) => Vec::new(),
        };
        let turned = over != drag.over || target != drag.target || shift != drag.moving;
        let next = Drag {
            over: over.filter(|_| target.is_none()),
            moving: shift,
            ground: ground && target.is_none(),
            target,
            contacts,
            ..drag.clone()
        };
        if turned {
            self.preview = self.foresee(&next).map(Shared::new);
        }
        self.drag.update(Some(next))
    }

    /// The stage with the container that is in the air where it is held, if a network there takes it.
    fn foresee(&self, drag: &Drag) -> Option<Scene> {
        let over = drag.over.as_deref()?;
        let offer = drag.offers.iter().find(|o| o.network == over)?;
        if offer.state != DropState::Connects {
            return None;
        }
        let containers: usize = self.scene.hosts.iter().map(|h| h.containers.len()).sum();
        if containers > MOST_FORESEEN {
            return None;
        }
        let mut topology = (*self.stage).clone();
        let machines = &mut topology.machines;
        let machine = machines
            .iter_mut()
            .find(|m| m.networks.iter().any(|n| n.id == over))?;
        Rc::make_mut(machine).containers.push(Rc::new(Container {
            id: PREVIEW.to_owned(),
            name: drag.name.clone(),
            image: messages::preview_image().to_owned(),
            state: ContainerState::Running,
            interfaces: vec![Interface {
                // Who leaves all others begins anew.
                name: match offer.interface.as_str() {
                    name if !name.is_empty() && !drag.moving => name.to_owned(),
                    _ => "eth0".to_owned(),
                },
                addresses: vec![offer.address.clone()],
                network: Some(over.to_owned()),
                up: true,
                ..Interface::default()
            }],
            networks: vec![over.to_owned()],
            activity: messages::preview_note().to_owned(),
            ..Container::default()
        }));
        let wish = Wish {
            level: Some(self.scene.level),
            ..self.wish()
        };
        let scene = layout::lay_out(&topology, &mut self.memory.clone(), wish);
        // Where it would have to be looked at from further away, nothing is moved before it has to be.
        let fits = |s: &Scene| s.width * self.camera.zoom <= self.canvas_size.0 + 1.0;
        (fits(&scene) || !fits(&self.scene)).then_some(scene)
    }

    pub(super) fn put_down(&mut self, at: (f64, f64)) {
        let Some(drag) = (*self.drag).clone() else {
            return;
        };
        self.drag = Shared::default();
        self.preview = None;
        let commands = drag.commands();
        if commands.is_empty() {
            return;
        }
        if drag.load == Load::Network {
            self.draft = drag.here;
            return;
        }
        // Where there is more than one thing to say, one is asked which.
        if let (Some(to), true) = (&drag.target, drag.contacts.len() > 1) {
            let kind = MenuKind::Contact(to.clone());
            self.open_menu(Some((kind, drag.container.clone())), Some(at));
            return;
        }
        let network = drag.over.as_deref().and_then(|id| self.network_name(id));
        self.run_all(&drag.machine(), &commands, true);
        let text = match (drag.load, network) {
            _ if drag.target.is_some() => return,
            (Load::Container, Some(network)) if commands.len() > 1 => {
                messages::moved(&drag.name, &network)
            }
            (Load::Container, Some(network)) => messages::connected(&drag.name, &network),
            (Load::Container, None) => messages::disconnected_only(&drag.name),
            _ => messages::done(&commands.join(" ; ")),
        };
        if self.last_exit_ok() {
            self.toast(text, true, false);
            if let Some(toast) = self.toasts.last_mut() {
                toast.lines = commands.len();
            }
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
