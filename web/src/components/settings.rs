//! The settings, in a dialog.

use yew::prelude::*;

use super::Act;
use super::dialog::Modal;
use crate::app::{Motion, Msg, SIZES, Setting, Settings, Theme};
use crate::messages::{self as words, Words, language};
use crate::playback::SPEEDS;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) settings: Settings,
    /// The speed's place among those on offer.
    pub(crate) speed: usize,
    pub(crate) act: Act,
}

const THEMES: [(Theme, Words); 3] = [
    (Theme::System, words::as_system),
    (Theme::Light, words::theme_light),
    (Theme::Dark, words::theme_dark),
];
const MOTIONS: [(Motion, Words); 3] = [
    (Motion::System, words::as_system),
    (Motion::Full, words::motion_full),
    (Motion::Reduced, words::motion_reduced),
];

#[component]
pub(crate) fn SettingsDialog(p: &Props) -> Html {
    let s = &p.settings;
    let option = |key: &str, on: bool, name: String, msg: fn(usize) -> Msg, at: usize| {
        let onclick = p.act.reform(move |_: MouseEvent| msg(at));
        html! { <button type="button" key={key.to_owned()} class={if on { "on" } else { "" }} aria-pressed={on.to_string()} {onclick}>{ name }</button> }
    };
    let themes = THEMES.iter().enumerate().map(|(i, (theme, name))| {
        let msg = |i: usize| Msg::Set(Setting::Theme(THEMES.get(i).map_or(Theme::System, |t| t.0)));
        option(name(), *theme == s.theme, name().to_owned(), msg, i)
    });
    let sizes = SIZES.iter().enumerate().map(|(i, size)| {
        let msg = |i: usize| Msg::Set(Setting::Size(SIZES.get(i).copied().unwrap_or("100")));
        option(size, *size == s.size, format!("{size} %"), msg, i)
    });
    let speeds = SPEEDS.iter().enumerate().map(|(i, speed)| {
        let name = format!("{}×", words::decimal(&speed.to_string()));
        option(&name.clone(), i == p.speed, name, Msg::Speed, i)
    });
    let motions = MOTIONS.iter().enumerate().map(|(i, (motion, name))| {
        let msg = |i: usize| {
            Msg::Set(Setting::Motion(
                MOTIONS.get(i).map_or(Motion::System, |m| m.0),
            ))
        };
        option(name(), *motion == s.motion, name().to_owned(), msg, i)
    });
    let letters = [(true, words::on as Words), (false, words::off)];
    let letters = letters.into_iter().enumerate().map(|(i, (on, name))| {
        let msg = |i: usize| Msg::Set(Setting::Letters(i == 0));
        option(name(), on == s.letters, name().to_owned(), msg, i)
    });
    let reading = [(true, words::on as Words), (false, words::off)];
    let reading = reading.into_iter().enumerate().map(|(i, (on, name))| {
        let msg = |i: usize| Msg::Set(Setting::Reading(i == 0));
        option(name(), on == s.reading, name().to_owned(), msg, i)
    });
    let languages = language::LANGUAGES.iter().map(|(code, name)| {
        html! { <option key={*code} value={*code} lang={*code} selected={*code == language::spoken()}>{ name }</option> }
    });
    let chosen = p.act.reform(|e: Event| {
        let value = e
            .target_unchecked_into::<web_sys::HtmlSelectElement>()
            .value();
        let code = language::LANGUAGES
            .iter()
            .map(|l| l.0)
            .find(|l| *l == value);
        Msg::Set(Setting::Language(code.unwrap_or("en")))
    });
    html! {
        <Modal title={words::settings()} class="settings" act={p.act.clone()}>
            { row(words::theme(), "", themes.collect()) }
            { row(words::text_size(), "", sizes.collect()) }
            { row(words::speed(), "", speeds.collect()) }
            { row(words::motion(), words::motion_note(), motions.collect()) }
            { row(words::letters(), words::letters_note(), letters.collect()) }
            { row(words::reading(), &words::reading_note(&words::keys::spelled("Shift Alt F1")), reading.collect()) }
            <div class="setrow">
                <label for="language"><b>{ words::language() }</b><small>{ words::language_note() }</small></label>
                <select id="language" class="field" onchange={chosen}>{ for languages }</select>
            </div>
        </Modal>
    }
}

fn row(name: &'static str, note: &str, options: Html) -> Html {
    html! {
        <div class="setrow">
            <div><b>{ name }</b><small>{ note }</small></div>
            <div class="seg" role="group" aria-label={name}>{ options }</div>
        </div>
    }
}
