//! The page's texts in other languages: the single file holds them, the site has a file for each.

use std::fs;
use std::path::Path;

use super::text;
use crate::report::{Context as _, Failure, Result};

/// The language that the program has built in.
const BUILT_IN: &str = "en";

/// Reads the files of a folder, by the codes of their languages; they must not hold markup.
pub(super) fn read(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).context(|| format!("list {}", folder.display()))? {
        let path = entry
            .context(|| format!("list {}", folder.display()))?
            .path();
        let code = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        if code == BUILT_IN {
            continue;
        }
        let messages = text(&path)?;
        if messages.contains('<') {
            let name = path.display();
            return Err(Failure::new(format!(
                "{name} holds markup, and has to be plain text"
            )));
        }
        all.push((code.to_owned(), messages));
    }
    all.sort();
    Ok(all)
}

/// Where a language's file lies, seen from the page.
pub(super) fn path(code: &str) -> String {
    format!("messages/{code}.txt")
}

/// Elements that say where the texts are.
pub(super) fn links(messages: &[(String, String)], version: &str) -> String {
    elements(messages, |code, _| {
        (format!(" data-src=\"{}?v={version}\"", path(code)), "")
    })
}

/// Elements that hold the texts. No browser runs them, so that no policy has to allow them.
pub(super) fn inline(messages: &[(String, String)]) -> String {
    elements(messages, |_, text| (String::new(), text))
}

fn elements<'a>(
    messages: &'a [(String, String)],
    parts: impl Fn(&str, &'a str) -> (String, &'a str),
) -> String {
    let all = messages.iter().map(|(code, text)| {
        let (attribute, content) = parts(code, text);
        format!("<script type=\"text/plain\" id=\"messages-{code}\"{attribute}>{content}</script>")
    });
    all.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_in_the_page_or_the_page_says_where() {
        let messages = [("de".to_owned(), "a = b".to_owned())];
        assert_eq!(
            links(&messages, "1"),
            "<script type=\"text/plain\" id=\"messages-de\" data-src=\"messages/de.txt?v=1\"></script>"
        );
        assert_eq!(
            inline(&messages),
            "<script type=\"text/plain\" id=\"messages-de\">a = b</script>"
        );
    }
}
