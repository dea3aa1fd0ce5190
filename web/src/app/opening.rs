//! The lab that the page begins with, and what of the program comes late.

use lab::Late;
use yew::AttrValue;
use yew::html::Scope;

use super::{App, Msg};
use crate::owner::Owner;
use crate::platform::{self, storage};
use crate::{crash, late, messages};

/// What went wrong while opening the saved lab.
#[derive(Default)]
pub(super) struct Troubles {
    pub(super) notice: Option<AttrValue>,
    pub(super) toast: Option<String>,
}

/// A lab to begin with.
pub(super) struct Opening {
    pub(super) owner: Owner,
    /// What does what comes late, if it had to be there for this.
    pub(super) late: Option<&'static Late>,
    pub(super) troubles: Troubles,
}

/// Opens the saved lab, or a new one.
pub(super) async fn open() -> Opening {
    let mut troubles = Troubles::default();
    match storage::read(storage::LAB) {
        // Whoever could not get past the saved lab asks to begin without it.
        Ok(Some(saved)) if platform::hash() == "#fresh" => {
            let _ = storage::write(storage::BROKEN, &saved);
        }
        Ok(Some(saved)) => {
            let Some(late) = rest().await else {
                return fresh(troubles);
            };
            match Owner::restore(&saved, late) {
                Ok(owner) => {
                    return Opening {
                        owner,
                        late: Some(late),
                        troubles,
                    };
                }
                Err(reason) => {
                    let _ = storage::write(storage::BROKEN, &saved);
                    storage::forget(storage::LAB);
                    troubles.toast = Some(messages::unreadable(&reason));
                }
            }
        }
        Ok(None) => {}
        Err(trouble) => troubles.notice = Some(messages::not_saved(trouble).into()),
    }
    fresh(troubles)
}

/// A new lab.
pub(super) fn fresh(troubles: Troubles) -> Opening {
    match Owner::new() {
        Ok(owner) => Opening {
            owner,
            late: None,
            troubles,
        },
        // Without a lab there is no page: the panic hook's page says so.
        Err(reason) => wasm_bindgen::throw_str(&format!("{}: {reason}", messages::no_lab())),
    }
}

/// Waits for what comes late. If it does not come, says so in the place of the page.
async fn rest() -> Option<&'static Late> {
    let late = late::rest().await;
    late.map_err(|reason| crash::show(&format!("{}: {reason:?}", messages::no_lab())))
        .ok()
}

/// Sends what comes late to the page once it is there.
pub(super) fn load_rest(link: Scope<App>) {
    yew::platform::spawn_local(async move {
        if let Some(late) = rest().await {
            link.send_message(Msg::Rest(late));
        }
    });
}
