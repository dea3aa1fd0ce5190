//! The table. Each entry: key, what is accepted, what it becomes; in the order that `config` prints.

use super::Schema::{Is, List, Matches, OneOf, Range, Words};
use super::Type::{Bool, Integer, Null, Number, Str};
use super::{Field, Object, Pattern, Rest, Schema, Shape};

const fn field(key: &'static str, schema: Schema, shape: Shape) -> Field {
    Field { key, schema, shape }
}

const fn object(fields: &'static [Field]) -> Object {
    Object {
        fields,
        rest: Rest::Extensions,
        required: &[],
        or: &[],
    }
}

const fn closed(fields: &'static [Field]) -> Object {
    Object {
        fields,
        rest: Rest::Closed,
        required: &[],
        or: &[],
    }
}

const fn needs(object: Object, required: &'static [&'static str]) -> Object {
    Object { required, ..object }
}

const fn keys(pattern: Pattern, schema: &'static Schema, closed: bool) -> Object {
    Object {
        fields: &[],
        rest: Rest::Keys(pattern, schema, closed),
        required: &[],
        or: &[],
    }
}

const TEXT: Schema = Is(&[Str]);
const FLAG: Schema = Is(&[Bool, Str]);
const WHOLE: Schema = Is(&[Integer, Str]);
const NUMBER: Schema = Is(&[Number, Str]);
const TEXTS: Schema = List(&TEXT, false);
const UNIQUE: Schema = List(&TEXT, true);
const UNIQUE_NUMBERS: Schema = List(&NUMBER, true);
const TEXT_OR_TEXTS: Schema = OneOf(&[TEXT, UNIQUE]);
const LIST_OR_DICT: Schema = OneOf(&[Schema::Object(&ANY_PAIRS), UNIQUE]);
const COMMAND: Schema = OneOf(&[Is(&[Null]), TEXT, TEXTS]);
const PAIRS: Schema = Schema::Object(&TEXT_PAIRS);

static ANY_PAIRS: Object = keys(Pattern::Some, &Is(&[Str, Number, Bool, Null]), true);
static TEXT_PAIRS: Object = keys(Pattern::Some, &TEXT, true);
static OPTIONS: Object = keys(Pattern::Some, &NUMBER, false);
static LOG_OPTIONS: Object = keys(Pattern::Some, &Is(&[Str, Number, Null]), false);
static OPEN: Object = Object {
    fields: &[],
    rest: Rest::Open,
    required: &[],
    or: &[],
};

const EXTRA_HOSTS: Schema = OneOf(&[Schema::Object(&HOSTS), UNIQUE]);
static HOSTS: Object = keys(Pattern::Some, &OneOf(&[TEXT, TEXTS]), true);

/// The whole file.
pub(crate) static FILE: Object = object(&[
    field("name", TEXT, Shape::Text),
    field("version", TEXT, Shape::Text),
    field(
        "include",
        List(&OneOf(&[TEXT, Schema::Object(&INCLUDE)]), false),
        Shape::Any,
    ),
    field(
        "services",
        Schema::Object(&SERVICES),
        Shape::Map(&Shape::Struct(&SERVICE)),
    ),
    field(
        "networks",
        Schema::Object(&NETWORKS),
        Shape::Map(&Shape::Struct(&NETWORK)),
    ),
    field(
        "volumes",
        Schema::Object(&VOLUMES),
        Shape::Map(&Shape::Struct(&VOLUME)),
    ),
    field(
        "secrets",
        Schema::Object(&SECRETS),
        Shape::Map(&Shape::Struct(&SECRET)),
    ),
    field(
        "configs",
        Schema::Object(&CONFIGS),
        Shape::Map(&Shape::Struct(&CONFIG)),
    ),
    field(
        "models",
        Schema::Object(&MODELS),
        Shape::Map(&Shape::Struct(&MODEL)),
    ),
]);

static SERVICES: Object = keys(Pattern::Key, &Schema::Object(&SERVICE), true);
static NETWORKS: Object = keys(Pattern::Key, &Schema::Object(&NETWORK), false);
static VOLUMES: Object = keys(Pattern::Key, &Schema::Object(&VOLUME), true);
static SECRETS: Object = keys(Pattern::Key, &Schema::Object(&SECRET), true);
static CONFIGS: Object = keys(Pattern::Key, &Schema::Object(&CONFIG), true);
static MODELS: Object = keys(Pattern::Key, &Schema::Object(&MODEL), false);

