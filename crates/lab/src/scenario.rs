//! Which machines a lab begins with, and how they are cabled: data, turned into a world by [`Scenario::build`].

use crate::late::Late;
use bytes::Bytes;
use kernel::fs::Node;
use kernel::ids::{MachineId, NetnsId, SegmentId};
use kernel::net::{AddrSpec, LinkSpec, LinkSpecKind, Route, SwitchSettings};
use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, FileKind};
use kernel::process::tty::Output;
use kernel::time::Instant;
use kernel::world::{Programs, World};
use kernel::{Errno, Kernel};
use std::net::{IpAddr, Ipv4Addr};
use wire::MacAddr;

/// What a machine is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Runs a Docker engine.
    Docker,
    /// A user's computer.
    Laptop,
    /// Router, switch and name server of the LAN.
    Router,
    /// Stands for everything beyond the router: a web server on a network of its own.
    Internet,
}

/// A machine to be.
#[derive(Clone, Debug)]
pub struct MachineSpec {
    /// Its host name.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// The last byte of its address on the LAN and of its MAC.
    pub host: u8,
    /// Whether its Docker engine is started.
    pub engine: bool,
    /// `/etc/docker/daemon.json`.
    pub daemon_json: Option<String>,
}

/// The beginning of a lab.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name under which it is stored and shared.
    pub name: &'static str,
    /// Machines in order of making.
    pub machines: Vec<MachineSpec>,
    /// Whether NICs show the number of the switch port that they are cabled to (`eth0@if3`), as the uplink of a virtual
    /// machine that is itself a container does.
    pub virtual_uplinks: bool,
    /// What the LAN's switch does beside switching.
    pub switch: SwitchSettings,
}

/// The LAN of every scenario.
const LAN: [u8; 3] = [192, 168, 1];
const LAN_PREFIX: u8 = 24;
const ROUTER: u8 = 1;
/// Beyond the router: addresses that are set aside for examples (RFC 5737).
const INTERNET: [u8; 3] = [203, 0, 113];
const SITE: u8 = 10;

/// How the router of a lab with an internet begins: with what is there from the beginning, the shell's own words and iptables.
const FIREWALL: &str = "#!/bin/sh
# eth0 is the LAN, eth1 leads to the internet.
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -P FORWARD DROP
iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -i eth0 -j ACCEPT
iptables -A INPUT -i eth1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A INPUT -i eth1 -p icmp -j ACCEPT
iptables -A INPUT -i eth1 -j DROP
iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE
";

