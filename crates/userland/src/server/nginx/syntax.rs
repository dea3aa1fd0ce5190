//! nginx's configuration language: words, blocks, included files, and which directives may stand where.

use super::directives::{
    DATA, EVENTS, EXPANDED, HTTP, IF, KNOWN, LEFT_OUT, LOCATION, MAIN, ONCE, SERVER, UPSTREAM,
};
use super::variables::{self, Piece};
use kernel::Errno;
use kernel::sys::Sys;

/// A directive with its words and, for a block, what is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) words: Vec<String>,
    pub(super) inside: Vec<Self>,
    block: bool,
    file: String,
    line: usize,
}

/// The files that were read, each with its text.
pub(super) type Files = Vec<(String, String)>;

/// A configuration error, as nginx words it after `[emerg] `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConfigError(pub(super) String);

impl Directive {
    /// A word; nothing stands for one that is missing.
    pub(super) fn word(&self, n: usize) -> &str {
        self.words.get(n).map_or("", String::as_str)
    }

    /// Its words after the name.
    pub(super) fn args(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// `FILE:LINE`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// An error that names this place.
    pub(super) fn error(&self, text: &str) -> ConfigError {
        ConfigError(format!("{text} in {}", self.place()))
    }
}

/// The whole configuration: that of the command line and of the file, with what they include, and the files' texts.
pub(super) fn load(
    sys: &Sys,
    path: &str,
    globals: &str,
) -> Result<(Vec<Directive>, Files), ConfigError> {
    let mut files = Vec::new();
    let words = &mut tokens(globals).into_iter().peekable();
    let mut all = parse(words, "command line", 0)
        .map_err(|ConfigError(text)| ConfigError(text.replace("command line:1", "command line")))?;
    check(&all, MAIN)?;
    let read = read(sys, path, 0, &mut files)?;
    check(&read, MAIN)?;
    all.extend(read);
    Ok((all, files))
}

/// Whether each directive is known, may stand where it stands, and has as many words as it takes.
fn check(directives: &[Directive], context: u8) -> Result<(), ConfigError> {
    for (at, d) in directives.iter().enumerate() {
        let name = d.word(0);
        let Some((_, places, least, most)) = KNOWN.iter().find(|(known, ..)| *known == name) else {
            if LEFT_OUT.iter().any(|known| name.starts_with(known)) {
                return Err(d.error(&crate::not_modelled!("nginx", "{name}")));
            }
            let text = format!("unknown directive \"{name}\"");
            return Err(if d.file == "command line" {
                ConfigError(format!("{text} in command line"))
            } else {
                d.error(&text)
            });
        };
        if places & context == 0 {
            return Err(d.error(&format!("\"{name}\" directive is not allowed here")));
        }
        let inner = match name {
            "http" => HTTP,
            "server" if context == HTTP => SERVER,
            "location" => LOCATION,
            "upstream" => UPSTREAM,
            "events" => EVENTS,
            "if" => IF,
            "map" | "types" => DATA,
            _ => 0,
        };
        if (inner != 0) != d.block {
            return Err(d.error(&if d.block {
                format!("directive \"{name}\" is not terminated by \";\"")
            } else {
                format!("directive \"{name}\" has no opening \"{{\"")
            }));
        }
        let count = d.args().len();
        if count < usize::from(*least) || count > usize::from(*most) {
            return Err(d.error(&format!(
                "invalid number of arguments in \"{name}\" directive"
            )));
        }
        let before = directives.get(..at).unwrap_or_default();
        if ONCE.contains(&name) && before.iter().any(|other| other.word(0) == name) {
            return Err(d.error(&format!("\"{name}\" directive is duplicate")));
        }
        if matches!(
            name,
            "autoindex" | "internal_redirects" | "sendfile" | "tcp_nopush" | "gzip" | "daemon"
        ) && !matches!(d.word(1), "on" | "off")
        {
            return Err(d.error(&format!(
                "invalid value \"{}\" in \"{name}\" directive, it must be \"on\" or \"off\"",
                d.word(1)
            )));
        }
        if name == "location"
            && before.iter().any(|other| other.words == d.words)
            && !d.word(1).starts_with('~')
        {
            let shown = d.words.last().map_or("", String::as_str);
            return Err(d.error(&format!("duplicate location \"{shown}\"")));
        }
        if inner != DATA {
            check(&d.inside, inner)?;
        }
    }
    Ok(())
}

/// Whether every variable that is used is set by nginx, by `set` or by `map`.
pub(super) fn check_variables(directives: &[Directive]) -> Result<(), ConfigError> {
    let mut set: Vec<String> = Vec::new();
    let mut used: Vec<String> = Vec::new();
    let mut todo: Vec<&Directive> = directives.iter().collect();
    while let Some(d) = todo.pop() {
        let made = match d.word(0) {
            "set" => Some(d.word(1)),
            "map" => Some(d.word(2)),
            _ => None,
        };
        set.extend(made.map(|name| name.trim_start_matches('$').to_owned()));
        if EXPANDED.contains(&d.word(0)) && !matches!(d.word(1), "~" | "~*") {
            for word in d.args() {
                for piece in variables::pieces(word) {
                    if let Piece::Variable(name) = piece {
                        used.push(name.to_owned());
                    }
                }
            }
        }
        todo.extend(&d.inside);
    }
    let known = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_digit())
            || variables::KNOWN.contains(&name)
            || variables::FAMILIES
                .iter()
                .any(|family| name.starts_with(family))
    };
    match used.iter().find(|name| !known(name) && !set.contains(name)) {
        Some(name) => Err(ConfigError(format!("unknown \"{name}\" variable"))),
        None => Ok(()),
    }
}

