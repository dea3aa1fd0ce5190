//! The page: a Yew front end over the lab.
//!
//! Start at [`app`], which owns the lab and the position in time.
//! [`layout`] and [`playback`] are pure arithmetic; [`components`] draw; [`owner`] is the only door to the lab and
//! [`platform`] the only one to the browser's storage and clock.
//! The page holds no rule of networking: what is said about a packet comes from the lab.

mod api;
mod app;
mod components;
#[cfg(test)]
mod contrast;
mod crash;
mod history;
mod late;
mod layout;
mod messages;
mod owner;
mod platform;
mod playback;
mod prepared;
#[cfg(test)]
mod sample;
mod shared;

use messages::language;

fn main() {
    crash::install();
    yew::platform::spawn_local(async {
        // The texts come first, so that nobody sees the page change its language. Without them it speaks English.
        language::speak(language::preferred()).await;
        let opened = app::Opened::now().await;
        // Between the two long works of a start the browser may draw, and hear.
        yew::platform::time::sleep(std::time::Duration::ZERO).await;
        start(opened);
    });
}

fn start(opened: app::Opened) {
    let root = gloo::utils::document().get_element_by_id("app");
    match root {
        Some(root) => yew::Renderer::<app::App>::with_root_and_props(root, opened).render(),
        None => yew::Renderer::<app::App>::with_props(opened).render(),
    };
}
