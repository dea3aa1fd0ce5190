//! dockerd itself: its start, its end, and the handle by which everything else in the engine is reached.

use sorted::SortedMap;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use ipnet::IpNet;
use kernel::Kernel;
use kernel::fs::Node;
use kernel::ids::{MachineId, MountId, NetnsId};
use kernel::process::Running;
use kernel::process::signal::Signal;
use kernel::sys::{Condition, Sys};
use kernel::world::Programs;

use crate::api::EventType;
use crate::client::SOCKET;
use crate::clock::UnixNanos;
use crate::config::{self, Config};
use crate::drivers::Host;
use crate::error::{Error, Result};
use crate::events::EventLog;
use crate::firewall::Firewall;
use crate::firewall::bridge::Settings;
use crate::images::Images;
use crate::ipam::{Predefined, Space, engine_ula};
use crate::names::random_id;
use crate::ports::Allocator;
use crate::state::{Listed, State};

/// Where the engine keeps its data on a machine.
pub(crate) const DATA: &str = "/var/lib/docker";
/// The folders in there, with their rights, as a new engine makes them; most stay empty here.
const FOLDERS: &[(&str, u32)] = &[
    ("", 0o710),
    ("buildkit", 0o711),
    ("containerd", 0o700),
    ("containers", 0o710),
    ("image", 0o700),
    ("image/overlay2", 0o700),
    ("network", 0o750),
    ("network/files", 0o750),
    ("overlay2", 0o710),
    ("plugins", 0o700),
    ("plugins/tmp", 0o711),
    ("runtimes", 0o700),
    ("swarm", 0o700),
    ("tmp", 0o700),
    ("volumes", 0o701),
];
/// File that holds the engine's id.
const ENGINE_ID: &str = "/var/lib/docker/engine-id";
/// Where namespaces' files stand.
pub(crate) const NETNS_DIR: &str = "/var/run/docker/netns";

/// The engine of one machine. Cheap to copy.
#[derive(Clone)]
pub(crate) struct Engine(Rc<Inner>);

struct Inner {
    sys: Sys,
    state: Rc<RefCell<State>>,
    changed: Condition,
    /// True while the daemon goes down: what ends then is not started again.
    closing: Cell<bool>,
    machine: MachineId,
    ns: NetnsId,
    root: MountId,
}

/// What stays on the machine's disk while no daemon runs.
struct Disk(Rc<RefCell<State>>, Condition);

/// The key of `dockerd`.
const DOCKERD: &str = "dockerd";
/// The key of `docker-proxy`.
const PROXY: &str = "docker-proxy";
/// The key of what `dockerd` does at its end, which is no file's.
const STOP: &str = "dockerd:stop";

/// The key of what `dockerd` speaks over its socket, which is no file's.
pub(crate) const API: &str = "dockerd:api";
/// Where the daemon writes its number down while it runs. Killed hard it leaves that behind.
const PID_FILE: &str = "/var/run/docker.pid";
/// Permissions of the socket's file.
const SOCKET_MODE: u32 = 0o660;
/// How many callers may wait there. Source: Go, which reads `net.core.somaxconn`.
const SOCKET_BACKLOG: u32 = 4096;

/// Puts the programs that the engine brings into the world's table: `dockerd` and `docker-proxy`.
pub fn register(programs: &Programs) {
    programs.add(DOCKERD, |sys| dockerd(sys, Some(&REVIVAL)));
    programs.add(PROXY, crate::proxy::docker_proxy);
    programs.add(STOP, stop);
    programs.add(API, crate::http::conversation);
}

/// Puts the `dockerd` of a fresh machine into the table, which has nothing to bring back and comes up without the rest of the
/// engine's code. [`register`] has to follow before somebody uses it.
pub fn register_early(programs: &Programs) {
    programs.add(DOCKERD, |sys| dockerd(sys, None));
    programs.announce(PROXY);
    programs.announce(STOP);
    programs.announce(API);
}

