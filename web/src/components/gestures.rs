//! What the pointer does on the stage: pressing, panning, dragging, pinching, pressing long, and asking for menus.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use super::{Act, perhaps};
use crate::app::Msg;

/// How far a pressed pointer moves before it drags, in pixels.
const SLOP: f64 = 5.0;
/// How long a finger rests before it asks for a menu, in milliseconds.
const LONG: u32 = 500;
/// What can be taken up, and where it says what it is.
const LOADS: [(&str, &str, &str); 4] = [
    ("[data-container]", "data-id", ""),
    ("[data-outside]", "data-id", ""),
    ("[data-image]", "data-image", "image:"),
    ("[data-new]", "data-new", ""),
];

/// The handlers of the stage.
#[derive(Clone)]
pub(crate) struct Handlers {
    pub(crate) down: Callback<PointerEvent>,
    pub(crate) drift: Callback<PointerEvent>,
    pub(crate) up: Callback<PointerEvent>,
    pub(crate) cancel: Callback<PointerEvent>,
    pub(crate) click: Callback<MouseEvent>,
    pub(crate) twice: Callback<MouseEvent>,
    pub(crate) menu: Callback<MouseEvent>,
}

/// What is going on.
#[derive(Default)]
enum Doing {
    #[default]
    Nothing,
    /// Pressed on something to take up, or on the ground.
    Pressed {
        load: Option<String>,
        x: f64,
        y: f64,
    },
    Panning,
    Dragging,
    Pinching,
}

#[derive(Default)]
struct Hands {
    doing: Doing,
    /// Pointers that are down, by their number, and where.
    fingers: Vec<(i32, f64, f64)>,
    /// Whether the press became something else than a click.
    moved: bool,
    /// The wait for a long press; dropping it ends it.
    waiting: Option<Timeout>,
}

/// Where a pointer is in the window.
fn at(e: &MouseEvent) -> (f64, f64) {
    (f64::from(e.client_x()), f64::from(e.client_y()))
}

fn closest(event: &web_sys::Event, selector: &str, attribute: &str) -> Option<String> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    target
        .closest(selector)
        .ok()
        .flatten()?
        .get_attribute(attribute)
}

fn load(e: &PointerEvent) -> Option<String> {
    LOADS.iter().find_map(|(selector, attribute, prefix)| {
        Some(format!("{prefix}{}", closest(e, selector, attribute)?))
    })
}

/// The middle between two fingers and their distance.
fn span(fingers: &[(i32, f64, f64)]) -> Option<(f64, f64, f64)> {
    let [a, b] = fingers else { return None };
    Some((
        (a.1 + b.1) / 2.0,
        (a.2 + b.2) / 2.0,
        (a.1 - b.1).hypot(a.2 - b.2).max(1.0),
    ))
}

/// Reads the pointer's gestures on the element `port`.
#[hook]
pub(crate) fn use_gestures(act: &Act, port: &NodeRef) -> Handlers {
    let hands: Rc<RefCell<Hands>> = use_mut_ref(Hands::default);
    Handlers {
        down: down(&hands, act),
        drift: drift(&hands, act, port),
        up: {
            let hands = hands.clone();
            perhaps(act, move |e: PointerEvent| {
                let dragging = hands.borrow_mut().release(e.pointer_id());
                let (x, y) = at(&e);
                dragging.then_some(Msg::Drop(x, y))
            })
        },
        cancel: {
            let hands = hands.clone();
            perhaps(act, move |e: PointerEvent| {
                let dragging = hands.borrow_mut().release(e.pointer_id());
                dragging.then_some(Msg::DragCancel)
            })
        },
        click: {
            let hands = hands.clone();
            perhaps(act, move |e: MouseEvent| {
                let quiet = closest(&e, "button, input, .minimap", "class").is_some();
                (!hands.borrow().moved && !quiet)
                    .then(|| Msg::Select(closest(&e, "[data-id]", "data-id")))
            })
        },
        twice: perhaps(act, move |e: MouseEvent| {
            let container = closest(&e, "[data-container]", "data-id")?;
            Some(Msg::Inside(Some(container)))
        }),
        menu: perhaps(act, move |e: MouseEvent| {
            e.prevent_default();
            let (x, y) = at(&e);
            let id = closest(&e, "[data-id]", "data-id");
            Some(Msg::MenuAt { id, x, y })
        }),
    }
}

