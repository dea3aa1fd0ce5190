//! docker-proxy: carries what reaches a published port through the machine's own sockets to the container.

use sorted::SortedMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use bytes::Bytes;
use kernel::process::Running;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sock::{Family, SockType};
use kernel::sys::Sys;
use kernel::time::Duration;

use crate::publish::LISTEN_FD;

/// How long a UDP client's flow is remembered. Source: moby `cmd/docker-proxy/udp_proxy_linux.go`.
const UDP_TIMEOUT: Duration = Duration::from_secs(90);
const PIECE: usize = 65_536;

/// The program `docker-proxy`.
pub(crate) fn docker_proxy(sys: Sys) -> Running {
    Box::pin(async move {
        // A client that has gone is no reason to go as well, as for every program in Go. Source: go `os/signal`.
        sys.ignore(Signal::PIPE);
        let args = sys.args();
        let value = |flag: &str| {
            args.iter()
                .skip_while(|a| *a != flag)
                .nth(1)
                .cloned()
                .unwrap_or_default()
        };
        let (Ok(ip), Ok(port)) = (
            value("-container-ip").parse::<IpAddr>(),
            value("-container-port").parse::<u16>(),
        ) else {
            sys.err("docker-proxy: needs -container-ip and -container-port\n");
            return 1;
        };
        let target = SocketAddr::new(ip, port);
        match value("-proto").as_str() {
            "tcp" => tcp(&sys, target).await,
            "udp" => udp(&sys, target).await,
            other => {
                sys.err(&format!("docker-proxy: unsupported protocol {other}\n"));
                return 1;
            }
        }
        0
    })
}

fn family(addr: SocketAddr) -> Family {
    if addr.is_ipv4() {
        Family::V4
    } else {
        Family::V6
    }
}

async fn tcp(sys: &Sys, target: SocketAddr) {
    loop {
        match sys.accept(LISTEN_FD).await {
            Ok((client, _)) => {
                let task = sys.clone();
                sys.spawn_task(async move { connection(&task, client, target).await });
            }
            Err(kernel::Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}

/// Connects to the container and passes bytes both ways until both sides are done.
async fn connection(sys: &Sys, client: Fd, target: SocketAddr) {
    let Ok(server) = sys.socket(family(target), SockType::Stream) else {
        sys.close(client);
        return;
    };
    if sys.connect(server, target).await.is_err() {
        sys.close(server);
        sys.close(client);
        return;
    }
    let both = Rc::new(Ends {
        sys: sys.clone(),
        client,
        server,
    });
    let back = both.clone();
    sys.spawn_task(async move { copy(&back.sys, back.server, back.client).await });
    copy(&both.sys, client, server).await;
}

/// Two connected sockets, closed when nobody passes bytes between them any more.
struct Ends {
    sys: Sys,
    client: Fd,
    server: Fd,
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.sys.close(self.client);
        self.sys.close(self.server);
    }
}

async fn copy(sys: &Sys, from: Fd, to: Fd) {
    while let Ok(data) = sys.read(from, PIECE).await {
        if data.is_empty() || sys.write(to, &data).await.is_err() {
            break;
        }
    }
    let _ = sys.shutdown(to, false, true);
}

async fn udp(sys: &Sys, target: SocketAddr) {
    let flows: Rc<std::cell::RefCell<SortedMap<SocketAddr, Fd>>> = Rc::default();
    loop {
        let received = match sys.recv_from(LISTEN_FD).await {
            Ok(received) => received,
            Err(kernel::Errno::EINTR | kernel::Errno::ECONNREFUSED) => continue,
            Err(_) => return,
        };
        let client = received.from;
        let known = flows.borrow().get(&client).copied();
        let server = match known {
            Some(fd) => fd,
            None => {
                let Ok(fd) = sys.socket(family(target), SockType::Datagram) else {
                    continue;
                };
                if sys.connect(fd, target).await.is_err() {
                    sys.close(fd);
                    continue;
                }
                flows.borrow_mut().insert(client, fd);
                let (task, flows) = (sys.clone(), flows.clone());
                sys.spawn_task(async move {
                    answers(&task, fd, client).await;
                    flows.borrow_mut().remove(&client);
                    task.close(fd);
                });
                fd
            }
        };
        let _ = sys.write(server, &received.data).await;
    }
}

/// Passes what the container answers back to one client.
async fn answers(sys: &Sys, server: Fd, client: SocketAddr) {
    while let Some(answer) = sys.timeout(UDP_TIMEOUT, sys.recv_from(server)).await {
        match answer {
            Ok(received) => {
                let data: Bytes = received.data;
                let _ = sys.send_to(LISTEN_FD, data, client).await;
            }
            Err(kernel::Errno::EINTR | kernel::Errno::ECONNREFUSED) => {}
            Err(_) => return,
        }
    }
}
