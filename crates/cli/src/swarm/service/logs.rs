//! `docker service logs`. Source: docker/cli `command/service/logs.go`.

use engine::Class;
use engine::api::{LogsOptions, Task, TaskFrame};
use engine::stream::Channel;
use kernel::process::files::Fd;
use sorted::SortedMap;

use super::super::tasks::Names;
use crate::args::Parsed;
use crate::format::text::short_id;
use crate::session::{Outcome, STDOUT, Session, complaint, refused};
use crate::since;

pub(super) async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let target = parsed.arg(0);
    let raw = parsed.on("raw");
    let (container, digits) = match client.service_inspect(target, false) {
        Ok(service) => {
            let replicas = service.spec.mode.replicated.and_then(|mode| mode.replicas);
            (
                service.spec.task_template.container_spec,
                replicas.map_or(1, digits_of),
            )
        }
        Err(error) if error.class() != Class::NotFound => return Err(refused(error)),
        Err(_) => match client.task_inspect(target) {
            Ok(task) => (task.spec.container_spec, digits_of(task.slot)),
            Err(error) if error.class() == Class::NotFound => {
                return Err(complaint(format!("no such task or service: {target}")));
            }
            Err(error) => return Err(refused(error)),
        },
    };
    let tty = container.is_some_and(|container| container.tty);
    if tty && !raw {
        return Err(complaint("tty service logs only supported with --raw"));
    }
    let since = match parsed.text("since") {
        "" => None,
        text => Some(
            since::instant(text, session.now())
                .map_err(|why| complaint(format!("invalid value for \"since\": {why}")))?,
        ),
    };
    let tail = match parsed.text("tail") {
        "all" | "" => None,
        text => Some(text.parse().map_err(|_invalid| {
            complaint(
                "Error response from daemon: tail value must be a positive integer or \"all\"",
            )
        })?),
    };
    let options = LogsOptions {
        stdout: true,
        stderr: true,
        follow: parsed.on("follow"),
        timestamps: parsed.on("timestamps"),
        // What is told of the task stands beside each frame.
        details: false,
        tail,
        since,
        until: None,
    };
    let frames = client
        .service_logs(target, options)
        .await
        .map_err(refused)?;
    let mut names = Names::new(&client, parsed.on("no-resolve"));
    let mut tasks: SortedMap<String, Task> = SortedMap::new();
    while let Some(TaskFrame {
        task_id,
        node_id,
        frame,
    }) = frames.next().await
    {
        let fd = match frame.channel {
            Channel::Stdout => STDOUT,
            Channel::Stderr => Fd(2),
        };
        let known = tasks.get(&task_id).cloned();
        let Some(task) = known.or_else(|| client.task_inspect(task_id.as_str()).ok()) else {
            continue;
        };
        tasks.insert(task_id, task.clone());
        let text = String::from_utf8_lossy(&frame.data);
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            let (moment, line) = match parsed.on("timestamps") {
                true => line.split_at(line.find(' ').map_or(0, |at| at + 1)),
                false => ("", line),
            };
            out.push_str(moment);
            if !raw {
                let service = names.service(&task.service_id);
                let node = names.node(&node_id);
                let id = match (parsed.on("no-task-ids"), parsed.on("no-trunc")) {
                    (true, _) => String::new(),
                    (false, true) => format!(".{}", task.id),
                    (false, false) => format!(".{}", short_id(&task.id)),
                };
                let padding = " ".repeat(digits.saturating_sub(digits_of(task.slot)));
                out.push_str(&format!(
                    "{service}.{}{id}@{node}{padding}    | ",
                    task.slot
                ));
            }
            if parsed.on("details") {
                if raw {
                    out.push_str(&format!(
                        "com.docker.swarm.node.id={node_id},com.docker.swarm.service.id={},com.docker.swarm.task.id={}",
                        task.service_id, task.id
                    ));
                }
                out.push(' ');
            }
            out.push_str(line);
        }
        if session.sys.write(fd, out.as_bytes()).await.is_err() {
            break;
        }
    }
    Ok(0)
}

fn digits_of(number: u64) -> usize {
    number.to_string().len()
}
