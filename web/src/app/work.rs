//! What the page does when somebody wants something.

use lab::view;
use yew::AttrValue;

use super::{App, Awaited, Drag, MenuKind, MenuView, Msg, Pane, Tab, Theme, Toast};
use crate::api;
use crate::components::packets::{self, Camera, Frame, Ink};
use crate::components::stage::Lit;
use crate::components::trail;
use crate::layout::geometry::pt;
use crate::layout::scene::Mark;
use crate::layout::{self, Wish, roads};
use crate::messages;
use crate::owner::Owner;
use crate::platform::{self, storage};
use crate::playback::Film;
use crate::shared::Shared;

/// Milliseconds of a frame that the simulation may take.
const PUMP_BUDGET: f64 = 8.0;
/// Slices of virtual time simulated in a frame at most, so that what never ends is not run far ahead of what is shown.
const MOST_SLICES: u32 = 4;
/// Film that is simulated ahead of what is shown, in milliseconds.
const AHEAD: f64 = 30_000.0;
/// Milliseconds between two looks at a simulation that goes on.
const REFRESH: f64 = 150.0;
/// Milliseconds after which changes are saved.
const SAVE_AFTER: f64 = 400.0;
/// Milliseconds a toast stays.
const TOAST: f64 = 6_000.0;

/// What went wrong while opening the saved lab.
#[derive(Default)]
pub(super) struct Troubles {
    pub(super) notice: Option<AttrValue>,
    pub(super) toast: Option<String>,
}

/// Opens the saved lab, or a new one.
pub(super) fn open() -> (Owner, Troubles) {
    let mut troubles = Troubles::default();
    match storage::read(storage::LAB) {
        Ok(Some(saved)) => match Owner::restore(&saved) {
            Ok(owner) => return (owner, troubles),
            Err(reason) => {
                let _ = storage::write(storage::BROKEN, &saved);
                storage::forget(storage::LAB);
                troubles.toast = Some(messages::unreadable(&reason));
            }
        },
        Ok(None) => {}
        Err(trouble) => troubles.notice = Some(messages::not_saved(trouble).into()),
    }
    match Owner::new() {
        Ok(owner) => (owner, troubles),
        // Without a lab there is no page: the panic hook's page says so.
        Err(reason) => wasm_bindgen::throw_str(&format!("{}: {reason}", messages::NO_LAB)),
    }
}

