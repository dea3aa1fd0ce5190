//! Installing Debian packages.

use std::process::Command;

use crate::process;
use crate::report::{Failure, Result, say};

/// Installs `packages`, saying so first; `purpose` says what they are for.
pub(crate) fn install(packages: &[&str], purpose: &str) -> Result<()> {
    let names = packages.join(" ");
    if process::find("apt-get").is_none() {
        return Err(Failure::new(format!(
            "{purpose} is missing, and there is no apt-get here to install it with (Debian's packages: {names})"
        )));
    }
    say(format_args!(
        "{purpose} is missing: installing Debian's {names} with apt-get"
    ));
    let steps: [&[&str]; 2] = [
        &["update", "-qq"],
        &["install", "-y", "-qq", "--no-install-recommends"],
    ];
    for (step, extra) in steps.into_iter().zip([&[][..], packages]) {
        process::run(apt_get()?.args(step).args(extra)).map_err(|failure| {
            Failure::new(format!(
                "could not install {names} for {purpose}: {failure}"
            ))
        })?;
    }
    Ok(())
}

/// `apt-get`, through sudo unless we are root already.
fn apt_get() -> Result<Command> {
    let root = process::output(Command::new("id").arg("-u"))? == "0";
    let mut command = if root {
        Command::new("env")
    } else if process::find("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    } else {
        return Err(Failure::new(
            "installing Debian packages needs root, and there is no sudo here",
        ));
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    Ok(command)
}
