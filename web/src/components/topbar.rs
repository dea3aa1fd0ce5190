//! The bar at the top: what this is, and undo, redo, reset, theme and help.

use yew::prelude::*;

use super::icons::{Icon, icon, logo};
use super::{Act, button};
use crate::app::{Msg, Theme};
use crate::messages;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) can_undo: bool,
    pub(crate) can_redo: bool,
    pub(crate) theme: Theme,
    pub(crate) notice: Option<AttrValue>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn TopBar(p: &Props) -> Html {
    let theme = match p.theme {
        Theme::System => messages::theme_system(),
        Theme::Dark => messages::theme_dark(),
        Theme::Light => messages::theme_light(),
    };
    let theme_icon = if p.theme == Theme::Light {
        Icon::Sun
    } else {
        Icon::Moon
    };
    html! {
        <header class="top">
            <div class="brand">{ logo() }<h1>{ messages::name() }</h1></div>
            <div class="pick">{ icon(Icon::Box) }<b>{ messages::sandbox() }</b></div>
            <div class="notice" role="status">
                if let Some(notice) = &p.notice {
                    <span class="tag warn" title={notice}>{ icon(Icon::Alert) }{ notice }</span>
                }
            </div>
            <div class="group" role="group" aria-label={messages::history()}>
                { button(Icon::Undo, messages::undo_keys(), !p.can_undo, p.act.reform(|_| Msg::Undo)) }
                { button(Icon::Redo, messages::redo_keys(), !p.can_redo, p.act.reform(|_| Msg::Redo)) }
                { button(Icon::Reset, messages::reset(), false, p.act.reform(|_| Msg::Reset)) }
            </div>
            <span class="vr"></span>
            <div class="group" role="group" aria-label={messages::page()}>
                { button(theme_icon, theme, false, p.act.reform(|_| Msg::NextTheme)) }
                { button(Icon::Help, messages::shortcuts_keys(), false, p.act.reform(|_| Msg::Help(true))) }
            </div>
        </header>
    }
}
