//! What holds a terminal: it starts a shell, and another one when the person leaves that.

use kernel::process::Running;
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::world::Programs;

/// The key of the program in the world's table.
pub(crate) const PROGRAM: &str = "login";

/// Adds the program.
pub(crate) fn register(programs: &Programs) {
    programs.add(PROGRAM, |sys| -> Running { Box::pin(login(sys)) });
}

async fn login(sys: Sys) -> i32 {
    // The keyboard's signals are for the shell and what it runs.
    sys.ignore(Signal::INT);
    loop {
        let Some(mut shell) = sys.child(vec!["bash".to_owned()]) else {
            return 1;
        };
        shell.group = None;
        shell.ignored = kernel::process::signal::SignalSet::default();
        let Ok(id) = sys.spawn(shell) else { return 1 };
        if sys.wait(Some(id)).await.is_err() {
            return 1;
        }
    }
}
