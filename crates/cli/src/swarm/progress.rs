//! Waiting until a service is as it is to be, and telling of it.
//! Source: docker/cli `command/service/progress/progress.go`, moby `pkg/jsonmessage`.

use engine::Client;
use engine::api::{Service, Task};
use kernel::process::signal::Signal;
use kernel::time::{Duration, Instant};
use sorted::SortedMap;

use crate::format::text::short_id;
use crate::session::{STDOUT, Session, said};

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a service is watched once it is as it is to be, unless it says so itself.
const MONITOR: Duration = Duration::from_secs(5);
/// Services with more tasks get no line for each.
const MOST_BARS: u64 = 20;
/// The states that a task goes through, and after them those that it ends in.
const STATES: [&str; 13] = [
    "new",
    "allocated",
    "pending",
    "assigned",
    "accepted",
    "preparing",
    "ready",
    "starting",
    "running",
    "complete",
    "shutdown",
    "failed",
    "rejected",
];
/// The number of `running` among them.
const RUNNING: usize = 9;
/// The number of `complete`.
const COMPLETE: usize = 10;

/// Counts states from 1; 0 for one that is not shown.
fn number(state: &str) -> usize {
    STATES
        .iter()
        .position(|s| *s == state)
        .map_or(0, |at| at + 1)
}

/// Lines that are written over on a terminal, each with a name; elsewhere they follow each other, without the bars.
pub(super) struct Display<'a> {
    session: &'a Session,
    quiet: bool,
    /// The names of the lines since the last message.
    ids: Vec<String>,
}

impl<'a> Display<'a> {
    /// Nothing is written yet.
    pub(super) fn new(session: &'a Session, quiet: bool) -> Self {
        Self {
            session,
            quiet,
            ids: Vec::new(),
        }
    }

    /// Writes a message that stays.
    pub(super) fn say(&mut self, id: &str, text: &str) {
        self.ids.clear();
        let colon = if id.is_empty() { "" } else { ": " };
        if !self.quiet && !text.is_empty() {
            self.session.line(&format!("{id}{colon}{text}"));
        }
    }

    /// Writes the line named `id`, with a bar if there is something to measure.
    pub(super) fn show(&mut self, id: &str, action: &str, bar: Option<(usize, usize)>) {
        let sys = &self.session.sys;
        if self.quiet {
            return;
        }
        if !sys.is_tty(STDOUT) {
            if bar.is_none() {
                self.session.line(&format!("{id}: {action}"));
            }
            return;
        }
        let line = match self.ids.iter().position(|known| known == id) {
            Some(line) => line,
            None => {
                self.ids.push(id.to_owned());
                sys.out("\n");
                self.ids.len() - 1
            }
        };
        let up = self.ids.len() - line;
        let bar = bar.map_or_else(String::new, |(current, total)| {
            let done = (current * 100 / total.max(1) / 2).min(50);
            let rest = 50_usize.saturating_sub(done);
            format!("[{}>{}] ", "=".repeat(done), " ".repeat(rest))
        });
        sys.out(&format!(
            "\u{1b}[{up}A\u{1b}[2K\r{id}: {action} {bar}\r\u{1b}[{up}B"
        ));
    }

    /// Writes the line of one task.
    fn task(&mut self, id: &str, task: &Task, total: usize) {
        match task.status.err.as_str() {
            "" => {
                let state = &task.status.state;
                self.show(id, &format!("{state:<9}"), Some((number(state), total)));
            }
            error => {
                let line = error.replace('\n', " ");
                let cut = crate::format::text::ellipsis(&line, 75);
                self.show(id, &cut, None);
            }
        }
    }

    /// Writes how many tasks of how many run.
    fn overall(&mut self, running: u64, wanted: u64, rollback: bool) {
        let before = if rollback {
            "rolling back update: "
        } else {
            ""
        };
        let text = format!("{before}{running} out of {wanted} tasks");
        self.show("overall progress", &text, None);
    }
}

/// What was told of a service so far.
#[derive(Default)]
struct Told {
    begun: bool,
    done: bool,
    /// The line of each slot, or node.
    lines: SortedMap<String, usize>,
    /// How many nodes a job that is on all of them began with.
    total: usize,
}

