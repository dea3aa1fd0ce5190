//! Coming into a swarm and out of it: `docker swarm init`, `join`, `join-token`, `leave`, `unlock`.

use engine::Client;
use engine::api::{SwarmChange, SwarmInitRequest, SwarmJoinRequest, SwarmSpec};
use ipnet::IpNet;

use super::settings;
use crate::args::{Parsed, split_commas};
use crate::go;
use crate::session::{Failure, Outcome, STDIN, Session, complaint, refused, said};

/// The port that managers listen on unless another is named.
const PORT: &str = "2377";

/// Rejects what are no blocks of addresses. Source: pflag `ipnet_slice.go`.
pub(super) fn check_blocks(text: &str) -> Result<(), String> {
    match blocks(text).find(|block| block.parse::<IpNet>().is_err()) {
        Some(bad) => Err(format!("invalid string being converted to CIDR: {bad}")),
        None => Ok(()),
    }
}

fn blocks(text: &str) -> impl Iterator<Item = String> {
    // Quotes are taken out before.
    let text: String = text.chars().filter(|c| !"\"'`".contains(*c)).collect();
    split_commas(&text)
        .unwrap_or_default()
        .into_iter()
        .map(|block| block.trim().to_owned())
}

/// Returns `--listen-addr` with its port.
fn listen(parsed: &Parsed) -> String {
    let given = parsed.text("listen-addr");
    let given = given.strip_prefix("tcp://").unwrap_or(given);
    let (host, port) = match given.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port),
        _ => (given, PORT),
    };
    let host = if host.is_empty() { "0.0.0.0" } else { host };
    format!("{host}:{port}")
}

/// Returns `--availability`, if it was given.
fn availability(parsed: &Parsed) -> Result<String, Failure> {
    let Some(given) = parsed.given_text("availability") else {
        return Ok(String::new());
    };
    let small = given.to_ascii_lowercase();
    match small.as_str() {
        "active" | "pause" | "drain" => Ok(small),
        _ => Err(complaint(format!(
            "invalid availability {}, only active, pause and drain are supported",
            go::quote(given)
        ))),
    }
}

pub(super) async fn init(session: Session, parsed: Parsed) -> Outcome {
    let mut spec = SwarmSpec::default();
    settings::merge(&parsed, &mut spec, "");
    let request = SwarmInitRequest {
        listen_addr: listen(&parsed),
        advertise_addr: parsed.text("advertise-addr").to_owned(),
        data_path_addr: parsed.text("data-path-addr").to_owned(),
        data_path_port: u32::try_from(parsed.int("data-path-port")).unwrap_or(0),
        force_new_cluster: parsed.on("force-new-cluster"),
        spec,
        auto_lock_managers: parsed.on("autolock"),
        availability: availability(&parsed)?,
        default_addr_pool: parsed
            .all("default-addr-pool")
            .iter()
            .flat_map(|text| blocks(text))
            .filter_map(|block| block.parse::<IpNet>().ok())
            .map(|block| block.trunc().to_string())
            .collect(),
        subnet_size: u32::try_from(parsed.int("default-addr-pool-mask-length")).unwrap_or(0),
    };
    let client = session.client()?;
    let node = client.swarm_init(request).await.map_err(|error| {
        let text = said(&error);
        let guess = [
            "could not choose an IP address to advertise",
            "could not find the system's IP address",
        ];
        complaint(match guess.iter().any(|part| text.contains(part)) {
            true => text + " - specify one with --advertise-addr",
            false => text,
        })
    })?;
    session.line(&format!(
        "Swarm initialized: current node ({node}) is now a manager.\n"
    ));
    tell_how_to_join(&session, &client, &node, "worker")?;
    session.line(
        "To add a manager to this swarm, run 'docker swarm join-token manager' and follow the instructions.",
    );
    if parsed.on("autolock") {
        let key = client.swarm_unlock_key();
        let key = key
            .map_err(|error| complaint(format!("could not fetch unlock key: {}", said(&error))))?;
        settings::tell_key(&session, &key);
    }
    Ok(0)
}

