//! The service manager's programs: `systemctl`, `service` and `journalctl`.
//!
//! There is no process 1 here: a machine's daemons run from its start, and what a manager would remember of them lies in
//! [`Manager`], which these programs share by way of the machine, as they would by the manager's socket.

mod journal;
mod journalctl;
mod systemctl;

use sorted::{SortedMap, SortedSet};
use std::cell::RefCell;
use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::ProcessState;
use kernel::process::files::{Fd, FileId};
use kernel::sys::Sys;
use kernel::time::Instant;

use crate::process::{self, Listed};

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    gnu "systemctl", "start, stop and ask after services", &["status", "start", "stop", "restart", "is-active", "enable", "disable", "docker"], systemctl::main;
    gnu "service", "start and stop services, the old way", &["docker", "status", "start", "stop", "restart"], systemctl::service;
    gnu "journalctl", "show what services said", &["-u", "-n", "--no-pager", "docker"], journalctl::main;
}

/// A service that a machine may have.
#[derive(Debug)]
struct Unit {
    /// Its name, without `.service`.
    name: &'static str,
    about: &'static str,
    docs: &'static str,
    /// How it is started.
    argv: &'static [&'static str],
    /// A file without which the machine does not have it.
    needs: &'static str,
    /// Where it offers itself when it is ready; `None` if running is enough.
    ready: Option<&'static str>,
}

const UNITS: [Unit; 2] = [
    Unit {
        name: "docker",
        about: "Docker Application Container Engine",
        docs: "https://docs.docker.com",
        argv: &["dockerd"],
        needs: "/usr/sbin/dockerd",
        ready: Some("/var/run/docker.sock"),
    },
    Unit {
        name: "dnsmasq",
        about: "dnsmasq - A lightweight DHCP and caching DNS server",
        docs: "man:dnsmasq(8)",
        argv: &[
            "dnsmasq",
            "--keep-in-foreground",
            "--conf-file=/etc/dnsmasq.conf",
        ],
        needs: "/etc/dnsmasq.conf",
        ready: None,
    },
];

/// The machine's unit of that name, with or without `.service`.
fn unit(sys: &Sys, name: &str) -> Option<&'static Unit> {
    let name = name.strip_suffix(".service").unwrap_or(name);
    const { &UNITS }
        .iter()
        .find(|unit| unit.name == name && sys.exists(unit.needs))
}

/// The units that a machine has.
fn units(sys: &Sys) -> impl Iterator<Item = &'static Unit> {
    const { &UNITS }
        .iter()
        .filter(move |unit| sys.exists(unit.needs))
}

impl Unit {
    fn full_name(&self) -> String {
        format!("{}.service", self.name)
    }

    fn file(&self) -> String {
        format!("/usr/lib/systemd/system/{}.service", self.name)
    }

    /// Its main process, if it runs.
    fn main_process(&self, sys: &Sys) -> Option<Listed> {
        process::visible(sys).into_iter().find(|p| {
            let name = p.argv.first().and_then(|name| name.rsplit('/').next());
            name == self.argv.first().copied() && !matches!(p.state, ProcessState::Zombie(_))
        })
    }
}

/// What is remembered of a machine's services.
#[derive(Default)]
struct Manager {
    /// Units that do not start with the machine.
    disabled: SortedSet<&'static str>,
    /// Units whose main process failed.
    failed: SortedSet<&'static str>,
    /// What the manager itself said of each unit, and what processes said that have ended.
    journal: SortedMap<&'static str, Vec<journal::Line>>,
    /// The output of units that were started here, kept after their end until it is in the journal.
    outputs: SortedMap<&'static str, (ProcessId, u32, FileId)>,
    /// When a unit last changed between running and not.
    since: SortedMap<&'static str, Instant>,
}

/// Where programs find the machine's [`Manager`].
const SOCKET: &str = "/run/systemd/private";

/// The machine's manager.
fn manager(sys: &Sys) -> Rc<RefCell<Manager>> {
    let known = sys.service(SOCKET);
    if let Some(known) = known.and_then(|found| found.downcast::<RefCell<Manager>>().ok()) {
        return known;
    }
    let new = Rc::new(RefCell::new(Manager::default()));
    sys.offer_service(SOCKET, new.clone());
    new
}

/// The open file to which a process writes what it has to say.
fn output_of(sys: &Sys, id: ProcessId) -> Option<FileId> {
    sys.kernel(|k| k.proc.get(id)?.fds.get(&Fd::STDERR).copied())
}
