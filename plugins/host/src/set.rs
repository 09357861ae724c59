//! Policy sets: who is asked about whose requests. A set never changes; it is exchanged whole.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ledger::{Digest, TenantId};

use crate::load::LoadError;
use crate::runtime::Runtime;
use crate::seat::Seat;
use crate::shipped;

/// Most policies of one chain.
pub const CHAIN_MAX: usize = 8;

/// The policies that are asked at one moment.
#[derive(Clone, Debug)]
pub struct PolicySet {
    /// INVARIANT: not empty, since nothing denies what nobody is asked about.
    platform: Chain,
    tenants: BTreeMap<TenantId, Chain>,
    digest: Digest,
}

/// Policies that are asked one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) seats: Vec<Arc<Seat>>,
    /// What stands in the blocks of whom the chain is the last to be asked about.
    digest: Digest,
}

/// Why policies are no set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetError {
    /// The platform has no policy: nothing would be denied, or everything.
    NoPlatform,
    /// A chain has more than [`CHAIN_MAX`] policies.
    TooLong(TenantId),
    /// Two policies of a chain have one name.
    TwoOfOneName(TenantId),
    /// The platform was given a chain as a tenant.
    PlatformAsTenant,
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlatform => f.write_str("the platform has no policy"),
            Self::TooLong(tenant) => {
                write!(f, "tenant `{tenant}` has more than {CHAIN_MAX} policies")
            }
            Self::TwoOfOneName(tenant) => {
                write!(f, "tenant `{tenant}` has two policies of one name")
            }
            Self::PlatformAsTenant => f.write_str("the platform is no tenant"),
        }
    }
}

impl std::error::Error for SetError {}

impl PolicySet {
    /// A set of the platform's policies, which are asked about every request, and of tenants' own,
    /// which are asked about the tenant's own principals after those, each in this order.
    ///
    /// # Errors
    /// The platform has none, a chain is too long, or a name stands twice in one.
    pub fn new(
        platform: Vec<Arc<Seat>>,
        tenants: BTreeMap<TenantId, Vec<Arc<Seat>>>,
    ) -> Result<Self, SetError> {
        if platform.is_empty() {
            return Err(SetError::NoPlatform);
        }
        if tenants.contains_key(&TenantId::PLATFORM) {
            return Err(SetError::PlatformAsTenant);
        }
        check(TenantId::PLATFORM, &platform)?;
        let platform = Chain::new(TenantId::PLATFORM, platform, Digest::ZERO);
        let tenants = tenants
            .into_iter()
            .filter(|(_, seats)| !seats.is_empty())
            .map(|(tenant, seats)| {
                check(tenant, &seats)?;
                Ok((tenant, Chain::new(tenant, seats, platform.digest)))
            })
            .collect::<Result<_, SetError>>()?;
        Ok(Self::of(platform, tenants))
    }

    fn of(platform: Chain, tenants: BTreeMap<TenantId, Chain>) -> Self {
        let mut text = b"ledgerd policy set v1".to_vec();
        text.extend_from_slice(&platform.digest.0);
        for (tenant, chain) in &tenants {
            text.extend_from_slice(&tenant.0.to_le_bytes());
            text.extend_from_slice(&chain.digest.0);
        }
        Self {
            platform,
            tenants,
            digest: Digest::of(&text),
        }
    }

    /// The policies that this build brings for the platform, and none of tenants.
    ///
    /// # Errors
    /// The machine does not run them.
    pub fn shipped(runtime: &Runtime) -> Result<Self, LoadError> {
        let seats = shipped::PLATFORM.iter().map(|shipped| {
            let policy = Arc::new(shipped.load(runtime)?);
            Ok(Arc::new(Seat::here(policy, shipped.version())))
        });
        let platform = Chain::new(
            TenantId::PLATFORM,
            seats.collect::<Result<_, _>>()?,
            Digest::ZERO,
        );
        Ok(Self::of(platform, BTreeMap::new()))
    }

    /// Digest of everything that is asked about the principals of `tenant`: what their blocks
    /// commit to.
    pub fn digest_for(&self, tenant: TenantId) -> Digest {
        self.tenants
            .get(&tenant)
            .map_or(self.platform.digest, |chain| chain.digest)
    }

    /// Digest over all chains: what seals commit to.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The platform's policies, in order.
    pub fn platform(&self) -> &[Arc<Seat>] {
        &self.platform.seats
    }

    /// A tenant's own policies, in order.
    pub fn of_tenant(&self, tenant: TenantId) -> &[Arc<Seat>] {
        self.tenants.get(&tenant).map_or(&[], |chain| &chain.seats)
    }

    /// Tenants with policies of their own, and these.
    pub fn tenants(&self) -> impl Iterator<Item = (TenantId, &[Arc<Seat>])> {
        self.tenants
            .iter()
            .map(|(tenant, chain)| (*tenant, chain.seats.as_slice()))
    }
}

impl Chain {
    /// `before` is the digest of what is asked before it.
    fn new(tenant: TenantId, seats: Vec<Arc<Seat>>, before: Digest) -> Self {
        let mut text = b"ledgerd policy chain v1".to_vec();
        text.extend_from_slice(&before.0);
        text.extend_from_slice(&tenant.0.to_le_bytes());
        for seat in &seats {
            text.extend_from_slice(&(seat.id().name.len() as u64).to_le_bytes());
            text.extend_from_slice(seat.id().name.as_bytes());
            text.extend_from_slice(&seat.id().digest.0);
            text.extend_from_slice(&seat.version().0);
        }
        let digest = Digest::of(&text);
        Self { seats, digest }
    }
}

fn check(tenant: TenantId, seats: &[Arc<Seat>]) -> Result<(), SetError> {
    if seats.len() > CHAIN_MAX {
        return Err(SetError::TooLong(tenant));
    }
    let mut names: Vec<&str> = seats.iter().map(|seat| &*seat.id().name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(SetError::TwoOfOneName(tenant));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
