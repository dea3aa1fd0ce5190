//! From Rust to wasm, and from wasm to the JavaScript that loads it.

use std::fs;
use std::path::{Path, PathBuf};

use walrus::{Module, ModuleConfig};
use wasm_bindgen_cli_support::Bindgen;

use super::{order, pack, shrink};
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result};
use crate::setup::wasm::{TARGET, Toolchain};

/// The JavaScript and the wasm that wasm-bindgen makes of the program's first half.
pub(super) struct Bound {
    pub(super) script: String,
    /// Packed: see [`pack`].
    pub(super) wasm: Vec<u8>,
}

/// The part of a package to compile.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Program,
    Library,
}

/// How the JavaScript is to be loaded.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// An ES module, whose default export starts the program.
    Module,
    /// A classic script, which leaves the starting function in the variable `drydock_program`.
    Classic,
}

/// The variable that holds the starting function in [`Shape::Classic`].
pub(super) const CLASSIC_NAME: &str = "drydock_program";

/// How to compile: a profile of the root Cargo.toml.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// As what browsers download.
    Page,
    /// Quickly, with the checks that development has.
    Replay,
}

/// Compiles a package of the workspace, its program or its library; returns the path of its wasm.
pub(crate) fn wasm(
    project: &Project,
    toolchain: &Toolchain,
    package: &str,
    part: Part,
    profile: Profile,
) -> Result<PathBuf> {
    let part = match part {
        Part::Program => "--bins",
        Part::Library => "--lib",
    };
    let profile = match profile {
        Profile::Page => "page",
        Profile::Replay => "replay",
    };
    let mut command = process::cargo(
        project,
        &["build", "--profile", profile, "-p", package, part],
    );
    toolchain.configure(project, &mut command);
    process::run(&mut command)?;
    Ok(project
        .wasm_target()
        .join(TARGET)
        .join(profile)
        .join(format!("{package}.wasm")))
}

/// Makes the JavaScript for a page.
pub(super) fn bind(wasm: &Path, shape: Shape) -> Result<Bound> {
    let mut bindgen = Bindgen::new();
    match shape {
        Shape::Module => bindgen
            .web(true)
            .context(|| "choose modules")?
            .omit_default_module_path(false),
        Shape::Classic => bindgen
            .no_modules(true)
            .and_then(|b| b.no_modules_global(CLASSIC_NAME))
            .context(|| "choose a script")?,
    };
    bindgen
        .input_path(wasm)
        .typescript(false)
        .out_name("drydock");
    bindgen
        // The table is what the other half joins.
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    let mut output = bindgen
        .generate_output()
        .context(|| format!("make JavaScript for {}", wasm.display()))?;
    let snippets = output.snippets().values().any(|inline| !inline.is_empty());
    if snippets || !output.local_modules().is_empty() {
        return Err(Failure::new(
            "the page's Rust brings JavaScript files of its own, which the single file cannot load",
        ));
    }
    let script = output.js().to_owned();
    let module = output.wasm_mut();
    let script = shrink::lines(&shrink::names(module, script)?);
    let wasm = packed(module)?;
    Ok(Bound { script, wasm })
}

/// Packs the program's other half, which has no JavaScript of its own.
pub(super) fn rest(wasm: &Path) -> Result<Vec<u8>> {
    let mut config = ModuleConfig::new();
    config
        .generate_name_section(false)
        .generate_producers_section(false);
    let mut module = config
        .parse_file(wasm)
        .map_err(|error| Failure::new(format!("read {}: {error}", wasm.display())))?;
    walrus::passes::gc::run(&mut module);
    packed(&mut module)
}

fn packed(module: &mut Module) -> Result<Vec<u8>> {
    shrink::code(module);
    pack::pack(&order::functions(&module.emit_wasm())?)
}

/// Where JavaScript of a program that is no page is run.
#[derive(Clone, Copy)]
pub(crate) enum Runtime {
    Node,
    Browser,
}

/// Makes the JavaScript of a program that is no page, in `folder`; returns the script's path.
pub(crate) fn bind_alone(wasm: &Path, runtime: Runtime, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).context(|| format!("create {}", folder.display()))?;
    let mut bindgen = Bindgen::new();
    match runtime {
        Runtime::Node => bindgen.nodejs(true),
        Runtime::Browser => bindgen.web(true),
    }
    .context(|| "choose the kind of script")?
    .omit_default_module_path(false)
    .input_path(wasm)
    .typescript(false)
    .out_name("program")
    .generate(folder)
    .context(|| format!("make JavaScript for {}", wasm.display()))?;
    Ok(folder.join("program.js"))
}
