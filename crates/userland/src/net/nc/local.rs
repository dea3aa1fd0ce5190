//! `nc -U`: streams of AF_UNIX, such as that of the Docker daemon.

use super::{USAGE, rules};
use crate::args::Parsed;
use crate::net::pump;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sys::Sys;

/// The permissions of a socket's file under the usual umask.
const MODE: u32 = 0o755;
/// How many callers may wait. Source: openbsd-netcat, `listen(s, 5)`.
const BACKLOG: u32 = 5;

/// Talks to whoever listens at a path, or listens there.
pub(super) async fn main(sys: &Sys, parsed: &Parsed) -> i32 {
    let path = match parsed.operands.as_slice() {
        [path] => path,
        [] if parsed.has('l') => {
            sys.err("nc: missing socket pathname\n");
            return 1;
        }
        [] => {
            sys.err(USAGE);
            return 1;
        }
        _ => {
            sys.err("nc: cannot use port with -U\n");
            return 1;
        }
    };
    if parsed.has('u') {
        return crate::not_modelled(sys, "nc", "-U with -u");
    }
    if parsed.has('l') {
        return listen(sys, parsed, path).await;
    }
    match sys.connect_local(path) {
        Ok(_) if parsed.has('z') => 0,
        Ok(fd) => {
            let carried = pump::carry(sys, fd, rules(parsed)).await;
            i32::from(carried.error.is_some())
        }
        Err(error) => {
            sys.err(&format!("nc: {path}: {error}\n"));
            1
        }
    }
}

async fn listen(sys: &Sys, parsed: &Parsed, path: &str) -> i32 {
    let door = match open(sys, path) {
        Ok(door) => door,
        Err(error) => {
            sys.err(&format!("nc: {error}\n"));
            return 1;
        }
    };
    let tell = |what: &str| {
        if parsed.has('v') {
            sys.err(&format!("{what} on {path}\n"));
        }
    };
    tell("Bound");
    tell("Listening");
    while let Ok(stream) = sys.accept_local(door).await {
        tell("Connection received");
        pump::carry(sys, stream, rules(parsed)).await;
        sys.close(stream);
        if !parsed.has('k') {
            return 0;
        }
    }
    1
}

/// Listens at a path, in the place of what stood there.
fn open(sys: &Sys, path: &str) -> Result<Fd, Errno> {
    match sys.remove(path) {
        Ok(()) | Err(Errno::ENOENT) => sys.listen_local(path, MODE, BACKLOG),
        Err(error) => Err(error),
    }
}
