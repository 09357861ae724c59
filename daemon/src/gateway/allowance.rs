//! What a connection may have inside, so that neither what it asks for nor what it does not read
//! takes memory without end.

use std::sync::Arc;

use ledger::{AccountId, Balances, Operation, Seq};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::Field as _;
use wire::endpoint::TransportLimits;
use wire::frame::Header;
use wire::limits::{
    FRAME_BODY_MAX, KEYRING_BYTES_MAX, PROOF_BYTES_MAX, RECEIPT_BYTES_MAX, RECEIPTS_MAX,
};
use wire::message::{AccountRow, Exception};

/// Bytes of answers that may wait until they are written.
const ANSWERS_MAX: usize = 16 << 20;
/// Bytes of a proof that holds paths and no long row of events.
const PATHS_BYTES: usize = 16 << 10;
/// What answers are counted in, in bytes.
const UNIT: usize = 1_024;
/// Bytes of an answer for each byte of ids that it has a row for.
const ROW_PER_ID: usize = 16;
/// Bytes of an answer for each byte of ids of transfers, which may have notes.
const TRANSFER_PER_ID: usize = 512;

const _: () = assert!(AccountRow::MIN_BYTES < ROW_PER_ID * size_of::<AccountId>());
const _: () = assert!(size_of::<Balances>() < ROW_PER_ID * size_of::<AccountId>());
const _: () = assert!(Exception::MIN_BYTES + 8 <= ledger::Transfer::BYTES / 4);
const _: () = assert!(FRAME_BODY_MAX <= ANSWERS_MAX);

/// What the requests of a connection may take in all until they are answered.
pub(super) struct Allowance {
    requests: Arc<Semaphore>,
    answers: Arc<Semaphore>,
    subscriptions: Arc<Semaphore>,
}

/// What one request takes; given back when dropped.
pub(super) struct Share {
    _request: OwnedSemaphorePermit,
    _answer: OwnedSemaphorePermit,
}

impl Allowance {
    /// An allowance of this many requests.
    pub(super) fn new(requests: usize) -> Self {
        // As many as there are streams: each is best given one of its own.
        let subscriptions = TransportLimits::default().streams_max as usize;
        Self {
            requests: Arc::new(Semaphore::new(requests)),
            answers: Arc::new(Semaphore::new(ANSWERS_MAX / UNIT)),
            subscriptions: Arc::new(Semaphore::new(subscriptions)),
        }
    }

    /// Waits until there is room for a request and the longest answer that it may have. Never
    /// `None`: nothing closes it.
    pub(super) async fn take(&self, header: &Header) -> Option<Share> {
        let units = u32::try_from(answer_bytes(header).div_ceil(UNIT)).ok()?;
        let request = Arc::clone(&self.requests).acquire_owned().await.ok()?;
        let answer = Arc::clone(&self.answers).acquire_many_owned(units).await;
        Some(Share {
            _request: request,
            _answer: answer.ok()?,
        })
    }

    /// Room for a subscription, if there is any.
    pub(super) fn subscription(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.subscriptions).try_acquire_owned().ok()
    }
}

/// Bytes that the answer to a request may have at most.
fn answer_bytes(header: &Header) -> usize {
    use Operation as O;
    let body = header.length as usize;
    let bytes = match header.operation {
        O::ListTenants
        | O::ListAssets
        | O::ListBooks
        | O::ListAccounts
        | O::QueryTransfers
        | O::Statement => FRAME_BODY_MAX,
        O::LookupAccounts | O::BalancesAsOf => body.saturating_mul(ROW_PER_ID),
        O::LookupTransfers => body.saturating_mul(TRANSFER_PER_ID),
        O::Post | O::DryRun | O::CreateAccounts | O::ChangeAccounts => body / 4,
        O::Hello
        | O::CreateTenant
        | O::CreateAsset
        | O::CreateBook
        | O::ChangeBook
        | O::Totals
        | O::Subscribe
        | O::EraseNote
        | O::SealStatus
        | O::ChangeSigners
        | O::Approve
        | O::RequestApproval
        | O::PushPolicy
        | O::ShadowPolicy
        | O::ActivatePolicy => 0,
        O::Receipts => (body / size_of::<Seq>()).min(RECEIPTS_MAX) * RECEIPT_BYTES_MAX,
        O::Keyring => 3 * KEYRING_BYTES_MAX,
        O::ProveConsistency | O::ProveRange | O::ProveLedger | O::Checkpoint | O::TlogProof => {
            PATHS_BYTES
        }
        O::ProveStatement => PROOF_BYTES_MAX,
        O::AuditRows | O::Approvals | O::ListPolicies => FRAME_BODY_MAX,
    };
    (UNIT + bytes).min(FRAME_BODY_MAX)
}
