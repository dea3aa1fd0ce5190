//! Standard streams of processes in containers, as the engine holds them: pipes, a terminal of the container's own, or the
//! client's terminal, lent.
//!
//! The real engine puts a pseudo-terminal between the two always. A client's terminal is lent here instead, so that prompts and
//! echo are those of one terminal; a container gets one of its own when no client brings any.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use kernel::Errno;
use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, FileId, FileKind, OpenOptions};
use kernel::process::tty::{Stream, TtyId};
use sorted::SortedMap;

use crate::daemon::Engine;
use crate::logs::{Output, Stdin};
use crate::stream::{Channel, Receiver};

/// How long the engine waits for what a process that has ended may have left in its pipes.
const PATIENCE: kernel::time::Duration = kernel::time::Duration::from_secs(2);

/// What a terminal's line discipline makes of these bytes.
const INTERRUPT: u8 = 3;
const END: u8 = 4;

/// Standard streams of a process in a container.
pub(super) struct Streams {
    fds: SortedMap<Fd, FileId>,
    /// Ends that only the new process shall hold.
    close: Vec<Fd>,
    sources: Sources,
    stdin: Option<Stdin>,
    terminal: Option<TtyId>,
}

/// Where a process's output is read from.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    pipes: Vec<(Fd, Channel)>,
    terminal: Option<TtyId>,
}

impl Sources {
    /// The descriptors among them.
    pub(super) fn fds(&self) -> impl Iterator<Item = Fd> {
        self.pipes.iter().map(|(fd, _)| *fd)
    }
}

impl Streams {
    /// Closes the ends that the new process has.
    pub(super) fn close_child_ends(&self, engine: &Engine) {
        for fd in &self.close {
            engine.sys().close(*fd);
        }
    }

    /// Makes them the standard streams of a process to be.
    pub(super) fn give_to(&self, spawn: &mut Spawn) {
        spawn.fds.clone_from(&self.fds);
        spawn.tty = self.terminal;
    }

    /// The engine's end of standard input.
    pub(super) fn stdin(&self) -> Option<Stdin> {
        self.stdin
    }

    /// The engine's ends of the output.
    pub(super) fn sources(&self) -> Sources {
        self.sources.clone()
    }

    /// The terminal, its own or lent.
    pub(super) fn terminal(&self) -> Option<TtyId> {
        self.terminal
    }
}

impl Engine {
    /// Makes the standard streams of a new process. With `tty` they are a terminal: the one lent, else one of its own.
    pub(super) fn streams(
        &self,
        tty: bool,
        lent: Option<TtyId>,
        open_stdin: bool,
    ) -> Result<Streams, Errno> {
        if tty {
            return Ok(self.terminal_streams(lent, open_stdin));
        }
        let sys = self.sys();
        let (out_read, out_write) = sys.pipe()?;
        let (err_read, err_write) = sys.pipe()?;
        let (in_read, stdin) = if open_stdin {
            let (read, write) = sys.pipe()?;
            (read, Some(Stdin::Pipe(write)))
        } else {
            let null = OpenOptions {
                read: true,
                ..OpenOptions::default()
            };
            (
                sys.open("/dev/null", null)
                    .or_else(|_| self.always_at_end())?,
                None,
            )
        };
        let fds = SortedMap::from([
            (Fd::STDIN, sys.handle(in_read)?),
            (Fd::STDOUT, sys.handle(out_write)?),
            (Fd::STDERR, sys.handle(err_write)?),
        ]);
        Ok(Streams {
            fds,
            close: vec![in_read, out_write, err_write],
            sources: Sources {
                pipes: vec![(out_read, Channel::Stdout), (err_read, Channel::Stderr)],
                terminal: None,
            },
            stdin,
            terminal: None,
        })
    }

    fn terminal_streams(&self, lent: Option<TtyId>, open_stdin: bool) -> Streams {
        self.sys().kernel(|k| {
            let terminal = lent.unwrap_or_else(|| k.tty_add());
            let mut open = |stream| k.proc.files.add(FileKind::Tty(terminal, stream));
            let out = open(Stream::Out);
            let fds = SortedMap::from([
                (Fd::STDIN, out),
                (Fd::STDOUT, out),
                (Fd::STDERR, open(Stream::Err)),
            ]);
            let own = lent.is_none().then_some(terminal);
            Streams {
                fds,
                close: Vec::new(),
                sources: Sources {
                    pipes: Vec::new(),
                    terminal: own,
                },
                stdin: own.filter(|_| open_stdin).map(Stdin::Terminal),
                terminal: Some(terminal),
            }
        })
    }

