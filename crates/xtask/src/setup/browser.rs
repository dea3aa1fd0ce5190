//! The browser that the browser tests drive.

use std::env;
use std::path::PathBuf;

use super::debian;
use crate::process;
use crate::report::{Failure, Result};

/// Names under which Chromium and its kin are installed.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Returns Chromium's program, from `CHROME_PATH`, the PATH, or installed now.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROME_PATH").map(PathBuf::from) {
        let missing = || {
            Failure::new(format!(
                "CHROME_PATH names {}, which is no file",
                chosen.display()
            ))
        };
        return if chosen.is_file() {
            Ok(chosen)
        } else {
            Err(missing())
        };
    }
    if let Some(found) = NAMES.into_iter().find_map(process::find) {
        return Ok(found);
    }
    debian::install(
        &["chromium", "fonts-dejavu-core"],
        "a browser for the browser tests",
    )?;
    process::find("chromium")
        .ok_or_else(|| Failure::new("Debian's chromium is installed, yet not on the PATH"))
}
