//! `nslookup`, as BIND and as busybox have it; commands on standard input are taken where that is no terminal.

use super::nslookup_options::{Asked, Read};
use super::{
    Cut, Manner, UNREACHED, ask_servers, data, legal, own_servers, server_address, status,
};
use crate::Flavour;
use crate::net::resolv::{self, ResolvConf};
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use std::net::{IpAddr, SocketAddr};
use wire::dns::{Message, Name, Rcode, Record, RecordData, RecordType};

/// The `nslookup` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut asked = Asked::default();
    let mut operands = Vec::new();
    for word in args.get(1..).unwrap_or_default() {
        let Some(option) = word.strip_prefix('-').filter(|o| !o.is_empty()) else {
            operands.push(word.clone());
            continue;
        };
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let read = match flavour {
            Flavour::Gnu => asked.bind_option(key, value),
            Flavour::Busybox => asked.busybox_option(key, value),
        };
        match read {
            Read::Taken => {}
            Read::Said(text) => sys.out(&text),
            Read::Refused(text) => {
                sys.err(&text);
                return 1;
            }
            Read::NotModelled => return crate::not_modelled(&sys, "nslookup", word),
        }
    }
    let mut operands = operands.into_iter();
    let Some(name) = operands.next() else {
        if flavour == Flavour::Busybox {
            sys.err(&crate::usage::busybox("nslookup"));
            return 1;
        }
        if sys.is_tty(Fd::STDIN) {
            sys.err("nslookup: the interactive mode is not modelled in Drydock: give a name\n");
            return 1;
        }
        return commands(&sys, asked).await;
    };
    (asked.name, asked.server) = (name, operands.next());
    let mut conf = ResolvConf::load(&sys);
    if let Some(domain) = &asked.domain {
        conf.search = vec![domain.clone()];
    }
    if !asked.searches {
        conf.search.clear();
    }
    let own = match flavour {
        Flavour::Gnu => own_servers(&conf),
        Flavour::Busybox => conf.servers.clone(),
    };
    let mut servers: Vec<SocketAddr> = own
        .into_iter()
        .map(|ip| SocketAddr::new(ip, asked.port))
        .collect();
    if let Some(text) = &asked.server {
        let Some(ip) = server_address(&sys, text).await else {
            let text = if flavour == Flavour::Gnu {
                format!("nslookup: couldn't get address for '{text}': not found\n")
            } else {
                format!("nslookup: bad address '{text}'\n")
            };
            sys.err(&text);
            return 1;
        };
        servers = vec![SocketAddr::new(ip, asked.port)];
    }
    match flavour {
        Flavour::Gnu => bind(&sys, &asked, &conf, &servers).await,
        Flavour::Busybox => busybox(&sys, &asked, &conf, &servers).await,
    }
}

// ---- BIND

/// Longer input is not read, bytes.
const LONGEST: usize = 1 << 20;

/// Commands from standard input, a line for each; the words after the first are an option's or a server's.
/// Source: BIND 9.20 `bin/dig/nslookup.c`, `do_next_command`.
async fn commands(sys: &Sys, mut asked: Asked) -> i32 {
    asked.talks = true;
    let input = sys.read_all(Fd::STDIN, LONGEST).await.unwrap_or_default();
    let conf = ResolvConf::load(sys);
    let mut chosen: Option<IpAddr> = None;
    let mut found = false;
    for line in String::from_utf8_lossy(&input).lines() {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        match (first.to_ascii_lowercase().as_str(), words.next()) {
            ("set", Some(option)) => {
                let (key, value) = option.split_once('=').unwrap_or((option, ""));
                match asked.bind_option(key, value) {
                    Read::Taken => {}
                    Read::Said(text) | Read::Refused(text) => sys.out(&text),
                    Read::NotModelled => {
                        crate::not_modelled(sys, "nslookup", &format!("set {option}"));
                    }
                }
            }
            ("server" | "lserver", Some(text)) => {
                chosen = server_address(sys, text).await;
                let Some(ip) = chosen else {
                    sys.err(&format!(
                        "nslookup: couldn't get address for '{text}': not found\n"
                    ));
                    return 1;
                };
                sys.out(&format!(
                    "Default server: {text}\nAddress: {ip}#{}\n",
                    asked.port
                ));
            }
            ("exit", _) => break,
            ("help" | "?", _) => {
                sys.out(&format!("The '{first}' command is not yet implemented.\n"));
            }
            ("finger" | "root" | "ls" | "view", _) => {
                sys.out(&format!("The '{first}' command is not implemented.\n"));
            }
            _ => {
                first.clone_into(&mut asked.name);
                let mut conf = conf.clone();
                if let Some(domain) = &asked.domain {
                    conf.search = vec![domain.clone()];
                }
                if !asked.searches {
                    conf.search.clear();
                }
                let own = chosen.map_or_else(|| own_servers(&conf), |ip| vec![ip]);
                let servers: Vec<SocketAddr> = own
                    .into_iter()
                    .map(|ip| SocketAddr::new(ip, asked.port))
                    .collect();
                found |= bind(sys, &asked, &conf, &servers).await == 0;
            }
        }
    }
    sys.out("\n");
    i32::from(!found)
}

