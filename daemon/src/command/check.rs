//! `ledgerd check`: what a configuration would run with, or all that is wrong with it.

use super::{CheckArguments, complain, say};
use crate::clock;
use crate::config::{Settings, table};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::signers;

/// Checks the file, opens nothing and asks no signer.
pub(super) fn execute(arguments: &CheckArguments, environment: &Environment) -> Exit {
    let now = clock::now();
    let environment = arguments.file.flags.over(environment);
    match Settings::load(&arguments.file.config, &environment, now) {
        Ok(settings) => {
            let shown = if arguments.json {
                table::json(&settings)
            } else {
                table::text(&settings)
            };
            say(&shown);
            settings.warnings(now).iter().for_each(complain);
            for problem in signers::foresee(&settings) {
                complain(&format_args!(
                    "unless the chain has a newer keyring: {problem}"
                ));
            }
            Exit::Success
        }
        Err(error) => {
            complain(&error);
            Exit::Configuration
        }
    }
}
