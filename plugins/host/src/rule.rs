//! The rules: what is not in [`RULES`] is denied.

use std::fmt::{self, Write as _};

use ledger::Operation;
use ledger::operation::OperationClass;

use crate::principal::{Principal, Role};
use crate::resource::Resource;

/// Version of the meaning of the rules; the table itself is in the digest too.
pub const VERSION: u32 = 2;

/// The rules of this build.
pub const RULES: &[Rule] = &[
    Rule::new(1, Role::Read, Reach::Own, &[Power::GREET, Power::READ]),
    Rule::new(
        2,
        Role::Write,
        Reach::Own,
        &[Power::GREET, Power::READ, Power::WRITE],
    ),
    Rule::new(
        3,
        Role::Admin,
        Reach::Own,
        &[Power::GREET, Power::READ, Power::WRITE, Power::ADMIN],
    ),
    // An operator halts, resumes and locks anyone's book. Accounts, bounds and notes are the
    // tenant's own: whoever moves a floor moves money.
    Rule::new(
        4,
        Role::Operator,
        Reach::Any,
        &[
            Power::GREET,
            Power::OPERATE,
            Power::Only(Operation::ChangeBook),
            Power::Only(Operation::ListBooks),
        ],
    ),
    // The platform's own book is the system book, whose events are what operators did; its own are
    // also the audit chain and the approvals that are open.
    Rule::new(5, Role::Operator, Reach::Own, &[Power::READ]),
    Rule::new(6, Role::Auditor, Reach::Any, &[Power::GREET, Power::READ]),
    Rule::new(7, Role::Billing, Reach::Own, &[Power::GREET]),
];

/// One line of the table: a role, what it reaches and what it may do there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its number, never given to another rule.
    pub number: u16,
    /// Whom it is about.
    pub role: Role,
    /// How far it reaches.
    pub reach: Reach,
    /// What it allows there.
    pub powers: &'static [Power],
}

/// How far a rule reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// What belongs to the principal's tenant, or to everyone.
    Own,
    /// What belongs to anyone.
    Any,
}

/// What a rule allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Power {
    /// Every operation of a class.
    Class(OperationClass),
    /// One operation.
    Only(Operation),
}

impl Power {
    const GREET: Self = Self::Class(OperationClass::Greet);
    const READ: Self = Self::Class(OperationClass::Read);
    const WRITE: Self = Self::Class(OperationClass::Write);
    const ADMIN: Self = Self::Class(OperationClass::Admin);
    const OPERATE: Self = Self::Class(OperationClass::Operate);

    fn covers(self, operation: Operation) -> bool {
        match self {
            Self::Class(class) => operation.class() == class,
            Self::Only(only) => operation == only,
        }
    }
}

impl Rule {
    const fn new(number: u16, role: Role, reach: Reach, powers: &'static [Power]) -> Self {
        Self {
            number,
            role,
            reach,
            powers,
        }
    }

    /// Whether the rule gives `principal` the operation somewhere.
    pub(crate) fn empowers(&self, principal: &Principal, operation: Operation) -> bool {
        self.role == principal.role() && self.powers.iter().any(|power| power.covers(operation))
    }

    /// Whether the rule reaches `resource` for `principal`.
    pub(crate) fn reaches(&self, principal: &Principal, resource: Resource) -> bool {
        match self.reach {
            Reach::Own => resource.belongs_to(principal.tenant()),
            Reach::Any => true,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reach = match self.reach {
            Reach::Own => "own",
            Reach::Any => "any",
        };
        write!(f, "{} {} {reach}", self.number, self.role)?;
        self.powers
            .iter()
            .try_for_each(|power| write!(f, " {power}"))
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => f.write_str(match class {
                OperationClass::Read => "class:read",
                OperationClass::Write => "class:write",
                OperationClass::Admin => "class:admin",
                OperationClass::Operate => "class:operate",
                OperationClass::Greet => "class:greet",
            }),
            Self::Only(operation) => f.write_str(operation.name()),
        }
    }
}

/// The table as text: what the policy-set digest is taken of.
pub fn text() -> String {
    let mut text = format!("ledgerd native rules v{VERSION}\n");
    for rule in RULES {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{rule}");
    }
    text
}
