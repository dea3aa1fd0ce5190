//! How busybox's applets say that they are used. Source: `busybox APPLET --help` of 1.38.0.

use kernel::sys::Sys;

use crate::args::Wrong;

const TEXTS: &str = include_str!("usage/busybox.txt");

/// What an applet prints about itself, with busybox's first line.
#[must_use]
pub fn busybox(applet: &str) -> String {
    let mut texts = TEXTS.split("\n=").map(|text| text.trim_start_matches('='));
    let text = texts.find_map(|text| text.strip_prefix(applet)?.strip_prefix('\n'));
    let own = || format!("Usage: {applet} [OPTIONS]\n");
    format!(
        "BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.\n\n{}",
        text.map_or_else(own, |text| text.trim_end().to_owned() + "\n")
    )
}

/// Says how an applet is used, after what was wrong; gives the exit code.
pub fn show(sys: &Sys, applet: &str, wrong: Option<&str>) -> i32 {
    let wrong = wrong.map(|wrong| format!("{applet}: {wrong}\n"));
    sys.err(&(wrong.unwrap_or_default() + &busybox(applet)));
    1
}

/// The same about an option that an applet does not have; `--help` is one that every applet has.
pub fn refuse(sys: &Sys, applet: &str, option: &str) -> i32 {
    if option == "--help" {
        show(sys, applet, None);
        return 0;
    }
    let wrong = match option.strip_prefix("--") {
        Some(_) => format!("unrecognized option '{option}'"),
        None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
    };
    show(sys, applet, Some(&wrong))
}

/// The same about a command line that could not be read.
pub fn wrong(sys: &Sys, applet: &str, wrong: &Wrong) -> i32 {
    match wrong {
        Wrong::Unknown(option) => refuse(sys, applet, option),
        Wrong::Missing(letter) => {
            let wrong = format!("option requires an argument -- '{letter}'");
            show(sys, applet, Some(&wrong))
        }
    }
}

/// Whether an applet's text tells of an option.
#[must_use]
pub fn tells_of(applet: &str, option: &str) -> bool {
    let text = busybox(applet);
    let mut words = text.split(['\t', ' ', ',', '|', '\n']);
    words.any(|word| word == option)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_whole() {
        let text = busybox("rmdir");
        assert!(text.contains("Usage: rmdir [-p] DIRECTORY..."), "{text}");
        assert!(!text.contains('='), "{text}");
        assert!(busybox("arp").contains("Usage: arp\n"));
        assert!(busybox("nosuch").ends_with("Usage: nosuch [OPTIONS]\n"));
        assert!(tells_of("cut", "-f") && !tells_of("cut", "-q"));
        assert!(busybox("tr").contains("Usage: tr [-cds]"));
    }
}
