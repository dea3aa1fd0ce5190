//! Tables and chains: holding rules, and changing them as nf_tables lets one.

use super::index::Index;
use super::model::{Counters, Rule, Target};
use super::validate::{self, RuleError};
use super::{Hook, TableName};
use sorted::SortedMap;
use std::net::IpAddr;
use std::rc::Rc;

/// Names a chain within its table, so that walking a jump needs no look-up by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct ChainIx(pub(super) u32);

/// What happens to packets that no rule of a built-in chain decided about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// They go on.
    Accept,
    /// They end.
    Drop,
}

impl Policy {
    /// The name that iptables prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
        }
    }
}

/// A rule in its place, with what it counted.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The rule.
    pub rule: Rule,
    /// What matched.
    pub counters: Counters,
    pub(super) next: Option<ChainIx>,
    /// The rule as the trace shows it, made when first needed.
    pub(super) text: Option<Rc<str>>,
}

/// A list of rules.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Its name.
    pub name: Rc<str>,
    /// The hook of a built-in chain; `None` for one that somebody made.
    pub hook: Option<Hook>,
    /// What a built-in chain does in the end; ACCEPT and without meaning for others.
    pub policy: Policy,
    /// Packets that met the policy.
    pub counters: Counters,
    /// The policy as the trace shows it, made when first needed.
    policy_text: Option<Rc<str>>,
    pub(super) entries: Vec<Entry>,
    /// Where to look for the rules about a destination; `None` until a packet comes by, and in a short chain.
    index: Option<Index>,
    references: u32,
    born: Option<u32>,
}

impl Chain {
    fn new(name: Rc<str>, hook: Option<Hook>) -> Self {
        Self {
            name,
            hook,
            policy: Policy::Accept,
            counters: Counters::default(),
            policy_text: None,
            entries: Vec::new(),
            index: None,
            references: 0,
            born: None,
        }
    }

    /// The rules in order.
    #[must_use]
    pub fn rules(&self) -> &[Entry] {
        &self.entries
    }

    /// When it was made, counted among its table's chains: nf_tables has a built-in chain only from its first use on.
    #[must_use]
    pub const fn born(&self) -> Option<u32> {
        self.born
    }

    /// How many rules jump here.
    #[must_use]
    pub const fn references(&self) -> u32 {
        self.references
    }

    /// The place of the next rule from `at` on that may be about packets to `dst`.
    pub(super) fn next_for(&mut self, at: usize, dst: IpAddr) -> usize {
        if self.entries.len() < Index::WORTH_IT {
            return at;
        }
        let index = self.index.get_or_insert_with(|| Index::of(&self.entries));
        index.next(at, dst).unwrap_or(self.entries.len())
    }

    /// The policy as `iptables -S` prints it.
    pub(super) fn policy_text(&mut self) -> Rc<str> {
        let (name, policy) = (&self.name, self.policy);
        self.policy_text
            .get_or_insert_with(|| format!("-P {name} {}", policy.name()).into())
            .clone()
    }

    /// Whether a packet that comes by can be affected.
    pub(super) fn is_idle(&self) -> bool {
        self.entries.is_empty() && self.policy == Policy::Accept
    }
}

/// A table of one family.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    chains: Vec<Option<Chain>>,
    by_name: SortedMap<Rc<str>, ChainIx>,
    builtin: [Option<ChainIx>; 5],
    conntrack_rules: usize,
    births: u32,
}

impl Table {
    /// A table with only its built-in chains.
    #[must_use]
    pub fn new(name: TableName) -> Self {
        let mut table = Self {
            name,
            chains: Vec::new(),
            by_name: SortedMap::new(),
            builtin: [None; 5],
            conntrack_rules: 0,
            births: 0,
        };
        for hook in name.hooks() {
            let ix = table.add(Chain::new(hook.name().into(), Some(*hook)));
            if let Some(place) = table.builtin.get_mut(*hook as usize) {
                *place = Some(ix);
            }
        }
        table
    }

    fn add(&mut self, chain: Chain) -> ChainIx {
        let free = self.chains.iter().position(Option::is_none);
        let at = free.unwrap_or(self.chains.len());
        let ix = ChainIx(u32::try_from(at).unwrap_or(u32::MAX));
        self.by_name.insert(chain.name.clone(), ix);
        match self.chains.get_mut(at) {
            Some(slot) => *slot = Some(chain),
            None => self.chains.push(Some(chain)),
        }
        ix
    }

    pub(super) fn at(&self, ix: ChainIx) -> Option<&Chain> {
        self.chains.get(ix.0 as usize)?.as_ref()
    }

    pub(super) fn at_mut(&mut self, ix: ChainIx) -> Option<&mut Chain> {
        self.chains.get_mut(ix.0 as usize)?.as_mut()
    }

    pub(super) fn builtin(&self, hook: Hook) -> Option<ChainIx> {
        self.builtin.get(hook as usize).copied().flatten()
    }

    pub(super) fn find(&self, name: &str) -> Result<ChainIx, RuleError> {
        self.by_name.get(name).copied().ok_or(RuleError::NoChain)
    }

