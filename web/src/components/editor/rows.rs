//! What is drawn of the text: its lines in colours, what is said about them, and the list of suggestions.

use lab::view::{Mark, Mend};
use yew::prelude::*;

use super::code::Offers;
use super::paint::paint;
use crate::components::say;
use crate::messages;

#[derive(Properties, PartialEq)]
pub(super) struct RowProps {
    pub(super) text: AttrValue,
    pub(super) yaml: bool,
    pub(super) marks: Vec<Mark>,
    pub(super) remarks: Vec<Mark>,
    pub(super) here: bool,
    pub(super) children: Html,
}

/// One line.
#[component]
pub(super) fn Row(p: &RowProps) -> Html {
    let pieces = paint(&p.text, p.yaml)
        .into_iter()
        .map(|(class, text)| html! { <span class={class}>{ text }</span> });
    let faults = p.marks.iter().map(|m| (m, "squiggle"));
    let remarks = p.remarks.iter().map(|m| (m, "squiggle quiet"));
    let marks = faults.chain(remarks).map(|(m, class)| {
        let before: String = p.text.chars().take(m.from).collect();
        let marked: String = p.text.chars().skip(m.from).take(m.to - m.from).collect();
        let marked = if marked.is_empty() {
            " ".to_owned()
        } else {
            marked
        };
        html! { <div {class}><span>{ before }</span><u>{ marked }</u></div> }
    });
    let class = match (p.marks.is_empty(), p.here) {
        (false, _) => "row bad",
        (true, true) => "row here",
        (true, false) => "row",
    };
    html! {
        <div {class}>
            <code>{ for pieces }</code>
            <div aria-hidden="true">{ for marks }</div>
            <div class="rownote">{ p.children.clone() }</div>
        </div>
    }
}

/// The box about a fault, or a quiet one about a remark.
pub(super) fn note(mark: &Mark, quiet: bool, mended: &Callback<Mend>) -> Html {
    let line = (mark.line + 1).to_string();
    if quiet {
        return html! { <div class="fault quiet" data-remark={line}>{ say(&mark.text) }</div> };
    }
    let fix = mark.fix.as_ref().map(|fix| fix_button(fix, mended));
    html! { <div class="fault" data-fault={line}><p lang="en">{ &mark.text }</p><div>{ fix }</div></div> }
}

/// A button that mends a fault. It takes no focus, so that the field does not lose it.
pub(super) fn fix_button(fix: &Mend, mended: &Callback<Mend>) -> Html {
    let (fix, label) = (fix.clone(), fix.label.clone());
    let onclick = mended.reform(move |_: MouseEvent| fix.clone());
    let onmousedown = |e: MouseEvent| e.prevent_default();
    html! { <button type="button" class="fixit" data-mend={label.clone()} {onclick} {onmousedown}>{ say(&label) }</button> }
}

/// The list of suggestions, which begins under the word that they complete.
pub(super) fn popup(line: &str, offers: &Offers) -> Html {
    let before: String = line.chars().take(offers.list.from).collect();
    let items = offers.list.items.iter().enumerate().map(|(i, item)| {
        let on = i == offers.chosen;
        html! {
            <li key={i} id={format!("suggestion-{i}")} role="option" class={on.then_some("on")} aria-selected={on.to_string()}>
                <b>{ &item.text }</b><span lang="en">{ &item.description }</span>
            </li>
        }
    });
    html! {
        <div class="suggest"><span>{ before }</span><ul id="suggestions" role="listbox" aria-label={messages::editor_suggestions()}>{ for items }</ul></div>
    }
}
