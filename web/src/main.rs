//! The page: a Yew front end over the lab.

mod layout;
mod playback;
mod sample;
mod shared;

use yew::prelude::*;

/// The root of the page.
#[component]
fn App() -> Html {
    html! { <main><h1>{ "Drydock" }</h1></main> }
}

fn main() {
    let root = gloo::utils::document().get_element_by_id("app");
    match root {
        Some(root) => yew::Renderer::<App>::with_root(root).render(),
        None => yew::Renderer::<App>::new().render(),
    };
}
