//! Running a jq filter: each gives any number of values.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::filter::{Definition, Filter, Pattern};
use super::json::Json;
use super::operators::{described, index, operate, plain, slice};

/// Values that one filter may give, so that a cross product can't fill memory.
pub(super) const MAX_VALUES: usize = 1_000_000;

pub(super) type Values = Result<Vec<Json>, Stop>;

/// Functions within functions, and their calls, that may nest.
const MAX_CALLS: usize = 40;

/// Why a filter gave no more values.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// What it gave before.
    pub(super) given: Vec<Json>,
    /// The error's value, or its text.
    pub(super) error: Json,
    /// The label that is left, if that is the reason.
    pub(super) label: Option<String>,
}

impl From<String> for Stop {
    fn from(text: String) -> Self {
        Self::from(Json::String(text))
    }
}

impl From<Json> for Stop {
    fn from(error: Json) -> Self {
        Self {
            given: Vec::new(),
            error,
            label: None,
        }
    }
}

impl Stop {
    /// The same, without what was given before it.
    fn bare(mut self) -> Self {
        self.given.clear();
        self
    }
}

/// What names mean at a place of the filter.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Variables that are bound, innermost last.
    pub(super) variables: Vec<(String, Json)>,
    functions: Vec<Function>,
    calls: usize,
    /// What filters reach beyond their input.
    pub(super) outside: Rc<RefCell<Outside>>,
}

/// The inputs to come, and what `debug` said.
#[derive(Debug, Default)]
pub(super) struct Outside {
    /// Each with the lines that were read when it ended.
    pub(super) inputs: VecDeque<(Json, usize)>,
    /// The lines that were read when the last one ended.
    pub(super) line: usize,
    pub(super) said: String,
}

impl Outside {
    /// Takes the next input.
    pub(super) fn next(&mut self) -> Option<Json> {
        let (value, line) = self.inputs.pop_front()?;
        self.line = line;
        Some(value)
    }
}

/// A function that is known at a place.
#[derive(Debug, Clone)]
enum Function {
    /// A definition, and how many variables were bound where it stands.
    Defined(Rc<Definition>, usize),
    /// A parameter: what was given for it, and where.
    Given(String, Rc<(Filter, Scope)>),
}

impl Scope {
    /// Adds the functions of a library.
    pub(super) fn define(&mut self, definitions: Vec<Rc<Definition>>) {
        for definition in definitions {
            let bound = self.variables.len();
            self.functions.push(Function::Defined(definition, bound));
        }
    }

    pub(super) fn bind(&mut self, name: &str, value: Json) {
        self.variables.push((name.to_owned(), value));
    }
}

/// Puts what was given before a stop in front of it.
fn after(mut out: Vec<Json>, result: Values) -> Values {
    match result {
        Ok(mut values) => {
            out.append(&mut values);
            Ok(out)
        }
        Err(mut stop) => {
            out.append(&mut stop.given);
            stop.given = out;
            Err(stop)
        }
    }
}

/// Runs a filter whose values are used rather than given on.
pub(super) fn values(filter: &Filter, input: &Json, scope: &Scope) -> Values {
    run(filter, input, scope).map_err(Stop::bare)
}

/// Goes on with each value, and in the end with what stopped them.
pub(super) fn each(result: Values, next: &mut dyn FnMut(&Json) -> Values) -> Values {
    let (given, stop) = match result {
        Ok(values) => (values, None),
        Err(mut stop) => (std::mem::take(&mut stop.given), Some(stop)),
    };
    let mut out = Vec::new();
    for value in given {
        out = after(out, next(&value))?;
        if out.len() > MAX_VALUES {
            return Err("too many values".to_owned().into());
        }
    }
    match stop {
        None => Ok(out),
        Some(stop) => after(out, Err(stop)),
    }
}

