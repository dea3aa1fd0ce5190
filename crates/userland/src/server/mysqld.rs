//! `mysqld`: enough of MySQL's protocol to greet, let in, and answer pings; statements are refused plainly.

use super::listen;
use crate::net::mywire;
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::calendar::Calendar;
use kernel::process::signal::Signal;
use kernel::sock::Family;
use kernel::sys::Sys;
use std::net::SocketAddr;

const VERSION: &str = "9.5.0";
const PORT: u16 = 3306;

/// The `mysqld` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    if args.iter().any(|a| a == "--version" || a == "-V") {
        sys.out(&format!(
            "/usr/sbin/mysqld  Ver {VERSION} for Linux on x86_64 (MySQL Community Server - GPL)\n"
        ));
        return 0;
    }
    sys.catch(Signal::TERM);
    sys.ignore(Signal::PIPE);
    log(
        &sys,
        "System",
        "MY-010116",
        &format!("/usr/sbin/mysqld (mysqld {VERSION}) starting as process 1"),
    );
    let fd = match listen::tcp(&sys, SocketAddr::new(Family::V6.any(), PORT), false, 151) {
        Ok(fd) => fd,
        Err(error) => {
            log(
                &sys,
                "ERROR",
                "MY-010262",
                &format!("Can't start server: Bind on TCP/IP port: {error}"),
            );
            log(&sys, "ERROR", "MY-010119", "Aborting");
            return 1;
        }
    };
    let task = sys.clone();
    sys.spawn_task(async move {
        listen::serve(&task, fd, |sys, fd, _| async move {
            let _ = client(Stream::new(&sys, fd)).await;
        })
        .await;
    });
    log(
        &sys,
        "System",
        "MY-010931",
        &format!(
            "/usr/sbin/mysqld: ready for connections. Version: '{VERSION}'  socket: '/var/run/mysqld/mysqld.sock'  port: {PORT}  MySQL Community Server - GPL."
        ),
    );
    sys.signal().await;
    log(
        &sys,
        "System",
        "MY-013172",
        "Received SHUTDOWN from user <via user signal>.",
    );
    log(
        &sys,
        "System",
        "MY-010910",
        &format!(
            "/usr/sbin/mysqld: Shutdown complete (mysqld {VERSION})  MySQL Community Server - GPL."
        ),
    );
    0
}

fn log(sys: &Sys, level: &str, code: &str, text: &str) {
    let (seconds, nanos) = sys.wall_clock();
    let c = Calendar::new(seconds.cast_signed());
    sys.err(&format!(
        "{}T{}.{:06}Z 0 [{level}] [{code}] [Server] {text}\n",
        c.date(),
        c.clock(),
        nanos / 1000
    ));
}

async fn client(mut stream: Stream) -> Result<(), Errno> {
    let mut greeting = vec![10];
    greeting.extend_from_slice(VERSION.as_bytes());
    greeting.extend_from_slice(&[0, 8, 0, 0, 0]);
    greeting.extend_from_slice(b"drydock!\0");
    // Long passwords, protocol 4.1, secure connection, plugin authentication; utf8mb4; autocommit.
    greeting.extend_from_slice(&[0x01, 0x82, 255, 2, 0, 0x08, 0x00, 21]);
    greeting.extend_from_slice(&[0; 10]);
    greeting.extend_from_slice(b"simulated..!\0mysql_native_password\0");
    stream.write(&mywire::packet(0, &greeting)).await?;
    let Some((number, _)) = mywire::read(&mut stream).await? else {
        return Ok(());
    };
    stream
        .write(&mywire::packet(number.wrapping_add(1), &mywire::OK))
        .await?;
    while let Some((_, body)) = mywire::read(&mut stream).await? {
        match body.first() {
            Some(&mywire::QUIT) | None => return Ok(()),
            Some(&mywire::PING) => stream.write(&mywire::packet(1, &mywire::OK)).await?,
            Some(_) => {
                let mut error = vec![0xff];
                error.extend_from_slice(&1235u16.to_le_bytes());
                error.extend_from_slice(b"#42000SQL statements are not modelled in Drydock");
                stream.write(&mywire::packet(1, &error)).await?;
            }
        }
    }
    Ok(())
}
