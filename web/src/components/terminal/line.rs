//! The line being typed and the field that it is typed into: what changes the one changes the other at once, since the next
//! key may come before Yew has drawn anything.

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::edit::Edit;
use super::text::units;
use crate::components::live::{Live, use_live};

/// See above.
#[derive(Clone)]
pub(super) struct Line {
    edit: Live<Edit>,
    pub(super) field: NodeRef,
}

impl Line {
    /// The line as it is now.
    pub(super) fn get(&self) -> Edit {
        self.edit.get()
    }

    /// Changes it.
    pub(super) fn set(&self, mut next: Edit) {
        let cursor = next.cursor.take();
        if let Some(field) = self.field.cast::<HtmlTextAreaElement>() {
            let typed = next.typed();
            if field.value() != typed {
                field.set_value(typed);
            }
            if let Some(cursor) = cursor.filter(|_| next.search.is_none()) {
                let at = units(&next.text, cursor);
                let _ = field.set_selection_range(at, at);
            }
        }
        self.edit.set(next);
    }
}

/// An empty line.
#[hook]
pub(super) fn use_line() -> Line {
    Line {
        edit: use_live(Edit::default),
        field: use_node_ref(),
    }
}
