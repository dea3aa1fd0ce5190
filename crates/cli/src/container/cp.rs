//! `docker container cp`. Source: docker/cli `container/cp.go`; moby/go-archive `copy.go`.

use engine::{Archive, Client, unpack};
use kernel::fs::tar::{self, Fault, Style};
use kernel::fs::{Metadata, Node, path};
use kernel::ids::MountId;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::format::size;
use crate::session::{Failure, Outcome, STDIN, STDOUT, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "cp",
    usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n	docker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    short: "Copy files/folders between a container and the local filesystem",
    long: "Copy files/folders between a container and the local filesystem\n\nUse '-' as the source to read a tar archive from stdin\nand extract it to a directory destination in a container.\nUse '-' as the destination to stream a tar archive of a\ncontainer source to stdout.",
    known_as: "docker container cp, docker cp",
    flags: &[&[
        Flag::bool("archive", "Archive mode (copy all uid/gid information)").short('a'),
        Flag::bool("follow-link", "Always follow symbol link in SRC_PATH").short('L'),
        Flag::bool("quiet", "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached").short('q'),
    ]],
    args: ArgRule::Exactly(2),
    action: verb!(run),
    ..Command::BLANK
};

/// A longer archive is not read, bytes.
const LONGEST: usize = 64 << 20;

/// One end of a copy: a container and a path in it, or a path of the machine.
pub(crate) fn end(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((of, path)) if !text.starts_with('/') && !of.starts_with('.') => (Some(of), path),
        _ => (None, text),
    }
}

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let ends = [parsed.arg(0), parsed.arg(1)];
    for (text, which) in ends.iter().zip(["source", "destination"]) {
        if text.is_empty() {
            return Err(complaint(format!("{which} can not be empty")));
        }
    }
    let follow = parsed.on("follow-link");
    let quiet = match parsed.given("quiet") {
        true => parsed.on("quiet"),
        false => !session.sys.is_tty(STDOUT),
    };
    let client = session.client()?;
    let (bytes, to) = match ends.map(end) {
        [(Some(_), _), (Some(_), _)] => {
            return Err(complaint("copying between containers is not supported"));
        }
        [(None, _), (None, _)] => {
            return Err(complaint("must specify at least one container source"));
        }
        [(Some(container), from), (None, "-")] => {
            write_archive(&session, &client, container, from, follow).await?;
            return Ok(0);
        }
        [(None, "-"), (Some(container), to)] => {
            let archive = Incoming::read(&session).await;
            archive.put(&session, &client, container, to)?;
            return Ok(0);
        }
        [(Some(container), from), (None, to)] => {
            let bytes = fetch(&session, &client, container, (from, to), follow)?;
            (bytes, path::absolute(&session.sys.cwd(), to))
        }
        [(None, from), (Some(container), to)] => {
            let bytes = send(&session, &client, container, (from, to), follow)?;
            (bytes, ends[1].to_owned())
        }
    };
    if !quiet {
        let size = size::decimal(bytes, 3);
        session.complain(&format!("Successfully copied {size} to {to}"));
    }
    Ok(0)
}

/// Copies out of a container. Returns the bytes that went over.
pub(crate) fn fetch(
    session: &Session,
    client: &Client,
    container: &str,
    (from, to): (&str, &str),
    follow: bool,
) -> Result<u64, Failure> {
    let sys = &session.sys;
    let local = Local::new(session, to)?;
    let above = local.path.rsplit_once('/').map_or("", |(above, _)| above);
    if !above.is_empty() && !sys.exists(above) {
        return Err(complaint(format!(
            "invalid output path: directory \"{above}\" does not exist"
        )));
    }
    if let Ok(Node::Device(_)) = sys.stat(&local.path, true).map(|meta| meta.node) {
        return Err(complaint(format!(
            "invalid output path: \"{}\" must be a directory or a regular file: got a device",
            local.path
        )));
    }
    let archive = client.container_archive(container, from, follow);
    let archive = archive.map_err(refused)?;
    let at = Target {
        path: &local.path,
        there: sys.stat(&local.path, true).ok(),
        asserted: to.ends_with('/'),
    };
    let (dir, name) = at.of(from, &archive)?;
    let bytes = length(&archive);
    sys.kernel(|k| unpack(k, local.tree, &dir, &name, archive))
        .map_err(complaint)?;
    Ok(bytes)
}

/// Copies into a container. Returns the bytes that went over.
pub(crate) fn send(
    session: &Session,
    client: &Client,
    container: &str,
    (from, to): (&str, &str),
    follow: bool,
) -> Result<u64, Failure> {
    let mut full = path::absolute("/", to);
    // The engine takes no empty path, and to the command line that one says that it is a directory: one that is not there.
    let mut there = match to {
        "" => None,
        _ => look(client, container, &full)?,
    };
    if let Some(Node::Symlink(target)) = there.as_ref().map(|m| &m.node) {
        let above = path::split(&full).map_or("/", |(above, _)| above);
        full = path::absolute(above, target);
        there = look(client, container, &full)?;
    }
    let local = Local::new(session, from)?;
    let archive = session.sys.kernel(|k| {
        let real = k.resolve(local.tree, &local.path, follow).ok();
        real.map_or_else(Vec::new, |real| k.subtree(local.tree, &real))
    });
    if archive.is_empty() {
        // Folder and name are put together as they are.
        let (above, name) = path::split(&local.path).unwrap_or(("/", ""));
        return Err(complaint(format!(
            "lstat {above}/{name}: no such file or directory"
        )));
    }
    let file = there.as_ref().is_some_and(|m| !is_dir(m));
    let at = Target {
        path: &full,
        there: there.filter(|_| !(file && to.ends_with('/'))),
        asserted: to.is_empty() || to.ends_with('/'),
    };
    let (dir, name) = at.of(from, &archive)?;
    let bytes = length(&archive);
    let done = client.container_extract(container, dir, name, archive);
    done.map_err(refused)?;
    Ok(bytes)
}

