//! Programs about files, processes and the machine.

use crate::entry;
use crate::registry::Entry;

pub mod busybox;
pub mod date;
pub mod files;
pub mod find;
pub mod identity;
pub mod ls;
pub mod ps;
pub mod timing;

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[
    entry!(both "ls", "list files", &["-l", "-a", "-la", "-1"], ls::main),
    entry!(both "mkdir", "make directories", &["-p"], files::mkdir),
    entry!(both "rmdir", "remove empty directories", &[], files::rmdir),
    entry!(both "rm", "remove files", &["-r", "-f", "-rf"], files::rm),
    entry!(both "touch", "make empty files", &[], files::touch),
    entry!(both "cp", "copy files", &["-r", "-a"], files::cp),
    entry!(both "mv", "move files", &[], files::mv),
    entry!(both "ln", "make links", &["-s"], files::ln),
    entry!(both "readlink", "show where a link leads", &["-f"], files::readlink),
    entry!(both "realpath", "show a path without links", &[], files::realpath),
    entry!(both "chmod", "change permissions", &["+x"], files::chmod),
    entry!(both "chown", "change owners", &[], files::chown),
    entry!(both "chgrp", "change groups", &[], files::chown),
    entry!(both "basename", "the last part of a path", &[], files::basename),
    entry!(both "dirname", "all but the last part of a path", &[], files::dirname),
    entry!(both "find", "find files", &["-name", "-type"], find::main),
    entry!(both "date", "show the time", &["+%s", "-u"], date::main),
    entry!(both "sleep", "wait", &[], timing::sleep),
    entry!(both "timeout", "run with a time limit", &[], timing::timeout),
    entry!(both "watch", "run again and again", &[], timing::watch),
    entry!(both "env", "show or set the environment", &[], identity::env),
    entry!(both "printenv", "show the environment", &[], identity::env),
    entry!(both "id", "show the user", &["-u"], identity::id),
    entry!(both "whoami", "show the user's name", &[], identity::whoami),
    entry!(both "hostname", "show the host name", &["-f", "-i"], identity::hostname),
    entry!(both "uname", "show the system", &["-a", "-r"], identity::uname),
    entry!(both "pwd", "show the working directory", &[], identity::pwd),
    entry!(both "nproc", "count processors", &[], identity::nproc),
    entry!(both "uptime", "how long the machine has been up", &[], identity::uptime),
    entry!(both "free", "show memory", &["-h", "-m"], identity::free),
    entry!(both "df", "show disks", &["-h"], identity::df),
    entry!(both "which", "find a program", &[], identity::which),
    entry!(both "tty", "show the terminal", &[], identity::tty),
    entry!(both "stty", "terminal settings", &["size"], identity::stty),
    entry!(both "clear", "clear the screen", &[], identity::clear),
    entry!(both "reset", "clear the screen", &[], identity::clear),
    entry!(both "true", "succeed", &[], identity::yes),
    entry!(both "false", "fail", &[], identity::no),
    entry!(both "nohup", "run without hang-ups", &[], identity::run_rest),
    entry!(gnu "sudo", "run as root, which everybody here is", &[], identity::run_rest),
    entry!(both "ps", "list processes", &["aux", "-ef"], ps::main),
    entry!(both "pgrep", "find processes", &["-f", "-a"], ps::pgrep),
    entry!(both "pkill", "signal processes", &["-f"], ps::pgrep),
    entry!(both "pidof", "find a program's processes", &[], ps::pidof),
    entry!(both "kill", "signal a process", &["-9"], ps::kill),
    entry!(busybox "busybox", "many programs in one", &["--list"], busybox::main),
];
