//! Everything that is wrong in one file's text, each with its place: what an editor marks.

use crate::error::{LoadError, Position};
use crate::interpolate;
use crate::schema;
use crate::value::Value;
use crate::yaml;

/// One thing to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The place.
    pub at: Position,
    /// What is wrong there, in a sentence that needs no file name.
    pub text: String,
}

/// Finds all faults that a file shows by itself: of YAML the first, else all that the schema does not accept, unknown
/// keys one by one. Variables are left as they are.
pub fn diagnose(text: &str) -> Vec<Diagnosis> {
    match faults(text) {
        Ok(faults) => faults,
        Err(fault) => vec![mark(fault)],
    }
}

fn faults(text: &str) -> Result<Vec<Diagnosis>, LoadError> {
    let mut found = Vec::new();
    for document in yaml::documents(text)? {
        let decoded = document.decode()?;
        if let Some((_, key, at)) = decoded.odd_key {
            let text = format!("non-string key: {key}");
            found.push(Diagnosis { at, text });
        }
        let Value::Map(file) = decoded.value else {
            return Err(LoadError::at(
                "top-level object must be a mapping",
                document.at,
            ));
        };
        // Texts become numbers and flags where the schema expects these; a fault of a template is one, too.
        let blank = |_: &str| Some(String::new());
        if let Err(fault) = interpolate::interpolate(file.clone(), &blank, &mut Vec::new())
            && fault.text.starts_with("invalid interpolation")
        {
            let at = document.locate(&fault.path);
            found.push(Diagnosis {
                at,
                text: fault.text,
            });
        }
        for fault in schema::faults(&file) {
            if fault.unknown.is_empty() {
                let at = document.locate(&fault.path);
                found.push(Diagnosis {
                    at,
                    text: fault.text(),
                });
            }
            for key in &fault.unknown {
                let mut path = fault.path.clone();
                path.push(key.clone());
                let at = document.locate(&path);
                let text = format!("{} is not a key of {}", path.join("."), place(&fault.path));
                found.push(Diagnosis { at, text });
            }
        }
    }
    sorted::sort_by_key(&mut found, |diagnosis| diagnosis.at);
    // Of several alternatives that all fail at one place, the first is told.
    found.dedup_by(|later, earlier| later.at == earlier.at);
    Ok(found)
}

fn place(path: &[String]) -> &'static str {
    match path {
        [] => "a Compose file",
        [section, _] if section == "services" => "a service",
        _ => "this mapping",
    }
}

fn mark(fault: LoadError) -> Diagnosis {
    Diagnosis {
        at: fault.at.unwrap_or(Position { line: 1, column: 1 }),
        text: fault.text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let marks = diagnose(text).into_iter();
        marks
            .map(|mark| format!("{}:{} {}", mark.at.line, mark.at.column, mark.text))
            .collect()
    }

    #[test]
    fn all_faults_are_marked_where_they_are() {
        let text = "services:\n  web:\n    image: 5\n    imagee: a\n    ports: x\nfoo: 1\n";
        assert_eq!(
            shown(text),
            [
                "3:5 services.web.image must be a string",
                "4:5 services.web.imagee is not a key of a service",
                "5:5 services.web.ports must be a array",
                "6:1 foo is not a key of a Compose file",
            ]
        );
    }

    #[test]
    fn a_fault_of_the_text_comes_alone() {
        assert_eq!(
            shown("services:\n  web:\n  image: a: b\n"),
            ["3:11 yaml: line 3: mapping values are not allowed in this context"]
        );
        assert_eq!(shown("services: {}\n"), Vec::<String>::new());
    }
}
