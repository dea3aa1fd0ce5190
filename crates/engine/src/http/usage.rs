//! `GET /system/df`: what the engine holds, weighed. Source: moby `api/server/router/system/system_routes.go`.

use serde::Serialize;

use super::Answer;
use super::request::Request;
use crate::api::{ContainerListOptions, ContainerSummary, Filters, ImageSummary, Volume};
use crate::client::Client;
use crate::error::{Error, Result};

/// The answer. Build caches do not exist here; what was not asked for is `null`.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    layers_size: u64,
    images: Option<Vec<ImageSummary>>,
    containers: Option<Vec<Weighed>>,
    volumes: Option<Vec<Volume>>,
    build_cache: Option<Vec<String>>,
}

/// A container with its sizes, bytes.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Weighed {
    #[serde(flatten)]
    container: ContainerSummary,
    #[serde(skip_serializing_if = "is_zero")]
    size_rw: u64,
    size_root_fs: u64,
}

fn is_zero(size: &u64) -> bool {
    *size == 0
}

pub(super) fn answer(client: &Client, request: &Request) -> Result<Answer> {
    let kinds = request.query.get("type").map(String::as_str);
    let wanted = |kind: &str| kinds.is_none_or(|only| only == kind);
    if let Some(kind) = kinds
        && !["container", "image", "volume", "build-cache"].contains(&kind)
    {
        return Err(Error::invalid(format!("unknown object type: {kind}")));
    }
    let mut usage = Usage::default();
    if wanted("container") {
        let all = ContainerListOptions {
            all: true,
            ..ContainerListOptions::default()
        };
        let weighed = |container: ContainerSummary| {
            let sizes = client.container_size(container.id.as_str());
            let sizes = sizes.unwrap_or_default();
            Weighed {
                container,
                size_rw: sizes.written,
                size_root_fs: sizes.all,
            }
        };
        let all = client.container_list(all)?;
        usage.containers = Some(all.into_iter().map(weighed).collect());
    }
    if wanted("image") {
        usage.layers_size = client.image_layers_size()?;
        usage.images = Some(client.image_list(false, Filters::default())?);
    }
    if wanted("volume") {
        usage.volumes = Some(client.volume_list(Filters::default())?);
    }
    Ok(Answer::json(200, &usage))
}
