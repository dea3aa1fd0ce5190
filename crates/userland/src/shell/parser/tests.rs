//! What parses, what is refused, and that nothing makes the parser panic.

use proptest::prelude::*;

use super::*;
use crate::shell::Flavour;

fn parse(text: &str) -> Result<Script, SyntaxError> {
    Parser::new(text, crate::shell::Flavour::Bash).whole()
}

fn message(text: &str) -> String {
    parse(text).map_or_else(
        |error| format!("{}: {}", error.line, error.message(Flavour::Bash)),
        |_| "fine".to_owned(),
    )
}

#[test]
fn lines_that_were_read_to_know_whether_a_text_is_whole_are_given_again() {
    let mut parser = Parser::new("a\nb; c\n)\n", Flavour::Bash);
    assert!(!parser.wants_more());
    let mut items = || parser.next_line().map(|line| line.map(|s| s.items.len()));
    assert_eq!(items(), Ok(Some(1)));
    assert_eq!(items(), Ok(Some(2)));
    assert!(items().is_err());
    for beginning in ["a\nif b\n", "cat <<E\nx\n", "a \\\n", "echo 'x\n"] {
        assert!(Parser::new(beginning, Flavour::Bash).wants_more());
    }
}

#[test]
fn whole_grammar_parses() {
    for text in [
        "a=1 b=2 cmd x 'y z' \"q $a\" >out 2>&1 </dev/null &",
        "if a; then b; elif c; then d; else e; fi",
        "for i in 1 2 3; do echo $i; done | sort",
        "for i; do :; done",
        "for ((i=0; i<3; i++)); do echo $i; done",
        "while read -r x; do echo \"$x\"; done < f",
        "until false\ndo\nbreak\ndone",
        "case $x in a|b) one ;; (c*) two ;& *) ;; esac",
        "f() { echo hi; }; function g { f; }; g",
        "( a; b ) && { c || d; }",
        "[[ -f x && ( $a == b* || $c =~ ^(a|b)$ ) ]]",
        "(( i += 2 )) && echo $((i * 2)) $(( (1+2) * 3 ))",
        "cat <<A <<-'B'\none $x\nA\n\ttwo $x\n\tB\necho after",
        "echo `date` $(echo \"$(echo nested)\") ${x:-$(y)} ${#z} ${a%%.*} ${b/c/d}",
        "! true | false; time sleep 1",
        "echo a \\\n b # comment",
        "echo {a,b} ~ $'x\\n' \"$@\" &> all",
        "cmd |& other",
        "x=$(case a in a) echo b;; esac)",
    ] {
        assert!(parse(text).is_ok(), "{text}: {}", message(text));
    }
}

#[test]
fn errors_read_as_in_bash() {
    assert_eq!(
        message("echo hi; )"),
        "1: syntax error near unexpected token `)'"
    );
    assert_eq!(
        message("echo \"abc"),
        "1: unexpected EOF while looking for matching `\"'"
    );
    assert_eq!(
        message("if true; then echo x"),
        "2: syntax error: unexpected end of file from `if' command on line 1"
    );
    assert_eq!(
        message("> "),
        "1: syntax error near unexpected token `newline'"
    );
    assert_eq!(
        message("a && && b"),
        "1: syntax error near unexpected token `&&'"
    );
    assert_eq!(
        message("done"),
        "1: syntax error near unexpected token `done'"
    );
    assert_eq!(
        message("(a) b"),
        "1: syntax error near unexpected token `b'"
    );
    assert_eq!(
        message("$(foo"),
        "2: unexpected EOF while looking for matching `)'"
    );
}

#[test]
fn deep_nesting_is_refused() {
    for open in [
        "(", "$(", "{ ", "\"$(", "if ", "${a:-", "`", "$((", "[[ ( ", "! ",
    ] {
        let _ = parse(&open.repeat(3000));
    }
    assert_eq!(
        parse(&"( ".repeat(3000)).unwrap_err().kind,
        SyntaxErrorKind::TooDeep
    );
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn any_shell_like_text_parses_or_is_refused(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "$", "(", ")", "((", "))", "{", "}", "\"", "'", "`", "\\", "\n", " ", ";", ";;", "&", "&&", "|", "||", "<", "<<", ">", "EOF",
            "if", "then", "fi", "for", "in", "do", "done", "case", "esac", "[[", "]]", "=", "x=", "${", "#", "%", "/", ":-", "1", "!", "~", "*",
        ]), 0..60)
    ) {
        let _ = parse(&parts.concat());
        let _ = parse(&parts.join(" "));
    }
}
