//! Whatever never ends can be stopped with Ctrl-C, and takes no more than its share of the machine meanwhile.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::*;

const SECOND: u64 = 1_000_000_000;

fn type_line(lab: &mut Lab, text: &str) {
    lab.apply(Input::Line {
        terminal: 1,
        text: text.into(),
    });
}

fn interrupt(lab: &mut Lab) {
    lab.apply(Input::Key {
        terminal: 1,
        key: Key::Interrupt,
    });
}

/// Whether the terminal shows `text` at the end of what was printed.
fn shows(lab: &Lab, text: &str) -> bool {
    let terminals = lab.terminals();
    let terminal = terminals.iter().find(|t| t.id == 1).unwrap();
    terminal.lines.iter().rev().take(20).any(|l| l.text == text)
}

/// Types the line, lets it run, and presses Ctrl-C; fails unless the prompt then stands and the shell answers.
fn stops(lab: &mut Lab, text: &str) -> Result<(), String> {
    stops_after(lab, text, SECOND / 4, 3 * SECOND)
}

/// The same for a line that runs for so long, and takes so long to stop.
fn stops_after(lab: &mut Lab, text: &str, after: u64, within: u64) -> Result<(), String> {
    type_line(lab, text);
    lab.run_until(lab.now() + after);
    if lab.terminals().iter().all(|t| t.id != 1 || t.idle) {
        return Err(format!("ended by itself: {text}"));
    }
    // Docker's client passes two of them on to its container, whose first process may ignore them, and ends at the third.
    let stopped = (0..3).any(|_| {
        interrupt(lab);
        lab.run_idle(within)
    });
    if !stopped {
        return Err(format!("not stopped: {text}"));
    }
    type_line(lab, "echo still; echo here");
    if lab.run_idle(3 * SECOND) && shows(lab, "here") {
        Ok(())
    } else {
        Err(format!("no answer after: {text}"))
    }
}

const ENDLESS: &[&str] = &[
    "while true; do sleep 1; done",
    "while true; do ping -c1 192.168.1.77; done",
    "while true; do ping -c1 nosuchname; done",
    "until false; do sleep 0.2 && sleep 0.3; done; sleep 1000",
    "while :; do :; done",
    "while sleep 1; do :; done",
    "sleep 1000; sleep 1000; sleep 1000",
    "sleep 1000 && echo no || sleep 1000",
    "(while true; do sleep 1; done)",
    "x=$(while true; do sleep 1; done); sleep 1000",
    "echo $(sleep 1000) $(sleep 1000)",
    "f() { while true; do sleep 1; done; }; f; sleep 1000",
    "trap 'echo trapped' INT; while true; do sleep 1; done; trap - INT; sleep 1000",
    "yes",
    "yes | cat",
    "yes > /tmp/yes",
    "yes | tr -d '\\n'",
    "seq 999999999",
    "while true; do echo line; done | cat",
    "sh -c 'while true; do sleep 1; done'",
    "bash -c 'while :; do :; done'",
    "ping 192.168.1.1",
    "nc -l 9",
    "cat",
    "wait $(sleep 1000)",
    "sleep 1000 & wait",
    "tail -f /etc/passwd",
    "find / | while read x; do sleep 1; done",
    "for ((;;)); do sleep 1 | cat; done",
    "for ((i = 0; ; i++)); do ((i % 2)) && continue; x=$((i * i)); done",
    "cat /dev/zero | wc -c",
    "cat /dev/urandom > /dev/null",
    "awk '{ print }'",
    "awk 'BEGIN { while (1) n++ }'",
    "awk 'BEGIN { for (;;) print }'",
    "awk 'BEGIN { for (;;) print | \"cat\" }'",
    "awk 'BEGIN { while ((getline x < \"/dev/null\") >= 0) n++ }'",
    "jq .",
    "while true; do read x; done",
    "while true; do read x < /dev/null; done",
    "loop='while :; do :; done'; eval \"$loop\"",
    "yes | sort",
    "yes | head -n 999999999 | tail -n 1",
    "yes | xargs -n 1 sleep",
    "tail -f /etc/passwd /etc/hosts",
    "nc -lk 9 | nc -lk 10",
    "tcpdump -i any",
    "docker events",
    "docker run --rm busybox sh -c 'while sleep 1; do :; done'",
];

