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
        clear();
    }

    /// Clears what the making left behind in memory that is free again, so that it compresses to nothing: takes all of that,
    /// in pieces of all sizes.
    fn clear() {
        let pages = || core::arch::wasm32::memory_size(0);
        let before = pages();
        let mut pieces: Vec<Vec<u8>> = Vec::with_capacity(1 << 16);
        for size in [1 << 16, 1 << 13, 1 << 10, 1 << 8, 1 << 6, 1 << 4] {
            while pages() == before && pieces.len() < pieces.capacity() {
                let mut piece = vec![1; size];
                std::hint::black_box(&mut piece).fill(0);
                pieces.push(piece);
            }
        }
    }
}
