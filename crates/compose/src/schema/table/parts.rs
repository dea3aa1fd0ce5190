//! The larger mappings within a service: how it is built, deployed, and what it mounts.

use super::{
    COMMAND, EXTRA_HOSTS, FLAG, LIST_OR_DICT, NUMBER, TEXT, TEXT_OR_TEXTS, TEXTS, UNIQUE, WHOLE,
    closed, field, keys, needs, object,
};
use crate::schema::Schema::{Is, List, OneOf, Range, Words};
use crate::schema::Type::{Bool, Null};
use crate::schema::{Field, Object, Pattern, Rest, Schema, Shape};

pub(super) static BUILD: Object = object(&[
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

pub(super) static DEVELOP: Object = Object {
    or: &[Null],
    ..object(&[field(
        "watch",
        List(&Schema::Object(&WATCH), false),
        Shape::List(&Shape::Struct(&WATCH)),
    )])
};

pub(super) static WATCH: Object = needs(
    object(&[
        field("path", TEXT, Shape::Text),
        field(
            "action",
            Words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
            Shape::Text,
        ),
        field("target", TEXT, Shape::Text),
        field("exec", Schema::Object(&HOOK), Shape::Part(&HOOK)),
        field("include", TEXT_OR_TEXTS, Shape::Texts),
        field("ignore", TEXT_OR_TEXTS, Shape::Texts),
        field("initial_sync", Is(&[Bool]), Shape::Flag),
    ]),
    &["path", "action"],
);

pub(super) static BLKIO: Object = closed(&[
    field("weight", WHOLE, Shape::Int),
    field(
        "weight_device",
        List(&Schema::Object(&BLKIO_WEIGHT), false),
        Shape::List(&Shape::Struct(&BLKIO_WEIGHT)),
    ),
    field(
        "device_read_bps",
        BLKIO_LIMITS,
        Shape::List(&Shape::Struct(&BLKIO_LIMIT)),
    ),
    field(
        "device_read_iops",
        BLKIO_LIMITS,
        Shape::List(&Shape::Struct(&BLKIO_LIMIT)),
    ),
    field(
        "device_write_bps",
        BLKIO_LIMITS,
        Shape::List(&Shape::Struct(&BLKIO_LIMIT)),
    ),
    field(
        "device_write_iops",
        BLKIO_LIMITS,
        Shape::List(&Shape::Struct(&BLKIO_LIMIT)),
    ),
]);

pub(super) const BLKIO_LIMITS: Schema = List(&Schema::Object(&BLKIO_LIMIT), false);

pub(super) static BLKIO_LIMIT: Object = closed(&[
    field("path", TEXT, Shape::Text),
    field("rate", WHOLE, Shape::Bytes),
]);

pub(super) static BLKIO_WEIGHT: Object = closed(&[
    field("path", TEXT, Shape::Text),
    field("weight", WHOLE, Shape::Int),
]);

pub(super) const FILE_REFERENCES: Schema =
    List(&OneOf(&[TEXT, Schema::Object(&FILE_REFERENCE)]), false);

pub(super) static FILE_REFERENCE: Object = object(&[
    field("source", TEXT, Shape::Text),
    field("target", TEXT, Shape::Text),
    field("uid", TEXT, Shape::Text),
    field("gid", TEXT, Shape::Text),
    field("mode", NUMBER, Shape::Mode),
]);

pub(super) static DEPLOY: Object = Object {
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

pub(super) static UPDATE: Object = object(&[
    field("parallelism", WHOLE, Shape::OptInt),
    field("delay", TEXT, Shape::Duration),
    field("failure_action", TEXT, Shape::Text),
    field("monitor", TEXT, Shape::Duration),
    field("max_failure_ratio", NUMBER, Shape::Float),
    field("order", Words(&["start-first", "stop-first"]), Shape::Text),
]);

pub(super) static RESOURCES: Object = object(&[
    field("limits", Schema::Object(&LIMITS), Shape::Struct(&LIMITS)),
    field(
        "reservations",
        Schema::Object(&RESERVATIONS),
        Shape::Struct(&RESERVATIONS),
    ),
]);

pub(super) static LIMITS: Object = object(&[
    field("cpus", NUMBER, Shape::Float),
    field("memory", TEXT, Shape::Bytes),
    field("pids", WHOLE, Shape::Int),
]);

pub(super) static RESERVATIONS: Object = object(&[
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

pub(super) const GPUS: Schema = OneOf(&[Words(&["all"]), List(&Schema::Object(&GPU), false)]);

pub(super) static GPU: Object = Object {
    rest: Rest::Open,
    ..object(DEVICE_REQUEST_FIELDS)
};
pub(super) static DEVICE_RESERVATION: Object =
    needs(object(DEVICE_REQUEST_FIELDS), &["capabilities"]);
pub(super) static DEVICE_REQUEST: Object = object(DEVICE_REQUEST_FIELDS);
pub(super) const DEVICE_REQUEST_FIELDS: &[Field] = &[
    field("capabilities", UNIQUE, Shape::Texts),
    field("driver", TEXT, Shape::Text),
    field("count", WHOLE, Shape::Count),
    field("device_ids", UNIQUE, Shape::Texts),
    field("options", LIST_OR_DICT, Shape::Pairs),
];

pub(super) static GENERIC_RESOURCE: Object = object(&[field(
    "discrete_resource_spec",
    Schema::Object(&DISCRETE_RESOURCE),
    Shape::Struct(&DISCRETE_RESOURCE),
)]);

pub(super) static DISCRETE_RESOURCE: Object = object(&[
    field("kind", TEXT, Shape::Text),
    field("value", NUMBER, Shape::Int),
]);

pub(super) static RESTART_POLICY: Object = object(&[
    field("condition", TEXT, Shape::Text),
    field("delay", TEXT, Shape::Duration),
    field("max_attempts", WHOLE, Shape::OptInt),
    field("window", TEXT, Shape::Duration),
]);

pub(super) static PLACEMENT: Object = object(&[
    field("constraints", TEXTS, Shape::Texts),
    field(
        "preferences",
        List(&Schema::Object(&PREFERENCE), false),
        Shape::List(&Shape::Struct(&PREFERENCE)),
    ),
    field("max_replicas_per_node", WHOLE, Shape::Int),
]);

pub(super) static PREFERENCE: Object = object(&[field("spread", TEXT, Shape::Text)]);

pub(super) static DEVICE: Object = needs(
    object(&[
        field("source", TEXT, Shape::Text),
        field("target", TEXT, Shape::Text),
        field("permissions", TEXT, Shape::Text),
    ]),
    &["source"],
);

pub(super) static ULIMITS: Object = keys(
    Pattern::Letters,
    &OneOf(&[WHOLE, Schema::Object(&ULIMIT)]),
    false,
);

pub(super) static ULIMIT: Object = needs(
    object(&[
        field("soft", WHOLE, Shape::Int),
        field("hard", WHOLE, Shape::Int),
    ]),
    &["soft", "hard"],
);

pub(super) static MOUNT: Object = needs(
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

pub(super) static MOUNT_BIND: Object = object(&[
    field("selinux", Words(&["z", "Z"]), Shape::Text),
    field("propagation", TEXT, Shape::Text),
    field("create_host_path", FLAG, Shape::Flag),
    field(
        "recursive",
        Words(&["enabled", "disabled", "writable", "readonly"]),
        Shape::Text,
    ),
]);

pub(super) static MOUNT_VOLUME: Object = object(&[
    field("labels", LIST_OR_DICT, Shape::Pairs),
    field("nocopy", FLAG, Shape::Flag),
    field("subpath", TEXT, Shape::Text),
]);

pub(super) static MOUNT_TMPFS: Object = object(&[
    field("size", OneOf(&[Range(0, None), TEXT]), Shape::Bytes),
    field("mode", NUMBER, Shape::Int),
]);

pub(super) static MOUNT_IMAGE: Object = object(&[field("subpath", TEXT, Shape::Text)]);

pub(super) static HOOK: Object = needs(
    object(&[
        field("command", COMMAND, Shape::Command),
        field("user", TEXT, Shape::Text),
        field("privileged", FLAG, Shape::Flag),
        field("working_dir", TEXT, Shape::Text),
        field("environment", LIST_OR_DICT, Shape::OpenPairs),
    ]),
    &["command"],
);
