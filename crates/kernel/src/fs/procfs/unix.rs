//! `/proc/net/unix`. Source: Linux `net/unix/af_unix.c`, `unix_seq_show`.

use crate::process::Process;
use crate::state::Kernel;

/// The flag of a socket that listens, `__SO_ACCEPTCON`.
const ACCEPTS: u32 = 0x1_0000;

pub(super) fn table(kernel: &Kernel, me: &Process) -> String {
    let mut out = String::from("Num       RefCount Protocol Flags    Type St Inode Path\n");
    for socket in kernel.local_list(me.netns) {
        // Unconnected is 1, connected 3; a kernel's addresses are told to nobody.
        let (references, flags, state) = match socket.peer {
            None => (2, ACCEPTS, 1),
            Some(_) => (3, 0, 3),
        };
        let path = socket
            .path
            .map_or_else(String::new, |path| format!(" {path}"));
        out += &format!(
            "{:016x}: {references:08X} 00000000 {flags:08X} 0001 {state:02X} {:>5}{path}\n",
            0, socket.inode
        );
    }
    out
}
