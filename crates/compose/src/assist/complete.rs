//! What could be typed next: keys of the table, and names that the file itself gives.

use super::outline::{Place, key_of, names, place, split};
use crate::schema::{self, Rest, Schema, Type};

/// Names from outside the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The images that the engine has.
    pub images: &'a [String],
}

/// One thing that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What takes the place of the word at the cursor, the colon after a key included.
    pub text: String,
    /// What it is, in a word.
    pub about: &'static str,
}

/// What could be typed at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The column at which the word begins, characters from 0.
    pub from: usize,
    /// The choice, best first.
    pub items: Vec<Suggestion>,
}

/// What an engine has drivers for.
const DRIVERS: [&str; 3] = ["bridge", "macvlan", "ipvlan"];
const RESTART: [&str; 4] = ["always", "no", "on-failure", "unless-stopped"];

/// Completes the word before a place: line and column, characters, both from 0.
pub fn complete(text: &str, line: usize, column: usize, known: Known<'_>) -> Suggestions {
    let lines: Vec<&str> = text.lines().take(line.saturating_add(1)).collect();
    let (above, current) = lines.split_at(line.min(lines.len()));
    let current: String = current
        .first()
        .copied()
        .unwrap_or_default()
        .chars()
        .take(column)
        .collect();
    if split(&current).1.starts_with('#') {
        return Suggestions::default();
    }
    let start = current
        .rfind([' ', '[', ',', '"', '\''])
        .map_or(0, |at| at + 1);
    let word = current.get(start..).unwrap_or_default();
    let mut place = place(above, &current);
    let before = current.get(..start).unwrap_or_default();
    let beside = before.trim().trim_start_matches("- ").trim();
    let mut choice = Choice {
        text,
        known,
        items: Vec::new(),
    };
    if beside.is_empty() || beside == "-" {
        // A word alone: a key, or an item.
        let own = key_of_line_after(text, line, column);
        choice.keys(&place, own);
        if place.item {
            choice.values(&place.path);
        }
    } else if let Some(key) = key_of(before.trim_start().trim_start_matches("- ")) {
        place.path.push(key.to_owned());
        if before.contains('[') {
            place.path.push("0".to_owned());
        }
        choice.values(&place.path);
    }
    let mut items = choice.items;
    items.retain(|item| {
        item.text.starts_with(word) && item.text.trim_end_matches([':', ' ']) != word
    });
    items.dedup();
    let from = before.chars().count();
    Suggestions { from, items }
}

/// Returns whether the line goes on with a colon after the cursor, so that a key needs none.
fn key_of_line_after(text: &str, line: usize, column: usize) -> bool {
    let rest = text
        .lines()
        .nth(line)
        .map(|line| line.chars().skip(column).collect::<String>());
    rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
}

struct Choice<'a> {
    text: &'a str,
    known: Known<'a>,
    items: Vec<Suggestion>,
}

