//! Where contexts are kept: a folder for each, and the name of the current one among the client's settings.

use engine::sha256;
use kernel::Errno;
use kernel::fs::Node;
use kernel::sys::Sys;

use crate::template::{Missing, Value, structure};

const SETTINGS: &str = "/root/.docker/config.json";
const KEPT: &str = "/root/.docker/contexts";
/// The daemon of this machine.
pub(crate) const LOCAL: &str = "unix:///var/run/docker.sock";

/// A daemon that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) name: String,
    pub(crate) description: String,
    /// Where it listens.
    pub(crate) host: String,
}

impl Context {
    /// The one that is always there.
    pub(crate) fn local() -> Self {
        Self {
            name: "default".into(),
            description: "Current DOCKER_HOST based configuration".into(),
            host: LOCAL.into(),
        }
    }

    fn is_local(&self) -> bool {
        self.name == "default"
    }

    /// What `inspect` tells. To templates what is kept is also one field, which hides the one of that name within it.
    pub(crate) fn shown(&self, format: &str) -> Value {
        let nothing = || Value::Map(sorted::SortedMap::new(), Missing::Text);
        let place = |kind: &str| match self.is_local() {
            true => Value::str("<IN MEMORY>"),
            false => Value::str(format!("{KEPT}/{kind}/{}", folder(&self.name))),
        };
        let storage = [("MetadataPath", place("meta")), ("TLSPath", place("tls"))];
        let mut fields = self.kept();
        if !matches!(format, "" | "json") {
            fields.retain(|(name, _)| *name != "Metadata");
            fields.push(("Metadata", structure("store.Metadata", self.kept())));
        }
        fields.push(("TLSMaterial", nothing()));
        fields.push(("Storage", structure("storage", storage)));
        structure("context", fields)
    }

    /// The same as text.
    pub(super) fn json(&self) -> String {
        structure("context", self.kept()).json()
    }

    /// What is written down of it.
    fn kept(&self) -> Vec<(&'static str, Value)> {
        let mut description = vec![("Description", Value::str(&*self.description))];
        description.retain(|_| !self.is_local() && !self.description.is_empty());
        let docker = [
            ("Host", Value::str(&*self.host)),
            ("SkipTLSVerify", Value::Bool(false)),
        ];
        vec![
            ("Name", Value::str(&*self.name)),
            ("Metadata", structure("command.DockerContext", description)),
            (
                "Endpoints",
                structure(
                    "endpoints",
                    [("docker", structure("docker.EndpointMeta", docker))],
                ),
            ),
        ]
    }
}

fn folder(name: &str) -> String {
    sha256::hex(name.as_bytes())
}

fn file(name: &str) -> String {
    format!("{KEPT}/meta/{}/meta.json", folder(name))
}

/// What is said of a context that is not there.
pub(crate) fn missing(name: &str) -> String {
    let file = file(name);
    format!("context \"{name}\": context not found: open {file}: no such file or directory")
}

/// Finds a context.
pub(crate) fn find(sys: &Sys, name: &str) -> Result<Context, String> {
    if name == "default" {
        return Ok(Context::local());
    }
    let text = sys.read_text(&file(name)).map_err(|_gone| missing(name))?;
    Ok(read(&text))
}

/// Reads what was written down.
pub(super) fn read(text: &str) -> Context {
    let field = |key| text_of(text, key).unwrap_or_default();
    Context {
        name: field("Name"),
        description: field("Description"),
        host: field("Host"),
    }
}

/// Returns all of them, by name.
pub(crate) fn all(sys: &Sys) -> Vec<Context> {
    let folders = sys.read_dir(&format!("{KEPT}/meta")).unwrap_or_default();
    let kept = folders.iter().filter_map(|entry| {
        let text = sys.read_text(&format!("{KEPT}/meta/{}/meta.json", entry.name));
        text.ok().map(|text| read(&text))
    });
    let mut all: Vec<Context> = kept.chain([Context::local()]).collect();
    sorted::sort_by_key(&mut all, |c| c.name.clone());
    all
}

/// Writes one down.
pub(crate) fn keep(sys: &Sys, context: &Context) -> Result<(), Errno> {
    write(sys, &file(&context.name), &context.json())
}

/// Forgets one.
pub(crate) fn forget(sys: &Sys, name: &str) -> Result<(), Errno> {
    sys.remove(&file(name))?;
    sys.remove(&format!("{KEPT}/meta/{}", folder(name)))
}

/// Returns the name of the context that commands go to.
pub(crate) fn current(sys: &Sys) -> String {
    let named = |name: &str| sys.env(name).filter(|value| !value.is_empty());
    if named("DOCKER_HOST").is_some() {
        return "default".into();
    }
    let kept = || {
        text_of(
            &sys.read_text(SETTINGS).unwrap_or_default(),
            "currentContext",
        )
    };
    named("DOCKER_CONTEXT")
        .or_else(kept)
        .unwrap_or_else(|| "default".into())
}

/// Makes one the current one.
pub(crate) fn choose(sys: &Sys, name: &str) -> Result<(), Errno> {
    let current = match name {
        "default" => String::new(),
        name => format!(",\n\t\"currentContext\": {}", Value::str(name).json()),
    };
    write(
        sys,
        SETTINGS,
        &format!("{{\n\t\"auths\": {{}}{current}\n}}"),
    )
}

fn write(sys: &Sys, path: &str, text: &str) -> Result<(), Errno> {
    for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
        let dir = path.get(..at).unwrap_or_default();
        if !sys.exists(dir) {
            sys.make_node(dir, Node::Dir, 0o700)?;
        }
    }
    sys.write_file(path, text.as_bytes())
}

/// Returns the text that belongs to a key; these files hold every key once.
pub(crate) fn text_of(json: &str, key: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{key}\":"))?;
    let mut letters = rest.trim_start().strip_prefix('"')?.chars();
    let mut out = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(out),
            '\\' => match letters.next()? {
                't' => out.push('\t'),
                'n' => out.push('\n'),
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                letter => out.push(letter),
            },
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_read_again() {
        let context = Context {
            name: "lab".into(),
            description: "the \"lab\"".into(),
            host: "tcp://192.168.1.20:2375".into(),
        };
        let text = context.json();
        assert_eq!(read(&text), context);
        assert_eq!(text_of("{}", "currentContext"), None);
    }
}
