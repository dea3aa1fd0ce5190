//! Recorded console sessions: a header, then commands with notes, output and exit status.

use std::fmt::Write as _;

/// A transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The header's lines as they stand, files included.
    pub head: Vec<String>,
    /// Machines whose engine runs.
    pub engines: Vec<String>,
    /// `daemon.json` of hostA.
    pub daemon: Option<String>,
    /// Where hostA's commands run.
    pub cwd: Option<String>,
    /// Files there, before the first command.
    pub files: Vec<(String, String)>,
    /// The commands.
    pub steps: Vec<Step>,
}

/// A command with what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The machine it is typed on.
    pub machine: String,
    /// The command, continued lines joined by line feeds as a shell reads them.
    pub command: String,
    /// `@unordered-lines`, `@save NAME` and so on.
    pub notes: Vec<String>,
    /// Standard output and error together, by lines.
    pub output: Vec<String>,
    /// Exit status; `None` if the transcript has none.
    pub exit: Option<i32>,
}

/// The machine and the command of a line `HOST$ command`.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let (machine, command) = line.split_once("$ ")?;
    let word = !machine.is_empty() && machine.chars().all(|c| c.is_ascii_alphanumeric());
    word.then_some((machine, command))
}

fn exit_status(line: &str) -> Option<i32> {
    line.strip_prefix("[exit ")?.strip_suffix(']')?.parse().ok()
}

/// Reads a transcript.
/// # Errors
/// If it is none; the text says at which line.
pub fn parse(text: &str) -> Result<Transcript, String> {
    let mut t = Transcript {
        engines: vec!["hostA".into()],
        ..Transcript::default()
    };
    // The recorder keeps no carriage returns at the ends of lines, and an editor may have put some there.
    let lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let mut lines = lines.enumerate().peekable();
    while let Some((_, line)) = lines.next_if(|(_, l)| prompt(l).is_none()) {
        t.head.push(line.to_owned());
        if let Some(rest) = line.strip_prefix("| ").or_else(|| line.strip_prefix('|')) {
            let (_, body) = t
                .files
                .last_mut()
                .ok_or("a file's line stands before any `# file:`")?;
            body.push_str(rest);
            body.push('\n');
        } else if let Some((key, value)) = line.strip_prefix("# ").and_then(|l| l.split_once(": "))
        {
            match key {
                "hosts" => t.engines = value.split_whitespace().map(str::to_owned).collect(),
                "daemon" => t.daemon = Some(value.to_owned()),
                "cwd" => t.cwd = Some(value.to_owned()),
                "file" => t.files.push((value.to_owned(), String::new())),
                _ => {}
            }
        }
    }
    while let Some((number, line)) = lines.next() {
        let Some((machine, command)) = prompt(line) else {
            return Err(format!(
                "line {}: expected `HOST$ command`, found `{line}`",
                number + 1
            ));
        };
        let mut step = Step {
            machine: machine.to_owned(),
            command: command.to_owned(),
            ..Step::default()
        };
        while step.command.ends_with('\\') {
            let Some((_, more)) = lines.next() else { break };
            let _ = write!(step.command, "\n{more}");
        }
        while let Some((_, note)) = lines.next_if(|(_, l)| l.starts_with('@')) {
            step.notes.push(note.to_owned());
        }
        while let Some((_, line)) =
            lines.next_if(|(_, l)| exit_status(l).is_some() || prompt(l).is_none())
        {
            step.exit = exit_status(line);
            if step.exit.is_some() {
                break;
            }
            step.output.push(line.to_owned());
        }
        t.steps.push(step);
    }
    Ok(t)
}

impl Step {
    /// The step as it stands in a transcript.
    pub fn render(&self) -> String {
        let mut out = format!("{}$ {}\n", self.machine, self.command);
        for line in self.notes.iter().chain(&self.output) {
            out.push_str(line);
            out.push('\n');
        }
        if let Some(exit) = self.exit {
            let _ = writeln!(out, "[exit {exit}]");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# title: T\n# cwd: /root/shop\n# file: a.yaml\n| x: 1\n|\n| y: 2\nhostA$ echo a\\\nb\n@unordered-lines\nab\n\n[exit 0]\nlaptop$ false\n[exit 1]\n";

    #[test]
    fn carriage_returns_at_the_ends_of_lines_are_none_of_it() {
        let plain = parse(TEXT).unwrap();
        assert_eq!(parse(&TEXT.replace('\n', "\r\n")).unwrap(), plain);
        assert_eq!(parse(&TEXT.replace('\n', "\r\r\n")).unwrap(), plain);
        assert_eq!(
            parse(TEXT.trim_end()).unwrap(),
            parse(&format!("{}\r", TEXT.trim_end())).unwrap()
        );
    }

    #[test]
    fn a_transcript_is_read_and_printed_back() {
        let t = parse(TEXT).unwrap();
        assert_eq!(t.cwd.as_deref(), Some("/root/shop"));
        assert_eq!(
            t.files,
            [("a.yaml".to_owned(), "x: 1\n\ny: 2\n".to_owned())]
        );
        assert_eq!(t.steps[0].command, "echo a\\\nb");
        assert_eq!(t.steps[0].output, ["ab", ""]);
        assert_eq!(t.steps[1].exit, Some(1));
        let printed: String = t
            .head
            .iter()
            .map(|l| format!("{l}\n"))
            .chain(t.steps.iter().map(Step::render))
            .collect();
        assert_eq!(printed, TEXT);
    }

    #[test]
    fn output_before_any_command_is_refused() {
        assert!(
            parse("hostA$ a\n[exit 0]\nstray\n")
                .unwrap_err()
                .contains("line 3")
        );
    }
}
