//! The keys of Compose files that have no effect, from the table that the editor's remarks come from.

use std::collections::BTreeMap;
use std::fs;

use super::literal;
use crate::project::Project;
use crate::report::{Context as _, Result};

/// Where the table stands, from the root of the repository.
const FILE: &str = "crates/compose/src/assist/idle.rs";

const HEAD: &str = "
## Keys of Compose files

These are accepted and have no effect; the page's editor says so under their lines. `*` stands for any name or item.

";

/// The section about them.
pub(super) fn section(project: &Project) -> Result<String> {
    let path = project.root().join(FILE);
    let code = fs::read_to_string(&path).context(|| format!("read {}", path.display()))?;
    Ok(render(&code))
}

fn render(code: &str) -> String {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let (reasons, table) = code.split_once("const IDLE").unwrap_or_default();
    // `Self::NAME => "TEXT"`
    let reasons: BTreeMap<&str, &str> = reasons
        .split("Self::")
        .filter_map(|arm| {
            let (name, rest) = arm.split_once(" => ")?;
            Some((name, literal(rest)?.0))
        })
        .collect();
    let mut out = HEAD.to_owned();
    let mut rest = table.split("];").next().unwrap_or_default();
    // `("KEY", Reason::NAME)`
    while let Some((key, after)) = literal(rest) {
        let name = after.split_once("Reason::").map_or("", |(_, name)| name);
        let end = name.find([',', ')']).unwrap_or(name.len());
        let reason = name.get(..end).and_then(|name| reasons.get(name));
        out += &format!("- `{key}`: {}\n", reason.unwrap_or(&""));
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_with_their_reasons() {
        let code = r#"
            Self::Build => "images are not built",
            Self::Logs => "logs are kept",
            const IDLE: &[(&str, Reason)] = &[
                ("services.*.build", Reason::Build),
                (
                    "services.*.logging.options",
                    Reason::Logs,
                ),
            ];
            fn other() { "text" }
        "#;
        let text = render(code);
        let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("- ")).collect();
        assert_eq!(
            lines,
            [
                "- `services.*.build`: images are not built",
                "- `services.*.logging.options`: logs are kept",
            ]
        );
    }
}
