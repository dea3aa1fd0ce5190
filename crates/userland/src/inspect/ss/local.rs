//! Sockets of AF_UNIX among those that `ss` lists.

use kernel::process::local::LocalSocket;

use super::table::Row;

/// Its state, by the name of the table.
pub(super) const fn state(socket: &LocalSocket) -> &'static str {
    if socket.peer.is_none() {
        "LISTEN"
    } else {
        "ESTAB"
    }
}

/// A socket's line, without who has it open and its details.
pub(super) fn row(socket: &LocalSocket) -> Row {
    let place = |path: Option<&str>| format!("{} ", path.unwrap_or("*"));
    // One that listens shows the streams that wait, and how many may.
    let (waiting, limit) = if socket.peer.is_none() {
        (socket.waiting, socket.backlog as usize)
    } else {
        (0, 0)
    };
    Row {
        cells: [
            "u_str".to_owned(),
            state(socket).to_owned(),
            waiting.to_string(),
            limit.to_string(),
            place(socket.path.as_deref()),
            socket.inode.to_string(),
            place(None),
            socket.peer.unwrap_or(0).to_string(),
        ],
        ..Row::default()
    }
}
