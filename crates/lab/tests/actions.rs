//! What the menus offer is what a person could type, and it works.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail"
)]

use lab::Lab;
use lab::log::Input;
use lab::view::{Action, Machine};
use std::rc::Rc;

fn run(lab: &mut Lab, machine: &str, text: &str) -> Option<i32> {
    let terminals = lab.terminals();
    let terminal = terminals.iter().find(|t| t.machine == machine).unwrap().id;
    let input = lab.next_input();
    lab.apply(Input::Line {
        terminal,
        text: text.to_owned(),
    });
    assert!(lab.run_idle(600_000_000_000), "{text} did not end");
    let terminals = lab.terminals();
    let runs = terminals.iter().flat_map(|t| &t.runs);
    runs.filter(|r| r.input == input).find_map(|r| r.exit)
}

fn host(lab: &Lab) -> Rc<Machine> {
    lab.topology()
        .machines
        .iter()
        .find(|m| m.name == "hostA")
        .unwrap()
        .clone()
}

fn place(lab: &Lab, container: &str) -> String {
    let host = host(lab);
    let found = host.containers.iter().find(|c| c.name == container);
    found.unwrap().id.clone()
}

fn doing(lab: &Lab, place: &str, label: &str) -> Action {
    let all = lab.actions(place);
    let found = all.iter().find(|a| a.label.starts_with(label));
    found
        .unwrap_or_else(|| panic!("{label} is not among {all:?}"))
        .clone()
}

fn perform(lab: &mut Lab, action: &Action) {
    for line in &action.commands {
        assert_eq!(run(lab, &action.machine, line), Some(0), "{line}");
    }
}

#[test]
fn every_action_of_a_container_succeeds() {
    let mut lab = Lab::new("lan", 1).unwrap();
    run(&mut lab, "hostA", "docker network create net-a");
    run(
        &mut lab,
        "hostA",
        "docker run -d --name web --network net-a nginx",
    );
    for label in [
        "Show its logs",
        "Pause",
        "Go on",
        "Restart",
        "Stop",
        "Start",
    ] {
        let action = doing(&lab, &place(&lab, "web"), label);
        perform(&mut lab, &action);
    }
    let publish = doing(&lab, &place(&lab, "web"), "Publish port 80");
    perform(&mut lab, &publish);
    let published = host(&lab).published[0].clone();
    assert_eq!(published.binding, "0.0.0.0:8080");
    let ask = doing(&lab, &published.id, "Ask it from laptop");
    perform(&mut lab, &ask);
    let delete = doing(&lab, &place(&lab, "web"), "Delete");
    assert!(delete.destructive);
    perform(&mut lab, &delete);
    assert!(host(&lab).containers.is_empty());
}

#[test]
fn contacts_use_names_where_docker_answers_for_them() {
    let mut lab = Lab::new("lan", 1).unwrap();
    for line in [
        "docker network create net-a",
        "docker run -d --name web --network net-a nginx",
        "docker run -d --name probe --network net-a busybox sleep 1d",
        "docker run -d --name other busybox sleep 1d",
    ] {
        run(&mut lab, "hostA", line);
    }
    let lines = |from: &str, to: &str| -> Vec<String> {
        let list = lab.contacts(&place(&lab, from), &place(&lab, to));
        list.into_iter().flat_map(|a| a.commands).collect()
    };
    assert_eq!(
        lines("probe", "web"),
        [
            "docker exec probe ping -c 1 web",
            "docker exec probe wget -qO- http://web:80"
        ]
    );
    assert_eq!(
        lines("other", "web")[0],
        "docker exec other ping -c 1 172.18.0.2"
    );
}

#[test]
fn images_run_on_any_network_under_a_free_name() {
    let mut lab = Lab::new("lan", 1).unwrap();
    run(&mut lab, "hostA", "docker network create net-a");
    run(&mut lab, "hostA", "docker run -d --name nginx nginx");
    let offers = lab.images("hostA");
    let nginx = offers.iter().find(|o| o.image == "nginx").unwrap();
    assert_eq!(nginx.command, "docker run -d --name nginx2 nginx");
    let line = nginx
        .on
        .iter()
        .find(|o| o.1.contains("net-a"))
        .unwrap()
        .1
        .clone();
    assert_eq!(run(&mut lab, "hostA", &line), Some(0));
    let host = host(&lab);
    let made = host.containers.iter().find(|c| c.name == "nginx2").unwrap();
    assert_eq!(made.networks.len(), 1);
}

#[test]
fn deleting_a_network_empties_it_first() {
    let mut lab = Lab::new("lan", 1).unwrap();
    run(&mut lab, "hostA", "docker network create net-a");
    run(
        &mut lab,
        "hostA",
        "docker run -d --name web --network net-a nginx",
    );
    let id = host(&lab)
        .networks
        .iter()
        .find(|n| n.name == "net-a")
        .unwrap()
        .id
        .clone();
    let delete = doing(&lab, &id, "Delete");
    perform(&mut lab, &delete);
    assert_eq!(host(&lab).networks.len(), 1);
    let new = doing(&lab, "machine:hostA", "New network");
    assert_eq!(new.commands, ["docker network create net-a"]);
}
