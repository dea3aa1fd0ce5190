//! From parser events to nodes: anchors found, tags kept, nothing resolved yet.

use sorted::SortedMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::fault::{self, position};
use crate::error::{LoadError, Position};

/// How deeply collections may nest. go-yaml allows 10,000, which no stack of a browser would survive.
pub(super) const DEEPEST: usize = 200;

/// One node of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it holds.
    pub content: Content,
    /// Compose's own tags.
    pub edit: Option<Edit>,
    /// Where it begins.
    pub at: Position,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A scalar's text; `plain` is one without quotes, whose looks decide its type.
    Scalar {
        /// The text.
        text: String,
        /// Whether it had no quotes.
        plain: bool,
        /// The suffix of a tag of the core schema, such as `str`.
        tag: Option<String>,
    },
    /// A sequence.
    List(Vec<Rc<Node>>),
    /// A mapping, in order, with keys as written.
    Map(Vec<(Rc<Node>, Rc<Node>)>),
    /// Another place's node.
    Alias(Rc<Node>),
}

/// Compose's tags: what an override file does to the value before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// `!reset`: the value is dropped.
    Reset,
    /// `!override`: the value replaces the earlier one instead of being merged with it.
    Override,
}

/// Reads all documents of a text. Errors: go-yaml's sentence for the first fault.
pub fn documents(text: &str) -> Result<Vec<Rc<Node>>, LoadError> {
    let mut composer = Composer::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => composer.take(event, span, text)?,
            Err(error) => return Err(fault::parse(&error, &composer.starts(), text)),
        }
    }
    Ok(composer.documents)
}

#[derive(Default)]
struct Composer {
    documents: Vec<Rc<Node>>,
    open: Vec<Open>,
    anchors: SortedMap<usize, Rc<Node>>,
}

/// A collection that has not ended.
struct Open {
    at: Position,
    edit: Option<Edit>,
    anchor: usize,
    items: Items,
}

impl Open {
    /// Returns the key or index that comes next.
    fn key(&self) -> String {
        match &self.items {
            Items::List(items) => items.len().to_string(),
            Items::Map(_, key) => match key.as_ref().map(|key| &key.content) {
                Some(Content::Scalar { text, .. }) => text.clone(),
                _ => String::new(),
            },
        }
    }
}

enum Items {
    List(Vec<Rc<Node>>),
    Map(Vec<(Rc<Node>, Rc<Node>)>, Option<Rc<Node>>),
}

impl Composer {
    /// Returns where the open collections begin, outermost first.
    fn starts(&self) -> Vec<Position> {
        self.open.iter().map(|open| open.at).collect()
    }

    fn take(&mut self, event: Event<'_>, span: Span, source: &str) -> Result<(), LoadError> {
        let at = position(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref();
                let content = Content::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                    tag: tag
                        .filter(|tag| {
                            tag.is_yaml_core_schema() || tag.handle == "!" && tag.suffix.is_empty()
                        })
                        .map(|tag| tag.suffix.clone()),
                };
                let edit = edit(tag);
                self.put(Node { content, edit, at }, anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(Items::List(Vec::new()), anchor, tag.as_deref(), at)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(Items::Map(Vec::new(), None), anchor, tag.as_deref(), at)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let content = match open.items {
                        Items::List(items) => Content::List(items),
                        Items::Map(pairs, _) => Content::Map(pairs),
                    };
                    let (edit, at) = (open.edit, open.at);
                    self.put(Node { content, edit, at }, open.anchor);
                }
            }
            Event::Alias(anchor) => {
                if let Some(fault) = self.cycle(anchor, at) {
                    return Err(fault);
                }
                let Some(node) = self.anchors.get(&anchor) else {
                    let name = source.chars().skip(span.start.index() + 1);
                    let name: String = name.take_while(|c| !c.is_whitespace()).collect();
                    return Err(LoadError::at(
                        format!("yaml: anchor '{name}' value contains itself"),
                        at,
                    ));
                };
                let content = Content::Alias(Rc::clone(node));
                let edit = None;
                self.put(Node { content, edit, at }, 0);
            }
            Event::DocumentEnd => self.anchors.clear(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        Ok(())
    }

    /// Words an alias for a collection that is still open, and so would hold itself.
    fn cycle(&self, anchor: usize, at: Position) -> Option<LoadError> {
        let owner = self.open.iter().position(|open| open.anchor == anchor)?;
        let keys: Vec<String> = self.open.iter().map(Open::key).collect();
        let way = keys.get(owner..).unwrap_or_default().join(".");
        let path = keys.join(".");
        Some(LoadError::at(
            format!("cycle detected: node at path {path}.{way} references node at path {path}"),
            at,
        ))
    }

    fn begin(
        &mut self,
        items: Items,
        anchor: usize,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<(), LoadError> {
        if self.open.len() >= DEEPEST {
            return Err(fault::too_deep(at));
        }
        let edit = edit(tag);
        self.open.push(Open {
            at,
            edit,
            anchor,
            items,
        });
        Ok(())
    }

    fn put(&mut self, node: Node, anchor: usize) {
        let node = Rc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut().map(|open| &mut open.items) {
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map(pairs, key)) => match key.take() {
                Some(key) => pairs.push((key, node)),
                None => *key = Some(node),
            },
            None => self.documents.push(node),
        }
    }
}

fn edit(tag: Option<&Tag>) -> Option<Edit> {
    let tag = tag.filter(|tag| tag.handle == "!")?;
    match tag.suffix.as_str() {
        "reset" => Some(Edit::Reset),
        "override" => Some(Edit::Override),
        _ => None,
    }
}
