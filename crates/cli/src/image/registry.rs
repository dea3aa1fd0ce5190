//! Commands that need a registry: there is none, and each says so where it would have asked.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::image::pull;
use crate::session::{Outcome, STDIN, Session, complaint, refused};

/// Where `docker login` leads without a name, as the file of credentials calls it.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

pub(crate) static PUSH: Command = Command {
    name: "push",
    usage: "[OPTIONS] NAME[:TAG]",
    short: "Upload an image to a registry",
    known_as: "docker image push, docker push",
    flags: &[&[
        Flag::bool("all-tags", "Push all tags of an image to the repository").short('a'),
        Flag::bool("disable-content-trust", "Skip image signing").default("true"),
        Flag::text(
            "platform",
            "Push a platform-specific manifest as a single-platform image to the registry. Image index won't be pushed, meaning that other manifests, including attestations won't be preserved. 'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
        ),
        Flag::bool("quiet", "Suppress verbose output").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(push_image),
    ..Command::BLANK
};

pub(crate) static LOGIN: Command = Command {
    name: "login",
    usage: "[OPTIONS] [SERVER]",
    short: "Authenticate to a registry",
    long: "Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.",
    flags: &[&[
        Flag::text("password", "Password or Personal Access Token (PAT)").short('p'),
        Flag::bool(
            "password-stdin",
            "Take the Password or Personal Access Token (PAT) from stdin",
        ),
        Flag::text("username", "Username").short('u'),
    ]],
    args: ArgRule::AtMost(1),
    action: verb!(log_in),
    ..Command::BLANK
};

pub(crate) static LOGOUT: Command = Command {
    name: "logout",
    usage: "[SERVER]",
    short: "Log out from a registry",
    long: "Log out from a registry.\nIf no server is specified, the default is defined by the daemon.",
    args: ArgRule::AtMost(1),
    action: verb!(log_out),
    ..Command::BLANK
};

pub(crate) static SEARCH: Command = Command {
    name: "search",
    usage: "[OPTIONS] TERM",
    short: "Search Docker Hub for images",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", "Pretty-print search using a Go template"),
        Flag::int("limit", "Max number of search results"),
        Flag::bool("no-trunc", "Don't truncate output"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(find),
    ..Command::BLANK
};

/// Asks a registry, named as an image's name would begin.
fn ask(session: &Session, host: &str, path: &str) -> Result<(), engine::Error> {
    session
        .client()
        .map_err(|e| engine::Error::unavailable(e.text))?
        .registry(host, path)
}

async fn log_in(session: Session, parsed: Parsed) -> Outcome {
    let (user, mut password) = (parsed.text("username"), parsed.text("password").to_owned());
    let piped = parsed.on("password-stdin");
    if piped && parsed.given("password") {
        return Err(complaint(
            "conflicting options: cannot specify both --password and --password-stdin",
        ));
    }
    if piped && user.is_empty() {
        return Err(complaint(
            "the --password-stdin option requires --username to be set",
        ));
    }
    if parsed.given("password") {
        let warning = "WARNING! Using --password via the CLI is insecure. Use --password-stdin.";
        session.complain(warning);
    }
    if piped {
        while let Ok(piece) = session.sys.read(STDIN, 4096).await {
            if piece.is_empty() || password.len() > 4096 {
                break;
            }
            password += &String::from_utf8_lossy(&piece);
        }
        password.truncate(password.trim_end_matches(['\r', '\n']).len());
    }
    if user.is_empty() || password.is_empty() {
        return Err(complaint(match session.sys.is_tty(STDIN) {
            true => "docker login with a dialogue: not modelled in this simulation yet",
            false => "Error: Cannot perform an interactive login from a non TTY device",
        }));
    }
    let host = match parsed.arg(0) {
        "" => "registry-1.docker.io",
        host => host,
    };
    ask(&session, host, "/v2/").map_err(refused)?;
    Ok(0)
}

async fn log_out(session: Session, parsed: Parsed) -> Outcome {
    let server = match parsed.arg(0) {
        "" => DOCKER_HUB,
        server => server,
    };
    session.line(&format!("Removing login credentials for {server}"));
    Ok(0)
}

async fn find(session: Session, parsed: Parsed) -> Outcome {
    let limit = match parsed.int("limit") {
        0 => 25,
        limit => limit,
    };
    let daemon = |text: String| complaint(format!("Error response from daemon: {text}"));
    if !(1..=100).contains(&limit) {
        return Err(daemon(format!(
            "limit {limit} is outside the range of [1, 100]"
        )));
    }
    for (key, values) in crate::filter::gather(parsed.all("filter")) {
        if !matches!(key.as_str(), "is-automated" | "is-official" | "stars") {
            return Err(daemon(format!("invalid filter '{key}'")));
        }
        let bad = |v: &&String| key == "stars" && v.parse::<i64>().is_err();
        if let Some(value) = values.iter().find(bad) {
            let quoted = crate::go::quote(value);
            return Err(daemon(format!(
                "invalid filter 'stars={value}': strconv.Atoi: parsing {quoted}: invalid syntax"
            )));
        }
    }
    if let Some((host, _)) = parsed
        .arg(0)
        .split_once('/')
        .filter(|(host, _)| host.contains(['.', ':']))
    {
        let why = ask(&session, host, "/v1/_ping");
        let why = why.err().map(|e| e.to_string()).unwrap_or_default();
        return Err(daemon(format!(
            "invalid registry endpoint https://{host}/v1/: {why}. If this private registry supports only HTTP or HTTPS with an \
             unknown CA certificate, please add `--insecure-registry {host}` to the daemon's arguments. In the case of HTTPS, \
             if you have access to the registry's CA certificate, no need for the flag; simply place the CA certificate at \
             /etc/docker/certs.d/{host}/ca.crt"
        )));
    }
    let term = parsed.arg(0).replace(' ', "+");
    let path = format!("/v1/search?q={term}&n={limit}");
    ask(&session, "index.docker.io", &path).map_err(refused)?;
    Ok(0)
}

async fn push_image(session: Session, parsed: Parsed) -> Outcome {
    let name = parsed.arg(0);
    pull::check_name(name).map_err(complaint)?;
    let client = session.client()?;
    let quiet = parsed.on("quiet");
    if !quiet && !parsed.on("all-tags") && pull::with_tag(name) != name {
        session.line("Using default tag: latest");
    }
    let repository = pull::parts(name).0;
    if !quiet {
        let full = pull::full(repository);
        session.line(&format!("The push refers to repository [{full}]"));
    }
    if client.image_inspect(name).is_err() {
        return Err(complaint(format!(
            "An image does not exist locally with the tag: {repository}"
        )));
    }
    // Where the engine gets no further is a line of the progress, and not the engine's answer.
    let asked = pull::elsewhere(&client, name);
    asked
        .map(|()| 0)
        .map_err(|e| complaint(e.strip_prefix("Error response from daemon: ").unwrap_or(&e)))
}
