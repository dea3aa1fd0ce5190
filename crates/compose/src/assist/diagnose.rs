//! Everything that is wrong in one file's text, each with its place: what an editor marks.

use super::mend::{self, Fix};
use crate::error::{LoadError, Position};
use crate::interpolate;
use crate::load::{Files, LoadOptions, load};
use crate::schema;
use crate::value::Value;
use crate::yaml;

/// One thing to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The place.
    pub at: Position,
    /// How many characters to mark.
    pub len: usize,
    /// What is wrong there, in a sentence that needs no file name.
    pub text: String,
    /// What would mend it, if that is obvious.
    pub fix: Option<Fix>,
}

/// Finds all faults that a file shows by itself: of YAML the first, else all that the schema does not accept, unknown
/// keys one by one. Variables are left as they are.
pub fn diagnose(text: &str) -> Vec<Diagnosis> {
    faults(text).unwrap_or_else(|fault| {
        let at = fault.at.unwrap_or(Position { line: 1, column: 1 });
        let fix = fault
            .text
            .contains("found character")
            .then(|| mend::tab(text, at));
        vec![mark(text, at, fault.text, fix.flatten())]
    })
}

/// Finds what is wrong in a file by itself, else why the project that it belongs to cannot be loaded, marked in the file
/// at the place that is known. `files` holds the file with this text.
pub fn diagnose_project(text: &str, options: &LoadOptions, files: &dyn Files) -> Vec<Diagnosis> {
    let found = diagnose(text);
    if !found.is_empty() {
        return found;
    }
    let Err(fault) = load(options, files).project else {
        return Vec::new();
    };
    let documents = yaml::documents(text).unwrap_or_default();
    let located = documents
        .first()
        .map(|document| document.locate(&fault.path));
    let at = fault
        .at
        .or(located)
        .unwrap_or(Position { line: 1, column: 1 });
    let fix = match fault.path.as_slice() {
        [services, _, key, wrong] if services == "services" => {
            let section = if key == "depends_on" { "services" } else { key };
            mend::reference(text, section, wrong, at)
        }
        _ => None,
    };
    vec![mark(text, at, fault.text, fix)]
}

fn faults(text: &str) -> Result<Vec<Diagnosis>, LoadError> {
    let mut found = Vec::new();
    let mut add = |at, what, fix| found.push(mark(text, at, what, fix));
    for document in yaml::documents(text)? {
        let decoded = document.decode()?;
        if let Some((_, key, at)) = decoded.odd_key {
            add(at, format!("non-string key: {key}"), None);
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
            add(document.locate(&fault.path), fault.text, None);
        }
        for fault in schema::faults(&file) {
            if fault.unknown.is_empty() {
                add(document.locate(&fault.path), fault.text(), None);
            }
            for key in &fault.unknown {
                let mut path = fault.path.clone();
                path.push(key.clone());
                let at = document.locate(&path);
                let what = format!("{} is not a key of {}", path.join("."), place(&fault.path));
                add(at, what, mend::key(&fault.path, key, at));
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

/// Makes a mark as long as the word at its place; a fault past the end is marked in the last line.
pub(super) fn mark(source: &str, at: Position, text: String, fix: Option<Fix>) -> Diagnosis {
    let line = at.line.min(source.lines().count().max(1));
    let at = Position { line, ..at };
    let line = source
        .lines()
        .nth(at.line.saturating_sub(1))
        .unwrap_or_default();
    let word = line.chars().skip(at.column.saturating_sub(1));
    let len = word
        .take_while(|c| !c.is_whitespace() && !matches!(c, ':' | ',' | ']' | '}'))
        .count();
    Diagnosis {
        at,
        len: len.max(1),
        text,
        fix,
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

    fn first_fix(text: &str) -> Option<String> {
        struct One<'a>(&'a str);
        impl Files for One<'_> {
            fn read(&self, _: &str) -> Result<Vec<u8>, String> {
                Ok(self.0.as_bytes().to_vec())
            }
            fn exists(&self, path: &str) -> bool {
                path == "/root/compose.yaml"
            }
            fn is_dir(&self, _: &str) -> bool {
                false
            }
        }
        let options = LoadOptions {
            current_dir: "/root".into(),
            ..LoadOptions::default()
        };
        let found = diagnose_project(text, &options, &One(text));
        let first = found.into_iter().next()?;
        let fix = first.fix?;
        Some(format!(
            "{}:{} {} chars: {} | {}:{} -{} {:?}",
            first.at.line,
            first.at.column,
            first.len,
            fix.label,
            fix.at.line,
            fix.at.column,
            fix.drop,
            fix.text
        ))
    }

    #[test]
    fn obvious_fixes_are_offered() {
        let api = "services:\n  api:\n    image: a\n    networks: [backnd]\n";
        assert_eq!(
            first_fix(&format!("{api}networks:\n  backend:\n")).as_deref(),
            Some("4:16 6 chars: Replace with backend | 4:16 -6 \"backend\"")
        );
        assert_eq!(
            first_fix(api).as_deref(),
            Some(
                "4:16 6 chars: Define backnd under networks | 5:1 -0 \"networks:\\n  backnd:\\n\""
            )
        );
        assert_eq!(
            first_fix("services:\n  api:\n    imagee: a\n").as_deref(),
            Some("3:5 6 chars: Replace with image | 3:5 -6 \"image\"")
        );
        assert_eq!(
            first_fix(
                "services:\n  api:\n    image: a\n    depends_on: [dbb]\n  db:\n    image: b\n"
            )
            .as_deref(),
            Some("4:18 3 chars: Replace with db | 4:18 -3 \"db\"")
        );
        assert!(
            first_fix("services:\n\tapi:\n    image: a\n").is_some_and(|fix| fix.contains("tab"))
        );
        assert_eq!(first_fix("services:\n  api:\n    image: a\n"), None);
    }
}
