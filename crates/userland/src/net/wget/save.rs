//! What arrives, and where it is kept.

use super::Wget;
use crate::net::http::{Answer, Body, ReadError, Url};
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::process::files::{Fd, OpenOptions};
use kernel::time::Duration;

impl Wget<'_> {
    /// The file that is written.
    fn name(&self, url: &Url) -> String {
        if let Some(path) = &self.o.output {
            return path.clone();
        }
        let file = Some(url.file_name())
            .filter(|f| !f.is_empty())
            .unwrap_or("index.html");
        match &self.o.dir {
            Some(dir) => format!("{}/{file}", dir.trim_end_matches('/')),
            None => file.to_owned(),
        }
    }

    /// How many bytes of it are there already, if that counts.
    pub(super) fn held(&self) -> usize {
        match &self.o.output {
            _ if !self.o.resume => 0,
            Some(path) => self.sys.read_file(path).map_or(0, |data| data.len()),
            None if self.gnu => {
                let urls = self.o.urls.first().and_then(|text| Url::parse(text).ok());
                urls.and_then(|url| self.sys.read_file(&self.name(&url)).ok())
                    .map_or(0, |data| data.len())
            }
            None => 0,
        }
    }

    pub(super) async fn save(
        &self,
        url: &Url,
        answer: &Answer,
        mut body: Body,
        stream: &mut Stream,
        timeout: Duration,
    ) -> Result<(), i32> {
        let mut name = self.name(url);
        let standard = name == "-";
        let taken = self.o.output.is_none() && !self.o.resume && self.sys.exists(&name);
        if taken && !self.gnu {
            let error = Errno::EEXIST;
            return Err(self.fail(&format!("wget: can't open '{name}': {error}\n")));
        }
        if taken {
            let free = (1..)
                .map(|n| format!("{name}.{n}"))
                .find(|name| !self.sys.exists(name));
            name = free.unwrap_or(name);
        }
        if let Some(dir) = self
            .o
            .dir
            .as_ref()
            .filter(|_| self.gnu && self.o.output.is_none())
        {
            let _ = self
                .sys
                .make_node(dir.trim_end_matches('/'), kernel::fs::Node::Dir, 0o755);
        }
        let fd = if standard {
            Fd::STDOUT
        } else {
            match self.sys.open(&name, OpenOptions::WRITE) {
                Ok(fd) => fd,
                Err(error) if self.gnu => {
                    return Err(self.fail(&format!("{name}: {error}\n")));
                }
                Err(error) => {
                    return Err(self.fail(&format!("wget: can't open '{name}': {error}\n")));
                }
            }
        };
        let expected = if let Body::Length(n) = body {
            Some(n)
        } else {
            None
        };
        let kind = answer.header("Content-Type").unwrap_or_default().to_owned();
        if self.gnu {
            let length = expected.map_or("unspecified".to_owned(), |n| n.to_string());
            let shown = crate::args::quote(self.sys, if standard { "STDOUT" } else { &name });
            self.say(&format!(
                "Length: {length} [{kind}]\nSaving to: {shown}\n\n"
            ));
        } else if standard {
            self.say("writing to stdout\n");
        } else {
            self.say(&format!("saving to '{name}'\n"));
        }
        let mut received = 0u64;
        let result = loop {
            match self.sys.timeout(timeout, body.next(stream)).await {
                Some(Ok(Some(piece))) => {
                    received += piece.len() as u64;
                    if self.sys.write(fd, &piece).await.is_err() {
                        break Err("wget: write error\n".to_owned());
                    }
                }
                Some(Ok(None)) => break Ok(()),
                Some(Err(ReadError::Net(error))) => {
                    break Err(format!("wget: read error: {error}\n"));
                }
                Some(Err(_)) => break Err("wget: connection closed prematurely\n".to_owned()),
                None => break Err("wget: download timed out\n".to_owned()),
            }
        };
        if !standard {
            self.sys.close(fd);
        }
        if let Err(text) = result {
            return Err(self.fail(&text));
        }
        if self.gnu {
            let of = expected.map_or_else(|| received.to_string(), |n| format!("{received}/{n}"));
            if self.o.no_verbose && !self.o.quiet {
                let line = format!("{} URL:{url} [{of}] -> \"{name}\" [1]\n", self.stamp());
                self.sys.print(self.log, line.as_bytes());
            }
            let verb = if standard {
                "written to stdout".to_owned()
            } else {
                format!("{} saved", crate::args::quote(self.sys, &name))
            };
            self.say(&format!(
                "     0K {:54}100%    0=0s\n\n{} (0 B/s) - {verb} [{of}]\n\n",
                "",
                self.stamp()
            ));
            return Ok(());
        }
        let short: String = name
            .rsplit('/')
            .next()
            .unwrap_or(&name)
            .chars()
            .take(20)
            .collect();
        let bar = format!(
            "{short:<20} 100% |{}| {received:>5}  0:00:00 ETA\n",
            "*".repeat(32)
        );
        self.say(&bar);
        self.say(&if standard {
            "written to stdout\n".to_owned()
        } else {
            format!("'{name}' saved\n")
        });
        Ok(())
    }
}
