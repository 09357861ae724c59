//! One line per operation.

/// What kind of resource an operation is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The server: what everyone may know.
    Server,
    /// The platform: tenants, assets and books, keys, the audit chain.
    Platform,
    /// The list of a tenant's books or policies, or of everyone's.
    Tenant,
    /// A book.
    Book,
    /// The platform, one tenant, or all of them.
    Owner,
}

impl Kind {
    /// Whether a resource whose kind has this name is of this kind.
    pub fn fits(self, name: &str) -> bool {
        match self {
            Self::Server => name == "server",
            Self::Platform => name == "platform",
            Self::Tenant => matches!(name, "tenant" | "all-tenants"),
            Self::Book => name == "book",
            Self::Owner => matches!(name, "platform" | "tenant" | "all-tenants"),
        }
    }
}

/// Whether an operation only looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// It changes nothing.
    Read,
    /// It changes something, or tries how that would end.
    Change,
}

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a role may be trusted with.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Capability {
            $($(#[$doc])* $variant,)*
        }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The capability of this name.
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|capability| capability.name() == name)
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

capabilities! {
    /// Knowing who one is and what the server is.
    Hello = "hello",
    /// Reading accounts, transfers, balances and events.
    LedgerRead = "ledger:read",
    /// Posting transfers and trying them out.
    LedgerPost = "ledger:post",
    /// Posting history with times of its own.
    LedgerImport = "ledger:import",
    /// Receipts, seals and proofs.
    ProofGenerate = "proof:generate",
    /// Comparing with the records of others.
    ReconcileRun = "reconcile:run",
    /// Taking files out.
    ExportRun = "export:run",
    /// The audit chain and the approvals that are open.
    AuditRead = "audit:read",
    /// Which policies there are.
    PolicyRead = "policy:read",
    /// Creating and changing accounts.
    AdminAccounts = "admin:accounts",
    /// Erasing notes.
    AdminNotes = "admin:notes",
    /// Halting, resuming and locking books.
    AdminJournal = "admin:journal",
    /// Rolling policies out and back.
    AdminPolicy = "admin:policy",
    /// Keys.
    AdminSigners = "admin:signers",
    /// Asking for approvals and giving them.
    AdminApprovals = "admin:approvals",
    /// Tenants, assets and books.
    AdminPlatform = "admin:platform",
}

/// Something a principal may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// Whether it only looks.
    pub access: Access,
    /// What it takes.
    pub capability: Capability,
}

impl Operation {
    /// The operation of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }
}

const fn row(name: &'static str, kind: Kind, access: Access, capability: Capability) -> Operation {
    Operation {
        name,
        kind,
        access,
        capability,
    }
}

use Access::{Change, Read};
use Capability as C;
use Kind::{Book, Owner, Platform, Server, Tenant};

/// Every operation that is known.
pub const OPERATIONS: &[Operation] = &[
    row("hello", Server, Read, C::Hello),
    row("list_assets", Server, Read, C::Hello),
    row("keyring", Server, Read, C::Hello),
    row("create_tenant", Platform, Change, C::AdminPlatform),
    row("create_asset", Platform, Change, C::AdminPlatform),
    row("create_book", Platform, Change, C::AdminPlatform),
    row("list_tenants", Platform, Read, C::AdminPlatform),
    row("change_signers", Platform, Change, C::AdminSigners),
    row("request_approval", Platform, Change, C::AdminApprovals),
    row("approve", Platform, Change, C::AdminApprovals),
    row("approvals", Platform, Read, C::AuditRead),
    row("audit_rows", Platform, Read, C::AuditRead),
    row("push_policy", Owner, Change, C::AdminPolicy),
    row("shadow_policy", Owner, Change, C::AdminPolicy),
    row("activate_policy", Owner, Change, C::AdminPolicy),
    row("list_policies", Owner, Read, C::PolicyRead),
    row("list_books", Tenant, Read, C::LedgerRead),
    row("change_book", Book, Change, C::AdminJournal),
    row("create_accounts", Book, Change, C::AdminAccounts),
    row("change_accounts", Book, Change, C::AdminAccounts),
    row("erase_note", Book, Change, C::AdminNotes),
    row("post", Book, Change, C::LedgerPost),
    row("dry_run", Book, Change, C::LedgerPost),
    // A post or a dry run whose transfers bring posted times of their own.
    row("import", Book, Change, C::LedgerImport),
    row("lookup_accounts", Book, Read, C::LedgerRead),
    row("list_accounts", Book, Read, C::LedgerRead),
    row("lookup_transfers", Book, Read, C::LedgerRead),
    row("query_transfers", Book, Read, C::LedgerRead),
    row("balances_as_of", Book, Read, C::LedgerRead),
    row("statement", Book, Read, C::LedgerRead),
    row("totals", Book, Read, C::LedgerRead),
    row("subscribe", Book, Read, C::LedgerRead),
    row("receipts", Book, Read, C::ProofGenerate),
    row("seal_status", Book, Read, C::ProofGenerate),
    row("prove_consistency", Book, Read, C::ProofGenerate),
    row("prove_range", Book, Read, C::ProofGenerate),
    row("prove_statement", Book, Read, C::ProofGenerate),
    row("prove_ledger", Book, Read, C::ProofGenerate),
    row("checkpoint", Book, Read, C::ProofGenerate),
    row("tlog_proof", Book, Read, C::ProofGenerate),
];

#[cfg(test)]
mod tests;
