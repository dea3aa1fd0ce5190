//! `mysqladmin` (`ping` only) and `mysql`.

use super::connect::{self, From as LocalEnd};
use super::mywire;
use super::resolv;
use super::stream::Stream;
use kernel::Errno;
use kernel::sys::Sys;
use std::net::SocketAddr;

#[derive(Default)]
struct Target {
    host: Option<String>,
    port: Option<u16>,
    execute: Option<String>,
    operands: Vec<String>,
}

fn parse(args: &[String]) -> Target {
    let mut target = Target::default();
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        let (key, value) = match word.strip_prefix("--") {
            Some(long) => long
                .split_once('=')
                .map_or((long, None), |(k, v)| (k, Some(v.to_owned()))),
            None if word.starts_with('-') && word.len() >= 2 => {
                let (key, value) = word.split_at(2);
                (key, Some(value.to_owned()).filter(|v| !v.is_empty()))
            }
            None => {
                target.operands.push(word.clone());
                continue;
            }
        };
        let mut next = || value.clone().or_else(|| rest.next().cloned());
        match key {
            "host" | "-h" => target.host = next(),
            "port" | "-P" => target.port = next().and_then(|p| p.parse().ok()),
            "execute" | "-e" => target.execute = next(),
            "user" | "-u" => drop(next()),
            // A password may be attached only; nobody checks it here.
            _ => {}
        }
    }
    target
}

/// Greets the server; the stream after it has let us in. Errors: MySQL's number and text.
async fn open(sys: &Sys, target: &Target) -> Result<Stream, (u16, String)> {
    let host = target
        .host
        .clone()
        .unwrap_or_else(|| "localhost".to_owned());
    let port = target.port.unwrap_or(3306);
    let name = if host == "localhost" {
        "127.0.0.1"
    } else {
        &host
    };
    let found = resolv::lookup(sys, name, None).await;
    let addresses = found.map_err(|error| {
        (
            2005,
            format!(
                "Unknown MySQL server host '{host}' ({})",
                if error == resolv::LookupError::TryAgain {
                    -3
                } else {
                    -2
                }
            ),
        )
    })?;
    let targets: Vec<SocketAddr> = addresses
        .addresses
        .iter()
        .map(|ip| SocketAddr::new(*ip, port))
        .collect();
    let (fd, _) = connect::any(sys, &targets, LocalEnd::default())
        .await
        .map_err(|failures| {
            let error = failures.last().map_or(Errno::EHOSTUNREACH, |(_, e)| *e);
            (
                2003,
                format!(
                    "Can't connect to MySQL server on '{host}:{port}' ({})",
                    error.number()
                ),
            )
        })?;
    let mut stream = Stream::new(sys, fd);
    let lost = |error: Errno| {
        (
            2013,
            format!(
                "Lost connection to MySQL server at 'reading initial communication packet', system error: {}",
                error.number()
            ),
        )
    };
    mywire::read(&mut stream)
        .await
        .map_err(lost)?
        .ok_or_else(|| lost(Errno::ECONNRESET))?;
    let mut hello = vec![0x01, 0x82, 0x08, 0, 0, 0, 0, 1, 255];
    hello.extend_from_slice(&[0; 23]);
    hello.extend_from_slice(b"root\0\0mysql_native_password\0");
    stream
        .write(&mywire::packet(1, &hello))
        .await
        .map_err(lost)?;
    mywire::read(&mut stream)
        .await
        .map_err(lost)?
        .ok_or_else(|| lost(Errno::ECONNRESET))?;
    Ok(stream)
}

/// The `mysqladmin` program.
pub async fn admin(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let target = parse(&args);
    if target.operands.first().map(String::as_str) != Some("ping") {
        return crate::not_modelled(
            &sys,
            "mysqladmin",
            target
                .operands
                .first()
                .map_or("(no command)", String::as_str),
        );
    }
    let answer = match open(&sys, &target).await {
        Ok(mut stream) => {
            let sent = stream.write(&mywire::packet(0, &[mywire::PING])).await;
            sent.and(mywire::read(&mut stream).await.map(|_| ()))
                .map_err(|e| (2013, e.to_string()))
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok(()) => {
            sys.out("mysqld is alive\n");
            0
        }
        Err((_, text)) => {
            let host = target.host.as_deref().unwrap_or("localhost");
            sys.err(&format!(
                "mysqladmin: connect to server at '{host}' failed\nerror: '{text}'\n"
            ));
            1
        }
    }
}

/// The `mysql` program: connects, and says what the server says.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let target = parse(&args);
    let mut stream = match open(&sys, &target).await {
        Ok(stream) => stream,
        Err((number, text)) => {
            sys.err(&format!("ERROR {number} (HY000): {text}\n"));
            return 1;
        }
    };
    let Some(statement) = &target.execute else {
        sys.err("mysql: only -e STATEMENT is modelled in Drydock\n");
        return 1;
    };
    let body = [&[3u8][..], statement.as_bytes()].concat();
    let _ = stream.write(&mywire::packet(0, &body)).await;
    if let Ok(Some((_, answer))) = mywire::read(&mut stream).await
        && let Some((head, text)) = answer
            .split_at_checked(9)
            .filter(|(head, _)| head.first() == Some(&0xff))
    {
        let number = head.get(1..3).map_or(0, |b| {
            b.iter().rev().fold(0u16, |n, b| n << 8 | u16::from(*b))
        });
        sys.err(&format!(
            "ERROR {number} (42000) at line 1: {}\n",
            String::from_utf8_lossy(text)
        ));
        return 1;
    }
    0
}
