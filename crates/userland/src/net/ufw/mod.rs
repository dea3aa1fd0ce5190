//! ufw, the plain front end of iptables that Debian and Ubuntu offer.
//!
//! It keeps its state in files (`store`), reads rules in its own language (`rule`), and writes chains (`chains`) that
//! `iptables-restore` reads. It knows nothing of containers: published ports pass FORWARD, where Docker's own chains come
//! first. Texts and rules are measured against ufw 0.36.2.

mod chains;
mod rule;
mod status;
mod store;

#[cfg(test)]
mod tests;

use kernel::netfilter::Family;
use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::Flavour;
use crate::io::Input;
use rule::{Action, Direction, Rule, Services};
use store::{Policy, Store};

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    gnu "ufw", "manage the machine's firewall", &[
    "status", "enable", "disable", "allow", "deny", "reject", "delete", "insert", "default", "route", "reload", "reset",
    "logging", "show", "app", "version", "verbose", "numbered", "added",
], main;
}

const HELP: &str = "
Usage: ufw COMMAND

Commands:
 enable                          enables the firewall
 disable                         disables the firewall
 default ARG                     set default policy
 logging LEVEL                   set logging to LEVEL
 allow ARGS                      add allow rule
 deny ARGS                       add deny rule
 reject ARGS                     add reject rule
 limit ARGS                      add limit rule
 delete RULE|NUM                 delete RULE
 insert NUM RULE                 insert RULE at NUM
 prepend RULE                    prepend RULE
 route RULE                      add route RULE
 route delete RULE|NUM           delete route RULE
 route insert NUM RULE           insert route RULE at NUM
 reload                          reload firewall
 reset                           reset firewall
 status                          show firewall status
 status numbered                 show firewall status as numbered list of RULES
 status verbose                  show verbose firewall status
 show ARG                        show firewall report
 version                         display version information

Application profile commands:
 app list                        list application profiles
 app info PROFILE                show information on PROFILE
 app update PROFILE              update PROFILE
 app default ARG                 set default application policy

";

/// The end of a command: what is printed, and whether it is an error.
type Said = Result<String, String>;

fn syntax() -> String {
    format!("Invalid syntax\n{HELP}")
}

/// ufw.
async fn main(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    let mut words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    let force = words
        .first()
        .is_some_and(|w| matches!(*w, "--force" | "-f"));
    if force {
        words.remove(0);
    }
    if !sys.may_admin_net() {
        sys.err("ERROR: You need to be root to run this script\n");
        return 1;
    }
    let said = match words.as_slice() {
        ["--help" | "-h"] => Ok(HELP.to_owned()),
        ["version" | "--version"] => {
            Ok("ufw 0.36.2\nCopyright 2008-2023 Canonical Ltd.\n".to_owned())
        }
        ["--dry-run", ..] => Err(crate::not_modelled!("ufw", "--dry-run")),
        [] => Err(format!("not enough args\n{HELP}")),
        ["delete", number] | ["route", "delete", number] if number.parse::<usize>().is_ok() => {
            delete_number(&sys, number, force).await
        }
        ["reset"] => reset(&sys, force).await,
        words => run(&sys, words),
    };
    match said {
        Ok(text) => {
            sys.out(&text);
            0
        }
        Err(text) => {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            sys.err(&format!("ERROR: {text}{end}"));
            1
        }
    }
}

fn run(sys: &Sys, words: &[&str]) -> Said {
    let mut store = Store::read(sys);
    match words {
        ["enable"] => {
            store.enabled = true;
            store.write(sys);
            chains::load(sys, &store)?;
            Ok("Firewall is active and enabled on system startup\n".to_owned())
        }
        ["disable"] => {
            store.enabled = false;
            store.write(sys);
            chains::unload(sys)?;
            Ok("Firewall stopped and disabled on system startup\n".to_owned())
        }
        ["reload"] if store.enabled => {
            chains::load(sys, &store)?;
            Ok("Firewall reloaded\n".to_owned())
        }
        ["reload"] => Ok("Firewall not enabled (skipping reload)\n".to_owned()),
        ["status", rest @ ..] => status::status(&store, rest),
        ["show", "added"] => Ok(status::added(&store)),
        ["show", what] => Err(crate::not_modelled!("ufw", "show {what}")),
        ["logging", level] => logging(sys, store, level),
        ["default", policy, rest @ ..] => default(sys, store, policy, rest),
        ["app", "list"] => Ok(profiles(sys)),
        ["app", what, ..] => Err(crate::not_modelled!("ufw", "app {what}")),
        ["route", rest @ ..] => change(sys, store, rest, true),
        rest => change(sys, store, rest, false),
    }
}

fn logging(sys: &Sys, mut store: Store, level: &str) -> Said {
    let word = match level {
        "off" | "low" => level,
        "on" => "low",
        "medium" | "high" | "full" => return Err(crate::not_modelled!("ufw", "logging {level}")),
        _ => return Err(syntax()),
    };
    word.clone_into(&mut store.loglevel);
    store.write(sys);
    if store.enabled {
        chains::load(sys, &store)?;
    }
    let done = if word == "off" { "disabled" } else { "enabled" };
    Ok(format!("Logging {done}\n"))
}

fn default(sys: &Sys, mut store: Store, policy: &str, rest: &[&str]) -> Said {
    let wanted = Policy::from_word(policy).ok_or_else(syntax)?;
    let (word, place) = match rest {
        [] | ["incoming" | "in" | "input"] => ("incoming", &mut store.input),
        ["outgoing" | "out" | "output"] => ("outgoing", &mut store.output),
        ["routed" | "forward"] => ("routed", &mut store.forward),
        _ => return Err(syntax()),
    };
    *place = wanted;
    store.write(sys);
    if store.enabled {
        chains::load(sys, &store)?;
    }
    Ok(format!(
        "Default {word} policy changed to '{}'\n(be sure to update your rules accordingly)\n",
        wanted.word()
    ))
}

