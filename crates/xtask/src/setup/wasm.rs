//! The compiler for the page: rustup's wasm target where rustup can give it, else Debian's compiler with a standard
//! library built here once.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{debian, sysroot};
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result, say};

/// The target that the page is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Set to anything, this leaves rustup's target aside, so that the way of Debian can be tried on any machine.
const WITHOUT_RUSTUP: &str = "XTASK_WITHOUT_RUSTUP_TARGET";

/// Rustup's server answers in seconds or not at all.
const RUSTUP_PATIENCE: Duration = Duration::from_secs(90);

/// A way to compile for [`TARGET`].
pub(crate) enum Toolchain {
    /// The compiler that cargo uses anyway has the target's standard library.
    Native,
    /// Debian's compiler, with a standard library of our own.
    Debian {
        /// The compiler.
        rustc: PathBuf,
        /// Its standard library for wasm.
        sysroot: PathBuf,
        /// The linker, since Debian's compiler does not bring one for wasm.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// What it is, for the person at the terminal.
    pub(crate) fn description(&self) -> String {
        match self {
            Self::Native => format!("the installed compiler has {TARGET}"),
            Self::Debian { rustc, .. } => {
                format!("{} with a standard library built here", rustc.display())
            }
        }
    }

    /// Prepares a cargo command line that compiles for [`TARGET`], with no path of this machine in what it makes.
    pub(crate) fn configure(&self, project: &Project, command: &mut Command) {
        let mut flags = remapped_paths(&[(project.root(), "drydock")]);
        if let Self::Debian {
            rustc,
            sysroot,
            linker,
        } = self
        {
            let mut flag = OsString::from("--sysroot=");
            flag.push(sysroot);
            flags.push(flag);
            command
                .env("RUSTC", rustc)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command.env("CARGO_ENCODED_RUSTFLAGS", encoded(&flags));
        command
            .args(["--target", TARGET, "--target-dir"])
            .arg(project.wasm_target());
    }

    /// True if clippy, which belongs to rustup's compiler, can read this standard library.
    pub(crate) fn suits_clippy(&self) -> bool {
        matches!(self, Self::Native)
    }
}

/// Flags that give folders of this machine a plain name in panic messages: the given ones, cargo's and rustup's.
pub(super) fn remapped_paths(folders: &[(&Path, &str)]) -> Vec<OsString> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let of_tool = |variable: &str, name: &str| {
        let chosen = env::var_os(variable).map(PathBuf::from);
        chosen.or_else(|| home.as_ref().map(|home| home.join(name)))
    };
    let tools = [
        (of_tool("CARGO_HOME", ".cargo"), "cargo"),
        (of_tool("RUSTUP_HOME", ".rustup"), "rustup"),
    ];
    let tools = tools
        .iter()
        .filter_map(|(folder, name)| Some((folder.as_deref()?, *name)));
    let flag = |(folder, name): (&Path, &str)| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(folder);
        flag.push(format!("=/{name}"));
        flag
    };
    folders.iter().copied().chain(tools).map(flag).collect()
}

/// Joins compiler flags in the way of `CARGO_ENCODED_RUSTFLAGS`, which lets a path hold spaces.
pub(super) fn encoded(flags: &[OsString]) -> OsString {
    flags.join(OsStr::new("\u{1f}"))
}

/// Finds or installs a way to compile for the page; if another process is about to, waits for it.
pub(crate) fn toolchain(project: &Project) -> Result<Toolchain> {
    let path = project.target().join("set-up.lock");
    let open = || File::create(&path).and_then(|file| file.lock().map(|()| file));
    let _alone = open().context(|| format!("lock {}", path.display()))?;
    let rustup_allowed = env::var_os(WITHOUT_RUSTUP).is_none();
    if rustup_allowed && has_standard_library("rustc") {
        return Ok(Toolchain::Native);
    }
    // A library built earlier means that rustup could not help then: asking its server again would only take time.
    if rustup_allowed && !sysroot::is_built(project) && add_rustup_target() {
        return Ok(Toolchain::Native);
    }
    debian_toolchain(project).map_err(|failure| {
        Failure::new(format!(
            "no compiler for {TARGET}: rustup did not add the target, and Debian's rustc-web and rust-web-src cannot \
             stand in ({failure})"
        ))
    })
}

fn has_standard_library(rustc: &str) -> bool {
    let folder =
        process::output(Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_ok_and(|folder| {
        fs::read_dir(folder).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}

fn add_rustup_target() -> bool {
    if process::find("rustup").is_none() {
        return false;
    }
    say(format_args!(
        "the compiler lacks {TARGET}: installing it with rustup target add (about 25 MB)"
    ));
    let added = process::run_within(
        Command::new("rustup").args(["target", "add", TARGET]),
        RUSTUP_PATIENCE,
    );
    if let Err(failure) = &added {
        say(format_args!(
            "rustup could not add it ({failure}); trying Debian's compiler instead"
        ));
    }
    added.is_ok() && has_standard_library("rustc")
}

fn debian_toolchain(project: &Project) -> Result<Toolchain> {
    let rustc = Path::new("/usr/bin/rustc");
    if !(rustc.is_file() && sysroot::source(rustc).is_ok()) {
        debian::install(&["rustc-web", "rust-web-src"], "a compiler for the page")?;
    }
    let linker = linker()?;
    let sysroot = sysroot::ready(project, rustc, &linker)?;
    Ok(Toolchain::Debian {
        rustc: rustc.to_path_buf(),
        sysroot,
        linker,
    })
}

/// A linker for wasm: the one that rustup's compiler brings, else Debian's.
fn linker() -> Result<PathBuf> {
    let own = process::output(Command::new("rustc").args(["--print", "sysroot"]))
        .ok()
        .and_then(|root| {
            let hosts = fs::read_dir(Path::new(&root).join("lib/rustlib")).ok()?;
            hosts
                .flatten()
                .map(|host| host.path().join("bin/rust-lld"))
                .find(|lld| lld.is_file())
        });
    if let Some(found) = own.or_else(debian_linker) {
        return Ok(found);
    }
    debian::install(&["lld-22"], "a linker for the page")?;
    debian_linker().ok_or_else(|| {
        Failure::new("Debian's lld-22 is installed, yet wasm-ld-22 is not on the PATH")
    })
}

fn debian_linker() -> Option<PathBuf> {
    ["wasm-ld-22", "wasm-ld"]
        .into_iter()
        .find_map(process::find)
}
