//! Why a policy decides a case as it does.

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::fault::{Fault, PolicyFault};
use crate::output::Output;
use crate::policy::{Meter, Project, Trial};
use crate::view::policy::ExplainView;

pub(super) fn run(output: Output, args: &ExplainArgs) -> Result<Exit, Fault> {
    let project = Project::open(&args.project.folder)?;
    let Trial { policy, cases } = Trial::load(&project, Meter::Off)?;
    let Some(case) = cases.iter().find(|case| case.name() == args.case) else {
        let names = cases.iter().map(|case| format!("`{}`", case.name()));
        return Err(PolicyFault::NoCase(args.case.clone(), names.collect()).into());
    };
    let own = case.configured(&policy).map_err(PolicyFault::Refused)?;
    let policy = own.as_ref().unwrap_or(&policy);
    let verdict = case.decide(policy);
    let reasons = verdict.as_ref().ok().map(|_| case.explain(policy));
    let view = ExplainView::of(case.name(), policy, &verdict, reasons);
    output.show(&view, &view)?;
    Ok(Exit::Success)
}
