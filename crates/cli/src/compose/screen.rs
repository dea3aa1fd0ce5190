//! The picture of a command under way: one line for each thing, drawn over the last picture.

use kernel::time::Instant;

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Under way.
    Working,
    /// Done.
    Done,
    /// Done, but not quite.
    Warning,
    /// Failed.
    Error,
}

/// The last picture.
#[derive(Debug, Default)]
pub(super) struct Screen {
    rows: Vec<Row>,
    drawn: usize,
}

#[derive(Debug)]
struct Row {
    id: String,
    stage: Stage,
    status: String,
    begun: Instant,
    ended: Option<Instant>,
}

impl Screen {
    /// Takes in what happened to one thing and returns what draws the new picture over the last one.
    pub(super) fn draw(
        &mut self,
        now: Instant,
        prefix: &str,
        (id, stage, status): (&str, Stage, &str),
    ) -> String {
        let ended = (stage != Stage::Working).then_some(now);
        match self.rows.iter_mut().find(|row| row.id == id) {
            Some(row) => {
                row.stage = stage;
                status.clone_into(&mut row.status);
                row.ended = ended;
            }
            None => self.rows.push(Row {
                id: id.to_owned(),
                stage,
                status: status.to_owned(),
                begun: now,
                ended,
            }),
        }
        let mut out = "\u{1b}[1A".repeat(self.drawn);
        let done = self.rows.iter().filter(|r| r.ended.is_some()).count();
        let all = self.rows.len();
        let head = format!("{}[+] Running {done}/{all}", prefix.trim_start());
        let head = if done == all {
            paint("34", &head)
        } else {
            head
        };
        out.push_str(&line(&head));
        let width = self.rows.iter().map(|r| r.id.chars().count()).max();
        for row in &self.rows {
            out.push_str(&line(&row.text(now, width.unwrap_or(0))));
        }
        self.drawn = all + 1;
        out
    }
}

impl Row {
    fn text(&self, now: Instant, width: usize) -> String {
        let (colour, sign) = match self.stage {
            Stage::Working => ("33", "⠋"),
            Stage::Done => ("32", "✔"),
            Stage::Warning => ("33", "!"),
            Stage::Error => ("31", "✘"),
        };
        let nanos = self.ended.unwrap_or(now).0.saturating_sub(self.begun.0);
        let tenths = nanos / 100_000_000;
        let age = paint("34", &format!("{}.{}s", tenths / 10, tenths % 10));
        let status = match self.stage {
            Stage::Working => self.status.clone(),
            Stage::Done | Stage::Warning | Stage::Error => paint(colour, &self.status),
        };
        format!(
            " {} {:<width$}  {status} {age} ",
            paint(colour, sign),
            self.id
        )
    }
}

fn paint(colour: &str, text: &str) -> String {
    format!("\u{1b}[{colour}m{text}\u{1b}[0m")
}

/// One line, with what stood there before wiped away.
fn line(text: &str) -> String {
    format!("\u{1b}[2K{text}\n")
}
