//! The cases of `tests/browser`, run against the built page, served from a sub-folder and opened from the disk.

use super::cargo::counted;
use crate::page;
use crate::project::Project;
use crate::report::{Failure, Result, Tally};
use crate::serve;
use crate::setup::{Node, chromium};

/// Runs the cases against `dist/`, which is built first if it is not there.
pub(super) fn run(project: &Project) -> Result<Tally> {
    let node = Node::ready(project)?;
    let chromium = chromium()?;
    let dist = project.dist();
    let single = dist.join(page::SINGLE);
    if !single.is_file() {
        page::build(project)?;
    }
    let file = single
        .to_str()
        .ok_or_else(|| Failure::new("this checkout's path is not UTF-8"))?;
    // In a folder of its own name, since the page must work from any.
    let site = format!(
        "{}course/week%201/",
        serve::in_background(dist.clone(), "course/week 1")?
    );
    let mut command = node.script("run.mjs");
    command.args([&site, &format!("file://{}", file.replace(' ', "%20"))]);
    command.arg("--chromium").arg(chromium);
    command
        .arg("--pictures")
        .arg(project.target().join("screenshots"));
    counted(&mut command)
}
