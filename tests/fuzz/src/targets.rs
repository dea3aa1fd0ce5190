//! What is fed, with what, and how.

use kernel::rng::Rng;

use crate::console::{self, Console};
use crate::corpus::{self, Corpus};
use crate::mutate::{Lines, Seeds};
use crate::{Input, files, labs, requests};

/// Told before each input: its number in the round, and the input.
pub(crate) type Tell<'a> = &'a dyn Fn(u64, &[u8]) -> Result<(), String>;

/// A parser, or a few that read the same.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// What is fed, for the list of targets.
    pub(crate) about: &'static str,
    /// How many rounds are played without further wishes.
    pub(crate) rounds: u64,
    /// How many inputs a round has.
    pub(crate) inputs: u32,
    good: Good,
    feed: Feed,
}

/// Where good input comes from.
enum Good {
    /// The recorded command lines of these programs, and those in `seeds/programs.txt`.
    Programs(&'static [&'static str]),
    /// The recorded values of these flags.
    Values(&'static [&'static str]),
    /// The examples of a file in `seeds`.
    Examples(&'static str),
    /// Something else.
    Made(fn(&Corpus) -> Vec<Input>),
}

/// How input is fed.
enum Feed {
    /// To programs, in a lab's shell.
    Console(Console),
    /// To a function; an error is a broken promise.
    Each(fn(&[u8]) -> Result<(), String>),
    /// The whole round at once.
    Round(fn(&[Input], &mut Rng, Tell<'_>) -> Result<(), String>),
}

/// Makes a target's rounds.
pub(crate) struct Maker {
    inputs: u32,
    good: Made,
}

enum Made {
    Lines(Lines),
    Seeds(Seeds),
}

impl Maker {
    /// The inputs of a round.
    pub(crate) fn round(&self, seed: u64) -> Vec<Input> {
        let rng = &mut Rng::new(seed);
        let one = |_| match &self.good {
            Made::Lines(lines) => console::quoted(&lines.mutated(rng)).into_bytes(),
            Made::Seeds(seeds) => seeds.mutated(rng),
        };
        (0..self.inputs).map(one).collect()
    }
}

impl Target {
    /// What makes this target's rounds. Errors: its seeds are missing.
    pub(crate) fn maker(&self, corpus: &Corpus) -> Result<Maker, String> {
        let good = match self.good {
            Good::Programs(programs) => {
                let uses: Result<Vec<_>, _> = programs.iter().map(|p| corpus.uses(p)).collect();
                Made::Lines(Lines::new(uses?.concat()))
            }
            Good::Values(flags) => {
                let values = flags.iter().flat_map(|flag| corpus.values(flag));
                Made::Seeds(Seeds::new(values.collect()))
            }
            Good::Examples(name) => Made::Seeds(Seeds::new(corpus::examples(name)?)),
            Good::Made(make) => Made::Seeds(Seeds::new(make(corpus))),
        };
        let inputs = self.inputs;
        Ok(Maker { inputs, good })
    }

    /// Plays a round. Errors: a promise was broken; the text says which.
    pub(crate) fn feed(&self, maker: &Maker, seed: u64, tell: Tell<'_>) -> Result<(), String> {
        let inputs = maker.round(seed);
        match &self.feed {
            Feed::Console(console) => console.feed(&inputs, tell),
            Feed::Each(feed) => (0..).zip(&inputs).try_for_each(|(number, input)| {
                tell(number, input)?;
                feed(input)
            }),
            Feed::Round(feed) => feed(&inputs, &mut Rng::new(!seed), tell),
        }
    }
}

/// Feeds words to programs.
const fn words(before: &'static [&'static str]) -> Feed {
    Feed::Console(Console {
        before,
        lines: &["TEXT"],
    })
}

/// Feeds a text to programs: quoted as a word for `WORD`, as it is for `TEXT`, and in a file called `FILE`.
const fn text(before: &'static [&'static str], lines: &'static [&'static str]) -> Feed {
    Feed::Console(Console { before, lines })
}

const WEB: &[&str] = &["docker run -d --name web nginx"];
const CAPTURE: &[&str] = &[
    "ping -c 2 192.168.1.1 & curl -s http://192.168.1.50/ & tcpdump -i eth0 -c 9 -w /root/seed.pcap",
];
const SERVERS: &[&str] = &[
    "docker run -d --name web -p 80:80 nginx; docker run -d --name apache -p 81:80 httpd; docker run -d -p 6379:6379 redis:7",
    "docker run -d --name db -p 5432:5432 -e POSTGRES_PASSWORD=x postgres:16; docker run -d -p 3306:3306 -e MYSQL_ROOT_PASSWORD=x mysql",
    "sleep 3",
];

