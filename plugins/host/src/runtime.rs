//! What all policies of a process share: the engine, its clock, compiled programs and instances.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};

use ledger::Digest;
use parking_lot::Mutex;
use wasmtime::Engine;

use crate::breaker::Turn;
use crate::compile::Compiler;
use crate::engine::{self, Room};
use crate::load::LoadError;
use crate::pool::Pool;
use crate::program::Program;
use crate::ticker::Ticker;
use crate::{limits, shape};

/// How a [`Runtime`] is made.
#[derive(Clone)]
pub struct RuntimeOptions {
    /// How components are compiled.
    pub compiler: Compiler,
    /// Linear memory of all instances that are kept, in bytes.
    pub kept_bytes: u64,
    /// Whether instructions are counted, which makes guests slower: for authors' figures.
    pub metered: bool,
    /// Is told when a breaker opens or closes, on the thread that asked the policy.
    pub watch: Option<Watch>,
}

/// Is told when a breaker opens or closes.
pub type Watch = Arc<dyn Fn(&BreakerChange) + Send + Sync>;

/// A breaker that opened or closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BreakerChange {
    /// Name of the policy.
    pub name: Box<str>,
    /// SHA-256 of its component.
    pub digest: Digest,
    /// What happened.
    pub turn: Turn,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            compiler: Compiler::InProcess,
            kept_bytes: 256 << 20,
            metered: false,
            watch: None,
        }
    }
}

/// What all policies of a process share. Cheap to clone; a process has one, since it reserves the
/// addresses of all instances that may live at one time.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    options: RuntimeOptions,
    engine: Engine,
    ticker: Ticker,
    pool: Arc<Pool>,
    /// Programs in use, by digest of the component.
    programs: Mutex<HashMap<Digest, Weak<Program>>>,
    /// Held while compiling: one at a time.
    compiling: Mutex<()>,
}

impl Runtime {
    /// Makes one, and starts the clock that ends calls.
    ///
    /// # Errors
    /// The machine cannot run guests, or has no thread left.
    pub fn new(options: RuntimeOptions) -> Result<Self, RuntimeError> {
        let engine = engine::new(options.metered, Room::Reserved)
            .map_err(|error| RuntimeError(format!("{error:#}")))?;
        let ticker = Ticker::start(&engine)
            .map_err(|error| RuntimeError(format!("no thread for their clock: {error}")))?;
        let pool = Pool::new(options.kept_bytes);
        Ok(Self {
            inner: Arc::new(Inner {
                options,
                engine,
                ticker,
                pool,
                programs: Mutex::new(HashMap::new()),
                compiling: Mutex::new(()),
            }),
        })
    }

    /// Linear memory of every instance that lives, in bytes.
    pub fn instance_bytes(&self) -> usize {
        self.inner.pool.bytes()
    }

    /// How many instances live.
    pub fn instances(&self) -> usize {
        self.inner.pool.instances()
    }

    /// Whether instructions are counted.
    pub fn is_metered(&self) -> bool {
        self.inner.options.metered
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.inner.pool
    }

    /// Ticks since it was made.
    pub(crate) fn now(&self) -> u64 {
        self.inner.ticker.now()
    }

    pub(crate) fn tell(&self, change: &BreakerChange) {
        if let Some(watch) = &self.inner.options.watch {
            watch(change);
        }
    }

    /// The program that `component` is: shared if it is in use already, else checked and compiled.
    pub(crate) fn program(
        &self,
        component: &[u8],
        expected: Digest,
    ) -> Result<Arc<Program>, LoadError> {
        let (bytes, most) = (component.len(), limits::COMPONENT_BYTES_MAX);
        if bytes > most {
            return Err(LoadError::TooLarge { bytes, most });
        }
        let found = Digest::of(component);
        if found != expected {
            return Err(LoadError::WrongDigest { expected, found });
        }
        if let Some(program) = self.known(found) {
            return Ok(program);
        }
        shape::check(component)?;
        let _one_at_a_time = self.inner.compiling.lock();
        if let Some(program) = self.known(found) {
            return Ok(program);
        }
        let Inner {
            options, engine, ..
        } = &*self.inner;
        let component = options
            .compiler
            .compile(engine, options.metered, component)?;
        let program = Arc::new(Program::new(engine, &component, found)?);
        let mut programs = self.inner.programs.lock();
        programs.retain(|_, program| program.strong_count() > 0);
        programs.insert(found, Arc::downgrade(&program));
        Ok(program)
    }

    fn known(&self, digest: Digest) -> Option<Arc<Program>> {
        self.inner.programs.lock().get(&digest)?.upgrade()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Runtime({} instances)", self.instances())
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
