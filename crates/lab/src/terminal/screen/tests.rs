use super::super::grid::{KEPT_BYTES, KEPT_LINES, LONGEST_LINE};
use super::*;
use crate::view::Span;
use kernel::time::Instant;
use proptest::prelude::*;

fn feed(screen: &mut Screen, at: u64, stream: Stream, data: impl AsRef<[u8]>) {
    screen.take(&Piece {
        at: Instant(at),
        stream,
        data: data.as_ref().to_vec().into(),
    });
}

fn texts(screen: &Screen) -> Vec<&str> {
    let lines = screen.grid.lines();
    lines.iter().map(|l| l.text.as_str()).collect()
}

/// What is seen after a program wrote this.
fn shown(text: &str) -> Vec<String> {
    let mut screen = Screen::default();
    feed(&mut screen, 1, Stream::Out, text);
    texts(&screen).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_picture_is_drawn_over_the_last_one() {
    let mut s = Screen::default();
    feed(&mut s, 1, Stream::Err, "0/1\n a Starting\n");
    feed(
        &mut s,
        2,
        Stream::Err,
        "\u{1b}[1A\u{1b}[1A\u{1b}[2K1/1\n\u{1b}[2K \u{1b}[32ma\u{1b}[0m Started\n",
    );
    feed(&mut s, 3, Stream::Out, "after\n");
    assert_eq!(texts(&s), ["1/1", " a Started", "after"]);
    let green = s.grid.lines()[1].spans[0];
    assert_eq!((green.from, green.to, green.look.ink), (1, 2, Some(2)));
}

#[test]
fn control_characters_move_within_the_line() {
    assert_eq!(shown("10%\r20%\r100%\n"), ["100%"]);
    assert_eq!(shown("abc\u{8}\u{8}X\n"), ["aXc"]);
    assert_eq!(shown("a\tb\n\tc"), ["a       b", "        c"]);
    assert_eq!(shown("long text\rab\u{1b}[K\n"), ["ab"]);
    assert_eq!(shown("a\u{7}b\u{0}c\n\n"), ["abc", ""]);
}

#[test]
fn sequences_move_about_and_change_lines() {
    assert_eq!(
        shown("a\nb\nc\u{1b}[2;1HX\u{1b}[3;5HY"),
        ["a", "X", "c   Y"]
    );
    assert_eq!(shown("a\nb\nc\u{1b}[H\u{1b}[J"), [""; 0]);
    assert_eq!(shown("a\nb\nc\u{1b}[2A\u{1b}[L"), ["", "a", "b", "c"]);
    assert_eq!(shown("a\nb\nc\u{1b}[2A\u{1b}[Mx"), ["x", "c"]);
    assert_eq!(shown("abcdef\u{1b}[3G\u{1b}[2P"), ["abef"]);
    assert_eq!(shown("abcdef\u{1b}[3G\u{1b}[2@"), ["ab  cdef"]);
    assert_eq!(shown("abcdef\u{1b}[4D\u{1b}[CX"), ["abcXef"]);
    assert_eq!(shown("a\u{1b}7\nb\u{1b}8X"), ["aX", "b"]);
    assert_eq!(shown("\u{1b}[99999999;99999999Hx").len(), 24);
}

#[test]
fn the_whole_screen_is_given_back_after_use() {
    let mut s = Screen::default();
    feed(
        &mut s,
        1,
        Stream::Out,
        "before\n\u{1b}[?1049h\u{1b}[H\u{1b}[2JEvery 2.0s\n",
    );
    assert_eq!(texts(&s), ["Every 2.0s"]);
    feed(&mut s, 2, Stream::Out, "\u{1b}[Hover\u{1b}[K\u{1b}[J");
    assert_eq!(texts(&s), ["over"]);
    feed(&mut s, 3, Stream::Out, "\u{1b}[?1049lafter\n");
    assert_eq!(texts(&s), ["before", "after"]);
}

#[test]
fn clearing_leaves_nothing_and_numbers_go_on() {
    let mut s = Screen::default();
    feed(
        &mut s,
        1,
        Stream::Out,
        "a\nb\n\u{1b}[H\u{1b}[2J\u{1b}[3Jc\n",
    );
    assert_eq!(texts(&s), ["c"]);
    assert_eq!(s.grid.first(), 0);
    let many: String = (0..100).map(|n| format!("{n}\n")).collect();
    feed(
        &mut s,
        2,
        Stream::Out,
        many + "\u{1b}[H\u{1b}[2J\u{1b}[3Jd\n",
    );
    assert_eq!((texts(&s), s.grid.first()), (vec!["d"], 77));
}

#[test]
fn a_command_above_is_not_painted_over() {
    let mut s = prompted();
    feed(
        &mut s,
        2,
        Stream::Out,
        "up\n\u{1b}[9Aone\n\u{1b}[9A\u{1b}[Htwo\n",
    );
    assert_eq!(texts(&s), ["up", "two"]);
}

fn prompted() -> Screen {
    let mut s = Screen::default();
    feed(
        &mut s,
        1,
        Stream::Out,
        "\u{1b}]133;A;aid=5\u{7}hostA:~# \u{1b}]13",
    );
    feed(&mut s, 1, Stream::Out, "3;B\u{7}");
    s
}

#[test]
fn lines_runs_and_errors_are_told_apart() {
    let mut s = prompted();
    (s.typed, s.current_input) = (Some(4), 4);
    feed(&mut s, 2, Stream::Out, "curl x\n");
    feed(&mut s, 3, Stream::Err, "curl: (6) ");
    feed(&mut s, 4, Stream::Err, "no\n");
    feed(
        &mut s,
        5,
        Stream::Out,
        "\u{1b}]133;D;6;aid=5\u{7}\u{1b}]133;A;aid=5\u{7}hostA:~# \u{1b}]133;B\u{7}",
    );
    assert_eq!(
        s.runs,
        [Run {
            input: 4,
            command: "curl x".into(),
            started_ns: 2,
            ended_ns: Some(5),
            exit: Some(6)
        }]
    );
    let lines = s.grid.lines().iter();
    let kinds: Vec<_> = lines.map(|l| (l.kind, l.text.as_str(), l.at_ns)).collect();
    assert_eq!(
        kinds,
        [
            (LineKind::Command, "curl x", 2),
            (LineKind::Error, "curl: (6) no", 3)
        ]
    );
    assert_eq!(s.prompt, "hostA:~# ");
    assert!(s.at_prompt);
}

#[test]
fn news_of_a_job_is_no_error_of_the_command_before_it() {
    let mut s = prompted();
    (s.typed, s.current_input) = (Some(4), 4);
    feed(&mut s, 2, Stream::Out, "false\n");
    feed(&mut s, 3, Stream::Err, "\u{1b}]133;D;1;aid=5\u{7}");
    feed(&mut s, 3, Stream::Err, "[1]+  Done  sleep 1\n");
    feed(
        &mut s,
        3,
        Stream::Err,
        "\u{1b}]133;A;aid=5\u{7}$ \u{1b}]133;B\u{7}",
    );
    feed(&mut s, 4, Stream::Err, "beside the prompt\n");
    let kinds: Vec<_> = s.grid.lines().iter().map(|l| l.kind).collect();
    assert_eq!(kinds[..2], [LineKind::Command, LineKind::Output]);
}

#[test]
fn what_is_indented_is_a_table_and_no_error() {
    let mut s = Screen::default();
    let meter = b"  %% Total\r\n  0     0\rcurl: (6) no\n";
    feed(&mut s, 1, Stream::Err, meter);
    let lines = s.grid.lines().iter();
    let kinds: Vec<_> = lines.map(|l| (l.kind, l.text.as_str())).collect();
    assert_eq!(
        kinds,
        [
            (LineKind::Output, "  %% Total"),
            (LineKind::Error, "curl: (6) no")
        ]
    );
}

#[test]
fn what_follows_a_complaint_after_an_empty_line_is_advice() {
    let mut s = Screen::default();
    let complaint = b"docker: no\n\nUsage:  docker run\n\nRun 'docker'\ndocker: again\n";
    feed(&mut s, 1, Stream::Err, complaint);
    let kinds: Vec<_> = s.grid.lines().iter().map(|l| l.kind).collect();
    use LineKind::{Error, Output};
    assert_eq!(kinds, [Error, Error, Output, Error, Output, Error]);
}

#[test]
fn a_character_may_come_in_two_pieces() {
    let mut s = Screen::default();
    let (one, two) = "é".as_bytes().split_at(1);
    feed(&mut s, 1, Stream::Out, one);
    feed(&mut s, 1, Stream::Out, two);
    feed(&mut s, 1, Stream::Out, b"\xff\n");
    assert_eq!(texts(&s), ["é\u{fffd}"]);
}

#[test]
fn much_output_is_bounded() {
    let mut s = Screen::default();
    for _ in 0..20 {
        feed(&mut s, 1, Stream::Out, "x".repeat(1 << 20));
        s.grid.bound();
    }
    let lines = s.grid.lines();
    assert!(lines.iter().all(|l| l.text.len() <= LONGEST_LINE));
    assert!(lines.iter().map(|l| l.text.len()).sum::<usize>() <= KEPT_BYTES);
    feed(&mut s, 2, Stream::Out, "y\n".repeat(20_000));
    s.grid.bound();
    assert_eq!(s.grid.lines().len(), KEPT_LINES);
}

#[test]
fn a_tab_at_the_end_is_blanks_however_the_line_was_written() {
    let pieces: [&[u8]; 7] = [
        b"\x1b[2d", b" ", b"\x1bM", b" ", b"A\t", b"\x1b[u", b"\x1b[u",
    ];
    let mut screen = Screen::default();
    for piece in pieces {
        feed(&mut screen, 1, Stream::Out, piece);
        assert!(screen.grid.counts_right(), "after {piece:?}");
    }
    let mut together = Screen::default();
    feed(&mut together, 1, Stream::Out, pieces.concat());
    assert_eq!(texts(&screen), texts(&together));
}

/// Pieces of what programs write, more often something that means something than not.
fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let sequence = "\u{1b}\\[\\??[0-9;]{0,6}[@A-HJ-MPXdfhlmsu]".prop_map(String::into_bytes);
    let escape = "\u{1b}[DEM78c(\\]P]?".prop_map(String::into_bytes);
    let text = "[ -~日é\u{301}\r\n\t\u{8}]{0,12}".prop_map(String::into_bytes);
    let mark = "\u{1b}\\]133;[ABCD](;[0-9])?\u{7}".prop_map(String::into_bytes);
    let noise = proptest::collection::vec(any::<u8>(), 0..12);
    proptest::collection::vec(prop_oneof![sequence, escape, text, mark, noise], 0..60)
}

proptest! {
    #[test]
    fn whatever_is_written_spans_are_in_order_and_sizes_right(pieces in pieces()) {
        let (mut apart, mut together) = (Screen::default(), Screen::default());
        for piece in &pieces {
            feed(&mut apart, 1, Stream::Out, piece);
        }
        feed(&mut together, 1, Stream::Out, pieces.concat());
        for screen in [&mut apart, &mut together] {
            screen.grid.bound();
            prop_assert!(screen.grid.counts_right());
            for line in screen.grid.lines() {
                let mut end = 0;
                for Span { from, to, .. } in &line.spans {
                    prop_assert!(end <= *from && from < to && *to <= line.text.len());
                    prop_assert!(line.text.is_char_boundary(*from) && line.text.is_char_boundary(*to));
                    end = *to;
                }
                prop_assert!(!line.text.contains(char::is_control) || line.kind == LineKind::Command);
            }
        }
        // It makes no difference in which portions it was written.
        prop_assert_eq!(texts(&apart), texts(&together));
    }
}
