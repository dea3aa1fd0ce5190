//! `ip netns`: named namespaces.

use std::cmp::Reverse;

use kernel::Errno;
use kernel::fs::Node;
use kernel::ids::NetnsId;
use kernel::sys::Sys;

use super::{Context, Fail, Json, Said, pick, unknown_command};
use crate::inspect::netns::{DIR, by_path, named};
use crate::inspect::say::say;

/// The namespace called `name`, for `-n` and `exec`.
pub(super) fn enter(sys: &Sys, name: &str) -> Result<NetnsId, Fail> {
    let found = by_path(sys, &format!("{DIR}/{name}")).map_err(|error| {
        Fail::new(
            255,
            format_args!("Cannot open network namespace \"{name}\": {error}"),
        )
    })?;
    if !sys.me(|p| p.caps.sys_admin).unwrap_or(false) {
        return Err(Fail::new(
            255,
            format_args!(
                "setting the network namespace \"{name}\" failed: {}",
                Errno::EPERM
            ),
        ));
    }
    Ok(found)
}

/// Runs `ip netns ...`.
pub(super) async fn run(sys: &Sys, context: &Context, args: &[String]) -> i32 {
    let rest = args.get(1..).unwrap_or_default();
    let command = args.first().map_or("list", String::as_str);
    let said = match pick(
        command,
        &[
            "list", "show", "lst", "add", "set", "attach", "delete", "identify", "pids", "exec",
            "monitor", "list-id", "help",
        ],
    ) {
        Some("list" | "show" | "lst") => Ok(list(sys, context)),
        Some("add") => rest.first().map_or_else(
            || Err(Fail::new(1, "No netns name specified")),
            |name| add(sys, name),
        ),
        Some("delete") if context.all && rest.is_empty() => {
            let gone = names(sys).into_iter().map(|name| delete(sys, &name));
            gone.collect::<Result<Vec<_>, _>>()
                .map(|said| said.concat())
        }
        Some("delete") => rest.first().map_or_else(
            || Err(Fail::new(1, "No netns name specified")),
            |name| delete(sys, name),
        ),
        Some("list-id") if rest.is_empty() => Ok(numbers(sys, context)),
        Some("attach") => attach(sys, rest),
        Some("identify") => identify(sys, rest),
        Some("pids") => pids(sys, rest),
        Some("exec") if context.all => return exec_all(sys, rest).await,
        Some("exec") => return exec(sys, rest).await,
        Some("help") => Err(Fail::new(
            255,
            "Usage: ip netns { list | add | delete | attach | identify | pids | exec } ...",
        )),
        Some(other) => Err(Fail::not_modelled("ip", &format!("netns {other}"))),
        None => unknown_command(command, "netns"),
    };
    say(sys, said)
}

/// The newest comes first, as a directory of tmpfs is listed; names that lead nowhere are listed as well.
fn names(sys: &Sys) -> Vec<String> {
    let mut found = sys.read_dir(DIR).unwrap_or_default();
    sorted::sort_by_key(&mut found, |entry| Reverse(entry.meta.modified));
    found.into_iter().map(|entry| entry.name).collect()
}

