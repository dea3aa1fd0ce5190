//! Locations, and which of them a path gets.

use super::Config;
use super::rewrite::{Step, groups, regex, steps};
use super::scope::Scope;
use super::upstream::Proxy;
use crate::server::nginx::syntax::{ConfigError, Directive};
use crate::text::regex::Regex;

/// What a location's path has to be.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) enum Match {
    Exact,
    Prefix,
    /// `^~`: no expression is tried after it.
    Firm,
    Pattern(Regex),
    Named,
}

/// A `location`; a server is one too, for what stands in none.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct Location {
    pub(in crate::server::nginx) name: String,
    pub(in crate::server::nginx) kind: Match,
    pub(in crate::server::nginx) scope: Scope,
    pub(in crate::server::nginx) alias: Option<String>,
    pub(in crate::server::nginx) steps: Vec<Step>,
    pub(in crate::server::nginx) try_files: Vec<String>,
    pub(in crate::server::nginx) proxy: Option<Proxy>,
    pub(in crate::server::nginx) internal: bool,
    pub(in crate::server::nginx) stub_status: bool,
    pub(in crate::server::nginx) inner: Vec<Self>,
}

impl Config {
    pub(super) fn location(
        &mut self,
        d: &Directive,
        name: &str,
        kind: Match,
        outer: &Scope,
    ) -> Result<Location, ConfigError> {
        let scope = self.scope(outer, &d.inside)?;
        let mut location = Location {
            name: name.to_owned(),
            kind,
            alias: None,
            steps: steps(&d.inside)?,
            try_files: Vec::new(),
            proxy: None,
            internal: false,
            stub_status: false,
            inner: Vec::new(),
            scope,
        };
        for d in &d.inside {
            match d.word(0) {
                "alias" => location.alias = Some(d.word(1).to_owned()),
                "try_files" => location.try_files = d.args().to_vec(),
                "internal" => location.internal = true,
                "stub_status" => location.stub_status = true,
                "proxy_pass" => location.proxy = Some(self.proxy(d)?),
                "location" => {
                    let (kind, name) = matching(d)?;
                    let inner = self.location(d, &name, kind, &location.scope)?;
                    location.inner.push(inner);
                }
                _ => {}
            }
        }
        Ok(location)
    }
}

fn matching(d: &Directive) -> Result<(Match, String), ConfigError> {
    let (modifier, name) = match d.args() {
        [modifier, name] => (modifier.as_str(), name.clone()),
        _ => ("", d.word(1).to_owned()),
    };
    let kind = match modifier {
        "=" => Match::Exact,
        "^~" => Match::Firm,
        "~" | "~*" => Match::Pattern(regex(&name, modifier == "~*", d)?),
        "" if name.starts_with('@') => Match::Named,
        "" => Match::Prefix,
        other => return Err(d.error(&format!("invalid location modifier \"{other}\""))),
    };
    Ok((kind, name))
}

impl Location {
    /// The location for a path among the inner ones; this one if none fits. The groups of the expression that matched come
    /// with it.
    pub(in crate::server::nginx) fn inner_for(&self, path: &str) -> (&Self, Vec<String>) {
        let exact = self
            .inner
            .iter()
            .find(|l| matches!(l.kind, Match::Exact) && l.name == path);
        if let Some(exact) = exact {
            return (exact, Vec::new());
        }
        let is_prefix =
            |l: &&Self| matches!(l.kind, Match::Prefix | Match::Firm) && path.starts_with(&l.name);
        let longest = self
            .inner
            .iter()
            .filter(is_prefix)
            .max_by_key(|l| l.name.len());
        let firm = longest.is_some_and(|l| matches!(l.kind, Match::Firm));
        let deeper = longest.map(|l| l.inner_for(path));
        if let Some((found, groups)) = &deeper
            && matches!(found.kind, Match::Exact | Match::Pattern(_))
        {
            return (found, groups.clone());
        }
        for location in self.inner.iter().filter(|_| !firm) {
            if let Match::Pattern(pattern) = &location.kind
                && let Some(groups) = groups(pattern, path)
            {
                let (found, more) = location.inner_for(path);
                return (found, if more.is_empty() { groups } else { more });
            }
        }
        deeper.unwrap_or((self, Vec::new()))
    }

    /// The location of that name that starts with `@`.
    pub(in crate::server::nginx) fn named(&self, name: &str) -> Option<&Self> {
        self.inner
            .iter()
            .find(|l| matches!(l.kind, Match::Named) && l.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(name: &str, kind: Match, inner: Vec<Location>) -> Location {
        Location {
            name: name.to_owned(),
            kind,
            scope: Scope::default(),
            alias: None,
            steps: Vec::new(),
            try_files: Vec::new(),
            proxy: None,
            internal: false,
            stub_status: false,
            inner,
        }
    }

    #[test]
    fn exact_comes_before_expressions_and_those_before_prefixes() {
        let pattern = |p: &str| Match::Pattern(Regex::perl(p, false).unwrap());
        let server = location(
            "",
            Match::Prefix,
            vec![
                location("/", Match::Prefix, Vec::new()),
                location("/api/", Match::Prefix, Vec::new()),
                location("/img/", Match::Firm, Vec::new()),
                location("(.+)\\.png$", pattern("(.+)\\.png$"), Vec::new()),
                location("/a.png", Match::Exact, Vec::new()),
            ],
        );
        let found = |path: &str| server.inner_for(path).0.name.clone();
        assert_eq!(found("/a.png"), "/a.png");
        assert_eq!(found("/api/x"), "/api/");
        assert_eq!(found("/api/x.png"), "(.+)\\.png$");
        assert_eq!(found("/img/x.png"), "/img/");
        assert_eq!(server.inner_for("/b.png").1, ["/b.png", "/b"]);
    }
}
