//! `ncat` of nmap, and `telnet`.

use super::connect::{self, From as LocalEnd};
use super::pump::{self, Rules};
use super::resolv;
use crate::args::{self, Parsed, Wrong};
use crate::server::listen;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sock::{Family, SockType};
use kernel::sys::{Sys, race};
use kernel::time::Duration;
use sorted::SortedSet;
use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

const BANNER: &str = "Ncat: Version 7.99 ( https://nmap.org/ncat )\n";
const HELP: &str = "Ncat 7.99 ( https://nmap.org/ncat )
Usage: ncat [options] [hostname] [port]

Options taking a time assume seconds. Append 'ms' for milliseconds,
's' for seconds, 'm' for minutes, or 'h' for hours (e.g. 500ms).
  -4                         Use IPv4 only
  -6                         Use IPv6 only
  -C, --crlf                 Use CRLF for EOL sequence
  -c, --sh-exec <command>    Executes the given command via /bin/sh
  -e, --exec <command>       Executes the given command
  -h, --help                 Display this help screen
  -i, --idle-timeout <time>  Idle read/write timeout
  -k, --keep-open            Accept multiple connections in listen mode
  -l, --listen               Bind and listen for incoming connections
  -n, --nodns                Do not resolve hostnames via DNS
  -p, --source-port port     Specify source port to use
      --recv-only            Only receive data, never send anything
  -s, --source addr          Specify source address to use (doesn't affect -l)
      --send-only            Only send data, ignoring received; quit on EOF
  -u, --udp                  Use UDP instead of default TCP
  -v, --verbose              Set verbosity level (can be used several times)
  -w, --wait <time>          Connect timeout
  -z                         Zero-I/O mode, report connection status only
      --version              Display Ncat's version information and exit
";
const DEFAULT_PORT: u16 = 31_337;
/// What is read at once, bytes.
const PIECE: usize = 65_536;
/// By UDP, ncat ends with its input after one more look at the socket: an ICMP error from the same LAN gets there in time,
/// an answer that a program has to make first does not.
const LAST_LOOK: Duration = Duration::from_micros(290);
/// How long `-z` waits for a word against its datagram. Recording 1842.
const PROBE_WAIT: Duration = Duration::from_secs(2);

/// The `ncat` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let long = [
        ("listen", 'l'),
        ("keep-open", 'k'),
        ("udp", 'u'),
        ("exec", 'e'),
        ("sh-exec", 'c'),
        ("wait", 'w'),
        ("idle-timeout", 'i'),
        ("verbose", 'v'),
        ("source-port", 'p'),
        ("source", 's'),
        ("send-only", 'S'),
        ("recv-only", 'R'),
        ("nodns", 'n'),
        ("crlf", 'C'),
        ("version", 'V'),
        ("help", 'h'),
    ];
    let parsed = match args::parse(&args, "46lkuve:c:w:i:p:s:znSRCVh", &long) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) => {
            let what = match option.strip_prefix("--") {
                Some(_) => format!("unrecognized option '{option}'"),
                None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
            };
            sys.err(&format!("ncat: {what}\nNcat: Try `--help' or man(1) ncat for more information, usage options and help. QUITTING.\n"));
            return 2;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('V') {
        sys.out(BANNER);
        return 0;
    }
    if parsed.has('h') {
        sys.out(HELP);
        return 0;
    }
    if let Some(text) = parsed
        .value('w')
        .filter(|_| time(&parsed, 'w').is_none_or(|t| t.is_zero()))
    {
        sys.err(&format!("Ncat: Invalid -w timeout \"{text}\" (must be greater than 0 and less than 2147483s). QUITTING.\n"));
        return 2;
    }
    if parsed.has('v') {
        sys.err(BANNER);
    }
    if parsed.has('l') {
        server(&sys, &parsed).await
    } else {
        client(&sys, &parsed).await
    }
}

/// The command line of `-e` (words) or `-c` (a shell's).
fn program(parsed: &Parsed) -> Vec<String> {
    match (parsed.value('e'), parsed.value('c')) {
        (Some(line), _) => line.split_whitespace().map(str::to_owned).collect(),
        (_, Some(line)) => vec!["/bin/sh".to_owned(), "-c".to_owned(), line.to_owned()],
        _ => Vec::new(),
    }
}

