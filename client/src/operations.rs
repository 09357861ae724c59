//! A method for each operation.

use ledger::{AccountChange, AccountId, BookId, Height, NewAccount, Seq, Transfer, TransferId};
use wire::message::{
    AccountList, AccountsFound, ActivatePolicy, Answer, ApprovalList, ApprovalRequested,
    ApprovalsRequest, Approve, Approved, AssetList, AuditRowList, AuditRows, BalancesAsOf,
    BalancesFound, BookList, ChangeAccounts, ChangeBook, ChangeSigners, CheckpointRequest,
    CreateAccounts, CreateAsset, CreateBook, CreateTenant, Decided, EraseNote, ItemNote,
    KeyringFound, KeyringRequest, ListPolicies, ListRequest, LookupAccounts, LookupTransfers,
    Outcomes, PolicyActivated, PolicyList, PolicyPushed, PolicyShadowed, ProofFound, ProofPage,
    ProveConsistency, ProveLedger, ProveRange, ProveStatement, PushPolicy, QueryTransfers,
    Receipts, ReceiptsFound, Request, RequestApproval, SealStatus, SealStatusRequest, ShadowPolicy,
    SignersChanged, Statement, StatementPage, Subscribe, TenantList, TlogProofRequest, Totals,
    TotalsRequest, TransferFound, TransferList, TransfersFound, encode_post,
};

use crate::connection::Client;
use crate::error::ClientError;
use crate::subscription::Subscription;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($variant:ident: $request:ty) -> $answer:ty;)*) => {
        impl Client {
            $($(#[$doc])*
            ///
            /// # Errors
            /// As [`Client::call`].
            pub async fn $name(&self, request: $request) -> Result<$answer, ClientError> {
                self.ask(BookId::SYSTEM, Request::$variant(request), |answer| match answer {
                    Answer::$variant(answer) => Some(answer),
                    _ => None,
                })
                .await
            })*
        }
    };
}

