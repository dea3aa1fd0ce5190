//! Texts as iptables v1.8.13 (nf_tables) gave them.

use super::*;

/// The rules of one namespace.
struct Bench {
    nf: Netfilter,
}

impl Bench {
    fn new() -> Self {
        Self {
            nf: Netfilter::default(),
        }
    }

    /// Runs a command line; what it prints, or its error with the exit code.
    fn run(&mut self, line: &str) -> String {
        let (program, family) = if line.starts_with("ip6tables") {
            ("ip6tables", Family::V6)
        } else {
            ("iptables", Family::V4)
        };
        let words: Vec<String> = line
            .split_whitespace()
            .skip(1)
            .map(|word| word.trim_matches(['\'', '"']).to_owned())
            .collect();
        let hosts = [("127.0.0.1".parse().unwrap(), "localhost".to_owned())];
        match execute(
            &words,
            family,
            program,
            &hosts,
            &mut super::Asked::default(),
            &mut self.nf,
        ) {
            Ok(text) => text,
            Err(fail) => format!("{}[{}]\n", fail.render(program), fail.code()),
        }
    }
}

#[test]
fn rules_are_printed_back_as_iptables_does() {
    let cases = [
        (
            "-p tcp --dport 80 -j ACCEPT",
            "-p tcp -m tcp --dport 80 -j ACCEPT",
            "tcp dpt:80",
        ),
        (
            "-p tcp --syn -j DROP",
            "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP",
            "tcp flags:0x17/0x02",
        ),
        (
            "-p tcp ! --syn -m conntrack --ctstate NEW -j DROP",
            "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP",
            "tcp flags:!0x17/0x02 ctstate NEW",
        ),
        (
            "-p icmp --icmp-type echo-request -j ACCEPT",
            "-p icmp -m icmp --icmp-type 8 -j ACCEPT",
            "icmptype 8",
        ),
        (
            "-p icmp --icmp-type 3/4 -j ACCEPT",
            "-p icmp -m icmp --icmp-type 3/4 -j ACCEPT",
            "icmptype 3 code 4",
        ),
        (
            "-m multiport -p tcp --dports 80,443,8000:8010 -j ACCEPT",
            "-p tcp -m multiport --dports 80,443,8000:8010 -j ACCEPT",
            "multiport dports 80,443,8000:8010",
        ),
        (
            "-p tcp --syn -m connlimit --connlimit-above 3 -j DROP",
            "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr -j DROP",
            "tcp flags:0x17/0x02 #conn src/32 > 3",
        ),
        (
            "-m connlimit ! --connlimit-above 5 --connlimit-mask 24 --connlimit-daddr",
            "-m connlimit --connlimit-upto 5 --connlimit-mask 24 --connlimit-daddr",
            "#conn dst/24 <= 5",
        ),
        (
            "-m state --state NEW,ESTABLISHED",
            "-m state --state NEW,ESTABLISHED",
            "state NEW,ESTABLISHED",
        ),
        (
            "-m limit --limit 5/min --limit-burst 10 -j LOG --log-prefix a",
            "-m limit --limit 5/min --limit-burst 10 -j LOG --log-prefix a",
            "limit: avg 5/min burst 10 LOG flags 0 level 4 prefix \"a\"",
        ),
        (
            "-m limit --limit 3/s -j LOG --log-prefix hello:",
            "-m limit --limit 3/sec -j LOG --log-prefix \"hello:\"",
            "limit: avg 3/sec burst 5 LOG flags 0 level 4 prefix \"hello:\"",
        ),
        (
            "-m comment --comment hi -j ACCEPT",
            "-m comment --comment hi -j ACCEPT",
            "/* hi */",
        ),
        (
            "-m mac --mac-source 02:42:ac:11:00:02",
            "-m mac --mac-source 02:42:ac:11:00:02",
            "MAC 02:42:ac:11:00:02",
        ),
        (
            "-m length --length 100:200",
            "-m length --length 100:200",
            "length 100:200",
        ),
        (
            "-m ttl --ttl-lt 5",
            "-m ttl --ttl-lt 5",
            "TTL match TTL < 5",
        ),
        (
            "-m pkttype --pkt-type broadcast",
            "-m pkttype --pkt-type broadcast",
            "PKTTYPE = broadcast",
        ),
        (
            "-m statistic --mode nth --every 3 --packet 0 -j DROP",
            "-m statistic --mode nth --every 3 --packet 0 -j DROP",
            "statistic mode nth every 3",
        ),
        (
            "-m statistic --mode random --probability 0.5 -j DROP",
            "-m statistic --mode random --probability 0.50000000000 -j DROP",
            "statistic mode random probability 0.50000000000",
        ),
        (
            "-m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP",
            "-m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP",
            "source IP range 10.0.0.1-10.0.0.9",
        ),
        (
            "-m physdev --physdev-in veth+ -j DROP",
            "-m physdev --physdev-in veth+ -j DROP",
            "PHYSDEV match --physdev-in veth+",
        ),
        (
            "-m mark --mark 0x1/0xff",
            "-m mark --mark 0x1/0xff",
            "mark match 0x1/0xff",
        ),
        (
            "-j REJECT",
            "-j REJECT --reject-with icmp-port-unreachable",
            "reject-with icmp-port-unreachable",
        ),
        (
            "-p tcp -j REJECT --reject-with tcp-reset",
            "-p tcp -j REJECT --reject-with tcp-reset",
            "reject-with tcp-reset",
        ),
        (
            "-m conntrack --ctorigdst 1.2.3.4 --ctorigdstport 80 --ctdir ORIGINAL",
            "-m conntrack --ctorigdst 1.2.3.4 --ctorigdstport 80 --ctdir ORIGINAL",
            "ctorigdst 1.2.3.4 ctorigdstport 80 ctdir ORIGINAL",
        ),
        (
            "-m addrtype --dst-type LOCAL --limit-iface-in",
            "-m addrtype --dst-type LOCAL --limit-iface-in",
            "ADDRTYPE match dst-type LOCAL limit-in",
        ),
        (
            "-p udp ! --sport 53:60",
            "-p udp -m udp ! --sport 53:60",
            "udp spts:!53:60",
        ),
        (
            "-p tcp ! -d 10.0.0.0/8 -i eth+ ! -o lo",
            "! -d 10.0.0.0/8 -i eth+ ! -o lo -p tcp",
            "",
        ),
        ("-p all -s 0.0.0.0/0 -j ACCEPT", "-j ACCEPT", ""),
        (
            "-p sctp --dport 5 -j ACCEPT",
            "-p sctp -m sctp --dport 5 -j ACCEPT",
            "sctp dpt:5",
        ),
        (
            "-m conntrack ! --ctstate INVALID,NEW --ctstatus ASSURED --ctproto 6 -j ACCEPT",
            "-m conntrack ! --ctstate INVALID,NEW --ctproto 6 --ctstatus ASSURED -j ACCEPT",
            "! ctstate INVALID,NEW ctproto 6 ctstatus ASSURED",
        ),
        (
            "-p tcp --sport :1024 --dport 1024:",
            "-p tcp -m tcp --sport 0:1024 --dport 1024:65535",
            "tcp spts:0:1024 dpts:1024:65535",
        ),
        (
            "-j LOG --log-level info",
            "-j LOG --log-level 6",
            "LOG flags 0 level 6",
        ),
        ("-f -j DROP", "-f -j DROP", ""),
        ("! -p tcp -j DROP", "! -p tcp -j DROP", ""),
    ];
    for (typed, shown, listed) in cases {
        let mut b = Bench::new();
        assert_eq!(
            b.run(&format!("iptables -A FORWARD {typed}")),
            "",
            "{typed}"
        );
        assert_eq!(
            b.run("iptables -S FORWARD 1"),
            format!("-A FORWARD {shown}\n")
        );
        let line = b.run("iptables -nL FORWARD 1");
        assert_eq!(
            line.trim_end().get(62..).unwrap_or_default(),
            listed,
            "{typed}: {line}"
        );
        assert_eq!(
            b.run(&format!("iptables -C FORWARD {shown}")),
            "",
            "{typed}"
        );
    }
}

