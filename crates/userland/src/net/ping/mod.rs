//! `ping`, as iputils and as busybox have it.

mod busybox;
mod iputils;

use super::connect::From as LocalEnd;
use bytes::Bytes;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sock::{Family, Received, SockOpt, SockType};
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use sorted::SortedMap;
use std::net::{IpAddr, SocketAddr};

use crate::Flavour;

/// The `ping` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    match flavour {
        Flavour::Gnu => iputils::main(sys, args).await,
        Flavour::Busybox => busybox::main(sys, args).await,
    }
}

/// What the prober waits for.
enum Heard {
    /// A reply.
    Reply {
        /// Of which request.
        seq: u16,
        message: Received,
        /// How long it took.
        time: Duration,
        /// The request had been answered before.
        again: bool,
    },
    /// An error report about a request.
    Error(u16, Received),
    /// The time has come.
    Time,
    /// Ctrl-C.
    Interrupt,
    /// The socket failed.
    Failed(Errno),
}

/// Standard output as the C library has it: what goes to no terminal may stay with the program until more is said.
struct Printer<'a> {
    sys: &'a Sys,
    held: String,
}

impl<'a> Printer<'a> {
    fn new(sys: &'a Sys) -> Self {
        let held = String::new();
        Self { sys, held }
    }

    /// Prints to a terminal at once, elsewhere with what comes next.
    fn hold(&mut self, text: &str) {
        self.held.push_str(text);
        if self.sys.is_tty(Fd::STDOUT) {
            self.say("");
        }
    }

    /// Prints after all that was held.
    fn say(&mut self, text: &str) {
        self.held.push_str(text);
        self.sys.out(&std::mem::take(&mut self.held));
    }
}

/// Sends echo requests and hears what comes back.
struct Prober {
    sys: Sys,
    fd: Fd,
    to: IpAddr,
    size: usize,
    /// What the data repeats; counts up where it is empty.
    pattern: Vec<u8>,
    /// When each request was sent, and whether it has been answered.
    sent_at: SortedMap<u16, (Instant, bool)>,
    transmitted: u64,
    received: u64,
    errors: u64,
    duplicates: u64,
    first: Instant,
    last: Instant,
    times: Vec<Duration>,
}

impl Prober {
    fn open(
        sys: &Sys,
        to: IpAddr,
        size: usize,
        from: LocalEnd,
        ttl: Option<u8>,
        errors: bool,
    ) -> Result<Self, Errno> {
        let family = Family::of(to);
        let fd = sys.socket(family, SockType::Ping)?;
        sys.set_option(fd, SockOpt::RecvErr(errors))?;
        if let Some(ttl) = ttl {
            sys.set_option(fd, SockOpt::Ttl(ttl))?;
        }
        from.apply(sys, fd, family)?;
        sys.catch(Signal::INT);
        let now = sys.now();
        Ok(Self {
            sys: sys.clone(),
            fd,
            to,
            size,
            pattern: Vec::new(),
            sent_at: SortedMap::new(),
            transmitted: 0,
            received: 0,
            errors: 0,
            duplicates: 0,
            first: now,
            last: now,
            times: Vec::new(),
        })
    }

    /// Sends one request.
    async fn send(&mut self, seq: u16) -> Result<(), Errno> {
        let data: Vec<u8> = match self.pattern.as_slice() {
            [] => (0..self.size)
                .map(|i| u8::try_from(i & 0xff).unwrap_or(0))
                .collect(),
            pattern => pattern.iter().copied().cycle().take(self.size).collect(),
        };
        self.last = self.sys.now();
        if self.transmitted == 0 {
            self.first = self.last;
        }
        self.transmitted += 1;
        self.sent_at.insert(seq, (self.last, false));
        self.sys
            .send_to(self.fd, Bytes::from(data), SocketAddr::new(self.to, seq))
            .await
            .map(|_| ())
    }

    /// Waits for something to happen, not longer than `until`.
    async fn hear(&mut self, until: Instant) -> Heard {
        loop {
            let wait = until - self.sys.now();
            let message = match self.sys.timeout(wait, self.sys.recv_from(self.fd)).await {
                None => return Heard::Time,
                Some(Err(Errno::EINTR)) => {
                    if self.sys.take_signal() == Some(Signal::INT) {
                        return Heard::Interrupt;
                    }
                    continue;
                }
                Some(Err(error)) => return Heard::Failed(error),
                Some(Ok(message)) => message,
            };
            if message.error.is_some() {
                let seq = message.from.port();
                self.errors += 1;
                return Heard::Error(seq, message);
            }
            let Some(wire::IcmpMessage::EchoReply { seq, .. }) = message.icmp() else {
                continue;
            };
            let seq = *seq;
            let Some((sent, answered)) = self.sent_at.get_mut(&seq) else {
                continue;
            };
            let time = message.at - *sent;
            let again = std::mem::replace(answered, true);
            self.times.push(time);
            if again {
                self.duplicates += 1;
            } else {
                self.received += 1;
            }
            return Heard::Reply {
                seq,
                message,
                time,
                again,
            };
        }
    }

    /// Shortest, mean, longest time and their spread.
    fn summary(&self) -> [Duration; 4] {
        let n = u32::try_from(self.times.len()).unwrap_or(u32::MAX).max(1);
        let mean = self.times.iter().sum::<Duration>() / n;
        let square = |d: &Duration| d.as_secs_f64() * d.as_secs_f64();
        let variance =
            (self.times.iter().map(square).sum::<f64>() / f64::from(n) - square(&mean)).max(0.0);
        let min = self.times.iter().min().copied().unwrap_or_default();
        let max = self.times.iter().max().copied().unwrap_or_default();
        [min, mean, max, Duration::from_secs_f64(variance.sqrt())]
    }

    fn longest(&self) -> Duration {
        self.times.iter().max().copied().unwrap_or_default()
    }
}

/// Milliseconds with three decimals.
fn ms(time: Duration) -> String {
    format!("{}.{:03}", time.as_millis(), time.as_micros() % 1000)
}
