//! Who asks in the tests about isolation and roles, and what each of them may do: said in other
//! words than the policies say it.

use ledger::{BookId, Operation, TenantId};

use crate::harness::world::BOOK;

/// A tenant beside `acme`.
pub(crate) const BETA: TenantId = TenantId(2);
/// Its book.
pub(crate) const BETAS: BookId = BookId(9);
/// A book that nobody has created.
pub(crate) const MISSING: BookId = BookId(999);
/// One book of every kind.
pub(crate) const BOOKS: [BookId; 4] = [BOOK, BETAS, MISSING, BookId::SYSTEM];

/// Everyone, by the name of a certificate.
pub(crate) const EVERYONE: [&str; 12] = [
    "acme-read",
    "acme-write",
    "acme-admin",
    "beta-read",
    "beta-write",
    "beta-admin",
    "operator",
    "operator.scoped",
    "billing",
    "billing.scoped",
    "auditor.unscoped",
    "auditor",
];

/// Whether who has this name may ask this about `book`. What is about no book is asked about the
/// platform, and what is about policies, about those of `acme`.
pub(crate) fn is_allowed(name: &str, operation: Operation, book: BookId) -> bool {
    use Operation as O;
    let me = Persona::of(name);
    match operation {
        // What the server is, is for all who are let in.
        O::Hello | O::ListAssets | O::Keyring => true,
        // The platform is its operators'; its auditors look at what they did.
        O::CreateTenant | O::CreateAsset | O::CreateBook | O::ListTenants => me.is("operator"),
        O::ChangeSigners | O::Approve | O::RequestApproval => me.is("operator"),
        O::AuditRows | O::Approvals => me.is("operator") || me.is("auditor"),
        // Who may look into nobody's books is not told whose there are.
        O::ListBooks => me.tenant.is_some() || me.is("operator") || me.sees_tenants,
        // An operator holds a book up and never looks into it.
        O::ChangeBook => me.is("operator") || (me.owns(book) && me.is("admin")),
        O::CreateAccounts | O::ChangeAccounts | O::EraseNote => me.owns(book) && me.is("admin"),
        O::Post | O::DryRun => me.owns(book) && (me.is("write") || me.is("admin")),
        O::LookupAccounts
        | O::ListAccounts
        | O::LookupTransfers
        | O::QueryTransfers
        | O::BalancesAsOf
        | O::Statement
        | O::Totals
        | O::Subscribe => me.sees(book) && (!me.is("billing") || me.sees_tenants),
        O::Receipts
        | O::SealStatus
        | O::ProveConsistency
        | O::ProveRange
        | O::ProveStatement
        | O::ProveLedger
        | O::Checkpoint
        | O::TlogProof => me.sees(book) && !me.is("billing"),
        O::PushPolicy | O::ShadowPolicy | O::ActivatePolicy => {
            name == "acme-admin" || me.is("operator")
        }
        O::ListPolicies => {
            let looks = me.is("auditor") && me.sees_tenants;
            name == "acme-admin" || me.is("operator") || looks
        }
    }
}

/// One of [`EVERYONE`], taken apart.
struct Persona<'a> {
    tenant: Option<&'a str>,
    role: &'a str,
    /// Whether it was given the scope for reads across tenants.
    sees_tenants: bool,
}

impl<'a> Persona<'a> {
    fn of(name: &'a str) -> Self {
        let (who, holder) = name.split_once('.').unwrap_or((name, ""));
        match who.split_once('-') {
            Some((tenant, role)) => Self {
                tenant: Some(tenant),
                role,
                sees_tenants: false,
            },
            None => Self {
                tenant: None,
                role: who,
                sees_tenants: name == "auditor" || holder == "scoped",
            },
        }
    }

    fn is(&self, role: &str) -> bool {
        self.role == role
    }

    fn owns(&self, book: BookId) -> bool {
        match self.tenant {
            Some("acme") => book == BOOK,
            Some("beta") => book == BETAS,
            _ => book == BookId::SYSTEM,
        }
    }

    fn sees(&self, book: BookId) -> bool {
        self.owns(book) || self.sees_tenants
    }
}
