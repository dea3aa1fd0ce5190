//! What an engine that is in no swarm answers to whoever asks for something of one.

use crate::api::{
    Filters, LogsOptions, Secret, Service, Swarm, SwarmChange, SwarmChanged, SwarmConfig,
    SwarmInitRequest, SwarmJoinRequest, SwarmNode, Task, TaskFrame,
};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::stream::Receiver;

/// Source: moby `daemon/cluster/errors.go`.
pub(crate) fn no_manager() -> Error {
    Error::unavailable(
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node \
         to swarm and try again.",
    )
}

fn no_node() -> Error {
    Error::unavailable("This node is not part of a swarm")
}

impl Engine {
    /// `POST /swarm/init`.
    pub(crate) async fn swarm_init(&self, _request: SwarmInitRequest) -> Result<String> {
        Err(Error::not_modelled("swarm init"))
    }

    /// `POST /swarm/join`.
    pub(crate) async fn swarm_join(&self, _request: SwarmJoinRequest) -> Result<()> {
        Err(Error::not_modelled("swarm join"))
    }

    /// `POST /swarm/leave`.
    pub(crate) async fn swarm_leave(&self, _force: bool) -> Result<()> {
        Err(no_node())
    }

    /// `POST /swarm/unlock`.
    pub(crate) async fn swarm_unlock(&self, _key: String) -> Result<()> {
        Err(no_node())
    }

    /// What managers are asked to change.
    pub(crate) async fn swarm_change(&self, _change: SwarmChange) -> Result<SwarmChanged> {
        Err(no_manager())
    }

    /// `GET /services/{id}/logs` and `GET /tasks/{id}/logs`.
    pub(crate) async fn service_logs(
        &self,
        _target: String,
        _options: LogsOptions,
    ) -> Result<Receiver<TaskFrame>> {
        Err(no_manager())
    }

    /// `GET /swarm`.
    pub(crate) fn swarm_inspect(&self) -> Result<Swarm> {
        Err(no_manager())
    }

    /// `GET /swarm/unlockkey`.
    pub(crate) fn swarm_unlock_key(&self) -> Result<String> {
        Err(no_manager())
    }

    /// `GET /nodes`.
    pub(crate) fn node_list(&self, _filters: Filters) -> Result<Vec<SwarmNode>> {
        Err(no_manager())
    }

    /// `GET /nodes/{id}`.
    pub(crate) fn node_inspect(&self, _node: String) -> Result<SwarmNode> {
        Err(no_manager())
    }

    /// `GET /services`.
    pub(crate) fn service_list(&self, _filters: Filters, _status: bool) -> Result<Vec<Service>> {
        Err(no_manager())
    }

    /// `GET /services/{id}`.
    pub(crate) fn service_inspect(&self, _service: String, _defaults: bool) -> Result<Service> {
        Err(no_manager())
    }

    /// `GET /tasks`.
    pub(crate) fn task_list(&self, _filters: Filters) -> Result<Vec<Task>> {
        Err(no_manager())
    }

    /// `GET /tasks/{id}`.
    pub(crate) fn task_inspect(&self, _task: String) -> Result<Task> {
        Err(no_manager())
    }

    /// `GET /secrets`.
    pub(crate) fn secret_list(&self, _filters: Filters) -> Result<Vec<Secret>> {
        Err(no_manager())
    }

    /// `GET /secrets/{id}`.
    pub(crate) fn secret_inspect(&self, _secret: String) -> Result<Secret> {
        Err(no_manager())
    }

    /// `GET /configs`.
    pub(crate) fn config_list(&self, _filters: Filters) -> Result<Vec<SwarmConfig>> {
        Err(no_manager())
    }

    /// `GET /configs/{id}`.
    pub(crate) fn config_inspect(&self, _config: String) -> Result<SwarmConfig> {
        Err(no_manager())
    }
}
