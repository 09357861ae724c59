//! Who asks: one identity of one peer, as its certificate and the configuration say.

use std::fmt;

use ledger::registry::Name;
use ledger::{Digest, Nanos, TenantId};

/// What a principal is trusted with. The first three belong to a tenant, the others to the
/// platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Reads its tenant's books.
    Read,
    /// Also moves its tenant's money.
    Write,
    /// Also shapes its tenant's accounts and the state of its books.
    Admin,
    /// Shapes the platform and the state of any book; never posts and sees no balance.
    Operator,
    /// Reads everything and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::Read,
        Self::Write,
        Self::Admin,
        Self::Operator,
        Self::Auditor,
    ];

    /// Name in certificates, configuration and the rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == text)
    }

    /// Whether the role belongs to the platform and to no tenant.
    pub fn is_platform(self) -> bool {
        matches!(self, Self::Operator | Self::Auditor)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who asks. Whoever makes one has validated the certificate that it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    tenant: TenantId,
    tenant_name: Option<Name>,
    role: Role,
    spiffe: Box<str>,
    digest: Digest,
    fingerprint: Digest,
    not_after: Nanos,
}

impl Principal {
    /// A principal of a tenant. `spiffe` is its SPIFFE ID, `fingerprint` the SHA-256 of its
    /// certificate's DER bytes, which is valid up to and including `not_after`.
    ///
    /// # Errors
    /// The role belongs to the platform, or the tenant is the platform.
    pub fn of_tenant(
        (tenant, name): (TenantId, Name),
        role: Role,
        spiffe: &str,
        fingerprint: Digest,
        not_after: Nanos,
    ) -> Result<Self, RoleElsewhere> {
        if role.is_platform() || tenant == TenantId::PLATFORM {
            return Err(RoleElsewhere(role));
        }
        Ok(Self::new(
            tenant,
            Some(name),
            role,
            spiffe,
            fingerprint,
            not_after,
        ))
    }

    /// A principal of the platform; arguments as in [`Principal::of_tenant`].
    ///
    /// # Errors
    /// The role belongs to a tenant.
    pub fn of_platform(
        role: Role,
        spiffe: &str,
        fingerprint: Digest,
        not_after: Nanos,
    ) -> Result<Self, RoleElsewhere> {
        if !role.is_platform() {
            return Err(RoleElsewhere(role));
        }
        Ok(Self::new(
            TenantId::PLATFORM,
            None,
            role,
            spiffe,
            fingerprint,
            not_after,
        ))
    }

    fn new(
        tenant: TenantId,
        tenant_name: Option<Name>,
        role: Role,
        spiffe: &str,
        fingerprint: Digest,
        not_after: Nanos,
    ) -> Self {
        let digest = Digest::of(spiffe.as_bytes());
        Self {
            tenant,
            tenant_name,
            role,
            spiffe: spiffe.into(),
            digest,
            fingerprint,
            not_after,
        }
    }

    /// The tenant, or [`TenantId::PLATFORM`].
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The tenant's name; none for the platform.
    pub fn tenant_name(&self) -> Option<Name> {
        self.tenant_name
    }

    /// What it is trusted with.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Its SPIFFE ID.
    pub fn spiffe(&self) -> &str {
        &self.spiffe
    }

    /// SHA-256 of its SPIFFE ID, as blocks commit to it.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// SHA-256 of its certificate's DER bytes.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Last moment at which its certificate is valid.
    pub fn not_after(&self) -> Nanos {
        self.not_after
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spiffe)
    }
}

/// A tenant's role was given to the platform, or the platform's to a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleElsewhere(pub Role);

impl fmt::Display for RoleElsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (here, there) = if self.0.is_platform() {
            ("the platform", "a tenant")
        } else {
            ("a tenant", "the platform")
        };
        write!(
            f,
            "role `{}` belongs to {here} and cannot be given to {there}",
            self.0
        )
    }
}

impl std::error::Error for RoleElsewhere {}
