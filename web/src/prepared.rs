//! The lab that a first visit begins with, which `xtask` makes while it builds the page: its machines have come up then, and
//! the memory that holds them travels with the program. So a browser begins where they wait for somebody to type.

use std::cell::Cell;

use lab::Lab;

thread_local! {
    static LAB: Cell<Option<Lab>> = const { Cell::new(None) };
}

/// Takes the lab, if it was made and is there yet.
pub(crate) fn take() -> Option<Lab> {
    LAB.take()
}

/// What `xtask` calls, before the program is given to anybody: no JavaScript is there.
#[cfg(target_family = "wasm")]
mod making {
    /// Makes the lab.
    // SAFETY: no other function has this name.
    #[allow(unsafe_code)]
    #[unsafe(export_name = "drydock_prepare")]
    extern "C" fn prepare() {
        super::LAB.set(crate::owner::beginning().ok());
    }
}
