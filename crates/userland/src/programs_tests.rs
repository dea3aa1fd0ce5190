//! Programs as the shell runs them, in both flavours.

use crate::Flavour;
use crate::testutil::Lab;

fn gnu(script: &str) -> String {
    Lab::new(Flavour::Gnu).sh("bash", script).0
}

fn busybox(script: &str) -> String {
    Lab::new(Flavour::Busybox).sh("sh", script).0
}

#[test]
fn text_flows_through_pipes() {
    assert_eq!(
        gnu("seq 1 5 | head -2; seq 5 | tail -n +4; seq 3 | tail -1"),
        "1\n2\n4\n5\n3\n"
    );
    assert_eq!(
        gnu(
            "printf 'b 2\\na 10\\nb 2\\n' | sort | uniq -c; printf '10\\n9\\n' | sort -n; printf 'a 2\\nb 1\\n' | sort -k2 -n"
        ),
        "      1 a 10\n      2 b 2\n9\n10\nb 1\na 2\n"
    );
    assert_eq!(
        gnu(
            "printf 'a:b:c\\nx\\n' | cut -d: -f1,3; echo abcdef | cut -c2-3; echo hello | tr a-y b-z | tr -d f"
        ),
        "a:c\nx\nbc\nimmp\n"
    );
    assert_eq!(
        gnu(
            "printf 'Foo\\nbar\\nfoo\\n' | grep -ci FOO; printf 'aXb\\n' | grep -o '[A-Z]*'; printf '1\\n2\\n3\\n' | grep -A1 -n 2; echo x | grep -q y || echo no"
        ),
        "2\nX\n2:2\n3-3\nno\n"
    );
    assert_eq!(
        gnu("printf 'one two\\nthree\\n' | wc; printf 'a\\n' | wc -l; printf abc > f; wc -c f"),
        "      2       3      14\n1\n3 f\n"
    );
    assert_eq!(
        gnu(
            "printf 'a b\\nc\\n' | xargs echo; printf '1\\n2\\n' | xargs -I{} echo n{}; echo hi | tee f | cat - f"
        ),
        "a b c\nn1\nn2\nhi\nhi\n"
    );
    assert_eq!(gnu("yes | head -2"), "y\ny\n");
    assert_eq!(
        gnu("echo aGk= | base64 -d; echo; echo -n hi | base64"),
        "hi\naGk=\n"
    );
    assert_eq!(
        gnu("cat /nope; ls --foo; ls --zero; sort -R"),
        "cat: /nope: No such file or directory\nls: unrecognized option '--foo'\nTry 'ls --help' for more information.\nls: option --zero is not modelled in Drydock\nsort: option -R is not modelled in Drydock\n"
    );
}

#[test]
fn files_come_and_go() {
    assert_eq!(
        gnu("mkdir -p d/e; touch d/x d/.h; ls d; ls -a d; ls -1F d; rm d; rm -r d; ls d"),
        "e\nx\n.\n..\n.h\ne\nx\ne/\nx\nrm: cannot remove 'd': Is a directory\nls: cannot access 'd': No such file or directory\n"
    );
    assert_eq!(
        gnu(
            "echo a > x; cp x y; mv y z; ln -s z l; readlink l; cat l; find . -type l; basename /a/b.c .c; dirname /a/b.c"
        ),
        "z\na\n./l\nb\n/a\n"
    );
    assert_eq!(
        gnu("cd /; ls -l etc/passwd"),
        "-rw-r--r-- 1 root root 73 Nov 10 09:00 etc/passwd\n"
    );
    assert_eq!(
        busybox(
            "ls /nope; cat /nope; rm nope; mkdir /etc; cp a b; mv a b; head -n x; sleep x; [ a -eq 1 ]"
        ),
        "ls: /nope: No such file or directory\ncat: can't open '/nope': No such file or directory\nrm: can't remove 'nope': No such file or directory\nmkdir: can't create directory '/etc': File exists\ncp: can't stat 'a': No such file or directory\nmv: can't rename 'a': No such file or directory\nhead: invalid number 'x'\nsleep: invalid number 'x'\nsh: a: bad number\n"
    );
}

#[test]
fn time_and_processes() {
    assert_eq!(
        gnu("date +%F; sleep 90061; date +%F; sleep 0.5; whoami; id; hostname; nproc"),
        "2025-11-10\n2025-11-11\nroot\nuid=0(root) gid=0(root) groups=0(root)\nhostA\n2\n"
    );
    assert_eq!(
        gnu(
            "timeout 1 sleep 5; echo $?; timeout 5 sleep 1; echo $?; sleep 100 & kill $!; wait $!; echo $?"
        ),
        "124\n0\n143\n"
    );
    assert_eq!(busybox("timeout 1 sleep 3; echo $?"), "Terminated\n143\n");
    assert_eq!(
        gnu(
            "sleep 50 & pgrep -a sleep | cut -d' ' -f2-; pkill sleep; ps -o comm= | sort | tail -1; which cat nope; env -i A=1 env"
        ),
        "sleep 50\ntail\n/bin/cat\nA=1\n"
    );
    assert_eq!(
        gnu("(sleep 3; echo late) & sleep 1; echo early; wait"),
        "early\nlate\n"
    );
}
