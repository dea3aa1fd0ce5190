//! Keeping the end of a terminal's output in view, as long as somebody looks at it.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use crate::platform;

/// So many pixels from its end, the output still follows what is printed.
const NEAR_END: i32 = 24;

/// Whether the end is followed: whoever types wants it to be.
type Follows = Rc<RefCell<bool>>;

/// Scrolls a terminal to its end after any of these changes, if it is followed. Gives what has to be told of scrolling.
#[hook]
pub(super) fn use_follow<T: PartialEq + 'static>(
    frame: &NodeRef,
    changes: T,
) -> (Follows, Callback<Event>) {
    let follows = use_mut_ref(|| true);
    let top = use_mut_ref(|| 0);
    let to_end = |frame: &NodeRef, follows: &Follows| {
        if let (true, Some(b)) = (*follows.borrow(), frame.cast::<Element>()) {
            b.set_scroll_top(b.scroll_height());
        }
    };
    {
        let (frame, follows) = (frame.clone(), Rc::clone(&follows));
        use_effect_with(changes, move |_| to_end(&frame, &follows));
    }
    {
        // Also when there is less room.
        let (frame, follows) = (frame.clone(), Rc::clone(&follows));
        use_effect_with((), move |()| {
            let seen = frame.clone();
            platform::on_resize(frame.cast(), move || to_end(&seen, &follows));
        });
    }
    let onscroll = {
        let (frame, follows) = (frame.clone(), Rc::clone(&follows));
        Callback::from(move |_: Event| {
            if let Some(f) = frame.cast::<Element>() {
                let below = f.scroll_height() - f.scroll_top() - f.client_height();
                let before = std::mem::replace(&mut *top.borrow_mut(), f.scroll_top());
                // Only who scrolls up leaves the end: more may have been printed since the event.
                if below < NEAR_END {
                    *follows.borrow_mut() = true;
                } else if f.scroll_top() < before {
                    *follows.borrow_mut() = false;
                }
            }
        })
    };
    (follows, onscroll)
}
