//! Small web servers of well-known images: Apache's page, traefik/whoami, node_exporter, `python3 -m http.server`.

use super::http::{NoRequest, Request, access_time, media_type};
use super::listen;
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sock::Family;
use kernel::sys::Sys;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// An answer.
struct Page {
    status: &'static str,
    kind: &'static str,
    body: Vec<u8>,
}

impl Page {
    fn html(status: &'static str, body: String) -> Self {
        Self {
            status,
            kind: "text/html",
            body: body.into_bytes(),
        }
    }
}

/// Makes the page for a request from a client; the server's own address comes last.
type MakePage = fn(&Sys, &Request, SocketAddr, SocketAddr) -> Page;

/// Makes the access log's line, and says where it goes.
type MakeLog = fn(&Sys, &Request, SocketAddr, &Page) -> Option<(Fd, String)>;

/// What differs between these servers.
struct Site {
    /// The `Server:` header, if it sends one.
    name: &'static str,
    page: MakePage,
    log: MakeLog,
}

async fn serve(sys: &Sys, addr: SocketAddr, site: Site) -> Result<(), Errno> {
    let fd = listen::tcp(sys, addr, false, 511)?;
    sys.ignore(Signal::PIPE);
    let site = Rc::new(site);
    let task = sys.clone();
    sys.spawn_task(async move {
        listen::serve(&task, fd, |sys, fd, from| {
            let site = site.clone();
            async move {
                let local = sys.local_addr(fd).unwrap_or(addr);
                let _ = client(&sys, Stream::new(&sys, fd), from, local, &site).await;
            }
        })
        .await;
    });
    Ok(())
}

async fn client(
    sys: &Sys,
    mut stream: Stream,
    from: SocketAddr,
    local: SocketAddr,
    site: &Site,
) -> Result<(), Errno> {
    loop {
        let request = match Request::read(&mut stream).await {
            Ok(request) => request,
            Err(NoRequest::End) => return Ok(()),
            Err(NoRequest::Net(error)) => return Err(error),
            Err(NoRequest::Bad(_)) => {
                return stream
                    .write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                    .await;
            }
        };
        let page = (site.page)(sys, &request, from, local);
        let server = if site.name.is_empty() {
            String::new()
        } else {
            format!("Server: {}\r\n", site.name)
        };
        let head = format!(
            "HTTP/1.1 {}\r\nDate: {}\r\n{server}Content-Length: {}\r\nContent-Type: {}\r\n\r\n",
            page.status,
            sys.calendar().http(),
            page.body.len(),
            page.kind
        );
        let mut bytes = head.into_bytes();
        if request.method != "HEAD" {
            bytes.extend_from_slice(&page.body);
        }
        stream.write(&bytes).await?;
        if let Some((fd, line)) = (site.log)(sys, &request, from, &page) {
            let _ = sys.write(fd, line.as_bytes()).await;
        }
        if !request.keep_alive() {
            return Ok(());
        }
    }
}

fn quiet(_: &Sys, _: &Request, _: SocketAddr, _: &Page) -> Option<(Fd, String)> {
    None
}

/// The line that Apache's and Python's logs share.
fn common_log(sys: &Sys, request: &Request, from: SocketAddr, page: &Page) -> String {
    let status = page.status.split(' ').next().unwrap_or_default();
    format!(
        "{} - - [{}] \"{}\" {status}",
        listen::plain(from.ip()),
        access_time(&sys.calendar()),
        request.line
    )
}

fn failed(sys: &Sys, text: &str) -> i32 {
    sys.err(text);
    1
}

async fn until_told(sys: &Sys, signals: &[Signal]) -> Signal {
    signals.iter().for_each(|s| sys.catch(*s));
    sys.signal().await
}

