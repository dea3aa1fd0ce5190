//! What keeps a container that was made from starting: name servers, hosts, its program, sysctls, networks and links.

use kernel::Errno;

use crate::daemon::Engine;
use crate::endpoints::check_together;
use crate::error::{Error, Result};
use crate::netip;
use crate::sandbox::{HOST_GATEWAY, host_gateways};

use super::checks::refused_by_runc;
use super::logging;
use super::run::{CREATE_FAILED, DEFAULT_PATH, INIT_FAILED, UNKNOWN};

impl Engine {
    /// Checks the name servers that a container is given. Source: moby `daemon/container_operations.go`,
    /// `buildSandboxOptions`.
    pub(super) fn check_name_servers(&self, id: &str) -> Result<(), Error> {
        let state = self.state();
        let given = state.containers.get(id).map(|c| &c.host_config.dns);
        for server in given.into_iter().flatten().flatten() {
            netip::check(server)
                .map_err(|why| Error::invalid(format!("bad nameserver address {server}: {why}")))?;
        }
        Ok(())
    }

    /// Where `host-gateway` is asked for, something has to stand for it.
    pub(super) fn check_extra_hosts(&self, id: &str) -> Result<()> {
        let state = self.state();
        let Some(c) = state.containers.get(id) else {
            return Ok(());
        };
        let mut given = c.host_config.extra_hosts.iter().flatten();
        let asked = given.any(|entry| entry.ends_with(HOST_GATEWAY));
        if asked && host_gateways(&state).is_empty() {
            return Err(Error::internal(
                "unable to derive the IP value for host-gateway",
            ));
        }
        Ok(())
    }

    /// Checks whether runc could start the container's first process.
    pub(super) fn check_process(&self, id: &str) -> Result<(), (Error, i64)> {
        let (config, refused, mount, argv, has_init, groups, logs) = {
            let state = self.state();
            let c = state
                .containers
                .get(id)
                .ok_or_else(|| (Error::no_such_container(id), UNKNOWN))?;
            let refused = refused_by_runc(&c.id, &c.config, &c.host_config);
            let has_init = c.host_config.init.unwrap_or(state.config.init);
            let groups = c.host_config.group_add.clone().unwrap_or_default();
            (
                c.config.clone(),
                refused,
                c.mount,
                c.command(),
                has_init,
                groups,
                c.host_config.log_config.clone(),
            )
        };
        self.pids_of(id).map_err(|e| (e, UNKNOWN))?;
        self.check_ipc(id).map_err(|e| (e, UNKNOWN))?;
        self.user(mount, &config.user).map_err(|e| (e, UNKNOWN))?;
        for group in groups {
            self.group(mount, &group).map_err(|e| (e, UNKNOWN))?;
        }
        self.find_limited_devices(id).map_err(|e| (e, UNKNOWN))?;
        logging::begin(&logs).map_err(|e| (e, UNKNOWN))?;
        if let Some(why) = refused {
            return Err((Error::invalid(why).within(CREATE_FAILED), UNKNOWN));
        }
        // The first word of a sentence decides what the client ends with.
        self.hand_over_devices(id).map_err(|e| (e, UNKNOWN))?;
        self.mount_for_start(id).map_err(|why| {
            let by_runc = why.starts_with("error mounting");
            let error = Error::invalid(why);
            let within = format!("{CREATE_FAILED}: {INIT_FAILED}");
            let error = if by_runc { error.within(within) } else { error };
            (error, 127)
        })?;
        self.check_sysctls(id)?;
        self.make_directory(mount, &config.working_dir);
        if has_init {
            // Then it is for the init to find the command.
            return Ok(());
        }
        let name = argv.first().cloned().unwrap_or_default();
        let path = config
            .env
            .iter()
            .flatten()
            .map(String::as_str)
            .chain([DEFAULT_PATH])
            .find_map(|v| v.strip_prefix("PATH="));
        let found = self.sys().kernel(|k| {
            k.find_program(mount, &config.working_dir, path.unwrap_or_default(), &name)
        });
        let failed = || format!("{CREATE_FAILED}: {INIT_FAILED}");
        found
            .map(|_path| ())
            .map_err(|errno| self.start_error(&failed(), id, &name, errno))
    }

    /// Checks the container whose shared memory this one is to have. Source: moby `daemon/container_operations_unix.go`,
    /// `getIPCContainer`.
    fn check_ipc(&self, id: &str) -> Result<()> {
        let state = self.state();
        let found = state.containers.get(id);
        let mode = found.map_or("", |c| c.host_config.ipc_mode.as_str());
        let Some(other) = mode.strip_prefix("container:") else {
            return Ok(());
        };
        let other = state.find_container(other)?;
        let why = match other.host_config.ipc_mode.as_str() {
            _ if !other.state.running => " is not running",
            "shareable" | "host" => return Ok(()),
            _ => ": non-shareable IPC (hint: use IpcMode:shareable for the donor container)",
        };
        Err(Error::conflict(format!(
            "failed to join IPC namespace: container {}{why}",
            other.id
        )))
    }

