//! The page is built, what a browser downloads for it stays under the budget, and the program unpacks to what was packed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::page;
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result, Tally, say};
use crate::setup::Node;

/// The files that a browser asks for when it opens the page.
const DOWNLOADED: [&str; 4] = ["index.html", "style.css", "drydock.js", PROGRAM];

/// The packed program.
const PROGRAM: &str = "drydock_bg.wasm";

/// What Node does with two paths after the page's script that unpacks.
const UNPACK_FILE: &str = "
const { readFileSync, writeFileSync } = require('node:fs');
writeFileSync(process.argv[2], unpack(new Uint8Array(readFileSync(process.argv[1]))));
";

/// Builds the page, compresses its files as a good server does, and compares with `tests/budgets/page.toml`.
pub(super) fn run(project: &Project) -> Result<Tally> {
    let dist = page::build(project)?;
    let node = Node::ready(project)?;
    unpacks(
        &node,
        &dist.join(PROGRAM),
        &project.wasm_target().join("unpacked.wasm"),
    )?;
    let mut total = 0;
    for name in DOWNLOADED {
        let file = dist.join(name);
        let bytes = fs::read(&file).context(|| format!("read {}", file.display()))?;
        let compressed = brotli(&bytes).context(|| format!("compress {name}"))?;
        println!("{compressed:>9} of {:>9} bytes  {name}", bytes.len());
        total += compressed;
    }
    let limit = limit(project)?;
    say(format_args!(
        "the page is {total} bytes compressed; its budget is {limit}"
    ));
    let over = || {
        Failure::new(format!(
            "the page is {} bytes over its budget of {limit}",
            total.saturating_sub(limit)
        ))
    };
    if total <= limit {
        Ok(Tally::PASS)
    } else {
        Err(over())
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

fn limit(project: &Project) -> Result<u64> {
    let file = project.root().join("tests/budgets/page.toml");
    let text = fs::read_to_string(&file).context(|| format!("read {}", file.display()))?;
    let table: toml::Table = text
        .parse()
        .context(|| format!("read {}", file.display()))?;
    let bytes = table
        .get("download_bytes")
        .and_then(toml::Value::as_integer);
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .ok_or_else(|| Failure::new("tests/budgets/page.toml has no number `download_bytes`"))
}
