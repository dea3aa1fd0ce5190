//! A swarm to try the pure parts on: the store alone, without machines.

use kernel::rng::Rng;

use super::store::{Pen, Store};
use crate::api::{
    ContainerSpec, EndpointSpec, EveryNode, NetworkCreateRequest, Placement, PortConfig,
    Replicated, Service, ServiceSpec, SwarmNode, Task, TaskSpec,
};

/// A swarm as `docker swarm init` leaves it, with ready nodes of these ids.
pub(super) fn swarm(nodes: &[&str]) -> Store {
    let mut store = Store::default();
    store.swarm.default_addr_pool = Some(vec!["10.0.0.0/8".to_owned()]);
    store.swarm.subnet_size = 24;
    for id in nodes {
        let mut node = SwarmNode {
            id: (*id).to_owned(),
            ..SwarmNode::default()
        };
        "ready".clone_into(&mut node.status.state);
        "active".clone_into(&mut node.spec.availability);
        "worker".clone_into(&mut node.spec.role);
        store.nodes.insert((*id).to_owned(), node);
    }
    store
}

/// Changes a swarm.
pub(super) fn write<T>(store: &mut Store, change: impl FnOnce(&mut Pen<'_>) -> T) -> T {
    let mut rng = Rng::new(store.index);
    change(&mut Pen {
        store,
        rng: &mut rng,
        now: 0,
        happened: Vec::new(),
        timers: Vec::new(),
        batch: None,
    })
}

/// What a service is to be like that has so many tasks.
pub(super) fn replicated(name: &str, replicas: u64) -> ServiceSpec {
    let mut spec = ServiceSpec {
        name: name.to_owned(),
        task_template: TaskSpec {
            container_spec: Some(ContainerSpec {
                image: "nginx".to_owned(),
                ..ContainerSpec::default()
            }),
            ..TaskSpec::default()
        },
        ..ServiceSpec::default()
    };
    spec.mode.replicated = Some(Replicated {
        replicas: Some(replicas),
    });
    spec
}

/// What a service is to be like that is on every node.
pub(super) fn global(name: &str) -> ServiceSpec {
    let mut spec = replicated(name, 0);
    spec.mode.replicated = None;
    spec.mode.global = Some(EveryNode {});
    spec
}

/// The same on nodes that meet a demand.
pub(super) fn only_on(mut spec: ServiceSpec, constraint: &str) -> ServiceSpec {
    spec.task_template.placement = Some(Placement {
        constraints: vec![constraint.to_owned()],
        ..Placement::default()
    });
    spec
}

/// The same with ports: published (0 for any), target and mode.
pub(super) fn publishing(mut spec: ServiceSpec, ports: &[(u32, u32, &str)]) -> ServiceSpec {
    let port = |(published, target, mode): &(u32, u32, &str)| PortConfig {
        protocol: "tcp".to_owned(),
        published_port: *published,
        target_port: *target,
        publish_mode: (*mode).to_owned(),
        ..PortConfig::default()
    };
    spec.endpoint_spec = Some(EndpointSpec {
        ports: ports.iter().map(port).collect(),
        ..EndpointSpec::default()
    });
    spec
}

/// Puts a service into the swarm whose id is its name; one that is there is changed.
pub(super) fn serve(store: &mut Store, spec: ServiceSpec) {
    let before = store.services.get(&spec.name).cloned().unwrap_or_default();
    let endpoint = write(store, |pen| pen.endpoint(&spec, &before.endpoint)).unwrap();
    let service = Service {
        id: spec.name.clone(),
        endpoint,
        spec,
        ..Service::default()
    };
    store.services.insert(service.id.clone(), service);
}

/// Makes a network and returns its id.
pub(super) fn network(store: &mut Store, name: &str, ingress: bool) -> String {
    let request = NetworkCreateRequest {
        name: name.to_owned(),
        ingress,
        ..NetworkCreateRequest::default()
    };
    write(store, |pen| pen.network_create(&request)).unwrap()
}

/// Does all that managers do until nothing changes, with tasks that start at once.
pub(super) fn settle(store: &mut Store) {
    for _ in 0..4 {
        write(store, |pen| {
            pen.orchestrate();
            pen.allocate_tasks();
            pen.schedule();
            pen.reap();
        });
        for task in store.tasks.values_mut() {
            match (task.status.state.as_str(), task.desired_state.as_str()) {
                ("assigned", "running") => "running".clone_into(&mut task.status.state),
                ("running", "shutdown" | "remove") => {
                    "shutdown".clone_into(&mut task.status.state);
                }
                _ => {}
            }
        }
    }
}

/// The running tasks of a service.
pub(super) fn running<'a>(store: &'a Store, service: &str) -> Vec<&'a Task> {
    let own = store.tasks.values().filter(|t| t.service_id == service);
    own.filter(|t| t.status.state == "running").collect()
}

/// The nodes on which a service runs, sorted, one for each task.
pub(super) fn places(store: &Store, service: &str) -> Vec<String> {
    let tasks = running(store, service).into_iter();
    let mut places: Vec<String> = tasks.map(|t| t.node_id.clone()).collect();
    sorted::sort(&mut places);
    places
}