/// What a function of the filter's own stands for: its body and the scopes it runs in, one for each choice of its
/// arguments' values; `None` if there is no such function.
pub(super) fn called(
    name: &str,
    arguments: &[Filter],
    input: &Json,
    scope: &Scope,
) -> Result<Option<(Filter, Vec<Scope>)>, Stop> {
    let found = scope
        .functions
        .iter()
        .enumerate()
        .rev()
        .find(|(_, function)| match function {
            Function::Defined(known, _) => {
                known.name == name && known.parameters.len() == arguments.len()
            }
            Function::Given(known, _) => known == name && arguments.is_empty(),
        });
    let Some((index, function)) = found else {
        return Ok(None);
    };
    let calls = scope.calls + 1;
    if calls > MAX_CALLS {
        return Err(crate::not_modelled!("jq", "calls nested so deep").into());
    }
    match function {
        Function::Given(_, given) => {
            let mut home = given.1.clone();
            home.calls = calls;
            Ok(Some((given.0.clone(), vec![home])))
        }
        Function::Defined(definition, bound) => {
            let mut home = scope.clone();
            home.calls = calls;
            home.variables.truncate(*bound);
            home.functions.truncate(index + 1);
            let mut homes = vec![home];
            for (parameter, argument) in definition.parameters.iter().zip(arguments) {
                let Some(name) = parameter.strip_prefix('$') else {
                    let given = Rc::new((argument.clone(), scope.clone()));
                    for home in &mut homes {
                        home.functions
                            .push(Function::Given(parameter.clone(), Rc::clone(&given)));
                    }
                    continue;
                };
                let mut next = Vec::new();
                for value in values(argument, input, scope)? {
                    for home in &homes {
                        let mut home = home.clone();
                        home.bind(name, value.clone());
                        let given = Rc::new((Filter::Literal(value.clone()), Scope::default()));
                        home.functions.push(Function::Given(name.to_owned(), given));
                        next.push(home);
                    }
                }
                homes = next;
            }
            Ok(Some((definition.body.clone(), homes)))
        }
    }
}

/// The scopes in which a pattern's variables are bound, one for each way to take the value apart.
pub(super) fn bound(pattern: &Pattern, value: &Json, scope: &Scope) -> Result<Vec<Scope>, Stop> {
    match pattern {
        Pattern::Variable(name) => {
            let mut scope = scope.clone();
            scope.bind(name, value.clone());
            Ok(vec![scope])
        }
        Pattern::Array(parts) => {
            let mut scopes = vec![scope.clone()];
            for (at, part) in parts.iter().enumerate() {
                let item = index(value, &Json::Number(at as f64))?;
                let mut next = Vec::new();
                for scope in &scopes {
                    next.append(&mut bound(part, &item, scope)?);
                }
                scopes = next;
            }
            Ok(scopes)
        }
        Pattern::Object(members) => {
            let mut scopes = vec![scope.clone()];
            for (key, whole, inner) in members {
                let mut next = Vec::new();
                for scope in &scopes {
                    for key in values(key, value, scope)? {
                        let item = index(value, &key)?;
                        let mut scope = scope.clone();
                        if let Some(name) = whole {
                            scope.bind(name, item.clone());
                        }
                        match inner {
                            Some(inner) => next.append(&mut bound(inner, &item, &scope)?),
                            None => next.push(scope),
                        }
                    }
                }
                scopes = next;
            }
            Ok(scopes)
        }
    }
}

fn reduce(
    source: &Filter,
    pattern: &Pattern,
    steps: (&Filter, &Filter, Option<&Filter>),
    input: &Json,
    scope: &Scope,
    shows: bool,
) -> Values {
    let (init, update, extract) = steps;
    let items = values(source, input, scope)?;
    each(run(init, input, scope), &mut |start| {
        let mut state = vec![start.clone()];
        let mut out = Vec::new();
        for item in &items {
            for inner in bound(pattern, item, scope)? {
                let before = state.last().cloned().unwrap_or(Json::Null);
                state = match run(update, &before, &inner) {
                    Ok(state) => state,
                    Err(stop) => return after(out, Err(if shows { stop } else { stop.bare() })),
                };
                if shows {
                    let shown = state.iter().map(|value| match extract {
                        Some(extract) => run(extract, value, &inner),
                        None => Ok(vec![value.clone()]),
                    });
                    for shown in shown.collect::<Vec<_>>() {
                        out = after(out, shown)?;
                    }
                }
            }
        }
        Ok(if shows {
            out
        } else {
            state.into_iter().next_back().into_iter().collect()
        })
    })
}

