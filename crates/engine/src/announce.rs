//! Announcing new addresses, so that neighbours and bridges learn where they are: gratuitous ARP requests, or unsolicited
//! neighbour advertisements.
//!
//! Source: moby `libnetwork/osl/interface_linux.go`; the network's options are checked in `libnetwork/network_unix.go`.

use sorted::SortedMap;
use std::net::IpAddr;

use kernel::ids::LinkId;
use kernel::time::Duration;

use crate::daemon::Engine;
use crate::error::{Error, Result};

const MESSAGES: &str = "com.docker.network.advertise_addr_nmsgs";
const INTERVAL: &str = "com.docker.network.advertise_addr_ms";

/// How often, and how many milliseconds apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Manner {
    messages: u64,
    interval_ms: u64,
}

/// Reads a network's options. Errors: `Invalid`, all faults at once.
pub(crate) fn manner(options: &SortedMap<String, String>) -> Result<Manner> {
    let mut faults = Vec::new();
    let mut read = |name: &str, kind: &str, (least, most): (u64, u64), default: u64| {
        let Some(text) = options.get(name) else {
            return default;
        };
        match text.parse::<i64>().map(u64::try_from) {
            Err(_) => faults.push(format!("value for option {name} \"{text}\" must be {kind}")),
            Ok(Ok(value)) if (least..=most).contains(&value) => return value,
            Ok(_) => faults.push(format!("{name} must be in the range {least} to {most}")),
        }
        default
    };
    let messages = read(MESSAGES, "an integer", (0, 3), 3);
    let interval_ms = read(INTERVAL, "integer milliseconds", (100, 2000), 1000);
    if faults.is_empty() {
        Ok(Manner {
            messages,
            interval_ms,
        })
    } else {
        Err(Error::invalid(faults.join("\n")))
    }
}

impl Engine {
    /// Announces an interface's addresses: once at once, then again from time to time while the interface is there.
    pub(crate) fn announce(&self, link: LinkId, addrs: Vec<IpAddr>, manner: Manner) {
        let engine = self.clone();
        let once = move || {
            engine
                .sys()
                .kernel(|k| addrs.iter().for_each(|addr| k.announce(link, *addr)));
        };
        if manner.messages == 0 {
            return;
        }
        once();
        let (sys, gap) = (
            self.sys().clone(),
            Duration::from_millis(manner.interval_ms),
        );
        self.sys().spawn_task(async move {
            for _ in 1..manner.messages {
                let _ = sys.sleep(gap).await;
                once();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Manner> {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        manner(&pairs.collect())
    }

    #[test]
    fn three_a_second_apart_unless_the_network_says_otherwise() {
        let usual = Manner {
            messages: 3,
            interval_ms: 1000,
        };
        assert_eq!(read(&[]), Ok(usual));
        let told = read(&[(MESSAGES, "1"), (INTERVAL, "200")]);
        assert_eq!(
            told,
            Ok(Manner {
                messages: 1,
                interval_ms: 200
            })
        );
    }

    #[test]
    fn all_faults_are_told() {
        let error = read(&[(MESSAGES, "4"), (INTERVAL, "often")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "com.docker.network.advertise_addr_nmsgs must be in the range 0 to 3\n\
             value for option com.docker.network.advertise_addr_ms \"often\" must be integer milliseconds"
        );
        assert!(read(&[(MESSAGES, "-1")]).is_err());
    }
}
