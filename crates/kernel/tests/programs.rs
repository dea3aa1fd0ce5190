//! Programs as users of the system calls: pipes, children, signals, time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use kernel::Errno;
use kernel::fs::Node;
use kernel::process::Running;
use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, FileKind};
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use kernel::world::{Programs, Run, World};

async fn echo(sys: Sys) -> i32 {
    sys.out(&format!("{}\n", sys.args()[1..].join(" ")));
    0
}

async fn upper(sys: Sys) -> i32 {
    let text = sys.read_all(Fd::STDIN, 1 << 20).await.unwrap();
    sys.write(Fd::STDOUT, &text.to_ascii_uppercase())
        .await
        .unwrap();
    3
}

/// `echo hello | upper`, then both are waited for.
async fn pipeline(sys: Sys) -> i32 {
    let (r, w) = sys.pipe().unwrap();
    let mut left = sys.child(vec!["echo".into(), "hello".into()]).unwrap();
    let mut right = sys.child(vec!["upper".into()]).unwrap();
    for child in [&mut left, &mut right] {
        child.fds.remove(&r);
        child.fds.remove(&w);
    }
    left.fds.insert(Fd::STDOUT, sys.handle(w).unwrap());
    right.fds.insert(Fd::STDIN, sys.handle(r).unwrap());
    sys.spawn(left).unwrap();
    let last = sys.spawn(right).unwrap();
    sys.close(r);
    sys.close(w);
    let (_, status) = sys.wait(Some(last)).await.unwrap();
    sys.wait(None).await.unwrap();
    status.code()
}

/// Prints more than a pipe holds, without a call that waits.
async fn flood(sys: Sys) -> i32 {
    for _ in 0..3 {
        sys.out(&"x".repeat(60_000));
    }
    5
}

/// Reads five seconds later, one piece or all, as its argument says.
async fn late(sys: Sys) -> i32 {
    sys.sleep(Duration::from_secs(5)).await.unwrap();
    let most = if sys.args()[1] == "all" { 180_000 } else { 1 };
    let mut taken = 0;
    while taken < most {
        taken += sys.read(Fd::STDIN, most).await.unwrap().len();
    }
    i32::from(taken != most)
}

/// `flood | late ARGUMENT`: how and when the first ended.
async fn flooded(sys: Sys) -> i32 {
    let (r, w) = sys.pipe().unwrap();
    let reader = vec!["late".into(), sys.args()[1].clone()];
    let mut left = sys.child(vec!["flood".into()]).unwrap();
    let mut right = sys.child(reader).unwrap();
    for child in [&mut left, &mut right] {
        child.fds.remove(&r);
        child.fds.remove(&w);
    }
    left.fds.insert(Fd::STDOUT, sys.handle(w).unwrap());
    right.fds.insert(Fd::STDIN, sys.handle(r).unwrap());
    let first = sys.spawn(left).unwrap();
    sys.spawn(right).unwrap();
    sys.close(r);
    sys.close(w);
    let (_, status) = sys.wait(Some(first)).await.unwrap();
    let seconds = sys.now().0 / 1_000_000_000;
    sys.out(&format!("{} after {seconds} s", status.code()));
    0
}

async fn forever(sys: Sys) -> i32 {
    loop {
        sys.out("y\n");
        sys.pause().await;
    }
}

/// Ends itself with 7 when interrupted.
async fn careful(sys: Sys) -> i32 {
    sys.catch(Signal::INT);
    let slept = sys.sleep(Duration::from_secs(100)).await;
    assert_eq!(slept, Err(kernel::Errno::EINTR));
    assert_eq!(sys.take_signal(), Some(Signal::INT));
    7
}

/// Two tasks that hand a turn to and fro and never wait for anything else.
async fn pingpong(sys: Sys) -> i32 {
    let (condition, turn) = (sys.condition(), std::rc::Rc::new(std::cell::Cell::new(0)));
    let (theirs, other) = (condition.clone(), turn.clone());
    sys.spawn_task(async move { take_turns(1, &theirs, &other).await });
    take_turns(0, &condition, &turn).await;
    0
}

async fn take_turns(me: u32, condition: &kernel::sys::Condition, turn: &std::cell::Cell<u32>) {
    loop {
        condition.until(|| (turn.get() == me).then_some(())).await;
        turn.set(1 - me);
        condition.signal();
    }
}

/// Speaks to itself through a socket's file.
async fn monologue(sys: Sys) -> i32 {
    let path = "/root/door";
    assert_eq!(sys.connect_local(path).err(), Some(Errno::ENOENT));
    let door = sys.listen_local(path, 0o660, 5).unwrap();
    let near = sys.connect_local(path).unwrap();
    let far = sys.accept_local(door).await.unwrap();
    sys.write(near, b"hello").await.unwrap();
    assert_eq!(sys.read(far, 10).await.unwrap(), "hello");
    sys.write(far, b"you").await.unwrap();
    sys.close(far);
    assert_eq!(sys.read(near, 10).await.unwrap(), "you");
    assert!(sys.read(near, 10).await.unwrap().is_empty());
    assert_eq!(sys.read_file(path).err(), Some(Errno::ENXIO));
    let late = sys.connect_local(path).unwrap();
    sys.close(door);
    assert!(sys.read(late, 10).await.unwrap().is_empty());
    assert_eq!(sys.connect_local(path).err(), Some(Errno::ECONNREFUSED));
    sys.out("all said");
    0
}

fn boxed<F: Future<Output = i32> + 'static>(f: F) -> Running {
    Box::pin(f)
}

