use sorted::SortedMap;

use super::*;
use crate::model::{Condition, Dependency, Project, Service};

fn service(name: &str, needs: &[&str]) -> Service {
    let need = |name: &&str| {
        let need = Dependency {
            condition: Condition::Started,
            restart: false,
            required: true,
        };
        ((*name).to_owned(), need)
    };
    Service {
        name: name.into(),
        depends_on: needs.iter().map(need).collect(),
        ..Service::default()
    }
}

fn project(services: &[(&str, &[&str])]) -> Project {
    Project {
        name: "shop".into(),
        services: services
            .iter()
            .map(|(name, needs)| ((*name).to_owned(), service(name, needs)))
            .collect(),
        ..Project::default()
    }
}

fn container(number: i64, state: &str, hash: &str) -> Container {
    Container {
        id: format!("id{number}"),
        name: format!("shop-web-{number}"),
        service: "web".into(),
        number,
        state: state.into(),
        config_hash: hash.into(),
        networks: vec!["net".into()],
        ..Container::default()
    }
}

fn wanted(scale: usize, recreate: Recreate) -> Wanted<'static> {
    Wanted {
        scale,
        config_hash: "same".into(),
        image: String::new(),
        networks: vec!["net"],
        recreate,
    }
}

/// One word for each step, with the number that it is about.
fn words(wanted: &Wanted<'_>, seen: &[Container]) -> Vec<String> {
    let word = |step: &Step| match step {
        Step::Remove(c) => format!("remove {}", c.number),
        Step::Recreate(c) => format!("recreate {}", c.number),
        Step::Running(c) => format!("running {}", c.number),
        Step::Keep(c) => format!("keep {}", c.number),
        Step::Start(c) => format!("start {}", c.number),
        Step::Create(number) => format!("create {number}"),
    };
    steps(wanted, seen).iter().map(word).collect()
}

#[test]
fn a_service_is_brought_to_its_scale() {
    let running = |n| container(n, "running", "same");
    let cases: [(usize, Vec<Container>, &[&str]); 7] = [
        (2, vec![], &["create 1", "create 2"]),
        (1, vec![running(1)], &["running 1"]),
        (3, vec![running(2)], &["running 2", "create 3", "create 4"]),
        (1, vec![running(2), running(1)], &["running 1", "remove 2"]),
        (0, vec![running(1)], &["remove 1"]),
        // One that has to be made anew goes before one that may stay.
        (
            1,
            vec![running(2), container(1, "running", "old")],
            &["running 2", "remove 1"],
        ),
        (
            4,
            vec![
                container(1, "exited", "same"),
                container(2, "running", "old"),
                container(3, "paused", "same"),
            ],
            &["keep 1", "start 3", "recreate 2", "create 4"],
        ),
    ];
    for (scale, seen, expected) in cases {
        assert_eq!(words(&wanted(scale, Recreate::Diverged), &seen), expected);
    }
}

#[test]
fn flags_decide_what_is_made_anew() {
    let same = [container(1, "running", "same")];
    let other = [container(1, "running", "old")];
    assert_eq!(words(&wanted(1, Recreate::Force), &same), ["recreate 1"]);
    assert_eq!(words(&wanted(1, Recreate::Never), &other), ["running 1"]);
    let mut moved = container(1, "running", "same");
    moved.networks = vec!["elsewhere".into()];
    assert_eq!(
        words(&wanted(1, Recreate::Diverged), &[moved.clone()]),
        ["recreate 1"]
    );
    // Where it does not run, its networks are settled at its start.
    moved.state = "exited".into();
    assert_eq!(words(&wanted(1, Recreate::Diverged), &[moved]), ["keep 1"]);
}

#[test]
fn services_come_after_those_that_they_need() {
    let project = project(&[
        ("web", &["api"]),
        ("api", &["db"]),
        ("db", &[]),
        ("log", &[]),
    ]);
    let walk = |mut order: Order| {
        let mut rounds = Vec::new();
        loop {
            let ready = order.take_ready();
            if ready.is_empty() {
                return rounds;
            }
            for name in &ready {
                order.done(name);
            }
            rounds.push(ready.join(" "));
        }
    };
    assert_eq!(
        walk(Order::dependencies_first(&project)),
        ["db log", "api", "web"]
    );
    assert_eq!(
        walk(Order::dependents_first(&project)),
        ["log web", "api", "db"]
    );
}

#[test]
fn a_selection_takes_along_what_it_reaches() {
    let whole = project(&[("web", &["api"]), ("api", &["db"]), ("db", &[])]);
    let chosen = |names: &[&str], reach| {
        let mut project = whole.clone();
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        select(&mut project, &names, reach)
            .map(|()| project.services.into_keys().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(chosen(&["api"], Reach::Alone), Ok("api".into()));
    assert_eq!(chosen(&["api"], Reach::Dependencies), Ok("api db".into()));
    assert_eq!(chosen(&["api"], Reach::Dependents), Ok("api web".into()));
    assert_eq!(chosen(&[], Reach::Alone), Ok("api db web".into()));
    assert_eq!(
        chosen(&["nosuch"], Reach::Alone),
        Err("no such service: nosuch".into())
    );
}

#[test]
fn needs_go_into_a_label_and_come_back() {
    let mut web = service("web", &["api", "db"]);
    if let Some(need) = web.depends_on.get_mut("db") {
        need.condition = Condition::Healthy;
        need.restart = true;
    }
    let all = container_labels(&project(&[]), &web, &Identity::default());
    let label = all.get(labels::DEPENDS_ON).unwrap();
    assert_eq!(label, "api:service_started:false,db:service_healthy:true");
    assert_eq!(dependencies_from_label(label), web.depends_on);
    assert_eq!(dependencies_from_label(""), SortedMap::new());
}

#[test]
fn a_network_is_used_replaced_or_refused() {
    let found = |pairs: &[(&str, &str)]| Found {
        id: "n1".into(),
        labels: pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    };
    let decide = |found: Option<&Found>| network_step("shop", "lan", "shop_lan", "h", found);
    assert_eq!(decide(None), (vec![], NetworkStep::Create));
    let own = [
        (labels::PROJECT, "shop"),
        (labels::NETWORK, "lan"),
        (labels::CONFIG_HASH, "h"),
    ];
    assert_eq!(
        decide(Some(&found(&own))),
        (vec![], NetworkStep::Use("n1".into()))
    );
    let changed = [own[0], own[1], (labels::CONFIG_HASH, "other")];
    assert_eq!(
        decide(Some(&found(&changed))),
        (vec![], NetworkStep::Replace("n1".into()))
    );
    let (warnings, step) = decide(Some(&found(&[])));
    assert_eq!(
        warnings,
        [
            "a network with name shop_lan exists but was not created by compose.\nSet `external: true` to use an existing network"
        ]
    );
    assert_eq!(
        step,
        NetworkStep::Refuse(
            "network shop_lan was found but has incorrect label com.docker.compose.network set to \"\" (expected: \"lan\")"
                .into()
        )
    );
}
