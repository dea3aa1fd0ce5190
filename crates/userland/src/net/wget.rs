//! `wget`, as GNU and as busybox have it.

use super::connect::{self, From as LocalEnd};
use super::http::{Answer, Body, ReadError, Url};
use super::resolv;
use super::stream::Stream;
use crate::Flavour;
use crate::server::http::Calendar;
use kernel::Errno;
use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, SocketAddr};

const BUSYBOX_USAGE: &str = "BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP

	--spider	Only check URL existence: $? is 0 if exists
	--header STR	Add STR (of form 'header: value') to headers
	--post-data STR	Send STR using POST method
	--post-file FILE	Send FILE using POST method
	--no-check-certificate	Don't validate the server's certificate
	-c		Continue retrieval of aborted transfer
	-q		Quiet
	-P DIR		Save to DIR (default .)
	-S    		Show server response
	-T SEC		Network read timeout is SEC seconds
	-O FILE		Save to FILE ('-' for stdout)
	-o LOGFILE	Log messages to FILE
	-U STR		Use STR for User-Agent header
	-Y on/off	Use proxy
";

#[derive(Default)]
struct Options {
    quiet: bool,
    no_verbose: bool,
    show_server: bool,
    spider: bool,
    output: Option<String>,
    dir: Option<String>,
    agent: Option<String>,
    timeout: Option<Duration>,
    family: Option<kernel::sock::Family>,
    method: Option<String>,
    resume: bool,
    log: Option<String>,
    no_proxy: bool,
    source: Option<std::net::IpAddr>,
    tries: u32,
    headers: Vec<String>,
    post: Option<Vec<u8>>,
    urls: Vec<String>,
}

fn parse(sys: &Sys, args: &[String]) -> Result<Options, String> {
    let mut o = Options {
        tries: 20,
        ..Options::default()
    };
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        let Some(option) = word.strip_prefix('-').filter(|o| !o.is_empty()) else {
            o.urls.push(word.clone());
            continue;
        };
        if let Some(long) = option.strip_prefix('-') {
            let (key, value) = long
                .split_once('=')
                .map_or((long, None), |(k, v)| (k, Some(v.to_owned())));
            let mut value = || {
                value
                    .clone()
                    .or_else(|| rest.next().cloned())
                    .unwrap_or_default()
            };
            match key {
                "quiet" => o.quiet = true,
                "no-verbose" => o.no_verbose = true,
                "server-response" => o.show_server = true,
                "spider" => o.spider = true,
                "bind-address" => o.source = value().parse().ok(),
                "output-document" => o.output = Some(value()),
                "directory-prefix" => o.dir = Some(value()),
                "user-agent" => o.agent = Some(value()),
                "timeout" | "connect-timeout" | "read-timeout" | "dns-timeout" => {
                    o.timeout = value().parse().ok().map(Duration::from_secs);
                }
                "tries" => o.tries = value().parse().unwrap_or(20),
                "header" => o.headers.push(value()),
                "post-data" => o.post = Some(value().into_bytes()),
                "post-file" => o.post = sys.read_file(&value()).ok().map(|d| d.to_vec()),
                "method" => o.method = Some(value()),
                "body-data" => o.post = Some(value().into_bytes()),
                "inet4-only" => o.family = Some(kernel::sock::Family::V4),
                "inet6-only" => o.family = Some(kernel::sock::Family::V6),
                "output-file" => o.log = Some(value()),
                "referer" => o.headers.push(format!("Referer: {}", value())),
                "continue" => o.resume = true,
                "no-proxy" => o.no_proxy = true,
                "input-file" => add_list(sys, &value(), &mut o.urls),
                "no-check-certificate" | "no-cache" | "no-hsts" | "no-cookies" => {}
                // A name and a password are only told to who asks for them.
                "waitretry" | "wait" | "progress" | "user" | "password" | "http-user"
                | "http-password" => drop(value()),
                _ => return Err(word.clone()),
            }
            continue;
        }
        let mut letters = option.chars();
        while let Some(letter) = letters.next() {
            let mut value = |letters: &mut std::str::Chars<'_>| {
                let attached = letters.as_str().to_owned();
                *letters = "".chars();
                if attached.is_empty() {
                    rest.next().cloned().unwrap_or_default()
                } else {
                    attached
                }
            };
            match letter {
                'q' => o.quiet = true,
                'S' => o.show_server = true,
                'O' => o.output = Some(value(&mut letters)),
                'P' => o.dir = Some(value(&mut letters)),
                'U' => o.agent = Some(value(&mut letters)),
                'T' => o.timeout = value(&mut letters).parse().ok().map(Duration::from_secs),
                't' => o.tries = value(&mut letters).parse().unwrap_or(20),
                'Y' => o.no_proxy = value(&mut letters) == "off",
                'o' => o.log = Some(value(&mut letters)),
                'i' => add_list(sys, &value(&mut letters), &mut o.urls),
                'n' if letters.as_str().starts_with('v') => {
                    o.no_verbose = true;
                    letters.next();
                }
                'c' => o.resume = true,
                '4' => o.family = Some(kernel::sock::Family::V4),
                '6' => o.family = Some(kernel::sock::Family::V6),
                other => return Err(format!("-{other}")),
            }
        }
    }
    Ok(o)
}

