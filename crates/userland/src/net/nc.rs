//! `nc`, as OpenBSD and as busybox have it.

mod local;

use super::connect::{self, From as LocalEnd};
use super::pump::{self, Rules};
use super::{resolv, services};
use crate::Flavour;
use crate::args::{self, Parsed, Wrong};
use crate::server::listen;
use crate::usage;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sock::{Family, SockOpt, SockType};
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, SocketAddr};

const USAGE: &str = "usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]
";

/// The `nc` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    match flavour {
        Flavour::Gnu => openbsd(sys, args).await,
        Flavour::Busybox => busybox(sys, args).await,
    }
}

// ---- OpenBSD

async fn openbsd(sys: Sys, args: Vec<String>) -> i32 {
    let parsed = match args::parse(
        &args,
        "46bCDdhklNnrStUuvZzI:i:M:m:O:P:p:q:s:T:V:W:w:X:x:",
        &[],
    ) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) => {
            sys.err(&format!(
                "nc: invalid option -- '{}'\n{USAGE}",
                // There are no long ones: the second dash is the letter.
                option.chars().nth(1).unwrap_or('-')
            ));
            return 1;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('h') {
        sys.err(&format!(
            "OpenBSD netcat (Debian patchlevel 1.238-1)\n{USAGE}"
        ));
        return 1;
    }
    if parsed.has('x') {
        return crate::not_modelled(&sys, "nc", "-x");
    }
    if parsed.has('U') {
        return local::main(&sys, &parsed).await;
    }
    if parsed.has('l') {
        return openbsd_listen(&sys, &parsed).await;
    }
    let Some((host, lists)) = parsed
        .operands
        .split_first()
        .filter(|(_, lists)| !lists.is_empty())
    else {
        sys.err(if parsed.operands.len() == 1 {
            "nc: missing port number\n"
        } else {
            USAGE
        });
        return 1;
    };
    let mut wanted = Vec::new();
    for ports in lists {
        let Some(range) = port_range(&sys, ports) else {
            let why = match ports.parse::<u64>() {
                Ok(0) => "too small",
                Ok(_) => "too large",
                Err(_) => "invalid",
            };
            sys.err(&format!("nc: port number {why}: {ports}\n"));
            return 1;
        };
        wanted.extend(range);
    }
    let ports = lists.join(" ");
    let family = parsed
        .last_of("46")
        .map(|l| if l == '4' { Family::V4 } else { Family::V6 });
    // With -n only addresses are taken.
    let looked_up = if parsed.has('n') && host.parse::<IpAddr>().is_err() && !host.contains('%') {
        sys.not_looked_up(host);
        Err(resolv::LookupError::NoName)
    } else {
        resolv::lookup(&sys, host, family).await
    };
    let found = match looked_up {
        Ok(found) => found,
        Err(error) => {
            sys.err(&format!(
                "nc: getaddrinfo for host \"{host}\" port {ports}: {}\n",
                error.text()
            ));
            return 1;
        }
    };
    let limit = limit(&parsed);
    let verbose = parsed.has('v') || parsed.has('z');
    let mut code = 1;
    for port in wanted {
        let one = Attempt {
            sys: &sys,
            parsed: &parsed,
            host,
            found: &found.addresses,
            port,
            limit,
            verbose,
        };
        if let Some(result) = one.run().await {
            code = result;
        }
    }
    code
}

fn port_range(sys: &Sys, text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    if let Some((from, to)) = text
        .split_once('-')
        .filter(|(a, _)| a.parse::<u16>().is_ok())
    {
        return Some(from.parse().ok()?..=to.parse().ok()?);
    }
    let port = resolv::port(sys, text)?;
    Some(port..=port)
}

/// The local address of `-s`.
fn own_address(parsed: &Parsed) -> Option<IpAddr> {
    parsed.value('s')?.parse().ok()
}

