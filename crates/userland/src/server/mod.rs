//! Servers: what runs in images and on machines, as real processes with real sockets.
//!
//! [`listen`] opens sockets and takes connections, [`http`] is what the web servers share.

pub mod http;
pub mod listen;

pub mod dnsmasq;
pub mod httpd;
pub mod mysqld;
pub mod nginx;
pub mod postgres;
pub mod redis;
pub mod small;

use crate::entry;
use crate::registry::Entry;

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[
    entry!(gnu "dnsmasq", "DNS server", &["--keep-in-foreground", "--conf-file"], dnsmasq::main),
    entry!(busybox "httpd", "serve files over HTTP", &["-f", "-p", "-h", "-v"], httpd::main),
    entry!(gnu "redis-server", "in-memory store", &["--port"], redis::main),
    entry!(gnu "postgres", "database server", &[], postgres::main),
    entry!(gnu "apache-httpd", "Apache's web server", &[], small::apache),
    entry!(gnu "whoami-server", "web server that tells who asked", &[], small::whoami),
    entry!(gnu "node_exporter", "machine metrics over HTTP", &[], small::node_exporter),
    entry!(gnu "python3", "only -m http.server", &["-m http.server"], small::python),
    entry!(plain gnu "node", "not modelled", &[], small::node),
    entry!(plain gnu "hello-world", "says hello", &[], small::hello_world),
    entry!(gnu "mysqld", "database server", &[], mysqld::main),
    entry!(gnu "nginx", "web server", &["-g", "-t", "-v", "-s"], nginx::main),
];
