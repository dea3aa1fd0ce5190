//! `nsenter`, `unshare` and `lsns`: other namespaces. Of the kinds of namespaces only those of the network and of host
//! names can be entered alone; files and processes of a container come together with `-m` and `-p`.

use kernel::Errno;
use kernel::process::Process;
use kernel::sys::Sys;

use super::netns::by_path;
use super::say::{Fail, say};
use crate::args::{self, Wrong};
use crate::{Flavour, process};

/// Words for completion.
pub const WORDS: &[&str] = &[
    "-t", "-n", "-m", "-u", "-p", "-a", "--target", "--net", "--mount", "--uts", "--pid", "--all",
];

/// The `nsenter` program.
pub async fn nsenter(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    match enter(&sys, &args) {
        Ok(command) => become_program(&sys, "nsenter", command).await,
        Err(fail) => say(&sys, Err(fail)).await,
    }
}

/// What is to be entered; a path for the network's namespace alone.
#[derive(Default)]
struct Wanted {
    target: Option<u32>,
    net: bool,
    net_path: Option<String>,
    mount: bool,
    uts: bool,
    pid: bool,
}

fn read<'a>(args: &'a [String], wanted: &mut Wanted) -> Result<&'a [String], Fail> {
    let mut rest = args.get(1..).unwrap_or_default();
    while let Some(option) = rest
        .first()
        .filter(|word| word.starts_with('-') && word.len() > 1)
    {
        rest = rest.get(1..).unwrap_or_default();
        if option == "--" {
            break;
        }
        let (name, value) = option
            .split_once('=')
            .map_or((option.as_str(), None), |(name, value)| {
                (name, Some(value.to_owned()))
            });
        let short: Vec<String> = match name.strip_prefix("--") {
            Some(long) => vec![long.to_owned()],
            // The letters of `-nt PID`; a letter that takes a value takes what follows it.
            None => name.chars().skip(1).map(String::from).collect(),
        };
        let mut letters = short.iter();
        while let Some(letter) = letters.next() {
            match letter.as_str() {
                "t" | "target" => {
                    let attached: String = letters.by_ref().map(String::as_str).collect();
                    let text = match value
                        .clone()
                        .or(Some(attached).filter(|text| !text.is_empty()))
                    {
                        Some(text) => text,
                        None => {
                            let next = rest.first().cloned().ok_or_else(|| Fail::new(1, "nsenter: option requires an argument -- 't'\nTry 'nsenter --help' for more information."))?;
                            rest = rest.get(1..).unwrap_or_default();
                            next
                        }
                    };
                    wanted.target = Some(text.parse().ok().ok_or_else(|| {
                        Fail::new(1, format_args!("nsenter: failed to parse pid: '{text}'"))
                    })?);
                }
                "n" | "net" => {
                    wanted.net = true;
                    let attached: String =
                        if letter == "n" && letters.as_slice().first().is_some_and(|c| c == "/") {
                            letters.by_ref().map(String::as_str).collect()
                        } else {
                            String::new()
                        };
                    wanted.net_path = value
                        .clone()
                        .or(Some(attached).filter(|text| !text.is_empty()));
                }
                "m" | "mount" => wanted.mount = true,
                "u" | "uts" => wanted.uts = true,
                "p" | "pid" => wanted.pid = true,
                "i" | "ipc" | "C" | "cgroup" | "U" | "user" | "T" | "time" | "F" | "no-fork"
                | "r" | "root" | "w" | "wd" => {}
                "a" | "all" => {
                    (wanted.net, wanted.mount, wanted.uts, wanted.pid) = (true, true, true, true);
                }
                other if name.starts_with("--") => {
                    return Err(Fail::new(
                        1,
                        format_args!(
                            "nsenter: unrecognized option '--{other}'\nTry 'nsenter --help' for more information."
                        ),
                    ));
                }
                other => {
                    return Err(Fail::new(
                        1,
                        format_args!(
                            "nsenter: invalid option -- '{other}'\nTry 'nsenter --help' for more information."
                        ),
                    ));
                }
            }
        }
    }
    Ok(rest)
}

