//! The interactive terminal, fed by a pipe.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What `drydock shell` prints for these lines.
fn shell(lines: &str) -> std::io::Result<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_drydock"))
        .arg("shell")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(lines.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_first_line_after_an_interactive_run_reaches_the_container() {
    let screen = shell("docker run -it --rm busybox sh\nfoo\nexit\necho back\n").expect("it runs");
    let prompt = "root@hostA:~# ";
    assert_eq!(
        screen,
        format!("{prompt}/ # sh: foo: not found\n/ # {prompt}back\n{prompt}")
    );
}
