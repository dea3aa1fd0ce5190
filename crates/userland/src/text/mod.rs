//! Programs that read and write text.

use crate::entry;
use crate::registry::Entry;

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

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[
    entry!(both "cat", "show files", &["-n"], cat::main),
    entry!(both "tac", "show files backwards", &[], cat::tac),
    entry!(both "rev", "turn lines round", &[], cat::rev),
    entry!(both "tee", "copy input to files too", &["-a"], cat::tee),
    entry!(both "head", "the first lines", &["-n"], head::main),
    entry!(both "tail", "the last lines", &["-n", "-f"], head::tail),
    entry!(both "wc", "count lines, words, bytes", &["-l", "-w", "-c"], wc::main),
    entry!(both "grep", "find lines", &["-i", "-v", "-c", "-E", "-o", "-n", "-r", "-A", "-B"], grep::main),
    entry!(both "egrep", "find lines", &["-i", "-v", "-c"], grep::main),
    entry!(both "fgrep", "find lines", &["-i", "-v", "-c"], grep::main),
    entry!(both "sed", "edit a stream", &["-E", "-n", "-i"], sed::main),
    entry!(gnu "jq", "query JSON", &["-r", "-c", "."], jq::main),
    entry!(both "awk", "pick fields out of lines", &["-F"], awk::main),
    entry!(both "cut", "parts of lines", &["-d", "-f", "-c"], cut::main),
    entry!(both "tr", "replace characters", &["-d", "-s"], cut::tr),
    entry!(both "paste", "join lines", &["-s", "-d"], cut::paste),
    entry!(both "diff", "how files differ", &["-u", "-q"], compare::diff),
    entry!(both "cmp", "whether files differ", &["-s"], compare::cmp),
    entry!(gnu "comm", "lines in common", &["-12"], compare::comm),
    entry!(both "nl", "number lines", &["-ba"], compare::nl),
    entry!(both "fold", "break long lines", &["-w", "-s"], compare::fold),
    entry!(plain both "expr", "evaluate an expression", &[], expr::main),
    entry!(both "sort", "sort lines", &["-n", "-r", "-u", "-k", "-t"], sort::main),
    entry!(both "uniq", "drop repeated lines", &["-c", "-d"], sort::uniq),
    entry!(both "xargs", "run a command with arguments from input", &["-n", "-I"], xargs::main),
    entry!(both "seq", "count", &[], seq::main),
    entry!(both "yes", "say yes for ever", &[], seq::yes),
    entry!(both "base64", "encode and decode base 64", &["-d"], seq::base64),
    entry!(both "md5sum", "digests of files", &["-c"], digest::main),
    entry!(both "sha256sum", "digests of files", &["-c"], digest::main),
    entry!(both "od", "bytes as numbers", &["-c", "-An", "-tx1"], dump::od),
    entry!(both "hexdump", "bytes as numbers", &["-C"], dump::hexdump),
    entry!(both "shuf", "lines in an order of chance", &["-n", "-e", "-i"], shuf::main),
    entry!(gnu "numfmt", "numbers with units", &["--to=iec"], numfmt::main),
    entry!(plain both "echo", "print arguments", &["-n", "-e"], echo::main),
    entry!(both "printf", "print by a format", &[], printf::main),
    entry!(plain both "test", "evaluate a condition", &[], test::main),
    entry!(plain both "[", "evaluate a condition", &[], test::main),
];