macro_rules! target {
    ($name:literal, $about:literal, $rounds:literal x $inputs:literal, $good:expr, $feed:expr) => {
        Target {
            name: $name,
            about: $about,
            rounds: $rounds,
            inputs: $inputs,
            good: $good,
            feed: $feed,
        }
    };
}

/// All targets.
pub(crate) const TARGETS: &[Target] = &[
    target!("packet", "bytes as frames and packets", 10 x 400, Good::Made(files::frames), Feed::Each(files::packet)),
    target!("dns", "bytes as DNS messages", 10 x 400, Good::Made(files::dns_messages), Feed::Each(files::dns)),
    target!("pcap", "capture files", 8 x 20, Good::Made(files::captures), text(&[], &["tcpdump -r FILE", "tcpdump -nn -v -X -r FILE"])),
    target!("compose-file", "Compose files, in the library", 40 x 25, Good::Made(files::compose_files), Feed::Each(files::compose)),
    target!("interpolation", "templates of Compose files, and .env files", 8 x 20, Good::Examples("interpolation"),
        text(&["mkdir p; cd p; printf 'services:\\n  a:\\n    image: nginx\\n    environment:\\n      - A=${A:-x}\\n' > /root/compose.yaml"],
            &["cp FILE .env; docker compose config", "docker run --rm --env-file FILE busybox env", "printf 'name: x\\nx-a: %s\\n' WORD > c.yaml; docker compose -f c.yaml config"])),
    target!("compose-up", "Compose files, brought up and down", 6 x 6, Good::Made(files::compose_files),
        text(&[], &["docker compose -p x -f FILE up -d", "docker compose -p x -f FILE down"])),
    target!("saved", "saved labs", 10 x 4, Good::Made(labs::saved), Feed::Each(labs::restore)),
    target!("pipe", "lines for drydock pipe", 10 x 20, Good::Examples("pipe"), Feed::Round(labs::pipe)),
    target!("transcript", "transcripts for drydock play", 10 x 4, Good::Made(labs::transcripts), Feed::Each(labs::play)),
    target!("terminal", "lines and keys in a lab's terminal", 12 x 12, Good::Made(labs::lines), Feed::Round(labs::terminal)),
    target!("playback", "a lab taken back, done again, and looked at", 8 x 8, Good::Made(labs::lines), Feed::Round(labs::playback)),
    target!("shell", "shell scripts", 10 x 30, Good::Examples("shell"), text(&[], &["TEXT"])),
    target!("recorded", "the recorded lines as shell scripts", 8 x 20, Good::Made(labs::lines), text(WEB, &["TEXT"])),
    target!("arithmetic", "shell arithmetic", 6 x 40, Good::Examples("arithmetic"), text(&["x=5 a=(1 2 3)"], &["x=5; a=(1 2 3); echo $((TEXT)); ((TEXT)); let WORD; expr TEXT; echo ${a[TEXT]}; [[ WORD -eq 1 ]]"])),
    target!("docker", "docker's arguments", 10 x 20, Good::Programs(&["docker"]), words(WEB)),
    target!("compose", "docker compose's arguments", 8 x 15, Good::Made(labs::compose_commands),
        text(&["printf 'services:\\n  web:\\n    image: nginx\\n  db:\\n    image: redis:7\\n' > /root/compose.yaml; docker compose up -d"], &["TEXT"])),
    target!("format", "Go templates", 8 x 20, Good::Values(&["--format", "-f"]),
        text(WEB, &["docker inspect --format WORD web", "docker ps --format WORD; docker network ls --format WORD; docker info --format WORD"])),
    target!("specs", "addresses, subnets, ports and other small values", 8 x 20, Good::Examples("specs"),
        text(&[], &["docker network create --subnet WORD n", "docker network create --subnet 10.9.0.0/16 --ip-range WORD --gateway WORD --aux-address a=WORD m",
            "docker run -d -p WORD nginx; docker run -d --ip WORD --mac-address WORD --add-host WORD --dns WORD --link WORD --sysctl WORD nginx",
            "ip addr add WORD dev lo; ip route add WORD via WORD; ip route get WORD; ip neigh add WORD lladdr WORD dev eth0",
            "iptables -A INPUT -s WORD; iptables -A INPUT -p tcp --dport WORD; sysctl WORD; date -d WORD; sleep WORD; docker logs --since WORD web"])),
    target!("iptables", "iptables' and ip6tables' arguments", 10 x 40, Good::Programs(&["iptables", "ip6tables", "iptables-save"]), words(WEB)),
    target!("restore", "files for iptables-restore", 6 x 30, Good::Examples("restore"),
        text(&[], &["iptables-restore FILE", "iptables-restore -n < FILE; ip6tables-restore < FILE; iptables-save | tail -3"])),
    target!("nft", "nft's and conntrack's arguments", 6 x 40, Good::Programs(&["nft", "conntrack"]), words(WEB)),
    target!("ip", "ip's and bridge's arguments", 10 x 40, Good::Programs(&["ip", "bridge"]), words(WEB)),
    target!("filter", "tcpdump's filters", 6 x 40, Good::Examples("filter"), text(CAPTURE, &["tcpdump -nr /root/seed.pcap WORD"])),
    target!("tcpdump", "tcpdump's arguments", 6 x 20, Good::Programs(&["tcpdump"]), words(CAPTURE)),
    target!("awk", "awk programs", 10 x 40, Good::Examples("awk"), text(&[], &["head -3 /etc/passwd | awk WORD"])),
    target!("sed", "sed programs", 10 x 40, Good::Examples("sed"), text(&[], &["sed WORD /etc/passwd", "sed -n -E WORD /etc/passwd"])),
    target!("jq", "jq programs", 10 x 40, Good::Examples("jq"), text(&[], &["echo '{\"a\":[1,{\"b\":null}],\"c\":\"x\"} [2.5,true]' | jq WORD"])),
    target!("json", "JSON for jq", 6 x 40, Good::Examples("json"), text(&[], &["jq . FILE; jq -c '[..]' FILE"])),
    target!("regex", "regular expressions", 6 x 40, Good::Examples("regex"),
        text(&[], &["grep WORD /etc/passwd; grep -Eo WORD /etc/passwd; r=WORD; [[ root:x =~ $r ]]; sed -E s/WORD/x/g /etc/hosts; awk '{print match($0, r)}' r=WORD /etc/hosts; ls WORD; case x in WORD) ;; esac"])),
    target!("text", "the text tools' arguments", 8 x 40,
        Good::Programs(&["grep", "sort", "cut", "tr", "head", "tail", "wc", "uniq", "seq", "printf", "test", "date", "find", "xargs", "tee", "ls"]),
        text(&[], &["TEXT < /etc/passwd"])),
    target!("net", "the network tools' arguments", 8 x 30,
        Good::Programs(&["curl", "wget", "dig", "nslookup", "host", "getent", "ping", "traceroute", "mtr", "arping", "nc", "ncat", "socat", "telnet", "ss", "netstat",
            "arp", "route", "ifconfig", "sysctl", "ethtool", "nsenter", "lsns", "systemctl", "journalctl", "psql", "redis-cli", "ps", "kill", "hostname"]),
        words(WEB)),
    target!("servers", "bytes sent to servers", 6 x 15, Good::Examples("servers"),
        text(SERVERS, &["nc -w 1 127.0.0.1 80 < FILE; nc -w 1 127.0.0.1 81 < FILE", "nc -w 1 127.0.0.1 6379 < FILE; nc -w 1 127.0.0.1 3306 < FILE", "nc -w 1 127.0.0.1 5432 < FILE; nc -u -w 1 192.168.1.1 53 < FILE"])),
    target!("requests", "bytes sent to the daemon's socket", 8 x 30, Good::Examples("requests"), Feed::Round(requests::answered)),
    target!("sql", "what is typed into clients of databases", 4 x 20, Good::Examples("sql"),
        text(SERVERS, &["docker exec db psql -U postgres -c WORD; redis-cli -h 127.0.0.1 WORD; redis-cli -h 127.0.0.1 < FILE"])),
    target!("settings", "daemon.json and files in /etc", 6 x 8, Good::Examples("settings"),
        text(WEB, &["cp FILE /etc/docker/daemon.json; systemctl restart docker; docker ps; docker network create n", "echo {} > /etc/docker/daemon.json; systemctl reset-failed docker; systemctl restart docker",
            "cp FILE /etc/hosts; getent hosts web; cp FILE /etc/resolv.conf; getent hosts web; cp FILE /etc/nsswitch.conf; getent hosts web",
            "docker start web; docker exec -i web sh -c 'cat > /etc/nginx/conf.d/default.conf; nginx -t; nginx -s reload' < FILE; docker restart web"])),
];
