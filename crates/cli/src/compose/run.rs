//! `docker compose run`.

use compose::config::service_hash;
use compose::model::{Bind, Project, Service};
use compose::plan::{self, Container, Identity, Reach, container_labels, select};
use engine::api::{ContainerCreateRequest, WaitCondition};
use engine::{Client, sha256};
use sorted::SortedMap;

use super::context::{Compose, Scope};
use super::converge::Creation;
use super::request::{Particular, request};
use super::{DRY_RUN, log, up};
use crate::args::{ArgRule, Command, Flag, Kind, Parsed, verb};
use crate::container::{ports, start, streams};
use crate::pairs;
use crate::session::{Failure, Outcome, STDOUT, Session, complaint, refused};

pub(super) static COMMAND: Command = Command {
    name: "run",
    usage: "[OPTIONS] SERVICE [COMMAND] [ARGS...]",
    short: "Run a one-off command on a service",
    flags: &[&[
        DRY_RUN,
        Flag::bool("tty", "Allocate a pseudo-TTY")
            .short('t')
            .hidden(),
        Flag::bool("build", "Build image before starting container"),
        Flag::list("cap-add", "Add Linux capabilities"),
        Flag::list("cap-drop", "Drop Linux capabilities"),
        Flag::bool(
            "detach",
            "Run container in background and print container ID",
        )
        .short('d'),
        Flag::text("entrypoint", "Override the entrypoint of the image"),
        Flag::new(
            Kind::List("stringArray"),
            "env",
            "Set environment variables",
        )
        .short('e'),
        Flag::new(
            Kind::List("stringArray"),
            "env-from-file",
            "Set environment variables from file",
        ),
        Flag::bool("interactive", "Keep STDIN open even if not attached")
            .short('i')
            .default("true"),
        Flag::new(
            Kind::List("stringArray"),
            "label",
            "Add or override a label",
        )
        .short('l'),
        Flag::text("name", "Assign a name to the container"),
        Flag::bool(
            "no-TTY",
            "Disable pseudo-TTY allocation (default: auto-detected)",
        )
        .short('T')
        .default("true"),
        Flag::bool("no-deps", "Don't start linked services"),
        Flag::new(
            Kind::List("stringArray"),
            "publish",
            "Publish a container's port(s) to the host",
        )
        .short('p'),
        Flag::text(
            "pull",
            "Pull image before running (\"always\"|\"missing\"|\"never\")",
        )
        .default("policy"),
        Flag::bool("quiet", "Don't print anything to STDOUT").short('q'),
        Flag::bool(
            "quiet-build",
            "Suppress progress output from the build process",
        ),
        Flag::bool("quiet-pull", "Pull without printing progress information"),
        Flag::bool(
            "remove-orphans",
            "Remove containers for services not defined in the Compose file",
        ),
        Flag::bool("rm", "Automatically remove the container when it exits"),
        Flag::bool(
            "service-ports",
            "Run command with all service's ports enabled and mapped to the host",
        )
        .short('P'),
        Flag::bool(
            "use-aliases",
            "Use the service's network useAliases in the network(s) the container connects to",
        ),
        Flag::text("user", "Run as specified username or uid").short('u'),
        Flag::new(Kind::List("stringArray"), "volume", "Bind mount a volume").short('v'),
        Flag::text("workdir", "Working directory inside the container").short('w'),
    ]],
    args: ArgRule::AtLeast(1),
    interspersed: false,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    if parsed.given("publish") && parsed.on("service-ports") {
        return Err(complaint("--service-ports and --publish are incompatible"));
    }
    let name = parsed.arg(0).to_owned();
    let mut project = compose.seen_project(std::slice::from_ref(&name)).await?;
    if parsed.on("no-deps") {
        select(&mut project, std::slice::from_ref(&name), Reach::Alone).map_err(complaint)?;
    }
    let Some(service) = project.services.get(&name).cloned() else {
        return Err(complaint(format!("no such service: {name}")));
    };
    let compose = match parsed.on("quiet") {
        false => compose,
        true => compose.silent(),
    };
    up::refuse_building(&project, &parsed)?;
    if compose.dry && !parsed.on("detach") {
        return Err(complaint(
            "interactive run is not supported in dry-run mode",
        ));
    }
    let creation = Creation {
        remove_orphans: up::removes_orphans(&compose, &parsed),
        ignore_orphans: compose.is_set(up::IGNORE_ORPHANS),
        pull: up::pull(&parsed)?,
        ..Creation::default()
    };
    start_dependencies(&compose, &project, &name, &creation).await?;
    let mut service = changed(&compose, service, &parsed);
    service
        .environment
        .extend(environment(&compose, &project, &parsed)?);
    for spec in parsed.all("volume") {
        let mut mount = Bind::parse(spec).map_err(complaint)?;
        if let Some(source) = mount.source.as_mut().filter(|_| mount.kind == "bind") {
            *source = kernel::fs::path::absolute(&compose.session.sys.cwd(), source);
        }
        service.volumes.retain(|m| m.target != mount.target);
        service.volumes.push(mount);
    }
    let detached = parsed.on("detach");
    let interactive = parsed.on("interactive") && !detached;
    let id = make(&compose, &project, service, &creation, interactive, &parsed).await?;
    if compose.dry {
        compose.session.line(&id);
        return Ok(0);
    }
    let client = compose.client()?;
    if detached {
        return start::detached(&compose.session, &client, &[id]).await;
    }
    foreground(&compose.session, &client, &id, interactive, &parsed).await
}