/// Adds the addresses that stand in a file.
fn add_list(sys: &Sys, path: &str, urls: &mut Vec<String>) {
    match sys.read_text(path) {
        Ok(text) => urls.extend(text.lines().filter(|l| !l.is_empty()).map(str::to_owned)),
        Err(error) => sys.err(&format!("{path}: {error}\nNo URLs found in {path}.\n")),
    }
}

/// Whether GNU wget knows an option that is left out here. Source: wget(1) of 1.25.
fn is_known(option: &str) -> bool {
    const LETTERS: &str = "VhbeadviFBjNxlrRAkKmpHLDEIXnQwcio46";
    const NAMES: &str = "version help background execute output-file append-output debug verbose report-speed input-file \
force-html base config no-config rejected-log retry-connrefused retry-on-host-error retry-on-http-error no-clobber \
no-netrc start-pos progress show-progress timestamping no-if-modified-since no-use-server-timestamps wait waitretry \
random-wait quota limit-rate no-dns-cache restrict-file-names ignore-case inet4-only inet6-only prefer-family user \
password ask-password use-askpass no-iri local-encoding remote-encoding unlink xattr no-directories force-directories \
no-host-directories protocol-directories cut-dirs http-user http-password default-page adjust-extension ignore-length \
compression max-redirect proxy-user proxy-password referer save-headers no-http-keep-alive no-cookies load-cookies \
save-cookies keep-session-cookies method body-data body-file content-disposition content-on-error \
trust-server-names auth-no-challenge secure-protocol https-only ca-certificate certificate ciphers crl-file hsts-file \
no-hsts ftp-user no-passive-ftp preserve-permissions no-remove-listing no-glob warc-file recursive level delete-after \
convert-links convert-file-only backups backup-converted mirror page-requisites strict-comments accept reject \
accept-regex reject-regex regex-type domains exclude-domains follow-ftp follow-tags ignore-tags span-hosts relative \
include-directories exclude-directories no-parent";
    match option.strip_prefix("--") {
        Some(name) => {
            let name = name.split('=').next().unwrap_or_default();
            NAMES.split(' ').any(|known| known == name)
        }
        None => option
            .trim_start_matches('-')
            .chars()
            .all(|letter| LETTERS.contains(letter)),
    }
}

