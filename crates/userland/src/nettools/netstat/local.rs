//! `netstat -x`: the sockets of AF_UNIX.

use kernel::process::local::LocalSocket;
use kernel::sys::Sys;

use super::Wish;
use crate::inspect::ss;

/// Prints the table, below the name that says which sockets it holds.
pub(super) fn table(sys: &Sys, wish: Wish, which: &str) {
    let last = match (wish.busybox, wish.programs) {
        (true, _) => "Path",
        (false, true) => "  PID/Program name     Path",
        (false, false) => "  Path",
    };
    sys.out(&format!(
        "Active UNIX domain sockets {which}\nProto RefCnt Flags       Type       State         I-Node {last}\n"
    ));
    let ns = sys.netns();
    let rows: Vec<String> = sys.kernel(|k| {
        let sockets = k.local_list(ns);
        let shown = sockets
            .iter()
            .filter(|socket| wish.takes(socket.peer.is_none()));
        let row = |socket: &LocalSocket| {
            let holders = || ss::holders(k, sys.id(), |file| file == socket.file);
            let program = wish.programs.then(|| super::program(holders()));
            line(socket, program.as_deref(), wish.busybox)
        };
        shown.map(row).collect()
    });
    sys.out(&rows.concat());
}

fn line(socket: &LocalSocket, program: Option<&str>, busybox: bool) -> String {
    let (references, flags, state) = match socket.peer {
        None => (2, "[ ACC ]", "LISTENING"),
        Some(_) => (3, "[ ]", "CONNECTED"),
    };
    let program = program.map_or_else(String::new, |program| format!("{program:<20} "));
    let path = socket.path.as_deref().unwrap_or_default();
    // The older program leaves less room for the number.
    let width = if busybox { 6 } else { 8 };
    format!(
        "unix  {references:<6} {flags:<11} {:<10} {state:<13} {:<width$} {program}{path}\n",
        "STREAM", socket.inode
    )
}
