//! Which request means which call. Source: moby `api/server/router`.

use std::result::Result as StdResult;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::request::Request;
use super::{Answer, unspoken};
use crate::api::{
    ContainerCreateRequest, ContainerListOptions, Filters, NetworkConnectRequest,
    NetworkCreateRequest, NetworkDisconnectRequest, RemoveOptions, StopOptions, Version,
    VolumeCreateRequest, WaitCondition,
};
use crate::client::Client;
use crate::error::{Error, Result};

/// What the real daemon also answers to, by the first part of the path.
const OTHERS: &[&str] = &[
    "containers",
    "distribution",
    "exec",
    "images",
    "networks",
    "nodes",
    "plugins",
    "secrets",
    "configs",
    "services",
    "swarm",
    "system",
    "tasks",
    "volumes",
];

/// Does what a request asks for.
pub(super) async fn answer(client: &Client, request: &Request) -> Answer {
    if request.method == "OPTIONS" && request.target.0 == "*" {
        return Answer::options();
    }
    if let Some(elsewhere) = redirected(&request.target) {
        return elsewhere;
    }
    if let Some(refusal) = request.version.and_then(unspoken) {
        return refusal;
    }
    let answered = answered(client, request).await;
    answered.unwrap_or_else(Answer::from)
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
        ("GET", ["containers", id, "json"]) => json(client.container_inspect(*id)),
        ("GET", ["containers", id, "top"]) => {
            let args = q.text("ps_args");
            json(client.container_top(*id, if args.is_empty() { "-ef" } else { args }))
        }
        ("GET", ["containers", id, "stats"]) if !q.on_by_default("stream") => {
            json(client.container_stats(*id))
        }
        ("GET", ["images", "json"]) => json(client.image_list(q.on("all"), q.filters()?)),
        ("GET", ["images", name @ .., "json"]) => json(client.image_inspect(name.join("/"))),
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
            let made: ContainerCreateRequest = body(request)?;
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
        ("POST", ["containers", id, "wait"]) => {
            json(client.container_wait(*id, WaitCondition::default()).await)
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
            let made: NetworkCreateRequest = body(request)?;
            created(client.network_create(made).await)
        }
        ("POST", ["networks", "prune"]) => json(client.network_prune(q.filters()?).await),
        ("POST", ["networks", id, "connect"]) => {
            let wanted: NetworkConnectRequest = body(request)?;
            client.network_connect(id, wanted).await?;
            Ok(Answer::empty(200))
        }
        ("POST", ["networks", id, "disconnect"]) => {
            let wanted: NetworkDisconnectRequest = body(request)?;
            client.network_disconnect(*id, wanted)?;
            Ok(Answer::empty(200))
        }
        ("DELETE", ["networks", id]) => done(client.network_remove(id).await),
        ("POST", ["volumes", "create"]) => {
            let made: VolumeCreateRequest = body(request)?;
            created(client.volume_create(made))
        }
        ("DELETE", ["volumes", name]) => done(client.volume_remove(*name, q.on("force"))),
        ("GET" | "POST" | "PUT" | "DELETE", [first, _, ..]) if OTHERS.contains(first) => Err(
            Error::not_modelled(&format!("{} /{}", request.method, path.join("/"))),
        ),
        _ => Ok(Answer::nowhere()),
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

/// Reads what a request brings along. Source: moby `api/server/httputils/httputils.go`, `ReadJSON`.
fn body<T: DeserializeOwned + Default>(request: &Request) -> Result<T> {
    let kind = request.headers.get("content-type").map(String::as_str);
    let kind = kind.unwrap_or_default();
    let plain = kind.split(';').next().unwrap_or_default().trim();
    if plain != "application/json" && !(kind.is_empty() && request.body.is_empty()) {
        return Err(Error::invalid(format!(
            "unsupported Content-Type header ({kind}): must be 'application/json'"
        )));
    }
    if request.body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(&request.body).map_err(|why| {
        let why = match why.is_eof() {
            true => "unexpected EOF".to_owned(),
            false => std::str::from_utf8(&request.body)
                .ok()
                .and_then(crate::go_json::complaint)
                .unwrap_or_else(|| why.to_string()),
        };
        Error::invalid(format!("invalid JSON: {why}"))
    })
}

/// What stands behind the path.
struct Query<'a>(&'a Request);

impl Query<'_> {
    fn text(&self, name: &str) -> &str {
        self.0.query.get(name).map_or("", String::as_str)
    }

    /// Source: moby `httputils`, `BoolValue`.
    fn on(&self, name: &str) -> bool {
        let value = self.text(name).trim().to_ascii_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }

    fn on_by_default(&self, name: &str) -> bool {
        !self.0.query.contains_key(name) || self.on(name)
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_bad| {
                Error::invalid(format!("strconv.Atoi: parsing \"{text}\": invalid syntax"))
            }),
        }
    }

    fn stop(&self) -> Result<StopOptions> {
        Ok(StopOptions {
            signal: Some(self.text("signal").to_owned()).filter(|s| !s.is_empty()),
            timeout: self.number("t")?,
        })
    }

    /// Both forms: values in a list, and the older one, values as names of what is true.
    fn filters(&self) -> Result<Filters> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Values {
            List(Vec<String>),
            Set(sorted::SortedMap<String, bool>),
        }
        let text = self.text("filters");
        if text.is_empty() {
            return Ok(Filters::default());
        }
        let read: StdResult<sorted::SortedMap<String, Values>, _> = serde_json::from_str(text);
        let read = read.map_err(|_bad| Error::invalid("invalid filter"))?;
        let plain = |(name, values): (String, Values)| match values {
            Values::List(list) => (name, list),
            Values::Set(set) => {
                let set = set.into_iter().filter(|(_, on)| *on);
                (name, set.map(|(value, _)| value).collect())
            }
        };
        Ok(read.into_iter().map(plain).collect())
    }
}
