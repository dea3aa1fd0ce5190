//! Makes the page's typed access to its messages from `messages/en.txt`: a function for each key, with an argument for
//! each place in its text. A key that nobody uses is then dead code, and a forgotten argument does not compile.
//!
//! And asks the linker to keep what has to be known to cut the program in two: see `src/late.rs`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=messages/en.txt");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let messages = fs::read_to_string("messages/en.txt")?;
    let mut texts = String::new();
    let mut functions = String::new();
    let lines = messages.lines().filter(|l| !l.starts_with('#'));
    for (i, (key, text)) in lines.filter_map(|l| l.split_once(" = ")).enumerate() {
        let _ = writeln!(texts, "{text:?},");
        if key.starts_with("known.") {
            continue;
        }
        let places = places(text);
        let _ = if places.is_empty() {
            writeln!(
                functions,
                "pub(crate) fn {key}() -> &'static str {{ text({i}) }}"
            )
        } else {
            let arguments: String = places
                .iter()
                .map(|p| format!("{p}: &dyn Display,"))
                .collect();
            let values: String = places.iter().map(|p| format!("({p:?}, {p}),")).collect();
            writeln!(
                functions,
                "pub(crate) fn {key}({arguments}) -> String {{ fill(text({i}), &[{values}]) }}"
            )
        };
    }
    let code = format!("const ENGLISH: &[&str] = &[{texts}];\n{functions}");
    let folder = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&folder).join("messages.rs"), code)
}

/// The names of what is filled in, in the order in which they first come.
fn places(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for place in text.split('{').skip(1) {
        let name = place.split(['}', ':']).next().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