/// With a container that writes without end, and a Compose file of two services.
const ENDLESS_WITH_DOCKER: &[&str] = &[
    "docker logs -f talk",
    "docker attach --sig-proxy=false talk",
    "docker exec talk sh -c 'while sleep 1; do :; done'",
    "docker exec -it talk cat",
    "docker wait talk",
    "docker compose logs -f",
    "docker compose up",
    "docker compose up web",
];

#[test]
fn clients_of_docker_stop_too() {
    let faults: Vec<String> = ENDLESS_WITH_DOCKER
        .iter()
        .filter_map(|text| {
            let mut lab = Lab::new("lan", 3).unwrap();
            let file = "services: {web: {image: nginx}, tick: {image: busybox, command: sh -c 'while :; do date; sleep 1; done'}}";
            for line in [
                "docker run -d --name talk busybox sh -c 'while :; do date; sleep 1; done'".to_owned(),
                format!("echo \"{file}\" > compose.yaml"),
                "docker compose up -d".to_owned(),
            ] {
                type_line(&mut lab, &line);
                assert!(lab.run_idle(60 * SECOND), "{line}");
            }
            stops_after(&mut lab, text, 2 * SECOND, 15 * SECOND).err()
        })
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn everything_stops_with_an_interrupt() {
    let faults: Vec<String> = ENDLESS
        .iter()
        .filter_map(|text| stops(&mut Lab::new("lan", 3).unwrap(), text).err())
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn everything_stops_inside_a_container_too() {
    let mut lab = Lab::new("lan", 3).unwrap();
    type_line(&mut lab, "docker run -it --rm alpine");
    assert!(lab.run_idle(10 * SECOND));
    for text in [
        "while true; do sleep 1; done",
        "while true; do ping -c1 192.168.1.77; done",
        "while :; do :; done",
        "sleep 1000 | cat; sleep 1000",
        "yes",
        "x=$(sleep 1000); sleep 1000",
    ] {
        stops(&mut lab, text).unwrap();
    }
}

#[test]
fn a_fork_bomb_meets_a_limit_and_the_other_terminal_works() {
    let mut lab = Lab::new("lan", 3).unwrap();
    type_line(&mut lab, ":(){ :|:& };:");
    lab.run_until(lab.now() + SECOND);
    let refused = "bash: fork: retry: Resource temporarily unavailable";
    assert!(shows(&lab, refused), "{:?}", lab.terminals());
    lab.apply(Input::Line {
        terminal: 2,
        text: "echo still here".into(),
    });
    lab.run_until(lab.now() + SECOND);
    let terminals = lab.terminals();
    let other = terminals.iter().find(|t| t.id == 2).unwrap();
    assert!(other.lines.iter().any(|l| l.text == "still here"));
}

#[test]
fn a_variable_that_doubles_meets_a_limit() {
    let mut lab = Lab::new("lan", 3).unwrap();
    type_line(&mut lab, "x=a; while :; do x=$x$x; done");
    assert!(lab.run_idle(10 * SECOND));
    assert!(shows(&lab, "bash: xrealloc: cannot allocate 8388608 bytes"));
    type_line(
        &mut lab,
        "unset x; while :; do x=$x................................; eval \"v$RANDOM=$x\"; done",
    );
    assert!(lab.run_idle(10 * SECOND));
    type_line(&mut lab, "/bin/echo $(seq 400000)");
    assert!(lab.run_idle(60 * SECOND));
    assert!(shows(&lab, "bash: /bin/echo: Argument list too long"));
}
