//! `ledgerd run`: the daemon with a configuration file.

use std::net::SocketAddr;

use super::{FileArguments, complain, say};
use crate::clock;
use crate::config::Settings;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::runtime;

/// Runs until it is told to stop.
pub(super) fn execute(arguments: &FileArguments, environment: &Environment) -> Exit {
    let now = clock::now();
    let environment = arguments.flags.over(environment);
    let settings = match Settings::load(&arguments.config, &environment, now) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error);
            return Exit::Configuration;
        }
    };
    settings.warnings(now).iter().for_each(complain);
    serve(settings, |address| {
        say(&format_args!("ledgerd ready address={address}"));
    })
}

/// Serves, and says how it ended.
pub(super) fn serve(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Exit {
    match runtime::serve(settings, ready) {
        Ok(()) => Exit::Success,
        Err(error) => {
            complain(&error);
            error.exit()
        }
    }
}
