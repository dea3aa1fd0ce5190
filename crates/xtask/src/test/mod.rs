//! Every check of the project, in one run with one count at its end.
use crate::project::Project;
use crate::report::Result;
pub(crate) fn run(_project: &Project, _steps: &[&str]) -> Result<()> {
    Ok(())
}
