//! A machine with all programs on it, for tests.

use kernel::fs::{Metadata, Node};
use kernel::ids::MachineId;
use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, FileKind};
use kernel::process::tty::{Output, TtyId};
use kernel::time::Instant;
use kernel::world::{Programs, World};

use crate::Flavour;

/// A world with one machine.
pub(crate) struct Lab {
    pub(crate) world: World,
    pub(crate) machine: MachineId,
}

/// How many steps a test may take.
const STEPS: u64 = 2_000_000;

impl Lab {
    pub(crate) fn new(flavour: Flavour) -> Self {
        let programs = Programs::default();
        crate::registry::fill(&programs);
        let world = World::new(1, programs);
        let machine = world.kernel(|k| {
            let machine = k.add_machine("hostA");
            let root = k.machine(machine).unwrap().root;
            let tree = k.tree_mut(root).unwrap();
            for dir in ["/root", "/tmp", "/etc", "/dev", "/bin"] {
                tree.put(dir, Node::Dir, 0o755, Instant::ZERO);
            }
            tree.put(
                "/dev/null",
                Node::Device("null".into()),
                0o666,
                Instant::ZERO,
            );
            tree.put(
                "/etc/passwd",
                Node::File(
                    "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n"
                        .into(),
                ),
                0o644,
                Instant::ZERO,
            );
            for entry in crate::registry::entries() {
                let key = match (flavour, entry.gnu, entry.busybox) {
                    (Flavour::Gnu, true, _) => entry.name,
                    (Flavour::Busybox, _, Some(key)) => key,
                    _ => continue,
                };
                tree.put(
                    &format!("/bin/{}", entry.name),
                    Node::Program(key.into()),
                    0o755,
                    Instant::ZERO,
                );
            }
            machine
        });
        Self { world, machine }
    }

    fn env() -> Vec<(String, String)> {
        [("PATH", "/usr/bin:/bin"), ("HOME", "/root")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    pub(crate) fn put(&mut self, path: &str, text: &str) {
        self.world.kernel(|k| {
            let root = k.machine(self.machine).unwrap().root;
            k.tree_mut(root).unwrap().put(
                path,
                Node::File(text.as_bytes().to_vec().into()),
                0o755,
                Instant::ZERO,
            );
        });
    }

    #[allow(dead_code, reason = "for tests about files")]
    pub(crate) fn meta(&self, path: &str) -> Option<Metadata> {
        self.world
            .kernel(|k| k.tree(k.machine(self.machine)?.root)?.get(path).cloned())
    }

    /// Runs a command line's words; gives output and error together, and the exit code.
    pub(crate) fn run(&mut self, argv: &[&str]) -> (String, i32) {
        let argv: Vec<String> = argv.iter().map(|text| (*text).to_owned()).collect();
        let (sink, id) = {
            let spawn = self.world.kernel(|k| {
                let mut spawn = Spawn::on_machine(k, self.machine, argv).unwrap();
                spawn.env = Self::env();
                let null = k.proc.files.add(FileKind::Null);
                let sink = k.proc.files.add(FileKind::Sink(Output::default()));
                spawn.fds = [(Fd::STDIN, null), (Fd::STDOUT, sink), (Fd::STDERR, sink)].into();
                (spawn, sink)
            });
            (spawn.1, self.world.spawn(spawn.0).unwrap())
        };
        let limit = self.world.now() + kernel::time::Duration::from_secs(200_000);
        let mut status = None;
        self.world.run(limit, STEPS, |k| {
            match k.proc.get(id) {
                None => status = Some(status.unwrap_or(-2)),
                Some(p) => {
                    if let kernel::process::ProcessState::Zombie(ended) = p.state {
                        status = Some(ended.code());
                    }
                }
            }
            status.is_some()
        });
        let text = self.world.kernel(|k| match k.proc.files.kind(sink) {
            Some(FileKind::Sink(output)) => output.text(),
            _ => String::new(),
        });
        (text, status.unwrap_or(-1))
    }

    /// Runs a script by a shell.
    pub(crate) fn sh(&mut self, shell: &str, script: &str) -> (String, i32) {
        // The exit code of a process without a parent is not kept, so another shell prints it.
        let (text, _) = self.run(&[
            "sh",
            "-c",
            "\"$@\"; echo \"[$?]\"",
            "sh",
            shell,
            "-c",
            script,
        ]);
        let (text, code) = text.trim_end().rsplit_once('[').unwrap_or((&text, "-1]"));
        (
            text.to_owned(),
            code.trim_end_matches(']').parse().unwrap_or(-1),
        )
    }

    /// An interactive shell on a terminal.
    pub(crate) fn terminal(&mut self, shell: &str) -> TtyId {
        let spawn = self.world.kernel(|k| {
            let tty = k.tty_add();
            let mut spawn = Spawn::on_machine(k, self.machine, vec![shell.to_owned()]).unwrap();
            spawn.env = Self::env();
            let file = k
                .proc
                .files
                .add(FileKind::Tty(tty, kernel::process::tty::Stream::Out));
            spawn.fds = [(Fd::STDIN, file), (Fd::STDOUT, file), (Fd::STDERR, file)].into();
            spawn.tty = Some(tty);
            (spawn, tty)
        });
        self.world.spawn(spawn.0).unwrap();
        self.settle(1);
        spawn.1
    }

    /// Lets some seconds pass.
    pub(crate) fn settle(&mut self, seconds: u64) {
        let limit = self.world.now() + kernel::time::Duration::from_secs(seconds);
        self.world.run(limit, STEPS, |_| false);
    }

    pub(crate) fn screen(&self, tty: TtyId) -> String {
        self.world.kernel(|k| k.tty(tty).unwrap().output.text())
    }
}