fn enter(sys: &Sys, args: &[String]) -> Result<Vec<String>, Fail> {
    let mut wanted = Wanted::default();
    let command = read(args, &mut wanted)?.to_vec();
    let opened = |path: &str| {
        by_path(sys, path).map_err(|error| {
            Fail::new(
                1,
                if error == Errno::EINVAL {
                    format!("nsenter: reassociate to namespaces failed: {error}")
                } else {
                    format!("nsenter: cannot open {path}: {error}")
                },
            )
        })
    };
    let needs_target =
        wanted.mount || wanted.uts || wanted.pid || (wanted.net && wanted.net_path.is_none());
    let target = match wanted.target {
        Some(pid) => Some(process::by_pid(sys, pid).ok_or_else(|| {
            let kind = if wanted.net { "net" } else { "mnt" };
            Fail::new(
                1,
                format_args!(
                    "nsenter: cannot open /proc/{pid}/ns/{kind}: {}",
                    Errno::ENOENT
                ),
            )
        })?),
        None if needs_target => {
            return Err(Fail::new(
                1,
                "nsenter: neither filename nor target pid supplied for ns/net",
            ));
        }
        None => None,
    };
    let place = target
        .and_then(|id| sys.kernel(|k| k.proc.get(id).map(|p| (p.netns, p.mount, p.uts, p.pid_ns))));
    let net = match (&wanted.net_path, wanted.net, place) {
        (Some(path), ..) => Some(opened(path)?),
        (None, true, Some((net, ..))) => Some(net),
        _ => None,
    };
    if !sys.me(|p| p.caps.sys_admin).unwrap_or(false) {
        return Err(Fail::new(
            1,
            format_args!(
                "nsenter: reassociate to namespace 'ns/net' failed: {}",
                Errno::EPERM
            ),
        ));
    }
    if let Some(net) = net {
        sys.set_netns(net).map_err(|error| {
            Fail::new(
                1,
                format_args!("nsenter: reassociate to namespace 'ns/net' failed: {error}"),
            )
        })?;
    }
    let me = sys.id();
    sys.kernel(|k| {
        let (Some(p), Some((_, mount, uts, pid_ns))) = (k.proc.get_mut(me), place) else {
            return;
        };
        move_to(p, &wanted, mount, uts, pid_ns);
    });
    if !command.is_empty() {
        return Ok(command);
    }
    let shell = sys.env("SHELL").filter(|shell| sys.exists(shell));
    Ok(vec![shell.unwrap_or_else(|| {
        if sys.exists("/bin/bash") {
            "/bin/bash".into()
        } else {
            "/bin/sh".into()
        }
    })])
}

fn move_to(
    p: &mut Process,
    wanted: &Wanted,
    mount: kernel::ids::MountId,
    uts: kernel::process::UtsId,
    pid_ns: Option<kernel::ids::ProcessId>,
) {
    if wanted.mount {
        p.mount = mount;
        p.cwd = "/".into();
    }
    if wanted.uts {
        p.uts = uts;
    }
    if wanted.pid {
        p.pid_ns = pid_ns;
    }
}

async fn become_program(sys: &Sys, name: &str, command: Vec<String>) -> i32 {
    let program = command.first().cloned().unwrap_or_default();
    let env = sys.me(|p| p.env.clone()).unwrap_or_default();
    let error = sys.exec(command, env).await;
    sys.err(&format!("{name}: failed to execute {program}: {error}\n"))
        .await;
    if error == Errno::ENOENT { 127 } else { 126 }
}

/// The `unshare` program.
pub async fn unshare(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "+nu", &[("net", 'n'), ("uts", 'u')]) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) => return crate::not_modelled(&sys, "unshare", &option).await,
        Err(wrong) => return args::refuse(&sys, &args, wrong).await,
    };
    if !sys.me(|p| p.caps.sys_admin).unwrap_or(false) {
        sys.err(&format!("unshare: unshare failed: {}\n", Errno::EPERM))
            .await;
        return 1;
    }
    let me = sys.id();
    sys.kernel(|k| {
        let Some((machine, uts)) = k.proc.get(me).map(|p| (p.machine, p.uts)) else {
            return;
        };
        let net = parsed.has('n').then(|| k.netns_add(machine));
        let name = k.proc.hostname(uts);
        let uts = parsed.has('u').then(|| k.add_hostname(&name));
        if let Some(p) = k.proc.get_mut(me) {
            p.netns = net.unwrap_or(p.netns);
            p.uts = uts.unwrap_or(p.uts);
        }
    });
    let command = if parsed.operands.is_empty() {
        vec!["/bin/sh".to_owned()]
    } else {
        parsed.operands
    };
    become_program(&sys, "unshare", command).await
}

/// Where the kernel's inode numbers for namespaces begin. Source: Linux `include/linux/proc_ns.h`.
const FIRST_INODE: u64 = 0xF000_0000;

/// The `lsns` program: network namespaces only.
pub async fn lsns(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "t:n", &[("type", 't'), ("noheadings", 'n')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong).await,
    };
    if let Some(kind) = parsed.value('t').filter(|kind| *kind != "net") {
        return crate::not_modelled(&sys, "lsns", &format!("-t {kind}")).await;
    }
    let mut rows: Vec<(kernel::ids::NetnsId, usize, u32, String)> = Vec::new();
    for p in process::visible(&sys) {
        let Some(ns) = sys.kernel(|k| k.proc.get(p.id).map(|q| q.netns)) else {
            continue;
        };
        match rows.iter_mut().find(|row| row.0 == ns) {
            Some(row) => row.1 += 1,
            None => rows.push((ns, 1, p.pid, p.argv.join(" "))),
        }
    }
    let mut out = String::new();
    if !parsed.has('n') {
        out.push_str("        NS TYPE NPROCS   PID USER COMMAND\n");
    }
    for (ns, count, pid, command) in rows {
        out.push_str(&format!(
            "{:>10} net  {count:>6} {pid:>5} root {command}\n",
            FIRST_INODE + u64::from(ns.0)
        ));
    }
    sys.out(&out).await;
    0
}
