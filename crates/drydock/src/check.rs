//! Whether a run agrees with its recording.

use crate::normalize::{Normalizer, Rules};
use crate::transcript::{Step, Transcript};
use similar::TextDiff;

/// The differences between a recording and a run of it, as a unified diff of the normalised texts; `None` if there are none.
pub(crate) fn difference(rules: &Rules, name: &str, recorded: &Transcript, run: &[Step]) -> Option<String> {
    let expected = normalised(rules, &recorded.steps);
    let actual = normalised(rules, run);
    (expected != actual).then(|| {
        TextDiff::from_lines(&expected, &actual).unified_diff().context_radius(2).header(name, "drydock").to_string()
    })
}

fn normalised(rules: &Rules, steps: &[Step]) -> String {
    let mut normalizer = Normalizer::new(rules);
    steps.iter().map(|step| Step { output: normalizer.output(step), ..step.clone() }.render()).collect()
}
