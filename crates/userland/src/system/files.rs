//! Programs that change the file tree, or are about paths in it; here those that make and remove: `mkdir`, `rmdir`, `rm`, `touch`.

mod copy;
mod links;
mod names;
mod rights;

pub use copy::{cp, mv};
pub use links::{ln, readlink, realpath};
pub use names::{basename, dirname, mktemp};
pub use rights::{chmod, chown};

use crate::Flavour;
use crate::args;
use crate::usage;
use kernel::Errno;
use kernel::fs::Node;
use kernel::sys::Sys;

fn last_name(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(path)
}

fn missing_operand(sys: &Sys, name: &str, flavour: Flavour) -> i32 {
    if flavour == Flavour::Busybox {
        return usage::show(sys, name, None);
    }
    sys.err(&format!(
        "{name}: missing operand\nTry '{name} --help' for more information.\n"
    ));
    1
}

/// The `mkdir` program.
pub fn mkdir(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "pm:v",
        &[("parents", 'p'), ("mode", 'm'), ("verbose", 'v')],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.operands.is_empty() {
        return missing_operand(&sys, "mkdir", flavour);
    }
    let mut status = 0;
    for path in &parsed.operands {
        let made = if parsed.has('p') {
            let mut made = Ok(());
            let mut so_far = String::new();
            for part in path.split_inclusive('/') {
                so_far.push_str(part);
                let dir = if so_far == "/" {
                    "/"
                } else {
                    so_far.trim_end_matches('/')
                };
                if !sys.is_dir(dir) {
                    made = made.and_then(|()| sys.make_node(dir, Node::Dir, 0o755));
                }
            }
            made
        } else {
            sys.make_node(path.trim_end_matches('/'), Node::Dir, 0o755)
        };
        if let Err(error) = made {
            let text = match flavour {
                Flavour::Gnu => format!("mkdir: cannot create directory '{path}': {error}\n"),
                Flavour::Busybox => format!("mkdir: can't create directory '{path}': {error}\n"),
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

/// The `rmdir` program.
pub fn rmdir(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "p", &[("parents", 'p')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut status = 0;
    for path in &parsed.operands {
        let removed = match sys.stat(path, false).map(|meta| meta.node) {
            Ok(Node::Dir) => sys.remove(path),
            Ok(_) => Err(Errno::ENOTDIR),
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            let text = if flavour == Flavour::Gnu {
                format!("rmdir: failed to remove '{path}': {error}\n")
            } else {
                format!("rmdir: '{path}': {error}\n")
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

fn remove_all(sys: &Sys, path: &str, depth: usize) -> Result<(), (String, Errno)> {
    let failed = |error| (path.to_owned(), error);
    if depth > 200 {
        return Err(failed(Errno::ENAMETOOLONG));
    }
    if matches!(sys.stat(path, false).map_err(failed)?.node, Node::Dir) {
        for entry in sys.read_dir(path).map_err(failed)? {
            let inner = format!("{}/{}", path.trim_end_matches('/'), entry.name);
            remove_all(sys, &inner, depth + 1)?;
        }
    }
    sys.remove(path).map_err(failed)
}

/// The `rm` program.
pub fn rm(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "rRfivd",
        &[("recursive", 'r'), ("force", 'f'), ("verbose", 'v')],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.operands.is_empty() && !parsed.has('f') {
        return missing_operand(&sys, "rm", flavour);
    }
    let recursive = parsed.has('r') || parsed.has('R');
    let mut status = 0;
    for path in &parsed.operands {
        if matches!(last_name(path), "." | "..") || path == "/" {
            sys.err(&format!(
                "rm: refusing to remove '.' or '..' directory: skipping '{path}'\n"
            ));
            status = 1;
            continue;
        }
        let removed = match sys.stat(path, false).map(|meta| meta.node) {
            Ok(Node::Dir) if !recursive => Err((path.clone(), Errno::EISDIR)),
            Ok(_) => remove_all(&sys, path, 0),
            Err(Errno::ENOENT) if parsed.has('f') => Ok(()),
            Err(error) => Err((path.clone(), error)),
        };
        if let Err((path, error)) = removed {
            let text = match flavour {
                Flavour::Gnu => format!("rm: cannot remove '{path}': {error}\n"),
                Flavour::Busybox if error == Errno::EISDIR => {
                    format!("rm: '{path}' is a directory\n")
                }
                Flavour::Busybox => format!("rm: can't remove '{path}': {error}\n"),
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

/// The `touch` program.
pub fn touch(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "acmd:t:r:", &[("no-create", 'c')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut status = 0;
    for path in &parsed.operands {
        let touched = match sys.read_file(path) {
            Ok(data) => sys.write_file(path, &data),
            Err(Errno::EISDIR) => Ok(()),
            Err(Errno::ENOENT) if parsed.has('c') => Ok(()),
            Err(Errno::ENOENT) => sys.write_file(path, b""),
            Err(error) => Err(error),
        };
        if let Err(error) = touched {
            let text = if flavour == Flavour::Gnu {
                format!("touch: cannot touch '{path}': {error}\n")
            } else {
                format!("touch: {path}: {error}\n")
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}
