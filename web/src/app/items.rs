//! The lines of each menu: for each thing on the stage what a person would do next, with the lines that do it.

use lab::view::{Action, DropState, Export, ImageOffer, MachineKind};

use super::menus::{Item, MenuKind};
use super::{App, Choice, Deed, Dialog, Msg};
use crate::layout::scene::Mark;
use crate::layout::text;
use crate::messages as words;
use crate::playback::SPEEDS;

/// What narrow screens have no buttons for: what it is called, what it does, and whether a line separates it from the one
/// before.
type Rare = (words::Words, fn(&App) -> Msg, bool);

pub(super) const RARE: [Rare; 14] = [
    (words::loop_keys, |_| Msg::Loop, false),
    (words::skip_silences, |_| Msg::Idle, false),
    (
        words::speed,
        |app| Msg::Speed((app.player.speed_index() + 1) % SPEEDS.len()),
        false,
    ),
    (words::heat, |_| Msg::Heat, true),
    (words::zoom_in, |_| Msg::Zoom(1.25), false),
    (words::zoom_out, |_| Msg::Zoom(0.8), false),
    (words::fit_label, |_| Msg::Fit, false),
    (words::new_container, |_| Msg::Images(true), true),
    (words::new_network, |_| Msg::NewNetwork, false),
    (words::redo_keys, |_| Msg::Redo, true),
    (words::reset, |_| Msg::Reset, false),
    (
        words::export,
        |app| Msg::ExportMenu(app.canvas_size.0, 0.0),
        false,
    ),
    (
        words::settings,
        |_| Msg::Dialog(Some(Dialog::Settings)),
        true,
    ),
    (
        words::shortcuts_keys,
        |_| Msg::Dialog(Some(Dialog::Keys)),
        false,
    ),
];

/// Those of them that are about the stage.
const STAGE: std::ops::Range<usize> = 3..9;

/// What can be done on the stage where nothing stands, with the keys for it.
pub(super) fn ground_items() -> Vec<Item> {
    let items = RARE.iter().enumerate();
    let items = items.skip(STAGE.start).take(STAGE.len());
    let items = items.map(|(i, (name, _, apart))| {
        let (name, keys) = name().split_once(" (").unwrap_or((name(), ""));
        let mut item = Item::new(name, Choice::Rare(i));
        item.note = keys.trim_end_matches(')').to_owned();
        item.apart = *apart && i > STAGE.start;
        item
    });
    items.collect()
}

/// Lines typed for a person, as an item.
pub(super) fn typed(action: Action) -> Item {
    Item::new(
        words::said::plainly(&action.label).as_str(),
        Choice::Type(action),
    )
}

impl App {
    /// What narrow screens have no buttons for, with what is switched on.
    pub(super) fn rare_items(&self) -> Vec<Item> {
        let is = |on: bool| if on { words::on() } else { words::off() }.to_owned();
        let speed = words::decimal(&self.player.speed().to_string());
        let notes = [
            is(self.player.looping),
            is(!self.watch.idle),
            format!("{speed}×"),
            is(self.heat.is_some()),
        ];
        let mut notes = notes.into_iter();
        let items = RARE.iter().enumerate().map(|(i, (name, _, apart))| {
            let name = name();
            // There are no keys to speak of.
            let mut item = Item::new(name.split(" (").next().unwrap_or(name), Choice::Rare(i));
            item.note = notes.next().unwrap_or_default();
            item.apart = *apart;
            item
        });
        items.collect()
    }

    /// The files that the lab can be written as.
    pub(super) fn export_items(&self) -> Vec<Item> {
        let machines = &self.views.topology.machines;
        let docker: Vec<&str> = machines
            .iter()
            .filter(|m| m.kind == MachineKind::Docker)
            .map(|m| m.name.as_str())
            .collect();
        let mut items = Vec::new();
        for name in &docker {
            for (what, label, ending) in [
                (Export::ComposeFile, words::export_compose(), "compose.yaml"),
                (Export::Script, words::export_script(), ".sh"),
            ] {
                let label = match docker.len() {
                    1 => label.to_owned(),
                    _ => format!("{name}: {label}"),
                };
                let mut item = Item::new(label, Choice::Export((*name).to_owned(), what));
                item.note = ending.to_owned();
                items.push(item);
            }
        }
        let mut packets = Item::new(
            words::export_packets(),
            Choice::Export(String::new(), Export::Packets),
        );
        packets.note = ".pcapng".to_owned();
        packets.apart = true;
        items.push(packets);
        items
    }

