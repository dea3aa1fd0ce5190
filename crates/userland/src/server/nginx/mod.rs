//! `nginx`: a master, its workers, static files and plain proxying.

mod config;
mod directives;
mod exchange;
mod files;
mod page;
mod proxy;
mod syntax;
mod variables;
mod worker;

use super::{listen, set_title};
use crate::system::identity;
use config::Config;
use kernel::Errno;
use kernel::fs::Node;
use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::files::{Fd, OpenOptions};
use kernel::process::signal::Signal;
use kernel::sys::{Sys, race};
use kernel::time::Duration;
use std::net::SocketAddr;
use std::rc::Rc;
use syntax::ConfigError;

/// What `Server:` says.
const VERSION: &str = "nginx/1.30.6";
const HELP: &str = "Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /usr/share/nginx/)
  -e filename   : set error log file (default: stderr)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

";
const CONF: &str = "/etc/nginx/nginx.conf";
/// Source: nginx `NGX_LISTEN_BACKLOG` on Linux.
const BACKLOG: u32 = 511;
/// How often and after what time nginx tries to bind again. Source: `ngx_open_listening_sockets`.
const BIND_TRIES: u32 = 5;
const BIND_PAUSE: Duration = Duration::from_millis(500);

/// Where the logs go.
#[derive(Clone)]
struct Logs {
    sys: Sys,
    error: Fd,
    /// Whether notices are wanted.
    notices: bool,
    /// Paths of access logs, each opened once.
    access: Vec<(String, Fd)>,
}

impl Logs {
    fn open(sys: &Sys, config: &Config) -> Self {
        let error = match config.error_log.as_str() {
            "stderr" => Fd::STDERR,
            path => sys.open(path, OpenOptions::APPEND).unwrap_or(Fd::STDERR),
        };
        let mut access: Vec<(String, Fd)> = Vec::new();
        let mut todo: Vec<&config::Location> = config.servers.iter().map(|s| &s.own).collect();
        while let Some(location) = todo.pop() {
            for (path, _) in &location.scope.access_logs {
                if !access.iter().any(|(known, _)| known == path)
                    && let Ok(fd) = sys.open(path, OpenOptions::APPEND)
                {
                    access.push((path.clone(), fd));
                }
            }
            todo.extend(&location.inner);
        }
        Self {
            sys: sys.clone(),
            error,
            notices: config.notices,
            access,
        }
    }

    /// The same logs written by another process that inherited them.
    fn of(&self, sys: &Sys) -> Self {
        Self {
            sys: sys.clone(),
            ..self.clone()
        }
    }

    async fn error(&self, level: &str, text: &str) {
        if level == "notice" && !self.notices {
            return;
        }
        let _ = self
            .sys
            .write(self.error, log_line(&self.sys, level, text).as_bytes())
            .await;
    }

    async fn notice(&self, text: &str) {
        self.error("notice", text).await;
    }

    /// What happens before nginx runs goes to standard error as well.
    async fn emerg(&self, text: &str) {
        self.error("emerg", text).await;
        self.sys.err(&format!("nginx: [emerg] {text}\n"));
    }

    async fn access(&self, path: &str, line: &str) {
        if let Some((_, fd)) = self.access.iter().find(|(known, _)| known == path) {
            let _ = self.sys.write(*fd, line.as_bytes()).await;
        }
    }
}

/// Folders for what passes through, as Debian's build has them.
const FOLDERS: [&str; 5] = ["body", "fastcgi", "proxy", "scgi", "uwsgi"];

/// Makes the folders that nginx writes to. Errors: they cannot be made, which is told; the exit code.
fn prepare(sys: &Sys, config: &Config) -> Result<(), i32> {
    let say = |level: &str, text: &str| sys.err(&log_line(sys, level, text));
    if sys.me(|p| p.uid) != Some(0) {
        let at = config.files.iter().find_map(|(path, text)| {
            let is_user = |line: &str| line.trim_start().starts_with("user ");
            let line = text.lines().position(is_user)?;
            Some(format!("{path}:{}", line + 1))
        });
        if let Some(at) = at {
            say(
                "warn",
                &format!(
                    "the \"user\" directive makes sense only if the master process runs with super-user privileges, ignored in {at}"
                ),
            );
        }
    }
    for folder in FOLDERS {
        let path = format!("/var/lib/nginx/{folder}");
        match sys.make_node(&path, Node::Dir, 0o700) {
            Ok(()) | Err(Errno::EEXIST | Errno::ENOENT) => {}
            Err(error) => {
                let text = format!("mkdir() \"{path}\" failed ({}: {error})", error.number());
                say("emerg", &text);
                return Err(1);
            }
        }
    }
    Ok(())
}

