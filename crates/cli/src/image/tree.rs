//! `docker image ls --tree`: images with all their names, and which are in use. Images of one platform have no branches.
//! Source: docker/cli `cli/command/image/tree.go`.

use engine::api::{ContainerListOptions, Filters, ImageSummary};

use crate::args::Parsed;
use crate::format::size;
use crate::format::text::short_id;
use crate::session::{Failure, Outcome, STDOUT, Session, complaint, refused};

/// Blanks between two columns.
const GAP: &str = "   ";
/// The width of all columns but the first, with the gaps before them.
const REST: usize = 51;
/// How wide output is where no terminal says it.
const PLAIN_WIDTH: usize = 80;
/// The least width of names: that of their title.
const LEAST: usize = 5;
/// What names an image that has no name.
const UNTAGGED: &str = "<untagged>";
const WARNING: &str =
    "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.";
/// The sign of what is in use: black on a bright blue, on a terminal.
const USED: &str = "\x1b[38;5;0m\x1b[48;5;14m U \x1b[0m";

/// Prints the table.
pub(super) fn run(session: &Session, parsed: &Parsed, filters: Filters) -> Outcome {
    for (given, flag) in [
        (parsed.on("quiet"), "quiet"),
        (parsed.on("no-trunc"), "no-trunc"),
        (parsed.on("digests"), "show-digest"),
        (!parsed.text("format").is_empty(), "format"),
    ] {
        if given {
            return Err(complaint(format!(
                "--{flag} is not yet supported with --tree"
            )));
        }
    }
    let images = look(session, parsed.on("all"), filters)?;
    let page = Page {
        terminal: session.sys.is_tty(STDOUT),
        width: session.columns().unwrap_or(PLAIN_WIDTH),
    };
    session.sys.out(&page.text(&images));
    Ok(0)
}

/// An image, the longest of its names first, and whether a container is made from it.
struct Shown {
    names: Vec<String>,
    id: String,
    size: u64,
    used: bool,
}

fn look(session: &Session, all: bool, filters: Filters) -> Result<Vec<Shown>, Failure> {
    let client = session.client()?;
    let listed = client.image_list(all, filters).map_err(refused)?;
    let options = ContainerListOptions {
        all: true,
        ..ContainerListOptions::default()
    };
    let containers = client.container_list(options).map_err(refused)?;
    let shown = |image: ImageSummary| {
        let mut names = image.repo_tags;
        sorted::sort_by_key(&mut names, |name| std::cmp::Reverse(name.len()));
        Shown {
            used: containers.iter().any(|c| c.image_id == image.id),
            id: short_id(&image.id),
            size: image.size,
            names,
        }
    };
    let named = |image: &Shown| all || !image.names.is_empty();
    Ok(listed.into_iter().map(shown).filter(named).collect())
}

/// Where it is written.
struct Page {
    terminal: bool,
    width: usize,
}

impl Page {
    fn text(&self, images: &[Shown]) -> String {
        let longest = images
            .iter()
            .flat_map(|i| &i.names)
            .map(|n| n.chars().count());
        let most = self.width.saturating_sub(REST).max(LEAST);
        let width = longest.max().unwrap_or(0).clamp(LEAST, most);
        let mut text = self.head(width);
        for image in images {
            let untagged = [UNTAGGED.to_owned()];
            let names = match image.names.as_slice() {
                [] => &untagged,
                names => names,
            };
            let Some((last, before)) = names.split_last() else {
                continue;
            };
            for name in before {
                text.push_str(&self.cell("\x1b[34m\x1b[1m", &cut(name, width)));
                text.push('\n');
            }
            let name = cut(last, width);
            let used = match (image.used, self.terminal) {
                (false, _) => " ".repeat(LEAST),
                (true, false) => "U    ".to_owned(),
                (true, true) => format!("{USED}  "),
            };
            let right = |value: &str, width: usize| {
                let blanks = " ".repeat(width.saturating_sub(value.len()));
                format!("{blanks}{}", self.cell("\x1b[39m", value))
            };
            text.push_str(&format!(
                "{}{}{GAP}{}{GAP}{}{GAP}{}{GAP}{used}\n",
                self.cell("\x1b[34m\x1b[1m", &name),
                " ".repeat(width.saturating_sub(name.chars().count())),
                self.cell("\x1b[39m", &image.id),
                right(&size::decimal(image.size, 3), 10),
                right("0B", 12),
            ));
        }
        text
    }

    /// What stands above the images. Titles are bold whoever reads them.
    fn head(&self, width: usize) -> String {
        let (warning, key, seen) = match self.terminal {
            true => (
                format!("\x1b[93m{WARNING}\x1b[0m"),
                format!(
                    "\x1b[1m\x1b[106m\x1b[30mi\x1b[0m\x1b[0m \x1b[96mInfo → \x1b[0m\x1b[0m {USED} In Use "
                ),
                21,
            ),
            false => (WARNING.to_owned(), "Info ->  U In Use ".to_owned(), 18),
        };
        let before = " ".repeat(self.width.saturating_sub(seen));
        let title = |text: &str| format!("\x1b[39m\x1b[1m{text}\x1b[0m");
        format!(
            "{warning}\n{before}{key}\n\n{}{}{GAP}{}          {GAP}{}{GAP}{}{GAP}{}\n",
            title("IMAGE"),
            " ".repeat(width - LEAST),
            title("ID"),
            title("DISK USAGE"),
            title("CONTENT SIZE"),
            title("EXTRA"),
        )
    }

    /// Text that is coloured on a terminal.
    fn cell(&self, colour: &str, text: &str) -> String {
        match self.terminal {
            true => format!("{colour}{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// Shortens a name to so many letters.
fn cut(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    let kept: String = name.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_too_long_for_the_page_are_cut() {
        let image = |name: &str, used| Shown {
            names: vec![name.to_owned()],
            id: "0123456789ab".to_owned(),
            size: 2_081_000,
            used,
        };
        let page = Page {
            terminal: false,
            width: 80,
        };
        let long = "reg.example.test:5000/me/mine:latest";
        let text = page.text(&[image(long, false), image("b:1", true)]);
        let rows: Vec<&str> = text.lines().skip(4).collect();
        assert_eq!(
            rows,
            [
                "reg.example.test:5000/me/min…   0123456789ab       2.08MB             0B        ",
                "b:1                             0123456789ab       2.08MB             0B   U    ",
            ]
        );
    }
}
