use crate::text_enum::text_enum;

text_enum! {
    /// Where a key stands in its life.
    State, "state of a key" {
        /// It is known and signs nothing yet.
        Candidate = "candidate",
        /// It signs.
        Active = "active",
        /// It signs while another key takes over.
        Retiring = "retiring",
        /// It signs no more; what it signed counts.
        Retired = "retired",
        /// It signs no more; what it signed counts up to the trusted head.
        Revoked = "revoked",
    }
}

text_enum! {
    /// What can be done with a key.
    Change, "change of a key" {
        /// Let it sign, again too.
        Promote = "promote",
        /// Let another key take over.
        Retiring = "retiring",
        /// Let it sign no more.
        Retire = "retire",
        /// Trust it no further than a head.
        Revoke = "revoke",
    }
}

impl State {
    /// The state after `change`; `None` if the change is not possible.
    pub const fn after(self, change: Change) -> Option<Self> {
        match (self, change) {
            (Self::Candidate | Self::Retiring, Change::Promote) => Some(Self::Active),
            (Self::Active, Change::Retiring) => Some(Self::Retiring),
            (Self::Retiring, Change::Retire) => Some(Self::Retired),
            (Self::Candidate | Self::Active | Self::Retiring | Self::Retired, Change::Revoke) => {
                Some(Self::Revoked)
            }
            _ => None,
        }
    }

    /// Whether a key in this state may sign something new.
    pub const fn signs(self) -> bool {
        matches!(self, Self::Active | Self::Retiring)
    }
}
