//! Whole scenes: a machine with the engine, driven by a client program as `docker` would be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may assert by panicking"
)]

use sorted::SortedMap;
use std::cell::RefCell;
use std::rc::Rc;

use engine::api::{
    ContainerConfig, ContainerCreateRequest, ContainerListOptions, EventsOptions,
    ExecCreateRequest, ExecStartRequest, HostConfig, Ipam, IpamPool, LogsOptions,
    NetworkConnectRequest, NetworkCreateRequest, NetworkDisconnectRequest, PortBinding,
    RemoveOptions, StopOptions, WaitCondition,
};
use engine::{AttachOptions, Client};
use kernel::fs::Node;
use kernel::ids::MachineId;
use kernel::netfilter::{Family, TableName};
use kernel::process::Running;
use kernel::process::exec::Spawn;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use kernel::world::{Programs, World};

fn sleep(sys: Sys) -> Running {
    Box::pin(async move {
        let _ = sys.sleep(Duration::from_secs(86_400)).await;
        0
    })
}

fn echo(sys: Sys) -> Running {
    Box::pin(async move {
        let words = sys.args();
        sys.out(&format!(
            "{}\n",
            words.get(1..).unwrap_or_default().join(" ")
        ));
        0
    })
}

fn cat(sys: Sys) -> Running {
    Box::pin(async move {
        for path in sys.args().iter().skip(1) {
            match sys.read_text(path) {
                Ok(text) => sys.out(&text),
                Err(_) => return 1,
            }
        }
        0
    })
}

/// A machine `hostA` with the engine running.
fn machine(daemon_json: &str) -> (World, MachineId) {
    let programs = Programs::default();
    engine::register(&programs);
    programs.add("sleep", sleep);
    programs.add("echo", echo);
    programs.add("cat", cat);
    let mut world = World::new(1, programs);
    let id = world.kernel(|k| {
        let id = k.add_machine("hostA");
        let root = k.machine(id).unwrap().root;
        let now = k.now;
        let tree = k.tree_mut(root).unwrap();
        for name in ["dockerd", "sleep", "cat"] {
            tree.put(
                &format!("/usr/bin/{name}"),
                Node::Program(name.into()),
                0o755,
                now,
            );
        }
        tree.put("/run", Node::Dir, 0o755, now);
        tree.put("/var/run", Node::Symlink("/run".into()), 0o777, now);
        let text = |t: &'static str| Node::File(bytes::Bytes::from_static(t.as_bytes()));
        tree.put(
            "/etc/resolv.conf",
            text("nameserver 192.168.1.1\n"),
            0o644,
            now,
        );
        tree.put(
            "/var/lib/docker/engine-id",
            text("00000000-0000-4000-8000-000000000010\n"),
            0o644,
            now,
        );
        let json = Node::File(bytes::Bytes::copy_from_slice(daemon_json.as_bytes()));
        tree.put("/etc/docker/daemon.json", json, 0o644, now);
        id
    });
    let spawn = world
        .kernel(|k| Spawn::on_machine(k, id, vec!["dockerd".into()]))
        .unwrap();
    world.spawn(spawn).unwrap();
    world.run(Instant(1_000_000_000), 1_000_000, |_| false);
    (world, id)
}

/// Runs what a client program would do, and returns its result.
fn client<T: 'static, F: Future<Output = T> + 'static>(
    world: &mut World,
    machine: MachineId,
    work: impl FnOnce(Client) -> F + 'static,
) -> T {
    let spawn = world
        .kernel(|k| Spawn::on_machine(k, machine, vec!["sleep".into()]))
        .unwrap();
    let id = world.spawn(spawn).unwrap();
    let sys = world.sys(id);
    let slot = Rc::new(RefCell::new(None));
    let result = slot.clone();
    let task = sys.clone();
    sys.spawn_task(async move {
        let client = Client::connect(&task, None);
        let value = work(client).await;
        *result.borrow_mut() = Some(value);
    });
    let until = world.now() + Duration::from_secs(600);
    let done = slot.clone();
    world.run(until, 10_000_000, move |_| done.borrow().is_some());
    slot.take().expect("the client came to its end")
}

