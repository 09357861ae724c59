//! `ledgerd-signing-proxy check`: what a configuration would run with, or all that is wrong in it.

use std::path::Path;

use super::{complain, say};
use crate::clock;
use crate::config::{Settings, show};
use crate::environment::Environment;
use crate::exit::Exit;

/// Checks `file` and opens nothing.
pub(super) fn execute(file: &Path, environment: &Environment) -> Exit {
    let now = clock::now();
    match Settings::load(file, environment, now) {
        Ok(settings) => {
            say(&show::lines(&settings));
            settings.warnings(now).iter().for_each(complain);
            Exit::Success
        }
        Err(error) => {
            complain(&error);
            Exit::Configuration
        }
    }
}
