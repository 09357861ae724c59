//! A policy run on this machine, as a daemon would run it.

use std::env;
use std::time::{Duration, Instant};

use plugins_host::cases::Cases;
use plugins_host::{Compiler, LoadOptions, Policy, Runtime, RuntimeOptions};

use super::Project;
use crate::fault::{Fault, PolicyFault};

/// A policy taken into use, as a daemon would.
pub(crate) struct Trial {
    pub(crate) policy: Policy,
    pub(crate) cases: Cases,
}

/// Whether instructions are counted, which makes policies slower.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meter {
    On,
    Off,
}

impl Trial {
    /// Takes what a folder holds into use. Its cases are read, and not run.
    pub(crate) fn load(project: &Project, meter: Meter) -> Result<Self, Fault> {
        Ok(Self {
            policy: load(project, meter, None)?,
            cases: cases(project)?,
        })
    }
}

/// Takes what a folder holds into use, with cases that must pass if there are any.
pub(crate) fn load(project: &Project, meter: Meter, cases: Option<&[u8]>) -> Result<Policy, Fault> {
    let options = LoadOptions {
        name: project.name.as_str(),
        component: &project.component,
        digest: project.digest,
        config: &project.config,
        config_version: None,
        limits: project.limits,
        cases,
    };
    let runtime = runtime(meter)?;
    let policy = Policy::load(&runtime, &options).map_err(PolicyFault::Refused)?;
    Ok(policy)
}

/// The cases of a folder.
pub(crate) fn cases(project: &Project) -> Result<Cases, Fault> {
    Cases::parse(&project.cases)
        .map_err(|why| PolicyFault::Cases(project.cases_file.clone(), why).into())
}

/// What compiles in a process of its own, as a daemon does: time and memory of a compiler depend on
/// what it is given.
fn compiler() -> Result<Compiler, Fault> {
    // The executable of a test runs tests.
    if cfg!(test) {
        return Ok(Compiler::InProcess);
    }
    Ok(Compiler::Child {
        program: env::current_exe().map_err(PolicyFault::NoProgram)?,
        args: vec!["policy".into(), "compile".into()],
    })
}

fn runtime(meter: Meter) -> Result<Runtime, Fault> {
    let options = RuntimeOptions {
        compiler: compiler()?,
        metered: meter == Meter::On,
        ..RuntimeOptions::default()
    };
    Ok(Runtime::new(options).map_err(PolicyFault::Runtime)?)
}

/// Tells the time since it was made.
pub(crate) fn clock() -> impl Fn() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}
