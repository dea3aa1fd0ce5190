//! Rules in ufw's language: read from a command line or a file, and said in three ways.

use crate::net::services;
use kernel::sys::Sys;
use std::net::IpAddr;

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Allow,
    Deny,
    Reject,
    Limit,
}

const ACTIONS: [(Action, &str, &str); 4] = [
    (Action::Allow, "allow", "ACCEPT"),
    (Action::Deny, "deny", "DROP"),
    (Action::Reject, "reject", "REJECT"),
    (Action::Limit, "limit", "ufw-user-limit-accept"),
];

impl Action {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        ACTIONS.iter().find(|a| a.1 == word).map(|a| a.0)
    }

    pub(super) fn word(self) -> &'static str {
        ACTIONS.iter().find(|a| a.0 == self).map_or("", |a| a.1)
    }
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    In,
    Out,
    Forward,
}

/// One end: address (with prefix, as given) and port; empty for any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct End {
    pub(super) address: String,
    pub(super) port: String,
}

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rule {
    pub(super) action: Action,
    pub(super) direction: Direction,
    /// `tcp`, `udp` or empty for any.
    pub(super) proto: String,
    pub(super) from: End,
    pub(super) to: End,
    /// Devices; empty for any.
    pub(super) device_in: String,
    pub(super) device_out: String,
    pub(super) comment: String,
    /// Whether it is for IPv6; `None` for both families.
    pub(super) family: Option<bool>,
}

/// Ports by service name, from `/etc/services`.
pub(super) struct Services(String);

impl Services {
    pub(super) fn read(sys: &Sys) -> Self {
        Self(services::read(sys))
    }

    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(String::new())
    }

    /// The port and the protocols of a service.
    fn find(&self, name: &str) -> Option<(String, String)> {
        let named = services::entries(&self.0).filter(|(known, ..)| *known == name);
        let found: Vec<(u16, &str)> = named.map(|(_, port, proto, _)| (port, proto)).collect();
        let (port, proto) = *found.first()?;
        let proto = if found.len() > 1 { "" } else { proto };
        Some((port.to_string(), proto.to_owned()))
    }
}

/// Whether this names one or more ports.
fn is_ports(text: &str) -> bool {
    let one = |p: &str| p.parse::<u16>().is_ok_and(|p| p > 0);
    let range = |r: &str| {
        r.split_once(':')
            .map_or_else(|| one(r), |(a, b)| one(a) && one(b))
    };
    text.split(',').all(range)
}

fn several(port: &str) -> bool {
    port.contains([',', ':'])
}

impl Rule {
    fn new(action: Action) -> Self {
        Self {
            action,
            direction: Direction::In,
            proto: String::new(),
            from: End::default(),
            to: End::default(),
            device_in: String::new(),
            device_out: String::new(),
            comment: String::new(),
            family: None,
        }
    }

    /// Reads what follows the action.
    pub(super) fn parse(
        action: Action,
        words: &[&str],
        services: &Services,
    ) -> Result<Self, String> {
        let mut rule = Self::new(action);
        let mut words = words;
        if let [rest @ .., "comment", text] = words {
            (*text).clone_into(&mut rule.comment);
            words = rest;
        }
        if let [way @ ("in" | "out"), rest @ ..] = words
            && !rest.is_empty()
            && *rest != ["on"]
        {
            rule.direction = if *way == "out" {
                Direction::Out
            } else {
                Direction::In
            };
            words = rest;
        }
        match words {
            [one] => rule.simple(one, services)?,
            [one, "on"] => return Err(format!("Could not find a profile matching '{one}'")),
            _ => rule.full(words, services)?,
        }
        if rule.proto.is_empty() && (several(&rule.to.port) || several(&rule.from.port)) {
            return Err("Must specify 'tcp' or 'udp' with multiple ports".to_owned());
        }
        let families = [&rule.from.address, &rule.to.address]
            .map(|a| (!a.is_empty()).then(|| a.contains(':')));
        rule.family = families[0].or(families[1]);
        if families[0].zip(families[1]).is_some_and(|(a, b)| a != b) {
            return Err("Mixed IP versions for 'from' and 'to'".to_owned());
        }
        Ok(rule)
    }

