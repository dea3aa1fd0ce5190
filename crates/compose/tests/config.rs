//! What `config` prints, as docker compose 2.40.3 printed it for the same files, and that it reads back.

mod support;

use compose::config::{service_hash, yaml};
use expect_test::expect;
use proptest::prelude::*;
use support::{config, config_of, load_with, shown};

const EVERYTHING: &str = r#"
services:
  web:
    image: a
    mem_limit: 1g
    cpus: "0.5"
    stop_grace_period: 90s
    ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
    labels: {a: 1, b: true, c: , d: 1.5}
    environment: {A: , B: true, C: 1.50}
    extra_hosts: ["a:1.2.3.4", "b=::1", "a:5.6.7.8,5.6.7.9"]
    dns: 8.8.8.8
    command: echo "a b" c $$HOME
    entrypoint: []
    healthcheck: {test: curl x, interval: 1m30s}
    depends_on: [db]
    volumes: ["./x:/y:ro", "data:/d", "/anon"]
    sysctls: [net.ipv4.ip_forward=1]
    links: ["db:database"]
    expose: [80, "90-91"]
    ports: ["127.0.0.1:8000-8001:80-81/udp", "22:22"]
    restart: "no"
    logging: {driver: json-file, options: {max-size: 10m, max-file: 3}}
    networks: {default: {aliases: [b, a], ipv4_address: 1.2.3.4, priority: 5, driver_opts: {a: 1}}}
  db: {image: x, network_mode: none}
volumes: {data: , unused: }
x-top: [1, "yes", " b", "a: b"]
"#;

