//! Scenes whose every byte must be the same natively and in wasm.
//!
//! `cargo xtask test wasm` prints [`digests`] of both builds and compares them line by line.
//! A new scene is a function and a line in `SCENES`.

use std::fmt::Write as _;

use wasm_bindgen::prelude::wasm_bindgen;

/// Plays a scene and returns all that it made visible.
type Play = fn() -> String;

/// Each scene's name and what plays it.
const SCENES: &[(&str, Play)] = &[("generator", generator)];

/// Plays every scene and returns a line `name length digest` for each.
#[wasm_bindgen]
#[must_use]
pub fn digests() -> String {
    let mut lines = String::new();
    for (name, play) in SCENES {
        let visible = play();
        // Writing to a string cannot fail.
        let _: std::fmt::Result = writeln!(
            lines,
            "{name} {} {:016x}",
            visible.len(),
            digest(visible.as_bytes())
        );
    }
    lines
}

/// FNV-1a, 64 bits: short to write, and enough to tell two replays apart.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The numbers that ids, MACs and ports are drawn from.
fn generator() -> String {
    let mut rng = kernel::rng::Rng::new(28_05_02);
    (0..1000)
        .map(|i| format!("{} {} {}\n", rng.hex(6), rng.next_u32(), rng.below(i + 1)))
        .collect()
}
