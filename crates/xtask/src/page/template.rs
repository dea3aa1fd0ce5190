//! Filling the places that `web/index.html` leaves open.

use crate::report::{Failure, Result};

/// Replaces each `<!-- xtask:NAME -->` by its text; a place that is missing, doubled or unknown is a failure.
pub(super) fn fill(template: &str, places: &[(&str, &str)]) -> Result<String> {
    let mut filled = template.to_owned();
    for (name, text) in places {
        let mark = format!("<!-- xtask:{name} -->");
        match template.matches(&mark).count() {
            1 => filled = filled.replacen(&mark, text, 1),
            count => {
                return Err(Failure::new(format!(
                    "web/index.html must hold `{mark}` once, not {count} times"
                )));
            }
        }
    }
    let marks = template.matches("<!-- xtask:").count();
    if marks == places.len() {
        Ok(filled)
    } else {
        Err(Failure::new(format!(
            "web/index.html has {marks} `<!-- xtask:` places where {} are known",
            places.len()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_filled_once() {
        let page = fill(
            "a<!-- xtask:x -->b<!-- xtask:y -->",
            &[("x", "1"), ("y", "2")],
        )
        .unwrap();
        assert_eq!(page, "a1b2");
    }

    #[test]
    fn missing_doubled_and_unknown_places_are_failures() {
        assert!(fill("", &[("x", "1")]).is_err());
        assert!(fill("<!-- xtask:x --><!-- xtask:x -->", &[("x", "1")]).is_err());
        assert!(fill("<!-- xtask:x --><!-- xtask:z -->", &[("x", "1")]).is_err());
    }
}
