//! Cuts the program in two: what draws the page and lets the machines come up, and what only somebody who uses them needs.
//!
//! `web/src/late.rs` says where. The linker's relocations tell what each function and each piece of data leads to.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_split_cli_support::{Options, transform};

use crate::report::{Context as _, Failure, Result};

/// The two halves as files.
pub(super) struct Halves {
    /// What the page starts.
    pub(super) first: PathBuf,
    /// What is loaded meanwhile. It shares the first half's memory and table.
    pub(super) rest: PathBuf,
}

/// Cuts a linked program; the halves lie in `folder`.
pub(super) fn cut(program: &Path, folder: &Path) -> Result<Halves> {
    let wasm = fs::read(program).context(|| format!("read {}", program.display()))?;
    let first = folder.join("first.wasm");
    let mut options = Options::new(&wasm);
    options.output_dir = folder;
    options.main_out_path = &first;
    let cut = transform(options)
        .map_err(|error| Failure::new(format!("cut {}: {error}", program.display())))?;
    match <[PathBuf; 1]>::try_from(cut.split_modules) {
        Ok([rest]) => Ok(Halves { first, rest }),
        Err(parts) => Err(Failure::new(format!(
            "the program was cut into {} parts beside the first, and not into one",
            parts.len()
        ))),
    }
}