macro_rules! book_methods {
    ($($(#[$doc:meta])* $name:ident($variant:ident: $request:ty) -> $answer:ty;)*) => {
        impl Client {
            $($(#[$doc])*
            ///
            /// # Errors
            /// As [`Client::call`].
            pub async fn $name(
                &self,
                book: BookId,
                request: $request,
            ) -> Result<$answer, ClientError> {
                self.ask(book, Request::$variant(request), |answer| match answer {
                    Answer::$variant(answer) => Some(answer),
                    _ => None,
                })
                .await
            })*
        }
    };
}

methods! {
    /// Creates a tenant.
    create_tenant(CreateTenant: CreateTenant) -> Decided;
    /// Creates an asset.
    create_asset(CreateAsset: CreateAsset) -> Decided;
    /// Creates a book.
    create_book(CreateBook: CreateBook) -> Decided;
    /// Lists tenants.
    list_tenants(ListTenants: ListRequest) -> TenantList;
    /// Lists assets.
    list_assets(ListAssets: ListRequest) -> AssetList;
    /// Lists the books that the caller may see.
    list_books(ListBooks: ListRequest) -> BookList;
    /// Rows of the deployment's audit chain.
    audit_rows(AuditRows: AuditRows) -> AuditRowList;
    /// Keys that verifiers need.
    keyring(Keyring: KeyringRequest) -> KeyringFound;
    /// Changes a signing key.
    change_signers(ChangeSigners: ChangeSigners) -> SignersChanged;
    /// Opens a request for approval.
    request_approval(RequestApproval: RequestApproval) -> ApprovalRequested;
    /// Adds an approver's signature.
    approve(Approve: Approve) -> Approved;
    /// Requests for approval that are open.
    approvals(Approvals: ApprovalsRequest) -> ApprovalList;
    /// Sends a part of a policy's file.
    push_policy(PushPolicy: PushPolicy) -> PolicyPushed;
    /// What policies there are.
    list_policies(ListPolicies: ListPolicies) -> PolicyList;
    /// Has a policy asked beside those in force, or no more.
    shadow_policy(ShadowPolicy: ShadowPolicy) -> PolicyShadowed;
    /// Puts a policy in force, or rolls it back.
    activate_policy(ActivatePolicy: ActivatePolicy) -> PolicyActivated;
}

book_methods! {
    /// Halts, resumes, locks or opens a book.
    change_book(ChangeBook: ChangeBook) -> Decided;
    /// Lists accounts in order of creation.
    list_accounts(ListAccounts: ListRequest) -> AccountList;
    /// Finds transfers.
    query_transfers(QueryTransfers: QueryTransfers) -> TransferList;
    /// Balances now or as of a point.
    balances_as_of(BalancesAsOf: BalancesAsOf) -> BalancesFound;
    /// A page of an account's postings with running balances.
    statement(Statement: Statement) -> StatementPage;
    /// Receipts of events, each verifiable offline.
    receipts(Receipts: Receipts) -> ReceiptsFound;
    /// How far published seals cover a book.
    seal_status(SealStatus: SealStatusRequest) -> SealStatus;
    /// Proof that one log is the beginning of another.
    prove_consistency(ProveConsistency: ProveConsistency) -> ProofFound;
    /// Proof that a range of events is complete and in order.
    prove_range(ProveRange: ProveRange) -> ProofFound;
    /// A page of the proof of an account's postings.
    prove_statement(ProveStatement: ProveStatement) -> ProofPage;
    /// Proof of what was posted between two times.
    prove_ledger(ProveLedger: ProveLedger) -> ProofFound;
    /// A signed note of a book's root.
    checkpoint(Checkpoint: CheckpointRequest) -> ProofFound;
    /// Proof that an event stands in the log of a signed note.
    tlog_proof(TlogProof: TlogProofRequest) -> ProofFound;
}

impl Client {
    /// Creates accounts, each on its own.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn create_accounts(
        &self,
        book: BookId,
        accounts: Vec<NewAccount>,
    ) -> Result<Outcomes, ClientError> {
        let request = Request::CreateAccounts(CreateAccounts { accounts });
        self.ask(book, request, |answer| match answer {
            Answer::CreateAccounts(outcomes) => Some(outcomes),
            _ => None,
        })
        .await
    }

    /// Changes accounts, each on its own.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn change_accounts(
        &self,
        book: BookId,
        changes: Vec<AccountChange>,
    ) -> Result<Outcomes, ClientError> {
        let request = Request::ChangeAccounts(ChangeAccounts { changes });
        self.ask(book, request, |answer| match answer {
            Answer::ChangeAccounts(outcomes) => Some(outcomes),
            _ => None,
        })
        .await
    }

    /// Looks accounts up.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn lookup_accounts(
        &self,
        book: BookId,
        ids: Vec<AccountId>,
    ) -> Result<AccountsFound, ClientError> {
        let request = Request::LookupAccounts(LookupAccounts { ids });
        self.ask(book, request, |answer| match answer {
            Answer::LookupAccounts(found) => Some(found),
            _ => None,
        })
        .await
    }

    /// Posts transfers.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn post(
        &self,
        book: BookId,
        transfers: &[Transfer],
        notes: &[ItemNote],
    ) -> Result<Outcomes, ClientError> {
        let mut body = Vec::new();
        encode_post(transfers, notes, &mut body);
        self.post_encoded(book, body.into(), self.shared.deadline)
            .await
    }

    /// Posts transfers; the answer waits until a published seal covers them.
    ///
    /// # Errors
    /// As [`Client::call_sealed`].
    pub async fn post_sealed(
        &self,
        book: BookId,
        transfers: &[Transfer],
        notes: &[ItemNote],
    ) -> Result<Outcomes, ClientError> {
        let mut body = Vec::new();
        encode_post(transfers, notes, &mut body);
        self.post_encoded_sealed(book, body.into(), self.shared.deadline)
            .await
    }

    /// Decides transfers and forgets them.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn dry_run(
        &self,
        book: BookId,
        transfers: Vec<Transfer>,
        notes: Vec<ItemNote>,
    ) -> Result<Outcomes, ClientError> {
        let request = Request::DryRun(wire::message::Post { transfers, notes });
        self.ask(book, request, |answer| match answer {
            Answer::DryRun(outcomes) => Some(outcomes),
            _ => None,
        })
        .await
    }

    /// Looks transfers up; asks again while the server's frames are too short for all of them. The
    /// height is that of the last answer.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn lookup_transfers(
        &self,
        book: BookId,
        ids: &[TransferId],
    ) -> Result<TransfersFound, ClientError> {
        let mut rows: Vec<Option<TransferFound>> = Vec::with_capacity(ids.len());
        let mut height = Height(0);
        loop {
            let left = ids.get(rows.len()..).unwrap_or_default().to_vec();
            let asked = left.len();
            let request = Request::LookupTransfers(LookupTransfers { ids: left });
            let found = self
                .ask(book, request, |answer| match answer {
                    Answer::LookupTransfers(found) => Some(found),
                    _ => None,
                })
                .await?;
            if found.rows.len() > asked || (found.rows.is_empty() && asked > 0) {
                return Err(ClientError::Unexpected(
                    "rows that were not asked for, or none",
                ));
            }
            height = height.max(found.height);
            rows.extend(found.rows);
            if rows.len() == ids.len() {
                return Ok(TransfersFound { height, rows });
            }
        }
    }

    /// Sums over a book.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn totals(&self, book: BookId) -> Result<Totals, ClientError> {
        self.ask(
            book,
            Request::Totals(TotalsRequest {}),
            |answer| match answer {
                Answer::Totals(totals) => Some(totals),
                _ => None,
            },
        )
        .await
    }

    /// Erases reference and metadata of a transfer.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn erase_note(&self, book: BookId, id: TransferId) -> Result<Decided, ClientError> {
        self.ask(
            book,
            Request::EraseNote(EraseNote { id }),
            |answer| match answer {
                Answer::EraseNote(decided) => Some(decided),
                _ => None,
            },
        )
        .await
    }

    /// The events of a book in order from `from` on, on a stream of their own.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn subscribe(&self, book: BookId, from: Seq) -> Result<Subscription, ClientError> {
        let opening = Subscription::open(&self.shared, book, Subscribe { from });
        tokio::time::timeout(self.shared.deadline, opening)
            .await
            .map_err(|_| ClientError::DeadlinePassed)?
    }

    async fn ask<T>(
        &self,
        book: BookId,
        request: Request,
        pick: impl FnOnce(Answer) -> Option<T>,
    ) -> Result<T, ClientError> {
        let answer = self.call(book, &request, self.shared.deadline).await?;
        pick(answer).ok_or(ClientError::Unexpected("another operation's answer"))
    }
}
