//! One terminal: what was printed, and the line being typed.
//!
//! The line is a real text field, so that selection, paste, input methods and on-screen keyboards work; what is seen is
//! a mirror behind it that wraps in the same way.

use std::rc::Rc;

use lab::view::{Completions, Line, LineKind, Terminal};
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::Act;
use super::icons::{Icon, icon};
use crate::app::Msg;
use crate::history::{Search, Walk, tidy};
use crate::messages;
use crate::messages::keys::spelled;
use crate::shared::Shared;

/// Answers what could come next: terminal, line, cursor.
type Ask = dyn Fn(u32, &str, usize) -> Completions;

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
/// Completions shown at once.
const MOST_ITEMS: usize = 8;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) terminals: Shared<Vec<Terminal>>,
    pub(crate) id: u32,
    pub(crate) shown: u64,
    pub(crate) note: Option<AttrValue>,
    pub(crate) ghost: Option<AttrValue>,
    pub(crate) complete: Completer,
    pub(crate) act: Act,
}

/// The line being typed and what helps typing it.
#[derive(Clone, PartialEq, Default)]
struct Edit {
    text: String,
    walk: Walk,
    search: Option<Search>,
    offers: Option<Offers>,
    /// Lines printed up to here are cleared away.
    cleared: usize,
    /// Where the cursor has to go once the field holds the text.
    cursor: Option<usize>,
}

#[derive(Clone, PartialEq)]
struct Offers {
    list: Completions,
    chosen: usize,
}

