//! What a person would do next in a swarm: with its services, and with the machines in it or beside it.

use super::{action, address_of, listening};
use crate::names::{Directory, Known};
use crate::view::Action;
use engine::survey::Survey;
use kernel::Kernel;

/// Whether an engine manages a swarm.
pub(super) fn manages(survey: &Survey) -> bool {
    !survey.swarm.nodes.is_empty()
}

/// What can be done with the service that a task is of, on a machine that manages it.
pub(super) fn on_service(
    kernel: &Kernel,
    directory: &Directory<'_>,
    task: &Known<'_>,
    service: &str,
) -> Vec<Action> {
    let mut managers = directory.surveys();
    let knows = |survey: &Survey| survey.swarm.services.iter().any(|name| name == service);
    let Some((manager, _)) = managers.find(|(_, survey)| knows(survey)) else {
        return Vec::new();
    };
    let say = |label: String, command: String| action(manager, &label, command);
    let facts = task.survey.services.iter().filter(|s| s.name == service);
    let tasks = facts.clone().map(|s| s.tasks.len()).max().unwrap_or(1);
    let mut list = vec![
        say(
            "List the service's tasks".into(),
            format!("docker service ps {service}"),
        ),
        say(
            format!("Scale {service} to {}", tasks + 1),
            format!("docker service scale {service}={}", tasks + 1),
        ),
    ];
    let published = facts.flat_map(|s| &s.ports).any(|_| true);
    let port = listening(kernel, task.container).into_iter().next();
    if let (false, Some(port)) = (published, port) {
        let outside = port.checked_add(8000).unwrap_or(port);
        list.push(say(
            format!("Publish port {port} of {service}"),
            format!("docker service update --publish-add {outside}:{port} {service}"),
        ));
    }
    list.push(Action {
        destructive: true,
        ..say(
            format!("Delete the service {service}"),
            format!("docker service rm {service}"),
        )
    });
    list
}

/// What can be done with a machine as a part of a swarm, or to make it one.
pub(super) fn on_machine(kernel: &Kernel, survey: &Survey, machine: &str) -> Vec<Action> {
    if manages(survey) {
        return vec![
            action(machine, "List the swarm's nodes", "docker node ls".into()),
            action(
                machine,
                "List the swarm's services",
                "docker service ls".into(),
            ),
        ];
    }
    let member = survey.networks.iter().any(|n| n.name == "ingress");
    match address_of(kernel, machine) {
        Some(ip) if !member => vec![action(
            machine,
            "Make a swarm",
            format!("docker swarm init --advertise-addr {ip}"),
        )],
        _ => Vec::new(),
    }
}
