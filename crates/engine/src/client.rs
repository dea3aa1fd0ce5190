//! The engine as its clients see it: the calls of the Docker Engine API.

use std::cell::RefCell;
use std::rc::Rc;

use kernel::fs::Metadata;
use kernel::process::tty::TtyId;
use kernel::sys::{Condition, Sys};
use kernel::trace::Note;

use crate::api::{
    API_VERSION, CommitOptions, ContainerCreateRequest, ContainerCreateResponse, ContainerInspect,
    ContainerListOptions, ContainerSummary, ContainersPruneReport, EventMessage, EventsOptions,
    ExecCreateRequest, ExecCreateResponse, ExecInspect, ExecStartRequest, FilesystemChange,
    Filters, HistoryResponseItem, ImageDeleteResponse, ImageInspect, ImageSummary,
    ImagesPruneReport, ImportOptions, Info, LogsOptions, MIN_API_VERSION, NetworkConnectRequest,
    NetworkCreateRequest, NetworkCreateResponse, NetworkDisconnectRequest, NetworkInspect,
    NetworkSummary, NetworksPruneReport, RemoveOptions, Secret, Service, Sizes, StatsResponse,
    StopOptions, Swarm, SwarmChange, SwarmChanged, SwarmConfig, SwarmInitRequest, SwarmJoinRequest,
    SwarmNode, Task, TaskFrame, TopResponse, UpdateRequest, UpdateResponse, Version, Volume,
    VolumeCreateRequest, VolumesPruneReport, WaitCondition, WaitResponse,
};
use crate::archive::Archive;
use crate::daemon::Engine;
use crate::error::{Class, Error, Result};
use crate::stream::{Attached, Frame, Receiver};

/// Where the engine of a machine listens.
pub const SOCKET: &str = "/var/run/docker.sock";

/// What a client says whose engine has ended.
const LOST: &str = "error during connect: unexpected EOF";

/// A connection to the engine of the machine that a program runs on.
#[derive(Clone)]
pub struct Client {
    engine: Option<Engine>,
    host: String,
    /// The version of the API that somebody wants spoken.
    version: Option<String>,
    sys: Sys,
}

/// Refuses versions of the API that the engine does not speak; none is the newest. Source: moby
/// `api/server/middleware/version.go`.
fn speaks(version: &str) -> Result<()> {
    let read = |text: &str| {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    };
    let Some(wanted) = read(version) else {
        return Ok(());
    };
    if Some(wanted) > read(API_VERSION) {
        return Err(Error::invalid(format!(
            "client version {version} is too new. Maximum supported API version is {API_VERSION}"
        )));
    }
    if Some(wanted) < read(MIN_API_VERSION) {
        return Err(Error::invalid(format!(
            "client version {version} is too old. Minimum supported API version is {MIN_API_VERSION}, please upgrade your \
             client to a newer version"
        )));
    }
    Ok(())
}

/// How a client attaches to a container or an exec.
#[derive(Clone, Debug, Default)]
pub struct AttachOptions {
    /// True if standard input is wanted.
    pub stdin: bool,
    /// True if standard output is wanted.
    pub stdout: bool,
    /// True if standard error is wanted.
    pub stderr: bool,
    /// True if output from before comes first.
    pub logs: bool,
    /// True if nothing else is wanted.
    pub past_only: bool,
    /// The client's terminal, for a container or exec with a terminal: its process then reads and writes it directly.
    pub console: Option<TtyId>,
}

impl Client {
    /// The engine itself asks, for somebody who speaks the API over its socket.
    pub(crate) fn of(engine: Engine) -> Self {
        Self {
            host: format!("unix://{SOCKET}"),
            sys: engine.sys().clone(),
            version: None,
            engine: Some(engine),
        }
    }

    /// The system calls of the program that asks.
    pub(crate) fn sys(&self) -> &Sys {
        &self.sys
    }

    /// Connects to the machine's engine, or to nobody at the address named. Where none runs each request says so, and not this.
    pub fn connect(sys: &Sys, elsewhere: Option<&str>) -> Self {
        let own = format!("unix://{SOCKET}");
        let engine = sys
            .service(SOCKET)
            .and_then(|s| s.downcast_ref::<Engine>().cloned());
        Self {
            engine: engine.filter(|engine| elsewhere.is_none() && engine.is_alive()),
            host: elsewhere.map_or(own, str::to_owned),
            version: sys.env("DOCKER_API_VERSION"),
            sys: sys.clone(),
        }
    }