/// What a program that ncat runs is told of its TCP connection. Source: ncat(1).
fn variables(sys: &Sys, fd: Fd) -> Vec<(String, String)> {
    let ends = [
        ("REMOTE", sys.peer_addr(fd).ok()),
        ("LOCAL", sys.local_addr(fd).ok()),
    ];
    let mut told = vec![("NCAT_PROTO".to_owned(), "TCP".to_owned())];
    for (end, addr) in ends {
        let Some(addr) = addr else { continue };
        told.push((
            format!("NCAT_{end}_ADDR"),
            addr.ip().to_canonical().to_string(),
        ));
        told.push((format!("NCAT_{end}_PORT"), addr.port().to_string()));
    }
    told
}

fn time(parsed: &Parsed, letter: char) -> Option<Duration> {
    let text = parsed.value(letter)?;
    let (number, unit) = text.split_at(
        text.find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(text.len()),
    );
    let number: f64 = number.parse().ok()?;
    let factor = match unit {
        "ms" => 0.001,
        "m" => 60.0,
        "h" => 3600.0,
        _ => 1.0,
    };
    Duration::try_from_secs_f64(number * factor).ok()
}

async fn client(sys: &Sys, parsed: &Parsed) -> i32 {
    let Some(host) = parsed.operands.first() else {
        sys.err("Ncat: You must specify a host to connect to. QUITTING.\n");
        return 2;
    };
    let port = parsed
        .operands
        .get(1)
        .map_or(Ok(DEFAULT_PORT), |p| p.parse());
    let Ok(port) = port else {
        sys.err(&format!(
            "Ncat: Invalid port number \"{}\". QUITTING.\n",
            parsed.operands.get(1).map_or("", String::as_str)
        ));
        return 2;
    };
    let family = parsed
        .last_of("46")
        .map(|l| if l == '4' { Family::V4 } else { Family::V6 });
    let ip = match resolv::lookup(sys, host, family).await {
        Ok(found) => found.addresses,
        Err(error) => {
            sys.err(&format!(
                "Ncat: Could not resolve hostname \"{host}\": {}. QUITTING.\n",
                error.text()
            ));
            return 2;
        }
    };
    let from = LocalEnd {
        source: parsed.value('s').and_then(|s| s.parse().ok()),
        port: parsed.value('p').and_then(|p| p.parse().ok()).unwrap_or(0),
        device: None,
    };
    let started = sys.now();
    let limit = time(parsed, 'w').unwrap_or(Duration::from_secs(10));
    let mut outcome = Err(Errno::EHOSTUNREACH);
    for ip in ip {
        let to = SocketAddr::new(ip, port);
        outcome = if parsed.has('u') {
            datagram(sys, to, from).await
        } else {
            connect::tcp_within(sys, to, from, Some(limit)).await
        }
        .map(|fd| (fd, to));
        if outcome.is_ok() {
            break;
        }
    }
    let (fd, to) = match outcome {
        Ok(done) => done,
        Err(error) => {
            let text = if error == Errno::ETIMEDOUT {
                "TIMEOUT".to_owned()
            } else {
                error.to_string()
            };
            // Who only looks is told by the exit code.
            if !parsed.has('z') || parsed.has('v') {
                sys.err(&format!("Ncat: {text}.\n"));
            }
            return 1;
        }
    };
    if parsed.has('v') {
        sys.err(&format!("Ncat: Connected to {to}.\n"));
    }
    let argv = program(parsed);
    if !argv.is_empty() {
        return pump::run_told(sys, fd, argv, variables(sys, fd))
            .await
            .unwrap_or(1);
    }
    let mut carried = pump::Carried::default();
    if parsed.has('z') && parsed.has('u') {
        if let Err(error) = probe(sys, fd).await {
            if parsed.has('v') {
                sys.err(&format!("Ncat: {error}.\n"));
            }
            return 1;
        }
        carried.sent = 1;
        if parsed.has('v') {
            sys.err("Ncat: UDP packet sent successfully\n");
        }
    } else if !parsed.has('z') {
        let udp = parsed.has('u');
        let end_with_input = udp || parsed.has('S');
        let rules = Rules {
            half_close: !udp,
            end_with_input,
            linger: LAST_LOOK,
            idle: time(parsed, 'i'),
            no_input: parsed.has('R'),
        };
        carried = pump::carry(sys, fd, rules).await;
    }
    if parsed.has('v') {
        let seconds = (sys.now() - started).as_secs_f64();
        sys.err(&format!(
            "Ncat: {} bytes sent, {} bytes received in {seconds:.2} seconds.\n",
            carried.sent, carried.received
        ));
    }
    if carried.idled {
        sys.err(&format!(
            "Ncat: Idle timeout expired ({} ms).\n",
            time(parsed, 'i').unwrap_or_default().as_millis()
        ));
        return 1;
    }
    if let Some(error) = carried.error {
        sys.err(&format!("Ncat: {error}.\n"));
        return 1;
    }
    0
}