/// `httpd -DFOREGROUND` of Apache.
pub async fn apache(sys: Sys, _args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let page: MakePage = |sys, request, _, _| {
        let path = request.path();
        let file = format!(
            "/usr/local/apache2/htdocs{path}{}",
            if path.ends_with('/') {
                "index.html"
            } else {
                ""
            }
        );
        match sys.read_file(&file) {
            Ok(data) => Page { status: "200 OK", kind: media_type(&file), body: data.to_vec() },
            Err(_) => Page::html("404 Not Found", "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n".to_owned()),
        }
    };
    let log: MakeLog = |sys, request, from, page| {
        Some((
            Fd::STDOUT,
            format!(
                "{} {}\n",
                common_log(sys, request, from, page),
                page.body.len()
            ),
        ))
    };
    let addr = SocketAddr::new(Family::V6.any(), 80);
    if let Err(error) = serve(
        &sys,
        addr,
        Site {
            name: "Apache/2.4.65 (Unix)",
            page,
            log,
        },
    )
    .await
    {
        return failed(
            &sys,
            &format!(
                "({}){error}: AH00072: make_sock: could not bind to address [::]:80\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n",
                error.number()
            ),
        );
    }
    sys.err("AH00558: httpd: Could not reliably determine the server's fully qualified domain name. Set the 'ServerName' directive globally to suppress this message\n");
    until_told(&sys, &[Signal::TERM, Signal::WINCH, Signal::INT]).await;
    0
}

/// traefik/whoami.
pub async fn whoami(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let given = args
        .iter()
        .skip_while(|a| !matches!(a.as_str(), "--port" | "-port"))
        .nth(1)
        .cloned();
    let port = given
        .or_else(|| sys.env("WHOAMI_PORT_NUMBER"))
        .and_then(|p| p.parse().ok())
        .unwrap_or(80);
    let page: MakePage = |sys, request, from, _| {
        let ns = sys.netns();
        let mut body = format!("Hostname: {}\n", sys.hostname());
        for ip in sys.kernel(|k| {
            k.links(ns)
                .into_iter()
                .flat_map(|l| k.addrs(l))
                .map(|a| a.addr)
                .collect::<Vec<_>>()
        }) {
            body.push_str(&format!("IP: {ip}\n"));
        }
        let remote = SocketAddr::new(listen::plain(from.ip()), from.port());
        body.push_str(&format!(
            "RemoteAddr: {remote}\n{} {} HTTP/1.1\nHost: {}\n",
            request.method,
            request.target,
            request.header("Host").unwrap_or_default()
        ));
        for (name, value) in request
            .headers
            .iter()
            .filter(|(n, _)| !n.eq_ignore_ascii_case("host"))
        {
            body.push_str(&format!("{name}: {value}\n"));
        }
        Page {
            status: "200 OK",
            kind: "text/plain; charset=utf-8",
            body: format!("{body}\n").into_bytes(),
        }
    };
    if let Err(error) = serve(
        &sys,
        SocketAddr::new(Family::V6.any(), port),
        Site {
            name: "",
            page,
            log: quiet,
        },
    )
    .await
    {
        return failed(
            &sys,
            &format!(
                "listen tcp :{port}: bind: {}\n",
                error.to_string().to_ascii_lowercase()
            ),
        );
    }
    sys.err(&format!("Starting up on port {port}\n"));
    until_told(&sys, &[Signal::TERM, Signal::INT]).await;
    0
}

/// Prometheus's node_exporter: `/metrics` with what a machine here can tell.
pub async fn node_exporter(sys: Sys, _args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let page: MakePage = |sys, request, _, _| {
        if request.path() != "/metrics" {
            return Page::html("200 OK", "<html><head><title>Node Exporter</title></head><body><h1>Node Exporter</h1><p><a href=\"/metrics\">Metrics</a></p></body></html>\n".to_owned());
        }
        let (seconds, _) = sys.wall_clock();
        let mut body = format!(
            "# TYPE node_time_seconds gauge\nnode_time_seconds {seconds}\n# TYPE node_uname_info gauge\nnode_uname_info{{nodename=\"{}\",sysname=\"Linux\"}} 1\n",
            sys.hostname()
        );
        body.push_str("# TYPE node_network_up gauge\n");
        let devices = sys.read_dir("/sys/class/net").unwrap_or_default();
        devices
            .iter()
            .for_each(|d| body.push_str(&format!("node_network_up{{device=\"{}\"}} 1\n", d.name)));
        Page {
            status: "200 OK",
            kind: "text/plain; version=0.0.4; charset=utf-8",
            body: body.into_bytes(),
        }
    };
    if let Err(error) = serve(
        &sys,
        SocketAddr::new(Family::V6.any(), 9100),
        Site {
            name: "",
            page,
            log: quiet,
        },
    )
    .await
    {
        return failed(
            &sys,
            &format!(
                "listen tcp :9100: bind: {}\n",
                error.to_string().to_ascii_lowercase()
            ),
        );
    }
    sys.err("level=INFO msg=\"Listening on\" address=[::]:9100\n");
    until_told(&sys, &[Signal::TERM, Signal::INT]).await;
    0
}

