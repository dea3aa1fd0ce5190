//! `/proc/net/fib_trie`: IPv4's routes in the tree in which a real kernel looks them up.
//!
//! Which routes there are is all that this simulation takes from it: look-ups go another way. But the file tells of a
//! container's addresses where there is no `ip`, and it is read for that. The shape of the tree follows from the rules
//! by which nodes are doubled, halved and left out. Source: Linux 6.12 net/ipv4/fib_trie.c.

use crate::net::{Route, RouteKind, Scope, TableId};
use crate::process::Process;
use crate::state::Kernel;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

/// Bits of a key.
const KEY_LENGTH: u32 = 32;
/// How often a node is doubled or halved at a time: `MAX_WORK`.
const MAX_WORK: u32 = 10;

/// The file's text; empty while there are no routes.
pub(super) fn text(kernel: &Kernel, me: &Process) -> String {
    let mut routes = kernel.routes(me.netns, false, None);
    sorted::sort_by_key(&mut routes, |r| {
        (r.table != TableId::LOCAL, r.link.map(|l| l.0))
    });
    // The tables of addresses and of routes are one until there is a rule of somebody's own: `fib_unmerge`.
    let merged = kernel.rules(me.netns, false).len() <= 3;
    let mut tables: Vec<TableId> = routes.iter().map(|r| r.table).collect();
    if merged && !tables.is_empty() {
        tables.extend([TableId::MAIN, TableId::LOCAL]);
    }
    sorted::sort(&mut tables);
    tables.dedup();
    let mut out = String::new();
    for table in tables {
        match table {
            TableId::MAIN => out.push_str("Main:\n"),
            TableId::LOCAL => out.push_str("Local:\n"),
            TableId(id) => _ = writeln!(out, "Id {id}:"),
        }
        let shared = |id| merged && (id == TableId::MAIN || id == TableId::LOCAL);
        let mut trie = Trie::new();
        for route in &routes {
            if route.table == table || shared(table) && shared(route.table) {
                trie.insert(route);
            }
        }
        trie.print(&mut out, trie.child(ROOT, 0), 0);
    }
    out
}

/// A place in [`Trie::nodes`].
type Index = usize;

/// What the tree hangs on: a node of no bits with one child.
const ROOT: Index = 0;

struct Node {
    key: u64,
    /// How many bits of a key are behind this node's.
    pos: u32,
    /// Which node this is a child of.
    parent: Index,
    below: Below,
}

enum Below {
    /// As many as two to the power of the node's bits.
    Children(Vec<Option<Index>>),
    /// What is said of each route, by its prefix's length, longest first.
    Routes(Vec<(u8, String)>),
}

impl Node {
    /// How many bits of a key choose among the children; nothing for a leaf.
    fn bits(&self) -> u32 {
        match &self.below {
            Below::Children(children) => children.len().trailing_zeros(),
            Below::Routes(_) => 0,
        }
    }

    const fn is_leaf(&self) -> bool {
        matches!(self.below, Below::Routes(_))
    }

    /// Which child a key belongs to; none of them if it is too large.
    const fn cindex(&self, key: u64) -> u64 {
        if self.pos >= KEY_LENGTH {
            return 0;
        }
        (key ^ self.key) >> self.pos
    }
}

struct Trie {
    nodes: Vec<Node>,
}

impl Trie {
    fn new() -> Self {
        Self {
            nodes: vec![Node {
                key: 0,
                pos: KEY_LENGTH,
                parent: ROOT,
                below: Below::Children(vec![None]),
            }],
        }
    }

