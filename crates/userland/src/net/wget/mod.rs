//! `wget`, as GNU and as busybox have it.

mod connect;
mod options;
mod request;
mod save;

use super::http::Url;
use crate::Flavour;
use crate::usage;
use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;
use kernel::time::Duration;
use options::{GNU_USAGE, Options, is_known, parse};

/// The `wget` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    if flavour == Flavour::Gnu
        && matches!(args.get(1).map(String::as_str), Some("--version" | "-V"))
    {
        sys.out("GNU Wget 1.25.0 built on linux-gnu.\n");
        return 0;
    }
    let options = match parse(&sys, &args) {
        Ok(options) => options,
        Err(option) if flavour == Flavour::Busybox => {
            return usage::refuse(&sys, "wget", &option);
        }
        Err(option) if is_known(&option) => {
            return crate::not_modelled(&sys, "wget", &option);
        }
        Err(option) => {
            let what = match option.strip_prefix("--") {
                Some(name) => format!(
                    "unrecognized option '--{}'",
                    name.split('=').next().unwrap_or_default()
                ),
                None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
            };
            sys.err(&format!("wget: {what}\n{GNU_USAGE}"));
            return 2;
        }
    };
    if options.urls.is_empty() {
        if flavour == Flavour::Busybox {
            return usage::show(&sys, "wget", None);
        }
        sys.err(&format!("wget: missing URL\n{GNU_USAGE}"));
        return 1;
    }
    // Said whether quiet or not.
    for url in options.urls.iter().filter(|url| !url.contains("://")) {
        if flavour == Flavour::Gnu {
            sys.err(&format!("Prepended http:// to '{url}'\n"));
        }
    }
    if let Some(path) = options.output.as_deref()
        && flavour == Flavour::Gnu
        && path != "-"
        && let Err(error) = sys.open(path, OpenOptions::APPEND).map(|fd| sys.close(fd))
    {
        sys.err(&format!("{path}: {error}\n"));
        return 1;
    }
    let mut code =
        i32::from(flavour == Flavour::Gnu && options.urls.iter().all(|u| Url::parse(u).is_err()));
    for text in &options.urls {
        let gnu = flavour == Flavour::Gnu;
        let log = options
            .log
            .as_deref()
            .and_then(|path| sys.open(path, OpenOptions::WRITE).ok());
        let wget = Wget {
            sys: &sys,
            o: &options,
            gnu,
            log: log.unwrap_or(Fd::STDERR),
        };
        let Ok(url) = Url::parse(text) else {
            let said = if gnu {
                format!("{text}: Invalid host name.\n")
            } else {
                format!("wget: bad address '{text}'\n")
            };
            let code = wget.fail(&said);
            if gnu {
                continue;
            }
            return code;
        };
        match wget.get(url).await {
            Ok(()) => {}
            Err(status) if flavour == Flavour::Gnu => code = status,
            Err(status) => return status,
        }
    }
    code
}

struct Wget<'a> {
    sys: &'a Sys,
    o: &'a Options,
    gnu: bool,
    /// Where messages go.
    log: Fd,
}

impl Wget<'_> {
    /// What is said unless `-q`.
    fn say(&self, text: &str) {
        if !(self.o.quiet || (self.gnu && self.o.no_verbose)) {
            self.sys.print(self.log, text.as_bytes());
        }
    }

    /// What is said with `-nv` too.
    fn remark(&self, text: &str) {
        if !self.o.quiet {
            self.sys.print(self.log, text.as_bytes());
        }
    }

    /// busybox ends with a message whether quiet or not.
    fn fail(&self, text: &str) -> i32 {
        if !(self.gnu && self.o.quiet) {
            self.sys.print(self.log, text.as_bytes());
        }
        1
    }

    async fn get(&self, mut url: Url) -> Result<(), i32> {
        let timeout = self.o.timeout.unwrap_or(Duration::from_secs(900));
        for _ in 0..20 {
            if !matches!(url.scheme.as_str(), "http" | "https" | "ftp") {
                return Err(self.fail(&if self.gnu {
                    format!("{url}: Unsupported scheme.\n").replace("/: ", ": ")
                } else {
                    format!(
                        "wget: not an http or ftp url: {}\n",
                        url.to_string().trim_end_matches('/')
                    )
                }));
            }
            if url.scheme != "http" {
                // Whether anybody listens there is seen all the same.
                self.connect(&url, timeout, 1).await?;
                let text = format!(
                    "wget: {} is not modelled in Drydock, only http is\n",
                    url.scheme
                );
                if self.gnu {
                    self.say(&text);
                    return Err(4);
                }
                return Err(self.fail(&text));
            }
            let Some(next) = self.once(&url, timeout).await? else {
                return Ok(());
            };
            url = url.join(&next).ok().ok_or(1)?;
        }
        Err(self.fail("wget: too many redirections\n"))
    }

    fn stamp(&self) -> String {
        let c = self.sys.calendar();
        format!("{} {}", c.date(), c.clock())
    }
}