    /// `22`, `22/tcp`, `ssh`.
    fn simple(&mut self, text: &str, services: &Services) -> Result<(), String> {
        let (port, proto) = text.split_once('/').unwrap_or((text, ""));
        let starts_with_digit = port.starts_with(|c: char| c.is_ascii_digit());
        if !starts_with_digit {
            let found = services.find(port).filter(|_| proto.is_empty());
            let (port, proto) =
                found.ok_or_else(|| format!("Could not find a profile matching '{text}'"))?;
            (self.to.port, self.proto) = (port, proto);
            return Ok(());
        }
        if !is_ports(port) || !matches!(proto, "" | "tcp" | "udp") {
            return Err("Bad port".to_owned());
        }
        port.clone_into(&mut self.to.port);
        proto.clone_into(&mut self.proto);
        Ok(())
    }

    /// `[in on DEV] [out on DEV] [proto P] [from A [port P]] [to A [port P]]`
    fn full(&mut self, words: &[&str], services: &Services) -> Result<(), String> {
        let wrong = || "Wrong number of arguments".to_owned();
        if !words.len().is_multiple_of(2)
            && !matches!(words.first(), Some(&("in" | "out" | "log" | "log-all")))
        {
            return Err(wrong());
        }
        let mut way = if self.direction == Direction::Out {
            "out"
        } else {
            "in"
        };
        let mut source = false;
        let mut rest = words.iter().copied();
        while let Some(word) = rest.next() {
            match word {
                "in" | "out" => {
                    way = word;
                    continue;
                }
                "log" | "log-all" => return Err(crate::not_modelled!("ufw", "{word}")),
                _ => {}
            }
            let value = rest.next().ok_or_else(wrong)?;
            match word {
                "on" if way == "out" => value.clone_into(&mut self.device_out),
                "on" => value.clone_into(&mut self.device_in),
                "proto" if matches!(value, "tcp" | "udp") => value.clone_into(&mut self.proto),
                "proto" if value == "any" => {}
                "proto" => return Err("Unsupported protocol '".to_owned() + value + "'"),
                "from" | "to" => {
                    source = word == "from";
                    let bad = || {
                        format!(
                            "Bad {} address",
                            if source { "source" } else { "destination" }
                        )
                    };
                    let end = if source { &mut self.from } else { &mut self.to };
                    let good =
                        value.parse::<IpAddr>().is_ok() || value.parse::<ipnet::IpNet>().is_ok();
                    match value {
                        "any" => {}
                        _ if good => value.clone_into(&mut end.address),
                        _ => return Err(bad()),
                    }
                }
                "port" => {
                    let (port, proto) = match services.find(value) {
                        Some(found) => found,
                        None if is_ports(value) => (value.to_owned(), String::new()),
                        None => return Err("Bad port".to_owned()),
                    };
                    if self.proto.is_empty() {
                        self.proto = proto;
                    }
                    let end = if source { &mut self.from } else { &mut self.to };
                    end.port = port;
                }
                other => return Err(format!("Invalid token '{other}'")),
            }
        }
        Ok(())
    }

    /// Whether both look at the same packets.
    pub(super) fn matches_alike(&self, other: &Self) -> bool {
        let plain = |r: &Self| Self {
            action: Action::Allow,
            comment: String::new(),
            ..r.clone()
        };
        plain(self) == plain(other)
    }

    /// As `/etc/ufw/user.rules` keeps it.
    pub(super) fn tuple(&self, v6: bool) -> String {
        let any = if v6 { "::/0" } else { "0.0.0.0/0" };
        let or = |text: &str, other: &str| {
            if text.is_empty() {
                other.to_owned()
            } else {
                text.to_owned()
            }
        };
        let route = if self.direction == Direction::Forward {
            "route:"
        } else {
            ""
        };
        let way = match (
            self.direction,
            self.device_in.as_str(),
            self.device_out.as_str(),
        ) {
            (Direction::Out, _, "") => "out".to_owned(),
            (_, "", "") => "in".to_owned(),
            (_, device, "") => format!("in_{device}"),
            (_, "", device) => format!("out_{device}"),
            (_, a, b) => format!("in_{a}!out_{b}"),
        };
        let comment = match self.comment.as_str() {
            "" => String::new(),
            text => format!(
                " comment={}",
                text.bytes().map(|b| format!("{b:02x}")).collect::<String>()
            ),
        };
        format!(
            "{route}{} {} {} {} {} {} {way}{comment}",
            self.action.word(),
            or(&self.proto, "any"),
            or(&self.to.port, "any"),
            or(&self.to.address, any),
            or(&self.from.port, "any"),
            or(&self.from.address, any),
        )
    }

