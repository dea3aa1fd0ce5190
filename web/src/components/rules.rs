//! A machine's netfilter rules with their counters, and tracked connections.

use lab::view::{RuleChain, RuleTable, Ruleset, Topology};
use yew::prelude::*;

use super::Act;
use super::ask::Ask;
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) rules: Shared<Ruleset>,
    /// The rule the hop being watched matched: table, chain, number.
    pub(crate) hit: Option<(String, String, u32)>,
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
        use_effect_with(p.hit.clone(), move |hit| {
            if let Some((table, _, _)) = hit {
                chosen.set(table.clone());
            }
        });
    }
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
    let chains = chains.filter_map(|(t, c)| chain(t, c, *only_hit, p.hit.as_ref()));
    let connections = p.rules.connections.iter().enumerate().map(|(i, c)| {
        html! {
            <tr key={i}><td>{ &c.protocol }</td><td>{ &c.state }</td><td>{ &c.original }</td><td>{ &c.reply }</td>
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

fn chain(
    t: &RuleTable,
    c: &RuleChain,
    only_hit: bool,
    hit: Option<&(String, String, u32)>,
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
        let matched = hit.is_some_and(|(table, chain, n)| *table == t.name && *chain == c.name && *n == r.number);
        let class = if matched { "hit" } else if r.packets == 0 { "z" } else { "" };
        let number = r.number;
        html! {
            <tr key={number} {class}><td>{ number }</td><td class="r">{ r.packets }</td><td>{ &r.target }</td><td>{ &r.input }</td>
                <td>{ &r.output }</td><td>{ &r.source }</td><td>{ &r.destination }</td><td>{ &r.matches }</td></tr>
        }
    });
    Some(html! {
        <section key={c.name.clone()} class="sec">
            <h2 class="cap"><span class="cn">{ messages::chain(&c.name) }</span><span class="cp" lang="en">{ &c.note }</span></h2>
            <div class={if c.rules.is_empty() { "tablebox none-here" } else { "tablebox" }}><table>
                <thead><tr><th>{ "#" }</th><th class="r">{ "pkts" }</th><th>{ "target" }</th><th>{ "in" }</th><th>{ "out" }</th>
                    <th>{ "source" }</th><th>{ "destination" }</th><th>{ "match" }</th></tr></thead>
                <tbody>{ for rows }</tbody>
            </table></div>
        </section>
    })
}
