use crate::text_enum::text_enum;

text_enum! {
    /// The one thing that a key may sign.
    Usage, "usage" {
        /// Rows of the audit chain.
        Seal = "seal",
        /// Checkpoints of a book's log.
        Checkpoint = "checkpoint",
        /// Export bundles.
        Bundle = "bundle",
        /// Policies.
        Policy = "policy",
        /// Approval requests.
        Approval = "approval",
    }
}
