//! `docker stack rm`. Source: docker/cli `command/stack/swarm/remove.go`.

use engine::Client;
use engine::api::{Filters, Service, SwarmChange};
use kernel::time::Duration;

use super::super::joined;
use super::{check_name, of};
use crate::args::Parsed;
use crate::session::{Outcome, Session, complaint, refused, said};

pub(super) async fn run(session: Session, parsed: Parsed) -> Outcome {
    for stack in &parsed.args {
        check_name(stack).map_err(complaint)?;
    }
    let client = session.client()?;
    let mut complaints = Vec::new();
    for stack in &parsed.args {
        let filters = || of(stack, Filters::new());
        let services = client.service_list(filters(), false).map_err(refused)?;
        let networks = client.network_list(filters()).map_err(refused)?;
        let secrets = client.secret_list(filters()).map_err(refused)?;
        let configs = client.config_list(filters()).map_err(refused)?;
        if services.is_empty() && networks.is_empty() && secrets.is_empty() && configs.is_empty() {
            session.complain(&format!("Nothing found in stack: {stack}"));
            continue;
        }
        let mut failed = remove_services(&session, &client, services).await;
        for secret in secrets {
            let change = SwarmChange::SecretRemove { id: secret.id };
            failed |= remove(&session, &client, "secret", &secret.spec.name, change).await;
        }
        for config in configs {
            let change = SwarmChange::ConfigRemove { id: config.id };
            failed |= remove(&session, &client, "config", &config.spec.name, change).await;
        }
        for network in networks {
            session.line(&format!("Removing network {}", network.name));
            if let Err(error) = client.network_remove(network.id.as_str()).await {
                tell_failed(&session, "network", &network.id, &said(&error));
                failed = true;
            }
        }
        if failed {
            complaints.push(format!(
                "failed to remove some resources from stack: {stack}"
            ));
        } else if !parsed.on("detach") {
            while client
                .task_list(filters())
                .map_err(refused)?
                .iter()
                .any(|task| {
                    !matches!(
                        task.status.state.as_str(),
                        "complete" | "shutdown" | "failed" | "rejected"
                    )
                })
            {
                if session.sys.sleep(Duration::from_millis(200)).await.is_err() {
                    break;
                }
            }
        }
    }
    joined(complaints)
}

/// Removes services, by name. Returns whether one could not be removed.
pub(super) async fn remove_services(
    session: &Session,
    client: &Client,
    mut services: Vec<Service>,
) -> bool {
    sorted::sort_by(&mut services, |a, b| a.spec.name.cmp(&b.spec.name));
    let mut failed = false;
    for service in services {
        let change = SwarmChange::ServiceRemove { id: service.id };
        failed |= remove(session, client, "service", &service.spec.name, change).await;
    }
    failed
}

/// Removes one thing and tells of it. Returns whether it could not be removed.
async fn remove(
    session: &Session,
    client: &Client,
    kind: &str,
    name: &str,
    change: SwarmChange,
) -> bool {
    session.line(&format!("Removing {kind} {name}"));
    let (SwarmChange::SecretRemove { id }
    | SwarmChange::ConfigRemove { id }
    | SwarmChange::ServiceRemove { id }) = &change
    else {
        return false;
    };
    let id = id.clone();
    match client.swarm_change(change).await {
        Ok(_) => false,
        Err(error) => {
            tell_failed(session, kind, &id, &said(&error));
            true
        }
    }
}

/// The real command forgets to end this line, too.
fn tell_failed(session: &Session, kind: &str, id: &str, why: &str) {
    session
        .sys
        .err(&format!("Failed to remove {kind} {id}: {why}"));
}
