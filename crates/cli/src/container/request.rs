//! From the flags of `docker run` and `create` to a request. Source: docker/cli `container/opts.go`.

use sorted::SortedMap;

use engine::api::{
    BindOptions, ContainerConfig, ContainerCreateRequest, Empty, HealthConfig, HostConfig,
    LogConfig, Mount, NetworkingConfig, RestartPolicy, Ulimit,
};
use engine::client::SOCKET;
use kernel::sys::Sys;

use super::attachments::{self, is_user_defined};
use super::{checks, devices, ports, rates};
use crate::args::Parsed;
use crate::pairs;

/// Reads a whole command line. The error is the sentence without anything before it.
pub(super) fn request(sys: &Sys, parsed: &Parsed) -> Result<ContainerCreateRequest, String> {
    // In the client's own order, so that of two mistakes the same one is told. Source: docker/cli `container/opts.go`, `parse`.
    checks::pull_policy(parsed.text("pull"))?;
    checks::mac(parsed.text("mac-address").trim())?;
    let swappiness = parsed.int("memory-swappiness");
    if swappiness != -1 && !(0..=100).contains(&swappiness) {
        return Err(format!(
            "invalid value: {swappiness}. Valid memory swappiness range is 0-100"
        ));
    }
    let (binds, volumes) = volumes(sys, parsed.all("volume"))?;
    let ports = ports::ports(parsed.all("publish"), parsed.all("expose"))?;
    let devices = read(parsed, "device", devices::device)?;
    let env = environment(sys, parsed)?;
    let labels = labels(sys, parsed)?;
    check_namespaces(parsed)?;
    let restart_policy = restart(parsed.text("restart"))?;
    if parsed.text("log-driver") == "none" && parsed.given("log-opt") {
        return Err("invalid logging opts for driver none".into());
    }
    let security = parsed.all("security-opt").iter();
    let security = security.map(|option| checks::security_option(sys, option));
    let mut security: Vec<String> = security.collect::<Result<_, _>>()?;
    let secured = !security.is_empty();
    let options = security.len();
    security.retain(|option| option != "systempaths=unconfined");
    let bare_paths = (security.len() < options).then(Vec::new);
    let storage = parsed.all("storage-opt");
    if storage.iter().any(|option| !option.contains('=')) {
        return Err("invalid storage option".into());
    }
    let healthcheck = health(parsed)?;
    if parsed.on("rm") && !matches!(restart_policy.name.as_str(), "" | "no") {
        return Err("conflicting options: cannot specify both --restart and --rm".into());
    }
    let networks = attachments::attachments(parsed)?;
    let streams: Vec<String> = parsed
        .all("attach")
        .iter()
        .map(|s| s.to_ascii_lowercase())
        .collect();
    let interactive = parsed.on("interactive");
    let attaches = |stream: &str| match streams.is_empty() {
        true => stream != "stdin" || interactive,
        false => streams.iter().any(|s| s == stream),
    };
    let some = |flag: &str| Some(parsed.all(flag).to_vec()).filter(|list| !list.is_empty());
    let command = parsed.args.get(1..).unwrap_or(&[]).to_vec();
    let config = ContainerConfig {
        hostname: parsed.text("hostname").to_owned(),
        domainname: parsed.text("domainname").to_owned(),
        user: parsed.text("user").to_owned(),
        attach_stdin: attaches("stdin"),
        attach_stdout: attaches("stdout"),
        attach_stderr: attaches("stderr"),
        exposed_ports: ports.exposed,
        tty: parsed.on("tty"),
        open_stdin: interactive,
        stdin_once: interactive && attaches("stdin"),
        env: Some(env),
        cmd: (!command.is_empty()).then_some(command),
        healthcheck,
        image: parsed.arg(0).to_owned(),
        volumes: (!volumes.is_empty()).then_some(volumes),
        working_dir: parsed.text("workdir").to_owned(),
        entrypoint: parsed
            .given_text("entrypoint")
            .map(|text| vec![text.to_owned()]),
        // For engines of old: what the network that the container is named after has been given.
        mac_address: networks
            .endpoints
            .get(&networks.mode)
            .filter(|_| !networks.mode.starts_with("container:"))
            .map(|endpoint| endpoint.mac_address.clone())
            .unwrap_or_default(),
        labels,
        stop_signal: parsed.text("stop-signal").to_owned(),
        stop_timeout: parsed
            .given("stop-timeout")
            .then(|| parsed.int("stop-timeout")),
        ..ContainerConfig::default()
    };
    let host_config = HostConfig {
        binds,
        container_id_file: parsed.text("cidfile").to_owned(),
        log_config: LogConfig {
            kind: parsed.text("log-driver").to_owned(),
            config: pairs::map(parsed.all("log-opt")),
        },
        port_bindings: Some(ports.bindings),
        restart_policy,
        auto_remove: parsed.on("rm"),
        volumes_from: some("volumes-from"),
        volume_driver: parsed.text("volume-driver").to_owned(),
        annotations: pairs::map(parsed.all("annotation")),
        cap_add: some("cap-add"),
        cap_drop: some("cap-drop"),
        cgroupns_mode: parsed.text("cgroupns").to_owned(),
        // Some are lists even when they are empty, and inspect shows it.
        dns: Some(
            parsed
                .all("dns")
                .iter()
                .map(|given| address(given))
                .collect(),
        ),
        dns_options: Some(parsed.all("dns-option").to_vec()),
        dns_search: Some(
            parsed
                .all("dns-search")
                .iter()
                .map(|domain| checks::normal_domain(domain).to_owned())
                .collect(),
        ),
        extra_hosts: extra_hosts(parsed)?,
        group_add: some("group-add"),
        ipc_mode: parsed.text("ipc").to_owned(),
        links: some("link").filter(|_| !is_user_defined(&networks.mode)),
        network_mode: networks.mode,
        oom_score_adj: parsed.int("oom-score-adj"),
        pid_mode: parsed.text("pid").to_owned(),
        mounts: mounts(sys, parsed)?,
        privileged: parsed.on("privileged"),
        publish_all_ports: parsed.on("publish-all"),
        readonly_rootfs: parsed.on("read-only"),
        security_opt: secured.then_some(security),
        masked_paths: bare_paths.clone(),
        readonly_paths: bare_paths,
        tmpfs: tmpfs(parsed.all("tmpfs")),
        uts_mode: parsed.text("uts").to_owned(),
        userns_mode: parsed.text("userns").to_owned(),
        shm_size: parsed.bytes("shm-size"),
        sysctls: pairs::map(parsed.all("sysctl")),
        runtime: parsed.text("runtime").to_owned(),
        isolation: parsed.text("isolation").to_owned(),
        memory_swappiness: Some(swappiness).filter(|value| *value != -1),
        oom_kill_disable: parsed
            .given("oom-kill-disable")
            .then(|| parsed.on("oom-kill-disable")),
        cgroup_parent: parsed.text("cgroup-parent").to_owned(),
        ulimits: Some(ulimits(parsed.all("ulimit"))),
        devices: Some(devices),
        storage_opt: pairs::map(storage),
        device_cgroup_rules: some("device-cgroup-rule"),
        blkio_weight_device: Some(read(parsed, "blkio-weight-device", rates::weight)?),
        blkio_device_read_bps: Some(read(parsed, "device-read-bps", rates::bytes)?),
        blkio_device_write_bps: Some(read(parsed, "device-write-bps", rates::bytes)?),
        blkio_device_read_iops: Some(read(parsed, "device-read-iops", rates::operations)?),
        blkio_device_write_iops: Some(read(parsed, "device-write-iops", rates::operations)?),
        device_requests: match parsed.given_text("gpus") {
            Some(text) => Some(vec![devices::gpus(text)?]),
            None => None,
        },
        init: parsed.given("init").then(|| parsed.on("init")),
        ..limits(parsed)
    };
    let networking_config = NetworkingConfig {
        endpoints_config: networks.endpoints,
    };
    Ok(ContainerCreateRequest {
        config,
        host_config,
        networking_config,
    })
}

