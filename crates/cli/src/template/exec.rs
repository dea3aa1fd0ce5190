//! Carries out a parsed template. Source: Go `text/template/exec.go`.

use sorted::SortedMap;

use super::Mode;
use super::funcs::{self, Param};
use super::moment;
use super::parse::{Branch, Command, Expr, Node, Operand, Pipe, Tree};
use super::value::{Labels, Missing, Struct, Value};
use crate::go;

/// How a list of nodes was left.
enum Flow {
    Done,
    Break,
    Continue,
}

/// What a failing node is called in the error text.
struct Place {
    at: usize,
    shown: String,
}

impl Place {
    fn of(operand: &Operand) -> Self {
        Self {
            at: operand.at,
            shown: operand.shown(),
        }
    }

    fn of_command(command: &Command) -> Self {
        Self {
            at: command.at,
            shown: command.shown(),
        }
    }
}

pub(super) struct Execution<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
    pub(super) defined: &'t SortedMap<String, Vec<Node>>,
    pub(super) mode: Mode,
    current: String,
    variables: Vec<(String, Value)>,
    out: String,
    depth: usize,
}

/// How deep templates may call one another.
const MAX_DEPTH: usize = 300;
/// How much a template may print.
const MAX_OUTPUT: usize = 16 << 20;

impl<'t> Execution<'t> {
    pub(super) fn run(
        name: &'t str,
        text: &'t str,
        tree: &'t Tree,
        mode: Mode,
        data: &Value,
    ) -> (String, Result<(), String>) {
        let (nodes, defined) = tree;
        let mut execution = Self {
            name,
            text,
            defined,
            mode,
            current: name.to_owned(),
            variables: vec![("$".into(), data.clone())],
            out: String::new(),
            depth: 0,
        };
        let done = execution.list(data, nodes).map(|_flow| ());
        (execution.out, done)
    }

    fn error<T>(&self, place: &Place, why: &str) -> Result<T, String> {
        let before = self.text.get(..place.at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = match before.rfind('\n') {
            Some(newline) => place.at - (newline + 1),
            None => place.at,
        };
        let name = self.name;
        Err(format!(
            "template: {name}:{line}:{column}: executing {} at <{}>: {why}",
            go::quote(&self.current),
            place.shown
        ))
    }

    fn list(&mut self, dot: &Value, nodes: &[Node]) -> Result<Flow, String> {
        for node in nodes {
            match self.node(dot, node)? {
                Flow::Done => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Done)
    }

    fn node(&mut self, dot: &Value, node: &Node) -> Result<Flow, String> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.sets.is_empty() {
                    self.out.push_str(&value.print());
                }
            }
            Node::If(branch) => {
                let known = self.variables.len();
                let value = self.pipe(dot, &branch.pipe)?;
                let flow = self.list(
                    dot,
                    if value.truth() {
                        &branch.body
                    } else {
                        &branch.otherwise
                    },
                )?;
                self.variables.truncate(known);
                return Ok(flow);
            }
            Node::With(branch) => {
                let known = self.variables.len();
                let value = self.pipe(dot, &branch.pipe)?;
                let flow = match value.truth() {
                    true => self.list(&value, &branch.body)?,
                    false => self.list(dot, &branch.otherwise)?,
                };
                self.variables.truncate(known);
                return Ok(flow);
            }
            Node::Range(branch) => return self.range(dot, branch),
            Node::Template { at, name, pipe } => self.template(dot, *at, name, pipe.as_ref())?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        if self.out.len() > MAX_OUTPUT {
            return Err(format!("template: {}: output is too long", self.name));
        }
        Ok(Flow::Done)
    }

