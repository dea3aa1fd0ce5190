//! `ip monitor`: what changes about devices, addresses, routes and neighbours.
//!
//! The kernel's state is looked at again and again, and what is new, different or gone is told. So what changes within one
//! moment is told once, as it is in the end, devices before addresses, routes and neighbours; the real program also tells
//! of the states between, of groups that are joined and of forwarding settings. Checked against iproute2 7.

use kernel::Kernel;
use kernel::net::Link;
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::Duration;
use sorted::SortedMap;

use super::{Context, Fail, addr, changed_device, link, neigh, pick, route};
use crate::inspect::say::{Words, say};
use crate::system::date;

/// How often the kernel is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

const HELP: &str = "Usage: ip monitor [ all | OBJECTS ] [ FILE ] [ label ] [ all-nsid ]
                  [ dev DEVICE ]
OBJECTS :=  address | link | mroute | maddress | acaddress | neigh |
            netconf | nexthop | nsid | prefix | route | rule | stats
FILE := file FILENAME
";

/// What is told of, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Object {
    Link,
    Address,
    Route,
    Neighbour,
}

const OBJECTS: [Object; 4] = [
    Object::Link,
    Object::Address,
    Object::Route,
    Object::Neighbour,
];

impl Object {
    const fn label(self) -> &'static str {
        match self {
            Self::Link => "[LINK]",
            Self::Address => "[ADDR]",
            Self::Route => "[ROUTE]",
            Self::Neighbour => "[NEIGH]",
        }
    }
}

/// How moments are told.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Stamp {
    /// Not at all.
    #[default]
    None,
    /// `-t`: on a line of its own.
    Long,
    /// `-ts`: before each.
    Short,
}

struct Wish {
    objects: Vec<Object>,
    label: bool,
    device: Option<kernel::ids::LinkId>,
}

/// One thing: what is told of it now, and when it has gone.
struct Told {
    here: String,
    gone: String,
}

/// All things that there are; the key says which, and in which order they are told.
type Seen = SortedMap<(Object, String), Told>;

/// Runs `ip monitor ...` until a signal ends it.
pub(super) async fn run(sys: &Sys, context: &Context, args: &[String]) -> i32 {
    let wish = match read(sys, context, args) {
        Ok(wish) => wish,
        Err(fail) => return say(sys, Err(fail)),
    };
    sys.catch(Signal::INT);
    let mut before = sys.kernel(|k| look(k, context, &wish));
    while sys.sleep(LOOK_EVERY).await.is_ok() {
        let now = sys.kernel(|k| look(k, context, &wish));
        let news = news(&before, &now);
        if !news.is_empty() {
            sys.out(&news_text(sys, context, &wish, &news));
        }
        before = now;
    }
    130
}

fn read(sys: &Sys, context: &Context, args: &[String]) -> Result<Wish, Fail> {
    let mut wish = Wish {
        objects: Vec::new(),
        label: false,
        device: None,
    };
    let known = [
        "address",
        "all",
        "all-nsid",
        "dev",
        "file",
        "help",
        "label",
        "link",
        "maddress",
        "acaddress",
        "mroute",
        "neigh",
        "netconf",
        "nexthop",
        "nsid",
        "prefix",
        "route",
        "rule",
        "stats",
    ];
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match pick(word, &known) {
            Some("link") => wish.objects.push(Object::Link),
            Some("address") => wish.objects.push(Object::Address),
            Some("route") => wish.objects.push(Object::Route),
            Some("neigh") => wish.objects.push(Object::Neighbour),
            Some("all") => {
                wish.label = true;
                wish.objects.extend(OBJECTS);
            }
            Some("label") => wish.label = true,
            Some("dev") => {
                let name = words.value()?;
                let found = sys.kernel(|k| changed_device(k, context.ns, name));
                let missing = |_| Fail::bad_argument(name, "Device does not exist");
                wish.device = Some(found.map_err(missing)?);
            }
            Some("help") => {
                return Err(Fail {
                    text: HELP.to_owned(),
                    code: 255,
                });
            }
            Some(other) => return Err(Fail::not_modelled("ip", &format!("monitor {other}"))),
            None => {
                return Err(Fail::new(
                    255,
                    format_args!("Argument \"{word}\" is unknown, try \"ip monitor help\"."),
                ));
            }
        }
    }
    if wish.objects.is_empty() {
        wish.objects.extend(OBJECTS);
    }
    Ok(wish)
}

/// How the keys of routes begin: those that make addresses one's own come before others.
const OWN: char = '0';
/// The same for all others.
const OTHERS: char = '1';

