//! How a request that writes was decided.

use ledger::{Code, Height, Nanos, Seq};

use crate::message::macros::message;

message! {
    /// How the one item of a request was decided.
    #[derive(Copy)]
    pub struct Decided {
        /// How.
        pub code: Code,
        /// Height at which it was decided.
        pub height: Height,
        /// Sequence of its event; 0 unless it was created.
        pub seq: Seq,
        /// When its event was decided; 0 unless it was created.
        pub posted_at: Nanos,
    }

    /// An item of a batch that was not created.
    #[derive(Copy)]
    pub struct Exception {
        /// Index of the item in the request.
        pub index: u32,
        /// How it was decided.
        pub code: Code,
        /// Sequence of the event that the transfer's id has, where the code begins with `exists`;
        /// of the event that records the denial, if one does, where the code is `denied`.
        pub seq: Option<Seq>,
    }

    /// How each item of a batch was decided: all that are not listed were created.
    pub struct Outcomes {
        /// Height at which it was decided; durable when this answer arrives.
        pub height: Height,
        /// Sequence of the first item created; those after it follow without gap, in order. 0 if
        /// none was created, and in a dry run.
        pub first_seq: Seq,
        /// Posted time of the last item created; 0 if none was, and in a dry run.
        pub posted_at: Nanos,
        /// How many items were created.
        pub created: u32,
        /// The other items, in order of their index.
        pub exceptions: Vec<Exception>,
    }
}

impl Outcomes {
    /// How many items were decided.
    pub fn count(&self) -> usize {
        self.created as usize + self.exceptions.len()
    }

    /// How the item at `index` was decided.
    pub fn code(&self, index: u32) -> Code {
        self.exception(index)
            .map_or(Code::Created, |exception| exception.code)
    }

    /// Sequence of the event that the item at `index` has, if it stands in the ledger. Means
    /// nothing for a dry run.
    pub fn seq(&self, index: u32) -> Option<Seq> {
        match self
            .exceptions
            .binary_search_by_key(&index, |exception| exception.index)
        {
            Ok(at) => self.exceptions.get(at)?.seq,
            Err(before) => {
                let rank = u64::from(index).checked_sub(before as u64)?;
                (rank < u64::from(self.created)).then(|| Seq(self.first_seq.0 + rank))
            }
        }
    }

    fn exception(&self, index: u32) -> Option<&Exception> {
        let at = self
            .exceptions
            .binary_search_by_key(&index, |exception| exception.index)
            .ok()?;
        self.exceptions.get(at)
    }
}
