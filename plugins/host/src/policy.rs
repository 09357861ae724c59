//! One policy in use: a component with its configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use ledger::Digest;

use crate::breaker::Outcome;
use crate::cases;
use crate::contract::{AccountColumns, Context, Explanation, Needs, RuleInfo, TransferColumns};
use crate::describe;
use crate::fault::{BadOutput, Fault};
use crate::instance::{self, Instance};
use crate::limits::{self, Limits};
use crate::load::{LoadError, LoadOptions};
use crate::passed::Passed;
use crate::pool::{Counted, Shelf};
use crate::program::Program;
use crate::runtime::{BreakerChange, Runtime};
use crate::verdict::Verdict;

/// One policy in use. It may be asked from many threads at once, each of which needs a stack of
/// 2 MiB and should not be one of those that serve connections.
#[derive(Debug)]
pub struct Policy {
    name: Box<str>,
    component_name: Box<str>,
    config: Box<str>,
    config_version: u32,
    limits: Limits,
    needs: Needs,
    rules: Box<[RuleInfo]>,
    program: Arc<Program>,
    shelf: Arc<Shelf>,
    faults: AtomicU64,
    peak_bytes: AtomicUsize,
    runtime: Runtime,
}

impl Policy {
    /// Takes a component into use: size and digest are checked before anything is parsed, then its
    /// shape; it is compiled unless `runtime` has it already, takes its configuration, describes
    /// itself, and must decide its cases as they say.
    ///
    /// # Errors
    /// A step failed.
    pub fn load(runtime: &Runtime, options: &LoadOptions<'_>) -> Result<Self, LoadError> {
        if let Some(problem) = options.limits.problem() {
            return Err(LoadError::Limit(problem));
        }
        let (bytes, most) = (options.config.len(), limits::CONFIG_BYTES_MAX);
        if bytes > most {
            return Err(LoadError::ConfigTooLarge { bytes, most });
        }
        let program = runtime.program(options.component, options.digest)?;
        let policy = Self::start(runtime, options, program)?;
        if let Some(bundled) = options.cases {
            cases::must_pass(&policy, bundled)?;
        }
        Ok(policy)
    }

    /// The same component with another configuration.
    pub(crate) fn with_config(&self, config: &str) -> Result<Self, LoadError> {
        let options = LoadOptions {
            name: &self.name,
            component: &[],
            digest: self.digest(),
            config,
            config_version: None,
            limits: self.limits,
            cases: None,
        };
        Self::start(&self.runtime, &options, Arc::clone(&self.program))
    }

    /// The first instance, which says what the policy is.
    fn start(
        runtime: &Runtime,
        options: &LoadOptions<'_>,
        program: Arc<Program>,
    ) -> Result<Self, LoadError> {
        runtime.pool().make_room();
        let mut instance =
            Instance::new(&program, options.limits).map_err(LoadError::Instantiate)?;
        instance.check_types()?;
        instance.init(options.config).map_err(LoadError::Init)?;
        let described = instance.describe().map_err(LoadError::Describe)?;
        let (needs, taken) = (described.needs.into(), described.config_version);
        let component_name = described.name.as_str().into();
        let rules = describe::check(described).map_err(LoadError::BadDescription)?;
        if let Some(given) = options.config_version.filter(|given| *given != taken) {
            return Err(LoadError::ConfigVersion { given, taken });
        }
        let peak_bytes = instance.bytes();
        let shelf = runtime.pool().shelf();
        let counted = runtime.pool().count(instance);
        shelf.put(Some(counted), Outcome::Answered, runtime.now());
        Ok(Self {
            name: options.name.into(),
            component_name,
            config: options.config.into(),
            config_version: taken,
            limits: options.limits,
            needs,
            rules,
            program,
            shelf,
            faults: AtomicU64::new(0),
            peak_bytes: AtomicUsize::new(peak_bytes),
            runtime: runtime.clone(),
        })
    }

    /// Name in messages and figures.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name that the component gives itself.
    pub fn component_name(&self) -> &str {
        &self.component_name
    }

    /// SHA-256 of the component.
    pub fn digest(&self) -> Digest {
        self.program.digest()
    }

    /// Its configuration: JSON.
    pub fn config(&self) -> &str {
        &self.config
    }

    /// Version of the configuration that it takes.
    pub fn config_version(&self) -> u32 {
        self.config_version
    }

