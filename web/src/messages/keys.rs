//! The list of keys: groups of actions, each with the keys that do it.

use super::{self as words, Words};

/// An action and its keys.
pub(crate) type KeyRow = (Words, &'static [&'static str]);

/// Rows of the keyboard list: group, action, keys.
pub(crate) const KEYS: [(Words, &[KeyRow]); 4] = [
    (
        words::keys_playback,
        &[
            (words::keys_play, &["Space"]),
            (words::keys_next_hop, &["."]),
            (words::keys_previous_hop, &[","]),
            (words::keys_packets, &[">", "<"]),
            (words::keys_replay, &["R"]),
            (words::keys_loop, &["L"]),
            (words::keys_follow, &["F"]),
            (words::keys_idle, &["I"]),
            (words::keys_speed, &["[", "]"]),
            (words::keys_end, &["End"]),
        ],
    ),
    (
        words::keys_stage,
        &[
            (words::keys_walk, &["←", "↑", "↓", "→"]),
            (words::keys_inspect, &["Enter"]),
            (words::menu_inside, &["Enter Enter"]),
            (words::keys_connect, &["C"]),
            (words::keys_move, &["M"]),
            (words::keys_disconnect, &["X"]),
            (words::keys_shell, &["T"]),
            (words::keys_menu, &["Shift F10"]),
            (words::keys_zoom, &["+", "−", "0"]),
            (words::keys_find, &["/"]),
            (words::keys_heat, &["H"]),
        ],
    ),
    (
        words::keys_everywhere,
        &[
            (words::keys_regions, &["F6", "Shift F6"]),
            (words::keys_terminal, &["`"]),
            (words::keys_undo, &["Ctrl Z", "Ctrl Shift Z"]),
            (words::reading, &["Shift Alt F1"]),
            (words::keys_list, &["?"]),
        ],
    ),
    (
        words::keys_in_terminal,
        &[
            (words::keys_complete, &["Tab"]),
            (words::keys_history, &["↑", "↓"]),
            (words::keys_search, &["Ctrl R"]),
            (words::keys_interrupt, &["Ctrl C"]),
            (words::keys_eof, &["Ctrl D"]),
            (words::keys_find_output, &["Ctrl F"]),
            (words::keys_copy, &["Ctrl C", "Ctrl V"]),
            (words::keys_names, &["Alt ↑", "Alt ↓", "Alt Enter"]),
            (words::keys_clear, &["Ctrl L"]),
            (words::keys_leave, &["Ctrl `"]),
        ],
    ),
];

/// Keys pressed together, as the language calls them.
pub(crate) fn spelled(keys: &str) -> String {
    // A key with a sign on it is called by the sign, also where a language writes that sign differently in numbers.
    let name = |key| match key {
        "." | "," => key,
        _ => words::known(key),
    };
    keys.split(' ').map(name).collect::<Vec<_>>().join(" ")
}
