//! `curl` 8: its options, error numbers and texts, for HTTP without TLS.

mod dial;
mod glob;
mod meter;
mod options;
mod request;
mod sink;
mod table;
mod transfer;
mod writeout;

use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;
use kernel::time::Duration;
use options::{Options, Output, Wrong};
use sink::{Console, Sink};
use transfer::{Pool, Report};

pub use options::WORDS;

/// What `curl --version` calls itself.
const VERSION: &str = "8.22.0";
/// What is read of standard input at most, bytes.
const MOST_INPUT: usize = 16 << 20;
const HINT: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/// The `curl` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let Some((name, words)) = args.split_first() else {
        return 2;
    };
    // `--next` begins with fresh options.
    let mut code = 0;
    for group in words.split(|word| word == "--next" || word == "-:") {
        let args: Vec<String> = std::iter::once(name).chain(group).cloned().collect();
        code = one_group(&sys, &args).await;
    }
    code
}

async fn one_group(sys: &Sys, args: &[String]) -> i32 {
    let from_input = |arg: &String| arg.ends_with("@-");
    let input = if args.iter().any(from_input) {
        sys.read_all(Fd::STDIN, MOST_INPUT).await.ok()
    } else {
        None
    };
    let read = |path: &str| match path {
        "-" => input.clone(),
        path => sys.read_file(path).ok().map(|data| data.to_vec()),
    };
    let options = match options::parse(args, read) {
        Ok(options) => options,
        Err(Wrong::Text(text)) => {
            sys.err(&format!("curl: {text}\n{HINT}"));
            return 2;
        }
        Err(Wrong::Unreadable(path, option)) => {
            let silent = args.iter().any(|a| a == "-s" || a == "--silent");
            if !path.is_empty() && !silent {
                sys.err(&format!("curl: Failed to open {path}\n"));
            }
            sys.err(&format!(
                "curl: option {option}: error encountered when reading a file\n{HINT}"
            ));
            return 26;
        }
        Err(Wrong::Warned(warning, text)) => {
            sys.err(&format!("Warning: {warning}\ncurl: {text}\n{HINT}"));
            return 2;
        }
        Err(Wrong::NotModelled(option)) => return crate::not_modelled(sys, "curl", &option),
        Err(Wrong::Version) => {
            sys.out(&format!("curl {VERSION} (x86_64-pc-linux-gnu) libcurl/{VERSION}\nProtocols: http\nFeatures: IPv6\n"));
            return 0;
        }
        Err(Wrong::Help) => {
            sys.out(HELP);
            return 0;
        }
    };
    for warning in &options.warnings {
        sys.err(&format!("Warning: {warning}\n"));
    }
    if options.urls.is_empty() {
        // A bare `curl` gives the hint alone.
        let what = if args.len() > 1 {
            "curl: (2) no URL specified\n"
        } else {
            ""
        };
        sys.err(&format!("{what}{HINT}"));
        return 2;
    }
    if options.urls.iter().any(String::is_empty) {
        sys.err(&format!(
            "curl: option : blank argument where content is expected\n{HINT}"
        ));
        return 2;
    }
    if let Some(path) = options.upload.as_ref().filter(|path| !sys.exists(path)) {
        sys.err(&format!("curl: cannot open '{path}'\n{HINT}"));
        sys.err("curl: (26) Failed to open/read local data from file/application\n");
        return 26;
    }
    if let Some(path) = &options.stderr
        && let Err(error) = redirect_errors(sys, path)
    {
        sys.err(&format!("Warning: Failed to open {path}: {error}\n"));
    }
    let console = Console::new(sys, options.no_buffer);
    let code = transfers(sys, &options, &console).await;
    if console.flush().await.is_err() && code == 0 {
        sys.err("curl: Failed writing body\n");
        return 23;
    }
    code
}

/// Carries out all transfers in order; the last one's number.
async fn transfers(sys: &Sys, options: &Options, console: &Console) -> i32 {
    let mut pool = Pool::default();
    let mut code = 0;
    for (at, pattern) in options.urls.iter().enumerate() {
        let urls = if options.no_glob {
            Ok(vec![glob::Address::plain(pattern)])
        } else {
            glob::expand(pattern)
        };
        let urls = match urls {
            Ok(urls) => urls,
            Err(text) => {
                if !options.silent || options.show_error {
                    sys.err(&format!("curl: (3) {text}\n"));
                }
                return 3;
            }
        };
        for address in &urls {
            let url = &address.url;
            let output = options.outputs.get(at).map(|output| match output {
                Output::File(name) => Output::File(address.name(name)),
                other => other.clone(),
            });
            let sink = || Sink::new(sys, console, options, output.as_ref());
            let report = with_retries(sys, options, &mut pool, url, sink).await;
            code = report.code;
            if let Some(format) = &options.write_out {
                for piece in writeout::render(format, &report) {
                    match piece {
                        writeout::Piece::Out(text) => {
                            let _ = console.write(text.as_bytes()).await;
                        }
                        writeout::Piece::Err(text) => sys.err(&text),
                    }
                }
            }
            if code != 0 && options.fail_early {
                return code;
            }
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
async fn with_retries<'a>(
    sys: &'a Sys,
    options: &'a Options,
    pool: &mut Pool,
    url: &str,
    sink: impl Fn() -> Sink<'a>,
) -> Report {
    let mut delay = Duration::from_secs(1);
    let mut left = options.retry;
    loop {
        let report = transfer::run(sys, options, pool, url, sink()).await;
        let problem = retry_reason(options, &report);
        if let Some(error) = report
            .error
            .as_deref()
            .filter(|_| !options.silent || options.show_error)
        {
            sys.err(&format!("curl: ({}) {error}\n", report.code));
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
            ));
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
 -d, --data <data>            Post data
 -f, --fail                   Fail fast with no output on HTTP errors
 -I, --head                   Show document info only
 -H, --header <header/@file>  Pass custom header(s) to server
 -h, --help <subject>         Get help for commands
 -o, --output <file>          Write to file instead of stdout
 -O, --remote-name            Write output to file named as remote file
 -i, --show-headers           Show response headers in output
 -s, --silent                 Silent mode
 -T, --upload-file <file>     Transfer local FILE to destination
 -u, --user <user:password>   Server user and password
 -A, --user-agent <name>      Send User-Agent <name> to server
 -v, --verbose                Make the operation more talkative
 -V, --version                Show version number and quit

This is not the full help; this menu is split into categories.
Use \"--help category\" to get an overview of all categories, which are:
auth, connection, curl, deprecated, dns, file, ftp, global, http, imap, ldap, 
mqtt, output, pop3, post, proxy, scp, sftp, smtp, ssh, telnet, tftp, timeout, 
tls, upload, verbose.
Use \"--help all\" to list all options
Use \"--help [option]\" to view documentation for a given option
";