/// How long `-w` has it wait.
fn limit(parsed: &Parsed) -> Option<Duration> {
    let seconds = parsed.value('w')?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// When and how a conversation ends, by the flags.
fn rules(parsed: &Parsed) -> Rules {
    let quit = parsed.value('q').and_then(|q| q.parse::<i64>().ok());
    Rules {
        half_close: parsed.has('N') || quit.is_some(),
        end_with_input: quit == Some(0),
        linger: Duration::ZERO,
        idle: limit(parsed),
        no_input: parsed.has('d'),
    }
}

struct Attempt<'a> {
    sys: &'a Sys,
    parsed: &'a Parsed,
    host: &'a str,
    found: &'a [IpAddr],
    port: u16,
    limit: Option<Duration>,
    verbose: bool,
}

impl Attempt<'_> {
    /// `srv (10.57.0.2)`, or only the address if that is what was typed.
    fn shown(&self, ip: IpAddr) -> String {
        if self.host.parse::<IpAddr>().is_ok() || self.host.contains('%') {
            self.host.to_owned()
        } else {
            format!("{} ({ip})", self.host)
        }
    }

    fn from(&self) -> LocalEnd {
        LocalEnd {
            source: own_address(self.parsed),
            port: self
                .parsed
                .value('p')
                .and_then(|p| p.parse().ok())
                .unwrap_or(0),
            device: resolv::zoned(self.sys, self.host).map(|(_, device)| device),
        }
    }

    /// Tries the addresses in turn; the exit code if one was reached.
    async fn run(&self) -> Option<i32> {
        let udp = self.parsed.has('u');
        for ip in self.found {
            let to = SocketAddr::new(*ip, self.port);
            let fd = if udp {
                self.datagram(to).await
            } else {
                connect::tcp_within(self.sys, to, self.from(), self.limit).await
            };
            match fd {
                Ok(fd) => {
                    let code = self.talk(fd, *ip).await;
                    self.sys.close(fd);
                    if let Some(code) = code {
                        return Some(code);
                    }
                }
                // A local end that cannot be had ends it all.
                Err(error @ (Errno::EADDRNOTAVAIL | Errno::EADDRINUSE))
                    if self.parsed.has('s') || self.parsed.has('p') =>
                {
                    self.sys.err(&format!("nc: bind failed: {error}\n"));
                    return Some(1);
                }
                Err(error) if self.parsed.has('v') => {
                    // OpenBSD's own time-out leaves errno as connect set it.
                    let why = if error == Errno::ETIMEDOUT && self.limit.is_some() {
                        format!("timed out: {}", Errno::EINPROGRESS)
                    } else {
                        format!("failed: {error}")
                    };
                    let proto = if udp { "udp" } else { "tcp" };
                    self.sys.err(&format!(
                        "nc: connect to {} port {} ({proto}) {why}\n",
                        self.shown(*ip),
                        self.port
                    ));
                }
                Err(_) => {}
            }
        }
        None
    }

    async fn datagram(&self, to: SocketAddr) -> Result<Fd, Errno> {
        let fd = self.sys.socket(Family::of(to.ip()), SockType::Datagram)?;
        let result = match self.from().apply(self.sys, fd, Family::of(to.ip())) {
            Ok(()) => self.sys.connect(fd, to).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|_| self.sys.close(fd)).map(|()| fd)
    }

    async fn talk(&self, fd: Fd, ip: IpAddr) -> Option<i32> {
        let udp = self.parsed.has('u');
        let proto = if udp { "udp" } else { "tcp" };
        let scans = self.parsed.has('z');
        if udp && (self.verbose || scans) && !self.udp_answers(fd).await {
            // Seen: who only wanted to be told is told nothing, and that it went well.
            return if scans { None } else { Some(0) };
        }
        if self.verbose {
            let service = if self.parsed.has('n') {
                "*".to_owned()
            } else {
                services::name(&services::read(self.sys), self.port, proto)
                    .unwrap_or("*")
                    .to_owned()
            };
            self.sys.err(&format!(
                "Connection to {} {} port [{proto}/{service}] succeeded!\n",
                self.shown(ip),
                self.port
            ));
        }
        if scans {
            return Some(0);
        }
        // Once connected it has done what it was to do, however the connection ends. Source: OpenBSD `netcat.c`, `main`.
        pump::carry(self.sys, fd, rules(self.parsed)).await;
        Some(0)
    }

    /// A port that answers with "port unreachable" is shut; one that stays silent counts as open. Source: Debian's
    /// netcat-openbsd, `udptest`.
    async fn udp_answers(&self, fd: Fd) -> bool {
        let seconds = self.limit.map_or(UDP_SCAN_SECONDS, |limit| limit.as_secs());
        for second in 0..=seconds + 1 {
            // The first two go out at once.
            if second > 1 {
                let _ = self.sys.sleep(Duration::from_secs(1)).await;
            }
            if self.sys.write(fd, b"X").await.is_err() {
                return false;
            }
        }
        true
    }
}

