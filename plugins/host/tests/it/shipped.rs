//! The components that this build brings.

use plugins_host::{Limits, LoadOptions, Needs, Policy, Verdict, shipped};

use crate::guest::{ask, options, runtime};

#[test]
fn every_shipped_component_loads_and_describes_itself() {
    for shipped in shipped::ALL {
        let options = LoadOptions {
            name: shipped.name,
            ..options(shipped.component, Limits::default())
        };
        let policy = Policy::load(runtime(), &options).unwrap();
        assert_eq!(policy.component_name(), shipped.name);
        assert_eq!(policy.digest(), shipped.digest());
        assert!(!policy.rules().is_empty());
        assert_eq!(policy.needs(), Needs::NONE, "{}", shipped.name);
        assert_eq!(ask(&policy, 1), Ok(Verdict::Allow), "{}", shipped.name);
    }
}