/// Runs a filter on a value.
pub(super) fn run(filter: &Filter, input: &Json, scope: &Scope) -> Values {
    let one = |value: Json| Ok(vec![value]);
    match filter {
        Filter::Identity => one(input.clone()),
        Filter::Recurse => {
            let mut out = Vec::new();
            recurse(input, &mut out);
            Ok(out)
        }
        Filter::Literal(value) => one(value.clone()),
        Filter::Interpolated(parts) => {
            let mut out = vec![String::new()];
            for (text, inner) in parts {
                let values: Vec<String> = match inner {
                    Some(inner) => values(inner, input, scope)?.iter().map(plain).collect(),
                    None => vec![String::new()],
                };
                out = out
                    .iter()
                    .flat_map(|before| {
                        values
                            .iter()
                            .map(move |value| format!("{before}{text}{value}"))
                    })
                    .collect();
            }
            Ok(out.into_iter().map(Json::String).collect())
        }
        Filter::Index(base, key) => {
            let keys = values(key, input, scope)?;
            each(run(base, input, scope), &mut |value| {
                keys.iter()
                    .map(|key| index(value, key).map_err(Stop::from))
                    .collect()
            })
        }
        Filter::Slice(base, from, to) => {
            let bound = |part: &Option<Box<Filter>>| -> Result<Option<f64>, Stop> {
                match part {
                    None => Ok(None),
                    Some(part) => match values(part, input, scope)?.first() {
                        Some(Json::Number(number)) => Ok(Some(*number)),
                        Some(Json::Null) | None => Ok(None),
                        Some(_) => {
                            let text = "Start and end indices of an array slice must be numbers";
                            Err(text.to_owned().into())
                        }
                    },
                }
            };
            let (from, to) = (bound(from)?, bound(to)?);
            each(run(base, input, scope), &mut |value| {
                Ok(vec![slice(value, from, to)?])
            })
        }
        Filter::Each(base) => each(run(base, input, scope), &mut |value| match value {
            Json::Array(items) => Ok(items.clone()),
            Json::Object(members) => Ok(members.iter().map(|(_, value)| value.clone()).collect()),
            other => Err(format!("Cannot iterate over {}", described(other)).into()),
        }),
        Filter::Try(inner) => match run(inner, input, scope) {
            Err(stop) if stop.label.is_none() => Ok(stop.given),
            result => result,
        },
        Filter::Catch(inner, catch) => match run(inner, input, scope) {
            Err(stop) if stop.label.is_none() => after(stop.given, run(catch, &stop.error, scope)),
            result => result,
        },
        Filter::Reduce(source, pattern, init, update) => {
            reduce(source, pattern, (init, update, None), input, scope, false)
        }
        Filter::Foreach(source, pattern, init, update, extract) => {
            let steps = (&**init, &**update, extract.as_deref());
            reduce(source, pattern, steps, input, scope, true)
        }
        Filter::Def(definition, rest) => {
            let mut scope = scope.clone();
            scope.define(vec![Rc::clone(definition)]);
            run(rest, input, &scope)
        }
        Filter::Label(name, body) => match run(body, input, scope) {
            Err(stop) if stop.label.as_ref() == Some(name) => Ok(stop.given),
            result => result,
        },
        Filter::Break(name) => Err(Stop {
            label: Some(name.clone()),
            ..Stop::from("break".to_owned())
        }),
        Filter::Assign(op, left, right) => super::paths::assign(op, left, right, input, scope),
        Filter::Formatted(name, parts) => {
            let mut out = vec![String::new()];
            for (text, inner) in parts {
                let mut next = Vec::new();
                let made = match inner {
                    Some(inner) => values(inner, input, scope)?,
                    None => vec![Json::String(String::new())],
                };
                for before in &out {
                    for value in &made {
                        let shown = match inner {
                            Some(_) => super::format::format(name, value)?,
                            None => String::new(),
                        };
                        next.push(format!("{before}{text}{shown}"));
                    }
                }
                out = next;
            }
            Ok(out.into_iter().map(Json::String).collect())
        }
        Filter::Pipe(first, second) => each(run(first, input, scope), &mut |value| {
            run(second, value, scope)
        }),
        Filter::Comma(first, second) => {
            let out = run(first, input, scope)?;
            after(out, run(second, input, scope))
        }
        Filter::Binary(op, left, right) => binary(op, left, right, input, scope),
        Filter::Negate(inner) => each(run(inner, input, scope), &mut |value| match value {
            Json::Number(number) => one(Json::Number(-number)),
            other => Err(format!("{} cannot be negated", described(other)).into()),
        }),
        Filter::Array(None) => one(Json::Array(Vec::new())),
        Filter::Array(Some(inner)) => Ok(vec![Json::Array(values(inner, input, scope)?)]),
        Filter::Object(members) => object(members, input, scope),
        Filter::If(branches, otherwise) => {
            conditional(branches, otherwise.as_deref(), input, scope)
        }
        Filter::Call(name, arguments) => match called(name, arguments, input, scope)? {
            Some((body, homes)) => {
                let mut out = Vec::new();
                for home in &homes {
                    out = after(out, run(&body, input, home))?;
                }
                Ok(out)
            }
            None => super::builtins::call(name, arguments, input, scope),
        },
        Filter::Format(name) => Ok(vec![Json::String(super::format::format(name, input)?)]),
        Filter::Variable(name) => {
            let known = scope
                .variables
                .iter()
                .rev()
                .find(|(known, _)| known == name);
            match known {
                Some((_, value)) => one(value.clone()),
                None => Err(format!("${name} is not defined").into()),
            }
        }
        Filter::Bind(source, pattern, body) => each(run(source, input, scope), &mut |value| {
            let mut out = Vec::new();
            for inner in bound(pattern, value, scope)? {
                out = after(out, run(body, input, &inner))?;
            }
            Ok(out)
        }),
    }
}

