//! What a container's processes are and use: `docker top` and `docker stats`.
//!
//! The real engine runs the machine's `ps` with the options given, and takes the rows of the container's processes.

use kernel::Kernel;
use kernel::ids::ProcessId;
use kernel::net::Link;
use kernel::process::Process;

use crate::api::{MemoryStats, NetworkStats, StatsResponse, TopResponse};
use crate::clock::{NEVER, UnixNanos, rfc3339};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::system::{CPUS, MEMORY};

const FULL: &str = "user=UID,pid,ppid,c,stime,tname=TTY,time,args=CMD";
const BSD: &str = "user,pid,pcpu,pmem,vsz,rss,tname=TTY,stat,start,time,args";
const BSD_PLAIN: &str = "pid,tname=TTY,stat,bsdtime=TIME,args";

/// The columns that [`cell`] tells.
const TOLD: &str = "user euser uname uid pid ppid c pcpu %cpu pmem %mem vsz rss stime start tname tty tt stat time bsdtime comm args cmd command";
/// Further ones of `ps`. Source: procps 4.0 `ps/output.c`.
const UNTOLD: &str = "blocked caught cgname cgroup class cls cputime cputimes drs egid egroup esp euid etime etimes exe f fgid fgroup flag flags fuid fuser gid group ignored ipcns label lsession lstart lwp maj_flt majflt min_flt minflt mntns netns ni nice nlwp numa nwchan ouid pending pgid pgrp pidns policy pri priority psr pss rbytes rgid rgroup rops rssize rsz rtprio ruid ruser s sched seat sess session sgi_p sgi_rss sgid sgroup sid sig size slice spid stackp start_stack start_time state suid supgid supgrp suser svgid svuid sz tgid thcount tid timens times tpgid trs ucmd uss unit userns utsns uunit vsize wbytes wcbytes wchan wname wops";

impl Engine {
    /// `GET /containers/{id}/top`.
    pub(crate) fn container_top(&self, container: String, ps_args: String) -> Result<TopResponse> {
        let first = self.first_process_of(&container)?;
        let columns = columns(&ps_args)?;
        let now = self.now();
        let titles = columns.iter().map(|(_, title)| title.clone()).collect();
        // The `ps` is the machine's, so that the names are those of the machine's users, whatever the container calls them.
        let users = self.sys().read_text("/etc/passwd").unwrap_or_default();
        let processes = self.sys().kernel(|k| {
            let row = |p: &Process| {
                columns
                    .iter()
                    .map(|(key, _)| cell(k, p, key, &users, now))
                    .collect()
            };
            members(k, self, first).map(row).collect()
        });
        let id = self.state().find_container(&container)?.id.clone();
        self.container_event("top", &id, &[]);
        Ok(TopResponse { processes, titles })
    }

    /// `GET /containers/{id}/stats`, once.
    pub(crate) fn container_stats(&self, container: String) -> Result<StatsResponse> {
        let (id, name, netns, first) = {
            let state = self.state();
            let c = state.find_container(&container)?;
            (c.id.clone(), format!("/{}", c.name), c.netns, c.process)
        };
        let read = first.map_or_else(|| NEVER.to_owned(), |_runs| rfc3339(self.now()));
        let mut stats = StatsResponse {
            id,
            name,
            read,
            preread: NEVER.to_owned(),
            ..StatsResponse::default()
        };
        self.sys().kernel(|k| {
            let links = netns.map(|ns| k.links(ns)).unwrap_or_default();
            let links = links.into_iter().filter_map(|id| k.link(id));
            let traffic = |link: &Link| NetworkStats {
                rx_bytes: link.stats.rx_bytes,
                rx_packets: link.stats.rx_packets,
                rx_dropped: link.stats.rx_dropped,
                tx_bytes: link.stats.tx_bytes,
                tx_packets: link.stats.tx_packets,
                tx_dropped: link.stats.tx_dropped,
                ..NetworkStats::default()
            };
            stats.networks = links
                .filter(|link| &*link.name != "lo")
                .map(|link| (link.name.to_string(), traffic(link)))
                .collect();
            if first.is_some() {
                stats.cpu_stats.online_cpus = CPUS;
                stats.memory_stats = MemoryStats {
                    usage: Some(0),
                    limit: MEMORY,
                };
            }
            stats.pids_stats.current =
                first.map_or(0, |first| members(k, self, first).count() as u64);
        });
        Ok(stats)
    }

