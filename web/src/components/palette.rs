//! The images on offer, each to be dragged onto a network, or chosen to run on the default one.

use lab::view::{Action, ImageOffer};
use yew::prelude::*;

use super::icons::{Icon, icon};
use super::{Act, button};
use crate::app::{Choice, Msg};
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) images: Option<Shared<Vec<ImageOffer>>>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Palette(p: &Props) -> Html {
    let Some(images) = &p.images else {
        return html! { <div></div> };
    };
    let items = images.iter().map(|i| {
        let action = Action {
            commands: vec![i.command.clone()],
            machine: i.machine.clone(),
            ..Action::default()
        };
        let onclick = p
            .act
            .reform(move |_: MouseEvent| Msg::Choose(Choice::Type(action.clone())));
        html! {
            <li key={i.image.clone()}>
                <button type="button" class="img" data-image={i.image.clone()} title={i.command.clone()} {onclick}>
                    { icon(Icon::Box) }<span>{ &i.image }</span>
                </button>
            </li>
        }
    });
    html! {
        <section class="palette" aria-label={messages::images()}>
            <header><h2 class="cap">{ messages::images() }</h2>
                { button(Icon::Close, messages::images_close(), false, p.act.reform(|_| Msg::Images(false))) }</header>
            <p>{ messages::images_hint() }</p>
            <ul>{ for items }</ul>
            <button type="button" class="img" data-new="network" onclick={p.act.reform(|_| Msg::NewNetwork)}>
                { icon(Icon::Network) }<span>{ messages::draft_item() }</span>
            </button>
        </section>
    }
}
