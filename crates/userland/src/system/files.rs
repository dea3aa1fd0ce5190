//! Programs that change the file tree: `mkdir`, `rmdir`, `rm`, `touch`, `cp`, `mv`, `ln`, `chmod`, `chown`, and those about paths.

use kernel::Errno;
use kernel::fs::Node;
use kernel::sys::Sys;

use crate::Flavour;
use crate::args::{self, program};
use crate::usage;

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
fn targets(
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

/// Applies `755` or `u+x,go-w` to permission bits; `None` if malformed.
fn changed_mode(text: &str, old: u32) -> Option<u32> {
    if let Ok(mode) = u32::from_str_radix(text, 8) {
        return (mode <= 0o7777).then_some(mode);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at_checked(at)?;
        let op = rest.chars().next()?;
        let mut bits = 0;
        for letter in rest.chars().skip(1) {
            bits |= match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' | 'X' => 0o111,
                's' | 't' => 0,
                _ => return None,
            };
        }
        let mut mask = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                'a' => 0o777,
                _ => return None,
            };
        }
        if who.is_empty() {
            mask = 0o777;
        }
        mode = match op {
            '+' => mode | bits & mask,
            '-' => mode & !(bits & mask),
            _ => mode & !mask | bits & mask,
        };
    }
    Some(mode)
}

/// The `chmod` program.
pub fn chmod(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let Some((mode, files)) = args
        .get(1..)
        .and_then(|rest| {
            rest.iter()
                .position(|word| word != "-R" && word != "-v")
                .and_then(|at| rest.get(at..))
        })
        .and_then(<[String]>::split_first)
    else {
        return missing_operand(&sys, "chmod", flavour);
    };
    let mut status = 0;
    for path in files {
        let changed = match sys.stat(path, true) {
            Ok(meta) => match changed_mode(mode, meta.mode) {
                Some(mode) => sys.chmod(path, mode),
                None => {
                    sys.err(&format!("chmod: invalid mode: '{mode}'\n"));
                    return 1;
                }
            },
            Err(error) => Err(error),
        };
        if let Err(error) = changed {
            let text = if flavour == Flavour::Gnu {
                format!("chmod: cannot access '{path}': {error}\n")
            } else {
                format!("chmod: {path}: {error}\n")
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

/// The `chown` and `chgrp` programs: accepted for files that exist; owners are not modelled.
pub fn chown(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let name = program(&args).to_owned();
    let mut status = 0;
    for path in args
        .iter()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .skip(1)
    {
        if let Err(error) = sys.stat(path, true) {
            let text = if flavour == Flavour::Gnu {
                format!("{name}: cannot access '{path}': {error}\n")
            } else {
                format!("{name}: {path}: {error}\n")
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

/// The `basename` program.
pub fn basename(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let Some(path) = args.get(1) else {
        return missing_operand(&sys, "basename", flavour);
    };
    let name = if path.trim_end_matches('/').is_empty() && !path.is_empty() {
        "/"
    } else {
        last_name(path)
    };
    let short = args
        .get(2)
        .and_then(|suffix| name.strip_suffix(suffix.as_str()))
        .filter(|short| !short.is_empty())
        .unwrap_or(name);
    sys.out(&format!("{short}\n"));
    0
}

/// The `dirname` program.
pub fn dirname(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let Some(path) = args.get(1) else {
        return missing_operand(&sys, "dirname", flavour);
    };
    let trimmed = path.trim_end_matches('/');
    let dir = match trimmed.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((dir, _)) => dir,
        None if path.starts_with('/') => "/",
        None => ".",
    };
    sys.out(&format!("{dir}\n"));
    0
}

/// The `mktemp` program.
pub fn mktemp(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "dup:tq",
        &[("directory", 'd'), ("dry-run", 'u'), ("tmpdir", 'p')],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let given = parsed.operands.first();
    let template = given.map_or("tmp.XXXXXXXXXX", String::as_str);
    let kept = template.trim_end_matches('X');
    if template.len() - kept.len() < 3 {
        sys.err(&format!(
            "mktemp: too few X's in template {}\n",
            args::quote(&sys, template)
        ));
        return 1;
    }
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut name = kept.to_owned();
    for _ in kept.len()..template.len() {
        let pick = sys.kernel(|k| k.rng.next_u64()) % LETTERS.len() as u64;
        let letter = usize::try_from(pick).ok().and_then(|at| LETTERS.get(at));
        name.extend(letter.map(|byte| char::from(*byte)));
    }
    let dir = parsed.value('p').map(str::to_owned);
    let path = match dir {
        Some(dir) => format!("{dir}/{name}"),
        None if given.is_none() || parsed.has('t') => format!("/tmp/{name}"),
        None => name,
    };
    let made = if parsed.has('u') {
        Ok(())
    } else if parsed.has('d') {
        sys.make_node(&path, Node::Dir, 0o700)
    } else {
        sys.write_file(&path, b"")
    };
    if let Err(error) = made {
        let kind = if parsed.has('d') { "directory" } else { "file" };
        let shown = args::quote(&sys, &path);
        sys.err(&format!(
            "mktemp: failed to create {kind} via template {shown}: {error}\n"
        ));
        return 1;
    }
    sys.out(&format!("{path}\n"));
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_change_as_asked() {
        assert_eq!(changed_mode("755", 0), Some(0o755));
        assert_eq!(changed_mode("u+x,go-r", 0o644), Some(0o700));
        assert_eq!(changed_mode("a=r", 0o777), Some(0o444));
        assert_eq!(changed_mode("+x", 0o644), Some(0o755));
        assert_eq!(changed_mode("z+x", 0), None);
    }
}