fn request(image: &str, cmd: &[&str], network: &str) -> ContainerCreateRequest {
    ContainerCreateRequest {
        config: ContainerConfig {
            image: image.into(),
            cmd: Some(cmd.iter().map(ToString::to_string).collect()),
            ..ContainerConfig::default()
        },
        host_config: HostConfig {
            network_mode: network.into(),
            ..HostConfig::default()
        },
        ..ContainerCreateRequest::default()
    }
}

async fn run(client: &Client, name: &str, request: ContainerCreateRequest) -> String {
    let id = client
        .container_create(Some(name.to_owned()), request)
        .unwrap()
        .id;
    client.container_start(&id).await.unwrap();
    id
}

async fn create_network(client: &Client, name: &str) -> String {
    let request = NetworkCreateRequest {
        name: name.into(),
        ..NetworkCreateRequest::default()
    };
    client.network_create(request).await.unwrap().id
}

fn rules(world: &World, machine: MachineId, table: TableName, chain: &str) -> usize {
    world.kernel(|k| {
        let ns = k.machine(machine).unwrap().root_ns;
        let table = k.netns(ns).unwrap().nf.table(Family::V4, table);
        table
            .and_then(|t| t.chain(chain))
            .map_or(0, |c| c.rules().len())
    })
}

#[test]
fn the_default_bridge_is_there_and_inspect_tells_of_it() {
    let (mut world, id) = machine("");
    let bridge = client(&mut world, id, |c| async move {
        c.network_inspect("bridge", false).unwrap()
    });
    let json = serde_json::to_string(&bridge).unwrap();
    assert!(json.starts_with("{\"Name\":\"bridge\",\"Id\":\""), "{json}");
    assert!(json.contains("\"IPAM\":{\"Driver\":\"default\",\"Options\":null,\"Config\":[{\"Subnet\":\"172.17.0.0/16\",\"Gateway\":\"172.17.0.1\"}]}"), "{json}");
    let names = client(&mut world, id, |c| async move {
        let list = c.network_list(SortedMap::new()).unwrap();
        list.into_iter().map(|n| n.name).collect::<Vec<_>>()
    });
    assert_eq!(names, ["none", "host", "bridge"]);
    assert_eq!(rules(&world, id, TableName::Filter, "DOCKER-FORWARD"), 4);
    assert_eq!(rules(&world, id, TableName::Filter, "FORWARD"), 2);
}

