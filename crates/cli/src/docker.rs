//! The table of all commands.

use crate::args::{Command, Flag, Section};
use crate::{absent, compose, container, image, network, swarm, system, volume};

/// `docker` and all that is under it.
pub static DOCKER: Command = Command {
    name: "docker",
    short: "A self-sufficient runtime for containers",
    flags: &[&[
        Flag::text("config", "Location of client config files").default("/root/.docker"),
        Flag::text("context", "Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with \"docker context use\")").short('c'),
        Flag::bool("debug", "Enable debug mode").short('D'),
        Flag::text("host", "Daemon socket to connect to").short('H').once(),
        Flag::text("log-level", "Set the logging level (\"debug\", \"info\", \"warn\", \"error\", \"fatal\")").short('l').default("info"),
        Flag::bool("tls", "Use TLS; implied by --tlsverify"),
        Flag::text("tlscacert", "Trust certs signed only by this CA").default("/root/.docker/ca.pem"),
        Flag::text("tlscert", "Path to TLS certificate file").default("/root/.docker/cert.pem"),
        Flag::text("tlskey", "Path to TLS key file").default("/root/.docker/key.pem"),
        Flag::bool("tlsverify", "Use TLS and verify the remote"),
        Flag::bool("version", "Print version information and quit").short('v'),
    ]],
    sections: &[
        Section {
            title: "Common Commands",
            commands: &[&container::run::COMMAND, &container::exec::COMMAND, &container::PS, &image::absent::BUILD, &image::pull::COMMAND, &image::registry::PUSH, &image::IMAGES, &image::registry::LOGIN, &image::registry::LOGOUT, &image::registry::SEARCH, &system::version::COMMAND, &system::info::COMMAND],
        },
        Section {
            title: "Management Commands",
            commands: &[&absent::builder::COMMAND, &absent::checkpoint::COMMAND, &compose::COMMAND, &container::COMMAND, &system::context::COMMAND, &image::COMMAND, &absent::manifest::COMMAND, &network::COMMAND, &absent::plugin::COMMAND, &system::COMMAND, &absent::trust::COMMAND, &volume::COMMAND],
        },
        Section {
            title: "Swarm Commands",
            commands: &[&swarm::config::COMMAND, &swarm::node::COMMAND, &swarm::secret::COMMAND, &swarm::service::COMMAND, &swarm::stack::COMMAND, &swarm::swarm::COMMAND],
        },
        Section {
            title: "Commands",
            commands: &[&container::attach::COMMAND, &container::commit::COMMAND, &container::cp::COMMAND, &container::create::COMMAND, &container::diff::COMMAND, &system::events::COMMAND, &container::export::COMMAND, &image::history::COMMAND, &image::import::COMMAND, &system::inspect::COMMAND, &container::kill::COMMAND, &image::load::COMMAND, &container::logs::COMMAND, &container::pause::COMMAND, &container::port::COMMAND, &container::rename::COMMAND, &container::restart::COMMAND, &container::rm::COMMAND, &image::RMI, &image::save::COMMAND, &container::start::COMMAND, &container::stats::COMMAND, &container::stop::COMMAND, &image::tag::COMMAND, &container::top::COMMAND, &container::unpause::COMMAND, &container::update::COMMAND, &container::wait::COMMAND],
        },
    ],
    ..Command::BLANK
};
