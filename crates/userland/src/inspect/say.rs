//! What the tools of this group have in common: how they answer and fail, and abbreviations.

use kernel::Errno;
use kernel::sys::Sys;

/// Why a tool ends without success: what it says on standard error, and its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fail {
    /// The whole text, with its newline.
    pub(crate) text: String,
    /// The exit code.
    pub(crate) code: i32,
}

/// A tool's answer for standard output, or why there is none.
pub(crate) type Said = Result<String, Fail>;

impl Fail {
    /// A line and an exit code.
    pub(crate) fn new(code: i32, line: impl std::fmt::Display) -> Self {
        Self {
            text: format!("{line}\n"),
            code,
        }
    }

    /// What iproute2 says when the kernel refuses without a sentence of its own.
    pub(crate) fn netlink(error: Errno) -> Self {
        Self::new(2, format_args!("RTNETLINK answers: {error}"))
    }

    /// What iproute2 says when the kernel refuses with a sentence.
    pub(crate) fn kernel(sentence: &str) -> Self {
        Self::new(2, format_args!("Error: {sentence}"))
    }

    /// The same for sentences to which iproute2 adds an empty line.
    pub(crate) fn bad_argument(value: &str, why: &str) -> Self {
        Self::argument(value, &format!("{why}\n"))
    }

    /// What iproute2 says about an argument that makes no sense.
    pub(crate) fn argument(value: &str, why: &str) -> Self {
        Self::new(
            255,
            format_args!("Error: argument \"{value}\" is wrong: {why}"),
        )
    }

    /// What iproute2 says about a device name in a change.
    pub(crate) fn no_device(name: &str) -> Self {
        Self::new(1, format_args!("Cannot find device \"{name}\""))
    }

    /// What is left out here.
    pub(crate) fn not_modelled(tool: &str, what: &str) -> Self {
        Self::new(2, format_args!("{tool}: {what} is not modelled in Drydock"))
    }
}

/// Prints an answer; gives the exit code.
pub(crate) fn say(sys: &Sys, said: Said) -> i32 {
    match said {
        Ok(text) => {
            sys.out(&text);
            0
        }
        Err(fail) => {
            // Only now that the whole answer is known: a look at a device needs no capability.
            if fail.text.ends_with(&format!("{}\n", Errno::EPERM)) {
                sys.lacks("NET_ADMIN");
            }
            sys.err(&fail.text);
            fail.code
        }
    }
}

/// The first of `words` that begins with `given`: how iproute2 reads abbreviations.
pub(crate) fn pick(given: &str, words: &[&'static str]) -> Option<&'static str> {
    words
        .iter()
        .copied()
        .find(|word| !given.is_empty() && word.starts_with(given))
}

/// A walk along arguments.
pub(crate) struct Words<'a> {
    rest: std::slice::Iter<'a, String>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(args: &'a [String]) -> Self {
        Self { rest: args.iter() }
    }

    pub(crate) fn peek(&self) -> Option<&'a str> {
        self.rest.as_slice().first().map(String::as_str)
    }

    pub(crate) fn rest(&self) -> &'a [String] {
        self.rest.as_slice()
    }

    /// The value of the option that was just read; iproute2's sentence if it is missing.
    pub(crate) fn value(&mut self) -> Result<&'a str, Fail> {
        self.next()
            .ok_or_else(|| Fail::new(255, "Command line is not complete. Try option \"help\""))
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;
    fn next(&mut self) -> Option<&'a str> {
        self.rest.next().map(String::as_str)
    }
}
