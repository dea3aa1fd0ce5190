//! What containers of a service see of the machine's files: mounts, configs and secrets.
//! Source: docker/compose `pkg/compose/create.go`, `secrets.go`.

use compose::model::{Bind, Origin, Project, Provided, Service};
use engine::api::{BindOptions, Mount, MountPoint, TmpfsOptions, VolumeOptions};
use kernel::fs::{Metadata, Node};

use super::context::Compose;
use super::log;
use crate::session::{Failure, complaint, refused};

/// Mounts in the short form and in the long one.
pub(super) type Mounts = (Option<Vec<String>>, Vec<Mount>);

/// Returns what is mounted. Volumes without names are `inherited` from the container that this one takes the place of.
pub(super) fn mounts(
    project: &Project,
    service: &Service,
    inherited: &[MountPoint],
) -> Result<Mounts, Failure> {
    let mut binds = Vec::new();
    let mut mounts = Vec::new();
    for bind in &service.volumes {
        let name = bind.source.as_ref().filter(|_| bind.kind == "volume");
        let name = name.and_then(|key| project.volumes.get(key));
        let source = match (name, &bind.source) {
            (Some(volume), _) => volume.name.clone(),
            (None, Some(source)) => source.clone(),
            (None, None) => inherited
                .iter()
                .find(|m| m.kind == "volume" && m.destination == bind.target)
                .map(|m| m.name.clone())
                .unwrap_or_default(),
        };
        match bind.source.is_some() && !bind.long_only && bind.kind != "tmpfs" {
            true => binds.push(short(&source, bind)),
            false => mounts.push(long(source, bind)),
        }
    }
    for given in project.provided(service) {
        match given.origin {
            Origin::External => {
                let (kind, key) = (given.kind, given.key);
                return Err(complaint(format!("unsupported external {kind} {key}")));
            }
            Origin::Text(_) | Origin::Variable(_) => {}
            Origin::File(source) => mounts.push(Mount {
                kind: "bind".into(),
                source,
                target: given.target,
                read_only: true,
                bind_options: (given.kind == "secret").then(BindOptions::default),
                ..Mount::default()
            }),
        }
    }
    Ok(((!binds.is_empty()).then_some(binds), mounts))
}

fn short(source: &str, bind: &Bind) -> String {
    let access = if bind.read_only { "ro" } else { "rw" };
    let mut text = format!("{source}:{}:{access}", bind.target);
    if let Some(label) = &bind.selinux {
        text.push(',');
        text.push_str(label);
    }
    text
}

fn long(source: String, bind: &Bind) -> Mount {
    Mount {
        kind: bind.kind.clone(),
        source,
        target: bind.target.clone(),
        read_only: bind.read_only,
        bind_options: (bind.kind == "bind").then(|| BindOptions {
            propagation: bind.propagation.clone().unwrap_or_default(),
            create_mountpoint: bind.create_host_path,
            ..BindOptions::default()
        }),
        volume_options: (bind.kind == "volume").then(|| VolumeOptions {
            no_copy: bind.no_copy,
            subpath: bind.subpath.clone().unwrap_or_default(),
            ..VolumeOptions::default()
        }),
        tmpfs_options: bind.tmpfs.map(|(size, mode)| TmpfsOptions {
            size_bytes: size,
            mode,
        }),
    }
}

impl Compose {
    /// Warns of files that are not there, and of what is not done with files.
    pub(super) fn check_provided(&self, project: &Project, service: &Service) {
        for given in project.provided(service) {
            if matches!(given.origin, Origin::File(_)) && given.is_owned {
                let kind = given.kind;
                let text = format!(
                    "{kind}s `uid`, `gid` and `mode` are not supported, they will be ignored"
                );
                log::warn(&self.session, &text);
            }
            if let (Origin::File(path), "secret") = (&given.origin, given.kind)
                && !self.session.sys.exists(path)
            {
                let text = format!("secret file {} does not exist", given.name);
                log::warn(&self.session, &text);
            }
        }
    }

    /// Puts configs and secrets that are no files of the machine into a container.
    pub(super) fn inject(
        &self,
        project: &Project,
        service: &Service,
        container: &str,
    ) -> Result<(), Failure> {
        for given in project.provided(service) {
            let Some(text) = text(project, &given)? else {
                continue;
            };
            let Provided { kind, name, .. } = &given;
            if service.read_only {
                return Err(complaint(format!(
                    "cannot create {kind} \"{name}\" in read-only service {}: `file` is the sole supported option",
                    service.name
                )));
            }
            let file = Metadata {
                node: Node::File(text.into()),
                mode: given.mode.unwrap_or(0o444),
                uid: given.uid.unwrap_or(0),
                modified: self.session.sys.now(),
            };
            let archive = vec![(String::new(), file)];
            let client = self.client()?;
            let done = client.container_extract(container, "/", given.target, archive);
            done.map_err(refused)?;
        }
        Ok(())
    }
}

/// Returns what a config or a secret says, if it is no file.
fn text(project: &Project, given: &Provided) -> Result<Option<String>, Failure> {
    match &given.origin {
        Origin::Text(text) => Ok(Some(text.clone())),
        Origin::Variable(variable) => match project.environment.get(variable) {
            Some(value) => Ok(Some(value.clone())),
            None => Err(complaint(format!(
                "environment variable \"{variable}\" required by {} \"{}\" is not set",
                given.kind, given.name
            ))),
        },
        Origin::File(_) | Origin::External => Ok(None),
    }
}
