//! Mistakes that people make while they learn, each with what has to be said of it and whether what is offered helps.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::run;
use lab::Lab;

/// What becomes of the only way out that is offered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// None is offered.
    None,
    /// The same command succeeds after it.
    Mends,
    /// It does itself what the command was to do.
    Instead,
}

/// A mistake: lines of a machine, each `machine$ line`, the last of which fails; a part of what is said; the way out.
struct Mistake(&'static str, &'static str, Way);

const MISTAKES: &[Mistake] = &[
    Mistake(
        "hostA$ docker network create app
         hostA$ docker run -d --name db --network app redis:7
         hostA$ docker run --rm --network app nicolaka/netshoot nc -z -w 2 localhost 6379",
        "localhost is the container itself, not its machine. db listens on port 6379",
        Way::Instead,
    ),
    Mistake(
        "hostA$ httpd -p 9000 -h /etc
         hostA$ docker run --rm curlimages/curl -s http://localhost:9000/hostname",
        "hostA listens on port 9000, and is at 172.17.0.1 from here.",
        Way::Instead,
    ),
    Mistake(
        "hostA$ docker run --rm curlimages/curl -s http://localhost:9000/hostname",
        "no program in it listens at all. localhost is the container itself",
        Way::None,
    ),
    Mistake(
        "hostA$ httpd -p 127.0.0.1:9000 -h /etc
         hostA$ docker run --rm --add-host h:host-gateway curlimages/curl -s http://h:9000/hostname",
        "Nothing in hostA listens on port 9000 at 172.17.0.1. A program listens on that port, but at 127.0.0.1 only",
        Way::None,
    ),
    Mistake(
        "hostA$ docker network create --ipv6 --subnet fd00:6::/64 six
         hostA$ docker run -d --name web --network six busybox httpd -f -p 0.0.0.0:80 -h /etc
         hostA$ docker run --rm --network six curlimages/curl -6 -s http://web/hostname",
        "A program listens on that port by IPv4 only",
        Way::None,
    ),
    Mistake(
        "hostA$ docker network create app
         hostA$ docker run -d --name dns --network app nicolaka/netshoot nc -u -l -p 53
         hostA$ docker run --rm --network app nicolaka/netshoot nc -z -w 2 dns 53",
        "A program listens on that port by UDP, and this came by TCP.",
        Way::None,
    ),
    Mistake(
        "hostA$ docker run -d --name web -p 8443:443 -p 8080:8080 nginx
         hostA$ curl -s http://localhost:8080",
        "its programs listen on 80.",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker run -d --name web -p 8080:3000 nginx
         laptop$ curl -s http://192.168.1.10:8080",
        "Nothing in web listens on port 3000. The packet got there; its programs listen on 80.",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker run -d --name web -p 8080:3000 busybox httpd -f -p 127.0.0.1:3000 -h /etc
         laptop$ curl -s http://192.168.1.10:8080/hostname",
        "Nothing in web listens on port 3000 at 172.17.0.2. A program listens on that port, but at 127.0.0.1 only",
        Way::None,
    ),
    Mistake(
        "hostA$ httpd -p 8080 -h /etc
         hostA$ iptables -t nat -I PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 9999
         laptop$ curl -s http://192.168.1.10:8080/hostname",
        "The packet was for port 8080, and a rule of the nat table sent it to port 9999.",
        Way::None,
    ),
    Mistake(
        "hostA$ iptables -A INPUT -p tcp --dport 9000 -j DROP
         laptop$ curl -s -m 3 http://192.168.1.10:9000",
        "Nothing in hostA listens on port 9000 either. The rule is: -A INPUT",
        Way::None,
    ),
    Mistake(
        "hostA$ docker run -d --name web --network host nginx
         laptop$ curl -s http://192.168.1.10:8080",
        "web shares hostA's network, so it is at hostA's own port 80.",
        Way::None,
    ),
    Mistake(
        "hostA$ docker network create app
         hostA$ docker run -d --name my_web --network app nginx
         hostA$ docker run --rm --network app --dns-search corp.test curlimages/curl -s http://my-web",
        "There is no container called my-web.",
        Way::Instead,
    ),
    Mistake(
        "laptop$ curl -s http://[fd00:9::2]",
        "laptop has no route to fd00:9::2. laptop has no IPv6 address beyond its own links.",
        Way::None,
    ),
    Mistake(
        "hostA$ docker network create --internal deep
         hostA$ docker run -d --name web --network deep -p 8080:80 nginx
         hostA$ curl -s http://localhost:8080",
        "deep is an internal network: nothing is published there",
        Way::None,
    ),
    Mistake(
        "hostA$ docker run -d --name web --network none -p 8080:80 nginx
         hostA$ curl -s http://localhost:8080",
        "it is on the network none: nothing is published there",
        Way::None,
    ),
    Mistake(
        "hostA$ docker run -d --name web -p 8080:80 busybox sh -c 'exit 3'
         hostA$ curl -s http://localhost:8080",
        "The program of web ended by itself with exit code 3",
        Way::None,
    ),
    Mistake(
        "hostA$ docker network create app
         hostA$ docker run -d --name web --network app busybox
         hostA$ docker run --rm --network app busybox ping -c 1 web",
        "NXDOMAIN. web is not running. The program of web ended by itself with exit code 0",
        Way::None,
    ),
    Mistake(
        "hostA$ docker run -d --name web -p 8080:80 nginx
         hostA$ docker kill web
         hostA$ curl -s http://localhost:8080",
        "web would publish that port, but it is not running.",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker network create --internal deep
         hostA$ docker run --rm --network deep curlimages/curl -s http://192.168.1.50",
        "on internal networks only",
        Way::Instead,
    ),
    Mistake(
        "hostA$ docker run --rm --network none curlimages/curl -s http://192.168.1.50",
        "is on the network none",
        Way::Instead,
    ),
    Mistake(
        "hostA$ docker network create -o com.docker.network.bridge.enable_ip_masquerade=false bare
         hostA$ docker run --rm --network bare busybox ping -c 1 -W 1 192.168.1.50",
        "172.18.0.2 left by bare, which does not masquerade",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker run -d --name box busybox sleep 1d
         hostA$ iptables -t nat -F
         hostA$ docker exec box ping -c 1 -W 1 192.168.1.50",
        "box left by bridge, whose masquerading rule is missing from hostA's nat table",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker network create --subnet 10.7.0.0/24 -o com.docker.network.bridge.gateway_mode_ipv4=routed rt
         hostA$ docker run -d --name web --network rt -p 80 nginx
         laptop$ curl -s -m 3 http://10.7.0.2",
        "the LAN has to be told that 10.7.0.0/24 is behind hostA.",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker network create --subnet 10.7.0.0/24 -o com.docker.network.bridge.gateway_mode_ipv4=routed rt
         hostA$ docker run -d --name web --network rt -p 80 nginx
         laptop$ ip route add 10.7.0.0/24 via 192.168.1.1
         laptop$ curl -s -m 3 http://10.7.0.2",
        "laptop has a route to 10.7.0.0/24 that leads to router",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker network create --subnet 192.168.1.0/24 like
         hostA$ docker run --rm --network like curlimages/curl -s -m 3 http://192.168.1.50",
        "laptop is on the LAN, and like has the same subnet, 192.168.1.0/24",
        Way::None,
    ),
    Mistake(
        "hostA$ docker network create --subnet 192.168.1.0/25 like
         hostA$ docker run -d --name web --network like nginx
         hostA$ curl -s -m 3 http://192.168.1.50",
        "what hostA sends there stays on like.",
        Way::None,
    ),
    Mistake(
        "hostA$ docker network create -d macvlan --subnet 192.168.1.0/24 --ip-range 192.168.1.192/27 -o parent=eth0 lan
         hostA$ docker run --rm --network lan busybox ping -c 1 -W 1 192.168.1.10",
        "hostA cannot reach its own macvlan containers through the parent eth0.",
        Way::None,
    ),
    Mistake(
        "hostA$ httpd -p 2222 -h /etc
         hostA$ ufw --force enable
         laptop$ curl -s -m 3 http://192.168.1.10:2222/hostname",
        "It was set by ufw, which lets in what it is told to.",
        Way::Mends,
    ),
    Mistake(
        "hostA$ httpd -p 2222 -h /etc
         hostA$ ufw deny 2222
         hostA$ ufw --force enable
         laptop$ curl -s -m 3 http://192.168.1.10:2222/hostname",
        "chain ufw-user-input, rule 1",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker run -d --name web -p 8080:80 nginx
         hostA$ iptables -F
         laptop$ curl -s -m 3 http://192.168.1.10:8080",
        "Docker's own rules are gone from it: Docker makes them again when it starts.",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker network create -o com.docker.network.bridge.enable_icc=false apart
         hostA$ docker run -d --name web --network apart nginx
         hostA$ docker run --rm --network apart curlimages/curl -s -m 3 http://web",
        "Containers on apart may not talk to each other",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker network create app
         hostA$ docker run -d --name db --network app redis:7
         hostA$ docker run --rm --link db:store busybox ping -c 1 store",
        "db is not on the default bridge, and a link leads nowhere else.",
        Way::Instead,
    ),
    Mistake(
        "hostA$ docker swarm init
         hostA$ docker network create -d overlay ov
         hostA$ docker run --rm --network ov busybox true",
        "ov is for services only.",
        Way::Mends,
    ),
    Mistake(
        "hostA$ docker network create app
         hostA$ docker run --rm --network app --dns 192.168.1.50 busybox ping -c 1 www.example.test",
        "and 192.168.1.50 gave no answer. Docker's DNS server passes other questions on",
        Way::None,
    ),
];

