//! `echo`: as a program, and the core that the shells' builtins share.

use kernel::sys::Sys;

use crate::shell::quote::unescape_echo;

/// What `echo` prints; `always` decodes escapes without `-e`, as dash does.
#[must_use]
pub fn render(arguments: &[String], always: bool) -> String {
    let (mut newline, mut escapes) = (true, always);
    let mut rest = arguments;
    while let Some((first, after)) = rest.split_first() {
        let flags = first.strip_prefix('-').filter(|flags| !flags.is_empty());
        let allowed = if always { "n" } else { "neE" };
        let Some(flags) = flags.filter(|flags| flags.chars().all(|flag| allowed.contains(flag)))
        else {
            break;
        };
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                flag => escapes = flag == 'e',
            }
        }
        rest = after;
    }
    let mut text = rest.join(" ");
    if escapes {
        let (decoded, whole) = unescape_echo(&text);
        text = decoded;
        newline &= whole;
    }
    if newline {
        text.push('\n');
    }
    text
}

/// The `echo` program.
pub fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let text = render(args.get(1..).unwrap_or_default(), false);
    sys.out(&text);
    0
}