async fn bind(sys: &Sys, asked: &Asked, conf: &ResolvConf, servers: &[SocketAddr]) -> i32 {
    let address = asked.name.parse::<IpAddr>().ok();
    let names = address.map_or_else(
        || conf.bind_candidates(&asked.name),
        |ip| vec![Name::reverse(ip).to_string()],
    );
    let types = match (address, asked.rtype) {
        (Some(_), _) => vec![RecordType::PTR],
        (_, Some(rtype)) => vec![rtype],
        _ => vec![RecordType::A, RecordType::AAAA],
    };
    let mut out = String::new();
    let mut headed = false;
    let mut failed = None;
    let mut shown_any = false;
    let mut elsewhere = false;
    for rtype in types {
        let mut last = None;
        for name in &names {
            let parsed = match legal(name) {
                Ok(parsed) => parsed,
                Err(why) => {
                    let name = &asked.name;
                    sys.err(&format!("nslookup: '{name}' is not a legal name ({why})\n"));
                    return 10;
                }
            };
            let mut query = Message::query(resolv::new_id(sys), parsed, rtype);
            query.flags.rd = asked.recurse;
            let manner = Manner {
                name: &asked.name,
                tcp: asked.tcp,
                timeout: asked.timeout,
                tries: asked.tries,
                cut: Cut::Tell,
            };
            let outcome = ask_servers(sys, servers, &query, manner).await;
            sys.out(&outcome.complaints);
            let Some((server, answer)) = outcome.answer else {
                sys.out(if outcome.told { "" } else { UNREACHED });
                sys.out(if asked.talks { "" } else { "\n" });
                return 1;
            };
            if answer.rcode == Rcode::SERVFAIL {
                sys.out(&format!(";; Got SERVFAIL reply from {}\n", server.ip()));
            }
            let good = answer.rcode == Rcode::NOERROR;
            last = Some((server, name.clone(), answer));
            if good {
                break;
            }
        }
        let Some((server, name, answer)) = last else {
            return 1;
        };
        if !headed && address.is_none() {
            out.push_str(&format!(
                "Server:\t\t{}\nAddress:\t{}#{}\n\n",
                server.ip(),
                server.ip(),
                server.port()
            ));
        }
        let first = !std::mem::replace(&mut headed, true);
        if asked.debug {
            out.push_str(&whole(&answer));
        }
        if answer.rcode != Rcode::NOERROR {
            failed = Some((
                if address.is_some() {
                    name
                } else {
                    asked.name.clone()
                },
                answer.rcode,
            ));
            break;
        }
        // The first answer decides how both are announced.
        if first && !answer.flags.aa && address.is_none() {
            out.push_str("Non-authoritative answer:\n");
        }
        // Aliases are told once, with the first family.
        let fresh = answer
            .answers
            .iter()
            .filter(|r| !(shown_any && matches!(r.data, RecordData::Cname(_))));
        fresh.for_each(|r| out.push_str(&bind_record(r)));
        if answer.answers.is_empty() && asked.rtype.is_some() {
            out.push_str(&format!("*** Can't find {}: No answer\n", asked.name));
        }
        shown_any |= !answer.answers.is_empty();
        elsewhere = !answer.flags.aa && !matches!(rtype, RecordType::A | RecordType::AAAA);
    }
    let end = if asked.talks { "" } else { "\n" };
    if let Some((name, rcode)) = failed {
        out.push_str(&format!(
            "** server can't find {name}: {}\n{end}",
            status(rcode)
        ));
        sys.out(&out);
        return 1;
    }
    // Source: BIND `bin/dig/nslookup.c`.
    if elsewhere {
        out.push_str("\nAuthoritative answers can be found from:\n");
    }
    out.push_str(end);
    sys.out(&out);
    0
}

/// All of an answer, as `-debug` shows it. Source: BIND `bin/dig/nslookup.c`, `detailsection`.
fn whole(answer: &Message) -> String {
    let mut out = String::from("------------\n    QUESTIONS:\n");
    for question in &answer.questions {
        out.push_str(&format!(
            "\t{}, type = {}, class = IN\n",
            question.name, question.rtype
        ));
    }
    for (title, records) in [
        ("ANSWERS", &answer.answers),
        ("AUTHORITY RECORDS", &answer.authorities),
        ("ADDITIONAL RECORDS", &answer.additionals),
    ] {
        out.push_str(&format!("    {title}:\n"));
        for record in records {
            let value = data(record);
            let told = match &record.data {
                RecordData::A(_) => format!("internet address = {value}\n"),
                RecordData::Aaaa(_) => format!("has AAAA address {value}\n"),
                // As without `-debug`, behind the name.
                _ => bind_value(record),
            };
            out.push_str(&format!(
                "    ->  {}\n\t{told}\tttl = {}\n",
                record.name, record.ttl
            ));
        }
    }
    out + "------------\n"
}