#[test]
fn translating_and_marking_rules_are_printed_back() {
    let cases = [
        (
            "nat",
            "PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:80-90",
            "",
            "to:1.2.3.4:80-90",
        ),
        (
            "nat",
            "PREROUTING -p udp -j DNAT --to :53",
            "PREROUTING -p udp -j DNAT --to-destination :53",
            "to::53",
        ),
        (
            "nat",
            "PREROUTING -p tcp -j REDIRECT --to-ports 80",
            "",
            "redir ports 80",
        ),
        (
            "nat",
            "POSTROUTING -p tcp -j MASQUERADE --to-ports 1000-2000",
            "",
            "masq ports: 1000-2000",
        ),
        ("nat", "POSTROUTING -j MASQUERADE --random", "", "random"),
        (
            "nat",
            "POSTROUTING -j SNAT --to-source 1.2.3.4-1.2.3.9",
            "",
            "to:1.2.3.4-1.2.3.9",
        ),
        (
            "nat",
            "PREROUTING -j NETMAP --to 10.0.0.0/24",
            "",
            "to:10.0.0.0/24",
        ),
        (
            "mangle",
            "PREROUTING -j MARK --set-mark 1",
            "PREROUTING -j MARK --set-xmark 0x1/0xffffffff",
            "MARK set 0x1",
        ),
        (
            "mangle",
            "PREROUTING -j MARK --or-mark 2",
            "PREROUTING -j MARK --set-xmark 0x2/0x2",
            "MARK or 0x2",
        ),
        (
            "mangle",
            "PREROUTING -j MARK --and-mark 0xf0",
            "PREROUTING -j MARK --set-xmark 0x0/0xffffff0f",
            "MARK and 0xf0",
        ),
        (
            "mangle",
            "PREROUTING -j MARK --set-mark 0x1/0x3",
            "PREROUTING -j MARK --set-xmark 0x1/0x3",
            "MARK xset 0x1/0x3",
        ),
        (
            "mangle",
            "PREROUTING -j CONNMARK --save-mark",
            "PREROUTING -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff",
            "CONNMARK save",
        ),
        (
            "mangle",
            "FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
            "FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
            "tcp flags:0x06/0x02 TCPMSS clamp to PMTU",
        ),
        ("raw", "PREROUTING -j NOTRACK", "", ""),
        ("raw", "PREROUTING -j CT --notrack", "", "CT notrack"),
    ];
    for (table, typed, shown, listed) in cases {
        let mut b = Bench::new();
        let shown = if shown.is_empty() { typed } else { shown };
        let chain = typed.split(' ').next().unwrap_or_default();
        assert_eq!(
            b.run(&format!("iptables -t {table} -A {typed}")),
            "",
            "{typed}"
        );
        assert_eq!(
            b.run(&format!("iptables -t {table} -S {chain} 1")),
            format!("-A {shown}\n")
        );
        let line = b.run(&format!("iptables -t {table} -nL {chain} 1"));
        let from = if line.starts_with("MASQUERADE") {
            63
        } else {
            62
        };
        assert_eq!(
            line.trim_end().get(from..).unwrap_or_default(),
            listed,
            "{typed}: {line}"
        );
    }
}

