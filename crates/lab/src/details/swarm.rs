//! What the inspector says about a network that spans machines: its services, and what is behind its tunnels.

use super::cell;
use crate::view::Section;
use engine::survey::{NetworkFacts, Survey};
use kernel::Kernel;

/// The sections of an overlay network, as one machine sees it; without rows for others.
pub(super) fn network(kernel: &Kernel, survey: &Survey, n: &NetworkFacts) -> [Section; 3] {
    let services = survey.services.iter().filter(|s| s.network == n.id);
    let services = services.map(|s| {
        let vip = s.vip.map(|ip| ip.to_string());
        let tasks: Vec<String> = s.tasks.iter().map(|(_, ip)| ip.to_string()).collect();
        let cells = [s.name.clone(), vip.unwrap_or_default(), tasks.join(" ")];
        cells.map(cell).to_vec()
    });
    let ports = survey.services.iter().filter(|s| s.network == n.id);
    let ports = ports.flat_map(|s| {
        let each = s.ports.iter();
        each.map(|(port, target)| {
            vec![cell(port.to_string()), cell(format!("{}:{target}", s.name))]
        })
    });
    let stations = n
        .tunnels
        .iter()
        .flat_map(|t| kernel.vxlan_stations(t.vxlan));
    let stations = stations.map(|s| [s.mac.to_string(), s.dst.to_string()].map(cell).to_vec());
    let section = |title: &str, columns: &[&str], rows| Section {
        title: title.to_owned(),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        rows,
    };
    [
        section(
            "Services",
            &["Name", "Address", "Tasks"],
            services.collect(),
        ),
        section("Published ports", &["Port", "Leads to"], ports.collect()),
        section("Behind the tunnel", &["MAC", "Machine"], stations.collect()),
    ]
}
