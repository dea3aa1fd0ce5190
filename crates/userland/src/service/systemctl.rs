//! `systemctl`, as systemd 257 has it, and `service`.

use sorted::SortedMap;

use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, FileKind};
use kernel::process::signal::Signal;
use kernel::process::tty::Output;
use kernel::sys::Sys;
use kernel::time::Duration;

use super::journal::stamp;
use super::{Unit, manager, output_of, unit, units};
use crate::Flavour;

/// How often it is looked whether a service has started or ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long a service may take to start or to end. Source: systemd-system.conf(5), `DefaultTimeoutStartSec`.
const PATIENCE: Duration = Duration::from_secs(90);

/// The `service` program: `service NAME VERB`.
pub(super) async fn service(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let (Some(name), Some(verb)) = (args.get(1), args.get(2)) else {
        sys.err("Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n");
        return 1;
    };
    if unit(&sys, name).is_none() {
        sys.err(&format!("{name}: unrecognized service\n"));
        return 1;
    }
    let words = ["systemctl", verb, name].map(str::to_owned).to_vec();
    main(sys, words, flavour).await
}

/// The `systemctl` program.
pub(super) async fn main(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    let mut words = Vec::new();
    let (mut now, mut quiet) = (false, false);
    let mut lines = 10usize;
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--now" => now = true,
            "-q" | "--quiet" => quiet = true,
            "--no-pager" | "-l" | "--full" | "--system" | "-a" | "--all" => {}
            "-n" => lines = rest.next().and_then(|n| n.parse().ok()).unwrap_or(lines),
            "--version" => words = vec!["--version"],
            option if option.starts_with('-') => {
                return crate::not_modelled(&sys, "systemctl", option);
            }
            word => words.push(word),
        }
    }
    let (verb, names) = words
        .split_first()
        .map_or(("list-units", &[][..]), |(v, n)| (*v, n));
    match verb {
        "daemon-reload" | "daemon-reexec" => return 0,
        "list-units" => return list(&sys),
        "--version" => {
            sys.out("systemd 257 (257.9-1~deb13u1)\n");
            return 0;
        }
        "start" | "stop" | "restart" | "try-restart" | "reload" | "reload-or-restart"
        | "status" | "is-active" | "is-enabled" | "is-failed" | "enable" | "disable" | "cat"
        | "reset-failed" => {}
        other if KNOWN_VERBS.contains(&other) => {
            return crate::not_modelled(&sys, "systemctl", other);
        }
        other => {
            sys.err(&format!("Unknown command verb '{other}'.\n"));
            return 1;
        }
    }
    if names.is_empty() {
        if matches!(verb, "status") {
            return list(&sys);
        }
        sys.err("Too few arguments.\n");
        return 1;
    }
    let mut code = 0;
    for name in names {
        let done = match unit(&sys, name) {
            Some(unit) => one(&sys, unit, verb, now, quiet, lines).await,
            None => unknown(&sys, name, verb, quiet),
        };
        if done != 0 {
            code = done;
        }
    }
    code
}

/// Verbs that systemctl has and that mean something only where there is more of systemd.
const KNOWN_VERBS: [&str; 22] = [
    "kill",
    "show",
    "mask",
    "unmask",
    "edit",
    "list-unit-files",
    "list-timers",
    "list-sockets",
    "list-jobs",
    "list-dependencies",
    "isolate",
    "set-property",
    "preset",
    "get-default",
    "set-default",
    "poweroff",
    "reboot",
    "halt",
    "suspend",
    "link",
    "revert",
    "help",
];

/// What is said of a unit that the machine does not have.
fn unknown(sys: &Sys, name: &str, verb: &str, quiet: bool) -> i32 {
    let name = if name.contains('.') {
        name.to_owned()
    } else {
        format!("{name}.service")
    };
    let (text, code) = match verb {
        "is-active" | "is-failed" => {
            if !quiet {
                sys.out("inactive\n");
            }
            return 4;
        }
        "is-enabled" => {
            if !quiet {
                sys.out("not-found\n");
            }
            return 4;
        }
        "status" => (format!("Unit {name} could not be found.\n"), 4),
        "stop" => (
            format!("Failed to stop {name}: Unit {name} not loaded.\n"),
            5,
        ),
        "cat" => (format!("No files found for {name}.\n"), 1),
        "enable" | "disable" => (
            format!("Failed to {verb} unit: Unit {name} does not exist\n"),
            1,
        ),
        verb => (
            format!("Failed to {verb} {name}: Unit {name} not found.\n"),
            5,
        ),
    };
    sys.err(&text);
    code
}