#[test]
fn short_forms_are_spelled_out_and_defaults_filled_in() {
    expect![[r#"
        name: app
        services:
          db:
            image: x
            network_mode: none
          web:
            cpus: 0.5
            command:
              - echo
              - a b
              - c
              - $$HOME
            depends_on:
              db:
                condition: service_started
                required: true
            dns:
              - 8.8.8.8
            entrypoint: []
            environment:
              A: null
              B: "true"
              C: "1.5"
            expose:
              - "80"
              - 90-91
            extra_hosts:
              - a=1.2.3.4
              - a=5.6.7.8
              - a=5.6.7.9
              - b=::1
            healthcheck:
              test:
                - CMD-SHELL
                - curl x
              interval: 1m30s
            image: a
            labels:
              a: "1"
              b: "true"
              c: ""
              d: "1.5"
            links:
              - db:database
            logging:
              driver: json-file
              options:
                max-file: "3"
                max-size: 10m
            mem_limit: "1073741824"
            networks:
              default:
                aliases:
                  - b
                  - a
                driver_opts:
                  a: "1"
                ipv4_address: 1.2.3.4
                priority: 5
            ports:
              - mode: ingress
                host_ip: 127.0.0.1
                target: 80
                published: "8000"
                protocol: udp
              - mode: ingress
                host_ip: 127.0.0.1
                target: 81
                published: "8001"
                protocol: udp
              - mode: ingress
                target: 22
                published: "22"
                protocol: tcp
            restart: "no"
            stop_grace_period: 1m30s
            sysctls:
              net.ipv4.ip_forward: "1"
            ulimits:
              nofile:
                soft: 1
                hard: 2
              nproc: 5
            volumes:
              - type: bind
                source: /root/app/x
                target: /y
                read_only: true
                bind:
                  create_host_path: true
              - type: volume
                source: data
                target: /d
                volume: {}
              - type: volume
                target: /anon
                volume: {}
        networks:
          default:
            name: app_default
        volumes:
          data:
            name: app_data
        x-top:
          - 1
          - "yes"
          - ' b'
          - 'a: b'
    "#]]
    .assert_eq(&config(EVERYTHING));
}

#[test]
fn the_hash_is_composes_own() {
    let file = "services: {db: {image: x, profiles: [p], scale: 2}}\n";
    let project = load_with(&[("compose.yaml", file)], |options| {
        options.profiles = vec!["p".into()];
    });
    let project = project.project.unwrap();
    assert_eq!(
        service_hash(project.services.get("db").unwrap()),
        "d5457d0b2799957b606d2ac4ed52d85a1e75799490e56229948300b9a59e8953"
    );
}

#[test]
fn a_later_file_is_laid_over_the_earlier_one() {
    let base = "services:\n  web:\n    image: a\n    command: a\n    ports: [\"80:80\", \"81:81\"]\n    environment: {A: 1, B: 2}\n    networks: [n1]\n    dns: 1.1.1.1\nnetworks: {n1: , n2: }\n";
    let over = "services:\n  web:\n    command: !reset null\n    ports: [\"80:80\", \"82:82\"]\n    environment: [B=3, C]\n    networks: {n1: {aliases: [z]}, n2: }\n    dns: !override [8.8.8.8]\n";
    expect![[r#"
        name: app
        services:
          web:
            dns:
              - 8.8.8.8
            environment:
              A: "1"
              B: "3"
              C: null
            image: a
            networks:
              n1:
                aliases:
                  - z
              n2: null
            ports:
              - mode: ingress
                target: 80
                published: "80"
                protocol: tcp
              - mode: ingress
                target: 81
                published: "81"
                protocol: tcp
              - mode: ingress
                target: 82
                published: "82"
                protocol: tcp
        networks:
          n1:
            name: app_n1
          n2:
            name: app_n2
    "#]]
    .assert_eq(&config_of(&[
        ("compose.yaml", base),
        ("compose.override.yaml", over),
    ]));
}

#[test]
fn a_service_begins_as_the_one_it_extends() {
    let base = "services:\n  base: {image: a, environment: [A=1], build: ./x, ports: [\"80\"]}\n";
    let file = "services:\n  web:\n    extends: {file: sub/b.yaml, service: base}\n    environment: {B: 2}\n";
    let project = load_with(&[("compose.yaml", file), ("sub/b.yaml", base)], |_| {})
        .project
        .unwrap();
    let web = project.services.get("web").unwrap();
    assert_eq!(web.environment.keys().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(web.ports[0].target, 80);
    assert!(yaml(&project, true).contains("context: /root/app/sub/x\n"));
}

#[test]
fn included_projects_have_their_own_directory_and_environment() {
    let included =
        "services: {inc: {image: \"i${IV:-none}\", volumes: [\"./v:/v\"], command: echo $$HOME}}\n";
    let shown = config_of(&[
        (
            "compose.yaml",
            "include: [sub/inc.yaml]\nservices: {web: {image: a, depends_on: [inc]}}\n",
        ),
        ("sub/inc.yaml", included),
        ("sub/.env", "IV=dot\n"),
    ]);
    assert!(shown.contains("image: idot\n"), "{shown}");
    assert!(shown.contains("source: /root/app/sub/v\n"), "{shown}");
    assert!(shown.contains("- $$HOME\n"), "{shown}");
}

#[test]
fn profiles_turn_services_on() {
    let file = "services:\n  a: {image: x, profiles: [p, q]}\n  b: {image: x}\n  c: {image: x, profiles: [r]}\n";
    let on = |profiles: &[&str]| -> Vec<String> {
        let loaded = load_with(&[("compose.yaml", file)], |options| {
            options.profiles = profiles.iter().map(|one| (*one).to_owned()).collect();
        });
        loaded.project.unwrap().services.into_keys().collect()
    };
    assert_eq!(on(&[]), ["b"]);
    assert_eq!(on(&["q"]), ["a", "b"]);
    assert_eq!(on(&["*"]), ["a", "b", "c"]);
}

#[test]
fn warnings_come_before_the_outcome() {
    let text = "version: \"3\"\nservices: {web: {image: \"${NOPE}a\", privileged: \"yes\"}}\n";
    let shown = config(text);
    let warnings: Vec<_> = shown
        .lines()
        .take_while(|line| line.starts_with("warning"))
        .collect();
    assert_eq!(
        warnings,
        [
            "warning: The \"NOPE\" variable is not set. Defaulting to a blank string.",
            "warning: \"yes\" for boolean is not supported by YAML 1.2, please use `true`",
            "warning: /root/app/compose.yaml: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion",
        ]
    );
    let two = config_of(&[
        ("compose.yaml", "services: {}"),
        ("docker-compose.yml", "services: {}"),
    ]);
    assert!(two.starts_with("warning: Found multiple config files with supported names: /root/app/compose.yaml, /root/app/docker-compose.yml\nwarning: Using /root/app/compose.yaml\n"), "{two}");
}

#[test]
fn the_printed_project_reads_back_as_the_same() {
    let first = load_with(&[("compose.yaml", EVERYTHING)], |_| {});
    let printed = shown(&first);
    let second = load_with(&[("compose.yaml", &printed)], |_| {});
    assert_eq!(first.project.unwrap(), second.project.unwrap());
}

/// Pieces that files are made of, valid or not.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("services:\n".into()),
        Just("  web:\n".into()),
        Just("    image: a\n".into()),
        Just("    <<: *a\n".into()),
        Just("    ports: [\"80:80\", {target: 5}]\n".into()),
        Just("networks: &a {n: }\n".into()),
        Just("    environment: {A: ${B:-${C}}}\n".into()),
        Just("    extends: web\n".into()),
        Just("include: [compose.yaml]\n".into()),
        Just("{[".into()),
        Just("\t".into()),
        "[ -~\n]{0,12}",
        "\\PC{0,6}",
    ]
}

proptest! {
    #[test]
    fn no_text_brings_the_reader_down(pieces in prop::collection::vec(piece(), 0..12)) {
        let text = pieces.concat();
        let _ = config(&text);
        let _ = compose::assist::diagnose(&text);
    }

    #[test]
    fn texts_survive_being_printed(text in "[ -~\n\t\u{e9}\u{2028}]{0,20}", key in "[a-z]{1,5}") {
        let mut tree = compose::value::Map::new();
        tree.insert(key, compose::value::Value::Str(text));
        let printed = compose::config::plain_yaml(&tree);
        let read = compose::yaml::documents(&printed).unwrap()[0].decode().unwrap();
        prop_assert_eq!(read.value, compose::value::Value::Map(tree), "{}", printed);
    }
}

#[test]
fn bombs_and_towers_end_at_once() {
    let mut bomb = String::from("a: &a [1,1,1,1,1,1,1,1,1]\n");
    for (this, last) in ('b'..='i').zip('a'..='h') {
        let nine = vec![format!("*{last}"); 9].join(",");
        bomb.push_str(&format!("{this}: &{this} [{nine}]\n"));
    }
    assert!(config(&bomb).ends_with("yaml: document contains excessive aliasing"));
    for tower in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
    ] {
        assert!(config(&tower).starts_with("yaml: "));
    }
}

// Source: what `docker compose config` prints of such a file.
#[test]
fn long_keys_stand_behind_a_question_mark() {
    let (long, longest) = ("a".repeat(129), "b".repeat(128));
    let file = format!(
        "name: f\nservices:\n  web:\n    image: nginx\n    labels:\n      {long}: v\n      {longest}: w\n    x-list:\n      {long}: [1, 2]\n      z{long}: {{a: b}}\n"
    );
    let printed = config(&file);
    assert!(printed.contains(&format!("      ? {long}\n      : v\n      {longest}: w\n")));
    let nested =
        format!("      ? {long}\n      : - 1\n        - 2\n      ? z{long}\n      : a: b\n");
    assert!(printed.contains(&nested), "{printed}");
}