#[test]
fn listing_has_the_columns_of_iptables() {
    let mut b = Bench::new();
    b.run("iptables -N DOCKER-ISOLATION-STAGE-1");
    b.run("iptables -A FORWARD ! -i br-one -o br-one -p tcp -d 10.1.0.2 --dport 80 -j ACCEPT");
    b.run("iptables -A FORWARD -i docker0 -j DOCKER-ISOLATION-STAGE-1");
    assert_eq!(
        b.run("iptables -L FORWARD -n -v --line-numbers"),
        "Chain FORWARD (policy ACCEPT 0 packets, 0 bytes)\n\
         num   pkts bytes target     prot opt in     out     source               destination         \n\
         1        0     0 ACCEPT     tcp  --  !br-one br-one  0.0.0.0/0            10.1.0.2             tcp dpt:80\n\
         2        0     0 DOCKER-ISOLATION-STAGE-1  all  --  docker0 *       0.0.0.0/0            0.0.0.0/0           \n"
    );
    assert_eq!(
        b.run("iptables -L FORWARD"),
        "Chain FORWARD (policy ACCEPT)\n\
         target     prot opt source               destination         \n\
         ACCEPT     tcp  --  anywhere             10.1.0.2             tcp dpt:http\n\
         DOCKER-ISOLATION-STAGE-1  all  --  anywhere             anywhere            \n"
    );
    assert_eq!(
        b.run("iptables -nL DOCKER-ISOLATION-STAGE-1")
            .lines()
            .next(),
        Some("Chain DOCKER-ISOLATION-STAGE-1 (1 references)")
    );
    assert_eq!(
        b.run("iptables -nvxL OUTPUT"),
        "Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)\n    pkts      bytes target     prot opt in     out     source               destination         \n"
    );
}