/// What tells tasks of one service apart: their slot, or else their node.
fn place(task: &Task) -> String {
    match task.slot {
        0 => task.node_id.clone(),
        slot => format!("{slot:020}"),
    }
}

/// True if a task is not to run any more.
fn ends(state: &str) -> bool {
    number(state) > RUNNING
}

/// Picks one task of each place: the one that is to go on, and among several the one that has come least far.
fn newest(tasks: &[Task]) -> SortedMap<String, &Task> {
    let mut found: SortedMap<String, &Task> = SortedMap::new();
    let rank = |task: &Task| (number(&task.desired_state), number(&task.status.state));
    for task in tasks {
        let (desired, state) = rank(task);
        if desired == 0 || state == 0 {
            continue;
        }
        match found.get(&place(task)) {
            Some(other) if rank(other) <= (desired, state) => {}
            _ => drop(found.insert(place(task), task)),
        }
    }
    found
}

/// Tells how services that go on are doing. Returns whether all their tasks run; `replicas` is `None` for one on each node.
fn go_on(
    display: &mut Display<'_>,
    told: &mut Told,
    (tasks, replicas): (&SortedMap<String, &Task>, Option<u64>),
    rollback: bool,
) -> bool {
    let wanted = replicas.unwrap_or(tasks.len() as u64);
    if !told.begun {
        if replicas.is_none() && wanted == 0 {
            display.show("overall progress", "waiting for new tasks", None);
            return false;
        }
        display.overall(0, wanted, rollback);
        if replicas.is_some() && wanted <= MOST_BARS {
            for line in 1..=wanted {
                display.show(&format!("{line}/{wanted}"), " ", None);
            }
        }
        told.begun = true;
    }
    let runs = |task: &Task| task.status.state == "running";
    told.done &= tasks.iter().all(|(_, task)| runs(task));
    let mut running = 0;
    for (place, task) in tasks {
        let next = told.lines.len() + 1;
        let line = *told.lines.entry(place.clone()).or_insert(next);
        if !ends(&task.desired_state) && runs(task) {
            running += 1;
        }
        let shown =
            !task.status.err.is_empty() || !ends(&task.desired_state) && !ends(&task.status.state);
        if !told.done && wanted <= MOST_BARS && line as u64 <= wanted && shown {
            let id = match replicas {
                Some(_) => format!("{line}/{wanted}"),
                None => short_id(&task.node_id),
            };
            display.task(&id, task, RUNNING);
        }
    }
    if !told.done {
        display.overall(running, wanted, rollback);
        told.done = running == wanted;
    }
    running == wanted
}

/// Tells how a job is doing. Returns whether it is done.
fn job(display: &mut Display<'_>, told: &mut Told, service: &Service, tasks: &[Task]) -> bool {
    let run = service.job_status.as_ref().map(|s| s.job_iteration);
    let mut latest: SortedMap<(u64, String), &Task> = SortedMap::new();
    let replicated = service.spec.mode.replicated_job;
    for task in tasks.iter().filter(|task| task.job_iteration == run) {
        let key = match replicated {
            Some(_) => (task.slot, String::new()),
            None => (0, task.node_id.clone()),
        };
        match latest.get(&key) {
            Some(other) if number(&other.status.state) <= number(&task.status.state) => {}
            _ => drop(latest.insert(key, task)),
        }
    }
    let total = match replicated {
        Some(job) => usize::try_from(job.total_completions.unwrap_or(1)).unwrap_or(0),
        None if !told.begun => {
            if tasks.is_empty() {
                display.show("job progress", "waiting for tasks", None);
                return false;
            }
            told.total = latest.len();
            told.total
        }
        None => told.total,
    };
    let concurrent = replicated.map(|job| {
        let most = job.max_concurrent.unwrap_or(1);
        usize::try_from(most).unwrap_or(usize::MAX)
    });
    let overall = |display: &mut Display<'_>, active: usize, complete: usize| {
        let width = total.to_string().len();
        let text = format!("{complete:width$} out of {total} complete");
        display.show("job progress", &text, Some((complete, total)));
        if let Some(concurrent) = concurrent {
            let width = concurrent.to_string().len();
            let wanted = concurrent.min(total.saturating_sub(complete));
            let text = format!("{active:width$} out of {wanted:width$} tasks");
            display.show("active tasks", &text, None);
        }
    };
    if !told.begun {
        overall(display, 0, 0);
        if replicated.is_some() && total as u64 <= MOST_BARS {
            for line in 1..=total {
                display.show(&format!("{line}/{total}"), " ", None);
            }
        }
        told.begun = true;
    }
    let (mut active, mut complete) = (0, 0);
    for ((slot, _), task) in &latest {
        if total as u64 <= MOST_BARS {
            let id = match replicated {
                Some(_) => format!("{}/{total}", slot + 1),
                None => task.node_id.clone(),
            };
            display.task(&id, task, COMPLETE);
        }
        active += usize::from(number(&task.status.state) < COMPLETE);
        complete += usize::from(task.status.state == "complete");
    }
    overall(display, active, complete);
    complete == total
}

