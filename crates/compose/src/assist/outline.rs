//! What can be seen of a file by its indentation alone.

/// Which keys lead to the place where a line stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The keys, an item's as `0`.
    pub(super) path: Vec<String>,
    /// Whether the place is the beginning of an item of a list.
    pub(super) item: bool,
}

/// Returns the key that a line gives, without quotes: what stands before a colon that ends the line or has a space after it.
pub(super) fn key_of(line: &str) -> Option<&str> {
    let body = line.trim_start();
    let at = body
        .find(": ")
        .or_else(|| body.trim_end().strip_suffix(':').map(str::len))?;
    let key = body.get(..at)?.trim().trim_matches(['"', '\'']);
    (!key.is_empty() && !key.starts_with(['#', '-', '[', '{'])).then_some(key)
}

/// Returns a line's indentation, and what follows it.
pub(super) fn split(line: &str) -> (usize, &str) {
    let body = line.trim_start_matches(' ');
    (line.len() - body.len(), body)
}

/// Finds the keys above a line; `line` is its text up to the place in question.
pub(super) fn place(above: &[&str], line: &str) -> Place {
    let mut path = Vec::new();
    let (mut indent, body) = split(line);
    let item = body == "-" || body.starts_with("- ");
    if item {
        path.push("0".to_owned());
    }
    // Whether the key that holds a list may stand as far in as its items do.
    let mut level = item;
    for line in above.iter().rev() {
        let (column, body) = split(line);
        if body.is_empty()
            || body.starts_with('#')
            || column > indent
            || (column == indent && !level)
        {
            continue;
        }
        if let Some(first) = body.strip_prefix("- ") {
            let inside = column + 2;
            if level && column == indent || inside > indent {
                continue;
            }
            // The item's first key is beside the dash.
            if inside < indent
                && let Some(key) = key_of(first)
            {
                path.push(key.to_owned());
            }
            path.push("0".to_owned());
            (indent, level) = (column, true);
        } else if let Some(key) = key_of(body) {
            path.push(key.to_owned());
            (indent, level) = (column, false);
        }
        if indent == 0 && !level {
            break;
        }
    }
    path.reverse();
    Place { path, item }
}

/// Returns the keys right below a top-level key, such as all services.
pub(super) fn names<'a>(text: &'a str, section: &str) -> Vec<&'a str> {
    let mut inside = false;
    let mut level = 0;
    let mut names = Vec::new();
    for line in text.lines() {
        let (indent, body) = split(line);
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let key = key_of(body);
        if indent == 0 {
            inside = key == Some(section);
            level = 0;
        } else if inside && let Some(key) = key {
            if level == 0 {
                level = indent;
            }
            if indent == level {
                names.push(key);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "services:\n  web:\n    image: nginx\n    ports:\n    - target: 80\n      mode: host\n  api:\n    networks:\n      - front\n# end\nnetworks:\n  front:\n  back: {}\n";

    fn path_at(line: usize, text: &str) -> String {
        let lines: Vec<&str> = FILE.lines().take(line).collect();
        place(&lines, text).path.join(".")
    }

    #[test]
    fn indentation_leads_to_a_place() {
        assert_eq!(path_at(2, "    im"), "services.web");
        assert_eq!(path_at(4, "    - ta"), "services.web.ports.0");
        assert_eq!(path_at(5, "      pub"), "services.web.ports.0");
        assert_eq!(path_at(6, "    he"), "services.web");
        assert_eq!(path_at(8, "      - f"), "services.api.networks.0");
        assert_eq!(path_at(11, "    dr"), "networks");
        assert_eq!(path_at(12, "    dr"), "networks.front");
        assert_eq!(path_at(13, "v"), "");
    }

    #[test]
    fn names_of_a_section_are_its_keys() {
        assert_eq!(names(FILE, "services"), ["web", "api"]);
        assert_eq!(names(FILE, "networks"), ["front", "back"]);
        assert_eq!(names(FILE, "volumes"), Vec::<&str>::new());
    }
}
