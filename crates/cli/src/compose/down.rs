//! `docker compose down`.

use compose::model::Project;
use compose::plan::{Container, Order, is_orphan};

use super::DRY_RUN;
use super::context::{Compose, Named, Scope};
use super::images::Images;
use super::log;
use super::up::removes_orphans;
use super::walk::{self, Doing};
use crate::args::{Command, Flag, Parsed, verb};
use crate::session::{Failure, Outcome, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "down",
    usage: "[OPTIONS] [SERVICES]",
    short: "Stop and remove containers, networks",
    flags: &[&[DRY_RUN, Flag::bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
 Flag::text("rmi", "Remove images used by services. \"local\" remove only images that don't have a custom tag (\"local\"|\"all\")"),
 Flag::int("timeout", "Specify a shutdown timeout in seconds").short('t'),
 Flag::bool("volumes", "Remove named volumes declared in the \"volumes\" section of the Compose file and anonymous volumes attached to containers").short('v')]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let rmi = parsed.text("rmi");
    if !matches!(rmi, "" | "all" | "local") {
        return Err(complaint(format!("invalid value for --rmi: \"{rmi}\"")));
    }
    let named = compose.named(&parsed.args).await?;
    let extent = Extent {
        timeout: parsed.given("timeout").then(|| parsed.int("timeout")),
        volumes: parsed.on("volumes"),
        orphans: removes_orphans(&compose, &parsed),
        images: match rmi {
            "" => Images::None,
            "all" => Images::All,
            _ => Images::Local,
        },
    };
    take_down(&compose, named, &extent).await?;
    Ok(0)
}

/// How much goes.
pub(super) struct Extent {
    /// Seconds until a container that stops is killed.
    timeout: Option<i64>,
    /// Whether volumes go, too.
    volumes: bool,
    /// Whether containers that belong to no service go.
    orphans: bool,
    /// Which images go.
    images: Images,
}

impl Extent {
    /// All containers, but no volumes.
    pub(super) const DEFAULT: Self = Self {
        timeout: None,
        volumes: false,
        orphans: true,
        images: Images::None,
    };
}

/// Takes a project down.
pub(super) async fn take_down(
    compose: &Compose,
    named: Named,
    extent: &Extent,
) -> Result<(), Failure> {
    let scope = Scope {
        stopped: true,
        one_off: extent.orphans,
    };
    let containers = compose.containers(&named.name, scope)?;
    let project = match named.project {
        Some(project) => project,
        None => compose.project_of(&named.name, &containers)?,
    };
    let timeout = extent.timeout;
    remove_services(compose, &project, &containers, timeout, extent.volumes).await?;
    if extent.orphans {
        let orphans: Vec<Container> = containers
            .iter()
            .filter(|c| is_orphan(&project, c) && !project.services.contains_key(&c.service))
            .cloned()
            .collect();
        compose.remove_all(None, &orphans, timeout, false).await?;
    }
    let images = compose.images_to_remove(&project, extent.images)?;
    let own: Vec<_> = project.networks.values().filter(|n| !n.external).collect();
    let volumes = project.volumes.values().filter(|v| !v.external);
    let volumes: Vec<_> = volumes.filter(|_| extent.volumes).collect();
    if containers.is_empty() && own.is_empty() && volumes.is_empty() && images.is_empty() {
        let text = format!(
            "Warning: No resource found to remove for project \"{}\".",
            project.name
        );
        log::warn(&compose.session, &text);
    }
    for network in own {
        compose
            .remove_network(&project.name, &network.key, &network.name)
            .await?;
    }
    for image in images {
        compose.remove_image(&image)?;
    }
    for volume in volumes {
        compose.remove_volume(&volume.name)?;
    }
    Ok(())
}

/// Stops and removes the containers of all services, those that depend on others first.
async fn remove_services(
    compose: &Compose,
    project: &Project,
    containers: &[Container],
    timeout: Option<i64>,
    volumes: bool,
) -> Result<(), Failure> {
    let visit = |name: String| -> Doing<'_> {
        Box::pin(async move {
            let own: Vec<Container> = containers
                .iter()
                .filter(|c| c.service == name)
                .cloned()
                .collect();
            let service = project.services.get(&name);
            compose.remove_all(service, &own, timeout, volumes).await
        })
    };
    walk::in_order(Order::dependents_first(project), &visit).await
}
