//! The running lab as files that other programs read.

use compose::export;
use engine::survey::inspection;
use kernel::Kernel;
use kernel::ids::LinkId;
use kernel::trace::Checkpoint;
use sorted::SortedMap;
use wire::pcapng::{InterfaceId, Writer};

use crate::places::Places;
use crate::view::{Export, Exported};

/// The lab, or what one of its machines holds, as a file; `None` if no engine runs on the machine.
pub(crate) fn export(
    kernel: &Kernel,
    places: &Places,
    machine: &str,
    what: Export,
) -> Option<Exported> {
    match what {
        Export::Packets => Some(packets(kernel, places)),
        _ => topology(kernel, machine, what),
    }
}

/// Writes a file of what a machine holds; `None` if no engine runs there.
pub(crate) fn topology(kernel: &Kernel, machine: &str, what: Export) -> Option<Exported> {
    let id = kernel.machine_named(machine)?.id;
    let topology = export::topology(&inspection(kernel, id, &[])?);
    let (name, text) = match what {
        Export::ComposeFile => {
            let letters = machine.to_ascii_lowercase();
            ("compose.yaml".to_owned(), export::file(&topology, &letters))
        }
        Export::Script => (format!("{machine}.sh"), export::script(&topology)),
        Export::Packets => return None,
    };
    Some(Exported {
        name,
        bytes: text.into_bytes(),
    })
}

/// Writes a capture of all frames that devices sent, each device an interface of its own.
fn packets(kernel: &Kernel, places: &Places) -> Exported {
    let mut writer = Writer::new("Drydock");
    let mut interfaces: SortedMap<LinkId, InterfaceId> = SortedMap::new();
    for event in kernel.trace.since(0) {
        let Checkpoint::Transmit { link, frame } = &event.what else {
            continue;
        };
        let interface = match interfaces.get(link) {
            Some(known) => *known,
            None => {
                let device = places.device(*link);
                let name = device.map_or("gone", |d| d.name.as_str());
                let inside = places.space(event.ns).map(|s| s.name.clone());
                let made = writer.interface(name, &inside.unwrap_or_default());
                interfaces.insert(*link, made);
                made
            }
        };
        let at = kernel.epoch * 1_000_000_000 + event.at.0;
        writer.packet(interface, at, frame, "");
    }
    Exported {
        name: "drydock.pcapng".to_owned(),
        bytes: writer.finish(),
    }
}
