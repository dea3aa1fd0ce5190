//! `host`.

use super::{
    Cut, Manner, UNREACHED, ask_servers, data, dotted, legal, own_servers, server_address, status,
};
use crate::args;
use crate::net::resolv::{self, ResolvConf};
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, SocketAddr};
use wire::dns::{Message, Name, Rcode, Record, RecordData, RecordType};

const USAGE: &str = "Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
       -a is equivalent to -v -t ANY
       -A is like -a but omits RRSIG, NSEC, NSEC3
       -c specifies query class for non-IN data
       -C compares SOA records on authoritative nameservers
       -d is equivalent to -v
       -l lists all hosts in a domain, using AXFR
       -m set memory debugging flag (trace|record|usage)
       -N changes the number of dots allowed before root lookup is done
       -p specifies the port on the server to query
       -r disables recursive processing
       -R specifies number of retries for UDP packets
       -s a SERVFAIL response should stop query
       -t specifies the query type
       -T enables TCP/IP mode
       -U enables UDP mode
       -v enables verbose output
       -V print version number and exit
       -w specifies to wait forever for a reply
       -W specifies how long to wait for a reply
       -4 use IPv4 query transport only
       -6 use IPv6 query transport only
";

/// The `host` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let parsed = match args::parse(&args, "t:W:R:N:p:TU46avdrsw", &[]) {
        Ok(parsed) => parsed,
        Err(args::Wrong::Unknown(option))
            if !["-l", "-C", "-c", "-A", "-m", "-i", "-V"].contains(&option.as_str()) =>
        {
            let letter = option.trim_start_matches('-');
            sys.err(&format!("host: illegal option -- {letter}\n{USAGE}"));
            return 1;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let verbose = ['a', 'v', 'd'].iter().any(|letter| parsed.has(*letter));
    let Some(target) = parsed.operands.first() else {
        sys.err(USAGE);
        return 1;
    };
    let rtype = match parsed.value('t').map(str::parse::<RecordType>) {
        Some(Err(_)) => {
            sys.err(&format!(
                "host: invalid type: {}\n\n",
                parsed.value('t').unwrap_or_default()
            ));
            return 2;
        }
        Some(Ok(rtype)) => Some(rtype),
        None if parsed.has('a') => "ANY".parse().ok(),
        None => None,
    };
    let conf = ResolvConf::load(&sys);
    let mut servers: Vec<SocketAddr> = own_servers(&conf)
        .into_iter()
        .map(|ip| SocketAddr::new(ip, resolv::DNS_PORT))
        .collect();
    let mut using = String::new();
    if let Some(text) = parsed.operands.get(1) {
        let Some(ip) = server_address(&sys, text).await else {
            sys.err(&format!(
                "host: couldn't get address for '{text}': not found\n"
            ));
            return 1;
        };
        servers = vec![SocketAddr::new(ip, resolv::DNS_PORT)];
        // It is named when it has answered.
        using = format!("Using domain server:\nName: {text}\nAddress: {ip}#53\nAliases: \n\n");
    }
    let timeout = Duration::from_secs(parsed.value('W').and_then(|w| w.parse().ok()).unwrap_or(5));
    let (names, types) = match (target.parse::<IpAddr>(), rtype) {
        (Ok(ip), _) => (vec![Name::reverse(ip).to_string()], vec![RecordType::PTR]),
        (_, Some(rtype)) => (conf.bind_candidates(target), vec![rtype]),
        _ => (
            conf.bind_candidates(target),
            vec![
                RecordType::A,
                RecordType::AAAA,
                RecordType::MX,
                RecordType::HTTPS,
            ],
        ),
    };
    let reverse = types == [RecordType::PTR];
    let mut chosen: Option<String> = None;
    for rtype in types {
        let tried = chosen
            .clone()
            .map_or_else(|| names.clone(), |name| vec![name]);
        let mut last = None;
        let mut left = tried.len();
        for name in tried {
            left -= 1;
            let parsed_name = match legal(&name) {
                Ok(parsed) => parsed,
                Err(why) => {
                    sys.err(&format!("host: '{target}' is not a legal name ({why})\n"));
                    return 1;
                }
            };
            if verbose {
                sys.out(&format!("Trying \"{name}\"\n"));
            }
            let query = Message::query(resolv::new_id(&sys), parsed_name, rtype);
            let asked = sys.now();
            let manner = Manner {
                name: target,
                tcp: parsed.has('T'),
                timeout,
                tries: 2,
                cut: Cut::Again,
            };
            let outcome = ask_servers(&sys, &servers, &query, manner).await;
            sys.out(&outcome.complaints);
            let Some((server, answer)) = outcome.answer else {
                sys.out(if outcome.told { "" } else { UNREACHED });
                return 1;
            };
            sys.out(&std::mem::take(&mut using));
            let good = answer.rcode == Rcode::NOERROR;
            let received = format!(
                "Received {} bytes from {}#{} in {} ms\n",
                answer.size,
                server.ip(),
                server.port(),
                sys.now().since(asked).as_millis()
            );
            if verbose {
                if good {
                    let text = super::dig::rendered(&answer);
                    sys.out(text.strip_prefix(";; Got answer:\n").unwrap_or(&text));
                }
                if good || left > 0 {
                    sys.out(&received);
                }
            }
            last = Some((name, answer, received));
            if good {
                break;
            }
        }
        let Some((name, answer, received)) = last else {
            return 1;
        };
        if answer.rcode != Rcode::NOERROR {
            // A name that does not exist is told as it was typed, a reverse one with its final dot; with other faults, and
            // once a name was found, it is the name that was asked for. Source: BIND `bin/dig/host.c`.
            let shown = if answer.rcode != Rcode::NXDOMAIN || chosen.is_some() {
                name
            } else if reverse {
                format!("{name}.")
            } else {
                target.clone()
            };
            sys.out(&format!(
                "Host {shown} not found: {}({})\n",
                answer.rcode.0,
                status(answer.rcode)
            ));
            if verbose {
                // A name that does not exist ends the search and the question, each of which tells what came.
                let times = 1 + usize::from(answer.rcode == Rcode::NXDOMAIN);
                sys.out(&received.repeat(times));
            }
            return 1;
        }
        if !verbose {
            let text: String = answer.answers.iter().map(sentence).collect();
            sys.out(&text);
        }
        if answer.answers.is_empty() && parsed.has('t') && !verbose {
            sys.out(&format!("{name} has no {rtype} record\n"));
        }
        chosen = Some(
            answer
                .answers
                .iter()
                .rev()
                .find_map(|r| {
                    if let RecordData::Cname(to) = &r.data {
                        Some(to.to_string())
                    } else {
                        None
                    }
                })
                .unwrap_or(name),
        );
    }
    0
}

/// A record in words.
fn sentence(record: &Record) -> String {
    let name = record.name.to_string();
    let verb = match &record.data {
        RecordData::A(_) => "has address",
        RecordData::Aaaa(_) => "has IPv6 address",
        RecordData::Cname(_) => "is an alias for",
        RecordData::Ptr(_) => "domain name pointer",
        RecordData::Mx { .. } => "mail is handled by",
        RecordData::Txt(_) => "descriptive text",
        RecordData::Ns(_) => "name server",
        RecordData::Srv { .. } => "has SRV record",
        RecordData::Soa(_) => "has SOA record",
        RecordData::Other { .. } => "has record",
    };
    let name = if name.ends_with('.') {
        dotted(&record.name)
    } else {
        name
    };
    format!("{name} {verb} {}\n", data(record))
}
