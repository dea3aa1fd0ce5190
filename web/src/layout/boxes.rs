//! What is written in a container and on a network's bar at the drawn-out levels.

use sorted::SortedMap;

use lab::short_name;
use lab::view::{Container, ContainerState, Interface, Network, NetworkMode};

use super::backstage;
use super::geometry::{Rect, pt, rect};
use super::label::{Label, Style, label};
use super::metrics::Metrics;
use super::scene::{ContainerBox, LaneBox, Level, Mark};
use super::text;
use super::words::{bar_spoken, no_network, spoken};
use crate::messages;

/// Interfaces written out in a container; further ones are counted.
pub(super) const MOST_ROWS: usize = 6;

/// Rows of a container: its addresses, at least one.
fn rows(container: &Container, standard: bool) -> usize {
    let interfaces = match backstage::holds(container) {
        true => 1,
        false => container.interfaces.len(),
    };
    lines(container, standard)
        .len()
        .max(interfaces)
        .clamp(1, MOST_ROWS)
}

/// Height of a container.
pub(super) fn height(container: &Container, m: &Metrics) -> f64 {
    if matches!(container.mode, NetworkMode::Container(_)) {
        return m.head + m.row + m.pick(6.0, 4.0);
    }
    let rows = rows(container, m.level == Level::Standard);
    m.head + rows as f64 * m.row + m.foot
}

/// Makes a container's box.
pub(super) fn container(
    container: &Container,
    machine: &str,
    area: Rect,
    networks: &SortedMap<&str, &Network>,
    m: &Metrics,
) -> ContainerBox {
    let standard = m.level == Level::Standard;
    let pad = m.pick(12.0, 10.0);
    let mark = |id: &str| Mark(networks.get(id).map_or(0, |n| n.mark));
    let room = area.w - pad * 2.0;
    let mut labels = Vec::new();
    let mut signs = Vec::new();
    let name = Style::Name.fit_middle(short_name(&container.name), room);
    let base = area.y + m.pick(20.0, 17.0);
    let left = room - Style::Name.width(&name) - 10.0;
    labels.push(label(area.x + pad, base, Style::Name, name));
    if standard {
        // An image that there is no room for is told by the inspector.
        let image = container.image.rsplit('/').next().unwrap_or_default();
        let short = image.split([':', '@']).next().unwrap_or_default();
        let fits = |s: &&str| Style::Note.width(s) <= left;
        if let Some(image) = [image, short].into_iter().find(fits) {
            labels.push(label(area.right() - pad, base, Style::Note, image).end());
        }
    }
    let shares = matches!(
        container.mode,
        NetworkMode::Host | NetworkMode::Container(_)
    );
    let resolver = (container.resolver && !shares).then(|| {
        if standard {
            rect(area.right() - 38.0, area.bottom() - 24.0, 28.0, 16.0)
        } else {
            rect(area.right() - 32.0, area.y + 6.0, 26.0, 13.0)
        }
    });
    if let (Some(pill), Some(first)) = (resolver, labels.first_mut()) {
        labels_dns(first, pill, standard);
        labels.push(label(pill.cx(), pill.cy() + 3.2, Style::Dns, "dns").middle());
    }
    let mut y = area.y + m.head + m.pick(12.0, 11.0);
    let list = lines(container, standard);
    let total = list.len();
    for (i, (network, interface, address)) in list.into_iter().enumerate() {
        if i + 1 == MOST_ROWS && total > MOST_ROWS {
            let text = messages::more(&(total - i));
            labels.push(label(
                area.x + pad,
                y,
                Style::Note,
                Style::Note.fit(&text, room),
            ));
            break;
        }
        if !network.is_empty() {
            signs.push((mark(&network), pt(area.x + pad - 1.0, y - 9.5)));
        }
        let mut x = area.x + pad + m.pick(16.0, 15.0);
        if standard && !interface.is_empty() {
            let short = text::shorten(&interface, 6);
            let w = Style::Mono.width(&short);
            labels.push(label(x, y, Style::Mono, short));
            x += w.max(Style::Mono.width("eth0")) + 8.0;
        }
        let address = match (&address, standard) {
            (Some(a), true) => a.as_str(),
            (Some(a), false) => a.split('/').next().unwrap_or_default(),
            (None, _) => messages::no_address(),
        };
        // An address without its prefix length says more than one that is cut off.
        let room = area.right() - 6.0 - x;
        let bare = address.split('/').next().unwrap_or_default();
        let address = if Style::Strong.width(address) <= room {
            address
        } else {
            bare
        };
        labels.push(label(x, y, Style::Strong, Style::Strong.fit(address, room)));
        y += m.row;
    }
    // Who shares a namespace has one line, others one for each interface and one for what they do.
    let mut line = activity(container, standard);
    if matches!(container.mode, NetworkMode::Container(_)) && Style::Note.width(&line) > room {
        line = messages::shared().to_owned();
    }
    if total == 0 && standard && !shares {
        let text = match container.mode {
            NetworkMode::None => messages::none_lo_only(),
            _ => no_network(container),
        };
        labels.push(label(
            area.x + pad,
            y,
            Style::Note,
            Style::Note.fit(text, room),
        ));
    }
    if shares || (total == 0 && !standard) {
        labels.push(label(
            area.x + pad,
            y,
            Style::Note,
            Style::Note.fit(&line, room),
        ));
    } else if standard {
        let room = room - if resolver.is_some() { 34.0 } else { 0.0 };
        let text = Style::Note.fit(&line, room);
        labels.push(label(area.x + pad, area.bottom() - 12.0, Style::Note, text));
    } else if container.state != ContainerState::Running
        && resolver.is_none()
        && Style::Note.width(&line) <= left
    {
        labels.push(label(area.right() - pad, base, Style::Note, line).end());
    }
    labels.retain(|l| !l.text.is_empty());
    ContainerBox {
        id: container.id.clone(),
        machine: machine.to_owned(),
        name: container.name.clone(),
        rect: area,
        labels,
        signs,
        nubs: Vec::new(),
        state: container.state,
        resolver,
        networks: container
            .networks
            .iter()
            .map(|n| (n.clone(), mark(n)))
            .collect(),
        spoken: spoken(container, networks),
    }
}

