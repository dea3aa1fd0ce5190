//! `nginx`: a master, its workers, static files and plain proxying.

mod config;
mod worker;

use super::http::Calendar;
use super::listen;
use config::{Config, ConfigError};
use kernel::Errno;
use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::files::{Fd, OpenOptions};
use kernel::process::signal::Signal;
use kernel::sys::{Sys, race};
use kernel::time::Duration;
use std::net::SocketAddr;
use std::rc::Rc;

/// What `Server:` says.
const VERSION: &str = "nginx/1.30.6";
const CONF: &str = "/etc/nginx/nginx.conf";
/// Source: nginx `NGX_LISTEN_BACKLOG` on Linux.
const BACKLOG: u32 = 511;
/// How often and after what time nginx tries to bind again. Source: `ngx_open_listening_sockets`.
const BIND_TRIES: u32 = 5;
const BIND_PAUSE: Duration = Duration::from_millis(500);

/// Where the two logs go.
#[derive(Clone)]
struct Logs {
    sys: Sys,
    error: Fd,
    access: Option<Fd>,
}

impl Logs {
    fn open(sys: &Sys, config: &Config) -> Self {
        let error = sys
            .open(&config.error_log, OpenOptions::APPEND)
            .unwrap_or(Fd::STDERR);
        let access = config
            .access_log
            .as_ref()
            .and_then(|path| sys.open(path, OpenOptions::APPEND).ok());
        Self {
            sys: sys.clone(),
            error,
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
        let c = Calendar::now(&self.sys);
        let pid = shown_pid(&self.sys);
        let line = format!(
            "{}/{:02}/{:02} {} [{level}] {pid}#{pid}: {text}\n",
            c.year,
            c.month,
            c.day,
            c.clock()
        );
        let _ = self.sys.write(self.error, line.as_bytes()).await;
    }

    async fn notice(&self, text: &str) {
        self.error("notice", text).await;
    }

    /// What happens before nginx runs goes to standard error as well.
    async fn emerg(&self, text: &str) {
        self.error("emerg", text).await;
        self.sys.err(&format!("nginx: [emerg] {text}\n"));
    }

    async fn access(&self, line: &str) {
        if let Some(fd) = self.access {
            let _ = self.sys.write(fd, line.as_bytes()).await;
        }
    }
}

/// The pid as the process itself sees it.
fn shown_pid(sys: &Sys) -> u32 {
    sys.me(|p| if p.pid_ns.is_some() { p.ns_pid } else { p.pid })
        .unwrap_or(0)
}

/// Changes what `ps` shows of a process.
fn set_title(sys: &Sys, title: &str) {
    sys.kernel(|k| {
        if let Some(p) = k.proc.get_mut(sys.id()) {
            p.argv = vec![title.to_owned()];
        }
    });
}

/// The `nginx` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let parsed = match crate::args::parse(&args, "g:c:tTvVqs:p:e:", &[]) {
        Ok(parsed) => parsed,
        Err(crate::args::Wrong::Unknown(option)) => {
            sys.err(&format!(
                "nginx: invalid option: \"{}\"\n",
                option.trim_start_matches('-')
            ));
            return 1;
        }
        Err(wrong) => return crate::args::refuse(&sys, &args, wrong),
    };
    if parsed.has('v') || parsed.has('V') {
        sys.err(&format!("nginx version: {VERSION}\n"));
        return 0;
    }
    if let Some(what) = parsed.value('s') {
        return signal_master(&sys, what);
    }
    let path = parsed.value('c').unwrap_or(CONF);
    let config = match Config::load(&sys, path, parsed.value('g').unwrap_or_default()) {
        Ok(config) => config,
        Err(ConfigError(text)) => return bad_config(&sys, &text, path, parsed.has('t')),
    };
    let logs = Logs::open(&sys, &config);
    let upstreams = match worker::resolve_upstreams(&sys, &config).await {
        Ok(upstreams) => upstreams,
        Err(text) => {
            logs.error("emerg", &text).await;
            return bad_config(&sys, &text, path, parsed.has('t'));
        }
    };
    if parsed.has('t') {
        sys.err(&format!("nginx: the configuration file {path} syntax is ok\nnginx: configuration file {path} test is successful\n"));
        return 0;
    }
    let Some(listeners) = open_listeners(&sys, &config, &logs).await else {
        return 1;
    };
    let shared = Rc::new(worker::Shared { config, upstreams });
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
                async move { master(&child, &args, &logs.of(&child), &listeners, &shared).await },
            )
        });
        return i32::from(started.is_err());
    }
    master(&sys, &args, &logs, &listeners, &shared).await
}

