//! `chmod` and `chown`.

use super::missing_operand;
use crate::Flavour;
use crate::args::program;
use kernel::sys::Sys;

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