impl App {
    /// Handles a wish; whether the page has to be drawn again.
    pub(super) fn handle(&mut self, msg: Msg) -> bool {
        match msg {
            Msg::Frame(at) => return self.frame(at),
            Msg::Line { terminal, line } => {
                self.type_line(terminal, &line);
            }
            Msg::Run { machine, command } => return self.handle(Msg::RunAll { machine, commands: vec![command] }),
            Msg::RunAll { machine, commands } => self.run_all(&machine, &commands, false),
            Msg::Interrupt(terminal) => {
                let shown = self.now_shown();
                self.owner.borrow_mut().interrupt(terminal, shown);
                self.after_key();
            }
            Msg::Eof(terminal) => {
                let shown = self.now_shown();
                self.owner.borrow_mut().end_of_file(terminal, shown);
                self.after_key();
            }
            Msg::LeaveTerminal => {
                self.maximised = false;
                self.focus_stage();
            }
            Msg::Terminal(id) => {
                self.terminal = id;
                self.fresh.retain(|t| *t != id);
                self.pane = if platform::window_size().0 < 600.0 { Pane::Terminal } else { self.pane };
            }
            Msg::Maximise => self.maximised = !self.maximised,
            Msg::Undo => self.history(Owner::undo),
            Msg::Redo => self.history(Owner::redo),
            Msg::Reset => self.history(Owner::reset),
            Msg::NextTheme => self.next_theme(),
            Msg::Help(open) => self.help = open,
            Msg::Filter(network) => self.filter = network,
            Msg::Level(level) => {
                self.level = level;
                self.fitted = true;
                self.lay_out();
            }
            Msg::Zoom(by) => {
                let (w, h) = self.canvas_size;
                self.zoom_at(w / 2.0, h / 2.0, by);
                return false;
            }
            Msg::Wheel { x, y, by } => {
                let (left, top) = self.port_corner();
                self.zoom_at(x - left, y - top, by);
                return false;
            }
            Msg::Pan(x, y) => {
                self.fitted = false;
                self.camera.x += x;
                self.camera.y += y;
                self.aim();
                self.painted = true;
                return false;
            }
            Msg::Fit => {
                self.fitted = true;
                self.fit();
                return false;
            }
            Msg::Select(id) => self.select(id),
            Msg::StageKey(e) => return self.stage_key(&e),
            Msg::PageKey(e) => return self.page_key(&e),
            Msg::DragStart(id) => self.lift(&id),
            Msg::DragMove { x, y, shift } => return self.carry(x, y, shift),
            Msg::Drop => self.put_down(),
            Msg::DragCancel => self.drag = Shared::default(),
            Msg::Menu(menu) => self.open_menu(menu),
            Msg::TogglePlay => {
                self.player.toggle(&self.film);
                self.moved();
            }
            Msg::Replay => {
                self.player.position = 0.0;
                self.player.playing = self.film.length > 0.0 && !self.still;
                self.tab = Tab::Journey;
                self.moved();
            }
            Msg::StepForward => {
                self.player.step_forward(&self.film);
                self.moved();
            }
            Msg::StepBack => {
                self.player.step_back(&self.film);
                self.moved();
            }
            Msg::ToHop(packet, hop) => {
                self.player.to_hop(&self.film, packet, hop);
                self.moved();
            }
            Msg::ToEnd => self.finish_film(),
            Msg::Scrub(position) => {
                self.player.scrub(&self.film, position);
                self.moved();
            }
            Msg::Speed(index) => self.player.set_speed(index),
            Msg::Tab(tab) => {
                self.tab = tab;
                self.look_up();
            }
            Msg::Widen => self.wide = !self.wide,
            Msg::Pane(pane) => self.pane = pane,
            Msg::CloseToast(id) => self.toasts.retain(|t| t.id != id),
            Msg::UndoToast(id) => {
                self.toasts.retain(|t| t.id != id);
                self.history(Owner::undo);
            }
            Msg::Api(request) => self.answer(request),
        }
        true
    }

    /// One frame: simulate, advance, paint.
    fn frame(&mut self, at: f64) -> bool {
        let passed = (at - self.last_frame).max(0.0);
        self.last_frame = at;
        let mut redraw = self.measure();
        redraw |= self.pump(at);
        let before = self.player.playing;
        self.player.advance(&self.film, passed);
        if before {
            redraw |= self.reach();
            self.move_thumb();
        }
        let halo = !self.still && self.step.is_some() && !self.player.at_end(&self.film);
        if before || halo || self.painted {
            self.paint(at);
        }
        let count = self.toasts.len();
        self.toasts.retain(|t| t.bad || t.until > at);
        redraw |= self.toasts.len() != count || before != self.player.playing;
        if self.save_at.is_some_and(|due| at >= due) {
            self.save_at = None;
            redraw |= self.save();
        }
        redraw
    }

    fn paint(&mut self, at: f64) {
        let frame = Frame {
            film: &self.film,
            position: if self.step.is_none() && self.player.at_end(&self.film) { -1.0 } else { self.player.position },
            journeys: &self.views.journeys,
            legs: &self.legs,
            camera: self.camera,
            ink: &self.ink,
            beat: (!self.still).then_some(at),
        };
        packets::paint(&self.refs.canvas, &frame);
        self.painted = false;
    }

