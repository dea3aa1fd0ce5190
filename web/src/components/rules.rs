//! A machine's netfilter rules with their counters, and tracked connections.

use lab::view::{Journey, RuleChain, RuleTable, Ruleset, Tone, Topology};
use yew::prelude::*;

use super::ask::Ask;
use super::{Act, whole};
use crate::messages;
use crate::platform;
use crate::shared::Shared;

/// A packet's way through a machine's rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Way {
    stops: Vec<Stop>,
    /// The addresses it began with, as connection tracking writes them.
    flow: String,
}

/// A rule that matched, or a hook where none did.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stop {
    hook: String,
    /// Table, chain and number.
    rule: Option<(String, String, u32)>,
    now: bool,
    bad: bool,
}

impl Way {
    /// The way of a journey through one machine, which is at a hop.
    pub(crate) fn new(journey: &Journey, at: usize, machine: &str) -> Self {
        let mut stops = Vec::new();
        let hooks = journey.hops.iter().enumerate();
        for (i, h) in hooks.filter(|(_, h)| h.machine == machine && h.place.starts_with("hook:")) {
            let stop = |rule| Stop {
                hook: h.title.clone(),
                rule,
                now: i == at,
                bad: h.verdict.tone == Tone::Bad,
            };
            let matched = h.rules.iter().filter(|r| r.matched);
            let before = stops.len();
            stops.extend(matched.map(|r| stop(Some((r.table.clone(), r.chain.clone(), r.number)))));
            if stops.len() == before && h.title != "routing" {
                stops.push(stop(None));
            }
        }
        Self {
            stops,
            flow: journey.summary.replace(" to ", " → "),
        }
    }

    /// The rule that decided at the hop being watched: the last one there that is no policy.
    fn hit(&self) -> Option<&(String, String, u32)> {
        let now = self.stops.iter().rev().filter(|s| s.now);
        now.filter_map(|s| s.rule.as_ref()).find(|r| r.2 > 0)
    }

    /// The class of a rule's row.
    fn class(&self, table: &str, chain: &str, number: u32) -> Option<&'static str> {
        let same = |r: &(String, String, u32)| r.0 == table && r.1 == chain && r.2 == number;
        let stop = self
            .stops
            .iter()
            .find(|s| s.rule.as_ref().is_some_and(same))?;
        Some(if stop.now { "hit" } else { "way" })
    }

    fn list(&self) -> Html {
        let stops = self.stops.iter().enumerate().map(|(i, s)| {
            let text = match &s.rule {
                Some((table, chain, 0)) => messages::way_policy(table, chain),
                Some((table, chain, number)) => format!("{table} {chain} {number}"),
                None => messages::way_none(&s.hook),
            };
            let class = match (s.now, s.bad) {
                (_, true) => "bad",
                (true, _) => "now",
                _ => "",
            };
            html! { <li key={i} {class}>{ text }</li> }
        });
        html! {
            <div>
                if !self.stops.is_empty() {
                    <section class="sec"><h2 class="cap">{ messages::way_title() }</h2><ol class="way-list">{ for stops }</ol></section>
                }
            </div>
        }
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) rules: Shared<Ruleset>,
    /// The way of the packet being watched.
    pub(crate) way: Way,
    /// The chain to be shown, and a number that is another one whenever it is to be shown again.
    pub(crate) chain: Option<(AttrValue, u32)>,
    pub(crate) topology: Shared<Topology>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Rules(p: &Props) -> Html {
    let chosen = use_state(|| "filter".to_owned());
    let only_hit = use_state(|| false);
    let raw = use_state(|| false);
    // The table of the rule being watched comes to the front by itself.
    {
        let chosen = chosen.clone();
        use_effect_with(p.way.hit().cloned(), move |hit| {
            if let Some((table, _, _)) = hit {
                chosen.set(table.clone());
            }
        });
    }
    // So does one in which the chosen hook's chain has rules, and the chain is brought into view.
    {
        let (chosen, only_hit, raw) = (chosen.clone(), only_hit.clone(), raw.clone());
        let table = p
            .chain
            .as_ref()
            .and_then(|(chain, _)| table_of(&p.rules, chain, &p.way));
        use_effect_with(p.chain.clone(), move |_| {
            if let Some(table) = table {
                chosen.set(table);
                only_hit.set(false);
                raw.set(false);
            }
        });
    }
    use_effect_with((p.chain.clone(), (*chosen).clone()), |(chain, _)| {
        if let Some((chain, _)) = chain {
            platform::scroll_to(&format!("[data-chain=\"{chain}\"]"));
        }
    });
    let names: Vec<(String, String)> = p.rules.tables.iter().map(|t| (key(t), label(t))).collect();
    let current = p
        .rules
        .tables
        .iter()
        .find(|t| key(t) == *chosen)
        .or(p.rules.tables.first());
    let tables = names.iter().map(|(k, name)| {
        let on = current.is_some_and(|t| key(t) == *k);
        let (chosen, k2) = (chosen.clone(), k.clone());
        let onclick = Callback::from(move |_: MouseEvent| chosen.set(k2.clone()));
        html! { <button type="button" key={k.clone()} class={if on { "on" } else { "" }} aria-pressed={on.to_string()} {onclick}>{ name }</button> }
    });
    let flip = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.set(!*state))
    };
    let chains = current
        .into_iter()
        .flat_map(|t| t.chains.iter().map(move |c| (t, c)));
    let wanted = p.chain.as_ref().map(|c| &*c.0);
    let chains = chains.filter_map(|(t, c)| chain(t, c, *only_hit, &p.way, wanted));
    let connections = p.rules.connections.iter().enumerate().map(|(i, c)| {
        html! {
            <tr key={i} class={if !p.way.flow.is_empty() && (c.original == p.way.flow || c.reply == p.way.flow) { "hit" } else { "" }}><td>{ &c.protocol }</td><td>{ &c.state }</td><td>{ &c.original }</td><td>{ &c.reply }</td>
                <td class="r">{ messages::seconds(&c.expires_s) }</td></tr>
        }
    });
    html! {
        <div class="scroll">
            <Ask topology={p.topology.clone()} act={p.act.clone()} />
            <div class="rbar">
                <div class="seg" role="group" aria-label={messages::table()}>{ for tables }</div>
                <button type="button" class={if *raw { "btn on" } else { "btn" }} aria-pressed={raw.to_string()} onclick={flip(&raw)}>{ "iptables-save" }</button>
                <button type="button" class={if *only_hit { "btn on" } else { "btn" }} aria-pressed={only_hit.to_string()} onclick={flip(&only_hit)}>{ messages::only_hit() }</button>
            </div>
            { p.way.list() }
            <div>
                if *raw {
                    <pre class="saved">{ &p.rules.saved }</pre>
                } else {
                    <div>{ for chains }</div>
                }
            </div>
            <section class="sec">
                <h2 class="cap"><span>{ messages::connection_tracking() }</span><span class="cp">{ p.rules.connections.len() }</span></h2>
                <div class="tablebox"><table>
                    <thead><tr><th>{ messages::conn_protocol() }</th><th>{ messages::conn_state() }</th><th>{ messages::conn_original() }</th><th>{ messages::conn_reply() }</th><th class="r">{ messages::conn_expires() }</th></tr></thead>
                    <tbody>{ for connections }</tbody>
                </table></div>
            </section>
        </div>
    }
}

