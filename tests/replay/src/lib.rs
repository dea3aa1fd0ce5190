//! Labs whose every byte must be the same natively and in wasm: a few scenes, and all recordings.
//!
//! `cargo xtask test wasm` prints [`digests`], and [`played`] of each recording, of both builds and compares them line by
//! line.
//! A new scene is a function and a line in `SCENES`.
//! Beside them, [`steps`] and [`measures`] let a browser run the lab's benchmarks, which the page itself does not carry.

use std::fmt::Write as _;

use lab::session::Session;
use wasm_bindgen::prelude::wasm_bindgen;

/// Plays a scene and returns all that it made visible, or why it could not be played.
type Play = fn() -> Result<String, String>;

/// Each scene's name and what plays it.
const SCENES: &[(&str, Play)] = &[
    ("generator", generator),
    ("exercise", exercise),
    ("mounts", mounts),
];

/// Plays every scene and returns a line for each: `name length digest`, or `name failed: reason`.
#[wasm_bindgen]
#[must_use]
pub fn digests() -> String {
    let scenes = SCENES.iter();
    scenes.map(|(name, play)| line(name, &play())).collect()
}

/// Plays a recording's commands and returns a line as [`digests`] does.
#[wasm_bindgen]
#[must_use]
pub fn played(name: &str, recording: &str) -> String {
    let steps = drydock::transcript::parse(recording).and_then(|r| drydock::play::run(&r));
    line(
        name,
        &steps.map(|steps| steps.iter().map(|step| step.render()).collect()),
    )
}

/// What is compared of something that was played.
fn line(name: &str, visible: &Result<String, String>) -> String {
    match visible {
        Ok(visible) => format!(
            "{name} {} {:016x}\n",
            visible.len(),
            digest(visible.as_bytes())
        ),
        Err(reason) => format!("{name} failed: {}\n", reason.replace('\n', " ")),
    }
}

#[wasm_bindgen]
extern "C" {
    /// The browser's clock, milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    /// Says what is being done.
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    fn tell(what: &str);
}

/// The names of the benchmarks, a line each.
#[wasm_bindgen]
#[must_use]
pub fn steps() -> String {
    let line = |(name, _): &(&str, lab::bench::Step)| format!("{name}\n");
    lab::bench::STEPS.iter().map(line).collect()
}

/// Runs one of the benchmarks and returns a line for each value, in the form that `cargo xtask bench` reads. What is
/// being done is told to the console.
/// # Errors
/// If its scene does not come to be; the text says why.
#[wasm_bindgen]
pub fn measures(step: usize) -> Result<String, String> {
    let (_, measure) = lab::bench::STEPS
        .get(step)
        .ok_or("there is no such benchmark")?;
    let observer = lab::bench::Observer {
        clock: &now,
        tell: &tell,
    };
    let line = |(name, value, unit)| format!("bench: {name}: {value} {unit}\n");
    Ok(measure(&observer)?.into_iter().map(line).collect())
}

/// FNV-1a, 64 bits: short to write, and enough to tell two replays apart.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The numbers that ids, MACs and ports are drawn from.
fn generator() -> Result<String, String> {
    let mut rng = kernel::rng::Rng::new(28_05_02);
    let draw = |i: u64| format!("{} {} {}\n", rng.hex(6), rng.next_u32(), rng.below(i + 1));
    Ok((0..1000).map(draw).collect())
}

/// Two networks, a name that does not resolve, a container connected, and the name that then does; ids and all.
fn exercise() -> Result<String, String> {
    const COMMANDS: &[&str] = &[
        "docker network create net-a",
        "docker network create net-b",
        "docker run -d --name serviceA --network net-a nginx",
        "docker run -d --name serviceB --network net-b curlimages/curl sleep 3600",
        "docker exec serviceB curl -sS http://serviceA",
        "docker network connect net-b serviceA",
        "docker exec serviceB curl -sS http://serviceA",
        "docker network inspect net-b",
        "docker inspect serviceA",
        "iptables-save -c",
        "ip addr",
    ];
    let visible = typed(COMMANDS)?;
    if visible.contains("Welcome to nginx!") {
        Ok(visible)
    } else {
        Err(format!("the last curl did not reach nginx: {visible}"))
    }
}

/// A Compose project whose containers share volumes, directories and an archive.
fn mounts() -> Result<String, String> {
    const COMMANDS: &[&str] = &[
        "printf 'services:\\n  web: {image: nginx, volumes: [\"data:/data\", \".:/here\"], tmpfs: /memory}\\n  peer: {image: busybox, \
         command: sleep 1d, volumes_from: [web]}\\nvolumes: {data: {labels: {a: b}}}\\n' > compose.yaml",
        "docker compose up -d",
        "docker compose exec -T web sh -c 'echo shared > /data/one; echo out > /here/two; touch /memory/three'",
        "docker compose exec -T peer sh -c 'cat /data/one /here/two; ls -l /data /here'",
        "docker compose cp peer:/data - | tar tvf -",
        "tar cf - compose.yaml | docker compose cp - peer:/tmp",
        "docker compose exec -T peer sh -c 'mkdir -p /data/a/b; ls -lR /tmp /data'",
        "docker run --rm --mount type=volume,source=root_data,target=/m,volume-subpath=a busybox ls /m",
        "docker inspect root-web-1 root-peer-1",
        "docker volume inspect root_data",
        "docker compose down",
        "docker volume ls",
    ];
    let visible = typed(COMMANDS)?;
    if visible.contains("shared\nout\n") {
        Ok(visible)
    } else {
        Err(format!("nothing was shared: {visible}"))
    }
}

/// What these commands say when they are typed on one machine.
fn typed(commands: &[&str]) -> Result<String, String> {
    let mut session = Session::new(&["hostA"], None, 28_05_02)?;
    let mut visible = String::new();
    for command in commands {
        let outcome = session.run("hostA", command, "/root", 60)?;
        // Writing to a string cannot fail.
        let _: std::fmt::Result =
            writeln!(visible, "$ {command}\n{}[{}]", outcome.output, outcome.exit);
    }
    Ok(visible)
}
