//! Hash maps for look-up only.
//!
//! Iterating a hash map would let its order reach behaviour, so these offer no iterator: what is listed lives in an
//! ordered container, and this is an index beside it.

use rustc_hash::FxBuildHasher;
use std::borrow::Borrow;
use std::hash::Hash;

#[allow(
    clippy::disallowed_types,
    reason = "the one place where a hash map is wrapped so that it cannot be iterated"
)]
type Inner<K, V> = std::collections::HashMap<K, V, FxBuildHasher>;

/// Makes a number of values, by which to see that they are others than before. The same on every machine of one word size.
pub type Digest = rustc_hash::FxHasher;

/// A hash map with a fixed hasher and without iteration.
#[derive(Clone, Debug)]
pub struct Lookup<K, V>(Inner<K, V>);

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(Inner::default())
    }
}

impl<K: Eq + Hash, V> Lookup<K, V> {
    /// The value at `key`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The value at `key`, to change it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key)
    }

    /// Whether there is a value at `key`.
    pub fn contains(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// Puts `value` at `key` and returns what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    /// Takes the value at `key` out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key)
    }

    /// The value at `key`, made by `make` if there is none.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(make)
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
