//! Getting a machine ready: each part looks first, says what it installs before it does, and is quick when all is there.

mod browser;
mod components;
mod debian;
mod node;
mod sysroot;
pub(crate) mod wasm;

use crate::project::Project;
use crate::report::{Result, say};

pub(crate) use browser::chromium;
pub(crate) use components::components;
pub(crate) use node::Node;

/// Installs whatever `serve`, `test` and `bench` need and this machine lacks.
pub(crate) fn everything(project: &Project) -> Result<()> {
    components(project)?;
    let toolchain = wasm::toolchain(project)?;
    say(format_args!("wasm: {}", toolchain.description()));
    say(format_args!("browser: {}", chromium()?.display()));
    let node = Node::ready(project)?;
    say(format_args!("node: {}", node.program().display()));
    say("everything is there");
    Ok(())
}
