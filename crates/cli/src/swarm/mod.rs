//! Commands of a swarm.

pub(crate) mod config;
pub(crate) mod node;
pub(crate) mod secret;
pub(crate) mod service;
pub(crate) mod stack;
#[expect(
    clippy::module_inception,
    reason = "the file is named after the command"
)]
pub(crate) mod swarm;

use crate::args::Parsed;
use crate::session::{Outcome, Session, complaint, said};

/// Looks for an object of a swarm, where there is none.
pub(crate) fn find(client: &engine::Client) -> Result<crate::template::Value, String> {
    Err(match client.swarm_inspect() {
        Ok(_) => "objects of a swarm: not modelled in this simulation".to_owned(),
        Err(error) => said(&error),
    })
}

/// Every command that needs a swarm: without one, each comes to an end of its own.
pub(crate) async fn none(session: Session, parsed: Parsed) -> Outcome {
    let path = parsed.path.clone();
    let path = path.strip_prefix("docker ").unwrap_or_default();
    check_before(&session, &parsed, path).map_err(complaint)?;
    if path == "swarm update" && !parsed.command.flags().any(|f| parsed.given(f.name)) {
        let context = crate::program::help_context(&session);
        let text = crate::args::help(parsed.command, &parsed.path, context);
        session.sys.out(&text);
        return Ok(0);
    }
    let client = session.client()?;
    let asked = match path {
        "swarm leave" => client.swarm_leave(parsed.on("force")).await,
        _ => client.swarm_inspect().map(|_| ()),
    };
    let refusal = match asked {
        Ok(()) => format!("docker {path}: not modelled in this simulation"),
        Err(error) => said(&error),
    };
    let each = |names: &[String]| vec![&*refusal; names.len()].join("\n");
    let text = match path {
        "node inspect" | "service inspect" | "secret inspect" | "config inspect"
            if !parsed.on("pretty") =>
        {
            let names = &parsed.args;
            return crate::inspect::objects(
                &session,
                parsed.text("format"),
                names,
                async |_name| find(&client),
            )
            .await;
        }
        "node rm" | "service rm" | "secret rm" | "config rm" => each(&parsed.args),
        "service scale" => {
            let names = parsed.args.iter().filter_map(|arg| arg.split_once('='));
            let told: Vec<String> = names.map(|(n, _)| format!("{n}: {refusal}")).collect();
            told.join("\n")
        }
        "swarm unlock" => "Error: This node is not part of a swarm".into(),
        "swarm unlock-key" => format!("could not fetch unlock key: {refusal}"),
        _ => refusal,
    };
    Err(complaint(text))
}

/// What a command refuses before it asks the engine.
fn check_before(session: &Session, parsed: &Parsed, path: &str) -> Result<(), String> {
    let readable = |file: &str| match session.sys.read_text(file) {
        Err(e) if file != "-" => Err(format!("open {file}: {}", e.text().to_ascii_lowercase())),
        _ => Ok(()),
    };
    let source = || {
        readable(parsed.arg(1)).map_err(|e| format!("error reading from {}: {e}", parsed.arg(1)))
    };
    match path {
        "swarm join-token" if !matches!(parsed.arg(0), "worker" | "manager") => {
            Err(format!("unknown role {}", parsed.arg(0)))
        }
        "service scale" => match parsed.args.iter().find(|arg| !arg.contains('=')) {
            Some(bad) => Err(format!(
                "invalid scale specifier '{bad}'.\nSee '{path} --help'.\n\nUsage:  {}\n\n{}",
                crate::args::use_line(parsed.command, &parsed.path),
                parsed.command.short,
                path = parsed.path,
            )),
            None => Ok(()),
        },
        "stack deploy" => match parsed.all("compose-file").first() {
            None => Err("Specify a Compose file (with --compose-file)".into()),
            Some(file) => readable(file),
        },
        "secret create" if parsed.args.len() > 1 => source(),
        "config create" => source().map_err(|e| {
            format!(
                "Error reading content from {}: {e}",
                crate::go::quote(parsed.arg(1))
            )
        }),
        _ => Ok(()),
    }
}