#[component]
pub(crate) fn TerminalView(p: &Props) -> Html {
    let edit = use_state(Edit::default);
    let field = use_node_ref();
    let bottom = use_node_ref();
    let empty = Terminal::default();
    let t = p.terminals.iter().find(|t| t.id == p.id).unwrap_or(&empty);
    let visible = t.lines.iter().take_while(|l| l.at_ns <= p.shown).count();
    let all_shown = visible == t.lines.len();
    let idle = t.idle && all_shown;
    let history: Vec<&str> = tidy(t.runs.iter().map(|r| r.command.as_str()));
    {
        let bottom = bottom.clone();
        use_effect_with((visible, idle, p.note.clone()), move |_| {
            if let Some(b) = bottom.cast::<web_sys::Element>() {
                b.set_scroll_top(b.scroll_height());
            }
        });
    }
    {
        let (field, edit) = (field.clone(), edit.clone());
        use_effect_with(edit.cursor, move |cursor| {
            if let (Some(cursor), Some(field)) = (*cursor, field.cast::<HtmlTextAreaElement>()) {
                let at = units(&edit.text, cursor);
                let _ = field.set_selection_range(at, at);
                let mut next = (*edit).clone();
                next.cursor = None;
                edit.set(next);
            }
        });
    }
    let prompt = match &edit.search {
        Some(s) => messages::history_search(&s.query),
        None if idle => t.prompt.clone(),
        None => String::new(),
    };
    let shown_text = match &edit.search {
        Some(s) => s.found(&history).unwrap_or("").to_owned(),
        None => edit.text.clone(),
    };
    {
        // The first line of the field begins after the prompt; a style attribute would break the page's policy.
        let field = field.clone();
        let width = if prompt.is_empty() {
            0
        } else {
            prompt.chars().count() + 1
        };
        use_effect_with(width, move |width| {
            crate::platform::style(field.cast(), "text-indent", &format!("{width}ch"));
        });
    }
    let input = {
        let (edit, complete, id) = (edit.clone(), p.complete.clone(), p.id);
        Callback::from(move |e: InputEvent| {
            let field: HtmlTextAreaElement = e.target_unchecked_into();
            let mut next = (*edit).clone();
            if let Some(search) = &mut next.search {
                // While searching, what is typed goes to the query: the field holds the query then.
                search.query = field.value();
                search.skip = 0;
            } else {
                next.text = field.value().replace('\r', "");
                if next.offers.is_some() {
                    let cursor = characters(
                        &next.text,
                        field.selection_end().ok().flatten().unwrap_or(0),
                    );
                    let list = (complete.0)(id, &next.text, cursor);
                    next.offers = (!list.items.is_empty()).then_some(Offers { list, chosen: 0 });
                }
            }
            edit.set(next);
        })
    };
    let keys = {
        let (edit, act, complete, id) = (edit.clone(), p.act.clone(), p.complete.clone(), p.id);
        let history: Vec<String> = history.iter().map(|s| (*s).to_owned()).collect();
        let visible_now = visible;
        let (waiting, own) = (
            t.idle,
            t.idle && t.prompt.contains(&format!("@{}:", t.machine)),
        );
        Callback::from(move |e: KeyboardEvent| {
            let field: HtmlTextAreaElement = e.target_unchecked_into();
            let lines: Vec<&str> = history.iter().map(String::as_str).collect();
            let cursor = field.selection_end().ok().flatten().unwrap_or(0);
            let chosen =
                field.selection_start().ok().flatten() != field.selection_end().ok().flatten();
            let key = e.key();
            let ctrl = e.ctrl_key() && !e.alt_key() && !e.meta_key();
            let mut next = (*edit).clone();
            let now = characters(&next.text, cursor);
            let outcome = if ctrl {
                control(&key, &mut next, &lines, chosen, visible_now, (waiting, own))
            } else {
                plain(&key, &e, &mut next, &lines, now, &|text, at| {
                    (complete.0)(id, text, at)
                })
            };
            let Some(outcome) = outcome else { return };
            e.prevent_default();
            e.stop_propagation();
            edit.set(next);
            match outcome {
                Outcome::Edit => {}
                Outcome::Enter(line) => act.emit(Msg::Line { terminal: id, line }),
                Outcome::End => act.emit(Msg::ToEnd),
                Outcome::Interrupt => act.emit(Msg::Interrupt(id)),
                Outcome::Eof => act.emit(Msg::Eof(id)),
                Outcome::Leave => act.emit(Msg::LeaveTerminal),
            }
        })
    };
    let paste = {
        let (edit, act, id) = (edit.clone(), p.act.clone(), p.id);
        Callback::from(move |e: Event| {
            let data = wasm_bindgen::JsCast::dyn_into::<web_sys::ClipboardEvent>(e.clone()).ok();
            let text = data
                .and_then(|e| e.clipboard_data())
                .and_then(|d| d.get_data("text").ok())
                .unwrap_or_default();
            let text = text.replace('\r', "");
            // Several lines are typed one after the other; a continued line stays one.
            let Some((whole, rest)) = text.rsplit_once('\n').filter(|_| !text.contains("\\\n"))
            else {
                return;
            };
            e.prevent_default();
            let mut next = (*edit).clone();
            let first = std::mem::take(&mut next.text);
            for (i, line) in whole.split('\n').enumerate() {
                let line = if i == 0 {
                    format!("{first}{line}")
                } else {
                    line.to_owned()
                };
                act.emit(Msg::Line { terminal: id, line });
            }
            next.text = rest.to_owned();
            edit.set(next);
        })
    };
    let from = visible
        .saturating_sub(MOST_LINES)
        .max(edit.cleared.min(visible));
    let lines = t
        .lines
        .iter()
        .enumerate()
        .take(visible)
        .skip(from)
        .map(|(i, l)| html! { <div key={i} class={class(l)}>{ line(l) }</div> });
    let focus = {
        let field = field.clone();
        Callback::from(move |_: MouseEvent| {
            let selected = web_sys::window()
                .and_then(|w| w.get_selection().ok().flatten())
                .is_some_and(|s| !s.is_collapsed());
            if let (false, Some(field)) = (selected, field.cast::<web_sys::HtmlElement>()) {
                let _ = field.focus();
            }
        })
    };
    let blur = {
        let edit = edit.clone();
        Callback::from(move |_: FocusEvent| {
            if edit.offers.is_some() || edit.search.is_some() {
                let mut next = (*edit).clone();
                (next.offers, next.search) = (None, None);
                edit.set(next);
            }
        })
    };
    let take = {
        let (edit, field) = (edit.clone(), field.clone());
        Callback::from(move |i: usize| {
            let mut next = (*edit).clone();
            accept(&mut next, i);
            edit.set(next);
            if let Some(field) = field.cast::<web_sys::HtmlElement>() {
                let _ = field.focus();
            }
        })
    };
    let value = edit
        .search
        .as_ref()
        .map_or_else(|| edit.text.clone(), |s| s.query.clone());
    html! {
        <div class="term" ref={bottom} onclick={focus} data-terminal={t.title.clone()} data-busy={(!idle).to_string()}>
            <div class="lines" lang="en" role="log" aria-live="polite" aria-label={messages::output_of(&t.title)}>{ for lines }</div>
            <div>
                if let Some(note) = &p.note {
                    <p class="note">{ icon(Icon::Play) }<span>{ note }</span><kbd>{ "." }</kbd>{ " " }{ messages::note_next_hop() }{ " " }<kbd>{ spelled("Space") }</kbd>{ " " }{ messages::note_play() }</p>
                }
            </div>
            <div>
                if let Some(ghost) = &p.ghost {
                    <p class="ghostline"><span class="pr">{ &t.prompt }</span>{ " " }{ ghost }<span class="echo">{ messages::runs_on_drop() }</span></p>
                }
            </div>
            <div class="entry">
                <div class="mirror" aria-hidden="true">
                    if !prompt.is_empty() { <span class="pr">{ format!("{prompt} ") }</span> }
                    { shown_text }{ "\u{200b}" }
                </div>
                <textarea ref={field} rows="1" spellcheck="false" autocomplete="off" autocapitalize="off" {value}
                    data-terminal-input={t.title.clone()} aria-label={messages::command_for(&t.title)}
                    aria-autocomplete="list" aria-controls={edit.offers.is_some().then_some("completions")}
                    oninput={input} onkeydown={keys} onpaste={paste} onblur={blur} />
                <div class="popup">if let Some(offers) = &edit.offers { { popup(offers, &prompt, take) } }</div>
            </div>
        </div>
    }
}