/// A line of an error log.
fn log_line(sys: &Sys, level: &str, text: &str) -> String {
    let c = sys.calendar();
    let pid = shown_pid(sys);
    format!(
        "{}/{:02}/{:02} {} [{level}] {pid}#{pid}: {text}\n",
        c.year,
        c.month,
        c.day,
        c.clock()
    )
}

/// The pid as the process itself sees it.
fn shown_pid(sys: &Sys) -> u32 {
    sys.me(|p| if p.pid_ns.is_some() { p.ns_pid } else { p.pid })
        .unwrap_or(0)
}

/// The `nginx` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let parsed = match crate::args::parse(&args, "g:c:tTvVqs:p:e:h?", &[]) {
        Ok(parsed) => parsed,
        Err(crate::args::Wrong::Unknown(option)) => {
            sys.err(&format!(
                "nginx: invalid option: \"{}\"\n",
                option.trim_start_matches('-')
            ));
            return 1;
        }
        Err(crate::args::Wrong::Missing(option)) => {
            let what = match option {
                's' => "option \"-s\" requires parameter",
                'c' => "option \"-c\" requires file name",
                'p' => "option \"-p\" requires directory name",
                _ => "option \"-g\" requires parameter",
            };
            sys.err(&format!("nginx: {what}\n"));
            return 1;
        }
    };
    if parsed.has('h') || parsed.has('?') {
        sys.err(&format!("nginx version: {VERSION}\n{HELP}"));
        return 0;
    }
    if parsed.has('v') || parsed.has('V') {
        sys.err(&format!("nginx version: {VERSION}\n"));
        return 0;
    }
    let signal = match parsed.value('s') {
        None => None,
        Some("stop") => Some(Signal::TERM),
        Some("quit") => Some(Signal::QUIT),
        Some("reload") => Some(Signal::HUP),
        Some("reopen") => Some(Signal::USR1),
        Some(other) => {
            sys.err(&format!("nginx: invalid option: \"-s {other}\"\n"));
            return 1;
        }
    };
    let path = parsed.value('c').unwrap_or(CONF);
    let globals = parsed.value('g').unwrap_or_default();
    let testing = parsed.has('t') || parsed.has('T');
    let quiet = parsed.has('q');
    let config = match load(&sys, path, globals).await {
        Ok(config) => config,
        Err(text) => {
            // Debian's build logs to standard error until the configuration names another place.
            sys.err(&log_line(&sys, "emerg", &text));
            if testing {
                sys.err(&format!("nginx: configuration file {path} test failed\n"));
            }
            return 1;
        }
    };
    // The configuration says where the master's pid is found, so a broken one keeps signals back.
    if let Some(signal) = signal {
        return signal_master(&sys, signal);
    }
    let logs = Logs::open(&sys, &config);
    if let Err(code) = prepare(&sys, &config) {
        if testing {
            sys.err(&format!("nginx: configuration file {path} test failed\n"));
        }
        return code;
    }
    if testing {
        if !quiet {
            sys.err(&format!("nginx: the configuration file {path} syntax is ok\nnginx: configuration file {path} test is successful\n"));
        }
        if parsed.has('T') {
            for (path, text) in &config.files {
                sys.out(&format!("# configuration file {path}:\n{text}\n"));
            }
        }
        return 0;
    }
    let Some(listeners) = open_listeners(&sys, &config, &logs, &[]).await else {
        return 1;
    };
    let shared = Rc::new(worker::Shared { config });
    begin(&sys, &logs).await;
    let from = Origin {
        args: args.clone(),
        path: path.to_owned(),
        globals: globals.to_owned(),
    };
    if shared.config.daemon {
        let Some(spawn) = sys.child(args.clone()) else {
            return 1;
        };
        let spawn = kernel::process::exec::Spawn {
            group: None,
            tty: None,
            ..spawn
        };
        let started = sys.fork(spawn, |child| {
            Box::pin(
                async move { master(&child, &from, &logs.of(&child), listeners, shared).await },
            )
        });
        return i32::from(started.is_err());
    }
    master(&sys, &from, &logs, listeners, shared).await
}

/// Where a master's configuration comes from.
struct Origin {
    args: Vec<String>,
    path: String,
    globals: String,
}

/// Reads the configuration and looks up the hosts in it.
async fn load(sys: &Sys, path: &str, globals: &str) -> Result<Config, String> {
    let mut config = Config::load(sys, path, globals).map_err(|ConfigError(text)| text)?;
    proxy::resolve_upstreams(sys, &mut config).await?;
    Ok(config)
}

