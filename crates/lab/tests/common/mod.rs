//! Typing in a lab, for tests.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test may fail, and need not use all"
)]

use lab::Lab;
use lab::log::Input;
use lab::view::Explanation;

/// Types a line on a machine and waits for its end: the exit status.
pub(crate) fn run(lab: &mut Lab, machine: &str, text: &str) -> i32 {
    let on = |lab: &Lab| lab.terminals().into_iter().find(|t| t.machine == machine);
    if on(lab).is_none() {
        let machine = machine.to_owned();
        lab.apply(Input::OpenTerminal { machine });
        lab.run_idle(1_000_000_000);
    }
    let terminal = on(lab).unwrap().id;
    let number = lab.next_input();
    lab.apply(Input::Line {
        terminal,
        text: text.to_owned(),
    });
    assert!(lab.run_idle(300_000_000_000), "{text} did not end");
    let screen = on(lab).unwrap();
    let run = screen.runs.iter().find(|r| r.input == number);
    run.and_then(|r| r.exit).unwrap()
}

/// A fresh lab in which these lines were typed on hostA.
pub(crate) fn with(scenario: &str, lines: &[&str]) -> Lab {
    let mut lab = Lab::new(scenario, 1).unwrap();
    for line in lines {
        assert_eq!(run(&mut lab, "hostA", line), 0, "{line}");
    }
    lab
}

/// Runs what must fail, and each fix that is offered in the lab as it was then: afterwards it must succeed.
pub(crate) fn mended(lab: &mut Lab, machine: &str, text: &str) -> Result<Explanation, String> {
    if run(lab, machine, text) == 0 {
        return Err("did not fail".to_owned());
    }
    let why = lab.explanation().ok_or("is not explained")?;
    let saved = lab.save();
    for fix in &why.fixes {
        let mut lab = Lab::restore(&saved)?;
        let done = run(&mut lab, &fix.machine, &fix.command);
        let again = run(&mut lab, machine, text);
        if done != 0 || again != 0 {
            let (sentence, command) = (&why.sentence, &fix.command);
            return Err(format!("{sentence}\n  {command}: {done}, then {again}"));
        }
    }
    Ok(why)
}
