//! `docker container top`.

use crate::args::{Action, ArgRule, Command, Parsed};
use crate::format::table;
use crate::session::{Outcome, Session, refused};

pub(crate) static COMMAND: Command = Command {
    name: "top",
    usage: "CONTAINER [ps OPTIONS]",
    short: "Display the running processes of a container",
    known_as: "docker container top, docker top",
    args: ArgRule::AtLeast(1),
    interspersed: false,
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let options = parsed.args.get(1..).unwrap_or(&[]).join(" ");
    let top = session
        .client()?
        .container_top(parsed.arg(0), options)
        .map_err(refused)?;
    let mut text = format!("{}\n", top.titles.join("\t"));
    for process in &top.processes {
        text.push_str(&format!("{}\n", process.join("\t")));
    }
    session.sys.out(&table::align_with(&text, 20, 3));
    Ok(0)
}