fn recurse(value: &Json, out: &mut Vec<Json>) {
    out.push(value.clone());
    match value {
        Json::Array(items) => items.iter().for_each(|item| recurse(item, out)),
        Json::Object(members) => members.iter().for_each(|(_, value)| recurse(value, out)),
        _ => {}
    }
}

fn conditional(
    branches: &[(Filter, Filter)],
    otherwise: Option<&Filter>,
    input: &Json,
    scope: &Scope,
) -> Values {
    let Some(((test, body), rest)) = branches.split_first() else {
        return otherwise.map_or_else(
            || Ok(vec![input.clone()]),
            |filter| run(filter, input, scope),
        );
    };
    let mut out = Vec::new();
    for value in values(test, input, scope)? {
        let result = if value.truthy() {
            run(body, input, scope)
        } else {
            conditional(rest, otherwise, input, scope)
        };
        out = after(out, result)?;
    }
    Ok(out)
}

fn object(members: &[(Filter, Filter)], input: &Json, scope: &Scope) -> Values {
    let mut out: Vec<Vec<(String, Json)>> = vec![Vec::new()];
    for (key, value) in members {
        let (keys, values) = (values(key, input, scope)?, values(value, input, scope)?);
        let mut next = Vec::new();
        for before in &out {
            for key in &keys {
                let Json::String(key) = key else {
                    let text = format!("Object keys must be strings, not {}", described(key));
                    return Err(text.into());
                };
                for value in &values {
                    let mut members = before.clone();
                    members.retain(|(known, _)| known != key);
                    members.push((key.clone(), value.clone()));
                    next.push(members);
                }
            }
        }
        if next.len() > MAX_VALUES {
            return Err("too many values".to_owned().into());
        }
        out = next;
    }
    Ok(out.into_iter().map(Json::Object).collect())
}

fn binary(op: &str, left: &Filter, right: &Filter, input: &Json, scope: &Scope) -> Values {
    if op == "//" {
        let found = match run(left, input, scope) {
            Ok(found) => found,
            Err(stop) => stop.given,
        };
        let kept: Vec<Json> = found.into_iter().filter(Json::truthy).collect();
        return if kept.is_empty() {
            run(right, input, scope)
        } else {
            Ok(kept)
        };
    }
    let mut out = Vec::new();
    if op == "and" || op == "or" {
        for a in values(left, input, scope)? {
            if a.truthy() == (op == "or") {
                out.push(Json::Bool(op == "or"));
            } else {
                out.extend(
                    values(right, input, scope)?
                        .iter()
                        .map(|b| Json::Bool(b.truthy())),
                );
            }
        }
        return Ok(out);
    }
    let lefts = values(left, input, scope)?;
    for b in values(right, input, scope)? {
        for a in &lefts {
            out.push(operate(op, a, &b)?);
        }
    }
    Ok(out)
}