#[test]
fn refusals_have_the_words_and_exit_codes_of_iptables() {
    let hint = "Try `iptables -h' or 'iptables --help' for more information.\n[2]\n";
    let parameter = |text: &str| format!("iptables v1.8.13 (nf_tables): {text}\n{hint}");
    let sentence = |text: &str| format!("iptables: {text}\n[1]\n");
    let refused = |text: &str| format!("iptables v1.8.13 (nf_tables):  {text}\n[4]\n");
    let mut b = Bench::new();
    b.run("iptables -N FOO");
    for (line, said) in [
        ("-N FOO", sentence("Chain already exists.")),
        (
            "-A INPUT -p tcp --dport 80 --destination-port 81 -j DROP",
            parameter("Only one `--destination-port' allowed"),
        ),
        (
            "-A INPUT -p tcp --syn --tcp-flags SYN SYN -j DROP",
            parameter("Only one of `--syn' or `--tcp-flags'  allowed"),
        ),
        (
            "-A INPUT -p udp --sport 80 --sport 81 -j DROP",
            parameter("udp: option \"--source-port\" can only be used once.\n"),
        ),
        (
            "-A INPUT -j LOG --log-prefix a --log-prefix b",
            parameter("LOG: option \"--log-prefix\" can only be used once.\n"),
        ),
        (
            "-A INPUT -m multiport --dports 80,443 -p tcp -j DROP",
            parameter("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'"),
        ),
        (
            "-A INPUT -p icmp -m multiport --dports 80,443 -j DROP",
            parameter("multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP"),
        ),
        (
            "-A INPUT -p tcp -m multiport --dports 80 --sports 81 -j DROP",
            parameter("multiport: option \"--source-ports\" cannot be used together with \"--destination-ports\".\n"),
        ),
        (
            "-A INPUT -p tcp -m multiport -j DROP",
            parameter("no ports specified"),
        ),
        (
            "-A INPUT -j LOG --log-prefix ''",
            parameter("Argument must have a minimum length of 1 characters\n"),
        ),
        ("-N INPUT", sentence("Chain already exists.")),
        ("-A NOPE -j ACCEPT", sentence("No chain/target/match by that name.")),
        ("-A FORWARD -j NOPE", parameter("Chain 'NOPE' does not exist")),
        ("-D FORWARD -j ACCEPT", sentence("Bad rule (does a matching rule exist in that chain?).")),
        ("-C FORWARD -j ACCEPT", sentence("Bad rule (does a matching rule exist in that chain?).")),
        // Nobody has used the chain yet.
        ("-D FORWARD 5", sentence("No chain/target/match by that name.")),
        ("-I FORWARD 5 -j ACCEPT", sentence("Index of insertion too big.")),
        ("-I FORWARD 0 -j ACCEPT", parameter("Invalid rule number `0'")),
        ("-X NOPE", sentence("No chain/target/match by that name.")),
        ("-L NOPE", sentence("No chain/target/match by that name.")),
        ("-P FOO DROP", sentence("Bad built-in chain name.")),
        ("-P FORWARD REJECT", sentence("Bad policy name. Run `dmesg' for more information.")),
        ("-P FORWARD", parameter("-P requires a chain and a policy")),
        ("--foo", parameter("unknown option \"--foo\"")),
        ("-A FORWARD --dport 80 -j ACCEPT", parameter("unknown option \"--dport\"")),
        ("-A FORWARD -p tcp --dport", parameter("option \"--dport\" requires an argument")),
        ("-A FORWARD -p foo -j ACCEPT", parameter("unknown protocol \"foo\" specified")),
        ("-A FORWARD -p tcp --dport 99999", parameter("invalid port/service `99999' specified")),
        ("-A FORWARD -s 300.1.1.1", parameter("host/network `300.1.1.1' not found")),
        ("-A FORWARD -s 1.1.1.1/40", parameter("invalid mask `40' specified")),
        ("-A INPUT -o eth0 -j ACCEPT", parameter("Can't use --out-interface with INPUT")),
        ("-A OUTPUT -i eth0 -j ACCEPT", parameter("Can't use --in-interface with OUTPUT")),
        ("-A FORWARD -m nosuch", parameter("Couldn't load match `nosuch':No such file or directory\n")),
        ("-A FORWARD -j MASQUERADE", refused("RULE_APPEND failed (Invalid argument): rule in chain FORWARD")),
        ("-t nat -A PREROUTING -j DNAT", parameter("DNAT: option \"--to-destination\" must be specified\n")),
        ("-t nat -A PREROUTING -j DNAT --to-destination 1.2.3.4:80", parameter("Need TCP, UDP, SCTP or DCCP with port specification")),
        ("-t nat -A PREROUTING -j DROP", parameter("\nThe \"nat\" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n")),
        ("", parameter("no command specified")),
        ("-A", parameter("option \"-A\" requires an argument")),
        ("-L -A FORWARD", parameter("Cannot use -A with -L")),
        ("-A FORWARD -j ACCEPT -j DROP", parameter("multiple --jump options not allowed")),
        ("-A FORWARD ! ! -s 1.1.1.1", parameter("multiple consecutive ! not allowed")),
        ("-A FORWARD -m conntrack -j ACCEPT", parameter("conntrack: At least one option is required")),
        ("-A FORWARD -m conntrack --ctstate FOO", parameter("Bad ctstate \"FOO\"")),
        ("-A FORWARD -p udp --syn", parameter("unknown option \"--syn\"")),
        ("-A FORWARD -j REJECT --reject-with foo", parameter("unknown reject type \"foo\"")),
        ("-N ACCEPT", parameter("chain name may not clash with target name")),
        ("-A INPUT -j REJECT --reject-with tcp-reset", refused("RULE_APPEND failed (Invalid argument): rule in chain INPUT")),
        ("-A INPUT -m owner --uid-owner 0", refused("RULE_APPEND failed (Invalid argument): rule in chain INPUT")),
        ("-A INPUT -x", parameter("Illegal option `--exact' with this command")),
        ("-D INPUT 1 -j ACCEPT", parameter("Illegal option `--jump' with this command")),
        ("-A FORWARD extra", format!("Bad argument `extra'\n{hint}")),
        ("-t foo -L", "iptables v1.8.13 (nf_tables): table 'foo' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n[3]\n".to_owned()),
    ] {
        assert_eq!(b.run(&format!("iptables {line}")), said, "{line}");
    }
    b.run("iptables -A FOO -j FOO");
    assert_eq!(
        b.run("iptables -A FORWARD -j FOO"),
        refused("RULE_APPEND failed (Too many links): rule in chain FORWARD")
    );
    assert_eq!(
        b.run("iptables -X FOO"),
        refused("CHAIN_DEL failed (Device or resource busy): chain FOO")
    );
}

