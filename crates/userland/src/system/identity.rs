//! Who and where: `env`, `id`, `whoami`, `hostname`, `uname`, `nproc`, `which`, `tty`.

use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use std::net::IpAddr;

use crate::args::{self, program};
use crate::net::resolv::{self, LookupError};
use crate::{Flavour, process};

/// A user's name from `/etc/passwd`.
pub(crate) fn user_name(sys: &Sys, uid: u32) -> Option<String> {
    name_in(sys, "/etc/passwd", uid)
}

/// A user's number from `/etc/passwd`.
pub(crate) fn user_number(sys: &Sys, name: &str) -> Option<u32> {
    let text = sys.read_text("/etc/passwd").unwrap_or_default();
    text.lines().find_map(|line| {
        let rest = line.strip_prefix(name)?.strip_prefix(':')?;
        rest.split(':').nth(1)?.parse().ok()
    })
}

/// The name that goes with a number in `/etc/passwd` or `/etc/group`.
fn name_in(sys: &Sys, file: &str, uid: u32) -> Option<String> {
    name_among(&sys.read_text(file).unwrap_or_default(), uid)
}

/// The name that goes with a number in a text like `/etc/passwd`; root has one without that.
pub(crate) fn name_among(text: &str, uid: u32) -> Option<String> {
    let found = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    found.or_else(|| (uid == 0).then(|| "root".to_owned()))
}

/// Runs another program in this one's place, as `env` and its like do; gives the exit code if that fails.
pub(super) async fn become_program(
    sys: &Sys,
    name: &str,
    argv: Vec<String>,
    env: Vec<(String, String)>,
) -> i32 {
    let command = argv.first().cloned().unwrap_or_default();
    let error = sys.exec(argv, env).await;
    sys.err(&format!(
        "{name}: {}: {error}\n",
        if name == "env" {
            format!("‘{command}’")
        } else {
            command
        }
    ));
    if error == Errno::ENOENT { 127 } else { 126 }
}

/// The `env` and `printenv` programs.
pub async fn env(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut vars = sys.me(|p| p.env.clone()).unwrap_or_default();
    let name = program(&args).to_owned();
    if name == "printenv" && args.len() > 1 {
        let mut status = 0;
        for wanted in args.iter().skip(1) {
            match vars.iter().find(|(key, _)| key == wanted) {
                Some((_, value)) => sys.out(&format!("{value}\n")),
                None => status = 1,
            }
        }
        return status;
    }
    let mut rest = args.into_iter().skip(1).peekable();
    while let Some(word) = rest.next_if(|word| word.starts_with('-')) {
        match word.as_str() {
            "-i" | "-" => vars.clear(),
            "-u" => {
                let unset = rest.next().unwrap_or_default();
                vars.retain(|(key, _)| *key != unset);
            }
            other => return crate::not_modelled(&sys, "env", other),
        }
    }
    while let Some(word) = rest.next_if(|word| word.contains('=')) {
        let (key, value) = word.split_once('=').unwrap_or((&word, ""));
        match vars.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => value.clone_into(old),
            None => vars.push((key.to_owned(), value.to_owned())),
        }
    }
    let command: Vec<String> = rest.collect();
    if command.is_empty() {
        for (key, value) in vars {
            sys.out(&format!("{key}={value}\n"));
        }
        return 0;
    }
    if flavour == Flavour::Busybox {
        let shown = command.first().cloned().unwrap_or_default();
        let error = sys.exec(command, vars).await;
        sys.err(&format!("env: can't execute '{shown}': {error}\n"));
        return if error == Errno::ENOENT { 127 } else { 126 };
    }
    become_program(&sys, "env", command, vars).await
}

/// The `pwd` program.
pub fn pwd(sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    sys.out(&format!("{}\n", sys.cwd()));
    0
}

/// The `id` program.
pub fn id(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "ugnrG",
        &[("user", 'u'), ("group", 'g'), ("name", 'n')],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let me = sys.me(|p| (p.uid, p.gid, p.groups.clone()));
    let (uid, gid, others) = me.unwrap_or_default();
    let user = (uid, user_name(&sys, uid));
    let named = |gid: u32| (gid, name_in(&sys, "/etc/group", gid));
    let others = others.into_iter().filter(|other| *other != gid);
    let mut groups: Vec<(u32, Option<String>)> = vec![named(gid)];
    groups.extend(others.map(named));
    let text = if parsed.has('u') || parsed.has('g') || parsed.has('G') {
        let asked = match (parsed.has('u'), parsed.has('G')) {
            (true, _) => vec![user],
            (_, true) => groups,
            _ => vec![named(gid)],
        };
        let told = asked.into_iter().map(|one| match one {
            (_, Some(name)) if parsed.has('n') => name,
            (number, _) => number.to_string(),
        });
        told.collect::<Vec<_>>().join(" ")
    } else {
        let shown = |(number, name): (u32, Option<String>)| match name {
            Some(name) => format!("{number}({name})"),
            None => number.to_string(),
        };
        let group = shown(named(gid));
        let groups: Vec<String> = groups.into_iter().map(shown).collect();
        format!(
            "uid={} gid={group} groups={}",
            shown(user),
            groups.join(",")
        )
    };
    sys.out(&(text + "\n"));
    0
}

