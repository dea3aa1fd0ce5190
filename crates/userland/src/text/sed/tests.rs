use super::parse;
use super::run::edited;
use crate::io;

fn sed(script: &str, extended: bool, quiet: bool, text: &str) -> String {
    let commands = parse::script(script, extended).unwrap();
    let lines = text
        .lines()
        .map(|line| io::Line {
            text: line.to_owned(),
            ended: true,
        })
        .collect();
    let (out, code, _) = edited(&commands, quiet, lines);
    assert_eq!(code, Ok(0), "{script}");
    out
}

#[test]
fn scripts_edit_as_in_gnu_sed() {
    assert_eq!(sed("s/a/b/", false, false, "aa\nca"), "ba\ncb\n");
    assert_eq!(sed("s/a/[&]/g", false, false, "aba"), "[a]b[a]\n");
    assert_eq!(
        sed(
            r"s/^(\w+ +[0-9]+) [0-9]+/\1/; s/sport=[0-9]+/sport=X/",
            true,
            false,
            "tcp      6 117 TIME sport=33"
        ),
        "tcp      6 TIME sport=X\n"
    );
    assert_eq!(sed("2d", false, false, "1\n2\n3"), "1\n3\n");
    assert_eq!(sed("2,3p;$!d", false, true, "1\n2\n3\n4"), "2\n3\n");
    assert_eq!(
        sed("/b/,/d/s/^/> /", false, false, "a\nb\nc\nd\ne"),
        "a\n> b\n> c\n> d\ne\n"
    );
    assert_eq!(
        sed("y/abc/xyz/;2q", false, false, "aabb\nc\nd"),
        "xxyy\nz\n"
    );
    assert_eq!(
        sed("s|/usr|/opt|2;s/X/\\n/", false, false, "/usr/usrX"),
        "/usr/opt\n\n"
    );
    assert_eq!(
        sed("1i\\top\n$a bottom", false, false, "x"),
        "top\nx\nbottom\n"
    );
    assert_eq!(
        sed(":a;N;$!ba;s/\\n/,/g", false, false, "1\n2\n3"),
        "1,2,3\n"
    );
    assert_eq!(sed("s/x*/-/g", false, false, "abc"), "-a-b-c-\n");
    assert_eq!(
        sed(
            "s/veth[0-9a-f]*/veth/; s/<.*//",
            false,
            false,
            "veth1a2b <UP>"
        ),
        "veth \n"
    );
    assert_eq!(sed("s/\\(.*\\)b/\\U\\1/I", false, false, "aaB"), "AA\n");
}

#[test]
fn less_usual_commands_work() {
    let text = "1\n2\n3\n4";
    assert_eq!(sed("/2/,+1d", false, false, text), "1\n4\n");
    assert_eq!(sed("0,/[13]/s//x/", false, false, text), "x\n2\n3\n4\n");
    assert_eq!(sed("s/2/&\\t/;T;l", false, true, text), "2\\t$\n");
    let commands = parse::script("2w out", false).unwrap();
    let line = |text: &str| io::Line {
        text: text.to_owned(),
        ended: true,
    };
    let done = edited(&commands, true, vec![line("a"), line("b")]);
    assert_eq!(done.2, vec![("out", "b\n".to_owned())]);
    assert_eq!(
        parse::script("s/a/\\1/", false).unwrap_err().1,
        "invalid reference \\1 on `s' command's RHS"
    );
}

#[test]
fn endless_scripts_are_stopped() {
    let commands = parse::script(":a;ba", false).unwrap();
    assert!(
        edited(
            &commands,
            false,
            vec![io::Line {
                text: String::new(),
                ended: true
            }]
        )
        .1
        .is_err()
    );
    assert!(
        parse::script("s/a/b", false).is_err()
            && parse::script("k", false).is_err()
            && parse::script("{p", false).is_err()
    );
}
