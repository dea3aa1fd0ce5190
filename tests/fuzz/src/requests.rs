//! Bytes sent to the daemon's socket, as programs do that speak HTTP themselves.

use kernel::rng::Rng;
use lab::session::Session;

use crate::Input;
use crate::console::run;
use crate::targets::Tell;

/// How many steps a conversation may take.
const STEPS: u64 = 1_000_000;

/// The longest answer, bytes: a daemon with a handful of containers has nothing longer to say.
const MOST: usize = 1 << 18;

const FILE: &str = "/root/request";

/// What the daemon answers is HTTP, and not without end.
pub(crate) fn answered(inputs: &[Input], _: &mut Rng, tell: Tell<'_>) -> Result<(), String> {
    let mut session = Session::new(&["hostA"], None, 1)?;
    session.limit_steps(STEPS);
    run(
        &mut session,
        "docker network create n; docker run -d --name web --network n -p 80:80 nginx",
    )?;
    for (number, input) in (0..).zip(inputs) {
        tell(number, input)?;
        session.write_file("hostA", FILE, input.clone())?;
        let talk = format!("nc -N -w 1 -U /var/run/docker.sock < {FILE}");
        let answer = run(&mut session, &talk)?;
        if !answer.is_empty() && !answer.starts_with("HTTP/1.") {
            return Err(format!("an answer that is no HTTP: {answer}"));
        }
        if answer.len() > MOST {
            return Err(format!("an answer of {} bytes", answer.len()));
        }
    }
    run(&mut session, "docker ps -a")?;
    Ok(())
}
