//! `ledgerd dev`: the daemon for a developer, who needs nothing but this command.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{DevArguments, DevCommand, IssueArguments, Place, complain, run, say};
use crate::clock;
use crate::config::problem::Problems;
use crate::config::{Settings, Variables};
use crate::devca::error::DevError;
use crate::devca::folder::{self, Folder};
use crate::devca::holder::Holder;
use crate::devca::{DevCa, profile, seals};
use crate::environment::Environment;
use crate::exit::Exit;

/// Does what was asked for.
pub(super) fn execute(arguments: &DevArguments, environment: &Environment) -> Exit {
    let done = match &arguments.command {
        None => start(arguments, environment),
        Some(DevCommand::Issue(issue)) => {
            self::issue(arguments, issue, environment).map(|()| Exit::Success)
        }
    };
    done.unwrap_or_else(|error| {
        complain(&error);
        error.exit()
    })
}

fn start(arguments: &DevArguments, environment: &Environment) -> Result<Exit, DevError> {
    refuse_production(environment)?;
    if !arguments.listen.ip().is_loopback() {
        return Err(DevError::NotLoopback(arguments.listen));
    }
    let (data, keys) = arguments.place.resolve(environment)?;
    let keys = Folder::open(&keys)?;
    folder::create_private(&data)?;
    let now = clock::now();
    DevCa::open_or_make(keys.clone(), now)?;
    seals::open_or_make(&keys, clock::micros())?;
    profile::write_configuration(&keys, &data, arguments.listen)?;
    let settings = match Settings::load(&keys.file(profile::CONFIGURATION), environment, now) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error);
            return Ok(Exit::Configuration);
        }
    };
    Ok(run::serve(settings, |address| announce(&keys, address)))
}

fn issue(
    arguments: &DevArguments,
    issue: &IssueArguments,
    environment: &Environment,
) -> Result<(), DevError> {
    refuse_production(environment)?;
    let holder = Holder::of(issue.tenant.as_deref(), &issue.role)?;
    let holder = match &issue.name {
        Some(name) => holder.named(name)?,
        None => holder,
    };
    let (_, keys) = arguments.place.resolve(environment)?;
    if !keys.is_dir() {
        return Err(DevError::NoAuthority(keys));
    }
    let keys = Folder::open(&keys)?;
    let ca = DevCa::open(keys.clone())?;
    ca.issue_to(&holder, issue.valid_for, clock::now())?;
    let address = profile::address(&keys).unwrap_or(arguments.listen);
    let written = profile::write(&keys, holder.stem(), address)?;
    say(&written.display());
    Ok(())
}

/// Where clients listen for readiness: profiles first, then the line that says so.
fn announce(keys: &Folder, address: SocketAddr) {
    if let Err(error) = profile::write_all(keys, address) {
        // Nobody could connect. What is in the journal is safe whenever the process ends.
        complain(&error);
        std::process::exit(i32::from(error.exit().code()));
    }
    let folder = keys.path().display();
    eprintln!(
        "ledgerd listens on {address} for development; its profiles are in {folder}\n\n  \
         export LEDGERCTL_PROFILE={folder}/operator.toml\n  \
         ledgerctl --help\n\n\
         `demo-read`, `demo-write` and `demo-admin` speak for tenant `demo`, `operator`, \
         `billing` and `auditor` for the platform.\n\
         `ledgerd dev issue --keys {folder} --tenant NAME --role ROLE` makes more."
    );
    say(&format_args!(
        "ledgerd ready address={address} profiles={folder}"
    ));
}

fn refuse_production(environment: &Environment) -> Result<(), DevError> {
    let mut problems = Problems::default();
    let variables = Variables::check(&environment.given, &mut problems);
    if variables.is_production() {
        Err(DevError::Production)
    } else {
        Ok(())
    }
}

impl Place {
    /// Directories of the data and the keys.
    fn resolve(&self, environment: &Environment) -> Result<(PathBuf, PathBuf), DevError> {
        let absolute = |path: &PathBuf| std::path::absolute(path).map_err(DevError::at(path));
        let data = match &self.data {
            Some(data) => absolute(data)?,
            None => {
                let home = environment.state_home.as_ref().ok_or(DevError::NoHome)?;
                home.join("ledgerd/dev")
            }
        };
        let keys = match &self.keys {
            Some(keys) => absolute(keys)?,
            None => data.join("keys"),
        };
        Ok((data, keys))
    }
}
