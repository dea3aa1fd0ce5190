//! Which request means which call. Source: moby `api/server/router`.

use serde::Serialize;

use super::body::{self, body};
use super::go_types::{NETWORK_CONNECT, NETWORK_CREATE, NETWORK_DISCONNECT, VOLUME_CREATE};
use super::query::Query;
use super::request::Request;
use super::{Answer, Outcome, archive, images, streams, unspoken, usage};
use crate::api::{
    ContainerListOptions, NetworkConnectRequest, NetworkCreateRequest, NetworkDisconnectRequest,
    RemoveOptions, Version, VolumeCreateRequest,
};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::images::requests::registry_of;

/// What the real daemon also answers to.
const UNMODELLED: &[&str] = &[
    "POST/build",
    "POST/build/cancel",
    "POST/configs/*/update",
    "POST/configs/create",
    "DELETE/configs/*",
    "GET/images/*/get",
    "GET/images/get",
    "GET/images/search",
    "POST/images/*/push",
    "POST/images/create",
    "POST/images/load",
    "POST/grpc",
    "DELETE/nodes/*",
    "POST/nodes/*/update",
    "DELETE/plugins/*",
    "GET/plugins/*/json",
    "GET/plugins/privileges",
    "POST/plugins/*/disable",
    "POST/plugins/*/enable",
    "POST/plugins/pull",
    "DELETE/secrets/*",
    "POST/secrets/*/update",
    "POST/secrets/create",
    "DELETE/services/*",
    "GET/services/*/logs",
    "POST/services/*/update",
    "POST/services/create",
    "POST/session",
    "GET/swarm/unlockkey",
    "POST/swarm/init",
    "POST/swarm/join",
    "POST/swarm/unlock",
    "POST/swarm/update",
    "GET/tasks/*/logs",
    "PUT/volumes/*",
];

/// Does what a request asks for.
pub(super) async fn answer(client: &Client, request: &Request) -> Outcome {
    if request.method == "OPTIONS" && request.target.0 == "*" {
        return Answer::options().into();
    }
    if let Some(elsewhere) = redirected(&request.target) {
        return elsewhere.into();
    }
    if let Some(refusal) = request.version.as_ref().and_then(unspoken) {
        return refusal.into();
    }
    if request.method == "OPTIONS" {
        return Answer::empty(200).into();
    }
    let found = match streams::answer(client, request).await {
        Ok(None) => answered(client, request).await.map(Outcome::from),
        Ok(Some(outcome)) => Ok(outcome),
        Err(error) => Err(error),
    };
    found.unwrap_or_else(|error| Answer::from(error).into())
}

/// Sends to the path that is meant by one with empty parts, or with dots for parts. Source: gorilla/mux, `cleanPath`.
fn redirected((path, query): &(String, String)) -> Option<Answer> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let mut meant = format!("/{}", parts.join("/"));
    if path.ends_with('/') && !meant.ends_with('/') {
        meant.push('/');
    }
    (meant != *path).then(|| {
        if !query.is_empty() {
            meant = format!("{meant}?{query}");
        }
        Answer::moved(meant)
    })
}

