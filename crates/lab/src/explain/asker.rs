//! On which networks the one who asked is: by what the engine knows, or, for a container that `--rm` removed meanwhile, by
//! the line that ran it.

use super::Evidence;
use crate::places::Space;
use engine::survey::NetworkFacts;

/// The networks of the container whose namespace this is; none for a machine.
pub(super) fn networks<'a>(evidence: &Evidence<'a>, space: &Space) -> Vec<&'a NetworkFacts> {
    if let Some(known) = evidence.container_of(space) {
        return known.networks().collect();
    }
    let survey = evidence.directory.survey(&space.machine);
    let Some(survey) = survey.filter(|_| space.container.is_some()) else {
        return Vec::new();
    };
    let names = named(evidence.typed);
    let all = survey.networks.iter();
    all.filter(|n| names.contains(&n.name.as_str())).collect()
}

/// The network of the asker's in which an address lies.
pub(super) fn network_with<'a>(
    evidence: &Evidence<'a>,
    space: &Space,
    address: std::net::IpAddr,
) -> Option<&'a NetworkFacts> {
    let mut all = networks(evidence, space).into_iter();
    all.find(|n| n.subnet_of(address).is_some())
}

/// The networks that a line of `docker run` names, which is the default bridge if it names none.
fn named(line: &str) -> Vec<&str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let values = words.iter().enumerate().filter_map(|(at, word)| {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (*word, words.get(at + 1).copied()),
        };
        value.filter(|_| matches!(flag, "--network" | "--net"))
    });
    let names: Vec<&str> = values.map(name_in).collect();
    match names.is_empty() && line.contains("docker run ") {
        true => vec!["bridge"],
        false => names,
    }
}

/// The name in a value of `--network`, whose long form is a list of fields.
fn name_in(value: &str) -> &str {
    let mut fields = value.split(',');
    let name = fields.find_map(|field| field.strip_prefix("name="));
    name.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn networks_are_read_off_the_line() {
        let of = |flags: &str| {
            let line = format!("docker run --rm {flags} busybox ping web");
            named(&line).join(" ")
        };
        assert_eq!(of(""), "bridge");
        assert_eq!(of("--network front --net=back"), "front back");
        assert_eq!(of("--network name=front,alias=web"), "front");
        assert_eq!(of("--network=name=front"), "front");
        assert!(named("docker exec web ping db").is_empty());
    }
}