/// The application profiles that packages have left.
fn profiles(sys: &Sys) -> String {
    let dir = "/etc/ufw/applications.d";
    let entries = sys.read_dir(dir).unwrap_or_default().into_iter();
    let texts = entries.filter_map(|e| sys.read_text(&format!("{dir}/{}", e.name)).ok());
    let mut names: Vec<String> = texts
        .flat_map(|text| {
            let heads = text
                .lines()
                .filter_map(|l| Some(l.strip_prefix('[')?.strip_suffix(']')?.to_owned()));
            heads.collect::<Vec<_>>()
        })
        .collect();
    sorted::sort(&mut names);
    let lines: String = names.iter().map(|name| format!("  {name}\n")).collect();
    format!("Available applications:\n{lines}")
}

/// Where a rule goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Last,
    At(usize),
    Nowhere,
}

/// `[delete | insert NUM | prepend] ACTION ...`
fn change(sys: &Sys, mut store: Store, words: &[&str], routed: bool) -> Said {
    let (place, words) = match words {
        ["delete", rest @ ..] if !rest.is_empty() => (Place::Nowhere, rest),
        ["prepend", rest @ ..] => (Place::At(1), rest),
        ["insert", number, rest @ ..] => {
            let bad = || format!("Invalid position '{number}'");
            let at: usize = number.parse().ok().ok_or_else(bad)?;
            if at == 0 || at > store.rules[0].len() + store.rules[1].len() {
                return Err(bad());
            }
            (Place::At(at), rest)
        }
        rest => (Place::Last, rest),
    };
    let (action, words) = words.split_first().ok_or_else(syntax)?;
    let action = Action::from_word(action).ok_or_else(syntax)?;
    if words.is_empty() {
        return Err(syntax());
    }
    let services = Services::read(sys);
    let mut rule = Rule::parse(action, words, &services)?;
    if routed {
        rule.direction = Direction::Forward;
    }
    if action == Action::Limit && place != Place::Nowhere {
        return Err(crate::not_modelled!("ufw", "limit"));
    }
    let mut said = String::new();
    let (mut appended, mut changed) = (Vec::new(), false);
    for (v6, list) in store.rules.iter_mut().enumerate() {
        let v6 = v6 == 1;
        if rule.family.is_some_and(|only| only != v6) {
            continue;
        }
        let mut own = rule.clone();
        own.family = Some(v6);
        let same = list.iter().position(|r| r.matches_alike(&own));
        let note = match (place, same) {
            (Place::Nowhere, Some(at)) if list.get(at).is_some_and(|r| r.action == own.action) => {
                list.remove(at);
                changed = true;
                "Rule deleted"
            }
            (Place::Nowhere, _) => "Could not delete non-existent rule",
            (_, Some(at)) if list.get(at) == Some(&own) => "Skipping adding existing rule",
            (_, Some(at)) => {
                list.splice(at..=at, [own]);
                changed = true;
                "Rule updated"
            }
            (Place::At(number), None) => {
                list.insert((number - 1).min(list.len()), own);
                changed = true;
                "Rule inserted"
            }
            (Place::Last, None) => {
                list.push(own.clone());
                appended.push(own);
                "Rule added"
            }
        };
        let idle = !store.enabled && note.starts_with("Rule ");
        said += if idle { "Rules updated" } else { note };
        said += if v6 { " (v6)\n" } else { "\n" };
    }
    store.write(sys);
    if store.enabled && changed {
        chains::load_user(sys, &store)?;
    } else if store.enabled {
        chains::append(sys, &appended)?;
    }
    Ok(said)
}

/// Asks for a `y`.
async fn agreed(sys: &Sys, question: &str) -> bool {
    sys.out(&format!("{question}Proceed with operation (y|n)? "));
    let line = Input::new(sys, Fd::STDIN).line().await;
    line.is_some_and(|l| matches!(l.text.trim(), "y" | "Y" | "yes"))
}

async fn delete_number(sys: &Sys, number: &str, force: bool) -> Said {
    let mut store = Store::read(sys);
    let missing = || format!("Could not find rule '{number}'");
    let at = number
        .parse::<usize>()
        .ok()
        .and_then(|n| n.checked_sub(1))
        .ok_or_else(missing)?;
    let [v4, v6] = &mut store.rules;
    let of_v6 = at >= v4.len();
    let (list, at) = if of_v6 { (v6, at - v4.len()) } else { (v4, at) };
    let rule = list.get(at).ok_or_else(missing)?;
    let question = format!("Deleting:\n {}\n", rule.command());
    if !force && !agreed(sys, &question).await {
        return Ok("Aborted\n".to_owned());
    }
    list.remove(at);
    store.write(sys);
    if store.enabled {
        chains::load_user(sys, &store)?;
        let v6 = if of_v6 { " (v6)" } else { "" };
        return Ok(format!("Rule deleted{v6}\n"));
    }
    Ok("Rules updated\n".to_owned())
}

async fn reset(sys: &Sys, force: bool) -> Said {
    let question = "Resetting all rules to installed defaults. ";
    if !force && !agreed(sys, question).await {
        return Ok("Aborted\n".to_owned());
    }
    chains::unload(sys)?;
    let text = Store::read(sys).back_up(sys);
    Store::default().write(sys);
    Ok(text)
}

/// The families, and what their chains' names begin with.
const FAMILIES: [(Family, &str); 2] = [(Family::V4, "ufw"), (Family::V6, "ufw6")];
