//! Which tasks there are.

use super::super::sample::{
    global, only_on, places, replicated, running, serve, settle, swarm, write,
};
use super::super::store::Store;

fn slots(store: &Store, service: &str) -> Vec<u64> {
    let mut slots: Vec<u64> = running(store, service).iter().map(|t| t.slot).collect();
    sorted::sort(&mut slots);
    slots
}

#[test]
fn services_grow_and_shrink() {
    let mut store = swarm(&["n1", "n2"]);
    serve(&mut store, replicated("web", 2));
    settle(&mut store);
    assert_eq!(slots(&store, "web"), [1, 2]);
    serve(&mut store, replicated("web", 5));
    settle(&mut store);
    assert_eq!(slots(&store, "web"), [1, 2, 3, 4, 5]);
    serve(&mut store, replicated("web", 2));
    settle(&mut store);
    // One stays on each node, and of the others nothing is left to be shown.
    assert_eq!(places(&store, "web"), ["n1", "n2"].map(str::to_owned));
    assert_eq!(store.tasks.len(), 2);
    serve(&mut store, replicated("web", 0));
    settle(&mut store);
    assert!(store.tasks.is_empty());
}

#[test]
fn a_service_without_a_number_has_one_task() {
    let mut store = swarm(&["n1"]);
    let mut spec = replicated("web", 7);
    spec.mode.replicated = None;
    serve(&mut store, spec);
    settle(&mut store);
    assert_eq!(slots(&store, "web"), [1]);
}

#[test]
fn global_services_have_a_task_on_every_node_that_may_take_it() {
    let mut store = swarm(&["n1", "n2", "n3"]);
    "manager".clone_into(&mut store.nodes.get_mut("n3").unwrap().spec.role);
    serve(&mut store, global("all"));
    serve(&mut store, only_on(global("some"), "node.role==worker"));
    settle(&mut store);
    assert_eq!(places(&store, "all"), ["n1", "n2", "n3"].map(str::to_owned));
    assert_eq!(places(&store, "some"), ["n1", "n2"].map(str::to_owned));
    assert!(slots(&store, "all").iter().all(|slot| *slot == 0));
    let set = |store: &mut Store, node: &str, word: &str| {
        word.clone_into(&mut store.nodes.get_mut(node).unwrap().spec.availability);
    };
    // A paused node keeps its task, a drained one does not.
    set(&mut store, "n1", "pause");
    set(&mut store, "n2", "drain");
    settle(&mut store);
    assert_eq!(places(&store, "all"), ["n1", "n3"].map(str::to_owned));
    set(&mut store, "n2", "active");
    settle(&mut store);
    assert_eq!(places(&store, "all"), ["n1", "n2", "n3"].map(str::to_owned));
}

/// Lets the only task of a service end, and returns the state wanted of its follower, if it gets one.
fn after_end(condition: &str, state: &str) -> Option<String> {
    let mut store = swarm(&["n1"]);
    let mut spec = replicated("web", 1);
    let policy = spec.task_template.restart_policy.get_or_insert_default();
    condition.clone_into(&mut policy.condition);
    serve(&mut store, spec);
    settle(&mut store);
    for task in store.tasks.values_mut() {
        state.clone_into(&mut task.status.state);
    }
    let timers = write(&mut store, |pen| {
        pen.orchestrate();
        std::mem::take(&mut pen.timers)
    });
    let (delay, id) = timers.first()?;
    assert_eq!(*delay, 5_000_000_000);
    Some(store.tasks.get(id).unwrap().desired_state.clone())
}

#[test]
fn a_task_that_ended_gets_a_follower_as_its_service_says() {
    let waits = Some("ready".to_owned());
    assert_eq!(after_end("", "complete"), waits);
    assert_eq!(after_end("any", "failed"), waits);
    assert_eq!(after_end("on-failure", "failed"), waits);
    assert_eq!(after_end("on-failure", "complete"), None);
    assert_eq!(after_end("none", "failed"), None);
}

#[test]
fn a_task_that_fails_while_it_waits_is_followed_when_the_wait_is_over() {
    let mut store = swarm(&["n1"]);
    serve(&mut store, replicated("web", 1));
    settle(&mut store);
    let fail = |store: &mut Store| {
        for task in store.tasks.values_mut() {
            "rejected".clone_into(&mut task.status.state);
        }
        write(store, |pen| {
            pen.orchestrate();
            std::mem::take(&mut pen.timers)
        })
    };
    let waits = fail(&mut store);
    assert_eq!(waits.len(), 1);
    assert!(fail(&mut store).is_empty());
    write(&mut store, |pen| pen.desire(&waits[0].1, "running"));
    assert_eq!(fail(&mut store).len(), 1);
}

#[test]
fn a_task_does_not_stay_on_a_node_that_is_not_what_it_demands_any_more() {
    let mut store = swarm(&["n1"]);
    let label = |store: &mut Store, value: &str| {
        let labels = &mut store.nodes.get_mut("n1").unwrap().spec.labels;
        labels.insert("zone".to_owned(), value.to_owned());
    };
    label(&mut store, "a");
    serve(
        &mut store,
        only_on(replicated("web", 1), "node.labels.zone==a"),
    );
    settle(&mut store);
    write(&mut store, |pen| pen.enforce());
    assert_eq!(slots(&store, "web"), [1]);
    label(&mut store, "b");
    write(&mut store, |pen| pen.enforce());
    let task = store.tasks.values().next().unwrap();
    assert_eq!(task.status.state, "rejected");
    assert_eq!(task.status.err, "assigned node no longer meets constraints");
}

#[test]
fn what_is_changed_together_is_one_entry() {
    let mut store = swarm(&["n1"]);
    serve(&mut store, replicated("web", 3));
    let before = store.log;
    write(&mut store, |pen| pen.orchestrate());
    let versions: Vec<u64> = store.tasks.values().map(|t| t.version.index).collect();
    assert_eq!(versions, [before + 1; 3]);
    assert_eq!(store.log, before + 1);
    assert_eq!(store.index, 3);
}
