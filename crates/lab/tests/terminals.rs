//! Terminals as a front end sees them: tabs, and what they showed at an earlier moment.

use lab::Lab;
use lab::log::Input;
use lab::view::Terminal;

fn line(lab: &mut Lab, terminal: u32, text: &str) {
    lab.apply(Input::Line {
        terminal,
        text: text.into(),
    });
    lab.run_idle(60_000_000_000);
}

fn texts(terminal: &Terminal) -> Vec<&str> {
    terminal.lines.iter().map(|l| l.text.as_str()).collect()
}

#[test]
fn a_moment_that_has_passed_shows_what_was_seen_then() {
    let mut lab = Lab::new("lan", 1).unwrap();
    line(&mut lab, 1, "echo before");
    let picture =
        "printf 'one\\ntwo\\n'; sleep 5; printf '\\033[2A\\033[2Kone again\\n'; sleep 5; clear";
    line(&mut lab, 1, picture);
    let typed = lab.terminals()[0].runs[1].started_ns;
    assert_eq!(texts(&lab.terminals()[0]), [""; 0]);

    // Forward, back, and far back: what was painted over or wiped away is there again.
    let second = 1_000_000_000;
    for (after, expected) in [(1, "one"), (6, "one again"), (1, "one")] {
        let then = lab.terminals_at(typed + after * second);
        let shown = texts(&then[0]);
        assert_eq!(shown[..2], ["echo before", "before"]);
        assert_eq!(shown[3..], [expected, "two"]);
        assert!(!then[0].idle);
    }
    assert_eq!(texts(&lab.terminals_at(typed - 1)[0]).len(), 2);
    let now = lab.terminals_at(u64::MAX);
    assert!(texts(&now[0]).is_empty() && now[0].idle);
    assert!(std::rc::Rc::ptr_eq(&now[0], &lab.terminals_at(u64::MAX)[0]));
}

#[test]
fn tabs_are_named_after_machines_and_the_containers_that_one_works_in() {
    let mut lab = Lab::new("lan", 1).unwrap();
    let title = |lab: &Lab| {
        let all = lab.terminals();
        let t = all.last().unwrap();
        (t.title.clone(), t.note.clone())
    };
    lab.apply(Input::OpenTerminal {
        machine: "hostA".into(),
    });
    lab.run_idle(1_000_000_000);
    let id = lab.terminals().last().unwrap().id;
    assert_eq!(title(&lab), ("hostA".into(), "2".into()));
    line(&mut lab, id, "docker run -d --name web busybox sleep 100");
    line(&mut lab, id, "docker exec -it web sh");
    assert_eq!(title(&lab), ("web".into(), "sh".into()));
    assert!(lab.reads(id));
    line(&mut lab, id, "exit");
    assert_eq!(title(&lab), ("hostA".into(), "2".into()));
    lab.apply(Input::CloseTerminal { terminal: id });
    assert!(lab.terminals().iter().all(|t| t.id != id));
}
