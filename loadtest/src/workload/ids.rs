//! Ids of transfers.

/// In which order ids come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdOrder {
    /// Like ULIDs: 48 bits of milliseconds, then random bits for the batch and a number in it.
    Time,
    /// 128 random bits.
    Random,
}

/// A stream of ids.
#[derive(Clone, Debug)]
pub struct Ids {
    order: IdOrder,
    random: fastrand::Rng,
    next: u128,
}

impl Ids {
    /// The stream with this seed.
    pub fn new(order: IdOrder, seed: u64) -> Self {
        Self {
            order,
            random: fastrand::Rng::with_seed(seed),
            next: 0,
        }
    }

    /// Begins a batch at this time, in milliseconds since 1970.
    pub fn begin_batch(&mut self, millis: u64) {
        let random = self.random.u64(..) >> 16;
        self.next = u128::from(millis) << 80 | u128::from(random) << 32;
    }

    /// The next id.
    #[inline]
    pub fn draw(&mut self) -> u128 {
        match self.order {
            IdOrder::Time => {
                self.next += 1;
                self.next
            }
            IdOrder::Random => self.random.u128(..),
        }
    }
}
