use super::*;
use crate::net::testutil::{Behind, Scene};
use crate::time::Duration;
use netem::Emulator;

const ALWAYS: Chance = Chance {
    probability: u32::MAX,
    correlation: 0,
};

fn two() -> (Scene, Behind) {
    let mut s = Scene::new();
    let br = s.bridge("br0", &[]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.behind(br, &["10.0.0.3/24"]);
    s.ping(a.ns, "10.0.0.3");
    (s, a)
}

fn set(s: &mut Scene, link: LinkId, netem: Netem, how: Setting) -> Result<(), QdiscError> {
    s.k.qdisc_set(link, None, QdiscSpec::Netem(netem), how)
}

#[test]
fn a_delay_holds_back_what_is_sent_and_not_what_comes() {
    let (mut s, a) = two();
    let delay = Duration::from_millis(100);
    let slow = Netem {
        delay,
        ..Netem::default()
    };
    set(&mut s, a.eth0, slow, Setting::Add).unwrap();
    let start = s.k.now;
    let id = s.send_echo(a.ns, "10.0.0.3", 56, false).unwrap();
    s.run(Duration::from_millis(99));
    assert!(s.caused(id).is_empty());
    assert_eq!(s.k.qdisc(a.eth0).unwrap().counts().waiting, 1);
    s.run(Duration::from_millis(2));
    let reply = s.caused(id)[0].0;
    let back = s.facts(reply).last().unwrap().at.since(start);
    assert!(
        back >= delay && back < delay + Duration::from_millis(1),
        "{back:?}"
    );
    let counts = s.k.qdisc(a.eth0).unwrap().counts();
    assert_eq!((counts.packets, counts.waiting), (1, 0));
}

#[test]
fn a_loss_of_all_drops_all_and_says_so() {
    let (mut s, a) = two();
    let lossy = Netem {
        loss: ALWAYS,
        ..Netem::default()
    };
    set(&mut s, a.eth0, lossy, Setting::Add).unwrap();
    let id = s.send_echo(a.ns, "10.0.0.3", 56, false).unwrap();
    s.run(Duration::from_millis(1));
    let last = s.facts(id).last().map(|fact| fact.what.clone());
    let dropped = DropReason::Queue { link: a.eth0 };
    assert!(matches!(last, Some(Checkpoint::Drop(reason)) if reason == dropped));
    assert_eq!(s.k.qdisc(a.eth0).unwrap().counts().dropped, 1);
}

#[test]
fn it_is_set_once_changed_in_place_and_taken_away_once() {
    let (mut s, a) = two();
    let none = Netem::default();
    assert_eq!(
        set(&mut s, a.eth0, none.clone(), Setting::Change),
        Err(QdiscError::NotFound)
    );
    set(&mut s, a.eth0, none.clone(), Setting::Add).unwrap();
    assert_eq!(
        set(&mut s, a.eth0, none.clone(), Setting::Add),
        Err(QdiscError::Exists)
    );
    set(&mut s, a.eth0, none, Setting::Replace).unwrap();
    assert_eq!(s.k.qdisc(a.eth0).unwrap().handle, 0x8001);
    assert_eq!(s.k.link(a.eth0).unwrap().txqlen, 1000);
    assert_eq!(
        s.k.qdisc_del(a.eth0, Some("pfifo")),
        Err(QdiscError::OtherKind)
    );
    assert_eq!(s.k.qdisc_del(a.eth0, Some("netem")), Ok(()));
    assert_eq!(s.k.qdisc_del(a.eth0, None), Err(QdiscError::Default));
}

fn frame(id: u64) -> TracedFrame {
    let (src, dst) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
    let udp = wire::UdpDatagram {
        src_port: 1,
        dst_port: 2,
        payload: bytes::Bytes::from(vec![0; 958]),
    };
    let ip = wire::IpPacket::new(src, dst, wire::Transport::Udp(udp));
    let mac = wire::MacAddr([2, 0, 0, 0, 0, 1]);
    TracedFrame {
        id: crate::ids::PacketId(id),
        frame: std::rc::Rc::new(wire::Frame::ip(mac, mac, ip)),
    }
}

#[test]
fn a_rate_lets_one_frame_through_after_the_other() {
    let mut emulator = Emulator::new(Rng::new(1));
    // A thousand bytes with their headers, at a thousand bytes in a second.
    let slow = Netem {
        rate: Some(1000),
        ..Netem::default()
    };
    let now = crate::time::Instant(5);
    let due: Vec<_> = (0..3)
        .flat_map(|id| emulator.take(&slow, frame(id), now).due)
        .map(|at| at.since(now).as_millis())
        .collect();
    assert_eq!(due, [1000, 2000, 3000]);
}

#[test]
fn duplicates_come_twice_and_a_full_queue_takes_no_more() {
    let mut emulator = Emulator::new(Rng::new(1));
    let netem = Netem {
        duplicate: Some(ALWAYS),
        limit: 3,
        ..Netem::default()
    };
    let now = crate::time::Instant::ZERO;
    let taken: Vec<_> = (0..2)
        .map(|id| emulator.take(&netem, frame(id), now))
        .collect();
    assert_eq!((taken[0].due.len(), taken[0].dropped), (2, 0));
    assert_eq!((taken[1].due.len(), taken[1].dropped), (1, 1));
    let order: Vec<u64> = std::iter::from_fn(|| emulator.due(now))
        .map(|f| f.id.0)
        .collect();
    assert_eq!(order, [0, 0, 1]);
}

#[test]
fn jitter_stays_within_its_bounds_and_spreads() {
    let ms = Duration::from_millis;
    let mut emulator = Emulator::new(Rng::new(1));
    let netem = Netem {
        delay: ms(50),
        jitter: ms(10),
        ..Netem::default()
    };
    let now = crate::time::Instant::ZERO;
    let delays: Vec<u128> = (0..100)
        .flat_map(|id| emulator.take(&netem, frame(id), now).due)
        .map(|at| at.since(now).as_millis())
        .collect();
    assert!(delays.iter().all(|ms| (40..=60).contains(ms)));
    assert!(delays.iter().any(|ms| *ms < 45) && delays.iter().any(|ms| *ms > 55));
}
