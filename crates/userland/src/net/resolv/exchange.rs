//! Questions to name servers and their answers, by datagrams and by TCP. Source: RFC 1035 section 4.2.

use std::net::SocketAddr;

use kernel::Errno;
use kernel::sock::{Family, SockOpt, SockType};
use kernel::sys::Sys;
use kernel::time::Duration;
use wire::dns::{Message, Question};

/// A random id for a query.
#[must_use]
pub fn new_id(sys: &Sys) -> u16 {
    (sys.kernel(|k| k.rng.next_u32()) & 0xffff) as u16
}

/// An answer with its size as it came, which is not what it would be sent as: name servers differ in how they shorten names.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it says.
    pub message: Message,
    /// Bytes received.
    pub size: usize,
}

impl Answer {
    fn parse(bytes: bytes::Bytes) -> Result<Self, Errno> {
        let size = bytes.len();
        Ok(Self {
            message: Message::parse(bytes).or(Err(Errno::EPROTO))?,
            size,
        })
    }
}

impl std::ops::Deref for Answer {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

/// Several questions to one server at once, from one socket; the answers in the order of the questions.
/// # Errors
/// `ETIMEDOUT` if not all are answered, or what the network reported.
pub async fn exchange_all(
    sys: &Sys,
    server: SocketAddr,
    queries: &[Message],
    timeout: Duration,
) -> Result<Vec<Answer>, Errno> {
    let mut out = Vec::new();
    let found = exchange_datagrams(sys, server, queries, timeout, true).await?;
    for (answer, query) in found.into_iter().zip(queries) {
        out.push(if answer.flags.tc {
            exchange_tcp(sys, server, query, timeout).await?
        } else {
            answer
        });
    }
    Ok(out)
}

/// Several questions to one server at once, by UDP alone: answers may be cut. `reports` asks for whatever routers say
/// (`IP_RECVERR`), as glibc and BIND do and busybox does not; else only what is final is told.
/// # Errors
/// As [`exchange`].
pub async fn exchange_datagrams(
    sys: &Sys,
    server: SocketAddr,
    queries: &[Message],
    timeout: Duration,
    reports: bool,
) -> Result<Vec<Answer>, Errno> {
    let fd = sys.socket(Family::of(server.ip()), SockType::Datagram)?;
    let talk = async {
        sys.set_option(fd, SockOpt::RecvErr(reports))?;
        sys.connect(fd, server).await?;
        for query in queries {
            sys.write(fd, &query.emit()).await?;
        }
        let mut found: Vec<Option<Answer>> = vec![None; queries.len()];
        while found.iter().any(Option::is_none) {
            let received = sys.recv_from(fd).await?;
            if let Some(error) = received.error {
                return Err(error);
            }
            let Ok(answer) = Answer::parse(received.data) else {
                continue;
            };
            if let Some((slot, _)) = found
                .iter_mut()
                .zip(queries)
                .find(|(slot, query)| slot.is_none() && answers(query, &answer))
            {
                *slot = Some(answer);
            }
        }
        Ok(found)
    };
    let result = sys
        .timeout(timeout, talk)
        .await
        .unwrap_or(Err(Errno::ETIMEDOUT));
    sys.close(fd);
    Ok(result?.into_iter().flatten().collect())
}

/// One question to one server, by UDP, and again by TCP if the answer did not fit.
/// # Errors
/// `ETIMEDOUT` without an answer, or what the network reported.
pub async fn exchange(
    sys: &Sys,
    server: SocketAddr,
    query: &Message,
    timeout: Duration,
) -> Result<Answer, Errno> {
    exchange_all(sys, server, std::slice::from_ref(query), timeout)
        .await?
        .pop()
        .ok_or(Errno::ETIMEDOUT)
}

/// The same by TCP, where each message is preceded by its length (RFC 1035 section 4.2.2).
/// # Errors
/// As [`exchange`].
pub async fn exchange_tcp(
    sys: &Sys,
    server: SocketAddr,
    query: &Message,
    timeout: Duration,
) -> Result<Answer, Errno> {
    let fd = sys.socket(Family::of(server.ip()), SockType::Stream)?;
    let talk = async {
        sys.connect(fd, server).await?;
        let bytes = query.emit();
        let length = u16::try_from(bytes.len()).or(Err(Errno::EMSGSIZE))?;
        sys.write(fd, &[&length.to_be_bytes()[..], &bytes].concat())
            .await?;
        let mut got = Vec::new();
        loop {
            if let Some((head, body)) = got.split_first_chunk::<2>()
                && body.len() >= usize::from(u16::from_be_bytes(*head))
            {
                return Answer::parse(bytes::Bytes::copy_from_slice(body));
            }
            let piece = sys.read(fd, 65_536).await?;
            if piece.is_empty() {
                return Err(Errno::ECONNRESET);
            }
            got.extend_from_slice(&piece);
        }
    };
    let result = sys
        .timeout(timeout, talk)
        .await
        .unwrap_or(Err(Errno::ETIMEDOUT));
    sys.close(fd);
    result
}

fn answers(query: &Message, answer: &Message) -> bool {
    let same = |a: &Question, b: &Question| a.name == b.name && a.rtype == b.rtype;
    answer.flags.qr
        && answer.id == query.id
        && answer
            .questions
            .iter()
            .zip(&query.questions)
            .all(|(a, b)| same(a, b))
}
