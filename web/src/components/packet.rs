//! A packet opened up: its layers nested as on the wire, and its bytes, each leading to the other.

use std::ops::Range;

use lab::view::{Field, Layer, Packet};
use yew::prelude::*;

use crate::messages;

/// Bytes in a row of the dump: what the side panel has room for.
const ROW: usize = 8;
/// Bytes shown at most; a payload's tail says nothing more about headers.
const MOST_BYTES: usize = 512;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) packet: Packet,
}

/// Shows the packet's fields and bytes. What is under the pointer or chosen is lit in both.
#[component]
pub(crate) fn PacketView(p: &Props) -> Html {
    let chosen = use_state(Range::<usize>::default);
    let pointed = use_state(Range::<usize>::default);
    let lit = if pointed.is_empty() {
        (*chosen).clone()
    } else {
        (*pointed).clone()
    };
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |range: Range<usize>| {
            chosen.set(if *chosen == range { 0..0 } else { range });
        })
    };
    let point = {
        let pointed = pointed.clone();
        Callback::from(move |range: Range<usize>| pointed.set(range))
    };
    html! {
        <div class="packet" onpointerleave={point.reform(|_: PointerEvent| 0..0)}>
            { layer(&p.packet.layers, &lit, &choose, &point) }
            { dump(&p.packet, &lit, &choose, &point) }
        </div>
    }
}

fn layer(
    layers: &[Layer],
    lit: &Range<usize>,
    choose: &Callback<Range<usize>>,
    point: &Callback<Range<usize>>,
) -> Html {
    let Some((l, inner)) = layers.split_first() else {
        return html! { <span></span> };
    };
    let fields = l.fields.iter().enumerate().map(|(i, f)| {
        let range = range(f);
        let class = match (f.changed, !range.is_empty() && range == *lit) {
            (true, true) => "fld ch lit",
            (true, false) => "fld ch",
            (false, true) => "fld lit",
            (false, false) => "fld",
        };
        let (enter, click) = (range.clone(), range);
        html! {
            <button key={i} type="button" {class} aria-pressed={class.ends_with("lit").to_string()}
                onpointerenter={point.reform(move |_: PointerEvent| enter.clone())}
                onclick={choose.reform(move |_: MouseEvent| click.clone())}><i>{ &f.name }</i><span>{ &f.value }</span></button>
        }
    });
    html! {
        <div class="layer" lang="en">
            <b>{ &l.name }<i>{ format!("{} B", l.bytes) }</i></b>
            <div>{ &l.summary }</div>
            <div class="flds">{ for fields }</div>
            <div>{ layer(inner, lit, choose, point) }</div>
        </div>
    }
}

fn dump(
    packet: &Packet,
    lit: &Range<usize>,
    choose: &Callback<Range<usize>>,
    point: &Callback<Range<usize>>,
) -> Html {
    let shown = packet.bytes.len().min(MOST_BYTES);
    let rows = packet
        .bytes
        .iter()
        .take(shown)
        .enumerate()
        .collect::<Vec<_>>();
    let rows = rows.chunks(ROW).enumerate().map(|(row, bytes)| {
        let hex = bytes.iter().map(|(at, byte)| {
            let found = field_at(&packet.layers, *at);
            let class = if lit.contains(at) { "lit" } else { "" };
            let (enter, click) = (found.clone(), found);
            html! {
                <span key={*at} {class} onpointerenter={point.reform(move |_: PointerEvent| enter.clone())}
                    onclick={choose.reform(move |_: MouseEvent| click.clone())}>{ format!("{byte:02x}") }</span>
            }
        });
        let letters: String = bytes
            .iter()
            .map(|(_, byte)| match **byte {
                printable @ 0x20..=0x7e => char::from(printable),
                _ => '.',
            })
            .collect();
        html! {
            <div key={row} class="hexrow"><i>{ format!("{:04x}", row * ROW) }</i><span class="hex">{ for hex }</span><span>{ letters }</span></div>
        }
    });
    let more = packet.bytes.len() - shown;
    html! {
        <div class="dump" role="group" aria-label={messages::packet_bytes()}>
            <div lang="en">{ for rows }</div>
            <div>if more > 0 { <p class="none">{ messages::more_bytes(&more) }</p> }</div>
        </div>
    }
}

/// Where a field stands among the packet's bytes.
fn range(field: &Field) -> Range<usize> {
    let start = field.start as usize;
    start..start + field.bytes as usize
}

/// The bytes of the smallest field that holds byte `at`, or of its layer's header; nothing if no layer does.
fn field_at(layers: &[Layer], at: usize) -> Range<usize> {
    let fields = layers.iter().flat_map(|l| &l.fields).map(range);
    let layers = layers.iter().map(|l| {
        let start = l.start as usize;
        start..start + l.bytes as usize
    });
    fields
        .chain(layers)
        .filter(|range| range.contains(&at))
        .min_by_key(ExactSizeIterator::len)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_leads_to_its_smallest_field_and_else_to_its_layer() {
        let field = |start, bytes| Field {
            start,
            bytes,
            ..Field::default()
        };
        let layers = [Layer {
            start: 14,
            bytes: 20,
            fields: vec![field(20, 2), field(20, 1), field(30, 0)],
            ..Layer::default()
        }];
        assert_eq!(field_at(&layers, 20), 20..21);
        assert_eq!(field_at(&layers, 21), 20..22);
        assert_eq!(field_at(&layers, 30), 14..34);
        assert_eq!(field_at(&layers, 3), 0..0);
    }
}