static INCLUDE: Object = closed(&[
    field("path", TEXT_OR_TEXTS, Shape::Texts),
    field("project_directory", TEXT, Shape::Text),
    field("env_file", TEXT_OR_TEXTS, Shape::Texts),
]);

/// One service.
pub(crate) static SERVICE: Object = object(&[
    field("profiles", UNIQUE, Shape::Texts),
    field("annotations", LIST_OR_DICT, Shape::Pairs),
    field("attach", FLAG, Shape::OptFlag),
    field(
        "build",
        OneOf(&[TEXT, Schema::Object(&BUILD)]),
        Shape::Struct(&BUILD),
    ),
    field("develop", Schema::Object(&DEVELOP), Shape::Struct(&DEVELOP)),
    field(
        "blkio_config",
        Schema::Object(&BLKIO),
        Shape::Struct(&BLKIO),
    ),
    field("cap_add", UNIQUE, Shape::Texts),
    field("cap_drop", UNIQUE, Shape::Texts),
    field("cgroup_parent", TEXT, Shape::Text),
    field("cgroup", Words(&["host", "private"]), Shape::Text),
    field("cpu_count", OneOf(&[TEXT, Range(0, None)]), Shape::Int),
    field(
        "cpu_percent",
        OneOf(&[TEXT, Range(0, Some(100))]),
        Shape::Float,
    ),
    field("cpu_period", NUMBER, Shape::Int),
    field("cpu_quota", NUMBER, Shape::Int),
    field("cpu_rt_period", NUMBER, Shape::Int),
    field("cpu_rt_runtime", NUMBER, Shape::Int),
    field("cpus", NUMBER, Shape::Float),
    field("cpuset", TEXT, Shape::Text),
    field("cpu_shares", NUMBER, Shape::Int),
    field("command", COMMAND, Shape::Command),
    field(
        "configs",
        FILE_REFERENCES,
        Shape::List(&Shape::Struct(&FILE_REFERENCE)),
    ),
    field(
        "container_name",
        Matches(Pattern::ContainerName),
        Shape::Text,
    ),
    field(
        "credential_spec",
        Schema::Object(&CREDENTIAL_SPEC),
        Shape::Struct(&CREDENTIAL_SPEC),
    ),
    field(
        "depends_on",
        OneOf(&[UNIQUE, Schema::Object(&DEPENDENCIES)]),
        Shape::Map(&Shape::Struct(&DEPENDENCY)),
    ),
    field("deploy", Schema::Object(&DEPLOY), Shape::Struct(&DEPLOY)),
    field("device_cgroup_rules", UNIQUE, Shape::Texts),
    field(
        "devices",
        List(&OneOf(&[TEXT, Schema::Object(&DEVICE)]), false),
        Shape::List(&Shape::Struct(&DEVICE)),
    ),
    field("dns", TEXT_OR_TEXTS, Shape::Texts),
    field("dns_opt", UNIQUE, Shape::Texts),
    field("dns_search", TEXT_OR_TEXTS, Shape::Texts),
    field("domainname", TEXT, Shape::Text),
    field("entrypoint", COMMAND, Shape::Command),
    field(
        "provider",
        Schema::Object(&PROVIDER),
        Shape::Struct(&PROVIDER),
    ),
    field("environment", LIST_OR_DICT, Shape::OpenPairs),
    field(
        "env_file",
        OneOf(&[
            TEXT,
            List(&OneOf(&[TEXT, Schema::Object(&ENV_FILE)]), false),
        ]),
        Shape::List(&Shape::Struct(&ENV_FILE)),
    ),
    field("expose", UNIQUE_NUMBERS, Shape::Texts),
    field(
        "extends",
        OneOf(&[TEXT, Schema::Object(&EXTENDS)]),
        Shape::Struct(&EXTENDS),
    ),
    field("external_links", UNIQUE, Shape::Texts),
    field("extra_hosts", EXTRA_HOSTS, Shape::Hosts),
    field("group_add", UNIQUE_NUMBERS, Shape::Texts),
    field("gpus", GPUS, Shape::List(&Shape::Struct(&DEVICE_REQUEST))),
    field("hostname", TEXT, Shape::Text),
    field(
        "healthcheck",
        Schema::Object(&HEALTHCHECK),
        Shape::Struct(&HEALTHCHECK),
    ),
    field("image", TEXT, Shape::Text),
    field("init", FLAG, Shape::OptFlag),
    field("ipc", TEXT, Shape::Text),
    field("isolation", TEXT, Shape::Text),
    field("labels", LIST_OR_DICT, Shape::Pairs),
    field("label_file", OneOf(&[TEXT, TEXTS]), Shape::Texts),
    field("links", UNIQUE, Shape::Texts),
    field("logging", Schema::Object(&LOGGING), Shape::Struct(&LOGGING)),
    field("mem_limit", NUMBER, Shape::Bytes),
    field("mem_reservation", WHOLE, Shape::Bytes),
    field("memswap_limit", NUMBER, Shape::Bytes),
    field("mem_swappiness", WHOLE, Shape::Bytes),
    field("mac_address", TEXT, Shape::Text),
    field(
        "models",
        OneOf(&[UNIQUE, Schema::Object(&SERVICE_MODELS)]),
        Shape::Map(&Shape::Struct(&SERVICE_MODEL)),
    ),
    field("network_mode", TEXT, Shape::Text),
    field(
        "networks",
        OneOf(&[UNIQUE, Schema::Object(&SERVICE_NETWORKS)]),
        Shape::Map(&Shape::Struct(&SERVICE_NETWORK)),
    ),
    field("oom_kill_disable", FLAG, Shape::Flag),
    field(
        "oom_score_adj",
        OneOf(&[TEXT, Range(-1000, Some(1000))]),
        Shape::Int,
    ),
    field("pid", Is(&[Str, Null]), Shape::Text),
    field("pids_limit", NUMBER, Shape::Int),
    field("platform", TEXT, Shape::Text),
    field(
        "ports",
        List(&OneOf(&[Is(&[Number]), TEXT, Schema::Object(&PORT)]), true),
        Shape::List(&Shape::Struct(&PORT)),
    ),
    field("privileged", FLAG, Shape::Flag),
    field("pull_policy", Matches(Pattern::PullPolicy), Shape::Text),
    field("pull_refresh_after", TEXT, Shape::Text),
    field("read_only", FLAG, Shape::Flag),
    field("restart", TEXT, Shape::Text),
    field("runtime", TEXT, Shape::Text),
    field("scale", WHOLE, Shape::OptInt),
    field(
        "secrets",
        FILE_REFERENCES,
        Shape::List(&Shape::Struct(&FILE_REFERENCE)),
    ),
    field("security_opt", UNIQUE, Shape::Texts),
    field("shm_size", NUMBER, Shape::Bytes),
    field("stdin_open", FLAG, Shape::Flag),
    field("stop_grace_period", TEXT, Shape::Duration),
    field("stop_signal", TEXT, Shape::Text),
    field("storage_opt", Schema::Object(&OPEN), Shape::Pairs),
    field("sysctls", LIST_OR_DICT, Shape::Pairs),
    field("tmpfs", TEXT_OR_TEXTS, Shape::Texts),
    field("tty", FLAG, Shape::Flag),
    field(
        "ulimits",
        Schema::Object(&ULIMITS),
        Shape::Map(&Shape::Limit),
    ),
    field("use_api_socket", Is(&[Bool]), Shape::Flag),
    field("user", TEXT, Shape::Text),
    field("userns_mode", TEXT, Shape::Text),
    field("uts", TEXT, Shape::Text),
    field(
        "volumes",
        List(&OneOf(&[TEXT, Schema::Object(&MOUNT)]), true),
        Shape::List(&Shape::Struct(&MOUNT)),
    ),
    field("volumes_from", UNIQUE, Shape::Texts),
    field("working_dir", TEXT, Shape::Text),
    field(
        "post_start",
        List(&Schema::Object(&HOOK), false),
        Shape::List(&Shape::Struct(&HOOK)),
    ),
    field(
        "pre_stop",
        List(&Schema::Object(&HOOK), false),
        Shape::List(&Shape::Struct(&HOOK)),
    ),
]);

