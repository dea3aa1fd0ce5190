use super::rule::{Action, Rule, Services};

fn rule(words: &str) -> Result<Rule, String> {
    let mut words = words.split(' ');
    let action = words.next().and_then(Action::from_word).unwrap();
    let none = Services::none();
    Rule::parse(action, &words.collect::<Vec<_>>(), &none)
}

#[test]
fn rules_come_back_from_their_files_and_from_their_commands() {
    for words in [
        "allow 22/tcp",
        "deny 8080",
        "allow from 192.168.1.0/24 to any port 5432 proto tcp",
        "allow in on eth0 to any port 80",
        "allow out on eth0 to 192.168.1.1 port 53 proto udp",
        "reject out 25/tcp",
        "allow 6000:6007/tcp",
        "allow from 10.0.0.5 port 4000 to 192.168.1.10 port 5000 proto tcp",
    ] {
        let mut read = rule(words).unwrap();
        assert_eq!(read.command(), words);
        read.family = Some(false);
        assert_eq!(Rule::from_tuple(&read.tuple(false), false), Some(read));
    }
}

#[test]
fn what_makes_no_sense_is_refused_in_ufws_words() {
    for (words, error) in [
        ("allow 99999", "Bad port"),
        ("allow 80/icmp", "Bad port"),
        ("allow foo", "Could not find a profile matching 'foo'"),
        ("allow in on", "Could not find a profile matching 'in'"),
        ("allow from 1.2.3", "Bad source address"),
        (
            "allow 1,2,3",
            "Must specify 'tcp' or 'udp' with multiple ports",
        ),
    ] {
        assert_eq!(rule(words), Err(error.to_owned()), "{words}");
    }
}
