//! A container in words, and how much room its texts need.

use sorted::SortedMap;

use lab::short_name;
use lab::view::{Container, ContainerState, Network, NetworkMode};

use super::backstage;
use super::label::Style;
use super::metrics::Metrics;
use super::text;
use crate::messages;

/// The width a container needs to show its name and addresses.
pub(super) fn needed_width(container: &Container, m: &Metrics) -> f64 {
    let told = container.interfaces.iter();
    let addresses = told
        .filter(|_| !backstage::holds(container))
        .filter_map(|i| {
            let address = i.addresses.first()?;
            let bare = address.split('/').next().unwrap_or_default();
            Some(
                m.pick(64.0, 34.0)
                    + Style::Strong.width(if m.pick(1.0, 0.0) > 0.0 {
                        address
                    } else {
                        bare
                    }),
            )
        });
    // At the compact level the resolver's pill stands beside the name.
    let pill = if container.resolver {
        m.pick(0.0, 34.0)
    } else {
        0.0
    };
    let name = 24.0 + pill + Style::Name.width(&text::shorten(short_name(&container.name), 20));
    addresses.fold(name, f64::max)
}

/// What a container without a network that is drawn says instead.
pub(super) fn no_network(container: &Container) -> &'static str {
    if backstage::holds(container) {
        messages::on_ingress()
    } else {
        messages::on_no_network()
    }
}

/// What a screen reader says of a container.
pub(super) fn spoken(container: &Container, networks: &SortedMap<&str, &Network>) -> String {
    let kind = match container.id.starts_with("namespace:") {
        true => messages::spoken_namespace(),
        false => messages::spoken_container(),
    };
    let mut words = vec![short_name(&container.name).to_owned(), kind.to_owned()];
    match &container.mode {
        NetworkMode::Host => words.push(messages::spoken_host().to_owned()),
        NetworkMode::None => words.push(messages::spoken_none().to_owned()),
        NetworkMode::Container(_) => words.push(messages::spoken_shared().to_owned()),
        NetworkMode::Own => {
            let names: Vec<&str> = container
                .networks
                .iter()
                .filter_map(|id| networks.get(id.as_str()).map(|n| n.name.as_str()))
                .collect();
            let peers = container
                .interfaces
                .iter()
                .filter_map(|i| i.peer.as_deref());
            let peers: Vec<&str> = peers
                .map(|p| short_name(p.rsplit('/').next().unwrap_or(p)))
                .collect();
            if !names.is_empty() {
                words.push(messages::spoken_on(&names.join(", ")));
            }
            if !peers.is_empty() {
                words.push(messages::spoken_cable(&peers.join(", ")));
            }
            if names.is_empty() && peers.is_empty() {
                words.push(no_network(container).to_owned());
            }
        }
    }
    words.extend(
        container
            .interfaces
            .iter()
            .filter_map(|i| i.addresses.first().cloned()),
    );
    words.push(match container.state {
        ContainerState::Running => messages::said::plainly(&container.activity).to_string(),
        ContainerState::Paused => messages::paused().to_owned(),
        ContainerState::Created => messages::spoken_created().to_owned(),
        ContainerState::Restarting => messages::restarting().to_owned(),
        ContainerState::Exited => messages::stopped().to_owned(),
    });
    words.retain(|w| !w.is_empty());
    words.join(", ")
}

/// What a screen reader says of a network's bar.
pub(super) fn bar_spoken(network: &Network, members: usize) -> String {
    messages::bar_spoken(&network.name, &network.driver, &network.subnet, &members)
}
