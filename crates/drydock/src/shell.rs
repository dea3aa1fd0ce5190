//! `drydock shell`: an interactive terminal on hostA.

use lab::session::Session;
use std::io::{BufRead as _, Write as _};

/// How much virtual time a command may take before the prompt comes back, seconds.
const LIMIT_SECONDS: u64 = 3600;

/// Reads lines until the input ends.
pub(crate) fn main() -> Result<bool, String> {
    let mut session = Session::new(&["hostA"], None, 1)?;
    let mut terminal = session.open_terminal("hostA")?;
    let mut stdout = std::io::stdout();
    let mut lines = std::io::stdin().lock().lines();
    loop {
        let text = session.terminal_output(&mut terminal);
        write!(stdout, "{text}")
            .and_then(|()| stdout.flush())
            .map_err(|e| e.to_string())?;
        if session.terminal_closed(&terminal) {
            return Ok(true);
        }
        let Some(line) = lines.next() else {
            return Ok(true);
        };
        session.terminal_line(
            &mut terminal,
            &line.map_err(|e| e.to_string())?,
            LIMIT_SECONDS,
        );
    }
}
