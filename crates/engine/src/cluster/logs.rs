//! What tasks print: read where they run, and told to the manager that was asked. One that does not lead knows only its own
//! tasks. Source: swarmkit `manager/logbroker`, `agent`.

use std::rc::Rc;

use bytes::Bytes;

use super::store::find;
use super::wire::Message;
use crate::api::{LogsOptions, Task, TaskFrame};
use crate::daemon::Engine;
use crate::error::Result;
use crate::stream::{Channel, Frame, Receiver, Sender, channel};

/// Whose output a node is asked for, and who reads it.
pub(super) struct Reading {
    task: String,
    pub(super) node: String,
    reader: Rc<Sender<TaskFrame>>,
}

impl Reading {
    fn send(&self, frame: Frame) -> bool {
        self.reader.send(TaskFrame {
            task_id: self.task.clone(),
            node_id: self.node.clone(),
            frame,
        })
    }
}

impl Engine {
    /// `GET /services/{id}/logs` and `GET /tasks/{id}/logs`.
    pub(crate) async fn service_logs(
        &self,
        target: String,
        options: LogsOptions,
    ) -> Result<Receiver<TaskFrame>> {
        let tasks = self.ask_store(|store, _| {
            let of = |id: &str| {
                let own = store.tasks.values().filter(|t| t.service_id == id);
                let mut own: Vec<Task> = own.cloned().collect();
                sorted::sort_by_key(&mut own, |t| t.created_at.clone());
                own
            };
            match find(&store.services, "service", &target) {
                Ok(service) => Ok(of(&service.id)),
                Err(error) => match find(&store.tasks, "task", &target) {
                    Ok(task) => Ok(vec![task.clone()]),
                    Err(_) => Err(error),
                },
            }
        })?;
        let (sender, receiver) = channel(self.sys());
        let reader = Rc::new(sender);
        for task in tasks {
            let container = task.status.container_status.as_ref();
            let Some(container) = container.map(|c| c.container_id.clone()) else {
                continue;
            };
            let reading = Reading {
                task: task.id.clone(),
                node: task.node_id.clone(),
                reader: reader.clone(),
            };
            match self.container_logs(container.clone(), options.clone()) {
                Ok(frames) => self.for_swarm(async move {
                    while let Some(frame) = frames.next().await {
                        if !reading.send(frame) {
                            break;
                        }
                    }
                }),
                Err(_) => self.read_elsewhere(reading, container, options.clone()),
            }
        }
        Ok(receiver)
    }

    /// Asks a task's node for what it prints.
    fn read_elsewhere(&self, reading: Reading, container: String, options: LogsOptions) {
        let number = self.count();
        let node = reading.node.clone();
        let connected = self.swarm(|s| {
            let connected = s.sessions.contains_key(&node);
            if connected {
                s.readings.insert(number, reading);
            }
            connected
        });
        if connected == Some(true) {
            self.say(
                &node,
                Message::Logs {
                    number,
                    container,
                    options,
                },
            );
        }
    }

    /// A node tells what a task printed, or that this is all.
    pub(super) fn take_logged(&self, node: &str, number: u64, frame: Option<(bool, Vec<u8>)>) {
        let wanted = self.swarm(|s| {
            let reading = s.readings.get(&number);
            let wanted = reading.zip(frame).is_some_and(|(reading, (error, data))| {
                reading.send(Frame {
                    channel: if error {
                        Channel::Stderr
                    } else {
                        Channel::Stdout
                    },
                    data: Bytes::from(data),
                })
            });
            if !wanted {
                s.readings.remove(&number);
            }
            wanted
        });
        if wanted == Some(false) {
            self.say(node, Message::LogsOver { number });
        }
    }

    /// Tells a manager what a container prints, until it wants no more.
    pub(super) fn tell_logs(&self, number: u64, container: String, options: LogsOptions) {
        let frames = self.container_logs(container, options).ok();
        self.swarm(|s| s.told_logs.insert(number));
        let engine = self.clone();
        self.for_swarm(async move {
            let tell = |frame| {
                let told = engine.swarm(|s| {
                    let link = s.link.as_ref().filter(|_| s.told_logs.contains(&number));
                    link.map(|link| link.send(Message::Logged { number, frame }))
                });
                told.flatten() == Some(true)
            };
            let tells = async {
                while let Some(frame) = match &frames {
                    Some(frames) => frames.next().await,
                    None => None,
                } {
                    let error = frame.channel == Channel::Stderr;
                    if !tell(Some((error, frame.data.to_vec()))) {
                        return;
                    }
                }
                tell(None);
            };
            let over = engine.until(|| {
                let told = engine.swarm(|s| s.told_logs.contains(&number));
                (told != Some(true)).then_some(())
            });
            kernel::sys::race(tells, over).await;
            engine.swarm(|s| s.told_logs.remove(&number));
        });
    }
}
