//! `up` without `-d`: the containers' output in the foreground, until they end or are told to.

use sorted::SortedSet;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use compose::model::Project;
use compose::plan::{Container, labels};
use engine::api::{EventType, EventsOptions, LogsOptions, WaitCondition};
use engine::client::{AttachOptions, Client};
use engine::stream::{Frame, Receiver};
use kernel::process::signal::Signal;
use kernel::sys::{Condition, Sys, race};
use kernel::time::Duration;

use super::context::{Compose, Scope};
use super::logs::short_name;
use super::printer::Printer;
use crate::args::Parsed;
use crate::session::{Failure, Outcome, complaint, refused};
use crate::since;

/// What becomes of the others when a container ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cascade {
    /// Nothing.
    Ignore,
    /// They are stopped.
    Stop,
    /// They are stopped if it failed.
    Fail,
}

/// What the flags of `up` say about its foreground.
pub(super) struct Attachment {
    cascade: Cascade,
    exit_from: String,
    prefixed: bool,
    stamped: bool,
    coloured: bool,
    named: Vec<String>,
    only: Vec<String>,
    without: Vec<String>,
    dependencies: bool,
    timeout: Option<i64>,
}

impl Attachment {
    /// Reads the flags.
    pub(super) fn read(parsed: &Parsed) -> Self {
        let exit_from = parsed.text("exit-code-from").to_owned();
        let cascade = if parsed.on("abort-on-container-failure") {
            Cascade::Fail
        } else if parsed.on("abort-on-container-exit") || !exit_from.is_empty() {
            Cascade::Stop
        } else {
            Cascade::Ignore
        };
        Self {
            cascade,
            exit_from,
            prefixed: !parsed.on("no-log-prefix"),
            stamped: parsed.on("timestamps"),
            coloured: !parsed.on("no-color"),
            named: parsed.args.clone(),
            only: parsed.all("attach").to_vec(),
            without: parsed.all("no-attach").to_vec(),
            dependencies: parsed.on("attach-dependencies"),
            timeout: parsed.given("timeout").then(|| parsed.int("timeout")),
        }
    }

    /// Whether the end of a service's containers counts.
    fn awaits(&self, service: &str) -> bool {
        self.named.is_empty() || self.named.iter().any(|name| name == service)
    }

    /// Whether what a service's containers say is shown.
    fn covers(&self, project: &Project, service: &str) -> bool {
        let wants = project.services.get(service).and_then(|s| s.attach);
        let contains = |list: &[String]| list.iter().any(|name| name == service);
        if contains(&self.without) {
            return false;
        }
        match (
            self.only.is_empty(),
            self.named.is_empty() || self.dependencies,
        ) {
            (false, _) => contains(&self.only),
            (true, false) => contains(&self.named),
            (true, true) => wants.unwrap_or(true),
        }
    }
}

/// The end of one container.
struct End {
    name: String,
    shown: bool,
    service: String,
    code: i64,
    restarting: bool,
}

impl End {
    fn tell(&self, printer: &Printer) {
        if self.shown {
            let again = if self.restarting { " (restarting)" } else { "" };
            let text = format!("exited with code {}{again}", self.code);
            printer.status(&self.name, &text);
        }
    }
}

/// What became of a container.
enum Turn {
    /// One that ended before, or is new, runs.
    Begun,
    Ended(End),
}

/// The turns that have not been dealt with yet, and the containers whose ends are awaited, by id.
#[derive(Clone)]
struct Ends {
    queue: Rc<RefCell<VecDeque<Turn>>>,
    awaited: Rc<RefCell<SortedSet<String>>>,
    changed: Condition,
}

impl Ends {
    fn new(sys: &Sys) -> Self {
        Self {
            queue: Rc::default(),
            awaited: Rc::default(),
            changed: sys.condition(),
        }
    }

    fn push(&self, turn: Turn) {
        self.queue.borrow_mut().push_back(turn);
        self.changed.signal();
    }

    async fn next(&self) -> Turn {
        let take = || self.queue.borrow_mut().pop_front();
        self.changed.until(take).await
    }
}

/// Follows containers of some services that are started from now on, and tells of those that take the place of others.
struct Latecomers {
    client: Client,
    sys: Sys,
    project: String,
    services: Vec<String>,
    printer: Printer,
    ends: Ends,
}

