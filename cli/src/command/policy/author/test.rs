//! The cases of a policy, under the limits of production.

use std::thread;

use plugins_host::cases::measure;

use crate::args::ProjectArgs;
use crate::exit::Exit;
use crate::fault::{Fault, PolicyFault};
use crate::output::Output;
use crate::policy::{Meter, Project, Trial, trial};
use crate::view::policy::TestView;

/// Times that each case is decided to measure it.
const ROUNDS: u32 = 50;

pub(super) fn run(output: Output, args: &ProjectArgs) -> Result<Exit, Fault> {
    let project = Project::open(&args.folder)?;
    // Each is compiled by a process of its own, which takes seconds for some languages.
    let (trial, metered) = thread::scope(|scope| {
        let metered = scope.spawn(|| trial::load(&project, Meter::On, None));
        let trial = Trial::load(&project, Meter::Off);
        (trial, metered.join())
    });
    let Trial { policy, cases } = trial?;
    let metered = metered.unwrap_or_else(|_| trial::load(&project, Meter::On, None))?;
    let outcomes = cases.run(&policy).map_err(PolicyFault::Refused)?;
    let clock = trial::clock();
    let figures = measure(&cases, &policy, Some(&metered), ROUNDS, &clock);
    let figures = figures.map_err(PolicyFault::Refused)?;
    let view = TestView::of(&project, &outcomes, &figures);
    output.show(&view, &view)?;
    Ok(if view.has_passed() {
        Exit::Success
    } else {
        Exit::Refused
    })
}
