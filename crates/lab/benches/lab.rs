//! What the page measures of itself, natively: see [`lab::bench`].
//!
//! `cargo bench -p lab`, or `cargo bench -p lab -- replay` for the steps whose names hold a word.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_types,
    reason = "a bench prints, and measures real time"
)]

use lab::bench::{Observer, STEPS};

fn main() -> Result<(), String> {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let start = std::time::Instant::now();
    let observer = Observer {
        clock: &|| start.elapsed().as_secs_f64() * 1000.0,
        tell: &|what| println!("  {what}"),
    };
    let mut failures = Vec::new();
    for (name, measure) in STEPS {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        println!("{name}");
        match measure(&observer) {
            Ok(measures) => {
                for (name, value, unit) in measures {
                    println!("bench: {name}: {value} {unit}");
                }
            }
            Err(reason) => failures.push(format!("{name}: {reason}")),
        }
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("; "))
    }
}
