//! Settings of a swarm: `docker swarm update`, `ca`, `unlock-key`. Source: docker/cli `command/swarm/opts.go`, `ca.go`.

use engine::Client;
use engine::api::{ExternalCa, Filters, Swarm, SwarmChange, SwarmNode, SwarmSpec, TlsInfo};
use kernel::time::Duration;

use super::progress::Display;
use crate::args::{Parsed, split_commas, use_line};
use crate::session::{Failure, Outcome, Session, complaint, refused, said};

/// Rejects what tells of no authority.
pub(super) fn check_external_ca(text: &str) -> Result<(), String> {
    external_ca(text).map(|_valid| ())
}

fn external_ca(text: &str) -> Result<ExternalCa, String> {
    let mut ca = ExternalCa::default();
    for field in split_commas(text)? {
        let (key, value) = field
            .split_once('=')
            .ok_or_else(|| format!("invalid field '{field}' must be a key=value pair"))?;
        match key {
            "protocol" if value.eq_ignore_ascii_case("cfssl") => ca.protocol = "cfssl".into(),
            "protocol" => return Err(format!("unrecognized external CA protocol {value}")),
            "url" => value.clone_into(&mut ca.url),
            key => drop(ca.options.insert(key.to_owned(), value.to_owned())),
        }
    }
    for (what, name) in [(&ca.protocol, "protocol"), (&ca.url, "url")] {
        if what.is_empty() {
            return Err(format!("the external-ca option needs a {name}= parameter"));
        }
    }
    Ok(ca)
}

/// Lays what the flags say over what a swarm is to be like.
pub(super) fn merge(parsed: &Parsed, spec: &mut SwarmSpec, root: &str) {
    let number = |flag: &str| u64::try_from(parsed.int(flag)).unwrap_or(0);
    if parsed.given("task-history-limit") {
        spec.orchestration.task_history_retention_limit = Some(parsed.int("task-history-limit"));
    }
    if parsed.given("dispatcher-heartbeat") {
        spec.dispatcher.heartbeat_period = parsed.duration("dispatcher-heartbeat");
    }
    if parsed.given("max-snapshots") {
        spec.raft.keep_old_snapshots = Some(number("max-snapshots"));
    }
    if parsed.given("snapshot-interval") {
        spec.raft.snapshot_interval = number("snapshot-interval");
    }
    if parsed.given("autolock") {
        spec.encryption_config.auto_lock_managers = parsed.on("autolock");
    }
    if parsed.given("cert-expiry") {
        spec.ca_config.node_cert_expiry = parsed.duration("cert-expiry");
    }
    if parsed.given("external-ca") {
        let authorities = parsed.all("external-ca").iter();
        spec.ca_config.external_cas = authorities
            .filter_map(|text| external_ca(text).ok())
            .map(|ca| ExternalCa {
                ca_cert: root.to_owned(),
                ..ca
            })
            .collect();
    }
}

/// Asks managers to make the swarm like `spec`.
async fn put(client: &Client, swarm: Swarm, rotate_key: bool) -> Result<(), Failure> {
    let change = SwarmChange::Swarm {
        version: swarm.version.index,
        spec: Box::new(swarm.spec),
        rotate_worker: false,
        rotate_manager: false,
        rotate_key,
    };
    client.swarm_change(change).await.map_err(refused)?;
    Ok(())
}

pub(super) async fn update(session: Session, parsed: Parsed) -> Outcome {
    if !parsed.command.flags().any(|f| parsed.given(f.name)) {
        let context = crate::program::help_context(&session);
        let text = crate::args::help(parsed.command, &parsed.path, context);
        session.sys.out(&text);
        return Ok(0);
    }
    let client = session.client()?;
    let mut swarm = client.swarm_inspect().map_err(refused)?;
    let locked = swarm.spec.encryption_config.auto_lock_managers;
    merge(&parsed, &mut swarm.spec, &swarm.tls_info.trust_root);
    let locks = swarm.spec.encryption_config.auto_lock_managers;
    put(&client, swarm, false).await?;
    session.line("Swarm updated.");
    if locks && !locked {
        tell_key(&session, &key(&client)?);
    }
    Ok(0)
}

fn key(client: &Client) -> Result<String, Failure> {
    let key = client.swarm_unlock_key();
    key.map_err(|error| complaint(format!("could not fetch unlock key: {}", said(&error))))
}

/// Tells what unlocks managers that restart.
pub(super) fn tell_key(session: &Session, key: &str) {
    if !key.is_empty() {
        session.line(&format!(
            "To unlock a swarm manager after it restarts, run the `docker swarm unlock`\n\
             command and provide the following key:\n\n    {key}\n\n\
             Remember to store this key in a password manager, since without it you\n\
             will not be able to restart the manager."
        ));
    }
}

