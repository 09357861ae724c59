use crate::{MemberDenial, Needs, Request, Rule, Sample, Verdict};

const FIRST: Rule = Rule::new(1, "first", "");
const SECOND: Rule = Rule::new(2, "second", "");

fn request() -> Request {
    let (context, accounts, transfers) = Sample::new("post").parts();
    Request::new(Needs::empty(), context, accounts, transfers)
}

#[test]
fn nothing_denied_is_allowed() {
    assert_eq!(request().denials().verdict(), Verdict::Allow);
}

#[test]
fn members_rise_and_keep_the_first_rule_that_denied_them() {
    let request = request();
    let mut denials = request.denials();
    for (index, rule) in [
        (9, &SECOND),
        (3, &SECOND),
        (3, &FIRST),
        (9, &FIRST),
        (0, &FIRST),
    ] {
        denials.deny(index, rule, "");
    }
    let expected = [(0, 1), (3, 2), (9, 2)].map(|(index, rule)| MemberDenial { index, rule });
    assert_eq!(denials.verdict(), Verdict::AllowExcept(expected.into()));
}
