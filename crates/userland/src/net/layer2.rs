//! `ebtables` and `arptables` (iptables 1.8, nf_tables): the tables of bridges and of ARP, which nobody fills here.
//!
//! Docker writes no rules there, so that what people see of them is that they are empty; rules for them are not modelled.

use kernel::sys::Sys;

use crate::Flavour;

/// The chains of ebtables' tables.
const BRIDGE: [(&str, &[&str]); 3] = [
    ("filter", &["INPUT", "FORWARD", "OUTPUT"]),
    ("nat", &["PREROUTING", "OUTPUT", "POSTROUTING"]),
    ("broute", &["BROUTING"]),
];

/// What is asked of them.
#[derive(Default)]
struct Asked {
    table: Option<String>,
    chain: Option<String>,
    lists: bool,
}

/// Reads a command line: the option that is not modelled is the error.
fn read(args: &[String]) -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut words = args.iter().skip(1).peekable();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-t" | "--table" => asked.table = words.next().cloned(),
            "-L" | "--list" | "-nL" | "-vL" | "-nvL" | "-vnL" => {
                asked.lists = true;
                asked.chain = words.next_if(|word| !word.starts_with('-')).cloned();
            }
            // More detail of rules that there are none of; and there is nothing to flush.
            "-n" | "-v" | "--Lc" | "--Ln" | "--Lmac2" | "-F" | "--flush" | "-Z" | "--zero" => {}
            other => return Err(other.to_owned()),
        }
    }
    Ok(asked)
}

/// The `ebtables` program.
pub(super) fn ebtables(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let asked = match read(&args) {
        Ok(asked) => asked,
        Err(option) => return crate::not_modelled(&sys, "ebtables", &option),
    };
    let table = asked.table.as_deref().unwrap_or("filter");
    let Some((_, chains)) = BRIDGE.iter().find(|(name, _)| *name == table) else {
        sys.err(&format!(
            "ebtables v1.8.13 (nf_tables): table '{table}' does not exist\n"
        ));
        return 1;
    };
    if !asked.lists {
        return 0;
    }
    let wanted = |chain: &str| asked.chain.as_deref().is_none_or(|name| name == chain);
    sys.out(&format!("Bridge table: {table}\n"));
    for chain in chains.iter().filter(|chain| wanted(chain)) {
        sys.out(&format!(
            "\nBridge chain: {chain}, entries: 0, policy: ACCEPT\n"
        ));
    }
    0
}

/// The `arptables` program.
pub(super) fn arptables(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let asked = match read(&args) {
        Ok(asked) => asked,
        Err(option) => return crate::not_modelled(&sys, "arptables", &option),
    };
    if asked.lists {
        let chains = ["INPUT", "OUTPUT"];
        let wanted = |chain: &str| asked.chain.as_deref().is_none_or(|name| name == chain);
        let chains = chains.iter().filter(|chain| wanted(chain));
        let lines: Vec<String> = chains
            .map(|chain| format!("Chain {chain} (policy ACCEPT)\n"))
            .collect();
        sys.out(&lines.join("\n"));
    }
    0
}