/// Makes the networks, and starts what the service needs.
async fn start_dependencies(
    compose: &Compose,
    project: &Project,
    name: &str,
    creation: &Creation,
) -> Result<(), Failure> {
    let mut others = project.clone();
    if let Some(service) = others.services.remove(name) {
        others.disabled_services.insert(name.to_owned(), service);
    }
    compose.bring_about(&others, creation).await?;
    if !others.services.is_empty() {
        compose.start_services(&others).await?;
    }
    Ok(())
}

/// Applies the flags to the service.
fn changed(compose: &Compose, mut service: Service, parsed: &Parsed) -> Service {
    let command = parsed.args.get(1..).unwrap_or(&[]);
    if !command.is_empty() {
        service.command = Some(command.to_vec());
    }
    if let Some(entrypoint) = parsed.given_text("entrypoint") {
        let words = entrypoint.split_whitespace().map(str::to_owned);
        service.entrypoint = Some(words.collect());
        if command.is_empty() {
            service.command = Some(Vec::new());
        }
    }
    if let Some(user) = parsed.given_text("user") {
        service.user = Some(user.to_owned());
    }
    if let Some(dir) = parsed.given_text("workdir") {
        service.working_dir = Some(dir.to_owned());
    }
    service.tty = tty(compose, parsed);
    service.stdin_open = parsed.on("interactive");
    service.restart = None;
    service.restart_policy = None;
    service.container_name = parsed.given_text("name").map(str::to_owned);
    service
        .cap_add
        .extend(parsed.all("cap-add").iter().cloned());
    service
        .cap_drop
        .extend(parsed.all("cap-drop").iter().cloned());
    service.labels.extend(pairs::map(parsed.all("label")));
    if !parsed.on("service-ports") {
        service.ports.clear();
    }
    service
}

/// The variables of `--env` and, below them, of `--env-from-file`. One that is only named and not set changes nothing.
fn environment(
    compose: &Compose,
    project: &Project,
    parsed: &Parsed,
) -> Result<SortedMap<String, Option<String>>, Failure> {
    let given = parsed
        .all("env")
        .iter()
        .filter_map(|variable| match variable.split_once('=') {
            Some((name, value)) => Some((name.to_owned(), value.to_owned())),
            None => Some((variable.clone(), project.environment.get(variable)?.clone())),
        });
    let mut variables: SortedMap<String, String> = given.collect();
    for file in parsed.all("env-from-file") {
        let read = compose.session.sys.read_file(file).map_err(|e| {
            complaint(format!(
                "open {file}: {}",
                e.to_string().to_ascii_lowercase()
            ))
        })?;
        let mut warnings = Vec::new();
        let known = |name: &str| variables.get(name).cloned();
        let read = compose::env_file(&String::from_utf8_lossy(&read), &known, &mut warnings);
        for warning in &warnings {
            log::warn(&compose.session, warning);
        }
        // With a file that cannot be understood, nothing is set at all.
        let Ok(read) = read else {
            return Ok(SortedMap::new());
        };
        for (name, value) in read {
            variables.entry(name).or_insert(value);
        }
    }
    let variables = variables.into_iter();
    Ok(variables.map(|(name, value)| (name, Some(value))).collect())
}