#[test]
fn looking_makes_no_table() {
    let mut b = Bench::new();
    assert_eq!(
        b.run("iptables -t nat -S"),
        "-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT\n"
    );
    b.run("iptables -t nat -F");
    assert_eq!(
        save_text(&b.nf, Family::V4, None, false, "iptables-save", "now"),
        ""
    );
    b.run("iptables -P INPUT DROP");
    assert_eq!(
        save_text(&b.nf, Family::V4, None, false, "iptables-save", "now"),
        "# Generated by iptables-save v1.8.13 (nf_tables) on now\n*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n# Completed on now\n"
    );
}

#[test]
fn a_restored_line_stands_for_itself() {
    let says = |line: &str| {
        let text = format!("*nat\n{line}\nCOMMIT\n");
        let before = kernel::netfilter::Tables::default();
        let options = restore::Options::default();
        let done = restore::restore(&text, &before, Family::V4, options, &|_| None);
        done.map(|_| String::new())
            .unwrap_or_else(|fail| fail.render(""))
    };
    for (line, option) in [
        ("-A OUTPUT -j", "\"-j\" requires an argument"),
        ("-A", "\"-A\" requires an argument"),
        (
            "-A OUTPUT -t nat -j ACCEPT",
            "The -t option cannot be used in iptables-restore.",
        ),
        (
            "-A OUTPUT --tab nat",
            "The -t option cannot be used in iptables-restore.",
        ),
    ] {
        assert!(says(line).contains(option), "{line}: {}", says(line));
    }
    assert_eq!(
        says("-A OUTPUT -p tcp -j DNAT --to-destination 1.2.3.4"),
        ""
    );
}

