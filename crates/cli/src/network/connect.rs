//! `docker network connect`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "connect",
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Connect a container to a network",
    flags: &[&[
        Flag::strings("alias", "Add network-scoped alias for the container"),
        Flag::strings("driver-opt", "driver options for the network"),
        Flag::int(
            "gw-priority",
            "Highest gw-priority provides the default gateway. Accepts positive and negative values.",
        ),
        Flag::text("ip", "IPv4 address (e.g., \"172.30.100.104\")"),
        Flag::text("ip6", "IPv6 address (e.g., \"2001:db8::33\")"),
        Flag::list("link", "Add link to another container"),
        Flag::strings(
            "link-local-ip",
            "Add a link-local address for the container",
        ),
    ]],
    args: ArgRule::Exactly(2),
    action: Action::NotModelled,
    ..Command::BLANK
};
