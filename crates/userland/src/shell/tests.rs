//! The shell as its users meet it.

use crate::Flavour;
use crate::testutil::Lab;

fn bash(script: &str) -> (String, i32) {
    Lab::new(Flavour::Gnu).sh("bash", script)
}

fn out(script: &str) -> String {
    bash(script).0
}

#[test]
fn words_expand() {
    assert_eq!(out("x='a b'; echo $x \"$x\" '$x' \\$x"), "a b a b $x $x\n");
    assert_eq!(
        out(
            "echo ${u:-dflt} ${u-d2} ${HOME:+yes} ${#HOME} ${HOME%o*} ${HOME##*/} ${HOME/r/R} ${HOME:1:2}"
        ),
        "dflt d2 yes 5 /ro root /Root ro\n"
    );
    assert_eq!(
        out("echo ${n:=5} $n; x=abc; echo ${x^} ${x^^} ${x/b/} ${x//[ac]/-}"),
        "5 5\nAbc ABC ac -b-\n"
    );
    assert_eq!(
        out(
            "set -- a 'b c' d; echo $# \"$2\" $*; for i in \"$@\"; do echo \"<$i>\"; done; shift; echo \"${@:1}\""
        ),
        "3 b c a b c d\n<a>\n<b c>\n<d>\nb c d\n"
    );
    assert_eq!(
        out("echo {1..3} a{x,y}b ~ $((2 * (3 + 4))) $(echo in; echo side) `echo back`"),
        "1 2 3 axb ayb /root 14 in side back\n"
    );
    assert_eq!(out("cd /etc; echo *.x p*d [n-q]*"), "*.x passwd passwd\n");
    assert_eq!(
        out("IFS=:; x=a:b::c; printf '<%s>' $x; echo"),
        "<a><b><><c>\n"
    );
    assert_eq!(
        out("x=1; x+=2; y=$x; echo $y; echo $'tab\\there'"),
        "12\ntab\there\n"
    );
}

#[test]
fn commands_compose() {
    assert_eq!(
        out("if true && ! false; then echo yes; else echo no; fi"),
        "yes\n"
    );
    assert_eq!(
        out("for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done"),
        "1\n3\n"
    );
    assert_eq!(
        out("i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done"),
        "1\n2\n3\n"
    );
    assert_eq!(
        out("i=0; until [ $i -ge 100 ]; do ((i++)); [[ $i == 5 ]] && break; done; echo $i"),
        "5\n"
    );
    assert_eq!(
        out("for ((i=0;i<3;i++)); do echo -n $i; done; echo"),
        "012\n"
    );
    assert_eq!(
        out("i=0; for (( ; ; )); do ((++i > 3)) && break; done; echo $i"),
        "4\n"
    );
    assert_eq!(
        out("case hello in a) echo a;; h*|x) echo h;; *) echo other;; esac"),
        "h\n"
    );
    assert_eq!(
        out("f() { local x=2; echo $x $1; return 3; }; x=1; f arg; echo $? $x"),
        "2 arg\n3 1\n"
    );
    assert_eq!(out("(x=2; cd /etc; exit 4); echo $? $x $PWD"), "4 /root\n");
    assert_eq!(
        out("{ echo a; echo b; } | while read x; do echo \"<$x>\"; done"),
        "<a>\n<b>\n"
    );
    assert_eq!(out("echo one two | { read a b; echo $b $a; }"), "two one\n");
    assert_eq!(
        out("false | true; echo $?; set -o pipefail; false | true; echo $?"),
        "0\n1\n"
    );
    assert_eq!(out("a=1 b=2 sh -c 'echo $a $b'; echo \"$a\""), "1 2\n\n");
    assert_eq!(
        out("[[ abc =~ ^a(b|x)c$ ]] && echo match; [[ -d /etc && ! -f /etc ]] && echo dir"),
        "match\ndir\n"
    );
    assert_eq!(
        out("eval 'x=5; echo $x'; command -v echo; type cd"),
        "5\necho\ncd is a shell builtin\n"
    );
}