/// Rejects namespaces that are nobody's.
fn check_namespaces(parsed: &Parsed) -> Result<(), String> {
    let of_container = |mode: &str| {
        mode.strip_prefix("container:")
            .is_some_and(|id| !id.is_empty())
    };
    if !matches!(parsed.text("pid"), "" | "host") && !of_container(parsed.text("pid")) {
        return Err("--pid: invalid PID mode".into());
    }
    if !matches!(parsed.text("uts"), "" | "host") {
        return Err("--uts: invalid UTS mode".into());
    }
    if !matches!(parsed.text("userns"), "" | "host") {
        return Err("--userns: invalid USER mode".into());
    }
    if !matches!(parsed.text("cgroupns"), "" | "host" | "private") {
        return Err("--cgroupns: invalid CGROUP mode".into());
    }
    Ok(())
}

/// Reads all that one flag was given, unless something of it is wrong.
fn read<T>(
    parsed: &Parsed,
    flag: &str,
    read: fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    parsed.all(flag).iter().map(|text| read(text)).collect()
}

fn extra_hosts(parsed: &Parsed) -> Result<Option<Vec<String>>, String> {
    let hosts = parsed
        .all("add-host")
        .iter()
        .map(|text| checks::normal_host(text))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((!hosts.is_empty()).then_some(hosts))
}