fn bad_config(sys: &Sys, text: &str, path: &str, test: bool) -> i32 {
    sys.err(&format!("nginx: [emerg] {text}\n"));
    if test {
        sys.err(&format!("nginx: configuration file {path} test failed\n"));
    }
    1
}

/// `nginx -s`: tells a running master, whose pid stands in a file.
fn signal_master(sys: &Sys, what: &str) -> i32 {
    let signal = match what {
        "stop" => Signal::TERM,
        "quit" => Signal::QUIT,
        "reload" => Signal::HUP,
        "reopen" => Signal::USR1,
        other => {
            sys.err(&format!("nginx: invalid option: \"-s {other}\"\n"));
            return 1;
        }
    };
    let pid = sys
        .read_text("/run/nginx.pid")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let sent = pid
        .and_then(|pid| crate::process::by_pid(sys, pid))
        .map(|id| sys.kill(id, signal));
    if matches!(sent, Some(Ok(()))) {
        return 0;
    }
    sys.err("nginx: [error] open() \"/run/nginx.pid\" failed (2: No such file or directory)\n");
    1
}

/// Opens all sockets, trying again for a while as nginx does. `None` if some address stays taken.
async fn open_listeners(sys: &Sys, config: &Config, logs: &Logs) -> Option<Vec<(Fd, SocketAddr)>> {
    let mut wanted: Vec<SocketAddr> = Vec::new();
    for addr in config.servers.iter().flat_map(|s| &s.listen) {
        if !wanted.contains(addr) {
            wanted.push(*addr);
        }
    }
    let mut open: Vec<(Fd, SocketAddr)> = Vec::new();
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
    args: &[String],
    logs: &Logs,
    listeners: &[(Fd, SocketAddr)],
    shared: &Rc<worker::Shared>,
) -> i32 {
    for signal in [Signal::QUIT, Signal::TERM, Signal::INT, Signal::HUP] {
        sys.catch(signal);
    }
    for signal in [Signal::USR1, Signal::USR2, Signal::WINCH, Signal::PIPE] {
        sys.ignore(signal);
    }
    set_title(sys, &format!("nginx: master process {}", args.join(" ")));
    let _ = sys.write_file("/run/nginx.pid", format!("{}\n", shown_pid(sys)).as_bytes());
    logs.notice("using the \"epoll\" event method").await;
    logs.notice(VERSION).await;
    logs.notice("OS: Linux 6.18.44").await;
    logs.notice("getrlimit(RLIMIT_NOFILE): 20000:20000").await;
    logs.notice("start worker processes").await;
    let mut workers: Vec<Worker> = Vec::new();
    for _ in 0..shared.config.workers {
        workers.extend(start_worker(sys, logs, listeners, shared).await);
    }
    loop {
        let signal = race(async { Some(sys.signal().await) }, async {
            // A worker that ends by itself is replaced.
            loop {
                match sys.wait(None).await {
                    Ok((id, status)) => {
                        note_end(&mut workers, logs, id, status).await;
                        return None;
                    }
                    Err(Errno::EINTR) => sys.pause().await,
                    Err(_) => std::future::pending().await,
                }
            }
        })
        .await;
        match signal {
            None => workers.extend(start_worker(sys, logs, listeners, shared).await),
            Some(Signal::HUP) => {
                logs.notice("signal 1 (SIGHUP) received, reconfiguring is not modelled in Drydock")
                    .await;
            }
            Some(signal) => {
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
        note_end(&mut workers, logs, id, status).await;
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
}

async fn note_end(workers: &mut Vec<Worker>, logs: &Logs, id: ProcessId, status: ExitStatus) {
    let pid = workers.iter().find(|w| w.id == id).map_or(0, |w| w.pid);
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
}

async fn start_worker(
    sys: &Sys,
    logs: &Logs,
    listeners: &[(Fd, SocketAddr)],
    shared: &Rc<worker::Shared>,
) -> Option<Worker> {
    let spawn = sys.child(vec!["nginx: worker process".to_owned()])?;
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
    Some(Worker { id, pid })
}
