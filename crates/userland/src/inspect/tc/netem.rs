//! The words of `netem`. Source: iproute2 7, `tc/q_netem.c`.

use kernel::net::qdisc::{Chance, Distribution, Netem};

use super::super::json::Json;
use super::super::say::{Fail, Words};
use super::units::{part, rate, rate_text, share, share_text, time, time_text};
use crate::text::printf::general;

const USAGE: &str = include_str!("netem.txt");

fn illegal(what: &str) -> Fail {
    Fail::new(1, format_args!("Illegal \"{what}\""))
}

fn usage(why: &str) -> Fail {
    Fail {
        text: format!("{why}\n{USAGE}"),
        code: 1,
    }
}

/// Reads the options.
///
/// # Errors
/// What `tc` says of a word, and what is not modelled.
pub(super) fn read(words: &mut Words<'_>) -> Result<Netem, Fail> {
    let mut netem = Netem::default();
    let mut gap = None;
    while let Some(word) = words.next() {
        match word {
            "limit" => {
                let limit = words.value()?.parse();
                netem.limit = limit.or(Err(illegal("limit")))?;
            }
            "latency" | "delay" => {
                netem.delay = time(words.value()?).ok_or_else(|| illegal("latency"))?;
                if let Some(jitter) = number(words) {
                    netem.jitter = time(jitter).ok_or_else(|| illegal("latency"))?;
                    if let Some(correlation) = number(words) {
                        netem.delay_correlation =
                            share(correlation).ok_or_else(|| illegal("latency"))?;
                    }
                }
            }
            "distribution" => {
                netem.distribution = match words.value()? {
                    "uniform" => Distribution::Uniform,
                    "normal" => Distribution::Normal,
                    other => {
                        let what = format!("the distribution {other}");
                        return Err(Fail::not_modelled("tc", &what));
                    }
                };
            }
            "loss" | "drop" => {
                let first = words.value()?;
                let first = match first {
                    "random" => words.value()?,
                    "state" | "gemodel" => {
                        return Err(Fail::not_modelled("tc", &format!("loss {first}")));
                    }
                    first => first,
                };
                netem.loss = chance(first, words, "loss percent")?;
            }
            "duplicate" => {
                let first = words.value()?;
                netem.duplicate = Some(chance(first, words, "duplicate")?);
            }
            "reorder" => {
                let first = words.value()?;
                netem.reorder = Some(chance(first, words, "reorder")?);
            }
            "gap" => gap = Some(words.value()?.parse().or(Err(illegal("gap")))?),
            "rate" => {
                netem.rate = Some(rate(words.value()?).ok_or_else(|| illegal("rate"))?);
                if number(words).is_some() {
                    return Err(Fail::not_modelled("tc", "rate with overheads"));
                }
            }
            "help" => {
                return Err(Fail {
                    text: USAGE.to_owned(),
                    code: 1,
                });
            }
            "corrupt" | "ecn" | "slot" | "seed" => {
                return Err(Fail::not_modelled("tc", &format!("netem {word}")));
            }
            other => return Err(usage(&format!("What is \"{other}\"?"))),
        }
    }
    let reorders = netem.reorder.is_some_and(|chance| chance.probability > 0);
    if reorders && netem.delay.is_zero() {
        return Err(usage(
            "reordering not possible without specifying some delay",
        ));
    }
    // Every frame has its chance unless a gap says otherwise.
    netem.gap = gap.unwrap_or(u32::from(reorders));
    Ok(netem)
}

/// The next word if it is a number.
fn number<'a>(words: &mut Words<'a>) -> Option<&'a str> {
    let begins = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    words.peek().filter(begins)?;
    words.next()
}

fn chance(first: &str, words: &mut Words<'_>, what: &str) -> Result<Chance, Fail> {
    let probability = share(first).ok_or_else(|| illegal(what))?;
    let correlation = match number(words) {
        Some(text) => share(text).ok_or_else(|| illegal(what))?,
        None => 0,
    };
    Ok(Chance {
        probability,
        correlation,
    })
}

