//! Messages: a typed request and answer for every operation.

mod accounts;
mod approval;
mod audit;
mod balances;
mod failure;
mod hello;
pub(crate) mod macros;
mod note;
mod outcome;
mod policy;
mod post;
mod proof;
mod registry;
mod seal;
mod signers;
mod statement;
mod subscribe;
#[cfg(test)]
mod tests;
mod totals;
mod transfers;

use ledger::Operation;
use ledger::operation::OperationClass;

use crate::field::{self, Field, MessageError};
use crate::layout::{Layout, TypeLayout};

pub use accounts::{
    AccountList, AccountRow, AccountsFound, ChangeAccounts, CreateAccounts, LookupAccounts,
};
pub use approval::{
    ApprovalList, ApprovalRequested, ApprovalsRequest, Approve, Approved, RequestApproval,
};
pub use audit::{AuditRow, AuditRowList, AuditRows};
pub use balances::{AsOf, BalancesAsOf, BalancesFound};
pub use failure::{DenialPlace, Failure};
pub use hello::{HelloAnswer, HelloRequest};
pub use note::EraseNote;
pub use outcome::{Decided, Exception, Outcomes};
pub use policy::{
    ActivatePolicy, BreakerStanding, ListPolicies, ManifestFile, PolicyActivated, PolicyChange,
    PolicyChunk, PolicyFile, PolicyList, PolicyName, PolicyPushed, PolicyRow, PolicyShadowed,
    PolicyStanding, PolicyText, PushPolicy, ShadowAction, ShadowPolicy, ShadowReport, ShadowRule,
};
pub use post::{ItemNote, Post, PostView, encode_post};
pub use proof::{
    CheckpointRequest, Proof, ProofFound, ProofPage, ProveConsistency, ProveLedger, ProveRange,
    ProveStatement, TlogProofRequest,
};
pub use registry::{
    AssetList, BookList, BookRow, ChangeBook, CreateAsset, CreateBook, CreateTenant, ListRequest,
    TenantList,
};
pub use seal::{
    Kid, Receipt, ReceiptFound, Receipts, ReceiptsFound, SealStatus, SealStatusRequest, SealedPoint,
};
pub use signers::{
    ApprovalJson, ChangeSigners, KeyAlgorithm, KeyText, KeyUsage, KeyringFile, KeyringFound,
    KeyringRequest, PublicKeyPem, SignerAction, SignersChanged,
};
pub use statement::{Clock, Statement, StatementLine, StatementPage};
pub use subscribe::{EventBatch, EventRecords, Subscribe, Subscribed};
pub use totals::{AssetTotals, Totals, TotalsRequest};
pub use transfers::{
    Cursor, LookupTransfers, Metadata, NoteText, QueryTransfers, Reference, TransferFound,
    TransferList, TransferRow, TransferState, TransfersFound, row_bytes,
};

/// `Post` has an encoding of its own, since its counts stand before its lists.
impl Field for Post {
    const MIN_BYTES: usize = 8 + ledger::Transfer::BYTES;
    const FIXED: bool = false;

    fn kind() -> String {
        "Post".to_owned()
    }

    fn put(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }

