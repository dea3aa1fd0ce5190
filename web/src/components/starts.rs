//! Where a lab can begin, to choose from.

use lab::starts;
use yew::prelude::*;

use super::dialog::Modal;
use super::icons::{Icon, icon};
use super::{Act, perhaps};
use crate::app::Msg;
use crate::messages;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Starts(p: &Props) -> Html {
    let wanted = use_state(String::new);
    let all = starts::all();
    let found = all.iter().enumerate().filter(|(_, s)| {
        let says = |text: &str| messages::known(text).to_lowercase().contains(&*wanted);
        s.name.contains(&*wanted) || says(s.title) || says(s.text)
    });
    let first = found.clone().next().map(|(i, _)| i);
    let found = found.map(|(i, s)| {
        let onclick = p.act.reform(move |_: MouseEvent| Msg::Begin(i));
        html! {
            <li key={s.name}>
                <button type="button" class="start" data-start={s.name} {onclick}>
                    { sketch(s.sketch) }
                    <b>{ messages::known(s.title).to_owned() }</b><span>{ messages::known(s.text).to_owned() }</span>
                </button>
            </li>
        }
    });
    let oninput = {
        let wanted = wanted.clone();
        Callback::from(move |e: InputEvent| {
            let field = e.target_dyn_into::<web_sys::HtmlInputElement>();
            wanted.set(field.map_or_else(String::new, |f| f.value().trim().to_lowercase()));
        })
    };
    let searched = !wanted.is_empty();
    let onkeydown = perhaps(&p.act, move |e: KeyboardEvent| {
        (searched && e.key() == "Enter").then(|| first.map(Msg::Begin))?
    });
    let search = messages::starts_search(&all.len());
    html! {
        <Modal title={messages::starts()} class="startlist" act={p.act.clone()}>
            <label class="find">{ icon(Icon::Search) }
                <input type="search" placeholder={search.clone()} aria-label={search} autocomplete="off" spellcheck="false" {oninput} {onkeydown} /></label>
            <p class="none" role="status">{ if first.is_some() { messages::starts_note() } else { messages::find_none() } }</p>
            <ul>{ for found }</ul>
        </Modal>
    }
}

/// Networks as bars, with the containers on each below it.
fn sketch(networks: &str) -> Html {
    let count = networks.split(' ').count() as f64;
    let bars = networks.split(' ').enumerate().map(|(i, network)| {
        let mut digits = network.chars().filter_map(|c| c.to_digit(10));
        let (hue, members) = (digits.next().unwrap_or(1), digits.next().unwrap_or(0));
        let middle = 100.0 + (i as f64 - (count - 1.0) / 2.0) * 84.0;
        let (mut wires, mut boxes) = (String::new(), String::new());
        for n in 0..members {
            let x = middle + (f64::from(n) - f64::from(members.saturating_sub(1)) / 2.0) * 30.0;
            wires += &format!("M{x} 21v16");
            boxes += &format!("M{} 37h16v13h-16z", x - 8.0);
        }
        html! {
            <g key={i} class={format!("n{hue}")}><path class="railr" d={format!("M{} 14h72v7h-72z", middle - 36.0)} />
                <path class="wn" d={wires} /><path class="box" d={boxes} /></g>
        }
    });
    html! { <svg viewBox="0 0 200 62" aria-hidden="true">{ for bars }</svg> }
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
