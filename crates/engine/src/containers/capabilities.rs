//! What the programs of a container may do beyond the ordinary.

use kernel::process::Capabilities;

use crate::state::Container;

/// Returns the capabilities that root in a container has.
pub(super) fn capabilities(c: &Container) -> Capabilities {
    if c.host_config.privileged {
        return Capabilities::ALL;
    }
    let mut caps = Capabilities::CONTAINER;
    let lists = [
        (&c.host_config.cap_drop, false),
        (&c.host_config.cap_add, true),
    ];
    for (list, on) in lists {
        for name in list.iter().flatten() {
            let upper = name.to_ascii_uppercase();
            match upper.strip_prefix("CAP_").unwrap_or(&upper) {
                "ALL" if on => caps = Capabilities::ALL,
                "ALL" => caps = Capabilities::NONE,
                "NET_ADMIN" => caps.net_admin = on,
                "NET_RAW" => caps.net_raw = on,
                "NET_BIND_SERVICE" => caps.net_bind = on,
                "SYS_ADMIN" => caps.sys_admin = on,
                _ => {}
            }
        }
    }
    caps
}

/// Whether the container's filter of system calls, which also holds for what is started in it later, lets through what is
/// done with CAP_SYS_ADMIN. Source: moby `profiles/seccomp/default_linux.go`.
pub(super) fn seccomp_lets_administer(c: &Container) -> bool {
    let options = c.host_config.security_opt.iter().flatten();
    let unconfined = |option: &str| {
        option
            .strip_prefix("seccomp")
            .and_then(|rest| rest.strip_prefix(['=', ':']))
            == Some("unconfined")
    };
    capabilities(c).sys_admin || options.map(String::as_str).any(unconfined)
}
