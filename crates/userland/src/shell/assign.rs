//! Setting variables: what a value becomes, and whether it may and can be held.

use super::Flavour;
use super::state::{Abort, Shell, Variable};

/// The longest value of a variable, bytes: what a small machine's memory gives to one process.
const MAX_VALUE: usize = 4 << 20;

/// What the values of all variables may take, bytes.
const MAX_HELD: usize = 32 << 20;

impl Shell {
    /// Sets a variable, unless it may not be set.
    pub(crate) fn assign(&mut self, name: &str, value: String) -> Result<(), Abort> {
        self.assign_as(name, false, value)
    }

    /// Sets a variable or adds to it.
    pub(crate) fn assign_as(
        &mut self,
        name: &str,
        append: bool,
        value: String,
    ) -> Result<(), Abort> {
        let before = if append { self.variable(name) } else { None };
        let value = self.combined(name, before, append, value)?;
        self.room_for(name, value.len())?;
        self.put(name, value, None);
        Ok(())
    }

    /// What a variable becomes when a value is assigned or added, by what was declared of it.
    pub(crate) fn combined(
        &mut self,
        name: &str,
        before: Option<String>,
        append: bool,
        value: String,
    ) -> Result<String, Abort> {
        let kind = self.variables.get(name).map(|v| (v.integer, v.upper));
        let (integer, upper) = kind.unwrap_or_default();
        let before = before.filter(|_| append).unwrap_or_default();
        if integer {
            let text = if before.is_empty() {
                value
            } else {
                format!("({before})+({value})")
            };
            return Ok(self.calculate(&text)?.to_string());
        }
        let value = before + &value;
        Ok(match upper {
            Some(true) => value.to_uppercase(),
            Some(false) => value.to_lowercase(),
            None => value,
        })
    }

    /// Fails, and says so, if a variable may not be set or there is no room for so many bytes.
    pub(crate) fn room_for(&mut self, name: &str, size: usize) -> Result<(), Abort> {
        if self.is_readonly(name) {
            let text = if self.flavour == Flavour::Bash {
                "readonly variable"
            } else {
                "is read only"
            };
            self.complain(&format!("{name}: {text}"));
            self.status = if self.flavour == Flavour::Bash { 1 } else { 2 };
            return Err(Abort);
        }
        self.held = self.held.saturating_add(size);
        if self.held > MAX_HELD {
            let values = self.variables.values();
            self.held = values.map(Variable::size).sum::<usize>() + size;
        }
        if size > MAX_VALUE || self.held > MAX_HELD {
            let text = match self.flavour {
                Flavour::Bash => format!("xrealloc: cannot allocate {size} bytes"),
                Flavour::Dash => "Out of space".to_owned(),
                Flavour::Ash => "out of memory".to_owned(),
            };
            self.complain(&text);
            self.status = 2;
            return Err(Abort);
        }
        Ok(())
    }
}