    /// The engine, if it still runs: what it can answer at once is a plain call.
    fn engine(&self) -> Result<&Engine> {
        match &self.engine {
            Some(engine) if engine.is_alive() => {
                speaks(self.version.as_deref().unwrap_or_default())?;
                Ok(engine)
            }
            Some(_) => Err(Error::unavailable(LOST)),
            None => Err(Error::unavailable(format!(
                "Cannot connect to the Docker daemon at {}. Is the docker daemon running?",
                self.host
            ))),
        }
    }

    /// Writes a refusal into the trace, for who asks why something did not come about. That an image has to be fetched
    /// first is none, nor that there was nothing to do.
    fn noted<T>(&self, answer: Result<T>) -> Result<T> {
        if let Err(error) = &answer {
            let text = error.to_string();
            if !text.starts_with("No such image") && error.class() != Class::NotModified {
                let ns = self.sys.netns();
                self.sys
                    .kernel(|k| k.trace_note(ns, Note::Refused(format!("{text}\n"))));
            }
        }
        answer
    }

    /// Stops and starts a container.
    /// # Errors
    /// As the engine refuses it.
    pub async fn container_restart(
        &self,
        container: impl Into<String>,
        options: impl Into<StopOptions>,
    ) -> Result<()> {
        let (container, options) = (container.into(), options.into());
        let work = self
            .call(move |engine| async move { engine.container_restart(container, options).await });
        self.noted(work.await)
    }

    /// Hands a request to the engine, which finishes it even if the client goes away meanwhile.
    async fn call<T: 'static, F: Future<Output = Result<T>> + 'static>(
        &self,
        request: impl FnOnce(Engine) -> F,
    ) -> Result<T> {
        let reply = Reply {
            slot: Rc::default(),
            done: self.sys.condition(),
        };
        let (slot, done) = (reply.slot.clone(), reply.done.clone());
        let engine = self.engine()?;
        let work = request(engine.clone());
        engine.sys().spawn_task(async move {
            let result = work.await;
            reply.slot.borrow_mut().get_or_insert(result);
        });
        done.until(|| slot.borrow_mut().take()).await
    }
}

/// What may have to ask a manager on another machine, and is answered in the moment where it has not.
impl Client {
    /// Starts a container.
    pub async fn container_start(&self, container: &str) -> Result<()> {
        let answer = match self.engine() {
            Ok(engine) if engine.waits_for_swarm(container) => {
                let container = container.to_owned();
                let start = |engine: Engine| async move {
                    engine.container_start_attached(container).await
                };
                self.call(start).await
            }
            Ok(engine) => engine.container_start(container.to_owned()),
            Err(error) => Err(error),
        };
        self.noted(answer)
    }

    /// Makes a network.
    pub async fn network_create(
        &self,
        request: NetworkCreateRequest,
    ) -> Result<NetworkCreateResponse> {
        let answer = match self.engine() {
            Ok(engine) if engine.is_for_swarm(&request) => {
                let make =
                    |engine: Engine| async move { engine.swarm_network_create(request).await };
                self.call(make).await
            }
            Ok(engine) => engine.network_create(request),
            Err(error) => Err(error),
        };
        self.noted(answer)
    }

    /// Attaches a container to a network.
    pub async fn network_connect(
        &self,
        network: &str,
        request: NetworkConnectRequest,
    ) -> Result<()> {
        let answer = match self.engine() {
            Ok(engine) if engine.connects_to_swarm(network, &request) => {
                let network = network.to_owned();
                let connect = |engine: Engine| async move {
                    engine.network_connect_attached(network, request).await
                };
                self.call(connect).await
            }
            Ok(engine) => engine.network_connect(network.to_owned(), request),
            Err(error) => Err(error),
        };
        self.noted(answer)
    }

    /// Removes all user networks that nobody uses.
    pub async fn network_prune(&self, filters: Filters) -> Result<NetworksPruneReport> {
        let answer = match self.engine() {
            Ok(engine) => {
                let asked = filters.clone();
                let prune =
                    |engine: Engine| async move { Ok(engine.swarm_network_prune(asked).await) };
                let of_swarm = match engine.in_swarm() {
                    true => self.call(prune).await,
                    false => Ok(Vec::new()),
                };
                of_swarm.and_then(|names| engine.network_prune(filters, names))
            }
            Err(error) => Err(error),
        };
        self.noted(answer)
    }

