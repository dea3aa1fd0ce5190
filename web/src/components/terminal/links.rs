//! Names, addresses and ids in the output, and the places on the stage that they stand for.

use lab::view::{Interface, Topology};
use sorted::SortedMap;

/// What a word stands for.
#[derive(Debug, Default)]
pub(crate) struct Names(SortedMap<String, Vec<String>>);

impl Names {
    /// The names of everything that stands on the stage.
    pub(crate) fn new(topology: &Topology) -> Self {
        let mut names = Self::default();
        for m in &topology.machines {
            names.add(&m.name, &m.id);
            names.interfaces(&m.interfaces, &m.id);
            for n in &m.networks {
                names.add(&n.name, &n.id);
                names.add(&n.interface, &n.id);
                names.add(&n.subnet, &n.id);
                names.add(&n.gateway, &n.id);
                names.short(&n.id);
            }
            for c in &m.containers {
                names.add(&c.name, &c.id);
                names.interfaces(&c.interfaces, &c.id);
                names.short(&c.id);
            }
        }
        names
    }

    fn add(&mut self, word: &str, place: &str) {
        if word.len() > 1 {
            let places = self.0.entry(word.to_owned()).or_default();
            places.push(place.to_owned());
        }
    }

    fn interfaces(&mut self, interfaces: &[Interface], place: &str) {
        for i in interfaces {
            self.add(&i.mac, place);
            for address in &i.addresses {
                self.add(address.split('/').next().unwrap_or_default(), place);
            }
        }
    }

    /// The id in a place, as Docker shortens it.
    fn short(&mut self, place: &str) {
        let id = place.rsplit('/').next().unwrap_or_default();
        if let Some(short) = id.get(..12) {
            self.add(short, place);
        }
    }

    /// The place that a word stands for; of several, one on `machine`.
    fn place(&self, word: &str, machine: &str) -> Option<&str> {
        // An id in full is known by its beginning.
        let hex = word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let word = if hex { word.get(..12)? } else { word };
        let places = self.0.get(word)?;
        let near = places.iter().find(|p| {
            let on = p.split_once(':').map_or("", |(_, rest)| rest);
            on.split('/').next() == Some(machine)
        });
        near.or(places.first()).map(String::as_str)
    }

    /// What stands at a byte of a text: from where to where, and its place.
    pub(crate) fn at<'a>(
        &'a self,
        text: &'a str,
        byte: usize,
        machine: &'a str,
    ) -> Option<(usize, usize, &'a str)> {
        let mut found = self.all(text, machine);
        found.find(|(from, to, _)| *from <= byte && byte < *to)
    }

    /// Everything in a text that stands for a place.
    pub(crate) fn all<'a>(
        &'a self,
        text: &'a str,
        machine: &'a str,
    ) -> impl Iterator<Item = (usize, usize, &'a str)> {
        words(text).filter_map(move |(from, word)| {
            let found = readings(word).find_map(|w| Some((w.len(), self.place(w, machine)?)));
            found.map(|(length, place)| (from, from + length, place))
        })
    }
}

/// The words of a text and where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
    let mut rest = text;
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = rest.find(part)?;
        let tail = rest.get(from..)?;
        let length = tail.find(|c| !part(c)).unwrap_or(tail.len());
        let (word, after) = tail.split_at(length);
        let begin = at + from;
        at = begin + length;
        rest = after;
        // `http://web:80/x` names what follows the slashes.
        let scheme = word.find("//").map_or(0, |i| i + 2);
        let slashes = word.get(scheme..)?;
        let word = slashes.trim_start_matches(['/', ':', '.']);
        Some((begin + scheme + slashes.len() - word.len(), word))
    })
}

/// What a word may be read as, the longest first: without a full stop, a port, a path, a prefix length, a domain.
fn readings(word: &str) -> impl Iterator<Item = &str> {
    let trimmed = word.trim_end_matches(['.', ':', '/']);
    let until = move |c: char| trimmed.split(c).next().unwrap_or_default();
    let before = move |c: char| trimmed.rsplit_once(c).map_or(trimmed, |(host, _)| host);
    [
        trimmed,
        before(':'),
        before('.'),
        until('/'),
        until(':'),
        until('.'),
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::view::{Container, Machine, Network};

    fn names() -> Names {
        let container = Container {
            id: format!("container:hostA/{}", "ab".repeat(32)),
            name: "web-1".into(),
            interfaces: vec![Interface {
                addresses: vec!["172.17.0.2/16".into(), "fd00::2/64".into()],
                mac: "02:42:ac:11:00:02".into(),
                ..Interface::default()
            }],
            ..Container::default()
        };
        let machine = |name: &str, containers| Machine {
            id: format!("machine:{name}"),
            name: name.into(),
            networks: vec![Network {
                id: format!("network:{name}/{}", "cd".repeat(32)),
                name: "bridge".into(),
                subnet: "172.17.0.0/16".into(),
                ..Network::default()
            }],
            containers,
            ..Machine::default()
        };
        Names::new(&Topology {
            machines: vec![
                machine("hostA", vec![container.into()]).into(),
                machine("hostB", vec![]).into(),
            ],
            ..Topology::default()
        })
    }

    #[test]
    fn words_lead_to_places_however_they_are_written() {
        let names = names();
        let container = format!("container:hostA/{}", "ab".repeat(32));
        for text in [
            "web-1",
            "PING web-1 (x)",
            "http://web-1:80/index",
            "/web-1",
            "64 bytes from 172.17.0.2: icmp_seq=1",
            "172.17.0.2.43122 > x",
            "[fd00::2]:80",
            "link/ether 02:42:ac:11:00:02 brd",
            "abababababab   nginx",
            &"ab".repeat(32),
            "web-1.net-a.",
        ] {
            let found: Vec<_> = names.all(text, "hostA").map(|f| f.2).collect();
            assert_eq!(found, [&container], "{text}");
        }
        assert_eq!(names.all("web-10 xweb-1 1172.17.0.2", "hostA").count(), 0);
    }

    #[test]
    fn the_machine_decides_between_equal_names() {
        let names = names();
        let on = |machine: &str| names.at("x bridge y", 3, machine).map(|f| f.2.to_owned());
        assert!(on("hostB").is_some_and(|p| p.starts_with("network:hostB/")));
        assert!(on("laptop").is_some_and(|p| p.starts_with("network:hostA/")));
        assert_eq!(names.at("x bridge y", 8, "hostA"), None);
        assert!(names.at("in 172.17.0.0/16 now", 5, "hostA").is_some());
    }
}
