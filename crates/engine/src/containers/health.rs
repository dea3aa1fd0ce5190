//! Health checks: a command run in a container again and again, and what is made of its exit codes.
//!
//! Source: moby `daemon/health.go`.

use kernel::ids::ProcessId;
use kernel::process::signal::Signal;
use kernel::time::Duration;

use crate::api::{
    ContainerConfig, ExecCreateRequest, HealthConfig, HealthLog, HealthState, ImageConfig,
};
use crate::clock::{UnixNanos, go_duration, rfc3339};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::logs::Output;
use crate::stream::{Channel, Frame, Receiver, channel};

use super::streams::Sources;

const SECOND: i64 = 1_000_000_000;
const INTERVAL: i64 = 30 * SECOND;
const START_INTERVAL: i64 = 5 * SECOND;
const TIMEOUT: i64 = 30 * SECOND;
const RETRIES: i64 = 3;
/// The shortest time that may be asked for.
const SHORTEST: i64 = 1_000_000;
/// How many probes are remembered.
const KEPT_PROBES: usize = 5;
/// How much of a probe's output is remembered, bytes.
const KEPT_OUTPUT: usize = 4096;
/// What stands for the exit code of a probe that has none.
const NO_CODE: i64 = -1;

pub(crate) const STARTING: &str = "starting";
pub(crate) const HEALTHY: &str = "healthy";
pub(crate) const UNHEALTHY: &str = "unhealthy";

/// Fills in what the image says about health, and checks what comes of it.
pub(super) fn merge(config: &mut ContainerConfig, image: &ImageConfig) -> Result<()> {
    match (&mut config.healthcheck, &image.healthcheck) {
        (Some(own), Some(image)) => {
            if own.test.is_empty() {
                own.test.clone_from(&image.test);
            }
            for (own, image) in [
                (&mut own.interval, image.interval),
                (&mut own.timeout, image.timeout),
                (&mut own.start_period, image.start_period),
                (&mut own.start_interval, image.start_interval),
                (&mut own.retries, image.retries),
            ] {
                if *own == 0 {
                    *own = image;
                }
            }
        }
        (None, Some(image)) => config.healthcheck = Some(image.clone()),
        (_, None) => {}
    }
    config.healthcheck.as_ref().map_or(Ok(()), check)
}

/// Checks the times that were asked for. Source: moby `daemon/container.go`, `validateHealthCheck`.
pub(super) fn check(health: &HealthConfig) -> Result<()> {
    let times = [
        ("Interval", health.interval),
        ("Timeout", health.timeout),
        ("StartPeriod", health.start_period),
        ("StartInterval", health.start_interval),
    ];
    let too_short = |(_, time): &&(&str, i64)| *time != 0 && *time < SHORTEST;
    match times.iter().find(too_short) {
        Some((name, _)) => Err(Error::invalid(format!(
            "{name} in Healthcheck cannot be less than 1ms"
        ))),
        None if health.retries < 0 => {
            Err(Error::invalid("Retries in Healthcheck cannot be negative"))
        }
        None => Ok(()),
    }
}

impl HealthConfig {
    /// Returns the command line of a probe; `None` if there is nothing to run.
    fn command(&self) -> Option<Vec<String>> {
        let (kind, rest) = self.test.split_first()?;
        match kind.as_str() {
            "CMD" => Some(rest.to_vec()),
            "CMD-SHELL" => Some(
                ["/bin/sh", "-c"]
                    .into_iter()
                    .map(str::to_owned)
                    .chain(rest.iter().cloned())
                    .collect(),
            ),
            _ => None,
        }
    }
}

impl HealthState {
    /// Takes the result of a probe into account.
    fn note(&mut self, config: &HealthConfig, probe: HealthLog, since_start: i64) {
        if self.log.len() >= KEPT_PROBES {
            self.log.drain(..=self.log.len() - KEPT_PROBES);
        }
        let healthy = probe.exit_code == 0;
        self.log.push(probe);
        if healthy {
            self.failing_streak = 0;
            HEALTHY.clone_into(&mut self.status);
        } else if self.status != STARTING || since_start >= config.start_period {
            self.failing_streak += 1;
            if self.failing_streak >= or_default(config.retries, RETRIES) {
                UNHEALTHY.clone_into(&mut self.status);
            }
        }
    }
}

