//! The page is built, what a browser downloads for it stays under the budget, and the program unpacks to what was packed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::page::{self, FIRST, REST};
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result, Tally, say};
use crate::setup::Node;

/// A part of the page: what its budget is called in `tests/budgets/page.toml`, and its files.
type Part = (&'static str, &'static [&'static str]);

/// What a browser loads to show the page and its prompt, and what it loads after that.
const PARTS: [Part; 2] = [
    ("opening_bytes", &["index.html", "drydock.js", FIRST]),
    ("following_bytes", &[REST]),
];

/// What Node does with two paths after the page's script that unpacks.
const UNPACK_FILE: &str = "
const { readFileSync, writeFileSync } = require('node:fs');
writeFileSync(process.argv[2], unpack(new Uint8Array(readFileSync(process.argv[1]))));
";

/// Builds the page, compresses its files as a good server does, and compares with `tests/budgets/page.toml`.
pub(super) fn run(project: &Project) -> Result<Tally> {
    let dist = page::build(project)?;
    let node = Node::ready(project)?;
    for half in [FIRST, REST] {
        let unpacked = project.wasm_target().join("unpacked.wasm");
        unpacks(&node, &dist.join(half), &unpacked)?;
    }
    let budgets = budgets(project)?;
    let mut over = Vec::new();
    for (name, files) in PARTS {
        let mut total = 0;
        for file in files {
            let path = dist.join(file);
            let bytes = fs::read(&path).context(|| format!("read {}", path.display()))?;
            let compressed = brotli(&bytes).context(|| format!("compress {file}"))?;
            println!("{compressed:>9} of {:>9} bytes  {file}", bytes.len());
            total += compressed;
        }
        let limit = limit(&budgets, name)?;
        say(format_args!("{name}: {total} compressed, of {limit}"));
        if total > limit {
            over.push(format!(
                "{name} is {} over its budget of {limit}",
                total - limit
            ));
        }
    }
    match over.as_slice() {
        [] => Ok(Tally::PASS),
        over => Err(Failure::new(over.join(", "))),
    }
}

/// Checks that the page's script unpacks the program to what packs to the same bytes again.
fn unpacks(node: &Node, packed: &Path, unpacked: &Path) -> Result<()> {
    let mut unpack = Command::new(node.program());
    unpack.args(["-e", &(page::unpack() + UNPACK_FILE)]);
    process::run(unpack.arg(packed).arg(unpacked))?;
    let read = |file: &Path| fs::read(file).context(|| format!("read {}", file.display()));
    if page::pack(&read(unpacked)?)? == read(packed)? {
        Ok(())
    } else {
        Err(Failure::new("the page's program unpacks to another one"))
    }
}

/// The size after brotli at its best, in bytes.
fn brotli(bytes: &[u8]) -> std::io::Result<u64> {
    let parameters = brotli::enc::BrotliEncoderParams::default();
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed.len() as u64)
}

fn budgets(project: &Project) -> Result<toml::Table> {
    let file = project.root().join("tests/budgets/page.toml");
    let text = fs::read_to_string(&file).context(|| format!("read {}", file.display()))?;
    text.parse().context(|| format!("read {}", file.display()))
}

fn limit(budgets: &toml::Table, name: &str) -> Result<u64> {
    let bytes = budgets.get(name).and_then(toml::Value::as_integer);
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .ok_or_else(|| Failure::new(format!("tests/budgets/page.toml has no number `{name}`")))
}
