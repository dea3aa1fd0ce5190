//! Getting to the server, or to the proxy: names, addresses, the local end, and what `-v` tells of that.

use super::transfer::{Failure, Stage, Transfer};
use crate::net::connect::{self, Attempt, From as LocalEnd};
use crate::net::http::Url;
use crate::net::resolv;
use kernel::Errno;
use kernel::net::RouteQuery;
use kernel::process::files::Fd;
use kernel::sock::Family;
use kernel::sys::Sys;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What a proxy's address leaves out. Source: measured with curl 8.22.
const PROXY_PORT: u16 = 80;

/// Where to connect to, and on whose behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    pub(super) host: String,
    pub(super) port: u16,
    /// Whether that is a proxy.
    pub(super) proxy: bool,
    /// What stands after the address in the sentence about failure: ` via ..`, ` over proxy ..`.
    way: String,
    /// What that sentence calls the destination.
    called: String,
}

impl Destination {
    /// What the messages about the kept connection call it.
    pub(super) fn name(&self, url: &Url) -> String {
        if self.proxy {
            format!("{}:{}", self.host, self.port)
        } else {
            format!("{}:{}", url.host, url.port)
        }
    }

    /// The server of an address, what `--connect-to` puts in its place, or the proxy.
    pub(super) fn of(transfer: &Transfer<'_>, url: &Url) -> Result<Self, Failure> {
        let called = format!("{}:{}", url.host, url.port);
        if let Some(path) = &transfer.options.unix_socket {
            return Ok(Self {
                host: url.host.clone(),
                port: url.port,
                proxy: false,
                way: format!(" over unix://{path}"),
                called,
            });
        }
        if let Some(proxy) = proxy_for(transfer, url) {
            let scheme = proxy.split_once("://").map_or("http", |(scheme, _)| scheme);
            if scheme != "http" {
                let what = match scheme {
                    "https" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
                        crate::not_modelled!("curl", "a proxy of the kind {}", scheme)
                    }
                    _ => format!("Unsupported proxy scheme for '{proxy}'"),
                };
                return Err((7, what));
            }
            let parsed = Url::parse(&proxy)
                .ok()
                .ok_or_else(|| (5, format!("Unsupported proxy syntax in '{proxy}'")))?;
            let port = if parsed.explicit_port {
                parsed.port
            } else {
                PROXY_PORT
            };
            return Ok(Self {
                way: format!(" over proxy {}", parsed.host),
                called: format!("{}:{port}", parsed.host),
                host: parsed.host,
                port,
                proxy: true,
            });
        }
        for entry in &transfer.options.connect_to {
            let parts: Vec<&str> = entry.splitn(4, ':').collect();
            let [host, port, to_host, to_port] = parts.as_slice() else {
                continue;
            };
            let fits = (host.is_empty() || host.eq_ignore_ascii_case(&url.host))
                && (port.is_empty() || port.parse() == Ok(url.port));
            if fits {
                let host = if to_host.is_empty() {
                    url.host.clone()
                } else {
                    (*to_host).to_owned()
                };
                let port = to_port.parse().unwrap_or(url.port);
                return Ok(Self {
                    way: format!(" via {host}:{port}"),
                    called,
                    host,
                    port,
                    proxy: false,
                });
            }
        }
        Ok(Self {
            host: url.host.clone(),
            port: url.port,
            proxy: false,
            way: String::new(),
            called,
        })
    }
}

/// The proxy of `-x` or of the environment, unless the host is excepted. Source: curl(1), "ENVIRONMENT"; in the
/// environment only the small letters of `http_proxy` count.
fn proxy_for(transfer: &Transfer<'_>, url: &Url) -> Option<String> {
    let (sys, options) = (transfer.sys, transfer.options);
    let either = |small: &str| {
        sys.env(small)
            .or_else(|| sys.env(&small.to_ascii_uppercase()))
    };
    let excepted = options.no_proxy.clone().or_else(|| either("no_proxy"));
    if excepted.is_some_and(|list| is_excepted(&list, &url.host)) {
        return None;
    }
    let proxy = options
        .proxy
        .clone()
        .or_else(|| match url.scheme.as_str() {
            "http" => sys.env("http_proxy").or_else(|| either("all_proxy")),
            "https" => either("https_proxy").or_else(|| either("all_proxy")),
            _ => None,
        })?;
    (!proxy.is_empty()).then_some(proxy)
}

/// Whether a list such as `localhost,.example.test,10.0.0.0/8` names a host.
fn is_excepted(list: &str, host: &str) -> bool {
    let ip: Option<IpAddr> = host.parse().ok();
    list.split([',', ' '])
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            if entry == "*" || entry.eq_ignore_ascii_case(host) {
                return true;
            }
            match ip {
                Some(ip) => entry
                    .parse::<ipnet::IpNet>()
                    .is_ok_and(|net| net.contains(&ip)),
                None => {
                    let domain = entry.trim_start_matches('.').to_ascii_lowercase();
                    host.to_ascii_lowercase()
                        .strip_suffix(&domain)
                        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
                }
            }
        })
}

