//! One request per operation.

use ledger::account::AccountSettings;
use ledger::asset::{Asset, AssetCode};
use ledger::event::BookChange;
use ledger::registry::Tenant;
use ledger::{
    AccountChange, AccountId, AssetId, BookId, Digest, Nanos, Operation, Seq, TenantId, Transfer,
    TransferId,
};
use wire::Text;
use wire::message::{self as m, Request};

use crate::harness::world::{self, account, name};

/// A request that would be done if it were allowed. A new operation does not compile without one.
pub(crate) fn sample(operation: Operation) -> Request {
    use Operation as O;
    let list = m::ListRequest::default();
    let post = |id| m::Post::new(vec![Transfer::new(id, 1, 2, 10, 1)]);
    match operation {
        O::Hello => Request::Hello(m::HelloRequest {
            client: Text::cut("test"),
        }),
        O::CreateTenant => Request::CreateTenant(m::CreateTenant {
            tenant: Tenant {
                id: TenantId(50),
                name: name("gamma"),
            },
        }),
        O::CreateAsset => Request::CreateAsset(m::CreateAsset {
            asset: Asset {
                id: AssetId(9),
                code: AssetCode::parse("EUR").unwrap(),
                exponent: 2,
            },
        }),
        O::CreateBook => Request::CreateBook(m::CreateBook {
            book: BookId(60),
            tenant: world::ACME,
            name: name("second"),
            importing: false,
        }),
        O::ChangeBook => Request::ChangeBook(m::ChangeBook {
            change: BookChange::Locked,
            reason: 1,
            effective_lock: Nanos(1),
        }),
        O::ListTenants => Request::ListTenants(list),
        O::ListAssets => Request::ListAssets(list),
        O::ListBooks => Request::ListBooks(list),
        O::CreateAccounts => Request::CreateAccounts(m::CreateAccounts {
            accounts: vec![account(3)],
        }),
        O::ChangeAccounts => Request::ChangeAccounts(m::ChangeAccounts {
            changes: vec![AccountChange {
                id: AccountId(1),
                settings: AccountSettings {
                    floor: Some(-1_000),
                    ..AccountSettings::default()
                },
            }],
        }),
        O::Post => Request::Post(post(2)),
        O::DryRun => Request::DryRun(post(3)),
        O::EraseNote => Request::EraseNote(m::EraseNote { id: TransferId(1) }),
        O::LookupAccounts
        | O::ListAccounts
        | O::LookupTransfers
        | O::QueryTransfers
        | O::BalancesAsOf
        | O::Statement
        | O::Totals
        | O::Subscribe => read(operation),
        sealed => sealing(sealed),
    }
}

/// Requests about seals, proofs, keys and approvals.
fn sealing(operation: Operation) -> Request {
    use Operation as O;
    let (from, to) = (Seq(0), Seq(0));
    match operation {
        O::Receipts => Request::Receipts(m::Receipts {
            seqs: vec![Seq(0)],
            ids: vec![TransferId(1)],
        }),
        O::SealStatus => Request::SealStatus(m::SealStatusRequest {}),
        O::ProveConsistency => Request::ProveConsistency(m::ProveConsistency {
            from_size: 1,
            to_size: 0,
        }),
        O::ProveRange => Request::ProveRange(m::ProveRange { from, to }),
        O::ProveStatement => Request::ProveStatement(m::ProveStatement {
            account: AccountId(1),
            from_seq: 1,
            to_seq: 0,
        }),
        O::ProveLedger => Request::ProveLedger(m::ProveLedger {
            from_posted_at: Nanos(0),
            to_posted_at: Nanos(u64::MAX),
        }),
        O::Checkpoint => Request::Checkpoint(m::CheckpointRequest { size: 0 }),
        O::TlogProof => Request::TlogProof(m::TlogProofRequest { seq: Seq(0) }),
        O::AuditRows => Request::AuditRows(m::AuditRows {
            from_seq: 1,
            limit: 10,
        }),
        O::Keyring => Request::Keyring(m::KeyringRequest {}),
        O::ChangeSigners => Request::ChangeSigners(m::ChangeSigners {
            action: m::SignerAction::Retire,
            kid: Text::cut("no-such-key"),
            usage: None,
            algorithm: None,
            public_key: m::PublicKeyPem::default(),
            description: m::KeyText::default(),
            reason: Text::cut("test"),
            ticket: Text::cut("T-1"),
            approval: m::ApprovalJson::default(),
            from_seq: 0,
            trusted_seq: 0,
            trusted_digest: Digest::ZERO,
        }),
        O::Approve => Request::Approve(m::Approve {
            request: Digest::ZERO,
            signature: m::ApprovalJson::default(),
        }),
        O::Approvals => Request::Approvals(m::ApprovalsRequest {}),
        O::RequestApproval => Request::RequestApproval(m::RequestApproval {
            request: m::ApprovalJson::default(),
        }),
        other => policy(other),
    }
}

/// Requests about the policies of one tenant.
fn policy(operation: Operation) -> Request {
    use Operation as O;
    let tenant = Some(name("acme"));
    match operation {
        O::PushPolicy => Request::PushPolicy(m::PushPolicy {
            tenant,
            file: m::PolicyFile::Manifest,
            digest: Digest::ZERO,
            total: 1,
            offset: 0,
            bytes: m::PolicyChunk::default(),
        }),
        O::ListPolicies => Request::ListPolicies(m::ListPolicies {
            tenant,
            manifest: Digest::ZERO,
        }),
        O::ShadowPolicy => Request::ShadowPolicy(m::ShadowPolicy {
            tenant,
            action: m::ShadowAction::Stop,
            manifest: Digest::ZERO,
            per_million: 0,
        }),
        O::ActivatePolicy => Request::ActivatePolicy(m::ActivatePolicy {
            tenant,
            action: m::PolicyChange::Rollback,
            manifest: Digest::ZERO,
        }),
        other => panic!("{other:?} has its sample elsewhere"),
    }
}

fn read(operation: Operation) -> Request {
    let ids = vec![AccountId(1), AccountId(2)];
    match operation {
        Operation::LookupAccounts => Request::LookupAccounts(m::LookupAccounts { ids }),
        Operation::ListAccounts => Request::ListAccounts(m::ListRequest::default()),
        Operation::LookupTransfers => Request::LookupTransfers(m::LookupTransfers {
            ids: vec![TransferId(1)],
        }),
        Operation::QueryTransfers => Request::QueryTransfers(m::QueryTransfers::all()),
        Operation::BalancesAsOf => Request::BalancesAsOf(m::BalancesAsOf {
            as_of: m::AsOf::Now,
            ids,
        }),
        Operation::Statement => Request::Statement(m::Statement {
            account: AccountId(1),
            clock: m::Clock::Seq,
            from: 0,
            to: 0,
            limit: 0,
            cursor: m::Cursor::default(),
        }),
        Operation::Subscribe => Request::Subscribe(m::Subscribe { from: Seq(0) }),
        _ => Request::Totals(m::TotalsRequest {}),
    }
}