/// Sends a datagram of one byte and waits for a word against it; where none comes, the port counts as open.
async fn probe(sys: &Sys, fd: Fd) -> Result<(), Errno> {
    sys.write(fd, &[0]).await?;
    let answer = async { sys.read(fd, 1).await.map(|_| ()) };
    let nothing = async {
        let _ = sys.sleep(PROBE_WAIT).await;
        Ok(())
    };
    race(answer, nothing).await
}

async fn datagram(sys: &Sys, to: SocketAddr, from: LocalEnd) -> Result<Fd, Errno> {
    let family = Family::of(to.ip());
    let fd = sys.socket(family, SockType::Datagram)?;
    from.apply(sys, fd, family)?;
    sys.connect(fd, to).await?;
    Ok(fd)
}

async fn server(sys: &Sys, parsed: &Parsed) -> i32 {
    let (host, port) = match parsed.operands.as_slice() {
        [] => (None, parsed.value('p').unwrap_or("31337").to_owned()),
        [port] if port.parse::<u16>().is_ok() => (None, port.clone()),
        [host, rest @ ..] => (
            host.parse::<IpAddr>().ok(),
            rest.first()
                .cloned()
                .unwrap_or_else(|| parsed.value('p').unwrap_or("31337").to_owned()),
        ),
    };
    let Ok(port) = port.parse::<u16>() else {
        sys.err(&format!(
            "Ncat: Invalid port number \"{port}\". QUITTING.\n"
        ));
        return 2;
    };
    let places: Vec<IpAddr> = match (host, parsed.last_of("46")) {
        (Some(ip), _) => vec![ip],
        (None, Some('4')) => vec![Family::V4.any()],
        (None, Some(_)) => vec![Family::V6.any()],
        (None, None) => vec![Family::V6.any(), Family::V4.any()],
    };
    let argv = program(parsed);
    let udp = parsed.has('u');
    let mut sockets = Vec::new();
    for ip in places {
        let addr = SocketAddr::new(ip, port);
        let opened = if udp {
            listen::udp(sys, addr, true)
        } else {
            listen::tcp(sys, addr, true, 10)
        };
        match opened {
            Ok(fd) => sockets.push((fd, addr)),
            Err(error) => {
                sys.err(&format!("Ncat: bind to {addr}: {error}. QUITTING.\n"));
                return 2;
            }
        }
        if parsed.has('v') {
            sys.err(&format!("Ncat: Listening on {addr}\n"));
        }
    }
    let (over, audience) = (sys.condition(), Audience::default());
    let ended = std::rc::Rc::new(std::cell::Cell::new(false));
    for (fd, addr) in sockets {
        let (task, argv, keep, verbose) =
            (sys.clone(), argv.clone(), parsed.has('k'), parsed.has('v'));
        let (over, ended, audience) = (over.clone(), ended.clone(), audience.clone());
        sys.spawn_task(async move {
            if udp {
                serve_udp(&task, fd, addr, &argv, keep, verbose).await;
            } else {
                serve_tcp(&task, fd, argv, keep.then_some(audience), verbose).await;
            }
            ended.set(true);
            over.signal();
        });
    }
    over.until(|| ended.get().then_some(0)).await
}

/// Whom a listener that keeps on sends its standard input to: all that are connected while it comes, and its end once.
/// Source: nmap 7.95 `ncat/ncat_listen.c`, `read_stdin`.
#[derive(Clone, Default)]
struct Audience(Rc<RefCell<(Vec<Fd>, bool)>>);

