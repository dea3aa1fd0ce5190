//! Terminals: a line discipline between a person and a session's processes.

use super::WaitKey;
use super::signal::Signal;
use crate::errno::Errno;
use crate::ids::ProcessId;
use crate::state::Kernel;
use crate::time::Instant;
use bytes::Bytes;
use std::collections::VecDeque;

/// A terminal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TtyId(pub u32);

/// How much output is kept, bytes; the oldest goes first.
const SCROLLBACK: usize = 1 << 20;

/// How many pieces of output are kept, however small they are.
const PIECES: usize = 1 << 16;

/// How much may be typed ahead of what programs read, bytes; the rest is not taken.
const TYPED_AHEAD: usize = 1 << 20;

/// By which of the two standard streams something was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Standard output, and the terminal's own echo.
    Out,
    /// Standard error.
    Err,
}

/// A piece of output.
#[derive(Clone, Debug)]
pub struct Piece {
    /// When it was written.
    pub at: Instant,
    /// By which stream.
    pub stream: Stream,
    /// The bytes.
    pub data: Bytes,
}

/// Output with the time of each piece, so that it can be shown when playback gets there.
#[derive(Debug, Default)]
pub struct Output {
    pieces: VecDeque<Piece>,
    kept: usize,
    /// How many pieces were let go: the number of the oldest that is kept.
    first: u64,
    /// Bytes written in all.
    pub total: u64,
    /// Bytes that were let go since too much was written.
    pub lost: u64,
}

impl Output {
    /// Adds a piece.
    pub fn push(&mut self, at: Instant, stream: Stream, data: &[u8]) {
        self.total += data.len() as u64;
        self.kept += data.len();
        self.pieces.push_back(Piece {
            at,
            stream,
            data: Bytes::copy_from_slice(data),
        });
        while self.kept > SCROLLBACK || self.pieces.len() > PIECES {
            let Some(old) = self.pieces.pop_front() else {
                break;
            };
            self.first += 1;
            self.kept -= old.data.len();
            self.lost += old.data.len() as u64;
        }
    }

    /// The pieces that are kept, oldest first.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter()
    }

    /// The number that the next piece will have.
    #[must_use]
    pub fn next_piece(&self) -> u64 {
        self.first + self.pieces.len() as u64
    }

    /// The number of the oldest piece that is kept.
    #[must_use]
    pub const fn first_piece(&self) -> u64 {
        self.first
    }

    /// The pieces that are kept from number `from` on, oldest first.
    pub fn pieces_from(&self, from: u64) -> impl Iterator<Item = &Piece> {
        self.pieces
            .iter()
            .skip(usize::try_from(from.saturating_sub(self.first)).unwrap_or(usize::MAX))
    }

    /// Everything that is kept, as text.
    #[must_use]
    pub fn text(&self) -> String {
        let all: Vec<u8> = self
            .pieces
            .iter()
            .flat_map(|piece| piece.data.iter().copied())
            .collect();
        String::from_utf8_lossy(&all).into_owned()
    }
}

/// A terminal's state.
#[derive(Debug)]
pub struct Tty {
    /// What was written to it, and the echo of what was typed.
    pub output: Output,
    input: VecDeque<u8>,
    /// Ctrl-D on an empty line: that many reads find the end.
    eofs: u32,
    /// The process group that gets signals from the keyboard.
    pub foreground: Option<ProcessId>,
    /// Whether a read waits for input right now.
    pub reading: bool,
    /// How often Ctrl-C was pressed.
    pub interrupts: u64,
    /// Whether what is typed shows; a program that passes it on to another terminal leaves that to the other.
    pub echo: bool,
    /// Width, characters.
    pub columns: u16,
}

impl Kernel {
    /// A new terminal.
    pub fn tty_add(&mut self) -> TtyId {
        self.proc.ttys.push(Tty {
            output: Output::default(),
            input: VecDeque::new(),
            eofs: 0,
            foreground: None,
            reading: false,
            interrupts: 0,
            echo: true,
            columns: 160,
        });
        TtyId(u32::try_from(self.proc.ttys.len() - 1).unwrap_or(u32::MAX))
    }

