//! `docker plugin`: there are none, and none can be had.

use crate::args::{Action, ArgRule, Command, Flag, Parsed, Section, verb};
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::format::list::{Layout, render};
use crate::session::{Outcome, Session, complaint};

pub(crate) static COMMAND: Command = Command {
    name: "plugin",
    short: "Manage plugins",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &CREATE, &DISABLE, &ENABLE, &INSPECT, &INSTALL, &LS, &PUSH, &RM, &SET, &UPGRADE,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] PLUGIN PLUGIN-DATA-DIR",
    short: "Create a plugin from a rootfs and configuration. Plugin data directory must contain config.json and rootfs directory.",
    flags: &[&[Flag::bool("compress", "Compress the context using gzip")]],
    args: ArgRule::AtLeast(2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static DISABLE: Command = Command {
    name: "disable",
    usage: "[OPTIONS] PLUGIN",
    short: "Disable a plugin",
    flags: &[&[Flag::bool("force", "Force the disable of an active plugin").short('f')]],
    args: ArgRule::Exactly(1),
    action: verb!(none),
    ..Command::BLANK
};

pub(crate) static ENABLE: Command = Command {
    name: "enable",
    usage: "[OPTIONS] PLUGIN",
    short: "Enable a plugin",
    flags: &[&[Flag::int("timeout", "HTTP client timeout (in seconds)").default("30")]],
    args: ArgRule::Exactly(1),
    action: verb!(none),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] PLUGIN [PLUGIN...]",
    short: "Display detailed information on one or more plugins",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    args: ArgRule::AtLeast(1),
    action: verb!(none),
    ..Command::BLANK
};

pub(crate) static INSTALL: Command = Command {
    name: "install",
    usage: "[OPTIONS] PLUGIN [KEY=VALUE...]",
    short: "Install a plugin",
    flags: &[&[
        Flag::text("alias", "Local name for plugin"),
        Flag::bool("disable", "Do not enable the plugin on install"),
        Flag::bool("disable-content-trust", "Skip image verification").default("true"),
        Flag::bool(
            "grant-all-permissions",
            "Grant all permissions necessary to run the plugin",
        ),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List plugins",
    aliases: &["list"],
    known_as: "docker plugin ls, docker plugin list",
    flags: &[&[
        Flag::filter("Provide filter values (e.g. \"enabled=true\")").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("no-trunc", "Don't truncate output"),
        Flag::bool("quiet", "Only display plugin IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: verb!(none),
    ..Command::BLANK
};

pub(crate) static PUSH: Command = Command {
    name: "push",
    usage: "[OPTIONS] PLUGIN[:TAG]",
    short: "Push a plugin to a registry",
    flags: &[&[Flag::bool("disable-content-trust", "Skip image signing").default("true")]],
    args: ArgRule::Exactly(1),
    action: verb!(none),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "[OPTIONS] PLUGIN [PLUGIN...]",
    short: "Remove one or more plugins",
    aliases: &["remove"],
    known_as: "docker plugin rm, docker plugin remove",
    flags: &[&[Flag::bool("force", "Force the removal of an active plugin").short('f')]],
    args: ArgRule::AtLeast(1),
    action: verb!(none),
    ..Command::BLANK
};

pub(crate) static SET: Command = Command {
    name: "set",
    usage: "PLUGIN KEY=VALUE [KEY=VALUE...]",
    short: "Change settings for a plugin",
    args: ArgRule::AtLeast(2),
    action: verb!(none),
    ..Command::BLANK
};

pub(crate) static UPGRADE: Command = Command {
    name: "upgrade",
    usage: "[OPTIONS] PLUGIN [REMOTE]",
    short: "Upgrade an existing plugin",
    flags: &[&[
        Flag::bool("disable-content-trust", "Skip image verification").default("true"),
        Flag::bool(
            "grant-all-permissions",
            "Grant all permissions necessary to run the plugin",
        ),
        Flag::bool(
            "skip-remote-check",
            "Do not check if specified remote plugin matches existing plugin image",
        ),
    ]],
    args: ArgRule::Between(1, 2),
    action: verb!(none),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}",
    row_type: "*plugin.pluginContext",
    headings: &[
        ("ID", "ID"),
        ("Name", "NAME"),
        ("Description", "DESCRIPTION"),
        ("Enabled", "ENABLED"),
    ],
};

/// Says that the engine has no plug-in of that name.
pub(crate) fn missing(name: &str) -> String {
    format!(
        "Error response from daemon: plugin {} not found",
        crate::go::quote(name)
    )
}

async fn none(session: Session, parsed: Parsed) -> Outcome {
    session.client()?;
    match parsed.command.name {
        "ls" => {
            let format = match parsed.text("format") {
                "" | "table" if parsed.on("quiet") => "{{.ID}}",
                format => format,
            };
            let text = render(&LAYOUT, format, &[]).map_err(complaint)?;
            session.sys.out(&text);
            Ok(0)
        }
        "inspect" => {
            let names = &parsed.args;
            crate::inspect::objects(&session, parsed.text("format"), names, async |n| {
                Err(missing(n))
            })
            .await
        }
        "rm" => {
            let told: Vec<String> = parsed.args.iter().map(|name| missing(name)).collect();
            Err(complaint(told.join("\n")))
        }
        _ => Err(complaint(missing(parsed.arg(0)))),
    }
}