#[test]
fn a_container_lives_and_dies_with_its_namespace_and_events() {
    let (mut world, id) = machine("");
    let (settings, files) = client(&mut world, id, |c| async move {
        create_network(&c, "net-a").await;
        run(&c, "web", request("busybox", &["sleep", "1d"], "net-a")).await;
        let told = c.container_inspect("web").unwrap();
        let exec = ExecCreateRequest {
            cmd: vec!["cat".into(), "/etc/hosts".into(), "/etc/resolv.conf".into()],
            attach_stdout: true,
            ..ExecCreateRequest::default()
        };
        let exec = c.exec_create("web", exec).unwrap().id;
        let out = c
            .exec_start(
                exec.clone(),
                ExecStartRequest::default(),
                AttachOptions::default(),
            )
            .await
            .unwrap();
        let mut text = String::new();
        while let Some(frame) = out.output.next().await {
            text.push_str(&String::from_utf8_lossy(&frame.data));
        }
        assert_eq!(c.exec_inspect(exec).unwrap().exit_code, Some(0));
        (told.network_settings, text)
    });
    let attached = settings.networks.get("net-a").unwrap();
    assert_eq!(
        (attached.ip_address.as_str(), attached.gateway.as_str()),
        ("172.18.0.2", "172.18.0.1")
    );
    assert_eq!(attached.dns_names.as_ref().unwrap()[0], "web");
    assert!(settings.sandbox_key.starts_with("/var/run/docker/netns/"));
    assert!(
        files.contains("172.18.0.2\t") && files.contains("nameserver 127.0.0.11"),
        "{files}"
    );
    assert!(
        files.contains("# ExtServers: [host(192.168.1.1)]"),
        "{files}"
    );
    let actions = client(&mut world, id, |c| async move {
        c.container_stop(
            "web",
            StopOptions {
                timeout: Some(0),
                ..StopOptions::default()
            },
        )
        .await
        .unwrap();
        assert!(
            c.container_inspect("web")
                .unwrap()
                .network_settings
                .sandbox_key
                .is_empty()
        );
        c.container_remove("web", RemoveOptions::default())
            .await
            .unwrap();
        c.network_remove("net-a").await.unwrap();
        let options = EventsOptions {
            since: Some(0),
            until: Some(i64::MAX / 2),
            ..EventsOptions::default()
        };
        let stream = c.events(options).await.unwrap();
        let mut seen = Vec::new();
        while let Some(message) = stream.take() {
            seen.push(format!("{} {}", message.kind.as_str(), message.action));
        }
        seen
    });
    let want = [
        "network create",
        "container create",
        "network connect",
        "container start",
        "container exec_create: cat /etc/hosts /etc/resolv.conf",
        "container exec_start: cat /etc/hosts /etc/resolv.conf",
        "container exec_die",
        "container kill",
        "container kill",
        "network disconnect",
        "container stop",
        "container die",
        "container destroy",
        "network destroy",
    ];
    assert_eq!(actions, want);
    let netns = world.kernel(|k| k.net.all_netns().count());
    assert_eq!(netns, 1);
}

#[test]
fn output_reaches_the_log_and_whoever_is_attached() {
    let (mut world, id) = machine("");
    let (attached, logged, code) = client(&mut world, id, |c| async move {
        let made = c
            .container_create(None, request("busybox", &["echo", "hello"], "bridge"))
            .unwrap();
        let options = AttachOptions {
            stdout: true,
            stderr: true,
            ..AttachOptions::default()
        };
        let out = c.container_attach(made.id.clone(), options).unwrap();
        c.container_start(&made.id).await.unwrap();
        let mut text = String::new();
        while let Some(frame) = out.output.next().await {
            text.push_str(&String::from_utf8_lossy(&frame.data));
        }
        let code = c
            .container_wait(made.id.clone(), WaitCondition::NotRunning)
            .await
            .unwrap()
            .status_code;
        let options = LogsOptions {
            stdout: true,
            stderr: true,
            ..LogsOptions::default()
        };
        let log = c.container_logs(made.id, options).unwrap();
        (text, log.take().map(|f| f.data), code)
    });
    assert_eq!(attached, "hello\n");
    assert_eq!(logged.unwrap(), "hello\n");
    assert_eq!(code, 0);
}

#[test]
fn a_missing_program_is_told_as_runc_tells_it() {
    let (mut world, id) = machine("");
    let (error, state) = client(&mut world, id, |c| async move {
        let made = c
            .container_create(
                Some("a5".to_owned()),
                request("busybox", &["nosuch"], "bridge"),
            )
            .unwrap();
        let error = c.container_start(&made.id).await.unwrap_err();
        (error.to_string(), c.container_inspect("a5").unwrap().state)
    });
    assert_eq!(
        error,
        "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: \
         unable to start container process: error during container init: exec: \"nosuch\": executable file not found in $PATH"
    );
    assert_eq!((state.status.as_str(), state.exit_code), ("created", 127));
}

