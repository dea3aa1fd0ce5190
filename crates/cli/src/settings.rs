//! The client's own settings, in `config.json`: the formats of lists that nobody asked otherwise.
//! Source: docker/cli `cli/config/config.go`, `configfile/file.go`.

use engine::go_json;

use crate::args::Parsed;
use crate::session::Session;
use crate::system::context::text_of;

/// Where the file lies unless something else is said.
const FOLDER: &str = "/root/.docker";

/// The setting that has a command's format, by the first of the command's names.
const FORMATS: [(&str, &str); 10] = [
    ("docker config ls", "configFormat"),
    ("docker container ls", "psFormat"),
    ("docker container stats", "statsFormat"),
    ("docker image ls", "imagesFormat"),
    ("docker network ls", "networksFormat"),
    ("docker node ls", "nodesFormat"),
    ("docker plugin ls", "pluginsFormat"),
    ("docker secret ls", "secretFormat"),
    ("docker service ls", "servicesFormat"),
    ("docker volume ls", "volumesFormat"),
];

/// Reads the settings and gives a command the format that they have for it. What cannot be read is remarked on and left out.
pub(crate) fn apply(session: &Session, globals: &Parsed, parsed: &mut Parsed) {
    let sys = &session.sys;
    let folder = globals.given_text("config").map(str::to_owned);
    let folder = folder.or_else(|| sys.env("DOCKER_CONFIG").filter(|f| !f.is_empty()));
    let file = format!("{}/config.json", folder.as_deref().unwrap_or(FOLDER));
    let Ok(text) = sys.read_text(&file) else {
        return;
    };
    if let Some(why) = go_json::complaint(&text) {
        let why = match why.as_str() {
            // The decoder of a stream does not know yet that nothing more comes.
            "unexpected end of JSON input" => "unexpected EOF",
            why => why,
        };
        session.complain(&format!(
            "WARNING: Error parsing config file ({file}): {why}"
        ));
        return;
    }
    let name = parsed.command.known_as.split(", ").next();
    let known = name.filter(|name| !name.is_empty()).unwrap_or(&parsed.path);
    let key = FORMATS.iter().find(|(command, _)| *command == known);
    let format = key.and_then(|(_, key)| text_of(&text, key));
    if let Some(format) = format.filter(|_| !parsed.on("quiet") && !parsed.on("tree")) {
        parsed.set_default("format", &format);
    }
}
