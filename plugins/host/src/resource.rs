//! What a request is about.

use ledger::{BookId, Operation, TenantId};

use crate::principal::Principal;

/// What a request is about, and to whom that belongs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Resource {
    /// The server itself: what everyone may know.
    Server,
    /// The platform: its tenants, assets and books, its keys and its audit chain.
    Platform,
    /// The list of one tenant's books.
    Tenant(TenantId),
    /// The list of everyone's books.
    AllTenants,
    /// A book. A book that does not exist has no owner and is denied to tenants like another's,
    /// so that the answer does not tell which books exist.
    Book {
        /// The book.
        book: BookId,
        /// Whose it is.
        owner: Option<TenantId>,
    },
}

impl Resource {
    /// The widest list of books that `principal` may ask for.
    pub fn books_of(principal: &Principal) -> Self {
        if principal.role().is_platform() {
            Self::AllTenants
        } else {
            Self::Tenant(principal.tenant())
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
            ),
            Self::Tenant(_) | Self::AllTenants => operation == O::ListBooks,
            Self::Book { .. } => is_about_a_book(operation),
        }
    }

    /// Whether it belongs to `tenant`, or to everyone.
    pub(crate) fn belongs_to(self, tenant: TenantId) -> bool {
        match self {
            Self::Server => true,
            Self::Platform => tenant == TenantId::PLATFORM,
            Self::Tenant(owner) => owner == tenant,
            Self::AllTenants => false,
            Self::Book { owner, .. } => owner == Some(tenant),
        }
    }
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
        | O::RequestApproval => false,
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
