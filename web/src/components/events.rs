//! Everything that travelled, a line a packet, to be narrowed down and watched again.

use sorted::SortedSet;

use lab::view::{Flight, Protocol, Tone};
use yew::prelude::*;

use super::live::use_live;
use super::{Act, say, tag};
use crate::app::Msg;
use crate::messages as words;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) flights: Shared<Vec<Flight>>,
    /// The journey being watched.
    pub(crate) watched: Option<AttrValue>,
    pub(crate) act: Act,
}

/// What the list is narrowed down to; nothing means everything.
#[derive(Clone, Default, PartialEq)]
struct Filter {
    protocol: Option<String>,
    machine: Option<String>,
    failed: bool,
    /// Whether what nobody asked for is listed, too.
    background: bool,
}

impl Filter {
    fn takes(&self, flight: &Flight) -> bool {
        // Whoever chooses a protocol wants all of it.
        (self.background || self.protocol.is_some() || !flight.chatter)
            && self
                .protocol
                .as_ref()
                .is_none_or(|p| p == name(flight.protocol))
            && self.machine.as_ref().is_none_or(|m| *m == flight.machine)
            && (!self.failed || flight.verdict.tone == Tone::Bad)
    }
}

#[component]
pub(crate) fn Events(p: &Props) -> Html {
    let live = use_live(Filter::default);
    let filter = live.get();
    if p.flights.is_empty() {
        return html! { <div class="scroll"><p class="none">{ words::events_none() }</p></div> };
    }
    let protocols: SortedSet<&str> = p.flights.iter().map(|f| name(f.protocol)).collect();
    let machines: SortedSet<&str> = p.flights.iter().map(|f| f.machine.as_str()).collect();
    let set = |change: fn(&mut Filter, String)| {
        let live = live.clone();
        Callback::from(move |e: Event| {
            let chosen = e.target_unchecked_into::<web_sys::HtmlSelectElement>();
            let mut next = live.get();
            change(&mut next, chosen.value());
            live.set(next);
        })
    };
    let by_protocol = set(|f, name| f.protocol = (!name.is_empty()).then_some(name));
    let by_machine = set(|f, name| f.machine = (!name.is_empty()).then_some(name));
    let turn = |change: fn(&mut Filter)| {
        let live = live.clone();
        Callback::from(move |_: MouseEvent| {
            let mut next = live.get();
            change(&mut next);
            live.set(next);
        })
    };
    let only_failed = turn(|f| f.failed = !f.failed);
    let with_background = turn(|f| f.background = !f.background);
    let some = p.flights.iter().any(|f| f.chatter);
    // Where there is nothing else, it is what there is to see.
    let all = p.flights.iter().all(|f| f.chatter);
    let takes = Filter {
        background: filter.background || all,
        ..filter.clone()
    };
    // The latest first: that is what one came for.
    let shown: Vec<&Flight> = p.flights.iter().rev().filter(|f| takes.takes(f)).collect();
    let rows = shown.iter().map(|f| row(f, p));
    html! {
        <div class="scroll">
            <div class="rbar">
                { choice(words::events_protocol(), words::events_any_protocol(), &protocols, filter.protocol.as_deref().unwrap_or(""), by_protocol) }
                { choice(words::events_machine(), words::events_any_machine(), &machines, filter.machine.as_deref().unwrap_or(""), by_machine) }
                <button type="button" class={if filter.failed { "btn on" } else { "btn" }} aria-pressed={filter.failed.to_string()}
                    onclick={only_failed}>{ words::events_failed() }</button>
                <span class="part">
                    if some && !all {
                        <button type="button" class={if filter.background { "btn on" } else { "btn" }} aria-pressed={filter.background.to_string()} title={words::events_background_title()}
                            onclick={with_background}>{ words::events_background() }</button>
                    }
                </span>
                <span class="cp" role="status">{ count(shown.len(), p.flights.len()) }</span>
            </div>
            <ol class="events" aria-label={words::events_title()}>{ for rows }</ol>
        </div>
    }
}

fn choice(
    label: &'static str,
    any: &'static str,
    names: &SortedSet<&str>,
    chosen: &str,
    onchange: Callback<Event>,
) -> Html {
    let options = names.iter().map(|name| {
        html! { <option key={name.to_string()} value={name.to_string()} selected={*name == chosen}>{ name }</option> }
    });
    html! {
        <select class="field" aria-label={label} {onchange}>
            <option key="" value="" selected={chosen.is_empty()}>{ any }</option>
            { for options }
        </select>
    }
}

/// How many are shown, of how many.
fn count(shown: usize, all: usize) -> String {
    if shown == all {
        words::packets(&words::number(all as u64))
    } else {
        words::events_some(&shown, &all)
    }
}

/// What people call a protocol when they look for it.
fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Arp => "ARP",
        Protocol::Icmp => "ICMP",
        Protocol::DnsQuestion | Protocol::DnsAnswer => "DNS",
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Other => words::other_protocol(),
    }
}

fn row(f: &Flight, p: &Props) -> Html {
    let on = p.watched.as_ref().is_some_and(|id| *id == f.journey);
    let (input, journey) = (f.input, f.journey.clone());
    let onclick = p
        .act
        .reform(move |_: MouseEvent| Msg::Watch(input, journey.clone()));
    html! {
        <li key={f.journey.clone()}>
            <button type="button" class={if on { "event on" } else { "event" }} aria-current={on.then_some("true")} {onclick}>
                <span class="t">{ words::since_start(f.at_ns) }</span>
                <span class="n"><b>{ &f.origin }</b>{ " " }{ say(&f.name) }</span>
                { tag(&f.verdict) }
                <span class="s">{ say(&f.summary) }</span>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_is_listed_when_it_is_asked_for() {
        let said = Flight {
            protocol: Protocol::Arp,
            chatter: true,
            ..Flight::default()
        };
        let asked = Flight {
            chatter: false,
            ..said.clone()
        };
        let mut filter = Filter::default();
        assert!(filter.takes(&asked) && !filter.takes(&said));
        filter.protocol = Some("ARP".to_owned());
        assert!(filter.takes(&said));
        filter.protocol = Some("TCP".to_owned());
        assert!(!filter.takes(&said));
        filter = Filter {
            background: true,
            ..Filter::default()
        };
        assert!(filter.takes(&said));
    }
}
