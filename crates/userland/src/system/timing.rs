//! `sleep`, `timeout`.

use kernel::Errno;
use kernel::process::ExitStatus;
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::Duration;

use crate::{Flavour, args};

/// Reads `5`, `0.5`, `2m`, `1d`, `infinity`; `None` if malformed.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    if text == "infinity" || text == "inf" {
        return Some(Duration::from_secs(u64::from(u32::MAX)));
    }
    let (digits, unit) = match text.chars().last()? {
        's' => (text.strip_suffix('s')?, 1.0),
        'm' => (text.strip_suffix('m')?, 60.0),
        'h' => (text.strip_suffix('h')?, 3600.0),
        'd' => (text.strip_suffix('d')?, 86_400.0),
        _ => (text, 1.0),
    };
    if !digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let seconds: f64 = digits.parse().ok()?;
    Some(Duration::from_secs_f64(
        (seconds * unit).min(f64::from(u32::MAX)),
    ))
}

/// The `sleep` program.
pub async fn sleep(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut total = Duration::ZERO;
    let words = args.get(1..).unwrap_or_default();
    if words.is_empty() {
        if flavour == Flavour::Busybox {
            return crate::usage::show(&sys, "sleep", None);
        }
        sys.err("sleep: missing operand\nTry 'sleep --help' for more information.\n");
        return 1;
    }
    for word in words {
        let Some(part) = duration(word) else {
            let text = match flavour {
                Flavour::Gnu => format!(
                    "sleep: invalid time interval {}\nTry 'sleep --help' for more information.\n",
                    args::quote(&sys, word)
                ),
                Flavour::Busybox => format!("sleep: invalid number '{word}'\n"),
            };
            sys.err(&text);
            return 1;
        };
        total = total.saturating_add(part);
    }
    i32::from(sys.sleep(total).await.is_err())
}

/// The `timeout` program.
pub async fn timeout(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "+s:k:vpf",
        &[
            ("signal", 's'),
            ("preserve-status", 'p'),
            ("foreground", 'f'),
            ("kill-after", 'k'),
            ("verbose", 'v'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let Some((limit, command)) = parsed
        .operands
        .split_first()
        .filter(|(_, command)| !command.is_empty())
    else {
        sys.err("Try 'timeout --help' for more information.\n");
        return 125;
    };
    let signal = match parsed.value('s').map(|text| (text, Signal::parse(text))) {
        None => Signal::TERM,
        Some((_, Some(signal))) => signal,
        Some((text, None)) => {
            sys.err(&format!("timeout: {text}: invalid signal\n"));
            return 125;
        }
    };
    let Some(limit) = duration(limit) else {
        let text = if flavour == Flavour::Gnu {
            format!(
                "timeout: invalid time interval {}\nTry 'timeout --help' for more information.\n",
                args::quote(&sys, limit)
            )
        } else {
            format!("timeout: invalid number '{limit}'\n")
        };
        sys.err(&text);
        return if flavour == Flavour::Gnu { 125 } else { 1 };
    };
    let grace = parsed.value('k').and_then(duration);
    let Some(spawn) = sys.child(command.to_vec()) else {
        return 125;
    };
    let child = match sys.spawn(spawn) {
        Ok(child) => child,
        Err(error) => {
            let name = command.first().cloned().unwrap_or_default();
            let text = match flavour {
                Flavour::Gnu => format!(
                    "timeout: failed to run command {}: {error}\n",
                    args::quote(&sys, &name)
                ),
                Flavour::Busybox => format!("timeout: can't execute '{name}': {error}\n"),
            };
            sys.err(&text);
            return if error == Errno::ENOENT { 127 } else { 126 };
        }
    };
    let unlimited = limit.is_zero();
    if !unlimited {
        if let Some(ended) = sys.timeout(limit, sys.wait(Some(child))).await {
            return ended.map_or(125, |(_, status)| status.code());
        }
        // It may have ended in this very instant.
        let _: Result<(), Errno> = sys.kill(child, signal);
        if let Some(grace) = grace
            && sys.timeout(grace, sys.wait(Some(child))).await.is_none()
        {
            let _: Result<(), Errno> = sys.kill(child, Signal::KILL);
        }
    }
    let status = sys.wait(Some(child)).await.map(|(_, status)| status);
    let killed = status == Ok(ExitStatus::Signal(Signal::KILL));
    if killed && !unlimited && !parsed.has('f') && flavour == Flavour::Gnu {
        // It signals its whole group, itself included.
        let _: Result<(), Errno> = sys.kill(sys.id(), Signal::KILL);
        sys.pause().await;
    }
    match (status, flavour) {
        (Ok(status), Flavour::Gnu) if parsed.has('p') => status.code(),
        (Ok(status), _) if unlimited => status.code(),
        // busybox replaces itself by the command, and so ends as that does.
        (Ok(ExitStatus::Signal(signal)), Flavour::Busybox) => {
            let _: Result<(), Errno> = sys.kill(sys.id(), signal);
            sys.pause().await;
            128 + signal.number()
        }
        (Ok(ExitStatus::Signal(Signal::KILL)), Flavour::Gnu) => 137,
        (Ok(ExitStatus::Code(code)), Flavour::Busybox) => code,
        _ => 124,
    }
}
