//! Names of images: as the engine writes them, and as patterns ask for them.

/// Returns whether a name is what a pattern asks for, in which `*` and `?` stand for anything but a slash.
/// Source: distribution/reference, `FamiliarMatch`.
pub(super) fn is_reference(pattern: &str, name: &str) -> bool {
    let bare = name.rsplit_once(':').map_or(name, |(bare, _)| bare);
    [name, bare].iter().any(|text| is_like(pattern, text))
}

/// Matches piece by piece between slashes; within one, only the last star that was met has ever to be widened.
fn is_like(pattern: &str, text: &str) -> bool {
    let (mut patterns, mut texts) = (pattern.split('/'), text.split('/'));
    loop {
        match (patterns.next(), texts.next()) {
            (None, None) => return true,
            (Some(p), Some(t)) if is_like_piece(p.as_bytes(), t.as_bytes()) => {}
            _ => return false,
        }
    }
}

fn is_like_piece(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match (pattern.get(p), text.get(t), star) {
            (Some(b'*'), _, _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(a), Some(b), _) if a == b || *a == b'?' => {
                p += 1;
                t += 1;
            }
            (_, _, Some((at, from))) => {
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
            _ => return false,
        }
    }
    pattern.iter().skip(p).all(|c| *c == b'*')
}

/// Returns a reference as the engine prints it: without the default registry, with a tag.
pub fn familiar_name(reference: &str) -> String {
    let name = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let tagged = name
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains([':', '@']));
    if tagged {
        name.to_owned()
    } else {
        format!("{name}:latest")
    }
}

/// Returns a name with its registry and tag. Source: distribution/reference, `ParseNormalizedNamed`.
pub(super) fn full_name(name: &str) -> String {
    let name = familiar_name(name);
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => name,
        Some(_) => format!("docker.io/{name}"),
        None => format!("docker.io/library/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_match_as_patterns_between_slashes() {
        for (pattern, name, want) in [
            ("nginx", "nginx:alpine", true),
            ("ngin*", "nginx:alpine", true),
            ("*:alp?ne", "nginx:alpine", true),
            ("*", "team/web:1", false),
            ("*/w*b", "team/web:1", true),
            ("team/*:2", "team/web:1", false),
        ] {
            assert_eq!(is_reference(pattern, name), want, "{pattern} {name}");
        }
    }
}
