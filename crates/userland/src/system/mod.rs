//! Programs about files, processes and the machine.

use crate::entry;
use crate::registry::Entry;

pub mod busybox;
pub mod date;
pub mod dd;
pub mod files;
pub mod find;
pub mod identity;
pub mod kill;
pub mod load;
pub mod ls;
pub mod ps;
mod ps_busybox;
pub mod stat;
mod tar;
pub mod timing;
pub mod top;
pub mod watch;

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[
    entry!(plain both "ls", "list files", &["-l", "-a", "-la", "-1"], ls::main),
    entry!(plain both "mkdir", "make directories", &["-p"], files::mkdir),
    entry!(plain both "rmdir", "remove empty directories", &[], files::rmdir),
    entry!(plain both "rm", "remove files", &["-r", "-f", "-rf"], files::rm),
    entry!(plain both "touch", "make empty files", &[], files::touch),
    entry!(plain both "cp", "copy files", &["-r", "-a"], files::cp),
    entry!(plain both "mv", "move files", &[], files::mv),
    entry!(plain both "ln", "make links", &["-s"], files::ln),
    entry!(plain both "readlink", "show where a link leads", &["-f"], files::readlink),
    entry!(plain both "realpath", "show a path without links", &[], files::realpath),
    entry!(plain both "chmod", "change permissions", &["+x"], files::chmod),
    entry!(plain both "chown", "change owners", &[], files::chown),
    entry!(plain both "chgrp", "change groups", &[], files::chown),
    entry!(plain both "basename", "the last part of a path", &[], files::basename),
    entry!(plain both "mktemp", "make a file with a name of its own", &["-d"], files::mktemp),
    entry!(plain both "arch", "show the processor's kind", &[], identity::arch),
    entry!(plain both "groups", "show the user's groups", &[], identity::whoami),
    entry!(plain both "logname", "show who logged in", &[], identity::logname),
    entry!(plain both "sync", "write out what is held back", &[], identity::yes),
    entry!(plain both "dirname", "all but the last part of a path", &[], files::dirname),
    entry!(plain both "stat", "show what is known of a file", &["-c"], stat::main),
    entry!(plain both "du", "show how much files take", &["-sh"], stat::du),
    entry!(plain both "truncate", "make a file so long", &["-s"], stat::truncate),
    entry!(both "dd", "copy blocks", &["if=", "of=", "bs=", "count="], dd::main),
    entry!(both "tar", "make and unpack archives", &["cf", "tf", "xf", "-C"], tar::main),
    entry!(both "find", "find files", &["-name", "-type"], find::main),
    entry!(plain both "date", "show the time", &["+%s", "-u"], date::main),
    entry!(both "sleep", "wait", &[], timing::sleep),
    entry!(both "timeout", "run with a time limit", &[], timing::timeout),
    entry!(both "watch", "run again and again", &["-n", "-d", "-t"], watch::main),
    entry!(both "top", "watch processes", &["-b", "-n", "-d"], top::main),
    entry!(both "env", "show or set the environment", &[], identity::env),
    entry!(both "printenv", "show the environment", &[], identity::env),
    entry!(plain both "id", "show the user", &["-u"], identity::id),
    entry!(plain both "whoami", "show the user's name", &[], identity::whoami),
    entry!(both "hostname", "show the host name", &["-f", "-i"], identity::hostname),
    entry!(plain both "uname", "show the system", &["-a", "-r"], identity::uname),
    entry!(plain both "pwd", "show the working directory", &[], identity::pwd),
    entry!(plain both "nproc", "count processors", &[], identity::nproc),
    entry!(plain both "uptime", "how long the machine has been up", &[], load::uptime),
    entry!(plain both "free", "show memory", &["-h", "-m"], load::free),
    entry!(plain both "df", "show disks", &["-h"], load::df),
    entry!(plain both "w", "show who is logged in and what they do", &[], load::w),
    entry!(plain both "who", "show who is logged in", &[], load::who),
    entry!(plain both "vmstat", "show memory and load", &[], load::vmstat),
    entry!(plain both "mount", "list what is mounted", &[], load::mount),
    entry!(plain both "which", "find a program", &[], identity::which),
    entry!(plain both "tty", "show the terminal", &[], identity::tty),
    entry!(plain both "stty", "terminal settings", &["size"], identity::stty),
    entry!(plain both "clear", "clear the screen", &[], identity::clear),
    entry!(plain both "reset", "clear the screen", &[], identity::clear),
    entry!(plain both "true", "succeed", &[], identity::yes),
    entry!(plain both "false", "fail", &[], identity::no),
    entry!(both "nohup", "run without hang-ups", &[], identity::run_rest),
    entry!(both "setsid", "run in a session of its own", &[], identity::run_rest),
    entry!(gnu "sudo", "run as root, which everybody here is", &[], identity::run_rest),
    entry!(plain both "ps", "list processes", &["aux", "-ef"], ps::main),
    entry!(plain both "pgrep", "find processes", &["-f", "-a"], kill::pgrep),
    entry!(plain both "pkill", "signal processes", &["-f"], kill::pgrep),
    entry!(plain both "pidof", "find a program's processes", &[], kill::pidof),
    entry!(plain both "kill", "signal a process", &["-9"], kill::kill),
    entry!(plain both "killall", "signal processes by name", &["-9"], kill::killall),
    entry!(busybox "busybox", "many programs in one", &["--list"], busybox::main),
];
