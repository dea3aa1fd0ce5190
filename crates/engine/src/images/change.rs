//! Instructions of a Dockerfile that `commit` and `import` apply to a configuration.
//!
//! Source: moby `builder/dockerfile/builder.go` (`BuildFromConfig`), buildkit `frontend/dockerfile/parser/line_parsers.go`.

use sorted::SortedMap;

use crate::api::{ContainerConfig, Empty, HealthConfig};
use crate::error::{Error, Result};

const KNOWN: [&str; 11] = [
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "ONBUILD",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Applies instructions, one of each text's line. Errors: `Invalid`.
pub(super) fn apply(config: &mut ContainerConfig, changes: &[String]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut steps = Vec::new();
    for line in changes.iter().flat_map(|c| c.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let upper = word.to_ascii_uppercase();
        if matches!(upper.as_str(), "ENV" | "LABEL") {
            pairs(&upper, rest.trim())?;
        }
        steps.push((word, upper, rest.trim()));
    }
    if steps.is_empty() {
        return Err(Error::invalid("file with no instructions"));
    }
    if let Some((word, ..)) = steps.iter().find(|(_, u, _)| !KNOWN.contains(&u.as_str())) {
        return Err(Error::invalid(format!(
            "{word} is not a valid change command"
        )));
    }
    let mut has_command = false;
    for (_, word, rest) in &steps {
        one(config, word, rest, &mut has_command)?;
    }
    Ok(())
}

fn one(config: &mut ContainerConfig, word: &str, rest: &str, has_command: &mut bool) -> Result<()> {
    let needs = |how: &str| Err(Error::invalid(format!("{word} requires {how}")));
    match word {
        "CMD" => {
            config.cmd = Some(command(rest));
            *has_command = true;
        }
        "ENTRYPOINT" => {
            config.entrypoint = Some(command(rest)).filter(|e| !e.is_empty());
            if !*has_command {
                config.cmd = None;
            }
        }
        "ENV" => {
            let env = config.env.get_or_insert_default();
            for (name, value) in pairs(word, rest)? {
                let prefix = format!("{name}=");
                let set = format!("{prefix}{value}");
                match env.iter_mut().find(|old| old.starts_with(&prefix)) {
                    Some(old) => *old = set,
                    None => env.push(set),
                }
            }
        }
        "LABEL" => config.labels.extend(pairs(word, rest)?),
        "EXPOSE" if rest.is_empty() => return needs("at least one argument"),
        "EXPOSE" => {
            for port in rest.split_whitespace() {
                config.exposed_ports.extend(ports(port)?);
            }
        }
        "USER" | "STOPSIGNAL" | "WORKDIR" if rest.is_empty() => {
            return needs("exactly one argument");
        }
        "USER" => rest.clone_into(&mut config.user),
        "STOPSIGNAL" => rest.clone_into(&mut config.stop_signal),
        "WORKDIR" => {
            let from = if config.working_dir.is_empty() {
                "/"
            } else {
                &config.working_dir
            };
            config.working_dir = kernel::fs::path::absolute(from, rest);
        }
        "VOLUME" if rest.is_empty() => return needs("at least one argument"),
        "VOLUME" => {
            let places =
                list(rest).unwrap_or_else(|| rest.split_whitespace().map(str::to_owned).collect());
            let volumes = config.volumes.get_or_insert_default();
            volumes.extend(places.into_iter().map(|place| (place, Empty {})));
        }
        "HEALTHCHECK" => config.healthcheck = Some(health(rest)?),
        "ONBUILD" if rest.is_empty() => return needs("at least one argument"),
        "ONBUILD" => config
            .on_build
            .get_or_insert_default()
            .push(rest.to_owned()),
        _ => {}
    }
    Ok(())
}

/// A list of texts as JSON writes it.
fn list(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text).ok()
}

/// A command as a list, or a line for the shell.
fn command(text: &str) -> Vec<String> {
    let shell = || ["/bin/sh", "-c", text].map(str::to_owned).to_vec();
    list(text).unwrap_or_else(shell)
}