    /// Lets the simulation go on within its budget.
    fn pump(&mut self, at: f64) -> bool {
        if !self.pumping {
            return false;
        }
        let urgent = !self.awaited.is_empty();
        if !urgent && self.film.length - self.player.position > AHEAD {
            return false;
        }
        let started = platform::now();
        let mut more = true;
        let mut slices = 0;
        while more && slices < MOST_SLICES && platform::now() - started < PUMP_BUDGET {
            more = self.owner.borrow_mut().pump();
            slices += 1;
        }
        self.pumping = more;
        if more && at - self.last_refresh < REFRESH {
            return false;
        }
        self.last_refresh = at;
        self.owner.borrow_mut().refresh();
        self.take_views();
        true
    }

    /// Takes what the lab shows now and makes a film of it.
    fn take_views(&mut self) {
        let new = self.owner.borrow().views.clone();
        for t in new.terminals.iter().filter(|t| t.id != self.terminal) {
            let before = self.views.terminals.iter().find(|b| b.id == t.id).map_or(0, |b| b.lines.len());
            if t.lines.len() > before && !self.fresh.contains(&t.id) {
                self.fresh.push(t.id);
            }
        }
        let relayout = new.topology != self.views.topology;
        let refilm = new.journeys != self.views.journeys || new.terminals != self.views.terminals;
        self.views = new;
        if relayout {
            self.lay_out();
        }
        if refilm {
            let ended = self.player.at_end(&self.film) && !self.player.playing;
            self.make_film();
            if self.worth_playing() && !self.still {
                // The film grew: what was at its end goes on.
                self.player.playing |= ended;
            } else {
                self.player.finish(&self.film);
            }
            self.moved();
        }
        if !self.views.terminals.iter().any(|t| t.id == self.terminal) {
            self.terminal = self.views.terminals.first().map_or(0, |t| t.id);
        }
        self.look_up();
        self.settle_awaited();
    }

    fn worth_playing(&self) -> bool {
        Film::worth_watching(&self.views.journeys)
    }

    fn make_film(&mut self) {
        let marks = self.owner.borrow().marks();
        self.film.update(Film::new(&self.views.journeys, &marks));
        self.make_legs();
    }

    fn make_legs(&mut self) {
        self.legs = self.views.journeys.iter().map(|j| roads::trail(&self.scene, j)).collect();
    }

    /// Begins a new film at its start.
    pub(super) fn rewind_film(&mut self) {
        self.player.position = 0.0;
        self.player.playing = false;
        self.make_film();
        self.moved();
    }

    /// Shows everything at once.
    pub(super) fn finish_film(&mut self) {
        self.player.finish(&self.film);
        self.moved();
    }

    /// After the position was changed by hand.
    fn moved(&mut self) {
        self.step = Some(usize::MAX);
        self.reach();
        self.move_thumb();
        self.painted = true;
    }

    /// Takes note of where the film is; whether something on the page changes with it.
    fn reach(&mut self) -> bool {
        // After a command that only made neighbours talk, the stage is left in peace.
        let quiet = self.player.at_end(&self.film) && !self.worth_playing();
        let step = self.film.step_at(self.player.position).filter(|_| !quiet);
        let shown = self.film.virtual_time(self.player.position);
        let lines = |until: u64| -> usize {
            self.views.terminals.iter().map(|t| t.lines.iter().take_while(|l| l.at_ns <= until).count()).sum()
        };
        let changed = step != self.step || (shown != self.shown && lines(shown) != lines(self.shown));
        if !changed {
            return false;
        }
        self.shown = shown;
        self.step = step;
        let at = self.at();
        let journeys = &self.views.journeys;
        let lit = at.and_then(|(p, h)| Some((journeys.get(p)?, h))).map(|(j, h)| Lit {
            hot: j.hops.iter().take(h + 1).map(|h| h.place.clone()).collect(),
            bad: j.hops.get(h).filter(|h| h.verdict.tone == view::Tone::Bad).map(|h| h.place.clone()),
        });
        self.lit.update(lit.unwrap_or_default());
        let trail = at.and_then(|(p, h)| {
            Some(trail::View::new(&self.scene, journeys.get(p)?, self.legs.get(p)?, h, self.still))
        });
        self.trail.update(trail);
        true
    }

