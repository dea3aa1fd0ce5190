//! A network to be: its name, and the command that makes it, before it is typed.

use lab::view::Action;
use yew::prelude::*;

use super::icons::Icon;
use super::live::use_live;
use super::{Act, button, perhaps};
use crate::app::{Choice, Msg};
use crate::messages;

/// The longest name that is taken.
const LONGEST: &str = "128";

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// What would be typed with the name that is proposed, which is its last word.
    pub(crate) action: Action,
    pub(crate) act: Act,
}

/// A name that can stand on a command line as it is, and that Docker takes.
fn plain(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphanumeric())
        && letters.all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// The action with another name.
fn named(action: &Action, name: &str) -> Action {
    let command = action.commands.first().map_or("", String::as_str);
    let start = command.rsplit_once(' ').map_or("", |(start, _)| start);
    Action {
        commands: vec![format!("{start} {name}")],
        ..action.clone()
    }
}

/// Asks for the name, in a dialog that keeps focus until it is closed.
#[component]
pub(crate) fn Draft(p: &Props) -> Html {
    let node = use_node_ref();
    let field = use_node_ref();
    let proposed = || {
        let command = p.action.commands.first().map_or("", String::as_str);
        command.rsplit(' ').next().unwrap_or_default().to_owned()
    };
    let live = use_live(proposed);
    let name = live.get();
    {
        let (node, field) = (node.clone(), field.clone());
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<web_sys::HtmlDialogElement>() {
                let _ = dialog.show_modal();
            }
            // What is typed takes the proposal's place.
            if let Some(field) = field.cast::<web_sys::HtmlInputElement>() {
                let _ = field.focus();
                field.select();
            }
        });
    }
    let good = plain(&name);
    let action = named(&p.action, &name);
    let command = action.commands.first().cloned().unwrap_or_default();
    let make = {
        let (live, action) = (live.clone(), p.action.clone());
        perhaps(&p.act, move |e: SubmitEvent| {
            e.prevent_default();
            let name = live.get();
            plain(&name).then(|| Msg::Choose(Choice::Type(named(&action, &name))))
        })
    };
    let typed = Callback::from(move |e: InputEvent| {
        let field = e.target_unchecked_into::<web_sys::HtmlInputElement>();
        live.set(field.value());
    });
    let close = p.act.reform(|_: Event| Msg::EndDraft);
    html! {
        <dialog ref={node} class="dlg draft" aria-labelledby="draft-title" onclose={close}>
            <header><h2 id="draft-title">{ messages::draft_title() }</h2>
                { button(Icon::Close, messages::draft_cancel(), false, p.act.reform(|_| Msg::EndDraft)) }</header>
            <form class="bd" onsubmit={make}>
                <label>{ messages::draft_name() }
                    <input class="field" ref={field} value={name} oninput={typed} maxlength={LONGEST} autocomplete="off" spellcheck="false" data-draft=""
                        aria-invalid={(!good).to_string()} aria-describedby="draft-says" /></label>
                <p id="draft-says" class={if good { "says" } else { "says bad" }} aria-live="polite">
                    if good { <code>{ command }</code> } else { <span>{ messages::draft_bad() }</span> }</p>
                <div class="row end">
                    <button type="button" class="btn" onclick={p.act.reform(|_| Msg::EndDraft)}>{ messages::draft_cancel() }</button>
                    <button type="submit" class="btn p" disabled={!good}>{ messages::draft_make() }</button>
                </div>
            </form>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_says_the_name_that_is_typed() {
        let action = Action {
            commands: vec!["docker network create net-a".into()],
            ..Action::default()
        };
        assert_eq!(
            named(&action, "shop").commands,
            ["docker network create shop"]
        );
    }

    #[test]
    fn what_the_shell_or_docker_would_not_take_is_no_name() {
        for bad in ["", "-a", "a b", "a;b", "$(x)", "ä"] {
            assert!(!plain(bad), "{bad}");
        }
        assert!(plain("net_1.a-b"));
    }
}
