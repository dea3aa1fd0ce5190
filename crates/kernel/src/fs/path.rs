//! Absolute, normalised paths.

/// `path` as seen from directory `cwd`, absolute, without `.`, `..`, doubled or trailing slashes.
///
/// Does not look at the file tree: symbolic links are [`super::Tree::resolve`]'s business.
#[must_use]
pub fn absolute(cwd: &str, path: &str) -> String {
    let base = if path.starts_with('/') { "" } else { cwd };
    let mut out = String::with_capacity(base.len() + path.len() + 1);
    for part in base.split('/').chain(path.split('/')) {
        step(&mut out, part);
    }
    if out.is_empty() {
        out.push('/');
    }
    out
}

/// Goes on from `at`, a normalised path that is empty for the root, by one component.
pub(super) fn step(at: &mut String, part: &str) {
    match part {
        "" | "." => {}
        ".." => at.truncate(at.rfind('/').unwrap_or(0)),
        name => {
            at.push('/');
            at.push_str(name);
        }
    }
}

/// The directory that holds `path` (absolute), and the name in it; `None` for the root.
#[must_use]
pub fn split(path: &str) -> Option<(&str, &str)> {
    let (dir, name) = path.rsplit_once('/')?;
    if name.is_empty() {
        return None;
    }
    Some((if dir.is_empty() { "/" } else { dir }, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_slashes_go() {
        assert_eq!(absolute("/root", "a/../b//./c/"), "/root/b/c");
        assert_eq!(absolute("/root", "/../.."), "/");
        assert_eq!(absolute("/", ""), "/");
    }

    #[test]
    fn split_knows_the_root() {
        assert_eq!(split("/a/b"), Some(("/a", "b")));
        assert_eq!(split("/a"), Some(("/", "a")));
        assert_eq!(split("/"), None);
    }
}
