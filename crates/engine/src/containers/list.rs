//! Listing containers.

use crate::api::{
    ContainerListOptions, ContainerSummary, Filters, PortSummary, SummaryHostConfig,
    SummaryNetworkSettings,
};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::filters::{check_filters, has_labels, matches_name};
use crate::ports::ContainerPort;
use crate::publish::port_map;
use crate::state::{Container, State};

use super::health::{HEALTHY, STARTING, UNHEALTHY};
use super::inspect::{networks, status_text};

const FILTERS: [&str; 17] = [
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "until",
    "volume",
    "annotation",
];
const STATES: [&str; 7] = [
    "created",
    "running",
    "paused",
    "restarting",
    "removing",
    "exited",
    "dead",
];

const HEALTHS: [&str; 4] = ["none", STARTING, HEALTHY, UNHEALTHY];

/// Refuses values of a filter that are none of those there are.
fn check_values(filters: &Filters, key: &str, what: &str, known: &[&str]) -> Result<()> {
    let is_unknown = |v: &&String| !known.contains(&v.as_str());
    match filters.get(key).and_then(|v| v.iter().find(is_unknown)) {
        Some(bad) => Err(Error::invalid(format!(
            "invalid filter '{key}={bad}': invalid value for {what} ({bad}): must be one of {}",
            known.join(", ")
        ))),
        None => Ok(()),
    }
}

/// Refuses values that have to be numbers and are none. Source: moby `daemon/list.go`, `foldFilter`.
fn check_numbers(filters: &Filters) -> Result<()> {
    let values = |key: &str| filters.get(key).into_iter().flatten();
    for code in values("exited") {
        if code.parse::<i64>().is_err() {
            return Err(Error::invalid(format!(
                "invalid filter 'exited={code}': strconv.Atoi: parsing \"{code}\": invalid syntax"
            )));
        }
    }
    for (key, text) in ["publish", "expose"]
        .into_iter()
        .flat_map(|key| values(key).map(move |text| (key, text)))
    {
        let range = text
            .split_once('/')
            .map_or(text.as_str(), |(range, _)| range);
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let why = match digits {
                true => "value out of range",
                false => "invalid syntax",
            };
            let number = text.parse::<u16>();
            number.map_err(|_bad| format!("strconv.ParseUint: parsing \"{text}\": {why}"))
        };
        let mut parts = range.split('-');
        let first = number(parts.next().unwrap_or_default());
        let bounds = first.and_then(|first| Ok((first, parts.next().map_or(Ok(first), number)?)));
        let checked = match bounds {
            _ if range.is_empty() => Err("empty string specified for ports".to_owned()),
            Ok((first, last)) if last < first => {
                Err(format!("invalid range specified for port: {range}"))
            }
            bounds => bounds.map(drop),
        };
        checked.map_err(|why| {
            Error::invalid(format!("error while looking up for {key} {text}: {why}"))
        })?;
    }
    if let Some(bad) = values("is-task").find(|v| crate::drivers::bridge::go_bool(v).is_none()) {
        return Err(Error::invalid(format!("invalid filter 'is-task=[{bad}]'")));
    }
    Ok(())
}

impl Engine {
    /// `GET /containers/json`.
    pub(crate) fn container_list(
        &self,
        options: ContainerListOptions,
    ) -> Result<Vec<ContainerSummary>> {
        let filters = &options.filters;
        check_filters(filters, &FILTERS)?;
        check_numbers(filters)?;
        check_values(filters, "status", "state", &STATES)?;
        check_values(filters, "health", "health", &HEALTHS)?;
        let now = self.now();
        let state = self.state();
        // Which of them are listed at all follows from the filters too.
        let all = options.all
            || options.limit.is_some()
            || filters.contains_key("status")
            || filters.contains_key("exited");
        let position = |key: &str| -> Result<Option<usize>> {
            let Some(name) = filters.get(key).and_then(|v| v.first()) else {
                return Ok(None);
            };
            let id = state.find_container(name)?.id.clone();
            Ok(state.containers.get_index_of(&id))
        };
        let (before, since) = (position("before")?, position("since")?);
        let listed = state
            .containers
            .values()
            .enumerate()
            .filter(|(at, _)| before.is_none_or(|b| *at < b) && since.is_none_or(|s| *at > s))
            .map(|(_, c)| c)
            .filter(|c| (all || c.state.lives()) && passes(&state, c, filters))
            .rev()
            .take(options.limit.unwrap_or(usize::MAX));
        Ok(listed.map(|c| summary(&state, c, now)).collect())
    }
}

