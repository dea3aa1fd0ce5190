//! `docker compose alpha`: commands that Compose tries out. Source: docker/compose `cmd/compose/alpha.go`, `viz.go`,
//! `pkg/compose/viz.go`.

use compose::model::{Project, Service};

use super::DRY_RUN;
use super::absent::{GENERATE, PUBLISHING, on_trial};
use super::context::Compose;
use super::request::image_name;
use crate::args::{Command, Flag, Parsed, Section, verb};
use crate::session::{Outcome, Session, complaint};

pub(super) static ALPHA: Command = Command {
    name: "alpha",
    usage: "[OPTIONS] COMMAND",
    short: "Experimental commands",
    long: on_trial!("docker compose alpha", "Experimental commands"),
    hidden: true,
    flags: &[&[DRY_RUN]],
    sections: &[Section {
        title: "Commands",
        commands: &[&GENERATE, &PUBLISH, &VIZ],
    }],
    ..Command::BLANK
};

static PUBLISH: Command = Command {
    long: on_trial!(
        "docker compose alpha publish",
        "Publish compose application"
    ),
    ..PUBLISHING
};

static VIZ: Command = Command {
    name: "viz",
    usage: "[OPTIONS]",
    short: "EXPERIMENTAL - Generate a graphviz graph from your compose file",
    long: on_trial!(
        "docker compose alpha viz",
        "EXPERIMENTAL - Generate a graphviz graph from your compose file"
    ),
    flags: &[&[
        DRY_RUN,
        Flag::bool("image", "Include service's image name in output graph"),
        Flag::int(
            "indentation-size",
            "Number of tabs or spaces to use for indentation",
        )
        .default("1"),
        Flag::bool(
            "networks",
            "Include service's attached networks in output graph",
        ),
        Flag::bool("ports", "Include service's exposed ports in output graph"),
        Flag::bool(
            "spaces",
            "If given, space character ' ' will be used to indent,\notherwise tab character '\\t' will be used",
        ),
    ]],
    action: verb!(viz),
    ..Command::BLANK
};

/// Draws services, and arrows to what they depend on. The real program goes through them in an order left to chance.
async fn viz(session: Session, parsed: Parsed) -> Outcome {
    session.complain("viz command is EXPERIMENTAL");
    let compose = Compose::new(session, &parsed)?;
    let project = compose.seen_project(&[]).await?;
    let size = parsed.int("indentation-size");
    let blank = if parsed.on("spaces") { " " } else { "\t" };
    let indentation = match usize::try_from(size) {
        Ok(size) => blank.repeat(size),
        Err(_) => return Err(complaint(format!("invalid indentation size: {size}"))),
    };
    let mut out = format!(
        "digraph \"{}\" {{\n{indentation}layout=dot;\n",
        project.name
    );
    for service in project.services.values() {
        let name = &service.name;
        let label = label(&project, service, &parsed);
        out += &format!(
            "{indentation}\"{name}\" [style=\"filled\" label=<<font point-size=\"15\">{name}</font>{label}>];\n"
        );
    }
    out.push('\n');
    for service in project.services.values() {
        for other in service.depends_on.keys() {
            out += &format!("{indentation}\"{}\" -> \"{other}\";\n", service.name);
        }
    }
    compose.session.line(&format!("{out}}}\n"));
    Ok(0)
}

fn keys(service: &Service) -> Vec<String> {
    let keys = service.networks_by_priority().into_iter();
    keys.map(|key| key.to_string()).collect()
}

/// What is asked to stand below a service's name.
fn label(project: &Project, service: &Service, parsed: &Parsed) -> String {
    let mut sections = Vec::new();
    if parsed.on("networks") {
        sections.push(("Networks", keys(service)));
    }
    if parsed.on("ports") {
        let ports = service.ports.iter().map(|port| {
            let host = port.host_ip.as_ref().map(|ip| format!("{ip}:"));
            let (host, published) = (host.unwrap_or_default(), port.published.as_deref());
            format!(
                "{host}{}:{} ({}, {})",
                published.unwrap_or_default(),
                port.target,
                port.protocol,
                port.mode
            )
        });
        sections.push(("Ports", ports.collect()));
    }
    if parsed.on("image") {
        sections.push(("Image", vec![image_name(project, service)]));
    }
    let told = sections.into_iter().filter(|(_, lines)| !lines.is_empty());
    told.map(|(title, lines)| {
        format!(
            "<font point-size=\"10\"><br/><br/><b>{title}:</b><br/>{}</font>",
            lines.join("<br/>")
        )
    })
    .collect()
}
