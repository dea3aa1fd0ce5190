//! iptables' command line.

use kernel::netfilter::model::IfPattern;
use kernel::netfilter::{Counters, Family, Inv, Match, Rule, TableName, Target};
use std::net::IpAddr;
use wire::Proto;

use super::addresses::Addresses;
use super::fail::Fail;
use super::{matches, targets, values};

/// Matches that Debian's iptables has and this one only knows by name.
const KNOWN_MATCHES: [&str; 30] = [
    "ah",
    "bpf",
    "cgroup",
    "cluster",
    "connbytes",
    "connlabel",
    "connlimit",
    "cpu",
    "dccp",
    "devgroup",
    "dst",
    "ecn",
    "esp",
    "eui64",
    "frag",
    "hbh",
    "helper",
    "ipv6header",
    "ipvs",
    "mh",
    "nfacct",
    "osf",
    "policy",
    "realm",
    "rpfilter",
    "rt",
    "sctp",
    "set",
    "socket",
    "time",
];

/// Targets that it only knows by name.
pub(super) const KNOWN_TARGETS: [&str; 18] = [
    "AUDIT",
    "CHECKSUM",
    "CLASSIFY",
    "CLUSTERIP",
    "CONNSECMARK",
    "ECN",
    "HMARK",
    "IDLETIMER",
    "LED",
    "NFLOG",
    "NFQUEUE",
    "RATEEST",
    "SECMARK",
    "SET",
    "SYNPROXY",
    "TEE",
    "TPROXY",
    "TRACE",
];

/// What is to be done, to which chain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verb {
    Append,
    Insert(usize),
    Replace(usize),
    Delete,
    DeleteNumber(usize),
    Check,
    List(Option<usize>),
    Show(Option<usize>),
    Flush,
    Zero(Option<usize>),
    New,
    DeleteChain,
    Rename(String),
    Policy(String),
}

/// A command line that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Command {
    pub(crate) table: TableName,
    pub(crate) verb: Verb,
    pub(crate) chain: Option<String>,
    /// The rules that the specification stands for: one for each pair of addresses.
    pub(crate) rules: Vec<Rule>,
    pub(crate) counters: Option<Counters>,
    pub(crate) numeric: bool,
    pub(crate) verbose: bool,
    pub(crate) exact: bool,
    pub(crate) line_numbers: bool,
}

/// A command line, or a wish for help or the version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Parsed {
    Command(Box<Command>),
    Help,
    Version,
}

/// What a command line may refer to.
pub(crate) struct Known<'a> {
    pub(crate) family: Family,
    /// Whether the table has such a chain.
    pub(crate) chain_exists: &'a dyn Fn(TableName, &str) -> bool,
    /// Addresses of named hosts.
    pub(crate) hosts: &'a dyn Fn(&str) -> Option<IpAddr>,
    /// The table of the lines that iptables-restore reads, which none of them may name, and the program's name.
    pub(crate) restored: Option<(TableName, &'static str)>,
}

/// Options with their letters; the second column says whether a value follows: always, never, or only if one does (`?`).
const OPTIONS: [(&str, char, char); 32] = [
    ("append", 'A', 'y'),
    ("check", 'C', 'y'),
    ("delete", 'D', 'y'),
    ("insert", 'I', 'y'),
    ("replace", 'R', 'y'),
    ("list", 'L', '?'),
    ("list-rules", 'S', '?'),
    ("flush", 'F', '?'),
    ("zero", 'Z', '?'),
    ("new-chain", 'N', 'y'),
    ("delete-chain", 'X', '?'),
    ("rename-chain", 'E', 'y'),
    ("policy", 'P', 'y'),
    ("table", 't', 'y'),
    ("protocol", 'p', 'y'),
    ("source", 's', 'y'),
    ("destination", 'd', 'y'),
    ("src", 's', 'y'),
    ("dst", 'd', 'y'),
    ("in-interface", 'i', 'y'),
    ("out-interface", 'o', 'y'),
    ("jump", 'j', 'y'),
    ("goto", 'g', 'y'),
    ("match", 'm', 'y'),
    ("numeric", 'n', 'n'),
    ("verbose", 'v', 'n'),
    ("exact", 'x', 'n'),
    ("line-numbers", '0', 'n'),
    ("fragments", 'f', 'n'),
    ("wait", 'w', '?'),
    ("help", 'h', 'n'),
    ("version", 'V', 'n'),
];

