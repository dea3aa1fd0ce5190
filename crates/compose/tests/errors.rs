//! Compose's sentences for wrong files, as docker compose 2.40.3 printed them for the same files.

mod support;

use support::{config, config_of, load_with, shown};

/// What one service's keys are refused with.
const SERVICE: [(&str, &str); 44] = [
    (
        "networks: 5",
        "validating /root/app/compose.yaml: services.web.networks must be a array",
    ),
    (
        "foo: 1",
        "validating /root/app/compose.yaml: services.web additional properties 'foo' not allowed",
    ),
    (
        "image: {a: b}",
        "validating /root/app/compose.yaml: services.web.image must be a string",
    ),
    (
        "environment: {A: 2020-01-01}",
        "validating /root/app/compose.yaml: services.web.environment.A invalid jsonType time.Time",
    ),
    (
        "environment: [5]",
        "services.web.environment.[0]: unexpected type int",
    ),
    (
        "networks: {a: {priority: \"5\"}}",
        "validating /root/app/compose.yaml: services.web.networks.a.priority must be a number",
    ),
    (
        "networks: {a: {foo: 1}}",
        "validating /root/app/compose.yaml: services.web.networks.a additional properties 'foo' not allowed",
    ),
    (
        "networks: [n]",
        "service \"web\" refers to undefined network n: invalid compose project",
    ),
    (
        "network_mode: host\n    networks: [default]",
        "service web declares mutually exclusive `network_mode` and `networks`: invalid compose project",
    ),
    (
        "network_mode: \"service:db\"",
        "service \"web\" depends on undefined service \"db\": invalid compose project",
    ),
    ("ports: [\"a:b\"]", "invalid containerPort: b"),
    ("ports: [\"a:80\"]", "invalid hostPort: a"),
    ("ports: [\"80:99999\"]", "invalid containerPort: 99999"),
    ("ports: [\"80/foo\"]", "invalid proto: foo"),
    (
        "ports: [\"1.2.3.4.5:80:80\"]",
        "invalid IP address: 1.2.3.4.5",
    ),
    (
        "ports: [\"80-82:90-91\"]",
        "invalid ranges specified for container and host Ports: 90-91 and 80-82",
    ),
    (
        "ports: [{published: 80}]",
        "service ports services.web.ports.[0] is missing a target port",
    ),
    (
        "ports: [[80]]",
        "validating /root/app/compose.yaml: services.web.ports.0 must be a number",
    ),
    (
        "ports: [{target: 80, host_ip: x}]",
        "services.web.ports.[]: invalid ip address: x",
    ),
    (
        "ports: [80.5]",
        "services.web.ports: invalid type float64 for port",
    ),
    (
        "container_name: x",
        "validating /root/app/compose.yaml: services.web.container_name 'x' does not match pattern '[a-zA-Z0-9][a-zA-Z0-9_.-]+'",
    ),
    (
        "container_name: ab\n    scale: 2",
        "services.scale: can't set container_name and web as container name must be unique: invalid compose project",
    ),
    (
        "scale: 2\n    deploy: {replicas: 3}",
        "services.web: can't set distinct values on 'scale' and 'deploy.replicas': invalid compose project",
    ),
    (
        "scale: -1",
        "services.web.scale: must be greater than or equal to 0",
    ),
    (
        "scale: x",
        "error while interpolating services.web.scale: failed to cast to expected type: strconv.Atoi: parsing \"x\": invalid syntax",
    ),
    (
        "privileged: maybe",
        "error while interpolating services.web.privileged: failed to cast to expected type: invalid boolean: maybe",
    ),
    ("depends_on: [web]", "dependency cycle detected: web -> web"),
    (
        "depends_on: [nope]",
        "service \"web\" depends on undefined service \"nope\": invalid compose project",
    ),
    (
        "depends_on: {web: {}}",
        "validating /root/app/compose.yaml: services.web.depends_on.web missing property 'condition'",
    ),
    (
        "depends_on: {web: {condition: up}}",
        "validating /root/app/compose.yaml: services.web.depends_on.web.condition value must be one of 'service_started', 'service_healthy', 'service_completed_successfully'",
    ),
    (
        "mem_limit: foo",
        "decoding failed due to the following error(s):\n\n'services[web].mem_limit' invalid size: 'foo'",
    ),
    (
        "stop_grace_period: foo",
        "decoding failed due to the following error(s):\n\n'services[web].stop_grace_period' time: invalid duration \"foo\"",
    ),
    (
        "extra_hosts: [foo]",
        "decoding failed due to the following error(s):\n\n'services[web].extra_hosts' invalid additional host, missing IP: foo",
    ),
    (
        "healthcheck: {test: [x]}",
        "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"",
    ),
    (
        "volumes: [\"data:/x\"]",
        "service \"web\" refers to undefined volume data: invalid compose project",
    ),
    (
        "volumes: [\"a1::b\"]",
        "invalid spec: a1::b: empty section between colons",
    ),
    (
        "tmpfs: [/a]\n    volumes: [/b, /a]",
        "services.web.volumes[1]: target /a already mounted as services.web.tmpfs[0]",
    ),
    (
        "secrets: [s]",
        "service \"web\" refers to undefined secret s: invalid compose project",
    ),
    (
        "hostname: ${X:-a",
        "invalid interpolation format for services.web.hostname.\nYou may need to escape any $ with another $.\n${X:-a",
    ),
    (
        "hostname: ${X?is needed}",
        "error while interpolating services.web.hostname: required variable X is missing a value: is needed",
    ),
    (
        "extends: nope",
        "cannot extend service \"web\" in /root/app/compose.yaml: service \"nope\" not found",
    ),
    (
        "extends: web",
        "Circular reference:\n  web in /root/app/compose.yaml\n  extends web in /root/app/compose.yaml",
    ),
    (
        "extends: {service: b, file: nope.yaml}",
        "open /root/app/nope.yaml: no such file or directory",
    ),
    (
        "env_file: nope.env",
        "env file /root/app/nope.env not found: stat /root/app/nope.env: no such file or directory",
    ),
];