async fn answered(client: &Client, request: &Request) -> Result<Answer> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let q = Query(request);
    match (request.method.as_str(), path.as_slice()) {
        ("GET" | "HEAD", ["_ping"]) => Ok(ping(client, &request.method)),
        ("GET", ["version"]) => json(client.version().map(|version| Versions {
            platform: Platform { name: "" },
            version,
        })),
        ("GET", ["info"]) => json(client.info()),
        ("GET", ["containers", "json"]) => json(client.container_list(ContainerListOptions {
            all: q.on("all"),
            limit: q.number("limit")?,
            filters: q.filters()?,
        })),
        ("GET", ["containers", id, "json"]) => {
            let mut container = client.container_inspect(*id)?;
            if q.on("size") {
                let sizes = client.container_size(*id)?;
                container.size_rw = Some(sizes.written);
                container.size_root_fs = Some(sizes.all);
            }
            json(Ok(container))
        }
        ("GET", ["containers", id, "top"]) => {
            let args = q.text("ps_args");
            json(client.container_top(*id, if args.is_empty() { "-ef" } else { args }))
        }
        ("GET", ["containers", id, "changes"]) => json(client.container_changes(*id)),
        ("HEAD" | "GET" | "PUT", ["containers", id, "archive"]) => {
            archive::answer(client, request, id)
        }
        ("GET", ["containers", id, "export"]) => {
            let tar = client.container_export(*id)?;
            Ok(Answer::bytes("application/octet-stream", tar))
        }
        (_, ["images", rest @ ..]) => {
            let answer = images::answer(client, request, rest)?;
            answer.map_or_else(|| unanswered(&request.method, &path), Ok)
        }
        ("POST", ["build", "prune"]) => {
            client.build_prune()?;
            json(Ok(images::CachesPruned::default()))
        }
        ("POST", ["commit"]) => images::commit(client, request),
        ("GET", ["system", "df"]) => usage::answer(client, request),
        ("POST", ["auth"]) => registry(client, ""),
        ("GET", ["distribution", name @ .., "json"]) => registry(client, &name.join("/")),
        ("GET", ["plugins"]) => json(Ok::<[(); 0], Error>([])),
        ("GET", ["networks"] | ["networks", ""]) => json(client.network_list(q.filters()?)),
        ("GET", ["networks", id @ ..]) if !id.is_empty() => {
            json(client.network_inspect(id.join("/"), q.on("verbose")))
        }
        ("GET", ["volumes"]) => json(client.volume_list(q.filters()?).map(|volumes| Volumes {
            volumes,
            warnings: None,
        })),
        ("GET", ["volumes", name]) => json(client.volume_inspect(*name)),
        ("GET", ["swarm"]) => json(client.swarm_inspect()),
        ("GET", ["nodes"]) => json(client.node_list(q.filters()?)),
        ("GET", ["nodes", id]) => json(client.node_inspect(*id)),
        ("GET", ["services"]) => json(client.service_list(q.filters()?, q.on("status"))),
        ("GET", ["services", id]) => json(client.service_inspect(*id, q.on("insertDefaults"))),
        ("GET", ["tasks"]) => json(client.task_list(q.filters()?)),
        ("GET", ["tasks", id]) => json(client.task_inspect(*id)),
        ("GET", ["secrets"]) => json(client.secret_list(q.filters()?)),
        ("GET", ["secrets", id]) => json(client.secret_inspect(*id)),
        ("GET", ["configs"]) => json(client.config_list(q.filters()?)),
        ("GET", ["configs", id]) => json(client.config_inspect(*id)),
        ("POST", ["containers", "create"]) => {
            let made = body::container(request)?;
            let name = Some(q.text("name")).filter(|name| !name.is_empty());
            created(client.container_create(name.map(str::to_owned), made))
        }
        ("POST", ["containers", "prune"]) => json(client.container_prune(q.filters()?)),
        ("POST", ["containers", id, "start"]) => done(client.container_start(id).await),
        ("POST", ["containers", id, "stop"]) => done(client.container_stop(*id, q.stop()?).await),
        ("POST", ["containers", id, "restart"]) => {
            done(client.container_restart(*id, q.stop()?).await)
        }
        ("POST", ["containers", id, "kill"]) => {
            done(client.container_kill(*id, q.text("signal")).await)
        }
        ("POST", ["containers", id, "pause"]) => done(client.container_pause(*id)),
        ("POST", ["containers", id, "unpause"]) => done(client.container_unpause(*id)),
        ("POST", ["containers", id, "rename"]) => {
            done(client.container_rename(*id, q.text("name")))
        }
        ("POST", ["containers", id, "update"]) => {
            json(client.container_update(*id, body::update(request)?))
        }
        ("POST", ["containers", id, "resize"]) => resized(client, id, &q),
        ("POST", ["swarm", "leave"]) => {
            client.swarm_leave(q.on("force")).await?;
            Ok(Answer::empty(200))
        }
        ("DELETE", ["containers", id]) => {
            let options = RemoveOptions {
                force: q.on("force"),
                volumes: q.on("v"),
                link: q.on("link"),
            };
            done(client.container_remove(*id, options).await)
        }
        ("POST", ["networks", "create"]) => {
            let made: NetworkCreateRequest = body(request, &NETWORK_CREATE)?;
            created(client.network_create(made).await)
        }
        ("POST", ["networks", "prune"]) => json(client.network_prune(q.filters()?).await),
        ("POST", ["networks", id, "connect"]) => {
            let wanted: NetworkConnectRequest = body(request, &NETWORK_CONNECT)?;
            client.network_connect(id, wanted).await?;
            Ok(Answer::empty(200))
        }
        ("POST", ["networks", id, "disconnect"]) => {
            let wanted: NetworkDisconnectRequest = body(request, &NETWORK_DISCONNECT)?;
            client.network_disconnect(*id, wanted)?;
            Ok(Answer::empty(200))
        }
        ("DELETE", ["networks", id]) => done(client.network_remove(id).await),
        ("POST", ["volumes", "create"]) => {
            let made: VolumeCreateRequest = body(request, &VOLUME_CREATE)?;
            created(client.volume_create(made))
        }
        ("POST", ["volumes", "prune"]) => json(client.volume_prune(q.filters()?)),
        ("DELETE", ["volumes", name]) => done(client.volume_remove(*name, q.on("force"))),
        (method, path) => unanswered(method, path),
    }
}