#[test]
fn published_ports_are_taken_and_given_back() {
    let (mut world, id) = machine("");
    let with_port = |host: &str| {
        let mut r = request("nginx", &["sleep", "1d"], "bridge");
        r.config.entrypoint = Some(vec![String::new()]);
        let binding = PortBinding {
            host_ip: host.into(),
            host_port: "8080".into(),
        };
        r.host_config.port_bindings = Some(SortedMap::from([(
            "80/tcp".to_owned(),
            Some(vec![binding]),
        )]));
        r
    };
    let (one, two) = (with_port(""), with_port("127.0.0.1"));
    let (ports, error) = client(&mut world, id, |c| async move {
        run(&c, "one", one).await;
        let listed = c.container_list(ContainerListOptions::default()).unwrap();
        let made = c.container_create(Some("two".to_owned()), two).unwrap();
        (
            listed[0].ports.clone(),
            c.container_start(&made.id).await.unwrap_err().to_string(),
        )
    });
    let shown: Vec<_> = ports
        .iter()
        .map(|p| format!("{}:{}->{}", p.ip, p.public_port, p.private_port))
        .collect();
    assert_eq!(shown, ["0.0.0.0:8080->80", ":::8080->80"]);
    assert!(error.starts_with("failed to set up container networking: driver failed programming external connectivity on endpoint two ("), "{error}");
    assert!(
        error.ends_with("): Bind for 0.0.0.0:8080 failed: port is already allocated"),
        "{error}"
    );
    assert_eq!(rules(&world, id, TableName::Nat, "DOCKER"), 2);
    assert_eq!(rules(&world, id, TableName::Raw, "PREROUTING"), 1);
    client(&mut world, id, |c| async move {
        c.container_remove(
            "one",
            RemoveOptions {
                force: true,
                ..RemoveOptions::default()
            },
        )
        .await
        .unwrap();
        c.container_start("two").await.unwrap();
    });
    assert_eq!(rules(&world, id, TableName::Nat, "DOCKER"), 2);
    assert_eq!(rules(&world, id, TableName::Raw, "PREROUTING"), 2);
}

#[test]
fn connecting_moves_the_default_route_and_disconnecting_moves_it_back() {
    let (mut world, id) = machine("");
    let gateways = |world: &World| {
        world.kernel(|k| {
            let ns = k.net.all_netns().last().unwrap().id;
            let routes = k.routes(ns, false, None);
            routes
                .iter()
                .filter(|r| r.dst.prefix_len() == 0)
                .map(|r| r.via.unwrap().to_string())
                .collect::<Vec<_>>()
        })
    };
    client(&mut world, id, |c| async move {
        create_network(&c, "zzz").await;
        create_network(&c, "aaa").await;
        run(&c, "multi", request("busybox", &["sleep", "1d"], "zzz")).await;
    });
    assert_eq!(gateways(&world), ["172.18.0.1"]);
    client(&mut world, id, |c| async move {
        let request = NetworkConnectRequest {
            container: "multi".into(),
            endpoint_config: None,
        };
        c.network_connect("aaa", request.clone()).await.unwrap();
        let again = c.network_connect("aaa", request).await.unwrap_err();
        assert_eq!(
            again.to_string(),
            "endpoint with name multi already exists in network aaa"
        );
    });
    assert_eq!(gateways(&world), ["172.19.0.1"]);
    client(&mut world, id, |c| async move {
        let request = NetworkDisconnectRequest {
            container: "multi".into(),
            force: false,
        };
        c.network_disconnect("aaa", request).unwrap();
    });
    assert_eq!(gateways(&world), ["172.18.0.1"]);
}

