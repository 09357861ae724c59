//! What a policy says of itself, checked.

use crate::contract::{Description, RuleInfo};
use crate::load::BadDescription;
use crate::{instance, limits};

/// The rules of a description, in rising order of number.
pub(crate) fn check(description: Description) -> Result<Box<[RuleInfo]>, BadDescription> {
    name(&description.name)?;
    let mut rules = description.rules;
    if rules.len() > limits::RULES_MAX {
        return Err(BadDescription::TooManyRules(rules.len()));
    }
    rules.sort_unstable_by_key(|info| info.rule);
    let mut before = 0;
    for info in &rules {
        if info.rule == 0 {
            return Err(BadDescription::RuleZero);
        }
        if info.rule == before {
            return Err(BadDescription::RuleTwice(info.rule));
        }
        before = info.rule;
        name(&info.name)?;
        if info.doc.len() > limits::DOC_BYTES_MAX {
            return Err(BadDescription::Doc(info.rule));
        }
    }
    Ok(rules.into_boxed_slice())
}

fn name(name: &str) -> Result<(), BadDescription> {
    if name.is_empty() || name.len() > limits::NAME_BYTES_MAX {
        return Err(BadDescription::Name(instance::tame(name)));
    }
    Ok(())
}
