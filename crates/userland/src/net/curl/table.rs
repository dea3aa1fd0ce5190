//! curl's options by name: those that are read here, and those that are only known.

/// An option: its letter (or `\0`), its long name, and whether it takes a value.
pub(super) type Known = (char, &'static str, bool);

/// The options that mean something here.
const TABLE: &[Known] = &[
    ('0', "http1.0", false),
    ('4', "ipv4", false),
    ('6', "ipv6", false),
    ('A', "user-agent", true),
    ('b', "cookie", true),
    ('D', "dump-header", true),
    ('d', "data", true),
    ('e', "referer", true),
    ('F', "form", true),
    ('f', "fail", false),
    ('G', "get", false),
    ('g', "globoff", false),
    ('H', "header", true),
    ('h', "help", false),
    ('I', "head", false),
    ('i', "show-headers", false),
    ('\0', "include", false),
    ('J', "remote-header-name", false),
    ('K', "config", true),
    ('k', "insecure", false),
    ('L', "location", false),
    ('m', "max-time", true),
    ('N', "no-buffer", false),
    ('n', "netrc", false),
    ('O', "remote-name", false),
    ('o', "output", true),
    ('q', "disable", false),
    ('r', "range", true),
    ('S', "show-error", false),
    ('s', "silent", false),
    ('T', "upload-file", true),
    ('u', "user", true),
    ('V', "version", false),
    ('v', "verbose", false),
    ('w', "write-out", true),
    ('X', "request", true),
    ('x', "proxy", true),
    ('Y', "speed-limit", true),
    ('y', "speed-time", true),
    ('Z', "parallel", false),
    ('#', "progress-bar", false),
    ('\0', "compressed", false),
    ('\0', "connect-timeout", true),
    ('\0', "connect-to", true),
    ('\0', "create-dirs", false),
    ('\0', "data-ascii", true),
    ('\0', "data-binary", true),
    ('\0', "data-raw", true),
    ('\0', "data-urlencode", true),
    ('\0', "fail-early", false),
    ('\0', "fail-with-body", false),
    ('\0', "http0.9", false),
    ('\0', "http1.1", false),
    ('\0', "http2", false),
    ('\0', "interface", true),
    ('\0', "json", true),
    ('\0', "keepalive-time", true),
    ('\0', "limit-rate", true),
    ('\0', "local-port", true),
    ('\0', "location-trusted", false),
    ('\0', "max-filesize", true),
    ('\0', "max-redirs", true),
    ('\0', "no-keepalive", false),
    ('\0', "no-progress-meter", false),
    ('\0', "noproxy", true),
    ('\0', "out-null", false),
    ('\0', "output-dir", true),
    ('\0', "path-as-is", false),
    ('\0', "post301", false),
    ('\0', "post302", false),
    ('\0', "proxy-header", true),
    ('\0', "resolve", true),
    ('\0', "retry", true),
    ('\0', "retry-all-errors", false),
    ('\0', "retry-connrefused", false),
    ('\0', "retry-delay", true),
    ('\0', "retry-max-time", true),
    ('\0', "stderr", true),
    ('\0', "tcp-nodelay", false),
    ('\0', "unix-socket", true),
    ('\0', "url", true),
    ('\0', "url-query", true),
];

/// Known to curl 8.22 (`curl --help all`) and left out here: `LETTER,NAME`, or just the name; `=` for a value.
const LEFT_OUT: &str = "abstract-unix-socket= alt-svc= anyauth a,append aws-sigv4= basic ca-native cacert= capath= \
E,cert= cert-status cert-type= ciphers= compressed-ssh C,continue-at= c,cookie-jar= create-file-mode= crlf \
crlfile= curves= delegation= digest disable-eprt disable-epsv disallow-username-in-url dns-interface= \
dns-ipv4-addr= dns-ipv6-addr= dns-servers= doh-cert-status doh-insecure doh-url= dump-ca-embed ech= egd-file= \
engine= etag-compare= etag-save= expect100-timeout= false-start follow form-escape form-string= ftp-account= \
ftp-alternative-to-user= ftp-create-dirs ftp-method= ftp-pasv P,ftp-port= ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc \
ftp-ssl-ccc-mode= ftp-ssl-control happy-eyeballs-timeout-ms= haproxy-clientip= haproxy-protocol hostpubmd5= \
hostpubsha256= hsts= http2-prior-knowledge http3 http3-only ignore-content-length ip-tos= ipfs-gateway= \
j,junk-session-cookies keepalive-cnt= key= key-type= knownhosts= krb= libcurl= l,list-only \
login-options= mail-auth= mail-from= mail-rcpt= mail-rcpt-allowfails M,manual metalink mptcp negotiate \
netrc-file= netrc-optional no-alpn no-clobber no-npn no-sessionid ntlm ntlm-wb oauth2-bearer= \
parallel-immediate parallel-max= parallel-max-host= pass= pinnedpubkey= post303 preproxy= proto= proto-default= \
proto-redir= proxy-anyauth proxy-basic proxy-ca-native proxy-cacert= proxy-capath= proxy-cert= proxy-cert-type= \
proxy-ciphers= proxy-crlfile= proxy-digest proxy-http2 proxy-http3 proxy-insecure proxy-key= proxy-key-type= \
proxy-negotiate proxy-ntlm proxy-pass= proxy-pinnedpubkey= proxy-service-name= proxy-ssl-allow-beast \
proxy-ssl-auto-client-cert proxy-tls13-ciphers= proxy-tlsauthtype= proxy-tlspassword= proxy-tlsuser= proxy-tlsv1 \
U,proxy-user= proxy1.0= p,proxytunnel pubkey= Q,quote= random-file= rate= raw remote-name-all \
R,remote-time remove-on-error request-target= sasl-authzid= sasl-ir service-name= sigalgs= skip-existing socks4= \
socks4a= socks5= socks5-basic socks5-gssapi socks5-gssapi-nec socks5-gssapi-service= socks5-hostname= \
ssl ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort \
ssl-sessions= 2,sslv2 3,sslv3 styled-output suppress-connect-headers tcp-fastopen t,telnet-option= tftp-blksize= \
tftp-no-options z,time-cond= tls-earlydata tls-max= tls13-ciphers= tlsauthtype= tlspassword= tlsuser= 1,tlsv1 tlsv1.0 \
tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace= trace-ascii= trace-config= trace-ids trace-time \
upload-flags= B,use-ascii variable= vlan-priority= xattr";

/// What an option's name turned out to be.
pub(super) enum Found {
    /// Read here.
    Read(Known),
    /// Known to curl, not modelled here.
    LeftOut,
}

fn find(fits: impl Fn(char, &str) -> bool) -> Option<Found> {
    if let Some(known) = TABLE.iter().find(|(letter, name, _)| fits(*letter, name)) {
        return Some(Found::Read(*known));
    }
    LEFT_OUT
        .split_whitespace()
        .map(|word| word.trim_end_matches('='))
        .any(|word| match word.split_once(',') {
            Some((letter, name)) => fits(letter.chars().next().unwrap_or('\0'), name),
            None => fits('\0', word),
        })
        .then_some(Found::LeftOut)
}

/// The option of that long name; curl 8.22 takes no abbreviations.
pub(super) fn long(name: &str) -> Option<Found> {
    find(|_, known| known == name)
}

/// The option of that letter.
pub(super) fn short(letter: char) -> Option<Found> {
    find(|known, _| known == letter && letter != '\0')
}
