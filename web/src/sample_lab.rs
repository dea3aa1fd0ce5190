//! A stand-in with the lab's doors, to look at the page before the simulation is behind it.

use lab::view::*;
use crate::sample;

pub(crate) enum Key { Interrupt, Eof }
pub(crate) enum Input {
    Line { terminal: u32, text: String },
    Key { terminal: u32, key: Key },
}

pub(crate) struct Lab { log: Vec<(u32, String)>, undone: Vec<(u32, String)> }

impl Lab {
    pub(crate) fn new(_: &str, _: u64) -> Result<Self, String> { Ok(Self { log: vec![], undone: vec![] }) }
    pub(crate) fn restore(saved: &str) -> Result<Self, String> {
        Ok(Self { log: saved.lines().filter_map(|l| l.split_once(' ').map(|(t, l)| (t.parse().unwrap_or(1), l.to_owned()))).collect(), undone: vec![] })
    }
    pub(crate) fn save(&self) -> String { self.log.iter().map(|(t, l)| format!("{t} {l}\n")).collect() }
    pub(crate) fn now(&self) -> u64 { self.log.len() as u64 * 1_000_000_000 }
    pub(crate) fn next_input(&self) -> u64 { self.log.len() as u64 }
    pub(crate) fn apply(&mut self, input: Input) {
        self.undone.clear();
        match input { Input::Line { terminal, text } => self.log.push((terminal, text)), Input::Key { .. } => {} }
    }
    pub(crate) fn apply_at(&mut self, input: Input, _: u64) { self.apply(input); }
    pub(crate) fn run_idle(&mut self, _: u64) -> bool { true }
    pub(crate) fn can_undo(&self) -> bool { !self.log.is_empty() }
    pub(crate) fn can_redo(&self) -> bool { !self.undone.is_empty() }
    pub(crate) fn undo(&mut self) { self.undone.extend(self.log.pop()); }
    pub(crate) fn redo(&mut self) { self.log.extend(self.undone.pop()); }
    pub(crate) fn reset(&mut self) { self.log.clear(); }
    pub(crate) fn topology(&self) -> std::rc::Rc<Topology> { std::rc::Rc::new(self.made()) }
    fn made(&self) -> Topology {
        match self.log.iter().rev().find_map(|l| l.1.strip_prefix("market ").and_then(|n| n.parse().ok())) { Some(n) => sample::market(n), None if self.log.iter().any(|l| l.1 == "empty") => { let mut t = sample::shop(); t.machines[0].containers.clear(); t.machines[0].published.clear(); t.machines[0].networks.truncate(1); t } None => sample::shop() }
    }
    pub(crate) fn terminals(&self) -> Vec<Terminal> {
        [(1, "hostA"), (2, "laptop")].into_iter().map(|(id, name)| {
            let mut t = Terminal { id, machine: name.into(), title: name.into(), prompt: format!("{name}:~$"), idle: true, ..Terminal::default() };
            for (i, (_, l)) in self.log.iter().enumerate().filter(|(_, l)| l.0 == id) {
                let at = i as u64 * 1_000_000_000;
                t.lines.push(Line { at_ns: at, input: i as u64, kind: LineKind::Command, prompt: t.prompt.clone(), text: l.clone(), complete: true });
                let bad = l.contains("ping") || l.contains("8080:80");
                t.lines.push(Line { at_ns: at + 900_000, input: i as u64, kind: if bad { LineKind::Error } else { LineKind::Output }, text: if bad { "1 packets transmitted, 0 packets received, 100% packet loss".into() } else { format!("(sample) {l}") }, complete: true, ..Line::default() });
                t.runs.push(Run { input: i as u64, command: l.clone(), started_ns: at, ended_ns: Some(at + 900_000), exit: Some(i32::from(bad)) });
            }
            t
        }).collect()
    }
    pub(crate) fn complete(&self, _: u32, line: &str, cursor: usize) -> Completions {
        let head: String = line.chars().take(cursor).collect();
        let from = head.rfind(' ').map_or(0, |i| i + 1);
        let word = &head[from..];
        let all = [("connect", "Connect a container to a network"), ("create", "Create a network"), ("docker", "Docker"), ("curl", "Transfer a URL"), ("ping", "Ask for an echo")];
        Completions { from, items: all.iter().filter(|a| a.0.starts_with(word)).map(|a| Completion { text: a.0.into(), description: a.1.into(), space: true }).collect() }
    }
    pub(crate) fn journeys_since(&self, input: u64) -> Vec<Journey> { (input..self.next_input()).flat_map(|i| self.exchange(i)).collect() }
    pub(crate) fn journeys(&self) -> Vec<Journey> { self.journeys_since(0) }
    fn exchange(&self, input: u64) -> Vec<Journey> {
        let Some((_, line)) = self.log.get(input as usize) else { return vec![] };
        sample::journeys().into_iter().filter(|j| line.contains("all") || (line.contains("curl") && j.id == "p1") || (line.contains("ping") && j.id == "p2")).map(|mut j| { for h in &mut j.hops { h.at_ns += input * 1_000_000_000; } j.input = input; j.id = format!("{}-{input}", j.id); j }).collect()
    }
    pub(crate) fn explanation(&self) -> Option<Explanation> {
        let input = self.log.iter().rposition(|l| l.1.contains("ping"))? as u64;
        (input + 1 == self.log.len() as u64).then(|| Explanation { input, at_ns: 0, sentence: "Dropped in hostA, table raw, chain PREROUTING.".into(), detail: "The packet is for api, but it came in on docker0. Docker drops anything for a container address unless it arrives from that container's own network.".into(), decided_by: "raw PREROUTING rule 2".into(), at: Some((format!("p2-{input}"), 2)), never_reached: vec!["routing".into(), "FORWARD".into(), "api".into()], fixes: vec![Fix { label: "Connect probe to shop_backend".into(), command: "docker network connect shop_backend probe".into(), machine: "hostA".into() }] })
    }
    pub(crate) fn dns(&self) -> Vec<DnsLookup> { vec![] }
    pub(crate) fn details(&self, id: &str) -> Option<Details> {
        let cell = |s: &str| Cell { text: s.into(), place: None };
        Some(Details { id: id.into(), title: id.rsplit('/').next().unwrap_or_default().into(), tag: Tag { text: "running".into(), tone: Tone::Good }, facts: vec![Fact { name: "Image".into(), value: "busybox:1.37".into() }, Fact { name: "Command".into(), value: "sleep 1d".into() }], sections: vec![Section { title: "Interfaces".into(), columns: vec!["Name".into(), "Address".into(), "Network".into()], rows: vec![vec![cell("lo"), cell("127.0.0.1/8"), cell("")], vec![cell("eth0"), cell("172.17.0.2/16"), Cell { text: "bridge".into(), place: Some(place::network("hostA", "bridge")) }]] }, Section { title: "/etc/resolv.conf".into(), columns: vec![], rows: vec![vec![cell("nameserver 192.168.1.1")]] }] })
    }
    pub(crate) fn rules(&self, machine: &str) -> Ruleset {
        let row = |number, packets, target: &str, input: &str, matches: &str| RuleRow { number, packets, target: target.into(), input: input.into(), output: "*".into(), destination: "0.0.0.0/0".into(), matches: matches.into(), ..RuleRow::default() };
        Ruleset { machine: machine.into(), tables: vec![RuleTable { name: "nat".into(), family: "IPv4".into(), chains: vec![RuleChain { name: "DOCKER".into(), note: "2 references".into(), rules: vec![row(1, 0, "RETURN", "docker0", ""), row(2, 1, "DNAT", "!br-9c1f04d2a7be", "tcp dpt:8080 to:172.18.0.2:80")] }] }], saved: "*nat\n:DOCKER - [0:0]\nCOMMIT\n".into(), connections: vec![] }
    }
    pub(crate) fn offers(&self, container: &str) -> Vec<DropOffer> {
        let t = self.topology();
        let Some(host) = t.machines.first() else { return vec![] };
        let Some(c) = host.containers.iter().find(|c| c.id == container) else { return vec![] };
        host.networks.iter().map(|n| if c.networks.contains(&n.id) { DropOffer { network: n.id.clone(), state: DropState::Member, disconnect: format!("docker network disconnect {} {}", n.name, c.name), machine: "hostA".into(), ..DropOffer::default() } } else { DropOffer { network: n.id.clone(), state: DropState::Connects, interface: "eth1".into(), address: "172.19.0.4/16".into(), connect: vec![format!("docker network connect {} {}", n.name, c.name)], move_here: vec![format!("docker network disconnect bridge {}", c.name), format!("docker network connect {} {}", n.name, c.name)], machine: "hostA".into(), ..DropOffer::default() } }).collect()
    }
}
