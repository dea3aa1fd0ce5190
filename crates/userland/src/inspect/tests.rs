//! Whole command lines against the texts of the real tools.

use crate::Flavour;
use crate::testutil::Lab;

fn run(script: &str) -> String {
    Lab::new(Flavour::Gnu).sh("bash", script).0
}

/// A namespace behind a bridge, with addresses.
const SCENE: &str = "ip link add br0 type bridge; ip link set br0 address 02:00:00:00:00:01; ip addr add 10.0.0.1/24 brd + dev br0; ip link set br0 up; \
    ip netns add web; ip link add v0 address 02:00:00:00:00:02 type veth peer name eth0 netns web address 02:00:00:00:00:03; ip link set v0 master br0; ip link set v0 up; \
    ip -n web addr add 10.0.0.2/24 brd + dev eth0; ip -n web link set eth0 up; ip -n web route add default via 10.0.0.1; ";

fn scene(script: &str) -> String {
    run(&format!("{SCENE}{script}"))
}

#[test]
fn ip_shows_what_iproute2_shows() {
    assert_eq!(
        scene("ip addr show br0; ip route; ip link show master br0; ip -br addr show br0"),
        "2: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n    \
         link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.1/24 brd 10.0.0.255 scope global br0\n       \
         valid_lft forever preferred_lft forever\n    inet6 fe80::ff:fe00:1/64 scope link tentative \n       valid_lft forever preferred_lft forever\n\
         10.0.0.0/24 dev br0 proto kernel scope link src 10.0.0.1 \n\
         3: v0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP mode DEFAULT group default qlen 1000\n    \
         link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netns web\n\
         br0              UP             10.0.0.1/24 fe80::ff:fe00:1/64 \n"
    );
    assert_eq!(
        scene(
            "ip netns list; ip netns exec web ip route; ip -n web route get 8.8.8.8; nsenter --net=/run/netns/web ip -4 -o addr"
        ),
        "web (id: 0)\ndefault via 10.0.0.1 dev eth0 \n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2 \n\
         8.8.8.8 via 10.0.0.1 dev eth0 src 10.0.0.2 uid 0 \n    cache \n\
         2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever\n"
    );
}

#[test]
fn refusals_are_iproute2s() {
    let script = "ip link show nosuch; echo $?; ip link set nosuch up; echo $?; ip addr add 10.0.0.1/24 dev br0; echo $?; ip route add 10.0.0.0/24 dev br0; echo $?; \
        ip route add 10.1.0.0/16 via 99.9.9.9; echo $?; ip route del 10.7.0.0/16; echo $?; ip route add 10.1.0.1/16 dev br0; echo $?; ip foo; echo $?; ip addr foo; echo $?; \
        nsenter --net=/run/netns/x ip a; echo $?; ip netns exec x true; echo $?; ip link set v0 mtu 99999; echo $?";
    assert_eq!(
        scene(script),
        "Device \"nosuch\" does not exist.\n1\nCannot find device \"nosuch\"\n1\nError: ipv4: Address already assigned.\n2\nRTNETLINK answers: File exists\n2\n\
         Error: Nexthop has invalid gateway.\n2\nRTNETLINK answers: No such process\n2\nError: Invalid prefix for given prefix length.\n2\n\
         Object \"foo\" is unknown, try \"ip help\".\n1\nCommand \"foo\" is unknown, try \"ip address help\".\n255\n\
         nsenter: cannot open /run/netns/x: No such file or directory\n1\nCannot open network namespace \"x\": No such file or directory\n255\n\
         Error: mtu greater than device maximum.\n2\n"
    );
}

#[test]
fn bridges_and_settings_are_told() {
    assert_eq!(
        scene(
            "bridge link; brctl show; sysctl net.ipv4.ip_forward; sysctl -w net.ipv4.ip_forward=1; sysctl net.x; sysctl net.bridge"
        ),
        "3: v0@br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2 \n\
         bridge name\tbridge id\t\tSTP enabled\tinterfaces\nbr0\t\t8000.020000000001\tno\t\tv0\n\
         net.ipv4.ip_forward = 0\nnet.ipv4.ip_forward = 1\nsysctl: cannot stat /proc/sys/net/x: No such file or directory\n\
         net.bridge.bridge-nf-call-arptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 0\nnet.bridge.bridge-nf-call-iptables = 0\n\
         net.bridge.bridge-nf-filter-pppoe-tagged = 0\nnet.bridge.bridge-nf-filter-vlan-tagged = 0\n\
         net.bridge.bridge-nf-pass-vlan-input-dev = 0\n"
    );
}
