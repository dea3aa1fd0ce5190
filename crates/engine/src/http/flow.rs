//! Answers that come piece by piece, and connections that are handed over to a process.

use std::pin::Pin;

use bytes::Bytes;
use kernel::process::files::Fd;
use kernel::sys::{Sys, race};
use kernel::time::Duration;

use super::request::{Reader, Request};
use crate::api::{EventMessage, StatsResponse};
use crate::client::Client;
use crate::error::Error;
use crate::go_json::line;
use crate::stream::{Attached, Channel, Frame, Receiver};

/// How often a container is measured. Source: moby `daemon/stats/collector.go`.
const BETWEEN_STATS: Duration = Duration::from_secs(1);

/// A body that comes piece by piece.
pub(super) enum Flow {
    /// Output, told apart by its channel unless it is a terminal's.
    Output(Receiver<Frame>, Manner),
    /// Events.
    Events(Receiver<EventMessage>),
    /// What is known only later.
    Later(Option<Pin<Box<dyn Future<Output = Vec<u8>>>>>),
    /// What a container uses, again and again.
    Stats(Box<(Client, Option<StatsResponse>)>),
}

/// How output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// A terminal's: as it is.
    Raw,
    /// Each piece behind a header. Source: moby `pkg/stdcopy`.
    Framed,
}

impl Manner {
    /// That of a process with or without a terminal.
    pub(super) fn of(tty: bool) -> Self {
        match tty {
            true => Self::Raw,
            false => Self::Framed,
        }
    }

    fn written(self, frame: &Frame) -> Vec<u8> {
        if self == Self::Raw {
            return frame.data.to_vec();
        }
        let channel = match frame.channel {
            Channel::Stdout => 1,
            Channel::Stderr => 2,
        };
        let length = u32::try_from(frame.data.len()).unwrap_or(u32::MAX);
        let [a, b, c, d] = length.to_be_bytes();
        [&[channel, 0, 0, 0, a, b, c, d], frame.data.as_ref()].concat()
    }
}

impl Flow {
    /// The next piece; nothing at the end.
    async fn next(&mut self, sys: &Sys) -> Option<Vec<u8>> {
        match self {
            Self::Output(frames, manner) => frames.next().await.map(|frame| manner.written(&frame)),
            Self::Events(events) => events.next().await.map(|event| line(&event)),
            Self::Later(work) => match work.take() {
                Some(work) => Some(work.await),
                None => None,
            },
            Self::Stats(measured) => {
                let (client, before) = &mut **measured;
                let last = before.take()?;
                let next = client.container_stats(last.id.as_str());
                if !last.preread.is_empty() {
                    sys.sleep(BETWEEN_STATS).await.ok()?;
                }
                let told = line(&last);
                *before = next.ok().map(|next| StatsResponse {
                    preread: last.read.clone(),
                    ..next
                });
                Some(told)
            }
        }
    }

    /// Writes all pieces, in chunks unless the client speaks HTTP/1.0. Returns whether the connection can be used further.
    pub(super) async fn pour(
        mut self,
        sys: &Sys,
        fd: Fd,
        reader: &mut Reader<'_>,
        chunked: bool,
    ) -> bool {
        loop {
            let gone = async {
                reader.gone().await;
                Err(())
            };
            let piece = race(async { Ok(self.next(sys).await) }, gone).await;
            let Ok(piece) = piece else { return false };
            let Some(piece) = piece else { break };
            let piece = match chunked {
                true if piece.is_empty() => continue,
                true => [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat(),
                false => piece,
            };
            if sys.write(fd, &piece).await.is_err() {
                return false;
            }
        }
        chunked && sys.write(fd, b"0\r\n\r\n").await.is_ok()
    }
}

/// A connection that is no longer one of HTTP.
pub(super) struct Taken {
    pub(super) head: Vec<u8>,
    pub(super) streams: Option<Attached>,
    pub(super) manner: Manner,
    /// What the process printed that nobody started.
    pub(super) last: Option<Error>,
}

impl Taken {
    /// The first line of an answer after which the connection belongs to a process's streams, and the headers that
    /// belong to it.
    pub(super) fn head(request: &Request, tty: bool) -> String {
        if !request.headers.contains_key("upgrade") {
            return format!("HTTP/1.1 200 OK\r\nContent-Type: {RAW}\r\n");
        }
        let kind = match !tty && request.speaks((1, 42)) {
            true => FRAMED,
            false => RAW,
        };
        format!(
            "HTTP/1.1 101 UPGRADED\r\nContent-Type: {kind}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
        )
    }

    /// Passes bytes on both ways, until the process or the client ends.
    pub(super) async fn run(self, sys: &Sys, fd: Fd, reader: &mut Reader<'_>) {
        let Self {
            head,
            streams,
            manner,
            last,
        } = self;
        if sys.write(fd, &head).await.is_err() {
            return;
        }
        if let Some(error) = last {
            let frame = Frame {
                channel: Channel::Stdout,
                data: Bytes::from(format!("{error}\r\n")),
            };
            let _ = sys.write(fd, &manner.written(&frame)).await;
        }
        let Some(Attached { output, mut input }) = streams else {
            return;
        };
        let out = async {
            while let Some(frame) = output.next().await {
                if sys.write(fd, &manner.written(&frame)).await.is_err() {
                    break;
                }
            }
        };
        let read = async {
            while let Some(data) = reader.piece().await {
                if input.as_ref().is_none_or(|input| !input.write(data)) {
                    break;
                }
            }
            // Its end is told; what the process prints is still wanted.
            drop(input.take());
            std::future::pending::<()>().await;
        };
        race(out, read).await;
    }
}

/// What output is called that is as a terminal shows it, or that was always called so.
pub(super) const RAW: &str = "application/vnd.docker.raw-stream";
/// What output is called whose pieces have headers.
pub(super) const FRAMED: &str = "application/vnd.docker.multiplexed-stream";
