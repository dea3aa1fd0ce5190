//! Short messages, and what programs that use the page are answered.

use std::rc::Rc;

use super::{App, Awaited};
use crate::api;
use crate::messages::{self, said::plainly};
use crate::owner::Owner;

/// Milliseconds a toast stays.
const TOAST: f64 = 6_000.0;

/// A short message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Toast {
    pub(crate) id: u64,
    pub(crate) text: String,
    /// More about it, in a second line.
    pub(crate) detail: String,
    pub(crate) undo: bool,
    /// How many lines undoing takes back.
    pub(crate) lines: usize,
    /// The lab that undoing brings back instead.
    pub(crate) back: Option<Rc<str>>,
    /// A line to type next: the machine and the line.
    pub(crate) next: Option<(String, String)>,
    pub(crate) bad: bool,
    /// When it goes by itself, in milliseconds; errors stay.
    pub(crate) until: f64,
}

impl App {
    /// Tells what went wrong without any packet or step of the network, which neither the stage nor a journey shows; with
    /// the first way out.
    pub(super) fn tell_mishap(&mut self) {
        let Some(e) = &*self.views.explanation.clone() else {
            return;
        };
        if let Some(fix) = e.fixes.first().filter(|_| e.at.is_none()) {
            self.toast(plainly(&e.sentence).to_string(), false, true);
            if let Some(toast) = self.toasts.last_mut() {
                toast.detail = plainly(&e.detail).to_string();
                toast.next = Some((fix.machine.clone(), fix.command.clone()));
            }
        }
    }

    pub(super) fn toast(&mut self, text: String, undo: bool, bad: bool) {
        self.next_toast += 1;
        let until = self.last_frame + TOAST;
        self.toasts.push(Toast {
            id: self.next_toast,
            text,
            detail: String::new(),
            undo,
            lines: 1,
            back: None,
            next: None,
            bad,
            until,
        });
        if self.toasts.len() > 3 {
            self.toasts.remove(0);
        }
    }

    pub(super) fn answer(&mut self, request: api::Request) {
        match request {
            api::Request::Run {
                machine,
                line,
                reply,
            } => {
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

    pub(super) fn settle_awaited(&mut self) {
        let given_up = !self.pumping;
        for a in std::mem::take(&mut self.awaited) {
            let finished = self.owner.borrow().finished(a.input);
            match finished {
                Some(f) => a.reply.finished(&f.output, f.exit),
                None if given_up => a.reply.fail(messages::still_running()),
                None => self.awaited.push(a),
            }
        }
    }
}