impl Transfer<'_> {
    /// Finds the addresses and connects to one of them, within `--connect-timeout`.
    pub(super) async fn dial(&mut self, to: &Destination) -> Result<Fd, Failure> {
        let begun = self.sys.now();
        let limit = self.options.connect_timeout;
        let sys = self.sys;
        let outcome = match limit {
            Some(limit) => sys.timeout(limit, self.resolve_and_connect(to)).await,
            None => Some(self.resolve_and_connect(to).await),
        };
        outcome.unwrap_or_else(|| {
            let ms = (sys.now() - begun).as_millis();
            let what = if self.stage == Stage::Resolving {
                "Resolving"
            } else {
                "Connection"
            };
            Err((28, format!("{what} timed out after {ms} milliseconds")))
        })
    }

    /// Connects to the socket at a path; there is nothing to wait for.
    fn connect_local(&mut self, to: &Destination, path: &str) -> Result<Fd, Failure> {
        self.report.resolved = Some(self.elapsed());
        self.note(&format!("  Trying {path}:0..."));
        match self.sys.connect_local(path) {
            Ok(fd) => {
                self.report.connected = Some(self.elapsed());
                self.report.connects += 1;
                self.note(&format!(
                    "Established connection to {path} ({path} port 0) from  port 0 "
                ));
                self.stage = Stage::Transferring;
                Ok(fd)
            }
            Err(error) => {
                self.note(&format!("Immediate connect fail for {path}: {error}"));
                self.note(&format!(
                    "connect to {path} port 0 from  port 0 failed: {error}"
                ));
                Err(self.not_connected(to, self.sys.now(), false))
            }
        }
    }

    async fn resolve_and_connect(&mut self, to: &Destination) -> Result<Fd, Failure> {
        if let Some(path) = self.options.unix_socket.clone() {
            return self.connect_local(to, &path);
        }
        self.stage = Stage::Resolving;
        let bare = to.host.split('%').next().unwrap_or(&to.host);
        let literal = bare.parse::<IpAddr>().is_ok();
        let addresses = self.resolve(to).await?;
        self.report.resolved = Some(self.elapsed());
        self.stage = Stage::Connecting;
        if !literal {
            self.tell_addresses(to, &addresses);
        }
        let targets: Vec<SocketAddr> = addresses
            .iter()
            .map(|ip| SocketAddr::new(*ip, to.port))
            .collect();
        let begun = self.sys.now();
        let Some(from) = self.local_end(&to.host) else {
            let device = self.options.interface.as_deref().unwrap_or_default();
            if let Some(first) = targets.first() {
                self.note(&format!("  Trying {first}..."));
                self.note(&format!(
                    "Could not bind to '{device}' with errno 19: No such device"
                ));
                let (ip, port) = (first.ip(), first.port());
                self.note(&format!(
                    "connect to {ip} port {port} from  port 0 failed: Success"
                ));
            }
            return Err(self.not_connected(to, begun, true));
        };
        let (sys, verbose) = (self.sys, self.options.verbose);
        let watch = |attempt: Attempt| -> connect::Told<'_> {
            Box::pin(async move {
                if verbose {
                    sys.err(&told(attempt));
                }
            })
        };
        match connect::happy(sys, &targets, from, &watch).await {
            Ok((fd, remote)) => {
                self.report.connected = Some(self.elapsed());
                self.report.connects += 1;
                self.report.remote = Some(remote);
                self.report.local = sys.local_addr(fd).ok();
                if let Some(local) = self.report.local {
                    let name = if literal {
                        remote.ip().to_string()
                    } else {
                        to.host.clone()
                    };
                    self.note(&format!(
                        "Established connection to {name} ({} port {}) from {} port {} ",
                        remote.ip(),
                        to.port,
                        local.ip(),
                        local.port()
                    ));
                }
                self.stage = Stage::Transferring;
                Ok(fd)
            }
            Err(failures) => {
                let binding = from.source.is_some()
                    && failures.iter().any(|(_, e)| *e == Errno::EADDRNOTAVAIL);
                Err(self.not_connected(to, begun, binding))
            }
        }
    }

    fn not_connected(
        &self,
        to: &Destination,
        begun: kernel::time::Instant,
        binding: bool,
    ) -> Failure {
        let ms = (self.sys.now() - begun).as_millis();
        let (code, why) = if binding {
            (45, "Failed binding local connection end")
        } else {
            (7, "Could not connect to server")
        };
        let text = format!(
            "Failed to connect to {}{} after {ms} ms: {why}",
            to.called, to.way
        );
        self.note(&text);
        self.note("closing connection #0");
        (code, text)
    }

    fn tell_addresses(&self, to: &Destination, addresses: &[IpAddr]) {
        let of = |v4: bool| {
            let list: Vec<String> = addresses
                .iter()
                .filter(|a| a.is_ipv4() == v4)
                .map(ToString::to_string)
                .collect();
            if list.is_empty() {
                "(none)".to_owned()
            } else {
                list.join(", ")
            }
        };
        self.note(&format!("Host {}:{} was resolved.", to.host, to.port));
        self.note(&format!("IPv6: {}", of(false)));
        self.note(&format!("IPv4: {}", of(true)));
    }

    async fn resolve(&self, to: &Destination) -> Result<Vec<IpAddr>, Failure> {
        let (host, port) = (to.host.as_str(), to.port);
        let wanted = |ip: &IpAddr| self.options.family.is_none_or(|f| Family::of(*ip) == f);
        for entry in &self.options.resolve {
            let Some((name, at, list)) = resolve_entry(entry) else {
                continue;
            };
            if (name == "*" || name.eq_ignore_ascii_case(host)) && at == port {
                self.note(&format!("Hostname {host} was found in DNS cache"));
                return Ok(list.into_iter().filter(wanted).collect());
            }
        }
        if host.eq_ignore_ascii_case("localhost") {
            // libcurl knows this name by itself (hostip.c).
            let both = [
                IpAddr::V6(Ipv6Addr::LOCALHOST),
                IpAddr::V4(Ipv4Addr::LOCALHOST),
            ];
            return Ok(both.into_iter().filter(wanted).collect());
        }
        // A zone is no part of the address; one that is not there is taken for none.
        let bare = host.split('%').next().unwrap_or(host);
        if let Ok(literal) = bare.parse() {
            return Ok(vec![literal]);
        }
        let found = match self.options.family {
            None => resolv::lookup_each(self.sys, host).await,
            family => resolv::lookup(self.sys, host, family).await,
        };
        match found {
            Ok(found) => Ok(found.addresses),
            Err(_) => {
                let what = if to.proxy { "proxy" } else { "host" };
                let text = format!("Could not resolve {what}: {host}");
                // libcurl says so once for each family's thread, then for the connection.
                self.note(&text);
                self.note(&text);
                self.note(&format!("Could not resolve: {host}:{port}"));
                self.note("closing connection #0");
                Err((if to.proxy { 5 } else { 6 }, text))
            }
        }
    }

    /// The local end that options ask for; none if there is no such device.
    fn local_end(&self, host: &str) -> Option<LocalEnd> {
        let zone = host.replacen("%25", "%", 1);
        // Without a zone, such an address is on the link of its route.
        let on_route = || {
            let bare = zone.split('%').next()?;
            let to = bare.parse().ok().filter(|ip| resolv::is_of_a_link(*ip))?;
            let ns = self.sys.netns();
            let route = self.sys.kernel(|k| k.route_get(ns, &RouteQuery::to(to)));
            Some(route.ok()?.link)
        };
        let zoned = resolv::zoned(self.sys, &zone).map(|(_, device)| device);
        let mut from = LocalEnd {
            device: zoned.or_else(on_route),
            ..LocalEnd::default()
        };
        if let Some(text) = &self.options.interface {
            let name = text
                .strip_prefix("if!")
                .or_else(|| text.strip_prefix("host!"))
                .unwrap_or(text);
            from = LocalEnd::parse(self.sys, name)?;
        }
        from.port = self.options.local_port;
        Some(from)
    }
}

