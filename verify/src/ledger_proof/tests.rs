use ledger::asset::AssetCode;
use ledger::event::{
    AssetCreated, BookChange, BookChanged, BookCreated, Denial, NoteErased, RequestDenied,
    TenantCreated,
};
use ledger::registry;
use ledger::{AssetId, BookId, Code, Nanos, Operation, Seq, TenantId};

use super::*;
use crate::consistency::tests::world::{OF_TEXT, SECOND, START, World, mutations};
use crate::name::Name;

fn at(seconds: u64) -> Micros {
    Micros::new((START + seconds * SECOND) / 1_000).unwrap()
}

/// The proof of the events `lo` to `hi` in the log of `size`, and the rows.
fn proof_of(world: &mut World, lo: u64, hi: u64, size: u64) -> (LedgerProof, String) {
    let mut writer = RowsWriter::new();
    let rows: String = world.records[lo as usize..hi as usize]
        .iter()
        .map(|record| writer.line(record).unwrap())
        .collect();
    let (hash, num_rows) = writer.finish();
    let record = |seq: Option<u64>| {
        let seq = seq.filter(|seq| *seq < size)?;
        Some(world.records[seq as usize].clone())
    };
    let draft = Draft {
        proof_id: Name::new("ledger-proof-1").unwrap(),
        from: at(lo),
        // Nothing happened between the last event and the time after it.
        to: Micros::new(at(hi).get().max(at(lo).get() + 1)).unwrap(),
        first: lo,
        num_rows,
        before: record(lo.checked_sub(1)),
        after: record(Some(hi)),
        hash,
        signature: world.bundle.sign(&hash.0),
        alg: Algorithm::Ed25519,
        signer_kid: world.bundle.kid.clone(),
        ts: at(1_000),
        checkpoint: world.note(size),
        size,
    };
    let unsigned = UnsignedLedgerProof::build(&mut world.tree, draft).unwrap();
    let signature = world.bundle.sign(&unsigned.digest().unwrap().0);
    (unsigned.signed(signature), rows)
}

fn check(
    proof: &LedgerProof,
    world: &World,
    rows: &[u8],
    piece: usize,
) -> Result<(), LedgerProofError> {
    let mut verifier = proof.verify(&world.keyring)?.rows();
    for chunk in rows.chunks(piece) {
        verifier.push(chunk)?;
    }
    verifier.finish()
}

/// Signs what was altered as whoever holds the key could.
fn signed_again(world: &World, mut proof: LedgerProof) -> LedgerProof {
    proof.signature = world.bundle.sign(&proof.hash.0);
    proof.proof_signature = world.bundle.sign(&proof.digest().unwrap().0);
    proof
}

#[test]
fn proofs_hold_with_their_rows_and_without() {
    let mut world = World::new(41);
    for (lo, hi, size) in [
        (0, 41, 41),
        (0, 1, 1),
        (0, 3, 41),
        (5, 30, 41),
        (30, 41, 41),
        (40, 41, 41),
        (17, 18, 33),
    ] {
        let (proof, rows) = proof_of(&mut world, lo, hi, size);
        let bytes = proof.encode().unwrap();
        assert_eq!(LedgerProof::decode(&bytes).as_ref(), Ok(&proof));
        let checkpoint = proof.verify(&world.keyring).unwrap().checkpoint;
        assert_eq!((checkpoint.size, checkpoint.root), (size, world.root(size)));
        for piece in [1, 100, 100_000] {
            let verdict = check(&proof, &world, rows.as_bytes(), piece);
            assert_eq!(verdict, Ok(()), "{lo}..{hi} of {size}");
        }
    }
}

#[test]
fn a_time_in_which_nothing_was_posted_is_proven() {
    let mut world = World::new(41);
    for seq in [12, 41] {
        let (proof, rows) = proof_of(&mut world, seq, seq, 41);
        let gap = LedgerProof {
            from: Micros::new(at(seq - 1).get() + 1).unwrap(),
            to: at(seq),
            ..proof
        };
        let gap = signed_again(&world, gap);
        let bytes = gap.encode().unwrap();
        let gap = LedgerProof::decode(&bytes).unwrap();
        assert_eq!((gap.first, gap.num_rows), (seq, 0));
        assert_eq!(check(&gap, &world, rows.as_bytes(), 1), Ok(()));
    }
}

