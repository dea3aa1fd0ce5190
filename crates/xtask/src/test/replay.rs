//! The determinism check: the scenes of `tests/replay` and all recordings give the same digests natively and in wasm.

use std::path::PathBuf;
use std::process::Command;
use std::thread;

use super::judge;
use crate::page::{self, Part, Profile};
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result, Tally};
use crate::setup::{Node, wasm};

/// The package that plays them and prints a line `name length digest` for each.
const PACKAGE: &str = "replay";

/// Its native program.
const NATIVE: &str = "replay-natively";

/// Plays everything in both worlds, side by side, and compares line by line.
pub(super) fn run(project: &Project) -> Result<Tally> {
    let recordings = recordings(project)?;
    // Chosen from the whole workspace, so that the crates below are the very ones that the tests have built.
    process::run(&mut process::cargo(
        project,
        &["build", "--quiet", "--workspace", "--bin", NATIVE],
    ))?;
    let node = Node::ready(project)?;
    let toolchain = wasm::toolchain(project)?;
    let program = page::compile_wasm(project, &toolchain, PACKAGE, Part::Library, Profile::Replay)?;
    let folder = project.wasm_target().join("replay");
    let script = page::bind_alone(&program, page::Runtime::Node, &folder)?;
    let mut native = Command::new(project.target().join("debug").join(NATIVE));
    let mut in_wasm = node.script("../replay/replay.mjs");
    native.args(&recordings);
    in_wasm.arg(script).args(&recordings);
    let (native, in_wasm) = thread::scope(|scope| {
        let native = scope.spawn(|| process::output(&mut native));
        let in_wasm = process::output(&mut in_wasm);
        let ended = native
            .join()
            .unwrap_or_else(|_| Err(Failure::new("the native player panicked")));
        Ok::<_, Failure>((ended?, in_wasm?))
    })?;
    let scenes = native.lines().count();
    if scenes <= recordings.len() || scenes != in_wasm.lines().count() {
        return Err(Failure::new(format!(
            "{scenes} scenes and recordings natively, {} in wasm",
            in_wasm.lines().count()
        )));
    }
    let mut tally = Tally::default();
    for (native, in_wasm) in native.lines().zip(in_wasm.lines()) {
        let fault = if native != in_wasm {
            Some(format!("natively `{native}`, in wasm `{in_wasm}`"))
        } else if native.contains(" failed: ") {
            Some(native.to_owned())
        } else {
            None
        };
        tally.add(judge("replay", fault.as_slice()));
    }
    Ok(tally)
}

/// The recordings in `tests/transcripts`.
fn recordings(project: &Project) -> Result<Vec<PathBuf>> {
    let folder = project.root().join("tests/transcripts");
    let entries = folder
        .read_dir()
        .context(|| format!("list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| {
        let named = file.file_name().is_some_and(|name| {
            name.as_encoded_bytes()
                .first()
                .is_some_and(u8::is_ascii_digit)
        });
        named && file.extension().is_some_and(|kind| kind == "txt")
    });
    files.sort();
    Ok(files)
}
