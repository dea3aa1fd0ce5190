//! `tar`: archives without compression.

use kernel::calendar::Calendar;
use kernel::fs::tar::{self, Fault, Style};
use kernel::fs::{Metadata, Node, path};
use kernel::process::files::Fd;
use kernel::sys::Sys;

use super::ls::mode_text;
use crate::Flavour;
use crate::shell::glob::Pattern;

/// More than this is not read.
const LIMIT: usize = 64 << 20;
const WITH_VALUE: &str = "fCX";
const LONG: [(&str, char); 15] = [
    ("create", 'c'),
    ("extract", 'x'),
    ("get", 'x'),
    ("list", 't'),
    ("file", 'f'),
    ("directory", 'C'),
    ("verbose", 'v'),
    ("to-stdout", 'O'),
    ("exclude", 'X'),
    ("strip-components", 's'),
    ("gzip", 'z'),
    ("bzip2", 'j'),
    ("xz", 'J'),
    ("same-permissions", 'p'),
    ("dereference", 'h'),
];

/// What a command line asks for.
#[derive(Default)]
struct Order {
    /// `c`, `x` or `t`.
    deed: char,
    file: Option<String>,
    dir: String,
    verbose: usize,
    to_stdout: bool,
    strip: usize,
    follow: bool,
    without: Vec<Pattern>,
    packed: bool,
    /// Names, each with the directory that it is looked for in.
    names: Vec<(String, String)>,
}

impl Order {
    fn read(args: &[String], cwd: String) -> Result<Self, String> {
        let mut order = Self {
            dir: cwd,
            ..Self::default()
        };
        let mut rest = args.iter().skip(1).peekable();
        // The first word's letters need no dash; their values follow in turn.
        let mut first = true;
        while let Some(word) = rest.next() {
            if let Some(long) = word.strip_prefix("--").filter(|long| !long.is_empty()) {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let known = LONG.iter().find(|(known, _)| *known == name);
                let (_, letter) = known.ok_or_else(|| format!("unrecognized option '{word}'"))?;
                let takes = WITH_VALUE.contains(*letter) || *letter == 's';
                let value = match (takes, value) {
                    (true, None) => rest.next().cloned(),
                    (_, value) => value,
                };
                order.take(*letter, value)?;
            } else if let Some(letters) = word
                .strip_prefix('-')
                .filter(|letters| !letters.is_empty())
                .or_else(|| first.then_some(word.as_str()))
            {
                let dashed = word.starts_with('-');
                let mut letters = letters.chars();
                while let Some(letter) = letters.next() {
                    let value = match WITH_VALUE.contains(letter) {
                        false => None,
                        // With a dash, what follows the letter is its value.
                        true if dashed && !letters.as_str().is_empty() => {
                            Some(letters.by_ref().collect())
                        }
                        true => rest.next().cloned(),
                    };
                    order.take(letter, value)?;
                }
            } else {
                order.names.push((order.dir.clone(), word.clone()));
            }
            first = false;
        }
        Ok(order)
    }

    fn take(&mut self, letter: char, value: Option<String>) -> Result<(), String> {
        let value = || value.ok_or_else(|| format!("option requires an argument -- '{letter}'"));
        match letter {
            'c' | 'x' | 't' => self.deed = letter,
            'f' => self.file = Some(value()?).filter(|file| file != "-"),
            'C' => self.dir = path::absolute(&self.dir, &value()?),
            'X' => self.without.push(Pattern::new(&value()?)),
            's' => self.strip = value()?.parse().unwrap_or(0),
            'v' => self.verbose += 1,
            'O' => self.to_stdout = true,
            'h' => self.follow = true,
            'z' | 'j' | 'J' | 'a' => self.packed = letter != 'a',
            'p' | 'm' | 'o' | 'k' | 'P' => {}
            _ => return Err(format!("invalid option -- '{letter}'")),
        }
        Ok(())
    }

    fn leaves_out(&self, name: &str) -> bool {
        let last = name
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(name);
        let fits = |pattern: &Pattern| pattern.matches(name) || pattern.matches(last);
        self.without.iter().any(fits)
    }
}

/// One run of the program.
struct Run {
    sys: Sys,
    flavour: Flavour,
    failed: bool,
}

impl Run {
    fn complain(&mut self, text: &str) {
        self.sys.err(&format!("tar: {text}\n"));
        self.failed = true;
    }

