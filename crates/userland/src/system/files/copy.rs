//! `cp` and `mv`.

use super::{last_name, remove_all};
use crate::Flavour;
use crate::args;
use crate::usage;
use kernel::Errno;
use kernel::fs::Node;
use kernel::sys::Sys;

fn copy(
    sys: &Sys,
    from: &str,
    to: &str,
    recursive: bool,
    follow: bool,
    depth: usize,
) -> Result<(), Errno> {
    if depth > 200 {
        return Err(Errno::ENAMETOOLONG);
    }
    let meta = sys.stat(from, follow)?;
    match meta.node {
        Node::Dir if !recursive => Err(Errno::EISDIR),
        Node::Dir => {
            if !sys.is_dir(to) {
                sys.make_node(to, Node::Dir, meta.mode)?;
            }
            for entry in sys.read_dir(from)? {
                copy(
                    sys,
                    &format!("{from}/{}", entry.name),
                    &format!("{to}/{}", entry.name),
                    true,
                    false,
                    depth + 1,
                )?;
            }
            Ok(())
        }
        Node::File(_) => {
            let new = !sys.exists(to);
            sys.write_file(to, &sys.read_file(from)?)?;
            if new {
                sys.chmod(to, meta.mode)
            } else {
                Ok(())
            }
        }
        node => {
            if sys.stat(to, false).is_ok() {
                sys.remove(to)?;
            }
            sys.make_node(to, node, meta.mode)
        }
    }
}

/// Sources and where each goes, for `cp`, `mv` and `ln`.
pub(super) fn targets(
    sys: &Sys,
    name: &str,
    operands: &[String],
    flavour: Flavour,
) -> Result<Vec<(String, String)>, i32> {
    let advice = format!("Try '{name} --help' for more information.\n");
    let Some((to, from)) = operands.split_last() else {
        if flavour == Flavour::Busybox {
            return Err(usage::show(sys, name, None));
        }
        sys.err(&format!("{name}: missing file operand\n{advice}"));
        return Err(1);
    };
    if from.is_empty() {
        if flavour == Flavour::Busybox {
            return Err(usage::show(sys, name, None));
        }
        sys.err(&format!(
            "{name}: missing destination file operand after '{to}'\n{advice}"
        ));
        return Err(1);
    }
    let into = sys.is_dir(to);
    if from.len() > 1 && !into {
        let text = if flavour == Flavour::Gnu {
            format!("{name}: target '{to}': {}\n", Errno::ENOTDIR)
        } else {
            format!("{name}: '{to}' is not a directory\n")
        };
        sys.err(&text);
        return Err(1);
    }
    Ok(from
        .iter()
        .map(|from| {
            (
                from.clone(),
                if into {
                    format!("{}/{}", to.trim_end_matches('/'), last_name(from))
                } else {
                    to.clone()
                },
            )
        })
        .collect())
}

/// The `cp` program.
pub fn cp(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "rRafpvidPLT",
        &[("recursive", 'r'), ("archive", 'a'), ("force", 'f')],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let recursive = parsed.has('r') || parsed.has('R') || parsed.has('a');
    let pairs = match targets(&sys, "cp", &parsed.operands, flavour) {
        Ok(pairs) => pairs,
        Err(code) => return code,
    };
    let mut status = 0;
    for (from, to) in pairs {
        if let Err(error) = copy(&sys, &from, &to, recursive, !recursive, 0) {
            let missing = !sys.exists(&from);
            let text = match (flavour, error) {
                (Flavour::Gnu, Errno::EISDIR) if !missing => {
                    format!("cp: -r not specified; omitting directory '{from}'\n")
                }
                (Flavour::Gnu, error) if missing => format!("cp: cannot stat '{from}': {error}\n"),
                (Flavour::Gnu, error) => {
                    format!("cp: cannot create regular file '{to}': {error}\n")
                }
                (Flavour::Busybox, Errno::EISDIR) if !missing => {
                    format!("cp: omitting directory '{from}'\n")
                }
                (Flavour::Busybox, error) if missing => {
                    format!("cp: can't stat '{from}': {error}\n")
                }
                (Flavour::Busybox, error) => format!("cp: can't create '{to}': {error}\n"),
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

/// The `mv` program.
pub fn mv(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "fivnT", &[("force", 'f')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let pairs = match targets(&sys, "mv", &parsed.operands, flavour) {
        Ok(pairs) => pairs,
        Err(code) => return code,
    };
    let mut status = 0;
    for (from, to) in pairs {
        let (real_from, real_to) = (sys.real_path(&from), sys.real_path(&to));
        let inside = matches!((&real_from, &real_to), (Ok(from), Ok(to)) if to == from || to.starts_with(&format!("{from}/")));
        let moved = if inside {
            Err(Errno::EINVAL)
        } else if sys.is_mounted(&from) || sys.is_mounted(&to) {
            Err(Errno::EBUSY)
        } else {
            copy(&sys, &from, &to, true, false, 0)
                .and_then(|()| remove_all(&sys, &from, 0).map_err(|(_, error)| error))
        };
        if let Err(error) = moved {
            let text = match flavour {
                Flavour::Gnu if !sys.exists(&from) => {
                    format!("mv: cannot stat '{from}': {error}\n")
                }
                Flavour::Gnu => format!("mv: cannot move '{from}' to '{to}': {error}\n"),
                Flavour::Busybox => format!("mv: can't rename '{from}': {error}\n"),
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}
