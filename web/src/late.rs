//! The second half of the program. `xtask` cuts off what only [`lab::Late`] leads to, and the page's script loads that while
//! the first half is already being looked at.

use lab::Late;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// Kept by the page's script: when the second half is there.
    #[wasm_bindgen(thread_local_v2, js_name = drydock_rest)]
    static REST: js_sys::Promise;
}

/// Waits for the second half.
/// # Errors
/// If it could not be loaded; the value says why.
pub(crate) async fn rest() -> Result<&'static Late, JsValue> {
    JsFuture::from(REST.with(js_sys::Promise::clone)).await?;
    Ok(cut::rest())
}

/// The place of the cut: a function that the first half imports and the second one exports, by names that the library which
/// cuts knows. Both sides are Rust and built together, whatever a [`lab::Late`] looks like.
#[cfg(target_family = "wasm")]
#[allow(unsafe_code, improper_ctypes)]
mod cut {
    use lab::{LATE, Late};

    #[link(wasm_import_module = "__wasm_split_placeholder__")]
    unsafe extern "C" {
        // SAFETY: it is the function below.
        #[link_name = "__wasm_split_00late00_import_00000000000000000000000000000000"]
        pub(super) safe fn rest() -> &'static Late;
    }

    // SAFETY: no other function has this name.
    #[unsafe(export_name = "__wasm_split_00late00_export_00000000000000000000000000000000")]
    extern "C" fn export() -> &'static Late {
        &LATE
    }
}

#[cfg(not(target_family = "wasm"))]
mod cut {
    pub(super) fn rest() -> &'static lab::Late {
        &lab::LATE
    }
}
