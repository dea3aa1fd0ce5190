//! String formats: `@csv`, `@base64` and their like.

use super::builtins::items;
use super::json::Json;
use super::operators::{described, plain};

/// `@csv`, `@tsv`, `@base64`, `@json`, `@text`, `@sh`, `@uri`, `@html`.
pub(super) fn format(name: &str, input: &Json) -> Result<String, String> {
    let row = |text: &dyn Fn(&Json) -> String, joiner: &str| -> Result<String, String> {
        let cells: Vec<String> = items(input, "formatted as a row")?
            .iter()
            .map(text)
            .collect();
        Ok(cells.join(joiner))
    };
    let cell = |value: &Json| {
        if *value == Json::Null {
            String::new()
        } else {
            plain(value)
        }
    };
    match name {
        "csv" => row(
            &|value| {
                if let Json::String(text) = value {
                    format!("\"{}\"", text.replace('"', "\"\""))
                } else {
                    cell(value)
                }
            },
            ",",
        ),
        "tsv" => row(
            &|value| {
                cell(value)
                    .replace('\\', "\\\\")
                    .replace('\t', "\\t")
                    .replace('\n', "\\n")
            },
            "\t",
        ),
        "json" => Ok(input.text(None, false)),
        "text" => Ok(plain(input)),
        "base64" => Ok(wire::base64::encode(plain(input).as_bytes())),
        "base64d" => match wire::base64::decode(&plain(input)) {
            Some(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            None => Err(format!("{} is not valid base64 data", described(input))),
        },
        "sh" => {
            let one = |value: &Json| match value {
                Json::String(text) => format!("'{}'", text.replace('\'', "'\\''")),
                other => plain(other),
            };
            Ok(match input {
                Json::Array(items) => items.iter().map(one).collect::<Vec<_>>().join(" "),
                other => one(other),
            })
        }
        "html" => Ok(plain(input)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\'', "&#39;")
            .replace('"', "&quot;")),
        "uri" => Ok(plain(input)
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect()),
        other => Err(format!("{other} is not a valid format")),
    }
}
