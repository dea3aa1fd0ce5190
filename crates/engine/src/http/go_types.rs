//! The types of Go's that requests are read into, with the names that its decoder gives them.
//! Source: moby `api/types`, at v28.5.2.

use super::unmarshal::{Field, Go};

const TEXT: Go = Go::Text;
const BOOL: Go = Go::Bool;
const INT: Go = Go::Int("int");
const INT64: Go = Go::Int("int64");
const UINT64: Go = Go::Int("uint64");
const DURATION: Go = Go::Int("time.Duration");
const TEXTS: Go = Go::List(&Go::Text);
const LABELS: Go = Go::Map(&Go::Text);
const EMPTY: Go = Go::Struct("struct {}", &[]);

/// `network.CreateRequest`.
pub(super) const NETWORK_CREATE: Go = Go::Struct(
    "network.CreateRequest",
    &[&[
        ("Name", TEXT),
        ("Driver", TEXT),
        ("Scope", TEXT),
        ("EnableIPv4", BOOL),
        ("EnableIPv6", BOOL),
        ("IPAM", IPAM),
        ("Internal", BOOL),
        ("Attachable", BOOL),
        ("Ingress", BOOL),
        ("ConfigOnly", BOOL),
        ("ConfigFrom", CONFIG_FROM),
        ("Options", LABELS),
        ("Labels", LABELS),
    ]],
);
const CONFIG_FROM: Go = Go::Struct("network.ConfigReference", &[&[("Network", TEXT)]]);
const IPAM: Go = Go::Struct(
    "network.IPAM",
    &[&[
        ("Driver", TEXT),
        ("Options", LABELS),
        (
            "Config",
            Go::List(&Go::Struct(
                "network.IPAMConfig",
                &[&[
                    ("Subnet", TEXT),
                    ("IPRange", TEXT),
                    ("Gateway", TEXT),
                    ("AuxiliaryAddresses", LABELS),
                ]],
            )),
        ),
    ]],
);

/// `network.ConnectOptions`.
pub(super) const NETWORK_CONNECT: Go = Go::Struct(
    "network.ConnectOptions",
    &[&[("Container", TEXT), ("EndpointConfig", ENDPOINT)]],
);
/// `network.DisconnectOptions`.
pub(super) const NETWORK_DISCONNECT: Go = Go::Struct(
    "network.DisconnectOptions",
    &[&[("Container", TEXT), ("Force", BOOL)]],
);
const ENDPOINT: Go = Go::Struct(
    "network.EndpointSettings",
    &[&[
        (
            "IPAMConfig",
            Go::Struct(
                "network.EndpointIPAMConfig",
                &[&[
                    ("IPv4Address", TEXT),
                    ("IPv6Address", TEXT),
                    ("LinkLocalIPs", TEXTS),
                ]],
            ),
        ),
        ("Links", TEXTS),
        ("Aliases", TEXTS),
        ("MacAddress", TEXT),
        ("DriverOpts", LABELS),
        ("GwPriority", INT),
        ("NetworkID", TEXT),
        ("EndpointID", TEXT),
        ("Gateway", TEXT),
        ("IPAddress", TEXT),
        ("IPPrefixLen", INT),
        ("IPv6Gateway", TEXT),
        ("GlobalIPv6Address", TEXT),
        ("GlobalIPv6PrefixLen", INT),
        ("DNSNames", TEXTS),
    ]],
);

/// `volume.CreateOptions`.
pub(super) const VOLUME_CREATE: Go = Go::Struct(
    "volume.CreateOptions",
    &[&[
        ("Driver", TEXT),
        ("DriverOpts", LABELS),
        ("Labels", LABELS),
        ("Name", TEXT),
    ]],
);

/// `container.ExecOptions`.
pub(super) const EXEC_CREATE: Go = Go::Struct(
    "container.ExecOptions",
    &[&[
        ("User", TEXT),
        ("Privileged", BOOL),
        ("Tty", BOOL),
        ("ConsoleSize", Go::Named("[2]uint", &Go::List(&INT))),
        ("AttachStdin", BOOL),
        ("AttachStderr", BOOL),
        ("AttachStdout", BOOL),
        ("DetachKeys", TEXT),
        ("Env", TEXTS),
        ("WorkingDir", TEXT),
        ("Cmd", TEXTS),
    ]],
);
/// `container.ExecStartOptions`.
pub(super) const EXEC_START: Go = Go::Struct(
    "container.ExecStartOptions",
    &[&[("Detach", BOOL), ("Tty", BOOL)]],
);

