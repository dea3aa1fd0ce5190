//! Files out of containers. Source: moby `api/server/router/container/copy.go`.

use kernel::fs::tar::{self, Style};
use kernel::fs::{Metadata, Node};
use kernel::time::Instant;
use serde::Serialize;
use wire::base64;

use super::Answer;
use super::query::Query;
use super::request::Request;
use crate::archive::Archive;
use crate::client::Client;
use crate::clock::{UnixNanos, rfc3339};
use crate::error::{Error, Result};

/// Go's bits of what a file is. Source: go `io/fs`, `FileMode`.
const DIRECTORY: u32 = 1 << 31;
const SYMLINK: u32 = 1 << 27;

/// What stands at a path, as a header tells it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stat<'a> {
    name: &'a str,
    size: usize,
    mode: u32,
    mtime: String,
    link_target: String,
}

/// `HEAD` and `GET /containers/{id}/archive`.
pub(super) fn answer(client: &Client, request: &Request, id: &str) -> Result<Answer> {
    let q = Query(request);
    let path = q.text("path");
    if request.method == "PUT" {
        client.container_stat_path(id, path)?;
        return Err(Error::not_modelled("PUT /containers/{id}/archive"));
    }
    let meta = client.container_stat_path(id, path)?;
    let name = path.trim_end_matches('/').rsplit('/').next();
    let name = name.filter(|name| !name.is_empty()).unwrap_or("/");
    let told = serde_json::to_string(&stat(client, name, &meta)).unwrap_or_default();
    let told = base64::encode(told.as_bytes());
    let answer = match request.method.as_str() {
        "HEAD" => Answer::empty(200),
        _ => {
            let archive = client.container_archive(id, path, false)?;
            Answer::bytes("application/x-tar", packed(client, name, &archive))
        }
    };
    Ok(Answer {
        headers: vec![("X-Docker-Container-Path-Stat", told)],
        ..answer
    })
}

fn stat<'a>(client: &Client, name: &'a str, meta: &Metadata) -> Stat<'a> {
    let (size, kind, link_target) = match &meta.node {
        Node::Dir => (4096, DIRECTORY, String::new()),
        Node::File(data) => (data.len(), 0, String::new()),
        Node::Symlink(to) => (to.len(), SYMLINK, to.to_string()),
        Node::Program(_) | Node::Netns(_) | Node::Socket(_) | Node::Device(_) => {
            (0, 0, String::new())
        }
    };
    Stat {
        name,
        size,
        mode: meta.mode | kind,
        mtime: rfc3339(written(client, meta.modified)),
        link_target,
    }
}

/// When it was written, nanoseconds since 1970; to the second, as tar keeps it.
fn written(client: &Client, at: Instant) -> UnixNanos {
    let begin = client.sys().kernel(|k| k.epoch);
    let seconds = begin + at.as_nanos() / 1_000_000_000;
    i64::try_from(seconds).unwrap_or(0) * 1_000_000_000
}

fn packed(client: &Client, name: &str, archive: &Archive) -> Vec<u8> {
    let named: Vec<(String, &Metadata)> = archive
        .iter()
        .map(|(below, meta)| (format!("{name}{below}"), meta))
        .collect();
    let style = Style {
        epoch: client.sys().kernel(|k| k.epoch),
        ..Style::default()
    };
    tar::write(
        named.iter().map(|(name, meta)| (name.as_str(), *meta)),
        style,
    )
}
