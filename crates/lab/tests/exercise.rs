//! The connectivity exercise, from typed lines to what the screen is told.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use lab::Lab;
use lab::log::Input;
use lab::view::{LineKind, Tone};

const SETUP: [&str; 4] = [
    "docker network create net-a",
    "docker network create net-b",
    "docker run -d --name serviceA --network net-a nginx",
    "docker run -d --name serviceB --network net-b curlimages/curl sleep 3600",
];
const CURL: &str = "docker exec serviceB curl http://serviceA";

fn terminal(lab: &Lab, machine: &str) -> u32 {
    lab.terminals()
        .iter()
        .find(|t| t.machine == machine)
        .unwrap()
        .id
}

fn type_line(lab: &mut Lab, text: &str) -> (String, Option<i32>) {
    let terminal = terminal(lab, "hostA");
    let number = lab.next_input();
    lab.apply(Input::Line {
        terminal,
        text: text.to_owned(),
    });
    assert!(lab.run_idle(60_000_000_000), "{text} did not end");
    let screen = lab
        .terminals()
        .into_iter()
        .find(|t| t.id == terminal)
        .unwrap();
    let lines = screen
        .lines
        .iter()
        .filter(|l| l.input == number && l.kind != LineKind::Command);
    let exit = screen
        .runs
        .iter()
        .find(|r| r.input == number)
        .and_then(|r| r.exit);
    (lines.map(|l| format!("{}\n", l.text)).collect(), exit)
}

fn prepared() -> Lab {
    let mut lab = Lab::new("lan", 1).unwrap();
    for line in SETUP {
        let (output, exit) = type_line(&mut lab, line);
        assert_eq!(exit, Some(0), "{line}: {output}");
    }
    lab
}

#[test]
fn a_fresh_lab_has_prompts() {
    let lab = Lab::new("lan", 1).unwrap();
    let prompts: Vec<String> = lab.terminals().into_iter().map(|t| t.prompt).collect();
    assert_eq!(
        prompts,
        ["root@hostA:~#", "root@laptop:~#", "root@router:~#"]
    );
    assert!(lab.terminals().iter().all(|t| t.idle));
}

#[test]
fn the_name_does_not_resolve_until_the_networks_are_shared() {
    let mut lab = prepared();
    let (output, exit) = type_line(&mut lab, CURL);
    assert!(
        output.contains("curl: (6) Could not resolve host: serviceA"),
        "{output}"
    );
    assert_eq!(exit, Some(6));

    let why = lab.explanation().unwrap();
    assert!(why.sentence.contains("NXDOMAIN"), "{}", why.sentence);
    assert!(
        why.sentence
            .contains("not on any network serviceB belongs to"),
        "{}",
        why.sentence
    );
    let commands: Vec<_> = why.fixes.iter().map(|f| f.command.as_str()).collect();
    assert_eq!(
        commands,
        [
            "docker network connect net-b serviceA",
            "docker network connect net-a serviceB"
        ]
    );

    let lookups = lab.dns();
    let first = lookups.first().unwrap();
    assert_eq!(
        (first.asker.as_str(), first.name.as_str()),
        ("serviceB", "serviceA")
    );
    assert_eq!(first.outcome.text, "NXDOMAIN");
    assert!(
        first
            .steps
            .iter()
            .any(|s| s.searched.iter().any(|n| n.text == "net-b: no serviceA")),
        "{:?}",
        first.steps
    );

    type_line(&mut lab, "docker network connect net-b serviceA");
    let (output, exit) = type_line(&mut lab, CURL);
    assert!(
        output.contains("<title>Welcome to nginx!</title>"),
        "{output}"
    );
    assert_eq!(exit, Some(0));
    let labels: Vec<String> = lab.journeys().into_iter().map(|j| j.label).collect();
    for expected in [
        "A?", "A", "who", "is", "SYN", "SYN-ACK", "GET", "200", "FIN",
    ] {
        assert!(
            labels.iter().any(|l| l == expected),
            "{expected} in {labels:?}"
        );
    }
    assert!(lab.explanation().is_none());
    let syn = lab
        .journeys()
        .into_iter()
        .find(|j| j.label == "SYN")
        .unwrap();
    assert_eq!(syn.verdict.tone, Tone::Good, "{syn:#?}");
    assert!(
        syn.hops
            .iter()
            .any(|h| h.place.starts_with("network:hostA/"))
    );
}

#[test]
fn undo_redo_and_restore_are_replays() {
    let mut lab = prepared();
    type_line(&mut lab, "docker network connect net-b serviceA");
    let before = (lab.topology(), lab.terminals());
    lab.undo();
    assert_ne!(lab.topology(), before.0);
    assert!(lab.can_redo());
    lab.redo();
    assert_eq!(lab.topology(), before.0);
    let restored = Lab::restore(&lab.save()).unwrap();
    assert_eq!(restored.topology(), before.0);
    assert_eq!(restored.terminals(), lab.terminals());
    assert!(Lab::restore("{}").is_err());
}

#[test]
fn completion_knows_commands_flags_and_names() {
    let lab = prepared();
    let terminal = terminal(&lab, "hostA");
    let words = |line: &str| -> Vec<String> {
        lab.complete(terminal, line, line.len())
            .items
            .into_iter()
            .map(|i| i.text)
            .collect()
    };
    assert_eq!(words("docker network conn"), ["connect"]);
    assert!(words("docker run --net").contains(&"--network".to_owned()));
    assert_eq!(words("docker network connect net-"), ["net-a", "net-b"]);
    assert_eq!(
        words("docker network connect net-a serviceB")[..],
        ["serviceB".to_owned()]
    );
    assert!(words("curl http://x | gre").contains(&"grep".to_owned()));
}

#[test]
fn leaving_a_shell_and_interrupting_a_prompt_leave_a_working_terminal() {
    let mut lab = Lab::new("lan", 1).unwrap();
    type_line(&mut lab, "cd /tmp; exit");
    assert_eq!(type_line(&mut lab, "pwd"), ("/root\n".to_owned(), Some(0)));
    let terminal = terminal(&lab, "hostA");
    lab.apply(Input::Key {
        terminal,
        key: lab::log::Key::Interrupt,
    });
    lab.run_idle(1_000_000_000);
    assert_eq!(
        type_line(&mut lab, "echo still here"),
        ("still here\n".to_owned(), Some(0))
    );
    lab.apply(Input::Key {
        terminal,
        key: lab::log::Key::Eof,
    });
    lab.run_idle(1_000_000_000);
    assert_eq!(
        type_line(&mut lab, "echo again"),
        ("again\n".to_owned(), Some(0))
    );
}

#[test]
fn a_shell_in_a_container_is_a_terminal_like_any_other() {
    let mut lab = prepared();
    let terminal = terminal(&lab, "hostA");
    for line in ["docker exec -it serviceA sh", "hostname", "nosuch"] {
        lab.apply(Input::Line {
            terminal,
            text: line.to_owned(),
        });
        lab.run_idle(1_000_000_000);
    }
    let (_, exit) = type_line(&mut lab, "exit");
    assert_eq!(exit, Some(127));
    let runs = lab
        .terminals()
        .into_iter()
        .find(|t| t.id == terminal)
        .unwrap()
        .runs;
    let last: Vec<_> = runs
        .iter()
        .rev()
        .take(4)
        .map(|r| (r.command.as_str(), r.exit))
        .collect();
    assert_eq!(
        last,
        [
            ("exit", Some(127)),
            ("nosuch", Some(127)),
            ("hostname", Some(0)),
            ("docker exec -it serviceA sh", Some(127))
        ]
    );
}