impl Hands {
    /// Takes a pointer away; whether something was being dragged.
    fn release(&mut self, pointer: i32) -> bool {
        self.waiting = None;
        self.fingers.retain(|f| f.0 != pointer);
        match std::mem::take(&mut self.doing) {
            Doing::Dragging => true,
            // The finger that stays goes on panning.
            Doing::Pinching if !self.fingers.is_empty() => {
                self.doing = Doing::Panning;
                false
            }
            _ => false,
        }
    }
}

fn down(hands: &Rc<RefCell<Hands>>, act: &Act) -> Callback<PointerEvent> {
    let (hands, act) = (hands.clone(), act.clone());
    Callback::from(move |e: PointerEvent| {
        if e.button() != 0 {
            return;
        }
        let (x, y) = at(&e);
        let mut h = hands.borrow_mut();
        if h.fingers.is_empty() {
            h.moved = false;
        }
        h.fingers.retain(|f| f.0 != e.pointer_id());
        h.fingers.push((e.pointer_id(), x, y));
        h.waiting = None;
        if h.fingers.len() > 1 {
            if matches!(h.doing, Doing::Dragging) {
                act.emit(Msg::DragCancel);
            }
            h.doing = Doing::Pinching;
            h.moved = true;
            return;
        }
        h.doing = Doing::Pressed {
            load: load(&e),
            x,
            y,
        };
        if e.pointer_type() == "touch" {
            let id = closest(&e, "[data-id]", "data-id");
            let (later, act) = (hands.clone(), act.clone());
            h.waiting = Some(Timeout::new(LONG, move || {
                let mut h = later.borrow_mut();
                h.doing = Doing::Nothing;
                h.moved = true;
                act.emit(Msg::MenuAt { id, x, y });
            }));
        }
    })
}

fn drift(hands: &Rc<RefCell<Hands>>, act: &Act, port: &NodeRef) -> Callback<PointerEvent> {
    let (hands, act, port) = (hands.clone(), act.clone(), port.clone());
    Callback::from(move |e: PointerEvent| {
        let mut h = hands.borrow_mut();
        let (x, y) = at(&e);
        let before = span(&h.fingers);
        let Some(finger) = h.fingers.iter_mut().find(|f| f.0 == e.pointer_id()) else {
            return;
        };
        let (x0, y0) = (finger.1, finger.2);
        (finger.1, finger.2) = (x, y);
        match &mut h.doing {
            Doing::Nothing => {}
            Doing::Pressed { load, x: x0, y: y0 } => {
                if (x - *x0).hypot(y - *y0) < SLOP {
                    return;
                }
                let (dx, dy) = (x - *x0, y - *y0);
                let next = match load.take() {
                    Some(id) => {
                        act.emit(Msg::DragStart(id));
                        act.emit(Msg::DragMove {
                            x,
                            y,
                            shift: e.shift_key(),
                        });
                        Doing::Dragging
                    }
                    None => {
                        act.emit(Msg::Pan(dx, dy));
                        Doing::Panning
                    }
                };
                h.doing = next;
                h.moved = true;
                h.waiting = None;
                if let Some(port) = port.cast::<web_sys::Element>() {
                    let _ = port.set_pointer_capture(e.pointer_id());
                }
            }
            Doing::Panning => act.emit(Msg::Pan(x - x0, y - y0)),
            Doing::Dragging => act.emit(Msg::DragMove {
                x,
                y,
                shift: e.shift_key(),
            }),
            Doing::Pinching => {
                if let (Some(before), Some(after)) = (before, span(&h.fingers)) {
                    act.emit(Msg::Pan(after.0 - before.0, after.1 - before.1));
                    act.emit(Msg::Wheel {
                        x: after.0,
                        y: after.1,
                        by: after.2 / before.2,
                    });
                }
            }
        }
    })
}
