//! Web servers and their clients over simulated wires.

mod common;

use common::{Bench, Kind};

const CONF: &str = "server {\n  listen 80;\n  listen [::]:80;\n  server_name localhost;\n  location / { root /srv; index index.html; }\n}\n";
const NGINX_CONF: &str = "error_log /dev/stderr notice;\nhttp { access_log /dev/stdout; include /etc/nginx/conf.d/*.conf; }\n";
const CGI: &str = "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\necho \"hostname: $(hostname)\"\nc=${REMOTE_ADDR#[}; c=${c%]}; echo \"client: ${c#::ffff:}\"\n";

fn bench() -> Bench {
    let mut b = Bench::new();
    b.container("web", "10.0.0.2", Kind::Gnu);
    b.container("app", "10.0.0.3", Kind::Busybox);
    b.container("cli", "10.0.0.4", Kind::Gnu);
    b.put("web", "/etc/nginx/nginx.conf", NGINX_CONF);
    b.put("web", "/etc/nginx/conf.d/default.conf", CONF);
    b.put("web", "/srv/index.html", "<h1>Welcome</h1>\n");
    b.put("app", "/srv/cgi-bin/index.cgi", CGI);
    b.put(
        "cli",
        "/etc/hosts",
        "127.0.0.1 localhost\n::1 localhost\n10.0.0.2 web\n10.0.0.3 app\n",
    );
    b
}

#[test]
fn an_nginx_configuration_that_includes_itself_is_refused() {
    let mut b = bench();
    let conf = "include /etc/nginx/conf.d/*.conf;\n";
    b.put("web", "/etc/nginx/conf.d/default.conf", conf);
    let (text, code) = b.run("web", "nginx -t");
    let open = "open() \"/etc/nginx/conf.d/default.conf\" failed (24: Too many open files)";
    assert!(code == 1 && text.contains(open), "{text}");
}

#[test]
fn nginx_serves_files_logs_and_ends_gracefully() {
    let mut b = bench();
    let nginx = b.start("web", "nginx -g 'daemon off;'");
    b.settle(100);
    assert_eq!(
        b.run("cli", "curl -s http://web"),
        ("<h1>Welcome</h1>\n".into(), 0)
    );
    let (text, code) = b.run("cli", "curl -sS -f http://web/nosuch");
    assert_eq!(
        (text.as_str(), code),
        ("curl: (22) The requested URL returned error: 404\n", 22)
    );
    assert_eq!(
        b.run(
            "cli",
            "curl -s -o /dev/null -w '%{http_code} %{size_download}' http://web"
        )
        .0,
        "200 17"
    );
    let second = b.start("web", "nginx -g 'daemon off;'");
    b.settle(4000);
    let failed = b.output(&second);
    assert_eq!(
        failed
            .matches("bind() to 0.0.0.0:80 failed (98: Address already in use)")
            .count(),
        10,
        "{failed}"
    );
    assert!(
        failed.ends_with("nginx: [emerg] still could not bind()\n"),
        "{failed}"
    );
    b.signal(&nginx, kernel::process::signal::Signal::QUIT);
    b.settle(100);
    let log = b.output(&nginx);
    assert!(log.contains("10.0.0.4 - - [10/Nov/2025:09:00:00 +0000] \"GET / HTTP/1.1\" 200 17 \"-\" \"curl/8.22.0\"\n"), "{log}");
    assert!(log.contains("open() \"/srv/nosuch\" failed (2: No such file or directory), client: 10.0.0.4, server: localhost, request: \"GET /nosuch HTTP/1.1\", host: \"web\"\n"), "{log}");
    assert!(log.ends_with("1#1: exit\n"), "{log}");
    assert_eq!(b.run("cli", "curl -sS http://web").1, 7);
}

#[test]
fn httpd_runs_cgi_programs_and_sees_the_client() {
    let mut b = bench();
    let _httpd = b.start("app", "httpd -f -p 3000 -h /srv");
    b.settle(10);
    assert_eq!(
        b.run("cli", "curl -s http://app:3000"),
        ("hostname: app\nclient: 10.0.0.4\n".into(), 0)
    );
    let (text, _) = b.run("cli", "curl -s http://app:3000/none");
    assert_eq!(
        text,
        "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n"
    );
}

#[test]
fn curl_names_its_failures() {
    let mut b = bench();
    let (text, code) = b.run("cli", "curl -sS http://app:3001");
    assert!(
        text.starts_with("curl: (7) Failed to connect to app:3001 after ")
            && text.ends_with(" ms: Could not connect to server\n"),
        "{text}"
    );
    assert_eq!(code, 7);
    let (text, code) = b.run("cli", "curl http://localhost:8080");
    assert!(
        text.starts_with("curl: (7) Failed to connect to localhost:8080 after 0 ms"),
        "{text}"
    );
    assert_eq!(code, 7);
    let (text, code) = b.run("cli", "curl -m 2 http://10.0.0.99");
    assert_eq!(
        (text.as_str(), code),
        (
            "curl: (28) Connection timed out after 2000 milliseconds\n",
            28
        )
    );
    let (text, code) = b.run("cli", "curl http://nosuch");
    assert_eq!(
        (text.as_str(), code),
        ("curl: (6) Could not resolve host: nosuch\n", 6)
    );
}