    /// The terminal `id`.
    #[must_use]
    pub fn tty(&self, id: TtyId) -> Option<&Tty> {
        self.proc.ttys.get(id.0 as usize)
    }

    /// The terminal `id`, to change it.
    pub fn tty_mut(&mut self, id: TtyId) -> Option<&mut Tty> {
        self.proc.ttys.get_mut(id.0 as usize)
    }

    /// A person types whole lines (each ends in a newline); the terminal echoes them.
    pub fn tty_type(&mut self, id: TtyId, text: &str) {
        let now = self.now;
        let Some(tty) = self.tty_mut(id) else { return };
        if tty.input.len() + text.len() > TYPED_AHEAD {
            tty.output.push(now, Stream::Out, b"\x07");
            return;
        }
        if tty.echo {
            tty.output.push(now, Stream::Out, text.as_bytes());
        }
        tty.input.extend(text.as_bytes());
        // Whoever was reading will be served; it says so again if it wants more.
        tty.reading = false;
        self.proc.wake(WaitKey::Tty(id));
        self.proc.wake(WaitKey::TtyOutput(id));
    }

    /// A person presses Ctrl-C: the line is thrown away and the foreground group gets SIGINT.
    pub fn tty_interrupt(&mut self, id: TtyId) {
        let now = self.now;
        let Some(tty) = self.tty_mut(id) else { return };
        if tty.echo {
            tty.output.push(now, Stream::Out, b"^C\n");
        }
        tty.input.clear();
        tty.interrupts += 1;
        tty.reading = false;
        if let Some(group) = tty.foreground {
            self.kill_group(group, Signal::INT);
        }
        self.proc.wake(WaitKey::Tty(id));
        self.proc.wake(WaitKey::TtyOutput(id));
    }

    /// A person presses Ctrl-D on an empty line: the next read finds the end.
    pub fn tty_eof(&mut self, id: TtyId) {
        if let Some(tty) = self.tty_mut(id) {
            tty.eofs += 1;
            tty.reading = false;
        }
        self.proc.wake(WaitKey::Tty(id));
    }

    /// The terminal goes away: everything that has it as its own gets SIGHUP, and its shells end.
    pub fn hang_up(&mut self, id: TtyId) {
        let members: Vec<_> = self
            .proc
            .all
            .iter()
            .flatten()
            .filter(|p| p.tty == Some(id))
            .map(|p| p.id)
            .collect();
        for member in members {
            let _ = self.kill(member, Signal::HUP);
        }
        self.proc.wake(WaitKey::Tty(id));
    }

    pub(crate) fn tty_read(&mut self, id: TtyId, max: usize) -> Result<Bytes, Errno> {
        let tty = self.tty_mut(id).ok_or(Errno::EIO)?;
        if let Some(end) = tty.input.iter().position(|b| *b == b'\n') {
            tty.reading = false;
            let n = (end + 1).min(max);
            return Ok(tty.input.drain(..n).collect());
        }
        if tty.eofs > 0 {
            tty.eofs -= 1;
            tty.reading = false;
            return Ok(Bytes::new());
        }
        tty.reading = true;
        self.proc.wait_on(WaitKey::Tty(id));
        Err(Errno::EAGAIN)
    }

    pub(crate) fn tty_write(&mut self, id: TtyId, stream: Stream, data: &[u8]) {
        let now = self.now;
        if let Some(tty) = self.tty_mut(id) {
            tty.output.push(now, stream, data);
        }
        self.proc.wake(WaitKey::TtyOutput(id));
    }

    /// What a terminal showed from piece number `from` on, as the other end of a pseudo-terminal reads it: with a carriage return
    /// before every newline. Also the number of the next piece.
    #[must_use]
    pub fn tty_shown(&self, id: TtyId, from: u64) -> (Bytes, u64) {
        let Some(tty) = self.tty(id) else {
            return (Bytes::new(), from);
        };
        let mut shown = Vec::new();
        for piece in tty.output.pieces_from(from) {
            for byte in &piece.data {
                if *byte == b'\n' {
                    shown.push(b'\r');
                }
                shown.push(*byte);
            }
        }
        (shown.into(), tty.output.next_piece())
    }
}