async fn openbsd_listen(sys: &Sys, parsed: &Parsed) -> i32 {
    let v6 = parsed.has('6');
    let any = if v6 {
        Family::V6.any()
    } else {
        Family::V4.any()
    };
    let any = own_address(parsed).unwrap_or(any);
    let (host, port) = match (parsed.operands.as_slice(), parsed.value('p')) {
        ([port], None) => (any, port.clone()),
        ([], Some(port)) => (any, port.to_owned()),
        ([host, port], None) => (host.parse().unwrap_or(any), port.clone()),
        ([], None) => {
            sys.err("nc: missing port number\n");
            return 1;
        }
        _ => {
            sys.err(USAGE);
            return 1;
        }
    };
    let Ok(port) = port.parse::<u16>() else {
        sys.err(&format!("nc: port number invalid: {port}\n"));
        return 1;
    };
    let host = parsed
        .value('s')
        .and_then(|source| source.parse().ok())
        .unwrap_or(host);
    let addr = SocketAddr::new(host, port);
    let tell = |what: &str| {
        if parsed.has('v') {
            sys.err(&format!("{what} on {host} {port}\n"));
        }
    };
    if parsed.has('u') {
        tell("Bound");
        return listen_udp(sys, addr, parsed).await;
    }
    // With -6 alone, both families come in.
    // Several may wait at one port: it asks for SO_REUSEPORT.
    let fd = match listen::shared_tcp(sys, addr, !host.is_unspecified(), 1) {
        Ok(fd) => fd,
        Err(error) => {
            sys.err(&format!("nc: {error}\n"));
            return 1;
        }
    };
    tell("Listening");
    loop {
        let Ok((connection, from)) = sys.accept(fd).await else {
            return 1;
        };
        tell_peer(sys, from, parsed).await;
        pump::carry(
            sys,
            connection,
            Rules {
                idle: None,
                ..rules(parsed)
            },
        )
        .await;
        sys.close(connection);
        if !parsed.has('k') {
            return 0;
        }
    }
}

/// Says with `-v` who has come.
async fn tell_peer(sys: &Sys, from: SocketAddr, parsed: &Parsed) {
    if !parsed.has('v') {
        return;
    }
    let ip = listen::plain(from.ip());
    let name = if parsed.has('n') {
        None
    } else {
        resolv::reverse(sys, ip).await
    };
    let name = name.unwrap_or_else(|| ip.to_string());
    sys.err(&format!("Connection received on {name} {}\n", from.port()));
}

/// Takes the first sender as the peer, or with `-k` what anybody sends.
async fn listen_udp(sys: &Sys, addr: SocketAddr, parsed: &Parsed) -> i32 {
    let fd = match listen::udp(sys, addr, true) {
        Ok(fd) => fd,
        Err(error) => {
            sys.err(&format!("nc: {error}\n"));
            return 1;
        }
    };
    let first = loop {
        let Ok(received) = sys.recv_from(fd).await else {
            return 1;
        };
        if !parsed.has('k') {
            tell_peer(sys, received.from, parsed).await;
        }
        let _ = sys.write(Fd::STDOUT, &received.data).await;
        if !parsed.has('k') {
            break received;
        }
    };
    let _ = sys.connect(fd, first.from).await;
    pump::carry(sys, fd, Rules::default()).await;
    0
}

