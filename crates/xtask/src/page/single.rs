//! The page as one file that opens from a disk with no server and no network.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::boot::{self, EARLY, inline};
use super::compile::{CLASSIC_NAME, Shape, bind};
use super::{Sources, messages, policy, template, write};
use crate::report::{Failure, Result};

/// Writes the page to `file`.
pub(super) fn write_single(
    sources: &Sources,
    (first, rest): (&Path, &[u8]),
    file: &Path,
) -> Result<()> {
    let bound = bind(first, Shape::Classic)?;
    if sources.style.contains("@import") || names_file(&sources.style) {
        return Err(Failure::new(
            "web/style names another file, which the single file cannot load",
        ));
    }
    let glue = inline(&bound.script);
    let boot = inline(&boot(&bound.wasm, rest));
    let page = template::fill(
        &sources.template,
        &[
            (
                "policy",
                &policy::for_single(&[EARLY, &glue, &boot], &sources.style),
            ),
            ("icon", &icon(&sources.icon)),
            ("style", &style(&sources.style)),
            ("hints", ""),
            ("early", &boot::element(EARLY)),
            ("messages", &messages::inline(&sources.messages)),
            (
                "script",
                &format!("<script>{glue}</script>\n<script>{boot}</script>"),
            ),
        ],
    )?;
    write(file, page)
}

/// The icon, as part of the page.
pub(super) fn icon(svg: &str) -> String {
    format!(
        "<link rel=\"icon\" href=\"data:image/svg+xml;base64,{}\">",
        STANDARD.encode(svg.trim())
    )
}

/// The style, as part of the page: nothing is drawn before it is there, and so it comes with what is drawn.
pub(super) fn style(css: &str) -> String {
    format!("<style>{css}</style>")
}

/// The script that holds the program and starts it: deflated, because base64 would make it a third larger.
fn boot(first: &[u8], rest: &[u8]) -> String {
    let [first, rest] = [first, rest].map(|half| {
        let deflated = miniz_oxide::deflate::compress_to_vec(half, 10);
        format!("'{}'", STANDARD.encode(deflated))
    });
    let compiled = boot::compiled(INFLATE);
    let joined = boot::joined(&rest);
    let start = boot::start_program(CLASSIC_NAME);
    format!("{compiled}const program = compiled({first}, () => {{}});\n{joined}{start}")
}

/// Makes the packed program of `source`, its text.
const INFLATE: &str = "const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(source) : Uint8Array.from(atob(source), c => c.charCodeAt(0));
const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
const packed = new Uint8Array(await new Response(stream).arrayBuffer());
";

/// Whether a style sheet loads something; what it holds itself and what stands in the page are no files.
fn names_file(style: &str) -> bool {
    style
        .split("url(")
        .skip(1)
        .any(|url| !url.starts_with("\"data:") && !url.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_program_unpacks_to_itself() {
        let wasm = b"\0asm\x01\0\0\0 and so on";
        let script = boot(wasm, b"the rest");
        let (_, packed) = script.split_once("compiled('").unwrap();
        let (packed, _) = packed.split_once('\'').unwrap();
        let inflated =
            miniz_oxide::inflate::decompress_to_vec(&STANDARD.decode(packed).unwrap()).unwrap();
        assert_eq!(inflated, wasm);
    }
}
