//! What is decided: random batches, the same for everybody.

/// Assets with a maximum, and their maxima in minor units; asset 3 has none.
pub const MAXIMA: [(u32, u64); 2] = [(1, 1_000_000), (2, 50_000_000)];
/// Tags that may neither pay nor be paid.
pub const BLOCKED: [u8; 2] = [3, 17];
/// Postings are taken from this hour on, and before the other.
pub const HOURS: (u64, u64) = (6, 20);

/// An account.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    pub asset: u32,
    pub tags: u64,
}

/// A transfer between two of the accounts.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    pub debit: u32,
    pub credit: u32,
    pub amount: u64,
    pub asset: u32,
}

/// A batch and the time it is posted at.
#[derive(Clone, Debug)]
pub struct Batch {
    pub now: u64,
    pub accounts: Vec<Account>,
    pub transfers: Vec<Transfer>,
}

const NANOS_PER_HOUR: u64 = 3_600_000_000_000;

impl Batch {
    /// `size` transfers over twice as many accounts, which is the most they can touch. One transfer
    /// in some 20 is denied, unless the hour denies them all.
    pub fn random(size: usize, hour: u64, rng: &mut fastrand::Rng) -> Self {
        let accounts: Vec<Account> = (0..2 * size)
            .map(|_| Account {
                asset: rng.u32(1..=3),
                // Few have a tag at all, and few of these a blocked one.
                tags: match rng.u8(..) {
                    0..=3 => 1 << BLOCKED[rng.usize(..BLOCKED.len())],
                    4..=63 => 1 << rng.u32(32..64),
                    _ => 0,
                },
            })
            .collect();
        let transfers = (0..size)
            .map(|index| {
                let debit = 2 * index as u32;
                let asset = accounts[debit as usize].asset;
                let most = MAXIMA.iter().find(|(of, _)| *of == asset);
                let most = most.map_or(1_000_000_000, |(_, most)| most + most / 40);
                Transfer {
                    debit,
                    credit: debit + 1,
                    amount: rng.u64(1..=most),
                    // The transfer may leave it to its accounts.
                    asset: if rng.bool() { asset } else { 0 },
                }
            })
            .collect();
        let within = rng.u64(..NANOS_PER_HOUR);
        Self {
            now: (20_000 * 24 + hour) * NANOS_PER_HOUR + within,
            accounts,
            transfers,
        }
    }

    /// The hour it is posted at, UTC.
    pub fn hour(&self) -> u64 {
        self.now / NANOS_PER_HOUR % 24
    }

    /// The asset of a transfer.
    pub fn asset(&self, transfer: &Transfer) -> u32 {
        match transfer.asset {
            0 => self.accounts[transfer.debit as usize].asset,
            asset => asset,
        }
    }

    /// The tags of both accounts of a transfer.
    pub fn tags(&self, transfer: &Transfer) -> u64 {
        self.accounts[transfer.debit as usize].tags | self.accounts[transfer.credit as usize].tags
    }
}

/// Numbers of the tags that are set.
pub fn numbers(tags: u64) -> impl Iterator<Item = i64> {
    (0..64).filter(move |tag| tags >> tag & 1 == 1)
}