    pub(super) fn thing_items(&self, id: &str) -> Vec<Item> {
        let open =
            |label: &str, kind: MenuKind| Item::new(label, Choice::Open(kind, id.to_owned()));
        let mut items = Vec::new();
        let machine = self.views.topology.machines.iter().find(|m| m.id == id);
        let docker = machine.is_some_and(|m| m.kind == MachineKind::Docker);
        if id.starts_with("container:") {
            for (label, kind, key) in [
                (words::menu_connect(), MenuKind::Connect, "C"),
                (words::menu_move(), MenuKind::Move, "M"),
                (words::menu_disconnect(), MenuKind::Disconnect, "X"),
            ] {
                let mut item = open(label, kind);
                item.note = key.to_owned();
                items.push(item);
            }
        }
        if docker || id.starts_with("network:") {
            items.push(open(words::menu_run(), MenuKind::Images));
        }
        if let Some(m) = machine.filter(|m| m.has_terminal) {
            items.push(Item::new(
                words::menu_terminal(),
                Choice::Terminal(Deed::Show(m.name.clone())),
            ));
        }
        let first = items.len();
        items.extend(self.owner.borrow().actions(id).into_iter().map(typed));
        let look = items.len();
        items.push(Item::new(
            words::menu_inspect(),
            Choice::Inspect(id.to_owned()),
        ));
        if id.starts_with("container:") {
            let mut item = Item::new(words::menu_inside(), Choice::Inside(id.to_owned()));
            item.note = words::keys::spelled("Enter Enter");
            items.push(item);
        }
        if docker || id.starts_with("hook:") {
            items.push(Item::new(words::menu_rules(), Choice::Rules(id.to_owned())));
        }
        if id.starts_with("network:") {
            items.push(Item::new(words::menu_only(), Choice::Only(id.to_owned())));
        }
        for at in [first, look] {
            if let (true, Some(item)) = (at > 0, items.get_mut(at)) {
                item.apart = true;
            }
        }
        items
    }

    pub(super) fn network_items(&self, kind: &MenuKind, id: &str) -> Vec<Item> {
        let mut offers = self.owner.borrow().offers(id);
        // What is not drawn is not offered.
        let drawn = |id: &str| self.backstage || self.scene.spots.contains_key(id);
        offers.retain(|o| drawn(&o.network));
        let networks = || {
            self.views
                .topology
                .machines
                .iter()
                .flat_map(|m| &m.networks)
        };
        offers
            .into_iter()
            .map(|o| {
                let network = networks().find(|n| n.id == o.network);
                let commands = match kind {
                    MenuKind::Connect => o.connect.clone(),
                    MenuKind::Move => o.move_here.clone(),
                    _ => Some(o.disconnect.clone())
                        .filter(|c| !c.is_empty())
                        .into_iter()
                        .collect(),
                };
                let off = commands.is_empty();
                let leaving = *kind == MenuKind::Disconnect;
                let note = match o.state {
                    DropState::Member if !leaving => words::menu_member().to_owned(),
                    DropState::Refused => text::shorten(&o.refusal, 40),
                    _ if leaving && off => words::menu_not_member().to_owned(),
                    _ => o.address.clone(),
                };
                let action = Action {
                    commands,
                    machine: o.machine.clone(),
                    ..Action::default()
                };
                Item {
                    label: network.map_or_else(String::new, |n| n.name.clone()),
                    mark: network.map(|n| Mark(n.mark)),
                    note,
                    choice: (!off).then_some(Choice::Type(action)),
                    apart: false,
                }
            })
            .collect()
    }

    pub(super) fn image_items(&self, id: &str) -> Vec<Item> {
        let machine = id
            .split_once(':')
            .and_then(|(_, rest)| rest.split('/').next())
            .unwrap_or_default();
        let images = self.owner.borrow().images(machine);
        images
            .into_iter()
            .map(|i| {
                let on = i.on.iter().find(|o| o.0 == id).map(|o| o.1.clone());
                let action = Action {
                    commands: vec![on.unwrap_or_else(|| i.command.clone())],
                    machine: i.machine.clone(),
                    ..Action::default()
                };
                Item::new(i.image, Choice::Type(action))
            })
            .collect()
    }

    /// The images of the first machine that runs Docker, for the list above the stage.
    pub(super) fn palette(&self) -> Vec<ImageOffer> {
        let machine = self
            .views
            .topology
            .machines
            .iter()
            .find(|m| m.kind == MachineKind::Docker);
        machine.map_or_else(Vec::new, |m| self.owner.borrow().images(&m.name))
    }

    /// A new network on a machine, as the command that makes it.
    pub(super) fn network_to_be(&self, machine: Option<&str>) -> Option<Action> {
        let machines = &self.views.topology.machines;
        let machine = machines
            .iter()
            .filter(|m| m.kind == MachineKind::Docker)
            .find(|m| machine.is_none_or(|id| m.id == id))?;
        let all = self.owner.borrow().actions(&machine.id);
        all.into_iter().next()
    }
}
