//! Commands run beside a container's first process.

use serde::{Deserialize, Serialize};

/// `POST /containers/{id}/exec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ExecCreateRequest {
    /// User to run as; the container's if empty.
    pub user: String,
    /// True if it has every capability.
    pub privileged: bool,
    /// True if its standard streams are a terminal.
    pub tty: bool,
    /// True if the client writes to standard input.
    pub attach_stdin: bool,
    /// True if the client reads standard error.
    pub attach_stderr: bool,
    /// True if the client reads standard output.
    pub attach_stdout: bool,
    /// Further environment, `NAME=value`.
    pub env: Option<Vec<String>>,
    /// Working directory; the container's if empty.
    pub working_dir: String,
    /// Program and arguments.
    pub cmd: Vec<String>,
}

/// Answer to `POST /containers/{id}/exec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ExecCreateResponse {
    /// The id to start it with.
    pub id: String,
}

/// `POST /exec/{id}/start`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ExecStartRequest {
    /// True if nobody is attached.
    pub detach: bool,
    /// True if its standard streams are a terminal.
    pub tty: bool,
}

/// What an exec runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExecProcessConfig {
    /// True if its standard streams are a terminal.
    pub tty: bool,
    /// The program.
    pub entrypoint: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// True if it has every capability.
    pub privileged: bool,
    /// Whom it runs as; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
}

/// `GET /exec/{id}/json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExecInspect {
    /// The id.
    #[serde(rename = "ID")]
    pub id: String,
    /// True while it runs.
    #[serde(rename = "Running")]
    pub running: bool,
    /// Exit code; `None` while it runs.
    #[serde(rename = "ExitCode")]
    pub exit_code: Option<i64>,
    /// What it runs.
    #[serde(rename = "ProcessConfig")]
    pub process_config: ExecProcessConfig,
    /// True if its client writes to standard input.
    #[serde(rename = "OpenStdin")]
    pub open_stdin: bool,
    /// True if its client reads standard error.
    #[serde(rename = "OpenStderr")]
    pub open_stderr: bool,
    /// True if its client reads standard output.
    #[serde(rename = "OpenStdout")]
    pub open_stdout: bool,
    /// Always false.
    #[serde(rename = "CanRemove")]
    pub can_remove: bool,
    /// The container's id.
    #[serde(rename = "ContainerID")]
    pub container_id: String,
    /// Keys that detach from it; always the usual ones.
    #[serde(rename = "DetachKeys")]
    pub detach_keys: String,
    /// Process id on the machine.
    #[serde(rename = "Pid")]
    pub pid: u64,
}
