//! The few patterns of the schema, each as a function, and their text for the error.

/// A pattern of the schema. All but those with `^` accept a text that holds a match anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// A resource's key.
    Key,
    /// Any text that is not empty.
    Some,
    /// Lower-case letters.
    Letters,
    /// A container's name.
    ContainerName,
    /// A pull policy.
    PullPolicy,
}

impl Pattern {
    /// Returns the regular expression, as the error shows it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Key => "^[a-zA-Z0-9._-]+$",
            Self::Some => "^.+$",
            Self::Letters => "^[a-z]+$",
            Self::ContainerName => "[a-zA-Z0-9][a-zA-Z0-9_.-]+",
            Self::PullPolicy => {
                "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"
            }
        }
    }

    /// Returns whether a text matches.
    pub(crate) fn matches(self, text: &str) -> bool {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        match self {
            Self::Key => !text.is_empty() && text.bytes().all(is_name),
            Self::Some => !text.is_empty(),
            Self::Letters => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase()),
            Self::ContainerName => text
                .as_bytes()
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a.is_ascii_alphanumeric() && is_name(*b))),
            Self::PullPolicy => {
                let words = [
                    "always",
                    "never",
                    "build",
                    "if_not_present",
                    "missing",
                    "refresh",
                    "daily",
                    "weekly",
                ];
                words.iter().any(|word| text.contains(word))
                    || text.split("every_").skip(1).any(begins_with_a_period)
            }
        }
    }
}

fn begins_with_a_period(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0
        && text
            .as_bytes()
            .get(digits)
            .is_some_and(|unit| b"wdhms".contains(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_their_expressions_do() {
        assert!(Pattern::Key.matches("a.b-c_1"));
        assert!(!Pattern::Key.matches("a b"));
        assert!(Pattern::ContainerName.matches("ab"));
        assert!(Pattern::ContainerName.matches("-ab"));
        assert!(!Pattern::ContainerName.matches("x"));
        assert!(Pattern::PullPolicy.matches("every_5d"));
        assert!(!Pattern::PullPolicy.matches("every_d"));
        assert!(!Pattern::PullPolicy.matches("sometimes"));
    }
}
