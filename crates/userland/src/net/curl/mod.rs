//! `curl` 8: its options, error numbers and texts, for HTTP without TLS.

mod meter;
mod options;
mod transfer;
mod writeout;

use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;
use kernel::time::Duration;
use options::{Options, Output, Wrong};
use transfer::{Report, Sink};

pub use options::WORDS;

/// What `curl --version` calls itself.
const VERSION: &str = "8.22.0";
const HINT: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/// The `curl` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let read = |path: &str| sys.read_file(path).ok().map(|data| data.to_vec());
    let options = match options::parse(&args, read) {
        Ok(options) => options,
        Err(Wrong::Text(text)) => {
            sys.err(&format!("curl: {text}\n{HINT}")).await;
            return 2;
        }
        Err(Wrong::NotModelled(option)) => return crate::not_modelled(&sys, "curl", &option).await,
        Err(Wrong::Version) => {
            sys.out(&format!("curl {VERSION} (x86_64-pc-linux-gnu) libcurl/{VERSION}\nProtocols: http\nFeatures: IPv6\n")).await;
            return 0;
        }
        Err(Wrong::Help) => {
            sys.out(HELP).await;
            return 0;
        }
    };
    if options.urls.is_empty() {
        sys.err(HINT).await;
        return 2;
    }
    if let Some(path) = &options.stderr
        && let Err(error) = redirect_errors(&sys, path)
    {
        sys.err(&format!("Warning: Failed to open {path}: {error}\n"))
            .await;
    }
    let mut code = 0;
    for (at, url) in options.urls.iter().enumerate() {
        let report = with_retries(&sys, &options, url, options.outputs.get(at)).await;
        code = report.code;
        if let Some(format) = &options.write_out {
            let written = writeout::render(format, &report);
            sys.out(&written.out).await;
            sys.err(&written.err).await;
        }
        if code != 0 && options.fail_early {
            break;
        }
    }
    code
}

fn redirect_errors(sys: &Sys, path: &str) -> Result<(), kernel::Errno> {
    if path == "-" {
        return sys.dup2(Fd::STDOUT, Fd::STDERR);
    }
    let fd = sys.open(path, OpenOptions::WRITE)?;
    sys.dup2(fd, Fd::STDERR)?;
    sys.close(fd);
    Ok(())
}

/// Carries out one transfer, again as often as `--retry` says.
async fn with_retries(sys: &Sys, options: &Options, url: &str, output: Option<&Output>) -> Report {
    let mut delay = Duration::from_secs(1);
    let mut left = options.retry;
    loop {
        let sink = Sink::new(sys, options, output);
        let report = transfer::run(sys, options, url, sink).await;
        let problem = retry_reason(options, &report);
        if let Some(error) = report
            .error
            .as_deref()
            .filter(|_| !options.silent || options.show_error)
        {
            sys.err(&format!("curl: ({}) {error}\n", report.code)).await;
        }
        let Some(problem) = problem.filter(|_| left > 0) else {
            return report;
        };
        let wait = options
            .retry_delay
            .filter(|d| !d.is_zero())
            .unwrap_or(delay);
        if !options.silent {
            let plural = if left == 1 { "retry" } else { "retries" };
            sys.err(&format!(
                "Warning: Problem: {problem}. Will retry in {} second{}. {left} {plural} left.\n",
                wait.as_secs(),
                if wait.as_secs() == 1 { "" } else { "s" }
            ))
            .await;
        }
        let _ = sys.sleep(wait).await;
        delay = (delay * 2).min(Duration::from_secs(600));
        left -= 1;
    }
}

/// What curl takes to be passing trouble.
fn retry_reason(options: &Options, report: &Report) -> Option<&'static str> {
    match report.code {
        28 => Some("timeout"),
        7 if options.retry_refused || options.retry_all => Some("connection refused"),
        0 | 22 if matches!(report.status, 408 | 429 | 500 | 502 | 503 | 504) => Some("HTTP error"),
        0 => None,
        _ if options.retry_all => Some("(retrying all errors)"),
        _ => None,
    }
}

const HELP: &str = "Usage: curl [options...] <url>
 -d, --data <data>           HTTP POST data
 -f, --fail                  Fail fast with no output on HTTP errors
 -h, --help <subject>        Get help for commands
 -o, --output <file>         Write to file instead of stdout
 -O, --remote-name           Write output to file named as remote file
 -i, --show-headers          Show response headers in output
 -s, --silent                Silent mode
 -T, --upload-file <file>    Transfer local FILE to destination
 -u, --user <user:password>  Server user and password
 -A, --user-agent <name>     Send User-Agent <name> to server
 -v, --verbose               Make the operation more talkative
 -V, --version               Show version number and quit
";