/// What a daemon brings back that runs on its machine again.
struct Revival {
    /// Ends containers that a daemon left which was killed.
    ending: fn(Engine) -> Pin<Box<dyn Future<Output = ()>>>,
    networks: fn(&Engine) -> Result<()>,
    /// Containers, and the swarm.
    rest: fn(&Engine),
}

static REVIVAL: Revival = Revival {
    ending: |engine| Box::pin(async move { engine.end_what_was_left().await }),
    networks: |engine| {
        engine.reload_containers();
        engine.restore_networks()
    },
    rest: |engine| {
        engine.take_over();
        engine.restore_containers();
        engine.resume_swarm();
    },
};

/// Stops the containers of the daemon whose process this is, or leaves them alone.
fn stop(sys: Sys) -> Running {
    Box::pin(async move {
        let engine = sys.service(STOP);
        if let Some(engine) = engine.and_then(|s| s.downcast_ref::<Engine>().cloned()) {
            let live = engine.state().config.live_restore;
            match live {
                true => engine.leave_running(),
                false => engine.stop_all().await,
            }
        }
        0
    })
}

/// The program `dockerd`: runs until SIGTERM or SIGINT, then stops its containers.
fn dockerd(sys: Sys, revival: Option<&'static Revival>) -> Running {
    Box::pin(async move {
        let args = sys.args();
        let validate = args.iter().any(|word| word == "--validate");
        if !validate {
            log(&sys, "Starting up");
        }
        let config = match settings(&sys, &args) {
            Ok(config) => config,
            Err(error) => {
                sys.err(&format!("{error}\n"));
                return 1;
            }
        };
        if validate {
            sys.err("configuration OK\n");
            return 0;
        }
        match Engine::launch(&sys, config, revival).await {
            Ok(engine) => {
                log(&sys, "Daemon has completed initialization");
                log(&sys, &format!("API listen on {SOCKET}"));
                let number = sys.me(|p| p.pid).unwrap_or_default().to_string();
                let _ = sys.write_file(PID_FILE, number.as_bytes());
                engine.serve().await;
                let _ = sys.remove(PID_FILE);
                log(&sys, "Daemon shutdown complete");
                0
            }
            Err(error) => {
                sys.err(&format!("failed to start daemon: {error}\n"));
                1
            }
        }
    })
}

/// The file of settings that a command line names.
pub(crate) fn settings_file(args: &[String]) -> Option<&str> {
    args.iter().enumerate().find_map(|(at, word)| {
        let value = word.strip_prefix("--config-file")?;
        match value.strip_prefix('=') {
            Some(value) => Some(value),
            None => args.get(at + 1).map(String::as_str),
        }
    })
}

/// The settings in the file that the command line names, or in the usual one, which need not be there.
fn settings(sys: &Sys, args: &[String]) -> Result<Config> {
    let named = settings_file(args);
    let file = named.unwrap_or(config::FILE);
    match sys.read_text(file) {
        Ok(text) => Config::parse_file(file, &text),
        Err(error) if named.is_some() => {
            let why = format!("open {file}: {}", error.to_string().to_lowercase());
            Err(config::refused_file(file, &why))
        }
        Err(_) => Ok(Config::default()),
    }
}

/// Writes a line of the daemon's log.
fn log(sys: &Sys, message: &str) {
    log_as(sys, "info", &format!("msg=\"{message}\""));
}

/// Writes one of another level, or with more to it.
pub(crate) fn log_as(sys: &Sys, level: &str, said: &str) {
    let (seconds, nanos) = sys.wall_clock();
    let now = i64::try_from(seconds).unwrap_or(0) * 1_000_000_000 + i64::from(nanos);
    let time = crate::clock::rfc3339(now);
    sys.err(&format!("time=\"{time}\" level={level} {said}\n"));
}

