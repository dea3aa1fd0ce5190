//! One terminal: what was printed, and the line being typed.
//!
//! The line is a real text field, so that selection, paste, input methods and on-screen keyboards work; what is seen is
//! a mirror behind it that wraps in the same way. `edit` is what keys do, `line` holds both together, `beside` what comes from elsewhere than the field's
//! own keys, `lines` what was printed, `find` looks into it, `follow` keeps its end in view, `links` knows what words stand for.

mod beside;
mod edit;
mod find;
mod follow;
mod keybar;
mod line;
mod lines;
pub(crate) mod links;
mod popup;
mod reading;
pub(crate) mod spoken;
mod text;

use std::rc::Rc;

use lab::view::{Completions, Terminal};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::icons::{Icon, icon};
use super::{Act, perhaps};
use crate::app::{Msg, Wish};
use crate::history::tidy;
use crate::messages;
use crate::messages::keys::spelled;
use crate::platform::{self, clipboard};
use edit::{Around, Offers, Outcome, Press, press};
use find::Find;
use follow::use_follow;
use line::use_line;
use text::characters;
pub(crate) use text::commands;

/// Answers what could come next: terminal, line, cursor.
type Ask = dyn Fn(u32, &str, usize) -> Completions;

/// What a key does, with Ctrl and Shift, in the field; whether it was one with a meaning there.
type PressKey = dyn Fn(&str, bool, bool, &HtmlTextAreaElement) -> bool;

/// Asks the lab what could come next.
#[derive(Clone)]
pub(crate) struct Completer(pub(crate) Rc<Ask>);

