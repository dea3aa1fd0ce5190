//! Requests about images. Source: moby `api/server/router/image`.

use serde::Serialize;

use super::Answer;
use super::query::Query;
use super::request::Request;
use crate::api::CommitOptions;
use crate::client::Client;
use crate::error::{Error, Result};

/// Answer to `POST /build/prune`: nothing is ever built here.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CachesPruned {
    caches_deleted: Option<Vec<String>>,
    space_reclaimed: u64,
}

/// Answers what stands behind `/images`; `None` is nothing that is known.
pub(super) fn answer(client: &Client, request: &Request, rest: &[&str]) -> Result<Option<Answer>> {
    let q = Query(request);
    let answer = match (request.method.as_str(), rest) {
        ("GET", ["json"]) => Answer::json(200, &client.image_list(q.on("all"), q.filters()?)?),
        ("GET", [name @ .., "json"]) => Answer::json(200, &client.image_inspect(name.join("/"))?),
        ("GET", [name @ .., "history"]) => {
            Answer::json(200, &client.image_history(name.join("/"))?)
        }
        ("POST", ["prune"]) => Answer::json(200, &client.image_prune(q.filters()?)?),
        ("POST", ["create"]) if !q.text("fromImage").is_empty() => {
            client.image_pull(named(q.text("fromImage"), q.text("tag")))?;
            return Err(Error::not_modelled("the progress of POST /images/create"));
        }
        ("POST", [name @ .., "tag"]) => {
            client.image_tag(name.join("/"), named(q.text("repo"), q.text("tag")))?;
            Answer::empty(201)
        }
        ("DELETE", name) if !name.is_empty() => {
            let (force, keep) = (q.on("force"), q.on("noprune"));
            Answer::json(200, &client.image_remove(name.join("/"), force, keep)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// `POST /commit`.
pub(super) fn commit(client: &Client, request: &Request) -> Result<Answer> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Made {
        id: String,
    }
    let q = Query(request);
    let changes = q.text("changes").lines().map(str::to_owned).collect();
    let options = CommitOptions {
        reference: named(q.text("repo"), q.text("tag")),
        comment: q.text("comment").to_owned(),
        author: q.text("author").to_owned(),
        changes,
        pause: q.on_by_default("pause"),
    };
    let id = client.container_commit(q.text("container"), options)?;
    Ok(Answer::json(201, &Made { id }))
}

fn named(repository: &str, tag: &str) -> String {
    match tag {
        "" => repository.to_owned(),
        tag => format!("{repository}:{tag}"),
    }
}