/// Reads the limits that are given when a container is made and can be changed later.
pub(super) fn limits(parsed: &Parsed) -> HostConfig {
    HostConfig {
        // A flag has 16 bits and has been checked.
        blkio_weight: u16::try_from(parsed.int("blkio-weight")).unwrap_or(0),
        cpu_shares: parsed.int("cpu-shares"),
        cpu_period: parsed.int("cpu-period"),
        cpu_quota: parsed.int("cpu-quota"),
        cpu_realtime_period: parsed.int("cpu-rt-period"),
        cpu_realtime_runtime: parsed.int("cpu-rt-runtime"),
        cpuset_cpus: parsed.text("cpuset-cpus").to_owned(),
        cpuset_mems: parsed.text("cpuset-mems").to_owned(),
        memory: parsed.bytes("memory"),
        memory_reservation: parsed.bytes("memory-reservation"),
        memory_swap: match parsed.text("memory-swap") {
            "-1" => -1,
            _ => parsed.bytes("memory-swap"),
        },
        nano_cpus: checks::billionths(parsed.text("cpus")).unwrap_or(0),
        // 0 is what is not given. Source: docker/cli `container/update.go`, `runUpdate`.
        pids_limit: Some(parsed.int("pids-limit")).filter(|limit| *limit != 0),
        ..HostConfig::default()
    }
}

/// Reads limits of processes, `name=soft:hard`.
pub(crate) fn ulimits(texts: &[String]) -> Vec<Ulimit> {
    let read = |text: &String| {
        let (name, values) = text.split_once('=')?;
        let (soft, hard) = values.split_once(':').unwrap_or((values, values));
        let limit = Ulimit {
            name: name.to_owned(),
            hard: hard.parse().ok()?,
            soft: soft.parse().ok()?,
        };
        Some((name.to_owned(), limit))
    };
    let by_name: SortedMap<String, Ulimit> = texts.iter().filter_map(read).collect();
    by_name.into_iter().map(|(_, limit)| limit).collect()
}

/// Bind mounts, and paths of anonymous volumes.
type Volumes = (Option<Vec<String>>, SortedMap<String, Empty>);

/// Splits `--volume` into bind mounts and anonymous volumes. A source that begins with a dot is a path from here.
fn volumes(sys: &Sys, given: &[String]) -> Result<Volumes, String> {
    let mut binds = Vec::new();
    let mut anonymous = SortedMap::new();
    for (nth, volume) in given.iter().enumerate() {
        // The same words twice are one volume: docker/cli keeps them as the keys of a map.
        if given.iter().take(nth).any(|before| before == volume) {
            continue;
        }
        let sections = compose::mount_sections(volume);
        match volume.split_once(':') {
            _ if sections.len() > 3 => {
                return Err(format!("invalid spec: {volume}: too many colons"));
            }
            _ if volume.contains(':') && sections.iter().any(String::is_empty) => {
                return Err(format!(
                    "invalid spec: {volume}: empty section between colons"
                ));
            }
            Some((source, rest)) if source.starts_with('.') => {
                let source = kernel::fs::path::absolute(&sys.cwd(), source);
                binds.push(format!("{source}:{rest}"));
            }
            Some(_) => binds.push(volume.clone()),
            None => {
                anonymous.insert(volume.clone(), Empty {});
            }
        }
    }
    Ok(((!binds.is_empty()).then_some(binds), anonymous))
}

/// What is mounted in the long form; also the engine's socket, if that is wanted.
fn mounts(sys: &Sys, parsed: &Parsed) -> Result<Vec<Mount>, String> {
    let read = |text: &String| {
        let mut mount = super::mounts::read(text)?;
        if mount.source.starts_with('.') {
            mount.source = kernel::fs::path::absolute(&sys.cwd(), &mount.source);
        }
        Ok(mount)
    };
    let socket = parsed.on("use-api-socket").then(|| Mount {
        kind: "bind".to_owned(),
        source: SOCKET.to_owned(),
        target: SOCKET.to_owned(),
        bind_options: Some(BindOptions::default()),
        ..Mount::default()
    });
    let given = parsed.all("mount").iter().map(read);
    given.chain(socket.map(Ok)).collect()
}

fn tmpfs(given: &[String]) -> SortedMap<String, String> {
    let split = |text: &String| match text.split_once(':') {
        Some((path, options)) => (path.to_owned(), options.to_owned()),
        None => (text.clone(), String::new()),
    };
    given.iter().map(split).collect()
}