    /// Gathers what stands at a name and below it.
    fn gather(&mut self, order: &Order, dir: &str, name: &str, all: &mut Vec<(String, Metadata)>) {
        let at = path::absolute(dir, name);
        let meta = match self.sys.stat(&at, order.follow) {
            Ok(meta) => meta,
            Err(error) => {
                let what = match self.flavour {
                    Flavour::Gnu => format!("{name}: Cannot stat: {error}"),
                    Flavour::Busybox => format!("{name}: {error}"),
                };
                return self.complain(&what);
            }
        };
        if order.leaves_out(name) {
            return;
        }
        let is_dir = matches!(meta.node, Node::Dir);
        let shown = name.trim_start_matches('/');
        if shown != name && all.iter().all(|(told, _)| told.starts_with('/')) {
            self.sys.err(match self.flavour {
                Flavour::Gnu => "tar: Removing leading `/' from member names\n",
                Flavour::Busybox => "tar: removing leading '/' from member names\n",
            });
        }
        all.push((shown.to_owned(), meta));
        if is_dir && all.len() < 100_000 {
            for entry in self.sys.read_dir(&at).unwrap_or_default() {
                let below = format!("{}/{}", name.trim_end_matches('/'), entry.name);
                self.gather(order, dir, &below, all);
            }
        }
    }

    async fn create(&mut self, order: &Order) {
        let mut all = Vec::new();
        for (dir, name) in &order.names {
            self.gather(order, dir, name, &mut all);
        }
        for (name, meta) in all.iter().filter(|_| order.verbose > 0) {
            let slash = matches!(meta.node, Node::Dir) && !name.ends_with('/');
            let line = format!("{name}{}\n", if slash { "/" } else { "" });
            match order.file {
                Some(_) => self.sys.out(&line),
                None => self.sys.err(&line),
            }
        }
        let style = Style {
            epoch: self.sys.kernel(|k| k.epoch),
            named: true,
            ..Style::default()
        };
        let mut bytes = tar::write(all.iter().map(|(name, meta)| (name.as_str(), meta)), style);
        if self.flavour == Flavour::Gnu {
            // It writes twenty blocks at a time.
            bytes.resize(bytes.len().next_multiple_of(10_240), 0);
        }
        let done = match &order.file {
            Some(file) => self.sys.write_file(file, &bytes),
            None => self.sys.write(Fd(1), &bytes).await,
        };
        if let (Err(error), Some(file)) = (done, &order.file) {
            self.complain(&match self.flavour {
                Flavour::Gnu => format!("{file}: Cannot open: {error}"),
                Flavour::Busybox => format!("can't open '{file}': {error}"),
            });
        }
    }

    /// Reads the archive; `None` once it has said why there is none.
    async fn entries(&mut self, order: &Order) -> Option<Vec<(String, Metadata)>> {
        let bytes = match &order.file {
            None => self.sys.read_all(Fd(0), LIMIT).await.unwrap_or_default(),
            Some(file) => match self.sys.read_file(file) {
                Ok(bytes) => bytes.to_vec(),
                Err(error) => {
                    self.complain(&match self.flavour {
                        Flavour::Gnu => format!(
                            "{file}: Cannot open: {error}\ntar: Error is not recoverable: exiting now"
                        ),
                        Flavour::Busybox => format!("can't open '{file}': {error}"),
                    });
                    return None;
                }
            },
        };
        let short = bytes.is_empty() && self.flavour == Flavour::Gnu;
        let read = match short {
            true => Err(Fault::NoArchive),
            false => tar::read(&bytes, self.sys.kernel(|k| k.epoch)),
        };
        match (read, self.flavour) {
            (Ok(entries), _) => return Some(entries),
            (Err(Fault::Short), Flavour::Busybox) => self.complain("short read"),
            (Err(Fault::NoArchive), Flavour::Busybox) => self.complain("invalid tar magic"),
            (Err(_), Flavour::Gnu) => {
                self.complain("This does not look like a tar archive");
                self.sys
                    .err("tar: Exiting with failure status due to previous errors\n");
            }
        }
        None
    }

