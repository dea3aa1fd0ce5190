//! A component's state that its callbacks find as it is now.
//!
//! When it has worked for 16 ms, Yew lets the browser go on before it has drawn what was changed (`scheduler.rs` of 0.23.0).
//! A handle of `use_state` holds what was drawn last, so that on a busy machine whoever pressed two keys lost the first one.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

/// See above.
pub(crate) struct Live<T> {
    now: Rc<RefCell<T>>,
    draw: UseForceUpdateHandle,
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self {
            now: Rc::clone(&self.now),
            draw: self.draw.clone(),
        }
    }
}

impl<T: Clone> Live<T> {
    /// The state as it is now.
    pub(crate) fn get(&self) -> T {
        self.now.borrow().clone()
    }

    /// Changes it, and has it drawn.
    pub(crate) fn set(&self, value: T) {
        self.now.replace(value);
        self.draw.force_update();
    }
}

/// A state that begins as `first` says.
#[hook]
pub(crate) fn use_live<T: 'static>(first: impl FnOnce() -> T) -> Live<T> {
    Live {
        now: use_mut_ref(first),
        draw: use_force_update(),
    }
}
