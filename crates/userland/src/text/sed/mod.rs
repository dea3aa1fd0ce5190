//! `sed`: `parse` reads a script, this file runs it.

mod parse;

use sorted::SortedMap;

use kernel::sys::Sys;

use self::parse::{Action, Address, Command, Substitution};
use crate::args;
use crate::{Flavour, io};

/// Commands run for one input line; a script that loops beyond it is stopped.
const MAX_STEPS: usize = 100_000;

/// What the pattern space may hold, bytes.
const MAX_SPACE: usize = 8 << 20;

struct Editor<'a> {
    commands: &'a [Command],
    labels: SortedMap<&'a str, usize>,
    /// For each range, whether it is open, and until which line if that is a number.
    open: Vec<Option<usize>>,
    quiet: bool,
    number: usize,
    space: String,
    hold: String,
    out: String,
    after: String,
    /// What `w` wrote, by file.
    written: Vec<(&'a str, String)>,
}

/// What happens after the commands for a line.
enum Next {
    Line,
    Quit(i32),
}

impl<'a> Editor<'a> {
    fn matches(&self, address: &Address, last: bool) -> bool {
        match address {
            Address::Line(number) => *number == self.number,
            Address::Last => last,
            Address::Step(first, step) => {
                self.number >= *first
                    && (*step == 0 && self.number == *first
                        || *step > 0 && (self.number - first).is_multiple_of(*step))
            }
            Address::Plus(_) => false,
            Address::Match(regex) => regex.is_match(&self.space),
        }
    }

    fn selected(&mut self, index: usize, command: &Command, last: bool) -> bool {
        let yes = match (&command.from, &command.to) {
            (None, _) => true,
            (Some(from), None) => self.matches(from, last),
            (Some(from), Some(to)) => {
                let open = self.open.get(index).copied().flatten();
                match open {
                    Some(start) => {
                        let ends = match to {
                            Address::Plus(more) => self.number >= start + more,
                            Address::Line(number) => self.number >= *number,
                            to => self.matches(to, last),
                        };
                        if ends && let Some(slot) = self.open.get_mut(index) {
                            *slot = None;
                        }
                        // A range that ends on a line already passed holds only its first.
                        !matches!(to, Address::Line(number) if self.number > *number)
                    }
                    None if self.matches(from, last) => {
                        let single = matches!(to, Address::Line(number) if *number <= self.number)
                            || matches!(to, Address::Plus(0));
                        if !single && let Some(slot) = self.open.get_mut(index) {
                            *slot = Some(self.number);
                        }
                        true
                    }
                    None => false,
                }
            }
        };
        yes != command.negated
    }

