//! Whether an option may stand where it stands: once, with certain others, behind `-p`.
//! Source: iptables `libxtables/xtoptions.c`, `extensions/libxt_tcp.c`, `extensions/libxt_multiport.c`.

use kernel::netfilter::Inv;
use wire::Proto;

use super::fail::Fail;

/// The name under which iptables speaks of an option.
fn proper(option: &str) -> &str {
    match option {
        "sport" => "source-port",
        "dport" => "destination-port",
        "sports" => "source-ports",
        "dports" => "destination-ports",
        "ttl" => "ttl-eq",
        other => other,
    }
}

/// Refuses an option of the match or target `name` that was `given` before.
pub(super) fn once(name: &str, given: &[&str], option: &str) -> Result<(), Fail> {
    let option = proper(option);
    if given.iter().any(|given| proper(given) == option) {
        return Err(Fail::parameter(format!(
            "{name}: option \"--{option}\" can only be used once.\n"
        )));
    }
    Ok(())
}

/// As [`once`] for the options of tcp, which has words of its own.
pub(super) fn once_of_tcp(given: &[&str], option: &str) -> Result<(), Fail> {
    let option = proper(option);
    let is_flags = |option: &str| matches!(option, "syn" | "tcp-flags");
    let mut before = given.iter().map(|given| proper(given));
    let why = if is_flags(option) && before.any(is_flags) {
        "Only one of `--syn' or `--tcp-flags'  allowed".to_owned()
    } else if before.any(|before| before == option) {
        format!("Only one `--{option}' allowed")
    } else {
        return Ok(());
    };
    Err(Fail::parameter(why))
}

/// As [`once`] for the options of multiport, which go with no other and want a protocol with ports.
pub(super) fn alone_of_multiport(
    given: &[&str],
    option: &str,
    proto: Option<Inv<Proto>>,
) -> Result<(), Fail> {
    once("multiport", given, option)?;
    if let Some(other) = given.first() {
        let (option, other) = (proper(option), proper(other));
        return Err(Fail::parameter(format!(
            "multiport: option \"--{option}\" cannot be used together with \"--{other}\".\n"
        )));
    }
    match proto.map(|proto| (proto.value, proto.not)) {
        None | Some((Proto(0), _)) => Err(Fail::parameter(
            "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'",
        )),
        Some((Proto::TCP | Proto::UDP | Proto(33 | 132 | 136), false)) => Ok(()),
        Some(_) => Err(Fail::parameter(
            "multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP",
        )),
    }
}
