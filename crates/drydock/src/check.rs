//! Whether a run agrees with its recording.

use crate::normalize::{Normalizer, Rules};
use crate::transcript::{Step, Transcript};
use similar::TextDiff;

/// The differences between a recording and a run of it, as a unified diff of the normalised texts; `None` if there are none.
pub(crate) fn difference(
    rules: &Rules,
    name: &str,
    recorded: &Transcript,
    run: &[Step],
) -> Option<String> {
    let expected = normalised(rules, &recorded.steps);
    let actual = normalised(rules, run);
    (expected != actual).then(|| {
        TextDiff::from_lines(&expected, &actual)
            .unified_diff()
            .context_radius(2)
            .header(name, "drydock")
            .to_string()
    })
}

fn normalised(rules: &Rules, steps: &[Step]) -> String {
    let mut normalizer = Normalizer::new(rules);
    steps
        .iter()
        .map(|step| {
            let step = Step {
                output: newlines(&step.output),
                ..step.clone()
            };
            let output = normalizer.output(&step);
            Step { output, ..step }.render()
        })
        .collect()
}

/// Lines as the recorder keeps them: it reads the carriage return before a newline, as in HTTP headers, as part of the newline.
fn newlines(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned())
        .collect()
}