    fn get(r: &mut ledger::fields::Reader<'_>) -> Result<Self, MessageError> {
        Self::decode(r.take(r.rest().len())?)
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $request:ident => $answer:ident;)*) => {
        /// A request.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Request {
            $($(#[$doc])* $name($request),)*
        }

        /// An answer.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Answer {
            $($(#[$doc])* $name($answer),)*
        }

        impl Request {
            /// What is asked for.
            pub fn operation(&self) -> Operation {
                match self { $(Self::$name(_) => Operation::$name,)* }
            }

            /// Appends the body of the request.
            pub fn encode(&self, out: &mut Vec<u8>) {
                match self { $(Self::$name(body) => body.put(out),)* }
            }

            /// Reads the body of a request.
            ///
            /// # Errors
            /// The body is not exactly one request of this operation, or above a limit.
            pub fn decode(operation: Operation, body: &[u8]) -> Result<Self, MessageError> {
                match operation {
                    $(Operation::$name => Ok(Self::$name(field::decode(body)?)),)*
                }
            }
        }

        impl Answer {
            /// What was asked for.
            pub fn operation(&self) -> Operation {
                match self { $(Self::$name(_) => Operation::$name,)* }
            }

            /// Appends the body of the answer.
            pub fn encode(&self, out: &mut Vec<u8>) {
                match self { $(Self::$name(body) => body.put(out),)* }
            }

            /// Reads the body of an answer.
            ///
            /// # Errors
            /// The body is not exactly one answer of this operation, or above a limit.
            pub fn decode(operation: Operation, body: &[u8]) -> Result<Self, MessageError> {
                match operation {
                    $(Operation::$name => Ok(Self::$name(field::decode(body)?)),)*
                }
            }
        }

        #[cfg(test)]
        impl Request {
            pub(crate) fn arb(operation: Operation, g: &mut crate::arb::Gen) -> Self {
                match operation {
                    $(Operation::$name => Self::$name(crate::arb::Arb::arb(g)),)*
                }
            }
        }

        #[cfg(test)]
        impl Answer {
            pub(crate) fn arb(operation: Operation, g: &mut crate::arb::Gen) -> Self {
                match operation {
                    $(Operation::$name => Self::$name(crate::arb::Arb::arb(g)),)*
                }
            }
        }

        /// Names of the request and the answer of every operation, in order of number.
        pub const MESSAGES: &[(Operation, &str, &str)] =
            &[$((Operation::$name, stringify!($request), stringify!($answer)),)*];
    };
}

operations! {
    /// Who the caller is and what the server's limits are.
    Hello: HelloRequest => HelloAnswer;
    /// Creates a tenant.
    CreateTenant: CreateTenant => Decided;
    /// Creates an asset.
    CreateAsset: CreateAsset => Decided;
    /// Creates a book.
    CreateBook: CreateBook => Decided;
    /// Changes the state of a book.
    ChangeBook: ChangeBook => Decided;
    /// Lists tenants.
    ListTenants: ListRequest => TenantList;
    /// Lists assets.
    ListAssets: ListRequest => AssetList;
    /// Lists books.
    ListBooks: ListRequest => BookList;
    /// Creates accounts.
    CreateAccounts: CreateAccounts => Outcomes;
    /// Changes accounts.
    ChangeAccounts: ChangeAccounts => Outcomes;
    /// Looks accounts up.
    LookupAccounts: LookupAccounts => AccountsFound;
    /// Lists accounts.
    ListAccounts: ListRequest => AccountList;
    /// Posts transfers.
    Post: Post => Outcomes;
    /// Decides transfers and forgets them.
    DryRun: Post => Outcomes;
    /// Looks transfers up.
    LookupTransfers: LookupTransfers => TransfersFound;
    /// Finds transfers.
    QueryTransfers: QueryTransfers => TransferList;
    /// Balances as of a point.
    BalancesAsOf: BalancesAsOf => BalancesFound;
    /// Postings of an account.
    Statement: Statement => StatementPage;
    /// Sums over a book.
    Totals: TotalsRequest => Totals;
    /// Events of a book; frames of [`EventBatch`] follow the answer.
    Subscribe: Subscribe => Subscribed;
    /// Erases a note.
    EraseNote: EraseNote => Decided;
    /// Receipts of events.
    Receipts: Receipts => ReceiptsFound;
    /// How far seals cover a book.
    SealStatus: SealStatusRequest => SealStatus;
    /// Proof that one log begins another.
    ProveConsistency: ProveConsistency => ProofFound;
    /// Proof that a range is complete.
    ProveRange: ProveRange => ProofFound;
    /// Proof of an account's postings.
    ProveStatement: ProveStatement => ProofPage;
    /// Proof of what was posted between two times.
    ProveLedger: ProveLedger => ProofFound;
    /// A signed note of a root.
    Checkpoint: CheckpointRequest => ProofFound;
    /// Proof that an event stands in the log of a signed note.
    TlogProof: TlogProofRequest => ProofFound;
    /// Rows of the audit chain.
    AuditRows: AuditRows => AuditRowList;
    /// Keys that verifiers need.
    Keyring: KeyringRequest => KeyringFound;
    /// Changes a signing key.
    ChangeSigners: ChangeSigners => SignersChanged;
    /// Adds an approver's signature.
    Approve: Approve => Approved;
    /// Lists open requests for approval.
    Approvals: ApprovalsRequest => ApprovalList;
    /// Opens a request for approval.
    RequestApproval: RequestApproval => ApprovalRequested;
    /// Sends a part of a policy's file.
    PushPolicy: PushPolicy => PolicyPushed;
    /// Lists policies.
    ListPolicies: ListPolicies => PolicyList;
    /// Has a policy asked beside those in force.
    ShadowPolicy: ShadowPolicy => PolicyShadowed;
    /// Puts a policy in force, or rolls it back.
    ActivatePolicy: ActivatePolicy => PolicyActivated;
}

/// Whether the operation may leave something in the ledger, so that a lost answer leaves its
/// outcome unknown.
pub fn writes(operation: Operation) -> bool {
    match operation.class() {
        OperationClass::Read | OperationClass::Greet => false,
        OperationClass::Write | OperationClass::Admin | OperationClass::Operate => !matches!(
            operation,
            Operation::DryRun | Operation::ListTenants | Operation::ListAssets
        ),
    }
}

/// Layouts of every message and part of a message that is a row of fields.
pub fn layouts() -> Vec<TypeLayout> {
    let mut all = ledger_layouts();
    all.extend(seal_layouts());
    all
}

macro_rules! layouts {
    ($($type:ty),* $(,)?) => { vec![$(<$type as Layout>::layout(),)*] };
}

fn ledger_layouts() -> Vec<TypeLayout> {
    layouts![
        HelloRequest,
        HelloAnswer,
        ledger::registry::Tenant,
        ledger::asset::Asset,
        CreateTenant,
        CreateAsset,
        CreateBook,
        ChangeBook,
        ListRequest,
        TenantList,
        AssetList,
        BookRow,
        BookList,
        ledger::NewAccount,
        ledger::AccountChange,
        ledger::Balances,
        CreateAccounts,
        ChangeAccounts,
        LookupAccounts,
        AccountRow,
        AccountsFound,
        AccountList,
        Decided,
        Exception,
        Outcomes,
        Failure,
        DenialPlace,
        LookupTransfers,
        NoteText,
        TransferRow,
        TransferFound,
        TransfersFound,
        QueryTransfers,
        TransferList,
        BalancesAsOf,
        BalancesFound,
        Statement,
        StatementLine,
        StatementPage,
        TotalsRequest,
        AssetTotals,
        Totals,
        Subscribe,
        Subscribed,
        EventBatch,
        EraseNote,
    ]
}

fn seal_layouts() -> Vec<TypeLayout> {
    layouts![
        SealedPoint,
        Receipts,
        ReceiptFound,
        ReceiptsFound,
        SealStatusRequest,
        SealStatus,
        ProveConsistency,
        ProveRange,
        ProveStatement,
        ProveLedger,
        CheckpointRequest,
        TlogProofRequest,
        ProofFound,
        ProofPage,
        AuditRows,
        AuditRowList,
        KeyringRequest,
        KeyringFound,
        ChangeSigners,
        SignersChanged,
        Approve,
        Approved,
        ApprovalsRequest,
        ApprovalList,
        RequestApproval,
        ApprovalRequested,
        PushPolicy,
        PolicyPushed,
        ListPolicies,
        PolicyRow,
        ShadowReport,
        ShadowRule,
        PolicyList,
        ShadowPolicy,
        PolicyShadowed,
        ActivatePolicy,
        PolicyActivated,
    ]
}