    /// Runs the script for the line in the pattern space.
    fn line(&mut self, input: &mut Lines) -> Result<Next, String> {
        let mut at = 0;
        let mut replaced = false;
        let commands = self.commands;
        for _ in 0..MAX_STEPS {
            let Some(command) = commands.get(at) else {
                return Ok(Next::Line);
            };
            let index = at;
            at += 1;
            let last = input.is_last();
            if !self.selected(index, command, last) {
                if let Action::Begin(end) = command.action {
                    at = end;
                }
                continue;
            }
            match &command.action {
                Action::Begin(_) | Action::End | Action::Label(_) => {}
                Action::Delete => return Ok(self.deleted()),
                Action::DeleteFirst => match self.space.split_once('\n') {
                    Some((_, rest)) => {
                        self.space = rest.to_owned();
                        at = 0;
                    }
                    None => return Ok(self.deleted()),
                },
                Action::Print => self.print_space(),
                Action::PrintFirst => {
                    let first = self.space.split('\n').next().unwrap_or_default().to_owned();
                    self.out.push_str(&(first + "\n"));
                }
                Action::Number => self.out.push_str(&format!("{}\n", self.number)),
                Action::Quit(code, show) => {
                    if *show && !self.quiet {
                        self.print_space();
                    }
                    let after = std::mem::take(&mut self.after);
                    self.out.push_str(&after);
                    return Ok(Next::Quit(*code));
                }
                Action::AppendWhole(text) => self.after.push_str(text),
                Action::Read(_) => {}
                Action::Write(file) => self.write(file),
                Action::List => {
                    let shown = listed(&self.space);
                    self.out.push_str(&shown);
                }
                Action::Append(text) => self.after.push_str(&format!("{text}\n")),
                Action::Insert(text) => self.out.push_str(&format!("{text}\n")),
                Action::Change(text) => {
                    // For a range, the text stands for all of it.
                    if command.to.is_none() || self.open.get(index).copied().flatten().is_none() {
                        self.out.push_str(&format!("{text}\n"));
                    }
                    return Ok(self.deleted());
                }
                Action::Next => {
                    if !self.quiet {
                        self.print_space();
                    }
                    match input.next() {
                        Some(line) => {
                            self.number += 1;
                            self.space = line;
                        }
                        None => return Ok(self.deleted()),
                    }
                }
                Action::NextAppend => match input.next() {
                    Some(line) => {
                        self.number += 1;
                        self.space.push('\n');
                        self.space.push_str(&line);
                    }
                    None => return Ok(Next::Line),
                },
                Action::Hold => self.hold.clone_from(&self.space),
                Action::HoldAppend => {
                    self.hold.push('\n');
                    self.hold.push_str(&self.space);
                }
                Action::Get => self.space.clone_from(&self.hold),
                Action::GetAppend => {
                    self.space.push('\n');
                    self.space.push_str(&self.hold);
                }
                Action::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
                Action::Translate(pairs) => {
                    self.space = self
                        .space
                        .chars()
                        .map(|c| {
                            pairs
                                .iter()
                                .find(|(from, _)| *from == c)
                                .map_or(c, |(_, to)| *to)
                        })
                        .collect();
                }
                Action::Substitute(substitution) => {
                    if self.substitute(substitution) {
                        replaced = true;
                        if substitution.print {
                            self.print_space();
                        }
                    }
                }
                Action::Branch(label) => at = self.target(label),
                Action::BranchUnless(label) => {
                    if !std::mem::take(&mut replaced) {
                        at = self.target(label);
                    }
                }
                Action::BranchIf(label) => {
                    if std::mem::take(&mut replaced) {
                        at = self.target(label);
                    }
                }
            }
            if self.space.len() > MAX_SPACE
                || self.hold.len() > MAX_SPACE
                || self.out.len() > 2 * MAX_SPACE
            {
                return Err("couldn't allocate memory".to_owned());
            }
        }
        Err(crate::not_modelled!("sed", "a script that loops for ever"))
    }

    fn write(&mut self, file: &'a str) {
        if file == "/dev/stdout" {
            return self.print_space();
        }
        let text = format!("{}\n", self.space);
        match self.written.iter_mut().find(|(known, _)| *known == file) {
            Some((_, old)) => old.push_str(&text),
            None => self.written.push((file, text)),
        }
    }

    fn deleted(&mut self) -> Next {
        let after = std::mem::take(&mut self.after);
        self.out.push_str(&after);
        self.space.clear();
        // The empty mark keeps the end of the cycle from printing.
        self.space.push('\u{0}');
        Next::Line
    }

    fn target(&self, label: &str) -> usize {
        self.labels
            .get(label)
            .copied()
            .unwrap_or(self.commands.len())
    }

    fn print_space(&mut self) {
        self.out.push_str(&self.space);
        self.out.push('\n');
    }

    fn substitute(&mut self, substitution: &Substitution) -> bool {
        let text = std::mem::take(&mut self.space);
        let mut out = String::new();
        let (mut at, mut count, mut changed) = (0, 0, false);
        while at <= text.len() {
            let Some(groups) = substitution.regex.groups_at(&text, at) else {
                break;
            };
            let Some(Some((start, end))) = groups.first().copied() else {
                break;
            };
            count += 1;
            out.push_str(text.get(at..start).unwrap_or_default());
            let due = count == substitution.occurrence
                || (substitution.global && count >= substitution.occurrence);
            if due {
                substitution.replacement(&text, &groups, &mut out);
                changed = true;
            } else {
                out.push_str(text.get(start..end).unwrap_or_default());
            }
            at = end;
            if start == end {
                // An empty match: step over one character.
                let Some(c) = text.get(end..).and_then(|rest| rest.chars().next()) else {
                    at = text.len() + 1;
                    break;
                };
                out.push(c);
                at += c.len_utf8();
            }
            if due && !substitution.global {
                break;
            }
        }
        out.push_str(text.get(at..).unwrap_or_default());
        self.space = out;
        changed
    }
}

