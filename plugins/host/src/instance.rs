//! One instance of a program: memory of its own, asked by one thread at a time.

use wasmtime::component::{ComponentNamedList, Func, Lift, Lower};
use wasmtime::{Store, Trap, UpdateDeadline};

use crate::contract::{Context, Description, Explanation, PolicyError};
use crate::deadline::{self, Deadline};
use crate::fault::{BadOutput, Fault};
use crate::limits::{self, Limits};
use crate::load::LoadError;
use crate::passed::{Accounts, Passed, Transfers};
use crate::program::Program;
use crate::usage::Usage;
use crate::verdict::{MemberDenial, Verdict};

/// One instance. After a fault other than [`Fault::Failed`] it is not asked again.
pub(crate) struct Instance {
    store: Store<Usage>,
    init: Func,
    describe: Func,
    evaluate: Func,
    explain: Func,
    limits: Limits,
    calls: u32,
}

type Arguments<'a> = (&'a Context<'a>, &'a Accounts<'a>, &'a Transfers<'a>);
type Init = (Result<(), PolicyError>,);
type Evaluated = (Result<Verdict, PolicyError>,);
type Explained = (Result<Vec<Explanation>, PolicyError>,);

impl Instance {
    /// A fresh instance, which has run nothing but its start functions.
    pub(crate) fn new(program: &Program, limits: Limits) -> Result<Self, Fault> {
        let mut store = Store::new(program.pre.engine(), Usage::new(limits.memory_bytes));
        store.limiter(|usage| usage);
        store.epoch_deadline_callback(|mut store| {
            let deadline = &mut store.data_mut().deadline;
            Ok(match deadline.more_ticks(deadline::thread_nanos()) {
                Some(ticks) => UpdateDeadline::Continue(ticks),
                None => UpdateDeadline::Interrupt,
            })
        });
        set_deadline(&mut store, limits.init_nanos());
        // An engine that does not count refuses it, and needs none.
        drop(store.set_fuel(FUEL));
        let instance = program
            .pre
            .instantiate(&mut store)
            .map_err(|error| instantiate_fault(&error, &mut store))?;
        let exports = &program.exports;
        let mut function = |index| {
            instance
                .get_func(&mut store, index)
                .ok_or(Fault::Unavailable)
        };
        Ok(Self {
            init: function(&exports.init)?,
            describe: function(&exports.describe)?,
            evaluate: function(&exports.evaluate)?,
            explain: function(&exports.explain)?,
            store,
            limits,
            calls: 0,
        })
    }

    /// Whether its functions have the types of the contract: true of all instances of a program if
    /// it is true of one.
    pub(crate) fn check_types(&self) -> Result<(), LoadError> {
        let wrong = |function, error: wasmtime::Error| LoadError::WrongType {
            function,
            problem: format!("{error:#}"),
        };
        self.init
            .typed::<(&str,), Init>(&self.store)
            .map_err(|error| wrong("init", error))?;
        self.describe
            .typed::<(), (Description,)>(&self.store)
            .map_err(|error| wrong("describe", error))?;
        self.evaluate
            .typed::<Arguments<'_>, Evaluated>(&self.store)
            .map_err(|error| wrong("evaluate", error))?;
        self.explain
            .typed::<Arguments<'_>, Explained>(&self.store)
            .map_err(|error| wrong("explain", error))?;
        Ok(())
    }

    /// Hands it its configuration.
    pub(crate) fn init(&mut self, config: &str) -> Result<(), Fault> {
        let room = Room {
            nanos: self.limits.init_nanos(),
            bytes: limits::ERROR_BYTES_MAX,
        };
        let (answer,): Init = self.call(self.init, (config,), room)?;
        answer.map_err(failed)
    }

    /// Asks what it is.
    pub(crate) fn describe(&mut self) -> Result<Description, Fault> {
        let room = Room {
            nanos: self.limits.init_nanos(),
            bytes: limits::DESCRIPTION_BYTES_MAX,
        };
        let (description,): (Description,) = self.call(self.describe, (), room)?;
        Ok(description)
    }

