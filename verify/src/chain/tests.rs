use ledger::Digest;

use super::*;
use crate::fixture::{Chain, TestKey, keyring, kid, micros, name, revocation, row, seal};
use crate::key::{Algorithm, Usage};
use crate::payload::{Action, Payload, Recovery};

fn verify(
    keyring: &Keyring,
    rows: &[AuditRow],
    start: Start,
    known: Option<ChainHead>,
) -> Result<ChainReport, ChainFault> {
    let mut verifier = ChainVerifier::new(keyring, start, known);
    for row in rows {
        verifier.push(row)?;
    }
    verifier.finish()
}

fn whole(rows: &[AuditRow]) -> Result<ChainReport, ChainFault> {
    verify(&keyring(), rows, Start::Genesis, None)
}

/// The last of `rows` signed again after `change`.
fn resigned(chain: &Chain, key: &TestKey, change: impl FnOnce(&mut Payload)) -> Vec<AuditRow> {
    let mut rows = chain.rows.clone();
    let mut payload = rows.pop().unwrap().payload().clone();
    change(&mut payload);
    rows.push(row(key, &payload));
    rows
}

#[test]
fn a_chain_that_holds_is_reported() {
    let mut chain = Chain::of_seals(6);
    chain.push(&TestKey::new("seal-2"), seal(7, Digest::ZERO));
    let action = Content::Action {
        action: Action::Operator,
        body: Digest::ZERO,
    };
    chain.push(&TestKey::new("seal-1"), action);
    let report = whole(&chain.rows).unwrap();
    assert_eq!((report.rows, report.seals, report.epoch), (8, 7, 1));
    assert_eq!(report.first, chain.rows[0].head());
    assert_eq!(report.last, chain.head());
    assert_eq!(report.from, chain.rows[0].created_at());
    assert_eq!(report.to, chain.rows[7].created_at());
    let by = |rows, first, last| KidReport { rows, first, last };
    assert_eq!(report.kids[&kid("seal-1")], by(7, 1, 8));
    assert_eq!(report.kids[&kid("seal-2")], by(1, 7, 7));
}

#[test]
fn what_is_dropped_doubled_or_reordered_shows() {
    let rows = Chain::of_seals(6).rows;
    let pick =
        |at: &[usize]| -> Vec<AuditRow> { at.iter().map(|at| rows[at - 1].clone()).collect() };
    let known = rows[5].head();
    let last = rows[4].head();
    for (picked, fault) in [
        (pick(&[]), ChainFault::Empty),
        (
            pick(&[2, 3]),
            ChainFault::HeadDropped {
                seq: 2,
                expected: 1,
            },
        ),
        (
            pick(&[1, 2, 4]),
            ChainFault::Missing {
                seq: 4,
                expected: 3,
            },
        ),
        (pick(&[1, 2, 2, 3]), ChainFault::Duplicate { seq: 2 }),
        (
            pick(&[1, 2, 3, 2]),
            ChainFault::OutOfOrder {
                seq: 2,
                expected: 4,
            },
        ),
        (
            pick(&[1, 3, 2]),
            ChainFault::Missing {
                seq: 3,
                expected: 2,
            },
        ),
        (
            pick(&[1, 2, 3, 4, 5]),
            ChainFault::TailDropped { known, last },
        ),
    ] {
        let verified = verify(&keyring(), &picked, Start::Genesis, Some(known));
        assert_eq!(verified, Err(fault));
    }
}

