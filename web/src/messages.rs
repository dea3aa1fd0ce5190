//! What the page says to its user, in one place. What is said about packets comes from the lab.

use crate::platform::storage::Trouble;

/// The product's name.
pub(crate) const NAME: &str = "Drydock";

/// Why the work is not being saved.
pub(crate) fn not_saved(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Blocked => {
            "Your work is not saved: this browser lets the page store nothing. Everything else works."
        }
        Trouble::Full => {
            "Your work is not saved: the browser's storage for this page is full. Everything else works."
        }
    }
}

/// A saved lab could not be opened.
pub(crate) fn unreadable(reason: &str) -> String {
    format!(
        "The saved lab could not be opened, so a new one was started. The old one was put aside. ({reason})"
    )
}

/// After a container was connected by dragging.
pub(crate) fn connected(container: &str, network: &str) -> String {
    format!("{container} connected to {network}")
}

/// After a container was taken off a network.
pub(crate) fn disconnected(container: &str, network: &str) -> String {
    format!("{container} disconnected from {network}")
}

/// After commands were typed for somebody.
pub(crate) fn done(commands: &str) -> String {
    format!("Done: {commands}")
}

/// The list of images.
pub(crate) const IMAGES: &str = "Images";
/// What to do with it.
pub(crate) const IMAGES_HINT: &str = "Drag one onto a network, or choose it.";

/// What menus say.
pub(crate) mod menu {
    pub(crate) const CONNECT: &str = "Connect to…";
    pub(crate) const MOVE: &str = "Move to…";
    pub(crate) const DISCONNECT: &str = "Disconnect from…";
    pub(crate) const RUN: &str = "Run a container…";
    pub(crate) const TERMINAL: &str = "Open its terminal";
    pub(crate) const INSPECT: &str = "Inspect";
    pub(crate) const RULES: &str = "Show its rules";
    pub(crate) const ONLY: &str = "Show only this network";
    pub(crate) const MEMBER: &str = "member";
    pub(crate) const NOT_MEMBER: &str = "not a member";
    pub(crate) fn connect(name: &str) -> String {
        format!("Connect {name} to")
    }
    pub(crate) fn moving(name: &str) -> String {
        format!("Move {name} to")
    }
    pub(crate) fn disconnect(name: &str) -> String {
        format!("Disconnect {name} from")
    }
    pub(crate) fn images(name: &str) -> String {
        format!("Run on {name}")
    }
    pub(crate) fn contact(from: &str, to: &str) -> String {
        format!("From {from} to {to}")
    }
}

/// What a lane says while a container is dragged.
pub(crate) mod lane {
    /// The container is on it.
    pub(crate) const MEMBER: &str = "already connected";
    /// It could be dropped here.
    pub(crate) const OFFER: &str = "drop here to connect";
    /// An image could be dropped here.
    pub(crate) const RUN: &str = "drop here to run it";
    /// It would run on release.
    pub(crate) fn run(image: &str) -> String {
        format!("release to run {image}")
    }
    /// It would be connected on release.
    pub(crate) fn release(container: &str) -> String {
        format!("release to connect {container}")
    }
}

/// The hop caption for screen readers.
pub(crate) fn hop_spoken(
    number: usize,
    of: usize,
    namespace: &str,
    title: &str,
    detail: &str,
) -> String {
    format!("Hop {number} of {of}. {namespace} {title}. {detail}")
}

/// The note in the terminal while playback is on its way.
pub(crate) fn at_hop(playing: bool, number: usize, of: usize) -> String {
    if playing {
        format!("Playing, hop {number} of {of}.")
    } else {
        format!("Paused at hop {number} of {of}.")
    }
}

/// No machine with that name has a terminal.
pub(crate) fn no_terminal(machine: &str) -> String {
    format!("there is no machine called {machine} with a terminal")
}

/// A command that a program gave takes too long.
pub(crate) const STILL_RUNNING: &str =
    "the command still runs; press Ctrl-C in its terminal to stop it";

/// The lab itself could not be started.
pub(crate) const NO_LAB: &str = "The simulator could not start";

/// The stage is empty.
pub(crate) const EMPTY_TITLE: &str = "hostA has no containers yet";
/// What to do about it.
pub(crate) const EMPTY_HINT: &str = "Type a command, or let one be typed for you.";
/// The command that is offered.
pub(crate) const EMPTY_COMMAND: &str = "docker run -d --name web nginx";

