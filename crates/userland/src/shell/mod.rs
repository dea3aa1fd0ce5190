//! The shell: `bash`, `dash` and busybox's `ash`.
//!
//! Read `ast` for what a script means, `lexer` and `parser` for how text becomes one, `expand`, `glob` and `arith` for what words
//! become; `words` and `exec` run it, in `processes` of its own where need be; `builtins` are the commands that change the shell itself; `main` is the program.

pub mod arith;
mod arrays;
mod assign;
pub mod ast;
pub mod builtins;
mod cond;
pub mod error;
mod exec;
pub mod expand;
pub mod glob;
mod jobs;
mod letters;
pub mod lexer;
pub mod main;
mod options;
mod parameter;
pub mod parser;
mod processes;
pub mod quote;
mod redirect;
mod select;
mod signals;
mod state;
#[cfg(test)]
mod tests;
mod variables;
mod words;

pub use self::main::main;
pub use state::Shell;

/// Which shell this is; the grammar is one, the texts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// GNU bash.
    Bash,
    /// Debian's dash, their `sh`.
    Dash,
    /// busybox's ash, its `sh`.
    Ash,
}

crate::programs! {
    /// The shells.
    pub const PROGRAMS;
    gnu "bash", "the GNU shell", &["-c", "-e", "-x"], bash;
    gnu "dash", "Debian's small shell", &["-c", "-e", "-x"], dash;
    both "sh", "a shell", &["-c", "-e", "-x"], sh;
    busybox "ash", "busybox's shell", &["-c", "-e", "-x"], sh;
}

async fn bash(sys: kernel::sys::Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    main(sys, args, Flavour::Bash).await
}

async fn dash(sys: kernel::sys::Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    main(sys, args, Flavour::Dash).await
}

/// `sh` is dash on Debian and ash in busybox images.
async fn sh(sys: kernel::sys::Sys, args: Vec<String>, flavour: crate::Flavour) -> i32 {
    let flavour = if flavour == crate::Flavour::Busybox {
        Flavour::Ash
    } else {
        Flavour::Dash
    };
    main(sys, args, flavour).await
}
