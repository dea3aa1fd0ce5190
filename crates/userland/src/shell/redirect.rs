//! Redirections, on the process's real descriptors.
//!
//! The shell keeps what it needs for itself at descriptor 10 and above; children never inherit those.

use sorted::SortedMap;

use bytes::Bytes;
use kernel::Errno;
use kernel::fs::Node;
use kernel::process::files::{Fd, FileId, OpenOptions};
use kernel::sock::{Family, SockType};
use std::net::SocketAddr;

use super::Flavour;
use super::ast::{Redirect, RedirectKind, Word};
use super::state::{Abort, Boxed, Shell};
use crate::net::resolv;

/// The first descriptor that is the shell's own.
const PRIVATE: u32 = 10;

/// The most that a here-document may hold, bytes: what a pipe takes without a reader.
const MAX_HERE_DOCUMENT: usize = 65_536;

/// Descriptors to be put back: each with where it was kept, `None` if it was closed.
pub(crate) type Saved = Vec<(Fd, Option<Fd>)>;

impl Shell {
    /// Performs redirections; on failure prints why, undoes what was done and leaves the status that the shell gives it.
    pub(crate) fn redirect<'a>(
        &'a mut self,
        redirects: &'a [Redirect],
    ) -> Boxed<'a, Result<Saved, Abort>> {
        Box::pin(async move {
            let mut saved = Saved::new();
            for redirect in redirects {
                if self.redirect_one(redirect, &mut saved).await.is_err() {
                    self.restore(saved);
                    self.status = if self.flavour == Flavour::Dash { 2 } else { 1 };
                    return Err(Abort);
                }
            }
            Ok(saved)
        })
    }

    /// Puts descriptors back, the last change first.
    pub(crate) fn restore(&self, saved: Saved) {
        for (fd, kept) in saved.into_iter().rev() {
            match kept {
                Some(kept) => {
                    // It was open a moment ago, so this cannot fail.
                    let _: Result<(), Errno> = self.sys.dup2(kept, fd);
                    self.sys.close(kept);
                }
                None => self.sys.close(fd),
            }
        }
    }

    /// Makes redirections stay, as `exec >file` does.
    pub(crate) fn forget(&self, saved: Saved) {
        for (_, kept) in saved {
            if let Some(kept) = kept {
                self.sys.close(kept);
            }
        }
    }

    /// A free descriptor of the shell's own.
    fn private(&self) -> Fd {
        self.sys
            .me(|p| (PRIVATE..).map(Fd).find(|fd| !p.fds.contains_key(fd)))
            .flatten()
            .unwrap_or(Fd(PRIVATE))
    }

    /// Moves a descriptor out of the children's sight.
    pub(crate) fn hide(&self, fd: Fd) -> Fd {
        let to = self.private();
        if self.sys.dup2(fd, to).is_err() {
            return fd;
        }
        self.sys.close(fd);
        to
    }

    /// A pipe of the shell's own: reading and writing end.
    pub(crate) fn hidden_pipe(&self) -> Result<(Fd, Fd), Errno> {
        let (reader, writer) = self.sys.pipe()?;
        Ok((self.hide(reader), self.hide(writer)))
    }

    /// Moves a descriptor to where children find it by name: the highest free number below 64, as in bash.
    pub(crate) fn offer(&self, fd: Fd) -> Fd {
        let free = self.sys.me(|p| {
            (PRIVATE..64)
                .rev()
                .map(Fd)
                .find(|fd| !p.fds.contains_key(fd))
        });
        let to = free.flatten().unwrap_or(fd);
        if self.sys.dup2(fd, to).is_err() {
            return fd;
        }
        self.sys.close(fd);
        to
    }

    /// What a child inherits.
    pub(crate) fn inherited(&self) -> SortedMap<Fd, FileId> {
        self.sys
            .me(|p| {
                p.fds
                    .iter()
                    .filter(|(fd, _)| fd.0 < PRIVATE || self.substitutions.contains(fd))
                    .map(|(fd, file)| (*fd, *file))
                    .collect()
            })
            .unwrap_or_default()
    }

    fn replace(&self, fd: Fd, by: Fd, saved: &mut Saved) -> Result<(), Errno> {
        self.save(fd, saved);
        self.sys.dup2(by, fd)
    }

    fn save(&self, fd: Fd, saved: &mut Saved) {
        let kept = self.private();
        saved.push((fd, self.sys.dup2(fd, kept).ok().map(|()| kept)));
    }

    async fn redirect_one(&mut self, redirect: &Redirect, saved: &mut Saved) -> Result<(), Abort> {
        let fd = Fd(redirect.fd);
        match &redirect.kind {
            RedirectKind::Read(word) => self.open_onto(word, &[fd], OpenOptions::READ, saved).await,
            RedirectKind::Write(word) => {
                self.open_onto(word, &[fd], OpenOptions::WRITE, saved).await
            }
            RedirectKind::Over(word) => {
                let before = std::mem::replace(&mut self.options.noclobber, false);
                let done = self.open_onto(word, &[fd], OpenOptions::WRITE, saved).await;
                self.options.noclobber = before;
                done
            }
            RedirectKind::Append(word) => {
                self.open_onto(word, &[fd], OpenOptions::APPEND, saved)
                    .await
            }
            RedirectKind::ReadWrite(word) => {
                let options = OpenOptions {
                    read: true,
                    write: true,
                    append: false,
                    create: true,
                    truncate: false,
                };
                self.open_onto(word, &[fd], options, saved).await
            }
            RedirectKind::Both(word) => {
                self.open_onto(word, &[Fd::STDOUT, Fd::STDERR], OpenOptions::WRITE, saved)
                    .await
            }
            RedirectKind::BothAppend(word) => {
                self.open_onto(word, &[Fd::STDOUT, Fd::STDERR], OpenOptions::APPEND, saved)
                    .await
            }
            RedirectKind::Duplicate(word) => self.duplicate(word, fd, saved).await,
            RedirectKind::HereDoc(body) => {
                let text = match body.get() {
                    Some(word) => self.single(word).await?,
                    None => String::new(),
                };
                self.here(&text, fd, saved).await
            }
            RedirectKind::HereString(word) => {
                let text = self.single(word).await? + "\n";
                self.here(&text, fd, saved).await
            }
        }
    }

    async fn open_onto(
        &mut self,
        word: &Word,
        fds: &[Fd],
        options: OpenOptions,
        saved: &mut Saved,
    ) -> Result<(), Abort> {
        let names = self.words(std::slice::from_ref(word)).await?;
        let [path] = names.as_slice() else {
            let shown = word.as_literal().unwrap_or_else(|| "$word".to_owned());
            self.complain(&format!("{shown}: ambiguous redirect"));
            return Err(Abort);
        };
        let exists = options.truncate
            && self.options.noclobber
            && self
                .sys
                .stat(path, true)
                .is_ok_and(|found| matches!(found.node, Node::File(_)));
        let opened = if exists {
            Err(Errno::EEXIST)
        } else {
            match self.peer(path) {
                Some((kind, host, port)) => self.dial(kind, host, port).await,
                None => self.sys.open(path, options),
            }
        };
        match opened {
            Ok(opened) => {
                let opened = self.hide(opened);
                for fd in fds {
                    let _: Result<(), Errno> = self.replace(*fd, opened, saved);
                }
                self.sys.close(opened);
                Ok(())
            }
            Err(error) => {
                let text = self.open_error(path, options, error);
                self.complain(&text);
                Err(Abort)
            }
        }
    }

    /// The connection that bash makes of `/dev/tcp/HOST/PORT` and `/dev/udp/HOST/PORT`; the other shells know no such files.
    fn peer<'a>(&self, path: &'a str) -> Option<(SockType, &'a str, &'a str)> {
        let (kind, rest) = match path.strip_prefix("/dev/tcp/") {
            Some(rest) => (SockType::Stream, rest),
            None => (SockType::Datagram, path.strip_prefix("/dev/udp/")?),
        };
        let (host, port) = rest.split_once('/')?;
        let whole = !host.is_empty() && !port.is_empty() && !port.contains('/');
        (self.flavour == Flavour::Bash && whole).then_some((kind, host, port))
    }

    /// Connects; what goes wrong on the way is told as bash's `netopen` does, before the redirection's own complaint.
    async fn dial(&self, kind: SockType, host: &str, port: &str) -> Result<Fd, Errno> {
        let found = match resolv::lookup(&self.sys, host, None).await {
            Ok(found) => found,
            Err(error) => {
                self.complain(&format!("{host}: {}", error.text()));
                return Err(Errno::EINVAL);
            }
        };
        let Some(port) = resolv::port(&self.sys, port) else {
            self.complain(&format!("{port}: Servname not supported for ai_socktype"));
            return Err(Errno::EINVAL);
        };
        let mut last = Errno::EINVAL;
        for ip in found.addresses {
            let fd = self.sys.socket(Family::of(ip), kind)?;
            match self.sys.connect(fd, SocketAddr::new(ip, port)).await {
                Ok(()) => return Ok(fd),
                Err(error) => {
                    self.sys.close(fd);
                    last = error;
                }
            }
        }
        self.sys.err(&format!("{}: connect: {last}\n", self.name));
        Err(last)
    }

    fn open_error(&self, path: &str, options: OpenOptions, error: Errno) -> String {
        let verb = if options.create { "create" } else { "open" };
        match self.flavour {
            Flavour::Bash if error == Errno::EEXIST => {
                format!("{path}: cannot overwrite existing file")
            }
            Flavour::Bash => format!("{path}: {error}"),
            Flavour::Dash | Flavour::Ash => {
                let missing = if options.create {
                    if self.flavour == Flavour::Ash {
                        "nonexistent directory"
                    } else {
                        "Directory nonexistent"
                    }
                } else {
                    "No such file"
                };
                let reason = if error == Errno::ENOENT {
                    missing.to_owned()
                } else {
                    error.to_string()
                };
                if self.flavour == Flavour::Dash {
                    format!("cannot {verb} {path}: {reason}")
                } else {
                    let reason = if error == Errno::ENOENT {
                        missing.to_ascii_lowercase()
                    } else {
                        reason
                    };
                    format!("can't {verb} {path}: {reason}")
                }
            }
        }
    }

    async fn duplicate(&mut self, word: &Word, fd: Fd, saved: &mut Saved) -> Result<(), Abort> {
        let text = self.single(word).await?;
        if text == "-" {
            self.save(fd, saved);
            self.sys.close(fd);
            return Ok(());
        }
        let Ok(number) = text.parse::<u32>() else {
            self.complain(&format!("{text}: ambiguous redirect"));
            return Err(Abort);
        };
        if number >= PRIVATE || self.sys.handle(Fd(number)).is_err() {
            self.complain(&format!("{text}: {}", Errno::EBADF));
            return Err(Abort);
        }
        let _: Result<(), Errno> = self.replace(fd, Fd(number), saved);
        Ok(())
    }

    async fn here(&mut self, text: &str, fd: Fd, saved: &mut Saved) -> Result<(), Abort> {
        let data = Bytes::copy_from_slice(text.as_bytes());
        if data.len() > MAX_HERE_DOCUMENT {
            self.complain("here-documents beyond 64 KiB are not modelled in Drydock");
            return Err(Abort);
        }
        let Ok((reader, writer)) = self.hidden_pipe() else {
            return Err(Abort);
        };
        // It fits into the pipe, so this neither waits nor fails.
        let _: Result<(), Errno> = self.sys.write(writer, &data).await;
        self.sys.close(writer);
        let _: Result<(), Errno> = self.replace(fd, reader, saved);
        self.sys.close(reader);
        Ok(())
    }
}