/// Waits until a service is as it is to be. Errors: the sentence.
pub(super) async fn wait(
    session: &Session,
    client: &Client,
    service: &str,
    quiet: bool,
) -> Result<(), String> {
    let mut display = Display::new(session, quiet);
    let mut told = Told::default();
    let mut since: Option<Instant> = None;
    let (mut converged, mut rollback) = (false, false);
    let mut last_words = None;
    session.sys.catch(Signal::INT);
    loop {
        let found = client.service_inspect(service, false);
        let found = found.map_err(|error| said(&error))?;
        let update = found.spec.update_config.as_ref();
        let monitor = update.and_then(|config| u64::try_from(config.monitor).ok());
        let monitor = monitor
            .filter(|nanos| *nanos > 0)
            .map_or(MONITOR, Duration::from_nanos);
        if let Some(status) = &found.update_status {
            match status.state.as_str() {
                "updating" => rollback = false,
                "completed" if !converged => return Ok(()),
                "paused" => return Err(format!("service update paused: {}", status.message)),
                "rollback_started" => {
                    if !rollback && !status.message.is_empty() {
                        display.show("rollback", &status.message, None);
                    }
                    rollback = true;
                }
                "rollback_paused" => {
                    return Err(format!("service rollback paused: {}", status.message));
                }
                "rollback_completed" => {
                    if !converged {
                        last_words = Some(status.message.clone());
                    }
                    rollback = true;
                }
                _ => {}
            }
        }
        let now = session.sys.now();
        if converged && since.is_some_and(|since| now.since(since) >= monitor) {
            display.show("verify", &format!("Service {service} converged"), None);
            if let Some(text) = last_words {
                display.say("rollback", &text);
            }
            return Ok(());
        }
        let filters = [
            ("service".to_owned(), vec![found.id.clone()]),
            ("_up-to-date".to_owned(), vec!["true".to_owned()]),
        ];
        let tasks = client.task_list(filters.into_iter().collect::<engine::api::Filters>());
        let tasks = tasks.map_err(|error| said(&error))?;
        let nodes = client.node_list(engine::api::Filters::new());
        let nodes = nodes.map_err(|error| said(&error))?;
        let up = |task: &&Task| {
            task.node_id.is_empty()
                || nodes
                    .iter()
                    .any(|n| n.id == task.node_id && n.status.state != "down")
        };
        let mode = &found.spec.mode;
        converged = if found.job_status.is_some() {
            job(&mut display, &mut told, &found, &tasks)
        } else {
            let here: Vec<Task> = tasks.iter().filter(up).cloned().collect();
            let replicas = mode.replicated.map(|mode| mode.replicas.unwrap_or(1));
            let newest = newest(&here);
            go_on(&mut display, &mut told, (&newest, replicas), rollback)
        };
        if converged {
            if found.job_status.is_some() {
                display.say("", "job complete");
                return Ok(());
            }
            let since = *since.get_or_insert(now);
            let left = monitor.saturating_sub(now.since(since));
            if !left.is_zero() {
                // Some time has always passed since, so that a whole second counts as begun.
                let begun = left.as_nanos().div_ceil(1_000_000_000);
                let text = format!("Waiting {begun} seconds to verify that tasks are stable...");
                display.show("verify", &text, None);
            }
        } else if since.take().is_some() {
            display.show("verify", "Detected task failure", None);
        }
        if session.sys.sleep(PAUSE).await.is_err() {
            if !converged {
                display.say("", "Operation continuing in background.");
                let text = format!("Use `docker service ps {service}` to check progress.");
                display.say("", &text);
            }
            return Ok(());
        }
    }
}
