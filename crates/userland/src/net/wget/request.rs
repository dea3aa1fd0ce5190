//! One request, and what its answer's head says.

use super::Wget;
use crate::net::http::{Answer, ReadError, Url};
use kernel::time::Duration;

impl Wget<'_> {
    /// One request; where the answer sends to, if it does.
    pub(super) async fn once(&self, url: &Url, timeout: Duration) -> Result<Option<String>, i32> {
        let mut stream = self.connect(url, timeout, 1).await?;
        if self.gnu {
            let proxied = if self.proxy().is_some() {
                "Proxy"
            } else {
                "HTTP"
            };
            self.say(&format!("{proxied} request sent, awaiting response... "));
        }
        let method = match (&self.o.method, &self.o.post) {
            (Some(method), _) => method.as_str(),
            (None, Some(_)) => "POST",
            // busybox reads the head of an ordinary answer.
            (None, None) if self.o.spider && self.gnu => "HEAD",
            _ => "GET",
        };
        let agent = self.o.agent.clone().unwrap_or_else(|| {
            if self.gnu {
                "Wget/1.25.0".into()
            } else {
                "Wget".into()
            }
        });
        let mut text = format!(
            "{method} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {agent}\r\n",
            if self.proxy().is_some() {
                url.to_string()
            } else {
                url.target.clone()
            },
            url.host_header()
        );
        if self.gnu {
            text.push_str("Accept: */*\r\nAccept-Encoding: identity\r\n");
        }
        text.push_str(if self.gnu {
            "Connection: Keep-Alive\r\n"
        } else {
            "Connection: close\r\n"
        });
        let held = self.held();
        if held > 0 {
            text.push_str(&format!("Range: bytes={held}-\r\n"));
        }
        self.o
            .headers
            .iter()
            .for_each(|h| text.push_str(&format!("{h}\r\n")));
        if let Some(post) = &self.o.post {
            text.push_str(&format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                post.len()
            ));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(self.o.post.as_deref().unwrap_or_default());
        let _ = stream.write(&bytes).await;
        let answer = match self.sys.timeout(timeout, Answer::read(&mut stream)).await {
            Some(Ok(answer)) => answer,
            None if !self.gnu => return Err(self.fail("wget: download timed out\n")),
            None => {
                self.say("Read error (Connection timed out) in headers.\nGiving up.\n\n");
                return Err(4);
            }
            Some(Err(error)) => return Err(self.unreadable(error)),
        };
        let words = answer.status_line.split_once(' ').map_or("", |(_, w)| w);
        if self.gnu {
            // The head tells it again.
            let words = if self.o.show_server { "" } else { words };
            self.say(&format!("{words}\n"));
        }
        if self.o.show_server {
            let head: String = answer.text().lines().map(|l| format!("  {l}\n")).collect();
            if !self.gnu && answer.status / 100 > 3 {
                // busybox gives up before it reads the fields.
                let status = head.split_inclusive('\n').next().unwrap_or_default();
                self.sys.err(status);
            } else if self.gnu {
                // Whether quiet or not.
                let head = format!("{}\n", head.trim_end_matches([' ', '\n']));
                self.sys.print(self.log, head.as_bytes());
            } else {
                self.sys.err(&head);
            }
        }
        if answer.status / 100 == 3
            && let Some(location) = answer.header("Location")
        {
            if self.gnu {
                self.say(&format!("Location: {location} [following]\n"));
            }
            return Ok(Some(location.to_owned()));
        }
        if answer.status == 416 && self.gnu && held > 0 {
            self.say("\n    The file is already fully retrieved; nothing to do.\n\n");
            return Ok(None);
        }
        if answer.status / 100 != 2 {
            if self.gnu && self.o.spider && answer.status == 404 {
                self.say("Remote file does not exist -- broken link!!!\n\n");
                return Err(8);
            }
            if self.gnu {
                let text = format!("{} ERROR {}.\n", self.stamp(), words.replacen(' ', ": ", 1));
                if self.o.no_verbose && !self.o.quiet {
                    self.sys
                        .print(self.log, format!("{url}:\n{text}").as_bytes());
                }
                self.say(&format!("{text}\n"));
                return Err(8);
            }
            return Err(self.fail(&format!(
                "wget: server returned error: {}\n",
                answer.status_line
            )));
        }
        if self.o.spider {
            if self.gnu {
                let kind = answer.header("Content-Type").unwrap_or_default();
                let length = answer.header("Content-Length").unwrap_or("unspecified");
                let found = if kind.starts_with("text/html") {
                    "Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n"
                } else {
                    "Remote file exists.\n\n"
                };
                if self.o.no_verbose && !self.o.quiet {
                    self.sys.print(
                        self.log,
                        format!("{} URL: {url} {words}\n", self.stamp()).as_bytes(),
                    );
                }
                self.say(&format!("Length: {length} [{kind}]\n{found}"));
            } else {
                self.say("remote file exists\n");
            }
            return Ok(None);
        }
        self.save(url, &answer, answer.body(method), &mut stream, timeout)
            .await
            .map(|()| None)
    }

    fn unreadable(&self, error: ReadError) -> i32 {
        if !self.gnu {
            let text = match error {
                ReadError::Net(error) => format!("wget: error getting response: {error}\n"),
                _ => "wget: error getting response\n".to_owned(),
            };
            return self.fail(&text);
        }
        let text = match error {
            ReadError::NotHttp => "200 No headers, assuming HTTP/0.9\n".to_owned(),
            ReadError::Net(error) => format!("Read error ({error}) in headers.\n"),
            _ => "No data received.\n".to_owned(),
        };
        self.say(&text);
        4
    }
}
