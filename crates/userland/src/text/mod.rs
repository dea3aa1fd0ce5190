//! Programs that read and write text.

pub mod awk;
pub mod cat;
pub mod compare;
pub mod cut;
pub mod digest;
pub mod dump;
pub mod echo;
pub mod expr;
pub mod grep;
pub mod head;
pub mod join;
pub mod jq;
mod md5;
pub mod numfmt;
pub mod printf;
pub mod regex;
pub mod sed;
pub mod seq;
pub mod shuf;
pub mod sort;
pub mod test;
pub mod wc;
pub mod xargs;

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    both "cat", "show files", &["-n"], cat::main;
    both "tac", "show files backwards", &[], cat::tac;
    both "rev", "turn lines round", &[], cat::rev;
    both "tee", "copy input to files too", &["-a"], cat::tee;
    both "head", "the first lines", &["-n"], head::main;
    both "tail", "the last lines", &["-n", "-f"], head::tail;
    both "wc", "count lines, words, bytes", &["-l", "-w", "-c"], wc::main;
    both "grep", "find lines", &["-i", "-v", "-c", "-E", "-o", "-n", "-r", "-A", "-B"], grep::main;
    both "egrep", "find lines", &["-i", "-v", "-c"], grep::main;
    both "fgrep", "find lines", &["-i", "-v", "-c"], grep::main;
    both "sed", "edit a stream", &["-E", "-n", "-i"], sed::main;
    gnu "jq", "query JSON", &["-r", "-c", "."], jq::main;
    both "awk", "pick fields out of lines", &["-F"], awk::main;
    both "cut", "parts of lines", &["-d", "-f", "-c"], cut::main;
    both "tr", "replace characters", &["-d", "-s"], cut::tr;
    both "paste", "join lines", &["-s", "-d"], cut::paste;
    both "diff", "how files differ", &["-u", "-q"], compare::diff;
    both "cmp", "whether files differ", &["-s"], compare::cmp;
    gnu "comm", "lines in common", &["-12"], compare::comm;
    gnu "join", "join lines by a field", &["-1", "-2", "-t", "-o"], join::main;
    both "nl", "number lines", &["-ba"], compare::nl;
    both "fold", "break long lines", &["-w", "-s"], compare::fold;
    plain both "expr", "evaluate an expression", &[], expr::main;
    both "sort", "sort lines", &["-n", "-r", "-u", "-k", "-t"], sort::main;
    both "uniq", "drop repeated lines", &["-c", "-d"], sort::uniq;
    both "xargs", "run a command with arguments from input", &["-n", "-I"], xargs::main;
    both "seq", "count", &[], seq::main;
    both "yes", "say yes for ever", &[], seq::yes;
    both "base64", "encode and decode base 64", &["-d"], seq::base64;
    both "md5sum", "digests of files", &["-c"], digest::main;
    both "sha256sum", "digests of files", &["-c"], digest::main;
    both "od", "bytes as numbers", &["-c", "-An", "-tx1"], dump::od;
    both "hexdump", "bytes as numbers", &["-C"], dump::hexdump;
    both "shuf", "lines in an order of chance", &["-n", "-e", "-i"], shuf::main;
    gnu "numfmt", "numbers with units", &["--to=iec"], numfmt::main;
    plain both "echo", "print arguments", &["-n", "-e"], echo::main;
    both "printf", "print by a format", &[], printf::main;
    plain both "test", "evaluate a condition", &[], test::main;
    plain both "[", "evaluate a condition", &[], test::main;
}
