//! The standard library for wasm, built once from the source that Debian packages next to its compiler.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::wasm::{TARGET, encoded, remapped_paths};
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result, say, timed};

/// An empty crate: building it builds the standard library that it would be linked with.
const SEED: &str = "\
[package]
name = \"seed\"
version = \"0.0.0\"
edition = \"2024\"
[profile.release]
opt-level = \"s\"
codegen-units = 1
panic = \"abort\"
[workspace]
";

/// Returns the folder of the standard library's source.
pub(crate) fn source(rustc: &Path) -> Result<PathBuf> {
    let root = process::output(Command::new(rustc).args(["--print", "sysroot"]))?;
    let source = Path::new(&root).join("lib/rustlib/src/rust/library/std");
    if source.exists() {
        Ok(source)
    } else {
        Err(Failure::new(format!(
            "{} has no library source",
            rustc.display()
        )))
    }
}

/// True if a sysroot was built here before, for whichever version of the compiler.
pub(super) fn is_built(project: &Project) -> bool {
    let entries = fs::read_dir(folder(project));
    entries.is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.path().join("lib/rustlib").join(TARGET).is_dir())
    })
}

fn folder(project: &Project) -> PathBuf {
    project.target().join("wasm-sysroot")
}

/// Returns the sysroot for this very compiler, built now if need be.
pub(crate) fn ready(project: &Project, rustc: &Path, linker: &Path) -> Result<PathBuf> {
    source(rustc)?;
    let version = process::output(Command::new(rustc).arg("--version"))?;
    let all = folder(project);
    let finished = all.join(folder_name(&version));
    if finished.is_dir() {
        return Ok(finished);
    }
    say(format_args!(
        "building the standard library for {TARGET} with {version}, once (about half a minute)"
    ));
    timed("standard library", || {
        let crate_folder = all.join("seed");
        let built = build(&crate_folder, rustc, linker)?;
        // Moved into place as a whole, so that an interrupted build is never taken for a finished one.
        let half_way = all.join("unfinished");
        remove(&half_way)?;
        let libraries = half_way.join("lib/rustlib").join(TARGET).join("lib");
        fs::create_dir_all(&libraries).context(|| format!("create {}", libraries.display()))?;
        copy_libraries(&built, &libraries)?;
        fs::rename(&half_way, &finished)
            .context(|| format!("move the finished library to {}", finished.display()))?;
        remove(&crate_folder)
    })?;
    Ok(finished)
}

fn folder_name(version: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    version.chars().map(plain).collect()
}

fn build(crate_folder: &Path, rustc: &Path, linker: &Path) -> Result<PathBuf> {
    remove(crate_folder)?;
    let sources = crate_folder.join("src");
    fs::create_dir_all(&sources).context(|| format!("create {}", sources.display()))?;
    let write = |file: &str, text: &str| {
        let path = crate_folder.join(file);
        fs::write(&path, text).context(|| format!("write {}", path.display()))
    };
    write("Cargo.toml", SEED)?;
    write("src/lib.rs", "#![no_std]\n")?;
    let library = source(rustc)?;
    let rust = library.ancestors().nth(2).unwrap_or(&library);
    // Bitcode, for link-time optimisation; and no folder of this machine in panic messages.
    let mut flags = remapped_paths(&[(rust, "rust")]);
    flags.push(OsString::from("-Cembed-bitcode=yes"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(crate_folder)
        .args([
            "build",
            "--release",
            "--target",
            TARGET,
            "--target-dir",
            "out",
        ])
        .env("RUSTC", rustc)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort,test")
        .env("CARGO_ENCODED_RUSTFLAGS", encoded(&flags));
    process::run(&mut command)?;
    Ok(crate_folder.join("out").join(TARGET).join("release/deps"))
}

fn copy_libraries(from: &Path, to: &Path) -> Result<()> {
    let entries = fs::read_dir(from).context(|| format!("list {}", from.display()))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let library = name.ends_with(".rlib") || name.ends_with(".rmeta");
        if library && !name.starts_with("libseed") {
            fs::copy(entry.path(), to.join(&name)).context(|| format!("copy {name}"))?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).context(|| format!("remove {}", folder.display()))?;
    }
    Ok(())
}