    /// The packet and hop playback is at.
    pub(super) fn at(&self) -> Option<(usize, usize)> {
        self.step.and_then(|s| self.film.steps.get(s)).map(|s| (s.packet, s.hop))
    }

    /// Virtual time that the user has seen up to.
    fn now_shown(&self) -> u64 {
        self.film.virtual_time(self.player.position)
    }

    /// Types a line into a terminal; returns the input's number.
    fn type_line(&mut self, terminal: u32, line: &str) -> u64 {
        // Who types does not want to wait for the last film.
        self.player.finish(&self.film);
        self.terminal = terminal;
        self.fresh.retain(|t| *t != terminal);
        let number = self.owner.borrow_mut().line(terminal, line, u64::MAX);
        self.film.update(Film::default());
        self.player.position = 0.0;
        self.player.playing = false;
        self.after_input();
        number
    }

    fn run_all(&mut self, machine: &str, commands: &[String], undo: bool) {
        let Some(terminal) = self.owner.borrow().terminal_of(machine) else {
            self.toast(messages::no_terminal(machine), false, true);
            return;
        };
        self.menu = Shared::default();
        for command in commands {
            self.type_line(terminal, command);
            // Commands typed for the user come one after the other, not all at once.
            for _ in 0..30 {
                if !self.owner.borrow_mut().pump() {
                    break;
                }
            }
        }
        if undo {
            self.pumping = true;
        }
        self.owner.borrow_mut().refresh();
        self.take_views();
    }

    fn after_input(&mut self) {
        self.pumping = true;
        self.last_refresh = 0.0;
        self.save_at = Some(self.last_frame + SAVE_AFTER);
        if self.tab == Tab::Rules {
            self.look_up();
        }
    }

    /// Who stops a command wants its end at once, not the rest of the film.
    fn after_key(&mut self) {
        self.after_input();
        for _ in 0..MOST_SLICES {
            if !self.owner.borrow_mut().pump() {
                break;
            }
        }
        self.owner.borrow_mut().refresh();
        self.take_views();
        self.finish_film();
    }

    fn history(&mut self, step: impl FnOnce(&mut Owner)) {
        step(&mut self.owner.borrow_mut());
        self.pumping = false;
        self.save_at = Some(self.last_frame + SAVE_AFTER);
        self.player.finish(&self.film);
        self.film.update(Film::default());
        self.views.journeys = Shared::default();
        self.take_views();
        self.rewind_film();
        self.finish_film();
    }

    /// Lays the stage out anew and keeps it in view.
    pub(super) fn lay_out(&mut self) {
        let (width, height) = self.canvas_size;
        let mut wish = Wish { level: self.level, ..Wish::default() };
        if width > 0.0 {
            (wish.width, wish.height) = (width, height);
        }
        self.scene.update(layout::lay_out(&self.views.topology, &mut self.memory, wish));
        self.make_legs();
        if self.walking.as_ref().is_none_or(|w| !self.scene.spots.contains_key(w)) {
            self.walking = self.scene.outside.first().map(|o| o.id.clone());
        }
        if self.selected.as_ref().is_some_and(|s| !self.scene.spots.contains_key(s)) {
            self.selected = None;
        }
        if self.fitted {
            self.fit();
        }
        self.moved();
    }

    /// Looks at the canvas's size; whether it has changed.
    fn measure(&mut self) -> bool {
        let Some(port) = self.refs.port.cast::<web_sys::Element>() else { return false };
        let size = (f64::from(port.client_width()), f64::from(port.client_height()));
        if size == self.canvas_size || size.0 < 1.0 {
            return false;
        }
        self.canvas_size = size;
        self.lay_out();
        true
    }