const HTML_WHOAMI: &str = "#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo \"hostname: $(hostname)\"
c=${REMOTE_ADDR#[}; c=${c%]}; echo \"client: ${c#::ffff:}\"
";

/// The names that the LAN's name server knows; every other name does not exist.
const DNSMASQ_CONF: &str = "# Names of the LAN and of a small internet.
no-resolv
no-hosts
address=/#/
local-ttl=300
auth-ttl=300
host-record=router.example.test,192.168.1.1
host-record=hosta.example.test,192.168.1.10
host-record=hostb.example.test,192.168.1.20
host-record=laptop.example.test,192.168.1.50
host-record=www.example.test,192.168.1.50
host-record=v6.example.test,2001:db8:1::50
cname=web.example.test,www.example.test
txt-record=example.test,v=demo
mx-host=example.test,www.example.test,10
";

impl Scenario {
    /// One Docker machine and a laptop on a LAN with a router, and a small internet behind that: where a new lab begins.
    #[must_use]
    pub fn standard() -> Self {
        let mut scenario = Self::small();
        let internet = machine("internet", Role::Internet, SITE, false);
        scenario.machines.insert(1, internet);
        scenario
    }

    /// The same with a switch that lets no hardware addresses in but those of the machines, as Wi-Fi does.
    #[must_use]
    pub fn strict_switch() -> Self {
        Self {
            name: "strict",
            switch: SwitchSettings {
                refuses_unknown: true,
                ..SwitchSettings::default()
            },
            ..Self::standard()
        }
    }

    /// The same with a second Docker machine on the LAN.
    #[must_use]
    pub fn pair() -> Self {
        let mut scenario = Self::standard();
        scenario.name = "pair";
        scenario
            .machines
            .insert(3, machine("hostB", Role::Docker, 20, true));
        scenario
    }

    /// One Docker machine, a laptop, and a router that leads nowhere.
    fn small() -> Self {
        Self {
            name: "lan",
            machines: vec![
                machine("router", Role::Router, ROUTER, false),
                machine("hostA", Role::Docker, 10, true),
                machine("laptop", Role::Laptop, 50, false),
            ],
            virtual_uplinks: false,
            switch: SwitchSettings::default(),
        }
    }

    /// The LAN on which the transcripts were recorded: two Docker machines, engines running on those named.
    #[must_use]
    pub fn recording(engines: &[&str], daemon_json: Option<&str>) -> Self {
        let docker = |name, host| MachineSpec {
            name,
            role: Role::Docker,
            host,
            engine: engines.contains(&name),
            daemon_json: daemon_json.filter(|_| name == "hostA").map(str::to_owned),
        };
        let mut scenario = Self::small();
        scenario.name = "recording";
        scenario.virtual_uplinks = true;
        scenario
            .machines
            .splice(1..2, [docker("hostA", 10), docker("hostB", 20)]);
        scenario
    }

    /// The scenario that is stored under `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "lan" => Some(Self::standard()),
            "strict" => Some(Self::strict_switch()),
            "pair" => Some(Self::pair()),
            "recording" => Some(Self::recording(&["hostA"], None)),
            _ => None,
        }
    }

    /// Makes the machines, cables them and starts their daemons. Without what comes later, the machines come up with all
    /// that they do by themselves, and whoever types something has to bring it first.
    /// # Errors
    /// Only if the scenario contradicts itself; the text says how.
    pub fn build(&self, seed: u64, late: Option<&Late>) -> Result<World, String> {
        let programs = Programs::default();
        userland::registry::fill_early(&programs);
        engine::register_early(&programs);
        cli::announce(&programs);
        crate::login::register(&programs);
        if let Some(late) = late {
            (late.programs)(&programs);
        }
        let mut keys = programs.keys();
        keys.retain(|key| !key.contains(':'));
        let world = World::new(seed, programs);
        let daemons = world.kernel(|k| {
            let lan = k.segment_add("LAN");
            k.segment_set_switch(lan, self.switch)
                .map_err(|e| e.to_string())?;
            let internet = self
                .machines
                .iter()
                .any(|m| m.role == Role::Internet)
                .then(|| k.segment_add("Internet"));
            let mut daemons = Vec::new();
            for (i, spec) in self.machines.iter().enumerate() {
                let machine = k.add_machine(spec.name);
                if let Some(ns) = k.machine(machine).map(|m| m.root_ns) {
                    // As on the laboratory's hosts, so that what is seen of them does not hang on when one looks.
                    let _ = k.sysctl_set(ns, "net.ipv6.conf.default.accept_dad", "0");
                }
                // The switch's own ports count up from 3, after its loopback and its bridge.
                let uplink = (self.virtual_uplinks && spec.role != Role::Router)
                    .then(|| u32::try_from(i).unwrap_or(0) + 2);
                // The router's second device leads to the internet, whose one machine has no other.
                let beyond = internet.filter(|_| spec.role == Role::Internet);
                cable(k, machine, "eth0", spec, (beyond.unwrap_or(lan), uplink))
                    .map_err(|e| format!("{}: {e}", spec.name))?;
                let beyond = internet.filter(|_| spec.role == Role::Router);
                if let Some(beyond) = beyond {
                    cable(k, machine, "eth1", spec, (beyond, None))
                        .map_err(|e| format!("{}: {e}", spec.name))?;
                }
                install(k, machine, spec, &keys, beyond.is_some());
                let gateway = beyond.map(|_| vec!["sh", "/etc/firewall.sh"]);
                let daemons_of = gateway.into_iter().chain(spec.daemons());
                daemons.extend(daemons_of.map(|argv| (machine, argv)));
            }
            Ok::<_, String>(daemons)
        })?;
        for (machine, argv) in daemons {
            let spawn = world.kernel(|k| {
                Spawn::on_machine(k, machine, argv.iter().map(|s| (*s).to_owned()).collect())
            });
            let mut spawn = spawn.ok_or("no such machine")?;
            spawn.env = login_environment();
            // What a daemon says is kept for `journalctl`.
            spawn.fds = world.kernel(|k| {
                let null = k.proc.files.add(FileKind::Null);
                let sink = k.proc.files.add(FileKind::Sink(Output::default()));
                [(Fd::STDIN, null), (Fd::STDOUT, sink), (Fd::STDERR, sink)].into()
            });
            world
                .spawn(spawn)
                .map_err(|e| format!("{}: {e}", argv.join(" ")))?;
        }
        Ok(world)
    }
}