/// The `wget` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    if flavour == Flavour::Gnu
        && matches!(args.get(1).map(String::as_str), Some("--version" | "-V"))
    {
        sys.out("GNU Wget 1.25.0 built on linux-gnu.\n");
        return 0;
    }
    let options = match parse(&sys, &args) {
        Ok(options) => options,
        Err(option) if flavour == Flavour::Busybox && option == "--help" => {
            sys.err(BUSYBOX_USAGE);
            return 0;
        }
        Err(option) if flavour == Flavour::Busybox => {
            let text = match option.strip_prefix("--") {
                Some(_) => format!("unrecognized option '{option}'"),
                None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
            };
            sys.err(&format!("wget: {text}\n{BUSYBOX_USAGE}"));
            return 1;
        }
        Err(option) if is_known(&option) => {
            return crate::not_modelled(&sys, "wget", &option);
        }
        Err(option) => {
            let what = match option.strip_prefix("--") {
                Some(name) => format!(
                    "unrecognized option '--{}'",
                    name.split('=').next().unwrap_or_default()
                ),
                None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
            };
            sys.err(&format!("wget: {what}\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"));
            return 2;
        }
    };
    if options.urls.is_empty() {
        let text = if flavour == Flavour::Gnu {
            "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"
        } else {
            BUSYBOX_USAGE
        };
        sys.err(text);
        return 1;
    }
    if let Some(path) = options.output.as_deref()
        && flavour == Flavour::Gnu
        && path != "-"
        && let Err(error) = sys.open(path, OpenOptions::APPEND).map(|fd| sys.close(fd))
    {
        sys.err(&format!("{path}: {error}\n"));
        return 1;
    }
    let mut code =
        i32::from(flavour == Flavour::Gnu && options.urls.iter().all(|u| Url::parse(u).is_err()));
    for text in &options.urls {
        let gnu = flavour == Flavour::Gnu;
        let log = options
            .log
            .as_deref()
            .and_then(|path| sys.open(path, OpenOptions::WRITE).ok());
        let wget = Wget {
            sys: &sys,
            o: &options,
            gnu,
            log: log.unwrap_or(Fd::STDERR),
        };
        let Ok(url) = Url::parse(text) else {
            let said = if gnu {
                format!("{text}: Invalid host name.\n")
            } else {
                format!("wget: bad address '{text}'\n")
            };
            let code = wget.fail(&said);
            if gnu {
                continue;
            }
            return code;
        };
        match wget.get(url).await {
            Ok(()) => {}
            Err(status) if flavour == Flavour::Gnu => code = status,
            Err(status) => return status,
        }
    }
    code
}

struct Wget<'a> {
    sys: &'a Sys,
    o: &'a Options,
    gnu: bool,
    /// Where messages go.
    log: Fd,
}

