//! busybox's `httpd`: files and CGI programs.

use super::http::{NoRequest, Request, UNKNOWN_MEDIA, media_type, reason};
use super::listen;
use crate::args;
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::calendar::Calendar;
use kernel::process::files::{Fd, FileKind};
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

const USAGE: &str = "BusyBox v1.38.0 multi-call binary.

Usage: httpd [-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]
or httpd -d/-e/-m STRING
";

/// The `httpd` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let parsed = match args::parse(&args, "fvip:h:c:u:r:", &[]) {
        Ok(parsed) => parsed,
        Err(args::Wrong::Unknown(option)) => {
            sys.err(&format!(
                "httpd: unrecognized option '{}'\n{USAGE}",
                option.trim_start_matches('-')
            ));
            return 1;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('i') {
        return crate::not_modelled(&sys, "httpd", "-i");
    }
    let home = parsed.value('h').unwrap_or(".").to_owned();
    let Some(home) = sys
        .real_path(&home)
        .ok()
        .filter(|home| sys.chdir(home).is_ok())
    else {
        sys.err(&format!(
            "httpd: can't change directory to '{home}': {}\n",
            Errno::ENOENT
        ));
        return 1;
    };
    let place = parsed.value('p').unwrap_or("80");
    let Some(addr) = address(place) else {
        sys.err(&format!("httpd: bad address '{place}'\n"));
        return 1;
    };
    let fd = match listen::tcp(&sys, addr, false, 9) {
        Ok(fd) => fd,
        Err(error) => {
            sys.err(&format!("httpd: bind: {error}\n"));
            return 1;
        }
    };
    let site = Rc::new(Site {
        home,
        port: addr.port(),
        verbose: parsed.options.iter().filter(|(o, _)| *o == 'v').count(),
    });
    if parsed.has('f') {
        serve(sys, fd, site).await;
        return 0;
    }
    // Like daemon(3): a child in the background goes on, with nothing on its standard streams.
    let Some(mut spawn) = sys.child(args) else {
        return 1;
    };
    let null = sys.kernel(|k| k.proc.files.add(FileKind::Null));
    let listening = spawn.fds.get(&fd).copied();
    spawn.fds = [Fd::STDIN, Fd::STDOUT, Fd::STDERR]
        .into_iter()
        .map(|fd| (fd, null))
        .chain(listening.map(|file| (fd, file)))
        .collect();
    spawn.group = None;
    spawn.tty = None;
    let started = sys.fork(spawn, |child| {
        Box::pin(async move {
            serve(child, fd, site).await;
            0
        })
    });
    sys.kernel(|k| k.file_release(null));
    i32::from(started.is_err())
}

/// `PORT`, `IP:PORT` or `[IPv6]:PORT`; any address means both families.
fn address(text: &str) -> Option<SocketAddr> {
    match text.rsplit_once(':') {
        None => Some(SocketAddr::new(
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            text.parse().ok()?,
        )),
        Some((ip, port)) => Some(SocketAddr::new(
            ip.trim_matches(['[', ']']).parse().ok()?,
            port.parse().ok()?,
        )),
    }
}

struct Site {
    home: String,
    port: u16,
    verbose: usize,
}

async fn serve(sys: Sys, fd: Fd, site: Rc<Site>) {
    sys.ignore(Signal::PIPE);
    listen::serve(&sys, fd, move |sys, fd, from| {
        let site = site.clone();
        async move {
            let stream = Stream::new(&sys, fd);
            // Whatever goes wrong from here on, the client is gone.
            let _ = connection(&sys, stream, from, &site).await;
        }
    })
    .await;
}

async fn connection(
    sys: &Sys,
    mut stream: Stream,
    from: SocketAddr,
    site: &Site,
) -> Result<(), Errno> {
    let request = match Request::read(&mut stream).await {
        Ok(request) => request,
        // An empty first line is no request: browsers open connections that they may not need. Source: busybox 1.38
        // `networking/httpd.c`, `handle_incoming_and_exit`.
        Err(NoRequest::Bad(line)) if line.is_empty() => return Ok(()),
        Err(NoRequest::Bad(_)) => return error(sys, &stream, 400, false).await,
        Err(NoRequest::End) => return Ok(()),
        Err(NoRequest::Net(error)) => return Err(error),
    };
    if site.verbose > 1 {
        sys.err(&format!("{}: url:{}\n", shown(from), request.target));
    }
    // Only these three are read; an address as proxies get it is none either.
    if !matches!(request.method.as_str(), "GET" | "HEAD" | "POST")
        || !request.target.starts_with('/')
    {
        return error(sys, &stream, 400, false).await;
    }
    let head = request.method == "HEAD";
    let mut path = request.path();
    if path == "/"
        && sys
            .stat(&format!("{}/index.html", site.home), true)
            .is_err()
        && sys.exists(&format!("{}/cgi-bin/index.cgi", site.home))
    {
        path = "/cgi-bin/index.cgi".to_owned();
    }
    if path.starts_with("/cgi-bin/") {
        return if sys.exists(&format!("{}{path}", site.home)) {
            cgi(sys, &stream, &request, &path, from, site).await
        } else {
            error(sys, &stream, 404, head).await
        };
    }
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return error(sys, &stream, 501, head).await;
    }
    let mut file = format!("{}{path}", site.home.trim_end_matches('/'));
    if sys.is_dir(&file) {
        if !path.ends_with('/') {
            let head =
                format!("HTTP/1.1 302 Found\r\nLocation: {path}/\r\nConnection: close\r\n\r\n");
            return stream.write(head.as_bytes()).await;
        }
        file = format!("{}/index.html", file.trim_end_matches('/'));
    }
    let Ok(data) = sys.read_file(&file) else {
        return error(sys, &stream, 404, head).await;
    };
    let modified = sys
        .stat(&file, true)
        .map_or(0, |m| m.modified.as_nanos() / 1_000_000_000);
    let epoch = sys.kernel(|k| k.epoch);
    // What it has no name for goes without.
    let kind = match media_type(&file) {
        UNKNOWN_MEDIA => String::new(),
        known => format!("Content-type: {known}\r\n"),
    };
    let text = format!(
        "HTTP/1.1 200 OK\r\nDate: {}\r\nConnection: close\r\n{kind}Accept-Ranges: bytes\r\nLast-Modified: {}\r\nETag: \"{:x}-{:x}\"\r\nContent-Length: {}\r\n\r\n",
        sys.calendar().http(),
        Calendar::new((epoch + modified).cast_signed()).http(),
        epoch + modified,
        data.len(),
        data.len()
    );
    stream.write(text.as_bytes()).await?;
    if head {
        Ok(())
    } else {
        stream.write(&data).await
    }
}

