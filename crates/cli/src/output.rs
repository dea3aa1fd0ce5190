//! Where an archive goes: `--output` or standard output. Source: docker/cli `command/utils.go`, `ValidateOutputPath`.

use kernel::fs::{Node, path};

use crate::session::{Failure, Outcome, STDOUT, Session, complaint};

/// Where an archive goes.
pub(crate) enum Output<'a> {
    /// A file of the machine.
    File(&'a str),
    /// Standard output.
    Stream,
}

impl<'a> Output<'a> {
    /// Looks whether an archive can go to a file, or to standard output if none is named.
    pub(crate) fn open(session: &Session, to: &'a str, what: &str) -> Result<Self, Failure> {
        let sys = &session.sys;
        if to.is_empty() {
            return match sys.is_tty(STDOUT) {
                true => Err(complaint(
                    "cowardly refusing to save to a terminal. Use the -o flag or redirect",
                )),
                false => Ok(Self::Stream),
            };
        }
        let full = path::absolute(&sys.cwd(), to);
        let (above, _) = path::split(&full).unwrap_or(("/", ""));
        let fail = |why: String| Err(complaint(format!("failed to {what}: {why}")));
        if sys.stat(above, true).is_err() {
            // As it was written, without its last part.
            let above = to
                .trim_end_matches('/')
                .rsplit_once('/')
                .map_or(".", |(a, _)| a);
            return fail(format!(
                "invalid output path: stat {above}: no such file or directory"
            ));
        }
        match sys.stat(&full, true).map(|meta| meta.node) {
            Ok(Node::Dir) => fail("cannot write to a directory".to_owned()),
            Ok(Node::Device(_)) => fail("cannot write to a character device file".to_owned()),
            Ok(_) | Err(_) => Ok(Self::File(to)),
        }
    }

    /// Writes an archive.
    pub(crate) async fn write(&self, session: &Session, bytes: &[u8]) -> Outcome {
        match self {
            Self::File(to) => {
                let failed = |e: kernel::Errno| {
                    complaint(format!("open {to}: {}", e.text().to_ascii_lowercase()))
                };
                session.sys.write_file(to, bytes).map_err(failed)?;
                session.sys.chmod(to, 0o600).map_err(failed)?;
            }
            // Who reads no more has had enough.
            Self::Stream => drop(session.sys.write(STDOUT, bytes).await),
        }
        Ok(0)
    }
}
