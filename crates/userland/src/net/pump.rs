//! Carrying bytes between a socket and a program's standard streams, and running programs on a connection.

use bytes::Bytes;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sys::{Sys, race};
use kernel::time::Duration;
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

/// What is read at once, bytes.
const PIECE: usize = 65_536;

/// When and how carrying ends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    /// Tell the peer when standard input ends (`nc -N`, and what most others do by themselves).
    pub half_close: bool,
    /// End with standard input.
    pub end_with_input: bool,
    /// How long to listen on for an answer or an error then.
    pub linger: Duration,
    /// End when nothing was carried for this long.
    pub idle: Option<Duration>,
    /// Do not read standard input.
    pub no_input: bool,
}

impl Rules {
    /// Tells the peer when standard input ends, and waits for it to end too.
    pub const HALF_CLOSE: Self = Self {
        half_close: true,
        end_with_input: false,
        linger: Duration::ZERO,
        idle: None,
        no_input: false,
    };
}

/// How many bytes went each way.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// To the peer.
    pub sent: u64,
    /// From the peer.
    pub received: u64,
    /// What ended it, if it was an error.
    pub error: Option<Errno>,
    /// The time without traffic ran out.
    pub idled: bool,
}

/// Carries standard input to a connected socket, and what comes from there to standard output.
pub async fn carry(sys: &Sys, socket: Fd, rules: Rules) -> Carried {
    let sent = Rc::new(Cell::new(0u64));
    let received = Cell::new(0u64);
    let last = Rc::new(Cell::new(sys.now()));
    let (input_sent, input_last) = (sent.clone(), last.clone());
    let upward = async {
        if rules.no_input {
            return std::future::pending().await;
        }
        loop {
            let data = match sys.read(Fd::STDIN, PIECE).await {
                Ok(data) if !data.is_empty() => data,
                _ => break,
            };
            if let Err(error) = sys.write(socket, &data).await {
                return Some(error);
            }
            input_sent.set(input_sent.get() + data.len() as u64);
            input_last.set(sys.now());
        }
        if rules.half_close {
            let _ = sys.shutdown(socket, false, true);
        }
        if rules.end_with_input {
            let _ = sys.sleep(rules.linger).await;
            return None;
        }
        std::future::pending().await
    };
    let downward = async {
        loop {
            match sys.read(socket, PIECE).await {
                Ok(data) if data.is_empty() => return None,
                Ok(data) => {
                    received.set(received.get() + data.len() as u64);
                    last.set(sys.now());
                    if sys.write(Fd::STDOUT, &data).await.is_err() {
                        return None;
                    }
                }
                Err(error) => return Some(error),
            }
        }
    };
    let idled = Cell::new(false);
    let silence = async {
        let Some(limit) = rules.idle else {
            return std::future::pending().await;
        };
        loop {
            let end = last.get() + limit;
            if sys.now() >= end {
                idled.set(true);
                return None;
            }
            let _ = sys.sleep(end - sys.now()).await;
        }
    };
    let error = race(downward, race(upward, silence)).await;
    Carried {
        sent: sent.get(),
        received: received.get(),
        error,
        idled: idled.get(),
    }
}

/// Runs a program with a connection as its standard input and output, and waits for its end.
pub async fn run_on(sys: &Sys, connection: Fd, argv: Vec<String>) -> Option<i32> {
    run_told(sys, connection, argv, Vec::new()).await
}

/// The same for a program that is told of the connection by variables.
pub async fn run_told(
    sys: &Sys,
    connection: Fd,
    argv: Vec<String>,
    variables: Vec<(String, String)>,
) -> Option<i32> {
    let mut spawn = sys.child(argv)?;
    spawn.env.extend(variables);
    let file = sys.handle(connection).ok()?;
    let errors = spawn.fds.get(&Fd::STDERR).copied();
    spawn.fds = [(Fd::STDIN, file), (Fd::STDOUT, file)].into();
    spawn.fds.extend(errors.map(|file| (Fd::STDERR, file)));
    let child = sys.spawn(spawn).ok()?;
    let (_, status) = sys.wait(Some(child)).await.ok()?;
    Some(status.code())
}

/// Runs a program for one datagram: it is the program's input, and the output goes back (what `ncat -u -e` comes to).
pub fn run_on_datagram(sys: &Sys, socket: Fd, argv: &[String], data: Bytes, from: SocketAddr) {
    let (task, argv) = (sys.clone(), argv.to_vec());
    sys.spawn_task(async move {
        let Ok(answer) = filter(&task, argv, &data).await else {
            return;
        };
        if !answer.is_empty() {
            let _ = task.send_to(socket, Bytes::from(answer), from).await;
        }
    });
}

/// A program's output for this input.
async fn filter(sys: &Sys, argv: Vec<String>, input: &[u8]) -> Result<Vec<u8>, Errno> {
    let (in_r, in_w) = sys.pipe()?;
    let (out_r, out_w) = sys.pipe()?;
    let mut spawn = sys.child(argv).ok_or(Errno::ESRCH)?;
    spawn.fds = [
        (Fd::STDIN, sys.handle(in_r)?),
        (Fd::STDOUT, sys.handle(out_w)?),
    ]
    .into();
    let child = sys.spawn(spawn);
    sys.close(in_r);
    sys.close(out_w);
    let _ = sys.write(in_w, input).await;
    sys.close(in_w);
    let out = sys.read_all(out_r, PIECE).await;
    sys.close(out_r);
    let _ = sys.wait(Some(child?)).await;
    out
}
