//! Reading input by pieces and lines, from files and standard input.

use bytes::{Buf as _, BytesMut};
use kernel::Errno;
use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;

use crate::Flavour;

/// What is read at once, bytes.
const PIECE: usize = 65_536;

/// A line longer than this is handed out in parts.
const MAX_LINE: usize = 8 << 20;

/// What a program may keep of its input, bytes.
const MOST_KEPT: usize = 32 << 20;

/// What a line takes beside its text, bytes.
const LINE_ITSELF: usize = 32;

/// An open input with its buffer.
pub struct Input {
    sys: Sys,
    fd: Fd,
    buffer: BytesMut,
    ended: bool,
    /// Why reading stopped early, if it did.
    pub error: Option<Errno>,
}

/// A line without its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// False for a last line without a newline.
    pub ended: bool,
}

impl Input {
    /// Reads from a descriptor.
    #[must_use]
    pub fn new(sys: &Sys, fd: Fd) -> Self {
        Self {
            sys: sys.clone(),
            fd,
            buffer: BytesMut::new(),
            ended: false,
            error: None,
        }
    }

    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// As `open(2)`.
    pub fn open(sys: &Sys, path: &str) -> Result<Self, Errno> {
        let fd = if path == "-" {
            Fd::STDIN
        } else {
            sys.open(path, OpenOptions::READ)?
        };
        Ok(Self::new(sys, fd))
    }

    async fn fill(&mut self) {
        match self.sys.read(self.fd, PIECE).await {
            Ok(data) if data.is_empty() => self.ended = true,
            Ok(data) => self.buffer.extend_from_slice(&data),
            Err(error) => {
                self.ended = true;
                self.error = Some(error);
            }
        }
    }

    /// The next piece; `None` at the end.
    pub async fn piece(&mut self) -> Option<Vec<u8>> {
        if self.buffer.is_empty() && !self.ended {
            self.fill().await;
        }
        if self.buffer.is_empty() {
            None
        } else {
            Some(self.buffer.split().to_vec())
        }
    }

    /// The next line's bytes up to and including `delimiter`; `None` at the end.
    pub async fn until(&mut self, delimiter: u8) -> Option<Vec<u8>> {
        let mut searched = 0;
        loop {
            let found = self
                .buffer
                .iter()
                .skip(searched)
                .position(|byte| *byte == delimiter)
                .map(|at| searched + at + 1);
            let end = match found {
                Some(end) => end,
                None if self.ended || self.buffer.len() >= MAX_LINE => self.buffer.len(),
                None => {
                    searched = self.buffer.len();
                    self.fill().await;
                    continue;
                }
            };
            if end == 0 {
                return None;
            }
            let line = self.buffer.get(..end).unwrap_or_default().to_vec();
            self.buffer.advance(line.len());
            return Some(line);
        }
    }

    /// The next line; `None` at the end.
    pub async fn line(&mut self) -> Option<Line> {
        let mut bytes = self.until(b'\n').await?;
        let ended = bytes.last() == Some(&b'\n');
        if ended {
            bytes.pop();
        }
        Some(Line {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            ended,
        })
    }

    /// All that is left.
    pub async fn rest(&mut self) -> Vec<u8> {
        while !self.ended && self.buffer.len() < MOST_KEPT {
            self.fill().await;
        }
        self.buffer.split().to_vec()
    }

    /// Closes what was opened.
    pub fn close(self) {
        if self.fd != Fd::STDIN {
            self.sys.close(self.fd);
        }
    }
}

/// Opens a file or says why not: `cat: x: No such file or directory`, or busybox's `cat: can't open 'x': ...`.
pub fn open(sys: &Sys, program: &str, path: &str, flavour: Flavour) -> Option<Input> {
    match Input::open(sys, path) {
        Ok(input) => Some(input),
        Err(error) => {
            let text = match flavour {
                Flavour::Gnu => format!("{program}: {path}: {error}\n"),
                Flavour::Busybox => format!("{program}: can't open '{path}': {error}\n"),
            };
            sys.err(&text);
            None
        }
    }
}

/// All lines of the files, or of standard input if there are none; false if some file could not be read, or there is no
/// room for all of them.
pub async fn all_lines(
    sys: &Sys,
    program: &str,
    files: &[String],
    flavour: Flavour,
) -> (Vec<String>, bool) {
    let standard = ["-".to_owned()];
    let files = if files.is_empty() {
        &standard[..]
    } else {
        files
    };
    let mut lines = Vec::new();
    let mut fine = true;
    let mut room = MOST_KEPT;
    for file in files {
        let Some(mut input) = open(sys, program, file, flavour) else {
            fine = false;
            continue;
        };
        while let Some(line) = input.line().await {
            let Some(left) = room.checked_sub(line.text.len() + LINE_ITSELF) else {
                sys.err(&format!("{program}: memory exhausted\n"));
                return (lines, false);
            };
            room = left;
            lines.push(line.text);
        }
        if let Some(error) = input.error {
            sys.err(&format!("{program}: {file}: {error}\n"));
            fine = false;
        }
        input.close();
    }
    (lines, fine)
}
