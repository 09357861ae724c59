//! What the daemon takes from its environment and command line, read once.

pub(crate) mod given;
pub(crate) mod name;

use std::env;
use std::path::PathBuf;

pub(crate) use given::{Given, Way, Words};
pub(crate) use name::Name;

/// What the daemon takes from its environment, with the flags that say the same things.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// Variables of the runbooks, and their flags.
    pub(crate) given: Given,
    /// `XDG_STATE_HOME`, or `.local/state` in the user's home.
    pub(crate) state_home: Option<PathBuf>,
    /// `LEDGERD_FAULT`: a thread that panics once, for tests of this build.
    #[cfg(debug_assertions)]
    pub(crate) fault: Option<actors::Fault>,
}

impl Environment {
    /// Reads them.
    pub(crate) fn read() -> Self {
        let absolute = |name| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = || absolute("HOME").map(|home| home.join(".local/state"));
        let mut given = Given::default();
        for name in Name::ALL.iter().copied() {
            given.add(name, Way::Variable, env::var_os(name.variable()));
            if name.is_secret() {
                given.add(name, Way::VariableFile, env::var_os(name.file_variable()));
            }
        }
        Self {
            given,
            state_home: absolute("XDG_STATE_HOME").or_else(home),
            #[cfg(debug_assertions)]
            fault: env::var("LEDGERD_FAULT")
                .ok()
                .and_then(|name| actors::Fault::parse(&name)),
        }
    }
}
