//! Reading a container's output, and writing to its standard input.

use crate::api::LogsOptions;
use crate::client::AttachOptions;
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::stream::{Attached, Channel, Frame, Input, Receiver, channel};

use super::logging;

impl Engine {
    /// `POST /containers/{id}/attach`.
    pub(crate) fn container_attach(
        &self,
        container: String,
        options: AttachOptions,
    ) -> Result<Attached> {
        let state = self.state();
        let c = state.find_container(&container)?;
        let id = c.id.clone();
        if c.state.paused {
            return Err(Error::conflict(format!(
                "container {container} is paused, unpause the container before attach"
            )));
        }
        if c.state.restarting {
            return Err(Error::conflict(format!(
                "Container {} is restarting, wait until the container is running",
                c.id
            )));
        }
        let (sender, output) = channel::<Frame>(self.sys());
        if options.logs {
            self.reread_log(&c.output);
            let all = LogsOptions {
                stdout: options.stdout,
                stderr: options.stderr,
                ..LogsOptions::default()
            };
            let (past, lines) = channel(self.sys());
            c.output.read(&all, "", past, false);
            while let Some(frame) = lines.take() {
                sender.send(frame);
            }
        }
        match (options.stdout, options.stderr) {
            _ if options.past_only => {}
            (true, true) => c.output.attach(None, sender),
            (true, false) => c.output.attach(Some(Channel::Stdout), sender),
            (false, true) => c.output.attach(Some(Channel::Stderr), sender),
            (false, false) => {}
        }
        let mut input = None;
        // A process that is lent the terminal reads it itself: a client that read it too would take its first line away.
        let reads_itself = c.config.tty && options.console.is_some();
        if options.stdin && c.config.open_stdin && !c.state.running && !reads_itself {
            let (sender, receiver) = channel(self.sys());
            c.output.set_input(Some(receiver), options.console);
            input = Some(Input { sender });
        } else if options.stdin && c.state.running {
            let (sender, receiver) = channel(self.sys());
            self.feed(c.output.stdin(), Some(receiver), c.config.stdin_once);
            input = Some(Input { sender });
        } else if !c.state.running {
            c.output.set_input(None, options.console);
        }
        drop(state);
        self.container_event("attach", &id, &[]);
        Ok(Attached { output, input })
    }

    /// `GET /containers/{id}/logs`.
    pub(crate) fn container_logs(
        &self,
        container: String,
        mut options: LogsOptions,
    ) -> Result<Receiver<Frame>> {
        // Source: moby `daemon/logs.go`.
        options.until = options.until.filter(|at| *at != 0);
        let state = self.state();
        let c = state.find_container(&container)?;
        if !options.stdout && !options.stderr {
            return Err(Error::invalid(
                "Bad parameters: you must choose at least one stream",
            ));
        }
        if c.host_config.log_config.kind == "none" {
            return Err(Error::internal(
                "configured logging driver does not support reading",
            ));
        }
        self.reread_log(&c.output);
        let (sender, receiver) = channel(self.sys());
        let details = logging::details(&c.host_config.log_config, &c.config);
        c.output.read(&options, &details, sender, c.state.running);
        Ok(receiver)
    }
}
