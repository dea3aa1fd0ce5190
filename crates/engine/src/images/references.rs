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

/// Splits a name from its tag, `latest` if it has none.
pub fn name_and_tag(name: &str) -> (&str, &str) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, "latest"),
    }
}

/// Rejects what cannot be an image's name. Source: distribution/reference.
pub fn check_name(name: &str) -> Result<(), String> {
    let (repository, tag) = name_and_tag(name);
    let (bare, digest) = match repository.split_once('@') {
        Some((bare, kind)) => (bare, Some((kind, tag))),
        None => (repository, None),
    };
    // A registry's host may have capitals and a port, what follows may not.
    let (host, own) = match bare.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host != host.to_ascii_lowercase() => {
            (host, rest)
        }
        _ => ("", bare),
    };
    let own_name = own.split(':').next().unwrap_or_default();
    if own_name.chars().any(|c| c.is_ascii_uppercase()) {
        let official = host.is_empty() && !own_name.contains('/');
        let before = if official { "library/" } else { "" };
        return Err(format!(
            "invalid reference format: repository name ({before}{own_name}) must be lowercase"
        ));
    }
    let (name_of_host, port) = host.split_once(':').unwrap_or((host, "0"));
    let is = |text: &str, others: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let valid = (host.is_empty()
        || is(name_of_host, ".-") && port.bytes().all(|b| b.is_ascii_digit()))
        && own.split('/').all(|part| is(part, "._-"));
    let valid_tag = match digest {
        Some((kind, hex)) => {
            kind == "sha256" && hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())
        }
        None => {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !tag.is_empty() && tag.len() <= 128 && tag.chars().all(allowed)
        }
    };
    match valid && valid_tag {
        true => Ok(()),
        false => Err("invalid reference format".into()),
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

    #[test]
    fn what_cannot_be_a_name_is_told_apart() {
        assert_eq!(check_name("nginx:alpine"), Ok(()));
        for (name, lower) in [("Bad:Image", "library/Bad"), ("Bad/Image", "Image")] {
            assert_eq!(
                check_name(name).unwrap_err(),
                format!("invalid reference format: repository name ({lower}) must be lowercase")
            );
        }
        assert_eq!(check_name("a b").unwrap_err(), "invalid reference format");
        assert_eq!(
            check_name("nginx@sha256:abc").unwrap_err(),
            "invalid reference format"
        );
        for (name, is_one) in [
            ("registry.example.test:5000/a/b-c__d:1", true),
            ("nginx:1:2", false),
            ("nginx:", false),
            (":1", false),
            ("a//b", false),
            ("a/b:2/c", false),
            ("nginx:a/b", false),
        ] {
            assert_eq!(check_name(name).is_ok(), is_one, "{name}");
        }
    }
}
