//! `-s` and `-d`, which iptables looks up when it has read all else.

use ipnet::IpNet;
use kernel::netfilter::{Family, Inv, Rule};
use std::net::IpAddr;

use super::fail::Fail;
use super::values;

/// The two options as they were given, each with whether it is negated.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    pub(super) source: Option<Inv<String>>,
    pub(super) destination: Option<Inv<String>>,
}

impl Addresses {
    /// Makes the rules that a specification stands for: one for each pair of addresses.
    pub(super) fn rules(
        &self,
        rule: &Rule,
        family: Family,
        hosts: &dyn Fn(&str) -> Option<IpAddr>,
    ) -> Result<Vec<Rule>, Fail> {
        let read = |given: &Option<Inv<String>>| match given {
            Some(Inv { value, .. }) => values::networks(value, family, hosts),
            None => Ok(Vec::new()),
        };
        let (sources, destinations) = (read(&self.source)?, read(&self.destination)?);
        let not = |given: &Option<Inv<String>>| given.as_ref().is_some_and(|given| given.not);
        let (source_not, destination_not) = (not(&self.source), not(&self.destination));
        if (sources.len() > 1 || destinations.len() > 1) && (source_not || destination_not) {
            return Err(Fail::parameter(
                "! not allowed with multiple source or destination IP addresses",
            ));
        }
        let mut rules = Vec::new();
        for src in each(sources, source_not) {
            for dst in each(destinations.clone(), destination_not) {
                rules.push(Rule {
                    src,
                    dst,
                    ..rule.clone()
                });
            }
        }
        Ok(rules)
    }
}

/// What stands in the rules: nothing where no address was given, or any will do.
fn each(nets: Vec<IpNet>, not: bool) -> Vec<Option<Inv<IpNet>>> {
    if nets.is_empty() {
        return vec![None];
    }
    let asks = |net: &IpNet| net.prefix_len() > 0 || not;
    nets.into_iter()
        .map(|value| Some(value).filter(asks).map(|value| Inv { value, not }))
        .collect()
}