/// What is said once the sockets are open.
async fn begin(sys: &Sys, logs: &Logs) {
    logs.notice("using the \"epoll\" event method").await;
    logs.notice(VERSION).await;
    logs.notice("built by gcc 16.2.0 (Debian 16.2.0-3) ").await;
    logs.notice("OS: Linux 6.18.44").await;
    let files = sys.me(|p| p.limits.get("nofile")).unwrap_or_default();
    let [soft, hard] = [files.soft, files.hard].map(|limit| limit.unwrap_or(u64::MAX));
    logs.notice(&format!("getrlimit(RLIMIT_NOFILE): {soft}:{hard}"))
        .await;
}

/// `nginx -s`: tells a running master, whose pid stands in a file.
fn signal_master(sys: &Sys, signal: Signal) -> i32 {
    let pid = sys
        .read_text("/run/nginx.pid")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let sent = pid
        .and_then(|pid| crate::process::by_pid(sys, pid))
        .map(|id| sys.kill(id, signal));
    sys.err(&log_line(sys, "notice", "signal process started"));
    if matches!(sent, Some(Ok(()))) {
        return 0;
    }
    let why = match pid {
        Some(pid) => format!(
            "kill({pid}, {}) failed (3: No such process)",
            signal.number()
        ),
        None => "open() \"/run/nginx.pid\" failed (2: No such file or directory)".to_owned(),
    };
    let level = if pid.is_some() { "alert" } else { "error" };
    sys.err(&log_line(sys, level, &why));
    1
}

/// Opens all sockets, trying again for a while as nginx does. `None` if some address stays taken.
async fn open_listeners(
    sys: &Sys,
    config: &Config,
    logs: &Logs,
    before: &[(Fd, SocketAddr)],
) -> Option<Vec<(Fd, SocketAddr)>> {
    let mut wanted: Vec<SocketAddr> = Vec::new();
    for (addr, _) in config.servers.iter().flat_map(|s| &s.listen) {
        if !wanted.contains(addr) {
            wanted.push(*addr);
        }
    }
    // Sockets that are open already are taken over.
    let mut open: Vec<(Fd, SocketAddr)> = before
        .iter()
        .filter(|(_, addr)| wanted.contains(addr))
        .copied()
        .collect();
    for _ in 0..BIND_TRIES {
        let mut failed = false;
        for addr in &wanted {
            if open.iter().any(|(_, a)| a == addr) {
                continue;
            }
            match listen::tcp(sys, *addr, true, BACKLOG) {
                Ok(fd) => open.push((fd, *addr)),
                Err(error) => {
                    logs.emerg(&format!(
                        "bind() to {addr} failed ({}: {error})",
                        error.number()
                    ))
                    .await;
                    if error != Errno::EADDRINUSE {
                        return None;
                    }
                    failed = true;
                }
            }
        }
        if !failed {
            return Some(open);
        }
        logs.notice(&format!(
            "try again to bind() after {}ms",
            BIND_PAUSE.as_millis()
        ))
        .await;
        let _ = sys.sleep(BIND_PAUSE).await;
    }
    logs.emerg("still could not bind()").await;
    None
}

