//! `docker system dial-stdio`: what other clients start to reach the engine through a shell.
//! Source: docker/cli `cli/command/system/dial_stdio.go`.

use engine::client::SOCKET;
use kernel::sys::race;

use crate::args::{ArgRule, Command, Parsed, verb};
use crate::session::{Outcome, STDIN, STDOUT, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "dial-stdio",
    short: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
    hidden: true,
    args: ArgRule::None,
    action: verb!(run),
    ..Command::BLANK
};

/// How much is passed on at once, bytes.
const PIECE: usize = 65_536;

async fn run(session: Session, _parsed: Parsed) -> Outcome {
    let sys = &session.sys;
    let engine = sys.connect_local(SOCKET).map_err(|why| {
        complaint(format!(
            "failed to open the raw stream connection: dial unix {SOCKET}: connect: {}",
            why.text().to_ascii_lowercase()
        ))
    })?;
    let there = async {
        while let Ok(piece) = sys.read(STDIN, PIECE).await {
            if piece.is_empty() || sys.write(engine, &piece).await.is_err() {
                break;
            }
        }
        let _ = sys.shutdown(engine, false, true);
        std::future::pending::<()>().await;
    };
    let back = async {
        while let Ok(piece) = sys.read(engine, PIECE).await {
            if piece.is_empty() || sys.write(STDOUT, &piece).await.is_err() {
                break;
            }
        }
    };
    race(there, back).await;
    sys.close(engine);
    Ok(0)
}
