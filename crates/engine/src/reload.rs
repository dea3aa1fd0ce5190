//! `SIGHUP` to the daemon: some of its settings are read again while it runs. Source: moby `daemon/reload.go`.

use serde_json::{Map, Value};
use sorted::SortedMap;

use crate::api::EventType;
use crate::config::{self, Config};
use crate::daemon::{Engine, log_as, settings_file};

impl Engine {
    /// Takes over what may change of the settings that the file names; the rest stays as it was. A file that is refused
    /// changes nothing.
    pub(crate) fn reload(&self) {
        let args = self.sys().args();
        let file = settings_file(&args).unwrap_or(config::FILE);
        let said = format!("msg=\"Got signal to reload configuration\" config-file={file}");
        log_as(self.sys(), "info", &said);
        let text = self.sys().read_text(file).unwrap_or_default();
        let new = match Config::parse_file(file, &text) {
            Ok(new) => new,
            Err(why) => {
                let said = format!("msg=\"Error reloading configuration\" error=\"{why}\"");
                log_as(self.sys(), "error", &said);
                return;
            }
        };
        let given: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
        let (id, told) = {
            let mut state = self.state();
            let own = &mut state.config;
            if given.contains_key("debug") {
                own.debug = new.debug;
            }
            if given.contains_key("labels") {
                own.labels = new.labels;
            }
            if given.contains_key("live-restore") {
                own.live_restore = new.live_restore;
            }
            if given.contains_key("default-shm-size") {
                own.default_shm_size = new.default_shm_size;
            }
            let told = told(own);
            (state.id.clone(), told)
        };
        let mut told: SortedMap<String, String> = told
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        told.insert("name".to_owned(), self.sys().hostname());
        self.event(EventType::Daemon, "reload", &id, told);
        log_as(self.sys(), "info", "msg=\"Reloaded configuration\"");
    }
}

/// What the event tells of the settings; those that are not modelled are as by default.
fn told(config: &Config) -> [(&'static str, String); 15] {
    let labels = serde_json::to_string(&config.labels).unwrap_or_default();
    [
        ("debug", config.debug.to_string()),
        ("default-cgroupns-mode", "host".to_owned()),
        ("default-ipc-mode", "private".to_owned()),
        ("default-runtime", config.default_runtime.clone()),
        ("default-shm-size", config.default_shm_size.to_string()),
        ("features", "map[]".to_owned()),
        ("insecure-registries", "[]".to_owned()),
        ("labels", labels),
        ("live-restore", config.live_restore.to_string()),
        ("max-concurrent-downloads", "3".to_owned()),
        ("max-concurrent-uploads", "5".to_owned()),
        ("max-download-attempts", "5".to_owned()),
        ("registry-mirrors", "[]".to_owned()),
        ("runtimes", String::new()),
        ("shutdown-timeout", "15".to_owned()),
    ]
}
