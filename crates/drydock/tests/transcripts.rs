//! The recordings of real consoles, played by the command.

use std::process::Command;

#[test]
fn every_recording_is_reproduced_or_listed_as_a_known_difference() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/transcripts");
    let output = Command::new(env!("CARGO_BIN_EXE_drydock"))
        .args(["play", "--check", folder])
        .output()
        .expect("the command starts");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
