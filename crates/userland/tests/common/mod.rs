//! A machine with containers on a bridge, for tests: each has its own namespace, file tree and programs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "a bench that cannot be built ends the test; no test uses all of it"
)]

use std::collections::BTreeMap;
use std::net::IpAddr;

use kernel::fs::{Node, Tree};
use kernel::ids::{LinkId, MachineId, MountId, NetnsId, ProcessId};
use kernel::net::{AddrSpec, LinkSpec, LinkSpecKind, Route};
use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, FileId, FileKind};
use kernel::process::signal::Signal;
use kernel::process::tty::Output;
use kernel::process::{ProcessState, UtsId};
use kernel::time::{Duration, Instant};
use kernel::world::{Programs, World};

/// Which versions of the programs a container has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Gnu,
    Busybox,
}

/// A container.
pub struct Container {
    ns: NetnsId,
    mount: MountId,
    uts: UtsId,
    pub eth0: LinkId,
}

/// The world.
pub struct Bench {
    pub world: World,
    machine: MachineId,
    host: NetnsId,
    bridge: LinkId,
    containers: BTreeMap<String, Container>,
}

/// A process that runs on.
pub struct Job {
    pub id: ProcessId,
    sink: FileId,
}

const STEPS: u64 = 3_000_000;

impl Bench {
    /// A machine with a bridge 10.0.0.1/24.
    pub fn new() -> Self {
        let programs = Programs::default();
        userland::registry::fill(&programs);
        let world = World::new(1, programs);
        let (machine, host, bridge) = world.kernel(|k| {
            let machine = k.add_machine("hostA");
            let host = k.machine(machine).unwrap().root_ns;
            k.sysctl_set(host, "net.ipv4.ip_forward", "1").unwrap();
            let bridge = k
                .link_add(host, LinkSpec::new("br0", LinkSpecKind::Bridge))
                .unwrap();
            k.link_set_up(bridge).unwrap();
            k.addr_add(
                bridge,
                AddrSpec::new("10.0.0.1".parse().unwrap(), 24).with_broadcast(),
            )
            .unwrap();
            (machine, host, bridge)
        });
        Self {
            world,
            machine,
            host,
            bridge,
            containers: BTreeMap::new(),
        }
    }

    /// A container behind the bridge, with a default route through it.
    pub fn container(&mut self, name: &str, ip: &str, kind: Kind) {
        let container = self.world.kernel(|k| {
            let ns = k.netns_add(self.machine);
            let lo = k.netns(ns).unwrap().lo;
            k.link_set_up(lo).unwrap();
            let veth = LinkSpecKind::Veth {
                peer_name: "eth0".into(),
                peer_ns: ns,
                peer_mac: None,
            };
            let port = k.link_add(self.host, LinkSpec::new("", veth)).unwrap();
            let eth0 = k.link_by_name(ns, "eth0").unwrap();
            k.link_set_master(port, Some(self.bridge)).unwrap();
            k.link_set_up(port).unwrap();
            k.link_set_up(eth0).unwrap();
            k.addr_add(
                eth0,
                AddrSpec::new(ip.parse().unwrap(), 24).with_broadcast(),
            )
            .unwrap();
            let gateway: IpAddr = "10.0.0.1".parse().unwrap();
            k.route_add(
                ns,
                Route {
                    via: Some(gateway),
                    ..Route::new("0.0.0.0/0".parse().unwrap())
                },
            )
            .unwrap();
            let mut tree = Tree::default();
            for dir in ["/root", "/tmp", "/etc", "/dev", "/bin", "/run", "/srv"] {
                tree.put(dir, Node::Dir, 0o755, Instant::ZERO);
            }
            for device in ["null", "stdout", "stderr", "stdin"] {
                tree.put(
                    &format!("/dev/{device}"),
                    Node::Device(device.into()),
                    0o666,
                    Instant::ZERO,
                );
            }
            let hosts = format!(
                "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n{ip}\t{name}-id\n"
            );
            tree.put("/etc/hosts", Node::File(hosts.into()), 0o644, Instant::ZERO);
            tree.put(
                "/etc/resolv.conf",
                Node::File("nameserver 10.0.0.53\n".into()),
                0o644,
                Instant::ZERO,
            );
            tree.put(
                "/etc/services",
                Node::File("http\t\t80/tcp\t\twww\nredis\t\t6379/tcp\n".into()),
                0o644,
                Instant::ZERO,
            );
            for entry in userland::registry::entries() {
                let key = match (kind, entry.gnu, entry.busybox) {
                    (Kind::Busybox, _, Some(key)) => key,
                    (_, true, _) | (_, _, Some(_)) => entry.name,
                    _ => continue,
                };
                tree.put(
                    &format!("/bin/{}", entry.name),
                    Node::Program(key.into()),
                    0o755,
                    Instant::ZERO,
                );
            }
            let mount = k.add_tree(tree);
            let uts = k.add_hostname(name);
            Container {
                ns,
                mount,
                uts,
                eth0,
            }
        });
        self.containers.insert(name.to_owned(), container);
    }