#[test]
fn a_part_begins_after_its_start() {
    let rows = Chain::of_seals(6).rows;
    let start = Start::After(rows[2].head());
    let report = verify(&keyring(), &rows[3..], start, Some(rows[4].head())).unwrap();
    assert_eq!(report.first, rows[3].head());
    assert!(verify(&keyring(), &rows[3..], start, Some(rows[2].head())).is_ok());
    let from_head_dropped = verify(&keyring(), &rows[4..], start, None);
    let fault = ChainFault::HeadDropped {
        seq: 5,
        expected: 4,
    };
    assert_eq!(from_head_dropped, Err(fault));
    let too_early = verify(&keyring(), &rows[1..], start, None);
    assert_eq!(too_early, Err(ChainFault::BeforeStart { seq: 2 }));
    let known = rows[1].head();
    let fault = ChainFault::KnownBeforeStart { known, first: 4 };
    assert_eq!(
        verify(&keyring(), &rows[3..], start, Some(known)),
        Err(fault)
    );
    let elsewhere = ChainHead {
        digest: Digest::ZERO,
        ..rows[2].head()
    };
    let verified = verify(&keyring(), &rows[3..], Start::After(elsewhere), None);
    assert_eq!(verified, Err(ChainFault::Link { seq: 4 }));
    let fault = ChainFault::Forked { known: elsewhere };
    assert_eq!(
        verify(&keyring(), &rows[3..], start, Some(elsewhere)),
        Err(fault)
    );
    let last = ChainHead {
        seq: u64::MAX,
        ..elsewhere
    };
    assert!(verify(&keyring(), &rows, Start::After(last), None).is_err());
}

#[test]
fn another_chain_with_the_same_numbers_is_a_fork() {
    let rows = Chain::of_seals(6).rows;
    let mut other = Chain::of_seals(3);
    for _ in 0..3 {
        other.push(&TestKey::new("seal-1"), seal(9, Digest::of(b"other")));
    }
    assert!(whole(&other.rows).is_ok());
    let known = rows[4].head();
    let verified = verify(&keyring(), &other.rows, Start::Genesis, Some(known));
    assert_eq!(verified, Err(ChainFault::Forked { known }));
    // Spliced, the link shows.
    let spliced = [&rows[..5], &other.rows[5..]].concat();
    assert_eq!(whole(&spliced), Err(ChainFault::Link { seq: 6 }));
}

