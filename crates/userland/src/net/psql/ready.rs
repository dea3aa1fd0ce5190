//! `pg_isready`.

use super::refuse;
use super::target::Target;
use crate::args;
use kernel::sys::Sys;
use kernel::time::Duration;

/// The `pg_isready` program: 0 ready, 2 no answer.
pub async fn ready(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let long = [
        ("host", 'h'),
        ("port", 'p'),
        ("username", 'U'),
        ("dbname", 'd'),
        ("timeout", 't'),
        ("quiet", 'q'),
    ];
    let parsed = match args::parse(&args, "h:p:U:d:t:q", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse(&sys, "pg_isready", wrong, 3),
    };
    let mut target = Target::read(&sys, &parsed);
    let limit = parsed.value('t').and_then(|t| t.parse().ok()).unwrap_or(3);
    target.timeout = Some(Duration::from_secs(limit)).filter(|t| !t.is_zero());
    let place = format!(
        "{}:{}",
        target.host.as_deref().unwrap_or("/var/run/postgresql"),
        target.port
    );
    // A server that refuses this user all the same accepts connections.
    let up = match target.open(&sys).await {
        Ok(_) => true,
        Err(text) => text.contains("FATAL:  "),
    };
    if !parsed.has('q') {
        sys.out(&format!(
            "{place} - {}\n",
            if up {
                "accepting connections"
            } else {
                "no response"
            }
        ));
    }
    if up { 0 } else { 2 }
}
