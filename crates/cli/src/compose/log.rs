//! Log lines, as logrus prints them: on a terminal for people, elsewhere as `key=value`.

use crate::format::time;
use crate::go;
use crate::session::Session;
use kernel::process::files::Fd;

const STDERR: Fd = Fd(2);

/// Prints a warning to standard error.
pub(super) fn warn(session: &Session, message: &str) {
    let line = match session.sys.is_tty(STDERR) {
        true => format!("\u{1b}[33mWARN\u{1b}[0m[0000] {message}"),
        false => {
            let moment = time::rfc3339(session.now(), 0).replace(".000000000", "");
            let message = quoted(message);
            format!("time=\"{moment}\" level=warning msg={message}")
        }
    };
    session.complain(&line);
}

/// Quotes a value unless it is a plain word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/@^+".contains(c);
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => go::quote(text),
    }
}
