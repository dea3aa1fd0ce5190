use super::*;

const A: Ends = Ends {
    local: 1000,
    remote: 80,
    mss: 1460,
};
const B: Ends = Ends {
    local: 80,
    remote: 1000,
    mss: 1460,
};

/// Two ends and the segments between them; every segment takes a millisecond.
struct Pair {
    now: Instant,
    a: Connection,
    b: Option<Connection>,
    to_b: Vec<TcpSegment>,
    to_a: Vec<TcpSegment>,
    /// The segments that went by, as tcpdump prints their flags.
    seen: Vec<String>,
}

impl Pair {
    fn new() -> Self {
        let mut to_b = Vec::new();
        let a = Connection::open(A, 100, Instant::ZERO, &mut to_b);
        Self {
            now: Instant::ZERO,
            a,
            b: None,
            to_b,
            to_a: Vec::new(),
            seen: Vec::new(),
        }
    }

    fn run(&mut self) {
        for _ in 0..10_000 {
            if self.to_a.is_empty() && self.to_b.is_empty() {
                return;
            }
            self.now += Duration::from_millis(1);
            for seg in std::mem::take(&mut self.to_b) {
                self.seen
                    .push(format!(">{}{}", seg.flags, seg.payload.len()));
                match &mut self.b {
                    None => {
                        self.b = Some(Connection::accept(B, 500, &seg, self.now, &mut self.to_a));
                    }
                    Some(b) => b.on_segment(&seg, self.now, &mut self.to_a),
                }
            }
            for seg in std::mem::take(&mut self.to_a) {
                self.seen
                    .push(format!("<{}{}", seg.flags, seg.payload.len()));
                self.a.on_segment(&seg, self.now, &mut self.to_b);
            }
        }
        panic!("the two ends never fell silent");
    }

    fn b(&mut self) -> &mut Connection {
        self.b.as_mut().unwrap()
    }
}

#[test]
fn handshake_request_answer_and_close() {
    let mut p = Pair::new();
    p.run();
    let now = p.now;
    p.a.write(b"GET", false, now, &mut p.to_b);
    p.run();
    let mut out = Vec::new();
    let got = p.b().read(100, now, &mut out);
    assert_eq!(&got[..], b"GET");
    p.b.as_mut()
        .unwrap()
        .write(b"200 OK", false, now, &mut p.to_a);
    p.run();
    assert_eq!(&p.a.read(100, now, &mut out)[..], b"200 OK");
    p.a.close(now, &mut p.to_b);
    p.run();
    assert!(p.b().at_end());
    p.b.as_mut().unwrap().close(now, &mut p.to_a);
    p.run();
    assert_eq!(p.a.state, State::TimeWait);
    assert_eq!(p.b().state, State::Closed);
    assert_eq!(
        p.seen,
        [
            ">S0", "<S.0", ">.0", ">P.3", "<.0", "<P.6", ">.0", ">F.0", "<F.0", ">.0"
        ]
    );
}

#[test]
fn a_refused_connection_says_so() {
    let mut out = Vec::new();
    let mut a = Connection::open(A, 100, Instant::ZERO, &mut out);
    let rst = reset_for(&out[0]);
    a.on_segment(&rst, Instant(1), &mut Vec::new());
    assert_eq!(a.state, State::Closed);
    assert_eq!(a.error, Some(Errno::ECONNREFUSED));
}

#[test]
fn an_unanswered_syn_is_repeated_and_then_times_out() {
    let mut out = Vec::new();
    let mut a = Connection::open(A, 100, Instant::ZERO, &mut out);
    let mut at = Vec::new();
    while let Some(next) = a.deadline() {
        out.clear();
        a.on_timer(next, &mut out);
        if !out.is_empty() {
            at.push(next.as_nanos() / 1_000_000_000);
        }
    }
    assert_eq!(at, [1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    assert_eq!(a.error, Some(Errno::ETIMEDOUT));
}

#[test]
fn a_large_body_arrives_whole_through_loss_and_reordering() {
    let body: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
    let mut p = Pair::new();
    p.run();
    let mut written = 0;
    let mut got = Vec::new();
    let mut round = 0_u32;
    while got.len() < body.len() {
        round += 1;
        assert!(round < 20_000, "stuck at {} bytes", got.len());
        p.now += Duration::from_millis(1);
        let now = p.now;
        written += p.a.write(&body[written..], false, now, &mut p.to_b);
        if let Some(at) = p.a.deadline()
            && p.to_b.is_empty()
        {
            p.now = p.now.max(at);
            p.a.on_timer(p.now, &mut p.to_b);
        }
        let mut segs = std::mem::take(&mut p.to_b);
        if round.is_multiple_of(3) {
            segs.reverse();
        }
        for (i, seg) in segs.into_iter().enumerate() {
            if !(i as u32 + round).is_multiple_of(11) {
                let now = p.now;
                p.b.as_mut().unwrap().on_segment(&seg, now, &mut p.to_a);
            }
        }
        let now = p.now;
        got.extend_from_slice(&p.b.as_mut().unwrap().read(10_000, now, &mut p.to_a));
        for seg in std::mem::take(&mut p.to_a) {
            p.a.on_segment(&seg, now, &mut p.to_b);
        }
    }
    assert_eq!(got, body);
}

#[test]
fn closing_with_unread_data_resets() {
    let mut p = Pair::new();
    p.run();
    let now = p.now;
    p.a.write(b"unread", false, now, &mut p.to_b);
    p.run();
    p.b.as_mut().unwrap().close(now, &mut p.to_a);
    p.run();
    assert_eq!(p.a.error, Some(Errno::ECONNRESET));
}
