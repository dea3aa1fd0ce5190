//! Projects that live in a test.

#![allow(dead_code, reason = "each test file uses its part")]

use sorted::SortedMap;

use compose::{Files, LoadOptions, Loaded, load};

/// A few files by their absolute paths.
#[derive(Default)]
pub(crate) struct Disk(SortedMap<String, String>);

impl Disk {
    /// Puts files into `/root/app`.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(
            files
                .iter()
                .map(|(name, text)| (format!("/root/app/{name}"), (*text).to_owned()))
                .collect(),
        )
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.0.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None if self.is_dir(path) => Err("is a directory".into()),
            None => Err("no such file or directory".into()),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.0.contains_key(path) || self.is_dir(path)
    }

    fn is_dir(&self, path: &str) -> bool {
        self.0
            .keys()
            .any(|file| file.starts_with(&format!("{path}/")))
    }
}

/// What a command in `/root/app` asks for.
pub(crate) fn options() -> LoadOptions {
    LoadOptions {
        current_dir: "/root/app".into(),
        environment: SortedMap::from([
            ("FOO".into(), "foo".into()),
            ("HOME".into(), "/root".into()),
        ]),
        ..LoadOptions::default()
    }
}

/// Loads files with changed options.
pub(crate) fn load_with(files: &[(&str, &str)], change: impl FnOnce(&mut LoadOptions)) -> Loaded {
    let mut options = options();
    change(&mut options);
    load(&options, &Disk::of(files))
}

/// Loads one file and gives what `config` prints, or the error.
pub(crate) fn config(text: &str) -> String {
    config_of(&[("compose.yaml", text)])
}

/// Loads files and gives what `config` prints, or the error, after the warnings.
pub(crate) fn config_of(files: &[(&str, &str)]) -> String {
    shown(&load_with(files, |_| {}))
}

/// Gives the warnings, and the project or the error.
pub(crate) fn shown(loaded: &Loaded) -> String {
    let mut out: String = loaded
        .warnings
        .iter()
        .map(|text| format!("warning: {text}\n"))
        .collect();
    match &loaded.project {
        Ok(project) => out.push_str(&compose::config::yaml(project, true)),
        Err(fault) => out.push_str(&fault.text),
    }
    out
}
