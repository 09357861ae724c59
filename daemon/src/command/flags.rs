//! Every variable of the runbooks as a flag: `REQUIRE_KMS` is `--require-kms`.

use std::ffi::OsString;

use clap::builder::OsStringValueParser;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::environment::{Environment, Given, Name, Way};

/// What the flags say.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags(Vec<(Name, Way, OsString)>);

impl Flags {
    /// The environment with what the flags say.
    pub(super) fn over(&self, environment: &Environment) -> Environment {
        let mut environment = environment.clone();
        let given: &mut Given = &mut environment.given;
        for (name, way, said) in &self.0 {
            given.add(*name, *way, Some(said.clone()));
        }
        environment
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        command.args(Name::ALL.iter().copied().flat_map(arguments))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let ways = |name: Name| [(name.flag(), Way::Flag), (name.file_flag(), Way::FlagFile)];
        for name in Name::ALL.iter().copied() {
            for (flag, way) in ways(name) {
                // A flag that does not exist says nothing.
                if let Ok(Some(said)) = matches.try_get_one::<OsString>(flag) {
                    self.0.push((name, way, said.clone()));
                }
            }
        }
        Ok(())
    }
}

fn arguments(name: Name) -> Vec<Arg> {
    let base = |flag: &'static str| {
        Arg::new(flag)
            .long(flag)
            .value_parser(OsStringValueParser::new())
            .help_heading("The environment, by flag")
    };
    let said = base(name.flag()).help(format!("The same as {}", name.variable()));
    if name.is_switch() {
        let said = said.value_name("true|false").num_args(0..=1);
        vec![said.require_equals(true).default_missing_value("true")]
    } else if name.is_secret() {
        let file = base(name.file_flag()).help(format!("The same as {}", name.file_variable()));
        let said = said.value_name("SECRET").hide(true);
        vec![said, file.value_name("FILE")]
    } else {
        vec![said.value_name("VALUE")]
    }
}