    /// Removes a network.
    pub async fn network_remove(&self, network: &str) -> Result<()> {
        let answer = match self.engine() {
            Ok(engine) => match engine.swarm_network(network) {
                Some(id) => {
                    let remove =
                        |engine: Engine| async move { engine.swarm_network_remove(id).await };
                    self.call(remove).await
                }
                None => engine.network_remove(network.to_owned()),
            },
            Err(error) => Err(error),
        };
        self.noted(answer)
    }
}

/// The way back of one answer. If the engine dies over the request, the client hears of it.
struct Reply<T> {
    slot: Rc<RefCell<Option<Result<T>>>>,
    done: Condition,
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        self.slot
            .borrow_mut()
            .get_or_insert_with(|| Err(Error::unavailable(LOST)));
        self.done.signal();
    }
}

/// Calls that change something: that they were refused stands in the trace.
macro_rules! changes {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $answer:ty;)*) => {
        impl Client {
            $(
                $(#[$doc])*
                pub fn $name(&self, $($arg: impl Into<$ty>),*) -> Result<$answer> {
                    self.noted(self.engine().and_then(|engine| engine.$name($($arg.into()),*)))
                }
            )*
        }
    };
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $answer:ty;)*) => {
        impl Client {
            $(
                $(#[$doc])*
                pub fn $name(&self, $($arg: impl Into<$ty>),*) -> Result<$answer> {
                    self.engine()?.$name($($arg.into()),*)
                }
            )*
        }
    };
}

macro_rules! calls_that_wait {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $answer:ty;)*) => {
        impl Client {
            $(
                $(#[$doc])*
                pub async fn $name(&self, $($arg: impl Into<$ty>),*) -> Result<$answer> {
                    $(let $arg: $ty = $arg.into();)*
                    self.call(move |engine| async move { engine.$name($($arg),*).await }).await
                }
            )*
        }
    };
}

calls_that_wait! {
    /// Stops a container: its stop signal, then SIGKILL. Error of class `NotModified` if it does not run.
    container_stop(container: String, options: StopOptions) -> ();
    /// Sends a signal to a container's first process; SIGKILL if empty.
    container_kill(container: String, signal: String) -> ();
    /// Removes a container.
    container_remove(container: String, options: RemoveOptions) -> ();
    /// Waits for a container to end.
    container_wait(container: String, condition: WaitCondition) -> WaitResponse;
    /// Starts a prepared command.
    exec_start(exec: String, request: ExecStartRequest, options: AttachOptions) -> Attached;
    /// Makes a swarm. Answers with this node's id.
    swarm_init(request: SwarmInitRequest) -> String;
    /// Joins a swarm.
    swarm_join(request: SwarmJoinRequest) -> ();
    /// Leaves the swarm. Error of class `Unavailable`: the engine is in none.
    swarm_leave(force: bool) -> ();
    /// Unlocks a manager that has restarted.
    swarm_unlock(key: String) -> ();
    /// Has managers change something.
    swarm_change(change: SwarmChange) -> SwarmChanged;
    /// Reads what the tasks of a service, or one task, print.
    service_logs(target: String, options: LogsOptions) -> Receiver<TaskFrame>;
    /// Follows events; ends by itself only if `until` is given.
    events(options: EventsOptions) -> Receiver<EventMessage>;
}

changes! {
    /// Makes a container; `name` is made up if `None`.
    container_create(name: Option<String>, request: ContainerCreateRequest) -> ContainerCreateResponse;
    /// Gives a container another name.
    container_rename(container: String, name: String) -> ();
    /// Prepares a command to run in a container.
    exec_create(container: String, request: ExecCreateRequest) -> ExecCreateResponse;
    /// Detaches a container from a network.
    network_disconnect(network: String, request: NetworkDisconnectRequest) -> ();
}

