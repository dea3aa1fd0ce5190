//! The editor: files of a machine, Compose's first, with what is wrong in them and what `up` would do.

mod code;
mod examples;
mod keys;
mod paint;
mod rows;

use lab::view::{Checked, Deed, Mend, Planned};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

pub(crate) use code::FileCompleter;
pub(crate) use examples::EXAMPLES;

use super::icons::{Icon, icon};
use super::{Act, button, say};
use crate::app::{Editing, Msg};
use crate::messages;
use crate::shared::Shared;
use code::Code;
use rows::fix_button;

/// A file as it is being edited.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sheet {
    /// The machine it is on.
    pub(crate) machine: String,
    /// All machines with an engine.
    pub(crate) machines: Vec<String>,
    /// Its path.
    pub(crate) path: String,
    /// All files of the machine.
    pub(crate) files: Vec<String>,
    /// What is typed.
    pub(crate) text: AttrValue,
    /// Whether that is not in the file yet.
    pub(crate) unsaved: bool,
    /// What there is to say about it.
    pub(crate) checked: Checked,
    /// Whether the machine's terminal waits for a command.
    pub(crate) ready: bool,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) sheet: Shared<Sheet>,
    pub(crate) complete: FileCompleter,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Editor(p: &Props) -> Html {
    let s = &p.sheet;
    let mend = use_state(|| None::<(u32, Mend)>);
    let edit = p.act.reform(Msg::Edit);
    let mended = {
        let mend = mend.clone();
        Callback::from(move |fix: Mend| {
            let number = mend.as_ref().map_or(0, |(number, _)| number + 1);
            mend.set(Some((number, fix)));
        })
    };
    let marks = Shared::new(s.checked.marks.clone());
    let name = short(&s.path);
    let faults = s.checked.marks.iter().enumerate().map(|(i, m)| {
        let fix = m.fix.as_ref().map(|fix| fix_button(fix, &mended));
        html! { <li key={i}><b>{ messages::editor_line(&(m.line + 1)) }</b><span lang="en">{ &m.text }</span><span>{ fix }</span></li> }
    });
    let remarks = Shared::new(s.checked.remarks.clone());
    let remarked = remarks.iter().enumerate().map(|(i, m)| {
        html! { <li key={format!("r{i}")} class="quiet"><b>{ messages::editor_line(&(m.line + 1)) }</b>{ say(&m.text) }</li> }
    });
    let remarked: Vec<Html> = remarked.collect();
    let shown = mended.clone();
    html! {
        <div class="editor">
            { head(s, &edit) }
            { bar(s, &edit) }
            <Code machine={s.machine.clone()} path={s.path.clone()} text={s.text.clone()} yaml={is_yaml(&s.path)} label={name} {marks} {remarks} mend={(*mend).clone()} complete={p.complete.clone()}
                typed={edit.reform(Editing::Text)} leave={edit.reform(|()| Editing::Save)} mended={shown} />
            <div class="under">
                <ul id="editor-faults" class="faults">{ for faults }{ for remarked }</ul>
                { plan(s) }
                <p id="editor-hint" class="ehint">{ messages::editor_hint() }</p>
            </div>
        </div>
    }
}

/// The files, examples, and a new file.
fn head(s: &Sheet, edit: &Callback<Editing>) -> Html {
    let chosen = |e: Event| e.target_unchecked_into::<HtmlSelectElement>().value();
    let new = !s.files.contains(&s.path);
    let files = s.files.iter().chain(new.then_some(&s.path)).map(|path| {
        html! { <option key={path.clone()} value={path.clone()} selected={*path == s.path}>{ short(path) }</option> }
    });
    let machines = s.machines.iter().map(|m| {
        html! { <option key={m.clone()} value={m.clone()} selected={*m == s.machine}>{ m }</option> }
    });
    let examples = EXAMPLES
        .iter()
        .enumerate()
        .map(|(i, (name, _))| html! { <option key={i} value={i.to_string()}>{ messages::known(name).to_owned() }</option> });
    let start = edit.reform(move |e: Event| {
        let select = e.target_unchecked_into::<HtmlSelectElement>();
        let number = select.value().parse().unwrap_or(usize::MAX);
        select.set_value("");
        Editing::Example(number)
    });
    let named = edit.reform(|e: Event| {
        let field = e.target_unchecked_into::<HtmlInputElement>();
        let name = field.value();
        field.set_value("");
        Editing::New(name)
    });
    html! {
        <div class="ehead">
            <div class={if s.machines.len() > 1 { "" } else { "gone" }}>
                <select aria-label={messages::editor_machine()} onchange={edit.reform(move |e| Editing::Machine(chosen(e)))}>{ for machines }</select>
            </div>
            <select aria-label={messages::editor_file()} data-editor-file={s.path.clone()} onchange={edit.reform(move |e| Editing::Open(chosen(e)))}>{ for files }</select>
            <select aria-label={messages::editor_examples()} onchange={start}>
                <option value="" selected=true>{ messages::editor_examples() }</option>
                <optgroup label={messages::editor_examples()}>{ for examples }</optgroup>
            </select>
            <input class="newfile" aria-label={messages::editor_new()} placeholder={messages::editor_new()} spellcheck="false" autocapitalize="off" onchange={named} />
        </div>
    }
}

