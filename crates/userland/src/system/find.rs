//! `find`, with the tests that people use.

use kernel::fs::Node;
use kernel::sys::Sys;

use crate::Flavour;
use crate::shell::glob::Pattern;

struct Search {
    name: Option<Pattern>,
    ignore_case: bool,
    path: Option<Pattern>,
    kind: Option<char>,
    most: usize,
    least: usize,
    delete: bool,
    zero: bool,
}

impl Search {
    async fn walk(&self, sys: &Sys, path: &str, depth: usize) -> i32 {
        let meta = match sys.stat(path, false) {
            Ok(meta) => meta,
            Err(error) => {
                sys.err(&format!("find: '{path}': {error}\n"));
                return 1;
            }
        };
        let mut status = 0;
        let name = if path == "/" {
            "/"
        } else {
            path.rsplit('/').next().unwrap_or(path)
        };
        let kind = match meta.node {
            Node::Dir => 'd',
            Node::Symlink(_) => 'l',
            Node::Device(_) => 'c',
            Node::Socket(_) => 's',
            _ => 'f',
        };
        let folded = if self.ignore_case {
            name.to_ascii_lowercase()
        } else {
            name.to_owned()
        };
        let wanted = depth >= self.least
            && self.kind.is_none_or(|wanted| wanted == kind)
            && self
                .name
                .as_ref()
                .is_none_or(|pattern| pattern.matches(&folded))
            && self
                .path
                .as_ref()
                .is_none_or(|pattern| pattern.matches(path));
        if wanted && !self.delete {
            sys.out(&format!("{path}{}", if self.zero { '\0' } else { '\n' }));
        }
        if kind == 'd' && depth < self.most && depth < 200 {
            for entry in sys.read_dir(path).unwrap_or_default() {
                let below = format!("{}/{}", path.trim_end_matches('/'), entry.name);
                status |= Box::pin(self.walk(sys, &below, depth + 1)).await;
            }
        }
        if wanted
            && self.delete
            && let Err(error) = sys.remove(path)
        {
            sys.err(&format!("find: cannot delete '{path}': {error}\n"));
            status = 1;
        }
        status
    }
}

/// The `find` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut search = Search {
        name: None,
        ignore_case: false,
        path: None,
        kind: None,
        most: usize::MAX,
        least: 0,
        delete: false,
        zero: false,
    };
    let mut rest = args.iter().skip(1).peekable();
    let mut roots = Vec::new();
    while let Some(path) =
        rest.next_if(|word| !word.starts_with('-') && *word != "(" && *word != "!")
    {
        roots.push(path.clone());
    }
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    while let Some(word) = rest.next() {
        let takes = matches!(
            word.as_str(),
            "-name" | "-iname" | "-path" | "-type" | "-maxdepth" | "-mindepth"
        );
        let value = if takes { rest.next().cloned() } else { None };
        if takes && value.is_none() {
            sys.err(&format!("find: missing argument to `{word}'\n"));
            return 1;
        }
        let value = value.unwrap_or_default();
        match word.as_str() {
            "-name" => search.name = Some(Pattern::new(&value)),
            "-iname" => {
                search.ignore_case = true;
                search.name = Some(Pattern::new(&value.to_ascii_lowercase()));
            }
            "-path" => search.path = Some(Pattern::new(&value)),
            "-type" => search.kind = value.chars().next(),
            "-maxdepth" => search.most = value.parse().unwrap_or(usize::MAX),
            "-mindepth" => search.least = value.parse().unwrap_or(0),
            "-print" => {}
            "-print0" => search.zero = true,
            "-delete" => search.delete = true,
            other => {
                if flavour == Flavour::Busybox && !other.starts_with('-') {
                    sys.err(&format!("find: unrecognized: {other}\n"));
                    return 1;
                }
                return crate::not_modelled(&sys, "find", other);
            }
        }
    }
    let mut status = 0;
    for root in &roots {
        status |= search.walk(&sys, root, 0).await;
    }
    status
}
