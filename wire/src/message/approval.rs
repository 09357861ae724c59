//! Approvals: what several people must sign before it is done.

use ledger::{Code, Digest};

use crate::message::ApprovalJson;
use crate::message::macros::message;

message! {
    /// Opens a request for approval.
    pub struct RequestApproval {
        /// The request, as JSON in its canonical form.
        pub request: ApprovalJson,
    }

    /// How a request for approval was taken.
    #[derive(Copy)]
    pub struct ApprovalRequested {
        /// How.
        pub code: Code,
        /// Its digest, which approvers sign; all zero if it was refused.
        pub digest: Digest,
    }

    /// Adds an approver's signature.
    pub struct Approve {
        /// Digest of the request.
        pub request: Digest,
        /// The signature with its key, as JSON.
        pub signature: ApprovalJson,
    }

    /// How an approver's signature was taken.
    #[derive(Copy)]
    pub struct Approved {
        /// How.
        pub code: Code,
        /// Approvers that have signed.
        pub ok_count: u32,
        /// Approvers that must.
        pub threshold: u32,
    }

    /// Asks for the requests for approval that are open.
    #[derive(Copy, Default)]
    pub struct ApprovalsRequest {
    }

    /// Requests for approval that are open.
    pub struct ApprovalList {
        /// Each with the signatures that it has, as JSON.
        pub rows: Vec<ApprovalJson>,
    }
}