/// The journey panel before anything has travelled.
pub(crate) const NO_JOURNEY: &str = "Nothing has travelled yet. Run a command that sends a packet, such as ping or curl, and each stop on its way appears here.";
/// The journey panel after a command that sent nothing.
pub(crate) const NO_PACKETS: &str = "This command sent no packets.";
/// What the dump of a packet is called.
pub(crate) const PACKET_BYTES: &str = "Bytes of the packet";
/// Bytes that the dump leaves out.
pub(crate) fn more_bytes(more: usize) -> String {
    format!("and {more} bytes more")
}
/// The inspector before anything is chosen.
pub(crate) const NO_SELECTION: &str = "Choose a machine, a network or a container on the stage.";

/// An action and its keys.
pub(crate) type KeyRow = (&'static str, &'static [&'static str]);

/// Rows of the keyboard list: group, action, keys.
pub(crate) const KEYS: [(&str, &[KeyRow]); 4] = [
    (
        "Playback",
        &[
            ("Play or pause", &["Space"]),
            ("Next hop", &["."]),
            ("Previous hop", &[","]),
            ("Next packet, back to its start", &[">", "<"]),
            ("Replay last command", &["R"]),
            ("Loop", &["L"]),
            ("Slower, faster", &["[", "]"]),
            ("To the end", &["End"]),
        ],
    ),
    (
        "Stage",
        &[
            ("Walk through it", &["←", "↑", "↓", "→"]),
            ("Inspect", &["Enter"]),
            ("Connect to a network", &["C"]),
            ("Move to a network", &["M"]),
            ("Disconnect", &["X"]),
            ("Open a shell", &["T"]),
            ("Everything that can be done", &["Shift F10"]),
            ("Zoom, fit", &["+", "−", "0"]),
            ("Find a container", &["/"]),
            ("Heat: where packets were", &["H"]),
        ],
    ),
    (
        "Everywhere",
        &[
            ("Next, previous region", &["F6", "Shift F6"]),
            ("To the terminal", &["`"]),
            ("Undo, redo", &["Ctrl Z", "Ctrl Shift Z"]),
            ("This list", &["?"]),
        ],
    ),
    (
        "Terminal",
        &[
            ("Complete", &["Tab"]),
            ("History", &["↑", "↓"]),
            ("Search the history", &["Ctrl R"]),
            ("Stop the command", &["Ctrl C"]),
            ("End of input", &["Ctrl D"]),
            ("Clear", &["Ctrl L"]),
            ("Leave the terminal", &["Ctrl `"]),
        ],
    ),
];

/// The list of everything that travelled.
pub(crate) mod events {
    /// What the list is called.
    pub(crate) const TITLE: &str = "Packets, the latest first";
    /// Nothing is in it yet.
    pub(crate) const NONE: &str =
        "Nothing has travelled yet. Every packet of this lab will be listed here.";
    /// The choice of a protocol.
    pub(crate) const PROTOCOL: &str = "Protocol";
    /// All of them.
    pub(crate) const ANY_PROTOCOL: &str = "any protocol";
    /// The choice of a machine.
    pub(crate) const MACHINE: &str = "Sent on";
    /// All of them.
    pub(crate) const ANY_MACHINE: &str = "any machine";
    /// Only what did not arrive.
    pub(crate) const FAILED: &str = "Only failures";

    /// How many there are.
    pub(crate) fn count(shown: usize, all: usize) -> String {
        if shown == all {
            format!("{all} packets")
        } else {
            format!("{shown} of {all} packets")
        }
    }

    /// Virtual time since the lab began.
    pub(crate) fn seconds(ns: u64) -> String {
        format!("{}.{:03} s", ns / 1_000_000_000, ns / 1_000_000 % 1000)
    }
}

/// The form that sends a packet to see what becomes of it.
pub(crate) mod ask {
    /// What the form is called.
    pub(crate) const TITLE: &str = "Would a packet get there?";
    /// Who sends.
    pub(crate) const FROM: &str = "From";
    /// Where to.
    pub(crate) const TO: &str = "To";
    /// The kind of packet.
    pub(crate) const KIND: &str = "Kind of packet";
    /// The destination's port.
    pub(crate) const PORT: &str = "Port";
    /// What to do about an unfinished form.
    pub(crate) const INCOMPLETE: &str = "Give a destination and a port.";
    /// Do it.
    pub(crate) const SEND: &str = "Send it";
}