/// A line as `l` shows it: nothing that can't be seen, folded at 69 characters.
fn listed(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for c in text.chars() {
        let shown = match c {
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            '\r' => "\\r".to_owned(),
            ' '..='~' => c.to_string(),
            c => {
                let mut bytes = [0; 4];
                let bytes = c.encode_utf8(&mut bytes).bytes();
                bytes.map(|byte| format!("\\{byte:03o}")).collect()
            }
        };
        if width + shown.len() > 69 {
            out.push_str("\\\n");
            width = 0;
        }
        width += shown.len();
        out.push_str(&shown);
    }
    out + "$\n"
}

/// The input's lines, with a look at whether one is the last.
struct Lines {
    lines: std::collections::VecDeque<String>,
}

impl Lines {
    fn next(&mut self) -> Option<String> {
        self.lines.pop_front()
    }

    fn is_last(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The `sed` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("quiet", 'n'),
        ("silent", 'n'),
        ("regexp-extended", 'E'),
        ("expression", 'e'),
        ("file", 'f'),
        ("in-place", 'i'),
    ];
    // `-i.bak` takes its value only when attached.
    let mut backup = None;
    let args: Vec<String> =
        args.into_iter()
            .map(|argument| {
                match argument.strip_prefix("-i").filter(|suffix| {
                    !suffix.is_empty() && !suffix.chars().all(|c| "nrEe".contains(c))
                }) {
                    Some(suffix) => {
                        backup = Some(suffix.to_owned());
                        "-i".to_owned()
                    }
                    None => argument,
                }
            })
            .collect();
    let parsed = match args::parse(&args, "nErie:f:su", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut files = parsed.operands.clone();
    let mut scripts: Vec<String> = parsed.values('e').map(str::to_owned).collect();
    for file in parsed.values('f') {
        match sys.read_text(file) {
            Ok(text) => scripts.push(text),
            Err(error) => {
                sys.err(&format!("sed: couldn't open file {file}: {error}\n"));
                return 1;
            }
        }
    }
    if scripts.is_empty() {
        if files.is_empty() {
            sys.err("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return 1;
        }
        scripts.push(files.remove(0));
    }
    let mut commands = match parse::script(&scripts.join("\n"), parsed.has('E') || parsed.has('r'))
    {
        Ok(commands) => commands,
        Err((position, text)) => {
            let text = match flavour {
                Flavour::Gnu => format!("sed: -e expression #1, char {position}: {text}\n"),
                Flavour::Busybox => format!(
                    "sed: {}\n",
                    match text.strip_prefix("unknown command: `") {
                        Some(name) =>
                            format!("unsupported command {}", name.trim_end_matches('\'')),
                        None if text.starts_with("unterminated `") => "unmatched '/'".to_owned(),
                        None => text,
                    }
                ),
            };
            sys.err(&text);
            return 1;
        }
    };
    for command in &mut commands {
        if let Action::Read(file) = &command.action {
            // A file that can't be read is as good as empty.
            command.action = Action::AppendWhole(sys.read_text(file).unwrap_or_default());
        }
    }
    if !parsed.has('i') {
        let all: Vec<&[String]> = if parsed.has('s') && files.len() > 1 {
            files.chunks(1).collect()
        } else {
            vec![&files]
        };
        let mut status = 0;
        for files in all {
            let (lines, fine) = match read(&sys, files, flavour).await {
                Ok(read) => read,
                Err(code) => return code,
            };
            let (out, code) = edit(&sys, &commands, parsed.has('n'), lines);
            sys.out(&out);
            status = match report(&sys, code, fine) {
                2 if flavour == Flavour::Busybox && !fine => 1,
                code => status | code,
            };
        }
        return status;
    }
    let mut status = 0;
    for file in &files {
        let (lines, fine) = match read(&sys, std::slice::from_ref(file), flavour).await {
            Ok(read) => read,
            Err(code) => return code,
        };
        if !fine {
            status = 4;
            continue;
        }
        if let Some(suffix) = &backup
            && let Ok(old) = sys.read_file(file)
            && let Err(error) = sys.write_file(&format!("{file}{suffix}"), &old)
        {
            sys.err(&format!("sed: cannot rename {file}: {error}\n"));
        }
        let (out, code) = edit(&sys, &commands, parsed.has('n'), lines);
        if sys.is_mounted(file) {
            // The new file cannot take the old one's place.
            let dir = file.rsplit_once('/').map_or("./", |(dir, _)| dir);
            let busy = kernel::Errno::EBUSY;
            let text = match flavour {
                Flavour::Gnu => format!("sed: cannot rename {dir}/sedXr4t2K: {busy}\n"),
                Flavour::Busybox => {
                    format!("sed: can't move '{file}Xr4t2K' to '{file}': {busy}\n")
                }
            };
            sys.err(&text);
            return if flavour == Flavour::Gnu { 4 } else { 1 };
        }
        if let Err(error) = sys.write_file(file, out.as_bytes()) {
            sys.err(&format!("sed: couldn't open file {file}: {error}\n"));
            status = 4;
        }
        status |= report(&sys, code, true);
    }
    status
}

fn report(sys: &Sys, code: Result<i32, String>, fine: bool) -> i32 {
    match code {
        Ok(0) if !fine => 2,
        Ok(code) => code,
        Err(text) => {
            sys.err(&format!("sed: {text}\n"));
            4
        }
    }
}

async fn read(sys: &Sys, files: &[String], flavour: Flavour) -> Result<(Vec<io::Line>, bool), i32> {
    let standard = ["-".to_owned()];
    let files = if files.is_empty() {
        &standard[..]
    } else {
        files
    };
    let mut lines = Vec::new();
    let mut fine = true;
    for file in files {
        let opened = if file != "-" && sys.is_dir(file) {
            Err(format!("couldn't edit {file}: not a regular file"))
        } else {
            io::Input::open(sys, file).map_err(|error| error.to_string())
        };
        match opened {
            Ok(mut input) => {
                while let Some(line) = input.line().await {
                    lines.push(line);
                }
                input.close();
            }
            Err(error) => {
                let text = match flavour {
                    Flavour::Gnu => format!("sed: can't read {file}: {error}\n"),
                    Flavour::Busybox => format!("sed: {file}: {error}\n"),
                };
                sys.err(&text);
                fine = false;
            }
        }
    }
    Ok((lines, fine))
}

/// Runs a script over lines; gives the output, and the exit code or what went wrong.
fn edit(
    sys: &Sys,
    commands: &[Command],
    quiet: bool,
    lines: Vec<io::Line>,
) -> (String, Result<i32, String>) {
    let (out, code, written) = edited(commands, quiet, lines);
    for (file, text) in written {
        if let Err(error) = sys.write_file(file, text.as_bytes()) {
            return (out, Err(format!("couldn't open file {file}: {error}")));
        }
    }
    (out, code)
}

/// What was printed, the exit code, and what was written where.
type Edited<'a> = (String, Result<i32, String>, Vec<(&'a str, String)>);

