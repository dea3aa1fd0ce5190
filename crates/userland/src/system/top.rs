//! `top`: the processes, again and again. Processors and memory are not modelled, so their figures never change.

use kernel::process::ProcessState;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::Duration;

use super::load::{MEMORY, up_line};
use super::ps::{command_line, owner, state};
use super::timing::duration;
use crate::process::{self, Listed};
use crate::{Flavour, args};

/// How many lines a terminal has.
const ROWS: usize = 24;

/// The `top` program. Source for its screens: procps-ng 4.0.5 and busybox 1.38 `procps/top.c`, as run.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "bn:d:H", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let rounds = parsed.value('n').map(|n| n.parse::<u64>().unwrap_or(1));
    let usual = if flavour == Flavour::Gnu { "3" } else { "5" };
    let period = parsed.value('d').unwrap_or(usual);
    let period = duration(period).unwrap_or(Duration::from_secs(5));
    let batch = parsed.has('b');
    if flavour == Flavour::Gnu && !batch && !sys.is_tty(Fd::STDIN) {
        sys.err("top: failed tty get\n");
        return 1;
    }
    let mut round = 0;
    loop {
        let all = process::visible(&sys);
        let (head, titles, rows) = match flavour {
            Flavour::Gnu => procps(&sys, &all),
            Flavour::Busybox => busybox(&sys, &all),
        };
        if batch {
            let gap = if flavour == Flavour::Gnu && round > 0 {
                "\n"
            } else {
                ""
            };
            sys.out(&format!("{gap}{head}{titles}\n{}", rows.concat()));
        } else {
            // Each line wipes what stood to its right, and the last what stood below.
            let room = ROWS.saturating_sub(head.lines().count() + 2);
            let titles = format!("\u{1b}[7m{titles}\u{1b}[m");
            let body = rows.iter().take(room).map(|row| row.trim_end());
            let lines: Vec<_> = head.lines().chain([&*titles]).chain(body).collect();
            let screen = lines.join("\u{1b}[K\n");
            sys.out(&format!("\u{1b}[H{screen}\u{1b}[K\u{1b}[J\r"));
        }
        round += 1;
        if rounds.is_some_and(|rounds| round >= rounds) {
            return 0;
        }
        if sys
            .sleep(period.max(Duration::from_millis(100)))
            .await
            .is_err()
        {
            return 1;
        }
    }
}

/// The lines above, the titles, and a row for each process.
type Screen = (String, &'static str, Vec<String>);

fn procps(sys: &Sys, all: &[Listed]) -> Screen {
    let me = sys.id();
    let count = |letter: &str| all.iter().filter(|p| state(p, me) == letter).count();
    let [total, used, free, _, cache, available] = MEMORY.map(|kib| kib as f64 / 1024.0);
    let head = format!(
        "top -{}Tasks: {} total, {} running, {} sleep, 0 d-sleep, {} stopped, {} zombie\n\
         %Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st \n\
         MiB Mem : {total:8.1} total, {free:8.1} free, {used:8.1} used, {cache:8.1} buff/cache     \n\
         MiB Swap: {:8.1} total, {:8.1} free, {:8.1} used. {available:8.1} avail Mem \n\n",
        up_line(sys),
        all.len(),
        count("R"),
        count("S"),
        count("T"),
        count("Z"),
        0.0,
        0.0,
        0.0
    );
    let titles = "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND";
    let rows = all.iter().map(|p| {
        let name = match p.comm.char_indices().nth(8) {
            Some(_) => p.comm.chars().take(7).chain(['+']).collect(),
            None => p.comm.clone(),
        };
        format!(
            "{:7} {:<8}  20   0 {:7} {:6} {:6} {}   0.0   0.1   0:00.00 {name}\n",
            p.pid,
            owner(p),
            4364,
            3312,
            2944,
            state(p, me)
        )
    });
    (head, titles, rows.collect())
}

fn busybox(sys: &Sys, all: &[Listed]) -> Screen {
    let me = sys.id();
    let [total, _, free, shared, cache, _] = MEMORY;
    let running = all
        .iter()
        .filter(|p| p.state == ProcessState::Running)
        .count();
    let last = all.iter().map(|p| p.pid).max().unwrap_or(1);
    let head = format!(
        "Mem: {}K used, {free}K free, {shared}K shrd, 0K buff, {cache}K cached\n\
         CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n\
         Load average: 0.00 0.00 0.00 1/{running} {last}\n",
        total - free
    );
    let rows = all.iter().map(|p| {
        format!(
            "{:5} {:5} {:<8} {:<4}{:6}   0%   0% {}\n",
            p.pid,
            p.parent,
            owner(p),
            state(p, me),
            1396,
            command_line(p)
        )
    });
    (
        head,
        "  PID  PPID USER     STAT   RSS %RSS %CPU COMMAND",
        rows.collect(),
    )
}