impl Engine {
    async fn launch(sys: &Sys, config: Config, revival: Option<&Revival>) -> Result<Self> {
        if sys
            .service(SOCKET)
            .and_then(|s| s.downcast_ref::<Self>().map(Self::is_alive))
            == Some(true)
        {
            return Err(Error::conflict(
                "process with this pid file is still running",
            ));
        }
        config.check()?;
        let (machine, ns, root) = sys
            .me(|p| (p.machine, p.netns, p.mount))
            .ok_or_else(|| Error::internal("no such process"))?;
        let disk = sys
            .service(DATA)
            .and_then(|s| s.downcast_ref::<Disk>().map(|d| (d.0.clone(), d.1.clone())));
        let revival = revival.filter(|_| disk.is_some());
        let (state, changed) = match disk {
            Some(disk) => disk,
            None => (
                Rc::new(RefCell::new(Self::first_state(sys, &config)?)),
                sys.condition(),
            ),
        };
        sys.offer_service(DATA, Rc::new(Disk(state.clone(), changed.clone())));
        let engine = Self(Rc::new(Inner {
            sys: sys.clone(),
            state,
            changed,
            closing: Cell::new(false),
            machine,
            ns,
            root,
        }));
        engine.make_files();
        if let Some(revival) = revival {
            (revival.ending)(engine.clone()).await;
        }
        let pools = config.clone();
        engine.prepare_machine(config);
        let networks = || {
            engine.address_pools(&pools)?;
            if let Some(revival) = revival {
                (revival.networks)(&engine)?;
            }
            engine.make_predefined_networks()
        };
        networks().map_err(|e| e.within("Error initializing network controller"))?;
        engine.state().forwards =
            sys.kernel(|k| k.sysctl_number(ns, "net.ipv4.ip_forward", 0)) != 0;
        sys.catch(Signal::TERM);
        sys.catch(Signal::INT);
        sys.catch(Signal::HUP);
        // A client that has gone is no reason to end.
        sys.catch(Signal::PIPE);
        sys.offer_service(SOCKET, Rc::new(engine.clone()));
        engine.listen();
        if let Some(revival) = revival {
            (revival.rest)(&engine);
        }
        Ok(engine)
    }

    fn first_state(sys: &Sys, config: &Config) -> Result<State> {
        let id = match sys.read_text(ENGINE_ID) {
            Ok(id) => id,
            Err(_) => {
                let digits = sys.kernel(|k| random_id(&mut k.rng));
                let id = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
                    .map(|(from, to)| digits.get(from..to).unwrap_or_default())
                    .join("-");
                sys.kernel(|k| put_file(k, sys, ENGINE_ID, &id));
                id
            }
        };
        Ok(State {
            id,
            config: config.clone(),
            images: Images::load()?,
            containers: Listed::default(),
            networks: Listed::default(),
            volumes: SortedMap::new(),
            last_codes: SortedMap::new(),
            execs: SortedMap::new(),
            events: EventLog::default(),
            space: Space::default(),
            ports: Allocator::default(),
            firewall: Firewall::default(),
            balancer: crate::balancer::Balancer::default(),
            membership: crate::cluster::Membership::default(),
            forwards: true,
        })
    }

    /// Lays out where automatic subnets come from. Blocks of one family replace Docker's of that family only.
    fn address_pools(&self, config: &Config) -> Result<()> {
        let mut pools = Space::local_pools(engine_ula(&self.state().id));
        let mut given = Vec::new();
        for (n, pool) in config.default_address_pools.iter().enumerate() {
            let (base, size) = (&pool.base, pool.size);
            let Ok(net) = base.parse::<IpNet>() else {
                continue;
            };
            if net.prefix_len() > size {
                return Err(Error::invalid(format!(
                    "error obtaining controller instance: could not construct local address space: network at index {n} \
                     (&{{{base} {size}}}) has a smaller prefix (/{}) than the target size of that pool (/{size})",
                    net.prefix_len()
                )));
            }
            given.push(Predefined {
                base: net.trunc(),
                size,
            });
        }
        // Those given stand for all of them, except that an engine always has some of IPv6. Source: moby
        // `daemon/daemon.go`, `networkOptions`.
        let has_v6 = given.iter().any(|p| p.base.addr().is_ipv6());
        pools.retain(|p| given.is_empty() || (p.base.addr().is_ipv6() && !has_v6));
        pools.extend(given);
        self.state().space.draw_from(pools);
        Ok(())
    }

