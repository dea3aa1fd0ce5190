//! System calls about sockets.

use super::{Call, Sys};
use crate::errno::Errno;
use crate::ids::SocketId;
use crate::process::files::{Fd, FileKind};
use crate::sock::{Family, Received, SockOpt, SockType};
use bytes::Bytes;
use std::net::SocketAddr;
use wire::IpPacket;

impl Sys {
    /// A socket in this process's namespace.
    /// # Errors
    /// `EPERM` for raw and packet sockets without CAP_NET_RAW; `EAFNOSUPPORT`.
    pub fn socket(&self, family: Family, kind: SockType) -> Result<Fd, Errno> {
        let raw = matches!(kind, SockType::Raw(_) | SockType::Packet(_));
        if raw && !self.me(|p| p.caps.net_raw).unwrap_or(false) {
            self.lacks("NET_RAW");
            return Err(Errno::EPERM);
        }
        let ns = self.netns();
        let socket = self
            .kernel
            .borrow_mut()
            .sock_open(ns, Some(self.id), family, kind)?;
        self.install_kind(FileKind::Socket(socket))
    }

    /// The socket behind a descriptor.
    /// # Errors
    /// `EBADF`, `ENOTSOCK`.
    pub fn socket_id(&self, fd: Fd) -> Result<SocketId, Errno> {
        let file = self.handle(fd)?;
        match self.kernel.borrow().proc.files.kind(file) {
            Some(FileKind::Socket(socket)) => Ok(*socket),
            Some(_) => Err(Errno::ENOTSOCK),
            None => Err(Errno::EBADF),
        }
    }

    /// Binds to a local address.
    /// # Errors
    /// `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` for privileged ports.
    pub fn bind(&self, fd: Fd, addr: SocketAddr) -> Result<(), Errno> {
        let s = self.socket_id(fd)?;
        self.kernel.borrow_mut().sock_bind(s, addr)
    }

    /// Takes connections from now on.
    /// # Errors
    /// `EADDRINUSE`, `EOPNOTSUPP`.
    pub fn listen(&self, fd: Fd, backlog: u32) -> Result<(), Errno> {
        let s = self.socket_id(fd)?;
        self.kernel.borrow_mut().sock_listen(s, backlog)
    }

    /// Waits for a connection.
    /// # Errors
    /// `EINVAL` if not listening; `EINTR`.
    pub fn accept<'a>(&'a self, fd: Fd) -> Call<'a, Result<(Fd, SocketAddr), Errno>> {
        Box::pin(async move {
            let s = self.socket_id(fd)?;
            let (conn, from) = self.blocking(|k| k.sock_accept(s)).await?;
            Ok((self.install_kind(FileKind::Socket(conn))?, from))
        })
    }

    /// Connects; for datagram sockets only sets the peer.
    /// # Errors
    /// `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, `ENETUNREACH` ...
    pub fn connect<'a>(&'a self, fd: Fd, addr: SocketAddr) -> Call<'a, Result<(), Errno>> {
        Box::pin(async move {
            let s = self.socket_id(fd)?;
            self.blocking(|k| k.sock_connect(s, addr)).await
        })
    }

    /// Sends one datagram to `to`.
    /// # Errors
    /// `ENETUNREACH`, `EMSGSIZE`, `EPERM` if a rule drops it on the way out ...
    pub fn send_to<'a>(
        &'a self,
        fd: Fd,
        data: Bytes,
        to: SocketAddr,
    ) -> Call<'a, Result<usize, Errno>> {
        Box::pin(async move {
            let s = self.socket_id(fd)?;
            self.blocking(|k| k.sock_send_to(s, data.clone(), to)).await
        })
    }

    /// Sends a whole packet by a raw socket (source filled in if unspecified).
    /// # Errors
    /// As [`Sys::send_to`].
    pub fn send_packet(&self, fd: Fd, packet: IpPacket) -> Result<(), Errno> {
        let s = self.socket_id(fd)?;
        self.kernel.borrow_mut().sock_send_packet(s, packet)
    }

    /// Receives one datagram, packet, frame or queued error.
    /// # Errors
    /// A pending socket error; `EINTR`.
    pub fn recv_from<'a>(&'a self, fd: Fd) -> Call<'a, Result<Received, Errno>> {
        Box::pin(async move {
            let s = self.socket_id(fd)?;
            self.blocking(|k| k.sock_recv_from(s)).await
        })
    }

    /// Half or wholly closes a connection, or ends what goes out by a stream of AF_UNIX.
    /// # Errors
    /// `ENOTCONN`, `ENOTSOCK`.
    pub fn shutdown(&self, fd: Fd, read: bool, write: bool) -> Result<(), Errno> {
        match self.socket_id(fd) {
            Ok(s) => self.kernel.borrow_mut().sock_shutdown(s, read, write),
            Err(_) if write => {
                let stream = self.file(fd)?;
                self.kernel.borrow_mut().stream_shutdown(stream)
            }
            Err(error) => Err(error),
        }
    }

    /// Sets an option.
    /// # Errors
    /// `ENOPROTOOPT`, `EPERM`.
    pub fn set_option(&self, fd: Fd, option: SockOpt) -> Result<(), Errno> {
        let s = self.socket_id(fd)?;
        self.kernel.borrow_mut().sock_set(s, option)
    }

    /// The local address.
    /// # Errors
    /// `EBADF`.
    pub fn local_addr(&self, fd: Fd) -> Result<SocketAddr, Errno> {
        let s = self.socket_id(fd)?;
        self.kernel.borrow().sock_local(s)
    }

    /// The peer's address.
    /// # Errors
    /// `ENOTCONN`.
    pub fn peer_addr(&self, fd: Fd) -> Result<SocketAddr, Errno> {
        let s = self.socket_id(fd)?;
        self.kernel.borrow().sock_peer(s)
    }
}
