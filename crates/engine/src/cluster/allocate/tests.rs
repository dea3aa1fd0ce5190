//! What is given out.

use super::super::sample::{network, publishing, replicated, serve, settle, swarm, write};
use super::super::store::Store;
use super::VNIS;
use crate::api::{IpamPool, NetworkAttachmentConfig, NetworkCreateRequest, ServiceSpec};

/// A network's tunnel number, subnet and gateway.
fn given(store: &Store, id: &str) -> (String, String, String) {
    let net = store.networks.get(id).unwrap();
    let pools = net.ipam.config.as_deref().unwrap();
    let vnis = net.options.as_ref().unwrap().get(VNIS).unwrap().clone();
    (vnis, pools[0].subnet.clone(), pools[0].gateway.clone())
}

fn text(vni: &str, subnet: &str, gateway: &str) -> (String, String, String) {
    (vni.to_owned(), subnet.to_owned(), gateway.to_owned())
}

fn on(mut spec: ServiceSpec, network: &str) -> ServiceSpec {
    spec.task_template.networks = vec![NetworkAttachmentConfig {
        target: network.to_owned(),
        ..NetworkAttachmentConfig::default()
    }];
    spec
}

#[test]
fn networks_get_the_next_number_and_the_next_piece_of_the_pool() {
    let mut store = swarm(&[]);
    let ingress = network(&mut store, "ingress", true);
    let (one, two) = (
        network(&mut store, "one", false),
        network(&mut store, "two", false),
    );
    let first = given(&store, &ingress);
    assert_eq!(first, text("4096", "10.0.0.0/24", "10.0.0.1"));
    assert_eq!(given(&store, &one), text("4097", "10.0.1.0/24", "10.0.1.1"));
    let second = text("4098", "10.0.2.0/24", "10.0.2.1");
    assert_eq!(given(&store, &two), second);
    // A subnet that was given back is given again, a number is not.
    write(&mut store, |pen| pen.network_remove(&one)).unwrap();
    let three = network(&mut store, "three", false);
    assert_eq!(
        given(&store, &three),
        text("4099", "10.0.1.0/24", "10.0.1.1")
    );
}

#[test]
fn a_network_whose_subnet_is_taken_waits_and_so_do_its_services() {
    let mut store = swarm(&["n1"]);
    let one = network(&mut store, "one", false);
    let mut request = NetworkCreateRequest {
        name: "two".to_owned(),
        ..NetworkCreateRequest::default()
    };
    let pool = IpamPool {
        subnet: "10.0.0.128/25".to_owned(),
        ..IpamPool::default()
    };
    request.ipam.get_or_insert_default().config = Some(vec![pool]);
    let two = write(&mut store, |pen| pen.network_create(&request)).unwrap();
    serve(&mut store, on(replicated("web", 1), &two));
    settle(&mut store);
    assert_eq!(store.networks.get(&two).unwrap().inspect().driver, "");
    let states = |store: &Store| -> Vec<String> {
        let tasks = store.tasks.values();
        tasks.map(|t| t.status.state.clone()).collect()
    };
    assert_eq!(states(&store), ["new"]);
    write(&mut store, |pen| pen.network_remove(&one)).unwrap();
    settle(&mut store);
    assert_eq!(states(&store), ["running"]);
    let web = store.services.get("web").unwrap();
    assert_eq!(web.endpoint.virtual_ips[0].addr, "10.0.0.130/25");
}

#[test]
fn names_of_networks_and_the_ingress_network_are_there_once() {
    let mut store = swarm(&[]);
    network(&mut store, "one", false);
    let ingress = network(&mut store, "ingress", true);
    let mut refused = |name: &str, ingress| {
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            ingress,
            ..NetworkCreateRequest::default()
        };
        let made = write(&mut store, |pen| pen.network_create(&request));
        made.unwrap_err().to_string()
    };
    assert_eq!(
        refused("one", false),
        "rpc error: code = AlreadyExists desc = network with name one already exists"
    );
    assert_eq!(
        refused("other", true),
        format!(
            "rpc error: code = AlreadyExists desc = ingress network ({ingress}) is already present"
        )
    );
}

#[test]
fn a_network_in_use_stays() {
    let mut store = swarm(&["n1"]);
    let net = network(&mut store, "net", false);
    serve(&mut store, on(replicated("web", 1), &net));
    let removed = write(&mut store, |pen| pen.network_remove(&net));
    assert_eq!(
        removed.unwrap_err().to_string(),
        format!(
            "rpc error: code = FailedPrecondition desc = network {net} is in use by service web"
        )
    );
}

#[test]
fn services_and_tasks_get_addresses_after_the_gateway() {
    let mut store = swarm(&["n1"]);
    let net = network(&mut store, "net", false);
    serve(&mut store, on(replicated("web", 2), &net));
    let vip = |store: &Store| {
        store.services.get("web").unwrap().endpoint.virtual_ips[0]
            .addr
            .clone()
    };
    assert_eq!(vip(&store), "10.0.0.2/24");
    settle(&mut store);
    let tasks = store.tasks.values();
    let mut addresses: Vec<&str> = tasks
        .map(|t| t.networks_attachments[0].addresses[0].as_str())
        .collect();
    sorted::sort(&mut addresses);
    assert_eq!(addresses, ["10.0.0.3/24", "10.0.0.4/24"]);
    write(&mut store, |pen| {
        pen.allocate_balancers();
        assert_eq!(pen.address(&net, Some("10.0.0.3".parse().unwrap())), None);
    });
    let balancers: Vec<String> = store.balancers.values().map(ToString::to_string).collect();
    assert_eq!(balancers, ["10.0.0.5"]);
    // A service that changes keeps its address.
    serve(&mut store, on(replicated("web", 3), &net));
    assert_eq!(vip(&store), "10.0.0.2/24");
}

#[test]
fn published_ports_begin_at_thirty_thousand_and_stay() {
    let mut store = swarm(&[]);
    let ports = |store: &Store, name: &str| -> Vec<u32> {
        let ports = store.services.get(name).unwrap().endpoint.ports.iter();
        ports.map(|p| p.published_port).collect()
    };
    serve(
        &mut store,
        publishing(replicated("one", 1), &[(0, 80, "ingress"), (0, 443, "")]),
    );
    serve(
        &mut store,
        publishing(replicated("two", 1), &[(8080, 80, ""), (0, 81, "")]),
    );
    assert_eq!(ports(&store, "one"), [30_000, 30_001]);
    assert_eq!(ports(&store, "two"), [8080, 30_002]);
    // The node finds ports of its own.
    serve(
        &mut store,
        publishing(replicated("own", 1), &[(0, 80, "host")]),
    );
    assert_eq!(ports(&store, "own"), [0]);
    store.services.remove("one");
    serve(
        &mut store,
        publishing(replicated("two", 2), &[(0, 81, ""), (0, 82, "")]),
    );
    assert_eq!(ports(&store, "two"), [30_002, 30_000]);
}
