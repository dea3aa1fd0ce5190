//! `docker-init`: the small process 1 that `--init` puts before a container's command, so that signals reach it as they
//! would outside, and orphans are waited for. Source: krallin/tini `src/tini.c`.

use kernel::process::signal::Signal;
use kernel::process::{ExitStatus, Running};
use kernel::sys::{Sys, race};
use kernel::{Errno, ids::ProcessId};

/// What it is called in lists of processes, before the command.
pub(super) const NAME: [&str; 2] = ["/sbin/docker-init", "--"];
/// Those that tell of faults of its own, and of its children; they are not handed on.
const KEPT: [u8; 11] = [4, 5, 6, 7, 8, 11, 17, 19, 21, 22, 31];
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

/// What became of one wait.
enum Event {
    Signal(Signal),
    Ended(ProcessId, ExitStatus),
}

/// Runs a command as its child, and ends as that does.
pub(super) fn docker_init(sys: Sys, command: Vec<String>) -> Running {
    Box::pin(async move {
        let name = command.first().cloned().unwrap_or_default();
        let Some(spawn) = sys.child(command) else {
            return NOT_FOUND;
        };
        let child = match sys.spawn(spawn) {
            Ok(child) => child,
            Err(why) => {
                sys.err(&format!("[FATAL tini (7)] exec {name} failed: {why}\n"));
                return if why == Errno::ENOENT {
                    NOT_FOUND
                } else {
                    NOT_EXECUTABLE
                };
            }
        };
        let numbers = (1..32).filter(|number| !KEPT.contains(number));
        for signal in numbers.filter_map(Signal::from_number) {
            sys.catch(signal);
        }
        loop {
            let event = race(async { Event::Signal(sys.signal().await) }, async {
                loop {
                    match sys.wait(None).await {
                        Ok((id, status)) => return Event::Ended(id, status),
                        Err(Errno::EINTR) => sys.pause().await,
                        Err(_) => std::future::pending().await,
                    }
                }
            });
            match event.await {
                // A child that is just gone is waited for next.
                Event::Signal(signal) => drop(sys.kill(child, signal)),
                Event::Ended(id, status) if id == child => {
                    return match status {
                        ExitStatus::Code(code) => code,
                        ExitStatus::Signal(signal) => 128 + signal.number(),
                    };
                }
                Event::Ended(..) => {}
            }
        }
    })
}
