//! The page: from `web/` to `dist/`, as a site of several files and as one file.
//!
//! `compile` makes wasm and its JavaScript, `cut` parts what is needed at first from the rest, `prepare` runs its beginning, `shrink`, `order` and `pack` make them smaller, `template` fills `web/index.html`, `site` and `single` are the two shapes,
//! `policy` writes their Content-Security-Policy.

mod boot;
mod compile;
mod cut;
mod messages;
mod order;
mod pack;
mod phrases;
mod policy;
mod prepare;
mod shrink;
mod single;
mod site;
mod template;

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::Project;
use crate::report::{Context as _, Result, say, timed};
use crate::setup::wasm;

/// The name of the self-contained page in `dist/`.
pub(crate) const SINGLE: &str = "drydock.html";

/// The parts of the style, in `web/style`: what stands later wins.
const STYLE: [&str; 19] = [
    "tokens",
    "base",
    "controls",
    "frame",
    "canvas",
    "stage",
    "transport",
    "terminals",
    "reading",
    "side",
    "journey",
    "answers",
    "inspector",
    "floating",
    "palette",
    "inside",
    "narrow",
    "draft",
    "editor",
];

/// What both shapes of the page are made of, besides the wasm.
struct Sources {
    template: String,
    style: String,
    icon: String,
    /// The texts of each language but English, which is built in: its code, and its file.
    messages: Vec<(String, String)>,
}

impl Sources {
    fn read(project: &Project) -> Result<Self> {
        let web = project.root().join("web");
        let part = |name: &&str| text(&web.join(format!("style/{name}.css")));
        let style = STYLE.iter().map(part).collect::<Result<String>>()?;
        Ok(Self {
            template: text(&web.join("index.html"))?,
            style: shrink::lines(&style),
            icon: text(&web.join("icon.svg"))?,
            messages: messages::read(&web.join("messages"))?,
        })
    }
}

/// Builds the page for release; returns the folder that it is in.
pub(crate) fn build(project: &Project) -> Result<PathBuf> {
    let toolchain = wasm::toolchain(project)?;
    let sources = Sources::read(project)?;
    let dist = project.dist();
    say("building the page");
    let wasm = timed("compile the page", || {
        compile::wasm(project, &toolchain, "web", Part::Program, Profile::Page)
    })?;
    timed("write dist/", || {
        let halves = cut::cut(&wasm, &project.wasm_target().join("halves"))?;
        prepare::prepare(&halves.first)?;
        let rest = compile::rest(&halves.rest)?;
        empty(&dist)?;
        let public = project.root().join("public");
        site::write_site(&sources, (&halves.first, &rest), &public, &dist)?;
        single::write_single(&sources, (&halves.first, &rest), &dist.join(SINGLE))
    })?;
    say(format_args!(
        "dist/ holds a site for any web server, and dist/{SINGLE}, the same in one file"
    ));
    Ok(dist)
}

pub(crate) use compile::{Part, Profile, Runtime, bind_alone, wasm as compile_wasm};
pub(crate) use pack::{pack, unpack};
pub(crate) use site::{FIRST, REST};

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).context(|| format!("empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).context(|| format!("create {}", folder.display()))
}

fn text(file: &Path) -> Result<String> {
    fs::read_to_string(file).context(|| format!("read {}", file.display()))
}

fn write(file: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    fs::write(file, contents).context(|| format!("write {}", file.display()))
}