/// The error page: status line, date and a short text.
async fn error(sys: &Sys, stream: &Stream, status: u16, head: bool) -> Result<(), Errno> {
    let what = match status {
        400 => "Unsupported method",
        404 => "The requested URL was not found",
        _ => "",
    };
    let name = reason(status);
    let mut text = format!(
        "HTTP/1.1 {status} {name}\r\nDate: {}\r\nConnection: close\r\nContent-type: text/html\r\n\r\n",
        sys.calendar().http()
    );
    if !head {
        text.push_str(&format!("<HTML><HEAD><TITLE>{status} {name}</TITLE></HEAD>\n<BODY><H1>{status} {name}</H1>\n{what}\n</BODY></HTML>\n"));
    }
    stream.write(text.as_bytes()).await
}

fn shown(from: SocketAddr) -> String {
    match from.ip() {
        IpAddr::V6(ip) => format!("[{ip}]:{}", from.port()),
        IpAddr::V4(_) => from.to_string(),
    }
}

/// Runs a program that makes the answer.
async fn cgi(
    sys: &Sys,
    stream: &Stream,
    request: &Request,
    path: &str,
    from: SocketAddr,
    site: &Site,
) -> Result<(), Errno> {
    let program = format!("{}{path}", site.home.trim_end_matches('/'));
    let Some(mut spawn) = sys.child(vec![program.clone()]) else {
        return Ok(());
    };
    let (in_r, in_w) = sys.pipe()?;
    let (out_r, out_w) = sys.pipe()?;
    let variables = [
        ("PATH_INFO", String::new()),
        ("REQUEST_METHOD", request.method.clone()),
        ("SCRIPT_NAME", path.to_owned()),
        ("SCRIPT_FILENAME", program),
        ("REQUEST_URI", request.target.clone()),
        ("QUERY_STRING", request.query().to_owned()),
        ("SERVER_SOFTWARE", "busybox httpd/1.38.0".to_owned()),
        ("SERVER_PROTOCOL", "HTTP/1.1".to_owned()),
        ("SERVER_PORT", site.port.to_string()),
        ("GATEWAY_INTERFACE", "CGI/1.1".to_owned()),
        // The server's socket is an IPv6 one: addresses look like [::ffff:10.0.0.2].
        (
            "REMOTE_ADDR",
            match from.ip() {
                IpAddr::V6(ip) => format!("[{ip}]"),
                IpAddr::V4(ip) => ip.to_string(),
            },
        ),
        ("REMOTE_PORT", from.port().to_string()),
        ("CONTENT_LENGTH", request.body.len().to_string()),
        (
            "CONTENT_TYPE",
            request
                .header("Content-Type")
                .unwrap_or_default()
                .to_owned(),
        ),
    ];
    spawn
        .env
        .retain(|(name, _)| !variables.iter().any(|(n, _)| n == name));
    spawn
        .env
        .extend(variables.into_iter().map(|(n, v)| (n.to_owned(), v)));
    for (name, value) in &request.headers {
        spawn.env.push((
            format!("HTTP_{}", name.to_ascii_uppercase().replace('-', "_")),
            value.clone(),
        ));
    }
    let dir = spawn
        .argv
        .first()
        .and_then(|p| p.rsplit_once('/'))
        .map(|(dir, _)| dir.to_owned());
    spawn.cwd = dir.unwrap_or_default();
    let error_file = spawn.fds.get(&Fd::STDERR).copied();
    spawn.fds = [
        (Fd::STDIN, sys.handle(in_r)?),
        (Fd::STDOUT, sys.handle(out_w)?),
    ]
    .into();
    spawn.fds.extend(error_file.map(|file| (Fd::STDERR, file)));
    let child = sys.spawn(spawn);
    sys.close(in_r);
    sys.close(out_w);
    let Ok(child) = child else {
        sys.close(in_w);
        sys.close(out_r);
        return error(sys, stream, 404, false).await;
    };
    let _ = sys.write(in_w, &request.body).await;
    sys.close(in_w);
    let mut first = true;
    loop {
        let piece = sys.read(out_r, 65_536).await?;
        if piece.is_empty() {
            break;
        }
        if std::mem::take(&mut first) && !piece.starts_with(b"HTTP/") {
            let status = if piece.starts_with(b"Status:") {
                String::new()
            } else {
                "HTTP/1.1 200 OK\r\n".to_owned()
            };
            stream.write(&[status.as_bytes(), &piece].concat()).await?;
        } else {
            stream.write(&piece).await?;
        }
    }
    sys.close(out_r);
    let _ = sys.wait(Some(child)).await;
    Ok(())
}
