//! Policies in a process of their own: that process, and the daemon's way to it.
//!
//! The process runs what `plugins_host` runs, as another user, on another machine if wanted. It is
//! asked over the internal plane of `wire::policy` and holds nothing that would be missed: whoever
//! asks it says what to load.

pub(crate) mod client;
pub(crate) mod server;
pub(crate) mod settings;

use plugins_host::Needs;
use wire::policy::Rule;

/// What a policy said of itself when it was loaded elsewhere.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Described {
    /// What it is passed.
    pub(crate) needs: Needs,
    /// Its rules.
    pub(crate) rules: Vec<plugins_host::contract::RuleInfo>,
}

const NEEDS: &[(u8, Needs)] = &[
    (1, Needs::TIME),
    (2, Needs::REQUEST_ID),
    (4, Needs::ACCOUNTS),
    (8, Needs::TRANSFERS),
    (16, Needs::TRANSFER_IDS),
    (32, Needs::TRANSFER_DETAILS),
];

/// Needs as the plane spells them.
fn needs_bits(needs: Needs) -> u8 {
    let set = NEEDS.iter().filter(|(_, need)| needs.contains(*need));
    set.fold(0, |bits, (bit, _)| bits | bit)
}

/// Needs of this spelling, if every bit of it means something.
fn needs_of(bits: u8) -> Option<Needs> {
    let set = NEEDS.iter().filter(|(bit, _)| bits & bit != 0);
    let needs = set.fold(Needs::default(), |needs, (_, need)| needs | *need);
    (needs_bits(needs) == bits).then_some(needs)
}

impl Described {
    /// As the plane spells it; nothing where a text of it is longer than any policy may have.
    fn to_wire(&self) -> Option<(u8, Vec<Rule>)> {
        let rules = self.rules.iter().map(|rule| {
            Some(Rule {
                rule: rule.rule,
                name: wire::Text::new(rule.name.clone())?,
                doc: wire::Text::new(rule.doc.clone())?,
            })
        });
        Some((needs_bits(self.needs), rules.collect::<Option<_>>()?))
    }

    /// Out of the plane's spelling; nothing where it is against the contract.
    fn from_wire(needs: u8, rules: &[Rule]) -> Option<Self> {
        let is_rising = rules.windows(2).all(|pair| pair[0].rule < pair[1].rule);
        if rules.len() > wire::policy::RULES_MAX || !is_rising {
            return None;
        }
        let rules = rules.iter().map(|rule| plugins_host::contract::RuleInfo {
            rule: rule.rule,
            name: rule.name.to_string(),
            doc: rule.doc.to_string(),
        });
        let rules: Vec<_> = rules.collect();
        let starts_above_zero = rules.first().is_none_or(|rule| rule.rule > 0);
        Some(Self {
            needs: needs_of(needs)?,
            rules: starts_above_zero.then_some(rules)?,
        })
    }
}
