use super::*;

/// The chain's rules as `iptables -S` lists them once all of `placed` are made.
fn chain(placed: &[Placed], table: Table, chain: &str) -> Vec<String> {
    let mut listed: Vec<String> = Vec::new();
    for p in placed
        .iter()
        .filter(|p| p.table == table && p.chain == chain)
    {
        match p.place {
            Place::Head => listed.insert(0, p.rule.to_string()),
            Place::Tail => listed.push(p.rule.to_string()),
        }
    }
    listed
}

fn net(bridge: &str, subnet: &str) -> NetworkRules {
    NetworkRules {
        bridge: bridge.into(),
        subnet: subnet.parse().unwrap(),
        icc: true,
        masquerade: true,
        ..NetworkRules::default()
    }
}

fn published(host: &str) -> PortRule {
    PortRule {
        proto: Proto::Tcp,
        host: host.parse().unwrap(),
        host_port: 8080,
        container: "192.0.2.2:80".parse().unwrap(),
    }
}

fn scene(n: &NetworkRules, host: &str, settings: Settings) -> Vec<Placed> {
    let mut all = base(Family::V4, settings);
    all.extend(network(&net("docker0", "172.17.0.0/16"), settings));
    all.extend(network(n, settings));
    all.extend(endpoint(n, "192.0.2.2".parse().unwrap(), settings));
    all.extend(port(n, &published(host), settings));
    all
}

#[test]
fn a_user_network_with_a_published_port_has_the_documented_rules() {
    let all = scene(
        &net("bridge1", "192.0.2.0/24"),
        "0.0.0.0",
        Settings::default(),
    );
    assert_eq!(
        chain(&all, Table::Filter, "FORWARD"),
        ["-j DOCKER-USER", "-j DOCKER-FORWARD"]
    );
    assert_eq!(
        chain(&all, Table::Filter, DOCKER),
        [
            "-d 192.0.2.2/32 ! -i bridge1 -o bridge1 -p tcp -m tcp --dport 80 -j ACCEPT",
            "! -i docker0 -o docker0 -j DROP",
            "! -i bridge1 -o bridge1 -j DROP",
        ]
    );
    assert_eq!(
        chain(&all, Table::Filter, FORWARD),
        [
            "-j DOCKER-CT",
            "-j DOCKER-ISOLATION-STAGE-1",
            "-j DOCKER-BRIDGE",
            "-i docker0 -j ACCEPT",
            "-i bridge1 -j ACCEPT",
        ]
    );
    assert_eq!(
        chain(&all, Table::Filter, STAGE_2),
        ["-o bridge1 -j DROP", "-o docker0 -j DROP"]
    );
    assert_eq!(
        chain(&all, Table::Nat, DOCKER),
        [
            "-i bridge1 -j RETURN",
            "-i docker0 -j RETURN",
            "! -i bridge1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80",
        ]
    );
    assert_eq!(
        chain(&all, Table::Nat, "POSTROUTING"),
        [
            "-s 192.0.2.0/24 ! -o bridge1 -j MASQUERADE",
            "-s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"
        ]
    );
    assert_eq!(
        chain(&all, Table::Nat, "OUTPUT"),
        ["! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER"]
    );
    assert_eq!(
        chain(&all, Table::Raw, "PREROUTING"),
        ["-d 192.0.2.2/32 ! -i bridge1 -j DROP"]
    );
}

#[test]
fn a_port_on_loopback_is_barred_from_outside() {
    let all = scene(
        &net("bridge1", "192.0.2.0/24"),
        "127.0.0.1",
        Settings::default(),
    );
    assert_eq!(
        chain(&all, Table::Raw, "PREROUTING"),
        [
            "-d 192.0.2.2/32 ! -i bridge1 -j DROP",
            "-d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8080 -j DROP",
        ]
    );
    assert!(chain(&all, Table::Nat, DOCKER).contains(
        &"-d 127.0.0.1/32 ! -i bridge1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80".to_owned()
    ));
}

#[test]
fn without_the_proxy_hairpins_are_masqueraded() {
    let settings = Settings {
        userland_proxy: false,
        ..Settings::default()
    };
    let all = scene(&net("bridge1", "192.0.2.0/24"), "0.0.0.0", settings);
    assert_eq!(
        chain(&all, Table::Nat, "POSTROUTING"),
        [
            "-o bridge1 -m addrtype --src-type LOCAL -j MASQUERADE",
            "-s 192.0.2.0/24 ! -o bridge1 -j MASQUERADE",
            "-o docker0 -m addrtype --src-type LOCAL -j MASQUERADE",
            "-s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
            "-s 192.0.2.2/32 -d 192.0.2.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE",
        ]
    );
    assert_eq!(
        chain(&all, Table::Nat, DOCKER),
        ["-p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80"]
    );
    assert_eq!(
        chain(&all, Table::Nat, "OUTPUT"),
        ["-m addrtype --dst-type LOCAL -j DOCKER"]
    );
}