/// Splits a line into words, of which quotation marks and backslashes are taken away.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(chars.next()),
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Reads `NAME=VALUE...`, or the older `NAME VALUE`.
fn pairs(word: &str, rest: &str) -> Result<SortedMap<String, String>> {
    let all = words(rest);
    let Some(first) = all.first() else {
        return Err(Error::invalid(format!(
            "{word} requires at least one argument"
        )));
    };
    if !first.contains('=') {
        return match rest.split_once(char::is_whitespace) {
            Some((name, value)) => {
                let value = value.trim().to_owned();
                Ok(SortedMap::from([(name.to_owned(), value)]))
            }
            None => Err(Error::invalid(format!("{word} must have two arguments"))),
        };
    }
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(Error::invalid(format!(
            "Syntax error - can't find = in \"{text}\". Must be of the form: name=value"
        ))),
    };
    let read: Result<Vec<_>> = all.iter().map(pair).collect();
    Ok(read?.into_iter().collect())
}

/// Reads `80`, `80/udp`, `8000-8002`.
fn ports(text: &str) -> Result<Vec<(String, Empty)>> {
    let (range, proto) = text.split_once('/').unwrap_or((text, "tcp"));
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    let wrong = || Error::invalid(format!("Invalid containerPort: {range}"));
    let read = |text: &str| text.parse::<u16>().ok();
    let (from, to) = read(from).zip(read(to)).ok_or_else(wrong)?;
    if !matches!(proto, "tcp" | "udp" | "sctp") {
        return Err(Error::invalid(format!("Invalid proto: {proto}")));
    }
    let name = |port| (format!("{port}/{proto}"), Empty {});
    Ok((from..=to).map(name).collect())
}

/// Reads `NONE`, or `CMD ...`.
fn health(text: &str) -> Result<HealthConfig> {
    let (kind, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let test = match (kind.to_ascii_uppercase().as_str(), rest.trim()) {
        ("", _) => return Err(Error::invalid("HEALTHCHECK requires at least one argument")),
        ("NONE", _) => vec!["NONE".to_owned()],
        ("CMD", "") => return Err(Error::invalid("Missing command after HEALTHCHECK CMD")),
        ("CMD", rest) => match list(rest) {
            Some(words) => std::iter::once("CMD".to_owned()).chain(words).collect(),
            None => vec!["CMD-SHELL".to_owned(), rest.to_owned()],
        },
        _ => {
            return Err(Error::invalid(format!(
                "Unknown type \"{}\" in HEALTHCHECK (try CMD)",
                kind.to_ascii_uppercase()
            )));
        }
    };
    Ok(HealthConfig {
        test,
        ..HealthConfig::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(changes: &[&str]) -> Result<ContainerConfig> {
        let mut config = ContainerConfig {
            cmd: Some(vec!["sleep".to_owned()]),
            env: Some(vec!["PATH=/bin".to_owned()]),
            ..ContainerConfig::default()
        };
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        apply(&mut config, &changes).map(|()| config)
    }

    /// As the real engine answered.
    #[test]
    fn instructions_change_the_configuration() {
        let config = changed(&[
            "ENV a=1 b='2 3'",
            "LABEL x=\"y z\" w=v",
            "EXPOSE 80 90/udp 100-101",
            "CMD echo hi",
            "ENTRYPOINT [\"a\", \"b\"]",
            "WORKDIR rel",
        ]);
        let config = config.unwrap();
        assert_eq!(config.env.unwrap(), ["PATH=/bin", "a=1", "b=2 3"]);
        assert_eq!(config.labels.get("x").unwrap(), "y z");
        let ports: Vec<_> = config.exposed_ports.keys().cloned().collect();
        assert_eq!(ports, ["100/tcp", "101/tcp", "80/tcp", "90/udp"]);
        assert_eq!(config.cmd.unwrap(), ["/bin/sh", "-c", "echo hi"]);
        assert_eq!(config.entrypoint.unwrap(), ["a", "b"]);
        assert_eq!(config.working_dir, "/rel");
        let config = changed(&["ENTRYPOINT sleep"]).unwrap();
        assert_eq!(config.cmd, None);
        let config = changed(&["ENV a b c"]).unwrap();
        assert_eq!(config.env.unwrap()[1], "a=b c");
    }

    #[test]
    fn what_is_no_instruction_is_refused() {
        for (change, why) in [
            ("RUN ls", "RUN is not a valid change command"),
            ("bogus ls", "bogus is not a valid change command"),
            ("", "file with no instructions"),
            ("ENV A", "ENV must have two arguments"),
            ("EXPOSE", "EXPOSE requires at least one argument"),
            ("EXPOSE abc", "Invalid containerPort: abc"),
        ] {
            assert_eq!(changed(&[change]).unwrap_err().to_string(), why);
        }
    }
}