/// `container.UpdateConfig`.
pub(super) const CONTAINER_UPDATE: Go = Go::Struct(
    "container.UpdateConfig",
    &[RESOURCES, &[("RestartPolicy", RESTART_POLICY)]],
);
const RESTART_POLICY: Go = Go::Struct(
    "container.RestartPolicy",
    &[&[("Name", TEXT), ("MaximumRetryCount", INT)]],
);

/// `container.CreateRequest`.
pub(super) const CONTAINER_CREATE: Go = Go::Struct(
    "container.CreateRequest",
    &[
        CONFIG,
        &[
            ("HostConfig", HOST_CONFIG),
            (
                "NetworkingConfig",
                Go::Struct(
                    "network.NetworkingConfig",
                    &[&[("EndpointsConfig", Go::Map(&Go::Pointer(&ENDPOINT)))]],
                ),
            ),
        ],
    ],
);

/// The fields of `container.Config`.
pub(super) const CONFIG: &[Field] = &[
    ("Hostname", TEXT),
    ("Domainname", TEXT),
    ("User", TEXT),
    ("AttachStdin", BOOL),
    ("AttachStdout", BOOL),
    ("AttachStderr", BOOL),
    ("ExposedPorts", Go::Named("nat.PortSet", &Go::Map(&EMPTY))),
    ("Tty", BOOL),
    ("OpenStdin", BOOL),
    ("StdinOnce", BOOL),
    ("Env", TEXTS),
    ("Cmd", Go::Words),
    (
        "Healthcheck",
        Go::Struct(
            "v1.HealthcheckConfig",
            &[&[
                ("Test", TEXTS),
                ("Interval", DURATION),
                ("Timeout", DURATION),
                ("StartPeriod", DURATION),
                ("StartInterval", DURATION),
                ("Retries", INT),
            ]],
        ),
    ),
    ("Image", TEXT),
    ("Volumes", Go::Map(&EMPTY)),
    ("WorkingDir", TEXT),
    ("Entrypoint", Go::Words),
    ("NetworkDisabled", BOOL),
    ("MacAddress", TEXT),
    ("OnBuild", TEXTS),
    ("Labels", LABELS),
    ("StopSignal", TEXT),
    ("StopTimeout", INT),
];

const HOST_CONFIG: Go = Go::Struct("container.HostConfig", &[HOST, RESOURCES]);
const HOST: &[Field] = &[
    ("Binds", TEXTS),
    ("ContainerIDFile", TEXT),
    (
        "LogConfig",
        Go::Struct(
            "container.LogConfig",
            &[&[("Type", TEXT), ("Config", LABELS)]],
        ),
    ),
    ("NetworkMode", Go::Named("container.NetworkMode", &TEXT)),
    (
        "PortBindings",
        Go::Named(
            "nat.PortMap",
            &Go::Map(&Go::List(&Go::Struct(
                "nat.PortBinding",
                &[&[("HostIp", TEXT), ("HostPort", TEXT)]],
            ))),
        ),
    ),
    ("RestartPolicy", RESTART_POLICY),
    ("AutoRemove", BOOL),
    ("VolumeDriver", TEXT),
    ("VolumesFrom", TEXTS),
    ("ConsoleSize", Go::Named("[2]uint", &Go::List(&INT))),
    ("Annotations", LABELS),
    ("CapAdd", Go::Words),
    ("CapDrop", Go::Words),
    ("CgroupnsMode", Go::Named("container.CgroupnsMode", &TEXT)),
    ("Dns", TEXTS),
    ("DnsOptions", TEXTS),
    ("DnsSearch", TEXTS),
    ("ExtraHosts", TEXTS),
    ("GroupAdd", TEXTS),
    ("IpcMode", Go::Named("container.IpcMode", &TEXT)),
    ("Cgroup", Go::Named("container.CgroupSpec", &TEXT)),
    ("Links", TEXTS),
    ("OomScoreAdj", INT),
    ("PidMode", Go::Named("container.PidMode", &TEXT)),
    ("Privileged", BOOL),
    ("PublishAllPorts", BOOL),
    ("ReadonlyRootfs", BOOL),
    ("SecurityOpt", TEXTS),
    ("StorageOpt", LABELS),
    ("Tmpfs", LABELS),
    ("UTSMode", Go::Named("container.UTSMode", &TEXT)),
    ("UsernsMode", Go::Named("container.UsernsMode", &TEXT)),
    ("ShmSize", INT64),
    ("Sysctls", LABELS),
    ("Runtime", TEXT),
    ("Isolation", Go::Named("container.Isolation", &TEXT)),
    ("Mounts", Go::List(&MOUNT)),
    ("MaskedPaths", TEXTS),
    ("ReadonlyPaths", TEXTS),
    ("Init", BOOL),
];
const MOUNT: Go = Go::Struct(
    "mount.Mount",
    &[&[
        ("Type", Go::Named("mount.Type", &TEXT)),
        ("Source", TEXT),
        ("Target", TEXT),
        ("ReadOnly", BOOL),
        (
            "BindOptions",
            Go::Struct(
                "mount.BindOptions",
                &[&[
                    ("Propagation", Go::Named("mount.Propagation", &TEXT)),
                    ("NonRecursive", BOOL),
                    ("CreateMountpoint", BOOL),
                ]],
            ),
        ),
        (
            "VolumeOptions",
            Go::Struct(
                "mount.VolumeOptions",
                &[&[
                    ("NoCopy", BOOL),
                    ("Subpath", TEXT),
                    ("Labels", LABELS),
                    (
                        "DriverConfig",
                        Go::Struct("mount.Driver", &[&[("Name", TEXT), ("Options", LABELS)]]),
                    ),
                ]],
            ),
        ),
        (
            "TmpfsOptions",
            Go::Struct(
                "mount.TmpfsOptions",
                &[&[("SizeBytes", INT64), ("Mode", Go::Int("fs.FileMode"))]],
            ),
        ),
    ]],
);

