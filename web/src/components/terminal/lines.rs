//! What was printed, as HTML. Lines stand in blocks, so that a key or a new line costs the drawing of one block.

use std::rc::Rc;

use lab::view::{Line, LineKind, Look};
use yew::prelude::*;

/// Lines in a block.
const BLOCK: u64 = 64;

/// Draws lines; the first has the number `first`.
pub(super) fn blocks(lines: &[Rc<Line>], first: u64) -> Html {
    let mut blocks = Vec::new();
    let mut rest = lines;
    let mut number = first;
    while !rest.is_empty() {
        let room = usize::try_from(BLOCK - number % BLOCK).unwrap_or(1);
        let (now, later) = rest.split_at(room.min(rest.len()));
        blocks.push(html! { <Block key={number / BLOCK} lines={now.to_vec()} first={number} /> });
        number += now.len() as u64;
        rest = later;
    }
    html! { <>{ for blocks }</> }
}

#[derive(Properties, PartialEq)]
struct Props {
    lines: Vec<Rc<Line>>,
    first: u64,
}

#[component]
fn Block(p: &Props) -> Html {
    let lines = (p.first..).zip(&p.lines);
    let lines = lines.map(|(n, l)| html! { <div key={n} class={kind(l)}>{ line(l) }</div> });
    html! { <div class="block">{ for lines }</div> }
}

const fn kind(l: &Line) -> &'static str {
    match l.kind {
        LineKind::Command => "ln cmdline",
        LineKind::Output => "ln out",
        LineKind::Error => "ln err",
        LineKind::Note => "ln note",
    }
}

fn line(l: &Line) -> Html {
    if l.kind == LineKind::Command {
        return html! { <><span class="pr">{ l.prompt.trim_end() }</span>{ " " }{ &l.text }</> };
    }
    if l.text.is_empty() {
        return html! { { "\u{200b}" } };
    }
    if l.spans.is_empty() {
        return html! { { &l.text } };
    }
    let text = |from: usize, to: usize| l.text.get(from..to).unwrap_or_default().to_owned();
    let mut parts = Vec::new();
    let mut here = 0;
    for span in &l.spans {
        parts.push(html! { { text(here, span.from) } });
        parts.push(html! { <span class={class(span.look)}>{ text(span.from, span.to) }</span> });
        here = span.to;
    }
    parts.push(html! { { text(here, l.text.len()) } });
    html! { <>{ for parts }</> }
}

/// The classes of a look. On a coloured ground letters have the ground's contrast colour, whatever they asked for.
fn class(look: Look) -> String {
    let (mut ink, mut paper) = (look.ink, look.paper);
    let mut words = Vec::new();
    if look.inverse {
        (ink, paper) = (paper, ink);
        if paper.is_none() {
            words.push("lv".to_owned());
            ink = None;
        }
    }
    match (ink, paper) {
        (_, Some(n)) => words.push(format!("lp c{n}")),
        (Some(n), None) => words.push(format!("c{n}")),
        (None, None) => {}
    }
    for (on, word) in [
        (look.bold, "lb"),
        (look.dim, "ld"),
        (look.italic, "li"),
        (look.underline, "lu"),
        (look.struck, "ls"),
    ] {
        if on {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_become_classes() {
        let look = Look {
            ink: Some(1),
            bold: true,
            ..Look::default()
        };
        assert_eq!(class(look), "c1 lb");
        let inverse = Look {
            inverse: true,
            ..look
        };
        assert_eq!(class(inverse), "lp c1 lb");
        let plain = Look {
            inverse: true,
            ..Look::default()
        };
        assert_eq!(class(plain), "lv");
    }
}