fn key(t: &RuleTable) -> String {
    if t.family == "IPv6" {
        format!("{}6", t.name)
    } else {
        t.name.clone()
    }
}

fn label(t: &RuleTable) -> String {
    if t.family == "IPv6" {
        format!("{} v6", t.name)
    } else {
        t.name.clone()
    }
}

/// The key of the table in which to look at a hook's chain: the one whose rule decided there, or else the first of those
/// that people write rules in, or at least of all, in which the chain has rules.
fn table_of(rules: &Ruleset, chain: &str, way: &Way) -> Option<String> {
    let decided = way.stops.iter().find(|s| s.hook == chain);
    let decided = decided.and_then(|s| s.rule.as_ref()).map(|r| r.0.clone());
    let usual = ["filter", "nat", "mangle", "raw"].map(str::to_owned);
    let has = |name: &String, filled: bool| {
        let table = rules.tables.iter().find(|t| key(t) == *name);
        let chain = table.and_then(|t| t.chains.iter().find(|c| c.name == chain));
        chain.is_some_and(|c| !filled || !c.rules.is_empty())
    };
    let any = usual
        .iter()
        .find(|t| has(t, true))
        .or(usual.iter().find(|t| has(t, false)));
    decided.or_else(|| any.cloned())
}

fn chain(
    t: &RuleTable,
    c: &RuleChain,
    only_hit: bool,
    way: &Way,
    wanted: Option<&str>,
) -> Option<Html> {
    let rules: Vec<_> = c
        .rules
        .iter()
        .filter(|r| !only_hit || r.packets > 0)
        .collect();
    if only_hit && rules.is_empty() {
        return None;
    }
    let rows = rules.into_iter().map(|r| {
        let plain = if r.packets == 0 { "z" } else { "" };
        let class = way.class(&t.name, &c.name, r.number).unwrap_or(plain);
        let number = r.number;
        html! {
            <tr key={number} {class}><td>{ number }</td><td class="r">{ r.packets }</td><td>{ &r.target }</td><td>{ &r.input }</td>
                <td>{ &r.output }</td><td>{ &r.source }</td><td>{ &r.destination }</td><td>{ whole(&r.matches) }</td></tr>
        }
    });
    Some(html! {
        <section key={c.name.clone()} class={if wanted == Some(&*c.name) { "sec rchain wanted" } else { "sec rchain" }} data-chain={c.name.clone()}>
            <h2 class="cap"><span class="cn">{ messages::chain(&c.name) }</span><span class="cp" lang="en">{ &c.note }</span></h2>
            // What can be scrolled has to be reached by keys.
            <div class={if c.rules.is_empty() { "tablebox none-here" } else { "tablebox" }} tabindex="0"><table>
                <thead lang="en"><tr><th>{ "#" }</th><th class="r">{ "pkts" }</th><th>{ "target" }</th><th>{ "in" }</th><th>{ "out" }</th>
                    <th>{ "source" }</th><th>{ "destination" }</th><th>{ "match" }</th></tr></thead>
                <tbody>{ for rows }</tbody>
            </table></div>
        </section>
    })
}