fn edited(commands: &[Command], quiet: bool, lines: Vec<io::Line>) -> Edited<'_> {
    let open_end = lines.last().is_some_and(|line| !line.ended);
    let labels = commands
        .iter()
        .enumerate()
        .filter_map(|(index, command)| {
            if let Action::Label(label) = &command.action {
                Some((label.as_str(), index))
            } else {
                None
            }
        })
        .collect();
    let mut editor = Editor {
        commands,
        labels,
        // A range from line 0 is open from the start.
        open: commands
            .iter()
            .map(|command| matches!(command.from, Some(Address::Line(0))).then_some(0))
            .collect(),
        quiet,
        number: 0,
        space: String::new(),
        hold: String::new(),
        out: String::new(),
        after: String::new(),
        written: Vec::new(),
    };
    let mut input = Lines {
        lines: lines.into_iter().map(|line| line.text).collect(),
    };
    let mut code = Ok(0);
    while let Some(line) = input.next() {
        editor.number += 1;
        editor.space = line;
        match editor.line(&mut input) {
            Ok(Next::Line) => {
                if !quiet && editor.space != "\u{0}" {
                    editor.print_space();
                }
                let after = std::mem::take(&mut editor.after);
                editor.out.push_str(&after);
            }
            Ok(Next::Quit(status)) => {
                code = Ok(status);
                break;
            }
            Err(text) => {
                code = Err(text);
                break;
            }
        }
    }
    if open_end && editor.out.ends_with('\n') && input.is_last() {
        editor.out.pop();
    }
    (editor.out, code, editor.written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sed(script: &str, extended: bool, quiet: bool, text: &str) -> String {
        let commands = parse::script(script, extended).unwrap();
        let lines = text
            .lines()
            .map(|line| io::Line {
                text: line.to_owned(),
                ended: true,
            })
            .collect();
        let (out, code, _) = edited(&commands, quiet, lines);
        assert_eq!(code, Ok(0), "{script}");
        out
    }

    #[test]
    fn scripts_edit_as_in_gnu_sed() {
        assert_eq!(sed("s/a/b/", false, false, "aa\nca"), "ba\ncb\n");
        assert_eq!(sed("s/a/[&]/g", false, false, "aba"), "[a]b[a]\n");
        assert_eq!(
            sed(
                r"s/^(\w+ +[0-9]+) [0-9]+/\1/; s/sport=[0-9]+/sport=X/",
                true,
                false,
                "tcp      6 117 TIME sport=33"
            ),
            "tcp      6 TIME sport=X\n"
        );
        assert_eq!(sed("2d", false, false, "1\n2\n3"), "1\n3\n");
        assert_eq!(sed("2,3p;$!d", false, true, "1\n2\n3\n4"), "2\n3\n");
        assert_eq!(
            sed("/b/,/d/s/^/> /", false, false, "a\nb\nc\nd\ne"),
            "a\n> b\n> c\n> d\ne\n"
        );
        assert_eq!(
            sed("y/abc/xyz/;2q", false, false, "aabb\nc\nd"),
            "xxyy\nz\n"
        );
        assert_eq!(
            sed("s|/usr|/opt|2;s/X/\\n/", false, false, "/usr/usrX"),
            "/usr/opt\n\n"
        );
        assert_eq!(
            sed("1i\\top\n$a bottom", false, false, "x"),
            "top\nx\nbottom\n"
        );
        assert_eq!(
            sed(":a;N;$!ba;s/\\n/,/g", false, false, "1\n2\n3"),
            "1,2,3\n"
        );
        assert_eq!(sed("s/x*/-/g", false, false, "abc"), "-a-b-c-\n");
        assert_eq!(
            sed(
                "s/veth[0-9a-f]*/veth/; s/<.*//",
                false,
                false,
                "veth1a2b <UP>"
            ),
            "veth \n"
        );
        assert_eq!(sed("s/\\(.*\\)b/\\U\\1/I", false, false, "aaB"), "AA\n");
    }

    #[test]
    fn less_usual_commands_work() {
        let text = "1\n2\n3\n4";
        assert_eq!(sed("/2/,+1d", false, false, text), "1\n4\n");
        assert_eq!(sed("0,/[13]/s//x/", false, false, text), "x\n2\n3\n4\n");
        assert_eq!(sed("s/2/&\\t/;T;l", false, true, text), "2\\t$\n");
        let commands = parse::script("2w out", false).unwrap();
        let line = |text: &str| io::Line {
            text: text.to_owned(),
            ended: true,
        };
        let done = edited(&commands, true, vec![line("a"), line("b")]);
        assert_eq!(done.2, vec![("out", "b\n".to_owned())]);
        assert_eq!(
            parse::script("s/a/\\1/", false).unwrap_err().1,
            "invalid reference \\1 on `s' command's RHS"
        );
    }

    #[test]
    fn endless_scripts_are_stopped() {
        let commands = parse::script(":a;ba", false).unwrap();
        assert!(
            edited(
                &commands,
                false,
                vec![io::Line {
                    text: String::new(),
                    ended: true
                }]
            )
            .1
            .is_err()
        );
        assert!(
            parse::script("s/a/b", false).is_err()
                && parse::script("k", false).is_err()
                && parse::script("{p", false).is_err()
        );
    }
}
