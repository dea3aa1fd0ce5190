//! `socat`, in its plainest forms: `-`, `TCP:host:port`, `TCP-LISTEN:port[,fork]`, `EXEC:command`.

use super::connect::{self, From as LocalEnd};
use super::pump::{self, Rules};
use super::resolv;
use crate::server::listen;
use kernel::process::files::Fd;
use kernel::sock::Family;
use kernel::sys::{Sys, race};
use std::net::SocketAddr;

/// One of the two ends.
#[derive(Clone)]
enum End {
    Standard,
    Connect { host: String, port: u16 },
    Listen { port: u16, fork: bool },
    Exec(Vec<String>),
}

fn parse(text: &str) -> Option<End> {
    if matches!(text, "-" | "STDIO" | "stdio") {
        return Some(End::Standard);
    }
    let (kind, rest) = text.split_once(':')?;
    let mut parts = rest.split(',');
    let target = parts.next()?;
    match kind.to_ascii_uppercase().as_str() {
        "TCP" | "TCP4" | "TCP-CONNECT" => {
            let (host, port) = target.rsplit_once(':')?;
            Some(End::Connect {
                host: host.to_owned(),
                port: port.parse().ok()?,
            })
        }
        "TCP-LISTEN" | "TCP4-LISTEN" | "TCP-L" => Some(End::Listen {
            port: target.parse().ok()?,
            fork: parts.any(|p| p == "fork"),
        }),
        "EXEC" => Some(End::Exec(
            target.split_whitespace().map(str::to_owned).collect(),
        )),
        "SYSTEM" => Some(End::Exec(vec![
            "/bin/sh".to_owned(),
            "-c".to_owned(),
            rest.to_owned(),
        ])),
        _ => None,
    }
}

/// The `socat` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let words: Vec<&String> = args
        .iter()
        .skip(1)
        .filter(|a| *a == "-" || !a.starts_with('-'))
        .collect();
    let [left, right] = words.as_slice() else {
        sys.err("socat: exactly 2 addresses required\n");
        return 1;
    };
    let (Some(left), Some(right)) = (parse(left), parse(right)) else {
        sys.err("socat: only -, TCP:HOST:PORT, TCP-LISTEN:PORT[,fork], EXEC:COMMAND and SYSTEM:COMMAND are modelled in Drydock\n");
        return 1;
    };
    let (listener, other) = match (&left, &right) {
        (End::Listen { port, fork }, other) | (other, End::Listen { port, fork }) => {
            (Some((*port, *fork)), other.clone())
        }
        _ => (None, right.clone()),
    };
    let Some((port, fork)) = listener else {
        // One connection: from it to whatever is on the other side.
        let (near, far) = if matches!(left, End::Connect { .. }) {
            (&left, &right)
        } else {
            (&right, &left)
        };
        let Some(fd) = open(&sys, near).await else {
            return 1;
        };
        return join(&sys, fd, far).await;
    };
    let fd = match listen::tcp(&sys, SocketAddr::new(Family::V4.any(), port), false, 5) {
        Ok(fd) => fd,
        Err(error) => {
            sys.err(&format!(
                "socat: E bind(5, {{AF=2 0.0.0.0:{port}}}, 16): {error}\n"
            ));
            return 1;
        }
    };
    loop {
        let Ok((connection, _)) = sys.accept(fd).await else {
            return 1;
        };
        let (task, end) = (sys.clone(), other.clone());
        let one = async move {
            let code = join(&task, connection, &end).await;
            task.close(connection);
            code
        };
        if !fork {
            return one.await;
        }
        sys.spawn_task(async move {
            one.await;
        });
    }
}

async fn open(sys: &Sys, end: &End) -> Option<Fd> {
    let End::Connect { host, port } = end else {
        return None;
    };
    let found = match resolv::lookup(sys, host, None).await {
        Ok(found) => found.addresses,
        Err(error) => {
            sys.err(&format!(
                "socat: E getaddrinfo(\"{host}\", \"NULL\", {{}}, {{}}): {}\n",
                error.text()
            ));
            return None;
        }
    };
    let targets: Vec<SocketAddr> = found.iter().map(|ip| SocketAddr::new(*ip, *port)).collect();
    match connect::any(sys, &targets, LocalEnd::default()).await {
        Ok((fd, _)) => Some(fd),
        Err(failures) => {
            for (to, error) in failures {
                sys.err(&format!("socat: E connect(5, AF=2 {to}, 16): {error}\n"));
            }
            None
        }
    }
}

/// Passes bytes between a connection and the other end.
async fn join(sys: &Sys, connection: Fd, end: &End) -> i32 {
    match end {
        End::Standard => i32::from(
            pump::carry(sys, connection, Rules::HALF_CLOSE)
                .await
                .error
                .is_some(),
        ),
        End::Exec(argv) => pump::run_on(sys, connection, argv.clone())
            .await
            .unwrap_or(1),
        End::Connect { .. } => {
            let Some(far) = open(sys, end).await else {
                return 1;
            };
            race(copy(sys, connection, far), copy(sys, far, connection)).await;
            sys.close(far);
            0
        }
        End::Listen { .. } => 1,
    }
}

/// One direction; after its end the other may still speak for a moment (socat's half a second).
async fn copy(sys: &Sys, from: Fd, to: Fd) {
    while let Ok(data) = sys.read(from, 65_536).await {
        if data.is_empty() {
            let _ = sys.shutdown(to, false, true);
            let _ = sys.sleep(kernel::time::Duration::from_millis(500)).await;
            return;
        }
        if sys.write(to, &data).await.is_err() {
            return;
        }
    }
}