/// What is wrong with what is said of a mistake; nothing if all is as it has to be.
fn trouble(Mistake(lines, says, way): &Mistake) -> Result<(), String> {
    let mut lab = Lab::new("lan", 1)?;
    let lines: Vec<(&str, &str)> = lines
        .lines()
        .filter_map(|line| line.trim().split_once("$ "))
        .collect();
    let ((machine, command), setup) = lines.split_last().ok_or("no lines")?;
    for (machine, line) in setup {
        if run(&mut lab, machine, line) != 0 {
            return Err(format!("{line} fails"));
        }
    }
    if run(&mut lab, machine, command) == 0 {
        return Err("does not fail".to_owned());
    }
    let why = lab.explanation().ok_or("is not explained")?;
    let said = format!("{} {}", why.sentence, why.detail);
    if !said.contains(says) {
        return Err(format!("says {said}"));
    }
    let fix = match (why.fixes.as_slice(), way) {
        ([], Way::None) => return Ok(()),
        ([one], Way::Mends | Way::Instead) => one,
        (fixes, _) => return Err(format!("offers {fixes:?}")),
    };
    let done = run(&mut lab, &fix.machine, &fix.command);
    let again = *way == Way::Instead || run(&mut lab, machine, command) == 0;
    match done == 0 && again {
        true => Ok(()),
        false => Err(format!("{} does not help", fix.command)),
    }
}

#[test]
fn mistakes_of_learners_are_explained_and_mended() {
    let wrong = MISTAKES.iter().filter_map(|mistake| {
        let trouble = trouble(mistake).err()?;
        Some(format!("{}\n  {trouble}", mistake.0))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
