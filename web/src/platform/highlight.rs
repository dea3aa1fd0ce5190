//! Text that is marked, and text at a point: without changing the document, so that marking costs next to nothing.
//!
//! Where the browser does not know custom highlights, nothing is marked.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::{JsCast as _, JsValue};
use web_sys::{Element, Node, Range, ScrollIntoViewOptions, ScrollLogicalPosition};

/// Marks these ranges, and nothing else, under a name that the style sheet knows.
pub(crate) fn mark(name: &str, ranges: Vec<Range>) {
    let _ = try_mark(name, ranges);
}

fn try_mark(name: &str, ranges: Vec<Range>) -> Result<(), JsValue> {
    let window = js_sys::global();
    let css = Reflect::get(&window, &"CSS".into())?;
    let registry = Reflect::get(&css, &"highlights".into())?;
    if ranges.is_empty() {
        let delete: Function = Reflect::get(&registry, &"delete".into())?.dyn_into()?;
        delete.call1(&registry, &name.into())?;
        return Ok(());
    }
    let kind: Function = Reflect::get(&window, &"Highlight".into())?.dyn_into()?;
    let highlight = Reflect::construct(&kind, &ranges.into_iter().collect::<Array>())?;
    let set: Function = Reflect::get(&registry, &"set".into())?.dyn_into()?;
    set.call2(&registry, &name.into(), &highlight)?;
    Ok(())
}

/// The ranges of what is found in the lines within an element: `find` tells them for a line's text, in bytes.
pub(crate) fn occurrences(
    within: &Element,
    mut find: impl FnMut(&str) -> Vec<(usize, usize)>,
) -> Vec<Range> {
    let mut ranges = Vec::new();
    let Ok(lines) = within.query_selector_all(".ln") else {
        return ranges;
    };
    for line in (0..lines.length()).filter_map(|i| lines.get(i)) {
        let text = line.text_content().unwrap_or_default();
        for (from, to) in find(&text) {
            ranges.extend(range(&line, from, to));
        }
    }
    ranges
}

/// A part of an element's text, in bytes.
pub(crate) fn range(of: &Node, from: usize, to: usize) -> Option<Range> {
    let range = Range::new().ok()?;
    let (node, offset) = position(of, &mut from.clone(), false)?;
    range.set_start(&node, offset).ok()?;
    let (node, offset) = position(of, &mut to.clone(), true)?;
    range.set_end(&node, offset).ok()?;
    Some(range)
}

/// The text node that holds a byte of an element's text, and the place in it. `end` prefers the end of a node to the start
/// of the next.
fn position(node: &Node, left: &mut usize, end: bool) -> Option<(Node, u32)> {
    if node.node_type() == Node::TEXT_NODE {
        let text = node.text_content().unwrap_or_default();
        if *left < text.len() || (end && *left == text.len()) {
            let before = text.get(..*left)?;
            return Some((node.clone(), before.encode_utf16().count() as u32));
        }
        *left -= text.len();
        return None;
    }
    let mut child = node.first_child();
    while let Some(here) = child {
        if let Some(found) = position(&here, left, end) {
            return Some(found);
        }
        child = here.next_sibling();
    }
    None
}

/// The line at a point of the window, and the byte of its text there.
pub(crate) fn at(x: f64, y: f64) -> Option<(Element, usize)> {
    let document = web_sys::window()?.document()?;
    let point = (JsValue::from_f64(x), JsValue::from_f64(y));
    let ask = |name: &str| -> Option<JsValue> {
        let ask: Function = Reflect::get(&document, &name.into())
            .ok()?
            .dyn_into()
            .ok()?;
        let answer = ask.call2(&document, &point.0, &point.1).ok()?;
        (!answer.is_null()).then_some(answer)
    };
    // The standard's name, and that of older browsers.
    let (found, names) = match ask("caretPositionFromPoint") {
        Some(found) => (found, ["offsetNode", "offset"]),
        None => (
            ask("caretRangeFromPoint")?,
            ["startContainer", "startOffset"],
        ),
    };
    let [node, offset] = names.map(|name| Reflect::get(&found, &name.into()).ok());
    let node: Node = node?.dyn_into().ok()?;
    let units = offset?.as_f64()? as usize;
    let line = node.parent_element()?.closest(".ln").ok().flatten()?;
    let text = node.text_content().unwrap_or_default();
    let mut seen = 0;
    let inside = text.char_indices().find(|(_, c)| {
        seen += c.len_utf16();
        seen > units
    });
    let inside = inside.map_or(text.len(), |(at, _)| at);
    let mut before = 0;
    before_node(&line, &node, &mut before);
    Some((line, before + inside))
}

/// Counts the bytes of text before a node; whether it was met.
fn before_node(here: &Node, wanted: &Node, bytes: &mut usize) -> bool {
    if here == wanted {
        return true;
    }
    if here.node_type() == Node::TEXT_NODE {
        *bytes += here.text_content().unwrap_or_default().len();
    }
    let mut child = here.first_child();
    while let Some(node) = child {
        if before_node(&node, wanted, bytes) {
            return true;
        }
        child = node.next_sibling();
    }
    false
}

/// Scrolls an element into view.
pub(crate) fn show(element: &Element) {
    let how = ScrollIntoViewOptions::new();
    how.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&how);
}
