use super::put;
use crate::dns::{Message, Name, Rcode, RecordData};

/// A DNS message of `len` bytes.
pub(super) fn message(out: &mut String, message: &Message, len: usize) {
    if message.flags.qr {
        response(out, message);
    } else {
        query(out, message);
    }
    put(out, format_args!(" ({len})"));
}

fn additional_count(message: &Message) -> usize {
    message.additionals.len() + usize::from(message.edns.is_some())
}

fn query(out: &mut String, message: &Message) {
    put(out, format_args!("{}", message.id));
    out.push_str(if message.flags.rd { "+" } else { "" });
    out.push_str(if message.flags.cd { "%" } else { "" });
    let counts = [
        (message.answers.len(), "a"),
        (message.authorities.len(), "n"),
        (additional_count(message), "au"),
    ];
    for (count, unit) in counts {
        if count > 0 {
            put(out, format_args!(" [{count}{unit}]"));
        }
    }
    for (index, question) in message.questions.iter().enumerate() {
        out.push_str(if index > 0 { "," } else { "" });
        put(
            out,
            format_args!(" {}? {}", question.rtype, dotted(&question.name)),
        );
    }
}

fn response(out: &mut String, message: &Message) {
    let flags = message.flags;
    put(out, format_args!("{}", message.id));
    match message.rcode {
        Rcode::NOERROR => {}
        Rcode::FORMERR => out.push_str(" FormErr"),
        Rcode::SERVFAIL => out.push_str(" ServFail"),
        Rcode::NXDOMAIN => out.push_str(" NXDomain"),
        Rcode::NOTIMP => out.push_str(" NotImp"),
        Rcode::REFUSED => out.push_str(" Refused"),
        Rcode(other) => put(out, format_args!(" Resp{other}")),
    }
    let marks = [
        (flags.aa, "*"),
        (!flags.ra, "-"),
        (flags.tc, "|"),
        (flags.ad, "$"),
    ];
    for (set, mark) in marks {
        out.push_str(if set { mark } else { "" });
    }
    if message.questions.len() != 1 {
        put(out, format_args!(" [{}q]", message.questions.len()));
    }
    let (answers, authorities) = (message.answers.len(), message.authorities.len());
    put(
        out,
        format_args!(" {answers}/{authorities}/{}", additional_count(message)),
    );
    for (index, record) in message.answers.iter().enumerate() {
        out.push_str(if index > 0 { "," } else { "" });
        put(out, format_args!(" {}", record.data.rtype()));
        data(out, &record.data);
    }
}

fn data(out: &mut String, data: &RecordData) {
    match data {
        RecordData::A(ip) => put(out, format_args!(" {ip}")),
        RecordData::Aaaa(ip) => put(out, format_args!(" {ip}")),
        RecordData::Ptr(name) | RecordData::Cname(name) | RecordData::Ns(name) => {
            put(out, format_args!(" {}", dotted(name)));
        }
        RecordData::Mx {
            preference,
            exchange,
        } => put(out, format_args!(" {} {preference}", dotted(exchange))),
        RecordData::Txt(texts) => {
            for text in texts {
                put(out, format_args!(" \"{}\"", text.escape_ascii()));
            }
        }
        RecordData::Srv {
            priority,
            weight,
            port,
            target,
        } => {
            put(
                out,
                format_args!(" {}:{port} {priority} {weight}", dotted(target)),
            );
        }
        RecordData::Soa(_) | RecordData::Other { .. } => {}
    }
}

/// A name with its final dot.
fn dotted(name: &Name) -> String {
    if name.is_root() {
        ".".to_owned()
    } else {
        format!("{name}.")
    }
}