/// Whether the real daemon knows the way, which is not modelled then.
fn unanswered(method: &str, path: &[&str]) -> Result<Answer> {
    let known = |route: &&str| {
        let mut parts = route.split('/');
        let verb = parts.next() == Some(method);
        let parts: Vec<&str> = parts.collect();
        let same = |(wanted, part): (&&str, &&str)| *wanted == "*" || wanted == part;
        verb && parts.len() == path.len() && parts.iter().zip(path).all(same)
    };
    match UNMODELLED.iter().any(known) {
        true => Err(Error::not_modelled(&format!(
            "{method} /{}",
            path.join("/")
        ))),
        false => Ok(Answer::nowhere()),
    }
}

/// How far a question to the registry of an image gets.
fn registry(client: &Client, image: &str) -> Result<Answer> {
    client.registry(registry_of(image), "/v2/")?;
    Ok(Answer::empty(200))
}

/// A terminal's size is what it is here; whether there is a process to tell is asked all the same.
fn resized(client: &Client, id: &str, q: &Query<'_>) -> Result<Answer> {
    q.size()?;
    let container = client.container_inspect(id)?;
    match container.state.running {
        true => Ok(Answer::empty(200)),
        false => Err(Error::conflict(format!(
            "container {} is not running",
            container.id
        ))),
    }
}

/// The volumes that there are, as they are told of.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Volumes<T> {
    volumes: Vec<T>,
    warnings: Option<Vec<String>>,
}

/// The versions, with the name of a product that Docker's own build has.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Versions {
    platform: Platform,
    #[serde(flatten)]
    version: Version,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Platform {
    name: &'static str,
}

/// Whether the daemon is there, and of which kind; much of it stands in the headers.
fn ping(client: &Client, method: &str) -> Answer {
    let swarm = client.info().map(|info| info.swarm).unwrap_or_default();
    let role = match (swarm.local_node_state.as_str(), swarm.control_available) {
        ("active", true) => "active/manager".to_owned(),
        ("active", false) => "active/worker".to_owned(),
        (state, _) => state.to_owned(),
    };
    let mut headers = vec![
        ("Builder-Version", "2".to_owned()),
        (
            "Cache-Control",
            "no-cache, no-store, must-revalidate".to_owned(),
        ),
        ("Pragma", "no-cache".to_owned()),
        ("Swarm", role),
    ];
    if method == "HEAD" {
        headers.push(("Content-Length", "0".to_owned()));
    }
    Answer {
        kind: "text/plain; charset=utf-8",
        guessed: method == "GET",
        headers,
        body: b"OK".to_vec(),
        ..Answer::empty(200)
    }
}

fn json(answer: Result<impl Serialize>) -> Result<Answer> {
    answer.map(|value| Answer::json(200, &value))
}

fn created(answer: Result<impl Serialize>) -> Result<Answer> {
    answer.map(|value| Answer::json(201, &value))
}

fn done(answer: Result<()>) -> Result<Answer> {
    answer.map(|()| Answer::empty(204))
}
