//! Lines: what is to be judged in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::lanes::Lane;

/// What one stream asks for: its requests leave in the order they came, however long each is
/// judged. All of them are of one tenant.
#[derive(Clone, Debug)]
pub struct Line(Arc<State>);

#[derive(Debug)]
struct State {
    lane: Lane,
    /// Requests on their way that the platform's policies have not let pass yet.
    at_platform: AtomicUsize,
    /// Requests on their way behind that.
    at_tenant: AtomicUsize,
}

/// Where a request of a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    Platform,
    Tenant,
}

/// A request on its way; counted until it is dropped.
#[derive(Debug)]
pub(crate) struct Passage {
    line: Arc<State>,
    stage: Stage,
}

impl Line {
    pub(crate) fn new(lane: Lane) -> Self {
        Self(Arc::new(State {
            lane,
            at_platform: AtomicUsize::new(0),
            at_tenant: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn lane(&self) -> Lane {
        self.0.lane
    }

    /// Whether nothing is on its way before this stage or in it. Only who adds to the line can
    /// rely on a yes.
    pub(crate) fn is_clear(&self, stage: Stage) -> bool {
        self.0.at_platform.load(Ordering::Acquire) == 0
            && (stage == Stage::Platform || self.0.at_tenant.load(Ordering::Acquire) == 0)
    }

    /// Whether something is in this stage.
    pub(crate) fn is_in(&self, stage: Stage) -> bool {
        self.0.count(stage).load(Ordering::Acquire) != 0
    }

    pub(crate) fn enter(&self, stage: Stage) -> Passage {
        self.0.count(stage).fetch_add(1, Ordering::AcqRel);
        Passage {
            line: Arc::clone(&self.0),
            stage,
        }
    }
}

impl State {
    fn count(&self, stage: Stage) -> &AtomicUsize {
        match stage {
            Stage::Platform => &self.at_platform,
            Stage::Tenant => &self.at_tenant,
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.line.count(self.stage).fetch_sub(1, Ordering::AcqRel);
    }
}
