//! Making TCP connections: from a chosen address, within a time, and to whichever of several addresses answers first.

use kernel::Errno;
use kernel::ids::LinkId;
use kernel::process::files::Fd;
use kernel::sock::{Family, SockOpt, SockType};
use kernel::sys::{Sys, race};
use kernel::time::Duration;
use std::cell::Cell;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::task::Poll;

/// How long the preferred family is tried alone. Source: RFC 8305; curl's `CURL_HET_DEFAULT`.
const HEAD_START: Duration = Duration::from_millis(200);

/// Where a socket's packets are to come from.
#[derive(Debug, Clone, Copy, Default)]
pub struct From {
    /// The local address.
    pub source: Option<IpAddr>,
    /// The local port.
    pub port: u16,
    /// The device.
    pub device: Option<LinkId>,
}

impl From {
    /// Reads what a user gives for "interface": an address, or the name of a device of this namespace.
    #[must_use]
    pub fn parse(sys: &Sys, text: &str) -> Option<Self> {
        if let Ok(ip) = text.parse() {
            return Some(Self {
                source: Some(ip),
                ..Self::default()
            });
        }
        let ns = sys.netns();
        let Some(device) = sys.kernel(|k| k.link_by_name(ns, text)) else {
            sys.no_device(text);
            return None;
        };
        Some(Self {
            device: Some(device),
            ..Self::default()
        })
    }

    /// Applies this to a socket.
    /// # Errors
    /// As `bind(2)`; `EAFNOSUPPORT` for an address of the other family.
    pub fn apply(&self, sys: &Sys, fd: Fd, family: Family) -> Result<(), Errno> {
        if let Some(device) = self.device {
            sys.set_option(fd, SockOpt::BindToDevice(Some(device)))?;
        }
        if self.source.is_some_and(|ip| Family::of(ip) != family) {
            return Err(Errno::EAFNOSUPPORT);
        }
        if self.source.is_some() || self.port != 0 {
            let ip = self.source.unwrap_or_else(|| family.any());
            sys.bind(fd, SocketAddr::new(ip, self.port))?;
        }
        Ok(())
    }
}

/// A socket that is closed when this is dropped.
struct Guard<'a> {
    sys: &'a Sys,
    fd: Option<Fd>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(fd) = self.fd {
            self.sys.close(fd);
        }
    }
}

/// What is told of an attempt to connect.
#[derive(Debug, Clone, Copy)]
pub enum Attempt {
    /// It begins.
    Trying(SocketAddr),
    /// It came to nothing.
    Failed {
        /// Where to.
        to: SocketAddr,
        /// The local end, if there was one already.
        local: Option<SocketAddr>,
        /// Why.
        error: Errno,
    },
}

/// What is done with an [`Attempt`] before going on.
pub type Told<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Somebody who wants to know of each attempt.
pub type Watch<'a> = dyn Fn(Attempt) -> Told<'a> + 'a;

/// Connects a stream socket; it is closed if that fails or is given up.
/// # Errors
/// As `connect(2)` and `bind(2)`.
pub async fn tcp(sys: &Sys, to: SocketAddr, from: From) -> Result<Fd, Errno> {
    attempt(sys, to, from).await.map_err(|(error, _)| error)
}

/// The same, with the local end of what failed.
async fn attempt(sys: &Sys, to: SocketAddr, from: From) -> Result<Fd, (Errno, Option<SocketAddr>)> {
    let early = |error: Errno| (error, None);
    let family = Family::of(to.ip());
    let fd = sys.socket(family, SockType::Stream).map_err(early)?;
    let mut guard = Guard { sys, fd: Some(fd) };
    from.apply(sys, fd, family).map_err(early)?;
    if let Err(error) = sys.connect(fd, to).await {
        return Err((error, sys.local_addr(fd).ok()));
    }
    guard.fd = None;
    Ok(fd)
}

/// The same within a time.
/// # Errors
/// `ETIMEDOUT`, or as [`tcp`].
pub async fn tcp_within(
    sys: &Sys,
    to: SocketAddr,
    from: From,
    limit: Option<Duration>,
) -> Result<Fd, Errno> {
    match limit {
        Some(limit) => sys
            .timeout(limit, tcp(sys, to, from))
            .await
            .unwrap_or(Err(Errno::ETIMEDOUT)),
        None => tcp(sys, to, from).await,
    }
}

/// A connection or all the failures, each with its address, in order of trying.
pub type Outcome = Result<(Fd, SocketAddr), Vec<(SocketAddr, Errno)>>;

/// Connects to one of several addresses in turn.
pub async fn any(sys: &Sys, to: &[SocketAddr], from: From) -> Outcome {
    in_turn(sys, to, from, None).await
}

async fn in_turn(sys: &Sys, to: &[SocketAddr], from: From, watch: Option<&Watch<'_>>) -> Outcome {
    let tell = async |what: Attempt| {
        if let Some(watch) = watch {
            watch(what).await;
        }
    };
    let mut failures = Vec::new();
    for to in to.iter().copied() {
        tell(Attempt::Trying(to)).await;
        match attempt(sys, to, from).await {
            Ok(fd) => return Ok((fd, to)),
            Err((error, local)) => {
                tell(Attempt::Failed { to, local, error }).await;
                failures.push((to, error));
            }
        }
    }
    Err(failures)
}

/// Connects to one of several addresses: those of the first one's family in turn, and a little later or when they have
/// failed, at the same time those of the other family ("happy eyeballs"). `watch` is told of each attempt.
pub async fn happy(sys: &Sys, to: &[SocketAddr], from: From, watch: &Watch<'_>) -> Outcome {
    let first_is_v4 = to.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) =
        to.iter().copied().partition(|a| a.is_ipv4() == first_is_v4);
    if second.is_empty() {
        return in_turn(sys, &first, from, Some(watch)).await;
    }
    let failed = Cell::new(false);
    let changed = sys.condition();
    let mut a = pin!(async {
        let outcome = in_turn(sys, &first, from, Some(watch)).await;
        failed.set(outcome.is_err());
        changed.signal();
        outcome
    });
    let mut b = pin!(async {
        let head_start = async {
            let _ = sys.sleep(HEAD_START).await;
        };
        race(changed.until(|| failed.get().then_some(())), head_start).await;
        in_turn(sys, &second, from, Some(watch)).await
    });
    let (mut from_a, mut from_b) = (None, None);
    poll_fn(|cx| {
        for (future, slot) in [
            (
                a.as_mut() as Pin<&mut dyn Future<Output = Outcome>>,
                &mut from_a,
            ),
            (b.as_mut(), &mut from_b),
        ] {
            if slot.is_none()
                && let Poll::Ready(outcome) = future.poll(cx)
            {
                match outcome {
                    Ok(done) => return Poll::Ready(Ok(done)),
                    Err(failures) => *slot = Some(failures),
                }
            }
        }
        match (&from_a, &from_b) {
            (Some(a), Some(b)) => Poll::Ready(Err(a.iter().chain(b).copied().collect())),
            _ => Poll::Pending,
        }
    })
    .await
}

/// How busybox names where it could not connect to: without an IPv6 address. Source: busybox 1.38 `libbb/xconnect.c`.
pub(crate) fn remote_host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("remote host ({ip})"),
        IpAddr::V6(_) => "remote host".to_owned(),
    }
}
