//! What all policies of a process share: the engine, its clock, compiled programs and instances.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// How components are compiled.
#[derive(Clone, Default, Debug)]
pub enum Compiler {
    /// On the calling thread, without limits of time and memory: for components that are trusted,
    /// and for tools.
    #[default]
    InProcess,
    /// In a process of its own, which runs [`compile::serve`](crate::compile::serve).
    Child {
        /// The executable: our own.
        program: PathBuf,
        /// What it is started with, so that it serves.
        args: Vec<OsString>,
    },
}

/// How a [`Runtime`] is made.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    /// How components are compiled.
    pub compiler: Compiler,
    /// Linear memory of all instances that are kept, in bytes.
    pub kept_bytes: u64,
    /// Whether instructions are counted, which makes guests slower: for authors' figures.
    pub metered: bool,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            compiler: Compiler::InProcess,
            kept_bytes: 256 << 20,
            metered: false,
        }
    }
}

/// What all policies of a process share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runtime {
    options: RuntimeOptions,
}

impl Runtime {
    /// Makes one, and starts the clock that ends calls.
    ///
    /// # Errors
    /// The machine cannot run guests, or has no thread left.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        Ok(Self { options })
    }
}

/// Why there is no [`Runtime`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuntimeError(pub(crate) String);

impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policies cannot be run: {}", self.0)
    }
}

impl std::error::Error for RuntimeError {}