    /// Puts the files that an installed engine has on a machine.
    fn make_files(&self) {
        self.sys().kernel(|k| {
            let now = k.now;
            let Some(tree) = k.tree_mut(self.0.root) else {
                return;
            };
            if tree
                .resolve("/usr/sbin/docker-proxy", true)
                .is_ok_and(|p| tree.get(&p).is_none())
            {
                tree.put(
                    "/usr/sbin/docker-proxy",
                    Node::Program("docker-proxy".into()),
                    0o755,
                    now,
                );
            }
            let file = |mode| (Node::File(bytes::Bytes::new()), mode);
            let folders = FOLDERS
                .iter()
                .map(|(name, mode)| (*name, (Node::Dir, *mode)));
            for (name, (node, mode)) in folders.chain([
                ("volumes/backingFsBlockDev", file(0o600)),
                ("volumes/metadata.db", file(0o600)),
                ("network/files/local-kv.db", file(0o644)),
            ]) {
                let path = format!("{DATA}{}{name}", if name.is_empty() { "" } else { "/" });
                if tree.get(&path).is_none() {
                    tree.put(&path, node, mode, now);
                } else {
                    // Its own files may have made the folder already.
                    let _ = tree.update(&path, |there| there.mode = mode);
                }
            }
        });
    }

    /// Makes the chains and turns forwarding on; without a default bridge that is left to the first network.
    fn prepare_machine(&self, config: Config) {
        self.with(|state, kernel| {
            state.firewall = Firewall {
                v4: config.iptables,
                // A setting of its own: without the other, IPv6's rules are written all the same.
                v6: config.ip6tables,
            };
            let settings = Settings {
                userland_proxy: config.userland_proxy,
                allow_direct_routing: config.allow_direct_routing,
            };
            state.ports.start();
            state.firewall.start(kernel, self.0.ns, settings);
            let mut host = Host {
                kernel,
                ns: self.0.ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &[],
            };
            if host.config.has_bridge() {
                host.enable_forwarding(false);
            }
            state.config = config;
        });
    }

    /// Takes those in who speak the API over the socket's file.
    fn listen(&self) {
        let Ok(door) = self.sys().listen_local(SOCKET, SOCKET_MODE, SOCKET_BACKLOG) else {
            return;
        };
        let engine = self.clone();
        self.sys().spawn_task(async move {
            while let Ok(stream) = engine.sys().accept_local(door).await {
                match engine.sys().program(API) {
                    Some(speak) => {
                        let left = Rc::new((engine.clone(), stream));
                        engine.sys().offer_service(API, left);
                        let speaking = speak(engine.sys().clone());
                        engine.sys().spawn_task(async move {
                            speaking.await;
                        });
                    }
                    None => engine.sys().close(stream),
                }
            }
        });
    }

    /// Waits for the signal to end, then stops everything.
    async fn serve(&self) {
        loop {
            let signal = self.sys().signal().await;
            if signal == Signal::HUP {
                self.reload();
            }
            if signal == Signal::TERM || signal == Signal::INT {
                let name = if signal == Signal::TERM {
                    "terminated"
                } else {
                    "interrupt"
                };
                log(self.sys(), &format!("Processing signal '{name}'"));
                break;
            }
        }
        self.sys().withdraw_service(SOCKET);
        let _ = self.sys().remove(SOCKET);
        self.0.closing.set(true);
        if let Some(stop) = self.sys().program(STOP) {
            self.sys().offer_service(STOP, Rc::new(self.clone()));
            stop(self.sys().clone()).await;
            self.sys().withdraw_service(STOP);
        }
        self.state().events = EventLog::default();
    }