    fn add(&mut self, node: Node) -> Index {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// An inner node; its key ends where its bits do.
    fn inner(&mut self, key: u64, pos: u32, bits: u32) -> Index {
        let shift = pos + bits;
        self.add(Node {
            key: if shift < KEY_LENGTH {
                (key >> shift) << shift
            } else {
                0
            },
            pos,
            parent: ROOT,
            below: Below::Children(vec![None; 1 << bits]),
        })
    }

    fn children(&self, at: Index) -> &[Option<Index>] {
        match self.nodes.get(at).map(|n| &n.below) {
            Some(Below::Children(children)) => children,
            _ => &[],
        }
    }

    fn child(&self, at: Index, which: usize) -> Option<Index> {
        self.children(at).get(which).copied().flatten()
    }

    fn cindex(&self, at: Index, key: u64) -> usize {
        let index = self.nodes.get(at).map_or(0, |n| n.cindex(key));
        usize::try_from(index).unwrap_or(usize::MAX)
    }

    fn put(&mut self, at: Index, which: usize, child: Option<Index>) {
        if let Some(Below::Children(children)) = self.nodes.get_mut(at).map(|n| &mut n.below)
            && let Some(slot) = children.get_mut(which)
        {
            *slot = child;
        }
        if let Some(node) = child.and_then(|child| self.nodes.get_mut(child)) {
            node.parent = at;
        }
    }

    /// Whether a child's bits follow the parent's without a gap.
    fn is_full(&self, at: Index, child: Option<Index>) -> bool {
        match (
            self.nodes.get(at),
            child.and_then(|child| self.nodes.get(child)),
        ) {
            (Some(node), Some(child)) => !child.is_leaf() && child.pos + child.bits() == node.pos,
            _ => false,
        }
    }

    fn full_children(&self, at: Index) -> usize {
        let all = self.children(at).iter();
        all.filter(|child| self.is_full(at, **child)).count()
    }

    fn empty_children(&self, at: Index) -> usize {
        self.children(at).iter().filter(|c| c.is_none()).count()
    }

    fn insert(&mut self, route: &Route) {
        let IpAddr::V4(network) = route.dst.network() else {
            return;
        };
        let key = u64::from(network.to_bits());
        let alias = (route.dst.prefix_len(), said(route));
        let (mut parent, mut next) = (ROOT, self.child(ROOT, 0));
        while let Some(at) = next {
            let index = self.cindex(at, key);
            if self.nodes.get(at).is_some_and(Node::is_leaf) {
                if index == 0 {
                    self.insert_alias(at, alias);
                    return;
                }
                break;
            }
            if index >= self.children(at).len() {
                break;
            }
            (parent, next) = (at, self.child(at, index));
        }
        // Where another key is: a node for the first bit in which they differ.
        if let Some(other) = next {
            let there = self.nodes.get(other).map_or(0, |n| n.key);
            let inner = self.inner(key, 63 - (key ^ there).leading_zeros(), 1);
            self.put(inner, self.cindex(inner, key) ^ 1, Some(other));
            self.put(parent, self.cindex(parent, key), Some(inner));
            parent = inner;
        }
        let leaf = self.add(Node {
            key,
            pos: 0,
            parent,
            below: Below::Routes(vec![alias]),
        });
        self.put(parent, self.cindex(parent, key), Some(leaf));
        while parent != ROOT {
            parent = self.resize(parent);
        }
    }

    fn insert_alias(&mut self, at: Index, alias: (u8, String)) {
        if let Some(Below::Routes(routes)) = self.nodes.get_mut(at).map(|n| &mut n.below) {
            let after = routes.iter().take_while(|r| r.0 >= alias.0).count();
            routes.insert(after, alias);
        }
    }

    /// Doubles, halves or leaves out a node, and gives its parent: `resize`.
    fn resize(&mut self, at: Index) -> Index {
        let parent = |trie: &Self, at: Index| trie.nodes.get(at).map_or(ROOT, |n| n.parent);
        let above = parent(self, at);
        let slot = self.nodes.get(at).map_or(0, |n| self.cindex(above, n.key));
        let (mut at, mut above) = (at, above);
        let mut work = MAX_WORK;
        while work > 0 && self.should_inflate(above, at) {
            above = self.inflate(at);
            work -= 1;
            let Some(new) = self.child(above, slot) else {
                return above;
            };
            at = new;
        }
        if work != MAX_WORK {
            return parent(self, at);
        }
        while work > 0 && self.should_halve(above, at) {
            above = self.halve(at);
            work -= 1;
            let Some(new) = self.child(above, slot) else {
                return above;
            };
            at = new;
        }
        let children = self.children(at);
        if children.len() - self.empty_children(at) < 2 {
            let only = children.iter().rev().copied().flatten().next();
            self.put(above, slot, only);
            return above;
        }
        parent(self, at)
    }

    fn should_inflate(&self, above: Index, at: Index) -> bool {
        let length = self.children(at).len();
        let threshold = length * if above == ROOT { 30 } else { 50 };
        let used = length - self.empty_children(at) + self.full_children(at);
        used > 1 && self.nodes.get(at).is_some_and(|n| n.pos > 0) && 50 * used >= threshold
    }

    fn should_halve(&self, above: Index, at: Index) -> bool {
        let length = self.children(at).len();
        let threshold = length * if above == ROOT { 15 } else { 25 };
        let used = length - self.empty_children(at);
        used > 1 && length > 2 && 100 * used < threshold
    }

    fn inflate(&mut self, old: Index) -> Index {
        let Some((key, pos, bits)) = self.nodes.get(old).map(|n| (n.key, n.pos, n.bits())) else {
            return ROOT;
        };
        let new = self.inner(key, pos.saturating_sub(1), bits + 1);
        let children = self.children(old).to_vec();
        for (i, inner) in children.into_iter().enumerate().rev() {
            let Some(inner) = inner else { continue };
            let Some((below_key, below_pos, below_bits)) =
                self.nodes.get(inner).map(|n| (n.key, n.pos, n.bits()))
            else {
                continue;
            };
            if !self.is_full(old, Some(inner)) {
                // A leaf, or a node that skips bits.
                self.put(new, self.cindex(new, below_key), Some(inner));
                continue;
            }
            let grand = self.children(inner).to_vec();
            if below_bits == 1 {
                for (which, child) in grand.into_iter().enumerate() {
                    self.put(new, 2 * i + which, child);
                }
                continue;
            }
            let half = grand.len() / 2;
            let high = below_key | 1 << (pos.saturating_sub(1));
            let low = self.inner(below_key, below_pos, below_bits - 1);
            let high = self.inner(high, below_pos, below_bits - 1);
            for (which, child) in grand.into_iter().enumerate() {
                if which < half {
                    self.put(low, which, child);
                } else {
                    self.put(high, which - half, child);
                }
            }
            self.put(new, 2 * i + 1, Some(high));
            self.put(new, 2 * i, Some(low));
        }
        self.replace(old, new)
    }

    fn halve(&mut self, old: Index) -> Index {
        let Some((key, pos, bits)) = self.nodes.get(old).map(|n| (n.key, n.pos, n.bits())) else {
            return ROOT;
        };
        let new = self.inner(key, pos + 1, bits.saturating_sub(1));
        let children = self.children(old).to_vec();
        for (i, pair) in children.chunks(2).enumerate().rev() {
            let (low, high) = (
                pair.first().copied().flatten(),
                pair.get(1).copied().flatten(),
            );
            if let (Some(low), Some(_)) = (low, high) {
                let key = self.nodes.get(low).map_or(0, |n| n.key);
                let inner = self.inner(key, pos, 1);
                self.put(inner, 1, high);
                self.put(inner, 0, Some(low));
                self.put(new, i, Some(inner));
            } else {
                self.put(new, i, high.or(low));
            }
        }
        self.replace(old, new)
    }

    /// Puts a node in another's place and looks at the size of its children.
    fn replace(&mut self, old: Index, new: Index) -> Index {
        let Some((above, key)) = self.nodes.get(old).map(|n| (n.parent, n.key)) else {
            return ROOT;
        };
        self.put(above, self.cindex(above, key), Some(new));
        for which in (0..self.children(new).len()).rev() {
            if let Some(child) = self
                .child(new, which)
                .filter(|c| self.is_full(new, Some(*c)))
            {
                self.resize(child);
            }
        }
        above
    }

    fn print(&self, out: &mut String, at: Option<Index>, depth: usize) {
        let Some((at, node)) = at.and_then(|at| Some((at, self.nodes.get(at)?))) else {
            return;
        };
        let indent = 3 * depth;
        let key = Ipv4Addr::from_bits(u32::try_from(node.key).unwrap_or(u32::MAX));
        match &node.below {
            Below::Children(children) => {
                let _ = writeln!(
                    out,
                    "{:indent$}  +-- {key}/{} {} {} {}",
                    "",
                    KEY_LENGTH - node.pos - node.bits(),
                    node.bits(),
                    self.full_children(at),
                    self.empty_children(at),
                );
                for child in children {
                    self.print(out, *child, depth + 1);
                }
            }
            Below::Routes(routes) => {
                let _ = writeln!(out, "{:indent$}  |-- {key}", "");
                for (length, said) in routes {
                    let _ = writeln!(out, "{:indent$}     /{length} {said}", "");
                }
            }
        }
    }
}

/// Scope and kind of a route.
fn said(route: &Route) -> String {
    let scope = match route.scope {
        Scope::Global => "universe",
        scope => scope.text(),
    };
    let kind = match route.kind {
        RouteKind::Unicast => "UNICAST".to_owned(),
        kind => kind.text().to_uppercase(),
    };
    format!("{scope} {kind}")
}
