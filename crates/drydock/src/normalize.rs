//! The rules that make two runs comparable: what is random or depends on the hour becomes a fixed text.

use crate::transcript::Step;
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every kind of rule, as `normalize.toml` describes them at its head.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Replace,
    Number,
    Known,
    CollapseSpaces,
    SortLines,
    SortEntries,
    DropLines,
}

#[derive(Debug, Deserialize)]
struct RawRule {
    kind: Kind,
    pattern: String,
    #[serde(default)]
    with: String,
    counter: Option<String>,
    key_len: Option<usize>,
    except: Option<String>,
    by: Option<String>,
    command: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RawRules {
    rule: Vec<RawRule>,
}

#[derive(Debug)]
struct Rule {
    kind: Kind,
    pattern: Regex,
    with: String,
    counter: String,
    key_len: usize,
    except: Option<Regex>,
    by: Option<Regex>,
    command: Option<Regex>,
}

/// The rules, read once.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    any_subnet: Regex,
    spaces: Regex,
    eth: [(Regex, &'static str); 4],
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!("(?m){pattern}")).map_err(|e| e.to_string())
}

impl Rules {
    /// Reads `normalize.toml`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let raw: RawRules = toml::from_str(text).map_err(|e| e.to_string())?;
        let rules = raw
            .rule
            .into_iter()
            .map(|r| {
                Ok(Rule {
                    kind: r.kind,
                    pattern: regex(&r.pattern)?,
                    with: template(&r.with),
                    counter: r.counter.unwrap_or_default(),
                    key_len: r.key_len.unwrap_or(usize::MAX),
                    except: r.except.as_deref().map(regex).transpose()?,
                    by: r.by.as_deref().map(regex).transpose()?,
                    command: r.command.as_deref().map(regex).transpose()?,
                })
            })
            .collect::<Result<_, String>>()?;
        Ok(Self {
            rules,
            any_subnet: regex(r"\b172\.(1[89]|2\d|3[01])\.")?,
            spaces: regex(" {2,}")?,
            eth: [
                (regex(r"^\d+: ")?, "N: "),
                (regex(r"@if\d+")?, "@ifN"),
                (regex(r"\beth\d+")?, "ethN"),
                (regex(" {2,}")?, "  "),
            ],
        })
    }
}

/// `\1` as the `regex` crate writes it, and `\n` as a line feed.
fn template(with: &str) -> String {
    let mut out = String::new();
    let mut chars = with.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some('n')) => {
                chars.next();
                out.push('\n');
            }
            ('\\', Some(d)) if d.is_ascii_digit() => {
                chars.next();
                out.push_str(&format!("${{{d}}}"));
            }
            ('$', _) => out.push_str("$$"),
            _ => out.push(c),
        }
    }
    out
}

/// Applies the rules to one transcript's outputs, in order: the numbering of ids goes on through it.
pub(crate) struct Normalizer<'a> {
    rules: &'a Rules,
    seen: BTreeMap<String, Vec<String>>,
}

impl<'a> Normalizer<'a> {
    pub(crate) const fn new(rules: &'a Rules) -> Self {
        Self {
            rules,
            seen: BTreeMap::new(),
        }
    }

    fn number(&mut self, counter: &str, key: &str) -> usize {
        let table = self.seen.entry(counter.to_owned()).or_default();
        table.iter().position(|k| k == key).unwrap_or_else(|| {
            table.push(key.to_owned());
            table.len() - 1
        }) + 1
    }

    fn known(&self, counter: &str, value: &str) -> Option<String> {
        let head: String = value.chars().take(10).collect();
        self.seen
            .get(counter)?
            .iter()
            .find(|k| k.starts_with(&head) || value.starts_with(k.as_str()))
            .cloned()
    }

    /// The normalised output of a step.
    pub(crate) fn output(&mut self, step: &Step) -> Vec<String> {
        let mut lines = step.output.clone();
        let rules = self.rules;
        for rule in &rules.rules {
            if rule
                .command
                .as_ref()
                .is_some_and(|c| !c.is_match(&step.command))
            {
                continue;
            }
            lines = match rule.kind {
                Kind::Replace => joined(lines, |text| {
                    rule.pattern
                        .replace_all(text, rule.with.as_str())
                        .into_owned()
                }),
                Kind::Number | Kind::Known => joined(lines, |text| self.numbered(rule, text)),
                Kind::DropLines => lines
                    .into_iter()
                    .filter(|l| !rule.pattern.is_match(l))
                    .collect(),
                Kind::CollapseSpaces => lines
                    .into_iter()
                    .map(|l| {
                        if rule.pattern.is_match(&l) {
                            rules.spaces.replace_all(&l, "  ").trim_end().to_owned()
                        } else {
                            l
                        }
                    })
                    .collect(),
                Kind::SortLines => sort_runs(lines, &rule.pattern),
                Kind::SortEntries => match &rule.by {
                    Some(by) => sort_entries(&lines, &rule.pattern, by),
                    None => lines,
                },
            };
        }
        self.noted(&step.notes, lines)
    }

    fn noted(&self, notes: &[String], mut lines: Vec<String>) -> Vec<String> {
        let has = |note: &str| notes.iter().any(|n| n == note);
        if has("@any-subnet") {
            lines = lines
                .iter()
                .map(|l| self.rules.any_subnet.replace_all(l, "172.N.").into_owned())
                .collect();
        }
        if has("@unordered-eth") {
            for line in &mut lines {
                for (pattern, with) in &self.rules.eth {
                    *line = pattern.replace_all(line, *with).into_owned();
                }
            }
            lines.sort();
        }
        if has("@unordered-lines") {
            lines.sort();
        }
        if has("@unordered-words") {
            for line in &mut lines {
                let mut words: Vec<&str> = line.split_whitespace().collect();
                words.sort_unstable();
                *line = words.join(" ");
            }
        }
        if has("@any-output") {
            lines.clear();
        }
        lines
    }