/// `HOST:PORT:ADDRESS[,ADDRESS]..` of `--resolve`.
fn resolve_entry(entry: &str) -> Option<(&str, u16, Vec<IpAddr>)> {
    let mut parts = entry.trim_start_matches('+').splitn(3, ':');
    let (name, port, list) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let addresses: Option<Vec<IpAddr>> = list
        .split(',')
        .map(|address| address.trim_matches(['[', ']']).parse().ok())
        .collect();
    Some((name, port, addresses?))
}

/// Checks the entries of `--resolve`, and tells of them under `-v`.
///
/// # Errors
/// Number 49, for the first that makes no sense.
pub(super) fn seed_names(sys: &Sys, entries: &[String], verbose: bool) -> Result<(), Failure> {
    for entry in entries.iter().filter(|entry| !entry.starts_with('-')) {
        if resolve_entry(entry).is_none() {
            return Err((
                49,
                format!("Could not parse CURLOPT_RESOLVE entry '{entry}'"),
            ));
        }
        if verbose {
            sys.err(&format!(
                "* [DNS] added {} to cache\n",
                entry.trim_start_matches('+')
            ));
        }
    }
    Ok(())
}

/// What `-v` says of an attempt.
fn told(attempt: Attempt) -> String {
    match attempt {
        Attempt::Trying(to) => format!("*   Trying {to}...\n"),
        Attempt::Failed { to, local, error } => {
            let (ip, port) = (to.ip(), to.port());
            if error == Errno::EADDRNOTAVAIL && local.is_none() {
                return format!(
                    "* bind failed with errno 99: {error}\n* connect to {ip} port {port} from  port 0 failed: Success\n"
                );
            }
            let local = local.unwrap_or(SocketAddr::new(
                if to.is_ipv4() {
                    Ipv4Addr::UNSPECIFIED.into()
                } else {
                    Ipv6Addr::UNSPECIFIED.into()
                },
                0,
            ));
            format!(
                "* connect to {ip} port {port} from {} port {} failed: {error}\n",
                local.ip(),
                local.port()
            )
        }
    }
}