const MORE_LETTERS: [(char, char); 4] = [('4', 'n'), ('6', 'n'), ('c', 'y'), ('W', 'y')];

const VERBS: &str = "ACDIRLSFZNXEP";

/// Reads the arguments, without the program's name.
pub(crate) fn parse(args: &[String], known: &Known<'_>) -> Result<Parsed, Fail> {
    Parser::new(args, known).run()
}

struct Parser<'a> {
    args: std::iter::Peekable<std::slice::Iter<'a, String>>,
    known: &'a Known<'a>,
    table: TableName,
    verb: Option<(char, Verb)>,
    chain: Option<String>,
    rule: Rule,
    addresses: Addresses,
    matches: Vec<matches::Loading>,
    target: Option<targets::Loading>,
    jump: Option<Target>,
    counters: Option<Counters>,
    /// The flags of the output, and the letters of options that not every command takes.
    given: Vec<char>,
    not: bool,
}

impl<'a> Parser<'a> {
    fn new(args: &'a [String], known: &'a Known<'a>) -> Self {
        Self {
            args: args.iter().peekable(),
            known,
            table: known.restored.map_or(TableName::Filter, |(table, _)| table),
            verb: None,
            chain: None,
            rule: Rule::new(),
            addresses: Addresses::default(),
            matches: Vec::new(),
            target: None,
            jump: None,
            counters: None,
            given: Vec::new(),
            not: false,
        }
    }

    fn run(mut self) -> Result<Parsed, Fail> {
        while let Some(argument) = self.args.next() {
            if argument == "!" {
                if self.not {
                    return Err(Fail::parameter("multiple consecutive ! not allowed"));
                }
                self.not = true;
            } else if let Some(long) = argument.strip_prefix("--") {
                if let Some(done) = self.long(long)? {
                    return Ok(done);
                }
            } else if let Some(letters) = argument
                .strip_prefix('-')
                .filter(|letters| !letters.is_empty())
            {
                if let Some(done) = self.letters(letters)? {
                    return Ok(done);
                }
            } else {
                return Err(Fail::leftover(argument));
            }
        }
        self.finish()
    }

