//! Samples of what is said about seals, proofs, keys and approvals.

use ledger::{AccountId, Code, Digest, Height, Nanos, Operation, Seq, TransferId};
use wire::message::*;
use wire::{Blob, LongBlob, Text};

use crate::policy;
use crate::samples::NOW;

pub(crate) fn request(operation: Operation) -> Request {
    use Operation as O;
    match operation {
        O::Receipts => Request::Receipts(Receipts {
            seqs: vec![Seq(17), Seq(90)],
            ids: vec![TransferId(501)],
        }),
        O::SealStatus => Request::SealStatus(SealStatusRequest {}),
        O::ProveConsistency => Request::ProveConsistency(ProveConsistency {
            from_size: 30,
            to_size: 42,
        }),
        O::ProveRange => Request::ProveRange(ProveRange {
            from: Seq(10),
            to: Seq(20),
        }),
        O::ProveStatement => Request::ProveStatement(ProveStatement {
            account: AccountId(1001),
            from_seq: 1,
            to_seq: 6,
        }),
        O::ProveLedger => Request::ProveLedger(ProveLedger {
            from_posted_at: Nanos(NOW.0 - 86_400_000_000_000),
            to_posted_at: NOW,
        }),
        O::Checkpoint => Request::Checkpoint(CheckpointRequest { size: 42 }),
        O::TlogProof => Request::TlogProof(TlogProofRequest { seq: Seq(17) }),
        O::AuditRows => Request::AuditRows(AuditRows {
            from_seq: 5,
            limit: 100,
        }),
        O::Keyring => Request::Keyring(KeyringRequest {}),
        O::ChangeSigners => Request::ChangeSigners(revocation()),
        O::Approve => Request::Approve(Approve {
            request: Digest::of(b"request"),
            signature: json(r#"{"alg":"ed25519","kid":"approver-2"}"#),
        }),
        O::Approvals => Request::Approvals(ApprovalsRequest {}),
        O::RequestApproval => Request::RequestApproval(RequestApproval {
            request: json(r#"{"action":"promote"}"#),
        }),
        other => policy::request(other),
    }
}

pub(crate) fn answer(operation: Operation) -> Answer {
    use Operation as O;
    match operation {
        O::Receipts => Answer::Receipts(receipts()),
        O::SealStatus => Answer::SealStatus(SealStatus {
            sealed: sealed(),
            committed: 45,
            lag_ms: 12,
            window_full: false,
            signer: Text::cut("seal-2"),
        }),
        O::ProveConsistency => Answer::ProveConsistency(proof(&[0xc1, 0xc2, 0xc3])),
        O::ProveRange => Answer::ProveRange(proof(b"LGRRANG1")),
        O::ProveStatement => Answer::ProveStatement(ProofPage {
            sealed: sealed(),
            proof: LongBlob::new(b"LGRSTMT1".to_vec()).unwrap(),
            next: 4,
        }),
        O::ProveLedger => Answer::ProveLedger(proof(br#"{"num_rows":3}"#)),
        O::Checkpoint => Answer::Checkpoint(proof(b"ledger.test/prod/7\n42\n")),
        O::TlogProof => Answer::TlogProof(proof(b"c2sp.org/tlog-proof@v1\n")),
        O::AuditRows => Answer::AuditRows(AuditRowList {
            rows: vec![Blob::new(br#"{"seq":5}"#.to_vec()).unwrap()],
            next: 6,
        }),
        O::Keyring => Answer::Keyring(KeyringFound {
            keyring: LongBlob::new(br#"{"keyring":{}}"#.to_vec()).unwrap(),
            current: LongBlob::new(br#"{"keys":[]}"#.to_vec()).unwrap(),
            signers: LongBlob::new(br#"{"signers":[]}"#.to_vec()).unwrap(),
            head_seq: 9,
            head_digest: Digest::of(b"row"),
        }),
        O::ChangeSigners => Answer::ChangeSigners(SignersChanged {
            code: Code::Created,
            row: 9,
        }),
        O::Approve => Answer::Approve(Approved {
            code: Code::Created,
            ok_count: 2,
            threshold: 3,
        }),
        O::Approvals => Answer::Approvals(ApprovalList {
            rows: vec![json(r#"{"okCount":2,"threshold":3}"#)],
        }),
        O::RequestApproval => Answer::RequestApproval(ApprovalRequested {
            code: Code::Created,
            digest: Digest::of(b"request"),
        }),
        other => policy::answer(other),
    }
}

fn sealed() -> SealedPoint {
    SealedPoint {
        seal_seq: 8,
        size: 42,
        height: Height(9),
        at: NOW,
    }
}

fn receipts() -> ReceiptsFound {
    let found = ReceiptFound {
        code: Code::Created,
        receipt: Blob::new(b"LGRRCPT1".to_vec()).unwrap(),
    };
    let later = ReceiptFound {
        code: Code::NotSealed,
        receipt: Receipt::default(),
    };
    ReceiptsFound {
        sealed: sealed(),
        rows: vec![found.clone(), later, found],
    }
}

fn proof(bytes: &[u8]) -> ProofFound {
    ProofFound {
        sealed: sealed(),
        proof: LongBlob::new(bytes.to_vec()).unwrap(),
    }
}

fn revocation() -> ChangeSigners {
    ChangeSigners {
        action: SignerAction::Revoke,
        kid: Text::cut("seal-1"),
        usage: None,
        algorithm: None,
        public_key: PublicKeyPem::default(),
        description: KeyText::default(),
        reason: Text::cut("leaked"),
        ticket: Text::cut("OPS-17"),
        approval: ApprovalJson::default(),
        from_seq: 0,
        trusted_seq: 8,
        trusted_digest: Digest::of(b"row"),
    }
}

fn json(text: &str) -> ApprovalJson {
    Blob::new(text.as_bytes().to_vec()).unwrap()
}
