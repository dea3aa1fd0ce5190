//! `awk`: mawk's on the machines, busybox's in its images.
//!
//! A program is compiled to steps ([`code`]) that a machine runs ([`run`]); this part fetches what the machine asks for.

mod calls;
mod code;
mod lex;
mod parse;
mod run;
mod value;

use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;

use self::code::{ARGC, ARGV, FILENAME, FNR, FS, NR, Place, RS, Stream};
use self::run::{Machine, Need};
use self::value::Value;
use crate::{Flavour, args, io};

/// What `awk` alone says.
const USAGE: &str = include_str!("usage.txt");

/// The same of busybox's.
const BUSYBOX_USAGE: &str = "BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...

\t-v VAR=VAL\tSet variable
\t-F SEP\t\tUse SEP as field separator
\t-f FILE\t\tRead program from FILE
\t-e AWK_PROGRAM
";

/// A file or command that the program writes to or reads from.
struct Open {
    name: Rc<str>,
    fd: Fd,
    input: Option<io::Input>,
    child: Option<ProcessId>,
}

struct Driver {
    sys: Sys,
    machine: Machine,
    open: Vec<Open>,
    /// The main input: which argument comes next, and what is open.
    argument: usize,
    seen: bool,
    input: Option<io::Input>,
    /// Records that a separator of several characters cut.
    cut: std::vec::IntoIter<String>,
    code: i32,
}