type Case = (&'static str, fn(&mut Payload), ChainFault);

/// The last row signed with other content, which no signature hides.
#[test]
fn order_and_origin_are_checked() {
    let chain = Chain::of_seals(3);
    let origin = |deployment: &str, environment: &str| ChainFault::Row {
        seq: 3,
        fault: RowFault::Origin {
            deployment: name(deployment),
            environment: name(environment),
        },
    };
    let cases: [Case; 8] = [
        (
            "same time",
            |p| p.ts = micros(p.ts.get() - 100_000),
            ChainFault::Time { seq: 3 },
        ),
        ("earlier", |p| p.ts = micros(0), ChainFault::Time { seq: 3 }),
        ("older lease", |p| p.lease = 0, ChainFault::Lease { seq: 3 }),
        (
            "older epoch",
            |p| p.origin.epoch = 0,
            ChainFault::Epoch { seq: 3 },
        ),
        (
            "epoch without recovery",
            |p| p.origin.epoch = 2,
            ChainFault::Epoch { seq: 3 },
        ),
        (
            "another environment",
            |p| p.origin.environment = name("production"),
            origin("bank", "production"),
        ),
        (
            "another deployment",
            |p| p.origin.deployment = name("shop"),
            origin("shop", "test"),
        ),
        (
            "another link",
            |p| p.prev = Some(Digest::ZERO),
            ChainFault::Link { seq: 3 },
        ),
    ];
    for (what, change, fault) in cases {
        let rows = resigned(&chain, &TestKey::new("seal-1"), change);
        assert_eq!(whole(&rows), Err(fault), "{what}");
    }
}

#[test]
fn keys_count_for_their_usage_and_range() {
    let chain = Chain::of_seals(3);
    let retired = keyring().with_retiring(&kid("seal-1")).unwrap();
    let retired = retired.with_retired(&kid("seal-1"), 2).unwrap();
    let key = KeyFault::Range {
        kid: kid("seal-1"),
        seq: 3,
    };
    let fault = ChainFault::Row {
        seq: 3,
        fault: key.into(),
    };
    assert_eq!(
        verify(&retired, &chain.rows, Start::Genesis, None),
        Err(fault)
    );
    for (signer, fault) in [
        ("nobody", KeyFault::Unknown(kid("nobody"))),
        (
            "seal-2",
            KeyFault::Range {
                kid: kid("seal-2"),
                seq: 3,
            },
        ),
        ("seal-3", KeyFault::Candidate(kid("seal-3"))),
        (
            "checkpoint-1",
            KeyFault::Usage {
                kid: kid("checkpoint-1"),
                is: Usage::Checkpoint,
                needs: Usage::Seal,
            },
        ),
        ("approver-ann", KeyFault::Unknown(kid("approver-ann"))),
    ] {
        let rows = resigned(&chain, &TestKey::new(signer), |p| {
            p.signer_kid = kid(signer);
        });
        let fault = ChainFault::Row {
            seq: 3,
            fault: fault.into(),
        };
        assert_eq!(whole(&rows), Err(fault));
    }
    for claimed in [Algorithm::RsaSha256, Algorithm::HmacSha256] {
        let rows = resigned(&chain, &TestKey::new("seal-1"), |p| p.alg = claimed);
        let kid = kid("seal-1");
        let fault = RowFault::Key(KeyFault::Algorithm { kid, claimed });
        assert_eq!(whole(&rows), Err(ChainFault::Row { seq: 3, fault }));
    }
    // Signed by another key than the row says.
    let rows = resigned(&chain, &TestKey::new("seal-2"), |_| {});
    let fault = RowFault::Signature(kid("seal-1"));
    assert_eq!(whole(&rows), Err(ChainFault::Row { seq: 3, fault }));
}

/// Rows 1 to 4 by `seal-1`, which row 5 by `seal-2` revokes, trusted up to row `to`.
fn revoked(to: u64) -> (Chain, ChainHead) {
    let mut chain = Chain::of_seals(4);
    let trusted = match to {
        0 => ChainHead::NONE,
        _ => chain.rows[to as usize - 1].head(),
    };
    chain.push(&TestKey::new("seal-2"), revocation("seal-1", trusted));
    chain.push(&TestKey::new("seal-2"), seal(6, Digest::ZERO));
    (chain, trusted)
}

#[test]
fn a_revoked_key_counts_up_to_the_trusted_head() {
    let (chain, trusted) = revoked(4);
    let knows = keyring().with_revoked(&kid("seal-1"), trusted).unwrap();
    for keyring in [&keyring(), &knows] {
        assert!(verify(keyring, &chain.rows, Start::Genesis, None).is_ok());
        let start = Start::After(chain.rows[1].head());
        assert!(verify(keyring, &chain.rows[2..], start, None).is_ok());
    }
    // Before the trusted head was passed, nothing shows that the rows lead to it.
    let short = verify(&knows, &chain.rows[..3], Start::Genesis, None);
    let kid_1 = kid("seal-1");
    let fault = ChainFault::Revoked {
        kid: kid_1.clone(),
        seq: 3,
        trusted,
    };
    assert_eq!(short, Err(fault));
    assert!(verify(&knows, &chain.rows[..4], Start::Genesis, None).is_ok());
    // Rows of the key beyond the trusted head, whoever tells of the revocation.
    let (chain, trusted) = revoked(2);
    let knows = keyring().with_revoked(&kid_1, trusted).unwrap();
    for (keyring, seq) in [(&keyring(), 4), (&knows, 3)] {
        let fault = ChainFault::Revoked {
            kid: kid_1.clone(),
            seq,
            trusted,
        };
        assert_eq!(
            verify(keyring, &chain.rows, Start::Genesis, None),
            Err(fault)
        );
    }
    let (chain, trusted) = revoked(0);
    let fault = ChainFault::Revoked {
        kid: kid_1,
        seq: 4,
        trusted,
    };
    assert_eq!(whole(&chain.rows), Err(fault));
}

#[test]
fn a_revoked_key_signs_nothing_after() {
    let (mut chain, trusted) = revoked(4);
    chain.push(&TestKey::new("seal-1"), seal(7, Digest::ZERO));
    let kid = kid("seal-1");
    let fault = ChainFault::Revoked {
        kid,
        seq: 7,
        trusted,
    };
    assert_eq!(whole(&chain.rows), Err(fault));
}

#[test]
fn a_revocation_names_a_head_of_this_chain() {
    let elsewhere = ChainHead {
        seq: 4,
        digest: Digest::ZERO,
    };
    let later = ChainHead {
        seq: 5,
        digest: Digest::ZERO,
    };
    for trusted in [elsewhere, later] {
        let mut chain = Chain::of_seals(4);
        chain.push(&TestKey::new("seal-2"), revocation("seal-1", trusted));
        assert_eq!(whole(&chain.rows), Err(ChainFault::Revocation { seq: 5 }));
    }
    // Two rows that say different things of one key.
    let (mut chain, _) = revoked(4);
    chain.push(
        &TestKey::new("seal-2"),
        revocation("seal-1", chain.rows[4].head()),
    );
    assert_eq!(whole(&chain.rows), Err(ChainFault::Revocation { seq: 7 }));
    // The keyring trusts a head that this chain does not have.
    let chain = Chain::of_seals(4);
    let trusted = ChainHead {
        seq: 2,
        digest: Digest::ZERO,
    };
    let knows = keyring().with_revoked(&kid("seal-1"), trusted).unwrap();
    let kid = kid("seal-1");
    let fault = ChainFault::Revoked {
        kid,
        seq: 2,
        trusted,
    };
    assert_eq!(
        verify(&knows, &chain.rows, Start::Genesis, None),
        Err(fault)
    );
}

/// A revoked key cannot hide behind rows of other keys: the chain leads elsewhere.
#[test]
fn a_fork_below_the_trusted_head_is_refused() {
    let mut chain = Chain::of_seals(4);
    chain.push(&TestKey::new("seal-2"), seal(9, Digest::ZERO));
    let trusted = ChainHead {
        seq: 5,
        digest: Digest::of(b"elsewhere"),
    };
    let knows = keyring().with_revoked(&kid("seal-1"), trusted).unwrap();
    let kid = kid("seal-1");
    let fault = ChainFault::Revoked {
        kid,
        seq: 5,
        trusted,
    };
    assert_eq!(
        verify(&knows, &chain.rows, Start::Genesis, None),
        Err(fault)
    );
}

/// The journal was restored from row 3 while row 5 was known; the chain goes on in epoch 2.
#[test]
fn a_recovery_opens_an_epoch_and_gives_heads_up() {
    let lost = Chain::of_seals(5);
    let mut chain = Chain::of_seals(3);
    chain.origin.epoch = 2;
    let recovery = Content::Recovery(Recovery {
        body: Digest::ZERO,
        anchor: lost.head(),
    });
    chain.push(&TestKey::new("seal-1"), recovery.clone());
    let known = lost.head();
    let abandoned = ChainFault::Abandoned { known, seq: 4 };
    let short = verify(&keyring(), &chain.rows, Start::Genesis, Some(known));
    assert_eq!(short, Err(abandoned.clone()));
    for _ in 0..3 {
        chain.push(&TestKey::new("seal-1"), seal(1, Digest::of(b"anew")));
    }
    let report = whole(&chain.rows).unwrap();
    assert_eq!((report.rows, report.epoch), (7, 2));
    let long = verify(&keyring(), &chain.rows, Start::Genesis, Some(known));
    assert_eq!(long, Err(abandoned));
    // A head before the recovery still stands.
    assert!(
        verify(
            &keyring(),
            &chain.rows,
            Start::Genesis,
            Some(lost.rows[2].head())
        )
        .is_ok()
    );

    let mut same_epoch = Chain::of_seals(3);
    same_epoch.push(&TestKey::new("seal-1"), recovery);
    assert_eq!(whole(&same_epoch.rows), Err(ChainFault::Epoch { seq: 4 }));
}
