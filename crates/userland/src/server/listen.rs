//! Opening listening sockets and taking connections.

use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sock::{Family, SockOpt, SockType};
use kernel::sys::Sys;
use std::net::{IpAddr, SocketAddr};

/// A listening stream socket.
/// # Errors
/// As `bind(2)` and `listen(2)`; nothing stays open then.
pub fn tcp(sys: &Sys, addr: SocketAddr, v6_only: bool, backlog: u32) -> Result<Fd, Errno> {
    stream(sys, addr, backlog, &own(addr, v6_only))
}

/// The same where others that ask for it too may listen at the same port.
/// # Errors
/// As `bind(2)` and `listen(2)`; nothing stays open then.
pub fn shared_tcp(sys: &Sys, addr: SocketAddr, v6_only: bool, backlog: u32) -> Result<Fd, Errno> {
    let mut options = own(addr, v6_only);
    options.push(SockOpt::ReusePort(true));
    stream(sys, addr, backlog, &options)
}

fn own(addr: SocketAddr, v6_only: bool) -> Vec<SockOpt> {
    let family = addr.is_ipv6().then_some(SockOpt::V6Only(v6_only));
    [SockOpt::ReuseAddr(true)]
        .into_iter()
        .chain(family)
        .collect()
}

fn stream(sys: &Sys, addr: SocketAddr, backlog: u32, options: &[SockOpt]) -> Result<Fd, Errno> {
    let fd = sys.socket(Family::of(addr.ip()), SockType::Stream)?;
    let open = || {
        for option in options {
            sys.set_option(fd, *option)?;
        }
        sys.bind(fd, addr)?;
        sys.listen(fd, backlog)
    };
    open().inspect_err(|_| sys.close(fd)).map(|()| fd)
}

/// A bound datagram socket.
/// # Errors
/// As `bind(2)`; nothing stays open then.
pub fn udp(sys: &Sys, addr: SocketAddr, v6_only: bool) -> Result<Fd, Errno> {
    let fd = sys.socket(Family::of(addr.ip()), SockType::Datagram)?;
    let open = || {
        sys.set_option(fd, SockOpt::ReuseAddr(true))?;
        if addr.is_ipv6() {
            sys.set_option(fd, SockOpt::V6Only(v6_only))?;
        }
        sys.bind(fd, addr)
    };
    open().inspect_err(|_| sys.close(fd)).map(|()| fd)
}

/// Takes connections for ever and starts a task for each.
pub async fn serve<F, T>(sys: &Sys, listener: Fd, mut each: F)
where
    F: FnMut(Sys, Fd, SocketAddr) -> T,
    T: Future<Output = ()> + 'static,
{
    loop {
        match sys.accept(listener).await {
            Ok((fd, from)) => sys.spawn_task(each(sys.clone(), fd, from)),
            // A signal that the program catches is its main task's business.
            Err(Errno::EINTR) => sys.pause().await,
            Err(_) => return,
        }
    }
}

/// The address as people know it: an IPv4 address in its IPv6 form is shown as IPv4.
#[must_use]
pub const fn plain(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}
