//! Where a value stands in a file: `services.web.ports.[]`.

use std::fmt;

/// A place in a tree, from the root down; each part borrows the one above.
#[derive(Clone, Copy)]
pub(crate) struct Path<'a> {
    above: Option<&'a Self>,
    key: &'a str,
}

impl<'a> Path<'a> {
    /// The root.
    pub(crate) const ROOT: Self = Self {
        above: None,
        key: "",
    };

    /// Returns the place of a key below this one.
    pub(crate) fn then(&'a self, key: &'a str) -> Self {
        Self {
            above: Some(self),
            key,
        }
    }

    /// Returns whether a pattern such as `services.*.ports` names this place.
    pub(crate) fn matches(&self, pattern: &str) -> bool {
        let mut here = Some(self).filter(|path| path.above.is_some());
        for part in pattern.rsplit('.') {
            let Some(path) = here else { return false };
            if part != "*" && part != path.key {
                return false;
            }
            here = path.above.filter(|path| path.above.is_some());
        }
        here.is_none()
    }

    /// Returns the last part.
    pub(crate) fn key(&self) -> &'a str {
        self.key
    }

    /// Returns all parts, the outermost first.
    pub(crate) fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut here = self;
        while let Some(above) = here.above {
            parts.push(here.key.to_owned());
            here = above;
        }
        parts.reverse();
        parts
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(above) = self.above else {
            return Ok(());
        };
        if above.above.is_some() {
            write!(f, "{above}.")?;
        }
        f.write_str(self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_whole_places() {
        let services = Path::ROOT.then("services");
        let web = services.then("we.b");
        let ports = web.then("ports");
        assert!(ports.matches("services.*.ports"));
        assert!(!web.matches("services.*.ports"));
        assert!(!ports.then("[]").matches("services.*.ports"));
        assert!(services.matches("*"));
        assert!(!Path::ROOT.matches("*"));
        assert_eq!(ports.to_string(), "services.we.b.ports");
        assert_eq!(ports.parts(), ["services", "we.b", "ports"]);
    }
}