impl PartialEq for Completer {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Lines drawn at most; older ones are scrolled away for good.
const MOST_LINES: usize = 1200;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) terminal: Rc<Terminal>,
    pub(crate) note: Option<(bool, AttrValue)>,
    pub(crate) ghost: Option<AttrValue>,
    pub(crate) complete: Completer,
    /// Text to be put into the line, and how often there was one.
    pub(crate) pasted: (u32, AttrValue),
    /// Whether it is laid out for screen readers.
    pub(crate) reading: bool,
    /// Whether single letters may be shortcuts.
    pub(crate) letters: bool,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn TerminalView(p: &Props) -> Html {
    let line = use_line();
    let edit = line.get();
    let finding = use_state(|| false);
    let seek = use_node_ref();
    let field = line.field.clone();
    let frame = use_node_ref();
    let output = use_node_ref();
    let t = &*p.terminal;
    let id = t.id;
    let end = t.first + t.lines.len() as u64;
    let version = end
        .wrapping_mul(1 << 20)
        .wrapping_add(t.lines.last().map_or(0, |l| l.text.len() as u64));
    let history: Vec<&str> = tidy(t.runs.iter().map(|r| r.command.as_str()));
    let rows = edit.text.matches('\n').count();
    let shown = (p.note.clone(), p.ghost.clone());
    let laid_out = (rows, edit.cleared, p.reading);
    let changes = (version, t.idle, shown, laid_out);
    let (follows, onscroll) = use_follow(&frame, changes);
    {
        let line = line.clone();
        use_effect_with(p.pasted.clone(), move |(_, text)| {
            if !text.is_empty() {
                beside::insert(&line, text);
            }
        });
    }
    let prompt = match &edit.search {
        Some(s) => messages::history_search(&s.query),
        None if t.idle => t.prompt.clone(),
        None => String::new(),
    };
    let shown_text = match &edit.search {
        Some(s) => s.found(&history).unwrap_or("").to_owned(),
        None => edit.text.clone(),
    };
    {
        // The first line of the field begins after the prompt; a style attribute would break the page's policy.
        let field = field.clone();
        let width = if prompt.is_empty() || p.reading {
            0
        } else {
            prompt.chars().count() + 1
        };
        use_effect_with(width, move |width| {
            platform::style(field.cast(), "text-indent", &format!("{width}ch"));
        });
    }
    // What a key does, pressed on a keyboard or on the key bar; whether it was one with a meaning here.
    let press_key = {
        let (line, act, complete) = (line.clone(), p.act.clone(), p.complete.clone());
        let (finding, seek, follows) = (finding.clone(), seek.clone(), Rc::clone(&follows));
        let history: Vec<String> = history.iter().map(|s| (*s).to_owned()).collect();
        let (waiting, own) = (t.idle, t.idle && t.title == t.machine);
        let press: Rc<PressKey> = Rc::new(
            move |key: &str, ctrl: bool, shift: bool, field: &HtmlTextAreaElement| -> bool {
                let history: Vec<&str> = history.iter().map(String::as_str).collect();
                let cursor = field.selection_end().ok().flatten().unwrap_or(0);
                let marked = field.selection_start().ok().flatten() != Some(cursor);
                let mut next = line.get();
                // The key bar's Ctrl counts for the key after it.
                let ctrl = std::mem::take(&mut next.ctrl) || ctrl;
                let pressed = Press {
                    key,
                    ctrl,
                    shift,
                    cursor: characters(&next.text, cursor),
                    chosen: marked || clipboard::has_selection(),
                };
                let around = Around {
                    history: &history,
                    end,
                    waiting,
                    own,
                    complete: &|text, at| (complete.0)(id, text, at),
                };
                let Some(outcome) = press(&mut next, &pressed, &around) else {
                    return false;
                };
                line.set(next);
                *follows.borrow_mut() = true;
                match outcome {
                    Outcome::Edit => {}
                    Outcome::Enter(line) => act.emit(Msg::Desk(Wish::Lines(id, commands(&line)))),
                    Outcome::End => act.emit(Msg::ToEnd),
                    Outcome::Interrupt => act.emit(Msg::Interrupt(id)),
                    Outcome::Eof => act.emit(Msg::Eof(id)),
                    Outcome::Leave => act.emit(Msg::LeaveTerminal),
                    Outcome::Find => {
                        find::open(&seek);
                        finding.set(true);
                    }
                    Outcome::Copy => clipboard::copy(),
                }
                true
            },
        );
        press
    };
    let oninput = {
        let (line, complete, press_key) = (line.clone(), p.complete.clone(), press_key.clone());
        Callback::from(move |e: InputEvent| {
            let field: HtmlTextAreaElement = e.target_unchecked_into();
            let mut next = line.get();
            if next.ctrl
                && let Some(key) = e.data().filter(|d| d.chars().count() == 1)
                && press_key(&key.to_lowercase(), true, false, &field)
            {
                field.set_value(line.get().typed());
                return;
            }
            next.ctrl = false;
            if let Some(search) = &mut next.search {
                // While searching, what is typed goes to the query: the field holds the query then.
                search.query = field.value();
                search.skip = 0;
            } else {
                next.text = field.value().replace('\r', "");
                if next.offers.is_some() {
                    let cursor = field.selection_end().ok().flatten().unwrap_or(0);
                    let list = (complete.0)(id, &next.text, characters(&next.text, cursor));
                    next.offers = (!list.items.is_empty()).then_some(Offers { list, chosen: 0 });
                }
            }
            line.set(next);
        })
    };
    let onkeydown = {
        let (act, press_key) = (p.act.clone(), press_key.clone());
        let film_key =
            beside::film_key(p.note.as_ref().filter(|_| edit.search.is_none()), p.letters);
        Callback::from(move |e: KeyboardEvent| {
            if let Some(msg) = film_key(&e) {
                e.prevent_default();
                e.stop_propagation();
                act.emit(msg);
                return;
            }
            let wish = match e.key().as_str() {
                _ if !e.alt_key() || e.ctrl_key() => None,
                "ArrowUp" => Some(Wish::Name(true)),
                "ArrowDown" => Some(Wish::Name(false)),
                "Enter" => Some(Wish::ShowName),
                _ => None,
            };
            if let Some(wish) = wish {
                e.prevent_default();
                act.emit(Msg::Desk(wish));
                return;
            }
            let field: HtmlTextAreaElement = e.target_unchecked_into();
            let ctrl = e.ctrl_key() && !e.alt_key() && !e.meta_key();
            if !e.is_composing() && press_key(&e.key(), ctrl, e.shift_key(), &field) {
                e.prevent_default();
                e.stop_propagation();
            }
        })
    };
    let typed_beside = beside::typed(&field, &press_key);
    let bar_key = beside::bar_key(&line, &press_key);
    let onpaste = beside::pasted(&line);
    let drawn = usize::try_from(edit.cleared.saturating_sub(t.first)).unwrap_or(usize::MAX);
    let from = drawn
        .min(t.lines.len())
        .max(t.lines.len().saturating_sub(MOST_LINES));
    let (printed, number) = (
        t.lines.get(from..).unwrap_or_default(),
        t.first + from as u64,
    );
    let output_of = messages::output_of(&t.title);
    // Nothing is announced by the output itself: what is new is said beside it, in portions.
    let lines = if p.reading {
        html! { <ol class="lines" lang="en" ref={output.clone()} aria-label={output_of}>{ reading::list(t, printed, number) }</ol> }
    } else {
        html! { <div class="lines" lang="en" ref={output.clone()} role="log" aria-live="off" aria-label={output_of}>{ lines::blocks(printed, number) }</div> }
    };
    let name = if t.idle || !p.reading {
        messages::command_for(&t.title)
    } else {
        messages::reading_input(&t.title)
    };
    let onclick = {
        let (field, act) = (field.clone(), p.act.clone());
        Callback::from(move |e: MouseEvent| {
            if clipboard::has_selection() {
                return;
            }
            if let Some(field) = field.cast::<HtmlElement>() {
                let _ = field.focus();
            }
            act.emit(Msg::Desk(Wish::Follow(
                f64::from(e.client_x()),
                f64::from(e.client_y()),
            )));
        })
    };
    let onpointermove = p.act.reform(|e: PointerEvent| {
        Msg::Desk(Wish::Over(f64::from(e.client_x()), f64::from(e.client_y())))
    });
    let onpointerleave = p.act.reform(|_: PointerEvent| Msg::Desk(Wish::Out));
    let oncontextmenu = perhaps(&p.act, move |e: MouseEvent| {
        // With Shift, the browser's own menu.
        (!e.shift_key()).then(|| {
            e.prevent_default();
            Msg::Desk(Wish::Menu(
                id,
                f64::from(e.client_x()),
                f64::from(e.client_y()),
            ))
        })
    });
    let onauxclick = perhaps(&p.act, move |e: MouseEvent| {
        let field = e
            .target()
            .and_then(|t| t.dyn_into::<HtmlTextAreaElement>().ok());
        (e.button() == 1 && field.is_none()).then_some(Msg::Desk(Wish::Paste(id)))
    });
    let onfocus = p
        .act
        .reform(move |_: FocusEvent| Msg::Desk(Wish::Front(id)));
    let onblur = {
        let line = line.clone();
        Callback::from(move |_: FocusEvent| {
            let mut next = line.get();
            if next.offers.is_some() || next.search.is_some() || next.ctrl {
                (next.offers, next.search, next.ctrl) = (None, None, false);
                line.set(next);
            }
        })
    };
    let take = {
        let (line, field) = (line.clone(), field.clone());
        Callback::from(move |i: usize| {
            let mut next = line.get();
            next.accept(i);
            line.set(next);
            if let Some(field) = field.cast::<HtmlElement>() {
                let _ = field.focus();
            }
        })
    };
    let found = {
        let (finding, field) = (finding.clone(), field.clone());
        Callback::from(move |()| {
            finding.set(false);
            if let Some(field) = field.cast::<HtmlElement>() {
                let _ = field.focus();
            }
        })
    };
    spoken::use_spoken(&p.terminal, p.reading);
    let value = edit.typed().to_owned();
    let several = if edit.offers.is_none() {
        commands(&edit.text).len()
    } else {
        1
    };
    let option = edit
        .offers
        .as_ref()
        .map(|o| format!("completion-{}", o.chosen));
    html! {
        <div class="termframe">
            <div class={if p.reading { "term reading" } else { "term" }} ref={frame} tabindex="-1" {onclick} {onpointermove} {onpointerleave} {oncontextmenu} {onauxclick} {onscroll}
                onkeydown={typed_beside} data-terminal={t.title.clone()} data-busy={(!t.idle).to_string()}>
                <div>{ lines }</div>
                <div>
                    if let Some((playing, note)) = &p.note {
                        <p class="note">{ icon(if *playing { Icon::Play } else { Icon::Pause }) }<span>{ note }</span><span>if !*playing && p.letters { <kbd>{ "." }</kbd>{ " " }{ messages::note_next_hop() }{ " " } }</span><kbd>{ spelled("Space") }</kbd>{ " " }{ messages::note_play() }</p>
                    }
                </div>
                <div>
                    if let Some(ghost) = &p.ghost {
                        <p class="ghostline"><span class="pr">{ &t.prompt }</span>{ " " }{ ghost }<span class="echo">{ messages::runs_on_drop() }</span></p>
                    }
                </div>
                <div class="entry">
                    <div>if p.reading { <label for={format!("line-{id}")}>{ &name }{ " " }<span class="pr" lang="en">{ &prompt }</span></label> }</div>
                    <div class="mirror" aria-hidden="true">
                        if !prompt.is_empty() { <span class="pr">{ format!("{prompt} ") }</span> }
                        { &shown_text }{ "\u{200b}" }
                    </div>
                    <textarea ref={field} id={format!("line-{id}")} rows={(rows + 1).to_string()} spellcheck="false" autocomplete="off" autocapitalize="off" {value}
                        data-terminal-input={t.title.clone()} aria-label={(!p.reading).then_some(name)}
                        aria-autocomplete="list" aria-controls={edit.offers.is_some().then_some("completions")} aria-activedescendant={option}
                        {oninput} {onkeydown} {onpaste} {onfocus} {onblur} />
                    <div class="popup">if let Some(offers) = &edit.offers { { popup::popup(offers, if p.reading { "" } else { &prompt }, &take) } }</div>
                    <div class={if p.reading { "" } else { "vh" }} role="status" lang="en">if edit.search.is_some() { { &shown_text } }</div>
                </div>
                <div>if several > 1 { <p class="note">{ messages::paste_hint(&several) }</p> }</div>
            </div>
            <Find on={*finding} {seek} lines={output} {version} close={found} />
            { keybar::keybar(edit.ctrl, &bar_key) }
        </div>
    }
}
