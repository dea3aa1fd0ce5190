//! `docker compose exec`.

use engine::api::ExecCreateRequest;

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{ArgRule, Command, Flag, Kind, Parsed, verb};
use crate::container::exec;
use crate::go;
use crate::session::{Outcome, STDOUT, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "exec",
    usage: "[OPTIONS] SERVICE COMMAND [ARGS...]",
    short: "Execute a command in a running container",
    flags: &[&[
        DRY_RUN,
        Flag::bool("interactive", "Keep STDIN open even if not attached")
            .short('i')
            .default("true")
            .hidden(),
        Flag::bool("tty", "Allocate a pseudo-TTY")
            .short('t')
            .hidden(),
        Flag::bool("detach", "Detached mode: Run command in the background").short('d'),
        Flag::new(
            Kind::List("stringArray"),
            "env",
            "Set environment variables",
        )
        .short('e'),
        Flag::int(
            "index",
            "Index of the container if service has multiple replicas",
        ),
        Flag::bool(
            "no-tty",
            "Disable pseudo-TTY allocation. By default 'docker compose exec' allocates a TTY.",
        )
        .short('T')
        .default("true"),
        Flag::bool("privileged", "Give extended privileges to the process"),
        Flag::text("user", "Run the command as this user").short('u'),
        Flag::text("workdir", "Path to workdir directory for this command").short('w'),
    ]],
    args: ArgRule::AtLeast(2),
    interspersed: false,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let scope = Scope {
        stopped: false,
        one_off: true,
    };
    let target = compose.target(&project, parsed.arg(0), parsed.int("index"), scope)?;
    let detached = parsed.on("detach");
    if compose.dry {
        return match detached {
            true => {
                let words = parsed.args.get(1..).unwrap_or(&[]);
                let words: Vec<String> = words.iter().map(|word| go::quote(word)).collect();
                let (words, id) = (words.join(" "), &target.id);
                compose.session.line(&format!(
                    " DRY-RUN MODE - Executing command [{words}] in {id} (detached mode)"
                ));
                Ok(0)
            }
            false => Err(complaint(
                "interactive exec is not supported in dry-run mode",
            )),
        };
    }
    let tty = match parsed.given("no-tty") {
        true => !parsed.on("no-tty"),
        false => compose.session.sys.is_tty(STDOUT),
    };
    if parsed
        .all("env")
        .iter()
        .any(|variable| variable.starts_with('='))
    {
        return Err(complaint("invalid environment variable"));
    }
    let env = parsed.all("env").to_vec();
    let request = ExecCreateRequest {
        user: parsed.text("user").to_owned(),
        privileged: parsed.on("privileged"),
        tty: tty && !detached,
        attach_stdin: !detached,
        attach_stdout: !detached,
        attach_stderr: !detached,
        env: (!env.is_empty()).then_some(env),
        working_dir: parsed.text("workdir").to_owned(),
        cmd: parsed.args.get(1..).unwrap_or(&[]).to_vec(),
    };
    exec::perform(&compose.session, &compose.client()?, &target.id, request).await
}