static BUILD: Object = object(&[
    field("context", TEXT, Shape::Text),
    field("dockerfile", TEXT, Shape::Text),
    field("dockerfile_inline", TEXT, Shape::Text),
    field("entitlements", TEXTS, Shape::Texts),
    field("args", LIST_OR_DICT, Shape::OpenPairs),
    field("provenance", FLAG, Shape::Text),
    field("sbom", FLAG, Shape::Text),
    field("ssh", LIST_OR_DICT, Shape::Keys),
    field("labels", LIST_OR_DICT, Shape::Pairs),
    field("cache_from", TEXTS, Shape::Texts),
    field("cache_to", TEXTS, Shape::Texts),
    field("no_cache", FLAG, Shape::Flag),
    field("additional_contexts", LIST_OR_DICT, Shape::Pairs),
    field("pull", FLAG, Shape::Flag),
    field("extra_hosts", EXTRA_HOSTS, Shape::Hosts),
    field("isolation", TEXT, Shape::Text),
    field("network", TEXT, Shape::Text),
    field("target", TEXT, Shape::Text),
    field(
        "secrets",
        FILE_REFERENCES,
        Shape::List(&Shape::Struct(&FILE_REFERENCE)),
    ),
    field("shm_size", WHOLE, Shape::Bytes),
    field("tags", TEXTS, Shape::Texts),
    field(
        "ulimits",
        Schema::Object(&ULIMITS),
        Shape::Map(&Shape::Limit),
    ),
    field("platforms", TEXTS, Shape::Texts),
    field("privileged", FLAG, Shape::Flag),
]);