/// Writes what stands at a path of a container to standard output, as an archive.
pub(crate) async fn write_archive(
    session: &Session,
    client: &Client,
    container: &str,
    from: &str,
    follow: bool,
) -> Result<(), Failure> {
    // A link that is followed lends its archive the name of what it leads to.
    let target = match client.container_stat_path(container, from) {
        Ok(Metadata {
            node: Node::Symlink(to),
            ..
        }) if follow => path::split(from).map(|(dir, _)| path::absolute(dir, &to)),
        _ => None,
    };
    let up = (from.ends_with("/..") || from == "..").then(|| path::absolute("/", from));
    let from = target.as_deref().or(up.as_deref()).unwrap_or(from);
    let archive = client.container_archive(container, from, follow);
    let archive = archive.map_err(refused)?;
    let bare = from.trim_end_matches('/');
    let base = bare.rsplit('/').next().unwrap_or_default();
    let named = archive.iter().map(|(below, meta)| {
        let name = format!("{base}{below}");
        (
            if name.is_empty() {
                "/".to_owned()
            } else {
                name
            },
            meta,
        )
    });
    let named: Vec<_> = named.collect();
    let style = Style {
        epoch: session.sys.kernel(|k| k.epoch),
        named: false,
        ..Style::default()
    };
    let entries = named.iter().map(|(name, meta)| (name.as_str(), *meta));
    let bytes = tar::write(entries, style);
    // Who reads no more has had enough.
    let _ = session.sys.write(STDOUT, &bytes).await;
    Ok(())
}

/// An archive that comes from standard input.
pub(crate) struct Incoming(Vec<u8>);

impl Incoming {
    /// Reads it.
    pub(crate) async fn read(session: &Session) -> Self {
        let bytes = session.sys.read_all(STDIN, LONGEST).await;
        Self(bytes.unwrap_or_default())
    }

    /// Puts what it holds into a directory of a container.
    pub(crate) fn put(
        &self,
        session: &Session,
        client: &Client,
        container: &str,
        to: &str,
    ) -> Result<(), Failure> {
        let full = path::absolute("/", to);
        let there = look(client, container, &full).ok().flatten();
        if to.is_empty() || !there.is_some_and(|there| is_dir(&there)) {
            return Err(complaint(format!(
                "destination \"{container}:{to}\" must be a directory"
            )));
        }
        let entries = tar::read(&self.0, session.sys.kernel(|k| k.epoch));
        let entries = entries.map_err(|fault| {
            complaint(match fault {
                Fault::Short => "Error response from daemon: unexpected EOF",
                Fault::NoArchive => "Error response from daemon: archive/tar: invalid tar header",
            })
        })?;
        let mut archive: Archive = Vec::new();
        for (name, meta) in entries {
            let below = path::absolute("/", &name);
            if below != "/" {
                archive.push((below, meta));
            }
        }
        let done = client.container_extract(container, full, String::new(), archive);
        done.map_err(refused)
    }
}

/// Returns what stands at a path of a container.
fn look(client: &Client, container: &str, path: &str) -> Result<Option<Metadata>, Failure> {
    match client.container_stat_path(container, path) {
        Err(e) if e.to_string().starts_with("No such container") => Err(refused(e)),
        found => Ok(found.ok()),
    }
}

/// A path of the machine that docker runs on.
struct Local {
    tree: MountId,
    path: String,
}

impl Local {
    fn new(session: &Session, text: &str) -> Result<Self, Failure> {
        let tree = session.sys.me(|p| p.mount);
        Ok(Self {
            tree: tree.ok_or_else(|| complaint("no such process"))?,
            path: path::absolute(&session.sys.cwd(), text),
        })
    }
}

fn is_dir(meta: &Metadata) -> bool {
    matches!(meta.node, Node::Dir)
}

/// Where a copy goes.
struct Target<'a> {
    path: &'a str,
    there: Option<Metadata>,
    /// Whether the path says that it is a directory.
    asserted: bool,
}

impl Target<'_> {
    /// Returns the directory that the copy is put into, and its name there; none if the directory takes what is in `from`.
    fn of(&self, from: &str, archive: &Archive) -> Result<(String, String), Failure> {
        let of_dir = archive.first().is_some_and(|(_, meta)| is_dir(meta));
        let bare = from.trim_end_matches('/');
        let base = bare.rsplit('/').next().unwrap_or_default();
        match &self.there {
            Some(meta) if is_dir(meta) => {
                let name = if matches!(base, "." | "..") { "" } else { base };
                Ok((self.path.to_owned(), name.to_owned()))
            }
            Some(_) if of_dir => Err(complaint("cannot copy directory")),
            None if self.asserted && !of_dir => Err(complaint("no such directory")),
            _ => {
                let (dir, name) = path::split(self.path).unwrap_or(("/", ""));
                Ok((dir.to_owned(), name.to_owned()))
            }
        }
    }
}

/// How long a tar of it would be.
fn length(archive: &Archive) -> u64 {
    let mut blocks = archive.len() + 2;
    for (_, meta) in archive {
        if let Node::File(data) = &meta.node {
            blocks += data.len().div_ceil(512);
        }
    }
    u64::try_from(blocks * 512).unwrap_or(u64::MAX)
}
