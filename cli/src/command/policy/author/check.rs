//! What a component is, and whether a daemon would take it.

use plugins_host::outline::Outline;

use crate::args::ProjectArgs;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::Output;
use crate::policy::{Meter, Project, trial};
use crate::view::policy::CheckView;

pub(super) fn run(output: Output, args: &ProjectArgs) -> Result<Exit, Fault> {
    let project = Project::open(&args.folder)?;
    let outline = Outline::of(&project.component);
    // What is refused is shown as far as it can be.
    match trial::load(&project, Meter::Off, None) {
        Ok(policy) => {
            let view = CheckView::of(&project, &outline, Some(&policy));
            output.show(&view, &view)?;
            Ok(Exit::Success)
        }
        Err(fault) => {
            let view = CheckView::of(&project, &outline, None);
            output.show(&view, &view)?;
            Err(fault)
        }
    }
}
