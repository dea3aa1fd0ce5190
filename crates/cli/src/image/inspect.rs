//! `docker image inspect`.

use std::rc::Rc;

use engine::api::ImageInspect;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT;
use crate::inspect;
use crate::session::{Outcome, Session, said};
use crate::template::{Struct, Value, value_of};

pub(crate) static COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Display detailed information on one or more images",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::text(
            "platform",
            "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
        ),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    inspect::objects(
        &session,
        parsed.text("format"),
        &parsed.args,
        async |name: &str| {
            let image = client.image_inspect(name).map_err(|e| said(&e))?;
            Ok(object(&image, parsed.text("format")))
        },
    )
    .await
}

/// The fields of an image's configuration in the order of the typed form, from which templates are filled.
/// Source: moby `docker-image-spec`, `DockerOCIImageConfig`.
const TYPED: [&str; 11] = [
    "User",
    "ExposedPorts",
    "Env",
    "Entrypoint",
    "Cmd",
    "Volumes",
    "WorkingDir",
    "Labels",
    "StopSignal",
    "Healthcheck",
    "OnBuild",
];

/// Returns an image as inspect shows it: as the engine answers, or typed, where JSON leaves out what is empty.
pub(crate) fn object(image: &ImageInspect, format: &str) -> Value {
    let whole = value_of(image);
    let Value::Struct(whole) = &whole else {
        return whole;
    };
    if matches!(format, "" | "json") {
        return Value::Struct(whole.clone());
    }
    let mut whole = (**whole).clone();
    let at = whole.fields.iter().position(|f| f.name == "Config");
    let config = at.map(|at| whole.fields.remove(at));
    if let Some(mut config) = config {
        if let Value::Struct(own) = &config.value {
            let field = |name: &&str| {
                let mut field = own.fields.iter().find(|f| f.name == *name)?.clone();
                field.omitted = !field.value.truth();
                Some(field)
            };
            config.value = Value::Struct(Rc::new(Struct {
                fields: TYPED.iter().filter_map(field).collect(),
                ..(**own).clone()
            }));
        }
        let after = whole.fields.iter().position(|f| f.name == "Architecture");
        whole.fields.insert(after.unwrap_or(0), config);
    }
    Value::Struct(Rc::new(whole))
}