/// Cuts a text into words, `{`, `}` and `;`, each with its line.
fn tokens(text: &str) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut comment = false;
    let mut escaped = false;
    let mut line = 1;
    for c in text.chars() {
        let at = line;
        line += usize::from(c == '\n');
        if comment {
            comment = c != '\n';
        } else if std::mem::take(&mut escaped) {
            // What else follows a backslash keeps it, as regular expressions need.
            match c {
                'n' => word.push('\n'),
                't' => word.push('\t'),
                'r' => word.push('\r'),
                '"' | '\'' | '\\' => word.push(c),
                _ => word.extend(['\\', c]),
            }
        } else if c == '\\' {
            escaped = true;
        } else if let Some(q) = quote {
            if c == q {
                quote = None;
                out.push((word.as_str().to_owned(), at));
                word.clear();
            } else {
                word.push(c);
            }
        } else if word.is_empty() && matches!(c, '"' | '\'') {
            quote = Some(c);
        } else if word.is_empty() && c == '#' {
            comment = true;
        } else if c.is_whitespace() || matches!(c, '{' | '}' | ';') {
            if !word.is_empty() {
                // A copy takes as much room as it needs, and this one goes on growing.
                out.push((word.as_str().to_owned(), at));
                word.clear();
            }
            if !c.is_whitespace() {
                out.push((c.to_string(), at));
            }
        } else {
            word.push(c);
        }
    }
    out
}

/// How deep blocks and included files may nest. The real server has no limit for blocks; a file that includes itself ends
/// where its process may open no more files.
const MAX_DEPTH: usize = 100;

/// Reads directives up to the end of the file, or of the block if the depth is not 0.
fn parse(
    tokens: &mut std::iter::Peekable<std::vec::IntoIter<(String, usize)>>,
    file: &str,
    depth: usize,
) -> Result<Vec<Directive>, ConfigError> {
    let inner = depth > 0;
    let mut out = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut last = 1;
    while let Some((token, line)) = tokens.next() {
        last = line;
        match token.as_str() {
            ";" => out.push(Directive {
                words: std::mem::take(&mut words),
                inside: Vec::new(),
                block: false,
                file: file.to_owned(),
                line,
            }),
            "{" => {
                if depth == MAX_DEPTH {
                    return Err(ConfigError(format!(
                        "blocks nest too deep in {file}:{line}"
                    )));
                }
                let inside = parse(tokens, file, depth + 1)?;
                out.push(Directive {
                    words: std::mem::take(&mut words),
                    inside,
                    block: true,
                    file: file.to_owned(),
                    line,
                });
            }
            "}" if inner && words.is_empty() => return Ok(out),
            "}" => return Err(ConfigError(format!("unexpected \"}}\" in {file}:{line}"))),
            _ => words.push(token),
        }
    }
    if inner || !words.is_empty() {
        let wanted = if words.is_empty() {
            "expecting \"}\""
        } else {
            "expecting \";\" or \"}\""
        };
        return Err(ConfigError(format!(
            "unexpected end of file, {wanted} in {file}:{last}"
        )));
    }
    Ok(out)
}