    /// The same without the built-in chains that nobody has used yet.
    fn in_use(&self, name: &str) -> Result<ChainIx, RuleError> {
        let ix = self.find(name)?;
        match self.at(ix).is_some_and(|chain| chain.born.is_some()) {
            true => Ok(ix),
            false => Err(RuleError::NoChain),
        }
    }

    /// Whether connection tracking has to run for this table.
    pub(super) fn needs_conntrack(&self) -> bool {
        self.name == TableName::Nat || self.conntrack_rules > 0
    }

    /// The chain with that name.
    #[must_use]
    pub fn chain(&self, name: &str) -> Option<&Chain> {
        self.at(*self.by_name.get(name)?)
    }

    /// All chains: the built-in ones in hook order, then the others by name.
    pub fn chains(&self) -> impl Iterator<Item = &Chain> {
        let builtin = self.builtin.iter().flatten().filter_map(|ix| self.at(*ix));
        let others = self
            .by_name
            .values()
            .filter_map(|ix| self.at(*ix))
            .filter(|chain| chain.hook.is_none());
        builtin.chain(others)
    }

    /// Makes a chain.
    /// # Errors
    /// [`RuleError::ChainExists`].
    pub fn new_chain(&mut self, name: &str) -> Result<(), RuleError> {
        if self.by_name.contains_key(name) {
            return Err(RuleError::ChainExists);
        }
        let ix = self.add(Chain::new(name.into(), None));
        self.bear(ix);
        Ok(())
    }

    /// Notes that a chain is in use from now on.
    fn bear(&mut self, ix: ChainIx) {
        let births = self.births;
        if let Some(chain) = self.at_mut(ix).filter(|chain| chain.born.is_none()) {
            chain.born = Some(births);
            self.births += 1;
        }
    }

    /// Removes a chain that is empty and that no rule jumps to; a built-in one is as if nobody had used it yet.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::Drops`], [`RuleError::Busy`].
    pub fn delete_chain(&mut self, name: &str) -> Result<(), RuleError> {
        let ix = self.in_use(name)?;
        let chain = self.at_mut(ix).ok_or(RuleError::NoChain)?;
        if chain.policy == Policy::Drop {
            return Err(RuleError::Drops);
        }
        if chain.references > 0 || !chain.entries.is_empty() {
            return Err(RuleError::Busy);
        }
        if chain.hook.is_some() {
            (chain.born, chain.counters) = (None, Counters::default());
            return Ok(());
        }
        self.by_name.remove(name);
        if let Some(slot) = self.chains.get_mut(ix.0 as usize) {
            *slot = None;
        }
        Ok(())
    }

    /// Gives a chain another name; rules that jump to it follow.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::Builtin`], [`RuleError::ChainExists`].
    pub fn rename_chain(&mut self, old: &str, new: &str) -> Result<(), RuleError> {
        if self.by_name.contains_key(new) {
            return Err(RuleError::ChainExists);
        }
        let ix = self.find(old)?;
        if self.at(ix).is_some_and(|chain| chain.hook.is_some()) {
            return Err(RuleError::Builtin);
        }
        let name: Rc<str> = new.into();
        self.by_name.remove(old);
        self.by_name.insert(name.clone(), ix);
        for (at, chain) in self.chains.iter_mut().enumerate() {
            let Some(chain) = chain else { continue };
            let renamed = at == ix.0 as usize;
            if renamed {
                chain.name = name.clone();
            }
            for entry in &mut chain.entries {
                if entry.next == Some(ix) {
                    match &mut entry.rule.target {
                        Target::Jump(to) | Target::Goto(to) => *to = name.clone(),
                        _ => {}
                    }
                }
                if renamed || entry.next == Some(ix) {
                    entry.text = None;
                }
            }
        }
        Ok(())
    }

    /// Sets a built-in chain's policy and its counters to zero.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::NotBuiltin`].
    pub fn set_policy(
        &mut self,
        name: &str,
        policy: Policy,
        counters: Option<Counters>,
    ) -> Result<(), RuleError> {
        let ix = self.find(name)?;
        let chain = self.at_mut(ix).ok_or(RuleError::NoChain)?;
        if chain.hook.is_none() {
            return Err(RuleError::NotBuiltin);
        }
        (chain.policy, chain.policy_text) = (policy, None);
        if let Some(counters) = counters {
            chain.counters = counters;
        }
        self.bear(ix);
        Ok(())
    }

    /// Adds a rule at the end.
    /// # Errors
    /// [`RuleError::NoChain`], and what [`validate`] says about the rule.
    pub fn append(&mut self, chain: &str, rule: Rule) -> Result<(), RuleError> {
        let end = self.chain(chain).ok_or(RuleError::NoChain)?.entries.len();
        self.put(chain, end, rule, Counters::default())
    }

    /// Adds a rule so that it has the given number, from 1; the last number plus one appends.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::BadIndex`], and what [`validate`] says about the rule.
    pub fn insert(&mut self, chain: &str, number: usize, rule: Rule) -> Result<(), RuleError> {
        let len = self.chain(chain).ok_or(RuleError::NoChain)?.entries.len();
        if number == 0 || number > len + 1 {
            return Err(RuleError::BadIndex);
        }
        self.put(chain, number - 1, rule, Counters::default())
    }

