//! Reading options as getopt does.

use kernel::sys::Sys;

/// Options and operands of a command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Options in order, each with its value if it takes one.
    pub options: Vec<(char, Option<String>)>,
    /// What is not an option.
    pub operands: Vec<String>,
}

/// Why a command line was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// An option that is not known here, as written.
    Unknown(String),
    /// An option without its value.
    Missing(char),
}

impl Parsed {
    /// True if the option was given.
    #[must_use]
    pub fn has(&self, option: char) -> bool {
        self.options.iter().any(|(known, _)| *known == option)
    }

    /// The last value of an option.
    #[must_use]
    pub fn value(&self, option: char) -> Option<&str> {
        self.options
            .iter()
            .rev()
            .find(|(known, _)| *known == option)
            .and_then(|(_, value)| value.as_deref())
    }

    /// All values of an option, in order.
    pub fn values(&self, option: char) -> impl Iterator<Item = &str> {
        self.options
            .iter()
            .filter(move |(known, _)| *known == option)
            .filter_map(|(_, value)| value.as_deref())
    }

    /// Which of several options came last.
    #[must_use]
    pub fn last_of(&self, options: &str) -> Option<char> {
        self.options
            .iter()
            .rev()
            .map(|(known, _)| *known)
            .find(|known| options.contains(*known))
    }
}

/// Reads `args` (the name first). `short` is as for getopt: a colon after a letter that takes a value; a leading `+` ends the
/// options at the first operand. `long` maps long names to letters.
///
/// # Errors
/// [`Wrong`].
pub fn parse(args: &[String], short: &str, long: &[(&str, char)]) -> Result<Parsed, Wrong> {
    let strict = short.starts_with('+');
    let takes = |option: char| {
        short
            .split_once(option)
            .is_some_and(|(_, after)| after.starts_with(':'))
    };
    let known = |option: char| option != ':' && option != '+' && short.contains(option);
    let mut parsed = Parsed::default();
    let mut rest = args.iter().skip(1);
    while let Some(argument) = rest.next() {
        if argument == "--" {
            parsed.operands.extend(rest.cloned());
            break;
        }
        if let Some(name) = argument.strip_prefix("--") {
            let (name, value) = name
                .split_once('=')
                .map_or((name, None), |(name, value)| (name, Some(value.to_owned())));
            let Some((_, option)) = long.iter().find(|(known, _)| *known == name) else {
                return Err(Wrong::Unknown(format!("--{name}")));
            };
            let value = if takes(*option) {
                Some(
                    value
                        .or_else(|| rest.next().cloned())
                        .ok_or(Wrong::Missing(*option))?,
                )
            } else {
                None
            };
            parsed.options.push((*option, value));
            continue;
        }
        let Some(letters) = argument
            .strip_prefix('-')
            .filter(|letters| !letters.is_empty())
        else {
            parsed.operands.push(argument.clone());
            if strict {
                parsed.operands.extend(rest.cloned());
                break;
            }
            continue;
        };
        let mut letters = letters.chars();
        while let Some(option) = letters.next() {
            if !known(option) {
                return Err(Wrong::Unknown(format!("-{option}")));
            }
            let value = if takes(option) {
                let attached: String = letters.by_ref().collect();
                Some(if attached.is_empty() {
                    rest.next().cloned().ok_or(Wrong::Missing(option))?
                } else {
                    attached
                })
            } else {
                None
            };
            parsed.options.push((option, value));
        }
    }
    Ok(parsed)
}

/// Prints why a command line was refused, and gives the exit code.
pub async fn refuse(sys: &Sys, args: &[String], wrong: Wrong) -> i32 {
    let name = program(args);
    match wrong {
        Wrong::Unknown(option) => crate::not_modelled(sys, name, &option).await,
        Wrong::Missing(option) => {
            sys.err(&format!(
                "{name}: option requires an argument -- '{option}'\n"
            ))
            .await;
            1
        }
    }
}

/// The program's name without its directory.
#[must_use]
pub fn program(args: &[String]) -> &str {
    args.first()
        .map_or("", |name| name.rsplit('/').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_read_as_getopt_does() {
        let parsed = parse(
            &words("x -ab -n5 f --all --num=7 -- -z"),
            "abn:",
            &[("all", 'a'), ("num", 'n')],
        )
        .unwrap();
        assert_eq!(parsed.operands, ["f", "-z"]);
        assert_eq!(parsed.values('n').collect::<Vec<_>>(), ["5", "7"]);
        assert!(parsed.has('b') && !parsed.has('z'));
        assert_eq!(
            parse(&words("x -q"), "a", &[]),
            Err(Wrong::Unknown("-q".to_owned()))
        );
        assert_eq!(parse(&words("x -n"), "n:", &[]), Err(Wrong::Missing('n')));
        assert_eq!(
            parse(&words("x a -b"), "+b", &[]).unwrap().operands,
            ["a", "-b"]
        );
    }
}