    /// The same engine's knowledge, for another process to work with.
    pub(crate) fn seen_from(&self, sys: Sys) -> Self {
        Self(Rc::new(Inner {
            sys,
            state: self.0.state.clone(),
            changed: self.0.changed.clone(),
            closing: Cell::new(true),
            machine: self.0.machine,
            ns: self.0.ns,
            root: self.0.root,
        }))
    }

    /// Returns whether the daemon's process still runs.
    pub(crate) fn is_alive(&self) -> bool {
        let id = self.sys().id();
        self.sys().kernel(|k| {
            use kernel::process::ProcessState;
            k.proc
                .get(id)
                .is_some_and(|p| !matches!(p.state, ProcessState::Zombie(_)))
        })
    }

    /// Returns whether the daemon is there to start what has ended.
    pub(crate) fn serves(&self) -> bool {
        !self.0.closing.get() && self.is_alive()
    }

    /// The daemon's own system calls.
    pub(crate) fn sys(&self) -> &Sys {
        &self.0.sys
    }

    /// The machine that the engine runs on.
    pub(crate) fn machine(&self) -> MachineId {
        self.0.machine
    }

    /// The machine's own namespace.
    pub(crate) fn ns(&self) -> NetnsId {
        self.0.ns
    }

    /// The machine's file tree.
    pub(crate) fn root(&self) -> MountId {
        self.0.root
    }

    /// What the engine knows. Must not be held across an `.await`.
    pub(crate) fn state(&self) -> std::cell::RefMut<'_, State> {
        self.0.state.borrow_mut()
    }

    /// Works on the engine's knowledge and the kernel at once.
    pub(crate) fn with<T>(&self, f: impl FnOnce(&mut State, &mut Kernel) -> T) -> T {
        let mut state = self.0.state.borrow_mut();
        self.sys().kernel(|k| f(&mut state, k))
    }

    /// Lets those who wait for a change look again.
    pub(crate) fn notify(&self) {
        self.0.changed.signal();
    }

    /// Waits until `ready` gives something; it is asked again whenever a container changes.
    pub(crate) async fn until<T>(&self, ready: impl FnMut() -> Option<T>) -> T {
        self.0.changed.until(ready).await
    }

    /// The time on the machine's clock.
    pub(crate) fn now(&self) -> UnixNanos {
        let (seconds, nanos) = self.sys().wall_clock();
        i64::try_from(seconds)
            .unwrap_or(0)
            .saturating_mul(1_000_000_000)
            .saturating_add(i64::from(nanos))
    }

    /// Makes an id.
    pub(crate) fn new_id(&self) -> String {
        self.sys().kernel(|k| random_id(&mut k.rng))
    }

    /// Records an event.
    pub(crate) fn event(
        &self,
        kind: EventType,
        action: &str,
        id: &str,
        attributes: SortedMap<String, String>,
    ) {
        let now = self.now();
        self.state()
            .events
            .record(now, kind, action, id, attributes);
    }
}

/// Writes a file on the machine of the daemon, whatever is missing above it.
pub(crate) fn put_file(kernel: &mut Kernel, sys: &Sys, path: &str, text: &str) {
    let Some(root) = kernel.proc.get(sys.id()).map(|p| p.mount) else {
        return;
    };
    let now = kernel.now;
    let path = kernel.destination(root, path);
    if let Some(tree) = kernel.tree_mut(root) {
        tree.put(
            &path,
            Node::File(bytes::Bytes::copy_from_slice(text.as_bytes())),
            0o644,
            now,
        );
    }
}
