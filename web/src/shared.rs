//! A shared value that is equal to another only when it is the same one.

use std::ops::Deref;
use std::rc::Rc;

/// A big immutable value passed to components: comparing two costs a pointer comparison.
#[derive(Debug)]
pub(crate) struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    /// Shares a value.
    pub(crate) fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Shared<T> {
    /// Takes a value that is shared already, if it is another one than this.
    pub(crate) fn take(&mut self, value: Rc<T>) {
        if !Rc::ptr_eq(&self.0, &value) {
            self.0 = value;
        }
    }
}

impl<T: PartialEq> Shared<T> {
    /// Replaces the value, keeping the old one if nothing changed, so that nobody draws again for nothing.
    pub(crate) fn update(&mut self, value: T) -> bool {
        let changed = *self.0 != value;
        if changed {
            self.0 = Rc::new(value);
        }
        changed
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}