impl Wget<'_> {
    /// What is said unless `-q`.
    fn say(&self, text: &str) {
        if !(self.o.quiet || (self.gnu && self.o.no_verbose)) {
            self.sys.print(self.log, text.as_bytes());
        }
    }

    /// busybox ends with a message whether quiet or not.
    fn fail(&self, text: &str) -> i32 {
        if !(self.gnu && self.o.quiet) {
            self.sys.print(self.log, text.as_bytes());
        }
        1
    }

    async fn get(&self, mut url: Url) -> Result<(), i32> {
        let timeout = self.o.timeout.unwrap_or(Duration::from_secs(900));
        for _ in 0..20 {
            if !matches!(url.scheme.as_str(), "http" | "https" | "ftp") {
                return Err(self.fail(&if self.gnu {
                    format!("{url}: Unsupported scheme.\n").replace("/: ", ": ")
                } else {
                    format!(
                        "wget: not an http or ftp url: {}\n",
                        url.to_string().trim_end_matches('/')
                    )
                }));
            }
            if url.scheme != "http" {
                // Whether anybody listens there is seen all the same.
                self.connect(&url, timeout, 1).await?;
                if self.gnu {
                    self.say(&format!(
                        "wget: {} is not modelled in Drydock, only http is\n",
                        url.scheme
                    ));
                    return Err(4);
                }
                return Err(self.fail(&format!(
                    "wget: {} is not modelled in Drydock, only http is\n",
                    url.scheme
                )));
            }
            let Some(next) = self.once(&url, timeout).await? else {
                return Ok(());
            };
            url = url.join(&next).ok().ok_or(1)?;
        }
        Err(self.fail("wget: too many redirections\n"))
    }

    fn stamp(&self) -> String {
        let c = Calendar::now(self.sys);
        format!("{}-{:02}-{:02} {}", c.year, c.month, c.day, c.clock())
    }

    /// The proxy that the environment names, unless it is not to be used.
    fn proxy(&self) -> Option<Url> {
        let named = self
            .sys
            .env("http_proxy")
            .filter(|text| !text.is_empty() && !self.o.no_proxy)?;
        Url::parse(&named).ok()
    }

    async fn connect(&self, to: &Url, timeout: Duration, attempt: u32) -> Result<Stream, i32> {
        let proxy = self.proxy();
        let url = proxy.as_ref().unwrap_or(to);
        let host = &url.host;
        let literal = host.parse::<IpAddr>().is_ok();
        if self.gnu {
            if self.o.spider {
                self.say("Spider mode enabled. Check if remote file exists.\n");
            }
            let again = if attempt > 1 {
                format!("(try:{attempt:2})  ")
            } else {
                String::new()
            };
            self.say(&format!("--{}--  {again}{to}\n", self.stamp()));
            if !literal {
                self.say(&format!("Resolving {host} ({host})... "));
            }
        }
        let found = match resolv::lookup(self.sys, host, self.o.family).await {
            Ok(found) if self.gnu => found.addresses,
            // busybox takes one address, an IPv4 one if there is any.
            Ok(found) => resolv::preferred(&found.addresses).into_iter().collect(),
            Err(_) if !self.gnu => {
                // It looks up what stands in the address, the port with it.
                let port = if url.explicit_port {
                    format!(":{}", url.port)
                } else {
                    String::new()
                };
                return Err(self.fail(&format!("wget: bad address '{host}{port}'\n")));
            }
            Err(error) => {
                self.say(&format!(
                    "failed: {}.\nwget: unable to resolve host address {}\n",
                    error.text(),
                    crate::args::quote(self.sys, host)
                ));
                return Err(4);
            }
        };
        if self.gnu && !literal {
            let list: Vec<String> = found.iter().map(ToString::to_string).collect();
            self.say(&format!("{}\n", list.join(", ")));
        }
        let mut last = Errno::EHOSTUNREACH;
        let mut address = None;
        for ip in &found {
            let to = SocketAddr::new(*ip, url.port);
            address.get_or_insert(*ip);
            if self.gnu {
                let name = if literal {
                    ip.to_string()
                } else {
                    format!("{host} ({host})|{ip}|")
                };
                self.say(&format!("Connecting to {name}:{}... ", url.port));
            } else {
                self.say(&format!("Connecting to {} ({to})\n", url.host_header()));
            }
            let from = LocalEnd {
                source: self.o.source,
                ..LocalEnd::default()
            };
            match connect::tcp_within(self.sys, to, from, Some(timeout)).await {
                Ok(fd) => {
                    if self.gnu {
                        self.say("connected.\n");
                    }
                    return Ok(Stream::new(self.sys, fd));
                }
                Err(error) => {
                    if self.gnu {
                        self.say(&format!("failed: {error}.\n"));
                    }
                    last = error;
                }
            }
        }
        if self.gnu {
            // Only what may pass is tried again, after a little longer each time.
            if last == Errno::ETIMEDOUT {
                if attempt < self.o.tries || self.o.tries == 0 {
                    self.say("Retrying.\n\n");
                    let _ = self
                        .sys
                        .sleep(Duration::from_secs(u64::from(attempt.min(10))))
                        .await;
                    return Box::pin(self.connect(to, timeout, attempt + 1)).await;
                }
                self.say("Giving up.\n\n");
            }
            return Err(4);
        }
        if last == Errno::ETIMEDOUT && self.o.timeout.is_some() {
            return Err(self.fail("wget: download timed out\n"));
        }
        let at = address.map(|ip| ip.to_string()).unwrap_or_default();
        Err(self.fail(&format!(
            "wget: can't connect to remote host ({at}): {last}\n"
        )))
    }

    /// One request; where the answer sends to, if it does.
    async fn once(&self, url: &Url, timeout: Duration) -> Result<Option<String>, i32> {
        let mut stream = self.connect(url, timeout, 1).await?;
        if self.gnu {
            let proxied = if self.proxy().is_some() {
                "Proxy"
            } else {
                "HTTP"
            };
            self.say(&format!("{proxied} request sent, awaiting response... "));
        }
        let method = match (&self.o.method, &self.o.post) {
            (Some(method), _) => method.as_str(),
            (None, Some(_)) => "POST",
            // busybox reads the head of an ordinary answer.
            (None, None) if self.o.spider && self.gnu => "HEAD",
            _ => "GET",
        };
        let agent = self.o.agent.clone().unwrap_or_else(|| {
            if self.gnu {
                "Wget/1.25.0".into()
            } else {
                "Wget".into()
            }
        });
        let mut text = format!(
            "{method} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {agent}\r\n",
            if self.proxy().is_some() {
                url.to_string()
            } else {
                url.target.clone()
            },
            url.host_header()
        );
        if self.gnu {
            text.push_str("Accept: */*\r\nAccept-Encoding: identity\r\n");
        }
        text.push_str(if self.gnu {
            "Connection: Keep-Alive\r\n"
        } else {
            "Connection: close\r\n"
        });
        let held = self.held();
        if held > 0 {
            text.push_str(&format!("Range: bytes={held}-\r\n"));
        }
        self.o
            .headers
            .iter()
            .for_each(|h| text.push_str(&format!("{h}\r\n")));
        if let Some(post) = &self.o.post {
            text.push_str(&format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                post.len()
            ));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(self.o.post.as_deref().unwrap_or_default());
        let _ = stream.write(&bytes).await;
        let answer = match self.sys.timeout(timeout, Answer::read(&mut stream)).await {
            Some(Ok(answer)) => answer,
            None if !self.gnu => return Err(self.fail("wget: download timed out\n")),
            None => {
                self.say("Read error (Connection timed out) in headers.\nGiving up.\n\n");
                return Err(4);
            }
            Some(Err(error)) => return Err(self.unreadable(error)),
        };
        let words = answer.status_line.split_once(' ').map_or("", |(_, w)| w);
        if self.gnu {
            self.say(&format!("{words}\n"));
        }
        if self.o.show_server {
            let head: String = answer.text().lines().map(|l| format!("  {l}\n")).collect();
            if self.gnu {
                self.say(&format!("{}\n", head.trim_end_matches([' ', '\n'])));
            } else {
                self.sys.err(&head);
            }
        }
        if answer.status / 100 == 3
            && let Some(location) = answer.header("Location")
        {
            if self.gnu {
                self.say(&format!("Location: {location} [following]\n"));
            }
            return Ok(Some(location.to_owned()));
        }
        if answer.status == 416 && self.gnu && held > 0 {
            self.say("\n    The file is already fully retrieved; nothing to do.\n\n");
            return Ok(None);
        }
        if answer.status / 100 != 2 {
            if self.gnu && self.o.spider && answer.status == 404 {
                self.say("Remote file does not exist -- broken link!!!\n\n");
                return Err(8);
            }
            if self.gnu && self.o.no_verbose && !self.o.quiet {
                self.sys.print(
                    self.log,
                    format!(
                        "{url}:\n{} ERROR {}.\n",
                        self.stamp(),
                        words.replacen(' ', ": ", 1)
                    )
                    .as_bytes(),
                );
                return Err(8);
            }
            if self.gnu {
                self.say(&format!(
                    "{} ERROR {}.\n\n",
                    self.stamp(),
                    words.replacen(' ', ": ", 1)
                ));
                return Err(8);
            }
            return Err(self.fail(&format!(
                "wget: server returned error: {}\n",
                answer.status_line
            )));
        }
        if self.o.spider {
            if self.gnu {
                let kind = answer.header("Content-Type").unwrap_or_default();
                let length = answer.header("Content-Length").unwrap_or("unspecified");
                let found = if kind.starts_with("text/html") {
                    "Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n"
                } else {
                    "Remote file exists.\n\n"
                };
                if self.o.no_verbose && !self.o.quiet {
                    self.sys.print(
                        self.log,
                        format!("{} URL: {url} {words}\n", self.stamp()).as_bytes(),
                    );
                }
                self.say(&format!("Length: {length} [{kind}]\n{found}"));
            } else {
                self.say("remote file exists\n");
            }
            return Ok(None);
        }
        self.save(url, &answer, answer.body(method), &mut stream, timeout)
            .await
            .map(|()| None)
    }

    fn unreadable(&self, error: ReadError) -> i32 {
        if !self.gnu {
            let text = match error {
                ReadError::Net(error) => format!("wget: error getting response: {error}\n"),
                _ => "wget: error getting response\n".to_owned(),
            };
            return self.fail(&text);
        }
        let text = match error {
            ReadError::NotHttp => "200 No headers, assuming HTTP/0.9\n".to_owned(),
            ReadError::Net(error) => format!("Read error ({error}) in headers.\n"),
            _ => "No data received.\n".to_owned(),
        };
        self.say(&text);
        4
    }

    /// The file that is written.
    fn name(&self, url: &Url) -> String {
        if let Some(path) = &self.o.output {
            return path.clone();
        }
        let file = Some(url.file_name())
            .filter(|f| !f.is_empty())
            .unwrap_or("index.html");
        match &self.o.dir {
            Some(dir) => format!("{}/{file}", dir.trim_end_matches('/')),
            None => file.to_owned(),
        }
    }

    /// How many bytes of it are there already, if that counts.
    fn held(&self) -> usize {
        match &self.o.output {
            _ if !self.o.resume => 0,
            Some(path) => self.sys.read_file(path).map_or(0, |data| data.len()),
            None if self.gnu => {
                let urls = self.o.urls.first().and_then(|text| Url::parse(text).ok());
                urls.and_then(|url| self.sys.read_file(&self.name(&url)).ok())
                    .map_or(0, |data| data.len())
            }
            None => 0,
        }
    }

    async fn save(
        &self,
        url: &Url,
        answer: &Answer,
        mut body: Body,
        stream: &mut Stream,
        timeout: Duration,
    ) -> Result<(), i32> {
        let mut name = self.name(url);
        let standard = name == "-";
        let taken = self.o.output.is_none() && !self.o.resume && self.sys.exists(&name);
        if taken && !self.gnu {
            let error = Errno::EEXIST;
            return Err(self.fail(&format!("wget: can't open '{name}': {error}\n")));
        }
        if taken {
            let free = (1..)
                .map(|n| format!("{name}.{n}"))
                .find(|name| !self.sys.exists(name));
            name = free.unwrap_or(name);
        }
        if let Some(dir) = self
            .o
            .dir
            .as_ref()
            .filter(|_| self.gnu && self.o.output.is_none())
        {
            let _ = self
                .sys
                .make_node(dir.trim_end_matches('/'), kernel::fs::Node::Dir, 0o755);
        }
        let fd = if standard {
            Fd::STDOUT
        } else {
            match self.sys.open(&name, OpenOptions::WRITE) {
                Ok(fd) => fd,
                Err(error) if self.gnu => {
                    return Err(self.fail(&format!("{name}: {error}\n")));
                }
                Err(error) => {
                    return Err(self.fail(&format!("wget: can't open '{name}': {error}\n")));
                }
            }
        };
        let expected = if let Body::Length(n) = body {
            Some(n)
        } else {
            None
        };
        let kind = answer.header("Content-Type").unwrap_or_default().to_owned();
        if self.gnu {
            let length = expected.map_or("unspecified".to_owned(), |n| n.to_string());
            let shown = crate::args::quote(self.sys, if standard { "STDOUT" } else { &name });
            self.say(&format!(
                "Length: {length} [{kind}]\nSaving to: {shown}\n\n"
            ));
        } else if standard {
            self.say("writing to stdout\n");
        } else {
            self.say(&format!("saving to '{name}'\n"));
        }
        let mut received = 0u64;
        let result = loop {
            match self.sys.timeout(timeout, body.next(stream)).await {
                Some(Ok(Some(piece))) => {
                    received += piece.len() as u64;
                    if self.sys.write(fd, &piece).await.is_err() {
                        break Err("wget: write error\n".to_owned());
                    }
                }
                Some(Ok(None)) => break Ok(()),
                Some(Err(ReadError::Net(error))) => {
                    break Err(format!("wget: read error: {error}\n"));
                }
                Some(Err(_)) => break Err("wget: connection closed prematurely\n".to_owned()),
                None => break Err("wget: download timed out\n".to_owned()),
            }
        };
        if !standard {
            self.sys.close(fd);
        }
        if let Err(text) = result {
            return Err(self.fail(&text));
        }
        if self.gnu {
            let of = expected.map_or_else(|| received.to_string(), |n| format!("{received}/{n}"));
            if self.o.no_verbose && !self.o.quiet {
                let line = format!("{} URL:{url} [{of}] -> \"{name}\" [1]\n", self.stamp());
                self.sys.print(self.log, line.as_bytes());
            }
            let verb = if standard {
                "written to stdout".to_owned()
            } else {
                format!("{} saved", crate::args::quote(self.sys, &name))
            };
            self.say(&format!(
                "     0K {:54}100%    0=0s\n\n{} (0 B/s) - {verb} [{of}]\n\n",
                "",
                self.stamp()
            ));
            return Ok(());
        }
        let short: String = name
            .rsplit('/')
            .next()
            .unwrap_or(&name)
            .chars()
            .take(20)
            .collect();
        let bar = format!(
            "{short:<20} 100% |{}| {received:>5}  0:00:00 ETA\n",
            "*".repeat(32)
        );
        self.say(&bar);
        self.say(&if standard {
            "written to stdout\n".to_owned()
        } else {
            format!("'{name}' saved\n")
        });
        Ok(())
    }
}
