//! `--platform`: every image here is for `linux/amd64`. Source: containerd/platforms `platforms.go`, `database.go`.

use crate::go::quote;

const SYSTEMS: [&str; 16] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
];
const ARCHITECTURES: [&str; 24] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Returns a platform as `system/architecture`, with the names of one spelling only.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let fail = |why: String| Err(format!("{why}: invalid argument"));
    let lower = text.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if let Some(bad) = text
        .split('/')
        .find(|p| p.is_empty() || !p.chars().all(allowed))
    {
        return fail(format!(
            "{} is an invalid component of {}: platform specifier component must match \"^[A-Za-z0-9_.-]+$\"",
            quote(bad),
            quote(text)
        ));
    }
    match parts.as_slice() {
        [one] => {
            let (system, machine) = (system(one), architecture(one));
            if SYSTEMS.contains(&system) {
                Ok(format!("{system}/amd64"))
            } else if ARCHITECTURES.contains(&machine) {
                Ok(format!("linux/{machine}"))
            } else {
                fail(format!(
                    "{}: unknown operating system or architecture",
                    quote(text)
                ))
            }
        }
        [one, two] | [one, two, _] => Ok(format!("{}/{}", system(one), architecture(two))),
        _ => fail(format!("{}: cannot parse platform specifier", quote(text))),
    }
}

/// Whether the images are for a platform; an empty one is any.
pub(crate) fn is_here(text: &str) -> Result<bool, String> {
    Ok(text.is_empty() || parse(text)? == "linux/amd64")
}

fn system(word: &str) -> &str {
    match word {
        "macos" => "darwin",
        word => word,
    }
}

fn architecture(word: &str) -> &str {
    match word {
        "i386" => "386",
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        word => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_spellings_mean_one_platform() {
        for here in [
            "",
            "linux",
            "amd64",
            "x86_64",
            "linux/x86_64",
            "linux/amd64/v2",
            "Linux/AMD64",
        ] {
            assert_eq!(is_here(here), Ok(true), "{here}");
        }
        for elsewhere in ["arm64", "windows", "linux/arm64/v8", "linux/foo"] {
            assert_eq!(is_here(elsewhere), Ok(false), "{elsewhere}");
        }
        assert_eq!(
            parse("a/b/c/d").unwrap_err(),
            "\"a/b/c/d\": cannot parse platform specifier: invalid argument"
        );
        assert!(parse("foo").is_err() && parse("linux/am d").is_err());
    }
}