    /// Reads a line of `/etc/ufw/user.rules` back.
    pub(super) fn from_tuple(text: &str, v6: bool) -> Option<Self> {
        let mut words = text.split(' ');
        let action = words.next()?;
        let plain = action.strip_prefix("route:");
        let mut rule = Self::new(Action::from_word(plain.unwrap_or(action))?);
        let mut next = || {
            let word = words.next()?;
            Some(if matches!(word, "any" | "0.0.0.0/0" | "::/0") {
                String::new()
            } else {
                word.to_owned()
            })
        };
        rule.proto = next()?;
        rule.to.port = next()?;
        rule.to.address = next()?;
        rule.from.port = next()?;
        rule.from.address = next()?;
        for part in next()?.split('!') {
            match part.split_once('_') {
                Some(("in", device)) => device.clone_into(&mut rule.device_in),
                Some((_, device)) => device.clone_into(&mut rule.device_out),
                None => {}
            }
            if part.starts_with("out") {
                rule.direction = Direction::Out;
            }
        }
        if plain.is_some() {
            rule.direction = Direction::Forward;
        }
        if let Some(hex) = next().as_deref().and_then(|w| w.strip_prefix("comment=")) {
            let bytes = (0..hex.len())
                .step_by(2)
                .filter_map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok());
            rule.comment = String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned();
        }
        rule.family = Some(v6);
        Some(rule)
    }

    /// As one would type it.
    pub(super) fn command(&self) -> String {
        let mut text = match self.direction {
            Direction::Forward => format!("route {}", self.action.word()),
            _ => self.action.word().to_owned(),
        };
        if self.direction == Direction::Out && self.device_out.is_empty() {
            text += " out";
        }
        for (way, device) in [("in", &self.device_in), ("out", &self.device_out)] {
            if !device.is_empty() {
                text += &format!(" {way} on {device}");
            }
        }
        let named = |end: &End| !end.address.is_empty();
        let devices = !self.device_in.is_empty() || !self.device_out.is_empty();
        if named(&self.from) || named(&self.to) || !self.from.port.is_empty() || devices {
            for (word, end) in [("from", &self.from), ("to", &self.to)] {
                if named(end) || !end.port.is_empty() {
                    text += &format!(" {word} {}", if named(end) { &end.address } else { "any" });
                }
                if !end.port.is_empty() {
                    text += &format!(" port {}", end.port);
                }
            }
            if !self.proto.is_empty() {
                text += &format!(" proto {}", self.proto);
            }
        } else if !self.to.port.is_empty() {
            let proto = if self.proto.is_empty() {
                String::new()
            } else {
                format!("/{}", self.proto)
            };
            text += &format!(" {}{proto}", self.to.port);
        }
        if !self.comment.is_empty() {
            text += &format!(" comment '{}'", self.comment);
        }
        text
    }

    /// As `iptables-restore` reads it, in chains whose names begin with `prefix`.
    pub(super) fn lines(&self, prefix: &str) -> Vec<String> {
        let chain = match self.direction {
            Direction::In => "input",
            Direction::Out => "output",
            Direction::Forward => "forward",
        };
        let ports = !self.to.port.is_empty() || !self.from.port.is_empty();
        let protos: &[&str] = match self.proto.as_str() {
            "" if ports => &["tcp", "udp"],
            "" => &[""],
            one => &[one],
        };
        let line = |proto: &&str| {
            let mut text = format!("-A {prefix}-user-{chain}");
            let mut add = |flag: &str, value: &str| {
                if !value.is_empty() {
                    text += &format!(" {flag} {value}");
                }
            };
            add("-i", &self.device_in);
            add("-o", &self.device_out);
            add("-p", proto);
            add("-d", &self.to.address);
            add(
                if several(&self.to.port) {
                    "-m multiport --dports"
                } else {
                    "--dport"
                },
                &self.to.port,
            );
            add("-s", &self.from.address);
            add(
                if several(&self.from.port) {
                    "-m multiport --sports"
                } else {
                    "--sport"
                },
                &self.from.port,
            );
            let reset = *proto == "tcp" && self.action == Action::Reject;
            let target = ACTIONS
                .iter()
                .find(|a| a.0 == self.action)
                .map_or("", |a| a.2);
            add("-j", target);
            text + if reset {
                " --reject-with tcp-reset"
            } else {
                ""
            }
        };
        protos.iter().map(line).collect()
    }
}