/// A machine with nothing special about it.
const fn machine(name: &'static str, role: Role, host: u8, engine: bool) -> MachineSpec {
    MachineSpec {
        name,
        role,
        host,
        engine,
        daemon_json: None,
    }
}

/// Gives a machine a device on a segment: the LAN's by the name of `eth0`, or for what is beyond it.
fn cable(
    k: &mut Kernel,
    machine: MachineId,
    device: &str,
    spec: &MachineSpec,
    (segment, uplink_index): (SegmentId, Option<u32>),
) -> Result<(), Errno> {
    let ns = k.machine(machine).map(|m| m.root_ns).ok_or(Errno::ENODEV)?;
    let beyond = spec.role == Role::Internet || device != "eth0";
    let [a, b, c] = if beyond { INTERNET } else { LAN };
    let address = IpAddr::V4(Ipv4Addr::new(a, b, c, spec.host));
    let segment_number = if beyond { 3 } else { 1 };
    let mac = MacAddr([0x52, 0x54, 0, 0, segment_number, decimal_as_hex(spec.host)]);
    let kind = LinkSpecKind::Nic {
        segment: Some(segment),
        uplink_index,
    };
    let link = k.link_add(
        ns,
        LinkSpec {
            mac: Some(mac),
            ..LinkSpec::new(device, kind)
        },
    )?;
    k.addr_add(link, AddrSpec::new(address, LAN_PREFIX).with_broadcast())?;
    k.link_set_up(link)?;
    if spec.role != Role::Router && !beyond {
        default_route(k, ns, IpAddr::V4(Ipv4Addr::new(a, b, c, ROUTER)))?;
    }
    Ok(())
}

/// MACs repeat the address's last number as it is read: .10 ends in `:10`.
const fn decimal_as_hex(n: u8) -> u8 {
    (n / 10 % 10) * 16 + n % 10
}

fn default_route(k: &mut Kernel, ns: NetnsId, via: IpAddr) -> Result<(), Errno> {
    let everywhere = ipnet::IpNet::V4(ipnet::Ipv4Net::default());
    k.route_add(
        ns,
        Route {
            via: Some(via),
            ..Route::new(everywhere)
        },
    )
}

impl MachineSpec {
    /// The daemons that run from the start, in order.
    fn daemons(&self) -> Vec<Vec<&'static str>> {
        match self.role {
            Role::Router => vec![vec![
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/etc/dnsmasq.conf",
            ]],
            Role::Laptop | Role::Internet => {
                vec![vec!["httpd", "-f", "-p", "80", "-h", "/srv/www"]]
            }
            Role::Docker if self.engine => vec![vec!["dockerd"]],
            Role::Docker => Vec::new(),
        }
    }
}

