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

use kernel::sys::Sys;

/// Changes what `ps` shows of a process.
fn set_title(sys: &Sys, title: &str) {
    sys.kernel(|k| {
        if let Some(p) = k.proc.get_mut(sys.id()) {
            p.argv = vec![title.to_owned()];
        }
    });
}

crate::programs! {
    /// The servers of the LAN: its names and its web pages.
    pub const OF_THE_LAN;
    gnu "dnsmasq", "DNS server", &["--keep-in-foreground", "--conf-file"], dnsmasq::main;
    busybox "httpd", "serve files over HTTP", &["-f", "-p", "-h", "-v"], httpd::main;
}

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    gnu "redis-server", "in-memory store", &["--port"], redis::main;
    gnu "postgres", "database server", &[], postgres::main;
    gnu "apache-httpd", "Apache's web server", &[], small::apache;
    gnu "whoami-server", "web server that tells who asked", &[], small::whoami;
    gnu "node_exporter", "machine metrics over HTTP", &[], small::node_exporter;
    gnu "python3", "only -m http.server", &["-m http.server"], small::python;
    plain gnu "node", "not modelled", &[], small::node;
    plain gnu "hello-world", "says hello", &[], small::hello_world;
    gnu "mysqld", "database server", &[], mysqld::main;
    gnu "nginx", "web server", &["-g", "-t", "-v", "-s"], nginx::main;
}