fn class(l: &Line) -> &'static str {
    match l.kind {
        LineKind::Command => "cmdline",
        LineKind::Output => "out",
        LineKind::Error => "err",
        LineKind::Note => "note",
    }
}

fn line(l: &Line) -> Html {
    if l.kind == LineKind::Command {
        html! { <><span class="pr">{ l.prompt.trim_end() }</span>{ " " }{ &l.text }</> }
    } else if l.text.is_empty() {
        html! { { "\u{200b}" } }
    } else {
        html! { { &l.text } }
    }
}

enum Outcome {
    Edit,
    Enter(String),
    Interrupt,
    End,
    Eof,
    Leave,
}

fn control(
    key: &str,
    edit: &mut Edit,
    history: &[&str],
    chosen: bool,
    visible: usize,
    (waiting, own): (bool, bool),
) -> Option<Outcome> {
    match key {
        // With text selected, Ctrl-C copies.
        "c" if chosen => None,
        "c" => {
            *edit = Edit {
                cleared: edit.cleared,
                ..Edit::default()
            };
            // At a prompt there is nothing to stop but the line being typed and the film being shown.
            Some(if waiting {
                Outcome::End
            } else {
                Outcome::Interrupt
            })
        }
        // The machine's own shell is the terminal: ending it would leave nothing to type into.
        "d" if edit.text.is_empty() && own => Some(Outcome::Edit),
        "d" if edit.text.is_empty() => Some(Outcome::Eof),
        "l" => {
            edit.cleared = visible;
            Some(Outcome::Edit)
        }
        "r" => {
            match &mut edit.search {
                Some(search) => {
                    let further = Search {
                        skip: search.skip + 1,
                        query: search.query.clone(),
                    };
                    if further.found(history).is_some() {
                        *search = further;
                    }
                }
                None => edit.search = Some(Search::default()),
            }
            edit.offers = None;
            Some(Outcome::Edit)
        }
        "u" => {
            edit.text.clear();
            Some(Outcome::Edit)
        }
        "`" => Some(Outcome::Leave),
        _ => None,
    }
}

