//! What a request brings along. Source: moby `api/server/httputils/httputils.go`, `ReadJSON`.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::go_types::CONTAINER_CREATE;
use super::request::Request;
use super::unmarshal::{Go, fit};
use crate::api::{ContainerCreateRequest, UpdateRequest};
use crate::error::{Error, Result};

/// Reads a body of a type of Go's. One that is not there says nothing.
pub(super) fn body<T: DeserializeOwned + Default>(request: &Request, go: &Go) -> Result<T> {
    match value(request)? {
        None => Ok(T::default()),
        Some(value) => typed(fitted(value, go, root(go))?),
    }
}

/// Reads the body of `POST /containers/create`, which has a decoder of its own. Source: moby `runconfig/config.go`.
pub(super) fn container(request: &Request) -> Result<ContainerCreateRequest> {
    let value = value(request)?
        .ok_or_else(|| Error::invalid("invalid JSON: got EOF while reading request body"))?;
    let fitted = fitted(value, &CONTAINER_CREATE, "")?;
    let configured = |name: &str| super::go_types::CONFIG.iter().any(|(of, _)| *of == name);
    let fields = fitted.as_object();
    if !fields.is_some_and(|fields| fields.keys().any(|name| configured(name))) {
        return Err(Error::invalid(
            "config cannot be empty in order to create a container",
        ));
    }
    typed(fitted)
}

/// Reads the body of `POST /containers/{id}/update`, whose limits stand beside the restart policy.
pub(super) fn update(request: &Request) -> Result<UpdateRequest> {
    let go = &super::go_types::CONTAINER_UPDATE;
    let Some(value) = value(request)? else {
        return Ok(UpdateRequest::default());
    };
    let fitted = fitted(value, go, root(go))?;
    let policy = fitted.get("RestartPolicy").cloned();
    Ok(UpdateRequest {
        restart_policy: policy.map(typed).transpose()?.unwrap_or_default(),
        limits: typed(fitted)?,
    })
}

/// How sentences call a struct in which something does not fit.
fn root(go: &Go) -> &'static str {
    let Go::Struct(name, _) = go else { return "" };
    name.rsplit('.').next().unwrap_or_default()
}

fn fitted(value: Value, go: &Go, root: &str) -> Result<Value> {
    fit(value, go, root).map_err(|why| Error::invalid(format!("invalid JSON: {why}")))
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|why| Error::invalid(format!("invalid JSON: {why}")))
}

/// The value that a body is; `None` if there is no body.
fn value(request: &Request) -> Result<Option<Value>> {
    let kind = request.headers.get("content-type").map(String::as_str);
    let kind = kind.unwrap_or_default();
    let plain = kind.split(';').next().unwrap_or_default().trim();
    if plain != "application/json" && !(kind.is_empty() && request.body.is_empty()) {
        return Err(Error::invalid(format!(
            "unsupported Content-Type header ({kind}): must be 'application/json'"
        )));
    }
    let mut values = serde_json::Deserializer::from_slice(&request.body).into_iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let value = first.map_err(|why| {
        let why = match why.is_eof() {
            true => "unexpected EOF".to_owned(),
            false => std::str::from_utf8(&request.body)
                .ok()
                .and_then(crate::go_json::complaint)
                .unwrap_or_else(|| why.to_string()),
        };
        Error::invalid(format!("invalid JSON: {why}"))
    })?;
    let rest = request.body.get(values.byte_offset()..).unwrap_or_default();
    // Go's decoder takes a closing bracket for an end. Source: go `encoding/json`, `Decoder.More`.
    match rest.trim_ascii_start().first() {
        None | Some(b'}' | b']') => Ok(Some(value)),
        Some(_) => Err(Error::invalid("unexpected content after JSON")),
    }
}