static DEVELOP: Object = Object {
    or: &[Null],
    ..object(&[field(
        "watch",
        List(&Schema::Object(&WATCH), false),
        Shape::List(&Shape::Struct(&WATCH)),
    )])
};

static WATCH: Object = needs(
    object(&[
        field("path", TEXT, Shape::Text),
        field(
            "action",
            Words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
            Shape::Text,
        ),
        field("target", TEXT, Shape::Text),
        field("exec", Schema::Object(&HOOK), Shape::Struct(&HOOK)),
        field("include", TEXT_OR_TEXTS, Shape::Texts),
        field("ignore", TEXT_OR_TEXTS, Shape::Texts),
        field("initial_sync", Is(&[Bool]), Shape::Flag),
    ]),
    &["path", "action"],
);

static HOOK: Object = needs(
    object(&[
        field("command", COMMAND, Shape::Command),
        field("user", TEXT, Shape::Text),
        field("privileged", FLAG, Shape::Flag),
        field("working_dir", TEXT, Shape::Text),
        field("environment", LIST_OR_DICT, Shape::OpenPairs),
    ]),
    &["command"],
);

static BLKIO: Object = closed(&[
    field("weight", WHOLE, Shape::Int),
    field(
        "weight_device",
        List(&Schema::Object(&BLKIO_WEIGHT), false),
        Shape::List(&Shape::Any),
    ),
    field("device_read_bps", BLKIO_LIMITS, Shape::List(&Shape::Any)),
    field("device_read_iops", BLKIO_LIMITS, Shape::List(&Shape::Any)),
    field("device_write_bps", BLKIO_LIMITS, Shape::List(&Shape::Any)),
    field("device_write_iops", BLKIO_LIMITS, Shape::List(&Shape::Any)),
]);

const BLKIO_LIMITS: Schema = List(&Schema::Object(&BLKIO_LIMIT), false);

static BLKIO_LIMIT: Object = closed(&[
    field("path", TEXT, Shape::Text),
    field("rate", WHOLE, Shape::Bytes),
]);

static BLKIO_WEIGHT: Object = closed(&[
    field("path", TEXT, Shape::Text),
    field("weight", WHOLE, Shape::Int),
]);

const FILE_REFERENCES: Schema = List(&OneOf(&[TEXT, Schema::Object(&FILE_REFERENCE)]), false);

static FILE_REFERENCE: Object = object(&[
    field("source", TEXT, Shape::Text),
    field("target", TEXT, Shape::Text),
    field("uid", TEXT, Shape::Text),
    field("gid", TEXT, Shape::Text),
    field("mode", NUMBER, Shape::Mode),
]);

static CREDENTIAL_SPEC: Object = object(&[
    field("config", TEXT, Shape::Text),
    field("file", TEXT, Shape::Text),
    field("registry", TEXT, Shape::Text),
]);

static DEPENDENCIES: Object = keys(Pattern::Key, &Schema::Object(&DEPENDENCY), true);

static DEPENDENCY: Object = needs(
    object(&[
        field(
            "condition",
            Words(&[
                "service_started",
                "service_healthy",
                "service_completed_successfully",
            ]),
            Shape::Text,
        ),
        field("restart", FLAG, Shape::Flag),
        field("required", Is(&[Bool]), Shape::EachFlag),
    ]),
    &["condition"],
);