/// Everything that is wished for, as it is now.
fn look(k: &Kernel, context: &Context, wish: &Wish) -> Seen {
    let mut seen = Seen::default();
    let wants = |object: Object| wish.objects.contains(&object);
    let of_device = |id: Option<kernel::ids::LinkId>| wish.device.is_none() || id == wish.device;
    let mut tell = |object: Object, key: String, here: String, gone: Option<String>| {
        let gone = gone.unwrap_or_else(|| here.clone());
        seen.insert((object, key), Told { here, gone });
    };
    let links = k.links(context.ns).into_iter();
    let links = links.filter_map(|id| k.link(id));
    for found in links.filter(|found| of_device(Some(found.id))) {
        if wants(Object::Link) {
            let key = format!("{:08}", found.index);
            let gone = Some(gone_link(context, found));
            tell(Object::Link, key, link_text(k, context, found), gone);
        }
        if wants(Object::Address) {
            for given in k.addrs(found.id) {
                // One that is still being looked for elsewhere is told when it is there.
                if context.wants(given.addr.is_ipv6()) && !given.flags.tentative {
                    let key = format!("{:08} {}/{}", found.index, given.addr, given.prefix);
                    let text = addr::full(context, found, &given);
                    let text = format!("{}: {}    {text}", found.index, found.name);
                    tell(Object::Address, key, text, None);
                }
            }
        }
    }
    if wants(Object::Route) {
        for v6 in [false, true].into_iter().filter(|v6| context.wants(*v6)) {
            let routes = k.routes(context.ns, v6, None);
            for found in routes.iter().filter(|found| of_device(found.link)) {
                let text = route::line(k, context, &route::Wanted::default(), found);
                // Those that make addresses one's own come first. Source: Linux `fib_add_ifaddr`.
                let own = found.kind == kernel::net::RouteKind::Local;
                // Whether its device has carrier is no matter of the route's.
                let lasting = text.replace("linkdown ", "");
                let key = format!("{} {lasting}", if own { OWN } else { OTHERS });
                tell(Object::Route, key, text, None);
            }
        }
    }
    if wants(Object::Neighbour) {
        let known = k.neighbours(context.ns);
        for n in known.iter().filter(|n| of_device(Some(n.link))) {
            if context.wants(n.ip.is_ipv6()) {
                let key = format!("{:08} {}", n.link.0, n.ip);
                tell(Object::Neighbour, key, neigh::line(k, n, true), None);
            }
        }
    }
    seen
}

/// A device's lines, which tell neither of its mode nor of its queue here.
fn link_text(k: &Kernel, context: &Context, found: &Link) -> String {
    let text = link::full(k, context, found, false);
    text.replacen(&format!(" qlen {}", found.txqlen), " ", 1)
}

/// What is told of a device that is no more: it is down, and stands on nothing.
fn gone_link(context: &Context, found: &Link) -> String {
    let stands = if found.kind.text() == "veth" {
        "@NONE"
    } else {
        ""
    };
    format!(
        "{}: {}{stands}: <BROADCAST,MULTICAST> mtu {} qdisc noop state DOWN group default {}    {}\n",
        found.index,
        found.name,
        found.mtu,
        context.line(),
        link::hardware(found)
    )
}

/// What is different: of what, and its text, with `Deleted` before what is gone.
fn news(before: &Seen, now: &Seen) -> Vec<(Object, String)> {
    let changed = now.iter().filter(|(key, told)| match before.get(*key) {
        None => true,
        // A route's key is its text.
        Some(old) => key.0 != Object::Route && old.here != told.here,
    });
    let mut news: Vec<(Object, String)> = changed
        .map(|((object, _), told)| (*object, told.here.clone()))
        .collect();
    // What goes is told before what it hung on: routes to own addresses after others, devices last.
    let gone = before.iter().filter(|(key, _)| !now.contains_key(*key));
    let mut gone: Vec<_> = gone.collect();
    sorted::sort_by_key(&mut gone, |((object, key), _)| {
        let own = *object == Object::Route && key.starts_with(OWN);
        (*object == Object::Link, *object, own)
    });
    let mut all: Vec<(Object, String)> = gone
        .into_iter()
        .map(|((object, _), told)| (*object, format!("Deleted {}", told.gone)))
        .collect();
    all.append(&mut news);
    all
}

fn news_text(sys: &Sys, context: &Context, wish: &Wish, news: &[(Object, String)]) -> String {
    let (epoch, now) = sys.kernel(|k| (k.epoch, k.now));
    let seconds = i64::try_from(epoch + now.0 / 1_000_000_000).unwrap_or(i64::MAX);
    let nanos = (now.0 % 1_000_000_000) as u32;
    let mut out = String::new();
    for (object, text) in news {
        match context.stamp {
            Stamp::None => {}
            Stamp::Long => {
                let moment = date::format("%a %b %e %H:%M:%S %Y", seconds, nanos);
                out += &format!("Timestamp: {moment} {} usec\n", nanos / 1000);
            }
            Stamp::Short => {
                let moment = date::format("%Y-%m-%dT%H:%M:%S", seconds, nanos);
                out += &format!("[{moment}.{:06}] ", nanos / 1000);
            }
        }
        if wish.label {
            out += object.label();
        }
        out += text;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(things: &[(Object, &str, &str)]) -> Seen {
        let each = things.iter().map(|(object, key, here)| {
            let told = Told {
                here: (*here).to_owned(),
                gone: format!("{here} (down)"),
            };
            ((*object, (*key).to_owned()), told)
        });
        each.collect()
    }

    #[test]
    fn what_goes_is_told_before_what_comes_and_devices_last() {
        let before = seen(&[
            (Object::Link, "1", "d1"),
            (Object::Link, "2", "d2"),
            (Object::Route, "r", "to d1"),
        ]);
        let now = seen(&[(Object::Link, "2", "d2 up"), (Object::Address, "a", "new")]);
        let told: Vec<String> = news(&before, &now)
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(
            told,
            ["Deleted to d1 (down)", "Deleted d1 (down)", "d2 up", "new"]
        );
        assert!(news(&now, &now).is_empty());
    }
}