fn world() -> World {
    let programs = Programs::default();
    programs.add("echo", |s| boxed(echo(s)));
    programs.add("upper", |s| boxed(upper(s)));
    programs.add("pipeline", |s| boxed(pipeline(s)));
    programs.add("flood", |s| boxed(flood(s)));
    programs.add("late", |s| boxed(late(s)));
    programs.add("flooded", |s| boxed(flooded(s)));
    programs.add("forever", |s| boxed(forever(s)));
    programs.add("careful", |s| boxed(careful(s)));
    programs.add("pingpong", |s| boxed(pingpong(s)));
    programs.add("monologue", |s| boxed(monologue(s)));
    let names = programs.keys();
    let world = World::new(1, programs);
    world.kernel(|k| {
        let m = k.add_machine("hostA");
        let tree = k.machine(m).unwrap().root;
        for name in names {
            k.tree_mut(tree).unwrap().put(
                &format!("/usr/bin/{name}"),
                Node::Program(name.into()),
                0o755,
                Instant::ZERO,
            );
        }
        let script = Node::File("#!/usr/bin/echo -n\nignored".into());
        k.tree_mut(tree)
            .unwrap()
            .put("/root/script", script, 0o755, Instant::ZERO);
        k.tree_mut(tree)
            .unwrap()
            .put("/root/script-dir/x", Node::Dir, 0o755, Instant::ZERO);
    });
    world
}

/// Runs a program to its end; its output.
fn run(world: &mut World, argv: &[&str]) -> String {
    let (id, sink) = start(world, argv);
    world.run(Instant(10_000_000_000), 1_000_000, |k| k.has_ended(id));
    world.kernel(|k| k.proc.files.sink(sink).unwrap().text())
}

fn start(world: &World, argv: &[&str]) -> (kernel::ids::ProcessId, kernel::process::files::FileId) {
    let (spawn, sink) = world.kernel(|k| {
        let m = k.machines[0].id;
        let mut spawn =
            Spawn::on_machine(k, m, argv.iter().map(|s| (*s).to_owned()).collect()).unwrap();
        let sink = k.proc.files.add(FileKind::Sink(Default::default()));
        spawn.fds.insert(Fd::STDOUT, sink);
        (spawn, sink)
    });
    (world.spawn(spawn).unwrap(), sink)
}

#[test]
fn a_pipeline_passes_bytes_and_the_last_status_counts() {
    let mut w = world();
    assert_eq!(run(&mut w, &["pipeline"]), "HELLO\n");
}

#[test]
fn a_stream_leads_through_a_file_as_long_as_somebody_listens() {
    assert_eq!(run(&mut world(), &["monologue"]), "all said");
}

#[test]
fn who_prints_more_than_a_pipe_holds_ends_when_it_is_read() {
    assert_eq!(run(&mut world(), &["flooded", "all"]), "5 after 5 s");
}

#[test]
fn who_prints_more_than_a_pipe_holds_is_ended_when_nobody_reads_on() {
    assert_eq!(run(&mut world(), &["flooded", "some"]), "141 after 5 s");
}

#[test]
fn a_script_runs_its_interpreter() {
    let mut w = world();
    assert_eq!(run(&mut w, &["./script", "a"]), "-n ./script a\n");
    let missing = world().kernel(|k| {
        let m = k.machines[0].root;
        k.find_program(m, "/root", "/usr/bin", "nothere")
    });
    assert_eq!(missing.unwrap_err(), kernel::Errno::ENOENT);
}

#[test]
fn a_program_without_end_moves_in_time_and_is_bounded_in_memory_and_can_be_killed() {
    let mut w = world();
    let (id, sink) = start(&w, &["forever"]);
    assert_eq!(
        w.run(Instant(2_000_000_000), 500_000, |_| false),
        Run::Reached
    );
    assert_eq!(w.now(), Instant(2_000_000_000));
    assert!(w.kernel(|k| k.proc.files.sink(sink).unwrap().text().len()) <= 1 << 20);
    w.kernel(|k| k.kill(id, Signal::INT)).unwrap();
    assert_eq!(
        w.run(Instant(3_000_000_000), 500_000, |k| k.has_ended(id)),
        Run::Reached
    );
}

#[test]
fn tasks_that_keep_waking_each_other_do_not_hold_the_clock() {
    let mut w = world();
    let (id, _) = start(&w, &["pingpong"]);
    assert_eq!(w.run(Instant(100_000), 1_000_000, |_| false), Run::Reached);
    assert_eq!(w.now(), Instant(100_000));
    assert!(!w.kernel(|k| k.has_ended(id)));
}

#[test]
fn a_run_that_is_out_of_steps_stops_between_two_instants() {
    let outputs = |steps: u64| {
        let mut w = world();
        let (_, sink) = start(&w, &["forever"]);
        while w.now() < Instant(30_000_000) {
            w.run(Instant(30_000_000), steps, |_| false);
        }
        w.kernel(|k| {
            let sink = k.proc.files.sink(sink).unwrap();
            sink.pieces()
                .map(|p| (p.at, p.data.clone()))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(outputs(1), outputs(1_000_000));
}

#[test]
fn a_caught_signal_interrupts_a_sleep() {
    let mut w = world();
    let (id, _) = start(&w, &["careful"]);
    w.run(Instant(1_000_000_000), 1000, |_| false);
    w.kernel(|k| k.kill(id, Signal::INT)).unwrap();
    assert_eq!(
        w.run(Instant(2_000_000_000), 1000, |k| k.has_ended(id)),
        Run::Reached
    );
    assert_eq!(w.now(), Instant(1_000_000_000));
}
