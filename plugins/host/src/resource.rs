//! What a request is about.

use ledger::registry::Name;
use ledger::{BookId, Operation, TenantId};

use crate::principal::Principal;

/// Whose something is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Owner {
    /// The tenant, or [`TenantId::PLATFORM`].
    pub tenant: TenantId,
    /// Its name, which policies are told; none for the platform.
    pub name: Option<Name>,
}

impl Owner {
    /// The platform.
    pub const PLATFORM: Self = Self {
        tenant: TenantId::PLATFORM,
        name: None,
    };

    /// A tenant.
    pub fn tenant(tenant: TenantId, name: Name) -> Self {
        let name = Some(name);
        Self { tenant, name }
    }

    /// The tenant of `principal`, or the platform.
    pub fn of(principal: &Principal) -> Self {
        let (tenant, name) = (principal.tenant(), principal.tenant_name());
        Self { tenant, name }
    }
}

/// What a request is about, and to whom that belongs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Resource {
    /// The server itself: what everyone may know.
    Server,
    /// The platform: its tenants, assets and books, its keys and its audit chain.
    Platform,
    /// The list of one tenant's books.
    Tenant(Owner),
    /// The list of everyone's books.
    AllTenants,
    /// A book. A book that does not exist has no owner and is denied to tenants like another's,
    /// so that the answer does not tell which books exist.
    Book {
        /// The book.
        book: BookId,
        /// Whose it is.
        owner: Option<Owner>,
    },
}

impl Resource {
    /// The widest list of books that `principal` may ask for.
    pub fn books_of(principal: &Principal) -> Self {
        if principal.role().is_platform() {
            Self::AllTenants
        } else {
            Self::Tenant(Owner::of(principal))
        }
    }

    /// Whether `operation` can be about this kind of resource at all.
    pub(crate) fn fits(self, operation: Operation) -> bool {
        use Operation as O;
        match self {
            Self::Server => matches!(operation, O::Hello | O::ListAssets | O::Keyring),
            Self::Platform => matches!(
                operation,
                O::CreateTenant
                    | O::CreateAsset
                    | O::CreateBook
                    | O::ListTenants
                    | O::AuditRows
                    | O::ChangeSigners
                    | O::Approve
                    | O::Approvals
                    | O::RequestApproval
                    | O::PushPolicy
                    | O::ListPolicies
                    | O::ShadowPolicy
                    | O::ActivatePolicy
            ),
            Self::Tenant(_) => matches!(
                operation,
                O::ListBooks
                    | O::PushPolicy
                    | O::ListPolicies
                    | O::ShadowPolicy
                    | O::ActivatePolicy
            ),
            Self::AllTenants => operation == O::ListBooks,
            Self::Book { .. } => is_about_a_book(operation),
        }
    }

    /// Whose it is. What belongs to everyone or to nobody has no owner.
    pub fn owner(&self) -> Option<&Owner> {
        match self {
            Self::Server | Self::AllTenants => None,
            Self::Platform => Some(&Owner::PLATFORM),
            Self::Tenant(owner) => Some(owner),
            Self::Book { owner, .. } => owner.as_ref(),
        }
    }

    /// What policies call this kind of resource.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Platform => "platform",
            Self::Tenant(_) => "tenant",
            Self::AllTenants => "all-tenants",
            Self::Book { .. } => "book",
        }
    }
}

/// Whether a tenant's own policies are asked about the operation. They are not where they could
/// keep the tenant from finding out what is wrong with them, or from putting it right: who one is,
/// what the server is, and the policies themselves. What belongs to the platform they never see.
pub(crate) fn is_seen_by_tenants_policies(operation: Operation) -> bool {
    operation == Operation::ListBooks || is_about_a_book(operation)
}

/// Written out, so that a new operation does not compile before somebody has decided.
fn is_about_a_book(operation: Operation) -> bool {
    use Operation as O;
    match operation {
        O::Hello
        | O::ListAssets
        | O::CreateTenant
        | O::CreateAsset
        | O::CreateBook
        | O::ListTenants
        | O::ListBooks
        | O::AuditRows
        | O::Keyring
        | O::ChangeSigners
        | O::Approve
        | O::Approvals
        | O::RequestApproval
        | O::PushPolicy
        | O::ListPolicies
        | O::ShadowPolicy
        | O::ActivatePolicy => false,
        O::ChangeBook
        | O::CreateAccounts
        | O::ChangeAccounts
        | O::LookupAccounts
        | O::ListAccounts
        | O::Post
        | O::DryRun
        | O::LookupTransfers
        | O::QueryTransfers
        | O::BalancesAsOf
        | O::Statement
        | O::Totals
        | O::Subscribe
        | O::EraseNote
        | O::Receipts
        | O::SealStatus
        | O::ProveConsistency
        | O::ProveRange
        | O::ProveStatement
        | O::ProveLedger
        | O::Checkpoint
        | O::TlogProof => true,
    }
}
