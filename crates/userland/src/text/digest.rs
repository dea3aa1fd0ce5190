//! `md5sum` and `sha256sum`.

use kernel::sys::Sys;

use super::md5;
use crate::args::{self, program};
use crate::{Flavour, io};

/// Both programs, told apart by their names.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let name = program(&args).to_owned();
    let long = [
        ("check", 'c'),
        ("binary", 'b'),
        ("text", 't'),
        ("quiet", 'q'),
        ("status", 's'),
    ];
    let parsed = match args::parse(&args, "cbtsw", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let standard = ["-".to_owned()];
    let files = if parsed.operands.is_empty() {
        &standard[..]
    } else {
        &parsed.operands
    };
    let mut status = 0;
    for file in files {
        if parsed.has('c') {
            let said = |bad: bool| !parsed.has('s') && (bad || !parsed.has('q'));
            status |= check(&sys, &name, file, flavour, said).await;
        } else if let Some(digest) = of_file(&sys, &name, file, flavour).await {
            sys.out(&format!("{digest}  {file}\n"));
        } else {
            status = 1;
        }
    }
    status
}

async fn of_file(sys: &Sys, name: &str, file: &str, flavour: Flavour) -> Option<String> {
    let mut input = io::open(sys, name, file, flavour)?;
    let data = input.rest().await;
    input.close();
    Some(match name {
        "md5sum" => md5::hex(&data),
        _ => wire::sha256::hex(&data),
    })
}

/// `-c`: compares with what a list says.
async fn check(
    sys: &Sys,
    name: &str,
    list: &str,
    flavour: Flavour,
    said: impl Fn(bool) -> bool,
) -> i32 {
    let Some(mut input) = io::open(sys, name, list, flavour) else {
        return 1;
    };
    let (mut bad, mut all) = (0, 0);
    while let Some(line) = input.line().await {
        let Some((wanted, file)) = line.text.split_once("  ") else {
            continue;
        };
        all += 1;
        let found = of_file(sys, name, file, flavour).await;
        let fits = found.as_deref() == Some(wanted);
        bad += i32::from(!fits);
        if said(!fits) {
            sys.out(&format!("{file}: {}\n", if fits { "OK" } else { "FAILED" }));
        }
    }
    input.close();
    if bad > 0 && said(true) {
        sys.err(&match flavour {
            Flavour::Gnu => format!(
                "{name}: WARNING: {bad} computed checksum{} did NOT match\n",
                if bad == 1 { "" } else { "s" }
            ),
            Flavour::Busybox => {
                format!("{name}: WARNING: {bad} of {all} computed checksums did NOT match\n")
            }
        });
    }
    i32::from(bad > 0)
}
