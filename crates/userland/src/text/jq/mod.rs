//! `jq`: `json` reads and prints, `parse` reads filters, `eval` and `builtins` run them, with `library` in jq itself.

mod builtins;
mod eval;
mod fault;
mod filter;
mod format;
mod json;
mod library;
mod matching;
mod operators;
mod parse;
mod paths;
mod reader;

use kernel::sys::Sys;

pub(crate) use self::json::quote;
use self::json::{Json, Style};
use self::reader::Reader;
use crate::{Flavour, io};

/// What the command line asks for.
#[derive(Default)]
struct Request {
    raw: bool,
    compact: bool,
    slurp: bool,
    null: bool,
    exit: bool,
    raw_input: bool,
    join: bool,
    sorted: bool,
    indent: Option<usize>,
    tab: bool,
    colour: bool,
    version: bool,
    scope: eval::Scope,
    /// What `--arg` and its like bound, for `$ARGS`.
    named: Vec<(String, Json)>,
    /// What follows `--args` or `--jsonargs`.
    positional: Vec<Json>,
    words: Vec<String>,
}

/// Reads the command line; an option that is left out here is given back.
fn request(args: &[String]) -> Result<Request, String> {
    let mut request = Request::default();
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--arg" | "--argjson" => {
                let (name, value) = (
                    rest.next().cloned().unwrap_or_default(),
                    rest.next().cloned().unwrap_or_default(),
                );
                let value = if word == "--arg" {
                    Json::String(value)
                } else {
                    Reader::new(&value)
                        .next()
                        .ok()
                        .flatten()
                        .unwrap_or(Json::Null)
                };
                request.scope.bind(&name, value);
                request.named.push((
                    name,
                    request
                        .scope
                        .variables
                        .last()
                        .map_or(Json::Null, |(_, value)| value.clone()),
                ));
            }
            "--args" | "--jsonargs" => {
                for word in rest.by_ref() {
                    if request.words.is_empty() {
                        request.words.push(word.clone());
                        continue;
                    }
                    let read = || {
                        Reader::new(word)
                            .next()
                            .ok()
                            .flatten()
                            .unwrap_or(Json::Null)
                    };
                    request
                        .positional
                        .push(match args.iter().any(|word| word == "--jsonargs") {
                            true => read(),
                            false => Json::String(word.clone()),
                        });
                }
            }
            "--unbuffered" => {}
            "--indent" => request.indent = rest.next().and_then(|text| text.parse().ok()),
            "--raw-output" => request.raw = true,
            "--compact-output" => request.compact = true,
            "--slurp" => request.slurp = true,
            "--null-input" => request.null = true,
            "--exit-status" => request.exit = true,
            "--raw-input" => request.raw_input = true,
            "--sort-keys" => request.sorted = true,
            "--join-output" => request.join = true,
            "--tab" => request.tab = true,
            "--version" => request.version = true,
            "--color-output" => request.colour = true,
            "--monochrome-output" => request.colour = false,
            word if word.starts_with("--") => return Err(word.to_owned()),
            word if word.starts_with('-') && word.len() > 1 => {
                for flag in word.chars().skip(1) {
                    match flag {
                        'r' => request.raw = true,
                        'c' => request.compact = true,
                        's' => request.slurp = true,
                        'n' => request.null = true,
                        'e' => request.exit = true,
                        'R' => request.raw_input = true,
                        'j' => request.join = true,
                        'S' => request.sorted = true,
                        'M' => request.colour = false,
                        'C' => request.colour = true,
                        'V' => request.version = true,
                        other => return Err(format!("-{other}")),
                    }
                }
            }
            word => request.words.push(word.to_owned()),
        }
    }
    Ok(request)
}