/// The buttons that type commands, and whether there are problems.
fn bar(s: &Sheet, edit: &Callback<Editing>) -> Html {
    let c = &s.checked;
    let broken = !c.marks.is_empty();
    let empty = s.text.trim().is_empty();
    let types = |class: &'static str,
                 which: Icon,
                 name: &'static str,
                 line: &String,
                 off: bool,
                 msg: Editing| {
        if line.is_empty() {
            return html! {};
        }
        let onclick = edit.reform(move |_: MouseEvent| msg.clone());
        html! {
            <button type="button" {class} disabled={off || !s.ready} title={line.clone()} data-types={line.clone()} {onclick}>{ icon(which) }{ name }</button>
        }
    };
    let state = match (c.up.is_empty() || empty, c.marks.len()) {
        (true, _) => html! { <span></span> },
        (false, 0) => {
            html! { <span class="fine">{ icon(Icon::Check) }{ messages::editor_fine() }</span> }
        }
        (false, n) => {
            html! { <span class="broken">{ icon(Icon::Alert) }{ messages::editor_problems(&n) }</span> }
        }
    };
    html! {
        <div class="ebar">
            <div class="row">
                { types("btn p", Icon::Play, messages::editor_up(), &c.up, broken || empty, Editing::Up) }
                { types("btn o", Icon::Drop, messages::editor_down(), &c.down, broken || empty, Editing::Down) }
                { types("btn p", Icon::Play, messages::editor_run(), &c.run, empty, Editing::Run) }
            </div>
            <div class="estate" role="status" data-problems={c.marks.len().to_string()}>{ state }</div>
            <span class="sp"></span>
            <span class="project" title={c.project.clone()}>{ if c.project.is_empty() { String::new() } else { messages::editor_project(&c.project) } }</span>
            { button(Icon::Check, if s.unsaved { messages::editor_save() } else { messages::editor_saved() }, !s.unsaved, edit.reform(|_| Editing::Save)) }
        </div>
    }
}

/// What `up` will do.
fn plan(s: &Sheet) -> Html {
    let broken = !s.checked.marks.is_empty();
    let rows = s.checked.plan.iter().map(|planned: &Planned| {
        let (sign, verb) = deed(planned.deed);
        let bad = matches!(planned.deed, Deed::Remove | Deed::Refuse);
        html! {
            <li key={verb} class={if bad { "bad" } else { "" }} data-deed={word(planned.deed)}>
                <i aria-hidden="true">{ sign }</i><span>{ verb }{ " " }<code>{ planned.names.join(", ") }</code></span>
            </li>
        }
    });
    let class = if s.checked.up.is_empty() || (s.checked.plan.is_empty() && !broken) {
        "gone"
    } else {
        "plan"
    };
    html! {
        <section {class} aria-label={messages::editor_plan()}>
            <header><h2 class="cap">{ messages::editor_plan() }</h2>
                <div>if broken { <span class="tag warn">{ messages::editor_after() }</span> }</div></header>
            <ul>{ for rows }</ul>
        </section>
    }
}

/// A sign and a verb for what `up` does.
fn deed(deed: Deed) -> (&'static str, &'static str) {
    match deed {
        Deed::Create => ("+", messages::editor_create()),
        Deed::Recreate => ("~", messages::editor_recreate()),
        Deed::Start => ("\u{25b8}", messages::editor_start()),
        Deed::Keep => ("=", messages::editor_keep()),
        Deed::Remove => ("\u{2212}", messages::editor_remove()),
        Deed::Orphan => ("?", messages::editor_orphan()),
        Deed::Refuse => ("!", messages::editor_refuse()),
    }
}

/// What tests call a deed.
const fn word(deed: Deed) -> &'static str {
    match deed {
        Deed::Create => "create",
        Deed::Recreate => "recreate",
        Deed::Start => "start",
        Deed::Keep => "keep",
        Deed::Remove => "remove",
        Deed::Orphan => "orphan",
        Deed::Refuse => "refuse",
    }
}

/// A path as people say it.
fn short(path: &str) -> String {
    path.strip_prefix("/root/").unwrap_or(path).to_owned()
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}
