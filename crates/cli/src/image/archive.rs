//! Archives that commands read: a file, or standard input.

use crate::session::{Failure, STDIN, Session, complaint};

/// A longer archive is not read, bytes.
const LONGEST: usize = 64 << 20;

/// Reads a file, or standard input for `-`.
pub(crate) async fn read(session: &Session, from: &str) -> Result<Vec<u8>, Failure> {
    let sys = &session.sys;
    match from {
        "-" => Ok(sys.read_all(STDIN, LONGEST).await.unwrap_or_default()),
        file => match sys.read_file(file) {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(e) => Err(complaint(format!(
                "open {file}: {}",
                e.text().to_ascii_lowercase()
            ))),
        },
    }
}