    /// What it may use.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What it is passed.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Its rules, in rising order of number.
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// The rule with this number.
    pub fn rule(&self, rule: u16) -> Option<&RuleInfo> {
        let at = self
            .rules
            .binary_search_by_key(&rule, |info| info.rule)
            .ok()?;
        self.rules.get(at)
    }

    /// How often it gave no verdict since it was loaded, an open breaker not counted.
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }

    /// Most linear memory that one of its instances had, in bytes.
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes.load(Ordering::Relaxed)
    }

    /// Fuel that an instance has spent; none unless instructions are counted.
    pub(crate) fn fuel_spent(&self) -> Option<u64> {
        self.shelf.peek(Instance::fuel_spent).flatten()
    }

    /// Whether it is not asked because it failed too often.
    pub fn is_breaker_open(&self) -> bool {
        self.shelf.is_open()
    }

    /// Forgets the faults in a row, and asks it again.
    pub(crate) fn forget_faults(&self) {
        self.shelf.forget_faults();
    }

    /// Decides. Only what is needed is passed on.
    ///
    /// # Errors
    /// There is no verdict, which denies.
    pub fn evaluate(
        &self,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        let passed = Passed::new(self.needs, context, accounts, batch)?;
        self.ask(|instance| {
            let verdict = instance.evaluate(&passed)?;
            match verdict.check(&self.rules, passed.members) {
                Ok(()) => Ok(verdict),
                Err(bad) => Err(Fault::BadOutput(bad)),
            }
        })
    }

    /// Why [`Policy::evaluate`] denies what it denies.
    ///
    /// # Errors
    /// There is no explanation.
    pub fn explain(
        &self,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Vec<Explanation>, Fault> {
        let passed = Passed::new(self.needs, context, accounts, batch)?;
        self.ask(|instance| {
            let mut reasons = instance.explain(&passed)?;
            if reasons.len() > limits::REASONS_MAX {
                return Err(Fault::BadOutput(BadOutput::Malformed));
            }
            for reason in &mut reasons {
                if let Some(index) = reason.index.filter(|&at| at as usize >= passed.members) {
                    return Err(Fault::BadOutput(BadOutput::OutOfRange(index)));
                }
                if self.rule(reason.rule).is_none() {
                    return Err(Fault::BadOutput(BadOutput::UnknownRule(reason.rule)));
                }
                reason.text = instance::tame(&reason.text);
            }
            Ok(reasons)
        })
    }

    /// Asks an instance, a waiting one if there is one, unless the breaker is open.
    pub(crate) fn ask<T>(
        &self,
        call: impl FnOnce(&mut Instance) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (pool, now) = (self.runtime.pool(), self.runtime.now());
        let waiting = self.shelf.take(now)?;
        let instance = match waiting {
            Some(waiting) => Ok(waiting),
            None => self.fresh(),
        };
        let (answer, instance) = match instance {
            Ok(mut counted) => {
                let answer = call(&mut counted.instance);
                let bytes = counted.instance.bytes();
                if bytes > self.peak_bytes() {
                    self.peak_bytes.fetch_max(bytes, Ordering::Relaxed);
                }
                (answer, Some(counted))
            }
            Err(fault) => (Err(fault), None),
        };
        let outcome = match &answer {
            Ok(_) | Err(Fault::Failed(_)) => Outcome::Answered,
            Err(Fault::Unavailable | Fault::BreakerOpen) => Outcome::NotAsked,
            Err(_) => Outcome::Faulted,
        };
        if answer.is_err() {
            self.faults.fetch_add(1, Ordering::Relaxed);
        }
        let again =
            instance.filter(|counted| outcome == Outcome::Answered && !counted.instance.is_worn());
        let turn = self.shelf.put(again, outcome, self.runtime.now());
        pool.make_room();
        if let Some(turn) = turn {
            self.runtime.tell(&BreakerChange {
                name: self.name.clone(),
                digest: self.digest(),
                turn,
            });
        }
        answer
    }

    /// An instance with the configuration, made now.
    fn fresh(&self) -> Result<Counted, Fault> {
        let pool = self.runtime.pool();
        pool.make_room();
        let mut instance = match Instance::new(&self.program, self.limits) {
            // What an instance is made of has run out, of which some programs need more.
            Err(Fault::Unavailable) if pool.drop_oldest() => {
                Instance::new(&self.program, self.limits)?
            }
            instance => instance?,
        };
        instance.init(&self.config)?;
        Ok(pool.count(instance))
    }
}