    /// Asks for a verdict, which is checked as far as it can be without knowing the rules.
    pub(crate) fn evaluate(&mut self, passed: &Passed<'_>) -> Result<Verdict, Fault> {
        let room = Room {
            nanos: self.limits.nanos(passed.rows),
            bytes: limits::ERROR_BYTES_MAX + passed.members * size_of::<MemberDenial>(),
        };
        let (answer,): Evaluated = self.call(self.evaluate, passed.arguments(), room)?;
        answer.map_err(failed)
    }

    /// Asks why it denies.
    pub(crate) fn explain(&mut self, passed: &Passed<'_>) -> Result<Vec<Explanation>, Fault> {
        let room = Room {
            nanos: self.limits.explain_nanos(passed.rows),
            bytes: limits::EXPLANATION_BYTES_MAX,
        };
        let (answer,): Explained = self.call(self.explain, passed.arguments(), room)?;
        answer.map_err(failed)
    }

    /// Linear memory, all memories together.
    pub(crate) fn bytes(&self) -> usize {
        self.store.data().bytes()
    }

    /// Whether a fresh one takes its place: it has been asked often, or has little memory left,
    /// which a guest that forgets to give memory back would otherwise find out in the midst of a
    /// decision.
    pub(crate) fn is_worn(&self) -> bool {
        let most = self.limits.memory_bytes;
        self.calls >= limits::CALLS_MAX || self.bytes() as u64 > most - most / 8
    }

    /// Fuel that it has spent; none of an engine that does not count.
    pub(crate) fn fuel_spent(&self) -> Option<u64> {
        FUEL.checked_sub(self.store.get_fuel().ok()?)
    }

    fn call<P, R>(&mut self, function: Func, arguments: P, room: Room) -> Result<R, Fault>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.calls = self.calls.saturating_add(1);
        let function = function
            .typed::<P, R>(&self.store)
            .map_err(|_| Fault::Unavailable)?;
        self.store.data_mut().take_refused();
        set_deadline(&mut self.store, room.nanos);
        self.store.set_hostcall_fuel(room.bytes);
        function
            .call(&mut self.store, arguments)
            .map_err(|error| fault(&error, &mut self.store))
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instance({} calls)", self.calls)
    }
}

/// Gives the call that begins its time.
fn set_deadline(store: &mut Store<Usage>, nanos: u64) {
    let deadline = Deadline::new(nanos);
    store.data_mut().deadline = deadline;
    store.set_epoch_deadline(deadline.first_ticks());
}

/// Fuel of an instance whose instructions are counted: they are not to be limited.
const FUEL: u64 = u64::MAX / 2;

/// What one call may take.
struct Room {
    nanos: u64,
    /// Bytes of the answer, on this side.
    bytes: usize,
}

impl<'a> Passed<'a> {
    fn arguments(&'a self) -> Arguments<'a> {
        (&self.context, &self.accounts, &self.transfers)
    }
}

/// What a failed call means. The time comes first: a guest that was refused memory and then hangs
/// has taken too long.
fn fault(error: &wasmtime::Error, store: &mut Store<Usage>) -> Fault {
    let refused = store.data_mut().take_refused();
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Fault::TimedOut,
        _ if refused => Fault::OutOfMemory,
        Some(_) => Fault::Trapped,
        None => Fault::BadOutput(BadOutput::Malformed),
    }
}

fn instantiate_fault(error: &wasmtime::Error, store: &mut Store<Usage>) -> Fault {
    match fault(error, store) {
        Fault::BadOutput(_) => Fault::Unavailable,
        fault => fault,
    }
}

/// A policy's own refusal, with a text that a log can take.
fn failed(error: PolicyError) -> Fault {
    Fault::Failed(match error {
        PolicyError::BadConfig(text) => PolicyError::BadConfig(tame(&text)),
        PolicyError::Unsupported(text) => PolicyError::Unsupported(tame(&text)),
        PolicyError::Internal(text) => PolicyError::Internal(tame(&text)),
    })
}

/// A text of the guest's as a log can take it: of one line, and cut.
pub(crate) fn tame(text: &str) -> String {
    let mut tamed = String::new();
    for char in text.chars() {
        if tamed.len() + char.len_utf8() > limits::TEXT_BYTES_MAX {
            break;
        }
        tamed.push(if char.is_control() { ' ' } else { char });
    }
    tamed
}