impl Driver {
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.machine.out);
        self.sys.out(&text);
    }

    fn error(&self, name: &str, error: kernel::Errno) -> String {
        match self.machine.flavour {
            Flavour::Gnu => format!("cannot open \"{name}\" ({error})"),
            Flavour::Busybox => format!("{name}: {error}"),
        }
    }

    /// Starts a command with one end of a pipe; `writes` if this end writes.
    fn command(&self, line: &str, writes: bool) -> Option<(Fd, ProcessId)> {
        let (reader, writer) = self.sys.pipe().ok()?;
        let (mine, theirs, at) = if writes {
            (writer, reader, Fd::STDIN)
        } else {
            (reader, writer, Fd::STDOUT)
        };
        let argv = ["sh", "-c", line].map(str::to_owned).to_vec();
        let mut spawn = self.sys.child(argv)?;
        if let Ok(file) = self.sys.handle(theirs) {
            spawn.fds.insert(at, file);
        }
        for fd in self.open.iter().map(|open| open.fd).chain([mine, theirs]) {
            spawn.fds.remove(&fd);
        }
        let child = self.sys.spawn(spawn);
        self.sys.close(theirs);
        Some((mine, child.ok()?))
    }

    fn stream(&mut self, kind: Stream, name: &Rc<str>, writes: bool) -> Result<usize, String> {
        if let Some(at) = self.open.iter().position(|open| open.name == *name) {
            return Ok(at);
        }
        let (fd, child) = match (kind, &**name) {
            (Stream::Command, line) => {
                self.flush();
                let started = self.command(line, writes);
                let (fd, child) = started.ok_or_else(|| format!("cannot open pipe \"{name}\""))?;
                (fd, Some(child))
            }
            (_, "/dev/stdout") => (Fd::STDOUT, None),
            (_, "/dev/stderr") => (Fd::STDERR, None),
            (_, "-") if !writes => (Fd::STDIN, None),
            (kind, path) => {
                let options = match (writes, kind) {
                    (false, _) => OpenOptions::READ,
                    (true, Stream::Append) => OpenOptions::APPEND,
                    (true, _) => OpenOptions::WRITE,
                };
                let opened = self.sys.open(path, options);
                (opened.map_err(|error| self.error(path, error))?, None)
            }
        };
        self.open.push(Open {
            name: name.clone(),
            fd,
            input: (!writes).then(|| io::Input::new(&self.sys, fd)),
            child,
        });
        Ok(self.open.len() - 1)
    }

    async fn close(&mut self, name: &str) -> f64 {
        let Some(at) = self.open.iter().position(|open| &*open.name == name) else {
            return -1.0;
        };
        let open = self.open.swap_remove(at);
        if open.fd.0 > 2 {
            self.sys.close(open.fd);
        }
        match open.child {
            Some(child) => f64::from(self.status(child).await),
            None => 0.0,
        }
    }

    async fn status(&self, child: ProcessId) -> i32 {
        match self.sys.wait(Some(child)).await {
            Ok((_, ExitStatus::Code(code))) => code,
            Ok((_, ExitStatus::Signal(signal))) => 256 + signal.number(),
            Err(_) => -1,
        }
    }

    /// Another input of the command line.
    fn next_input(&mut self) -> Result<bool, String> {
        loop {
            let count = self.machine.counted(ARGC);
            self.argument += 1;
            let name = if self.argument as f64 >= count {
                if std::mem::replace(&mut self.seen, true) {
                    return Ok(false);
                }
                "-".into()
            } else {
                let table = self.machine.table(code::Name::Global(ARGV));
                let key: Rc<str> = self.argument.to_string().into();
                let value = table.borrow_mut().cell(key).clone();
                self.machine.text(&value)
            };
            if let Some((variable, text)) = name.split_once('=')
                && !variable.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            {
                self.machine.set(variable, text);
                continue;
            }
            if name.is_empty() {
                continue;
            }
            self.seen = true;
            if let Some(value) = self.machine.globals.get_mut(FILENAME) {
                *value = Value::Text(name.clone());
            }
            self.machine.count(FNR, 0.0);
            match io::Input::open(&self.sys, &name) {
                Ok(input) => self.input = Some(input),
                Err(error) => return Err(self.error(&name, error)),
            }
            return Ok(true);
        }
    }

    /// The next record of the main input.
    async fn record(&mut self) -> Result<Option<String>, String> {
        loop {
            if let Some(record) = self.cut.next() {
                return Ok(Some(record));
            }
            if self.input.is_none() && !self.next_input()? {
                return Ok(None);
            }
            let separator = self.machine.special(RS);
            let Some(input) = self.input.as_mut() else {
                continue;
            };
            if let [_, _, ..] = separator.as_bytes() {
                let rest = input.rest().await;
                let text = String::from_utf8_lossy(&rest).into_owned();
                let parts = self.machine.cut(text.trim_end_matches('\n'), &separator)?;
                let records: Vec<String> = parts
                    .iter()
                    .map(|part| self.machine.text(part).to_string())
                    .collect();
                self.cut = records.into_iter();
            } else if let Some(record) = read(input, &separator).await {
                return Ok(Some(record));
            }
            if self.cut.len() == 0
                && let Some(input) = self.input.take()
            {
                let failed = input.error;
                input.close();
                if let Some(error) = failed {
                    let name = self.machine.special(FILENAME);
                    return Err(self.error(&name, error));
                }
            }
        }
    }

    /// Runs actions from a place on; true if records shall go on.
    async fn actions(&mut self, at: usize, loops: bool) -> Result<bool, String> {
        self.machine.start(at);
        if loops && !self.advance().await? {
            return Ok(true);
        }
        let lines = self.sys.is_tty(Fd::STDOUT);
        loop {
            match self.machine.run()? {
                Need::Done | Need::Record(false) if !loops => return Ok(true),
                Need::Done | Need::Record(false) => {
                    if lines || self.machine.out.len() > 4096 {
                        self.flush();
                    }
                    self.machine.start(at);
                    if !self.advance().await? {
                        return Ok(true);
                    }
                }
                Need::Record(true) => {
                    if let Some(input) = self.input.take() {
                        input.close();
                    }
                    self.machine.start(at);
                    if !loops || !self.advance().await? {
                        return Ok(true);
                    }
                }
                Need::Turn => {
                    self.flush();
                    let _interrupted = self.sys.sleep(kernel::time::Duration::from_millis(1)).await;
                }
                Need::Exit(code) => {
                    self.code = code.unwrap_or(self.code);
                    return Ok(false);
                }
                Need::System(line) => {
                    self.flush();
                    let argv = ["sh", "-c", &line].map(str::to_owned).to_vec();
                    let child = self
                        .sys
                        .child(argv)
                        .and_then(|spawn| self.sys.spawn(spawn).ok());
                    let status = match child {
                        Some(child) => self.status(child).await,
                        None => -1,
                    };
                    self.machine.answer(f64::from(status));
                }
                Need::Close(name) => {
                    self.flush();
                    let status = self.close(&name).await;
                    self.machine.answer(status);
                }
                Need::Write(kind, name, text) => {
                    if &*name == "/dev/stdout" {
                        self.machine.out.push_str(&text);
                        continue;
                    }
                    let at = self.stream(kind, &name, true)?;
                    if let Some(fd) = self.open.get(at).map(|open| open.fd) {
                        // A reader that is gone is no error of this program.
                        let _broken_pipe = self.sys.write(fd, text.as_bytes()).await;
                    }
                }
                Need::Line(None, place) => {
                    let line = self.record().await?;
                    self.machine.got(Ok(line), true, place)?;
                }
                Need::Line(Some((kind, name)), place) => self.line(kind, &name, place).await?,
            }
        }
    }

    async fn line(
        &mut self,
        kind: Stream,
        name: &Rc<str>,
        place: Option<Place>,
    ) -> Result<(), String> {
        let separator = self.machine.special(RS);
        let line = match self.stream(kind, name, false) {
            Ok(at) => match self.open.get_mut(at).and_then(|open| open.input.as_mut()) {
                Some(input) => Ok(read(input, &separator).await),
                None => Err(()),
            },
            Err(_not_there) => Err(()),
        };
        // A command's lines are counted as records, a file's are not.
        if kind == Stream::Command && matches!(line, Ok(Some(_))) {
            self.machine.count(NR, self.machine.counted(NR) + 1.0);
        }
        self.machine.got(line, false, place)
    }

    /// Loads the next record.
    async fn advance(&mut self) -> Result<bool, String> {
        let Some(record) = self.record().await? else {
            return Ok(false);
        };
        for at in [NR, FNR] {
            self.machine.count(at, self.machine.counted(at) + 1.0);
        }
        self.machine.load(&record);
        Ok(true)
    }

    async fn whole(&mut self) -> Result<(), String> {
        let [begin, main, end] = self.machine.starts();
        let mut on = true;
        if let Some(begin) = begin {
            on = self.actions(begin, false).await?;
        }
        if let Some(start) = main.or(end).filter(|_| on) {
            // Without actions for them, records are only counted.
            let start = if main.is_some() { start } else { usize::MAX };
            self.actions(start, true).await?;
        }
        if let Some(end) = end.filter(|_| on || begin.is_some()) {
            self.actions(end, false).await?;
        }
        Ok(())
    }
}