impl Audience {
    /// Takes a connection in, carries what comes from it to standard output, and leaves it out again.
    async fn join(&self, sys: &Sys, fd: Fd) {
        let is_first = {
            let mut own = self.0.borrow_mut();
            own.0.push(fd);
            !std::mem::replace(&mut own.1, true)
        };
        if is_first {
            let (audience, task) = (self.clone(), sys.clone());
            sys.spawn_task(async move { audience.entertain(&task).await });
        }
        while let Ok(data) = sys.read(fd, PIECE).await {
            if data.is_empty() || sys.write(Fd::STDOUT, &data).await.is_err() {
                break;
            }
        }
        self.0.borrow_mut().0.retain(|other| *other != fd);
    }

    fn members(&self) -> Vec<Fd> {
        self.0.borrow().0.clone()
    }

    async fn entertain(&self, sys: &Sys) {
        while let Ok(data) = sys.read(Fd::STDIN, PIECE).await {
            if data.is_empty() {
                break;
            }
            for fd in self.members() {
                let _ = sys.write(fd, &data).await;
            }
        }
        for fd in self.members() {
            let _ = sys.shutdown(fd, false, true);
        }
    }
}

async fn serve_tcp(
    sys: &Sys,
    listener: Fd,
    argv: Vec<String>,
    keep: Option<Audience>,
    verbose: bool,
) {
    loop {
        let Ok((fd, from)) = sys.accept(listener).await else {
            return;
        };
        if verbose {
            tell_of(sys, from);
        }
        let one = {
            let (sys, argv, keep) = (sys.clone(), argv.clone(), keep.clone());
            async move {
                if let Some(audience) = keep.filter(|_| argv.is_empty()) {
                    audience.join(&sys, fd).await;
                } else if argv.is_empty() {
                    pump::carry(&sys, fd, Rules::HALF_CLOSE).await;
                } else {
                    let told = variables(&sys, fd);
                    pump::run_told(&sys, fd, argv, told).await;
                }
                sys.close(fd);
            }
        };
        if keep.is_none() {
            return one.await;
        }
        sys.spawn_task(one);
    }
}

fn tell_of(sys: &Sys, peer: SocketAddr) {
    sys.err(&format!(
        "Ncat: Connection from {}:{}.\n",
        peer.ip(),
        peer.port()
    ));
}

/// Each peer by UDP counts as a connection: ncat connects its socket to the first one, and listens anew if it is to keep
/// on. Source: nmap 7.95 `ncat/ncat_listen.c`, `ncat_listen_dgram`.
async fn serve_udp(
    sys: &Sys,
    fd: Fd,
    addr: SocketAddr,
    argv: &[String],
    keep: bool,
    verbose: bool,
) {
    let mut peers = SortedSet::new();
    while let Ok(message) = sys.recv_from(fd).await {
        let from = message.from;
        if peers.insert(from) {
            if verbose && keep {
                sys.err(&format!("Ncat: Listening on {addr}\n"));
            }
            if verbose {
                tell_of(sys, from);
            }
            if !keep && sys.connect(fd, from).await.is_err() {
                return;
            }
        }
        if argv.is_empty() {
            let _ = sys.write(Fd::STDOUT, &message.data).await;
        } else {
            pump::run_on_datagram(sys, fd, argv, message.data, from);
        }
    }
}

/// The `telnet` program (busybox's texts): a plain connection.
pub async fn telnet(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let operands: Vec<&String> = args
        .iter()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let Some(host) = operands.first() else {
        return crate::usage::show(&sys, "telnet", None);
    };
    let port: u16 = operands.get(1).and_then(|p| p.parse().ok()).unwrap_or(23);
    let Ok(ip) = resolv::first(&sys, host, None).await else {
        sys.err(&format!("telnet: bad address '{host}'\n"));
        return 1;
    };
    match connect::tcp(&sys, SocketAddr::new(ip, port), LocalEnd::default()).await {
        Ok(fd) => {
            // Where it is no terminal, its own words wait in a buffer until the end.
            let buffered = !sys.is_tty(Fd::STDOUT);
            let greeting = format!("Connected to {host}\n");
            if !buffered {
                sys.out(&format!(
                    "{greeting}\nEntering character mode\nEscape character is '^]'.\n\n"
                ));
            }
            let rules = Rules::HALF_CLOSE;
            pump::carry(&sys, fd, rules).await;
            sys.err("EOF on read from foreign host\n");
            if buffered {
                sys.out(&greeting);
            }
            0
        }
        Err(error) => {
            sys.err(&format!(
                "telnet: can't connect to {}: {error}\n",
                connect::remote_host(ip)
            ));
            1
        }
    }
}
