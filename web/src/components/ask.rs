//! "Would a packet get there?": asked by sending one, with the command that does it.

use std::rc::Rc;

use lab::view::{ContainerState, MachineKind, NetworkMode, Protocol, Topology};
use yew::prelude::*;

use super::live::use_live;
use super::{Act, perhaps};
use crate::app::Msg;
use crate::messages as words;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) topology: Shared<Topology>,
    pub(crate) act: Act,
}

/// How to ask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tcp,
    Udp,
    Ping,
}

impl Kind {
    /// What kind of packet asks.
    const fn protocol(self) -> Protocol {
        match self {
            Self::Tcp => Protocol::Tcp,
            Self::Udp => Protocol::Udp,
            Self::Ping => Protocol::Icmp,
        }
    }
}

const KINDS: [(Kind, &str); 3] = [(Kind::Tcp, "TCP"), (Kind::Udp, "UDP"), (Kind::Ping, "ping")];

/// Who asks: a machine, or a container's namespace on it.
#[derive(Clone, PartialEq, Eq)]
struct Asker {
    name: String,
    machine: String,
    container: bool,
}

#[derive(Clone, PartialEq)]
struct Question {
    from: String,
    to: String,
    kind: Kind,
    port: String,
}

impl Question {
    /// The command that asks; `None` while something is missing.
    fn command(&self, asker: &Asker) -> Option<String> {
        let to = self.to.trim();
        // It becomes a word of a command line, and nothing else of it.
        let plain = |c: char| c.is_ascii_alphanumeric() || ".:-_".contains(c);
        if to.is_empty() || to.starts_with('-') || !to.chars().all(plain) {
            return None;
        }
        let port = self.port.trim().parse::<u16>().ok().filter(|p| *p > 0);
        let tool = match self.kind {
            Kind::Tcp => format!("nc -vz -w 3 {to} {}", port?),
            Kind::Udp => format!("nc -vzu -w 3 {to} {}", port?),
            Kind::Ping => format!("ping -c 1 -W 2 {to}"),
        };
        // The machine's own tools in the container's namespace: images seldom bring any.
        Some(if asker.container {
            format!(
                "nsenter -n -t $(docker inspect -f '{{{{.State.Pid}}}}' {}) {tool}",
                asker.name
            )
        } else {
            tool
        })
    }
}

/// What was changed in the form.
enum Edit {
    From(String),
    To(String),
    Kind(Kind),
    Port(String),
}

/// A form that says what would happen to a packet, by sending it.
#[component]
pub(crate) fn Ask(p: &Props) -> Html {
    let live = use_live(|| Question {
        from: String::new(),
        to: String::new(),
        kind: Kind::Tcp,
        port: "80".to_owned(),
    });
    let question = live.get();
    let askers = askers(&p.topology);
    let Some(asker) = askers
        .iter()
        .find(|a| a.name == question.from)
        .or(askers.first())
    else {
        return html! { <div></div> };
    };
    let command = question.command(asker);
    let edit = {
        Callback::from(move |edit: Edit| {
            let mut next = live.get();
            match edit {
                Edit::From(name) => next.from = name,
                Edit::To(to) => next.to = to,
                Edit::Kind(kind) => next.kind = kind,
                Edit::Port(port) => next.port = port,
            }
            live.set(next);
        })
    };
    let typed = |e: InputEvent| {
        e.target_unchecked_into::<web_sys::HtmlInputElement>()
            .value()
    };
    let from = edit.reform(|e: Event| {
        let chosen = e.target_unchecked_into::<web_sys::HtmlSelectElement>();
        Edit::From(chosen.value())
    });
    let to = edit.reform(move |e| Edit::To(typed(e)));
    let port = edit.reform(move |e| Edit::Port(typed(e)));
    let kinds = KINDS.into_iter().map(|(kind, name)| {
        let on = question.kind == kind;
        let onclick = edit.reform(move |_: MouseEvent| Edit::Kind(kind));
        html! { <button type="button" key={name} class={if on { "on" } else { "" }} aria-pressed={on.to_string()} {onclick}>{ name }</button> }
    });
    let send = {
        let (machine, command) = (asker.machine.clone(), command.clone());
        let kind = question.kind.protocol();
        perhaps(&p.act, move |e: SubmitEvent| {
            e.prevent_default();
            Some(Msg::Ask {
                machine: machine.clone(),
                command: command.clone()?,
                kind,
            })
        })
    };
    let options = askers.iter().map(|a| {
        html! { <option key={a.name.clone()} value={a.name.clone()} selected={a == asker}>{ &a.name }</option> }
    });
    let known = addresses(&p.topology).into_iter().map(|(address, name)| {
        html! { <option key={format!("{address} {name}")} value={address}>{ name }</option> }
    });
    html! {
        <form class="ask" onsubmit={send} aria-label={words::ask_title()}>
            <h2 class="cap">{ words::ask_title() }</h2>
            <div class="askrow">
                <label>{ words::ask_from() }<select class="field" onchange={from}>{ for options }</select></label>
                <label class="grow">{ words::ask_to() }<input class="field" list="known-addresses" value={question.to.clone()} oninput={to}
                    placeholder="192.168.1.10" autocomplete="off" spellcheck="false" /></label>
                <datalist id="known-addresses">{ for known }</datalist>
                <div class="seg" role="group" aria-label={words::ask_kind()}>{ for kinds }</div>
                <label class={if question.kind == Kind::Ping { "port off" } else { "port" }}>{ words::ask_port() }<input class="field" inputmode="numeric" value={question.port.clone()} oninput={port}
                    disabled={question.kind == Kind::Ping} size="5" maxlength="5" /></label>
            </div>
            <div class="askrow">
                <code class="grow">{ command.clone().unwrap_or_else(|| words::ask_incomplete().to_owned()) }</code>
                <button type="submit" class="btn p" disabled={command.is_none()}>{ words::ask_send() }</button>
            </div>
        </form>
    }
}

