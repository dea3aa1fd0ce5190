//! Reading options as getopt does.

use kernel::fs::Node;
use kernel::sys::Sys;

use crate::usage;

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

/// Reads `args` (the name first). `short` is as for getopt: a colon after a letter that takes a value, two if the value may
/// be left out and is only taken when attached; a leading `+` ends the options at the first operand. `long` maps long
/// names to letters.
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
    let may_lack = |option: char| {
        short
            .split_once(option)
            .is_some_and(|(_, after)| after.starts_with("::"))
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
            let value = if may_lack(*option) {
                value
            } else if takes(*option) {
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
                match attached.as_str() {
                    "" if may_lack(option) => None,
                    "" => Some(rest.next().cloned().ok_or(Wrong::Missing(option))?),
                    _ => Some(attached),
                }
            } else {
                None
            };
            parsed.options.push((option, value));
        }
    }
    Ok(parsed)
}

/// GNU tools: the exit code for an option that they do not know, and those that they do, letters first. What is in
/// this list and not in a tool's own is known and not modelled. Source: the tools' manual pages (coreutils 9.7, grep 3.12).
const KNOWN: &[(&str, i32, &str)] = &[
    (
        "cat",
        1,
        "AbeEnstTuv show-all number-nonblank show-ends number squeeze-blank show-tabs show-nonprinting",
    ),
    (
        "cut",
        1,
        "bcdfnsz bytes characters delimiter fields complement only-delimited output-delimiter zero-terminated",
    ),
    (
        "date",
        1,
        "dfIRrsu date debug file iso-8601 resolution rfc-2822 rfc-email rfc-3339 reference set utc universal",
    ),
    (
        "env",
        125,
        "0iuCSv ignore-environment null unset chdir split-string block-signal default-signal ignore-signal list-signal-handling debug argv0",
    ),
    (
        "grep",
        2,
        "EFGPefiyvwxczslLqohHnbTuUIDdrRABCmaZ extended-regexp fixed-strings basic-regexp perl-regexp regexp file ignore-case no-ignore-case word-regexp line-regexp null-data no-messages invert-match max-count byte-offset line-number line-buffered with-filename no-filename label only-matching quiet silent binary-files text directories devices recursive dereference-recursive include exclude exclude-from exclude-dir files-without-match files-with-matches count initial-tab null before-context after-context context group-separator no-group-separator color colour binary",
    ),
    (
        "head",
        1,
        "cnqvz bytes lines quiet silent verbose zero-terminated",
    ),
    (
        "ls",
        2,
        "aAbBcCdDfFgGhHiIklLmnNopqQrRsStTuUvwxXZ1 all almost-all author escape block-size ignore-backups color directory dired classify file-type format full-time group-directories-first no-group human-readable si dereference-command-line dereference-command-line-symlink-to-dir hide hyperlink indicator-style inode ignore kibibytes dereference numeric-uid-gid literal hide-control-chars show-control-chars quote-name quoting-style reverse recursive size sort time time-style tabsize width context zero",
    ),
    ("seq", 1, "fsw format separator equal-width"),
    (
        "sort",
        2,
        "bdfghiMnRrVcCmsuzoktST ignore-leading-blanks dictionary-order ignore-case general-numeric-sort ignore-nonprinting month-sort human-numeric-sort numeric-sort random-sort random-source reverse sort version-sort batch-size check compress-program debug files0-from key merge output stable buffer-size field-separator temporary-directory parallel unique zero-terminated",
    ),
    (
        "tail",
        1,
        "cfFnqsvz bytes follow lines max-unchanged-stats pid quiet silent retry sleep-interval verbose zero-terminated debug",
    ),
    ("tee", 1, "aip append ignore-interrupts output-error"),
    (
        "timeout",
        125,
        "fksvp foreground kill-after signal verbose preserve-status",
    ),
    (
        "tr",
        1,
        "cCdst complement delete squeeze-repeats truncate-set1",
    ),
    (
        "uniq",
        1,
        "cdDfisuzw count repeated all-repeated skip-fields group ignore-case skip-chars unique zero-terminated check-chars",
    ),
    ("base64", 1, "diw decode ignore-garbage wrap"),
    ("comm paste", 1, "123zds check-order delimiters serial"),
    (
        "df",
        1,
        "aBhHiklPtTvx all human-readable si inodes local type print-type",
    ),
    (
        "fold nl tac",
        1,
        "bcswdfhilnpvr bytes spaces width before regex separator body-numbering",
    ),
    (
        "id whoami uname",
        1,
        "aGgnruzZsvmpio group groups name real user zero all kernel-name",
    ),
    (
        "lsns",
        1,
        "JlnoprtuWPQTyH json list noheadings output task raw type notruncate persistent tree filter",
    ),
    (
        "md5sum sha256sum",
        1,
        "bctwz binary check tag text zero ignore-missing quiet status strict warn",
    ),
    (
        "mktemp readlink realpath",
        1,
        "duqptfemnsvzLP directory dry-run quiet suffix tmpdir canonicalize",
    ),
    (
        "nsenter unshare",
        1,
        "atFmuinpCUTSGrwWZeckRfl all target mount uts ipc net pid cgroup user time root wd fork map-root-user mount-proc preserve-credentials",
    ),
    (
        "od",
        1,
        "AtjNSvwabcdDefFhHiIlLoOsx address-radix format skip-bytes read-bytes strings output-duplicates width",
    ),
    (
        "shuf",
        1,
        "einorz echo input-range head-count output repeat random-source zero-terminated",
    ),
    ("sleep", 1, ""),
    (
        "stat",
        1,
        "LfctF dereference file-system format printf terse",
    ),
    ("truncate", 1, "cors no-create io-blocks reference size"),
    (
        "xargs",
        1,
        "0aEeIiLlnPprstxd null arg-file delimiter max-args max-procs interactive no-run-if-empty replace verbose",
    ),
    (
        "wc",
        1,
        "cmlLw bytes chars lines files0-from max-line-length words total debug",
    ),
];

