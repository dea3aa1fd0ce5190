//! What is refused.

use super::super::sample::{network, publishing, replicated, serve, swarm};
use super::super::store::Store;
use super::{check, check_against, check_object_name};
use crate::api::{NetworkAttachmentConfig, ServiceSpec};

/// The sentence with which a service is refused, without what all of them begin with.
fn refusal(spec: &ServiceSpec) -> Option<String> {
    sentence(check(spec))
}

fn sentence(checked: crate::error::Result<()>) -> Option<String> {
    let text = checked.err()?.to_string();
    let rest = text.strip_prefix("rpc error: code = InvalidArgument desc = ");
    Some(rest.unwrap().to_owned())
}

fn named(name: &str) -> ServiceSpec {
    replicated(name, 1)
}

#[test]
fn names_are_those_of_dns() {
    assert_eq!(refusal(&named("web-1_a")), None);
    assert_eq!(refusal(&named(&"a".repeat(63))), None);
    for (name, told) in [
        ("", "meta: name must be provided"),
        ("-web", "name must be valid as a DNS name component"),
        ("web.1", "name must be valid as a DNS name component"),
        (&"a".repeat(64), "name must be 63 characters or fewer"),
    ] {
        assert_eq!(refusal(&named(name)).as_deref(), Some(told), "{name}");
    }
    assert!(check_object_name("a.b-c_d").is_ok());
    assert!(check_object_name(".a").is_err());
    assert!(check_object_name(&"a".repeat(65)).is_err());
}

#[test]
fn images_are_looked_at() {
    let image = |image: &str| {
        let mut spec = named("web");
        let container = spec.task_template.container_spec.as_mut().unwrap();
        image.clone_into(&mut container.image);
        refusal(&spec)
    };
    assert_eq!(image("nginx:1.27"), None);
    assert_eq!(
        image("").as_deref(),
        Some("ContainerSpec: image reference must be provided")
    );
    assert_eq!(
        image("Nginx").as_deref(),
        Some("ContainerSpec: \"Nginx\" is not a valid repository/tag")
    );
    let mut without = named("web");
    without.task_template.container_spec = None;
    assert_eq!(
        refusal(&without).as_deref(),
        Some("TaskSpec: missing runtime")
    );
}

#[test]
fn ports_of_one_service_do_not_clash() {
    let twice = publishing(named("web"), &[(80, 80, "ingress"), (80, 81, "host")]);
    assert_eq!(
        refusal(&twice).as_deref(),
        Some("EndpointSpec: duplicate published ports provided")
    );
    assert_eq!(
        refusal(&publishing(named("web"), &[(0, 80, ""), (0, 81, "")])),
        None
    );
    let mut dnsrr = publishing(named("web"), &[(80, 80, "ingress")]);
    let endpoint = dnsrr.endpoint_spec.as_mut().unwrap();
    "dnsrr".clone_into(&mut endpoint.mode);
    assert_eq!(
        refusal(&dnsrr).as_deref(),
        Some("EndpointSpec: port published with ingress mode can't be used with dnsrr mode")
    );
}

#[test]
fn ports_of_two_services_do_not_clash() {
    let mut store = swarm(&["n1"]);
    let without = publishing(named("web"), &[(80, 80, "ingress")]);
    let refused = check_against(&store, &without, "").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "rpc error: code = FailedPrecondition desc = service needs ingress network, but no ingress network is present"
    );
    network(&mut store, "ingress", true);
    serve(
        &mut store,
        publishing(named("web"), &[(80, 80, "ingress"), (81, 80, "host")]),
    );
    let told = |store: &Store, ports: &[(u32, u32, &str)], own: &str| {
        sentence(check_against(store, &publishing(named("api"), ports), own))
    };
    let taken = [
        ((80, 1, "ingress"), "an ingress"),
        ((80, 1, "host"), "an ingress"),
        ((81, 1, "ingress"), "a host-published"),
    ];
    for (asked, kind) in taken {
        let port = asked.0;
        assert_eq!(
            told(&store, &[asked], "api"),
            Some(format!(
                "port '{port}' is already in use by service 'web' (web) as {kind} port"
            ))
        );
    }
    // Which nodes have their own port free shows when tasks are placed.
    assert_eq!(told(&store, &[(81, 1, "host")], "api"), None);
    assert_eq!(told(&store, &[(82, 1, "ingress")], "api"), None);
    assert_eq!(told(&store, &[(80, 1, "ingress")], "web"), None);
}

#[test]
fn the_ingress_network_is_for_ports_alone() {
    let mut store = swarm(&[]);
    let ingress = network(&mut store, "ingress", true);
    let mut spec = named("web");
    spec.task_template.networks = vec![NetworkAttachmentConfig {
        target: ingress,
        ..NetworkAttachmentConfig::default()
    }];
    assert_eq!(
        sentence(check_against(&store, &spec, "")).as_deref(),
        Some("Service cannot be explicitly attached to the ingress network \"ingress\"")
    );
}