    /// Lists or extracts.
    async fn unpack(&mut self, order: &Order) -> bool {
        let Some(entries) = self.entries(order).await else {
            return false;
        };
        let mut found = vec![false; order.names.len()];
        let mut absolute = false;
        for (name, meta) in entries {
            let wanted = order.names.iter().position(|(_, wanted)| {
                let rest = name.strip_prefix(wanted.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            match wanted.and_then(|at| found.get_mut(at)) {
                Some(found) => *found = true,
                None if !order.names.is_empty() => continue,
                None => {}
            }
            if order.leaves_out(&name) {
                continue;
            }
            if name.starts_with('/') && !absolute && self.flavour == Flavour::Gnu {
                absolute = true;
                self.sys
                    .err("tar: Removing leading `/' from member names\n");
            }
            if order.deed == 't' {
                self.list(order, &name, &meta);
            } else if let Err(error) = self.extract(order, &name, meta).await {
                self.complain(&format!("{name}: {error}"));
            }
        }
        for ((_, name), _) in order.names.iter().zip(found).filter(|(_, found)| !found) {
            self.complain(&match self.flavour {
                Flavour::Gnu => format!("{name}: Not found in archive"),
                Flavour::Busybox => format!("{name}: not found in archive"),
            });
        }
        true
    }

    fn list(&self, order: &Order, name: &str, meta: &Metadata) {
        if order.verbose == 0 {
            return self.sys.out(&format!("{name}\n"));
        }
        let (owner, size) = match (&meta.node, meta.uid) {
            (Node::File(data), uid) => (uid, data.len()),
            (_, uid) => (uid, 0),
        };
        let owner = match owner {
            0 => "root/root".to_owned(),
            uid => format!("{uid}/{uid}"),
        };
        let seconds = self.sys.kernel(|k| k.epoch) + meta.modified.as_nanos() / 1_000_000_000;
        let time = Calendar::new(seconds.cast_signed());
        let mode = mode_text(&meta.node, meta.mode);
        let link = match &meta.node {
            Node::Symlink(target) => format!(" -> {target}"),
            _ => String::new(),
        };
        let day = time.date();
        let clock = format!("{:02}:{:02}", time.hour, time.minute);
        let line = match self.flavour {
            Flavour::Gnu => {
                let width = 19_usize.saturating_sub(owner.len() + 1);
                format!("{mode} {owner} {size:>width$} {day} {clock} {name}{link}\n")
            }
            Flavour::Busybox => {
                format!(
                    "{mode} {owner} {size:>9} {day} {clock}:{:02} {name}{link}\n",
                    time.second
                )
            }
        };
        self.sys.out(&line);
    }

    async fn extract(
        &self,
        order: &Order,
        name: &str,
        meta: Metadata,
    ) -> Result<(), kernel::Errno> {
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        let kept = parts.get(order.strip..).unwrap_or_default();
        if kept.is_empty() {
            return Ok(());
        }
        if order.verbose > 0 {
            match order.to_stdout {
                true => self.sys.err(&format!("{name}\n")),
                false => self.sys.out(&format!("{name}\n")),
            }
        }
        if order.to_stdout {
            return match &meta.node {
                Node::File(data) => self.sys.write(Fd(1), data).await,
                _ => Ok(()),
            };
        }
        let at = path::absolute(&order.dir, &kept.join("/"));
        let mut above = String::new();
        for part in path::split(&at).map_or("", |(above, _)| above).split('/') {
            if !part.is_empty() {
                above = format!("{above}/{part}");
                if !self.sys.exists(&above) {
                    self.sys.make_node(&above, Node::Dir, 0o755)?;
                }
            }
        }
        match meta.node {
            Node::Dir if self.sys.is_dir(&at) => {}
            Node::File(data) => {
                self.sys.write_file(&at, &data)?;
                self.sys.chmod(&at, meta.mode)?;
            }
            node => {
                if self.sys.stat(&at, false).is_ok() {
                    self.sys.remove(&at)?;
                }
                self.sys.make_node(&at, node, meta.mode)?;
            }
        }
        Ok(())
    }
}

/// The `tar` program.
pub(super) async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let order = match Order::read(&args, sys.cwd()) {
        Ok(order) => order,
        Err(why) => {
            sys.err(&format!("tar: {why}\n{}", advice(flavour)));
            return if flavour == Flavour::Gnu { 64 } else { 1 };
        }
    };
    if order.packed {
        sys.err("tar: compressed archives are not modelled in this simulation\n");
        return 2;
    }
    let mut run = Run {
        sys,
        flavour,
        failed: false,
    };
    let went_on = match order.deed {
        'c' if order.names.is_empty() && flavour == Flavour::Gnu => {
            run.sys.err(&format!(
                "tar: Cowardly refusing to create an empty archive\n{}",
                advice(flavour)
            ));
            return 2;
        }
        'c' => {
            run.create(&order).await;
            true
        }
        'x' | 't' => run.unpack(&order).await,
        _ => {
            if flavour == Flavour::Gnu {
                run.sys.err(
                    "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n",
                );
            }
            run.sys.err(advice(flavour));
            return if flavour == Flavour::Gnu { 2 } else { 1 };
        }
    };
    if !run.failed {
        return 0;
    }
    match (went_on, flavour) {
        (true, Flavour::Gnu) => run
            .sys
            .err("tar: Exiting with failure status due to previous errors\n"),
        (true, Flavour::Busybox) => run
            .sys
            .err("tar: error exit delayed from previous errors\n"),
        (false, _) => {}
    }
    if flavour == Flavour::Gnu { 2 } else { 1 }
}

fn advice(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Gnu => "Try 'tar --help' or 'tar --usage' for more information.\n",
        Flavour::Busybox => {
            "BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.\n\nUsage: tar c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [FILE]...\n"
        }
    }
}
