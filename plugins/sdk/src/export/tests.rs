use super::*;
use crate::{Sample, Transfer};

const ANY: Rule = Rule::new(7, "any", "Nothing passes.");

struct Never;

impl Policy for Never {
    const NAME: &'static str = "never";
    const CONFIG_VERSION: u32 = 3;
    const RULES: &'static [Rule] = &[ANY];

    fn init(config: &str) -> Result<Self, PolicyError> {
        crate::Config::parse(config)?.finish()?;
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        Needs::TIME
    }

    fn evaluate(&self, request: &Request) -> Verdict {
        request.deny(&ANY, format_args!("it is {}", request.now()))
    }
}

fn ask(slot: &Slot<Never>) -> Result<Verdict, PolicyError> {
    let (context, accounts, transfers) = Sample::new("post").parts();
    slot.evaluate(context, accounts, transfers)
}

#[test]
fn a_slot_decides_nothing_before_it_is_configured() {
    let slot = Slot::<Never>::empty();
    assert!(matches!(ask(&slot), Err(PolicyError::Internal(_))));
    assert_eq!(slot.describe().needs, Needs::empty());
    assert!(matches!(
        slot.init("{\"a\": 1}"),
        Err(PolicyError::BadConfig(_))
    ));
    assert!(ask(&slot).is_err());

    slot.init("{}").unwrap();
    assert!(matches!(slot.init("{}"), Err(PolicyError::Internal(_))));
    assert_eq!(ask(&slot), Ok(Verdict::Deny(7)));
}

#[test]
fn a_slot_describes_and_explains() {
    let slot = Slot::<Never>::empty();
    slot.init("").unwrap();
    let description = slot.describe();
    assert_eq!(description.name, "never");
    assert_eq!(description.config_version, 3);
    assert_eq!(description.needs, Needs::TIME);
    assert_eq!(description.rules[0].rule, 7);

    let sample = Sample::new("post").at(5).transfers([Transfer::default()]);
    let (context, accounts, transfers) = sample.parts();
    let reasons = slot.explain(context, accounts, transfers).unwrap();
    assert_eq!(reasons.len(), 1);
    assert_eq!((reasons[0].index, reasons[0].rule), (None, 7));
    assert_eq!(reasons[0].text, "it is 5");
}
