//! Names looked up by the command being watched.

use lab::view::{DnsLookup, DnsStep, Topology};
use yew::prelude::*;

use super::inspector::network_mark;
use super::{say, tag};
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) lookups: Shared<Vec<DnsLookup>>,
    pub(crate) topology: Shared<Topology>,
    /// Virtual time up to which lookups are shown.
    pub(crate) shown: u64,
}

#[component]
pub(crate) fn Lookups(p: &Props) -> Html {
    let lookups = p.lookups.iter().enumerate().filter(|(_, l)| l.at_ns <= p.shown).map(|(i, l)| {
        let steps = l.steps.iter().enumerate().map(|(k, s)| html! { <li key={k} class="dstep">{ step(s, &p.topology) }</li> });
        html! {
            <details key={i} class="lookup" open={i == 0}>
                <summary><code>{ format!("{} {}", l.kind, l.name) }</code><span class="from">{ messages::asked_by(&l.asker) }</span>{ tag(&l.outcome) }</summary>
                <ol>{ for steps }</ol>
                <div>if !l.answers.is_empty() { <pre>{ l.answers.join("\n") }</pre> }</div>
            </details>
        }
    });
    let any = p.lookups.iter().any(|l| l.at_ns <= p.shown);
    html! {
        <section class="lookups">
            <div>if any { <h2 class="cap">{ messages::names_looked_up() }</h2> }</div>
            <div>{ for lookups }</div>
        </section>
    }
}

fn step(s: &DnsStep, topology: &Topology) -> Html {
    let searched = s.searched.iter().enumerate().map(|(i, n)| {
        html! {
            <div key={i} class={if n.found { "rule hit" } else { "rule" }}>{ network_mark(topology, Some(&n.network)) }{ say(&n.text) }<span></span></div>
        }
    });
    html! {
        <div>
            <div class="h1"><span><span class="ns">{ &s.who }</span>{ " " }{ say(&s.title) }</span>{ " " }{ tag(&s.verdict) }</div>
            <div class="h2">{ say(&s.detail) }</div>
            <div>{ for searched }</div>
        </div>
    }
}