#[test]
fn wrong_services_are_refused_in_composes_words() {
    for (keys, text) in SERVICE {
        let file = format!("services:\n  web:\n    image: a\n    {keys}\n");
        let shown = config(&file.replace("    image: a\n    image", "    image"));
        assert_eq!(shown, text, "{keys}");
    }
}

const FILES: [(&str, &str); 26] = [
    ("", "empty compose file"),
    (
        "foo\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `foo` into cli.named",
    ),
    (
        "- a\n",
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into cli.named",
    ),
    ("services:\n", "services must be a mapping"),
    ("services:\n  web: 5\n", "services.web must be a mapping"),
    (
        "services:\n  web:\n",
        "validating /root/app/compose.yaml: services.web must be a mapping",
    ),
    (
        "services: {web: {}}\n",
        "service \"web\" has neither an image nor a build context specified: invalid compose project",
    ),
    (
        "services: {web: {image: a}}\nnetworks: 5\n",
        "validating /root/app/compose.yaml: networks must be a mapping",
    ),
    (
        "services: {web: {image: a}}\nnetworks: {n: 5}\n",
        "validating /root/app/compose.yaml: networks.n must be a mapping or null",
    ),
    (
        "services: {web: {image: a}}\nfoo: 5\n",
        "validating /root/app/compose.yaml:  additional properties 'foo' not allowed",
    ),
    (
        "services: {\"a b\": {image: a}}\n",
        "validating /root/app/compose.yaml: services additional properties 'a b' not allowed",
    ),
    ("123: {}\n", "non-string key at top level: 123"),
    (
        "services: {a: {image: x, environment: {1: y}}}\n",
        "non-string key in services.a.environment: 1",
    ),
    (
        "name: \"-\"\nservices: {a: {image: x}}\n",
        "project name must not be empty",
    ),
    (
        "name: 5\nservices: {a: {image: x}}\n",
        "validating /root/app/compose.yaml: name must be a string",
    ),
    (
        "services:\n  web:\n    image: a\n  web:\n    image: b\n",
        "failed to parse /root/app/compose.yaml: line 4: mapping key \"web\" already defined at line 2",
    ),
    (
        "services: {}\nservices: {}\n",
        "yaml: unmarshal errors:\n  line 2: mapping key \"services\" already defined at line 1",
    ),
    (
        "services:\n  web:\n    image: a\n   ports: [1]\n",
        "yaml: line 1: did not find expected key",
    ),
    (
        "services:\n  web:\n  image: a: b\n",
        "yaml: line 3: mapping values are not allowed in this context",
    ),
    (
        "services:\n  web:\n    image: *foo\n",
        "yaml: unknown anchor 'foo' referenced",
    ),
    (
        "services: &a\n  web: *a\n",
        "failed to parse /root/app/compose.yaml: cycle detected: node at path services.web.web references node at path services.web",
    ),
    (
        "secrets: {s: {}}\nservices: {a: {image: a}}\n",
        "secrets.s: one of file|environment must be set",
    ),
    (
        "volumes: {v: {external: true, driver: x}}\nservices: {a: {image: a}}\n",
        "volumes.v: conflicting parameters \"external\" and \"driver\" specified",
    ),
    (
        "services:\n  a: {image: a, depends_on: [b]}\n  b: {image: a, depends_on: [a]}\n",
        "dependency cycle detected: a -> b -> a",
    ),
    (
        "include: x\nservices: {}\n",
        "`include` must be a list, got x",
    ),
    (
        "include: [nope.yaml]\nservices: {}\n",
        "open /root/app/nope.yaml: no such file or directory",
    ),
];

