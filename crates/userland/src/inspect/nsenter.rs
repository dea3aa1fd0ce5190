//! `nsenter` and `unshare`: other namespaces. Of the kinds of namespaces only those of the network and of host
//! names can be entered alone; files and processes of a container come together with `-m` and `-p`.

use kernel::Errno;
use kernel::process::{Capabilities, Process};
use kernel::sys::Sys;

use super::netns::by_path;
use super::say::{Fail, say};
use crate::args::{self, Parsed, Wrong};
use crate::{Flavour, process};

/// Words for completion.
pub const WORDS: &[&str] = &[
    "-t", "-n", "-m", "-u", "-p", "-a", "--target", "--net", "--mount", "--uts", "--pid", "--all",
];

/// The `nsenter` program.
pub async fn nsenter(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let version = |word: &String| word == "-V" || word == "--version";
    if flavour == Flavour::Gnu && args.get(1).is_some_and(version) {
        return say(&sys, Ok(format!("nsenter from {VERSION}\n")));
    }
    match enter(&sys, &args, flavour) {
        Ok(command) => become_program(&sys, "nsenter", command).await,
        Err(fail) => say(&sys, Err(fail)),
    }
}

/// What `nsenter` takes: a value may be left out where two colons stand.
const SHORT: &str = "+t:n::m::u::i::p::C::U::T::S:G:r::w::W:aFVh";

const LONG: &[(&str, char)] = &[
    ("target", 't'),
    ("net", 'n'),
    ("mount", 'm'),
    ("uts", 'u'),
    ("ipc", 'i'),
    ("pid", 'p'),
    ("cgroup", 'C'),
    ("user", 'U'),
    ("time", 'T'),
    ("setuid", 'S'),
    ("setgid", 'G'),
    ("root", 'r'),
    ("wd", 'w'),
    ("wdns", 'W'),
    ("all", 'a'),
    ("no-fork", 'F'),
    ("version", 'V'),
    ("help", 'h'),
];

/// The version whose words these tools use.
const VERSION: &str = "util-linux 2.42.4";

fn refused(why: impl std::fmt::Display) -> Fail {
    Fail::new(1, format_args!("nsenter: {why}"))
}

/// What `nsenter` says about an option that it cannot read.
fn unreadable(wrong: &Wrong) -> Fail {
    let why = match wrong {
        Wrong::Unknown(option) if option.starts_with("--") => {
            format!("unrecognized option '{option}'")
        }
        Wrong::Unknown(option) => {
            let letter = option.trim_start_matches('-');
            if "NeZc".contains(letter) {
                return Fail::not_modelled("nsenter", option);
            }
            format!("invalid option -- '{letter}'")
        }
        Wrong::Missing(letter) => format!("option requires an argument -- '{letter}'"),
    };
    refused(format_args!(
        "{why}\nTry 'nsenter --help' for more information."
    ))
}

/// The number given with `-S` or `-G`.
fn id_of(wanted: &Parsed, letter: char, what: &str) -> Result<Option<u32>, Fail> {
    let Some(text) = wanted.value(letter) else {
        return Ok(None);
    };
    text.parse().map(Some).or(Err(refused(format_args!(
        "failed to parse {what}: '{text}': {}",
        Errno::EINVAL
    ))))
}