fn read(
    sys: &Sys,
    path: &str,
    depth: usize,
    files: &mut Files,
) -> Result<Vec<Directive>, ConfigError> {
    if depth == MAX_DEPTH {
        let (number, error) = (Errno::EMFILE.number(), Errno::EMFILE);
        return Err(ConfigError(format!(
            "open() \"{path}\" failed ({number}: {error})"
        )));
    }
    let text = sys
        .read_text(path)
        .map_err(|e| ConfigError(format!("open() \"{path}\" failed ({}: {e})", e.number())))?;
    let directives = parse(&mut tokens(&text).into_iter().peekable(), path, 0)?;
    files.push((path.to_owned(), text));
    include(sys, directives, depth, files)
}

/// Puts included files in the place of `include`.
fn include(
    sys: &Sys,
    directives: Vec<Directive>,
    depth: usize,
    files: &mut Files,
) -> Result<Vec<Directive>, ConfigError> {
    let mut out = Vec::new();
    for mut directive in directives {
        directive.inside = include(sys, directive.inside, depth, files)?;
        let [name, pattern] = directive.words.as_slice() else {
            out.push(directive);
            continue;
        };
        if name != "include" {
            out.push(directive);
        } else if let Some((dir, last)) = pattern
            .rsplit_once('/')
            .filter(|(_, last)| last.contains('*'))
        {
            let (head, tail) = last.split_once('*').unwrap_or((last, ""));
            for entry in sys.read_dir(dir).unwrap_or_default() {
                if entry.name.starts_with(head) && entry.name.ends_with(tail) {
                    out.extend(read(
                        sys,
                        &format!("{dir}/{}", entry.name),
                        depth + 1,
                        files,
                    )?);
                }
            }
        } else if !pattern.ends_with("mime.types") {
            let path = if pattern.starts_with('/') {
                pattern.clone()
            } else {
                format!("/etc/nginx/{pattern}")
            };
            let place = directive.place();
            let inside = read(sys, &path, depth + 1, files).map_err(|ConfigError(text)| {
                let opening = text.starts_with("open()") && !text.contains(" in ");
                ConfigError(if opening {
                    format!("{text} in {place}")
                } else {
                    text
                })
            });
            out.extend(inside?);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Directive>, ConfigError> {
        parse(&mut tokens(text).into_iter().peekable(), "f", 0)
    }

    #[test]
    fn errors_name_what_and_where() {
        let said = |text: &str| match parsed(text).and_then(|all| check(&all, HTTP)) {
            Err(ConfigError(text)) => text,
            Ok(()) => String::new(),
        };
        assert_eq!(
            said("server {\n listen 80"),
            "unexpected end of file, expecting \";\" or \"}\" in f:2"
        );
        assert_eq!(
            said("server {\n bogus on; }"),
            "unknown directive \"bogus\" in f:2"
        );
        assert_eq!(
            said("listen 80;"),
            "\"listen\" directive is not allowed here in f:1"
        );
        assert_eq!(
            said("server { root; }"),
            "invalid number of arguments in \"root\" directive in f:1"
        );
        assert_eq!(
            said("server { root /a; root /b; }"),
            "\"root\" directive is duplicate in f:1"
        );
        assert_eq!(
            said("server { location / { } location / { } }"),
            "duplicate location \"/\" in f:1"
        );
        assert_eq!(
            said("server { listen 80; location ~ x { return 200; } }"),
            ""
        );
    }

    #[test]
    fn blocks_nest_only_so_deep() {
        let text = "a {".repeat(MAX_DEPTH + 1);
        assert_eq!(
            parsed(&text),
            Err(ConfigError("blocks nest too deep in f:1".into()))
        );
    }
}
