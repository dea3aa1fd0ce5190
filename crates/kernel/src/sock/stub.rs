//! Placeholders until sockets exist.
#![allow(missing_docs, unused_variables, clippy::unused_self, clippy::needless_pass_by_ref_mut)]

use super::{Errno, Family, IpPacket, Kernel, NetnsId, ProcessId, Received, SockOpt, SockType, SocketAddr, SocketId, SocketInfo};
use crate::skb::Skb;
use bytes::Bytes;
use wire::{IcmpErrorKind, Quoted};

#[derive(Debug, Default)]
pub struct Sockets;

impl Kernel {
    pub fn sock_open(&mut self, ns: NetnsId, owner: Option<ProcessId>, family: Family, kind: SockType) -> Result<SocketId, Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_close(&mut self, s: SocketId) {}
    pub fn sock_bind(&mut self, s: SocketId, addr: SocketAddr) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_listen(&mut self, s: SocketId, backlog: u32) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_accept(&mut self, s: SocketId) -> Result<(SocketId, SocketAddr), Errno> {
        Err(Errno::ENOSYS)
    }
    /// Begins or goes on connecting: `EAGAIN` while the handshake runs.
    pub fn sock_connect(&mut self, s: SocketId, addr: SocketAddr) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_send(&mut self, s: SocketId, data: &[u8]) -> Result<usize, Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_send_to(&mut self, s: SocketId, data: Bytes, to: SocketAddr) -> Result<usize, Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_send_packet(&mut self, s: SocketId, packet: IpPacket) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_recv(&mut self, s: SocketId, max: usize) -> Result<Bytes, Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_recv_from(&mut self, s: SocketId) -> Result<Received, Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_shutdown(&mut self, s: SocketId, read: bool, write: bool) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_set(&mut self, s: SocketId, opt: SockOpt) -> Result<(), Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_local(&self, s: SocketId) -> Result<SocketAddr, Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_peer(&self, s: SocketId) -> Result<SocketAddr, Errno> {
        Err(Errno::ENOSYS)
    }
    pub fn sock_list(&self, ns: NetnsId) -> Vec<SocketInfo> {
        Vec::new()
    }
    pub fn sock_timer(&mut self, s: SocketId) {}
    /// A packet for this namespace: true if some socket took it.
    pub fn sock_deliver(&mut self, ns: NetnsId, skb: Skb) -> bool {
        false
    }
    /// An ICMP error that quotes a packet which this namespace sent.
    pub fn sock_icmp_error(&mut self, ns: NetnsId, from: std::net::IpAddr, kind: &IcmpErrorKind, quoted: &Quoted) {}
    /// The namespace is going away.
    pub fn sock_netns_gone(&mut self, ns: NetnsId) {}
}
