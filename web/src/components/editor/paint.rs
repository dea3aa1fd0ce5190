//! Colours for a line of text: YAML, near enough; of other files only comments.

/// A piece of a line and the class it is drawn with; empty for plain text.
pub(super) type Piece<'a> = (&'static str, &'a str);

/// Cuts a line into pieces; together they are the line.
pub(super) fn paint(line: &str, yaml: bool) -> Vec<Piece<'_>> {
    let mut pieces = Pieces {
        rest: line,
        out: Vec::new(),
    };
    let blank = pieces.rest.len() - pieces.rest.trim_start().len();
    pieces.take("", blank);
    if pieces.rest.starts_with('#') {
        pieces.take("c", pieces.rest.len());
        return pieces.out;
    }
    if !yaml {
        pieces.take("", line.len());
        return pieces.out;
    }
    while pieces.rest.starts_with("- ") {
        let blank = 1 + pieces
            .rest
            .chars()
            .skip(1)
            .take_while(|c| *c == ' ')
            .count();
        pieces.take("p", blank);
    }
    pieces.key();
    while !pieces.rest.is_empty() {
        pieces.value();
    }
    pieces.out
}

struct Pieces<'a> {
    rest: &'a str,
    out: Vec<Piece<'a>>,
}

impl Pieces<'_> {
    fn take(&mut self, class: &'static str, len: usize) {
        let (piece, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        if !piece.is_empty() {
            self.out.push((class, piece));
        }
        self.rest = rest;
    }

    /// Takes a key with its colon, if one comes.
    fn key(&mut self) {
        let ends = |at: &usize| {
            self.rest
                .get(at + 1..)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let at = self.rest.match_indices(':').map(|(at, _)| at).find(ends);
        let before = at.and_then(|at| self.rest.get(..at)).unwrap_or_default();
        if !before.is_empty() && !before.contains(['#', '[', '{']) {
            self.take("k", before.len());
            self.take("p", 1);
        }
    }

    /// Takes the next thing of a value.
    fn value(&mut self) {
        let rest = self.rest;
        let first = rest.chars().next().unwrap_or_default();
        match first {
            ' ' => {
                let blank = rest.len() - rest.trim_start().len();
                self.take("", blank);
                if self.rest.starts_with('#') {
                    self.take("c", self.rest.len());
                }
            }
            '"' | '\'' => {
                let end = rest.char_indices().skip(1).find(|(_, c)| *c == first);
                self.take("s", end.map_or(rest.len(), |(at, _)| at + 1));
            }
            '[' | ']' | '{' | '}' | ',' | '|' | '>' => self.take("p", 1),
            '$' if rest.starts_with("${") => {
                let end = rest.find('}').map_or(rest.len(), |at| at + 1);
                self.take("v", end);
            }
            _ => {
                let stop = |c: char| c == ' ' || matches!(c, '[' | ']' | '{' | '}' | ',' | '$');
                let end = rest.char_indices().skip(1).find(|(_, c)| stop(*c));
                let word = end.map_or(rest.len(), |(at, _)| at);
                let (text, after) = rest.split_at_checked(word).unwrap_or((rest, ""));
                let ends = after.is_empty() || after.starts_with(' ');
                let class = match text {
                    "true" | "false" | "null" | "~" => "n",
                    _ if text.parse::<f64>().is_ok() => "n",
                    _ if matches!(first, '&' | '*' | '!') => "v",
                    _ if text.ends_with(':') && ends => "k",
                    _ => "",
                };
                self.take(class, word);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let pieces = paint(line, true);
        assert_eq!(
            pieces.iter().map(|(_, text)| *text).collect::<String>(),
            line
        );
        let coloured = pieces.iter().filter(|(class, _)| !class.is_empty());
        coloured
            .map(|(class, text)| format!("{class}<{text}>"))
            .collect()
    }

    #[test]
    fn yaml_is_told_apart() {
        assert_eq!(shown("  web: # the server"), "k<web>p<:>c<# the server>");
        assert_eq!(
            shown("    ports: [\"8080:80\"]"),
            "k<ports>p<:>p<[>s<\"8080:80\">p<]>"
        );
        assert_eq!(shown("      - target: 80"), "p<- >k<target>p<:>n<80>");
        assert_eq!(shown("    image: nginx:alpine"), "k<image>p<:>");
        assert_eq!(shown("    internal: true"), "k<internal>p<:>n<true>");
        assert_eq!(shown("  <<: *common"), "k<<<>p<:>v<*common>");
        assert_eq!(
            shown("    image: a:${TAG:-x} b"),
            "k<image>p<:>v<${TAG:-x}>"
        );
        assert_eq!(shown("  \"é"), "s<\"é>");
        assert_eq!(shown(""), "");
    }
}