/// Whether the process runs a program of busybox.
fn is_busybox(sys: &Sys) -> bool {
    let exe = sys.me(|p| p.exe.clone()).unwrap_or_default();
    let node = sys.stat(&exe, true).map(|meta| meta.node);
    matches!(node, Ok(Node::Program(key)) if key.starts_with("busybox"))
}

/// Prints why a command line was refused, and gives the exit code.
pub fn refuse(sys: &Sys, args: &[String], wrong: Wrong) -> i32 {
    let name = program(args);
    let busybox = is_busybox(sys);
    let known = KNOWN
        .iter()
        .find(|(tools, ..)| tools.split(' ').any(|tool| tool == name));
    let (what, code) = match (&wrong, known) {
        (Wrong::Unknown(option), _) if busybox && usage::tells_of(name, option) => {
            return crate::not_modelled(sys, name, option);
        }
        (wrong, _) if busybox => return usage::wrong(sys, name, wrong),
        (Wrong::Unknown(option), Some((_, code, letters))) if !is_known(letters, option) => {
            let what = match option.strip_prefix("--") {
                Some(_) => format!("unrecognized option '{option}'"),
                None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
            };
            (what, *code)
        }
        (Wrong::Unknown(option), _) => return crate::not_modelled(sys, name, option),
        (Wrong::Missing(option), known) => (
            format!("option requires an argument -- '{option}'"),
            known.map_or(1, |(_, code, _)| *code),
        ),
    };
    let usage = match name {
        "grep" => "Usage: grep [OPTION]... PATTERNS [FILE]...\n",
        _ => "",
    };
    let advice = match known {
        Some(_) => format!("{usage}Try '{name} --help' for more information.\n"),
        None => String::new(),
    };
    sys.err(&format!("{name}: {what}\n{advice}"));
    code
}

/// Whether an option is among a tool's: its letters, then its words.
fn is_known(options: &str, option: &str) -> bool {
    let mut words = options.split(' ');
    let letters = words.next().unwrap_or_default();
    match option.strip_prefix("--") {
        Some(long) => words.chain(["help", "version"]).any(|word| word == long),
        None => letters.contains(option.trim_start_matches('-')),
    }
}

/// Puts a word between the quotes of the locale, as gettext has GNU programs do: curly ones where UTF-8 is set.
#[must_use]
pub fn quote(sys: &Sys, word: &str) -> String {
    let set = |name: &str| sys.env(name).filter(|value| !value.is_empty());
    let locale = set("LC_ALL")
        .or_else(|| set("LC_CTYPE"))
        .or_else(|| set("LANG"));
    if locale.is_some_and(|locale| {
        locale
            .to_ascii_lowercase()
            .replace('-', "")
            .ends_with("utf8")
    }) {
        format!("\u{2018}{word}\u{2019}")
    } else {
        format!("'{word}'")
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
            parse(&words("x -w -w/ --wd=/tmp f"), "w::", &[("wd", 'w')])
                .unwrap()
                .options
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>(),
            [None, Some("/".to_owned()), Some("/tmp".to_owned())]
        );
        assert_eq!(
            parse(&words("x a -b"), "+b", &[]).unwrap().operands,
            ["a", "-b"]
        );
    }
}
