//! The determinism check: the scenes of `tests/replay` give the same digests natively and in wasm.

use super::judge;
use crate::page;
use crate::process;
use crate::project::Project;
use crate::report::{Failure, Result, Tally};
use crate::setup::{Node, wasm};

/// The package that plays the scenes and prints a line `scene digest` for each.
const PACKAGE: &str = "replay";

/// Plays the scenes in both worlds and compares line by line.
pub(super) fn run(project: &Project) -> Result<Tally> {
    let mut native = process::cargo(project, &["run", "--quiet", "-p", PACKAGE]);
    let native = process::output(&mut native)?;
    let node = Node::ready(project)?;
    let toolchain = wasm::toolchain(project)?;
    let program = page::compile_wasm(project, &toolchain, PACKAGE, page::Part::Library)?;
    let folder = project.wasm_target().join("replay");
    let script = page::bind_alone(&program, page::Runtime::Node, &folder)?;
    let mut in_wasm = node.script("../replay/replay.mjs");
    let in_wasm = process::output(in_wasm.arg(script))?;
    let scenes = native.lines().count();
    if scenes == 0 || scenes != in_wasm.lines().count() {
        return Err(Failure::new(format!(
            "{scenes} scenes natively, {} in wasm",
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
