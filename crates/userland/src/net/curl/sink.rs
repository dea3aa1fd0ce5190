//! Where curl's output goes: a file, or standard output with the buffer of the C library.

use super::options::{Options, Output};
use super::transfer::Failure;
use crate::net::http::Url;
use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;
use std::cell::RefCell;

/// What the C library holds back of a standard output that is no terminal.
const BUFFER: usize = 4096;

/// Standard output as the C library writes to it: at once to a terminal, else when the buffer is full or the program ends.
pub(super) struct Console {
    sys: Sys,
    held: Option<RefCell<Vec<u8>>>,
}

impl Console {
    pub(super) fn new(sys: &Sys, no_buffer: bool) -> Self {
        let at_once = no_buffer || sys.is_tty(Fd::STDOUT);
        Self {
            sys: sys.clone(),
            held: (!at_once).then(RefCell::default),
        }
    }

    pub(super) async fn write(&self, data: &[u8]) -> Result<(), kernel::Errno> {
        let Some(held) = &self.held else {
            return self.sys.write(Fd::STDOUT, data).await;
        };
        held.borrow_mut().extend_from_slice(data);
        if held.borrow().len() >= BUFFER {
            return self.flush().await;
        }
        Ok(())
    }

    pub(super) async fn flush(&self) -> Result<(), kernel::Errno> {
        let data = self.held.as_ref().map(RefCell::take).unwrap_or_default();
        if data.is_empty() {
            return Ok(());
        }
        self.sys.write(Fd::STDOUT, &data).await
    }
}

/// Where the body goes; a file is made when the first byte arrives.
pub(super) struct Sink<'a> {
    sys: Sys,
    console: &'a Console,
    output: Option<Output>,
    dir: Option<String>,
    create_dirs: bool,
    silent: bool,
    fd: Option<Fd>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        sys: &Sys,
        console: &'a Console,
        options: &Options,
        output: Option<&Output>,
    ) -> Self {
        let output = output
            .cloned()
            .filter(|o| *o != Output::File("-".to_owned()));
        Self {
            sys: sys.clone(),
            console,
            output,
            dir: options.output_dir.clone(),
            create_dirs: options.create_dirs,
            silent: options.silent,
            fd: None,
        }
    }

    /// Whether standard output is spared.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.output.is_some()
    }

    /// Whether a file was opened.
    pub(super) fn is_open(&self) -> bool {
        self.fd.is_some()
    }

    /// The file's path, if it is one.
    pub(super) fn path(&self, url: &Url) -> Option<String> {
        let name = match self.output.as_ref()? {
            Output::Nowhere => return None,
            Output::File(path) => path.as_str(),
            Output::RemoteName => Some(url.file_name())
                .filter(|name| !name.is_empty())
                .unwrap_or("curl_response"),
        };
        Some(match &self.dir {
            Some(dir) => format!("{dir}/{name}"),
            None => name.to_owned(),
        })
    }

    /// Writes a piece of the body, or of the heads that are shown with it.
    ///
    /// # Errors
    /// Number 23.
    pub(super) async fn write(&mut self, url: &Url, data: &[u8]) -> Result<(), Failure> {
        if self.output == Some(Output::Nowhere) {
            return Ok(());
        }
        if self.fd.is_none() {
            let Some(path) = self.path(url) else {
                let written = self.console.write(data).await;
                return written.ok().ok_or_else(|| failed_write(data.len()));
            };
            if self.create_dirs {
                make_directories(&self.sys, &path);
            }
            match self.sys.open(&path, OpenOptions::WRITE) {
                Ok(fd) => self.fd = Some(fd),
                Err(error) => {
                    if !self.silent {
                        self.sys.err(&format!(
                            "Warning: Failed to open the file {path}: {error}\n"
                        ));
                    }
                    return Err(failed_write(data.len()));
                }
            }
        }
        match self.fd {
            Some(fd) => self
                .sys
                .write(fd, data)
                .await
                .ok()
                .ok_or_else(|| failed_write(data.len())),
            None => Ok(()),
        }
    }
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        if let Some(fd) = self.fd {
            self.sys.close(fd);
        }
    }
}

fn failed_write(bytes: usize) -> Failure {
    (
        23,
        format!("client returned ERROR on write of {bytes} bytes"),
    )
}

fn make_directories(sys: &Sys, path: &str) {
    for (at, _) in path.match_indices('/').skip_while(|(at, _)| *at == 0) {
        let _ = sys.make_node(
            path.get(..at).unwrap_or_default(),
            kernel::fs::Node::Dir,
            0o750,
        );
    }
}