#[test]
fn redirections_go_where_they_say() {
    assert_eq!(
        out("echo a > f; echo b >> f; read x < f; echo $x; { read a; read b; echo $b; } < f"),
        "a\nb\n"
    );
    assert_eq!(
        out(
            "x=5; while read l; do echo \"[$l]\"; done <<EOF\none $x\n\\$x\nEOF\nwhile read l; do echo $l; done <<'E'\n$x\nE"
        ),
        "[one 5]\n[$x]\n$x\n"
    );
    assert_eq!(out("read x <<< 'here string'; echo $x"), "here string\n");
    assert_eq!(
        out(
            "nosuch 2>/dev/null; echo $?; { echo out; nosuch; } > f 2>&1; while read l; do echo \"> $l\"; done < f"
        ),
        "127\n> out\n> bash: line 1: nosuch: command not found\n"
    );
    assert_eq!(
        out("exec 3>f; echo hi >&3; exec 3>&-; read x < f; echo $x; echo x >&3"),
        "hi\nbash: line 1: 3: Bad file descriptor\n"
    );
}

#[test]
fn failures_read_as_in_bash() {
    assert_eq!(
        bash("foo"),
        ("bash: line 1: foo: command not found\n".to_owned(), 127)
    );
    assert_eq!(
        bash("/etc"),
        ("bash: line 1: /etc: Is a directory\n".to_owned(), 126)
    );
    assert_eq!(
        bash("/etc/passwd"),
        (
            "bash: line 1: /etc/passwd: Permission denied\n".to_owned(),
            126
        )
    );
    assert_eq!(
        bash("./nofile"),
        (
            "bash: line 1: ./nofile: No such file or directory\n".to_owned(),
            127
        )
    );
    assert_eq!(bash("echo hi; )"), ("bash: -c: line 1: syntax error near unexpected token `)'\nbash: -c: line 1: `echo hi; )'\n".to_owned(), 2));
    assert_eq!(
        bash("echo $((1/0)); echo no"),
        (
            "bash: line 1: 1/0: division by 0 (error token is \"0\")\n".to_owned(),
            1
        )
    );
    assert_eq!(
        bash("echo ${x:?}; echo no"),
        (
            "bash: line 1: x: parameter null or not set\n".to_owned(),
            127
        )
    );
    assert_eq!(
        bash("set -u; echo $nope; echo no"),
        ("bash: line 1: nope: unbound variable\n".to_owned(), 127)
    );
    assert_eq!(
        bash("cd /nope"),
        (
            "bash: line 1: cd: /nope: No such file or directory\n".to_owned(),
            1
        )
    );
    assert_eq!(
        bash("echo a > /nope/x"),
        (
            "bash: line 1: /nope/x: No such file or directory\n".to_owned(),
            1
        )
    );
    assert_eq!(bash("set -e; false; echo no"), (String::new(), 1));
    assert_eq!(
        bash("set -e; if false; then :; fi; false || true; ! true; echo yes"),
        ("yes\n".to_owned(), 0)
    );
    assert_eq!(bash("exit 300"), (String::new(), 44));
    assert_eq!(
        bash("readonly q=1; q=2"),
        ("bash: line 1: q: readonly variable\n".to_owned(), 1)
    );
    assert_eq!(
        bash("\nfoo\n\nbar").0,
        "bash: line 2: foo: command not found\nbash: line 4: bar: command not found\n"
    );
}