impl Engine {
    /// Begins to watch the health of a container that has just started.
    pub(super) fn begin_health(&self, id: &str) {
        {
            let mut state = self.state();
            let Some(c) = state.containers.get_mut(id) else {
                return;
            };
            let is_probed = c
                .config
                .healthcheck
                .as_ref()
                .and_then(HealthConfig::command);
            if is_probed.is_none() {
                return;
            }
            let health = c.state.health.get_or_insert_default();
            STARTING.clone_into(&mut health.status);
            health.failing_streak = 0;
        }
        self.watch_health(id);
    }

    /// Probes a container's health from now on, until [`Self::end_health`].
    pub(super) fn watch_health(&self, id: &str) {
        let (config, watch) = {
            let mut state = self.state();
            let Some(c) = state.containers.get_mut(id) else {
                return;
            };
            let Some(config) = c.config.healthcheck.clone() else {
                return;
            };
            c.health_watch += 1;
            (config, c.health_watch)
        };
        let Some(command) = config.command() else {
            return;
        };
        let (engine, id) = (self.clone(), id.to_owned());
        self.sys().spawn_task(async move {
            while let Some(wait) = engine.health_wait(&id, watch, &config) {
                let over = engine.until(|| (!engine.watches(&id, watch)).then_some(()));
                if engine.sys().timeout(nanos(wait), over).await.is_some() {
                    break;
                }
                let started = engine.now();
                let probe = engine.probe(&id, watch, &config, &command).await;
                engine.note_probe(&id, watch, &config, started, probe);
            }
        });
    }

    /// Stops probing: the container is no longer in a state to answer, and counts as unhealthy.
    pub(super) fn end_health(&self, id: &str) {
        if let Some(c) = self.state().containers.get_mut(id) {
            c.health_watch += 1;
            if let Some(health) = &mut c.state.health {
                UNHEALTHY.clone_into(&mut health.status);
            }
        }
        self.notify();
    }

    fn watches(&self, id: &str, watch: u64) -> bool {
        let state = self.state();
        state
            .containers
            .get(id)
            .is_some_and(|c| c.health_watch == watch)
    }

    /// Returns the time until the next probe; `None` once nobody watches.
    fn health_wait(&self, id: &str, watch: u64, config: &HealthConfig) -> Option<i64> {
        let now = self.now();
        let state = self.state();
        let c = state
            .containers
            .get(id)
            .filter(|c| c.health_watch == watch)?;
        let starting = c
            .state
            .health
            .as_ref()
            .is_some_and(|h| h.status == STARTING);
        Some(if starting && now - c.started < config.start_period {
            or_default(config.start_interval, START_INTERVAL)
        } else {
            or_default(config.interval, INTERVAL)
        })
    }

    /// Runs the command once. Returns its exit code and what it printed.
    async fn probe(
        &self,
        id: &str,
        watch: u64,
        config: &HealthConfig,
        command: &[String],
    ) -> (i64, String) {
        let request = ExecCreateRequest {
            attach_stdout: true,
            attach_stderr: true,
            cmd: command.to_vec(),
            ..ExecCreateRequest::default()
        };
        let exec = self.add_exec(id, request.clone());
        let (sender, frames) = channel::<Frame>(self.sys());
        let streams = match self.streams(false, None, false) {
            Ok(streams) => streams,
            Err(errno) => return (NO_CODE, errno.text().to_owned()),
        };
        let process = match self.launch_exec(&exec, id, &request, &streams) {
            Ok(process) => process,
            Err(error) => return (NO_CODE, error.to_string()),
        };
        let output = Output::default();
        output.attach(None, sender);
        let limit = or_default(config.timeout, TIMEOUT);
        let end = self.probe_end(
            exec.clone(),
            id.to_owned(),
            process,
            (output, streams.sources()),
        );
        let over = async {
            self.until(|| (!self.watches(id, watch)).then_some(()))
                .await;
            None
        };
        let in_time = async { end.next().await };
        let code = self
            .sys()
            .timeout(nanos(limit), kernel::sys::race(in_time, over))
            .await
            .flatten();
        let printed = collected(&frames);
        if let Some(code) = code {
            return (code, printed);
        }
        // Nobody waits for the dead: what they started may hold the output open for long.
        let _ = self.sys().kill(process, Signal::KILL);
        let told = if printed.is_empty() {
            String::new()
        } else {
            format!(": {printed}")
        };
        let limit = go_duration(limit);
        (
            NO_CODE,
            format!("Health check exceeded timeout ({limit}){told}"),
        )
    }

    /// Waits for a probe's end beside everything else. Returns where its exit code will be found.
    fn probe_end(
        &self,
        exec: String,
        container: String,
        process: ProcessId,
        (output, sources): (Output, Sources),
    ) -> Receiver<i64> {
        let (sender, end) = channel(self.sys());
        let engine = self.clone();
        self.sys().spawn_task(async move {
            let status = engine.watch(process, &output, sources).await;
            engine.exec_ended(&exec, &container, status);
            sender.send(i64::from(status.code()));
        });
        end
    }

