//! An authority for tests: by the policies that are shipped, which are compiled once.

use std::sync::LazyLock;

use plugins_host::{Authority, PolicySet, Runtime, RuntimeOptions};

static SHIPPED: LazyLock<PolicySet> = LazyLock::new(|| {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("a machine that runs policies");
    PolicySet::shipped(&runtime).expect("policies that run")
});

/// A new authority.
pub(crate) fn authority() -> Authority {
    Authority::new(SHIPPED.clone())
}
