//! Where tasks go.

use super::super::sample::{only_on, places, publishing, replicated, serve, settle, swarm};
use super::super::store::Store;
use super::parse;
use crate::api::{PlacementPreference, SpreadOver};

fn why_waits(store: &Store) -> Vec<&str> {
    let waiting = store.tasks.values().filter(|t| t.status.state == "pending");
    waiting.map(|t| t.status.err.as_str()).collect()
}

#[test]
fn tasks_go_where_the_fewest_of_their_service_are() {
    let mut store = swarm(&["n1", "n2", "n3"]);
    serve(&mut store, replicated("web", 6));
    settle(&mut store);
    assert_eq!(
        places(&store, "web"),
        ["n1", "n1", "n2", "n2", "n3", "n3"].map(str::to_owned)
    );
    // Nodes with fewer tasks of all services come first among those with equally many of this one.
    serve(&mut store, replicated("db", 1));
    settle(&mut store);
    serve(&mut store, replicated("api", 2));
    settle(&mut store);
    let db = places(&store, "db");
    assert_eq!(places(&store, "api").len(), 2);
    assert!(!places(&store, "api").contains(&db[0]));
}

#[test]
fn tasks_are_spread_over_what_a_label_says_before_nodes() {
    let mut store = swarm(&["n1", "n2", "n3"]);
    for (node, zone) in [("n1", "east"), ("n2", "east"), ("n3", "west")] {
        let labels = &mut store.nodes.get_mut(node).unwrap().spec.labels;
        labels.insert("zone".to_owned(), zone.to_owned());
    }
    let mut spec = only_on(replicated("web", 4), "node.role==worker");
    spec.task_template.placement.as_mut().unwrap().preferences = vec![PlacementPreference {
        spread: Some(SpreadOver {
            spread_descriptor: "node.labels.zone".to_owned(),
        }),
    }];
    serve(&mut store, spec);
    settle(&mut store);
    assert_eq!(
        places(&store, "web"),
        ["n1", "n2", "n3", "n3"].map(str::to_owned)
    );
}

#[test]
fn constraints_choose_nodes_or_keep_tasks_waiting() {
    let mut store = swarm(&["n1", "n2"]);
    "manager".clone_into(&mut store.nodes.get_mut("n2").unwrap().spec.role);
    serve(
        &mut store,
        only_on(replicated("here", 2), "node.role == Manager"),
    );
    serve(
        &mut store,
        only_on(replicated("there", 2), "node.role!=manager"),
    );
    settle(&mut store);
    assert_eq!(places(&store, "here"), ["n2", "n2"].map(str::to_owned));
    assert_eq!(places(&store, "there"), ["n1", "n1"].map(str::to_owned));
    serve(
        &mut store,
        only_on(replicated("nowhere", 1), "node.labels.disk==ssd"),
    );
    settle(&mut store);
    assert_eq!(
        why_waits(&store),
        ["no suitable node (scheduling constraints not satisfied on 2 nodes)"]
    );
}

#[test]
fn constraints_that_make_no_sense_are_told() {
    let told = |text: &str| parse(&[text.to_owned()]).err();
    assert_eq!(told("node.role==worker"), None);
    assert_eq!(
        told("node.role=worker").as_deref(),
        Some("constraint expected one operator from ==, !=")
    );
    assert_eq!(told("no!de==x").as_deref(), Some("key 'no!de' is invalid"));
    assert_eq!(told("node.id==").as_deref(), Some("value '' is invalid"));
}

#[test]
fn drained_nodes_are_left_and_paused_ones_get_nothing_new() {
    let mut store = swarm(&["n1", "n2"]);
    serve(&mut store, replicated("web", 2));
    settle(&mut store);
    let availability = |store: &mut Store, node: &str, word: &str| {
        word.clone_into(&mut store.nodes.get_mut(node).unwrap().spec.availability);
    };
    availability(&mut store, "n1", "drain");
    settle(&mut store);
    assert_eq!(places(&store, "web"), ["n2", "n2"].map(str::to_owned));
    availability(&mut store, "n1", "active");
    availability(&mut store, "n2", "pause");
    serve(&mut store, replicated("web", 4));
    settle(&mut store);
    assert_eq!(
        places(&store, "web"),
        ["n1", "n1", "n2", "n2"].map(str::to_owned)
    );
    availability(&mut store, "n1", "drain");
    settle(&mut store);
    assert_eq!(
        why_waits(&store),
        ["no suitable node (2 nodes not available for new tasks)"; 2]
    );
}

#[test]
fn a_port_of_the_node_itself_is_there_once() {
    let mut store = swarm(&["n1", "n2"]);
    serve(
        &mut store,
        publishing(replicated("web", 3), &[(8080, 80, "host")]),
    );
    settle(&mut store);
    assert_eq!(places(&store, "web"), ["n1", "n2"].map(str::to_owned));
    assert_eq!(
        why_waits(&store),
        ["no suitable node (host-mode port already in use on 2 nodes)"]
    );
}

#[test]
fn no_more_than_the_most_on_one_node() {
    let mut store = swarm(&["n1"]);
    let mut spec = only_on(replicated("web", 2), "node.role==worker");
    spec.task_template.placement.as_mut().unwrap().max_replicas = 1;
    serve(&mut store, spec);
    settle(&mut store);
    assert_eq!(places(&store, "web"), ["n1".to_owned()]);
    assert_eq!(
        why_waits(&store),
        ["no suitable node (max replicas per node limit exceed)"]
    );
}