fn plain(
    key: &str,
    event: &KeyboardEvent,
    edit: &mut Edit,
    history: &[&str],
    cursor: usize,
    complete: &dyn Fn(&str, usize) -> Completions,
) -> Option<Outcome> {
    if event.is_composing() {
        return None;
    }
    if let Some(search) = edit.search.clone() {
        let found = search.found(history).map(str::to_owned);
        return match key {
            "Enter" | "Tab" | "ArrowRight" | "End" => {
                edit.search = None;
                edit.text = found.unwrap_or_default();
                edit.cursor = Some(edit.text.chars().count());
                if key == "Enter" {
                    Some(enter(edit))
                } else {
                    Some(Outcome::Edit)
                }
            }
            "Escape" => {
                edit.search = None;
                Some(Outcome::Edit)
            }
            _ => None,
        };
    }
    match (key, &mut edit.offers) {
        ("Tab" | "Enter", Some(offers)) => {
            let chosen = offers.chosen;
            accept(edit, chosen);
            Some(Outcome::Edit)
        }
        ("ArrowDown", Some(offers)) => {
            offers.chosen = (offers.chosen + 1) % offers.list.items.len().max(1);
            Some(Outcome::Edit)
        }
        ("ArrowUp", Some(offers)) => {
            let count = offers.list.items.len().max(1);
            offers.chosen = (offers.chosen + count - 1) % count;
            Some(Outcome::Edit)
        }
        ("Escape", Some(_)) => {
            edit.offers = None;
            Some(Outcome::Edit)
        }
        ("Tab", None) if !event.shift_key() => {
            let list = complete(&edit.text, cursor);
            match list.items.len() {
                0 => {}
                1 => {
                    edit.offers = Some(Offers { list, chosen: 0 });
                    accept(edit, 0);
                }
                _ => {
                    let common = common_prefix(&list);
                    let typed = cursor.saturating_sub(list.from);
                    let longer = common.chars().count() > typed;
                    if longer {
                        replace(edit, list.from, cursor, &common);
                    }
                    edit.offers = Some(Offers { list, chosen: 0 });
                }
            }
            Some(Outcome::Edit)
        }
        ("Enter", None) if edit.text.ends_with('\\') => {
            edit.text.push('\n');
            edit.cursor = Some(edit.text.chars().count());
            Some(Outcome::Edit)
        }
        ("Enter", None) if !event.shift_key() => Some(enter(edit)),
        ("ArrowUp", None) => {
            let text = edit.text.clone();
            if let Some(line) = edit.walk.older(history, &text) {
                edit.cursor = Some(line.chars().count());
                edit.text = line;
            }
            Some(Outcome::Edit)
        }
        ("ArrowDown", None) => {
            if let Some(line) = edit.walk.newer(history) {
                edit.cursor = Some(line.chars().count());
                edit.text = line;
            }
            Some(Outcome::Edit)
        }
        _ => None,
    }
}

fn enter(edit: &mut Edit) -> Outcome {
    let line = std::mem::take(&mut edit.text);
    *edit = Edit {
        cleared: edit.cleared,
        ..Edit::default()
    };
    Outcome::Enter(line)
}

fn accept(edit: &mut Edit, index: usize) {
    let Some(offers) = edit.offers.take() else {
        return;
    };
    let Some(item) = offers.list.items.get(index) else {
        return;
    };
    let from = offers.list.from;
    let rest: String = edit.text.chars().skip(from).collect();
    let word = rest
        .find(char::is_whitespace)
        .map_or(rest.chars().count(), |i| {
            rest.get(..i).unwrap_or("").chars().count()
        });
    let text = if item.space {
        format!("{} ", item.text)
    } else {
        item.text.clone()
    };
    replace(edit, from, from + word, &text);
}

/// Replaces characters and puts the cursor behind them.
fn replace(edit: &mut Edit, from: usize, to: usize, with: &str) {
    let head: String = edit.text.chars().take(from).collect();
    let tail: String = edit.text.chars().skip(to).collect();
    let tail = if with.ends_with(' ') {
        tail.strip_prefix(' ').unwrap_or(&tail).to_owned()
    } else {
        tail
    };
    edit.cursor = Some(from + with.chars().count());
    edit.text = format!("{head}{with}{tail}");
}