    fn note_probe(
        &self,
        id: &str,
        watch: u64,
        config: &HealthConfig,
        started: UnixNanos,
        (exit_code, output): (i64, String),
    ) {
        let now = self.now();
        let status = {
            let mut state = self.state();
            let found = state.containers.get_mut(id);
            let Some(c) = found.filter(|c| c.health_watch == watch) else {
                return;
            };
            let since_start = started - c.started;
            let Some(health) = &mut c.state.health else {
                return;
            };
            let before = health.status.clone();
            let probe = HealthLog {
                start: rfc3339(started),
                end: rfc3339(now),
                exit_code,
                output,
            };
            health.note(config, probe, since_start);
            (before != health.status).then(|| health.status.clone())
        };
        if let Some(status) = status {
            self.container_event(&format!("health_status: {status}"), id, &[]);
        }
        self.notify();
    }
}

/// Takes what was printed, as text of a bounded length.
fn collected(frames: &Receiver<Frame>) -> String {
    let mut bytes = Vec::new();
    while let Some(Frame { channel, data }) = frames.take() {
        // Both go into one buffer.
        let (Channel::Stdout | Channel::Stderr) = channel;
        bytes.extend_from_slice(&data);
    }
    let is_cut = bytes.len() > KEPT_OUTPUT;
    bytes.truncate(KEPT_OUTPUT);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if is_cut { format!("{text}...") } else { text }
}

fn or_default(given: i64, default: i64) -> i64 {
    if given > 0 { given } else { default }
}

fn nanos(time: i64) -> Duration {
    Duration::from_nanos(u64::try_from(time).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probed(config: &HealthConfig, state: &mut HealthState, codes: &[(i64, i64)]) {
        for (code, since_start) in codes {
            let probe = HealthLog {
                exit_code: *code,
                ..HealthLog::default()
            };
            state.note(config, probe, since_start * SECOND);
        }
    }

    #[test]
    fn failures_count_from_the_end_of_the_start_period() {
        let config = HealthConfig {
            retries: 2,
            start_period: 5 * SECOND,
            ..HealthConfig::default()
        };
        let mut state = HealthState {
            status: STARTING.to_owned(),
            ..HealthState::default()
        };
        probed(&config, &mut state, &[(1, 1), (1, 2), (1, 3)]);
        assert_eq!((state.status.as_str(), state.failing_streak), (STARTING, 0));
        probed(&config, &mut state, &[(1, 5)]);
        assert_eq!((state.status.as_str(), state.failing_streak), (STARTING, 1));
        probed(&config, &mut state, &[(7, 6)]);
        assert_eq!(
            (state.status.as_str(), state.failing_streak),
            (UNHEALTHY, 2)
        );
        probed(&config, &mut state, &[(0, 7)]);
        assert_eq!((state.status.as_str(), state.failing_streak), (HEALTHY, 0));
        assert_eq!(state.log.len(), KEPT_PROBES);
    }

    #[test]
    fn a_success_ends_the_start_period() {
        let config = HealthConfig {
            retries: 1,
            start_period: 60 * SECOND,
            ..HealthConfig::default()
        };
        let mut state = HealthState {
            status: STARTING.to_owned(),
            ..HealthState::default()
        };
        probed(&config, &mut state, &[(0, 1), (1, 2)]);
        assert_eq!(state.status, UNHEALTHY);
    }

    #[test]
    fn the_image_fills_what_the_user_leaves_open() {
        let given = |test: &[&str], interval, retries| HealthConfig {
            test: test.iter().map(|t| (*t).to_owned()).collect(),
            interval,
            retries,
            ..HealthConfig::default()
        };
        let image = ImageConfig {
            healthcheck: Some(given(&["CMD", "probe"], 2 * SECOND, 4)),
            ..ImageConfig::default()
        };
        let mut config = ContainerConfig {
            healthcheck: Some(given(&[], SECOND, 0)),
            ..ContainerConfig::default()
        };
        merge(&mut config, &image).unwrap();
        assert_eq!(
            config.healthcheck,
            Some(given(&["CMD", "probe"], SECOND, 4))
        );
        config.healthcheck = Some(given(&["CMD", "probe"], 1000, 0));
        let error = merge(&mut config, &ImageConfig::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Interval in Healthcheck cannot be less than 1ms"
        );
    }
}
