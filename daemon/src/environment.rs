//! What the daemon takes from its environment, read once.

use std::env;
use std::path::PathBuf;

/// The variables that the daemon looks at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Environment {
    /// `NODE_ENV`: the platform's name for what a machine is there for.
    pub(crate) node_env: Option<String>,
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
        Self {
            node_env: env::var("NODE_ENV").ok(),
            state_home: absolute("XDG_STATE_HOME").or_else(home),
            #[cfg(debug_assertions)]
            fault: env::var("LEDGERD_FAULT")
                .ok()
                .and_then(|name| actors::Fault::parse(&name)),
        }
    }

    /// Whether the machine is said to be there for production.
    pub(crate) fn is_production(&self) -> bool {
        self.node_env
            .as_deref()
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("production"))
    }
}