/// The fields of `container.Resources`.
const RESOURCES: &[Field] = &[
    ("CpuShares", INT64),
    ("Memory", INT64),
    ("NanoCpus", INT64),
    ("CgroupParent", TEXT),
    ("BlkioWeight", Go::Int("uint16")),
    (
        "BlkioWeightDevice",
        Go::List(&Go::Pointer(&Go::Struct(
            "blkiodev.WeightDevice",
            &[&[("Path", TEXT), ("Weight", Go::Int("uint16"))]],
        ))),
    ),
    ("BlkioDeviceReadBps", THROTTLES),
    ("BlkioDeviceWriteBps", THROTTLES),
    ("BlkioDeviceReadIOps", THROTTLES),
    ("BlkioDeviceWriteIOps", THROTTLES),
    ("CpuPeriod", INT64),
    ("CpuQuota", INT64),
    ("CpuRealtimePeriod", INT64),
    ("CpuRealtimeRuntime", INT64),
    ("CpusetCpus", TEXT),
    ("CpusetMems", TEXT),
    (
        "Devices",
        Go::List(&Go::Struct(
            "container.DeviceMapping",
            &[&[
                ("PathOnHost", TEXT),
                ("PathInContainer", TEXT),
                ("CgroupPermissions", TEXT),
            ]],
        )),
    ),
    ("DeviceCgroupRules", TEXTS),
    (
        "DeviceRequests",
        Go::List(&Go::Struct(
            "container.DeviceRequest",
            &[&[
                ("Driver", TEXT),
                ("Count", INT),
                ("DeviceIDs", TEXTS),
                ("Capabilities", Go::List(&TEXTS)),
                ("Options", LABELS),
            ]],
        )),
    ),
    ("MemoryReservation", INT64),
    ("MemorySwap", INT64),
    ("MemorySwappiness", INT64),
    ("OomKillDisable", BOOL),
    ("PidsLimit", INT64),
    (
        "Ulimits",
        Go::List(&Go::Pointer(&Go::Struct(
            "units.Ulimit",
            &[&[("Name", TEXT), ("Hard", INT64), ("Soft", INT64)]],
        ))),
    ),
    ("CpuCount", INT64),
    ("CpuPercent", INT64),
    ("IOMaximumIOps", UINT64),
    ("IOMaximumBandwidth", UINT64),
];
const THROTTLES: Go = Go::List(&Go::Pointer(&Go::Struct(
    "blkiodev.ThrottleDevice",
    &[&[("Path", TEXT), ("Rate", UINT64)]],
)));
