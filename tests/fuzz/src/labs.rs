//! What a front end or another program hands to a lab: lines and keys, saved labs, requests, transcripts.

use drydock::pipe::Pipe;
use drydock::{play, transcript};
use kernel::rng::Rng;
use lab::Lab;
use lab::log::{Input as Act, Key};

use crate::Input;
use crate::corpus::Corpus;
use crate::targets::Tell;

const SECOND: u64 = 1_000_000_000;

/// How many steps a request may take: fewer than anybody else's, since there may be minutes to simulate.
const STEPS: u64 = 30_000;

/// Recorded commands.
pub(crate) fn lines(corpus: &Corpus) -> Vec<Input> {
    corpus
        .commands
        .iter()
        .map(|c| c.clone().into_bytes())
        .collect()
}

/// Recorded commands of Compose.
pub(crate) fn compose_commands(corpus: &Corpus) -> Vec<Input> {
    let of_compose = corpus
        .commands
        .iter()
        .filter(|c| c.starts_with("docker compose"));
    of_compose.map(|c| c.clone().into_bytes()).collect()
}

/// The beginnings of recordings: a whole one takes too long.
pub(crate) fn transcripts(corpus: &Corpus) -> Vec<Input> {
    let beginning = |text: &String| text.split_inclusive('\n').take(40).collect::<String>();
    corpus
        .transcripts
        .iter()
        .map(|t| beginning(t).into_bytes())
        .collect()
}

/// A transcript is played, or what is wrong with it is said; what is read is printed so that it is read as the same.
pub(crate) fn play(input: &[u8]) -> Result<(), String> {
    let Ok(read) = transcript::parse(&String::from_utf8_lossy(input)) else {
        return Ok(());
    };
    let head = read.head.iter().map(|line| format!("{line}\n"));
    let printed: String = head
        .chain(read.steps.iter().map(transcript::Step::render))
        .collect();
    if transcript::parse(&printed).as_ref() != Ok(&read) {
        return Err(format!("printed and read again, it is another: {printed}"));
    }
    let _ = play::run(&read);
    Ok(())
}

/// Saved labs.
pub(crate) fn saved(_: &Corpus) -> Vec<Input> {
    let mut texts = Vec::new();
    for scenario in ["lan", "strict", "recording"] {
        let Ok(mut lab) = Lab::new(scenario, 1) else {
            continue;
        };
        texts.push(lab.save().into_bytes());
        for text in ["docker run -d --name web nginx", "ping 192.168.1.1"] {
            lab.apply(Act::Line {
                terminal: 1,
                text: text.into(),
            });
            lab.run_until(lab.now() + SECOND / 2);
        }
        lab.apply(Act::Key {
            terminal: 1,
            key: Key::Interrupt,
        });
        lab.apply(Act::OpenTerminal {
            machine: "laptop".into(),
        });
        lab.apply(Act::CloseTerminal { terminal: 2 });
        lab.apply(Act::Key {
            terminal: 4,
            key: Key::Eof,
        });
        lab.run_until(lab.now() + SECOND);
        texts.push(lab.save().into_bytes());
    }
    texts
}

/// A saved lab is restored or refused, and one that is restored is saved as the same.
pub(crate) fn restore(input: &[u8]) -> Result<(), String> {
    let Ok(lab) = Lab::restore(&String::from_utf8_lossy(input)) else {
        return Ok(());
    };
    let again = Lab::restore(&lab.save()).map_err(|e| format!("refused when saved again: {e}"))?;
    agree(&lab, &again)
}

/// Two labs that show the same.
fn agree(a: &Lab, b: &Lab) -> Result<(), String> {
    if a.save() != b.save() {
        Err(format!("another log: {}\n{}", a.save(), b.save()))
    } else if a.terminals() != b.terminals() {
        Err(format!(
            "other terminals: {:?}\n{:?}",
            a.terminals(),
            b.terminals()
        ))
    } else if *a.topology() != *b.topology() {
        Err("another stage".into())
    } else {
        Ok(())
    }
}

/// Every line is answered by one.
pub(crate) fn pipe(inputs: &[Input], _: &mut Rng, tell: Tell<'_>) -> Result<(), String> {
    let mut pipe = Pipe::new()?;
    for (number, input) in (0..).zip(inputs) {
        tell(number, input)?;
        // Again for each: a reset makes another lab.
        pipe.limit_steps(STEPS);
        let answer = pipe.answer(&String::from_utf8_lossy(input));
        if !answer.starts_with('{') || answer.contains('\n') {
            return Err(format!("answered with {answer}"));
        }
    }
    let answer = pipe.answer(r#"{"run": "echo still here"}"#);
    if answer == r#"{"out":"still here\n","exit":0}"# {
        Ok(())
    } else {
        Err(format!("afterwards it answers {answer}"))
    }
}

