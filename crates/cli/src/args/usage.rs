//! Help texts, as docker prints them.

use super::{Command, Flag, Kind};
use crate::go;

/// What help depends on besides the command.
#[derive(Clone, Copy, Debug)]
pub struct HelpContext {
    /// Width of the terminal in columns; 80 where there is none.
    pub width: usize,
    /// True if the engine is in a swarm.
    pub member: bool,
    /// True if it manages one, whose commands are then shown.
    pub manager: bool,
}

impl HelpContext {
    /// True if help lists a command here.
    fn shows(self, command: &Command) -> bool {
        self.manager || !command.swarm_only || self.member && command.on_workers
    }
}

impl Default for HelpContext {
    fn default() -> Self {
        Self {
            width: 80,
            member: false,
            manager: false,
        }
    }
}

/// Returns the usage line of a command, such as `docker port CONTAINER [PRIVATE_PORT[/PROTO]]`.
pub fn use_line(command: &Command, path: &str) -> String {
    match command.usage {
        "" => path.to_owned(),
        usage => format!("{path} {usage}"),
    }
}

/// Returns the whole help text of a command, with its final newline.
pub fn help(command: &'static Command, path: &str, context: HelpContext) -> String {
    let is_root = !path.contains(' ');
    let mut shown_flags: Vec<&Flag> = command.flags().filter(|f| !f.hidden).collect();
    sorted::sort_by_key(&mut shown_flags, |f| f.name);
    let mut out = format!("{}Usage:  ", command.notice);
    if !command.is_group() {
        out.push_str(&use_line(command, path));
    } else {
        let options = if shown_flags.is_empty() {
            ""
        } else {
            " [OPTIONS]"
        };
        out.push_str(&format!("{path}{options} COMMAND"));
    }
    let about = if command.long.is_empty() {
        command.short
    } else {
        command.long
    };
    out.push_str(&format!("\n\n{about}\n"));
    if !command.known_as.is_empty() {
        out.push_str(&format!("\nAliases:\n  {}\n", command.known_as));
    }
    let options = |out: &mut String, title: &str| {
        if !shown_flags.is_empty() {
            out.push_str(&format!(
                "\n{title}:\n{}\n",
                flag_table(&shown_flags, context.width.saturating_sub(1))
            ));
        }
    };
    if !is_root {
        options(&mut out, "Options");
    }
    let children = command.sections.iter().flat_map(|s| s.commands);
    let width = children.map(|c| c.name.len()).max().unwrap_or(0).max(11);
    for section in command.sections {
        let shown: Vec<&Command> = section
            .commands
            .iter()
            .copied()
            .filter(|c| !c.hidden && context.shows(c))
            .collect();
        if !shown.is_empty() {
            out.push_str(&format!("\n{}:\n", section.title));
            for child in shown {
                let star = if child.plugin { "*" } else { "" };
                out.push_str(&format!(
                    "  {:<width$} {}\n",
                    format!("{}{star}", child.name),
                    child.short
                ));
            }
        }
    }
    if is_root {
        options(&mut out, "Global Options");
    }
    if command.is_group() {
        out.push_str(&format!(
            "\nRun '{path} COMMAND --help' for more information on a command.\n"
        ));
    }
    if is_root {
        out.push_str(
            "\nFor more help on how to use Docker, head to https://docs.docker.com/go/guides/\n",
        );
    }
    out
}

/// Lays out flags in two columns, the right one wrapped to `width`. Source: pflag `FlagUsagesWrapped`.
fn flag_table(flags: &[&Flag], width: usize) -> String {
    let left = |flag: &Flag| {
        let name = match flag.short {
            Some(short) => format!("  -{short}, --{}", flag.name),
            None => format!("      --{}", flag.name),
        };
        match flag.kind.word() {
            "" => name,
            word => format!("{name} {word}"),
        }
    };
    let column = flags.iter().map(|flag| left(flag).len()).max().unwrap_or(0) + 1;
    let mut lines = Vec::new();
    for flag in flags {
        let mut usage = flag.usage.to_owned();
        match (flag.default, flag.kind) {
            ("", _) => {}
            (default, Kind::Text) => usage.push_str(&format!(" (default {})", go::quote(default))),
            (default, _) => usage.push_str(&format!(" (default {default})")),
        }
        let name = left(flag);
        lines.push(format!(
            "{name:<column$}  {}",
            wrap(column + 2, width, &usage)
        ));
    }
    lines.join("\n").trim_end().to_owned()
}

/// Breaks `text` at blanks so that it fits between column `indent` and `width`.
fn wrap(indent: usize, width: usize, text: &str) -> String {
    // pflag lets the last line run five columns over rather than leave a short word alone.
    const SLOP: usize = 5;
    let mut indent = indent;
    let mut out = String::new();
    let mut room = width.saturating_sub(indent);
    if room < 24 {
        indent = 16;
        room = width.saturating_sub(indent);
        out.push('\n');
        out.push_str(&" ".repeat(indent));
    }
    let newline = format!("\n{}", " ".repeat(indent));
    if room < 24 {
        return text.replace('\n', &newline);
    }
    let room = room - SLOP;
    let mut rest = text;
    let mut first = true;
    while first || !rest.is_empty() {
        let (line, after) = take_line(room, SLOP, rest);
        if !first {
            out.push_str(&newline);
        }
        out.push_str(&line.replace('\n', &newline));
        rest = after;
        first = false;
    }
    out
}

/// Cuts one line of at most `room` bytes, or a little more if that is all there is.
fn take_line(room: usize, slop: usize, text: &str) -> (&str, &str) {
    if room + slop > text.len() {
        return (text, "");
    }
    let mut end = room;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (head, _) = text.split_at(end);
    let cut = |at: usize| {
        (
            text.get(..at).unwrap_or(text),
            text.get(at + 1..).unwrap_or(""),
        )
    };
    match (head.rfind([' ', '\t', '\n']), head.rfind('\n')) {
        (None | Some(0), _) => (text, ""),
        (Some(blank), Some(newline)) if newline > 0 && newline < blank => cut(newline),
        (Some(blank), _) => cut(blank),
    }
}