    /// Checks whether a container's namespace takes its settings, in one that is thrown away again.
    pub(super) fn check_sysctls(&self, id: &str) -> Result<(), (Error, i64)> {
        let machine = self.machine();
        let refused = self.with(|state, kernel| {
            let sysctls = &state.containers.get(id)?.host_config.sysctls;
            if sysctls.is_empty() {
                return None;
            }
            let netns = kernel.netns_add(machine);
            let mut of_network = sysctls.iter().filter(|(name, _)| name.starts_with("net."));
            let refused = of_network.find_map(|(name, value)| {
                // Nothing is written where there is nothing to write.
                let there = value.is_empty() && kernel.sysctl_get(netns, name).is_some();
                let why = kernel.sysctl_set(netns, name, value).err();
                let why = why.filter(|_| !there)?;
                let folder = format!("{}/", name.replace('.', "/").trim_end_matches('/'));
                let mut all = kernel.sysctl_list(netns).into_iter();
                let is_folder = all.any(|path| path.starts_with(&folder));
                let why = if is_folder { Errno::EISDIR } else { why };
                Some((name.clone(), value.clone(), why))
            });
            kernel.netns_del(netns);
            refused
        });
        let Some((name, value, why)) = refused else {
            return Ok(());
        };
        let path = format!("fsmount:fscontext:proc/./sys/{}", name.replace('.', "/"));
        let text = why.text().to_ascii_lowercase();
        let (what, code) = if why == Errno::ENOENT {
            (
                format!("open sysctl {name} file: unsafe procfs detected: openat2 {path}: {text}"),
                127,
            )
        } else if why == Errno::EISDIR {
            // The number is that of a descriptor of runc's.
            (
                format!("open sysctl {name} file: reopen fd 8: {text}: permission denied"),
                126,
            )
        } else {
            (
                format!("failed to write sysctl {name} = \"{value}\": write {path}: {text}"),
                UNKNOWN,
            )
        };
        let error = Error::invalid(format!("{INIT_FAILED}: {what}"));
        Err((error.within(CREATE_FAILED), code))
    }

    /// Checks a container's networks before it starts: they have to go together, and one that lost the network it is
    /// named after, and was connected to another, cannot start either.
    pub(super) fn check_networks(&self, id: &str) -> Result<()> {
        let state = self.state();
        let Some(c) = state.containers.get(id) else {
            return Ok(());
        };
        if c.endpoints.is_empty() {
            // Disconnected from all that it was made for, it starts alone.
            return Ok(());
        }
        check_together(c)?;
        let mode = c.network_mode();
        let others_exist = c
            .endpoints
            .keys()
            .any(|key| key != mode && state.network_of(c, key).is_ok());
        match state.network_of(c, mode) {
            // The mode is looked at when the first of the others is joined, and by its name: one that was made again is
            // found, and only missing when it is joined itself.
            Err(error) if others_exist => Err(match state.find_network(mode) {
                Err(error) => error.within(format!(
                    "could not find a network matching network mode {mode}"
                )),
                Ok(_) => error,
            }),
            Err(_) if mode == "bridge" && !state.config.has_bridge() => Ok(()),
            // Disconnected from it, the container joins the others, and is told which of them is missing.
            Err(_) if !c.endpoints.contains_key(mode) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// Every container linked to must run, and be on the default bridge; nothing is asked of them once the container
    /// itself has left it. Source: daemon/container_operations_unix.go `setupLinkedContainers`.
    pub(super) fn check_links(&self, id: &str) -> Result<()> {
        let state = self.state();
        let Some(c) = state.containers.get(id) else {
            return Ok(());
        };
        if !c.endpoints.contains_key("bridge") {
            return Ok(());
        }
        for link in &c.links {
            let Some(child) = state.containers.get(&link.child) else {
                return Err(Error::conflict(format!(
                    "Cannot link to a non running container: /{} AS /{}/{}",
                    link.name, c.name, link.alias
                )));
            };
            if !child.state.running {
                return Err(Error::conflict(format!(
                    "Cannot link to a non running container: /{} AS /{}/{}",
                    child.name, c.name, link.alias
                )));
            }
            if !child.endpoints.contains_key("bridge") {
                return Err(Error::internal(format!(
                    "container {} not attached to default bridge network",
                    child.id
                )));
            }
        }
        Ok(())
    }
}