/// Where the resolver's pill stands beside the name, the name gives way.
fn labels_dns(name: &mut Label, pill: Rect, standard: bool) {
    if !standard {
        name.text = name.style.fit_middle(&name.text, pill.x - 4.0 - name.x);
    }
}

/// What the last line says.
fn activity(container: &Container, standard: bool) -> String {
    let said = || messages::said::plainly(&container.activity).to_string();
    match (container.state, &container.mode) {
        (ContainerState::Paused, _) => return messages::paused().to_owned(),
        (ContainerState::Exited, _) => return messages::stopped().to_owned(),
        (ContainerState::Created, _) => return messages::created().to_owned(),
        (ContainerState::Restarting, _) => return messages::restarting().to_owned(),
        (ContainerState::Running, NetworkMode::Container(_)) => {
            return messages::same_namespace(&said());
        }
        (ContainerState::Running, _) => {}
    }
    match (&container.mode, standard) {
        (_, true) => said(),
        (NetworkMode::None, false) => messages::none_lo_only().to_owned(),
        (NetworkMode::Host, false) => said(),
        (_, false) if lines(container, false).is_empty() => no_network(container).to_owned(),
        (_, false) => String::new(),
    }
}

/// A row: the network's place, the interface's name and an address.
type Row = (String, String, Option<String>);

/// Per network: its place, the interface's name and its address, in the interfaces' order. A cable that leads straight to
/// another namespace is on no network. Where there is room, an address of the other family has a row of its own.
fn lines(container: &Container, standard: bool) -> Vec<Row> {
    let joined = container.networks.iter().map(|id| {
        let mut all = container.interfaces.iter();
        (id.clone(), all.find(|i| i.network.as_ref() == Some(id)))
    });
    let cables = container.interfaces.iter().filter(|i| i.peer.is_some());
    let cables = cables.map(|i| (String::new(), Some(i)));
    let mut all: Vec<_> = joined.chain(cables).collect();
    let name = |i: &Option<&Interface>| i.map_or("", |i| i.name.as_str()).to_owned();
    sorted::sort_by(&mut all, |a, b| {
        let (a, b) = (name(&a.1), name(&b.1));
        (a.len(), &a).cmp(&(b.len(), &b))
    });
    let mut rows = Vec::with_capacity(all.len());
    for (network, interface) in all {
        let addresses = interface.map_or(&[][..], |i| i.addresses.as_slice());
        rows.push((network, name(&interface), addresses.first().cloned()));
        if let (true, Some(other)) = (standard, addresses.get(1)) {
            rows.push((String::new(), String::new(), Some(other.clone())));
        }
    }
    rows
}

/// The least width of a network's bar.
pub(super) fn bar_need(network: &Network, m: &Metrics) -> f64 {
    if m.tight {
        return 30.0 + Style::Mono.width(&network.subnet) + 8.0;
    }
    let name = Style::Name.width(&text::shorten(&network.name, 24));
    let subnet = Style::Mono.width(&second_line(network));
    (47.0 + name + 10.0).max(30.0 + subnet + 12.0).max(m.column)
}

/// What is written below an overlay network's name, in short of a bridge's.
fn second_line(network: &Network) -> String {
    match network.vni {
        Some(vni) => format!("{} · VNI {vni}", network.subnet),
        None => network.subnet.clone(),
    }
}

/// Makes a network's bar.
pub(super) fn bar(network: &Network, members: usize, bar: Rect, m: &Metrics) -> LaneBox {
    let room = bar.w - 57.0;
    let name = Style::Name.fit(&text::shorten(&network.name, 24), room);
    let left = room - Style::Name.width(&name) - 8.0;
    let short = second_line(network);
    let both = format!("{} {short}", network.interface);
    let wide = Style::Mono.width(&both) <= bar.w - 40.0 && m.level == Level::Standard;
    let internal = if network.internal {
        messages::internal()
    } else {
        ""
    };
    let mut notes = [
        internal,
        network.driver.as_str(),
        network.interface.as_str(),
    ];
    if !wide {
        notes.reverse();
        notes.rotate_right(1);
    }
    let note = notes
        .into_iter()
        .find(|n| !n.is_empty() && Style::Note.width(n) <= left)
        .unwrap_or_default();
    let base = bar.y + 17.0;
    let name_w = Style::Name.width(&name);
    let line = match wide {
        true => both.trim_start(),
        false if Style::Mono.width(&short) > bar.w - 36.0 => &network.subnet,
        false => &short,
    };
    let line = Style::Mono.fit(line, bar.w - 36.0);
    let labels = vec![
        label(bar.x + 47.0, base, Style::Name, name),
        label(bar.x + 47.0 + name_w + 8.0, base, Style::Note, note),
        label(bar.x + 30.0, bar.y + 31.0, Style::Mono, line),
    ];
    LaneBox {
        id: network.id.clone(),
        mark: Mark(network.mark),
        bar,
        area: bar,
        name: network.name.clone(),
        labels,
        gateway: None,
        spoken: bar_spoken(network, members),
        drop_x: bar.x + 16.0,
        fed: network.driver != "overlay",
        sign: pt(bar.x + 29.0, base - 10.5),
    }
}
