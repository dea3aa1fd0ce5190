//! Arrays, as bash has them: indexed ones, and associative ones.

use sorted::SortedMap;

use super::ast::{Assigned, Assignment, Element, Word};
use super::lexer::is_name;
use super::state::{Abort, Boxed, Shell, Variable};
use super::{arith, quote};

/// Where an element stands: its number, or its key behind the number of its bucket.
pub(crate) type Key = (i64, String);

/// Buckets of an associative array. Source: bash 5.3 `assoc.h`, `ASSOC_HASH_BUCKETS`.
const BUCKETS: u32 = 1024;

/// The elements of a variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Array {
    /// True if its indices are texts.
    pub associative: bool,
    /// The elements in the order in which bash walks them.
    pub elements: SortedMap<Key, String>,
}

impl Array {
    /// The key of a text, which decides where bash keeps the element. Source: bash 5.3 `hashlib.c`, `hash_string`.
    pub(crate) fn key(text: &str) -> Key {
        let hash = text.bytes().fold(2_166_136_261_u32, |hash, byte| {
            hash.wrapping_mul(16_777_619) ^ u32::from(byte)
        });
        (i64::from(hash & (BUCKETS - 1)), text.to_owned())
    }

    /// An array of these values, numbered from 0.
    pub(crate) fn of(values: impl IntoIterator<Item = String>) -> Self {
        let numbered = values.into_iter().zip(0..);
        Self {
            associative: false,
            elements: numbered
                .map(|(value, number)| ((number, String::new()), value))
                .collect(),
        }
    }

    /// The number that follows the last.
    fn next(&self) -> i64 {
        self.elements
            .last_key_value()
            .map_or(0, |((number, _), _)| number.saturating_add(1))
    }

    /// An element's index as it is written.
    fn shown(&self, key: &Key) -> String {
        if self.associative {
            key.1.clone()
        } else {
            key.0.to_string()
        }
    }

    /// The array as `declare -p` shows it.
    pub(crate) fn declared(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+".contains(c);
        let mut parts: Vec<String> = Vec::new();
        for (key, value) in &self.elements {
            let mut index = self.shown(key);
            if !index.chars().all(plain) || index.is_empty() {
                index = quote::double(&index);
            }
            parts.push(format!("[{index}]={}", quote::double(value)));
        }
        let gap = if self.associative && !parts.is_empty() {
            " "
        } else {
            ""
        };
        format!("({}{gap})", parts.join(" "))
    }
}

/// Splits `name[index]`.
pub(crate) fn target(text: &str) -> (&str, Option<&str>) {
    match text.split_once('[') {
        Some((name, rest)) if is_name(name) => match rest.strip_suffix(']') {
            Some(index) => (name, Some(index)),
            None => (text, None),
        },
        _ => (text, None),
    }
}

impl Shell {
    /// The array that a variable holds, the shell's own included.
    fn array(&self, name: &str) -> Option<Array> {
        match self.variables.get(name) {
            Some(variable) => variable.array.clone(),
            None => match name {
                "PIPESTATUS" => Some(Array::of(self.pipestatus.iter().map(i32::to_string))),
                "FUNCNAME" => Some(Array::of(self.calls.iter().rev().cloned())),
                "BASH_VERSINFO" => Some(Array::of(
                    ["5", "3", "15", "1", "release", "x86_64-pc-linux-gnu"].map(str::to_owned),
                )),
                _ => None,
            },
        }
    }

    /// All of a variable's indices and values; a plain value is element 0.
    pub(crate) fn elements(&self, name: &str) -> Vec<(String, String)> {
        match self.array(name) {
            Some(array) => array
                .elements
                .iter()
                .map(|(key, value)| (array.shown(key), value.clone()))
                .collect(),
            None => self
                .variable(name)
                .map(|value| ("0".to_owned(), value))
                .into_iter()
                .collect(),
        }
    }

    /// One element.
    pub(crate) fn element(&self, name: &str, key: &Key) -> Option<String> {
        match self.array(name) {
            Some(array) => array.elements.get(key).cloned(),
            None if key.0 == 0 => self.variable(name),
            None => None,
        }
    }

