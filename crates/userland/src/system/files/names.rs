//! `basename`, `dirname` and `mktemp`.

use super::{last_name, missing_operand};
use crate::Flavour;
use crate::args;
use kernel::fs::Node;
use kernel::sys::Sys;

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
