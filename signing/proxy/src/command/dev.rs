//! `ledgerd-signing-proxy dev`: the proxy for a developer or a test, who need nothing but this
//! command.

use super::{DevArguments, complain, run, say};
use crate::clock;
use crate::config::Settings;
use crate::dev::error::DevError;
use crate::dev::folder::Folder;
use crate::dev::{self, API_KEY, Ask, CONFIGURATION};
use crate::environment::Environment;
use crate::exit::Exit;

/// Runs until it is told to stop.
pub(super) fn execute(arguments: &DevArguments, environment: &Environment) -> Exit {
    start(arguments, environment).unwrap_or_else(|error| {
        complain(&error);
        error.exit()
    })
}

fn start(arguments: &DevArguments, environment: &Environment) -> Result<Exit, DevError> {
    if environment.is_production() {
        return Err(DevError::Production);
    }
    if !arguments.listen.ip().is_loopback() {
        return Err(DevError::NotLoopback(arguments.listen));
    }
    let folder = Folder::open(&arguments.data)?;
    let now = clock::now();
    let ask = Ask {
        listen: arguments.listen,
        tls: arguments.tls,
        origins: &arguments.origin,
        now,
    };
    dev::prepare(&folder, &ask)?;
    let settings = match Settings::load(&folder.file(CONFIGURATION), environment, now) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error);
            return Ok(Exit::Configuration);
        }
    };
    let scheme = if arguments.tls { "https" } else { "http" };
    Ok(run::serve(settings, &arguments.faults, |address| {
        let place = folder.path().display();
        let port = address.port();
        eprintln!(
            "ledgerd-signing-proxy listens on {scheme}://localhost:{port} for development; its \
             API key is in {place}/{API_KEY}"
        );
        say(&format_args!(
            "ledgerd-signing-proxy ready address={address} data={place}"
        ));
    }))
}