impl Latecomers {
    async fn run(self) {
        let wanted = [
            format!("{}={}", labels::PROJECT, self.project),
            format!("{}=False", labels::ONE_OFF),
        ];
        let options = EventsOptions {
            filters: [("label".to_owned(), wanted.into())].into(),
            ..EventsOptions::default()
        };
        let Ok(events) = self.client.events(options).await else {
            return;
        };
        while let Some(event) = events.next().await {
            let told = |name: &str| {
                event
                    .actor
                    .attributes
                    .get(name)
                    .cloned()
                    .unwrap_or_default()
            };
            let service = told(labels::SERVICE);
            if event.kind != EventType::Container || !self.services.contains(&service) {
                continue;
            }
            let id = event.actor.id.clone();
            match event.action.as_str() {
                "create" if !told(labels::REPLACE).is_empty() => {
                    self.printer
                        .status(&told(labels::REPLACE), "has been recreated");
                }
                "start" if self.ends.awaited.borrow_mut().insert(id.clone()) => {
                    let container = Container {
                        name: told("name"),
                        number: told(labels::NUMBER).parse().unwrap_or(0),
                        service: service.clone(),
                        ..Container::default()
                    };
                    let followed = Followed {
                        sys: self.sys.clone(),
                        id,
                        name: short_name(&self.project, &container),
                        service,
                        printer: Some(self.printer.clone()),
                        ends: Some(self.ends.clone()),
                    };
                    self.ends.push(Turn::Begun);
                    // The end of one that this one takes the place of is told first.
                    let _ = self.sys.sleep(Duration::from_millis(2)).await;
                    if let Some(output) = followed.output_since(&self.client, Some(event.time_nano))
                    {
                        let client = self.client.clone();
                        let task = followed.run(client, output, WaitCondition::NotRunning);
                        self.sys.spawn_task(task);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Follows the logs of containers until the last of them ends. One that has ended already is waited for: it may be started
/// again. Source: docker/compose `pkg/compose/logs.go` and `monitor.go`.
pub(super) async fn follow_logs(
    compose: &Compose,
    project: &str,
    containers: Vec<Container>,
    options: LogsOptions,
    printer: &Printer,
) -> Outcome {
    let sys = &compose.session.sys;
    let ends = Ends::new(sys);
    let mut left = containers.len();
    let latecomers = Latecomers {
        client: compose.client()?,
        sys: sys.clone(),
        project: project.to_owned(),
        services: containers.iter().map(|c| c.service.clone()).collect(),
        printer: printer.clone(),
        ends: ends.clone(),
    };
    for container in containers {
        ends.awaited.borrow_mut().insert(container.id.clone());
        let client = compose.client()?;
        let output = client
            .container_logs(container.id.as_str(), options.clone())
            .map_err(refused)?;
        let followed = Followed {
            sys: sys.clone(),
            name: short_name(project, &container),
            printer: Some(printer.clone()),
            ends: Some(ends.clone()),
            id: container.id,
            service: container.service,
        };
        let runs = matches!(
            container.state.as_str(),
            "running" | "paused" | "restarting"
        );
        sys.spawn_task(followed.after_logs(client, output, runs));
    }
    sys.spawn_task(latecomers.run());
    while left > 0 {
        match ends.next().await {
            Turn::Begun => left += 1,
            Turn::Ended(end) => {
                left -= usize::from(!end.restarting);
                end.tell(printer);
            }
        }
    }
    Ok(0)
}

/// Something that happens in the foreground.
enum Event {
    Turn(Turn),
    Interrupted,
}

/// Starts the project's containers and stays with them.
pub(super) async fn run(compose: &Compose, project: &Project, attachment: Attachment) -> Outcome {
    let session = &compose.session;
    let mut containers = compose.containers(&project.name, Scope::ALL)?;
    containers.retain(|c| project.services.contains_key(&c.service));
    sorted::sort_by(&mut containers, |a, b| a.name.cmp(&b.name));
    let shown: Vec<_> = containers
        .iter()
        .filter(|c| attachment.covers(project, &c.service))
        .map(|c| short_name(&project.name, c))
        .collect();
    session.line(&format!("Attaching to {}", shown.join(", ")));
    session.sys.catch(Signal::INT);
    session.sys.catch(Signal::TERM);
    let printer = Printer::new(
        session,
        attachment.prefixed,
        attachment.coloured,
        compose.globals.text("ansi"),
    )
    .stamped(attachment.stamped);
    let ends = Ends::new(&session.sys);
    let mut awaited = 0;
    for container in &containers {
        let shown = attachment.covers(project, &container.service);
        let awaits = attachment.awaits(&container.service);
        awaited += usize::from(awaits);
        ends.awaited.borrow_mut().insert(container.id.clone());
        let followed = Followed {
            sys: session.sys.clone(),
            id: container.id.clone(),
            name: short_name(&project.name, container),
            service: container.service.clone(),
            printer: shown.then(|| printer.clone()),
            ends: awaits.then(|| ends.clone()),
        };
        if shown || awaits {
            follow(compose, container, followed)?;
        }
    }
    let services = project.services.keys();
    let both =
        |service: &&String| attachment.covers(project, service) && attachment.awaits(service);
    let latecomers = Latecomers {
        client: compose.client()?,
        sys: session.sys.clone(),
        project: project.name.clone(),
        services: services.filter(both).cloned().collect(),
        printer: printer.clone(),
        ends: ends.clone(),
    };
    session.sys.spawn_task(latecomers.run());
    let quiet = compose.silent().showing(&printer);
    quiet.start_services(project).await?;
    stay(compose, project, &attachment, awaited, (&printer, &ends)).await
}

async fn stay(
    compose: &Compose,
    project: &Project,
    attachment: &Attachment,
    mut left: usize,
    (printer, ends): (&Printer, &Ends),
) -> Outcome {
    let session = &compose.session;
    let mut aborting = false;
    let mut code = 0;
    while left > 0 {
        let ended = async { Event::Turn(ends.next().await) };
        let interrupted = async {
            session.sys.signal().await;
            Event::Interrupted
        };
        let end = match race(ended, interrupted).await {
            Event::Turn(Turn::Ended(end)) => end,
            Event::Turn(Turn::Begun) => {
                left += 1;
                continue;
            }
            Event::Interrupted => {
                session.complain("Gracefully Stopping... press Ctrl+C again to force");
                printer.silence();
                stop(compose, project, attachment).await?;
                session.complain("");
                return Ok(130);
            }
        };
        left -= usize::from(!end.restarting);
        end.tell(printer);
        let counts = match attachment.exit_from.as_str() {
            "" => !aborting && attachment.cascade != Cascade::Ignore,
            service => end.service == service,
        };
        let cascades = match attachment.cascade {
            Cascade::Ignore => false,
            Cascade::Stop => true,
            Cascade::Fail => end.code != 0,
        };
        if counts && (cascades || attachment.cascade == Cascade::Stop) {
            code = i32::try_from(end.code).unwrap_or(1);
        }
        if cascades && !aborting {
            aborting = true;
            let text = "\u{1b}[31m\u{1b}[1mAborting on container exit...\u{1b}[0m";
            session.complain(text);
            stop(compose, project, attachment).await?;
        }
    }
    if code != 0 {
        // Compose prints its error, which has no text.
        session.complain("");
    }
    Ok(code)
}

/// Stops everything; a second interrupt kills it.
async fn stop(
    compose: &Compose,
    project: &Project,
    attachment: &Attachment,
) -> Result<(), Failure> {
    let stopping = compose.stop_services(project, &attachment.named, attachment.timeout);
    let killed = async {
        compose.session.sys.signal().await;
        let containers = compose.containers(&project.name, Scope::RUNNING)?;
        let client = compose.client()?;
        for container in containers {
            let _gone = client.container_kill(container.id, "").await;
        }
        Err(complaint(""))
    };
    race(stopping, killed).await
}

/// One container that is followed.
struct Followed {
    sys: Sys,
    id: String,
    name: String,
    service: String,
    /// Where its output goes, if it is shown.
    printer: Option<Printer>,
    /// Where its ends go, if they count.
    ends: Option<Ends>,
}

impl Followed {
    /// Follows the container through its restarts to its last end.
    async fn run(self, client: Client, mut output: Receiver<Frame>, mut until: WaitCondition) {
        loop {
            let waiting = client.container_wait(self.id.as_str(), until);
            let told = async {
                if let Some(printer) = &self.printer {
                    printer.follow(&self.name, &output).await;
                }
            };
            let (answer, ()) = both(waiting, told).await;
            // An engine that restarts a container has started it again by then. Seen.
            let _ = self.sys.sleep(Duration::from_millis(1)).await;
            let state = client.container_inspect(self.id.as_str()).map(|c| c.state);
            let (waits, runs) = state
                .as_ref()
                .map_or((false, false), |s| (s.restarting, s.running));
            let code = answer.map_or(1, |answer| answer.status_code);
            self.ended(code, self.printer.is_some(), waits || runs);
            // That is told first.
            let _ = self.sys.sleep(Duration::from_micros(1)).await;
            let again = match (waits, state) {
                (true, _) => self.started_again(&client).await,
                (false, Ok(state)) if runs => {
                    self.output_since(&client, instant(&state.started_at))
                }
                _ => return,
            };
            match again {
                Some(next) => (output, until) = (next, WaitCondition::NotRunning),
                // It was stopped while it waited.
                None => return self.ended(code, false, false),
            }
        }
    }

    fn ended(&self, code: i64, shown: bool, restarting: bool) {
        if let Some(ends) = &self.ends {
            if !restarting {
                ends.awaited.borrow_mut().remove(&self.id);
            }
            ends.push(Turn::Ended(End {
                name: self.name.clone(),
                shown,
                service: self.service.clone(),
                code,
                restarting,
            }));
        }
    }

    /// Waits until the container runs again, and returns its output from then on. `None`: it will not.
    async fn started_again(&self, client: &Client) -> Option<Receiver<Frame>> {
        let what = ["start", "stop", "destroy"];
        let filters = [
            ("container".to_owned(), vec![self.id.clone()]),
            ("event".to_owned(), what.map(str::to_owned).into()),
        ];
        let options = EventsOptions {
            filters: filters.into(),
            ..EventsOptions::default()
        };
        let event = client.events(options).await.ok()?.next().await?;
        match event.action == "start" {
            true => self.output_since(client, Some(event.time_nano)),
            false => None,
        }
    }

    fn output_since(&self, client: &Client, since: Option<i64>) -> Option<Receiver<Frame>> {
        let options = LogsOptions {
            stdout: true,
            stderr: true,
            follow: true,
            since,
            ..LogsOptions::default()
        };
        client.container_logs(self.id.as_str(), options).ok()
    }

    /// Follows the container from what its log holds on.
    async fn after_logs(self, client: Client, output: Receiver<Frame>, runs: bool) {
        if runs {
            return self.run(client, output, WaitCondition::NotRunning).await;
        }
        if let Some(printer) = &self.printer {
            printer.follow(&self.name, &output).await;
        }
        if let Some(output) = self.started_again(&client).await {
            self.run(client, output, WaitCondition::NotRunning).await;
        }
    }
}

/// Reads one of the engine's moments, nanoseconds since 1970.
fn instant(text: &str) -> Option<i64> {
    since::instant(text, 0).ok()
}

/// Attaches to a container that is not started yet, and follows it.
fn follow(compose: &Compose, container: &Container, followed: Followed) -> Result<(), Failure> {
    let client = compose.client()?;
    let options = AttachOptions {
        stdout: true,
        stderr: true,
        ..AttachOptions::default()
    };
    let attached = client
        .container_attach(container.id.as_str(), options)
        .map_err(refused)?;
    let until = match container.is_running() {
        true => WaitCondition::NotRunning,
        false => WaitCondition::NextExit,
    };
    let task = followed.run(client, attached.output, until);
    compose.session.sys.spawn_task(task);
    Ok(())
}

/// Waits for both.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|cx| {
        use std::task::Poll;
        if first.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            first = Some(value);
        }
        if second.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            second = Some(value);
        }
        match (first.take(), second.take()) {
            (Some(x), Some(y)) => Poll::Ready((x, y)),
            (x, y) => {
                (first, second) = (x, y);
                Poll::Pending
            }
        }
    })
    .await
}