/// The `whoami` program.
pub fn whoami(sys: Sys, _args: Vec<String>, flavour: Flavour) -> i32 {
    let uid = sys.me(|p| p.uid).unwrap_or(0);
    match user_name(&sys, uid) {
        Some(name) => {
            sys.out(&(name + "\n"));
            0
        }
        None => {
            let text = if flavour == Flavour::Gnu {
                format!("whoami: cannot find name for user ID {uid}\n")
            } else {
                format!("whoami: unknown uid {uid}\n")
            };
            sys.err(&text);
            1
        }
    }
}

/// The lines of `/etc/hosts`, each an address and its names.
fn hosts(sys: &Sys) -> Vec<Vec<String>> {
    let text = sys.read_text("/etc/hosts").unwrap_or_default();
    text.lines()
        .map(|line| {
            line.split('#')
                .next()
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect()
        })
        .collect()
}

/// The addresses of all devices that are up, save those of the loopback and the link.
fn all_addresses(sys: &Sys) -> Vec<IpAddr> {
    let ns = sys.netns();
    sys.kernel(|k| {
        let links = k.links(ns).into_iter().filter_map(|id| k.link(id));
        let up = links.filter(|link| link.admin_up && !link.is_loopback());
        let specs: Vec<_> = up.flat_map(|link| link.addrs.iter()).collect();
        // The C library lists one family after the other.
        let of = |v6: bool| specs.iter().filter(move |spec| spec.addr.is_ipv6() == v6);
        of(false)
            .chain(of(true))
            .filter(|spec| spec.scope == kernel::net::Scope::Global)
            .map(|spec| spec.addr)
            .collect()
    })
}

