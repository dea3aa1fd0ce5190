//! What the tables make of command lines and help, compared with recorded docker 28.5.2.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test wants one outcome")]

use super::*;
use crate::docker::DOCKER;

fn words(line: &str) -> Vec<String> {
    line.split(' ')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

fn fails(line: &str) -> (String, i32) {
    match interpret(&DOCKER, &words(line)) {
        Interpretation::Fail(failure) => (failure.text, failure.code),
        other => panic!("{line}: {other:?}"),
    }
}

fn runs(line: &str) -> Parsed {
    match interpret(&DOCKER, &words(line)) {
        Interpretation::Run { parsed, .. } => parsed,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn mistakes_are_told_in_dockers_words() {
    let (text, code) = fails("network connect --bogus a b");
    assert_eq!(code, 125);
    assert_eq!(
        text,
        "unknown flag: --bogus\n\nUsage:  docker network connect [OPTIONS] NETWORK CONTAINER\n\n\
         Run 'docker network connect --help' for more information"
    );
    let first_line = |line: &str| fails(line).0.lines().next().unwrap().to_owned();
    assert_eq!(
        first_line("run -xyz busybox"),
        "unknown shorthand flag: 'x' in -xyz"
    );
    assert_eq!(
        first_line("run -itx busybox"),
        "unknown shorthand flag: 'x' in -x"
    );
    assert_eq!(first_line("run -p"), "flag needs an argument: 'p' in -p");
    assert_eq!(
        first_line("network ls --format"),
        "flag needs an argument: --format"
    );
    assert_eq!(first_line("run --=x busybox"), "bad flag syntax: --=x");
    assert_eq!(
        first_line("run -d=maybe busybox true"),
        "invalid argument \"maybe\" for \"-d, --detach\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax"
    );
    assert_eq!(
        first_line("network ls -f driver"),
        "invalid argument \"driver\" for \"-f, --filter\" flag: bad format of filter (expected name=value)"
    );
    assert_eq!(
        fails("-H").0,
        "flag needs an argument: 'H' in -H\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information"
    );
}

#[test]
fn a_wrong_number_of_arguments_is_told_with_the_usage_line() {
    let (text, code) = fails("port a b c");
    assert_eq!(code, 1);
    assert_eq!(
        text,
        "docker: 'docker port' requires at least 1 and at most 2 arguments\n\n\
         Usage:  docker port CONTAINER [PRIVATE_PORT[/PROTO]]\n\nRun 'docker port --help' for more information"
    );
    let third = |line: &str| fails(line).0.lines().last().unwrap().to_owned();
    assert_eq!(
        third("stop"),
        "See 'docker stop --help' for more information"
    );
    assert_eq!(
        third("images a b"),
        "SRun 'docker images --help' for more information"
    );
    assert!(
        fails("network prune extra")
            .0
            .starts_with("docker: 'docker network prune' accepts no arguments\n")
    );
    assert!(
        fails("network connect one")
            .0
            .starts_with("docker: 'docker network connect' requires 2 arguments\n")
    );
    assert!(
        fails("exec web")
            .0
            .starts_with("docker: 'docker exec' requires at least 2 arguments\n")
    );
}

#[test]
fn unknown_commands_are_told() {
    assert_eq!(
        fails("foo").0,
        "docker: unknown command: docker foo\n\nRun 'docker --help' for more information"
    );
    assert_eq!(
        fails("container foo bar").0,
        "docker: unknown command: docker container foo\n\nUsage:  docker container\n\n\
         Run 'docker container --help' for more information"
    );
    for (line, unknown) in [
        ("help network foo", "foo"),
        ("help foo bar", "foo bar"),
        ("help ps extra", "extra"),
        ("help help help", "help"),
    ] {
        assert_eq!(fails(line).0, format!("unknown help topic: {unknown}"));
    }
}

#[test]
fn help_is_given_before_a_word_is_looked_at() {
    for (line, of) in [
        ("nosuch --help", "docker"),
        ("network nosuch -h", "docker network"),
        ("--help network create", "docker network create"),
        ("network create a b c --help", "docker network create"),
    ] {
        let Interpretation::Help {
            path, to_stderr, ..
        } = interpret(&DOCKER, &words(line))
        else {
            panic!("no help: {line}")
        };
        assert_eq!((path.as_str(), to_stderr), (of, false), "{line}");
    }
}

#[test]
fn flags_of_run_end_at_the_image() {
    let run = runs("run -it --rm=false -p8080:80 -p 9090:90 --net x busybox sh -c --rm");
    assert_eq!(run.args, ["busybox", "sh", "-c", "--rm"]);
    assert!(run.on("interactive") && run.on("tty") && !run.on("rm"));
    assert_eq!(run.all("publish"), ["8080:80", "9090:90"]);
    assert_eq!(run.all("network"), ["x"]);
    assert!(run.on("sig-proxy"));
    assert_eq!(
        runs("exec -i web ping -c 1 db").args,
        ["web", "ping", "-c", "1", "db"]
    );
    assert_eq!(runs("top web -o pid").args, ["web", "-o", "pid"]);
    assert_eq!(runs("top web").args, ["web"]);
    let connect = runs("network connect net web --alias a,b --alias c");
    assert_eq!(connect.args, ["net", "web"]);
    assert_eq!(connect.all("alias"), ["a", "b", "c"]);
}

#[test]
fn deprecated_flags_are_noticed() {
    let stop = runs("stop --time 1 x");
    assert_eq!(
        stop.notices,
        ["Flag --time has been deprecated, use --timeout instead"]
    );
    assert_eq!(stop.int("time"), 1);
}

#[test]
fn help_is_wrapped_as_on_a_terminal_of_80_columns() {
    let Interpretation::Help {
        command,
        path,
        to_stderr,
        ..
    } = interpret(&DOCKER, &words("network connect --help"))
    else {
        panic!("no help")
    };
    assert!(!to_stderr);
    assert_eq!(
        help(command, &path, HelpContext::default()),
        "\
Usage:  docker network connect [OPTIONS] NETWORK CONTAINER

Connect a container to a network

Options:
      --alias strings           Add network-scoped alias for the container
      --driver-opt strings      driver options for the network
      --gw-priority int         Highest gw-priority provides the default
                                gateway. Accepts positive and negative values.
      --ip string               IPv4 address (e.g., \"172.30.100.104\")
      --ip6 string              IPv6 address (e.g., \"2001:db8::33\")
      --link list               Add link to another container
      --link-local-ip strings   Add a link-local address for the container
"
    );
}

#[test]
fn swarm_shows_only_what_can_be_done_outside_of_one() {
    let Interpretation::Help {
        command,
        path,
        to_stderr,
        ..
    } = interpret(&DOCKER, &words("swarm"))
    else {
        panic!("no help")
    };
    assert!(to_stderr);
    assert_eq!(
        help(command, &path, HelpContext::default()),
        "\
Usage:  docker swarm COMMAND

Manage Swarm

Commands:
  init        Initialize a swarm
  join        Join a swarm as a node and/or manager

Run 'docker swarm COMMAND --help' for more information on a command.
"
    );
}
