//! Keys that a keyboard on a touch screen lacks.

use yew::prelude::*;

use crate::messages;

/// What they say and which key they are.
const KEYS: [(&str, &str); 11] = [
    ("Esc", "Escape"),
    ("Tab", "Tab"),
    ("Ctrl", "Control"),
    ("↑", "ArrowUp"),
    ("↓", "ArrowDown"),
    ("←", "ArrowLeft"),
    ("→", "ArrowRight"),
    ("|", "|"),
    ("/", "/"),
    ("-", "-"),
    ("~", "~"),
];

/// The row of keys. `ctrl` tells whether the next key counts as pressed with Ctrl.
pub(super) fn keybar(ctrl: bool, press: &Callback<&'static str>) -> Html {
    let keys = KEYS.iter().map(|(label, key)| {
        let press = press.clone();
        // The field keeps the focus, and the screen its keyboard.
        let onpointerdown = Callback::from(move |e: PointerEvent| {
            e.prevent_default();
            press.emit(key);
        });
        let pressed = (*key == "Control").then(|| ctrl.to_string());
        html! { <button type="button" key={*key} tabindex="-1" aria-pressed={pressed} {onpointerdown}>{ *label }</button> }
    });
    html! { <div class="keybar" role="toolbar" aria-label={messages::keybar()}>{ for keys }</div> }
}