/// The `hostname` program.
pub async fn hostname(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        if flavour == Flavour::Gnu {
            "fsiIAd"
        } else {
            "fsiId"
        },
        &[
            ("all-fqdns", 'A'),
            ("fqdn", 'f'),
            ("long", 'f'),
            ("short", 's'),
            ("ip-address", 'i'),
            ("all-ip-addresses", 'I'),
            ("domain", 'd'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let name = sys.hostname();
    if let Some(new) = parsed.operands.first() {
        if !sys.me(|p| p.caps.sys_admin).unwrap_or(false) {
            sys.lacks("SYS_ADMIN");
            let why = match flavour {
                Flavour::Gnu => "you must be root to change the host name",
                Flavour::Busybox => "sethostname: Operation not permitted",
            };
            sys.err(&format!("hostname: {why}\n"));
            return 1;
        }
        if let Some(uts) = sys.me(|p| p.uts) {
            sys.kernel(|k| k.proc.set_hostname(uts, new));
        }
        return 0;
    }
    let row = hosts(&sys)
        .into_iter()
        .find(|row| row.iter().skip(1).any(|known| *known == name));
    let full = row
        .as_ref()
        .and_then(|row| row.get(1))
        .cloned()
        .unwrap_or_else(|| name.clone());
    let asked = match program(&args) {
        "dnsdomainname" => Some('d'),
        _ => parsed.last_of("fsiIAd"),
    };
    let text = match asked {
        // Asked about in full, a name that no file tells is looked up.
        Some(letter @ ('f' | 'i')) if row.is_none() => {
            match resolv::lookup(&sys, &name, None).await {
                Ok(found) if letter == 'f' => found.canonical,
                Ok(found) => {
                    let addresses: Vec<String> =
                        found.addresses.iter().map(ToString::to_string).collect();
                    addresses.join(" ")
                }
                Err(error) => {
                    let why = match (flavour, error) {
                        (Flavour::Gnu, _) => error.text().to_owned(),
                        (_, LookupError::TryAgain) => format!("{name}: Host name lookup failure"),
                        _ => format!("{name}: Unknown host"),
                    };
                    sys.err(&format!("hostname: {why}\n"));
                    return 1;
                }
            }
        }
        Some('f') => full,
        Some('s') => name.split('.').next().unwrap_or_default().to_owned(),
        Some('d') => match full.split_once('.') {
            Some((_, domain)) => domain.to_owned(),
            None => return 0,
        },
        Some('I') => {
            let addresses = all_addresses(&sys).into_iter();
            addresses.map(|ip| format!("{ip} ")).collect()
        }
        Some('A') => {
            let mut names = String::new();
            for ip in all_addresses(&sys) {
                if let Some(name) = resolv::reverse(&sys, ip).await {
                    names += &format!("{name} ");
                }
            }
            names
        }
        Some(_) => row
            .and_then(|row| row.into_iter().next())
            .unwrap_or_default(),
        None => name,
    };
    sys.out(&(text + "\n"));
    0
}

/// The release that all machines run. Debian 13's kernel, as in the recorded lab.
const RELEASE: &str = "6.12.48+deb13-amd64";

/// The `uname` program.
pub fn uname(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "asnrvmpio",
        &[
            ("all", 'a'),
            ("kernel-release", 'r'),
            ("machine", 'm'),
            ("nodename", 'n'),
            ("kernel-name", 's'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let host = sys.hostname();
    let parts = [
        ('s', "Linux"),
        ('n', host.as_str()),
        ('r', RELEASE),
        ('v', "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)"),
        ('m', "x86_64"),
        ('o', "GNU/Linux"),
    ];
    let bare = parsed.options.is_empty();
    let shown: Vec<&str> = parts
        .iter()
        .filter(|(option, _)| parsed.has('a') || parsed.has(*option) || (bare && *option == 's'))
        .map(|(_, text)| *text)
        .collect();
    sys.out(&format!("{}\n", shown.join(" ")));
    0
}

/// The `nproc` program.
pub fn nproc(sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    sys.out("2\n");
    0
}

/// The `which` program.
pub fn which(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let path = sys.env("PATH").unwrap_or_else(|| {
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()
    });
    let mut status = 0;
    for name in args.iter().skip(1).filter(|word| *word != "-a") {
        match process::find_program(&sys, &path, name) {
            Ok(found) => sys.out(&(found + "\n")),
            Err(_) => status = 1,
        }
    }
    status
}

/// The `tty` program.
pub fn tty(sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    if sys.is_tty(Fd::STDIN) {
        sys.out(&format!("/dev/pts/{}\n", terminal_number(&sys)));
        return 0;
    }
    sys.out("not a tty\n");
    1
}

/// The number of a program's terminal. A container counts its own, in the order in which its processes got them.
fn terminal_number(sys: &Sys) -> u64 {
    let Some((Some(own), pid_ns, machine)) = sys.me(|p| (p.tty, p.pid_ns, p.machine)) else {
        return 0;
    };
    if pid_ns.is_none() {
        return u64::from(own.0);
    }
    let mut held: Vec<_> = sys.kernel(|k| {
        let inside = k.proc.of(machine).filter(|p| p.pid_ns == pid_ns);
        inside.filter_map(|p| Some((p.ns_pid, p.tty?))).collect()
    });
    sorted::sort(&mut held);
    let mut seen = Vec::new();
    for (_, tty) in held {
        if tty == own {
            break;
        }
        if !seen.contains(&tty) {
            seen.push(tty);
        }
    }
    seen.len() as u64
}

/// The `stty` program: `size` only.
pub fn stty(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let Some(tty) = sys
        .me(|p| p.tty)
        .flatten()
        .filter(|_| sys.is_tty(Fd::STDIN))
    else {
        sys.err("stty: 'standard input': Inappropriate ioctl for device\n");
        return 1;
    };
    match args.get(1).map(String::as_str) {
        Some("size") => {
            let columns = sys.kernel(|k| k.tty(tty).map_or(80, |tty| tty.columns));
            sys.out(&format!("24 {columns}\n"));
            0
        }
        Some("sane" | "echo" | "-echo") => 0,
        other => crate::not_modelled(&sys, "stty", other.unwrap_or("-a")),
    }
}

/// The `clear` and `reset` programs.
pub fn clear(sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    sys.out("\u{1b}[H\u{1b}[2J\u{1b}[3J");
    0
}

/// The `true` program.
pub fn yes(_sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    0
}

/// The `false` program.
pub fn no(_sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    1
}

/// The `sync` and `nohup`-like programs that need do nothing: runs the rest of the command line, if any.
pub async fn run_rest(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let name = program(&args).to_owned();
    let rest: Vec<String> = args.into_iter().skip(1).collect();
    if rest.is_empty() {
        sys.err(&format!("{name}: missing operand\n"));
        return 125;
    }
    let env = sys.me(|p| p.env.clone()).unwrap_or_default();
    if name == "nohup" {
        sys.ignore(kernel::process::signal::Signal::HUP);
    }
    become_program(&sys, &name, rest, env).await
}

/// The `arch` program.
pub fn arch(sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    sys.out("x86_64\n");
    0
}

/// The `logname` program: nobody logged in.
pub fn logname(sys: Sys, _args: Vec<String>, _flavour: Flavour) -> i32 {
    sys.err("logname: no login name\n");
    1
}
