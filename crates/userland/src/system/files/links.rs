//! `ln`, `readlink` and `realpath`.

use super::copy::targets;
use super::last_name;
use crate::Flavour;
use crate::args;
use kernel::Errno;
use kernel::fs::Node;
use kernel::sys::Sys;

/// The `ln` program; hard links are copies of what stands there now.
pub fn ln(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "sfnvT", &[("symbolic", 's'), ("force", 'f')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut operands = parsed.operands.clone();
    if let [only] = operands.as_slice() {
        let here = last_name(only).to_owned();
        operands.push(here);
    }
    if !parsed.has('s') {
        return crate::not_modelled(&sys, "ln", "without -s (hard links)");
    }
    let pairs = match targets(&sys, "ln", &operands, flavour) {
        Ok(pairs) => pairs,
        Err(code) => return code,
    };
    let mut status = 0;
    for (target, link) in pairs {
        let at = link.as_str();
        if parsed.has('f') && sys.stat(at, false).is_ok() {
            // What can't be removed makes the next line fail, with the reason.
            let _: Result<(), Errno> = sys.remove(at);
        }
        if let Err(error) = sys.make_node(at, Node::Symlink(target.as_str().into()), 0o777) {
            let text = if flavour == Flavour::Gnu {
                format!("ln: failed to create symbolic link '{link}': {error}\n")
            } else {
                format!("ln: {link}: {error}\n")
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

/// The `readlink` program.
pub fn readlink(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "femn", &[("canonicalize", 'f')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let full = parsed
        .options
        .iter()
        .any(|(option, _)| "fem".contains(*option));
    let mut status = 0;
    for path in &parsed.operands {
        let found = if full {
            sys.real_path(path).ok()
        } else {
            sys.stat(path, false).ok().and_then(|meta| {
                if let Node::Symlink(target) = meta.node {
                    Some(target.to_string())
                } else {
                    None
                }
            })
        };
        match found {
            Some(text) => {
                sys.out(&(text + if parsed.has('n') { "" } else { "\n" }));
            }
            None => status = 1,
        }
    }
    status
}

/// The `realpath` program.
pub fn realpath(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let mut status = 0;
    for path in args.iter().skip(1) {
        match sys.real_path(path) {
            Ok(full) => sys.out(&(full + "\n")),
            Err(error) => {
                sys.err(&format!("realpath: {path}: {error}\n"));
                status = 1;
            }
        }
    }
    status
}