#[test]
fn every_altered_byte_is_refused() {
    let mut world = World::new(41);
    let (proof, rows) = proof_of(&mut world, 5, 9, 37);
    let holds = |bytes: &[u8]| {
        LedgerProof::decode(bytes).is_ok_and(|proof| proof.verify(&world.keyring).is_ok())
    };
    let bytes = proof.encode().unwrap();
    assert!(holds(&bytes));
    for altered in mutations(&bytes, OF_TEXT) {
        assert!(!holds(&altered));
    }
    for altered in mutations(rows.as_bytes(), OF_TEXT) {
        assert!(check(&proof, &world, &altered, 1_000).is_err());
    }
}

/// What even the holder of the bundle key cannot claim.
#[test]
fn signed_claims_that_the_log_contradicts_are_refused() {
    let mut world = World::new(41);
    let (good, _) = proof_of(&mut world, 5, 9, 37);
    let (other, _) = proof_of(&mut world, 5, 10, 37);
    let micro = |time: Micros, more: i64| {
        Micros::new(time.get().checked_add_signed(more).unwrap()).unwrap()
    };
    let cases = [
        (
            LedgerProof {
                from: at(4),
                ..good.clone()
            },
            LedgerProofError::Within(4),
        ),
        (
            LedgerProof {
                to: micro(good.to, 1),
                ..good.clone()
            },
            LedgerProofError::Within(9),
        ),
        (
            LedgerProof {
                to: good.from,
                ..good.clone()
            },
            LedgerProofError::Times,
        ),
        (
            LedgerProof {
                after: None,
                ..good.clone()
            },
            LedgerProofError::Tail,
        ),
        (
            LedgerProof {
                before: None,
                ..good.clone()
            },
            LedgerProofError::NotNext(5),
        ),
        (
            LedgerProof {
                after: other.after.clone(),
                ..good.clone()
            },
            LedgerProofError::NotNext(10),
        ),
        (
            LedgerProof {
                path: other.path,
                ..good.clone()
            },
            LedgerProofError::Root,
        ),
    ];
    for (altered, expected) in cases {
        let altered = signed_again(&world, altered);
        let verdict = altered.verify(&world.keyring).map(|_| ());
        assert_eq!(verdict, Err(expected));
    }
    // Fewer times than the rows have.
    let narrow = LedgerProof {
        to: micro(at(8), -1),
        ..good
    };
    let narrow = signed_again(&world, narrow);
    let rows = proof_of(&mut world, 5, 9, 37).1;
    let verdict = check(&narrow, &world, rows.as_bytes(), 1_000);
    assert_eq!(verdict, Err(LedgerProofError::Outside(8)));
}

#[test]
fn rows_out_of_place_are_refused() {
    let mut world = World::new(41);
    let (proof, rows) = proof_of(&mut world, 5, 9, 37);
    let lines: Vec<&str> = rows.split_inclusive('\n').collect();
    let verdict = |rows: String| check(&proof, &world, rows.as_bytes(), 1_000);
    assert!(verdict(lines[..3].concat()).is_err());
    assert!(verdict([lines[0], lines[2], lines[1], lines[3]].concat()).is_err());
    assert!(verdict([&rows, lines[3]].concat()).is_err());
    assert!(verdict(rows.replace('\n', "\n\n")).is_err());
    assert!(verdict(rows.replace(',', ", ")).is_err());
    let open = verdict(rows.trim_end().to_owned());
    assert_eq!(open, Err(LedgerProofError::NoLineFeed));
    let long = verdict("x".repeat(5_000));
    assert_eq!(long, Err(LedgerProofError::LongLine(1)));
    assert_eq!(verdict(rows.clone()), Ok(()));
    // Keys for other things, and keys that are revoked.
    let revoked = world
        .keyring
        .with_revoked(&world.bundle.kid, crate::chain_head::ChainHead::NONE);
    let verdict = proof.verify(&revoked.unwrap()).map(|_| ());
    assert!(matches!(verdict, Err(LedgerProofError::Key(_))));
    let mut as_seal = proof.clone();
    as_seal.signer_kid = world.seal.kid.clone();
    let verdict = signed_again(&world, as_seal)
        .verify(&world.keyring)
        .map(|_| ());
    assert!(matches!(verdict, Err(LedgerProofError::Key(_))));
    let mut as_rsa = proof;
    as_rsa.alg = Algorithm::RsaSha256;
    let verdict = signed_again(&world, as_rsa)
        .verify(&world.keyring)
        .map(|_| ());
    assert!(matches!(verdict, Err(LedgerProofError::Algorithm(_))));
}

