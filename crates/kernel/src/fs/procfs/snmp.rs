//! `/proc/net/snmp`, `snmp6`, `netstat`, `sockstat` and `sockstat6`: what a namespace's protocols have counted.
//!
//! A line of names and one of numbers for each protocol. All that Linux names is here, also what never happens to a packet
//! of this kernel and stays 0. Sources: Linux 6.12 `net/ipv4/proc.c`, `net/ipv6/proc.c`.

use crate::net::mib::{IcmpCounts, IpCounts, Mib, UdpCounts};
use crate::process::Process;
use crate::sock::{SockType, SocketInfo};
use crate::state::Kernel;
use sorted::SortedMap;
use std::fmt::Write as _;

/// The files.
pub(super) const NAMES: [&str; 5] = ["netstat", "snmp", "snmp6", "sockstat", "sockstat6"];

const IP: &str = "Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits";
const ICMP: &str = "InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps";
const TCP: &str = "RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors";
const UDP: &str = "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors";
const TCP_EXT: &str = "SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned OutOfWindowIcmps LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSActive PAWSEstab BeyondWindow TSEcrRejected PAWSOldAck PAWSTimewait DelayedACKs DelayedACKLocked DelayedACKLost ListenOverflows ListenDrops TCPHPHits TCPPureAcks TCPHPAcks TCPRenoRecovery TCPSackRecovery TCPSACKReneging TCPSACKReorder TCPRenoReorder TCPTSReorder TCPFullUndo TCPPartialUndo TCPDSACKUndo TCPLossUndo TCPLostRetransmit TCPRenoFailures TCPSackFailures TCPLossFailures TCPFastRetrans TCPSlowStartRetrans TCPTimeouts TCPLossProbes TCPLossProbeRecovery TCPRenoRecoveryFail TCPSackRecoveryFail TCPRcvCollapsed TCPBacklogCoalesce TCPDSACKOldSent TCPDSACKOfoSent TCPDSACKRecv TCPDSACKOfoRecv TCPAbortOnData TCPAbortOnClose TCPAbortOnMemory TCPAbortOnTimeout TCPAbortOnLinger TCPAbortFailed TCPMemoryPressures TCPMemoryPressuresChrono TCPSACKDiscard TCPDSACKIgnoredOld TCPDSACKIgnoredNoUndo TCPSpuriousRTOs TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted TCPSackMerged TCPSackShiftFallback TCPBacklogDrop PFMemallocDrop TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter TCPTimeWaitOverflow TCPReqQFullDoCookies TCPReqQFullDrop TCPRetransFail TCPRcvCoalesce TCPOFOQueue TCPOFODrop TCPOFOMerge TCPChallengeACK TCPSYNChallenge TCPFastOpenActive TCPFastOpenActiveFail TCPFastOpenPassive TCPFastOpenPassiveFail TCPFastOpenListenOverflow TCPFastOpenCookieReqd TCPFastOpenBlackhole TCPSpuriousRtxHostQueues BusyPollRxPackets TCPAutoCorking TCPFromZeroWindowAdv TCPToZeroWindowAdv TCPWantZeroWindowAdv TCPSynRetrans TCPOrigDataSent TCPHystartTrainDetect TCPHystartTrainCwnd TCPHystartDelayDetect TCPHystartDelayCwnd TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq TCPACKSkippedFinWait2 TCPACKSkippedTimeWait TCPACKSkippedChallenge TCPWinProbe TCPKeepAlive TCPMTUPFail TCPMTUPSuccess TCPDelivered TCPDeliveredCE TCPAckCompressed TCPZeroWindowDrop TCPRcvQDrop TCPWqueueTooBig TCPFastOpenPassiveAltKey TcpTimeoutRehash TcpDuplicateDataRehash TCPDSACKRecvSegs TCPDSACKIgnoredDubious TCPMigrateReqSuccess TCPMigrateReqFailure TCPPLBRehash TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAOGood TCPAODroppedIcmps";
const IP_EXT: &str = "InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets InCsumErrors InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts ReasmOverlaps";
const MPTCP_EXT: &str = "MPCapableSYNRX MPCapableSYNTX MPCapableSYNACKRX MPCapableACKRX MPCapableFallbackACK MPCapableFallbackSYNACK MPCapableSYNTXDrop MPCapableSYNTXDisabled MPCapableEndpAttempt MPFallbackTokenInit MPTCPRetrans MPJoinNoTokenFound MPJoinSynRx MPJoinSynBackupRx MPJoinSynAckRx MPJoinSynAckBackupRx MPJoinSynAckHMacFailure MPJoinAckRx MPJoinAckHMacFailure MPJoinRejected MPJoinSynTx MPJoinSynTxCreatSkErr MPJoinSynTxBindErr MPJoinSynTxConnectErr DSSNotMatching DSSCorruptionFallback DSSCorruptionReset InfiniteMapTx InfiniteMapRx DSSNoMatchTCP DataCsumErr OFOQueueTail OFOQueue OFOMerge NoDSSInWindow DuplicateData AddAddr AddAddrTx AddAddrTxDrop EchoAdd EchoAddTx EchoAddTxDrop PortAdd AddAddrDrop MPJoinPortSynRx MPJoinPortSynAckRx MPJoinPortAckRx MismatchPortSynRx MismatchPortAckRx RmAddr RmAddrDrop RmAddrTx RmAddrTxDrop RmSubflow MPPrioTx MPPrioRx MPFailTx MPFailRx MPFastcloseTx MPFastcloseRx MPRstTx MPRstRx SubflowStale SubflowRecover SndWndShared RcvWndShared RcvWndConflictUpdate RcvWndConflict MPCurrEstab Blackhole MPCapableDataFallback MD5SigFallback DssFallback SimultConnectFallback FallbackFailed WinProbe";
const IP6: &str = "InReceives InHdrErrors InTooBigErrors InNoRoutes InAddrErrors InUnknownProtos InTruncatedPkts InDiscards InDelivers OutForwDatagrams OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates InMcastPkts OutMcastPkts InOctets OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts OutTransmits";
const ICMP6: &str = "InMsgs InErrors OutMsgs OutErrors InCsumErrors OutRateLimitHost";
/// ICMPv6's messages, with their numbers. Source: Linux `icmp6type2name`.
const ICMP6_TYPES: [(u8, &str); 14] = [
    (1, "DestUnreachs"),
    (2, "PktTooBigs"),
    (3, "TimeExcds"),
    (4, "ParmProblems"),
    (128, "Echos"),
    (129, "EchoReplies"),
    (130, "GroupMembQueries"),
    (131, "GroupMembResponses"),
    (132, "GroupMembReductions"),
    (133, "RouterSolicits"),
    (134, "RouterAdvertisements"),
    (135, "NeighborSolicits"),
    (136, "NeighborAdvertisements"),
    (137, "Redirects"),
];
/// ICMP's messages in the order of [`ICMP`].
const ICMP_TYPES: [u8; 11] = [3, 11, 12, 4, 5, 8, 0, 13, 14, 17, 18];

