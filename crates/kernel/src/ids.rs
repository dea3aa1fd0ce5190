//! Names of things: newtype ids into the kernel's arenas, never references.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in the arena that this id names.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A simulated machine: one kernel, one root namespace, one file tree.
    MachineId
}
id! {
    /// A network namespace of some machine.
    NetnsId
}
id! {
    /// A network device of any kind, unique in the world. Not the interface index, which is per namespace.
    LinkId
}
id! {
    /// A shared Ethernet segment that physical NICs are plugged into.
    SegmentId
}
id! {
    /// A socket of any type.
    SocketId
}
id! {
    /// A process of any machine. Not the pid that the machine shows.
    ProcessId
}
id! {
    /// A task: one future of a process (its main program or something it spawned).
    TaskId
}
id! {
    /// A connection-tracking entry of one namespace.
    ConnId
}
id! {
    /// A file tree: a machine's own, or a container's.
    MountId
}

/// A packet's identity: stays the same from the first transmit to the last delivery, through routing and NAT.
///
/// Copies made by a flooding bridge share it; a reply, an ICMP error or an encapsulating packet has its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PacketId(pub u64);