/// One record of each kind that is in no book of the tests.
fn of_other_kinds() -> Vec<Vec<u8>> {
    let (seq, posted_at) = (Seq(u64::MAX), Nanos(u64::MAX));
    let name = registry::Name::parse("main").unwrap();
    let changes = (1..=u8::MAX).map_while(BookChange::from_number);
    let changed = changes.map(|change| {
        Event::BookChanged(BookChanged {
            seq,
            posted_at,
            change,
            reason: 17,
            effective_lock: Nanos(0),
        })
    });
    let others = [
        Event::TenantCreated(TenantCreated {
            seq,
            posted_at,
            tenant: TenantId(5),
            name,
        }),
        Event::AssetCreated(AssetCreated {
            seq,
            posted_at,
            asset: AssetId(3),
            code: AssetCode::parse("USD").unwrap(),
            exponent: 2,
        }),
        Event::BookCreated(BookCreated {
            seq,
            posted_at,
            book: BookId(7),
            tenant: TenantId(5),
            name,
            importing: true,
        }),
        Event::NoteErased(NoteErased {
            seq,
            posted_at,
            target: Seq(14),
        }),
        Event::RequestDenied(RequestDenied {
            seq,
            posted_at,
            denial: Denial {
                operation: Operation::Post,
                result: Code::PolicyTimedOut,
                rule: u16::MAX,
                book: BookId(u32::MAX),
                principal: Digest::of(b"principal"),
                request: Digest::of(b"request"),
                policy: Digest::of(b"component"),
                count: u64::MAX,
                members: u64::MAX,
            },
        }),
    ];
    let encode = |event: Event| {
        let mut record = Vec::new();
        event.encode(&mut record);
        record
    };
    changed.chain(others).map(encode).collect()
}

#[test]
fn rows_are_canonical_and_say_their_record() {
    let mut records = World::new(60).records;
    records.extend(of_other_kinds());
    for record in &records {
        let row = row_json(record).unwrap();
        let value = jcs::parse_canonical(row.as_bytes()).unwrap();
        let oracle: serde_json::Value = serde_json::from_str(&row).unwrap();
        assert_eq!(serde_json_canonicalizer::to_string(&oracle).unwrap(), row);
        let seq = Event::decode(record).unwrap().seq().to_string();
        assert_eq!(value.get("seq").and_then(jcs::Value::as_str), Some(&*seq));
        assert_eq!(row_record(&row).as_ref(), Ok(record));
        assert!(row.len() < 1_100, "{} bytes", row.len());
        for altered in mutations(row.as_bytes(), OF_TEXT) {
            let record = String::from_utf8(altered).map(|row| row_record(&row));
            assert!(record.is_err() || record.is_ok_and(|record| record.is_err()));
        }
    }
}

#[test]
fn a_row_reads_as_the_page_says() {
    let record = &World::new(5).records[4];
    let row = row_json(record).unwrap();
    let encoded = crate::base64::encode(record);
    let reference = Digest::of(b"reference");
    let expected = format!(
        "{{\"amount\":\"100\",\"asset\":1,\"code\":3,\"credit\":\"3\",\"credit_seq\":\"1\",\
         \"debit\":\"2\",\"debit_seq\":\"2\",\"effective_at\":\"2026-06-01T00:00:04.000000000Z\",\
         \"flags\":0,\"id\":\"5\",\"kind\":\"transfer\",\"metadata\":null,\
         \"posted_at\":\"2026-06-01T00:00:04.000000000Z\",\"record\":\"{encoded}\",\
         \"reference\":\"{reference}\",\"released\":\"0\",\"requested\":\"100\",\
         \"result\":\"created\",\"seq\":\"4\",\"target\":\"0\",\"timeout\":0,\
         \"user_data\":\"18446744073709551615\"}}"
    );
    assert_eq!(row, expected);
}
