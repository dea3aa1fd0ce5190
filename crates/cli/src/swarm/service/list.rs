//! Lists of services, as `docker service ls` and `stack services` print them.
//! Source: docker/cli `command/service/formatter.go`.

use engine::api::{PortConfig, Service};

use super::super::tasks::shown_image;
use crate::args::Parsed;
use crate::format::list::{Layout, render};
use crate::format::text::{natural, short_id};
use crate::session::{Outcome, Session, complaint};
use crate::template::{Labels, Value};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}",
    row_type: "*service.serviceContext",
    headings: &[
        ("ID", "ID"),
        ("Name", "NAME"),
        ("Mode", "MODE"),
        ("Replicas", "REPLICAS"),
        ("Image", "IMAGE"),
        ("Ports", "PORTS"),
    ],
};

/// Prints services as the flags ask.
pub(crate) fn print(session: &Session, parsed: &Parsed, mut services: Vec<Service>) -> Outcome {
    sorted::sort_by(&mut services, |a, b| natural(&a.spec.name, &b.spec.name));
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        "raw" if parsed.on("quiet") => "id: {{.ID}}",
        "raw" => {
            "id: {{.ID}}\nname: {{.Name}}\nmode: {{.Mode}}\nreplicas: {{.Replicas}}\nimage: {{.Image}}\n\
             ports: {{.Ports}}\n"
        }
        format => format,
    };
    let rows: Vec<Value> = services.iter().map(row).collect();
    let text = render(&LAYOUT, format, &rows).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}

fn row(service: &Service) -> Value {
    let mode = &service.spec.mode;
    let status = service.service_status.unwrap_or_default();
    let (running, desired, completed) = (
        status.running_tasks,
        status.desired_tasks,
        status.completed_tasks,
    );
    let placement = service.spec.task_template.placement.as_ref();
    let most = placement.map_or(0, |placement| placement.max_replicas);
    let of_job = |all: u64| format!("{running}/{desired} ({completed}/{all} completed)");
    let (mode, replicas) = if mode.global.is_some() {
        ("global", format!("{running}/{desired}"))
    } else if let Some(job) = mode.replicated_job {
        (
            "replicated job",
            of_job(job.total_completions.unwrap_or_default()),
        )
    } else if mode.global_job.is_some() {
        ("global job", of_job(desired + completed))
    } else if most > 0 {
        (
            "replicated",
            format!("{running}/{desired} (max {most} per node)"),
        )
    } else {
        ("replicated", format!("{running}/{desired}"))
    };
    let container = service.spec.task_template.container_spec.as_ref();
    let columns = vec![
        ("ID", short_id(&service.id)),
        ("Name", service.spec.name.clone()),
        ("Mode", mode.to_owned()),
        ("Replicas", replicas),
        (
            "Image",
            container.map_or_else(String::new, |c| shown_image(&c.image)),
        ),
        ("Ports", ports(&service.endpoint.ports)),
    ];
    Value::row(LAYOUT.row_type, columns, Labels::None)
}

/// Writes the ports of the routing mesh, neighbours as ranges.
fn ports(ports: &[PortConfig]) -> String {
    let mut ports: Vec<&PortConfig> = ports
        .iter()
        .filter(|port| port.publish_mode == "ingress")
        .collect();
    sorted::sort_by(&mut ports, |a, b| {
        (&a.protocol, a.published_port).cmp(&(&b.protocol, b.published_port))
    });
    // First and last published port, first and last port of the tasks, and the protocol.
    let mut ranges: Vec<([u32; 4], &str)> = Vec::new();
    for port in ports {
        let (published, target) = (port.published_port, port.target_port);
        if let Some(([_, last, first_target, last_target], protocol)) = ranges.last_mut() {
            let range = last_target != first_target;
            let follows = *protocol == port.protocol
                && published - *last <= 1
                && target.wrapping_sub(*last_target) <= 1
                && !(range && target <= *last_target);
            if follows {
                (*last, *last_target) = (published, target);
                continue;
            }
        }
        ranges.push(([published, published, target, target], &port.protocol));
    }
    let span = |first: u32, last: u32| match last > first {
        true => format!("{first}-{last}"),
        false => first.to_string(),
    };
    let shown: Vec<String> = ranges
        .into_iter()
        .map(|([p, q, t, u], protocol)| format!("*:{}->{}/{protocol}", span(p, q), span(t, u)))
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_ports_are_one_range() {
        let port = |published_port, target_port, protocol: &str| PortConfig {
            protocol: protocol.into(),
            target_port,
            published_port,
            publish_mode: "ingress".into(),
            ..PortConfig::default()
        };
        assert_eq!(
            ports(&[
                port(81, 81, "tcp"),
                port(80, 80, "tcp"),
                port(82, 80, "tcp")
            ]),
            "*:80-81->80-81/tcp, *:82->80/tcp"
        );
        assert_eq!(
            ports(&[
                port(53, 53, "udp"),
                port(80, 80, "tcp"),
                port(81, 80, "tcp")
            ]),
            "*:80-81->80/tcp, *:53->53/udp"
        );
    }
}