    pub(crate) fn is_associative(&self, name: &str) -> bool {
        let array = self.variables.get(name).and_then(|v| v.array.as_ref());
        array.is_some_and(|array| array.associative)
    }

    /// The key that a written index stands for.
    pub(crate) fn key<'a>(
        &'a mut self,
        name: &'a str,
        index: &'a Word,
    ) -> Boxed<'a, Result<Key, Abort>> {
        Box::pin(async move {
            if self.is_associative(name) {
                return Ok(Array::key(&self.single(index).await?));
            }
            let number = self.arithmetic(index).await?;
            match self.counted(name, number) {
                Some(key) => Ok(key),
                None => {
                    let index = self.single(index).await?;
                    self.complain(&format!("{name}[{index}]: bad array subscript"));
                    self.status = 1;
                    Err(Abort)
                }
            }
        })
    }

    /// The key of an element by number; negative ones count from the end.
    fn counted(&self, name: &str, number: i64) -> Option<Key> {
        let end = || self.array(name).map_or(1, |array| array.next());
        let number = if number < 0 { end() + number } else { number };
        (number >= 0).then_some((number, String::new()))
    }

    /// The key that the text of an index stands for, without expansions, as builtins and arithmetic take it.
    pub(crate) fn key_of(&mut self, name: &str, index: &str) -> Option<Key> {
        if self.is_associative(name) {
            return Some(Array::key(index));
        }
        let number = arith::evaluate(index, self).ok()?;
        self.counted(name, number)
    }

    /// Makes a variable an array, if it isn't one.
    pub(crate) fn make_array(&mut self, name: &str, associative: bool) {
        let variable = self.variables.entry(name.to_owned()).or_default();
        if variable.array.is_none() {
            let mut array = Array {
                associative,
                elements: SortedMap::new(),
            };
            if let Some(value) = variable.value.take() {
                let key = if associative {
                    Array::key("0")
                } else {
                    (0, String::new())
                };
                array.elements.insert(key, value);
            }
            variable.array = Some(array);
        }
    }

    /// Sets one element.
    pub(crate) fn assign_element(
        &mut self,
        name: &str,
        key: Key,
        append: bool,
        mut value: String,
    ) -> Result<(), Abort> {
        let before = self.element(name, &key);
        value = self.combined(name, before, append, value)?;
        self.room_for(name, value.len())?;
        self.make_array(name, false);
        let variable = self.variables.get_mut(name);
        if let Some(array) = variable.and_then(|variable| variable.array.as_mut()) {
            array.elements.insert(key, value);
        }
        Ok(())
    }

    /// Sets what `NAME` or `NAME[INDEX]` names, as builtins are told it.
    pub(crate) fn assign_target(&mut self, text: &str, value: String) -> Result<(), Abort> {
        let (name, index) = target(text);
        match index {
            None => self.assign(name, value),
            Some(index) => match self.key_of(name, index) {
                Some(key) => self.assign_element(name, key, false, value),
                None => {
                    self.complain(&format!("{text}: bad array subscript"));
                    self.status = 1;
                    Err(Abort)
                }
            },
        }
    }

    /// Makes a variable the array of these values.
    pub(crate) fn assign_array(&mut self, name: &str, values: Vec<String>) -> Result<(), Abort> {
        self.room_for(name, values.iter().map(String::len).sum())?;
        let variable = self.variables.entry(name.to_owned()).or_default();
        variable.value = None;
        variable.array = Some(Array::of(values));
        Ok(())
    }

    /// Carries out an assignment; gives it back as `set -x` shows it.
    pub(crate) fn assignment<'a>(
        &'a mut self,
        assignment: &'a Assignment,
    ) -> Boxed<'a, Result<String, Abort>> {
        Box::pin(async move {
            let name = assignment.name.as_str();
            let sign = if assignment.append { "+=" } else { "=" };
            let word = match &assignment.value {
                Assigned::Word(word) => word,
                Assigned::List(list) => {
                    self.assign_list(name, list, assignment.append).await?;
                    return Ok(format!("{name}{sign}{}", self.listed(name)));
                }
            };
            let key = match &assignment.index {
                Some(index) => Some(self.key(name, index).await?),
                None => None,
            };
            let value = self.single(word).await?;
            let shown = quote::shell(&value);
            let Some(key) = key else {
                self.assign_as(name, assignment.append, value)?;
                return Ok(format!("{name}{sign}{shown}"));
            };
            let index = if self.is_associative(name) {
                key.1.clone()
            } else {
                key.0.to_string()
            };
            self.assign_element(name, key, assignment.append, value)?;
            Ok(format!("{name}[{index}]{sign}{shown}"))
        })
    }

    fn listed(&self, name: &str) -> String {
        let values: Vec<String> = self
            .elements(name)
            .iter()
            .map(|(_, value)| quote::shell(value))
            .collect();
        format!("({})", values.join(" "))
    }

    async fn assign_list(
        &mut self,
        name: &str,
        list: &[Element],
        append: bool,
    ) -> Result<(), Abort> {
        // The values may name the array that they are to replace.
        let associative = self.is_associative(name);
        let mut array = match self.array(name).filter(|_| append) {
            Some(array) => array,
            None if append => Array::of(self.variable(name)),
            None => Array {
                associative,
                elements: SortedMap::new(),
            },
        };
        let mut next = array.next();
        let mut size = 0;
        let mut pending: Option<Key> = None;
        for element in list {
            let Some(index) = &element.index else {
                for value in self.words(std::slice::from_ref(&element.value)).await? {
                    size += value.len();
                    if !associative {
                        array.elements.insert((next, String::new()), value);
                        next += 1;
                        continue;
                    }
                    // Without indices, keys and values take turns.
                    match pending.take() {
                        None => pending = Some(Array::key(&value)),
                        Some(key) => {
                            array.elements.insert(key, value);
                        }
                    }
                }
                continue;
            };
            let key = self.key(name, index).await?;
            let value = self.single(&element.value).await?;
            size += value.len();
            let before = array.elements.get(&key).cloned();
            let value = self.combined(name, before, element.append, value)?;
            next = key.0.saturating_add(1);
            array.elements.insert(key, value);
        }
        if let Some(key) = pending {
            array.elements.insert(key, String::new());
        }
        self.room_for(name, size)?;
        let variable = self.variables.entry(name.to_owned()).or_default();
        variable.value = None;
        variable.array = Some(array);
        Ok(())
    }

    /// Removes what `NAME[INDEX]` names; false if that is no element.
    pub(crate) fn unset_element(&mut self, text: &str) -> bool {
        let (name, Some(index)) = target(text) else {
            return false;
        };
        let key = self.key_of(name, index.trim_matches(['\'', '"']));
        let variable = self.variables.get_mut(name);
        if matches!(index, "@" | "*") {
            self.variables.remove(name);
        } else if let (
            Some(key),
            Some(Variable {
                array: Some(array), ..
            }),
        ) = (key, variable)
        {
            array.elements.remove(&key);
        }
        true
    }

    /// True if `NAME` or `NAME[INDEX]` has a value.
    pub(crate) fn is_set(&mut self, text: &str) -> bool {
        match target(text) {
            (name, None) => self.variable(name).is_some(),
            (name, Some("@" | "*")) => !self.elements(name).is_empty(),
            (name, Some(index)) => {
                let index = index.trim_matches(['\'', '"']);
                self.key_of(name, index)
                    .is_some_and(|key| self.element(name, &key).is_some())
            }
        }
    }

    /// The words of an array's list that a text holds, as `declare "a=(1 2)"` takes it.
    pub(crate) fn list_in(&self, name: &str, value: &str) -> Option<Assignment> {
        let text = format!("{name}={value}");
        let script = super::parser::Parser::new(&text, self.flavour)
            .whole()
            .ok()?;
        let [item] = script.items.as_slice() else {
            return None;
        };
        let [command] = item.list.first.stages.as_slice() else {
            return None;
        };
        match &command.kind {
            super::ast::CommandKind::Simple { assignments, words } if words.is_empty() => {
                assignments.first().cloned()
            }
            _ => None,
        }
    }
}
