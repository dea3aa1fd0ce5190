//! The directives that are known: where they may stand, how many words they take, and which of them are left out.

/// Contexts, as bits.
pub(super) const MAIN: u8 = 1;
/// `http`.
pub(super) const HTTP: u8 = 2;
/// `server`.
pub(super) const SERVER: u8 = 4;
/// `location`.
pub(super) const LOCATION: u8 = 8;
/// `upstream`.
pub(super) const UPSTREAM: u8 = 16;
/// `events`.
pub(super) const EVENTS: u8 = 32;
/// `if`.
pub(super) const IF: u8 = 64;
/// `map`, `types` and the like, whose lines are data.
pub(super) const DATA: u8 = 128;

const ALL: u8 = HTTP | SERVER | LOCATION;

/// What is known of a directive: its name, where it may stand, and its least and largest number of words after the name.
pub(super) type Known = (&'static str, u8, u8, u8);

/// Words without limit.
const MANY: u8 = u8::MAX;

/// The directives. Source: nginx's own tables of commands.
pub(super) const KNOWN: &[Known] = &[
    ("daemon", MAIN, 1, 1),
    ("env", MAIN, 1, 1),
    ("error_log", MAIN | ALL, 1, MANY),
    ("events", MAIN, 0, 0),
    ("http", MAIN, 0, 0),
    ("load_module", MAIN, 1, 1),
    ("master_process", MAIN, 1, 1),
    ("pcre_jit", MAIN, 1, 1),
    ("pid", MAIN, 1, 1),
    ("user", MAIN, 1, 2),
    ("worker_cpu_affinity", MAIN, 1, MANY),
    ("worker_processes", MAIN, 1, 1),
    ("worker_rlimit_nofile", MAIN, 1, 1),
    ("multi_accept", EVENTS, 1, 1),
    ("use", EVENTS, 1, 1),
    ("worker_connections", EVENTS, 1, 1),
    ("access_log", ALL | IF, 1, MANY),
    ("add_header", ALL | IF, 2, 3),
    ("alias", LOCATION, 1, 1),
    ("allow", ALL, 1, 1),
    ("autoindex", ALL, 1, 1),
    ("autoindex_exact_size", ALL, 1, 1),
    ("autoindex_localtime", ALL, 1, 1),
    ("break", SERVER | LOCATION | IF, 0, 0),
    ("charset", ALL, 1, 1),
    ("client_body_buffer_size", ALL, 1, 1),
    ("client_body_timeout", ALL, 1, 1),
    ("client_header_buffer_size", HTTP | SERVER, 1, 1),
    ("client_header_timeout", HTTP | SERVER, 1, 1),
    ("client_max_body_size", ALL, 1, 1),
    ("default_type", ALL, 1, 1),
    ("deny", ALL, 1, 1),
    ("error_page", ALL | IF, 2, MANY),
    ("etag", ALL, 1, 1),
    ("expires", ALL, 1, 2),
    ("gzip", ALL, 1, 1),
    ("gzip_buffers", ALL, 2, 2),
    ("gzip_comp_level", ALL, 1, 1),
    ("gzip_disable", ALL, 1, MANY),
    ("gzip_http_version", ALL, 1, 1),
    ("gzip_min_length", ALL, 1, 1),
    ("gzip_proxied", ALL, 1, MANY),
    ("gzip_static", ALL, 1, 1),
    ("gzip_types", ALL, 1, MANY),
    ("gzip_vary", ALL, 1, 1),
    ("if", SERVER | LOCATION, 1, MANY),
    ("include", MAIN | ALL | UPSTREAM | EVENTS, 1, 1),
    ("index", ALL, 1, MANY),
    ("internal", LOCATION, 0, 0),
    ("keepalive", UPSTREAM, 1, 2),
    ("keepalive_requests", ALL | UPSTREAM, 1, 1),
    ("keepalive_timeout", ALL | UPSTREAM, 1, 2),
    ("large_client_header_buffers", HTTP | SERVER, 2, 2),
    ("least_conn", UPSTREAM, 0, 0),
    ("listen", SERVER, 1, MANY),
    ("location", SERVER | LOCATION, 1, 2),
    ("log_format", HTTP, 2, MANY),
    ("log_not_found", ALL, 1, 1),
    ("map", HTTP, 2, 2),
    ("map_hash_bucket_size", HTTP, 1, 1),
    ("proxy_buffer_size", ALL, 1, 1),
    ("proxy_buffering", ALL, 1, 1),
    ("proxy_buffers", ALL, 2, 2),
    ("proxy_cache_bypass", ALL, 1, MANY),
    ("proxy_connect_timeout", ALL, 1, 1),
    ("proxy_hide_header", ALL, 1, 1),
    ("proxy_http_version", ALL, 1, 1),
    ("proxy_intercept_errors", ALL, 1, 1),
    ("proxy_next_upstream", ALL, 1, MANY),
    ("proxy_next_upstream_tries", ALL, 1, 1),
    ("proxy_pass", LOCATION | IF, 1, 1),
    ("proxy_pass_header", ALL, 1, 1),
    ("proxy_read_timeout", ALL, 1, 1),
    ("proxy_redirect", ALL, 1, 2),
    ("proxy_request_buffering", ALL, 1, 1),
    ("proxy_send_timeout", ALL, 1, 1),
    ("proxy_set_header", ALL, 2, 2),
    ("real_ip_header", ALL, 1, 1),
    ("resolver", ALL | UPSTREAM, 1, MANY),
    ("resolver_timeout", ALL | UPSTREAM, 1, 1),
    ("return", SERVER | LOCATION | IF, 1, 2),
    ("rewrite", SERVER | LOCATION | IF, 2, 3),
    ("root", ALL | IF, 1, 1),
    ("send_timeout", ALL, 1, 1),
    ("sendfile", ALL | IF, 1, 1),
    ("server", HTTP | UPSTREAM, 0, MANY),
    ("server_name", SERVER, 1, MANY),
    ("server_names_hash_bucket_size", HTTP, 1, 1),
    ("server_tokens", ALL, 1, 1),
    ("set", SERVER | LOCATION | IF, 2, 2),
    ("set_real_ip_from", ALL, 1, 1),
    ("stub_status", SERVER | LOCATION, 0, 1),
    ("tcp_nodelay", ALL, 1, 1),
    ("tcp_nopush", ALL, 1, 1),
    ("try_files", SERVER | LOCATION, 2, MANY),
    ("types", ALL, 0, 0),
    ("types_hash_bucket_size", ALL, 1, 1),
    ("types_hash_max_size", ALL, 1, 1),
    ("underscores_in_headers", HTTP | SERVER, 1, 1),
    ("upstream", HTTP, 1, 1),
    ("zone", UPSTREAM, 1, 2),
];

/// Beginnings of the names of directives that nginx has and that are left out.
pub(super) const LEFT_OUT: &[&str] = &[
    "auth_",
    "fastcgi_",
    "geo",
    "grpc_",
    "hash",
    "http2",
    "ip_hash",
    "limit_",
    "mail",
    "mirror",
    "proxy_cache",
    "proxy_cookie_",
    "proxy_ssl_",
    "proxy_store",
    "random",
    "satisfy",
    "scgi_",
    "secure_link",
    "split_clients",
    "ssl_",
    "stream",
    "sub_filter",
    "uwsgi_",
    "valid_referers",
];

/// Those that may stand only once in a block.
pub(super) const ONCE: &[&str] = &[
    "alias",
    "autoindex",
    "client_max_body_size",
    "daemon",
    "default_type",
    "pid",
    "proxy_connect_timeout",
    "proxy_pass",
    "proxy_read_timeout",
    "root",
    "server_tokens",
    "try_files",
    "user",
    "worker_connections",
    "worker_processes",
];

/// Those whose value is a variable's text.
pub(super) const EXPANDED: &[&str] = &[
    "add_header",
    "alias",
    "if",
    "log_format",
    "map",
    "proxy_pass",
    "proxy_set_header",
    "return",
    "rewrite",
    "root",
    "set",
    "try_files",
    "access_log",
];
