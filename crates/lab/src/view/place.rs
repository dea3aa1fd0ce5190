//! Ids of the things on the stage, so that those who name a place and those who draw it agree.
//!
//! A place is anything a packet can be at.
//! `container` parameters take the container's full id, never its name, since names change.

/// A machine as a whole: an outside machine is drawn as one box.
pub fn machine(machine: &str) -> String {
    format!("machine:{machine}")
}

/// A LAN segment between machines.
pub fn lan(lan: &str) -> String {
    format!("lan:{lan}")
}

/// A physical interface of a machine that runs Docker, drawn astride the machine's edge.
pub fn port(machine: &str, interface: &str) -> String {
    format!("port:{machine}/{interface}")
}

/// A published port of a container: `binding` is as Docker prints it, such as `0.0.0.0:8080/tcp`.
pub fn published(machine: &str, binding: &str) -> String {
    format!("published:{machine}/{binding}")
}

/// A station of the root namespace's IP layer.
///
/// `hook` is one of `PREROUTING`, `ROUTE`, `FORWARD`, `POSTROUTING`, `INPUT`, `OUTPUT`.
pub fn hook(machine: &str, hook: &str) -> String {
    format!("hook:{machine}/{hook}")
}

/// A process in a machine's root namespace, such as a `curl` typed on hostA, `docker-proxy` or `dockerd`.
pub fn local(machine: &str) -> String {
    format!("local:{machine}")
}

/// A network's bridge (or other device) on a machine, by the network's id; of what was made by hand by the device's name.
pub fn network(machine: &str, network: &str) -> String {
    format!("network:{machine}/{network}")
}

/// A container: its namespace, interfaces and processes.
pub fn container(machine: &str, container: &str) -> String {
    format!("container:{machine}/{container}")
}

/// A network namespace that somebody made by hand, by its name.
pub fn namespace(machine: &str, namespace: &str) -> String {
    format!("namespace:{machine}/{namespace}")
}

/// Docker's embedded DNS server as one container sees it, at 127.0.0.11 inside its namespace.
pub fn resolver(machine: &str, container: &str) -> String {
    format!("resolver:{machine}/{container}")
}
