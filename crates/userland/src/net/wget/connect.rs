//! The way to the server: names, addresses, proxies and further tries.

use super::Wget;
use crate::net::connect::{self, From as LocalEnd};
use crate::net::http::Url;
use crate::net::resolv;
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::time::Duration;
use std::net::{IpAddr, SocketAddr};

impl Wget<'_> {
    /// The proxy that the environment names, unless it is not to be used.
    pub(super) fn proxy(&self) -> Option<Url> {
        let named = self
            .sys
            .env("http_proxy")
            .filter(|text| !text.is_empty() && !self.o.no_proxy)?;
        Url::parse(&named).ok()
    }

    pub(super) async fn connect(
        &self,
        to: &Url,
        timeout: Duration,
        attempt: u32,
    ) -> Result<Stream, i32> {
        let proxy = self.proxy();
        let url = proxy.as_ref().unwrap_or(to);
        let host = &url.host;
        let literal = host.parse::<IpAddr>().is_ok();
        if self.gnu {
            if self.o.spider {
                self.say("Spider mode enabled. Check if remote file exists.\n");
            }
            let again = if attempt > 1 {
                format!("(try:{attempt:2})  ")
            } else {
                String::new()
            };
            self.say(&format!("--{}--  {again}{to}\n", self.stamp()));
            if !literal {
                self.say(&format!("Resolving {host} ({host})... "));
            }
        }
        let found = if self.gnu {
            let found = resolv::lookup(self.sys, host, self.o.family).await;
            found.map(|found| found.addresses)
        } else {
            let one = resolv::first(self.sys, host, self.o.family).await;
            one.map(|ip| vec![ip])
        };
        let found = match found {
            Ok(found) => found,
            Err(_) if !self.gnu => {
                // It looks up what stands in the address, the port with it.
                let port = if url.explicit_port {
                    format!(":{}", url.port)
                } else {
                    String::new()
                };
                return Err(self.fail(&format!("wget: bad address '{host}{port}'\n")));
            }
            Err(error) => {
                self.say(&format!("failed: {}.\n", error.text()));
                self.remark(&format!(
                    "wget: unable to resolve host address {}\n",
                    crate::args::quote(self.sys, host)
                ));
                return Err(4);
            }
        };
        if self.gnu && !literal {
            let list: Vec<String> = found.iter().map(ToString::to_string).collect();
            self.say(&format!("{}\n", list.join(", ")));
        }
        let mut last = Errno::EHOSTUNREACH;
        let mut address = None;
        for ip in &found {
            let to = SocketAddr::new(*ip, url.port);
            address.get_or_insert(*ip);
            if self.gnu {
                let name = if literal {
                    ip.to_string()
                } else {
                    format!("{host} ({host})|{ip}|")
                };
                self.say(&format!("Connecting to {name}:{}... ", url.port));
            } else {
                self.say(&format!("Connecting to {} ({to})\n", url.host_header()));
            }
            let from = LocalEnd {
                source: self.o.source,
                ..LocalEnd::default()
            };
            match connect::tcp_within(self.sys, to, from, Some(timeout)).await {
                Ok(fd) => {
                    if self.gnu {
                        self.say("connected.\n");
                    }
                    return Ok(Stream::new(self.sys, fd));
                }
                Err(error) => {
                    if self.gnu {
                        self.remark(&format!("failed: {error}.\n"));
                    }
                    last = error;
                }
            }
        }
        if self.gnu {
            // Only what may pass is tried again, after a little longer each time.
            if last == Errno::ETIMEDOUT {
                if attempt < self.o.tries || self.o.tries == 0 {
                    self.say("Retrying.\n\n");
                    let _ = self
                        .sys
                        .sleep(Duration::from_secs(u64::from(attempt.min(10))))
                        .await;
                    return Box::pin(self.connect(to, timeout, attempt + 1)).await;
                }
                self.say("Giving up.\n\n");
            }
            return Err(4);
        }
        if last == Errno::ETIMEDOUT && self.o.timeout.is_some() {
            return Err(self.fail("wget: download timed out\n"));
        }
        let host = address.map_or_else(|| "remote host".to_owned(), connect::remote_host);
        Err(self.fail(&format!("wget: can't connect to {host}: {last}\n")))
    }
}
