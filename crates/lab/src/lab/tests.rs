//! A lab follows from its scenario, seed and stamped inputs, and from nothing else.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::*;
use proptest::prelude::*;

const SECOND: u64 = 1_000_000_000;

fn line(terminal: u32, text: &str) -> Input {
    Input::Line {
        terminal,
        text: text.into(),
    }
}

fn key(terminal: u32, key: Key) -> Input {
    Input::Key { terminal, key }
}

/// What people do in this test, each with the nanoseconds that pass after it. Many are entered while something runs, some at
/// the very same instant as the one before.
fn deeds() -> Vec<(Input, u64)> {
    vec![
        (line(1, "docker network create net-a"), SECOND),
        (
            line(
                1,
                "docker run -d --name web --network net-a -p 8080:80 nginx",
            ),
            0,
        ),
        (
            line(2, "curl -s http://192.168.1.10:8080 | head -4"),
            3 * SECOND,
        ),
        (
            line(2, "ping 192.168.1.10 & sleep 0.3; kill %1"),
            123_456_789,
        ),
        (line(1, "yes | head -c 100000 | wc"), 1),
        (line(1, "while :; do :; done"), 50_000_000),
        (key(1, Key::Interrupt), 0),
        (line(1, "docker exec -it web sh"), 400_000_000),
        (line(1, "while true; do echo $RANDOM; done"), 1_000_003),
        (key(1, Key::Interrupt), 5),
        (key(1, Key::Eof), 200_000_000),
        (
            Input::OpenTerminal {
                machine: "hostA".into(),
            },
            7,
        ),
        (
            line(
                4,
                "docker run --rm busybox sh -c 'ip addr; nc -l -p 9 & ping -c2 1.1.1.1'",
            ),
            900_000_000,
        ),
        (Input::CloseTerminal { terminal: 2 }, 0),
        (
            line(1, "docker rm -f web; iptables-save -c; docker ps -a"),
            SECOND,
        ),
    ]
}

/// Everything that a lab can show.
fn everything(lab: &Lab) -> String {
    use std::fmt::Write as _;
    let mut out = format!("{}\n{:#?}\n", lab.now(), lab.log());
    writeln!(out, "{:#?}", lab.terminals()).unwrap();
    writeln!(out, "{:#?}", lab.topology()).unwrap();
    writeln!(out, "{:#?}", lab.stages).unwrap();
    writeln!(out, "{:#?}", lab.journeys_since(0)).unwrap();
    lab.world.kernel(|k| {
        for event in k.trace.since(0) {
            writeln!(out, "{event:?}").unwrap();
        }
        for tty in &k.proc.ttys {
            writeln!(out, "{tty:?}").unwrap();
        }
        writeln!(out, "{}", k.rng.clone().next_u64()).unwrap();
    });
    out
}

/// Fails with the first line that differs.
fn same(a: &str, b: &str) -> Result<(), TestCaseError> {
    for (number, (left, right)) in a.lines().zip(b.lines()).enumerate() {
        prop_assert_eq!(left, right, "line {}", number);
    }
    prop_assert_eq!(a.len(), b.len());
    Ok(())
}

/// Does the deeds, simulating in portions: `next` says how long each is.
fn done(mut next: impl FnMut() -> u64) -> Lab {
    let mut lab = Lab::new("lan", 7).unwrap();
    for (input, after) in deeds() {
        lab.apply(input);
        let end = lab.now() + after;
        while lab.now() < end {
            let portion = next().max(1);
            lab.run_until(end.min(lab.now() + portion));
        }
    }
    lab
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn portions_of_time_do_not_matter(portions in prop::collection::vec(1_u64..300_000_000, 1..40)) {
        let mut turn = portions.iter().cycle();
        let sliced = done(|| turn.next().copied().unwrap_or(SECOND));
        same(&everything(&done(|| u64::MAX / 2)), &everything(&sliced))?;
    }
}

#[test]
fn a_restored_lab_is_the_one_that_was_watched() {
    let lab = done(|| 16_666_667);
    let restored = Lab::restore(&lab.save()).unwrap();
    same(&everything(&lab), &everything(&restored)).unwrap();
}

#[test]
fn machines_to_which_nothing_happened_are_the_same_values_again() {
    let mut lab = Lab::new("lan", 1).unwrap();
    let before = lab.topology();
    lab.apply(line(1, "docker run -d --name web nginx"));
    assert!(lab.run_idle(30 * SECOND));
    let after = lab.topology();
    let same = before.machines.iter().zip(&after.machines);
    let same: Vec<_> = same.map(|(a, b)| (&*b.name, Rc::ptr_eq(a, b))).collect();
    let changed = same.iter().filter(|(_, same)| !same);
    assert_eq!(changed.collect::<Vec<_>>(), [&("hostA", false)]);
    lab.apply(line(1, "true"));
    assert!(lab.run_idle(SECOND));
    assert_eq!(after, lab.topology());
    assert!(Rc::ptr_eq(&after, &lab.topology()));
}