fn passes(state: &State, c: &Container, filters: &Filters) -> bool {
    let any = |key: &str, test: &dyn Fn(&str) -> bool| {
        filters
            .get(key)
            .is_none_or(|values| values.iter().any(|v| test(v)))
    };
    let on_network = |wanted: &str| {
        let id = state.find_network(wanted).map(|n| n.id.clone()).ok();
        c.endpoints
            .iter()
            .any(|(name, a)| name == wanted || Some(&a.settings.network_id) == id.as_ref())
    };
    any("status", &|v| v == c.state.status)
        && any("name", &|v| {
            matches_name(v, &c.name) || matches_name(v, &format!("/{}", c.name))
        })
        && any("id", &|v| c.id.starts_with(v))
        && any("ancestor", &|v| {
            state.images.find(v).is_ok_and(|i| i.id == c.image)
                || c.image.trim_start_matches("sha256:").starts_with(v)
        })
        && any("exited", &|v| {
            !c.state.lives() && c.finished != 0 && v == c.state.exit_code.to_string()
        })
        && any("network", &|v| on_network(v))
        && any("health", &|v| {
            v == c
                .state
                .health
                .as_ref()
                .map_or("none", |h| h.status.as_str())
        })
        && any("publish", &|v| {
            ports(state, c)
                .iter()
                .any(|p| p.public_port != 0 && in_range(v, p.public_port, &p.protocol))
        })
        && any("expose", &|v| {
            ports(state, c)
                .iter()
                .any(|p| in_range(v, p.private_port, &p.protocol))
        })
        && any("volume", &|v| {
            c.mounts.iter().any(|m| m.name == v || m.destination == v)
        })
        && any("is-task", &|v| {
            let is_task = c.config.labels.contains_key(crate::cluster::TASK_ID);
            crate::drivers::bridge::go_bool(v) == Some(is_task)
        })
        && has_labels(filters, "label", &c.config.labels)
}

/// Returns whether a port lies in `8000-8010/tcp`; without a protocol, TCP is meant.
fn in_range(text: &str, port: u16, protocol: &str) -> bool {
    let (range, proto) = text.split_once('/').unwrap_or((text, "tcp"));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    proto == protocol
        && first.parse().is_ok_and(|f: u16| f <= port)
        && last.parse().is_ok_and(|l: u16| port <= l)
}

/// The ports of a container: those that it has, or those that were last noted of one whose daemon was killed.
pub(super) fn ports(state: &State, c: &Container) -> Vec<PortSummary> {
    if !c.ports_noted.is_empty() && !c.state.running {
        return c.ports_noted.clone();
    }
    let mut list = Vec::new();
    for (port, bindings) in port_map(c, state) {
        let Ok(ContainerPort { port, proto }) = port.parse() else {
            continue;
        };
        let one = PortSummary {
            private_port: port,
            protocol: proto.to_string(),
            ..PortSummary::default()
        };
        match bindings {
            None => list.push(one),
            Some(bindings) => list.extend(bindings.into_iter().map(|b| PortSummary {
                ip: b.host_ip,
                public_port: b.host_port.parse().unwrap_or(0),
                ..one.clone()
            })),
        }
    }
    list
}

/// Joins a command, with quotes around what holds a blank. Source: moby `container/view.go`.
fn shown_command(words: &[String]) -> String {
    let quoted = words
        .iter()
        .enumerate()
        .map(|(at, word)| match word.contains(' ') {
            true if at > 0 => format!("'{word}'"),
            _ => word.clone(),
        });
    quoted.collect::<Vec<_>>().join(" ")
}

fn summary(state: &State, c: &Container, now: i64) -> ContainerSummary {
    let linked = state.containers.values().flat_map(|parent| {
        let ours = parent.links.iter().filter(|l| l.child == c.id);
        ours.map(|l| format!("/{}/{}", parent.name, l.alias))
    });
    // The engine looks them up in an index that is ordered by name.
    let mut names: Vec<String> = std::iter::once(format!("/{}", c.name))
        .chain(linked)
        .collect();
    sorted::sort(&mut names);
    let command: Vec<String> = c.command();
    ContainerSummary {
        id: c.id.clone(),
        names,
        image: match state.images.find(&c.config.image) {
            Ok(image) if image.id == c.image => c.config.image.clone(),
            // The name is gone, or is another image's by now.
            _ => c.image.clone(),
        },
        image_id: c.image.clone(),
        command: shown_command(&command),
        created: c.created.div_euclid(1_000_000_000),
        ports: ports(state, c),
        labels: c.config.labels.clone(),
        state: c.state.status.clone(),
        status: status_text(c, now),
        host_config: SummaryHostConfig {
            network_mode: c.told_mode().to_owned(),
        },
        network_settings: SummaryNetworkSettings {
            networks: networks(state, c),
        },
        mounts: c.mounts.clone(),
    }
}
