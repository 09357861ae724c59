use super::*;
use crate::fixture::{TestKey, approvers, kid, name};

fn approver(id: &str, who: &str, key: &str) -> Approver {
    Approver {
        kid: kid(id),
        name: name(who),
        public_key: TestKey::new(key).public_key(),
    }
}

#[test]
fn nobody_stands_twice() {
    for (id, who, key) in [("a", "bob", "b"), ("b", "ann", "b"), ("b", "bob", "a")] {
        let both = vec![approver("a", "ann", "a"), approver(id, who, key)];
        assert_eq!(
            ApproverSet::new(both, 1),
            Err(ApproverError::Twice(kid(id)))
        );
    }
}

#[test]
fn a_threshold_can_be_met() {
    let five = || approvers().iter().cloned().collect::<Vec<_>>();
    for threshold in 1..=5 {
        let set = ApproverSet::new(five(), threshold).unwrap();
        assert_eq!(set.threshold(), threshold);
    }
    for threshold in [0, 6] {
        let error = ApproverError::Threshold {
            threshold,
            approvers: 5,
        };
        assert_eq!(ApproverSet::new(five(), threshold), Err(error));
    }
    assert_eq!(
        ApproverSet::new(Vec::new(), 1),
        Err(ApproverError::Number(0))
    );
}
