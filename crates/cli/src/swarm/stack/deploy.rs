//! `docker stack deploy` and `config`. Source: docker/cli `command/stack/swarm/deploy_composefile.go`.

use compose::stack::{self, Options, Stack};
use engine::api::{ConfigSpec, Filters, SecretSpec, Service, ServiceSpec, SwarmChange};
use engine::{Class, Client};
use sorted::SortedMap;

use super::super::service::{name_image, put};
use super::super::{driver, joined, progress};
use super::convert::{IMAGE, Named, is_external};
use super::{LABEL, check_name, of, remove};
use crate::args::Parsed;
use crate::compose::context;
use crate::go;
use crate::image;
use crate::session::{Failure, Outcome, STDIN, Session, complaint, refused, said};

/// More than a file on standard input may hold.
const MOST: usize = 1 << 20;

/// Reads the files that the flags name.
async fn load(session: &Session, parsed: &Parsed) -> Result<Stack, String> {
    let named = parsed.all("compose-file");
    let Some(first) = named.first() else {
        return Err("Specify a Compose file (with --compose-file)".into());
    };
    let mut options = Options {
        skip_interpolation: parsed.on("skip-interpolation"),
        environment: context::environment(&session.sys),
        working_dir: session.sys.cwd(),
        ..Options::default()
    };
    for name in named {
        options.files.push(match name.as_str() {
            "-" => {
                let text = session.sys.read_all(STDIN, MOST).await;
                String::from_utf8_lossy(&text.unwrap_or_default()).into_owned()
            }
            file => session
                .sys
                .read_text(file)
                .map_err(|e| format!("open {file}: {}", e.text().to_ascii_lowercase()))?,
        });
    }
    if first != "-" {
        let path = kernel::fs::path::absolute(&options.working_dir, first);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        options.working_dir = if folder.is_empty() { "/" } else { folder }.to_owned();
    }
    let sys = session.sys.clone();
    stack::load(&options, &|path| {
        sys.read_text(path)
            .map_err(|e| format!("open {path}: {}", e.text().to_ascii_lowercase()))
    })
}

pub(super) async fn config(session: Session, parsed: Parsed) -> Outcome {
    let stack = load(&session, &parsed).await.map_err(complaint)?;
    session.sys.out(&stack::yaml(&stack));
    Ok(0)
}

pub(super) async fn run(session: Session, parsed: Parsed) -> Outcome {
    let name = parsed.arg(0);
    check_name(name).map_err(complaint)?;
    let stack = load(&session, &parsed).await.map_err(complaint)?;
    for notice in &stack.notices {
        session.complain(notice);
    }
    let named = Named {
        name,
        stack: &stack,
    };
    for (key, service) in named.section("services") {
        let image = service.text("image").unwrap_or_default();
        let wrong =
            |why: &str| complaint(format!("invalid image reference for service {key}: {why}"));
        if image.is_empty() {
            return Err(wrong("no image specified"));
        }
        image::pull::check_name(&image).map_err(|why| wrong(&why))?;
    }
    let resolve = parsed.text("resolve-image");
    if !matches!(resolve, "always" | "changed" | "never") {
        return Err(complaint(format!(
            "Invalid option {resolve} for flag --resolve-image"
        )));
    }
    if parsed.on("detach") && !parsed.given("detach") {
        session.complain(
            "Since --detach=false was not specified, tasks will be created in the background.\n\
             In a future release, --detach=false will become the default.",
        );
    }
    let client = session.client()?;
    if !client.info().map_err(refused)?.swarm.control_available {
        return Err(complaint(
            "this node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again",
        ));
    }
    let filters = || of(name, Filters::new());
    if parsed.on("prune") {
        let services = client.service_list(filters(), false).map_err(refused)?;
        let kept: Vec<String> = named
            .section("services")
            .map(|(key, _)| named.scoped(key))
            .collect();
        let gone = services
            .into_iter()
            .filter(|s| !kept.contains(&s.spec.name));
        remove::remove_services(&session, &client, gone.collect()).await;
    }
    make_networks(&session, &client, &named).await?;
    make_files(&session, &client, &named, "secret").await?;
    make_files(&session, &client, &named, "config").await?;
    let ids = make_services(&session, &client, &named, resolve).await?;
    let mut complaints = Vec::new();
    if !parsed.on("detach") {
        for id in ids {
            let quiet = parsed.on("quiet");
            if let Err(why) = progress::wait(&session, &client, &id, quiet).await {
                complaints.push(format!("{id}: {why}"));
            }
        }
    }
    joined(complaints)
}

async fn make_networks(
    session: &Session,
    client: &Client,
    named: &Named<'_>,
) -> Result<(), Failure> {
    for name in named.external_networks() {
        let declared = format!("network {} is declared as external, but", go::quote(&name));
        match client.network_inspect(name.as_str(), false) {
            Ok(network) if network.scope != "swarm" => {
                return Err(complaint(format!(
                    "{declared} it is not in the right scope: {} instead of \"swarm\"",
                    go::quote(&network.scope)
                )));
            }
            Ok(_) => {}
            Err(error) if error.class() == Class::NotFound => {
                return Err(complaint(format!(
                    "{declared} could not be found. You need to create a swarm-scoped network before the stack is deployed"
                )));
            }
            Err(error) => return Err(refused(error)),
        }
    }
    let there = client.network_list(of(named.name, Filters::new()));
    let there = there.map_err(refused)?;
    for request in named.networks() {
        if there.iter().any(|network| network.name == request.name) {
            continue;
        }
        let name = request.name.clone();
        session.line(&format!("Creating network {name}"));
        client.network_create(request).await.map_err(|error| {
            complaint(format!("failed to create network {name}: {}", said(&error)))
        })?;
    }
    Ok(())
}

