//! Facts about this client, and how `version` and `info` print them with a template.

use engine::api::{API_VERSION, ENGINE_VERSION};

use crate::session::{Failure, Outcome, Session, complaint};
use crate::template::{Missing, Mode, Template, Value, structure};

/// The commit that the client says it was built from.
pub(super) const COMMIT: &str = "9cc6dea35e9a963f281434761c656fba4ac43aed";
/// The version of Go that the client says it was built with.
pub(super) const GO_VERSION: &str = "go1.27.1";
/// Where the client finds Compose.
pub(super) const COMPOSE: &str = "/usr/libexec/docker/cli-plugins/docker-compose";
/// When the client says it was built.
pub(super) const BUILT: &str = "Tue Sep 15 11:02:57 2026";

/// The version of the API that the client speaks: the newest, unless a variable names another.
pub(super) fn api_version(session: &Session) -> String {
    let named = session.sys.env("DOCKER_API_VERSION");
    let named = named.filter(|named| !named.is_empty());
    named.unwrap_or_else(|| API_VERSION.to_owned())
}

/// Returns what there is to know about the client.
pub(super) fn client(api_version: &str) -> Value {
    let fields = [
        ("Version", ENGINE_VERSION),
        ("ApiVersion", api_version),
        ("DefaultAPIVersion", API_VERSION),
        ("GitCommit", COMMIT),
        ("GoVersion", GO_VERSION),
        ("Os", "linux"),
        ("Arch", "amd64"),
        ("BuildTime", BUILT),
        ("Context", "default"),
    ];
    structure(
        "system.clientVersion",
        fields.map(|(name, text)| (name, Value::str(text))),
    )
}

/// Returns what `info` tells of the client.
pub(super) fn client_info(debug: bool) -> Value {
    let compose = [
        ("SchemaVersion", "0.1.0"),
        ("Vendor", "Docker Inc."),
        ("Version", "v2.40.3"),
        ("ShortDescription", "Docker Compose"),
        ("Name", "compose"),
        ("Path", COMPOSE),
    ];
    let compose = structure(
        "manager.Plugin",
        compose.map(|(name, text)| (name, Value::str(text))),
    );
    let told = [
        ("Debug", Value::Bool(debug)),
        ("Version", Value::str(ENGINE_VERSION)),
        ("DefaultAPIVersion", Value::str(API_VERSION)),
        ("GitCommit", Value::str(COMMIT)),
        ("GoVersion", Value::str(GO_VERSION)),
        ("Os", Value::str("linux")),
        ("Arch", Value::str("amd64")),
        ("BuildTime", Value::str(BUILT)),
        ("Context", Value::str("default")),
        ("Plugins", Value::List(vec![compose])),
        ("Warnings", Value::Nil(Missing::List)),
    ];
    structure("system.clientInfo", told)
}

/// Prints `data` with a template that errors call `name`.
pub(super) fn print(session: &Session, name: &str, format: &str, data: &Value) -> Outcome {
    let text = if format == "json" {
        "{{json .}}"
    } else {
        format
    };
    let template = Template::parse_named(name, text).map_err(|why| Failure {
        text: format!("template parsing error: {why}"),
        code: 64,
    })?;
    let (text, done) = template.execute_partly(data, Mode::Plain);
    session.line(&text);
    done.map(|()| 0).map_err(complaint)
}
