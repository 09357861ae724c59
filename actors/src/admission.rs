//! Admission: how many bytes of requests may be inside at once, with a share per tenant.
//!
//! Taken by the caller before a request is handed to the shard and given back when its answer is
//! released, so that every queue behind it is bounded.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::TenantId;
use parking_lot::Mutex;

/// Bytes that may be inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AdmissionLimits {
    /// For all tenants together.
    pub total_bytes: usize,
    /// For one tenant.
    pub tenant_bytes: usize,
}

/// The budget, shared by all connections.
#[derive(Clone, Debug)]
pub struct Admission {
    limits: AdmissionLimits,
    /// Guards the sums only; held for a few instructions, never with another lock.
    used: Arc<Mutex<Used>>,
}

#[derive(Debug, Default)]
struct Used {
    total: usize,
    tenants: HashMap<TenantId, usize>,
}

/// A share of the budget; given back when dropped.
#[derive(Debug)]
pub struct Admitted {
    admission: Admission,
    tenant: TenantId,
    bytes: usize,
}

/// The budget is full; try again later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Full {
    /// All tenants together use it up.
    Daemon,
    /// The tenant uses its share up.
    Tenant,
}

impl Admission {
    /// An unused budget.
    pub fn new(limits: AdmissionLimits) -> Self {
        Self {
            limits,
            used: Arc::default(),
        }
    }

    /// Takes `bytes` for `tenant`.
    ///
    /// # Errors
    /// The daemon or the tenant has no room for them now.
    pub fn take(&self, tenant: TenantId, bytes: usize) -> Result<Admitted, Full> {
        let mut used = self.used.lock();
        if used.total + bytes > self.limits.total_bytes {
            return Err(Full::Daemon);
        }
        let of_tenant = used.tenants.entry(tenant).or_default();
        if *of_tenant + bytes > self.limits.tenant_bytes {
            return Err(Full::Tenant);
        }
        *of_tenant += bytes;
        used.total += bytes;
        Ok(Admitted {
            admission: self.clone(),
            tenant,
            bytes,
        })
    }

    /// Bytes inside now.
    pub fn used_bytes(&self) -> usize {
        self.used.lock().total
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut used = self.admission.used.lock();
        used.total -= self.bytes;
        if let Some(of_tenant) = used.tenants.get_mut(&self.tenant) {
            *of_tenant -= self.bytes;
            if *of_tenant == 0 {
                used.tenants.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_cannot_take_what_is_left_for_others() {
        let limits = AdmissionLimits {
            total_bytes: 100,
            tenant_bytes: 60,
        };
        let admission = Admission::new(limits);
        let first = admission.take(TenantId(1), 60).unwrap();
        assert_eq!(admission.take(TenantId(1), 1).unwrap_err(), Full::Tenant);
        let second = admission.take(TenantId(2), 40).unwrap();
        assert_eq!(admission.take(TenantId(3), 1).unwrap_err(), Full::Daemon);
        drop((first, second));
        assert_eq!(admission.used_bytes(), 0);
        assert!(admission.take(TenantId(1), 60).is_ok());
    }
}