    /// Puts a file into a container.
    pub fn put(&self, name: &str, path: &str, text: &str) {
        let mount = self.containers[name].mount;
        self.world.kernel(|k| {
            k.tree_mut(mount).unwrap().put(
                path,
                Node::File(text.to_owned().into()),
                0o755,
                Instant::ZERO,
            );
        });
    }

    pub fn netns(&self, name: &str) -> NetnsId {
        self.containers[name].ns
    }

    /// Starts a command line in a container.
    pub fn start(&self, name: &str, line: &str) -> Job {
        self.start_with(name, line, "")
    }

    /// The same with something on standard input; then that ends.
    pub fn start_with(&self, name: &str, line: &str, input: &str) -> Job {
        let c = &self.containers[name];
        let spawn = self.world.kernel(|k| {
            let argv = words(line);
            let mut spawn = Spawn::on_machine(k, self.machine, argv).unwrap();
            spawn.env = vec![("PATH".into(), "/bin".into())];
            (spawn.netns, spawn.mount, spawn.uts) = (c.ns, c.mount, c.uts);
            spawn.new_pid_ns = true;
            let (r, w) = k.proc.files.pipe();
            let sink = k.proc.files.add(FileKind::Sink(Output::default()));
            spawn.fds = [(Fd::STDIN, r), (Fd::STDOUT, sink), (Fd::STDERR, sink)].into();
            (spawn, sink, r, w)
        });
        let id = self.world.spawn(spawn.0).unwrap();
        self.world.kernel(|k| {
            k.file_write(id, spawn.3, input.as_bytes()).unwrap();
            k.file_release(spawn.2);
            k.file_release(spawn.3);
        });
        Job { id, sink: spawn.1 }
    }

    /// Lets time pass.
    pub fn settle(&mut self, millis: u64) {
        let limit = self.world.now() + Duration::from_millis(millis);
        self.world.run(limit, STEPS, |_| false);
    }

    pub fn signal(&self, job: &Job, signal: Signal) {
        self.world.kernel(|k| k.kill(job.id, signal)).unwrap();
    }

    /// What a job has written so far.
    pub fn output(&self, job: &Job) -> String {
        self.world
            .kernel(|k| k.proc.files.sink(job.sink).unwrap().text())
    }

    /// Runs a command line to its end: output and exit code (-1 if it does not end within ten minutes).
    pub fn run(&mut self, name: &str, line: &str) -> (String, i32) {
        self.run_with(name, line, "")
    }

    pub fn run_with(&mut self, name: &str, line: &str, input: &str) -> (String, i32) {
        // A process without a parent leaves no status behind, so a shell tells it.
        let wrapped = format!("sh -c '\"$@\"; echo \"[$?]\"' sh {line}");
        let job = self.start_with(name, &wrapped, input);
        let limit = self.world.now() + Duration::from_secs(600);
        self.world.run(limit, STEPS, |k| {
            k.proc
                .get(job.id)
                .is_none_or(|p| matches!(p.state, ProcessState::Zombie(_)))
        });
        let text = self.output(&job);
        let (text, code) = text.trim_end().rsplit_once('[').unwrap_or((&text, "-1]"));
        (
            text.to_owned(),
            code.trim_end_matches(']').parse().unwrap_or(-1),
        )
    }
}

/// Words of a command line: spaces part them, single quotes keep them together.
fn words(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => out.push(String::new()),
            c => out.last_mut().unwrap().push(c),
        }
    }
    out
}