fn bind_record(record: &Record) -> String {
    let value = bind_value(record);
    match record.data {
        RecordData::A(_) | RecordData::Aaaa(_) => {
            format!("Name:\t{}\nAddress: {value}", record.name)
        }
        _ => format!("{}\t{value}", record.name),
    }
}

/// What a record leads to, in words.
fn bind_value(record: &Record) -> String {
    let value = data(record);
    match &record.data {
        RecordData::A(_) | RecordData::Aaaa(_) => format!("{value}\n"),
        RecordData::Cname(_) => format!("canonical name = {value}\n"),
        RecordData::Ptr(_) => format!("name = {value}\n"),
        RecordData::Mx { .. } => format!("mail exchanger = {value}\n"),
        RecordData::Txt(_) => format!("text = {value}\n"),
        RecordData::Ns(_) => format!("nameserver = {value}\n"),
        RecordData::Srv { .. } => format!("service = {value}\n"),
        RecordData::Soa(_) | RecordData::Other { .. } => format!("rdata = {value}\n"),
    }
}

// ---- busybox

async fn busybox(sys: &Sys, asked: &Asked, conf: &ResolvConf, servers: &[SocketAddr]) -> i32 {
    let name = match asked.name.parse::<IpAddr>() {
        Ok(ip) => Name::reverse(ip).to_string(),
        Err(_) => asked.name.clone(),
    };
    let types = match asked.rtype {
        Some(rtype) => vec![rtype],
        None if name != asked.name => vec![RecordType::PTR],
        None => vec![RecordType::A, RecordType::AAAA],
    };
    // A name without a dot is only asked for within the search domains, where there are any.
    let names: Vec<String> = match name.contains('.') || conf.search.is_empty() {
        true => vec![name.clone()],
        false => conf.search.iter().map(|d| format!("{name}.{d}")).collect(),
    };
    let mut parsed = Vec::new();
    for name in &names {
        let Ok(good) = name.parse::<Name>() else {
            sys.err(&format!("nslookup: invalid name \"{name}\"\n"));
            return 1;
        };
        parsed.push(good);
    }
    let asked_for: Vec<(&String, Message)> = types
        .iter()
        .flat_map(|t| {
            let query = |n: &Name| Message::query(resolv::new_id(sys), n.clone(), *t);
            names
                .iter()
                .zip(parsed.iter().map(query).collect::<Vec<_>>())
        })
        .collect();
    let queries: Vec<Message> = asked_for.iter().map(|(_, query)| query.clone()).collect();
    let mut found = None;
    let begun = sys.now();
    for server in servers {
        let timeout = asked.timeout;
        match resolv::exchange_datagrams(sys, *server, &queries, timeout, false).await {
            Ok(answers) => {
                found = Some((*server, answers));
                break;
            }
            Err(Errno::ETIMEDOUT) => {}
            Err(error @ Errno::ENETUNREACH) => {
                let host = server.ip();
                sys.err(&format!(
                    "nslookup: can't connect to remote host ({host}): {error}\n"
                ));
                return 1;
            }
            Err(error) => {
                sys.err(&format!("nslookup: write to '{}': {error}\n", server.ip()));
            }
        }
    }
    let Some((server, answers)) = found else {
        sys.out(";; connection timed out; no servers could be reached\n\n");
        return 1;
    };
    let mut out = format!("Server:\t\t{}\nAddress:\t{server}\n\n", server.ip());
    let mut failures = 0;
    for (at, (answer, (name, _))) in answers.iter().zip(&asked_for).enumerate() {
        if asked.debug {
            let took = (sys.now() - begun).as_millis();
            out.push_str(&format!("Query #{at} completed in {took}ms:\n"));
        }
        if answer.rcode != Rcode::NOERROR {
            out.push_str(&format!(
                "** server can't find {name}: {}\n\n",
                status(answer.rcode)
            ));
            failures += 1;
            continue;
        }
        if !answer.flags.aa {
            out.push_str("Non-authoritative answer:\n");
        }
        answer
            .answers
            .iter()
            .for_each(|r| out.push_str(&busybox_record(r)));
        out.push('\n');
    }
    sys.out(&out);
    i32::from(failures > 0)
}

fn busybox_record(record: &Record) -> String {
    let name = record.name.to_string();
    let value = data(record);
    let plain = value.trim_end_matches('.');
    match &record.data {
        RecordData::A(_) | RecordData::Aaaa(_) => format!("Name:\t{name}\nAddress: {value}\n"),
        RecordData::Cname(_) => format!("{name}\tcanonical name = {plain}\n"),
        RecordData::Ptr(_) => format!("{name}\tname = {plain}\n"),
        RecordData::Mx { .. } => format!("{name}\tmail exchanger = {plain}\n"),
        RecordData::Ns(_) => format!("{name}\tnameserver = {plain}\n"),
        RecordData::Srv { .. } => format!("{name}\tservice = {plain}\n"),
        RecordData::Txt(_) => format!("{name}\ttext = {value}\n"),
        RecordData::Soa(_) | RecordData::Other { .. } => format!("{name}\t{value}\n"),
    }
}