    fn letters(&mut self, letters: &str) -> Result<Option<Parsed>, Fail> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let known = OPTIONS
                .iter()
                .map(|(_, known, takes)| (*known, *takes))
                .chain(MORE_LETTERS);
            let takes = known
                .into_iter()
                .find(|(known, _)| *known == letter && letter != '0')
                .map(|(_, takes)| takes);
            let takes =
                takes.ok_or_else(|| Fail::parameter(format!("unknown option \"-{letter}\"")))?;
            let attached = rest.as_str();
            let value = match takes {
                'y' if attached.is_empty() => Some(self.value(&format!("-{letter}"))?),
                'y' => Some(attached.to_owned()),
                '?' if attached.is_empty() => self.optional(),
                _ => None,
            };
            if let Some(done) = self.apply(letter, value)? {
                return Ok(Some(done));
            }
            if takes == 'y' {
                break;
            }
        }
        Ok(None)
    }

    fn long(&mut self, text: &str) -> Result<Option<Parsed>, Fail> {
        let (name, attached) = text
            .split_once('=')
            .map_or((text, None), |(name, value)| (name, Some(value.to_owned())));
        if self.extension(name, attached.clone())? {
            self.not = false;
            return Ok(None);
        }
        match name {
            "ipv4" => return self.apply('4', None),
            "ipv6" => return self.apply('6', None),
            "modprobe" => return Ok(None),
            "set-counters" => {
                let value = self.value("--set-counters")?;
                return self.apply('c', Some(value));
            }
            _ => {}
        }
        let names: Vec<&str> = OPTIONS.iter().map(|(name, _, _)| *name).collect();
        let found = values::complete(&names, name)
            .and_then(|full| OPTIONS.iter().find(|(known, _, _)| *known == full));
        let Some((_, letter, takes)) = found else {
            return Err(Fail::parameter(format!("unknown option \"--{name}\"")));
        };
        let value = match (takes, attached) {
            (_, Some(value)) => Some(value),
            ('y', None) => Some(self.value(&format!("--{name}"))?),
            ('?', None) => self.optional(),
            _ => None,
        };
        self.apply(*letter, value)
    }

    /// Options of targets and matches; those of a protocol's match also load it.
    fn extension(&mut self, name: &str, attached: Option<String>) -> Result<bool, Fail> {
        let args = &mut self.args;
        let mut attached = attached;
        let mut value = || {
            let missing = || Fail::parameter(format!("option \"--{name}\" requires an argument"));
            attached
                .take()
                .or_else(|| args.next().cloned())
                .ok_or_else(missing)
        };
        let proto = self.rule.proto;
        for loaded in self.matches.iter_mut().rev() {
            if loaded.option(name, self.not, proto, &mut value)? {
                return Ok(true);
            }
        }
        if let Some(target) = &mut self.target
            && target.option(name, &mut value)?
        {
            return Ok(true);
        }
        let only = proto.filter(|proto| !proto.not).map(|proto| proto.value);
        let Some(mut implied) = matches::Loading::implied(only, self.known.family) else {
            return Ok(false);
        };
        let taken = !self
            .matches
            .iter()
            .any(|loaded| loaded.name == implied.name)
            && implied.option(name, self.not, proto, &mut value)?;
        if taken {
            self.matches.push(implied);
        }
        Ok(taken)
    }

    fn value(&mut self, option: &str) -> Result<String, Fail> {
        self.args
            .next()
            .cloned()
            .ok_or_else(|| Fail::parameter(format!("option \"{option}\" requires an argument")))
    }

    /// A following word that is no option.
    fn optional(&mut self) -> Option<String> {
        self.args
            .next_if(|next| !next.starts_with('-') && *next != "!")
            .cloned()
    }

    fn number(text: &str) -> Result<usize, Fail> {
        text.parse()
            .ok()
            .filter(|n| *n > 0)
            .ok_or_else(|| Fail::parameter(format!("Invalid rule number `{text}'")))
    }

    fn optional_number(&mut self) -> Result<Option<usize>, Fail> {
        self.optional().map(|text| Self::number(&text)).transpose()
    }

    fn apply(&mut self, letter: char, value: Option<String>) -> Result<Option<Parsed>, Fail> {
        let not = std::mem::take(&mut self.not);
        let once = "psdiojgf";
        let long = OPTIONS
            .iter()
            .find(|(_, known, _)| *known == letter)
            .map_or("", |(name, _, _)| *name);
        if once.contains(letter) && self.given.contains(&letter) {
            return Err(Fail::parameter(format!(
                "multiple --{long} options not allowed"
            )));
        }
        if VERBS.contains(letter) {
            return self.verb(letter, value).map(|()| None);
        }
        self.given.push(letter);
        let text = value.unwrap_or_default();
        match letter {
            't' => {
                if let Some((_, program)) = self.known.restored {
                    return Err(Fail::parameter(format!(
                        "The -t option cannot be used in {program}.\n"
                    )));
                }
                let unknown = || Fail::version(format!("table '{text}' does not exist"));
                self.table = TableName::from_name(&text).ok_or_else(unknown)?;
            }
            'p' => {
                self.rule.proto = Some(Inv {
                    value: values::protocol(&text)?,
                    not,
                })
                .filter(|p| p.value.0 != 0);
            }
            's' => self.addresses.source = Some(Inv { value: text, not }),
            'd' => self.addresses.destination = Some(Inv { value: text, not }),
            'i' | 'o' => {
                if text.is_empty() {
                    return Err(Fail::parameter("Empty interface is likely to be undesired"));
                }
                if text.len() > 15 {
                    return Err(Fail::parameter(format!(
                        "interface name `{text}' must be shorter than 16 characters"
                    )));
                }
                let pattern = Some(Inv {
                    value: IfPattern::new(&text),
                    not,
                });
                if letter == 'i' {
                    self.rule.in_if = pattern;
                } else {
                    self.rule.out_if = pattern;
                }
            }
            'f' => self.rule.fragment = Some(Inv { value: (), not }),
            'j' | 'g' => {
                self.target = if letter == 'j' {
                    targets::Loading::load(&text, self.known.family)
                } else {
                    None
                };
                if self.target.is_none() && KNOWN_TARGETS.contains(&text.as_str()) {
                    let text = crate::not_modelled!("iptables", "the target {text}");
                    return Err(Fail::parameter(text));
                }
                if self.target.is_none() {
                    let chain = text.into();
                    self.jump = Some(if letter == 'j' {
                        Target::Jump(chain)
                    } else {
                        Target::Goto(chain)
                    });
                }
            }
            'm' => {
                let unknown = || {
                    Fail::parameter(if KNOWN_MATCHES.contains(&text.as_str()) {
                        crate::not_modelled!("iptables", "the match {text}")
                    } else {
                        format!("Couldn't load match `{text}':No such file or directory\n")
                    })
                };
                self.matches
                    .push(matches::Loading::load(&text, self.known.family).ok_or_else(unknown)?);
            }
            'c' => {
                let bytes = self.value("-c")?;
                let count = |text: &str| {
                    text.parse()
                        .ok()
                        .ok_or_else(|| Fail::parameter("-c packet counter not numeric"))
                };
                self.counters = Some(Counters {
                    packets: count(&text)?,
                    bytes: count(&bytes)?,
                });
            }
            'h' => return Ok(Some(Parsed::Help)),
            'V' => return Ok(Some(Parsed::Version)),
            '4' | '6' if (letter == '4') != (self.known.family == Family::V4) => {
                // No word of the reason.
                return Err(Fail::parameter(""));
            }
            _ => {}
        }
        Ok(None)
    }

    fn verb(&mut self, letter: char, chain: Option<String>) -> Result<(), Fail> {
        if let Some((first, _)) = &self.verb {
            return Err(Fail::parameter(format!(
                "Cannot use -{letter} with -{first}"
            )));
        }
        let verb = match letter {
            'A' => Verb::Append,
            'C' => Verb::Check,
            'D' => self
                .optional_number()?
                .map_or(Verb::Delete, Verb::DeleteNumber),
            'I' => Verb::Insert(self.optional_number()?.unwrap_or(1)),
            'R' => {
                let number = self
                    .optional()
                    .ok_or_else(|| Fail::parameter("-R requires a rule number"))?;
                Verb::Replace(Self::number(&number)?)
            }
            'L' => Verb::List(if chain.is_some() {
                self.optional_number()?
            } else {
                None
            }),
            'S' => Verb::Show(if chain.is_some() {
                self.optional_number()?
            } else {
                None
            }),
            'F' => Verb::Flush,
            'Z' => Verb::Zero(if chain.is_some() {
                self.optional_number()?
            } else {
                None
            }),
            'N' => Verb::New,
            'X' => Verb::DeleteChain,
            'E' => {
                let missing = || Fail::parameter("-E requires old-chain-name and new-chain-name");
                Verb::Rename(self.optional().ok_or_else(missing)?)
            }
            _ => {
                let missing = || Fail::parameter("-P requires a chain and a policy");
                Verb::Policy(self.optional().ok_or_else(missing)?)
            }
        };
        if let Some(name) = &chain {
            check_name(name, matches!(verb, Verb::New))?;
        }
        if let Verb::Rename(name) = &verb {
            check_name(name, true)?;
        }
        self.verb = Some((letter, verb));
        self.chain = chain;
        Ok(())
    }

    fn finish(mut self) -> Result<Parsed, Fail> {
        let (letter, verb) = self
            .verb
            .take()
            .ok_or_else(|| Fail::parameter("no command specified"))?;
        self.check_allowed(letter, &verb)?;
        let proto = self
            .rule
            .proto
            .filter(|proto| !proto.not)
            .map(|proto| proto.value);
        let mut rule = std::mem::take(&mut self.rule);
        rule.matches = std::mem::take(&mut self.matches)
            .into_iter()
            .map(matches::Loading::finish)
            .collect::<Result<_, _>>()?;
        check_protocol(&rule.matches, proto)?;
        rule.target = match (self.target.take(), self.jump.take()) {
            (Some(target), _) => target.finish(proto)?,
            (None, Some(jump)) => jump,
            (None, None) => Target::None,
        };
        if self.table == TableName::Nat && rule.target == Target::Drop {
            let text = "\nThe \"nat\" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n";
            return Err(Fail::parameter(text));
        }
        let (family, hosts) = (self.known.family, self.known.hosts);
        let rules = self.addresses.rules(&rule, family, hosts)?;
        self.check_chains(&verb, &rule)?;
        let flag = |letter: char| self.given.contains(&letter);
        Ok(Parsed::Command(Box::new(Command {
            table: self.table,
            numeric: flag('n'),
            verbose: flag('v'),
            exact: flag('x'),
            line_numbers: flag('0'),
            rules,
            verb,
            chain: self.chain,
            counters: self.counters,
        })))
    }

    /// Which options go with which command.
    fn check_allowed(&self, letter: char, verb: &Verb) -> Result<(), Fail> {
        let always = "tvwW46";
        let allowed = match letter {
            'A' | 'I' | 'R' => "psdiojgfmc",
            'C' => "psdiojgfm",
            'D' if matches!(verb, Verb::Delete) => "psdiojgfm",
            'L' => "nx0",
            'S' => "n",
            'P' => "c",
            _ => "",
        };
        match self
            .given
            .iter()
            .find(|given| !always.contains(**given) && !allowed.contains(**given))
        {
            Some(given) => {
                let long = OPTIONS
                    .iter()
                    .find(|(_, known, _)| known == given)
                    .map_or("set-counters", |(name, _, _)| *name);
                Err(Fail::parameter(format!(
                    "Illegal option `--{long}' with this command"
                )))
            }
            None => Ok(()),
        }
    }

    fn check_chains(&self, verb: &Verb, rule: &Rule) -> Result<(), Fail> {
        let Some(chain) = &self.chain else {
            return Ok(());
        };
        let none = |option: &str| Err(Fail::parameter(format!("Can't use {option} with {chain}")));
        match chain.as_str() {
            "PREROUTING" | "INPUT" if rule.out_if.is_some() => return none("--out-interface"),
            "POSTROUTING" | "OUTPUT" if rule.in_if.is_some() => return none("--in-interface"),
            _ => {}
        }
        let takes_rule = matches!(
            verb,
            Verb::Append | Verb::Insert(_) | Verb::Replace(_) | Verb::Delete | Verb::Check
        );
        if !takes_rule {
            return Ok(());
        }
        match rule.target.chain() {
            Some(to) if !(self.known.chain_exists)(self.table, to) => {
                Err(Fail::parameter(format!("Chain '{to}' does not exist")))
            }
            _ => Ok(()),
        }
    }
}

fn check_name(name: &str, new: bool) -> Result<(), Fail> {
    if name.starts_with('-') || name.starts_with('!') {
        let first = name.get(..1).unwrap_or_default();
        return Err(Fail::parameter(format!(
            "chain name not allowed to start with `{first}'"
        )));
    }
    if name.len() >= 29 {
        return Err(Fail::parameter(format!(
            "chain name `{name}' too long (must be under 29 chars)"
        )));
    }
    if new && targets::NAMES.contains(&name) {
        return Err(Fail::parameter("chain name may not clash with target name"));
    }
    Ok(())
}

fn check_protocol(matches: &[Match], proto: Option<Proto>) -> Result<(), Fail> {
    for condition in matches {
        let (name, wanted, used) = match condition {
            Match::Tcp(m) => (
                "tcp",
                Proto::TCP,
                m.sport.is_some() || m.dport.is_some() || m.flags.is_some(),
            ),
            Match::Udp(m) => ("udp", Proto::UDP, m.sport.is_some() || m.dport.is_some()),
            _ => continue,
        };
        if used && proto != Some(wanted) {
            return Err(Fail::parameter(format!(
                "{} match requires '-p {name}'",
                name.to_ascii_uppercase()
            )));
        }
    }
    Ok(())
}
