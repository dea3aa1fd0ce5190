//! Carrying standard streams between this program and a container.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use engine::api::{WaitCondition, WaitResponse};
use engine::client::AttachOptions;
use engine::stream::{Attached, Channel, Frame, Receiver};
use engine::{Client, Error};
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::process::tty::TtyId;
use kernel::sys::Condition;

use crate::session::{Failure, STDIN, STDOUT, Session, complaint};

const STDERR: Fd = Fd(2);

/// Refuses `-it` where standard input is no terminal.
pub(crate) fn check_terminal(session: &Session, stdin: bool, tty: bool) -> Result<(), Failure> {
    match stdin && tty && !session.sys.is_tty(STDIN) {
        true => Err(complaint("the input device is not a TTY")),
        false => Ok(()),
    }
}

/// Whether keys to detach with can be understood: letters, and `ctrl-` with a letter or one of a few signs. Source: moby/term
/// `ascii.go`.
pub(super) fn are_keys(text: &str) -> bool {
    let control = |key: &str| matches!(key.as_bytes(), [b'a'..=b'z' | b'@' | b'['..=b'_']);
    let key = |key: &str| match key.strip_prefix("ctrl-") {
        Some(rest) => control(rest),
        None => key.chars().count() == 1,
    };
    text.is_empty() || text.split(',').all(key)
}

/// Refuses to attach with keys to detach with that cannot be understood. The engine does, with a status that is all that is told.
pub(super) fn check_keys(keys: &str) -> Result<(), Failure> {
    match are_keys(keys) {
        true => Ok(()),
        false => Err(complaint("unable to upgrade to tcp, received 400")),
    }
}

/// Returns how to attach; a process with a terminal gets ours if we have one.
pub(crate) fn attach_options(
    session: &Session,
    stdin: bool,
    stdout: bool,
    stderr: bool,
    tty: bool,
) -> AttachOptions {
    let ours = session.sys.is_tty(STDOUT) || (stdin && session.sys.is_tty(STDIN));
    let console = if tty && ours {
        session.sys.me(|process| process.tty).flatten()
    } else {
        None
    };
    AttachOptions {
        stdin,
        stdout,
        stderr,
        logs: false,
        console,
        ..AttachOptions::default()
    }
}

/// Prints what comes until it ends. Errors: nobody reads on, and this program does not end of that.
pub(crate) async fn print(session: &Session, output: &Receiver<Frame>) -> Result<(), Failure> {
    while let Some(frame) = output.next().await {
        let (fd, name) = match frame.channel {
            Channel::Stdout => (STDOUT, "stdout"),
            Channel::Stderr => (STDERR, "stderr"),
        };
        match session.sys.write(fd, &frame.data).await {
            Ok(_) => {}
            Err(Errno::EPIPE) => return Err(complaint(format!("write /dev/{name}: broken pipe"))),
            Err(_) => break,
        }
    }
    Ok(())
}

/// Passes standard input on and prints the output until that ends.
pub(crate) async fn carry(session: &Session, attached: Attached) -> Result<(), Failure> {
    let Attached { output, input } = attached;
    if let Some(input) = input {
        let sys = session.sys.clone();
        session.sys.spawn_task(async move {
            loop {
                match sys.read(STDIN, 4096).await {
                    Ok(data) if data.is_empty() => break,
                    Ok(data) => {
                        if !input.write(data) {
                            break;
                        }
                    }
                    Err(Errno::EINTR) => {}
                    Err(_) => break,
                }
            }
        });
    }
    print(session, &output).await
}

/// Passes the keyboard on to a container's terminal and shows what that shows, its echo included.
pub(super) async fn carry_keys(
    session: &Session,
    attached: Attached,
    terminal: TtyId,
) -> Result<(), Failure> {
    let echo = |on: bool| {
        session.sys.kernel(|k| {
            if let Some(tty) = k.tty_mut(terminal) {
                tty.echo = on;
            }
        });
    };
    let Attached { output, input } = attached;
    if let Some(input) = input.map(Rc::new) {
        session.sys.catch(Signal::INT);
        let (sys, keys) = (session.sys.clone(), input.clone());
        session.sys.spawn_task(async move {
            // Ctrl-C is a key like others there.
            while sys.signal().await == Signal::INT && keys.write(Bytes::from_static(&[3])) {}
        });
        let sys = session.sys.clone();
        session.sys.spawn_task(async move {
            loop {
                match sys.read(STDIN, 4096).await {
                    Ok(data) => {
                        // The end of input is the key Ctrl-D.
                        let data = if data.is_empty() {
                            Bytes::from_static(&[4])
                        } else {
                            data
                        };
                        if !input.write(data) {
                            break;
                        }
                    }
                    Err(Errno::EINTR) => sys.pause().await,
                    Err(_) => break,
                }
            }
        });
    }
    echo(false);
    let printed = print(session, &output).await;
    echo(true);
    printed
}

/// Passes SIGINT and SIGTERM on to a container's first process. The third one ends this program, as with docker. SIGPIPE is
/// caught with them and kept. Source: docker/cli `container/signals.go`.
pub(crate) fn proxy_signals(session: &Session, client: &Client, container: &str) {
    session.sys.ignore(Signal::PIPE);
    session.sys.catch(Signal::INT);
    session.sys.catch(Signal::TERM);
    let (sys, client, container) = (session.sys.clone(), client.clone(), container.to_owned());
    session.sys.spawn_task(async move {
        for count in 1.. {
            let signal = sys.signal().await;
            if count >= 3 {
                sys.err("\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n");
                sys.exit(1).await;
            }
            // A container that has just ended needs no signal.
            let _gone = client
                .container_kill(container.as_str(), signal.name())
                .await;
        }
    });
}

/// A wait for a container's end that was begun before its start, so that nothing is missed.
pub(crate) struct Waiting {
    answer: Rc<RefCell<Option<Result<WaitResponse, Error>>>>,
    answered: Condition,
}

impl Waiting {
    /// Begins to wait.
    pub(crate) fn begin(
        session: &Session,
        client: &Client,
        container: &str,
        condition: WaitCondition,
    ) -> Self {
        let waiting = Self {
            answer: Rc::default(),
            answered: session.sys.condition(),
        };
        let (answer, answered) = (waiting.answer.clone(), waiting.answered.clone());
        let (client, container) = (client.clone(), container.to_owned());
        session.sys.spawn_task(async move {
            let result = client.container_wait(container, condition).await;
            *answer.borrow_mut() = Some(result);
            answered.signal();
        });
        waiting
    }

    /// Returns the exit code once it is known.
    pub(crate) async fn exit_code(self) -> i32 {
        let answer = self
            .answered
            .until(|| self.answer.borrow_mut().take())
            .await;
        match answer {
            Ok(response) => i32::try_from(response.status_code).unwrap_or(125),
            Err(_) => 125,
        }
    }
}
