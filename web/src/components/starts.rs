//! Where a lab can begin, to choose from.

use lab::starts;
use yew::prelude::*;

use super::Act;
use super::dialog::Modal;
use crate::app::Msg;
use crate::messages;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Starts(p: &Props) -> Html {
    let all = starts::all().into_iter().enumerate().map(|(i, s)| {
        let onclick = p.act.reform(move |_: MouseEvent| Msg::Begin(i));
        html! {
            <li key={s.name}>
                <button type="button" class="start" data-start={s.name} {onclick}>
                    <b>{ messages::known(s.title).to_owned() }</b><span>{ messages::known(s.text).to_owned() }</span>
                </button>
            </li>
        }
    });
    html! {
        <Modal title={messages::starts()} class="startlist" act={p.act.clone()}>
            <p class="none">{ messages::starts_note() }</p>
            <ul>{ for all }</ul>
        </Modal>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_start_can_be_said_in_every_language() {
        let english = include_str!("../../messages/en.txt");
        for s in starts::all() {
            for text in [s.title, s.text] {
                let known = |l: &str| l.starts_with("known.") && l.ends_with(&format!(" = {text}"));
                assert!(english.lines().any(known), "{text} is missing in en.txt");
            }
        }
    }
}