    fn template(
        &mut self,
        dot: &Value,
        at: usize,
        name: &str,
        pipe: Option<&Pipe>,
    ) -> Result<(), String> {
        let place = Place {
            at,
            shown: format!("{{{{template {}}}}}", go::quote(name)),
        };
        let defined = self.defined;
        let Some(nodes) = defined.get(name) else {
            return self.error(&place, &format!("template {} not defined", go::quote(name)));
        };
        if self.depth >= MAX_DEPTH {
            return self.error(&place, "exceeded maximum template depth");
        }
        let dot = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Nil(Missing::Unknown),
        };
        let outer_variables =
            std::mem::replace(&mut self.variables, vec![("$".into(), dot.clone())]);
        let outer_name = std::mem::replace(&mut self.current, name.to_owned());
        self.depth += 1;
        let result = self.list(&dot, nodes);
        self.depth -= 1;
        self.variables = outer_variables;
        self.current = outer_name;
        result.map(|_flow| ())
    }

    fn range(&mut self, dot: &Value, branch: &Branch) -> Result<Flow, String> {
        let known = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let items: Vec<(Value, Value)> = match &value {
            Value::List(items) => items
                .iter()
                .zip(0..)
                .map(|(item, i)| (Value::Int(i), item.clone()))
                .collect(),
            Value::Map(entries, _) => entries
                .iter()
                .map(|(k, v)| (Value::str(k.as_str()), v.clone()))
                .collect(),
            Value::Int(n) => (0..(*n).min(1 << 20))
                .map(|i| (Value::Int(i), Value::Int(i)))
                .collect(),
            Value::Nil(_) => Vec::new(),
            Value::Bool(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Word(..)
            | Value::Number(_)
            | Value::Time(_)
            | Value::Duration(_)
            | Value::Mode(_)
            | Value::Bytes(_)
            | Value::Struct(_) => {
                let place = match branch.pipe.commands.last() {
                    Some(command) => Place {
                        at: command.at,
                        shown: branch.pipe.shown(),
                    },
                    None => Place {
                        at: 0,
                        shown: String::new(),
                    },
                };
                return self.error(
                    &place,
                    &format!("range can't iterate over {}", value.verb_v()),
                );
            }
        };
        let inside = self.variables.len();
        for (key, item) in &items {
            match branch.pipe.sets.as_slice() {
                [one] => self.set(one, item.clone(), branch.pipe.assigns),
                [first, second] => {
                    self.set(first, key.clone(), branch.pipe.assigns);
                    self.set(second, item.clone(), branch.pipe.assigns);
                }
                _ => {}
            }
            let flow = self.list(item, &branch.body)?;
            self.variables.truncate(inside);
            if matches!(flow, Flow::Break) {
                break;
            }
        }
        let flow = match items.is_empty() {
            true => self.list(dot, &branch.otherwise)?,
            false => Flow::Done,
        };
        self.variables.truncate(known);
        Ok(flow)
    }

    fn set(&mut self, name: &str, value: Value, assigns: bool) {
        if assigns
            && let Some(slot) = self
                .variables
                .iter_mut()
                .rev()
                .find(|(known, _)| known == name)
        {
            slot.1 = value;
            return;
        }
        self.variables.push((name.to_owned(), value));
    }

    /// Works out a pipeline; variables of a range are set by the range itself.
    fn pipe(&mut self, dot: &Value, pipe: &Pipe) -> Result<Value, String> {
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?);
        }
        let value = value.unwrap_or(Value::Nil(Missing::Unknown));
        for name in &pipe.sets {
            self.set(name, value.clone(), pipe.assigns);
        }
        Ok(value)
    }

    fn command(
        &mut self,
        dot: &Value,
        command: &Command,
        last: Option<Value>,
    ) -> Result<Value, String> {
        let Some(first) = command.operands.first() else {
            return Ok(Value::Nil(Missing::Unknown));
        };
        let arguments = command.operands.get(1..).unwrap_or(&[]);
        let has_arguments = !arguments.is_empty() || last.is_some();
        match &first.expr {
            Expr::Function(name) => return self.call(dot, name, first, command, last),
            Expr::Field(fields) => {
                return self.fields(first, dot.clone(), fields, dot, arguments, last);
            }
            Expr::Variable(name, fields) if !fields.is_empty() => {
                let value = self.variable(name);
                return self.fields(first, value, fields, dot, arguments, last);
            }
            Expr::Chain(inner, fields) => {
                let value = self.operand(dot, inner)?;
                return self.fields(inner.evaluated_last(), value, fields, dot, arguments, last);
            }
            Expr::Dot
            | Expr::Nil
            | Expr::Bool(_)
            | Expr::Number(..)
            | Expr::Str(..)
            | Expr::Variable(..)
            | Expr::Pipe(_) => {}
        }
        if has_arguments {
            return self.error(
                &Place::of(first),
                &format!("can't give argument to non-function {}", first.shown()),
            );
        }
        match &first.expr {
            Expr::Nil => self.error(&Place::of(first), "nil is not a command"),
            _ => self.operand(dot, first),
        }
    }

    fn variable(&self, name: &str) -> Value {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        found.map_or(Value::Nil(Missing::Unknown), |(_, value)| value.clone())
    }

    /// Works out an operand that takes no arguments.
    fn operand(&mut self, dot: &Value, operand: &Operand) -> Result<Value, String> {
        match &operand.expr {
            Expr::Dot => Ok(dot.clone()),
            Expr::Nil => Ok(Value::Nil(Missing::Unknown)),
            Expr::Bool(b) => Ok(Value::Bool(*b)),
            Expr::Number(value, _) => Ok(value.clone()),
            Expr::Str(text, _) => Ok(Value::str(text.as_str())),
            Expr::Field(fields) => self.fields(operand, dot.clone(), fields, dot, &[], None),
            Expr::Variable(name, fields) => {
                let value = self.variable(name);
                self.fields(operand, value, fields, dot, &[], None)
            }
            Expr::Chain(inner, fields) => {
                let value = self.operand(dot, inner)?;
                self.fields(inner.evaluated_last(), value, fields, dot, &[], None)
            }
            Expr::Function(name) => {
                let command = Command {
                    at: operand.at,
                    operands: vec![operand.clone()],
                };
                self.call(dot, name, operand, &command, None)
            }
            Expr::Pipe(pipe) => self.pipe(dot, pipe),
        }
    }

    /// Follows fields from `value`; arguments belong to the last one.
    fn fields(
        &mut self,
        node: &Operand,
        value: Value,
        fields: &[String],
        dot: &Value,
        arguments: &[Operand],
        last: Option<Value>,
    ) -> Result<Value, String> {
        let mut value = value;
        let count = fields.len();
        let arity = arguments.len() + usize::from(last.is_some());
        for (i, name) in fields.iter().enumerate() {
            let given = if i + 1 == count { arity } else { 0 };
            if name == "Label"
                && let Value::Struct(s) = &value
                && !matches!(s.labels, Labels::None)
            {
                if given != 1 {
                    return self.error(
                        &Place::of(node),
                        &format!("wrong number of args for Label: want 1 got {given}"),
                    );
                }
                let label = match (arguments.first(), &last) {
                    (Some(argument), _) => self.operand(dot, argument)?,
                    (None, Some(last)) => last.clone(),
                    (None, None) => Value::Nil(Missing::Unknown),
                };
                value = Value::Str(label_text(s, &label.verb_v()));
                continue;
            }
            if name == "Format"
                && given == 1
                && let Value::Time(time) = &value
            {
                let layout = match (arguments.first(), &last) {
                    (Some(argument), _) => self.operand(dot, argument)?,
                    (None, last) => last.clone().unwrap_or(Value::Nil(Missing::Text)),
                };
                value = Value::Str(moment::format(time, &layout.verb_v()).unwrap_or_default());
                continue;
            }
            if let Value::Nil(Missing::Pointer) = value {
                let before = i.checked_sub(1).and_then(|at| fields.get(at));
                let of = pointed(before.map_or("", String::as_str));
                return self.error(
                    &Place::of(node),
                    &format!("nil pointer evaluating {of}.{name}"),
                );
            }
            value = self.field(node, &value, name, given)?;
        }
        Ok(value)
    }

    fn field(
        &self,
        node: &Operand,
        value: &Value,
        name: &str,
        given: usize,
    ) -> Result<Value, String> {
        let place = Place::of(node);
        let missing = |what: Missing| Ok(Value::Nil(what));
        match value {
            Value::Struct(s) => match s.field(name) {
                Some(field) if given == 0 => Ok(field.value.clone()),
                Some(_) if s.row => self.error(
                    &place,
                    &format!("wrong number of args for {name}: want 0 got {given}"),
                ),
                Some(_) => self.error(
                    &place,
                    &format!("{name} has arguments but cannot be invoked as function"),
                ),
                None => self.error(
                    &place,
                    &format!("can't evaluate field {name} in type {}", s.type_name),
                ),
            },
            Value::Time(time) if given == 0 && self.mode == Mode::Plain => {
                match moment::method(time, name) {
                    Some(found) => Ok(found),
                    None => self.error(
                        &place,
                        &format!("can't evaluate field {name} in type {}", value.type_name()),
                    ),
                }
            }
            Value::Map(..) if given > 0 => {
                self.error(&place, &format!("{name} is not a method but has arguments"))
            }
            Value::Map(entries, _) => match entries.get(name) {
                Some(found) => Ok(found.clone()),
                None if self.mode == Mode::MissingKeyIsError => self.error(
                    &place,
                    &format!("map has no entry for key {}", go::quote(name)),
                ),
                None => missing(Missing::Unknown),
            },
            Value::Nil(Missing::Map) => missing(Missing::Unknown),
            Value::Nil(Missing::Unknown) if self.mode == Mode::MissingKeyIsError => self.error(
                &place,
                &format!("nil data; no entry for key {}", go::quote(name)),
            ),
            Value::Nil(Missing::Unknown) => missing(Missing::Unknown),
            other => {
                // The raw form hides what it holds from Go's type names.
                let shown = match (other, self.mode) {
                    (_, Mode::MissingKeyIsError) => "interface {}",
                    _ => other.type_name(),
                };
                self.error(
                    &place,
                    &format!("can't evaluate field {name} in type {shown}"),
                )
            }
        }
    }

    fn call(
        &mut self,
        dot: &Value,
        name: &str,
        function: &Operand,
        command: &Command,
        last: Option<Value>,
    ) -> Result<Value, String> {
        let arguments = command.operands.get(1..).unwrap_or(&[]);
        let header = self.mode == Mode::Header;
        let Some(signature) = funcs::signature(name, header) else {
            return self.error(
                &Place::of(function),
                &format!("{} is not a defined function", go::quote(name)),
            );
        };
        let (given, wanted) = (
            arguments.len() + usize::from(last.is_some()),
            signature.params.len(),
        );
        if signature.variadic && given + 1 < wanted {
            let why = format!(
                "wrong number of args for {name}: want at least {} got {given}",
                wanted - 1
            );
            return self.error(&Place::of(function), &why);
        }
        if !signature.variadic && given != wanted {
            let why = format!("wrong number of args for {name}: want {wanted} got {given}");
            return self.error(&Place::of(function), &why);
        }
        if matches!(name, "and" | "or") {
            let mut value = Value::Nil(Missing::Unknown);
            for argument in arguments {
                value = self.operand(dot, argument)?;
                if value.truth() == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut values = Vec::with_capacity(given);
        for (i, argument) in arguments.iter().enumerate() {
            let param = signature
                .params
                .get(i)
                .or(signature.params.last())
                .copied()
                .unwrap_or(Param::Any);
            let value = self.operand(dot, argument)?;
            self.check(&Place::of(argument), argument, param, &value)?;
            values.push(value);
        }
        if let Some(last) = last {
            let param = signature
                .params
                .get(values.len())
                .or(signature.params.last())
                .copied()
                .unwrap_or(Param::Any);
            self.check(&Place::of(function), function, param, &last)?;
            values.push(last);
        }
        match funcs::call(name, &values, header) {
            Ok(value) => Ok(value),
            Err(why) => self.error(
                &Place::of_command(command),
                &format!("error calling {name}: {why}"),
            ),
        }
    }

    /// Rejects a value that a parameter does not take.
    fn check(
        &self,
        place: &Place,
        argument: &Operand,
        param: Param,
        value: &Value,
    ) -> Result<(), String> {
        let wanted = match param {
            Param::Any => return Ok(()),
            Param::Text => "string",
            Param::Int => "int",
            Param::Texts => "[]string",
        };
        let literal = matches!(
            argument.expr,
            Expr::Bool(_) | Expr::Number(..) | Expr::Str(..) | Expr::Nil
        );
        let fits = match (param, value) {
            (Param::Text, Value::Str(_)) | (Param::Int, Value::Int(_)) => true,
            (Param::Texts, Value::List(_) | Value::Nil(Missing::List)) => {
                self.mode != Mode::MissingKeyIsError
            }
            _ => false,
        };
        match (fits, literal, value) {
            (true, ..) => Ok(()),
            (false, true, _) if param == Param::Int => self.error(
                place,
                &format!("expected integer; found {}", argument.shown()),
            ),
            (false, true, _) if param == Param::Text => self.error(
                place,
                &format!("expected string; found {}", argument.shown()),
            ),
            (false, _, Value::Nil(Missing::Unknown)) => {
                self.error(place, &format!("invalid value; expected {wanted}"))
            }
            (false, ..) => self.error(
                place,
                &format!(
                    "wrong type for value; expected {wanted}; got {}",
                    value.type_name()
                ),
            ),
        }
    }
}

/// Returns what `.Label "name"` gives: the label, or a heading made from the last part of its name.
fn label_text(s: &Struct, name: &str) -> String {
    match &s.labels {
        Labels::None => String::new(),
        Labels::Values(labels) => labels.get(name).cloned().unwrap_or_default(),
        Labels::Heading => name
            .rsplit('.')
            .next()
            .unwrap_or("")
            .replace(['-', '_'], " "),
    }
}

/// What Go calls the type of a field that is a pointer.
fn pointed(field: &str) -> String {
    let name = match field {
        "PreviousSpec" => "ServiceSpec",
        "RollbackConfig" => "UpdateConfig",
        "Resources" => "ResourceRequirements",
        "Limits" => "Limit",
        "Reservations" => "Resources",
        "LogDriver" | "Templating" => "Driver",
        "Replicated" => "ReplicatedService",
        "Global" => "GlobalService",
        "Cluster" => "ClusterInfo",
        "UpdateStatus" | "UpdateConfig" | "ManagerStatus" | "JobStatus" | "ServiceStatus"
        | "EndpointSpec" | "RestartPolicy" | "Placement" | "ReplicatedJob" | "GlobalJob"
        | "DNSConfig" | "ContainerSpec" | "ContainerStatus" => field,
        _ => return "interface {}".into(),
    };
    format!("*swarm.{name}")
}