/// `python3`: only `-m http.server`.
pub async fn python(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    if matches!(words.as_slice(), ["--version" | "-V"]) {
        sys.out("Python 3.14.0\n");
        return 0;
    }
    let Some(rest) = words
        .iter()
        .position(|w| *w == "http.server")
        .and_then(|at| words.get(at + 1..))
    else {
        return failed(
            &sys,
            "python3: the language is not modelled in Drydock, only `python3 -m http.server [PORT]` is\n",
        );
    };
    let port: u16 = rest.iter().find_map(|w| w.parse().ok()).unwrap_or(8000);
    let bind = rest
        .iter()
        .skip_while(|w| !matches!(**w, "-b" | "--bind"))
        .nth(1)
        .and_then(|b| b.parse::<IpAddr>().ok());
    let page: MakePage = |sys, request, _, _| {
        let path = request.path();
        let file = format!("{}{path}", sys.cwd().trim_end_matches('/'));
        let index = format!("{}/index.html", file.trim_end_matches('/'));
        if let Ok(data) = sys.read_file(if sys.is_dir(&file) { &index } else { &file }) {
            return Page {
                status: "200 OK",
                kind: media_type(if sys.is_dir(&file) { &index } else { &file }),
                body: data.to_vec(),
            };
        }
        let Ok(entries) = sys.read_dir(&file) else {
            return Page::html("404 File not found", "<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: 404</p>\n        <p>Message: File not found.</p>\n    </body>\n</html>\n".to_owned());
        };
        let list: String = entries
            .iter()
            .map(|e| format!("<li><a href=\"{0}\">{0}</a></li>\n", e.name))
            .collect();
        Page::html(
            "200 OK",
            format!(
                "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<title>Directory listing for {path}</title>\n</head>\n<body>\n<h1>Directory listing for {path}</h1>\n<hr>\n<ul>\n{list}</ul>\n<hr>\n</body>\n</html>\n"
            ),
        )
    };
    let log: MakeLog = |sys, request, from, _| {
        let c = sys.calendar();
        let stamp = format!("{:02}/{}/{} {}", c.day, c.month_name(), c.year, c.clock());
        Some((
            Fd::STDERR,
            format!(
                "{} - - [{stamp}] \"{}\" 200 -\n",
                listen::plain(from.ip()),
                request.line
            ),
        ))
    };
    let ip = bind.unwrap_or_else(|| Family::V4.any());
    if let Err(error) = serve(
        &sys,
        SocketAddr::new(ip, port),
        Site {
            name: "SimpleHTTP/0.6 Python/3.14.0",
            page,
            log,
        },
    )
    .await
    {
        return failed(
            &sys,
            &format!("OSError: [Errno {}] {error}\n", error.number()),
        );
    }
    sys.out(&format!(
        "Serving HTTP on {ip} port {port} (http://{ip}:{port}/) ...\n"
    ));
    until_told(&sys, &[Signal::INT]).await;
    sys.err("\nKeyboard interrupt received, exiting.\n");
    0
}

/// `node`: refused plainly.
pub fn node(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    if matches!(args.get(1).map(String::as_str), Some("--version" | "-v")) {
        sys.out("v24.11.0\n");
        return 0;
    }
    failed(&sys, "node: JavaScript is not modelled in Drydock\n")
}

/// The program of the hello-world image.
pub fn hello_world(sys: Sys, _args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    sys.out("\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n");
    0
}
