//! Good input to begin with: the recordings' own commands and files, and a file of examples for what they do not show.

use std::path::{Path, PathBuf};

use drydock::transcript;

use crate::Input;

/// What stands between two examples of a file in `seeds`.
const BETWEEN: &str = "\n%\n";

/// What was recorded, as far as it helps.
pub(crate) struct Corpus {
    /// Commands.
    pub(crate) commands: Vec<String>,
    /// Whole recordings.
    pub(crate) transcripts: Vec<String>,
    /// Files that recordings begin with: nearly all of them Compose files.
    pub(crate) files: Vec<String>,
}

impl Corpus {
    /// Reads the recordings. Errors: they are not there, or are none.
    pub(crate) fn read() -> Result<Self, String> {
        let mut corpus = Self {
            commands: Vec::new(),
            transcripts: Vec::new(),
            files: Vec::new(),
        };
        let folder = root().join("../transcripts");
        let entries =
            std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        paths.retain(|p| p.extension().is_some_and(|e| e == "txt"));
        paths.sort();
        for path in paths {
            let text = text_of(&path)?;
            let Ok(recording) = transcript::parse(&text) else {
                continue; // Not every text there is a recording.
            };
            corpus
                .commands
                .extend(recording.steps.into_iter().map(|s| s.command));
            corpus
                .files
                .extend(recording.files.into_iter().map(|(_, text)| text));
            corpus.transcripts.push(text);
        }
        Ok(corpus)
    }

    /// The words of every recorded use of a program, its own name first, and of the examples for those that nobody recorded.
    pub(crate) fn uses(&self, program: &str) -> Result<Vec<Vec<String>>, String> {
        let examples = text_of(&root().join("seeds/programs.txt"))?;
        let mut uses: Vec<Vec<String>> = self
            .commands
            .iter()
            .map(String::as_str)
            .chain(examples.lines())
            .filter_map(|command| {
                let words = words(command);
                let begin = words.iter().position(|w| w == program)?;
                let rest = words.get(begin..)?;
                let ends = |w: &String| {
                    matches!(
                        w.as_str(),
                        "|" | "||" | "&&" | ";" | "&" | ">" | "<" | "2>&1" | "2>/dev/null"
                    )
                };
                let end = rest.iter().position(ends).unwrap_or(rest.len());
                Some(
                    rest.get(..end)?
                        .iter()
                        .map(|w| w.trim_end_matches(';').to_owned())
                        .collect(),
                )
            })
            .collect();
        uses.sort();
        uses.dedup();
        if uses.is_empty() {
            Err(format!("nothing is known of {program}"))
        } else {
            Ok(uses)
        }
    }

    /// What follows a flag in the recorded commands.
    pub(crate) fn values(&self, flag: &str) -> Vec<Input> {
        let mut values: Vec<Input> = self
            .commands
            .iter()
            .flat_map(|command| {
                let words = words(command);
                let values = words
                    .windows(2)
                    .filter(|w| w.first().is_some_and(|f| f == flag));
                values
                    .filter_map(|w| w.last().map(|v| v.clone().into_bytes()))
                    .collect::<Vec<_>>()
            })
            .collect();
        values.sort();
        values.dedup();
        values
    }
}

/// The examples in a file of `seeds`. Errors: there is no such file.
pub(crate) fn examples(name: &str) -> Result<Vec<Input>, String> {
    let text = text_of(&root().join("seeds").join(format!("{name}.txt")))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.split(BETWEEN).map(|e| e.as_bytes().to_vec()).collect())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn text_of(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The words of a command line, roughly as a shell reads them: quotes are taken off, nothing is expanded.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut begun) = (String::new(), None, false);
    for c in command.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => word.push(c),
            None if c == '\'' || c == '"' => (quote, begun) = (Some(c), true),
            None if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            None => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_of_a_program_are_found_in_lines() {
        let commands = ["docker exec a ip addr show 'my dev' | head; true".to_owned()].to_vec();
        let (transcripts, files) = (Vec::new(), Vec::new());
        let corpus = Corpus {
            commands,
            transcripts,
            files,
        };
        // The seeds' own examples come after them.
        let uses = corpus.uses("ip").unwrap();
        assert!(
            uses.contains(&["ip", "addr", "show", "my dev"].map(str::to_owned).to_vec()),
            "{uses:?}"
        );
        assert!(corpus.uses("nothing").is_err());
    }
}