    fn fit(&mut self) {
        let (w, h) = self.canvas_size;
        let zoom = layout::scale(&self.scene, Wish { width: w, height: h, level: None });
        let x = ((w - self.scene.width * zoom) / 2.0).max(0.0);
        let y = ((h - self.scene.height * zoom) / 2.0).max(0.0);
        self.camera = Camera { x, y, zoom };
        self.aim();
    }

    fn zoom_at(&mut self, x: f64, y: f64, by: f64) {
        let zoom = (self.camera.zoom * by).clamp(0.15, 4.0);
        let k = zoom / self.camera.zoom;
        self.camera = Camera { x: x - (x - self.camera.x) * k, y: y - (y - self.camera.y) * k, zoom };
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

    pub(super) fn move_thumb(&self) {
        let share = if self.film.length > 0.0 { self.player.position / self.film.length * 100.0 } else { 0.0 };
        platform::style(self.refs.thumb.cast(), "left", &format!("{share:.3}%"));
        platform::style(self.refs.fill.cast(), "clip-path", &format!("inset(0 {:.3}% 0 0)", 100.0 - share));
    }

    fn port_corner(&self) -> (f64, f64) {
        let rect = self.refs.port.cast::<web_sys::Element>().map(|e| e.get_bounding_client_rect());
        rect.map_or((0.0, 0.0), |r| (r.left(), r.top()))
    }

    fn select(&mut self, id: Option<String>) {
        if let Some(id) = &id {
            self.walking = Some(id.clone());
            self.tab = Tab::Inspector;
        }
        self.selected = id;
        self.look_up();
    }

    /// Looks up what the inspector and the rules show, if they are seen.
    fn look_up(&mut self) {
        let owner = self.owner.borrow();
        if self.tab == Tab::Inspector {
            let details = self.selected.as_deref().and_then(|id| owner.details(id));
            self.details.update(details);
        }
        if self.tab == Tab::Rules {
            let chosen = self.selected.as_deref().and_then(machine_of);
            let machine = self.at().and_then(|(p, h)| Some(self.views.journeys.get(p)?.hops.get(h)?.machine.clone()));
            let docker = |name: &str| {
                self.views.topology.machines.iter().any(|m| m.name == name && m.kind == view::MachineKind::Docker)
            };
            let first = self.views.topology.machines.iter().find(|m| m.kind == view::MachineKind::Docker);
            let name = chosen.or(machine).filter(|n| docker(n)).or(first.map(|m| m.name.clone()));
            if let Some(name) = name {
                let rules = owner.rules(&name);
                drop(owner);
                self.rules.update(rules);
            }
        }
    }

    fn lift(&mut self, id: &str) {
        let machine = self.views.topology.machines.iter().find(|m| m.containers.iter().any(|c| c.id == id));
        let container = machine.and_then(|m| m.containers.iter().find(|c| c.id == id));
        let (Some(machine), Some(container)) = (machine, container) else { return };
        let first = container.networks.first().and_then(|n| machine.networks.iter().find(|k| k.id == *n));
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

    fn carry(&mut self, x: f64, y: f64, shift: bool) -> bool {
        let (left, top) = self.port_corner();
        let (x, y) = (x - left, y - top);
        platform::style(self.refs.chip.cast(), "transform", &format!("translate({x:.1}px,{y:.1}px)"));
        let Some(drag) = &*self.drag else { return false };
        let at = pt((x - self.camera.x) / self.camera.zoom, (y - self.camera.y) / self.camera.zoom);
        let host = self.scene.hosts.iter().find(|h| h.rect.holds(at));
        let over = host.and_then(|h| h.lanes.iter().find(|l| l.area.holds(at))).map(|l| l.id.clone());
        let ground = host.is_some() && over.is_none();
        let next = Drag { over, moving: shift, ground, ..drag.clone() };
        self.drag.update(Some(next))
    }

    fn put_down(&mut self) {
        let Some(drag) = (*self.drag).clone() else { return };
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

    fn last_exit_ok(&self) -> bool {
        let runs = self.views.terminals.iter().flat_map(|t| &t.runs);
        runs.max_by_key(|r| r.input).is_none_or(|r| r.exit.is_none_or(|e| e == 0))
    }

    fn network_name(&self, id: &str) -> Option<String> {
        let networks = self.views.topology.machines.iter().flat_map(|m| &m.networks);
        networks.into_iter().find(|n| n.id == id).map(|n| n.name.clone())
    }

    fn open_menu(&mut self, menu: Option<(MenuKind, String)>) {
        let view = menu.and_then(|(kind, id)| {
            let containers = self.views.topology.machines.iter().flat_map(|m| &m.containers);
            let name = containers.into_iter().find(|c| c.id == id)?.name.clone();
            Some(MenuView { kind, name, offers: self.owner.borrow().offers(&id) })
        });
        let closed = view.is_none() && self.menu.is_some();
        self.menu = Shared::new(view);
        if closed {
            self.focus_walking();
        }
    }

    fn next_theme(&mut self) {
        self.theme = match self.theme {
            Theme::System if platform::media("(prefers-color-scheme: light)") => Theme::Dark,
            Theme::System => Theme::Light,
            Theme::Light if platform::media("(prefers-color-scheme: light)") => Theme::System,
            Theme::Dark if platform::media("(prefers-color-scheme: light)") => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        };
        platform::set_theme(self.theme.word());
        match self.theme.word() {
            Some(word) => {
                let _ = storage::write(storage::THEME, word);
            }
            None => storage::forget(storage::THEME),
        }
        self.ink = Ink::read();
        self.painted = true;
    }

    pub(super) fn toast(&mut self, text: String, undo: bool, bad: bool) {
        self.next_toast += 1;
        let until = self.last_frame + TOAST;
        self.toasts.push(Toast { id: self.next_toast, text, undo, bad, until });
        if self.toasts.len() > 3 {
            self.toasts.remove(0);
        }
    }

    /// Saves the lab; whether the notice about it changes.
    fn save(&mut self) -> bool {
        let outcome = storage::write(storage::LAB, &self.owner.borrow().save());
        let ok = outcome.is_ok();
        let changed = ok != self.saved_ok || (ok && self.notice.is_some());
        self.saved_ok = ok;
        self.notice = outcome.err().map(|t| messages::not_saved(t).into());
        changed
    }

    fn answer(&mut self, request: api::Request) {
        match request {
            api::Request::Run { machine, line, reply } => {
                let Some(terminal) = self.owner.borrow().terminal_of(&machine) else {
                    reply.fail(&messages::no_terminal(&machine));
                    return;
                };
                let input = self.type_line(terminal, &line);
                self.awaited.push(Awaited { input, reply });
            }
            api::Request::Topology(reply) => reply.json(&*self.views.topology),
            api::Request::Journeys(reply) => {
                let journeys = self.owner.borrow().all_journeys();
                reply.json(&journeys);
            }
            api::Request::Reset(reply) => {
                self.history(Owner::reset);
                reply.done();
            }
        }
    }

    fn settle_awaited(&mut self) {
        let given_up = !self.pumping;
        for a in std::mem::take(&mut self.awaited) {
            let finished = self.owner.borrow().finished(a.input);
            match finished {
                Some(f) => a.reply.finished(&f.output, f.exit),
                None if given_up => a.reply.fail(messages::STILL_RUNNING),
                None => self.awaited.push(a),
            }
        }
    }

    pub(super) fn focus_walking(&self) {
        if let Some(id) = &self.walking {
            platform::focus(&format!("[data-id=\"{id}\"]"));
        }
    }

    fn focus_stage(&self) {
        self.focus_walking();
    }
}

/// The machine's name in a place id.
fn machine_of(id: &str) -> Option<String> {
    let rest = id.split_once(':')?.1;
    Some(rest.split('/').next().unwrap_or(rest).to_owned())
}
