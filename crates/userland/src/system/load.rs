//! How the machine is: `uptime`, `w`, `who`, `free`, `vmstat`, `df`, `mount`. Load, memory and disks are not modelled, so that
//! their figures never change, and nobody is ever logged in.

use kernel::sys::Sys;

use crate::Flavour;
use crate::args;

/// The `uptime` program.
pub fn uptime(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "ps", &[("pretty", 'p')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('p') {
        let (_, hours, minutes) = up(&sys);
        sys.out(&format!("up {hours} hours, {minutes} minutes\n"));
    } else {
        sys.out(&up_line(&sys));
    }
    0
}

/// For how long the machine has been up: days, hours and minutes.
fn up(sys: &Sys) -> (u64, u64, u64) {
    let up = sys.now().as_nanos() / 1_000_000_000;
    (up / 86_400, up / 3600 % 24, up / 60 % 60)
}

/// What `uptime` prints; load is not modelled.
pub(super) fn up_line(sys: &Sys) -> String {
    let (days, hours, minutes) = up(sys);
    let (seconds, nanos) = sys.wall_clock();
    let now = super::date::format("%H:%M:%S", i64::try_from(seconds).unwrap_or(0), nanos);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    let time = if hours > 0 {
        format!("{hours:2}:{minutes:02}")
    } else {
        format!("{minutes} min")
    };
    format!(" {now} up {days}{time},  0 users,  load average: 0.00, 0.00, 0.00\n")
}

/// Memory in KiB, total, used, free, shared, buffers and cache, available: it is not modelled, so the figures never change.
pub(super) const MEMORY: [u64; 6] = [4_028_840, 412_368, 2_871_504, 1_216, 744_968, 3_616_472];

/// The `free` program.
pub fn free(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "bkmgh", &[("human", 'h'), ("mebi", 'm')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let show = |kibi: u64| match parsed.last_of("bkmgh") {
        Some('b') => (kibi * 1024).to_string(),
        Some('m') => (kibi / 1024).to_string(),
        Some('g') => (kibi / 1_048_576).to_string(),
        Some('h') => format!("{:.1}Gi", kibi as f64 / 1_048_576.0),
        _ => kibi.to_string(),
    };
    let row = |label: &str, values: &[u64]| {
        let cells: String = values
            .iter()
            .map(|value| format!("{:>12}", show(*value)))
            .collect();
        format!("{label:<8}{cells}\n")
    };
    let head = if flavour == Flavour::Gnu {
        "               total        used        free      shared  buff/cache   available\n"
    } else {
        "              total        used        free      shared  buff/cache   available\n"
    };
    let pad = if flavour == Flavour::Gnu { " " } else { "" };
    let memory = row("Mem:", &MEMORY);
    let swap = row("Swap:", &[0, 0, 0]);
    let spaced = |line: String| match line.split_at_checked(8) {
        Some((label, cells)) => format!("{label}{pad}{cells}"),
        None => line,
    };
    sys.out(&format!("{head}{}{}", spaced(memory), spaced(swap)));
    0
}

/// The `df` program: disks are not modelled, so the figures never change.
pub fn df(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "hTkPm", &[("human-readable", 'h')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('T') {
        return crate::not_modelled(&sys, "df", "-T");
    }
    let contained = sys.me(|p| p.pid_ns.is_some()).unwrap_or(false);
    let device = if contained { "overlay" } else { "/dev/vda1" };
    let text = match (flavour, parsed.has('h')) {
        (Flavour::Gnu, true) => format!(
            "Filesystem      Size  Used Avail Use% Mounted on\n{device:<15}  20G  4.2G   15G  23% /\n"
        ),
        (Flavour::Gnu, false) => format!(
            "Filesystem     1K-blocks    Used Available Use% Mounted on\n{device:<14}  20511312 4404016  15040056  23% /\n"
        ),
        (Flavour::Busybox, true) => format!(
            "Filesystem                Size      Used Available Use% Mounted on\n{device:<24} 19.6G      4.2G     14.3G  23% /\n"
        ),
        (Flavour::Busybox, false) => format!(
            "Filesystem           1K-blocks      Used Available Use% Mounted on\n{device:<20}  20511312   4404016  15040056  23% /\n"
        ),
    };
    sys.out(&text);
    0
}

/// The `w` program.
pub fn w(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "hsfui", &[("no-header", 'h')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if flavour == Flavour::Busybox {
        sys.out("USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n");
    } else if !parsed.has('h') {
        sys.out(&up_line(&sys));
        sys.out("USER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU  WHAT\n");
    }
    0
}

/// The `who` program.
pub fn who(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    match args::parse(&args, "abdHlmpqrstTuw", &[("heading", 'H'), ("count", 'q')]) {
        Ok(parsed) if parsed.has('q') => sys.out("# users=0\n"),
        Ok(_) => {}
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    }
    0
}

/// The `vmstat` program: its one line.
pub fn vmstat(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    if let Err(wrong) = args::parse(&args, "anwty", &[("wide", 'w')]) {
        return args::refuse(&sys, &args, wrong);
    }
    let [_, _, free, _, cache, _] = MEMORY;
    sys.out(&format!(
        "procs -----------memory---------- ---swap-- -----io---- -system-- -------cpu-------\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st gu\n 1  0      0 {free:6}      0 {cache:6}    0    0     0     0    0    0  0  0 100  0  0  0\n"
    ));
    0
}

/// The `mount` program, as far as it lists.
pub fn mount(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    if let Some(word) = args.get(1) {
        return crate::not_modelled(&sys, "mount", word);
    }
    let text = sys.read_text("/proc/mounts").unwrap_or_default();
    for line in text.lines() {
        let mut words = line.split(' ');
        if let (Some(what), Some(at), Some(kind), Some(how)) =
            (words.next(), words.next(), words.next(), words.next())
        {
            sys.out(&format!("{what} on {at} type {kind} ({how})\n"));
        }
    }
    0
}