    fn first_process_of(&self, container: &str) -> Result<ProcessId> {
        let state = self.state();
        let c = state.find_container(container)?;
        super::checks::not_restarting(c)?;
        c.process
            .ok_or_else(|| Error::conflict(format!("container {} is not running", c.id)))
    }
}

fn members<'a>(
    k: &'a Kernel,
    engine: &Engine,
    first: ProcessId,
) -> impl Iterator<Item = &'a Process> {
    k.proc
        .of(engine.machine())
        .filter(move |p| p.id == first || p.pid_ns == Some(first))
}

/// Understands the options of `ps` that choose columns. Returns what each holds and its title.
fn columns(ps_args: &str) -> Result<Vec<(String, String)>> {
    let words: Vec<&str> = ps_args.split_whitespace().collect();
    let mut chosen: Vec<String> = Vec::new();
    let mut all = words.iter();
    while let Some(word) = all.next() {
        let list = match *word {
            "-o" | "o" | "-eo" | "-Ao" => all.next().copied().unwrap_or_default(),
            "-ef" | "-f" | "-fe" | "-Af" => FULL,
            "aux" | "-aux" | "u" | "-u" | "au" | "ux" => BSD,
            "a" | "x" | "ax" | "-ax" | "-x" => BSD_PLAIN,
            other => match other.strip_prefix("-o") {
                Some(list) => list,
                None => {
                    return Err(Error::not_modelled(&format!(
                        "docker top with the ps options \"{ps_args}\""
                    )));
                }
            },
        };
        chosen.extend(list.split(',').map(str::to_owned));
    }
    if chosen.is_empty() {
        chosen.extend(FULL.split(',').map(str::to_owned));
    }
    let columns: Vec<(String, String)> = chosen
        .iter()
        .map(|column| match column.split_once('=') {
            Some((key, title)) => (key.to_owned(), title.to_owned()),
            None => (column.clone(), title(column)),
        })
        .collect();
    for (key, _) in &columns {
        let known = |keys: &str| keys.split(' ').any(|known| known == key);
        if known(UNTOLD) {
            return Err(Error::not_modelled(&format!(
                "docker top with the column \"{key}\""
            )));
        }
        if !known(TOLD) {
            return Err(Error::internal(format!(
                "ps: error: unknown user-defined format specifier \"{key}\""
            )));
        }
    }
    // The engine finds its processes by that column.
    if !columns.iter().any(|(_, title)| title == "PID") {
        return Err(Error::internal("Couldn't find PID field in ps output"));
    }
    Ok(columns)
}

fn title(key: &str) -> String {
    match key {
        "comm" | "args" | "cmd" | "command" if key != "cmd" => "COMMAND".to_owned(),
        "pcpu" | "%cpu" => "%CPU".to_owned(),
        "pmem" | "%mem" => "%MEM".to_owned(),
        "start" => "START".to_owned(),
        "tname" | "tty" | "tt" => "TT".to_owned(),
        "euser" => "EUSER".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}

/// A user's name by the lines of `/etc/passwd`, or the number.
fn user(users: &str, uid: u32) -> String {
    let number = uid.to_string();
    let mut entries = users.lines().map(|line| line.split(':'));
    let name = entries.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    });
    name.unwrap_or(number)
}

fn cell(k: &Kernel, p: &Process, key: &str, users: &str, now: UnixNanos) -> String {
    match key {
        "user" | "euser" | "uname" => user(users, p.uid),
        "uid" => p.uid.to_string(),
        "pid" => p.pid.to_string(),
        "ppid" => p
            .parent
            .and_then(|id| k.proc.get(id))
            .map_or(0, |parent| parent.pid)
            .to_string(),
        "c" => "0".to_owned(),
        "pcpu" | "%cpu" | "pmem" | "%mem" => "0.0".to_owned(),
        "vsz" | "rss" => "0".to_owned(),
        "stime" | "start" => {
            let ago = i64::try_from(k.now.since(p.started).as_nanos()).unwrap_or(0);
            let started = rfc3339(now.saturating_sub(ago));
            started.get(11..16).unwrap_or_default().to_owned()
        }
        "tname" | "tty" | "tt" => "?".to_owned(),
        "stat" => "Ss".to_owned(),
        "time" => "00:00:00".to_owned(),
        "bsdtime" => "0:00".to_owned(),
        "comm" => p
            .argv
            .first()
            .map(|a| a.rsplit('/').next().unwrap_or(a).to_owned())
            .unwrap_or_default(),
        "args" | "cmd" | "command" => p.argv.join(" "),
        _ => "-".to_owned(),
    }
}
