//! `window.drydock`: what programs around the page may ask for.

use js_sys::{Function, Object, Promise, Reflect};
use serde::Serialize;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::{Closure, JsValue};

/// A request from JavaScript.
pub(crate) enum Request {
    Run {
        machine: String,
        line: String,
        reply: Reply,
    },
    Topology(Reply),
    Journeys(Reply),
    Reset(Reply),
}

/// The two ends of a promise.
pub(crate) struct Reply {
    resolve: Function,
    reject: Function,
}

impl Reply {
    /// Answers with a value as plain JavaScript data.
    pub(crate) fn json(&self, value: &impl Serialize) {
        let text = serde_json::to_string(value).unwrap_or_default();
        self.value(&js_sys::JSON::parse(&text).unwrap_or(JsValue::NULL));
    }

    /// Answers with what a command printed.
    pub(crate) fn finished(&self, output: &str, exit: Option<i32>) {
        let answer = Object::new();
        let _ = Reflect::set(&answer, &"output".into(), &output.into());
        let _ = Reflect::set(
            &answer,
            &"exit".into(),
            &exit.map_or(JsValue::NULL, JsValue::from),
        );
        self.value(&answer);
    }

    /// Answers with nothing.
    pub(crate) fn done(&self) {
        self.value(&JsValue::UNDEFINED);
    }

    /// Refuses.
    pub(crate) fn fail(&self, reason: &str) {
        let _ = self
            .reject
            .call1(&JsValue::NULL, &js_sys::Error::new(reason));
    }

    fn value(&self, value: &JsValue) {
        let _ = self.resolve.call1(&JsValue::NULL, value);
    }
}

/// Puts `drydock` on the window.
pub(crate) fn install(ask: impl Fn(Request) + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let ask: Rc<dyn Fn(Request)> = Rc::new(ask);
    let object = Object::new();
    let run = {
        let ask = Rc::clone(&ask);
        Closure::<dyn Fn(String, String) -> Promise>::new(move |machine: String, line: String| {
            promise(|reply| {
                ask(Request::Run {
                    machine: machine.clone(),
                    line: line.clone(),
                    reply,
                });
            })
        })
    };
    set(&object, "run", run.into_js_value());
    type Question = (&'static str, fn(Reply) -> Request);
    let plain: [Question; 3] = [
        ("topology", Request::Topology),
        ("journeys", Request::Journeys),
        ("reset", Request::Reset),
    ];
    for (name, request) in plain {
        let ask = Rc::clone(&ask);
        let call =
            Closure::<dyn Fn() -> Promise>::new(move || promise(|reply| ask(request(reply))));
        set(&object, name, call.into_js_value());
    }
    set(&object, "version", JsValue::from_f64(1.0));
    set(&window, "drydock", object.into());
}

fn promise(mut ask: impl FnMut(Reply)) -> Promise {
    let ends: Rc<RefCell<Option<Reply>>> = Rc::default();
    let promise = Promise::new(&mut |resolve, reject| {
        *ends.borrow_mut() = Some(Reply { resolve, reject });
    });
    if let Some(reply) = ends.take() {
        ask(reply);
    }
    promise
}

fn set(object: &JsValue, name: &str, value: JsValue) {
    let _ = Reflect::set(object, &name.into(), &value);
}
