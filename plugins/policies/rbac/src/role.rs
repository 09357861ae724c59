//! One table: what each role may do.

use catalogue::Capability::{self, *};

/// A role.
#[derive(Debug)]
pub(crate) struct Role {
    /// Its name in certificates and configuration.
    pub(crate) name: &'static str,
    /// Whether it belongs to the platform and to no tenant.
    pub(crate) is_platform: bool,
    /// What it may do.
    pub(crate) capabilities: &'static [Capability],
    /// What it may also do with the scope for reads across tenants.
    pub(crate) with_scope: &'static [Capability],
}

impl Role {
    /// The role of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        ROLES.iter().find(|role| role.name == name)
    }
}

/// Every role.
pub(crate) const ROLES: &[Role] = &[
    Role {
        name: "read",
        is_platform: false,
        capabilities: &[Hello, LedgerRead, ProofGenerate],
        with_scope: &[],
    },
    Role {
        name: "write",
        is_platform: false,
        capabilities: &[Hello, LedgerRead, ProofGenerate, LedgerPost],
        with_scope: &[],
    },
    Role {
        name: "admin",
        is_platform: false,
        capabilities: &[
            Hello,
            LedgerRead,
            ProofGenerate,
            LedgerPost,
            LedgerImport,
            ReconcileRun,
            ExportRun,
            AdminAccounts,
            AdminNotes,
            AdminJournal,
            PolicyRead,
            AdminPolicy,
        ],
        with_scope: &[],
    },
    Role {
        name: "operator",
        is_platform: true,
        capabilities: &[
            Hello,
            LedgerRead,
            ProofGenerate,
            AuditRead,
            PolicyRead,
            AdminJournal,
            AdminPolicy,
            AdminSigners,
            AdminApprovals,
            AdminPlatform,
        ],
        with_scope: &[],
    },
    Role {
        name: "billing",
        is_platform: true,
        capabilities: &[Hello, ReconcileRun, ExportRun],
        with_scope: &[LedgerRead],
    },
    Role {
        name: "auditor",
        is_platform: true,
        capabilities: &[Hello, LedgerRead, ProofGenerate, AuditRead, PolicyRead],
        with_scope: &[],
    },
];
