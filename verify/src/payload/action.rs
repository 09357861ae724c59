use crate::text_enum::text_enum;

text_enum! {
    /// What was done, for rows that carry nothing but a commitment to their body.
    Action, "kind of row" {
        /// A key was added to the registry, as a candidate.
        KeyAdded = "key_added",
        /// A key became active.
        KeyPromoted = "key_promoted",
        /// A key gives way to another one, and still signs.
        KeyRetiring = "key_retiring",
        /// A key signs no more.
        KeyRetired = "key_retired",
        /// An approver signed a request.
        ApprovalSigned = "approval_signed",
        /// The emergency signer came into use.
        SignerEmergency = "signer_emergency",
        /// An operator did something.
        Operator = "operator",
        /// A policy was put in force.
        PolicyActivated = "policy_activated",
        /// A policy gave way to the one before it.
        PolicyRolledBack = "policy_rolled_back",
        /// A breaker denies without asking its policy, or asks it again.
        PolicyBreaker = "policy_breaker",
    }
}