/// The values of a text, each with the lines that were read when it ended, and what is wrong after them.
fn read(text: &str, request: &Request) -> (Vec<(Json, usize)>, Option<String>) {
    let all = text.matches('\n').count();
    if request.raw_input {
        let lines = text.lines().enumerate();
        return (
            if request.slurp {
                vec![(Json::String(text.to_owned()), all)]
            } else {
                lines
                    .map(|(at, line)| (Json::String(line.to_owned()), (at + 1).min(all)))
                    .collect()
            },
            None,
        );
    }
    let mut reader = Reader::new(text);
    let mut values = Vec::new();
    let error = loop {
        match reader.next() {
            // Whole lines are read.
            Ok(Some(value)) => values.push((value, reader.line().min(all))),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    if request.slurp && error.is_none() {
        let items = values.into_iter().map(|(value, _)| value).collect();
        values = vec![(Json::Array(items), all)];
    }
    (values, error)
}

/// Options that are left out here.
const KNOWN: [&str; 8] = [
    "-a",
    "--ascii-output",
    "--seq",
    "--stream",
    "--slurpfile",
    "--rawfile",
    "-f",
    "-h",
];

/// Functions and variables that jq has and that are left out here.
const LEFT_OUT: [&str; 16] = [
    "now",
    "halt",
    "halt_error",
    "stderr",
    "strftime",
    "strptime",
    "mktime",
    "gmtime",
    "localtime",
    "strflocaltime",
    "input_filename",
    "getpath",
    "limit",
    "$__loc__",
    "modulemeta",
    "get_search_list",
];

const ADVICE: &str = "Use jq --help for help with command-line options,\nor see the jq manpage, or online docs at https://jqlang.org\n";

/// How jq refuses a filter that calls what is not there; `None` if an error is another one.
fn undefined(what: &str, filter: &str) -> Option<String> {
    let name = what.strip_suffix(" is not defined")?;
    let word = name.split('/').next()?;
    if LEFT_OUT.contains(&word) {
        return Some(format!("jq: error: {}\n", crate::left_out(name)));
    }
    let at = filter.find(word)?;
    let before = filter.get(..at)?;
    let line = before.matches('\n').count();
    let column = before.chars().rev().take_while(|c| *c != '\n').count();
    let source = filter.lines().nth(line)?;
    Some(format!(
        "jq: error: {name} is not defined at <top-level>, line {}, column {}:\n    {source}\n    {}{}\njq: 1 compile error\n",
        line + 1,
        column + 1,
        " ".repeat(column),
        "^".repeat(word.chars().count())
    ))
}

/// The `jq` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut request = match request(&args) {
        Ok(request) => request,
        Err(option) if KNOWN.contains(&option.as_str()) => {
            return crate::not_modelled(&sys, "jq", &option);
        }
        Err(option) => {
            sys.err(&format!("jq: Unknown option {option}\n{ADVICE}"));
            return 2;
        }
    };
    if request.version {
        sys.out("jq-1.8.2\n");
        return 0;
    }
    let files = if request.words.is_empty() {
        Vec::new()
    } else {
        request.words.split_off(1)
    };
    let text = request
        .words
        .first()
        .cloned()
        .unwrap_or_else(|| ".".to_owned());
    let filter = match parse::filter(&text) {
        Ok(filter) => filter,
        Err(error) => {
            sys.err(&format!("jq: error: {error}\njq: 1 compile error\n"));
            return 3;
        }
    };
    let mut status = 0;
    // With -n the inputs are only read when the filter asks for them.
    let reads = !request.null || text.contains("input");
    let (inputs, broken) = if !reads {
        (Vec::new(), None)
    } else {
        let mut text = String::new();
        for file in if files.is_empty() {
            vec!["-".to_owned()]
        } else {
            files
        } {
            match io::Input::open(&sys, &file) {
                Ok(mut input) => {
                    text.push_str(&String::from_utf8_lossy(&input.rest().await));
                    input.close();
                }
                Err(error) => {
                    sys.err(&format!("jq: error: Could not open file {file}: {error}\n"));
                    status = 2;
                }
            }
        }
        read(&text, &request)
    };
    let _ = flavour;
    let mut last = None;
    let mut scope = std::mem::take(&mut request.scope);
    let env = sys.me(|p| p.env.clone()).unwrap_or_default();
    let env = env
        .into_iter()
        .map(|(name, value)| (name, Json::String(value)));
    scope
        .variables
        .insert(0, ("ENV".to_owned(), Json::Object(env.collect())));
    let given = vec![
        (
            "positional".to_owned(),
            Json::Array(std::mem::take(&mut request.positional)),
        ),
        (
            "named".to_owned(),
            Json::Object(std::mem::take(&mut request.named)),
        ),
    ];
    scope
        .variables
        .insert(0, ("ARGS".to_owned(), Json::Object(given)));
    let library = parse::definitions(library::LIBRARY).unwrap_or_default();
    scope.define(library);
    let outside = scope.outside.clone();
    outside.borrow_mut().inputs = inputs.into();
    let mut alone = request.null;
    loop {
        let input = match std::mem::take(&mut alone) {
            true => Json::Null,
            false if request.null => break,
            false => match outside.borrow_mut().next() {
                Some(input) => input,
                None => break,
            },
        };
        let (values, stop) = match eval::run(&filter, &input, &scope) {
            Ok(values) => (values, None),
            Err(mut stop) => (std::mem::take(&mut stop.given), Some(stop)),
        };
        sys.err(&std::mem::take(&mut outside.borrow_mut().said));
        if let Some(Json::String(what)) = stop.as_ref().map(|stop| &stop.error)
            && let Some(text) = undefined(what, &text)
        {
            sys.err(&text);
            return 3;
        }
        let place = match reads {
            true => format!("<stdin>:{}", outside.borrow().line),
            false => "<unknown>".to_owned(),
        };
        for value in values {
            let text = match &value {
                Json::String(text) if request.raw || request.join => text.clone(),
                value => {
                    let indent = match request.compact {
                        true => None,
                        false if request.tab => Some(1),
                        false => Some(request.indent.unwrap_or(2).min(7)),
                    };
                    let style = Style {
                        indent,
                        tab: request.tab,
                        sorted: request.sorted,
                        colour: request.colour,
                    };
                    value.styled(style)
                }
            };
            sys.out(&(text + if request.join { "" } else { "\n" }));
            last = Some(value);
        }
        if let Some(stop) = stop {
            let text = match &stop.error {
                Json::String(text) => format!("jq: error (at {place}): {text}\n"),
                other => {
                    let shown = other.text(None, false);
                    format!("jq: error (at {place}) (not a string): {shown}\n")
                }
            };
            sys.err(&text);
            status = 5;
        }
    }
    if let Some(error) = broken {
        sys.err(&format!("jq: parse error: {error}\n"));
        return 5;
    }
    match last {
        _ if status != 0 || !request.exit => status,
        None => 4,
        Some(value) => i32::from(!value.truthy()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jq(filter: &str, input: &str) -> String {
        let input = Reader::new(input).next().unwrap().unwrap();
        let mut scope = eval::Scope::default();
        scope.define(parse::definitions(library::LIBRARY).unwrap());
        match eval::run(&parse::filter(filter).unwrap(), &input, &scope) {
            Ok(values) => values
                .iter()
                .map(|value| value.text(None, false))
                .collect::<Vec<_>>()
                .join(" "),
            Err(stop) => operators::plain(&stop.error),
        }
    }

    #[test]
    fn filters_give_what_jq_gives() {
        let input = r#"{"b":[1,2,{"c":"x"}],"a":null,"n":{"z":1,"y":2}}"#;
        for (filter, expected) in [
            (".", r#"{"b":[1,2,{"c":"x"}],"a":null,"n":{"z":1,"y":2}}"#),
            (".b[2].c, .b[-1], .b[:1], .a.q", r#""x" {"c":"x"} [1] null"#),
            (".b | length", "3"),
            ("keys, (.n|keys_unsorted)", r#"["a","b","n"] ["z","y"]"#),
            (
                ".n | to_entries | map(\"\\(.key)=\\(.value)\") | join(\",\")",
                r#""z=1,y=2""#,
            ),
            ("[.b[] | numbers | . * 2 + 1]", "[3,5]"),
            (".n | map_values(.+1) | add", "5"),
            (".b[] | select(type == \"number\" and . > 1)", "2"),
            (
                "{x: .n.z, a, \"k\": [.b[0]]}",
                r#"{"x":1,"a":null,"k":[1]}"#,
            ),
            (".a // \"none\"", r#""none""#),
            ("if .a then 1 elif .b then 2 else 3 end", "2"),
            (".n as $n | $n.y", "2"),
            (".b.x", "Cannot index array with string (\"x\")"),
            ("[.b[]?, (.a[]?)] | length", "3"),
            ("[1,\"a\",null] | @csv", r#""1,\"a\",""#),
            ("del(.b, .n.z)", r#"{"a":null,"n":{"y":2}}"#),
            (".n | has(\"z\")", "true"),
            (".n.z = 5 | .n.y += 1 | .n", r#"{"z":5,"y":3}"#),
            (".b[0] |= . + 1 | .b[0:2]", "[2,2]"),
            ("reduce .b[:2][] as $x (0; . + $x)", "3"),
            ("[foreach (1,2,3) as $x (0; . + $x)]", "[1,3,6]"),
            ("def f(x): x * 2; def g: f(.n.z); g", "2"),
            (
                "def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 5 | fac",
                "120",
            ),
            ("[.b[] | try error(\"e\") catch .] | length", "3"),
            ("[paths(type == \"number\")] | length", "4"),
            (". as {n: {z: $z}, b: [$first]} | [$z, $first]", "[1,1]"),
            ("[label $out | 1, break $out, 2]", "[1]"),
            ("[limit(2; 1, 2, 3)]", "[1,2]"),
            ("\"abc\" | sub(\"(?<x>b)\"; \"[\\(.x)]\")", "\"a[b]c\""),
            ("[\"a1b22\" | scan(\"[0-9]+\")]", r#"["1","22"]"#),
            ("del(..|.z?) | .n", r#"{"y":2}"#),
            ("@base64 \"x\\(\"hi\")\"", "\"xaGk=\""),
        ] {
            assert_eq!(jq(filter, input), expected, "{filter}");
        }
    }

    #[test]
    fn pretty_printing_indents_by_two() {
        let value = Reader::new(r#"{"a":[1,{}],"b":[],"c":1.50}"#)
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(
            value.text(Some(2), false),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": [],\n  \"c\": 1.5\n}"
        );
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(
            parse::filter(&"[".repeat(5000)).is_err()
                && parse::filter(".a |").is_err()
                && parse::filter("-".repeat(5000).as_str()).is_err()
        );
        assert!(
            parse::filter(&".a".repeat(5000)).is_err()
                && parse::filter(&"1+".repeat(5000)).is_err()
        );
        assert!(
            Reader::new(&"[".repeat(5000)).next().is_err()
                && Reader::new("{\"a\"").next().is_err()
                && Reader::new("}").next().is_err()
        );
    }

    #[test]
    fn filters_nest_only_so_deep() {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{a: ", "}"),
            ("-", ""),
            (".[", "]"),
        ] {
            let deep = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
            assert!(parse::filter(&deep(20)).is_ok(), "{open}");
            assert!(parse::filter(&deep(20_000)).is_err(), "{open}");
        }
    }
}
