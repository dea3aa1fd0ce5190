//! A service and the small mappings within it.

use super::parts::{
    BLKIO, BUILD, DEPLOY, DEVELOP, DEVICE, DEVICE_REQUEST, FILE_REFERENCE, FILE_REFERENCES, GPUS,
    HOOK, MOUNT, ULIMITS,
};
use super::{
    COMMAND, EXTRA_HOSTS, FLAG, LIST_OR_DICT, LOG_OPTIONS, NUMBER, OPEN, OPTIONS, TEXT,
    TEXT_OR_TEXTS, TEXTS, UNIQUE, UNIQUE_NUMBERS, WHOLE, closed, field, keys, needs, object,
};
use crate::schema::Schema::{Is, List, Matches, OneOf, Range, Words};
use crate::schema::Type::{Bool, Null, Number, Str};
use crate::schema::{Object, Pattern, Schema, Shape};

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

pub(super) static CREDENTIAL_SPEC: Object = object(&[
    field("config", TEXT, Shape::Text),
    field("file", TEXT, Shape::Text),
    field("registry", TEXT, Shape::Text),
]);

pub(super) static DEPENDENCIES: Object = keys(Pattern::Key, &Schema::Object(&DEPENDENCY), true);

pub(super) static DEPENDENCY: Object = needs(
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

pub(super) static PROVIDER: Object = needs(
    object(&[
        field("type", TEXT, Shape::Text),
        field(
            "options",
            Schema::Object(&PROVIDER_OPTIONS),
            Shape::Map(&Shape::Texts),
        ),
    ]),
    &["type"],
);

pub(super) static PROVIDER_OPTIONS: Object = keys(
    Pattern::Some,
    &OneOf(&[
        Is(&[Str, Number, Bool]),
        List(&Is(&[Str, Number, Bool]), false),
    ]),
    false,
);

pub(super) static ENV_FILE: Object = needs(
    closed(&[
        field("path", TEXT, Shape::Text),
        field("required", FLAG, Shape::OptFlag),
        field("format", TEXT, Shape::Text),
    ]),
    &["path"],
);

pub(super) static EXTENDS: Object = needs(
    closed(&[
        field("file", TEXT, Shape::Text),
        field("service", TEXT, Shape::Text),
    ]),
    &["service"],
);

pub(super) static HEALTHCHECK: Object = object(&[
    field("test", OneOf(&[TEXT, TEXTS]), Shape::Test),
    field("timeout", TEXT, Shape::Duration),
    field("interval", TEXT, Shape::Duration),
    field("retries", NUMBER, Shape::OptInt),
    field("start_period", TEXT, Shape::Duration),
    field("start_interval", TEXT, Shape::Duration),
    field("disable", FLAG, Shape::Flag),
]);

pub(super) static LOGGING: Object = object(&[
    field("driver", TEXT, Shape::Text),
    field("options", Schema::Object(&LOG_OPTIONS), Shape::Pairs),
]);

pub(super) static SERVICE_MODELS: Object = keys(
    Pattern::Key,
    &OneOf(&[Schema::Object(&SERVICE_MODEL), Is(&[Null])]),
    false,
);

pub(super) static SERVICE_MODEL: Object = object(&[
    field("endpoint_var", TEXT, Shape::Text),
    field("model_var", TEXT, Shape::Text),
]);

pub(super) static SERVICE_NETWORKS: Object = keys(
    Pattern::Key,
    &OneOf(&[Schema::Object(&SERVICE_NETWORK), Is(&[Null])]),
    true,
);

pub(super) static SERVICE_NETWORK: Object = object(&[
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

pub(super) static PORT: Object = object(&[
    field("name", TEXT, Shape::Text),
    field("mode", TEXT, Shape::Text),
    field("host_ip", TEXT, Shape::Text),
    field("target", WHOLE, Shape::Int),
    field("published", WHOLE, Shape::Text),
    field("protocol", TEXT, Shape::Text),
    field("app_protocol", TEXT, Shape::Text),
]);