pub(super) fn file(kernel: &Kernel, me: &Process, file: &str) -> Option<String> {
    let netns = kernel.netns(me.netns)?;
    let mib = &netns.mib;
    let sockets = kernel.sock_list(me.netns);
    Some(match file {
        "snmp" => {
            let forwards = if netns.conf4_all.forwarding != 0 {
                1
            } else {
                2
            };
            let ttl = kernel.default_ttl(me.netns, false);
            let mut ip = vec![forwards, u64::from(ttl)];
            ip.extend(ip4(&mib.v4));
            lines("Ip", IP, &ip)
                + &lines("Icmp", ICMP, &icmp4(&mib.icmp))
                + &icmp_types(&mib.icmp)
                + &tcp(mib, &sockets)
                + &lines("Udp", UDP, &udp(&mib.udp))
                + &lines("UdpLite", UDP, &udp(&UdpCounts::default()))
        }
        "netstat" => {
            tcp_ext(mib)
                + &lines("IpExt", IP_EXT, &ip_ext(&mib.v4))
                + &lines("MPTcpExt", MPTCP_EXT, &[])
        }
        "snmp6" => snmp6(mib),
        "sockstat" => socket_counts(&sockets, false),
        "sockstat6" => socket_counts(&sockets, true),
        _ => return None,
    })
}

/// A protocol's two lines; numbers that are not there are 0.
fn lines(protocol: &str, names: &str, numbers: &[u64]) -> String {
    let all = numbers.iter().copied().chain(std::iter::repeat(0));
    let values: String = names
        .split(' ')
        .zip(all)
        .map(|(_, number)| format!(" {number}"))
        .collect();
    format!("{protocol}: {names}\n{protocol}:{values}\n")
}

