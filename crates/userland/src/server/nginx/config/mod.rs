//! What a configuration means: servers, locations, upstreams, and the settings that they inherit.

mod location;
mod rewrite;
mod scope;
mod server;
mod upstream;
mod values;

use super::syntax::{self, ConfigError, Directive};
use kernel::sys::Sys;

pub(super) use location::{Location, Match};
pub(super) use rewrite::{Map, Step, groups};
pub(super) use scope::{ErrorPage, Scope};
pub(super) use server::Server;
pub(super) use upstream::{Peer, Upstream, split_target};

/// The format `combined`.
const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// All of it.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) servers: Vec<Server>,
    pub(super) upstreams: Vec<Upstream>,
    pub(super) maps: Vec<Map>,
    pub(super) error_log: String,
    /// Whether notices are logged.
    pub(super) notices: bool,
    pub(super) workers: usize,
    /// Whose the workers are; empty if that was not said.
    pub(super) user: String,
    pub(super) daemon: bool,
    /// The files that were read, for `-T`.
    pub(super) files: Vec<(String, String)>,
    formats: Vec<(String, String)>,
}

impl Config {
    /// Reads the configuration, with the directives of `-g` before it.
    pub(super) fn load(sys: &Sys, path: &str, globals: &str) -> Result<Self, ConfigError> {
        let (all, files) = syntax::load(sys, path, globals)?;
        let mut config = Self {
            servers: Vec::new(),
            upstreams: Vec::new(),
            maps: Vec::new(),
            error_log: "/var/log/nginx/error.log".into(),
            notices: false,
            workers: 1,
            user: String::new(),
            daemon: true,
            files,
            formats: vec![("combined".into(), COMBINED.into())],
        };
        for d in &all {
            match d.word(0) {
                "error_log" => {
                    d.word(1).clone_into(&mut config.error_log);
                    config.notices = matches!(d.word(2), "notice" | "info" | "debug");
                }
                "user" => config.user = d.word(1).to_owned(),
                "worker_processes" => config.workers = d.word(1).parse().unwrap_or(1).clamp(1, 64),
                "daemon" => config.daemon = d.word(1) != "off",
                _ => {}
            }
        }
        for http in all.iter().filter(|d| d.word(0) == "http") {
            config.http(http)?;
        }
        syntax::check_variables(&all)?;
        Ok(config)
    }

    fn http(&mut self, http: &Directive) -> Result<(), ConfigError> {
        for d in &http.inside {
            match d.word(0) {
                "log_format" => {
                    let text = d
                        .args()
                        .iter()
                        .skip(1)
                        .filter(|w| !w.starts_with("escape="));
                    self.formats
                        .push((d.word(1).to_owned(), text.cloned().collect()));
                }
                "upstream" => {
                    let upstream = upstream::upstream(d)?;
                    self.upstreams.push(upstream);
                }
                "map" => self.maps.push(rewrite::map(d)?),
                _ => {}
            }
        }
        let scope = self.scope(&Scope::default(), &http.inside)?;
        for d in http.inside.iter().filter(|d| d.word(0) == "server") {
            let server = self.server(d, &scope)?;
            self.servers.push(server);
        }
        Ok(())
    }
}