static DEPLOY: Object = Object {
    or: &[Null],
    ..object(&[
        field("mode", TEXT, Shape::Text),
        field("replicas", WHOLE, Shape::OptInt),
        field("labels", LIST_OR_DICT, Shape::Pairs),
        field(
            "update_config",
            Schema::Object(&UPDATE),
            Shape::Struct(&UPDATE),
        ),
        field(
            "rollback_config",
            Schema::Object(&UPDATE),
            Shape::Struct(&UPDATE),
        ),
        field(
            "resources",
            Schema::Object(&RESOURCES),
            Shape::Part(&RESOURCES),
        ),
        field(
            "restart_policy",
            Schema::Object(&RESTART_POLICY),
            Shape::Struct(&RESTART_POLICY),
        ),
        field(
            "placement",
            Schema::Object(&PLACEMENT),
            Shape::Part(&PLACEMENT),
        ),
        field("endpoint_mode", TEXT, Shape::Text),
    ])
};

static UPDATE: Object = object(&[
    field("parallelism", WHOLE, Shape::OptInt),
    field("delay", TEXT, Shape::Duration),
    field("failure_action", TEXT, Shape::Text),
    field("monitor", TEXT, Shape::Duration),
    field("max_failure_ratio", NUMBER, Shape::Float),
    field("order", Words(&["start-first", "stop-first"]), Shape::Text),
]);

static RESOURCES: Object = object(&[
    field("limits", Schema::Object(&LIMITS), Shape::Struct(&LIMITS)),
    field(
        "reservations",
        Schema::Object(&RESERVATIONS),
        Shape::Struct(&RESERVATIONS),
    ),
]);

static LIMITS: Object = object(&[
    field("cpus", NUMBER, Shape::Float),
    field("memory", TEXT, Shape::Bytes),
    field("pids", WHOLE, Shape::Int),
]);

static RESERVATIONS: Object = object(&[
    field("cpus", NUMBER, Shape::Float),
    field("memory", TEXT, Shape::Bytes),
    field(
        "devices",
        List(&Schema::Object(&DEVICE_RESERVATION), false),
        Shape::List(&Shape::Struct(&DEVICE_REQUEST)),
    ),
    field(
        "generic_resources",
        List(&Schema::Object(&GENERIC_RESOURCE), false),
        Shape::List(&Shape::Struct(&GENERIC_RESOURCE)),
    ),
]);

const GPUS: Schema = OneOf(&[Words(&["all"]), List(&Schema::Object(&GPU), false)]);

static GPU: Object = Object {
    rest: Rest::Open,
    ..object(DEVICE_REQUEST_FIELDS)
};
static DEVICE_RESERVATION: Object = needs(object(DEVICE_REQUEST_FIELDS), &["capabilities"]);
static DEVICE_REQUEST: Object = object(DEVICE_REQUEST_FIELDS);
const DEVICE_REQUEST_FIELDS: &[Field] = &[
    field("capabilities", UNIQUE, Shape::Texts),
    field("driver", TEXT, Shape::Text),
    field("count", WHOLE, Shape::Count),
    field("device_ids", UNIQUE, Shape::Texts),
    field("options", LIST_OR_DICT, Shape::Pairs),
];

static GENERIC_RESOURCE: Object = object(&[field(
    "discrete_resource_spec",
    Schema::Object(&DISCRETE_RESOURCE),
    Shape::Struct(&DISCRETE_RESOURCE),
)]);

static DISCRETE_RESOURCE: Object = object(&[
    field("kind", TEXT, Shape::Text),
    field("value", NUMBER, Shape::Int),
]);

static RESTART_POLICY: Object = object(&[
    field("condition", TEXT, Shape::Text),
    field("delay", TEXT, Shape::Duration),
    field("max_attempts", WHOLE, Shape::OptInt),
    field("window", TEXT, Shape::Duration),
]);

static PLACEMENT: Object = object(&[
    field("constraints", TEXTS, Shape::Texts),
    field(
        "preferences",
        List(&Schema::Object(&PREFERENCE), false),
        Shape::List(&Shape::Struct(&PREFERENCE)),
    ),
    field("max_replicas_per_node", WHOLE, Shape::Int),
]);