/// Makes secrets, or configs, and gives those that are there their new labels.
async fn make_files(
    session: &Session,
    client: &Client,
    named: &Named<'_>,
    kind: &str,
) -> Result<(), Failure> {
    let mut wanted = Vec::new();
    for (key, entry) in named.section(&format!("{kind}s")) {
        if is_external(entry) {
            continue;
        }
        let file = entry.text("file").unwrap_or_default();
        let data = match entry.text("driver") {
            Some(_) => String::new(),
            None => wire::base64::encode(&session.sys.read_file(&file).map_err(|errno| {
                let why = errno.text().to_ascii_lowercase();
                complaint(format!("open {file}: {why}"))
            })?),
        };
        let mut labels = entry.pairs("labels");
        labels.insert(LABEL.into(), named.name.to_owned());
        wanted.push(SecretSpec {
            name: named.name_of(key, Some(entry)),
            labels,
            data,
            driver: entry.text("driver").map(|name| driver(&name)),
            templating: entry.text("template_driver").map(|name| driver(&name)),
        });
    }
    for spec in wanted {
        let name = spec.name.clone();
        let known = match kind {
            "secret" => client
                .secret_inspect(name.as_str())
                .map(|it| (it.id, it.version)),
            _ => client
                .config_inspect(name.as_str())
                .map(|it| (it.id, it.version)),
        };
        let config = |spec: SecretSpec| ConfigSpec {
            name: spec.name,
            labels: spec.labels,
            data: spec.data,
            templating: spec.templating,
        };
        let (change, verb) = match (known, kind) {
            (Ok((id, version)), "secret") => {
                let version = version.index;
                (SwarmChange::Secret { id, version, spec }, "update")
            }
            (Ok((id, version)), _) => {
                let (version, spec) = (version.index, config(spec));
                (SwarmChange::Config { id, version, spec }, "update")
            }
            (Err(error), _) if error.class() != Class::NotFound => return Err(refused(error)),
            (Err(_), kind) => {
                session.line(&format!("Creating {kind} {name}"));
                let change = match kind {
                    "secret" => SwarmChange::SecretCreate(spec),
                    _ => SwarmChange::ConfigCreate(config(spec)),
                };
                (change, "create")
            }
        };
        client.swarm_change(change).await.map_err(|error| {
            complaint(format!("failed to {verb} {kind} {name}: {}", said(&error)))
        })?;
    }
    Ok(())
}

/// Makes services and changes those that are there. Returns their ids.
async fn make_services(
    session: &Session,
    client: &Client,
    named: &Named<'_>,
    resolve: &str,
) -> Result<Vec<String>, Failure> {
    let mut specs: Vec<ServiceSpec> = Vec::new();
    for (key, service) in named.section("services") {
        let mut spec = named
            .service(client, key, service)
            .map_err(|why| complaint(format!("service {key}: {why}")))?;
        for network in &mut spec.task_template.networks {
            if let Ok(found) = client.network_inspect(network.target.as_str(), false) {
                network.target = found.id;
            }
        }
        specs.push(spec);
    }
    let there = client.service_list(of(named.name, Filters::new()), false);
    let mut there: SortedMap<String, Service> = there
        .map_err(refused)?
        .into_iter()
        .map(|service| (service.spec.name.clone(), service))
        .collect();
    let mut ids = Vec::new();
    for mut spec in specs {
        let name = spec.name.clone();
        let failed =
            |verb: &str, why: String| complaint(format!("failed to {verb} service {name}: {why}"));
        let Some(service) = there.remove(&name) else {
            session.line(&format!("Creating service {name}"));
            name_image(&mut spec);
            let change = SwarmChange::ServiceCreate {
                spec: Box::new(spec),
                query_registry: resolve != "never",
            };
            let made = client.swarm_change(change).await;
            ids.push(made.map_err(|error| failed("create", said(&error)))?.id);
            continue;
        };
        session.line(&format!("Updating service {name} (id: {})", service.id));
        let same = spec.labels.get(IMAGE) == service.spec.labels.get(IMAGE);
        let query = resolve == "always" || resolve == "changed" && !same;
        let old = &service.spec.task_template;
        if let (false, true, Some(container), Some(before)) = (
            query,
            same,
            &mut spec.task_template.container_spec,
            &old.container_spec,
        ) {
            container.image.clone_from(&before.image);
        }
        spec.task_template.force_update = old.force_update;
        let done = put(session, client, &service, spec, (false, query)).await;
        done.map_err(|why| failed("update", why))?;
        ids.push(service.id);
    }
    Ok(ids)
}