fn common_prefix(list: &Completions) -> String {
    let mut words = list.items.iter().map(|i| i.text.as_str());
    let Some(first) = words.next() else {
        return String::new();
    };
    words.fold(first.to_owned(), |common, word| {
        common
            .chars()
            .zip(word.chars())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a)
            .collect()
    })
}

/// Characters before a position that the browser counts in UTF-16 units.
fn characters(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    text.chars()
        .take_while(|c| {
            let fits = left >= c.len_utf16();
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .count()
}

/// The browser's position of so many characters.
fn units(text: &str, characters: usize) -> u32 {
    text.chars()
        .take(characters)
        .map(char::len_utf16)
        .sum::<usize>() as u32
}

fn popup(offers: &Offers, prompt: &str, take: Callback<usize>) -> Html {
    let first = (offers.chosen + 1).saturating_sub(MOST_ITEMS);
    let items = offers.list.items.iter().enumerate().skip(first).take(MOST_ITEMS).map(|(i, item)| {
        let on = i == offers.chosen;
        let take = take.clone();
        // The field would lose focus at a press, and with it the list.
        let press = Callback::from(move |e: PointerEvent| {
            e.prevent_default();
            take.emit(i);
        });
        html! {
            <div key={item.text.clone()} role="option" class={if on { "opt on" } else { "opt" }} aria-selected={on.to_string()} onpointerdown={press}>
                <span>{ &item.text }</span><span>{ &item.description }</span>
            </div>
        }
    });
    let column = (prompt.chars().count() + 1 + offers.list.from).min(60);
    html! {
        <Anchored {column}>
            <div role="listbox" id="completions" aria-label={messages::completions()}>{ for items }</div>
            <div class="foot"><kbd>{ "Tab" }</kbd>{ " " }{ messages::complete_accept() }{ " " }<kbd>{ "↑" }</kbd><kbd>{ "↓" }</kbd>{ " " }{ messages::complete_choose() }</div>
        </Anchored>
    }
}

#[derive(Properties, PartialEq)]
struct AnchoredProps {
    column: usize,
    children: Html,
}

/// The completion box, below the word it completes, or above where there is no room.
#[component]
fn Anchored(p: &AnchoredProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(p.column, move |column| {
            crate::platform::style(
                node.cast(),
                "left",
                &format!("max(0px, min({column}ch, 100% - 330px))"),
            );
            let Some(me) = node.cast::<web_sys::Element>() else {
                return;
            };
            let Some(frame) = me.closest(".term").ok().flatten() else {
                return;
            };
            let over = me.get_bounding_client_rect().top() - frame.get_bounding_client_rect().top();
            if over < 0.0 {
                crate::platform::style(node.cast(), "bottom", "auto");
                crate::platform::style(node.cast(), "top", "1.7em");
            }
        });
    }
    html! { <div class="comp" ref={node}>{ p.children.clone() }</div> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::view::Completion;

    fn list(from: usize, words: &[&str]) -> Completions {
        Completions {
            from,
            items: words
                .iter()
                .map(|w| Completion {
                    text: (*w).into(),
                    description: String::new(),
                    space: true,
                })
                .collect(),
        }
    }

    #[test]
    fn accepting_replaces_the_whole_word_under_the_cursor() {
        let mut edit = Edit {
            text: "docker netw ls".into(),
            offers: Some(Offers {
                list: list(7, &["network"]),
                chosen: 0,
            }),
            ..Edit::default()
        };
        accept(&mut edit, 0);
        assert_eq!(edit.text, "docker network ls");
        assert_eq!(edit.cursor, Some(15));
    }

    #[test]
    fn positions_count_characters_where_the_browser_counts_units() {
        assert_eq!(characters("a😀b", 3), 2);
        assert_eq!(units("a😀b", 2), 3);
    }

    #[test]
    fn the_common_beginning_is_completed_first() {
        assert_eq!(
            common_prefix(&list(0, &["connect", "container", "config"])),
            "con"
        );
        assert_eq!(common_prefix(&list(0, &[])), "");
    }
}