calls! {
    /// Freezes a container's processes.
    container_pause(container: String) -> ();
    /// Thaws a container's processes.
    container_unpause(container: String) -> ();
    /// Tells everything about a container.
    container_inspect(container: String) -> ContainerInspect;
    /// Tells which files a container has added, changed and deleted, in order of their paths.
    container_changes(container: String) -> Vec<FilesystemChange>;
    /// Weighs a container's files.
    container_size(container: String) -> Sizes;
    /// Lists containers, newest first.
    container_list(options: ContainerListOptions) -> Vec<ContainerSummary>;
    /// Reads a container's output from its log.
    container_logs(container: String, options: LogsOptions) -> Receiver<Frame>;
    /// Connects to the standard streams of a container's first process, before or after its start.
    container_attach(container: String, options: AttachOptions) -> Attached;
    /// Changes a container's configuration.
    container_update(container: String, request: UpdateRequest) -> UpdateResponse;
    /// Tells what a container uses at the moment.
    container_stats(container: String) -> StatsResponse;
    /// Lists a container's processes.
    container_top(container: String, ps_args: String) -> TopResponse;
    /// Removes all containers that do not run.
    container_prune(filters: Filters) -> ContainersPruneReport;
    /// Reads a file or a directory of a container; where a link leads if `follow`.
    container_archive(container: String, path: String, follow: bool) -> Archive;
    /// Tells what stands at a path of a container.
    container_stat_path(container: String, path: String) -> Metadata;
    /// Puts files into a directory of a container, the first of them called `name`.
    container_extract(container: String, dir: String, name: String, archive: Archive) -> ();
    /// Tells about a prepared command, its exit code among others.
    exec_inspect(exec: String) -> ExecInspect;
    /// Tells about the swarm. As all that managers are asked: error of class `Unavailable` if the engine is none.
    swarm_inspect() -> Swarm;
    /// Tells what unlocks managers that restart; empty if nothing has to.
    swarm_unlock_key() -> String;
    /// Lists nodes.
    node_list(filters: Filters) -> Vec<SwarmNode>;
    /// Tells about a node, by id, beginning of the id, name, or `self`.
    node_inspect(node: String) -> SwarmNode;
    /// Lists services, with how many of their tasks run if `status`.
    service_list(filters: Filters, status: bool) -> Vec<Service>;
    /// Tells about a service; what nobody said is filled in if `defaults`.
    service_inspect(service: String, defaults: bool) -> Service;
    /// Lists tasks.
    task_list(filters: Filters) -> Vec<Task>;
    /// Tells about a task.
    task_inspect(task: String) -> Task;
    /// Lists secrets.
    secret_list(filters: Filters) -> Vec<Secret>;
    /// Tells about a secret.
    secret_inspect(secret: String) -> Secret;
    /// Lists configs.
    config_list(filters: Filters) -> Vec<SwarmConfig>;
    /// Tells about a config.
    config_inspect(config: String) -> SwarmConfig;
    /// Tells everything about a network.
    network_inspect(network: String, verbose: bool) -> NetworkInspect;
    /// Lists networks.
    network_list(filters: Filters) -> Vec<NetworkSummary>;
    /// Makes a volume, or returns the one of that name.
    volume_create(request: VolumeCreateRequest) -> Volume;
    /// Tells about a volume.
    volume_inspect(volume: String) -> Volume;
    /// Lists volumes.
    volume_list(filters: Filters) -> Vec<Volume>;
    /// Removes a volume that no container mounts. With `force`, one that is not there is no error.
    volume_remove(volume: String, force: bool) -> ();
    /// Removes volumes that no container mounts: anonymous ones, or all by the filter `all`.
    volume_prune(filters: Filters) -> VolumesPruneReport;
    /// Makes an image of a container. Answers with its id.
    container_commit(container: String, options: CommitOptions) -> String;
    /// Reads all files of a container, as an archive.
    container_export(container: String) -> Vec<u8>;
    /// Lists images, the newest first; also those that others are made from if `all`.
    image_list(all: bool, filters: Filters) -> Vec<ImageSummary>;
    /// Weighs the layers of all images together, bytes.
    image_layers_size() -> u64;
    /// Makes an image of an archive of files. Answers with its id.
    image_import(archive: Vec<u8>, options: ImportOptions) -> String;
    /// Reads images, as an archive.
    image_save(images: Vec<String>) -> Vec<u8>;
    /// Takes in the images of an archive. Answers with what is told of it.
    image_load(archive: Vec<u8>) -> Vec<String>;
    /// Tells how an image was made, the last step first.
    image_history(image: String) -> Vec<HistoryResponseItem>;
    /// Tells everything about an image. Errors: `NotFound`, "No such image: NAME".
    image_inspect(image: String) -> ImageInspect;
    /// Gives an image another name.
    image_tag(image: String, name: String) -> ();
    /// Takes a name from an image, and removes it with its last one, and what it was made from unless `no_prune`.
    image_remove(image: String, force: bool, no_prune: bool) -> Vec<ImageDeleteResponse>;
    /// Removes images that nothing uses.
    image_prune(filters: Filters) -> ImagesPruneReport;
    /// `POST /build/prune`.
    build_prune() -> ();
    /// Fetches an image from its registry.
    image_pull(image: String) -> ();
    /// Asks a registry for something. There is none in the simulated world, so that this is where it ends.
    registry(host: String, path: String) -> ();
    /// Tells about the engine and its machine.
    info() -> Info;
    /// Tells the engine's versions.
    version() -> Version;
}