impl Choice<'_> {
    fn add(&mut self, text: impl Into<String>, about: &'static str) {
        let text = text.into();
        self.items.push(Suggestion { text, about });
    }

    fn key(&mut self, key: &str, schema: &Schema, bare: bool) {
        let about = schema.kind();
        let end = match about {
            _ if bare => "",
            "list" | "mapping" | "list or mapping" => ":",
            _ => ": ",
        };
        self.add(format!("{key}{end}"), about);
    }

    /// Offers the keys of the mapping at the place.
    fn keys(&mut self, place: &Place, bare: bool) {
        for object in schema::objects(&place.path) {
            for field in object.fields {
                self.key(field.key, &field.schema, bare);
            }
            if let Rest::Keys(_, schema, _) = &object.rest {
                for name in self.names(&place.path) {
                    self.key(&name, schema, bare);
                }
            }
        }
        let keys = &mut self.items;
        sorted::sort_by(keys, |a, b| a.text.cmp(&b.text));
        keys.dedup_by(|a, b| a.text == b.text);
    }

    /// Offers what may be the value at the path.
    fn values(&mut self, path: &[String]) {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["services", _, "image"] => {
                for image in self.known.images {
                    self.add(image.clone(), "image");
                }
            }
            ["services", _, "network_mode"] => {
                for word in ["bridge", "host", "none"] {
                    self.add(word, "network mode");
                }
                for service in names(self.text, "services") {
                    self.add(format!("service:{service}"), "network mode");
                }
            }
            ["services", _, "restart"] => RESTART.iter().for_each(|word| self.add(*word, "word")),
            ["networks", _, "driver"] => DRIVERS.iter().for_each(|word| self.add(*word, "driver")),
            [outer @ .., "0"] => {
                let outer: Vec<String> = outer.iter().map(|key| (*key).to_owned()).collect();
                for name in self.names(&outer) {
                    self.add(name, "name");
                }
            }
            _ => {}
        }
        for schema in schema::at(path) {
            match schema {
                Schema::Words(words) => words.iter().for_each(|word| self.add(*word, "word")),
                Schema::Is([Type::Bool, ..]) => {
                    self.add("true", "flag");
                    self.add("false", "flag");
                }
                _ => {}
            }
        }
    }

    /// Returns the names that the file gives for what stands at a path.
    fn names(&self, path: &[String]) -> Vec<String> {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let (section, except) = match parts.as_slice() {
            ["services", _, "networks"] => ("networks", ""),
            ["services", own, "depends_on" | "links"] => ("services", *own),
            ["services", _, "secrets"] => ("secrets", ""),
            ["services", _, "configs"] => ("configs", ""),
            _ => return Vec::new(),
        };
        let mut names = names(self.text, section);
        if section == "networks" && !names.contains(&"default") {
            names.push("default");
        }
        names
            .into_iter()
            .filter(|name| *name != except)
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Completes at `|`.
    fn offered(text: &str) -> Vec<String> {
        let before = text.split('|').next().unwrap();
        let (line, column) = (
            before.matches('\n').count(),
            before.rsplit('\n').next().unwrap().len(),
        );
        let images = ["nginx".to_owned(), "redis:7".to_owned()];
        let known = Known { images: &images };
        let found = complete(&text.replace('|', ""), line, column, known);
        found.items.into_iter().map(|item| item.text).collect()
    }

    #[test]
    fn keys_come_from_the_table() {
        assert_eq!(offered("se|"), ["secrets:", "services:"]);
        assert_eq!(
            offered("services:\n  web:\n    net|\n"),
            ["network_mode: ", "networks:"]
        );
        assert_eq!(
            offered("services:\n  web:\n    networks:\n      a:\n        ipv4|"),
            ["ipv4_address: "]
        );
        assert_eq!(
            offered("services:\n  web:\n    ports:\n      - ta|"),
            ["target: "]
        );
        assert_eq!(offered("services:\n  web:\n    ima|: x"), ["image"]);
        assert_eq!(
            offered("networks:\n  a:\n    ipam:\n      config:\n        - sub|"),
            ["subnet: "]
        );
        assert_eq!(offered("# se|"), Vec::<String>::new());
    }

    #[test]
    fn values_come_from_the_file_and_the_engine() {
        let file = |line: &str| {
            format!(
                "services:\n  web:\n    {line}\n  api:\n    image: x\nnetworks:\n  front:\n  back:\n"
            )
        };
        assert_eq!(offered(&file("image: ng|")), ["nginx"]);
        assert_eq!(offered(&file("networks: [front, b|]")), ["back"]);
        assert_eq!(offered(&file("networks:\n      - f|")), ["front"]);
        assert_eq!(offered(&file("depends_on:\n      |")), ["api:"]);
        assert_eq!(
            offered(&file("network_mode: service:|")),
            ["service:web", "service:api"]
        );
        assert_eq!(
            offered("services:\n  web:\n    depends_on:\n      a:\n        condition: service_h|"),
            ["service_healthy"]
        );
        assert_eq!(
            offered("networks:\n  a:\n    internal: |"),
            ["true", "false"]
        );
    }
}