fn ip4(ip: &IpCounts) -> [u64; 18] {
    [
        ip.received.packets,
        ip.header_errors,
        ip.address_errors,
        ip.forwarded,
        ip.unknown_protocols,
        0,
        ip.delivered,
        ip.out_requests,
        ip.out_discards,
        ip.out_no_routes,
        ip.reassembly_failed,
        ip.fragments_received,
        ip.reassembled,
        ip.reassembly_failed,
        ip.fragmented,
        ip.fragment_failed,
        ip.fragments_made,
        ip.transmitted.packets,
    ]
}

fn icmp4(icmp: &IcmpCounts) -> Vec<u64> {
    let of = |counts: &SortedMap<u8, u64>, all: [u64; 3]| {
        let each = ICMP_TYPES.map(|number| counts.get(&number).copied().unwrap_or(0));
        let total = counts.values().sum::<u64>();
        std::iter::once(total)
            .chain(all)
            .chain(each)
            .collect::<Vec<_>>()
    };
    // Two counters of errors follow the messages received, three those sent.
    let mut all = of(&icmp.received, [0; 3]);
    all.remove(1);
    all.extend(of(&icmp.sent, [0; 3]));
    all
}

/// The messages by the number of their type, where there were any. Source: Linux `icmpmsg_put`.
fn icmp_types(icmp: &IcmpCounts) -> String {
    let of = |way: &str, counts: &SortedMap<u8, u64>| -> Vec<(String, u64)> {
        let each = counts.iter();
        each.map(|(number, count)| (format!("{way}Type{number}"), *count))
            .collect()
    };
    let mut all = of("In", &icmp.received);
    all.extend(of("Out", &icmp.sent));
    if all.is_empty() {
        return String::new();
    }
    let (names, counts): (Vec<String>, Vec<u64>) = all.into_iter().unzip();
    lines("IcmpMsg", &names.join(" "), &counts)
}

fn tcp(mib: &Mib, sockets: &[SocketInfo]) -> String {
    let tcp = &mib.tcp;
    let established = sockets
        .iter()
        .filter(|s| matches!(s.state, "ESTAB" | "CLOSE-WAIT") && s.kind == SockType::Stream);
    let numbers = [
        tcp.active_opens,
        tcp.passive_opens,
        tcp.attempt_fails,
        tcp.resets,
        established.count() as u64,
        tcp.segments_in,
        tcp.segments_out,
        tcp.retransmitted,
        0,
        tcp.resets_out,
        0,
    ];
    // How the retransmission timer is set, its limits in milliseconds, and that there is none to connections.
    let values: String = numbers.iter().map(|number| format!(" {number}")).collect();
    format!("Tcp: {TCP}\nTcp: 1 200 120000 -1{values}\n")
}

const fn udp(udp: &UdpCounts) -> [u64; 5] {
    [
        udp.received,
        udp.no_ports,
        udp.buffer_errors,
        udp.sent,
        udp.buffer_errors,
    ]
}

fn tcp_ext(mib: &Mib) -> String {
    let tcp = &mib.tcp;
    let value = |name: &str| match name {
        "TW" => tcp.time_waits,
        "ListenOverflows" | "ListenDrops" => tcp.listen_overflows,
        "TCPTimeouts" | "TcpTimeoutRehash" => tcp.timeouts,
        "TCPSynRetrans" => tcp.syn_retransmitted,
        "TCPOrigDataSent" => tcp.data_out,
        "TCPAbortOnClose" => tcp.aborted_on_close,
        "IPReversePathFilter" => tcp.reverse_path,
        _ => 0,
    };
    let numbers: Vec<u64> = TCP_EXT.split(' ').map(value).collect();
    lines("TcpExt", TCP_EXT, &numbers)
}

fn ip_ext(ip: &IpCounts) -> Vec<u64> {
    let mut all = vec![
        ip.in_no_routes,
        0,
        ip.in_groups.packets,
        ip.out_groups.packets,
        ip.in_broadcasts.packets,
        0,
        ip.received.octets,
        ip.transmitted.octets,
        ip.in_groups.octets,
        ip.out_groups.octets,
        ip.in_broadcasts.octets,
        0,
        0,
    ];
    all.extend(ip.in_ecn);
    all
}