/// The environment of everything that a person or the machine itself starts.
#[must_use]
pub fn login_environment() -> Vec<(String, String)> {
    [
        (
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ),
        ("HOME", "/root"),
        ("USER", "root"),
        ("LANG", "C.UTF-8"),
        ("TERM", "dumb"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .to_vec()
}

/// Programs that administrators expect under `/usr/sbin`.
const SBIN: [&str; 29] = [
    "ip",
    "bridge",
    "iptables",
    "ip6tables",
    "iptables-save",
    "ip6tables-save",
    "iptables-restore",
    "ip6tables-restore",
    "iptables-nft",
    "ip6tables-nft",
    "iptables-nft-save",
    "ip6tables-nft-save",
    "iptables-nft-restore",
    "ip6tables-nft-restore",
    "nft",
    "conntrack",
    "tcpdump",
    "arping",
    "arp",
    "route",
    "ifconfig",
    "sysctl",
    "ufw",
    "brctl",
    "ethtool",
    "service",
    "dockerd",
    "dnsmasq",
    "traceroute",
];

/// The part of `/etc/protocols` that people meet.
const PROTOCOLS: &str = "ip\t0\tIP\t\t# internet protocol, pseudo protocol number\nicmp\t1\tICMP\t\t# internet control message protocol\nigmp\t2\tIGMP\t\t# Internet Group Management\ntcp\t6\tTCP\t\t# transmission control protocol\nudp\t17\tUDP\t\t# user datagram protocol\ngre\t47\tGRE\t\t# General Routing Encapsulation\nesp\t50\tIPSEC-ESP\t# Encap Security Payload [RFC2406]\nipv6-icmp 58\tIPv6-ICMP\t# ICMP for IPv6\nsctp\t132\tSCTP\t\t# Stream Control Transmission Protocol\n";

/// Puts the file tree of a machine in place.
fn install(
    k: &mut Kernel,
    machine: MachineId,
    spec: &MachineSpec,
    programs: &[&'static str],
    gateway: bool,
) {
    let Some(root) = k.machine(machine).map(|m| m.root) else {
        return;
    };
    let Some(tree) = k.tree_mut(root) else { return };
    let mut put = |path: &str, node: Node, mode: u32| tree.put(path, node, mode, Instant::ZERO);
    let text = |s: String| Node::File(Bytes::from(s));
    for (from, to) in [
        ("/bin", "usr/bin"),
        ("/sbin", "usr/sbin"),
        ("/lib", "usr/lib"),
        ("/var/run", "../run"),
    ] {
        put(from, Node::Symlink(to.into()), 0o777);
    }
    for dir in [
        "/root",
        "/home",
        "/srv",
        "/tmp",
        "/run",
        "/etc",
        "/etc/docker",
        "/etc/sysctl.d",
        "/var/log",
        "/var/lib",
        "/usr/local/bin",
        "/usr/local/sbin",
        "/proc",
        "/sys",
    ] {
        put(dir, Node::Dir, if dir == "/tmp" { 0o1777 } else { 0o755 });
    }
    for name in [
        "null", "zero", "full", "tty", "stdin", "stdout", "stderr", "random", "urandom",
    ] {
        put(&format!("/dev/{name}"), Node::Device(name.into()), 0o666);
    }
    for name in programs {
        let dir = if SBIN.contains(name) {
            "/usr/sbin"
        } else {
            "/usr/bin"
        };
        put(
            &format!("{dir}/{name}"),
            Node::Program((*name).into()),
            0o755,
        );
    }
    let name = spec.name;
    put("/etc/hostname", text(format!("{name}\n")), 0o644);
    put(
        "/etc/hosts",
        text(format!(
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t{name}\n"
        )),
        0o644,
    );
    put(
        "/etc/resolv.conf",
        text("nameserver 192.168.1.1\n".into()),
        0o644,
    );
    put("/etc/services", text(wire::services::LIST.into()), 0o644);
    put("/etc/protocols", text(PROTOCOLS.into()), 0o644);
    put("/etc/gai.conf", text(String::new()), 0o644);
    put(
        "/etc/mtab",
        Node::Symlink("../proc/self/mounts".into()),
        0o777,
    );
    put("/etc/host.conf", text("multi on\n".into()), 0o644);
    put(
        "/etc/networks",
        text("default\t\t0.0.0.0\nloopback\t127.0.0.0\nlink-local\t169.254.0.0\n\n".into()),
        0o644,
    );
    put(
        "/etc/nsswitch.conf",
        text(
            "passwd:         files\ngroup:          files\n\nhosts:          files dns\nnetworks:       files\n\nprotocols:      db files\nservices:       db files\n"
                .into(),
        ),
        0o644,
    );
    put(
        "/etc/passwd",
        text(include_str!("passwd.txt").into()),
        0o644,
    );
    match spec.role {
        Role::Router if gateway => {
            // A name for what is beyond; the LAN's own are those of every lab.
            let site = "host-record=site.example.test,203.0.113.10\n";
            let conf = format!("{DNSMASQ_CONF}{site}");
            put("/etc/dnsmasq.conf", text(conf), 0o644);
            put("/etc/firewall.sh", text(FIREWALL.into()), 0o755);
        }
        Role::Router => put("/etc/dnsmasq.conf", text(DNSMASQ_CONF.into()), 0o644),
        Role::Laptop | Role::Internet => put(
            "/srv/www/cgi-bin/index.cgi",
            text(HTML_WHOAMI.into()),
            0o755,
        ),
        Role::Docker => {
            // The newline belongs to the id: automatic IPv6 subnets are made from all of it.
            let id = format!("00000000-0000-4000-8000-0000000000{:02}\n", spec.host);
            put("/var/lib/docker/engine-id", text(id), 0o644);
            if let Some(json) = &spec.daemon_json {
                put("/etc/docker/daemon.json", text(format!("{json}\n")), 0o644);
            }
        }
    }
}