#[test]
fn a_small_range_fills_up_and_addresses_come_back() {
    let (mut world, id) = machine("");
    let (error, again) = client(&mut world, id, |c| async move {
        let pool = IpamPool {
            subnet: "192.168.50.0/24".into(),
            ip_range: "192.168.50.8/30".into(),
            gateway: "192.168.50.1".into(),
            ..IpamPool::default()
        };
        let ipam = Ipam {
            config: Some(vec![pool]),
            ..Ipam::default()
        };
        let request_few = NetworkCreateRequest {
            name: "few".into(),
            ipam: Some(ipam),
            ..NetworkCreateRequest::default()
        };
        c.network_create(request_few).await.unwrap();
        for n in 1..=4 {
            run(
                &c,
                &format!("n{n}"),
                request("busybox", &["sleep", "1d"], "few"),
            )
            .await;
        }
        let made = c
            .container_create(
                Some("n5".to_owned()),
                request("busybox", &["sleep", "1d"], "few"),
            )
            .unwrap();
        let error = c.container_start(&made.id).await.unwrap_err().to_string();
        c.container_remove(
            "n2",
            RemoveOptions {
                force: true,
                ..RemoveOptions::default()
            },
        )
        .await
        .unwrap();
        c.container_start("n5").await.unwrap();
        (
            error,
            c.container_inspect("n5")
                .unwrap()
                .network_settings
                .networks
                .get("few")
                .unwrap()
                .ip_address
                .clone(),
        )
    });
    assert!(
        error.contains("no available IPv4 addresses on this network's address pools: few ("),
        "{error}"
    );
    assert_eq!(again, "192.168.50.9");
}

/// Ends the engine of a machine and starts it again.
fn restart(world: &mut World, id: MachineId) {
    let daemon = world.kernel(|k| k.proc.of(id).find(|p| p.comm() == "dockerd").unwrap().id);
    world.kernel(|k| {
        k.kill(daemon, kernel::process::signal::Signal::TERM)
            .unwrap();
    });
    let until = world.now() + Duration::from_secs(30);
    world.run(until, 10_000_000, |_| false);
    let spawn = world
        .kernel(|k| Spawn::on_machine(k, id, vec!["dockerd".into()]))
        .unwrap();
    world.spawn(spawn).unwrap();
    let until = world.now() + Duration::from_secs(5);
    world.run(until, 10_000_000, |_| false);
}

#[test]
fn a_restart_of_the_daemon_keeps_networks_and_obeys_policies() {
    let (mut world, id) = machine("");
    client(&mut world, id, |c| async move {
        create_network(&c, "keep").await;
        let mut always = request("busybox", &["sleep", "1d"], "keep");
        always.host_config.restart_policy.name = "always".into();
        run(&c, "up", always).await;
        run(&c, "down", request("busybox", &["sleep", "1d"], "keep")).await;
    });
    restart(&mut world, id);
    let list = client(&mut world, id, |c| async move {
        let options = ContainerListOptions {
            all: true,
            ..ContainerListOptions::default()
        };
        let list = c.container_list(options).unwrap();
        list.into_iter()
            .map(|c| (c.names[0].clone(), c.state))
            .collect::<Vec<_>>()
    });
    assert_eq!(
        list,
        [
            ("/down".to_owned(), "exited".to_owned()),
            ("/up".to_owned(), "running".to_owned())
        ]
    );
}

#[test]
fn a_restart_gives_the_default_bridge_the_address_that_was_taken_from_it() {
    let (mut world, id) = machine(r#"{"bip": "10.50.0.1/24"}"#);
    let addresses = |world: &mut World| {
        world.kernel(|k| {
            let root = k.machine(id).unwrap().root_ns;
            let link = k.link_by_name(root, "docker0").unwrap();
            let addrs = k.addrs(link).into_iter().filter(|a| a.addr.is_ipv4());
            addrs.map(|a| a.addr.to_string()).collect::<Vec<_>>()
        })
    };
    assert_eq!(addresses(&mut world), ["10.50.0.1"]);
    world.kernel(|k| {
        let machine = k.machine(id).unwrap();
        let (root, ns) = (machine.root, machine.root_ns);
        let link = k.link_by_name(ns, "docker0").unwrap();
        k.addr_del(link, "10.50.0.1".parse().unwrap(), 24).unwrap();
        let tree = k.tree_mut(root).unwrap();
        let json = Node::File(bytes::Bytes::from_static(b"{}"));
        tree.put("/etc/docker/daemon.json", json, 0o644, Instant(0));
    });
    assert!(addresses(&mut world).is_empty());
    restart(&mut world, id);
    assert_eq!(addresses(&mut world), ["10.50.0.1"]);
}