#[test]
fn saved_rules_restore_to_the_same_and_a_bad_line_changes_nothing() {
    let mut b = Bench::new();
    for line in [
        "iptables -N A",
        "iptables -A FORWARD -i br-+ -m conntrack --ctstate RELATED,ESTABLISHED -j A",
        "iptables -A A -p tcp -m multiport --dports 1,2:3 -j LOG --log-prefix x:",
        "iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 1.2.3.4:90",
    ] {
        assert_eq!(b.run(line), "");
    }
    let text = save_text(&b.nf, Family::V4, None, true, "iptables-save", "now");
    let options = restore::Options {
        counters: true,
        ..restore::Options::default()
    };
    let tables = restore::restore(
        &text,
        &kernel::netfilter::Tables::default(),
        Family::V4,
        options,
        &|_| None,
    )
    .unwrap();
    let mut other = Netfilter::default();
    other.set_tables(Family::V4, tables);
    assert_eq!(
        save_text(&other, Family::V4, None, true, "iptables-save", "now"),
        text
    );

    let bad = "*filter\n:FOO - [0:0]\n-A FOO -j ACCEPT --bad\nCOMMIT\n";
    let fail = restore::restore(bad, &other.tables(Family::V4), Family::V4, options, &|_| {
        None
    })
    .unwrap_err();
    assert_eq!(
        fail.render("iptables-restore"),
        "iptables-restore v1.8.13 (nf_tables): unknown option \"--bad\"\nError occurred at line: 3\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.\n"
    );
    let open = restore::restore(
        "*filter\n:FOO - [0:0]\n-A FOO -j ACCEPT\n",
        &other.tables(Family::V4),
        Family::V4,
        options,
        &|_| None,
    );
    assert_eq!(
        open.unwrap_err().render("iptables-restore"),
        "iptables-restore: COMMIT expected at line 4\n"
    );
}

#[test]
fn ip6tables_has_names_of_its_own() {
    let mut b = Bench::new();
    b.run("ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j REJECT");
    b.run("ip6tables -t nat -A PREROUTING -p tcp -j DNAT --to-destination [fd00::2]:80");
    assert_eq!(
        b.run("ip6tables -S INPUT 1"),
        "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j REJECT --reject-with icmp6-port-unreachable\n"
    );
    assert_eq!(
        b.run("ip6tables -t nat -S PREROUTING 1"),
        "-A PREROUTING -p tcp -j DNAT --to-destination [fd00::2]:80\n"
    );
    assert_eq!(
        b.run("ip6tables -nvL INPUT 1"),
        "    0     0 REJECT     ipv6-icmp --  *      *       ::/0                 ::/0                 ipv6-icmptype 128 reject-with icmp6-port-unreachable\n"
    );
    assert!(
        b.run("ip6tables -A INPUT -s 1.2.3.4")
            .contains("host/network `1.2.3.4' not found")
    );
}
