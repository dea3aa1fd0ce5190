//! The options, and what is said of those that do not exist.

use kernel::sys::Sys;
use kernel::time::Duration;

/// What the command line says.
#[derive(Default)]
pub(super) struct Options {
    pub(super) quiet: bool,
    pub(super) no_verbose: bool,
    pub(super) show_server: bool,
    pub(super) spider: bool,
    pub(super) output: Option<String>,
    pub(super) dir: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) timeout: Option<Duration>,
    pub(super) family: Option<kernel::sock::Family>,
    pub(super) method: Option<String>,
    pub(super) resume: bool,
    pub(super) log: Option<String>,
    pub(super) no_proxy: bool,
    pub(super) source: Option<std::net::IpAddr>,
    pub(super) tries: u32,
    pub(super) headers: Vec<String>,
    pub(super) post: Option<Vec<u8>>,
    pub(super) urls: Vec<String>,
}

/// Reads the command line. Errors: the option that is not known.
pub(super) fn parse(sys: &Sys, args: &[String]) -> Result<Options, String> {
    let mut o = Options {
        tries: 20,
        ..Options::default()
    };
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        let Some(option) = word.strip_prefix('-').filter(|o| !o.is_empty()) else {
            o.urls.push(word.clone());
            continue;
        };
        if let Some(long) = option.strip_prefix('-') {
            let (key, value) = long
                .split_once('=')
                .map_or((long, None), |(k, v)| (k, Some(v.to_owned())));
            let mut value = || {
                value
                    .clone()
                    .or_else(|| rest.next().cloned())
                    .unwrap_or_default()
            };
            match key {
                "quiet" => o.quiet = true,
                "no-verbose" => o.no_verbose = true,
                "server-response" => o.show_server = true,
                "spider" => o.spider = true,
                "bind-address" => o.source = value().parse().ok(),
                "output-document" => o.output = Some(value()),
                "directory-prefix" => o.dir = Some(value()),
                "user-agent" => o.agent = Some(value()),
                "timeout" | "connect-timeout" | "read-timeout" | "dns-timeout" => {
                    o.timeout = value().parse().ok().map(Duration::from_secs);
                }
                "tries" => o.tries = value().parse().unwrap_or(20),
                "header" => o.headers.push(value()),
                "post-data" => o.post = Some(value().into_bytes()),
                "post-file" => o.post = sys.read_file(&value()).ok().map(|d| d.to_vec()),
                "method" => o.method = Some(value()),
                "body-data" => o.post = Some(value().into_bytes()),
                "inet4-only" => o.family = Some(kernel::sock::Family::V4),
                "inet6-only" => o.family = Some(kernel::sock::Family::V6),
                "output-file" => o.log = Some(value()),
                "referer" => o.headers.push(format!("Referer: {}", value())),
                "continue" => o.resume = true,
                "no-proxy" => o.no_proxy = true,
                "input-file" => add_list(sys, &value(), &mut o.urls),
                "no-check-certificate" | "no-cache" | "no-hsts" | "no-cookies" => {}
                // A name and a password are only told to who asks for them.
                "waitretry" | "wait" | "progress" | "user" | "password" | "http-user"
                | "http-password" => drop(value()),
                _ => return Err(word.clone()),
            }
            continue;
        }
        let mut letters = option.chars();
        while let Some(letter) = letters.next() {
            let mut value = |letters: &mut std::str::Chars<'_>| {
                let attached = letters.as_str().to_owned();
                *letters = "".chars();
                if attached.is_empty() {
                    rest.next().cloned().unwrap_or_default()
                } else {
                    attached
                }
            };
            match letter {
                'q' => o.quiet = true,
                'S' => o.show_server = true,
                'O' => o.output = Some(value(&mut letters)),
                'P' => o.dir = Some(value(&mut letters)),
                'U' => o.agent = Some(value(&mut letters)),
                'T' => o.timeout = value(&mut letters).parse().ok().map(Duration::from_secs),
                't' => o.tries = value(&mut letters).parse().unwrap_or(20),
                'Y' => o.no_proxy = value(&mut letters) == "off",
                'o' => o.log = Some(value(&mut letters)),
                'i' => add_list(sys, &value(&mut letters), &mut o.urls),
                'n' if letters.as_str().starts_with('v') => {
                    o.no_verbose = true;
                    letters.next();
                }
                'c' => o.resume = true,
                '4' => o.family = Some(kernel::sock::Family::V4),
                '6' => o.family = Some(kernel::sock::Family::V6),
                other => return Err(format!("-{other}")),
            }
        }
    }
    Ok(o)
}

/// Adds the addresses that stand in a file.
fn add_list(sys: &Sys, path: &str, urls: &mut Vec<String>) {
    match sys.read_text(path) {
        Ok(text) => urls.extend(text.lines().filter(|l| !l.is_empty()).map(str::to_owned)),
        Err(error) => sys.err(&format!("{path}: {error}\nNo URLs found in {path}.\n")),
    }
}

/// Where GNU wget points to.
pub(super) const GNU_USAGE: &str =
    "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n";

/// Whether GNU wget knows an option that is left out here. Source: wget(1) of 1.25.
pub(super) fn is_known(option: &str) -> bool {
    const LETTERS: &str = "VhbeadviFBjNxlrRAkKmpHLDEIXnQwcio46";
    const NAMES: &str = "version help background execute output-file append-output debug verbose report-speed input-file \
force-html base config no-config rejected-log retry-connrefused retry-on-host-error retry-on-http-error no-clobber \
no-netrc start-pos progress show-progress timestamping no-if-modified-since no-use-server-timestamps wait waitretry \
random-wait quota limit-rate no-dns-cache restrict-file-names ignore-case inet4-only inet6-only prefer-family user \
password ask-password use-askpass no-iri local-encoding remote-encoding unlink xattr no-directories force-directories \
no-host-directories protocol-directories cut-dirs http-user http-password default-page adjust-extension ignore-length \
compression max-redirect proxy-user proxy-password referer save-headers no-http-keep-alive no-cookies load-cookies \
save-cookies keep-session-cookies method body-data body-file content-disposition content-on-error \
trust-server-names auth-no-challenge secure-protocol https-only ca-certificate certificate ciphers crl-file hsts-file \
no-hsts ftp-user no-passive-ftp preserve-permissions no-remove-listing no-glob warc-file recursive level delete-after \
convert-links convert-file-only backups backup-converted mirror page-requisites strict-comments accept reject \
accept-regex reject-regex regex-type domains exclude-domains follow-ftp follow-tags ignore-tags span-hosts relative \
include-directories exclude-directories no-parent";
    match option.strip_prefix("--") {
        Some(name) => {
            let name = name.split('=').next().unwrap_or_default();
            NAMES.split(' ').any(|known| known == name)
        }
        None => option
            .trim_start_matches('-')
            .chars()
            .all(|letter| LETTERS.contains(letter)),
    }
}