static PREFERENCE: Object = object(&[field("spread", TEXT, Shape::Text)]);

static DEVICE: Object = needs(
    object(&[
        field("source", TEXT, Shape::Text),
        field("target", TEXT, Shape::Text),
        field("permissions", TEXT, Shape::Text),
    ]),
    &["source"],
);

static PROVIDER: Object = needs(
    object(&[
        field("type", TEXT, Shape::Text),
        field("options", Schema::Object(&PROVIDER_OPTIONS), Shape::Any),
    ]),
    &["type"],
);

static PROVIDER_OPTIONS: Object = keys(
    Pattern::Some,
    &OneOf(&[
        Is(&[Str, Number, Bool]),
        List(&Is(&[Str, Number, Bool]), false),
    ]),
    false,
);

static ENV_FILE: Object = needs(
    closed(&[
        field("path", TEXT, Shape::Text),
        field("required", FLAG, Shape::OptFlag),
        field("format", TEXT, Shape::Text),
    ]),
    &["path"],
);

static EXTENDS: Object = needs(
    closed(&[
        field("file", TEXT, Shape::Text),
        field("service", TEXT, Shape::Text),
    ]),
    &["service"],
);

static HEALTHCHECK: Object = object(&[
    field("test", OneOf(&[TEXT, TEXTS]), Shape::Test),
    field("timeout", TEXT, Shape::Duration),
    field("interval", TEXT, Shape::Duration),
    field("retries", NUMBER, Shape::OptInt),
    field("start_period", TEXT, Shape::Duration),
    field("start_interval", TEXT, Shape::Duration),
    field("disable", FLAG, Shape::Flag),
]);

static LOGGING: Object = object(&[
    field("driver", TEXT, Shape::Text),
    field("options", Schema::Object(&LOG_OPTIONS), Shape::Pairs),
]);

static SERVICE_MODELS: Object = keys(
    Pattern::Key,
    &OneOf(&[Schema::Object(&SERVICE_MODEL), Is(&[Null])]),
    false,
);

static SERVICE_MODEL: Object = object(&[
    field("endpoint_var", TEXT, Shape::Text),
    field("model_var", TEXT, Shape::Text),
]);

static SERVICE_NETWORKS: Object = keys(
    Pattern::Key,
    &OneOf(&[Schema::Object(&SERVICE_NETWORK), Is(&[Null])]),
    true,
);

static SERVICE_NETWORK: Object = object(&[
    field("aliases", UNIQUE, Shape::Texts),
    field("driver_opts", Schema::Object(&OPTIONS), Shape::Pairs),
    field("gw_priority", Is(&[Number]), Shape::Int),
    field("interface_name", TEXT, Shape::Text),
    field("ipv4_address", TEXT, Shape::Text),
    field("ipv6_address", TEXT, Shape::Text),
    field("link_local_ips", UNIQUE, Shape::Texts),
    field("mac_address", TEXT, Shape::Text),
    field("priority", Is(&[Number]), Shape::Int),
]);

static PORT: Object = object(&[
    field("name", TEXT, Shape::Text),
    field("mode", TEXT, Shape::Text),
    field("host_ip", TEXT, Shape::Text),
    field("target", WHOLE, Shape::Int),
    field("published", WHOLE, Shape::Text),
    field("protocol", TEXT, Shape::Text),
    field("app_protocol", TEXT, Shape::Text),
]);

static ULIMITS: Object = keys(
    Pattern::Letters,
    &OneOf(&[WHOLE, Schema::Object(&ULIMIT)]),
    false,
);

static ULIMIT: Object = needs(
    object(&[
        field("soft", WHOLE, Shape::Int),
        field("hard", WHOLE, Shape::Int),
    ]),
    &["soft", "hard"],
);

