//! A small static file server for the built page, on this machine only.

use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::report::{Context as _, Failure, Result, say};

/// Takes the port, before any long work, so that one in use is noticed at once.
pub(crate) fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => Failure::new(format!(
            "port {port} of 127.0.0.1 is in use: stop what listens there, or choose another with --port N"
        )),
        _ => Failure::new(format!("cannot listen on 127.0.0.1:{port}: {error}")),
    })
}

/// The address to open in a browser.
pub(crate) fn address(listener: &TcpListener) -> Result<String> {
    Ok(format!(
        "http://{}/",
        listener
            .local_addr()
            .context(|| "read the server's own address")?
    ))
}

/// Prints the address and serves `folder` until the program is stopped.
pub(crate) fn forever(listener: &TcpListener, folder: PathBuf) -> Result<()> {
    say("serving the page; Ctrl-C stops");
    println!("{}", address(listener)?);
    accept(
        listener,
        &Site {
            folder,
            below: String::new(),
        },
    );
    Ok(())
}

/// Serves `folder` on any free port, below the path `below` and nowhere else, for as long as this program runs.
///
/// Returns the server's address, without that path.
pub(crate) fn in_background(folder: PathBuf, below: &str) -> Result<String> {
    let listener = listen(0)?;
    let address = address(&listener)?;
    let site = Site {
        folder,
        below: if below.is_empty() {
            String::new()
        } else {
            format!("{below}/")
        },
    };
    thread::spawn(move || accept(&listener, &site));
    Ok(address)
}

/// What is served, and where.
#[derive(Clone)]
struct Site {
    folder: PathBuf,
    /// The start of every path, without its first slash.
    below: String,
}

fn accept(listener: &TcpListener, site: &Site) {
    for stream in listener.incoming().flatten() {
        let site = site.clone();
        // A browser that goes away mid-answer is its own affair.
        thread::spawn(move || answer(stream, &site).ok());
    }
}

fn answer(mut stream: TcpStream, site: &Site) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut request = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    reader.read_line(&mut request)?;
    // The headers say nothing that matters here, but closing with them unread would reset the connection.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split(' ');
    let method = words.next().unwrap_or_default();
    let file = words.next().and_then(|path| site.locate(path));
    let (status, kind, body) = match (method, file) {
        ("GET" | "HEAD", Some(file)) => ("200 OK", media_type(&file), fs::read(&file)?),
        ("GET" | "HEAD", None) => (
            "404 Not Found",
            "text/plain; charset=utf-8",
            b"no such file\n".to_vec(),
        ),
        _ => (
            "405 Method Not Allowed",
            "text/plain; charset=utf-8",
            b"only GET and HEAD\n".to_vec(),
        ),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncache-control: no-cache\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        body.len()
    )?;
    if method == "HEAD" {
        Ok(())
    } else {
        stream.write_all(&body)
    }
}

impl Site {
    /// Finds the file that a request's path names; `None` if there is none or it would lie outside the folder.
    fn locate(&self, path: &str) -> Option<PathBuf> {
        let path = decode(path.split(['?', '#']).next()?)?;
        let relative = path.strip_prefix('/')?.strip_prefix(&self.below)?;
        let inside = Path::new(relative)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let file = self.folder.join(relative);
        let file = if file.is_dir() {
            file.join("index.html")
        } else {
            file
        };
        (inside && file.is_file()).then_some(file)
    }
}

/// Resolves `%20` and the like; `None` if an escape is malformed or the result is not UTF-8.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("wasm") => "application/wasm",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(below: &str) -> Site {
        Site {
            folder: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            below: below.to_owned(),
        }
    }

    #[test]
    fn paths_cannot_leave_the_folder() {
        for inside in [
            "/Cargo.toml",
            "/Cargo.toml?v=1",
            "/Cargo%2Etoml",
            "/src/main.rs",
        ] {
            assert!(site("").locate(inside).is_some(), "{inside}");
        }
        for outside in [
            "/../../Cargo.toml",
            "/%2e%2e/xtask/Cargo.toml",
            "//etc/passwd",
            "/src/../Cargo.toml",
            "Cargo.toml",
        ] {
            assert!(site("").locate(outside).is_none(), "{outside}");
        }
    }

    #[test]
    fn a_sub_folder_hides_the_root() {
        let site = site("a b/c/");
        assert!(site.locate("/a%20b/c/Cargo.toml").is_some());
        assert!(site.locate("/Cargo.toml").is_none());
    }

    #[test]
    fn malformed_escapes_are_not_found() {
        for path in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decode(path), None, "{path}");
        }
    }

    #[test]
    fn a_port_in_use_is_said_in_one_sentence() {
        let taken = listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        let failure = listen(port).unwrap_err().to_string();
        assert!(
            failure.contains("in use") && failure.contains("--port"),
            "{failure}"
        );
    }
}
