//! `drydock export`: a saved lab's topology as a Compose file or a script, or its packets as a capture.

use lab::Lab;
use lab::view::Export;
use std::io::Write as _;

/// Writes to standard output.
pub(crate) fn main(args: &[String]) -> Result<bool, String> {
    let usage =
        || "usage: drydock export compose-file|script|packets [-m MACHINE] SAVED".to_owned();
    let (what, rest) = args.split_first().ok_or_else(usage)?;
    let what = match what.as_str() {
        "compose-file" => Export::ComposeFile,
        "script" => Export::Script,
        "packets" => Export::Packets,
        _ => return Err(usage()),
    };
    let (machine, file) = match rest {
        [flag, machine, file] if flag == "-m" => (machine.as_str(), file),
        [file] => ("hostA", file),
        _ => return Err(usage()),
    };
    let saved = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    let lab = Lab::restore(&saved)?;
    let written = lab
        .export(machine, what)
        .ok_or_else(|| format!("no engine runs on {machine}"))?;
    std::io::stdout()
        .write_all(&written.bytes)
        .map_err(|e| e.to_string())?;
    Ok(true)
}