fn tty(compose: &Compose, parsed: &Parsed) -> bool {
    match parsed.given("no-TTY") {
        true => !parsed.on("no-TTY"),
        false => compose.session.sys.is_tty(STDOUT),
    }
}

/// Makes the container and returns its id.
async fn make(
    compose: &Compose,
    project: &Project,
    mut service: Service,
    creation: &Creation,
    interactive: bool,
    parsed: &Parsed,
) -> Result<String, Failure> {
    let mut own = project.clone();
    own.services = [(service.name.clone(), service.clone())].into();
    let images = compose.ensure_images(&own, creation)?;
    let seen = compose.containers(&project.name, Scope::WITH_ONE_OFF)?;
    if !parsed.on("no-deps") {
        compose.wait_for_needs(project, &service, &seen).await?;
    }
    share(&mut service, &seen)?;
    let slug = slug(compose, project, &service);
    let name = service.container_name.clone().unwrap_or_else(|| {
        let short = slug.get(..12).unwrap_or(&slug);
        format!("{}-{}-run-{short}", project.name, service.name)
    });
    let identity = Identity {
        number: None,
        config_hash: service_hash(&service),
        image: images.get(&service.name).cloned().unwrap_or_default(),
        replaces: None,
        slug: Some(slug),
        env_files: compose.env_files(),
    };
    let particular = Particular {
        name: name.clone(),
        labels: container_labels(project, &service, &identity),
        links: compose.links(project, &service, 1)?,
        with_service: parsed.on("use-aliases"),
        auto_remove: parsed.on("rm"),
        attach_stdin: interactive,
        ..Particular::default()
    };
    let mut request = request(project, &service, particular)?;
    publish(&mut request, parsed.all("publish"))?;
    if compose.dry {
        return Ok(name);
    }
    let created = compose
        .client()?
        .container_create(name, request)
        .map_err(refused)?;
    compose.inject(project, &service, &created.id)?;
    Ok(created.id)
}

fn share(service: &mut Service, seen: &[Container]) -> Result<(), Failure> {
    plan::share_namespaces(service, |name| {
        let own = seen.iter().filter(|c| c.service == name && !c.one_off);
        own.min_by(|a, b| a.name.cmp(&b.name)).map(|c| c.id.clone())
    })
    .map_err(complaint)
}

/// Returns 64 hexadecimal digits that no other run has.
fn slug(compose: &Compose, project: &Project, service: &Service) -> String {
    let (seconds, nanos) = compose.session.sys.wall_clock();
    let text = format!("{} {} {seconds} {nanos}", project.name, service.name);
    sha256::hex(text.as_bytes())
}

/// Adds the ports of `--publish`.
fn publish(request: &mut ContainerCreateRequest, given: &[String]) -> Result<(), Failure> {
    let ports = ports::ports(given, &[]).map_err(complaint)?;
    request.config.exposed_ports.extend(ports.exposed);
    let bindings = &mut request.host_config.port_bindings;
    bindings.get_or_insert_default().extend(ports.bindings);
    Ok(())
}

/// Starts the container and stays with it.
async fn foreground(
    session: &Session,
    client: &Client,
    id: &str,
    interactive: bool,
    parsed: &Parsed,
) -> Outcome {
    let tty = match parsed.given("no-TTY") {
        true => !parsed.on("no-TTY"),
        false => session.sys.is_tty(STDOUT),
    };
    let condition = match parsed.on("rm") {
        true => WaitCondition::Removed,
        false => WaitCondition::NextExit,
    };
    let waiting = streams::Waiting::begin(session, client, id, condition);
    let options = streams::attach_options(session, interactive, true, true, tty);
    let attached = client.container_attach(id, options).map_err(refused)?;
    if !tty {
        streams::proxy_signals(session, client, id);
    }
    client.container_start(id).await.map_err(refused)?;
    streams::carry(session, attached).await?;
    let code = waiting.exit_code().await;
    if code != 0 {
        // Compose prints its error, which has no text.
        session.complain("");
    }
    Ok(code)
}