/// How long `-z` waits for a word that a port is shut, unless `-w` says otherwise.
const UDP_SCAN_SECONDS: u64 = 3;

// ---- busybox

async fn busybox(sys: Sys, args: Vec<String>) -> i32 {
    // What follows -e is the program's own command line.
    let cut = args.iter().position(|a| a == "-e").unwrap_or(args.len());
    let program: Vec<String> = args.get(cut + 1..).unwrap_or_default().to_vec();
    let own = args.get(..cut).unwrap_or_default().to_vec();
    let parsed = match args::parse(&own, "lp:w:i:f:n", &[("help", '?')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return usage::wrong(&sys, "nc", &wrong),
    };
    if parsed.has('?') {
        return usage::refuse(&sys, "nc", "--help");
    }
    if parsed.has('f') {
        return crate::not_modelled(&sys, "nc", "-f");
    }
    let port = parsed
        .value('p')
        .and_then(|p| p.parse::<u16>().ok())
        .unwrap_or(0);
    let limit = limit(&parsed);
    if parsed.has('l') {
        return busybox_listen(&sys, port, &parsed, &program).await;
    }
    let (host, to_port) = match parsed.operands.as_slice() {
        // Without a port, it goes to port 0, where nobody is.
        [host] => (host, "0"),
        [host, port] => (host, port.as_str()),
        _ => {
            return usage::show(&sys, "nc", None);
        }
    };
    let Ok(to_port) = to_port.parse::<u16>() else {
        sys.err(&format!("nc: bad port '{to_port}'\n"));
        return 1;
    };
    let Ok(ip) = resolv::first(&sys, host, None).await else {
        sys.err(&format!("nc: bad address '{host}'\n"));
        return 1;
    };
    let from = LocalEnd {
        port,
        ..LocalEnd::default()
    };
    match connect::tcp_within(&sys, SocketAddr::new(ip, to_port), from, limit).await {
        Ok(fd) if program.is_empty() => {
            pump::carry(&sys, fd, Rules::HALF_CLOSE).await;
            0
        }
        Ok(fd) => pump::run_on(&sys, fd, program).await.unwrap_or(1),
        Err(Errno::ETIMEDOUT) if limit.is_some() => {
            sys.err("nc: timed out\n");
            1
        }
        Err(error) => {
            let host = connect::remote_host(ip);
            sys.err(&format!("nc: can't connect to {host}: {error}\n"));
            1
        }
    }
}

async fn busybox_listen(sys: &Sys, port: u16, parsed: &Parsed, program: &[String]) -> i32 {
    let host = own_address(parsed).unwrap_or(Family::V6.any());
    let addr = SocketAddr::new(host, port);
    let fd = match listen::tcp(sys, addr, false, 16) {
        Ok(fd) => fd,
        Err(error) => {
            sys.err(&format!("nc: bind: {error}\n"));
            return 1;
        }
    };
    let _ = sys.set_option(fd, SockOpt::ReuseAddr(true));
    let forever = parsed.options.iter().filter(|(o, _)| *o == 'l').count() > 1;
    loop {
        let accepted = match limit(parsed) {
            Some(wait) => sys.timeout(wait, sys.accept(fd)).await,
            None => Some(sys.accept(fd).await),
        };
        let connection = match accepted {
            Some(Ok((connection, _))) => connection,
            Some(Err(_)) => return 1,
            None => {
                sys.err("nc: timed out\n");
                return 1;
            }
        };
        if program.is_empty() {
            pump::carry(sys, connection, Rules::HALF_CLOSE).await;
        } else if forever {
            let (task, argv) = (sys.clone(), program.to_vec());
            sys.spawn_task(async move {
                pump::run_on(&task, connection, argv).await;
                task.close(connection);
            });
            continue;
        } else {
            return pump::run_on(sys, connection, program.to_vec())
                .await
                .unwrap_or(1);
        }
        sys.close(connection);
        if !forever {
            return 0;
        }
    }
}
