//! What holds for Compose projects in a running lab.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use lab::session::Session;
use lab::view::Export;
use proptest::prelude::*;
use proptest::sample::subsequence;

const CWD: &str = "/root/app";

fn session() -> Session {
    Session::new(&["hostA"], None, 1).unwrap()
}

/// Runs what has to succeed and gives its output.
fn run(lab: &mut Session, line: &str) -> String {
    let outcome = lab.run("hostA", line, CWD, 600).unwrap();
    assert_eq!(outcome.exit, 0, "{line}\n{}", outcome.output);
    outcome.output
}

/// The containers' names and ids.
fn containers(lab: &mut Session) -> Vec<(String, String)> {
    let text = run(lab, "docker ps -a --no-trunc --format '{{.Names}} {{.ID}}'");
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    let mut pairs: Vec<_> = pairs
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect();
    pairs.sort();
    pairs
}

/// A service: which networks it is on, and whether it publishes a port.
type Service = (Vec<&'static str>, bool);

fn services() -> impl Strategy<Value = Vec<Service>> {
    let networks = subsequence(vec!["front", "back", "inner"], 1..=3);
    prop::collection::vec((networks, any::<bool>()), 1..4)
}

/// A file of these services. `edited` is one that got another variable.
fn file(services: &[Service], edited: Option<usize>) -> String {
    let mut text = "name: app\nservices:\n".to_owned();
    for (index, (networks, publishes)) in services.iter().enumerate() {
        text.push_str(&format!(
            "  s{index}:\n    image: nginx\n    networks: [{}]\n",
            networks.join(", ")
        ));
        if *publishes {
            text.push_str(&format!("    ports: [\"80{index}0:80\"]\n"));
        }
        if edited == Some(index) {
            text.push_str("    environment: {EDITED: 1}\n");
        }
    }
    text.push_str(
        "networks:\n  front: {ipam: {config: [{subnet: 10.9.0.0/24}]}}\n  back:\n  inner: {internal: true}\n",
    );
    text
}

/// Brings a file up and gives the containers.
fn up(lab: &mut Session, text: String) -> Vec<(String, String)> {
    lab.write_file("hostA", &format!("{CWD}/compose.yaml"), text)
        .unwrap();
    run(lab, "docker compose up -d");
    containers(lab)
}

/// What a lab holds, without what is new each time: which networks with which options, who is on them, who publishes what.
fn topology(lab: &mut Session) -> String {
    let mut told = run(
        lab,
        "docker network ls --format '{{.Name}} {{.Driver}} {{.Internal}}' | sort",
    );
    told += &run(
        lab,
        "docker ps -a --format '{{.Names}} {{.Image}} {{.State}} {{.Ports}}' | sort",
    );
    told += &run(
        lab,
        "for c in $(docker ps -a --format '{{.Names}}' | sort); do echo $c; docker inspect $c -f '{{range $n, $e := \
         .NetworkSettings.Networks}}{{println $n}}{{end}}' | sort; done",
    );
    told += &run(
        lab,
        "docker network inspect app_front -f '{{(index .IPAM.Config 0).Subnet}}' 2>&1 | head -1",
    );
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_second_up_changes_nothing(services in services()) {
        let mut lab = session();
        let first = up(&mut lab, file(&services, None));
        let second = up(&mut lab, file(&services, None));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn an_edit_recreates_the_edited_alone(services in services(), which in any::<prop::sample::Index>()) {
        let mut lab = session();
        let edited = which.index(services.len());
        let before = up(&mut lab, file(&services, None));
        let after = up(&mut lab, file(&services, Some(edited)));
        for (index, (old, new)) in before.iter().zip(&after).enumerate() {
            prop_assert_eq!(&old.0, &new.0);
            prop_assert_eq!(old.1 != new.1, index == edited, "{}", old.0);
        }
    }

    #[test]
    fn an_export_brings_the_same_topology(services in services()) {
        let mut lab = session();
        up(&mut lab, file(&services, None));
        let wanted = topology(&mut lab);
        for what in [Export::ComposeFile, Export::Script] {
            let is_file = matches!(what, Export::ComposeFile);
            let exported = lab.export("hostA", what).unwrap();
            let mut fresh = session();
            fresh.write_file("hostA", &format!("{CWD}/{}", exported.name), exported.bytes).unwrap();
            match is_file {
                true => run(&mut fresh, "docker compose up -d"),
                false => run(&mut fresh, &format!("sh {}", exported.name)),
            };
            prop_assert_eq!(topology(&mut fresh), wanted.clone(), "file: {}", is_file);
        }
    }
}

#[test]
fn an_export_keeps_the_links_of_all_networks() {
    let mut lab = session();
    for line in [
        "docker run -d --name old nginx",
        "docker run -d --name older --link old:upstream busybox sleep 1d",
        "docker network create own",
        "docker run -d --name here --network own myapp",
        "docker run -d --name there --network own --link here:backend busybox sleep 1d",
        "docker network create second",
        "docker network connect second here",
        "docker network connect --link here:other second there",
    ] {
        run(&mut lab, line);
    }
    for (what, up) in [
        (Export::ComposeFile, "docker compose up -d"),
        (Export::Script, "sh hostA.sh"),
    ] {
        let exported = lab.export("hostA", what).unwrap();
        let mut fresh = session();
        let path = format!("{CWD}/{}", exported.name);
        fresh.write_file("hostA", &path, exported.bytes).unwrap();
        run(&mut fresh, up);
        run(&mut fresh, "docker exec older wget -q -O - http://upstream");
        for name in ["backend", "other"] {
            let line = format!("docker exec there wget -q -O - http://{name}:3000");
            assert!(run(&mut fresh, &line).contains("hostname"), "{up} {name}");
        }
    }
}

#[test]
fn services_are_completed_after_the_verbs_of_compose() {
    let mut lab = lab::Lab::new("lan", 1).unwrap();
    let write = "printf 'services: {web: {image: nginx}, db: {image: redis:7}}' > compose.yaml";
    common::run(&mut lab, "hostA", write);
    let terminal = lab.terminals()[0].id;
    let offered = |line: &str| -> Vec<String> {
        let found = lab.complete(terminal, line, line.chars().count());
        found.items.into_iter().map(|item| item.text).collect()
    };
    assert_eq!(offered("docker compose restart "), ["db", "web"]);
    assert_eq!(offered("docker compose -f compose.yaml logs -f w"), ["web"]);
    assert!(offered("docker compose -f nosuch.yaml stop ").is_empty());
    assert!(offered("docker service ps ").is_empty());
}

/// What stands there: containers with the time of their start, networks and volumes, each by name with an id.
fn standing(lab: &mut lab::Lab) -> Vec<(String, String, String)> {
    let lines = [
        "docker inspect -f '{{slice .Name 1}} {{.Id}} {{.State.StartedAt}}' $(docker ps -aq)",
        "docker network ls --no-trunc --format '{{.Name}} {{.ID}} -'",
        "docker volume inspect -f '{{.Name}} {{.CreatedAt}} -' $(docker volume ls -q)",
    ];
    let mut told = Vec::new();
    for line in lines {
        common::run(lab, "hostA", &format!("{line} > /root/told"));
        for row in lab.file("hostA", "/root/told").unwrap().lines() {
            let row = row.trim_end();
            if let Some((name, rest)) = row.split_once(' ')
                && let Some((id, started)) = rest.rsplit_once(' ')
                && name.starts_with("app")
            {
                told.push((name.to_owned(), id.to_owned(), started.to_owned()));
            }
        }
    }
    told
}

#[test]
fn the_editor_foretells_what_up_does() {
    use lab::view::Deed;
    let base = "name: app\nservices:\n  web:\n    image: nginx\n    networks: [front]\n    volumes: [\"data:/data\"]\n  api:\n    image: myapi\n    depends_on: {web: {condition: service_started, restart: true}}\n    networks: [front, back]\n  side:\n    image: busybox\n    command: sleep 1d\n    network_mode: service:api\n  taker:\n    image: busybox\n    command: sleep 1d\n    volumes_from: [web]\nnetworks:\n  front:\n  back:\nvolumes:\n  data:\n";
    // Each edit is made on top of those before it.
    let edits = [
        ("", ""),
        ("image: myapi", "image: myapi\n    environment: {A: b}"),
        ("[\"data:/data\"]", "[\"data:/data\", \"more:/more\"]"),
        ("volumes:\n  data:\n", "volumes:\n  data:\n  more:\n"),
        ("image: nginx\n", "image: nginx\n    ports: [\"8080:80\"]\n"),
        (
            "    networks: [front]\n",
            "    networks: [front]\n    scale: 2\n",
        ),
        ("\"8080:80\"", "\"80\""),
        ("scale: 2", "scale: 1"),
        ("  back:\n", "  back: {internal: true}\n"),
        ("networks: [front, back]", "networks: [front]"),
        ("image: nginx\n", "image: nginx:alpine\n"),
        ("  side:\n", "  other:\n"),
        ("  data:\n", "  data: {labels: [a=b]}\n"),
    ];
    let mut lab = lab::Lab::new("lan", 1).unwrap();
    let mut text = base.to_owned();
    for (from, to) in edits {
        text = text.replacen(from, to, 1);
        let path = format!("{CWD}/compose.yaml");
        let checked = lab.check("hostA", &path, &text);
        let before = standing(&mut lab);
        lab.apply(lab::log::Input::File {
            machine: "hostA".into(),
            path: path.clone(),
            text: text.clone(),
        });
        common::run(
            &mut lab,
            "hostA",
            &format!("docker compose -f {path} up -d < /dev/null"),
        );
        let after = standing(&mut lab);
        let mut did: Vec<(String, Deed)> = Vec::new();
        for (name, id, started) in &after {
            let deed = match before.iter().find(|(old, ..)| old == name) {
                None => Deed::Create,
                Some((_, old, _)) if old != id => Deed::Recreate,
                Some((_, _, old)) if old != started => Deed::Start,
                Some(_) => Deed::Keep,
            };
            did.push((name.clone(), deed));
        }
        let gone = before
            .iter()
            .filter(|(old, ..)| after.iter().all(|(name, ..)| name != old));
        did.extend(gone.map(|(name, ..)| (name.clone(), Deed::Remove)));
        let foretold = checked
            .plan
            .iter()
            .flat_map(|p| p.names.iter().map(|n| (n.clone(), p.deed)));
        for (name, deed) in foretold {
            let deed = if deed == Deed::Orphan {
                Deed::Keep
            } else {
                deed
            };
            let found = did.iter().find(|(n, _)| *n == name).map(|(_, d)| *d);
            assert_eq!(
                found,
                Some(deed),
                "{name} after {to:?}: {:?}\n{did:?}",
                checked.plan
            );
        }
        for (name, deed) in &did {
            let told = checked.plan.iter().any(|p| p.names.contains(name));
            assert!(told || *deed == Deed::Keep, "{name} {deed:?} after {to:?}");
        }
    }
}

/// What containers see in what they mount.
fn mounted(lab: &mut lab::Lab) -> String {
    let line = "for c in web peer; do docker compose exec -T $c sh -c 'cat /data/log /bound/in.txt /part/x; ls /memory'; done";
    let line =
        format!("cd {CWD} && {{ {line}; docker volume ls -q; cat in.txt; }} > /root/told 2>&1");
    common::run(lab, "hostA", &line);
    lab.file("hostA", "/root/told").unwrap().to_owned()
}

#[test]
fn what_is_mounted_survives_undo_and_reload() {
    let text = "services:\n  web: &web\n    image: busybox\n    command: sleep 1d\n    tmpfs: /memory\n    volumes:\n      - data:/data\n      - .:/bound\n      - {type: volume, source: data, target: /part, volume: {subpath: sub}}\n    depends_on: {seed: {condition: service_completed_successfully}}\n  peer: *web\n  seed:\n    image: busybox\n    command: sh -c 'mkdir /data/sub; echo part > /data/sub/x; echo seeded > /data/log'\n    volumes: [\"data:/data\"]\nvolumes: {data: {}}\n";
    let mut lab = lab::Lab::new("lan", 1).unwrap();
    common::run(&mut lab, "hostA", &format!("mkdir {CWD}"));
    lab.apply(lab::log::Input::File {
        machine: "hostA".into(),
        path: format!("{CWD}/compose.yaml"),
        text: text.into(),
    });
    common::run(&mut lab, "hostA", &format!("echo in > {CWD}/in.txt"));
    let up = format!("cd {CWD} && docker compose up -d");
    assert_eq!(common::run(&mut lab, "hostA", &up), 0);
    let before = mounted(&mut lab);
    assert_eq!(before.matches("seeded\nin\npart\n").count(), 2, "{before}");

    let line = "docker compose exec -T web sh -c 'echo more >> /data/log; echo out > /bound/in.txt; touch /memory/own'";
    assert_eq!(common::run(&mut lab, "hostA", line), 0);
    let after = mounted(&mut lab);
    assert_eq!(
        after.matches("seeded\nmore\nout\npart\n").count(),
        2,
        "{after}"
    );
    assert_eq!(
        after.matches("own\n").count(),
        1,
        "memory is shared: {after}"
    );

    let mut again = lab::Lab::restore(&lab.save()).unwrap();
    assert_eq!(mounted(&mut again), after);
    // The look, and the line before it.
    lab.undo();
    lab.undo();
    assert_eq!(mounted(&mut lab), before);
}
