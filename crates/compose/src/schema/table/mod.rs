//! The table. Each entry: key, what is accepted, what it becomes; in the order that `config` prints.

mod parts;
mod service;

use super::Schema::{Is, List, OneOf};
use super::Type::{Bool, Integer, Null, Number, Str};
pub(crate) use service::SERVICE;

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
    field("options", PAIRS, Shape::Dropped),
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