static MOUNT: Object = needs(
    object(&[
        field(
            "type",
            Words(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"]),
            Shape::Text,
        ),
        field("source", TEXT, Shape::Text),
        field("target", TEXT, Shape::Text),
        field("read_only", FLAG, Shape::Flag),
        field("consistency", TEXT, Shape::Text),
        field(
            "bind",
            Schema::Object(&MOUNT_BIND),
            Shape::Struct(&MOUNT_BIND),
        ),
        field(
            "volume",
            Schema::Object(&MOUNT_VOLUME),
            Shape::Struct(&MOUNT_VOLUME),
        ),
        field(
            "tmpfs",
            Schema::Object(&MOUNT_TMPFS),
            Shape::Struct(&MOUNT_TMPFS),
        ),
        field(
            "image",
            Schema::Object(&MOUNT_IMAGE),
            Shape::Struct(&MOUNT_IMAGE),
        ),
    ]),
    &["type"],
);

static MOUNT_BIND: Object = object(&[
    field("selinux", Words(&["z", "Z"]), Shape::Text),
    field("propagation", TEXT, Shape::Text),
    field("create_host_path", FLAG, Shape::Flag),
    field(
        "recursive",
        Words(&["enabled", "disabled", "writable", "readonly"]),
        Shape::Text,
    ),
]);

static MOUNT_VOLUME: Object = object(&[
    field("labels", LIST_OR_DICT, Shape::Pairs),
    field("nocopy", FLAG, Shape::Flag),
    field("subpath", TEXT, Shape::Text),
]);

static MOUNT_TMPFS: Object = object(&[
    field("size", OneOf(&[Range(0, None), TEXT]), Shape::Bytes),
    field("mode", NUMBER, Shape::Int),
]);

static MOUNT_IMAGE: Object = object(&[field("subpath", TEXT, Shape::Text)]);

/// One network.
pub(crate) static NETWORK: Object = Object {
    or: &[Null],
    ..object(&[
        field("name", TEXT, Shape::Text),
        field("driver", TEXT, Shape::Text),
        field("driver_opts", Schema::Object(&OPTIONS), Shape::Pairs),
        field("ipam", Schema::Object(&IPAM), Shape::Part(&IPAM)),
        field("external", EXTERNAL, Shape::Flag),
        field("internal", FLAG, Shape::Flag),
        field("attachable", FLAG, Shape::Flag),
        field("labels", LIST_OR_DICT, Shape::Pairs),
        field("enable_ipv4", FLAG, Shape::OptFlag),
        field("enable_ipv6", FLAG, Shape::OptFlag),
    ])
};

static IPAM: Object = object(&[
    field("driver", TEXT, Shape::Text),
    field(
        "config",
        List(&Schema::Object(&POOL), false),
        Shape::List(&Shape::Struct(&POOL)),
    ),
    field("options", PAIRS, Shape::Pairs),
]);

static POOL: Object = object(&[
    field("subnet", TEXT, Shape::Text),
    field("gateway", TEXT, Shape::Text),
    field("ip_range", TEXT, Shape::Text),
    field("aux_addresses", PAIRS, Shape::Pairs),
]);

const EXTERNAL: Schema = Schema::Object(&EXTERNAL_OBJECT);
static EXTERNAL_OBJECT: Object = Object {
    or: &[Bool, Str],
    ..object(&[field("name", TEXT, Shape::Text)])
};

/// One volume.
pub(crate) static VOLUME: Object = Object {
    or: &[Null],
    ..object(&[
        field("name", TEXT, Shape::Text),
        field("driver", TEXT, Shape::Text),
        field("driver_opts", Schema::Object(&OPTIONS), Shape::Pairs),
        field("external", EXTERNAL, Shape::Flag),
        field("labels", LIST_OR_DICT, Shape::Pairs),
    ])
};

static SECRET: Object = object(&[
    field("name", TEXT, Shape::Text),
    field("file", TEXT, Shape::Text),
    field("environment", TEXT, Shape::Text),
    field("external", EXTERNAL, Shape::Flag),
    field("labels", LIST_OR_DICT, Shape::Pairs),
    field("driver", TEXT, Shape::Text),
    field("driver_opts", Schema::Object(&OPTIONS), Shape::Pairs),
    field("template_driver", TEXT, Shape::Text),
]);

static CONFIG: Object = object(&[
    field("name", TEXT, Shape::Text),
    field("file", TEXT, Shape::Text),
    field("environment", TEXT, Shape::Text),
    field("content", TEXT, Shape::Text),
    field("external", EXTERNAL, Shape::Flag),
    field("labels", LIST_OR_DICT, Shape::Pairs),
    field("template_driver", TEXT, Shape::Text),
]);

static MODEL: Object = needs(
    object(&[
        field("name", TEXT, Shape::Text),
        field("model", TEXT, Shape::Text),
        field("context_size", Is(&[Integer]), Shape::Int),
        field("runtime_flags", TEXTS, Shape::Texts),
    ]),
    &["model"],
);
