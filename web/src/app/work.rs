//! What the page does when somebody wants something.

use super::frame::{LONGEST_SLICE, MOST_AT_ONCE, SAVE_AFTER};
use super::{App, MenuKind, Msg, Setting, Tab, Waking, starts};
use crate::crash;
use crate::messages;
use crate::owner::Owner;
use crate::platform::{self, storage};
use crate::playback::Film;
use crate::shared::Shared;

impl App {
    /// Handles a wish; whether the page has to be drawn again.
    pub(super) fn handle(&mut self, msg: Msg) -> bool {
        match msg {
            Msg::Frame(at) => return self.frame(at),
            Msg::Wake => {
                self.waking = Waking::Prompt;
                self.focus(super::desk::FRONT);
            }
            Msg::Rest(late) => {
                self.owner.borrow_mut().finish(late);
                self.late = Some(late);
                // What was typed into a file meanwhile has not been checked.
                self.look_at_file();
                self.link
                    .send_message_batch(std::mem::take(&mut self.put_off));
            }
            Msg::Desk(wish) => return self.desk(wish),
            Msg::Run { machine, command } => {
                return self.handle(Msg::RunAll {
                    machine,
                    commands: vec![command],
                });
            }
            Msg::Ask {
                machine,
                command,
                kind,
            } => {
                self.run_all(&machine, &[command], false);
                self.watch.asked = Some(kind);
                self.refilm();
            }
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
                self.bring_forward(id);
                self.focus(super::desk::FRONT);
            }
            Msg::Maximise => self.maximised = !self.maximised,
            Msg::Undo => self.history(Owner::undo),
            Msg::Redo => self.history(Owner::redo),
            Msg::Reset => self.restart(),
            Msg::Set(setting) => self.set(setting),
            Msg::ToggleReading => {
                let on = !self.settings.reading;
                self.set(Setting::Reading(on));
                let said = if on {
                    messages::reading_on()
                } else {
                    messages::reading_off()
                };
                self.toast(said.to_owned(), false, false);
            }
            Msg::Spoken(true) => self.lay_out(),
            Msg::Spoken(false) => {
                let text = messages::language_missing().to_owned();
                self.toast(text, false, true);
            }
            Msg::Dialog(dialog) => self.open_dialog(dialog),
            Msg::Begin(index) => self.begin_at(index),
            Msg::Tour(stop) => self.tour(stop),
            Msg::Copy(text) => platform::copy(&text),
            Msg::Filter(network) => self.filter = network,
            Msg::Backstage => {
                self.backstage = !self.backstage;
                self.lay_out();
            }
            Msg::Search(text) => self.search = text,
            Msg::SearchNext => self.search_next(),
            Msg::EndSearch => {
                self.search.clear();
                self.filter = None;
                self.focus_stage();
            }
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
                self.glide = None;
                self.camera.x += x;
                self.camera.y += y;
                self.aim();
                self.painted = true;
                return false;
            }
            Msg::Fit => {
                // Pressed again, it shows everything, even too small to read.
                let again = self.fitted;
                self.fitted = !again;
                self.fit(again);
                return false;
            }
            Msg::Center(x, y) => {
                self.camera = self.centred(x, y);
                self.glide = None;
                self.fitted = false;
                self.aim();
                self.painted = true;
                return false;
            }
            Msg::Select(id) => self.select(id),
            Msg::Inside(id) => self.go_inside(id),
            Msg::StageKey(e) => return self.stage_key(&e),
            Msg::PageKey(e) => return self.page_key(&e),
            Msg::DragStart(id) => self.lift(&id),
            Msg::DragMove { x, y, shift } => return self.carry(x, y, shift),
            Msg::Drop(x, y) => self.put_down((x, y)),
            Msg::DragCancel => {
                self.drag = Shared::default();
                self.preview = None;
            }
            Msg::Menu(menu) => self.open_menu(menu, None),
            Msg::MenuAt { id, x, y } => {
                let menu = match id {
                    Some(id) => {
                        self.walking = Some(id.clone());
                        (MenuKind::Thing, id)
                    }
                    None => (MenuKind::Ground, String::new()),
                };
                self.open_menu(Some(menu), Some((x, y)));
            }
            Msg::Choose(choice) => self.choose(choice),
            Msg::ExportMenu(x, y) => {
                self.open_menu(Some((MenuKind::Export, String::new())), Some((x, y)));
            }
            Msg::More(x, y) => {
                self.open_menu(Some((MenuKind::More, String::new())), Some((x, y)));
            }
            Msg::Images(open) => self.images = open.then(|| Shared::new(self.palette())),
            Msg::NewNetwork => {
                self.draft = self.network_to_be(None);
            }
            Msg::EndDraft => {
                self.draft = None;
                self.focus_stage();
            }
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
            Msg::StepPacket(forth) => {
                self.player.step_packet(&self.film, forth);
                self.moved();
            }
            Msg::Loop => self.player.looping = !self.player.looping,
            Msg::Heat => {
                let on = self.heat.is_none();
                self.heat = Shared::new(on.then(|| self.warmth()));
            }
            Msg::Follow => {
                let here = self.at().map(|(packet, _)| packet);
                self.follow_only(here.filter(|_| self.watch.only.is_none()));
            }
            Msg::Idle => {
                self.watch.idle = !self.watch.idle;
                self.refilm();
            }
            Msg::ToHop(packet, hop) => self.go_to(packet, hop),
            Msg::Watch(input, journey) => self.watch(input, &journey),
            Msg::ToEnd => {
                self.finish_film();
                self.tour_follows(starts::PLAYBACK);
            }
            Msg::Scrub(position) => {
                self.player.scrub(&self.film, position);
                self.moved();
            }
            Msg::Speed(index) => {
                self.player.set_speed(index);
                let index = self.player.speed_index().to_string();
                storage::keep(storage::SPEED, Some(&index));
            }
            Msg::Tab(tab) => {
                self.tab = tab;
                let button = Tab::ALL.iter().find(|t| t.0 == tab);
                self.focus = button.map(|t| format!("#{}", t.2).into());
                self.look_up();
            }
            Msg::Edit(wish) => self.edit(wish),
            Msg::Widen => self.wide = !self.wide,
            Msg::Pane(pane) => self.pane = pane,
            Msg::CloseToast(id) => self.toasts.retain(|t| t.id != id),
            Msg::UndoToast(id) => {
                let toast = self.toasts.iter().find(|t| t.id == id).cloned();
                self.toasts.retain(|t| t.id != id);
                match toast.map(|t| (t.back, t.lines)) {
                    Some((Some(saved), _)) => self.bring_back(&saved),
                    Some((None, lines)) => self.history(|owner| {
                        (0..lines).for_each(|_| owner.undo());
                    }),
                    None => {}
                }
            }
            Msg::Api(request) => self.answer(request),
        }
        true
    }

    /// Types a line into a terminal; returns the input's number.
    pub(super) fn type_line(&mut self, terminal: u32, line: &str) -> u64 {
        // Who types does not want to wait for the last film.
        self.player.finish(&self.film);
        self.bring_forward(terminal);
        // Whoever types has made up their mind about what came before.
        self.toasts.retain(|t| t.next.is_none());
        let number = self.owner.borrow_mut().line(terminal, line, u64::MAX);
        self.film.update(Film::default());
        self.watch.turn();
        self.player.position = 0.0;
        self.player.playing = false;
        self.after_input();
        // Who is told to type, and types, is shown what comes of it.
        self.tour_follows(starts::TERMINAL);
        number
    }

    pub(super) fn run_all(&mut self, machine: &str, commands: &[String], undo: bool) {
        let Some(terminal) = self.free_terminal(machine) else {
            self.toast(messages::no_terminal(&machine), false, true);
            return;
        };
        self.menu = Shared::default();
        self.type_all(terminal, commands);
        if undo {
            self.pumping = true;
        }
    }

    pub(super) fn after_input(&mut self) {
        crash::count(self.owner.borrow().inputs());
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
        for _ in 0..MOST_AT_ONCE / LONGEST_SLICE {
            if !self.owner.borrow_mut().pump(LONGEST_SLICE) {
                break;
            }
        }
        self.owner.borrow_mut().refresh();
        self.take_views();
        self.finish_film();
    }

    pub(super) fn history(&mut self, step: impl FnOnce(&mut Owner)) {
        step(&mut self.owner.borrow_mut());
        self.pumping = false;
        self.save_at = Some(self.last_frame + SAVE_AFTER);
        self.player.finish(&self.film);
        self.film.update(Film::default());
        self.watch.turn();
        self.views.journeys = Shared::default();
        self.take_views();
        self.rewind_film();
        self.finish_film();
        // What went wrong in the past is not told again.
        self.toasts.retain(|t| t.detail.is_empty());
    }

    /// Saves the lab; whether the notice about it changes.
    pub(super) fn save(&mut self) -> bool {
        let outcome = storage::write(storage::LAB, &self.owner.borrow().save());
        let ok = outcome.is_ok();
        let changed = ok != self.saved_ok || (ok && self.notice.is_some());
        self.saved_ok = ok;
        self.notice = outcome.err().map(|t| messages::not_saved(t).into());
        changed
    }
}