async fn master(
    sys: &Sys,
    from: &Origin,
    logs: &Logs,
    mut listeners: Vec<(Fd, SocketAddr)>,
    mut shared: Rc<worker::Shared>,
) -> i32 {
    let mut logs = logs.clone();
    for signal in [Signal::QUIT, Signal::TERM, Signal::INT, Signal::HUP] {
        sys.catch(signal);
    }
    for signal in [Signal::USR1, Signal::USR2, Signal::WINCH, Signal::PIPE] {
        sys.ignore(signal);
    }
    set_title(
        sys,
        &format!("nginx: master process {}", from.args.join(" ")),
    );
    make_folders(sys);
    let _ = sys.write_file("/run/nginx.pid", format!("{}\n", shown_pid(sys)).as_bytes());
    logs.notice("start worker processes").await;
    let mut workers: Vec<Worker> = Vec::new();
    for _ in 0..shared.config.workers {
        workers.extend(start_worker(sys, &logs, &listeners, &shared).await);
    }
    loop {
        let signal = race(async { Event::Signal(sys.signal().await) }, async {
            // A worker that ends by itself is replaced.
            loop {
                match sys.wait(None).await {
                    Ok((id, status)) => {
                        let known = note_end(&mut workers, &logs, id, status).await;
                        return Event::Ended(known);
                    }
                    Err(Errno::EINTR) => sys.pause().await,
                    Err(_) => std::future::pending().await,
                }
            }
        })
        .await;
        match signal {
            Event::Ended(true) => {
                workers.extend(start_worker(sys, &logs, &listeners, &shared).await);
            }
            Event::Ended(false) => logs.notice("signal 29 (SIGIO) received").await,
            Event::Signal(Signal::HUP) => {
                logs.notice("signal 1 (SIGHUP) received, reconfiguring")
                    .await;
                logs.notice("reconfiguring").await;
                let config = match load(sys, &from.path, &from.globals).await {
                    Ok(config) => config,
                    Err(text) => {
                        logs.error("emerg", &text).await;
                        continue;
                    }
                };
                let Some(open) = open_listeners(sys, &config, &logs, &listeners).await else {
                    continue;
                };
                // New workers are not to inherit what is listened at no more. Source: nginx `ngx_init_cycle`.
                for (fd, _) in listeners.iter().filter(|socket| !open.contains(socket)) {
                    sys.close(*fd);
                }
                listeners = open;
                logs = Logs::open(sys, &config);
                shared = Rc::new(worker::Shared { config });
                logs.notice("using the \"epoll\" event method").await;
                logs.notice("start worker processes").await;
                workers.iter_mut().for_each(|worker| worker.retired = true);
                for _ in 0..shared.config.workers {
                    workers.extend(start_worker(sys, &logs, &listeners, &shared).await);
                }
                for worker in workers.iter().filter(|worker| worker.retired) {
                    let _ = sys.kill(worker.id, Signal::QUIT);
                }
            }
            Event::Signal(signal) => {
                let (number, word) = (
                    signal.number(),
                    if signal == Signal::QUIT {
                        "shutting down"
                    } else {
                        "exiting"
                    },
                );
                logs.notice(&format!(
                    "signal {number} (SIG{}) received, {word}",
                    signal.name()
                ))
                .await;
                for worker in &workers {
                    let _ = sys.kill(
                        worker.id,
                        if signal == Signal::QUIT {
                            signal
                        } else {
                            Signal::TERM
                        },
                    );
                }
                break;
            }
        }
    }
    while let Ok((id, status)) = sys.wait(None).await {
        note_end(&mut workers, &logs, id, status).await;
    }
    // Ending workers and being told of it takes a moment: whoever sent the signal from inside goes first.
    let _ = sys.sleep(Duration::from_millis(1)).await;
    let _ = sys.remove("/run/nginx.pid");
    logs.notice("exit").await;
    0
}

/// A running worker and the pid that the logs show.
struct Worker {
    id: ProcessId,
    pid: u32,
    /// Whether it works by an older configuration.
    retired: bool,
}

/// What a master waits for.
enum Event {
    Signal(Signal),
    /// A worker ended; whether it is one of those that run now.
    Ended(bool),
}

async fn note_end(
    workers: &mut Vec<Worker>,
    logs: &Logs,
    id: ProcessId,
    status: ExitStatus,
) -> bool {
    let (pid, known) = workers
        .iter()
        .find(|w| w.id == id)
        .map_or((0, false), |w| (w.pid, !w.retired));
    workers.retain(|w| w.id != id);
    logs.notice(&format!("signal 17 (SIGCHLD) received from {pid}"))
        .await;
    match status {
        ExitStatus::Code(code) => {
            logs.notice(&format!("worker process {pid} exited with code {code}"))
                .await;
        }
        ExitStatus::Signal(signal) => {
            logs.error(
                "alert",
                &format!("worker process {pid} exited on signal {}", signal.number()),
            )
            .await;
        }
    }
    known
}

/// Makes the folders for what is on its way, where Debian's build has them. Source: nginx `ngx_create_paths`.
fn make_folders(sys: &Sys) {
    for name in ["body", "fastcgi", "proxy", "scgi", "uwsgi"] {
        let _ = sys.make_node(&format!("/var/lib/nginx/{name}"), Node::Dir, 0o700);
    }
}

async fn start_worker(
    sys: &Sys,
    logs: &Logs,
    listeners: &[(Fd, SocketAddr)],
    shared: &Rc<worker::Shared>,
) -> Option<Worker> {
    let mut spawn = sys.child(vec!["nginx: worker process".to_owned()])?;
    // Only root can give its place to another.
    if spawn.uid == 0 {
        spawn.uid = identity::user_number(sys, &shared.config.user).unwrap_or(0);
    }
    let (logs_of, listeners, shared) = (logs.clone(), listeners.to_vec(), shared.clone());
    let id = sys
        .fork(spawn, |child| {
            Box::pin(
                async move { worker::run(&child, logs_of.of(&child), &listeners, shared).await },
            )
        })
        .ok()?;
    let pid = sys
        .kernel(|k| {
            k.proc
                .get(id)
                .map(|p| if p.pid_ns.is_some() { p.ns_pid } else { p.pid })
        })
        .unwrap_or(0);
    logs.notice(&format!("start worker process {pid}")).await;
    Some(Worker {
        id,
        pid,
        retired: false,
    })
}
