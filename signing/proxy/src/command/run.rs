//! `ledgerd-signing-proxy run`: the proxy with a configuration file.

use std::net::SocketAddr;

use super::{FaultArguments, RunArguments, complain, say};
use crate::clock;
use crate::config::{ConfigError, Settings};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::runtime::{self, Unusual};

/// Runs until it is told to stop.
pub(super) fn execute(arguments: &RunArguments, environment: &Environment) -> Exit {
    let now = clock::now();
    let settings = match Settings::load(&arguments.file.config, environment, now) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error);
            return Exit::Configuration;
        }
    };
    settings.warnings(now).iter().for_each(complain);
    serve(settings, &arguments.faults, |address| {
        say(&format_args!(
            "ledgerd-signing-proxy ready address={address}"
        ));
    })
}

/// Serves, and says how it ended.
pub(super) fn serve(
    settings: Settings,
    faults: &FaultArguments,
    ready: impl FnOnce(SocketAddr),
) -> Exit {
    let served = unusual(&settings, faults)
        .map_err(runtime::ServeError::Configuration)
        .and_then(|unusual| runtime::serve(settings, unusual, ready));
    match served {
        Ok(()) => Exit::Success,
        Err(error) => {
            complain(&error);
            error.exit()
        }
    }
}

/// What goes wrong on purpose, where that is allowed.
#[cfg(any(feature = "faults", debug_assertions))]
fn unusual(settings: &Settings, faults: &FaultArguments) -> Result<Unusual, ConfigError> {
    use crate::config::Problem;

    let is_production = settings.profile.is_production();
    let refused = |fault: &str, advice: &str| {
        let problem = Problem::of("profile", "production", fault, advice);
        Err(ConfigError::of(&settings.file, problem))
    };
    if cfg!(feature = "faults") && is_production {
        let fault = "not accepted by a build that can be told to fail";
        return refused(fault, "run a build without the feature `faults`");
    }
    if is_production && !faults.faults.is_empty() {
        let fault = "`--fault` is given, and nothing fails on purpose in production";
        return refused(fault, "leave `--fault` out");
    }
    if cfg!(feature = "faults") || !faults.faults.is_empty() {
        complain(&"THIS PROXY FAILS WHEN IT IS TOLD TO: for load tests, and for nothing else");
    }
    Ok(Unusual {
        faults: faults.faults.clone(),
        seed: faults.fault_seed,
    })
}

/// Builds for production know no faults.
#[cfg(not(any(feature = "faults", debug_assertions)))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "builds that know faults may refuse them"
)]
fn unusual(_: &Settings, _: &FaultArguments) -> Result<Unusual, ConfigError> {
    Ok(Unusual {})
}