#[test]
fn failures_read_as_in_dash_and_ash() {
    let mut lab = Lab::new(Flavour::Gnu);
    assert_eq!(
        lab.sh("dash", "foo"),
        ("dash: 1: foo: not found\n".to_owned(), 127)
    );
    assert_eq!(
        lab.sh("dash", "exec foo"),
        ("dash: 1: exec: foo: not found\n".to_owned(), 127)
    );
    assert_eq!(
        lab.sh("dash", "echo hi; )"),
        ("dash: 1: Syntax error: \")\" unexpected\n".to_owned(), 2)
    );
    assert_eq!(
        lab.sh("dash", "cat < /nope"),
        ("dash: 1: cannot open /nope: No such file\n".to_owned(), 2)
    );
    assert_eq!(
        lab.sh("dash", "{ :; } < /nope; echo $?").0.lines().last(),
        Some("2")
    );
    let mut lab = Lab::new(Flavour::Busybox);
    assert_eq!(
        lab.sh("sh", "foo"),
        ("sh: line 0: foo: not found\n".to_owned(), 127)
    );
    assert_eq!(
        lab.sh("sh", "exec foo"),
        ("sh: exec: line 0: foo: not found\n".to_owned(), 127)
    );
    assert_eq!(
        lab.sh("sh", "cd /nope"),
        (
            "sh: cd: line 0: can't cd to /nope: No such file or directory\n".to_owned(),
            2
        )
    );
    assert_eq!(
        lab.sh("sh", "if true; then"),
        (
            "sh: line 0: syntax error: unexpected end of file (expecting \"fi\")\n".to_owned(),
            2
        )
    );
}

#[test]
fn jobs_and_traps() {
    assert_eq!(out("(exit 3) & wait $!; echo $?"), "3\n");
    assert_eq!(out("trap 'echo bye' EXIT; echo hi"), "hi\nbye\n");
    assert_eq!(
        out("trap 'echo got' TERM; kill -TERM $$; echo after"),
        "got\nafter\n"
    );
    assert_eq!(bash("kill -9 $$"), ("Killed\n".to_owned(), 137));
    assert_eq!(
        out("f() { f; }; f; echo $?").lines().last(),
        Some("bash: line 1: maximum nesting level exceeded (60)")
    );
}

#[test]
fn scripts_run_by_name_and_shebang() {
    let mut lab = Lab::new(Flavour::Gnu);
    lab.put("/root/a.sh", "#!/bin/bash\necho $0 $1\nnosuch\n");
    lab.put("/root/b.sh", "echo plain $1\n");
    assert_eq!(
        lab.sh("bash", "./a.sh x; bash a.sh y; ./b.sh z").0,
        "./a.sh x\n./a.sh: line 3: nosuch: command not found\na.sh y\na.sh: line 3: nosuch: command not found\nplain z\n"
    );
}

#[test]
fn a_terminal_talks_and_ctrl_c_stops_what_runs() {
    let mut lab = Lab::new(Flavour::Gnu);
    let tty = lab.terminal("bash");
    for line in [
        "x=1\n",
        "echo $x\n",
        "if true\n",
        "then echo multi; fi\n",
        "while true; do :; done\n",
    ] {
        lab.world.kernel(|k| k.tty_type(tty, line));
        lab.world.run(
            lab.world.now() + kernel::time::Duration::from_millis(200),
            100_000,
            |_| false,
        );
    }
    lab.world.kernel(|k| k.tty_interrupt(tty));
    lab.settle(1);
    lab.world.kernel(|k| k.tty_type(tty, "echo $?\nnosuch\n"));
    lab.settle(1);
    lab.world.kernel(|k| k.tty_eof(tty));
    lab.settle(1);
    let screen = lab.screen(tty);
    let expected = "root@hostA:~# x=1\nroot@hostA:~# echo $x\n1\nroot@hostA:~# if true\n> then echo multi; fi\nmulti\nroot@hostA:~# while true; do :; done\n^C\nroot@hostA:~# ";
    assert!(screen.starts_with(expected), "{screen}");
    assert!(
        screen.contains("130\n")
            && screen.contains("bash: nosuch: command not found\n")
            && screen.ends_with("exit\n"),
        "{screen}"
    );
}
