//! The LAN: what is explained when it stays silent, what the fixes mend, and the internet behind the router.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use lab::Lab;
use lab::log::Input;
use lab::view::Explanation;

fn run(lab: &mut Lab, machine: &str, text: &str) -> i32 {
    let on = |lab: &Lab| lab.terminals().into_iter().find(|t| t.machine == machine);
    if on(lab).is_none() {
        let machine = machine.to_owned();
        lab.apply(Input::OpenTerminal { machine });
        lab.run_idle(1_000_000_000);
    }
    let terminal = on(lab).unwrap().id;
    let number = lab.next_input();
    lab.apply(Input::Line {
        terminal,
        text: text.to_owned(),
    });
    assert!(lab.run_idle(60_000_000_000), "{text} did not end");
    let screen = on(lab).unwrap();
    let run = screen.runs.iter().find(|r| r.input == number);
    run.and_then(|r| r.exit).unwrap()
}

/// Runs what must fail, and each fix that is offered; afterwards it must succeed.
fn mended(lab: &mut Lab, machine: &str, text: &str) -> Explanation {
    assert_ne!(run(lab, machine, text), 0, "{text}");
    let why = lab.explanation().unwrap();
    assert!(!why.fixes.is_empty(), "{}", why.sentence);
    for fix in &why.fixes {
        assert_eq!(run(lab, &fix.machine, &fix.command), 0, "{}", fix.command);
    }
    assert_eq!(run(lab, machine, text), 0, "{text}, mended");
    why
}

fn with(lines: &[&str]) -> Lab {
    let mut lab = Lab::new("lan", 1).unwrap();
    for line in lines {
        assert_eq!(run(&mut lab, "hostA", line), 0, "{line}");
    }
    lab
}

#[test]
fn a_machine_is_cut_off_from_its_own_macvlan_containers() {
    let mut lab = with(&[
        "docker network create -d macvlan --subnet 192.168.1.0/24 --gateway 192.168.1.1 -o parent=eth0 lan",
        "docker run -d --name box --network lan --ip 192.168.1.230 myapp",
    ]);
    let why = mended(&mut lab, "hostA", "ping -c 1 -W 4 192.168.1.230");
    assert_eq!(
        why.sentence,
        "No answer. hostA cannot reach its own macvlan containers through the parent eth0. Ask from the laptop, or add a macvlan interface to hostA."
    );
    let topology = lab.topology();
    let machine = topology
        .machines
        .iter()
        .find(|m| m.name == "hostA")
        .unwrap();
    let network = machine.networks.iter().find(|n| n.name == "lan").unwrap();
    assert_eq!(
        (network.parent.as_str(), network.driver_mode.as_str()),
        ("eth0", "bridge")
    );
}

#[test]
fn an_ipvlan_in_layer_3_needs_a_route_on_the_lan() {
    let mut lab = with(&[
        "docker network create -d ipvlan --subnet 10.67.0.0/24 -o parent=eth0 -o ipvlan_mode=l3 deep",
        "docker run -d --name box --network deep myapp",
    ]);
    assert_ne!(
        run(
            &mut lab,
            "hostA",
            "docker exec box ping -c 1 -W 1 192.168.1.50"
        ),
        0
    );
    assert_eq!(
        run(
            &mut lab,
            "laptop",
            "ip route add 10.67.0.0/24 via 192.168.1.10"
        ),
        0
    );
    assert_eq!(
        run(
            &mut lab,
            "hostA",
            "docker exec box ping -c 1 -W 1 192.168.1.50"
        ),
        0
    );
}

#[test]
fn the_internet_is_behind_the_routers_nat_and_firewall() {
    let mut lab = with(&["docker run -d --name web -p 8080:80 nginx"]);
    assert_eq!(
        run(&mut lab, "hostA", "curl -sf http://site.example.test"),
        0
    );
    assert_eq!(
        run(
            &mut lab,
            "hostA",
            "docker exec web curl -sf http://site.example.test"
        ),
        0
    );
    let outside = "curl -sf --max-time 2 http://203.0.113.1:8080";
    assert_ne!(run(&mut lab, "internet", outside), 0);
    let forward = "iptables -t nat -A PREROUTING -i eth1 -p tcp --dport 8080 -j DNAT --to-destination 192.168.1.10:8080 && iptables -A FORWARD -i eth1 -p tcp --dport 8080 -j ACCEPT";
    assert_eq!(run(&mut lab, "router", forward), 0);
    assert_eq!(run(&mut lab, "internet", outside), 0);
}

#[test]
fn a_strict_switch_refuses_macvlans() {
    let mut lab = Lab::new("strict", 1).unwrap();
    for line in [
        "docker network create -d macvlan --subnet 192.168.1.0/24 --gateway 192.168.1.1 -o parent=eth0 lan",
        "docker run -d --name box --network lan --ip 192.168.1.230 myapp",
    ] {
        assert_eq!(run(&mut lab, "hostA", line), 0, "{line}");
    }
    assert_ne!(
        run(
            &mut lab,
            "hostA",
            "docker exec box ping -c 1 -W 4 192.168.1.50"
        ),
        0
    );
    let why = lab.explanation().unwrap();
    assert!(why.sentence.contains("switch refuses"), "{}", why.sentence);
}