    /// Adds a rule at a place counted from 0, with counters to begin with.
    pub(super) fn put(
        &mut self,
        chain: &str,
        at: usize,
        rule: Rule,
        counters: Counters,
    ) -> Result<(), RuleError> {
        let ix = self.find(chain)?;
        let next = match rule.target.chain() {
            Some(to) => Some(self.find(to).or(Err(RuleError::NoTarget))?),
            None => None,
        };
        validate::rule(self, ix, &rule, next)?;
        self.conntrack_rules += usize::from(rule.needs_conntrack());
        if let Some(called) = next.and_then(|next| self.at_mut(next)) {
            called.references += 1;
        }
        self.bear(ix);
        if let Some(chain) = self.at_mut(ix) {
            chain.index = None;
            let at = at.min(chain.entries.len());
            chain.entries.insert(
                at,
                Entry {
                    rule,
                    counters,
                    next,
                    text: None,
                },
            );
        }
        Ok(())
    }

    /// Adds a rule at the end, with counters to begin with (`iptables-restore -c`).
    /// # Errors
    /// As [`Table::append`].
    pub fn restore(
        &mut self,
        chain: &str,
        rule: Rule,
        counters: Counters,
    ) -> Result<(), RuleError> {
        self.put(chain, usize::MAX, rule, counters)
    }

    /// Puts a rule in the place of the one with that number, from 1.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::BadIndex`], and what [`validate`] says about the rule.
    pub fn replace(&mut self, chain: &str, number: usize, rule: Rule) -> Result<(), RuleError> {
        let ix = self.in_use(chain)?;
        let len = self.at(ix).map_or(0, |chain| chain.entries.len());
        if number == 0 || number > len {
            return Err(RuleError::BadIndex);
        }
        self.put(chain, number, rule, Counters::default())?;
        self.delete(chain, number)
    }

    /// Removes the rule with that number, from 1.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::BadIndex`].
    pub fn delete(&mut self, chain: &str, number: usize) -> Result<(), RuleError> {
        let ix = self.in_use(chain)?;
        let chain = self.at_mut(ix).ok_or(RuleError::NoChain)?;
        if number == 0 || number > chain.entries.len() {
            return Err(RuleError::BadIndex);
        }
        chain.index = None;
        let gone = chain.entries.remove(number - 1);
        self.forget(&gone);
        Ok(())
    }

    fn forget(&mut self, gone: &Entry) {
        self.conntrack_rules = self
            .conntrack_rules
            .saturating_sub(usize::from(gone.rule.needs_conntrack()));
        if let Some(called) = gone.next.and_then(|next| self.at_mut(next)) {
            called.references = called.references.saturating_sub(1);
        }
    }

    /// The number, from 1, of the first rule that says the same; `None` if there is none or no such chain.
    #[must_use]
    pub fn position(&self, chain: &str, rule: &Rule) -> Option<usize> {
        self.chain(chain)?
            .entries
            .iter()
            .position(|entry| entry.rule == *rule)
            .map(|at| at + 1)
    }

    /// Removes the first rule that says the same.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::NoRule`].
    pub fn delete_same(&mut self, chain: &str, rule: &Rule) -> Result<(), RuleError> {
        self.find(chain)?;
        let number = self.position(chain, rule).ok_or(RuleError::NoRule)?;
        self.delete(chain, number)
    }

    /// Removes all rules of a chain, which is in use from then on, or of all chains.
    /// # Errors
    /// [`RuleError::NoChain`].
    pub fn flush(&mut self, chain: Option<&str>) -> Result<(), RuleError> {
        for ix in self.chosen(chain)? {
            if chain.is_some() {
                self.bear(ix);
            }
            let gone = self
                .at_mut(ix)
                .map(|chain| {
                    chain.index = None;
                    std::mem::take(&mut chain.entries)
                })
                .unwrap_or_default();
            for entry in &gone {
                self.forget(entry);
            }
        }
        Ok(())
    }

    /// Sets counters to zero: of one rule (by number, from 1), of a chain, or of all chains.
    /// # Errors
    /// [`RuleError::NoChain`], [`RuleError::BadIndex`].
    pub fn zero(&mut self, chain: Option<&str>, number: Option<usize>) -> Result<(), RuleError> {
        for ix in self.chosen(chain)? {
            let Some(chain) = self.at_mut(ix) else {
                continue;
            };
            match number {
                Some(number) => {
                    let entry = number
                        .checked_sub(1)
                        .and_then(|at| chain.entries.get_mut(at));
                    entry.ok_or(RuleError::BadIndex)?.counters = Counters::default();
                }
                None => {
                    chain.counters = Counters::default();
                    for entry in &mut chain.entries {
                        entry.counters = Counters::default();
                    }
                }
            }
        }
        Ok(())
    }

    fn chosen(&self, chain: Option<&str>) -> Result<Vec<ChainIx>, RuleError> {
        match chain {
            Some(name) => Ok(vec![self.find(name)?]),
            None => Ok(self.by_name.values().copied().collect()),
        }
    }
}
