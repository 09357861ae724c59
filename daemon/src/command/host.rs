//! `ledgerd policy-host`: policies in a process of their own.

use super::{HostArguments, complain, say};
use crate::clock;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::policy_host::server;
use crate::policy_host::settings::HostSettings;

/// Runs until it is told to stop.
pub(super) fn execute(arguments: &HostArguments, environment: &Environment) -> Exit {
    let settings = match HostSettings::load(&arguments.config, environment, clock::now()) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error);
            return Exit::Configuration;
        }
    };
    let served = server::serve(settings, |address| {
        say(&format_args!("ledgerd policy-host ready address={address}"));
    });
    match served {
        Ok(()) => Exit::Success,
        Err(error) => {
            complain(&error);
            Exit::Runtime
        }
    }
}
