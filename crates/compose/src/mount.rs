//! The short form of a volume: `source:target:options`. Source: compose-go 2.9.1, format/volume.go.

use crate::value::{Map, Value};

const PROPAGATIONS: [&str; 6] = [
    "rprivate", "private", "rshared", "shared", "rslave", "slave",
];

/// Reads the short form. Errors: Compose's words for a text that is none.
pub(crate) fn parse(spec: &str) -> Result<Map, String> {
    match spec.chars().count() {
        0 => return Err("invalid empty volume spec".into()),
        1 | 2 => {
            return Ok(Map::from([
                ("type".into(), "volume".into()),
                ("target".into(), spec.into()),
            ]));
        }
        _ => {}
    }
    let sections = sections(spec);
    let (source, target, options) = match sections.as_slice() {
        sections if sections.iter().any(String::is_empty) => {
            return Err(format!(
                "invalid spec: {spec}: empty section between colons"
            ));
        }
        [target] => (None, target, None),
        [source, target] => (Some(source), target, None),
        [source, target, options] => (Some(source), target, Some(options)),
        _ => return Err(format!("invalid spec: {spec}: too many colons")),
    };
    let mut mount = Map::from([("target".into(), Value::Str(clean(target)))]);
    let mut bind = Map::new();
    let mut volume = Map::new();
    for option in options.iter().flat_map(|options| options.split(',')) {
        match option {
            "ro" => {
                mount.insert("read_only".into(), true.into());
            }
            "rw" => {
                mount.remove("read_only");
            }
            "nocopy" => {
                volume.insert("nocopy".into(), true.into());
            }
            "z" | "Z" => {
                bind.insert("selinux".into(), option.into());
            }
            _ if PROPAGATIONS.contains(&option) => {
                bind.insert("propagation".into(), option.into());
            }
            // The real one ignores others too.
            _ => {}
        }
    }
    let is_path = source.is_some_and(|source| is_path(source));
    if let Some(source) = source {
        mount.insert("source".into(), source.as_str().into());
    }
    if is_path {
        bind.insert("create_host_path".into(), true.into());
    }
    let kind = if is_path { "bind" } else { "volume" };
    mount.insert("type".into(), kind.into());
    if !bind.is_empty() {
        mount.insert("bind".into(), Value::Map(bind));
    }
    if !is_path || !volume.is_empty() {
        mount.insert("volume".into(), Value::Map(volume));
    }
    Ok(mount)
}

/// Splits at colons, but not after a drive's letter nor within a variable.
pub fn sections(spec: &str) -> Vec<String> {
    let mut sections = vec![];
    let mut section = String::new();
    let mut variables = 0;
    let mut characters = spec.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '$' if characters.peek() == Some(&'{') => variables += 1,
            '}' if variables > 0 => variables -= 1,
            _ => {}
        }
        let drive = section.chars().count() == 1 && section.starts_with(char::is_alphabetic);
        if c == ':' && variables == 0 && !drive {
            sections.push(std::mem::take(&mut section));
        } else {
            section.push(c);
        }
    }
    sections.push(section);
    sections
}

fn is_path(source: &str) -> bool {
    let mut characters = source.chars();
    let first = characters.next().unwrap_or_default();
    matches!(first, '.' | '/' | '~')
        || source.starts_with("\\\\")
        || first.is_alphabetic() && characters.next() == Some(':')
}

/// Shortens a path inside a container as Go's `path.Clean` does.
pub(crate) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let rooted = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".into(),
        (false, path) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(spec: &str) -> String {
        match parse(spec) {
            Ok(map) => Value::Map(map).to_text(),
            Err(why) => why,
        }
    }

    #[test]
    fn short_forms_are_spelled_out() {
        let cases = [
            ("/data", "map[target:/data type:volume volume:map[]]"),
            (
                "data:/var/",
                "map[source:data target:/var type:volume volume:map[]]",
            ),
            (
                "./a:/b:ro",
                "map[bind:map[create_host_path:true] read_only:true source:./a target:/b type:bind]",
            ),
            (
                "ab::/b",
                "invalid spec: ab::/b: empty section between colons",
            ),
            ("ab:bc:ro:x", "invalid spec: ab:bc:ro:x: too many colons"),
            ("", "invalid empty volume spec"),
        ];
        for (spec, expected) in cases {
            assert_eq!(shown(spec), expected, "{spec}");
        }
    }

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in [
            ("/a//b/../c/", "/a/c"),
            ("/..", "/"),
            ("a/..", "."),
            ("../a", "../a"),
        ] {
            assert_eq!(clean(path), expected);
        }
    }
}
