//! Making and removing the networks of a project.

use sorted::SortedMap;

use compose::config::network_hash;
use compose::model::{Network, Project};
use compose::plan::{self, Found, NetworkStep, labels, network_labels, network_step};
use engine::Class;
use engine::api::{
    Ipam, IpamPool, NetworkConnectRequest, NetworkCreateRequest, NetworkDisconnectRequest,
};

use super::context::{Compose, Scope};
use super::log;
use super::screen::Stage;
use crate::session::{Failure, complaint, refused, said};

/// Ids of networks by their key in the file.
pub(super) type Ids = SortedMap<String, String>;

impl Compose {
    /// Makes sure that every network of the project is there and as the file says.
    pub(super) async fn ensure_networks(&self, project: &Project) -> Result<Ids, Failure> {
        let mut ids = Ids::new();
        for (key, network) in &project.networks {
            let id = match network.external {
                true => self.external_network(network)?,
                false => self.own_network(project, network).await?,
            };
            ids.insert(key.clone(), id);
        }
        Ok(ids)
    }

    /// Finds a network by its exact name.
    fn find_network(&self, name: &str) -> Result<Option<Found>, Failure> {
        match self.client()?.network_inspect(name, false) {
            // The engine also takes the beginning of an id.
            Ok(network) if network.name == name || network.id == name => Ok(Some(Found {
                id: network.id,
                labels: network.labels.unwrap_or_default().into_iter().collect(),
            })),
            Ok(_) => Ok(None),
            Err(e) if matches!(e.class(), Class::NotFound | Class::Invalid) => Ok(None),
            Err(e) => Err(refused(e)),
        }
    }

    fn external_network(&self, network: &Network) -> Result<String, Failure> {
        match self.find_network(&network.name)? {
            Some(found) => Ok(found.id),
            None => Err(complaint(format!(
                "network {} declared as external, but could not be found",
                network.name
            ))),
        }
    }

    async fn own_network(&self, project: &Project, network: &Network) -> Result<String, Failure> {
        let hash = network_hash(network);
        let name = &network.name;
        let found = self.find_network(name)?;
        let (warnings, step) =
            network_step(&project.name, &network.key, name, &hash, found.as_ref());
        for warning in warnings {
            log::warn(&self.session, &warning);
        }
        let left = match step {
            NetworkStep::Use(id) => return Ok(id),
            NetworkStep::Refuse(text) => return Err(complaint(text)),
            NetworkStep::Replace(_) => self.remove_diverged(project, network).await?,
            NetworkStep::Create => Vec::new(),
        };
        let event = format!("Network {name}");
        self.progress.working(&event, "Creating");
        let id = match self.dry {
            true => name.clone(),
            false => {
                let labels = network_labels(&project.name, network, hash);
                match self
                    .client()?
                    .network_create(request(network, labels.clone()))
                    .await
                {
                    Ok(created) => created.id,
                    Err(e) => {
                        self.progress.failed(&event, "Error");
                        let why = said(&e);
                        return Err(complaint(format!("failed to create network {name}: {why}")));
                    }
                }
            }
        };
        self.progress.done(&event, "Created");
        for container in left {
            let request = NetworkConnectRequest {
                container,
                endpoint_config: None,
            };
            let client = self.client()?;
            let connected = client.network_connect(&network.name, request).await;
            connected.map_err(refused)?;
        }
        Ok(id)
    }

    /// Removes a network whose definition has changed. Its containers are stopped and taken off it; returns those that are
    /// to be connected to the one that takes its place.
    async fn remove_diverged(
        &self,
        project: &Project,
        network: &Network,
    ) -> Result<Vec<String>, Failure> {
        let mut users = project.clone();
        users
            .services
            .retain(|_, service| service.networks.contains_key(&network.key));
        let names: Vec<String> = users.services.keys().cloned().collect();
        if !names.is_empty() {
            self.stop_services(project, &names, None).await?;
        }
        let mut left = Vec::new();
        let containers = self.containers(&project.name, Scope::ALL)?;
        let client = self.client()?;
        if !self.dry {
            for container in containers.iter().filter(|c| names.contains(&c.service)) {
                let request = NetworkDisconnectRequest {
                    container: container.id.clone(),
                    force: true,
                };
                let done = client.network_disconnect(network.name.as_str(), request);
                done.map_err(refused)?;
                left.push(container.id.clone());
            }
        }
        let removed = match self.dry {
            true => Ok(()),
            false => client.network_remove(&network.name).await,
        };
        // Compose says so whether or not the engine did it.
        let event = format!("Network {}", network.name);
        self.progress.done(&event, "Removed");
        removed.map_err(refused)?;
        Ok(left)
    }

