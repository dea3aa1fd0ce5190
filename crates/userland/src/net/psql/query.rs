//! Statements that the server carries out, and what is said of its answers.

use super::CLOSED;
use super::listings::{Columns, Listing, Rows};
use super::print::{Print, table, titled};
use super::target::Told;
use crate::net::pgwire::{Fields, Message, put_text};
use crate::net::stream::Stream;
use kernel::sys::Sys;

pub(super) async fn query(
    sys: &Sys,
    stream: &mut Stream,
    command: &str,
    print: &Print,
    listing: Option<&Listing>,
) -> i32 {
    let mut shown = Shown::Now(listing);
    carried_out(sys, stream, command, print, &mut shown).await
}

/// What the server answers to a statement of psql's own.
pub(super) async fn rows(sys: &Sys, stream: &mut Stream, command: &str, print: &Print) -> Rows {
    let mut shown = Shown::Kept(Rows::new());
    carried_out(sys, stream, command, print, &mut shown).await;
    match shown {
        Shown::Kept(rows) => rows,
        Shown::Now(_) => Rows::new(),
    }
}

/// What becomes of rows.
enum Shown<'a> {
    /// They are printed, as a listing or as they are.
    Now(Option<&'a Listing>),
    /// They are kept for whoever asked.
    Kept(Rows),
}

async fn carried_out(
    sys: &Sys,
    stream: &mut Stream,
    command: &str,
    print: &Print,
    shown: &mut Shown<'_>,
) -> i32 {
    let mut body = Vec::new();
    put_text(&mut body, command);
    if let Err(error) = stream.write(&Message::new(b'Q', body).emit()).await {
        sys.err(&format!("could not send data to server: {error}\n"));
        return 2;
    }
    // Listings leave out what is not there.
    let null = match shown {
        Shown::Now(None) => print.null.clone(),
        _ => String::new(),
    };
    let mut code = 0;
    let mut columns: Columns = Vec::new();
    let mut rows: Rows = Vec::new();
    loop {
        let Ok(Some(message)) = Message::read(stream).await else {
            sys.err(&format!("{CLOSED}\n"));
            return 2;
        };
        let mut fields = Fields(&message.body);
        match message.kind {
            b'T' => {
                columns.clear();
                for _ in 0..fields.int16().unwrap_or(0) {
                    let name = fields.text().unwrap_or_default();
                    fields.bytes(6);
                    let number =
                        matches!(fields.int32(), Some(20 | 21 | 23 | 26 | 700 | 701 | 1700));
                    fields.bytes(8);
                    columns.push((name, number));
                }
            }
            b'D' => {
                let n = fields.int16().unwrap_or(0);
                let mut cell = || {
                    let length = fields.int32().filter(|l| *l != u32::MAX)?;
                    fields
                        .bytes(length as usize)
                        .map(|b| String::from_utf8_lossy(b).into_owned())
                };
                rows.push(
                    (0..n)
                        .map(|_| cell().unwrap_or_else(|| null.clone()))
                        .collect(),
                );
            }
            b'C' => {
                let tag = fields.text().unwrap_or_default();
                let listing = match shown {
                    Shown::Now(listing) => *listing,
                    Shown::Kept(kept) => {
                        kept.append(&mut rows);
                        continue;
                    }
                };
                let text = match listing {
                    _ if !tag.starts_with("SELECT") && print.quiet => String::new(),
                    _ if !tag.starts_with("SELECT") => format!("{tag}\n"),
                    None => table(&columns, &rows, print),
                    Some(listing) => {
                        if let Some(reshape) = listing.reshape {
                            reshape(&mut columns, &mut rows);
                        }
                        let mut text = table(&columns, &rows, print);
                        if !listing.counted
                            && !print.tuples
                            && let Some(at) = text.rfind('(')
                        {
                            text.truncate(at);
                            text.push_str(if print.aligned { "\n" } else { "" });
                        }
                        titled(listing.title, text, &columns, &rows, print)
                    }
                };
                rows.clear();
                sys.out(&text);
            }
            kind @ (b'E' | b'N') => {
                code = code.max(i32::from(kind == b'E'));
                let Told {
                    severity,
                    text,
                    position,
                    more,
                } = Told::read(&message.body);
                let place = position
                    .map(|at| {
                        format!(
                            "LINE 1: {command}\n{}^\n",
                            " ".repeat("LINE 1: ".len() + at - at.min(1))
                        )
                    })
                    .unwrap_or_default();
                sys.err(&format!("{severity}:  {text}\n{place}{more}"));
            }
            b'Z' => return code,
            _ => {}
        }
    }
}
