//! The PORTS column of `docker ps`.

/// One port of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port<'a> {
    /// Address on the machine; empty if it is only exposed.
    pub ip: &'a str,
    /// Port in the container.
    pub private: u16,
    /// Port on the machine.
    pub public: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: &'a str,
}

/// A run of ports that are published under their own number, or not at all.
struct Run<'a> {
    ip: &'a str,
    protocol: &'a str,
    first: u16,
    last: u16,
}

impl Run<'_> {
    fn shown(&self) -> String {
        let range = match self.first == self.last {
            true => self.first.to_string(),
            false => format!("{}-{}", self.first, self.last),
        };
        match self.ip.is_empty() {
            true => format!("{range}/{}", self.protocol),
            false => format!(
                "{}->{range}/{}",
                join_host_port(self.ip, &range),
                self.protocol
            ),
        }
    }
}

/// Joins an address and a port, an IPv6 address in brackets.
pub fn join_host_port(ip: &str, port: &str) -> String {
    if ip.contains(':') {
        format!("[{ip}]:{port}")
    } else {
        format!("{ip}:{port}")
    }
}

/// Lists ports, consecutive ones joined. Source: docker/cli `formatter.DisplayablePorts`.
pub fn displayable(ports: &[Port<'_>]) -> String {
    let mut sorted: Vec<&Port<'_>> = ports.iter().collect();
    sorted::sort_by(&mut sorted, |a, b| {
        (a.private, a.ip, a.public, a.protocol).cmp(&(b.private, b.ip, b.public, b.protocol))
    });
    let mut shown = Vec::new();
    let mut mapped = Vec::new();
    let mut runs: Vec<Run<'_>> = Vec::new();
    for port in sorted {
        if !port.ip.is_empty() && port.public != port.private {
            let host = join_host_port(port.ip, &port.public.to_string());
            mapped.push(format!("{host}->{}/{}", port.private, port.protocol));
            continue;
        }
        let fresh = Run {
            ip: port.ip,
            protocol: port.protocol,
            first: port.private,
            last: port.private,
        };
        match runs
            .iter_mut()
            .find(|run| run.ip == port.ip && run.protocol == port.protocol)
        {
            None => runs.push(fresh),
            Some(run) if run.last.checked_add(1) == Some(port.private) => run.last = port.private,
            Some(run) => {
                shown.push(run.shown());
                *run = fresh;
            }
        }
    }
    shown.extend(runs.iter().map(Run::shown));
    shown.extend(mapped);
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(ports: &[(&'static str, u16, u16, &'static str)]) -> String {
        let ports: Vec<Port<'_>> = ports
            .iter()
            .map(|&(ip, public, private, protocol)| Port {
                ip,
                private,
                public,
                protocol,
            })
            .collect();
        displayable(&ports)
    }

    #[test]
    fn consecutive_ports_are_joined_by_address_and_protocol() {
        let mut ports = Vec::new();
        for n in 8000..8004 {
            ports.push(("0.0.0.0", n, n, "tcp"));
            ports.push(("::", n, n, "tcp"));
        }
        ports.push(("0.0.0.0", 9000, 9000, "udp"));
        ports.push(("127.0.0.1", 7000, 7000, "tcp"));
        assert_eq!(
            published(&ports),
            "127.0.0.1:7000->7000/tcp, 0.0.0.0:8000-8003->8000-8003/tcp, [::]:8000-8003->8000-8003/tcp, \
             0.0.0.0:9000->9000/udp"
        );
    }

    #[test]
    fn ports_without_an_address_are_only_exposed() {
        assert_eq!(
            published(&[
                ("1.2.3.4", 7766, 6677, "tcp"),
                ("", 8899, 9988, "udp"),
                ("::1", 3322, 2233, "tcp"),
                ("4.3.2.1", 3322, 2233, "tcp")
            ]),
            "9988/udp, 4.3.2.1:3322->2233/tcp, [::1]:3322->2233/tcp, 1.2.3.4:7766->6677/tcp"
        );
        assert_eq!(
            published(&[("0.0.0.0", 0, 9988, "tcp")]),
            "0.0.0.0:0->9988/tcp"
        );
        assert_eq!(
            published(&[
                ("1.2.3.4", 8887, 9998, "udp"),
                ("1.2.3.4", 8888, 9999, "udp")
            ]),
            "1.2.3.4:8887->9998/udp, 1.2.3.4:8888->9999/udp"
        );
    }

    #[test]
    fn exposed_ports_come_first_and_mapped_ones_last() {
        assert_eq!(
            published(&[
                ("::", 8081, 82, "tcp"),
                ("0.0.0.0", 8081, 82, "tcp"),
                ("", 0, 80, "tcp"),
                ("", 0, 81, "tcp")
            ]),
            "80-81/tcp, 0.0.0.0:8081->82/tcp, [::]:8081->82/tcp"
        );
        assert_eq!(
            published(&[
                ("", 0, 443, "tcp"),
                ("", 0, 1000, "tcp"),
                ("", 0, 1001, "tcp"),
                ("", 0, 80, "tcp"),
                ("", 0, 53, "udp")
            ]),
            "80/tcp, 443/tcp, 53/udp, 1000-1001/tcp"
        );
    }
}
