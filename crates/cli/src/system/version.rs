//! `docker version`.

use engine::api::{API_VERSION, Component, ENGINE_VERSION, Version};

use super::facts;
use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::flags::FORMAT;
use crate::session::{Outcome, Session, refused};
use crate::template::{Missing, Value, structure};

pub(crate) static COMMAND: Command = Command {
    name: "version",
    usage: "[OPTIONS]",
    short: "Show the Docker version information",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    args: ArgRule::None,
    action: Action::Now(run),
    ..Command::BLANK
};

/// Returns what `docker --version` prints.
pub(crate) fn one_line() -> String {
    format!("Docker version {ENGINE_VERSION}, build {}", facts::COMMIT)
}

fn run(session: Session, parsed: Parsed) -> Outcome {
    let server = session.client()?.version().map_err(refused);
    let api_version = facts::api_version(&session);
    let format = parsed.text("format");
    if !format.is_empty() {
        let server_value = match &server {
            Ok(version) => server_value(version),
            Err(_) => Value::Nil(Missing::Pointer),
        };
        let data = structure(
            "system.versionInfo",
            [
                ("Client", facts::client(&api_version)),
                ("Server", server_value),
            ],
        );
        let printed = facts::print(&session, "version", format, &data);
        return server.and(printed);
    }
    let api_version_line = match api_version == API_VERSION {
        true => api_version,
        false => format!("{api_version} (downgraded from {API_VERSION})"),
    };
    let mut text = String::from("Client:\n");
    for (name, value) in [
        ("Version:", ENGINE_VERSION),
        ("API version:", api_version_line.as_str()),
        ("Go version:", facts::GO_VERSION),
        ("Git commit:", facts::COMMIT),
        ("Built:", facts::BUILT),
        ("OS/Arch:", "linux/amd64"),
        ("Context:", "default"),
    ] {
        text.push_str(&format!(" {name:<18} {value}\n"));
    }
    if let Ok(version) = &server {
        text.push_str("\nServer:\n Engine:\n");
        let api = format!(
            "{} (minimum version {})",
            version.api_version, version.min_api_version
        );
        for (name, value) in [
            ("Version:", version.version.as_str()),
            ("API version:", &api),
            ("Go version:", &version.go_version),
            ("Git commit:", &version.git_commit),
            ("Built:", facts::BUILT),
            ("OS/Arch:", &format!("{}/{}", version.os, version.arch)),
            ("Experimental:", "false"),
        ] {
            text.push_str(&format!("  {name:<17} {value}\n"));
        }
        for part in version
            .components
            .iter()
            .filter(|part| part.name != "Engine")
        {
            text.push_str(&format!(
                " {}:\n  {:<17} {}\n",
                part.name, "Version:", part.version
            ));
            for (name, value) in &part.details {
                text.push_str(&format!("  {:<17} {value}\n", format!("{name}:")));
            }
        }
    }
    session.sys.out(&text);
    server.map(|_printed| 0)
}

/// Returns the engine's answer as Go sees it; the details of parts are a map there.
fn server_value(version: &Version) -> Value {
    let part = |component: &Component| {
        let details = component
            .details
            .iter()
            .map(|(name, value)| (name.clone(), Value::str(value.as_str())))
            .collect();
        structure(
            "types.ComponentVersion",
            [
                ("Name", Value::str(component.name.as_str())),
                ("Version", Value::str(component.version.as_str())),
                ("Details", Value::Map(details, Missing::Text)),
            ],
        )
    };
    let text = |text: &str| Value::str(text);
    structure(
        "*types.Version",
        [
            (
                "Platform",
                structure("struct { Name string }", [("Name", text(""))]),
            ),
            (
                "Components",
                Value::List(version.components.iter().map(part).collect()),
            ),
            ("Version", text(&version.version)),
            ("ApiVersion", text(&version.api_version)),
            ("MinAPIVersion", text(&version.min_api_version)),
            ("GitCommit", text(&version.git_commit)),
            ("GoVersion", text(&version.go_version)),
            ("Os", text(&version.os)),
            ("Arch", text(&version.arch)),
            ("KernelVersion", text(&version.kernel_version)),
            ("BuildTime", text(&version.build_time)),
        ],
    )
}