async fn one(
    sys: &Sys,
    unit: &'static Unit,
    verb: &str,
    now: bool,
    quiet: bool,
    lines: usize,
) -> i32 {
    let running = unit.main_process(sys).is_some();
    match verb {
        "start" => start(sys, unit).await,
        "stop" => {
            stop(sys, unit).await;
            0
        }
        "restart" | "reload-or-restart" => {
            stop(sys, unit).await;
            start(sys, unit).await
        }
        "try-restart" if running => {
            stop(sys, unit).await;
            start(sys, unit).await
        }
        "reload" if running => {
            if let Some(main) = unit.main_process(sys) {
                // It ran a moment ago, and nothing happened since.
                let _ = sys.kill(main.id, Signal::HUP);
            }
            0
        }
        "reload" => {
            let name = unit.full_name();
            sys.err(&format!("{name} is not active, cannot reload.\n"));
            1
        }
        "is-active" | "is-failed" => {
            let failed = manager(sys).borrow().failed.contains(unit.name);
            let state = match (running, failed) {
                (true, _) => "active",
                (false, true) => "failed",
                (false, false) => "inactive",
            };
            if !quiet {
                sys.out(&format!("{state}\n"));
            }
            match verb {
                "is-active" if running => 0,
                "is-active" => 3,
                _ => i32::from(!failed),
            }
        }
        "is-enabled" => {
            let disabled = manager(sys).borrow().disabled.contains(unit.name);
            if !quiet {
                sys.out(if disabled { "disabled\n" } else { "enabled\n" });
            }
            i32::from(disabled)
        }
        "enable" | "disable" => {
            let (link, file) = (
                format!(
                    "/etc/systemd/system/multi-user.target.wants/{}",
                    unit.full_name()
                ),
                unit.file(),
            );
            let changed = {
                let manager = manager(sys);
                let mut manager = manager.borrow_mut();
                if verb == "enable" {
                    manager.disabled.remove(unit.name)
                } else {
                    manager.disabled.insert(unit.name)
                }
            };
            if changed && !quiet {
                sys.err(&if verb == "enable" {
                    format!("Created symlink '{link}' → '{file}'.\n")
                } else {
                    format!("Removed '{link}'.\n")
                });
            }
            match (now, verb) {
                (true, "enable") => start(sys, unit).await,
                (true, _) => {
                    stop(sys, unit).await;
                    0
                }
                _ => 0,
            }
        }
        "cat" => {
            sys.out(&format!(
                "# {}\n[Unit]\nDescription={}\nDocumentation={}\n\n[Service]\nExecStart={}\n\n[Install]\nWantedBy=multi-user.target\n",
                unit.file(),
                unit.about,
                unit.docs,
                unit.argv.join(" ")
            ));
            0
        }
        "status" => status(sys, unit, lines),
        "reset-failed" => {
            manager(sys).borrow_mut().failed.remove(unit.name);
            0
        }
        _ => 0,
    }
}

/// Starts a service and waits until it is ready.
async fn start(sys: &Sys, unit: &'static Unit) -> i32 {
    if unit.main_process(sys).is_some() {
        return 0;
    }
    let (name, about) = (unit.full_name(), unit.about);
    {
        let manager = manager(sys);
        let mut manager = manager.borrow_mut();
        manager.take_output(sys, unit);
        manager.failed.remove(unit.name);
        manager.note(sys, unit, format!("Starting {name} - {about}..."));
    }
    if let Some(path) = unit.ready {
        // What a killed daemon left behind says nothing of the new one.
        sys.withdraw_service(path);
    }
    let argv = unit.argv.iter().map(|word| (*word).to_owned()).collect();
    let spawn = sys.kernel(|k| {
        let machine = k.proc.get(sys.id()).map(|me| me.machine)?;
        let mut spawn = Spawn::on_machine(k, machine, argv)?;
        spawn.cwd = "/".to_owned();
        let null = k.proc.files.add(FileKind::Null);
        let sink = k.proc.files.add(FileKind::Sink(Output::default()));
        spawn.fds = SortedMap::from([(Fd::STDIN, null), (Fd::STDOUT, sink), (Fd::STDERR, sink)]);
        Some(spawn)
    });
    let started = spawn.and_then(|spawn| sys.spawn(spawn).ok());
    let Some(id) = started else {
        return failed(sys, unit, "exec");
    };
    let pid = sys.kernel(|k| k.proc.get(id).map_or(0, |p| p.pid));
    if let Some(file) = output_of(sys, id) {
        sys.kernel(|k| k.proc.files.retain(file));
        manager(sys)
            .borrow_mut()
            .outputs
            .insert(unit.name, (id, pid, file));
    }
    let until = sys.now() + PATIENCE;
    loop {
        if unit.main_process(sys).is_none() {
            return failed(sys, unit, "exit-code");
        }
        if unit.ready.is_none_or(|path| sys.service(path).is_some()) {
            break;
        }
        if sys.now() >= until || sys.sleep(LOOK_EVERY).await.is_err() {
            return failed(sys, unit, "timeout");
        }
    }
    let manager = manager(sys);
    let mut manager = manager.borrow_mut();
    manager.since.insert(unit.name, sys.now());
    manager.note(sys, unit, format!("Started {name} - {about}."));
    0
}