/// Who can be asked to send: machines with a terminal, and containers of the Docker machines that run in a namespace
/// of their own.
fn askers(topology: &Topology) -> Vec<Asker> {
    let mut all = Vec::new();
    let mut machines: Vec<_> = topology
        .machines
        .iter()
        .filter(|m| m.has_terminal)
        .collect();
    sorted::sort_by_key(&mut machines, |m| m.kind != MachineKind::Docker);
    for machine in machines {
        all.push(Asker {
            name: machine.name.clone(),
            machine: machine.name.clone(),
            container: false,
        });
        if machine.kind != MachineKind::Docker {
            continue;
        }
        let running = |c: &&Rc<lab::view::Container>| {
            c.state == ContainerState::Running && c.mode != NetworkMode::Host
        };
        all.extend(machine.containers.iter().filter(running).map(|c| Asker {
            name: c.name.clone(),
            machine: machine.name.clone(),
            container: true,
        }));
    }
    all
}

/// Every address on the stage, without its prefix length, and whose it is.
fn addresses(topology: &Topology) -> Vec<(String, String)> {
    let machines = topology.machines.iter();
    let owned = machines.flat_map(|m| {
        let containers = m.containers.iter().map(|c| (&c.name, &c.interfaces));
        std::iter::once((&m.name, &m.interfaces)).chain(containers)
    });
    let listed = owned.flat_map(|(name, interfaces)| {
        let addresses = interfaces.iter().flat_map(|i| &i.addresses);
        addresses.map(move |a| {
            let address = a.split('/').next().unwrap_or(a);
            (address.to_owned(), name.clone())
        })
    });
    listed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(to: &str, kind: Kind, port: &str, container: bool) -> Option<String> {
        let question = Question {
            from: String::new(),
            to: to.to_owned(),
            kind,
            port: port.to_owned(),
        };
        question.command(&Asker {
            name: "web".to_owned(),
            machine: "hostA".to_owned(),
            container,
        })
    }

    #[test]
    fn a_question_becomes_the_command_that_asks_it() {
        for (to, kind, port, container, command) in [
            (
                "10.0.0.1",
                Kind::Tcp,
                "80",
                false,
                "nc -vz -w 3 10.0.0.1 80",
            ),
            (
                "10.0.0.1",
                Kind::Udp,
                "53",
                false,
                "nc -vzu -w 3 10.0.0.1 53",
            ),
            ("fd00::1", Kind::Ping, "", false, "ping -c 1 -W 2 fd00::1"),
            (
                "10.0.0.1",
                Kind::Ping,
                "",
                true,
                "nsenter -n -t $(docker inspect -f '{{.State.Pid}}' web) ping -c 1 -W 2 10.0.0.1",
            ),
        ] {
            assert_eq!(asked(to, kind, port, container).as_deref(), Some(command));
        }
    }

    #[test]
    fn what_is_no_destination_or_port_asks_nothing() {
        for (to, port) in [
            ("", "80"),
            ("a;reboot", "80"),
            ("-h", "80"),
            ("10.0.0.1", "0"),
            ("10.0.0.1", "65536"),
            ("10.0.0.1", "http"),
        ] {
            assert_eq!(asked(to, Kind::Tcp, port, false), None, "{to} {port}");
        }
    }
}