/// Whatever is typed, the prompt comes back, if need be after Ctrl-C, and the shell answers.
pub(crate) fn terminal(inputs: &[Input], rng: &mut Rng, tell: Tell<'_>) -> Result<(), String> {
    let mut lab = Lab::new("lan", 1)?;
    for (number, input) in (0..).zip(inputs) {
        tell(number, input)?;
        let text = String::from_utf8_lossy(input).into_owned();
        // Two machines' terminals in turn, so that neither waits for the other.
        let terminal = 1 + u32::from(rng.below(4) == 0);
        lab.apply(Act::Line { terminal, text });
        lab.run_until(lab.now() + rng.below(3 * SECOND));
        look(&lab);
    }
    for terminal in [1, 2] {
        back_to_work(&mut lab, terminal)?;
    }
    Ok(())
}

/// Brings a terminal back to its prompt, or finds that its shell has ended.
fn back_to_work(lab: &mut Lab, terminal: u32) -> Result<(), String> {
    const ANSWER: &str = "still here";
    let shown = |lab: &Lab| lab.terminals().into_iter().find(|t| t.id == terminal);
    // Several times: a line may start shells in shells, and programs that read what is meant for the shell.
    for attempt in 0..20 {
        lab.run_until(lab.now() + SECOND);
        if !shown(lab).is_none_or(|t| t.idle) {
            let key = if attempt % 4 == 3 {
                Key::Eof
            } else {
                Key::Interrupt
            };
            lab.apply(Act::Key { terminal, key });
            continue;
        }
        let text = "echo still' 'here".into();
        lab.apply(Act::Line { terminal, text });
        lab.run_until(lab.now() + SECOND);
        let lines = shown(lab).map(|t| t.lines).unwrap_or_default();
        let answered = lines.iter().rev().take(3).any(|l| l.text == ANSWER);
        if answered || lines.last().is_some_and(|l| l.text == "logout") {
            return Ok(());
        }
        lab.apply(Act::Key {
            terminal,
            key: Key::Interrupt,
        });
    }
    let lines = shown(lab).map(|t| t.lines).unwrap_or_default();
    let last: Vec<&str> = lines.iter().rev().take(5).map(|l| &*l.text).collect();
    Err(format!("terminal {terminal} does not come back: {last:?}"))
}

/// Reads all that a page would show.
fn look(lab: &Lab) {
    let stage = lab.topology();
    let _ = (
        lab.journeys(),
        lab.dns(),
        lab.explanation(),
        lab.flights(20),
        lab.rules("hostA"),
    );
    let containers = stage
        .machines
        .iter()
        .flat_map(|m| m.containers.iter().map(|c| &c.id));
    for node in stage.machines.iter().map(|m| &m.id).chain(containers) {
        let _ = (
            lab.details(node),
            lab.actions(node),
            lab.offers(node),
            lab.contacts(node, "nowhere"),
        );
    }
}

/// Whatever is done, taken back and done again, at whatever times: the lab is then what its log says it is.
pub(crate) fn playback(inputs: &[Input], rng: &mut Rng, tell: Tell<'_>) -> Result<(), String> {
    let mut lab = Lab::new("lan", 1)?;
    for (number, input) in (0..).zip(inputs) {
        tell(number, input)?;
        let text = String::from_utf8_lossy(input).into_owned();
        let far = [0, 1, 4, 5, u32::MAX];
        let terminal = if rng.below(4) == 0 {
            far.get(rng.below(5) as usize).copied().unwrap_or(0)
        } else {
            1
        };
        let line = Act::Line {
            terminal,
            text: text.clone(),
        };
        match rng.below(12) {
            0 => lab.undo(),
            1 => lab.redo(),
            2 => lab.apply_at(line, rng.next_u64()),
            3 => lab.apply_at(
                Act::Key {
                    terminal,
                    key: Key::Interrupt,
                },
                lab.now() / 2,
            ),
            4 => lab.apply(Act::Key {
                terminal,
                key: Key::Eof,
            }),
            5 => lab.apply(Act::OpenTerminal {
                machine: text.clone(),
            }),
            6 => lab.apply(Act::CloseTerminal { terminal }),
            7 => {
                let cursor = rng.next_u64() as usize;
                let _ = (
                    lab.complete(terminal, &text, cursor),
                    lab.complete(terminal, &text, text.len()),
                );
                let _ = (
                    lab.packet(&text, cursor),
                    lab.details(&text),
                    lab.rules(&text),
                    lab.offers(&text),
                );
                let _ = (
                    lab.actions(&text),
                    lab.contacts(&text, &text),
                    lab.images(&text),
                );
                let _ = (
                    lab.journeys_since(rng.next_u64()),
                    lab.topology_at(rng.next_u64()),
                );
            }
            _ => lab.apply(line),
        }
        lab.run_until(lab.now() + rng.below(SECOND));
        look(&lab);
    }
    let again = Lab::restore(&lab.save())?;
    agree(&lab, &again)
}