#[test]
fn wrong_files_are_refused_in_composes_words() {
    for (file, text) in FILES {
        assert_eq!(config(file), text, "{file}");
    }
}

#[test]
fn a_fault_knows_its_place() {
    let loaded = load_with(
        &[(
            "compose.yaml",
            "services:\n  web:\n    image: a\n    networks: 5\n",
        )],
        |_| {},
    );
    let at = loaded.project.unwrap_err().at.unwrap();
    assert_eq!((at.line, at.column), (4, 5));
}

#[test]
fn includes_and_extends_that_never_end_are_refused() {
    let included = "include: [compose.yaml]\nservices: {b: {image: x}}\n";
    assert_eq!(
        config_of(&[
            ("compose.yaml", "include: [b.yaml]\nservices: {}\n"),
            ("b.yaml", included)
        ]),
        "include cycle detected:\n/root/app/compose.yaml\n include /root/app/b.yaml\n include /root/app/compose.yaml"
    );
    assert_eq!(
        config_of(&[
            (
                "compose.yaml",
                "services:\n  a: {extends: {file: b.yaml, service: b}}\n"
            ),
            (
                "b.yaml",
                "services:\n  b: {extends: {file: compose.yaml, service: a}}\n"
            ),
        ]),
        "Circular reference:\n  a in b.yaml\n  extends b in compose.yaml\n  extends a in b.yaml"
    );
}

#[test]
fn what_cannot_be_found_is_named() {
    assert_eq!(config_of(&[]), "no configuration file provided: not found");
    let missing = load_with(&[], |options| options.files = vec!["x.yaml".into()]);
    assert_eq!(
        shown(&missing),
        "open /root/app/x.yaml: no such file or directory"
    );
    let missing = load_with(&[("compose.yaml", "services: {}")], |options| {
        options.env_files = vec!["x.env".into()];
    });
    assert_eq!(shown(&missing), "couldn't find env file: /root/app/x.env");
    let misnamed = load_with(&[("compose.yaml", "services: {}")], |options| {
        options.project_name = Some("Foo".into());
    });
    assert_eq!(
        shown(&misnamed),
        "invalid project name \"Foo\": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number"
    );
}