/// A record up to a separator of one character, or a paragraph if there is none.
async fn read(input: &mut io::Input, separator: &str) -> Option<String> {
    let Some(mark) = separator.bytes().next() else {
        let mut lines: Vec<String> = Vec::new();
        while let Some(line) = input.line().await {
            if !line.text.is_empty() {
                lines.push(line.text);
            } else if !lines.is_empty() {
                break;
            }
        }
        return (!lines.is_empty()).then(|| lines.join("\n"));
    };
    let mut bytes = input.until(mark).await?;
    if bytes.last() == Some(&mark) {
        bytes.pop();
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The `awk` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let gnu = flavour == Flavour::Gnu;
    let bad = if gnu { 2 } else { 1 };
    let shown = args
        .first()
        .map_or("awk", |name| name.rsplit('/').next().unwrap_or("awk"))
        .to_owned();
    let parsed = match args::parse(&args, "+F:v:f:W:V", &[("version", 'V')]) {
        Ok(parsed) => parsed,
        Err(args::Wrong::Unknown(option)) if gnu => {
            sys.err(&format!("{shown}: not an option: {option}\n"));
            return 2;
        }
        Err(args::Wrong::Missing(option)) if gnu => {
            sys.err(&format!("{shown}: option -{option} lacks argument\n"));
            return 2;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if gnu && (parsed.has('V') || parsed.value('W') == Some("version")) {
        sys.out("mawk 1.3.4 20200120\nCopyright 2008-2019,2020, Thomas E. Dickey\nCopyright 1991-1996,2014, Michael D. Brennan\n");
        return 0;
    }
    let mut operands = parsed.operands.clone();
    let mut text = String::new();
    for file in parsed.values('f') {
        match sys.read_text(file) {
            Ok(part) => text.push_str(&(part + "\n")),
            Err(error) => {
                let what = if gnu {
                    format!("cannot open \"{file}\" ({error})")
                } else {
                    format!("can't open '{file}': {error}")
                };
                sys.err(&format!("{shown}: {what}\n"));
                return bad;
            }
        }
    }
    if !parsed.has('f') {
        if operands.is_empty() {
            if !gnu {
                sys.err(BUSYBOX_USAGE);
                return 1;
            }
            sys.out(USAGE);
            return 0;
        }
        text = operands.remove(0);
    }
    let program = match parse::parse(&text, flavour) {
        Ok(program) => program,
        Err(error) => {
            sys.err(&format!("{shown}: {error}\n"));
            return bad;
        }
    };
    let mut machine = Machine::new(program, flavour);
    if let Some(separator) = parsed.value('F')
        && let Some(value) = machine.globals.get_mut(FS)
    {
        // A lone `t` is a tabulator in busybox, as POSIX had it.
        *value = match separator {
            "t" if !gnu => Value::text("\t"),
            other => Value::text(&lex::unescape(other)),
        };
    }
    for setting in parsed.values('v') {
        let Some((name, value)) = setting.split_once('=') else {
            sys.err(&format!("{shown}: improper assignment: -v {setting}\n"));
            return 2;
        };
        machine.set(name, value);
    }
    operands.insert(0, shown.clone());
    machine.world(&operands, &sys.me(|me| me.env.clone()).unwrap_or_default());
    let mut driver = Driver {
        sys: sys.clone(),
        machine,
        open: Vec::new(),
        argument: 0,
        seen: false,
        input: None,
        cut: Vec::new().into_iter(),
        code: 0,
    };
    let ended = driver.whole().await;
    let mut code = driver.code;
    match ended {
        Ok(()) => {}
        Err(error) => {
            let text = match flavour {
                Flavour::Busybox if error.contains(": ") => format!("{shown}: {error}\n"),
                Flavour::Busybox => format!("{shown}: cmd. line:1: {error}\n"),
                Flavour::Gnu if error.starts_with("cannot open") => format!("{shown}: {error}\n"),
                Flavour::Gnu => {
                    let place = driver.machine.whereabouts();
                    format!("{shown}: run time error: {error}\n{place}")
                }
            };
            sys.err(&text);
            code = bad;
        }
    }
    // The buffer is written last of all, after what was wrong.
    driver.flush();
    while let Some(name) = driver.open.first().map(|open| open.name.clone()) {
        driver.close(&name).await;
    }
    code
}

#[cfg(test)]
mod tests {
    use crate::Flavour;
    use crate::testutil::Lab;

    fn awk(program: &str, text: &str) -> String {
        let mut lab = Lab::new(Flavour::Gnu);
        lab.put("/tmp/p", program);
        lab.put("/tmp/t", text);
        lab.sh("bash", "awk -f /tmp/p /tmp/t 2>&1").0
    }

    #[test]
    fn one_liners_work() {
        let text = "one 1 x\ntwo 20 y\nthree 3 z\n";
        for (program, expected) in [
            ("{print $1}", "one\ntwo\nthree\n"),
            ("{print $NF, NR \":\" $2}", "x 1:1\ny 2:20\nz 3:3\n"),
            ("/tw/", "two 20 y\n"),
            ("$2 > 2 {n++; s += $2} END {print n, s / n}", "2 11.5\n"),
            ("NR==2{print toupper($1); exit}", "TWO\n"),
            (
                "{ if ($2 == 3) print \"yes\"; else print \"no\" }",
                "no\nno\nyes\n",
            ),
            ("BEGIN{printf \"%s-%03d\\n\", \"a\", 7}", "a-007\n"),
            (
                "NR>1 && $1 ~ /^t/ {print length($1), substr($1, 2, 2)}",
                "3 wo\n5 hr\n",
            ),
            ("{gsub(/e/, \"E\"); print $1}", "onE\ntwo\nthrEE\n"),
            ("NR==1,NR==2 {print NR}", "1\n2\n"),
            (
                "NR%2, /y/ || NR == 3 {print NR; a = b ? c : d}",
                "1\n2\n3\n",
            ),
        ] {
            assert_eq!(awk(program, text), expected, "{program}");
        }
    }

    #[test]
    fn the_language_is_whole() {
        for (program, expected) in [
            (
                "{c[$1]++} END {for (k in c) print k, c[k]}",
                "db 1\nweb 2\n",
            ),
            (
                "function f(n) {return n < 2 ? 1 : n * f(n - 1)} END {print f(5)}",
                "120\n",
            ),
            (
                "function g(a, i) {a[i] = 7} END {g(t, 3); for (k in t) print k, t[k], (3 in t), length(t)}",
                "3 7 1 1\n",
            ),
            (
                "END {for (i = 0; i < 9; i++) {if (i == 1) continue; if (i > 3) break; printf \"%d\", i}; while (i--) if (i < 3) break; do i += 2; while (i < 9); print \"\", i}",
                "023 10\n",
            ),
            (
                "{$2 = \"x\"; NF = 2; print; $4 = 1} NR == 1",
                "web x\nweb x  1\ndb x\nweb x\n",
            ),
            (
                "END {print 2 ^ 3 ^ 2, -2 ^ 2, 1 - -1, 7 % 4 \"\" 1 + 1, 1 / 3}",
                "512 -4 2 32 0.333333\n",
            ),
            (
                "END {print length, index(\"abc\", \"c\"), match(\"xaay\", /a+/), RLENGTH, split(\"a:b\", q, \":\"), q[2]}",
                "7 3 2 2 2 b\n",
            ),
            (
                "END {s = \"ab\"; gsub(/x*/, \"-\", s); print s; print \"a\" > \"/tmp/o\"; close(\"/tmp/o\"); while ((getline l < \"/tmp/o\") > 0) print \"got \" l}",
                "-a-b-\ngot a\n",
            ),
            (
                "BEGIN {\"echo hi\" | getline x; print x; print system(\"exit 3\"); print \"b\\na\" | \"sort\"} ",
                "hi\n3\na\nb\n",
            ),
            (
                "BEGIN {print substr(\"hello\", -1, 3), 1e300 * 1e300, 0.1 + 0.2, 1e6 \"\"}",
                "hell +inf 0.3 1000000\n",
            ),
        ] {
            let shown = awk(program, "web 80\ndb 5432\nweb 443\n");
            assert_eq!(
                shown.strip_prefix("awk: ").unwrap_or(&shown),
                expected,
                "{program}"
            );
        }
    }

    #[test]
    fn arrays_are_walked_in_the_order_of_each_awk() {
        let program =
            "awk 'BEGIN {for (i = 1; i <= 12; i++) a[i]; for (k in a) printf \"%s \", k}'";
        assert_eq!(
            Lab::new(Flavour::Gnu).sh("bash", program).0,
            "3 10 8 6 5 2 11 1 4 12 9 7 "
        );
        assert_eq!(
            Lab::new(Flavour::Busybox).sh("sh", program).0,
            "10 11 12 1 2 3 4 5 6 7 8 9 "
        );
    }

    #[test]
    fn nothing_that_is_typed_brings_it_down() {
        for program in [
            "(", "1 + ", "{if (1) ", "$", "-", "!", "f(", "a[", "{", "2^",
        ] {
            let shown = awk(&program.repeat(5000), "x");
            assert!(shown.contains("awk: line"), "{program}");
        }
        assert!(awk("function f() {f()} {f()}", "x\n").contains("nesting too deep"));
        assert!(awk("{$99999999 = 1}", "x\n").contains("limit exceeded"));
    }
}