    /// A descriptor that is always at its end, for machines without `/dev/null`.
    fn always_at_end(&self) -> Result<Fd, Errno> {
        let (read, write) = self.sys().pipe()?;
        self.sys().close(write);
        Ok(read)
    }

    /// Passes what a client writes on to a process's standard input. With `once`, that is closed when the client is gone.
    pub(super) fn feed(&self, stdin: Option<Stdin>, input: Option<Receiver<Bytes>>, once: bool) {
        // With nobody attached standard input stays open and silent.
        let (Some(stdin), Some(input)) = (stdin, input) else {
            return;
        };
        let sys = self.sys().clone();
        self.sys().spawn_task(async move {
            while let Some(data) = input.next().await {
                match stdin {
                    Stdin::Pipe(fd) => {
                        if sys.write(fd, &data).await.is_err() {
                            break;
                        }
                    }
                    Stdin::Terminal(tty) => sys.kernel(|k| match data.as_ref() {
                        [INTERRUPT] => k.tty_interrupt(tty),
                        [END] => k.tty_eof(tty),
                        typed => k.tty_type(tty, &String::from_utf8_lossy(typed)),
                    }),
                }
            }
            if let (Stdin::Pipe(fd), true) = (stdin, once) {
                sys.close(fd);
            }
        });
    }

    /// Passes a process's output on until it has ended and everything is read.
    pub(super) async fn watch(
        &self,
        process: ProcessId,
        output: &Output,
        sources: Sources,
    ) -> ExitStatus {
        let status = match sources.terminal {
            Some(terminal) => self.watch_terminal(process, output, terminal).await,
            None => self.watch_pipes(process, output, sources.pipes).await,
        };
        output.finish(self.now());
        self.save_log(output);
        status
    }

    async fn watch_pipes(
        &self,
        process: ProcessId,
        output: &Output,
        pipes: Vec<(Fd, Channel)>,
    ) -> ExitStatus {
        let left = Rc::new(Cell::new(pipes.len()));
        let done = self.sys().condition();
        for (fd, channel) in pipes {
            let (engine, output, left, done) =
                (self.clone(), output.clone(), left.clone(), done.clone());
            self.sys().spawn_task(async move {
                while let Ok(data) = engine.sys().read(fd, 65_536).await {
                    if data.is_empty() {
                        break;
                    }
                    engine.take_output(&output, channel, &data);
                }
                engine.sys().close(fd);
                left.set(left.get().saturating_sub(1));
                done.signal();
            });
        }
        let status = self.end_of(process).await;
        // What a child that was left behind may still print is not waited for (moby `daemon/monitor.go`).
        let rest = done.until(|| (left.get() == 0).then_some(()));
        let _in_time = self.sys().timeout(PATIENCE, rest).await;
        status
    }

    async fn watch_terminal(
        &self,
        process: ProcessId,
        output: &Output,
        terminal: TtyId,
    ) -> ExitStatus {
        let read = Cell::new(0);
        let pass_on = async {
            loop {
                let (shown, next) = self.sys().terminal_output(terminal, read.get()).await;
                read.set(next);
                self.take_output(output, Channel::Stdout, &shown);
            }
        };
        let status = kernel::sys::race(self.end_of(process), pass_on).await;
        let (shown, _) = self.sys().kernel(|k| k.tty_shown(terminal, read.get()));
        self.take_output(output, Channel::Stdout, &shown);
        status
    }

    pub(super) async fn end_of(&self, process: ProcessId) -> ExitStatus {
        loop {
            match self.sys().wait(Some(process)).await {
                Ok((_, status)) => return status,
                Err(Errno::EINTR) => self.sys().pause().await,
                Err(_) => return ExitStatus::Code(255),
            }
        }
    }
}

/// A terminal whose keyboard signals go to a container meanwhile; dropping it gives them back.
pub(super) struct LentTerminal {
    engine: Engine,
    tty: TtyId,
    before: Option<ProcessId>,
}

impl Engine {
    /// Lets the keyboard's signals go to a process.
    pub(super) fn lend_terminal(&self, tty: TtyId, process: ProcessId) -> LentTerminal {
        let before = self.sys().kernel(|k| {
            let group = k.proc.get(process).map(|p| p.group);
            k.tty_mut(tty)
                .map(|t| std::mem::replace(&mut t.foreground, group))
                .unwrap_or_default()
        });
        LentTerminal {
            engine: self.clone(),
            tty,
            before,
        }
    }
}

impl Drop for LentTerminal {
    fn drop(&mut self) {
        self.engine.sys().kernel(|k| {
            if let Some(tty) = k.tty_mut(self.tty) {
                tty.foreground = self.before;
            }
        });
    }
}
