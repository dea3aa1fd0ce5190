//! A command in one text, split into words as Compose does. Source: mattn/go-shellwords.

/// Splits at blanks outside quotes; a backslash keeps the next character. Errors: a quote that never closes.
pub fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut in_word = false;
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        if escaped {
            word.push(c);
            escaped = false;
            in_word = true;
            continue;
        }
        match (c, quote) {
            ('\\', None | Some('"')) => escaped = true,
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                in_word = true;
            }
            (' ' | '\t' | '\r' | '\n', None) => {
                if in_word {
                    words.push(std::mem::take(&mut word));
                }
                in_word = false;
            }
            (c, None) => {
                word.push(c);
                in_word = true;
            }
        }
    }
    if quote.is_some() || escaped {
        return Err("invalid command line string".into());
    }
    if in_word {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_keep_blanks() {
        assert_eq!(
            split(r#"echo "a b" 'c "d"' e\ f "" "#),
            Ok(["echo", "a b", "c \"d\"", "e f", ""]
                .map(String::from)
                .to_vec())
        );
        assert_eq!(split(""), Ok(vec![]));
        assert!(split("echo 'a").is_err());
    }
}