/// Writes an address in its usual way.
fn address(given: &str) -> String {
    let parsed = given.trim().parse::<std::net::IpAddr>();
    parsed.map_or_else(|_not_one| given.to_owned(), |address| address.to_string())
}

/// Reads `--env-file` and `--env`; a name without a value takes the one that docker itself has. Where it has none, a name in
/// a file is left out, and one of a flag is handed on, to take the image's variable away.
pub(crate) fn environment(sys: &Sys, parsed: &Parsed) -> Result<Vec<String>, String> {
    let own = |name: &str| Some(format!("{name}={}", sys.env(name)?));
    let mut variables = Vec::new();
    for file in parsed.all("env-file") {
        for line in lines_of(sys, file)? {
            let name = line.split('=').next().unwrap_or("");
            if name.contains(char::is_whitespace) {
                return Err(format!(
                    "invalid env file ({file}): variable '{name}' contains whitespaces"
                ));
            }
            if name.is_empty() {
                return Err(format!(
                    "invalid env file ({file}): no variable name on line '{line}'"
                ));
            }
            variables.extend(if line.contains('=') {
                Some(line)
            } else {
                own(&line)
            });
        }
    }
    let flags = parsed.all("env").iter();
    variables.extend(flags.map(|given| match given.contains('=') {
        true => given.clone(),
        false => own(given).unwrap_or_else(|| given.clone()),
    }));
    Ok(variables)
}

fn labels(sys: &Sys, parsed: &Parsed) -> Result<SortedMap<String, String>, String> {
    let mut labels = SortedMap::new();
    for file in parsed.all("label-file") {
        // A name alone, which a flag may give, says nothing in a file.
        let mut lines = lines_of(sys, file)?;
        lines.retain(|line| line.contains('='));
        labels.extend(pairs::map(&lines));
    }
    labels.extend(pairs::map(parsed.all("label")));
    Ok(labels)
}

/// Returns a file's lines without comments and empty ones.
fn lines_of(sys: &Sys, file: &str) -> Result<Vec<String>, String> {
    let text = sys
        .read_text(file)
        .map_err(|e| format!("open {file}: {}", e.to_string().to_ascii_lowercase()))?;
    let kept = text
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(kept.map(str::to_owned).collect())
}

/// Reads `always`, `on-failure:3` and so on.
pub(super) fn restart(text: &str) -> Result<RestartPolicy, String> {
    let (name, count) = match text.split_once(':') {
        Some((name, count)) => (name, Some(count)),
        None => (text, None),
    };
    if count.is_some() && name.is_empty() {
        return Err("invalid restart policy format: no policy provided before colon".into());
    }
    let maximum_retry_count = match count {
        Some(count) => count.parse().map_err(|_invalid| {
            "invalid restart policy format: maximum retry count must be an integer".to_owned()
        })?,
        None => 0,
    };
    Ok(RestartPolicy {
        name: name.to_owned(),
        maximum_retry_count,
    })
}

/// Reads the flags of health checks.
pub(crate) fn health(parsed: &Parsed) -> Result<Option<HealthConfig>, String> {
    const FLAGS: [&str; 6] = [
        "health-cmd",
        "health-interval",
        "health-retries",
        "health-start-interval",
        "health-start-period",
        "health-timeout",
    ];
    let given = FLAGS.iter().any(|flag| parsed.given(flag));
    if parsed.on("no-healthcheck") {
        return match given {
            true => Err("--no-healthcheck conflicts with --health-* options".into()),
            false => Ok(Some(HealthConfig {
                test: vec!["NONE".into()],
                ..HealthConfig::default()
            })),
        };
    }
    if !given {
        return Ok(None);
    }
    for flag in [
        "health-interval",
        "health-timeout",
        "health-start-period",
        "health-start-interval",
    ] {
        if parsed.duration(flag) < 0 {
            return Err(format!("--{flag} cannot be negative"));
        }
    }
    if parsed.int("health-retries") < 0 {
        return Err("--health-retries cannot be negative".into());
    }
    let command = parsed.text("health-cmd");
    Ok(Some(HealthConfig {
        test: if command.is_empty() {
            Vec::new()
        } else {
            vec!["CMD-SHELL".into(), command.to_owned()]
        },
        interval: parsed.duration("health-interval"),
        timeout: parsed.duration("health-timeout"),
        start_period: parsed.duration("health-start-period"),
        start_interval: parsed.duration("health-start-interval"),
        retries: parsed.int("health-retries"),
    }))
}