/// The options in words.
pub(super) fn text(netem: &Netem, seed: u64) -> String {
    let mut out = format!("limit {}", netem.limit);
    if !netem.delay.is_zero() {
        out += &format!(" delay {}", time_text(netem.delay));
        if !netem.jitter.is_zero() {
            out += &format!("  {}", time_text(netem.jitter));
            if netem.delay_correlation > 0 {
                out += &format!(" {}", share_text(netem.delay_correlation));
            }
        }
    }
    for (name, chance) in chances(netem) {
        out += &format!(" {name} {}", share_text(chance.probability));
        if chance.correlation > 0 {
            out += &format!(" {}", share_text(chance.correlation));
        }
    }
    if let Some(rate) = netem.rate.filter(|rate| *rate > 0) {
        out += &format!(" rate {}", rate_text(rate));
    }
    out += &format!(" seed {seed}");
    if netem.gap > 0 {
        out += &format!(" gap {}", netem.gap);
    }
    out
}

/// The chances that there are, by name.
fn chances(netem: &Netem) -> impl Iterator<Item = (&'static str, Chance)> {
    let all = [
        ("loss", Some(netem.loss)),
        ("duplicate", netem.duplicate),
        ("reorder", netem.reorder),
    ];
    let all = all.into_iter();
    all.filter_map(|(name, chance)| Some((name, chance?)))
        .filter(|(_, chance)| chance.probability > 0)
}

/// The options as members of an object.
pub(super) fn described(netem: &Netem, seed: u64) -> Vec<(&'static str, Json)> {
    let raw = |value: f64| Json::Raw(general(value, 6));
    let seconds = |time: std::time::Duration| raw(time.as_secs_f64());
    let mut members = vec![("limit", netem.limit.into())];
    if !netem.delay.is_zero() {
        let delay = vec![
            ("delay", seconds(netem.delay)),
            ("jitter", seconds(netem.jitter)),
            ("correlation", raw(part(netem.delay_correlation))),
        ];
        members.push(("delay", Json::Map(delay)));
    }
    for (name, chance) in chances(netem) {
        let title = if name == "loss" { "loss-random" } else { name };
        let chance = vec![
            (name, raw(part(chance.probability))),
            ("correlation", raw(part(chance.correlation))),
        ];
        members.push((title, Json::Map(chance)));
    }
    if let Some(rate) = netem.rate.filter(|rate| *rate > 0) {
        let none = || Json::Number(0);
        let rate = vec![
            ("rate", Json::Number(rate)),
            ("packetoverhead", none()),
            ("cellsize", none()),
            ("celloverhead", none()),
        ];
        members.push(("rate", Json::Map(rate)));
    }
    members.push(("seed", Json::Number(seed)));
    members.push(("ecn", Json::Bool(false)));
    members.push(("gap", netem.gap.into()));
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(args: &[&str]) -> Result<String, String> {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let netem = read(&mut Words::new(&args)).map_err(|fail| fail.text)?;
        Ok(text(&netem, 1))
    }

    #[test]
    fn options_are_told_as_they_were_given() {
        let ok = |args: &[&str], told: &str| assert_eq!(said(args).unwrap(), told);
        ok(&[], "limit 1000 seed 1");
        ok(
            &["delay", "50ms", "10ms", "25%", "loss", "0.3%"],
            "limit 1000 delay 50ms  10ms 25% loss 0.3% seed 1",
        );
        ok(
            &["delay", "10ms", "reorder", "25%", "50%"],
            "limit 1000 delay 10ms reorder 25% 50% seed 1 gap 1",
        );
        let rate = ["rate", "1mbit", "limit", "5"];
        ok(&rate, "limit 5 rate 1Mbit seed 1");
    }

    #[test]
    fn mistakes_are_named() {
        let bad = |args: &[&str], told: &str| assert!(said(args).unwrap_err().starts_with(told));
        bad(&["delay"], "Command line is not complete.");
        bad(&["delay", "abc"], "Illegal \"latency\"\n");
        bad(&["loss", "110%"], "Illegal \"loss percent\"\n");
        bad(&["foo"], "What is \"foo\"?\nUsage: ... netem");
        bad(&["reorder", "25%"], "reordering not possible");
    }
}
