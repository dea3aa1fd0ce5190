//! rustfmt and clippy, which a minimal Rust installation lacks.

use std::process::Command;

use crate::process;
use crate::project::Project;
use crate::report::{Failure, Result, say};

/// Installs rustfmt and clippy unless cargo has them.
pub(crate) fn components(project: &Project) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if process::output(&mut process::cargo(project, &[subcommand, "--version"])).is_ok() {
            continue;
        }
        if process::find("rustup").is_none() {
            return Err(Failure::new(format!(
                "cargo lacks {component}, and there is no rustup here to add it"
            )));
        }
        say(format_args!(
            "cargo lacks {component}: installing it with rustup component add"
        ));
        process::run(Command::new("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}
