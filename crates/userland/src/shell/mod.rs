//! The shell: `bash`, `dash` and busybox's `ash`.
//!
//! Read `ast` for what a script means, `lexer` and `parser` for how text becomes one, `expand`, `glob` and `arith` for what words
//! become.

pub mod arith;
pub mod ast;
mod cond;
pub mod error;
pub mod expand;
pub mod glob;
pub mod lexer;
pub mod parser;
pub mod quote;

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
