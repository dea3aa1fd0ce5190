//! What ufw shows.

use super::rule::{Action, Direction, Rule};
use super::store::Store;
use super::{Said, syntax};

/// `ufw status [verbose | numbered]`
pub(super) fn status(store: &Store, words: &[&str]) -> Said {
    let (verbose, numbered) = match words {
        [] => (false, false),
        ["verbose"] => (true, false),
        ["numbered"] => (false, true),
        _ => return Err(syntax()),
    };
    if !store.enabled {
        return Ok("Status: inactive\n".to_owned());
    }
    let mut text = "Status: active\n".to_owned();
    if verbose {
        let logging = match store.loglevel.as_str() {
            "off" => "off".to_owned(),
            level => format!("on ({level})"),
        };
        text += &format!(
            "Logging: {logging}\nDefault: {} (incoming), {} (outgoing), {} (routed)\nNew profiles: skip\n",
            store.input.word(),
            store.output.word(),
            store.forward.word()
        );
    }
    let all = || store.rules.iter().flatten();
    if all().next().is_none() {
        return Ok(text);
    }
    let indent = if numbered { "     " } else { "" };
    text += &format!(
        "\n{indent}{:<26} {:<12}From\n{indent}{:<26} {:<12}----\n",
        "To", "Action", "--", "------"
    );
    if numbered {
        for (at, rule) in all().enumerate() {
            text += &format!("[{:>2}] {}", at + 1, row(rule, true, true));
        }
        return Ok(text + "\n");
    }
    for direction in [Direction::In, Direction::Out, Direction::Forward] {
        let rows: String = all()
            .filter(|rule| rule.direction == direction)
            .map(|rule| row(rule, verbose, false))
            .collect();
        if !rows.is_empty() {
            text += &(rows + "\n");
        }
    }
    Ok(text)
}

fn row(rule: &Rule, with_in: bool, numbered: bool) -> String {
    let v6 = if rule.family == Some(true) {
        " (v6)"
    } else {
        ""
    };
    let proto = |port: &str| match rule.proto.as_str() {
        "" => port.to_owned(),
        proto => format!("{port}/{proto}"),
    };
    let end = |address: &str, port: &str, device: &str| {
        // A family is told of an end that names no address.
        let text = match (address, port) {
            ("", "") => format!("Anywhere{v6}"),
            ("", port) => format!("{}{v6}", proto(port)),
            (address, "") => address.to_owned(),
            (address, port) => format!("{address} {}", proto(port)),
        };
        if device.is_empty() {
            text
        } else {
            format!("{text} on {device}")
        }
    };
    let (to_device, from_device) = match rule.direction {
        Direction::In => (&rule.device_in, &rule.device_out),
        Direction::Out | Direction::Forward => (&rule.device_out, &rule.device_in),
    };
    let (to_device, from_device) = match rule.direction {
        // Where it leaves is told of the end it comes from.
        Direction::Out => (from_device, to_device),
        _ => (to_device, from_device),
    };
    let action = match rule.action {
        Action::Allow => "ALLOW",
        Action::Deny => "DENY",
        Action::Reject => "REJECT",
        Action::Limit => "LIMIT",
    };
    let way = match rule.direction {
        Direction::In if !with_in => "",
        Direction::In => " IN",
        Direction::Out => " OUT",
        Direction::Forward => " FWD",
    };
    let mut more = String::new();
    if numbered && rule.direction == Direction::Out {
        more += " (out)";
    }
    if !rule.comment.is_empty() {
        more += &format!(" # {}", rule.comment);
    }
    format!(
        "{:<26} {:<12}{:<26}{more}\n",
        end(&rule.to.address, &rule.to.port, to_device),
        format!("{action}{way}"),
        end(&rule.from.address, &rule.from.port, from_device),
    )
}

/// `ufw show added`
pub(super) fn added(store: &Store) -> String {
    let mut text = "Added user rules (see 'ufw status' for running firewall):\n".to_owned();
    let mut commands: Vec<String> = Vec::new();
    for rule in store.rules.iter().flatten() {
        let command = format!("ufw {}\n", rule.command());
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    if commands.is_empty() {
        commands.push("(None)\n".to_owned());
    }
    text += &commands.concat();
    text
}
