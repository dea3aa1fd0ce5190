//! The page as a site of several files, all named relative to the page, so that any folder of any server will do.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::compile::{Shape, bind};
use super::{Sources, boot, messages, policy, single, template, write};
use crate::report::{Context as _, Result};

/// The files of the program's halves.
pub(crate) const FIRST: &str = "drydock_bg.wasm";
pub(crate) const REST: &str = "drydock_rest.wasm";

/// Writes the site into `dist`, with the files of `public` beside it.
pub(super) fn write_site(
    sources: &Sources,
    (first, rest): (&Path, &[u8]),
    public: &Path,
    dist: &Path,
) -> Result<()> {
    let bound = bind(first, Shape::Module)?;
    if public.is_dir() {
        copy(public, dist)?;
    }
    let mut parts = vec![bound.script.as_bytes(), &bound.wasm, rest];
    parts.extend(sources.messages.iter().map(|(_, text)| text.as_bytes()));
    let version = version(&parts);
    let folder = dist.join("messages");
    fs::create_dir_all(&folder).context(|| format!("create {}", folder.display()))?;
    for (code, text) in &sources.messages {
        write(&dist.join(messages::path(code)), text)?;
    }
    write(&dist.join("drydock.js"), &bound.script)?;
    write(&dist.join(FIRST), &bound.wasm)?;
    write(&dist.join(REST), rest)?;
    let (early, start) = (
        boot::early(&version, [bound.wasm.len(), rest.len()]),
        boot::start(&version),
    );
    let page = template::fill(
        &sources.template,
        &[
            (
                "policy",
                &policy::for_site(&[&early, &start], &sources.style),
            ),
            ("icon", &single::icon(&sources.icon)),
            ("style", &single::style(&sources.style)),
            ("hints", &hints(&version)),
            ("early", &boot::element(&early)),
            ("messages", &messages::links(&sources.messages, &version)),
            (
                "script",
                &format!("<script type=\"module\">{start}</script>"),
            ),
        ],
    )?;
    write(&dist.join("index.html"), page)
}

/// A short name for exactly these contents: a browser's cache never mixes the files of two builds.
fn version(contents: &[&[u8]]) -> String {
    let digest = contents
        .iter()
        .fold(Sha256::new(), |digest, part| digest.chain_update(part))
        .finalize();
    digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What lets the browser fetch the program's script while it still reads the page.
fn hints(version: &str) -> String {
    format!("<link rel=\"modulepreload\" href=\"drydock.js?v={version}\">")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).context(|| format!("create {}", to.display()))?;
    for entry in fs::read_dir(from)
        .context(|| format!("list {}", from.display()))?
        .flatten()
    {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).context(|| format!("copy {}", source.display()))?;
        }
    }
    Ok(())
}