#[test]
fn modes_and_icc_change_what_they_should() {
    let routed = NetworkRules {
        mode: GatewayMode::Routed,
        ..net("bridge1", "192.0.2.0/24")
    };
    let all = scene(&routed, "0.0.0.0", Settings::default());
    assert_eq!(
        chain(&all, Table::Filter, STAGE_1),
        [
            "-i bridge1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            "-o bridge1 -j RETURN",
            "-i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2",
            "-i bridge1 ! -o bridge1 -j DOCKER-ISOLATION-STAGE-2",
        ]
    );
    assert_eq!(
        chain(&all, Table::Filter, DOCKER),
        [
            "-d 192.0.2.2/32 ! -i bridge1 -o bridge1 -p tcp -m tcp --dport 80 -j ACCEPT",
            "! -i docker0 -o docker0 -j DROP",
            "-o bridge1 -p icmp -j ACCEPT",
            "! -i bridge1 -o bridge1 -j DROP",
        ]
    );
    assert_eq!(
        chain(&all, Table::Nat, DOCKER),
        ["-i bridge1 -j RETURN", "-i docker0 -j RETURN"]
    );
    assert!(chain(&all, Table::Raw, "PREROUTING").is_empty());

    let open = NetworkRules {
        mode: GatewayMode::NatUnprotected,
        icc: false,
        ..net("bridge1", "192.0.2.0/24")
    };
    let all = scene(&open, "0.0.0.0", Settings::default());
    assert_eq!(
        chain(&all, Table::Filter, DOCKER),
        [
            "! -i docker0 -o docker0 -j DROP",
            "! -i bridge1 -o bridge1 -j ACCEPT"
        ]
    );
    assert_eq!(
        chain(&all, Table::Filter, FORWARD)[4..],
        [
            "-i bridge1 -o bridge1 -j DROP",
            "-i bridge1 ! -o bridge1 -j ACCEPT"
        ]
    );
}

#[test]
fn an_internal_ipv6_network_keeps_what_stays_on_its_bridge() {
    let n = NetworkRules {
        internal: true,
        ..net("br0", "fd00::/64")
    };
    let placed = network(&n, Settings::default());
    assert_eq!(
        chain(&placed, Table::Filter, STAGE_1),
        [
            "! -s fd00::/64 ! -i br0 -o br0 -j DROP",
            "! -d fd00::/64 -i br0 ! -o br0 -j DROP",
        ]
    );
}

#[test]
fn without_the_proxy_loopback_is_masqueraded_whatever_the_network() {
    let settings = Settings {
        userland_proxy: false,
        ..Settings::default()
    };
    for mode in [GatewayMode::Nat, GatewayMode::Routed] {
        let n = NetworkRules {
            mode,
            masquerade: false,
            ..net("br0", "10.0.0.0/24")
        };
        assert_eq!(
            chain(&network(&n, settings), Table::Nat, "POSTROUTING"),
            ["-o br0 -m addrtype --src-type LOCAL -j MASQUERADE"]
        );
    }
}

#[test]
fn what_only_a_daemon_without_its_proxy_needs_is_told_apart() {
    for mode in [GatewayMode::Nat, GatewayMode::Routed] {
        let n = NetworkRules {
            mode,
            ..net("br0", "10.0.0.0/24")
        };
        let left = hairpin(&n);
        assert_eq!(left.len(), 1);
        assert_eq!(
            chain(&left, Table::Nat, "POSTROUTING"),
            ["-o br0 -m addrtype --src-type LOCAL -j MASQUERADE"]
        );
    }
    let inside = NetworkRules {
        internal: true,
        ..net("br0", "10.0.0.0/24")
    };
    assert!(hairpin(&inside).is_empty());
}

#[test]
fn an_internal_network_is_walled_in() {
    let inside = NetworkRules {
        internal: true,
        ..net("br-int", "10.99.0.0/24")
    };
    let all = network(&inside, Settings::default());
    assert_eq!(
        chain(&all, Table::Filter, STAGE_1),
        [
            "! -s 10.99.0.0/24 -o br-int -j DROP",
            "! -d 10.99.0.0/24 -i br-int -j DROP"
        ]
    );
    assert_eq!(
        chain(&all, Table::Filter, FORWARD),
        ["-i br-int -o br-int -j ACCEPT"]
    );
    assert_eq!(all.len(), 3);
}

#[test]
fn ipv6_ports_leave_link_local_clients_to_the_proxy() {
    let n = net("br0", "2001:db8:c::/64");
    let p = PortRule {
        proto: Proto::Tcp,
        host: "::".parse().unwrap(),
        host_port: 8080,
        container: "[2001:db8:c::2]:3000".parse().unwrap(),
    };
    assert_eq!(
        chain(&port(&n, &p, Settings::default()), Table::Nat, DOCKER),
        [
            "! -s fe80::/10 ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination [2001:db8:c::2]:3000"
        ]
    );
}