    fn numbered(&mut self, rule: &Rule, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut last = 0;
        for found in rule.pattern.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            out.push_str(text.get(last..whole.start()).unwrap_or_default());
            last = whole.end();
            let named = rule
                .pattern
                .capture_names()
                .flatten()
                .find_map(|name| found.name(name).map(|m| (name, m.as_str())));
            let (kind, value) = named.unwrap_or(("key", whole.as_str()));
            let key = match rule.kind {
                _ if rule.except.as_ref().is_some_and(|e| e.is_match(value)) => None,
                Kind::Known => self.known(&rule.counter, value),
                _ => Some(value.chars().take(rule.key_len).collect()),
            };
            match key {
                None => out.push_str(whole.as_str()),
                Some(key) => {
                    let n = self.number(&rule.counter, &key);
                    let with = rule
                        .with
                        .replace("{kind}", kind)
                        .replace("{n}", &n.to_string());
                    out.push_str(&whole.as_str().replace(value, &with));
                }
            }
        }
        out.push_str(text.get(last..).unwrap_or_default());
        out
    }
}

/// Lets `f` work on all lines as one text, so that patterns may span lines.
fn joined(lines: Vec<String>, f: impl FnOnce(&str) -> String) -> Vec<String> {
    if lines.is_empty() {
        lines
    } else {
        f(&lines.join("\n"))
            .split('\n')
            .map(str::to_owned)
            .collect()
    }
}

fn sort_runs(lines: Vec<String>, pattern: &Regex) -> Vec<String> {
    let mut out = Vec::with_capacity(lines.len());
    let mut run: Vec<String> = Vec::new();
    for line in lines {
        if pattern.is_match(&line) {
            run.push(line);
        } else {
            run.sort();
            out.append(&mut run);
            out.push(line);
        }
    }
    run.sort();
    out.append(&mut run);
    out
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Sorts the members of the JSON object that a matching line opens by their line that matches `by`.
fn sort_entries(lines: &[String], pattern: &Regex, by: &Regex) -> Vec<String> {
    let mut out = Vec::with_capacity(lines.len());
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        out.push(line.clone());
        if !pattern.is_match(line) || !line.trim_end().ends_with('{') {
            continue;
        }
        let depth = indent(line);
        let mut entries: Vec<Vec<String>> = Vec::new();
        let mut current = Vec::new();
        while let Some(line) = rest.next_if(|l| !(l.trim().starts_with('}') && indent(l) == depth))
        {
            current.push(line.clone());
            if matches!(line.trim(), "}" | "},") && indent(line) == depth + 4 {
                entries.push(std::mem::take(&mut current));
            }
        }
        let key = |e: &Vec<String>| {
            e.iter()
                .find(|l| by.is_match(l))
                .map(|l| l.trim().to_owned())
                .unwrap_or_default()
        };
        entries.sort_by_key(key);
        let count = entries.len();
        for (i, mut entry) in entries.into_iter().enumerate() {
            if let Some(last) = entry.last_mut() {
                *last = format!(
                    "{}{}",
                    last.trim_end_matches(','),
                    if i + 1 < count { "," } else { "" }
                );
            }
            out.append(&mut entry);
        }
        out.append(&mut current);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = include_str!("../../../tests/transcripts/normalize.toml");

    fn normalise(command: &str, notes: &[&str], output: &str) -> String {
        let rules = Rules::parse(RULES).unwrap();
        let step = Step {
            command: command.into(),
            notes: notes.iter().map(|n| (*n).to_owned()).collect(),
            output: output.lines().map(str::to_owned).collect(),
            ..Step::default()
        };
        Normalizer::new(&rules).output(&step).join("\n")
    }

    #[test]
    fn long_and_short_ids_share_a_number() {
        let long = "ab".repeat(32);
        let out = normalise(
            "docker ps",
            &[],
            &format!("{long}\n{}\n{}", &long[..12], "cd".repeat(6)),
        );
        assert_eq!(out, "<id:1>\n<id12:1>\n<id12:2>");
    }

    #[test]
    fn fixed_addresses_stay_and_random_ones_go() {
        let out = normalise(
            "ip link",
            &[],
            "link/ether 52:54:00:00:01:10\nlink/ether 9a:00:00:00:00:01",
        );
        assert_eq!(out, "link/ether 52:54:00:00:01:10\nlink/ether <mac:1>");
    }

    #[test]
    fn notes_even_out_what_is_chance() {
        assert_eq!(
            normalise("x", &["@unordered-eth"], "3: eth1    a\n2: eth0@if9    b"),
            "N: ethN  a\nN: ethN@ifN  b"
        );
        assert_eq!(
            normalise("x", &["@any-subnet"], "172.18.0.2 172.17.0.2"),
            "172.N.0.2 172.17.0.2"
        );
    }

    #[test]
    fn the_recordings_are_fixed_points() {
        let rules = Rules::parse(RULES).unwrap();
        let text = include_str!("../../../tests/transcripts/003-lesson-custom-bridge-dns.txt");
        let mut normalizer = Normalizer::new(&rules);
        for step in crate::transcript::parse(text).unwrap().steps {
            assert_eq!(normalizer.output(&step), step.output, "{}", step.command);
        }
    }
}