#[test]
fn what_is_kept_of_the_stage_is_what_would_be_made_anew() {
    let mut lab = Lab::new("lan", 1).unwrap();
    for text in [
        "docker network create a; docker network create -d macvlan -o parent=eth0.7 m",
        "docker run -d --name web --network a -p 8080:80 nginx; docker create --name idle busybox",
        "docker network connect m web; docker run -d --name box --network m busybox sleep 1d",
        "docker rename web site; iptables -t raw -A PREROUTING -j ACCEPT; ip addr add 192.168.1.77/24 dev eth0",
        "docker exec -d box nc -l -p 9; docker pause site",
        "docker unpause site; docker exec --privileged site ip link set eth0 down; iptables -t raw -F",
        "docker stop -t 0 site; ip link set eth0 down; ip link set eth0 up; ip link del eth0.7",
        "docker rm -f box idle; docker network rm m; docker start site",
        "docker swarm init; docker service create -d --name s -p 90:80 nginx",
        "docker service rm s; docker swarm leave -f",
        "systemctl stop docker.socket docker",
        "systemctl start docker",
    ] {
        lab.apply(line(1, text));
        assert!(lab.run_idle(60 * SECOND), "{text}");
        let (mut marks, mut nothing) = (lab.marks.clone(), Seen::default());
        let anew =
            |k: &mut Kernel| crate::topology::topology(k, &lab.scenario, &mut marks, &mut nothing);
        assert_eq!(*lab.topology(), lab.world.kernel(anew), "{text}");
    }
}

#[test]
fn redoing_gives_back_what_undoing_took() {
    let mut lab = done(|| 250_000_000);
    let before = everything(&lab);
    let mut looks = vec![everything(&lab)];
    for _ in 0..4 {
        lab.undo();
        looks.push(everything(&lab));
    }
    // Time goes on meanwhile, as on the page.
    lab.run_until(lab.now() + SECOND);
    looks.pop();
    while let Some(look) = looks.pop() {
        lab.redo();
        same(&look, &everything(&lab)).unwrap();
    }
    same(&before, &everything(&lab)).unwrap();
}

#[test]
fn an_interrupt_at_what_was_on_the_screen_is_as_if_pressed_then() {
    let deed = line(1, "for i in 1 2 3 4 5; do sleep 1; echo $i; done");
    let begin = || {
        let mut lab = Lab::new("lan", 7).unwrap();
        lab.apply(deed.clone());
        let shown = lab.now() + 2_500_000_000;
        (lab, shown)
    };
    let (mut watched, shown) = begin();
    watched.run_until(shown);
    watched.apply(key(1, Key::Interrupt));
    watched.run_until(shown + SECOND);
    let (mut ahead, _) = begin();
    ahead.run_until(shown + 10 * SECOND);
    ahead.apply_at(key(1, Key::Interrupt), shown);
    ahead.run_until(shown + SECOND);
    same(&everything(&watched), &everything(&ahead)).unwrap();
}

#[test]
fn what_could_not_have_been_saved_is_refused() {
    let entry =
        |at: u64| format!(r#"{{"at":{at},"input":{{"line":{{"terminal":1,"text":"true"}}}}}}"#);
    let saved = |version: u32, log: &str, now: u64| {
        format!(r#"{{"version":{version},"scenario":"lan","seed":1,"log":[{log}],"now":{now}}}"#)
    };
    let good = 3 * SECOND;
    assert!(Lab::restore(&saved(1, &entry(good), good)).is_ok());
    for (text, what) in [
        (String::new(), "this is not a saved lab"),
        ("{".repeat(100_000), "this is not a saved lab"),
        ("[".repeat(100_000), "this is not a saved lab"),
        (saved(2, "\"something new\"", good), "format 2"),
        (saved(1, &entry(good), 2 * SECOND), "run backwards"),
        (
            saved(1, &format!("{},{}", entry(good), entry(good - 1)), good),
            "run backwards",
        ),
        (saved(1, "", u64::MAX), "ten years"),
        (saved(1, &entry(u64::MAX), u64::MAX), "ten years"),
        (
            saved(1, "", good).replace("\"lan\"", "\"moon\""),
            "no scenario called moon",
        ),
        (
            saved(1, &entry(good), good).replace("line", "lime"),
            "this is not a saved lab",
        ),
        (" ".repeat(33 << 20), "larger than 32 MiB"),
    ] {
        let error = Lab::restore(&text).err().unwrap_or_default();
        assert!(error.contains(what), "{error:?} does not say {what:?}");
    }
}

#[test]
fn a_saved_lab_that_never_comes_to_an_end_is_given_up() {
    let mut lab = Lab::new("lan", 1).unwrap();
    lab.apply(line(1, "yes"));
    let saved = lab
        .save()
        .replace(&format!("\"now\":{}", lab.now()), "\"now\":99999000000000");
    let error = Lab::restore(&saved).err().unwrap_or_default();
    assert_eq!(error, "the saved lab takes too long to replay");
}
