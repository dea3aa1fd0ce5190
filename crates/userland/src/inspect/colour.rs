//! `-color` of iproute2: what stands for a device, an address or a state is painted.
//!
//! Source: iproute2 7.2 `lib/color.c`, and where its programs call `print_color_string`: the blank behind a word is mostly
//! painted with it.

use std::net::IpAddr;

use wire::MacAddr;

const DEVICE: &str = "1;36";
const MAC: &str = "1;33";
const INET: &str = "1;35";
const INET6: &str = "1;94";
const UP: &str = "1;32";
const DOWN: &str = "1;31";

/// Whether an option such as `-c`, `-color` or `-color=auto` asks for colours; `None` if it is another one.
pub(super) fn asked(option: &str, terminal: bool) -> Option<bool> {
    let (name, when) = option.split_once('=').unwrap_or((option, "always"));
    if name.is_empty() || !"color".starts_with(name) {
        return None;
    }
    match when {
        "always" => Some(true),
        "auto" => Some(terminal),
        "never" => Some(false),
        _ => None,
    }
}

/// Paints what `ip` and `bridge` say; `brief` as with `-br`.
pub(super) fn paint(text: &str, brief: bool) -> String {
    text.split_inclusive('\n')
        .map(|line| if brief { columns(line) } else { words(line) })
        .collect()
}

fn painted(colour: &str, text: &str) -> String {
    format!("\x1b[{colour}m{text}\x1b[0m")
}

fn state(word: &str) -> Option<&'static str> {
    match word {
        "UP" => Some(UP),
        "DOWN" => Some(DOWN),
        _ => None,
    }
}

/// The colour of an address or a prefix, and how much of the word the address is.
fn address(word: &str) -> Option<(&'static str, usize)> {
    if word.parse::<MacAddr>().is_ok() {
        return Some((MAC, word.len()));
    }
    let ip = word.split('/').next()?;
    let colour = match ip.parse().ok()? {
        IpAddr::V4(_) => INET,
        IpAddr::V6(_) => INET6,
    };
    Some((colour, ip.len()))
}

/// A line of `-br`: the name and the state are columns.
fn columns(line: &str) -> String {
    let Some(rest) = line.find(' ').and_then(|end| line.get(end.max(16) + 1..)) else {
        return line.to_owned();
    };
    let name = line.get(..line.len() - rest.len()).unwrap_or_default();
    let mut out = painted(DEVICE, name);
    let column = rest.find(' ').map_or(rest.len(), |end| end.max(14) + 1);
    let (column, rest) = rest.split_at_checked(column).unwrap_or((rest, ""));
    match state(column.trim_end()) {
        Some(colour) => out.push_str(&painted(colour, column)),
        None => out.push_str(column),
    }
    for word in rest.split_inclusive(' ') {
        let bare = word.trim_end();
        match address(bare) {
            Some((colour, _)) if !bare.contains('/') => out.push_str(&painted(colour, word)),
            Some((colour, len)) => {
                let (ip, prefix) = word.split_at_checked(len).unwrap_or((word, ""));
                out.push_str(&painted(colour, ip));
                out.push_str(prefix);
            }
            None => out.push_str(word),
        }
    }
    out
}

/// Any other line: the word before tells what one is.
fn words(line: &str) -> String {
    let mut out = String::new();
    let mut before = "";
    let mut hardware = false;
    for (index, word) in line.split_inclusive(' ').enumerate() {
        let bare = word.trim_end();
        hardware |= bare.starts_with("link/");
        let of_route = matches!(
            before,
            "local" | "broadcast" | "multicast" | "unreachable" | "blackhole" | "prohibit"
        );
        let named = match before {
            "dev" => Some((DEVICE, word.len())),
            "state" => state(bare).map(|colour| (colour, word.len())),
            "inet" | "inet6" => address(bare),
            "via" | "src" | "brd" | "lladdr" => {
                address(bare).map(|(colour, len)| (colour, if hardware { len } else { word.len() }))
            }
            _ if before.starts_with("link/") => address(bare),
            _ if index == 1 && bare.ends_with(':') => Some((DEVICE, word.len())),
            _ if index == 0 || (index == 1 && of_route) => {
                address(bare).map(|(colour, _)| (colour, word.len()))
            }
            _ => None,
        };
        match named.and_then(|(colour, len)| Some((colour, word.split_at_checked(len)?))) {
            Some((colour, (shown, rest))) => {
                out.push_str(&painted(colour, shown));
                out.push_str(rest);
            }
            None => out.push_str(word),
        }
        if !bare.is_empty() {
            before = bare;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_painted_with_their_blanks() {
        assert_eq!(
            paint("default via 10.0.0.1 dev eth0 \n", false),
            "default via \x1b[1;35m10.0.0.1 \x1b[0mdev \x1b[1;36meth0 \x1b[0m\n"
        );
        assert_eq!(
            paint(
                "    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\n",
                false
            ),
            "    inet \x1b[1;35m10.0.0.2\x1b[0m/24 brd \x1b[1;35m10.0.0.255 \x1b[0mscope global eth0\n"
        );
        assert_eq!(
            paint(
                "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n",
                false
            ),
            "    link/ether \x1b[1;33m02:00:00:00:00:01\x1b[0m brd \x1b[1;33mff:ff:ff:ff:ff:ff\x1b[0m link-netnsid 0\n"
        );
        assert_eq!(
            paint("2: eth0@if5: <UP> mtu 1500 state UP group default\n", false),
            "2: \x1b[1;36meth0@if5: \x1b[0m<UP> mtu 1500 state \x1b[1;32mUP \x1b[0mgroup default\n"
        );
    }

    #[test]
    fn columns_are_painted_whole() {
        assert_eq!(
            paint(
                "eth0@if5         UP             10.0.0.2/24 ::1/128 \n",
                true
            ),
            "\x1b[1;36meth0@if5         \x1b[0m\x1b[1;32mUP             \x1b[0m\x1b[1;35m10.0.0.2\x1b[0m/24 \x1b[1;94m::1\x1b[0m/128 \n"
        );
    }

    #[test]
    fn colours_are_asked_for() {
        assert_eq!(asked("c", false), Some(true));
        assert_eq!(asked("color=auto", false), Some(false));
        assert_eq!(asked("colour", false), None);
        assert_eq!(asked("c=maybe", false), None);
    }
}