pub(super) async fn unlock_key(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let quiet = parsed.on("quiet");
    if parsed.on("rotate") {
        let swarm = client.swarm_inspect().map_err(refused)?;
        if !swarm.spec.encryption_config.auto_lock_managers {
            return Err(complaint("cannot rotate because autolock is not turned on"));
        }
        put(&client, swarm, true).await?;
        if !quiet {
            session.line("Successfully rotated manager unlock key.");
        }
    }
    let key = key(&client)?;
    match quiet {
        _ if key.is_empty() => return Err(complaint("no unlock key is set")),
        true => session.line(&key),
        false => tell_key(&session, &key),
    }
    Ok(0)
}

pub(super) async fn ca(session: Session, parsed: Parsed) -> Outcome {
    let certificate = pem(&session, &parsed, "ca-cert")?;
    let signing_key = pem(&session, &parsed, "ca-key")?;
    let client = session.client()?;
    let mut swarm = client.swarm_inspect().map_err(refused)?;
    if !parsed.on("rotate") {
        let changes = ["ca-cert", "ca-key", "cert-expiry", "external-ca"];
        if let Some(flag) = changes.iter().find(|flag| parsed.given(flag)) {
            return Err(complaint(format!(
                "`--{flag}` flag requires the `--rotate` flag to update the CA"
            )));
        }
        return tell_root(&session, &swarm);
    }
    if parsed.given("external-ca") && !parsed.given("ca-cert") {
        return Err(complaint(
            "rotating to an external CA requires the `--ca-cert` flag to specify the external CA's cert - \
             to add an external CA with the current root CA certificate, use the `update` command instead",
        ));
    }
    if parsed.given("ca-cert") && !parsed.given("external-ca") && !parsed.given("ca-key") {
        return Err(complaint(
            "the --ca-cert flag requires that a --ca-key flag and/or --external-ca flag be provided as well",
        ));
    }
    merge(&parsed, &mut swarm.spec, &certificate);
    let config = &mut swarm.spec.ca_config;
    if certificate.is_empty() && signing_key.is_empty() {
        config.force_rotate += 1;
    }
    config.signing_ca_cert = certificate;
    config.signing_ca_key = signing_key;
    put(&client, swarm, false).await?;
    if parsed.on("detach") {
        return Ok(0);
    }
    let mut display = Display::new(&session, parsed.on("quiet"));
    display.show(DIGEST, "", None);
    display.show(CERTIFICATES, "", None);
    display.show(ROOTS, " ", None);
    loop {
        let swarm = client.swarm_inspect().map_err(refused)?;
        let nodes = client.node_list(Filters::new()).map_err(refused)?;
        if tell_rotation(&mut display, &swarm, &nodes) {
            return tell_root(&session, &swarm);
        }
        if session.sys.sleep(Duration::from_millis(200)).await.is_err() {
            return Ok(0);
        }
    }
}

/// The lines of a rotation.
const DIGEST: &str = "desired root digest";
const CERTIFICATES: &str = "  rotated TLS certificates";
const ROOTS: &str = "  rotated CA certificates";

/// Tells how far the rotation of the root certificate is. Returns whether it is over.
fn tell_rotation(display: &mut Display<'_>, swarm: &Swarm, nodes: &[SwarmNode]) -> bool {
    let root = &swarm.tls_info;
    let count = |fits: fn(&TlsInfo, &TlsInfo) -> bool| {
        let right = nodes
            .iter()
            .filter(|node| fits(&node.description.tls_info, root));
        right.count()
    };
    let certificates = count(|own, root| {
        own.cert_issuer_subject == root.cert_issuer_subject
            && own.cert_issuer_public_key == root.cert_issuer_public_key
    });
    let roots = count(|own, root| own.trust_root == root.trust_root);
    let total = nodes.len();
    let issued = certificates == total && !swarm.root_rotation_in_progress;
    let digest = engine::sha256::hex(root.trust_root.as_bytes());
    display.show(DIGEST, &format!("sha256:{digest}"), None);
    display.show(CERTIFICATES, "", Some((certificates, total)));
    display.show(ROOTS, " ", Some((if issued { roots } else { 0 }, total)));
    issued && roots == total
}

fn tell_root(session: &Session, swarm: &Swarm) -> Outcome {
    match swarm.tls_info.trust_root.trim() {
        "" => Err(complaint("No CA information available")),
        root => {
            session.line(root);
            Ok(0)
        }
    }
}

/// Reads a file that a flag names, as the flag's own reading does.
fn pem(session: &Session, parsed: &Parsed, flag: &str) -> Result<String, Failure> {
    let Some(file) = parsed.given_text(flag) else {
        return Ok(String::new());
    };
    let why = match session.sys.read_text(file) {
        Ok(text) if text.contains("-----BEGIN ") => return Ok(text),
        Ok(_) => "file contents must be in PEM format".to_owned(),
        Err(errno) => format!("open {file}: {}", errno.text().to_ascii_lowercase()),
    };
    Err(Failure {
        text: format!(
            "invalid argument {} for \"--{flag}\" flag: {why}\n\nUsage:  {}\n\nRun '{path} --help' for more information",
            crate::go::quote(file),
            use_line(parsed.command, &parsed.path),
            path = parsed.path
        ),
        code: 125,
    })
}
