//! Records with their fields, and everything else that has a value: variables, elements, fields.

use std::rc::Rc;

use super::super::code::{FS, NF, Name, OFS, Place, RS};
use super::super::value::{Table, Value};
use super::{MAX_FIELD, Machine};

impl Machine {
    /// The parts of a text between separators.
    pub(in crate::text::awk) fn cut(
        &mut self,
        text: &str,
        separator: &Rc<str>,
    ) -> Result<Vec<Value>, String> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let mut chars = separator.chars();
        let paragraphs = self.special(RS).is_empty();
        Ok(match (chars.next(), chars.next()) {
            (Some(' '), None) => text
                .split([' ', '\t', '\n'])
                .filter(|part| !part.is_empty())
                .map(Value::input)
                .collect(),
            (None, _) => text
                .chars()
                .map(|c| Value::input(c.encode_utf8(&mut [0; 4])))
                .collect(),
            (Some(one), None) if one != '\\' => text
                .split(|c| c == one || (paragraphs && c == '\n'))
                .map(Value::input)
                .collect(),
            _ => {
                let regex = self.regex(separator)?;
                let (mut out, mut from, mut at) = (Vec::new(), 0, 0);
                while let Some((start, end)) = regex.find_at(text, at) {
                    if end == start {
                        at = text
                            .get(end..)
                            .and_then(|rest| rest.chars().next())
                            .map_or(text.len() + 1, |c| end + c.len_utf8());
                        if at > text.len() {
                            break;
                        }
                        continue;
                    }
                    out.push(Value::input(text.get(from..start).unwrap_or_default()));
                    (from, at) = (end, end);
                }
                out.push(Value::input(text.get(from..).unwrap_or_default()));
                out
            }
        })
    }

    pub(super) fn split_record(&mut self) -> Result<(), String> {
        if !self.split {
            self.split = true;
            let (record, separator) = (self.record.clone(), self.special(FS));
            self.fields = self.cut(&record, &separator)?;
            self.count(NF, self.fields.len() as f64);
        }
        Ok(())
    }

    pub(in crate::text::awk) fn record(&mut self) -> Rc<str> {
        if !self.joined {
            self.joined = true;
            let cells: Vec<Rc<str>> = self.fields.iter().map(|field| self.text(field)).collect();
            self.record = cells.join(&*self.special(OFS)).into();
        }
        self.record.clone()
    }

    pub(super) fn resize(&mut self, count: f64) -> Result<(), String> {
        if !(0.0..=MAX_FIELD).contains(&count) {
            return Err(format!(
                "program limit exceeded: maximum number of fields size={MAX_FIELD}"
            ));
        }
        self.split_record()?;
        self.fields.resize(count as usize, Value::text(""));
        self.count(NF, count.trunc());
        self.joined = false;
        Ok(())
    }

    fn local(&self, at: usize) -> usize {
        self.frames.last().map_or(0, |frame| frame.base) + at
    }

    pub(super) fn slot(&mut self, name: Name) -> Option<&mut Value> {
        match name {
            Name::Global(at) => self.globals.get_mut(at),
            Name::Local(at) => {
                let at = self.local(at);
                self.locals.get_mut(at)
            }
        }
    }

    pub(in crate::text::awk) fn table(&mut self, name: Name) -> Rc<std::cell::RefCell<Table>> {
        let Some(slot) = self.slot(name) else {
            return Rc::default();
        };
        if let Value::Array(table) = slot {
            return table.clone();
        }
        let table: Rc<std::cell::RefCell<Table>> = Rc::default();
        *slot = Value::Array(table.clone());
        table
    }

    pub(in crate::text::awk) fn set_element(&mut self, name: Name, key: Rc<str>, value: Value) {
        *self.table(name).borrow_mut().cell(key) = value;
    }

    pub(super) fn store_name(&mut self, name: Name, value: Value) {
        if let Some(slot) = self.slot(name) {
            *slot = value;
        }
    }

    /// The value of a place whose number or name is `key`.
    pub(in crate::text::awk) fn look(
        &mut self,
        place: Place,
        key: &Value,
    ) -> Result<Value, String> {
        Ok(match place {
            Place::Variable(name) => {
                if name == Name::Global(NF) {
                    self.split_record()?;
                }
                self.slot(name)
                    .map(|value| value.clone())
                    .unwrap_or_default()
            }
            Place::Field => {
                let at = key.number();
                if !(0.0..=MAX_FIELD).contains(&at) {
                    return Err(if at < 0.0 {
                        format!("negative field index ${at}")
                    } else {
                        format!("field index ${at} > {MAX_FIELD}")
                    });
                }
                if at < 1.0 {
                    return Ok(Value::Input(self.record()));
                }
                self.split_record()?;
                self.fields
                    .get(at as usize - 1)
                    .cloned()
                    .unwrap_or_default()
            }
            Place::Element(name) => {
                let key = self.text(key);
                self.table(name).borrow_mut().cell(key).clone()
            }
        })
    }

    pub(in crate::text::awk) fn put(
        &mut self,
        place: Place,
        key: &Value,
        value: Value,
    ) -> Result<(), String> {
        match place {
            Place::Variable(Name::Global(NF)) => self.resize(value.number())?,
            Place::Variable(name) => self.store_name(name, value),
            Place::Element(name) => {
                let key = self.text(key);
                self.set_element(name, key, value);
            }
            Place::Field => {
                let at = key.number();
                if at < 1.0 {
                    let text = self.text(&value);
                    self.load(&text);
                    return Ok(());
                }
                self.split_record()?;
                if at > self.fields.len() as f64 {
                    self.resize(at)?;
                }
                // An assigned number is no text from outside.
                if let Some(field) = self.fields.get_mut(at as usize - 1) {
                    *field = value;
                }
                self.joined = false;
            }
        }
        Ok(())
    }

    pub(in crate::text::awk) fn key_of(&mut self, place: Place) -> Value {
        if matches!(place, Place::Variable(_)) {
            Value::Unset
        } else {
            self.pop()
        }
    }

    /// Assigns to a place whose key lies on the stack.
    pub(in crate::text::awk) fn store(&mut self, place: Place, value: Value) -> Result<(), String> {
        let key = self.key_of(place);
        self.put(place, &key, value)
    }
}