fn failed(sys: &Sys, unit: &'static Unit, result: &str) -> i32 {
    let (name, about) = (unit.full_name(), unit.about);
    {
        let manager = manager(sys);
        let mut manager = manager.borrow_mut();
        manager.take_output(sys, unit);
        manager.failed.insert(unit.name);
        manager.since.insert(unit.name, sys.now());
        let exited = "Main process exited, code=exited, status=1/FAILURE";
        manager.note(sys, unit, format!("{name}: {exited}"));
        manager.note(sys, unit, format!("{name}: Failed with result '{result}'."));
        manager.note(sys, unit, format!("Failed to start {name} - {about}."));
    }
    sys.err(&format!(
        "Job for {name} failed because the control process exited with error code.\nSee \"systemctl status {name}\" and \"journalctl -xeu {name}\" for details.\n"
    ));
    1
}

/// Ends a service and waits until it has ended.
async fn stop(sys: &Sys, unit: &'static Unit) {
    let Some(main) = unit.main_process(sys) else {
        return;
    };
    let (name, about) = (unit.full_name(), unit.about);
    {
        let manager = manager(sys);
        let mut manager = manager.borrow_mut();
        if !manager.outputs.contains_key(unit.name)
            && let Some(file) = output_of(sys, main.id)
        {
            sys.kernel(|k| k.proc.files.retain(file));
            manager.outputs.insert(unit.name, (main.id, main.pid, file));
        }
        manager.note(sys, unit, format!("Stopping {name} - {about}..."));
    }
    let mut signal = Signal::TERM;
    let mut until = sys.now() + PATIENCE;
    // That it is gone shows by looking, whatever the signal said.
    let _ = sys.kill(main.id, signal);
    while unit.main_process(sys).is_some() {
        if sys.sleep(LOOK_EVERY).await.is_err() {
            return;
        }
        if sys.now() >= until && signal != Signal::KILL {
            signal = Signal::KILL;
            until = sys.now() + PATIENCE;
            let _ = sys.kill(main.id, signal);
        }
    }
    let manager = manager(sys);
    let mut manager = manager.borrow_mut();
    manager.take_output(sys, unit);
    manager.since.insert(unit.name, sys.now());
    manager.note(sys, unit, format!("{name}: Deactivated successfully."));
    manager.note(sys, unit, format!("Stopped {name} - {about}."));
}

/// How long ago, as systemd says it.
fn ago(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) if minutes < 10 => format!("{minutes}min {}s", seconds % 60),
        (0, 0, minutes) => format!("{minutes}min"),
        (0, hours, minutes) => format!("{hours}h {minutes}min"),
        (1, hours, _) => format!("1 day {hours}h"),
        (days, ..) => format!("{days} days"),
    }
}

fn status(sys: &Sys, unit: &'static Unit, lines: usize) -> i32 {
    let main = unit.main_process(sys);
    let manager = manager(sys);
    let (text, journal) = {
        let manager = manager.borrow();
        let failed = manager.failed.contains(unit.name);
        let enabled = if manager.disabled.contains(unit.name) {
            "disabled"
        } else {
            "enabled"
        };
        let since = main
            .as_ref()
            .map(|main| main.started)
            .or_else(|| manager.since.get(unit.name).copied())
            .unwrap_or(sys.now());
        let (dot, state) = match (&main, failed) {
            (Some(_), _) => ("●", "active (running)"),
            (None, true) => ("×", "failed (Result: exit-code)"),
            (None, false) => ("○", "inactive (dead)"),
        };
        let mut text = format!(
            "{dot} {} - {}\n     Loaded: loaded ({}; {enabled}; preset: enabled)\n     Active: {state} since {}; {} ago\n       Docs: {}\n",
            unit.full_name(),
            unit.about,
            unit.file(),
            stamp(sys, since, "%a %Y-%m-%d %H:%M:%S UTC"),
            ago(sys.now() - since),
            unit.docs
        );
        if let Some(main) = &main {
            text.push_str(&format!(
                "   Main PID: {} ({})\n     CGroup: /system.slice/{}\n             └─{} {}\n",
                main.pid,
                main.comm,
                unit.full_name(),
                main.pid,
                main.argv.join(" ")
            ));
        }
        (text, manager.lines(sys, unit))
    };
    sys.out(&text);
    let first = journal.len().saturating_sub(lines);
    let last = journal.get(first..).unwrap_or_default();
    if !last.is_empty() {
        sys.out("\n");
    }
    for line in last {
        sys.out(&line.text(sys, false));
    }
    if main.is_some() { 0 } else { 3 }
}

fn list(sys: &Sys) -> i32 {
    let mut out = String::from("  UNIT            LOAD   ACTIVE SUB     DESCRIPTION\n");
    let mut count = 0;
    for unit in units(sys).filter(|unit| unit.main_process(sys).is_some()) {
        count += 1;
        out.push_str(&format!(
            "  {:<15} loaded active running {}\n",
            unit.full_name(),
            unit.about
        ));
    }
    out.push_str(&format!(
        "\n{count} loaded units listed. Pass --all to see loaded but inactive units, too.\n"
    ));
    sys.out(&out);
    0
}