fn enter(sys: &Sys, args: &[String], flavour: Flavour) -> Result<Vec<String>, Fail> {
    let wanted = args::parse(args, SHORT, LONG).map_err(|wrong| unreadable(&wrong))?;
    if wanted.has('h') {
        return Err(Fail::not_modelled("nsenter", "--help"));
    }
    let has = |letter: char| wanted.has(letter) || wanted.has('a');
    let pid = match wanted.value('t') {
        Some(text) => {
            let pid = text.parse().ok().filter(|pid| *pid > 0);
            Some(pid.ok_or_else(|| refused("invalid PID argument"))?)
        }
        None => None,
    };
    if flavour == Flavour::Gnu && wanted.last_of("anmuipCUT").is_none() {
        return Err(refused("no namespace specified"));
    }
    let net_path = wanted.value('n');
    for letter in ['m', 'u', 'p'] {
        if wanted.value(letter).is_some() {
            return Err(Fail::not_modelled("nsenter", &format!("-{letter} FILE")));
        }
    }
    if wanted.value('r').is_some() {
        return Err(Fail::not_modelled("nsenter", "-r DIR"));
    }
    let root_of_target = wanted.has('r');
    let wd_of_target = wanted.has('w') && wanted.value('w').is_none();
    let needs_target = root_of_target
        || wd_of_target
        || "muipCUT".chars().any(has)
        || (has('n') && net_path.is_none());
    let target = match pid {
        Some(pid) => Some(process::by_pid(sys, pid).ok_or_else(|| {
            let kind = if has('n') { "net" } else { "mnt" };
            refused(format_args!(
                "cannot open /proc/{pid}/ns/{kind}: {}",
                Errno::ENOENT
            ))
        })?),
        None if needs_target => return Err(refused("no target PID specified")),
        None => None,
    };
    let place = target.and_then(|id| sys.kernel(|k| k.proc.get(id).map(Place::of)));
    let net = match (net_path, has('n'), &place) {
        (Some(path), ..) => Some(by_path(sys, path).map_err(|error| {
            if error == Errno::EINVAL {
                not_entered(Some("net"), error)
            } else {
                refused(format_args!("cannot open {path}: {error}"))
            }
        })?),
        (None, true, Some(place)) => Some(place.net),
        _ => None,
    };
    let wd = match (wanted.value('W').or(wanted.value('w')), &place) {
        (Some(path), _) => Some(path.to_owned()),
        (None, Some(place)) if wd_of_target => Some(place.cwd.clone()),
        _ => None,
    };
    let (uid, gid) = (id_of(&wanted, 'S', "uid")?, id_of(&wanted, 'G', "gid")?);
    if !sys.me(|p| p.caps.sys_admin).unwrap_or(false) {
        return Err(not_entered(Some("net"), Errno::EPERM));
    }
    // All processes share one user namespace, and a process may not enter its own once more; `-a` leaves it out for that.
    if wanted.has('U') {
        return Err(not_entered(None, Errno::EINVAL));
    }
    if let Some(net) = net {
        sys.set_netns(net)
            .map_err(|error| not_entered(Some("net"), error))?;
    }
    let me = sys.id();
    sys.kernel(|k| {
        let Some(p) = k.proc.get_mut(me) else {
            return;
        };
        if let Some(place) = &place {
            if has('m') || root_of_target {
                p.mount = place.mount;
                p.sysfs = place.sysfs;
                p.cwd = "/".into();
            }
            if has('u') {
                p.uts = place.uts;
            }
        }
        if let Some(place) = place.as_ref().filter(|_| has('p')) {
            k.proc.enter_pid_ns(me, place.pid_ns);
        }
    });
    if let Some(wd) = wd {
        sys.chdir(&wd)
            .map_err(|error| refused(format_args!("cannot open {wd}: {error}")))?;
    }
    sys.kernel(|k| {
        let Some(p) = k.proc.get_mut(me) else {
            return;
        };
        p.gid = gid.unwrap_or(p.gid);
        if let Some(uid) = uid {
            p.uid = uid;
            // What setuid(2) does to root's capabilities.
            if uid != 0 {
                p.caps = Capabilities {
                    net_admin: false,
                    net_raw: false,
                    net_bind: false,
                    sys_admin: false,
                };
            }
        }
    });
    if !wanted.operands.is_empty() {
        return Ok(wanted.operands);
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

/// What `nsenter` says if the kernel refuses a namespace of one kind, or all at once.
fn not_entered(kind: Option<&str>, error: Errno) -> Fail {
    match kind {
        Some(kind) => refused(format_args!(
            "reassociate to namespace 'ns/{kind}' failed: {error}"
        )),
        None => refused(format_args!("reassociate to namespaces failed: {error}")),
    }
}

/// Where a process is at home.
struct Place {
    net: kernel::ids::NetnsId,
    mount: kernel::ids::MountId,
    sysfs: kernel::ids::NetnsId,
    uts: kernel::process::UtsId,
    pid_ns: Option<kernel::ids::ProcessId>,
    cwd: String,
}

impl Place {
    fn of(p: &Process) -> Self {
        Self {
            net: p.netns,
            mount: p.mount,
            sysfs: p.sysfs,
            uts: p.uts,
            pid_ns: p.pid_ns,
            cwd: p.cwd.clone(),
        }
    }
}

async fn become_program(sys: &Sys, name: &str, command: Vec<String>) -> i32 {
    let program = command.first().cloned().unwrap_or_default();
    let env = sys.me(|p| p.env.clone()).unwrap_or_default();
    let error = sys.exec(command, env).await;
    sys.err(&format!("{name}: failed to execute {program}: {error}\n"));
    if error == Errno::ENOENT { 127 } else { 126 }
}

/// The `unshare` program.
pub async fn unshare(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "+nu", &[("net", 'n'), ("uts", 'u')]) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) => return crate::not_modelled(&sys, "unshare", &option),
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if !sys.me(|p| p.caps.sys_admin).unwrap_or(false) {
        sys.err(&format!("unshare: unshare failed: {}\n", Errno::EPERM));
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