/// Tells what lets a worker or a manager join.
fn tell_how_to_join(
    session: &Session,
    client: &Client,
    node: &str,
    role: &str,
) -> Result<(), Failure> {
    let node = client
        .node_inspect(super::node::own(client, node))
        .map_err(refused)?;
    let token = token(client, role)?;
    if let Some(manager) = node.manager_status {
        session.line(&format!(
            "To add a {role} to this swarm, run the following command:\n\n    docker swarm join --token {token} {}\n",
            manager.addr
        ));
    }
    Ok(())
}

/// Returns what lets a worker or a manager join.
fn token(client: &Client, role: &str) -> Result<String, Failure> {
    let swarm = client.swarm_inspect().map_err(refused)?;
    let tokens = swarm.join_tokens.unwrap_or_default();
    Ok(match role {
        "worker" => tokens.worker,
        _ => tokens.manager,
    })
}

pub(super) async fn join(session: Session, parsed: Parsed) -> Outcome {
    let request = SwarmJoinRequest {
        listen_addr: listen(&parsed),
        advertise_addr: parsed.text("advertise-addr").to_owned(),
        data_path_addr: parsed.text("data-path-addr").to_owned(),
        remote_addrs: vec![parsed.arg(0).to_owned()],
        join_token: parsed.text("token").to_owned(),
        availability: availability(&parsed)?,
    };
    let client = session.client()?;
    client.swarm_join(request).await.map_err(refused)?;
    let swarm = client.info().map_err(refused)?.swarm;
    session.line(match swarm.control_available {
        true => "This node joined a swarm as a manager.",
        false => "This node joined a swarm as a worker.",
    });
    Ok(0)
}

pub(super) async fn join_token(session: Session, parsed: Parsed) -> Outcome {
    let role = parsed.arg(0);
    if !matches!(role, "worker" | "manager") {
        return Err(complaint(format!("unknown role {role}")));
    }
    let client = session.client()?;
    let quiet = parsed.on("quiet");
    if parsed.on("rotate") {
        let swarm = client.swarm_inspect().map_err(refused)?;
        let change = SwarmChange::Swarm {
            version: swarm.version.index,
            spec: Box::new(swarm.spec),
            rotate_worker: role == "worker",
            rotate_manager: role == "manager",
            rotate_key: false,
        };
        client.swarm_change(change).await.map_err(refused)?;
        if !quiet {
            session.line(&format!("Successfully rotated {role} join token.\n"));
        }
    }
    if quiet {
        session.line(&token(&client, role)?);
        return Ok(0);
    }
    // Asked for first, as a manager alone knows it.
    token(&client, role)?;
    let node = client.info().map_err(refused)?.swarm.node_id;
    tell_how_to_join(&session, &client, &node, role)?;
    Ok(0)
}

pub(super) async fn leave(session: Session, parsed: Parsed) -> Outcome {
    let left = session.client()?.swarm_leave(parsed.on("force")).await;
    left.map_err(refused)?;
    session.line("Node left the swarm.");
    Ok(0)
}

pub(super) async fn unlock(session: Session, _parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let state = client.info().map_err(refused)?.swarm.local_node_state;
    match state.as_str() {
        "locked" => {}
        "inactive" => return Err(complaint("Error: This node is not part of a swarm")),
        _ => return Err(complaint("Error: swarm is not locked")),
    }
    if session.sys.is_tty(STDIN) {
        session.sys.out("Enter unlock key: ");
    }
    let mut key = Vec::new();
    while let Ok(piece) = session.sys.read(STDIN, 1).await {
        if piece.is_empty() || piece.as_ref() == b"\n" || key.len() > 256 {
            break;
        }
        key.extend_from_slice(&piece);
    }
    let key = String::from_utf8_lossy(&key).trim().to_owned();
    client.swarm_unlock(key).await.map_err(refused)?;
    Ok(0)
}