    /// Removes a network of the project, if it is there and nobody uses it.
    pub(super) async fn remove_network(
        &self,
        project: &str,
        key: &str,
        name: &str,
    ) -> Result<(), Failure> {
        let client = self.client()?;
        let filters = SortedMap::from([(
            "label".to_owned(),
            vec![
                format!("{}={project}", labels::PROJECT),
                format!("{}={key}", labels::NETWORK),
            ],
        )]);
        let networks = client.network_list(filters).map_err(refused)?;
        if networks.is_empty() {
            return Ok(());
        }
        let event = format!("Network {name}");
        self.progress.working(&event, "Removing");
        let mut met = false;
        for network in networks.iter().filter(|network| network.name == name) {
            let seen = match client.network_inspect(network.id.as_str(), false) {
                Ok(seen) => seen,
                Err(e) if e.class() == Class::NotFound => continue,
                Err(e) => return Err(refused(e)),
            };
            met = true;
            if seen.containers.is_some_and(|c| !c.is_empty()) {
                self.warn_of(&event, "Resource is still in use");
                continue;
            }
            if !self.dry
                && let Err(e) = client.network_remove(&network.id).await
            {
                self.progress.failed(&event, "Error");
                let why = said(&e);
                return Err(complaint(format!("failed to remove network {name}: {why}")));
            }
            self.progress.done(&event, "Removed");
        }
        if !met {
            self.warn_of(&event, "No resource found to remove");
        }
        Ok(())
    }

    pub(super) fn warn_of(&self, event: &str, status: &str) {
        self.progress.event(event, Stage::Warning, "", status);
    }

    /// Returns the names of the project's networks by key, as the engine knows them, for a project without a file.
    pub(super) fn labelled_networks(&self, project: &str) -> Result<Ids, Failure> {
        let filters = SortedMap::from([(
            "label".to_owned(),
            vec![format!("{}={project}", plan::labels::PROJECT)],
        )]);
        let networks = self.client()?.network_list(filters).map_err(refused)?;
        Ok(networks
            .into_iter()
            .filter_map(|network| {
                let key = network.labels.as_ref()?.get(labels::NETWORK)?.clone();
                Some((key, network.name))
            })
            .collect())
    }
}

fn request(network: &Network, labels: SortedMap<String, String>) -> NetworkCreateRequest {
    let pools: Vec<IpamPool> = network
        .ipam
        .iter()
        .map(|pool| IpamPool {
            subnet: pool.subnet.clone().unwrap_or_default(),
            ip_range: pool.ip_range.clone().unwrap_or_default(),
            gateway: pool.gateway.clone().unwrap_or_default(),
            auxiliary_addresses: pool.aux_addresses.clone(),
        })
        .collect();
    let asked = network.ipam_driver.is_some() || !pools.is_empty();
    NetworkCreateRequest {
        name: network.name.clone(),
        driver: network.driver.clone().unwrap_or_default(),
        enable_ipv4: network.enable_ipv4,
        enable_ipv6: network.enable_ipv6,
        ipam: asked.then(|| Ipam {
            driver: network.ipam_driver.clone().unwrap_or_default(),
            options: (!network.ipam_options.is_empty()).then(|| network.ipam_options.clone()),
            config: Some(pools),
        }),
        internal: network.internal,
        attachable: network.attachable,
        options: network.driver_opts.clone(),
        labels,
        ..NetworkCreateRequest::default()
    }
}
