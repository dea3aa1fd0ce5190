//! The bar at the top: what this is, and undo, redo, reset, settings and help.

use lab::starts;
use yew::prelude::*;

use super::icons::{Icon, icon, logo};
use super::{Act, below, button};
use crate::app::{Dialog, Msg};
use crate::messages;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) can_undo: bool,
    pub(crate) can_redo: bool,
    /// Where the lab began, among the starts.
    pub(crate) start: Option<usize>,
    pub(crate) notice: Option<AttrValue>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn TopBar(p: &Props) -> Html {
    let all = starts::all();
    let start = p.start.and_then(|i| all.get(i));
    let name = start.map_or(messages::sandbox(), |s| messages::known(s.title));
    let choose = p
        .act
        .reform(|_: MouseEvent| Msg::Dialog(Some(Dialog::Starts)));
    let export = p.act.reform(|e: MouseEvent| {
        let (x, y) = below(&e);
        Msg::ExportMenu(x, y)
    });
    let more = p.act.reform(|e: MouseEvent| {
        let (x, y) = below(&e);
        Msg::More(x, y)
    });
    html! {
        <header class="top">
            <div class="brand">{ logo() }<h1>{ messages::name() }</h1></div>
            <button type="button" class="btn pick" data-dialog="starts" aria-label={messages::choose_start(&name)} title={messages::choose_start(&name)}
                onclick={choose}>{ icon(Icon::Box) }<b>{ name.to_owned() }</b>{ icon(Icon::Down) }</button>
            <div class="notice" role="status">
                if let Some(notice) = &p.notice {
                    <span class="tag warn" title={notice}>{ icon(Icon::Alert) }{ notice }</span>
                }
            </div>
            <div class="group" role="group" aria-label={messages::history()}>
                { button(Icon::Undo, messages::undo_keys(), !p.can_undo, p.act.reform(|_| Msg::Undo)) }
                { button(Icon::Redo, messages::redo_keys(), !p.can_redo, p.act.reform(|_| Msg::Redo)) }
                <span class="reset">{ button(Icon::Reset, messages::reset(), false, p.act.reform(|_| Msg::Reset)) }</span>
            </div>
            <span class="vr"></span>
            <button type="button" class="btn exportb" aria-haspopup="menu" data-export="" aria-label={messages::export()} title={messages::export()} onclick={export}>{ icon(Icon::Download) }<span class="wideonly">{ messages::export() }</span></button>
            <span class="vr"></span>
            <button type="button" class="btn ib moreb" aria-haspopup="menu" data-more="" aria-label={messages::more_menu()} title={messages::more_menu()} onclick={more}>{ icon(Icon::More) }</button>
            <div class="group pageb" role="group" aria-label={messages::page()}>
                { opener(p, Icon::Settings, "settings", messages::settings(), Dialog::Settings) }
                { opener(p, Icon::Help, "keys", messages::shortcuts_keys(), Dialog::Keys) }
            </div>
        </header>
    }
}

/// A button that opens a dialog, which gives focus back to it.
fn opener(p: &Props, which: Icon, id: &'static str, label: &'static str, dialog: Dialog) -> Html {
    let onclick = p.act.reform(move |_: MouseEvent| Msg::Dialog(Some(dialog)));
    html! { <button type="button" class="btn ib" data-dialog={id} aria-label={label} title={label} {onclick}>{ icon(which) }</button> }
}