fn list(sys: &Sys, context: &Context) -> String {
    let names = names(sys);
    let known = named(sys);
    let number = |name: &str| {
        let (_, ns) = known.iter().find(|(known, _)| known == name)?;
        sys.kernel(|k| k.netns_nsid(context.ns, *ns))
    };
    if context.json {
        let item = |name: &String| {
            let mut members: Vec<(&'static str, Json)> = vec![("name", name.as_str().into())];
            members.extend(number(name).map(|id| ("id", id.into())));
            Json::Map(members)
        };
        return context.list(names.iter().map(item).collect());
    }
    names
        .iter()
        .map(|name| {
            number(name).map_or_else(|| format!("{name}\n"), |id| format!("{name} (id: {id})\n"))
        })
        .collect()
}

/// `ip netns list-id`: the numbers that this namespace has for others.
fn numbers(sys: &Sys, context: &Context) -> String {
    let names = named(sys);
    let numbers = sys.kernel(|k| k.netns_numbers(context.ns));
    let lines = numbers.iter().map(|(number, ns)| {
        let name = names.iter().find(|(_, named)| named == ns);
        let name = name.map(|(name, _)| format!("(iproute2 netns name: {name})"));
        format!("nsid {number} {}\n", name.unwrap_or_default())
    });
    lines.collect()
}

/// Makes the directory of names, and those above it.
fn prepare(sys: &Sys) {
    for dir in ["/run", DIR] {
        if !sys.exists(dir) {
            let _ = sys.make_node(dir, Node::Dir, 0o755);
        }
    }
}

fn put(sys: &Sys, name: &str, ns: NetnsId) -> Said {
    prepare(sys);
    let path = format!("{DIR}/{name}");
    sys.make_node(&path, Node::Netns(ns), 0o444)
        .map(|()| String::new())
        .map_err(|error| {
            Fail::new(
                1,
                format_args!("Cannot create namespace file \"{path}\": {error}"),
            )
        })
}

fn admin(sys: &Sys) -> Result<(), Fail> {
    let may = sys.me(|p| p.caps.sys_admin).unwrap_or(false);
    if may {
        Ok(())
    } else {
        Err(Fail::new(
            1,
            format_args!("mount --make-shared {DIR} failed: {}", Errno::EPERM),
        ))
    }
}

fn add(sys: &Sys, name: &str) -> Said {
    admin(sys)?;
    if name.is_empty() || name.contains('/') || name == "." || name == ".." {
        return Err(Fail::new(
            255,
            "Invalid netns name \"".to_owned() + name + "\"",
        ));
    }
    let path = format!("{DIR}/{name}");
    if sys.stat(&path, false).is_ok() {
        return Err(Fail::new(
            1,
            format_args!("Cannot create namespace file \"{path}\": {}", Errno::EEXIST),
        ));
    }
    let Some(machine) = sys.me(|p| p.machine) else {
        return Err(Fail::new(1, Errno::ESRCH));
    };
    let ns = sys.kernel(|k| k.netns_add(machine));
    put(sys, name, ns)
}

fn attach(sys: &Sys, args: &[String]) -> Said {
    let (Some(name), Some(pid)) = (args.first(), args.get(1)) else {
        return Err(Fail::new(1, "No netns name and PID specified"));
    };
    admin(sys)?;
    let ns = by_path(sys, &format!("/proc/{pid}/ns/net"))
        .ok()
        .ok_or_else(|| {
            Fail::new(
                1,
                format_args!(
                    "Bind /proc/{pid}/ns/net -> {DIR}/{name} failed: {}",
                    Errno::ENOENT
                ),
            )
        })?;
    put(sys, name, ns)
}

fn delete(sys: &Sys, name: &str) -> Said {
    let path = format!("{DIR}/{name}");
    let found = sys.stat(&path, false).map(|meta| meta.node);
    sys.remove(&path).map_err(|error| {
        Fail::new(
            1,
            format_args!("Cannot remove namespace file \"{path}\": {error}"),
        )
    })?;
    // A name made here goes with its namespace, unless a process or another name holds it.
    if let Ok(Node::Netns(ns)) = found
        && !named(sys).iter().any(|(_, other)| *other == ns)
    {
        sys.kernel(|k| {
            let used = k
                .machines
                .iter()
                .any(|m| m.root_ns == ns || k.proc.of(m.id).any(|p| p.netns == ns));
            if !used {
                k.netns_del(ns);
            }
        });
    }
    Ok(String::new())
}

fn identify(sys: &Sys, args: &[String]) -> Said {
    let pid = args.first().map_or("self", String::as_str);
    if pid != "self" && pid.parse::<u32>().is_err() {
        return Err(Fail::new(
            1,
            format_args!("Specified string '{pid}' is not a pid"),
        ));
    }
    let ns = by_path(sys, &format!("/proc/{pid}/ns/net")).map_err(|error| {
        Fail::new(
            255,
            format_args!("Could not open \"/proc/{pid}/ns/net\": {error}"),
        )
    })?;
    let found = named(sys).into_iter().find(|(_, other)| *other == ns);
    // Without a name the line is empty.
    Ok(found.map(|(name, _)| name).unwrap_or_default() + "\n")
}

fn pids(sys: &Sys, args: &[String]) -> Said {
    let Some(name) = args.first() else {
        return Err(Fail::new(1, "No netns name specified"));
    };
    let ns = by_path(sys, &format!("{DIR}/{name}"))
        .map_err(|error| Fail::new(1, format_args!("Cannot open network namespace: {error}")))?;
    let in_it = |id| sys.kernel(|k| k.proc.get(id).is_some_and(|p| p.netns == ns));
    Ok(crate::process::visible(sys)
        .into_iter()
        .filter(|p| in_it(p.id))
        .map(|p| format!("{}\n", p.pid))
        .collect())
}

async fn exec(sys: &Sys, args: &[String]) -> i32 {
    let (Some(name), Some(command)) = (args.first(), args.get(1)) else {
        let missing = if args.is_empty() {
            "No netns name specified"
        } else {
            "No command specified"
        };
        return say(sys, Err(Fail::new(1, missing)));
    };
    let entered = enter(sys, name).and_then(|ns| {
        // As the real one does: what is run finds the namespace's devices under /sys.
        sys.set_netns(ns)
            .and_then(|()| sys.mount_sysfs())
            .map_err(|error| {
                Fail::new(
                    255,
                    format_args!("setting the network namespace \"{name}\" failed: {error}"),
                )
            })
    });
    if let Err(fail) = entered {
        return say(sys, Err(fail));
    }
    let env = sys.me(|p| p.env.clone()).unwrap_or_default();
    let error = sys
        .exec(args.get(1..).unwrap_or_default().to_vec(), env)
        .await;
    sys.err(&format!("exec of \"{command}\" failed: {error}\n"));
    1
}

/// Runs `ip -all netns exec`: the command in each namespace, one after the other.
async fn exec_all(sys: &Sys, args: &[String]) -> i32 {
    for name in names(sys) {
        sys.out(&format!("\nnetns: {name}\n"));
        let (Ok(ns), Some(mut spawn)) = (enter(sys, &name), sys.child(args.to_vec())) else {
            continue;
        };
        spawn.netns = ns;
        if let Ok(child) = sys.spawn(spawn) {
            sys.kernel(|k| {
                if let Some(p) = k.proc.get_mut(child) {
                    p.sysfs = ns;
                }
            });
            let _ = sys.wait(Some(child)).await;
        }
    }
    0
}