/// A line for each counter. Source: Linux `snmp6_seq_show`.
fn snmp6(mib: &Mib) -> String {
    let ip = &mib.v6;
    let mut numbers = vec![
        ip.received.packets,
        ip.header_errors,
        ip.too_big,
        ip.in_no_routes,
        ip.address_errors,
        ip.unknown_protocols,
        0,
        0,
        ip.delivered,
        ip.forwarded,
        ip.out_requests,
        ip.out_discards,
        ip.out_no_routes,
        ip.reassembly_failed,
        ip.fragments_received,
        ip.reassembled,
        ip.reassembly_failed,
        ip.fragmented,
        ip.fragment_failed,
        ip.fragments_made,
        ip.in_groups.packets,
        ip.out_groups.packets,
        ip.received.octets,
        ip.transmitted.octets,
        ip.in_groups.octets,
        ip.out_groups.octets,
        0,
        0,
    ];
    numbers.extend(ip.in_ecn);
    numbers.push(ip.transmitted.packets);
    let icmp = &mib.icmp6;
    let total = |counts: &SortedMap<u8, u64>| counts.values().sum::<u64>();
    let mut out = list("Ip6", IP6, &numbers);
    let sums = [total(&icmp.received), 0, total(&icmp.sent)];
    out += &list("Icmp6", ICMP6, &sums);
    for (way, counts) in [("In", &icmp.received), ("Out", &icmp.sent)] {
        for (number, name) in ICMP6_TYPES {
            let count = counts.get(&number).copied().unwrap_or(0);
            out += &entry(&format!("Icmp6{way}{name}"), count);
        }
        out += &entry(&format!("Icmp6{way}MLDv2Reports"), 0);
    }
    for (way, counts) in [("In", &icmp.received), ("Out", &icmp.sent)] {
        for (number, count) in counts {
            out += &entry(&format!("Icmp6{way}Type{number}"), *count);
        }
    }
    out += &list("Udp6", UDP, &udp(&mib.udp6));
    let lite: Vec<&str> = UDP
        .split(' ')
        .filter(|name| *name != "IgnoredMulti")
        .collect();
    out + &list("UdpLite6", &lite.join(" "), &[])
}

fn list(protocol: &str, names: &str, numbers: &[u64]) -> String {
    let all = numbers.iter().copied().chain(std::iter::repeat(0));
    let each = names.split(' ').zip(all);
    each.map(|(name, number)| entry(&format!("{protocol}{name}"), number))
        .collect()
}

fn entry(name: &str, number: u64) -> String {
    format!("{name:<32}\t{number}\n")
}

/// How many sockets of each kind there are. Source: Linux `sockstat_seq_show`, `sockstat6_seq_show`.
fn socket_counts(sockets: &[SocketInfo], v6: bool) -> String {
    let count = |wanted: &dyn Fn(&SocketInfo) -> bool| {
        let of = sockets.iter();
        of.filter(|s| s.local.is_ipv6() == v6 && wanted(s)).count()
    };
    let waits = |s: &SocketInfo| s.kind == SockType::Stream && s.state == "TIME-WAIT";
    let tcp = |s: &SocketInfo| s.kind == SockType::Stream && s.local.port() != 0 && !waits(s);
    let udp = |s: &SocketInfo| s.kind == SockType::Datagram && s.local.port() != 0;
    let raw = |s: &SocketInfo| matches!(s.kind, SockType::Raw(_));
    let (tcps, udps, raws) = (count(&tcp), count(&udp), count(&raw));
    let mut out = String::new();
    if v6 {
        let _ = write!(
            out,
            "TCP6: inuse {tcps}\nUDP6: inuse {udps}\nUDPLITE6: inuse 0\nRAW6: inuse {raws}\nFRAG6: inuse 0 memory 0\n"
        );
    } else {
        // Connections that wait for stragglers are no sockets any more.
        let waiting = sockets.iter().filter(|s| waits(s)).count();
        let used = sockets.len() - waiting;
        let _ = write!(
            out,
            "sockets: used {used}\nTCP: inuse {tcps} orphan 0 tw {waiting} alloc {tcps} mem 0\nUDP: inuse {udps} mem 0\nUDPLITE: inuse 0\nRAW: inuse {raws}\nFRAG: inuse 0 memory 0\n"
        );
    }
    out
}
