use std::collections::BTreeSet;
use std::fs;

use ledger::Digest;
use verify::ChainHead;

use super::chains::{Chain, Chains, Exception, Head, SealClaim};
use super::file::{StateError, StateFile};
use super::notes::{NoteClaim, Notes};
use super::record::{Record, SealRecord};
use super::{Claimed, Conflict};

fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

fn claim(epoch: u64, seq: u64, prev: u8, own: u8) -> SealClaim {
    SealClaim {
        chain: Chain {
            deployment: "bank".into(),
            environment: "test".into(),
        },
        epoch,
        seq,
        lease: 5,
        prev: (prev > 0).then(|| digest(prev)),
        digest: digest(own),
        kid: "one".into(),
        recovered: None,
        revoked: None,
    }
}

fn take(chains: &mut Chains, claim: &SealClaim) -> Result<Claimed, Conflict> {
    let verdict = chains.judge(claim)?;
    if verdict != Claimed::Again {
        let rewinds = matches!(verdict, Claimed::Excepted | Claimed::Abandoning);
        chains.apply(&claim.clone().into_record(rewinds));
    }
    Ok(verdict)
}

fn kids(kids: &[&str]) -> BTreeSet<String> {
    kids.iter().map(|kid| (*kid).to_owned()).collect()
}

/// Rows 1 to 4 with digests of the same number.
fn four(kept: &[&str], exceptions: Vec<Exception>) -> Chains {
    let mut chains = Chains::new(kids(kept), exceptions);
    for seq in 1..=4_u8 {
        let claim = claim(1, seq.into(), seq - 1, seq);
        assert!(take(&mut chains, &claim).is_ok());
    }
    chains
}

#[test]
fn a_place_has_one_digest() {
    let equivocation = |seq, claimed| {
        let claimed = digest(claimed);
        Err(Conflict::Equivocation { seq, claimed })
    };
    let table = [
        ("the next", claim(1, 5, 4, 5), Ok(Claimed::New)),
        ("the last again", claim(1, 4, 3, 4), Ok(Claimed::Again)),
        ("an older one again", claim(1, 2, 1, 2), Ok(Claimed::Again)),
        (
            "another in its place",
            claim(1, 4, 3, 9),
            equivocation(4, 4),
        ),
        (
            "another in an older one",
            claim(1, 1, 0, 9),
            equivocation(1, 1),
        ),
        (
            "one too far",
            claim(1, 6, 4, 6),
            Err(Conflict::Gap { seq: 6, last: 4 }),
        ),
        (
            "one that does not follow",
            claim(1, 5, 3, 5),
            Err(Conflict::OtherPrevious {
                seq: 5,
                previous: digest(4),
            }),
        ),
        (
            "a lease that is over",
            SealClaim {
                lease: 4,
                ..claim(1, 5, 4, 5)
            },
            Err(Conflict::LeaseBehind { own: 4, newest: 5 }),
        ),
        (
            "a newer lease",
            SealClaim {
                lease: 6,
                ..claim(1, 5, 4, 5)
            },
            Ok(Claimed::New),
        ),
        (
            "an epoch that ended",
            claim(0, 5, 4, 5),
            Err(Conflict::EpochBehind {
                epoch: 0,
                newest: 1,
            }),
        ),
        (
            "an epoch that nobody opened",
            claim(2, 5, 4, 5),
            Err(Conflict::NotARecovery {
                epoch: 2,
                anchor_seq: 4,
                anchor_digest: digest(4),
            }),
        ),
    ];
    for (what, claim, expected) in table {
        let chains = four(&["one"], Vec::new());
        assert_eq!(chains.judge(&claim), expected, "{what}");
    }
}

#[test]
fn what_is_seen_first_is_taken_as_it_is() {
    let chains = Chains::new(kids(&["one"]), Vec::new());
    assert_eq!(chains.judge(&claim(3, 700, 6, 7)), Ok(Claimed::First));
}

#[test]
fn the_first_row_may_be_overtaken_by_those_after_it() {
    let mut chains = Chains::new(kids(&["one"]), Vec::new());
    assert_eq!(take(&mut chains, &claim(1, 3, 2, 3)), Ok(Claimed::First));
    assert_eq!(take(&mut chains, &claim(1, 4, 3, 4)), Ok(Claimed::New));
    // Row 3 names digest 2, and nothing else can be in its place.
    assert!(chains.judge(&claim(1, 2, 1, 9)).is_err());
    assert!(chains.judge(&claim(1, 1, 0, 2)).is_err());
    assert_eq!(take(&mut chains, &claim(1, 2, 1, 2)), Ok(Claimed::Before));
    assert_eq!(take(&mut chains, &claim(1, 2, 1, 2)), Ok(Claimed::Again));
    let mut again = Chains::new(kids(&["one"]), Vec::new());
    chains.records().for_each(|record| again.apply(&record));
    assert_eq!(take(&mut again, &claim(1, 1, 0, 1)), Ok(Claimed::Before));
    assert_eq!(again.newest("bank", "test").unwrap().seq, 4);
    for seq in 1..=4_u8 {
        let claim = claim(1, seq.into(), seq - 1, seq);
        assert_eq!(again.judge(&claim), Ok(Claimed::Again), "{seq}");
    }
    assert!(again.judge(&claim(1, 5, 4, 5)).is_ok());
}

#[test]
fn a_recovery_that_names_the_last_head_opens_an_epoch() {
    let mut chains = four(&["one"], Vec::new());
    let mut recovery = claim(2, 3, 2, 8);
    let head = |seq, byte| ChainHead {
        seq,
        digest: digest(byte),
    };
    for wrong in [head(3, 3), head(4, 3), head(5, 4)] {
        recovery.recovered = Some(wrong);
        assert!(chains.judge(&recovery).is_err(), "{wrong}");
    }
    recovery.recovered = Some(head(4, 4));
    assert_eq!(take(&mut chains, &recovery), Ok(Claimed::First));
    assert_eq!(take(&mut chains, &claim(2, 4, 8, 9)), Ok(Claimed::New));
    let newest = Head {
        epoch: 2,
        seq: 4,
        digest: digest(9),
    };
    assert_eq!(chains.newest("bank", "test"), Some(newest));
    assert_eq!(chains.newest("bank", "live"), None);
    // The old epoch can neither go on nor be contradicted.
    assert!(chains.judge(&claim(1, 5, 4, 5)).is_err());
    assert_eq!(chains.judge(&claim(1, 4, 3, 4)), Ok(Claimed::Again));
}

#[test]
fn an_exception_counts_once_and_for_one_digest() {
    let exception = Exception {
        deployment: "bank".into(),
        environment: "test".into(),
        epoch: 1,
        seq: 3,
        digest: digest(33),
    };
    let mut chains = four(&["one"], vec![exception.clone()]);
    assert!(chains.judge(&claim(1, 3, 2, 34)).is_err());
    assert!(chains.judge(&claim(1, 4, 3, 33)).is_err());
    let excepted = claim(1, 3, 2, 33);
    assert_eq!(take(&mut chains, &excepted), Ok(Claimed::Excepted));
    assert_eq!(take(&mut chains, &excepted), Ok(Claimed::Again));
    // What stood after it is gone, and its place is free.
    assert_eq!(take(&mut chains, &claim(1, 4, 33, 44)), Ok(Claimed::New));
    // Taken back to before it by nothing, it does not count again once it is forgotten.
    let mut long = Chains::new(kids(&["one"]), vec![exception]);
    long.use_up(chains.used().next().unwrap());
    assert!(take(&mut long, &claim(1, 50, 2, 50)).is_ok());
    assert!(long.judge(&excepted).is_err());
}

#[test]
fn a_revocation_takes_the_place_of_what_the_key_signed_last() {
    let revocation = |signer: &str, trusted: u8| {
        let seq = u64::from(trusted);
        let head = ChainHead {
            seq,
            digest: digest(trusted),
        };
        SealClaim {
            kid: signer.into(),
            revoked: Some(("one".into(), head)),
            ..claim(1, seq + 1, trusted, 99)
        }
    };
    // The operator has not taken the key away yet; a key does not revoke itself.
    assert!(
        four(&["one", "two"], Vec::new())
            .judge(&revocation("two", 2))
            .is_err()
    );
    assert!(
        four(&["two"], Vec::new())
            .judge(&revocation("one", 2))
            .is_err()
    );
    let mut chains = four(&["two"], Vec::new());
    let claimed = take(&mut chains, &revocation("two", 2));
    assert_eq!(claimed, Ok(Claimed::Abandoning));
    let next = SealClaim {
        kid: "two".into(),
        ..claim(1, 4, 99, 100)
    };
    assert_eq!(take(&mut chains, &next), Ok(Claimed::New));
    // What another key has signed since is not taken back.
    assert!(chains.judge(&revocation("three", 1)).is_err());
}

#[test]
fn places_older_than_what_is_kept_are_not_signed_again() {
    let mut chains = Chains::new(kids(&["one"]), Vec::new());
    let at = |seq: u64| Digest::of(&seq.to_le_bytes());
    for seq in 1..2_000 {
        let mut claim = claim(1, seq, 0, 0);
        claim.prev = (seq > 1).then(|| at(seq - 1));
        claim.digest = at(seq);
        take(&mut chains, &claim).unwrap();
    }
    assert_eq!(chains.records().count(), 1_024);
    let refused = chains.judge(&claim(1, 10, 9, 10));
    assert_eq!(
        refused,
        Err(Conflict::Forgotten {
            seq: 10,
            oldest: 976
        })
    );
}

#[test]
fn a_size_has_one_root() {
    let claim = |origin: &str, size, root| NoteClaim {
        origin: origin.into(),
        size,
        root: digest(root),
    };
    let mut notes = Notes::default();
    let mut take = |claim: &NoteClaim| {
        let verdict = notes.judge(claim)?;
        notes.apply(&claim.clone().into_record());
        Ok(verdict)
    };
    assert_eq!(take(&claim("a", 10, 1)), Ok(Claimed::First));
    assert_eq!(take(&claim("a", 10, 1)), Ok(Claimed::Again));
    let other = Conflict::OtherRoot {
        size: 10,
        claimed: digest(1),
    };
    assert_eq!(take(&claim("a", 10, 2)), Err(other));
    assert_eq!(take(&claim("b", 10, 2)), Ok(Claimed::First));
    assert_eq!(take(&claim("a", 5, 2)), Ok(Claimed::New));
    for size in 100..170 {
        take(&claim("a", size, 3)).unwrap();
    }
    let forgotten = Conflict::SizeForgotten {
        size: 10,
        smallest: 106,
    };
    assert_eq!(take(&claim("a", 10, 2)), Err(forgotten));
    let records: Vec<_> = notes.records().collect();
    let mut again = Notes::default();
    records.iter().for_each(|record| again.apply(record));
    assert!(again.judge(&claim("a", 10, 2)).is_err());
}

fn record(seq: u8) -> Record {
    let claim = claim(1, seq.into(), seq - 1, seq);
    Record::Seal(claim.into_record(false))
}

#[test]
fn records_are_there_after_a_restart_and_after_a_rewrite() {
    let place = tempfile::tempdir().unwrap();
    let written: Vec<Record> = (1..=4).map(record).collect();
    let (mut file, found) = StateFile::open(place.path()).unwrap();
    assert_eq!(found, []);
    file.append(&written[..1]).unwrap();
    file.append(&written[1..]).unwrap();
    drop(file);
    let (mut file, found) = StateFile::open(place.path()).unwrap();
    assert_eq!(found, written);
    file.rewrite(&written[2..]).unwrap();
    file.append(&written[..1]).unwrap();
    drop(file);
    let (_, found) = StateFile::open(place.path()).unwrap();
    assert_eq!(found, [record(3), record(4), record(1)]);
}

#[test]
fn one_process_alone_has_the_state() {
    let place = tempfile::tempdir().unwrap();
    let _held = StateFile::open(place.path()).unwrap();
    let second = StateFile::open(place.path());
    assert!(matches!(second, Err(StateError::Locked(_))));
}

#[test]
fn a_tail_that_was_not_written_to_its_end_is_cut_and_nothing_else_is() {
    let place = tempfile::tempdir().unwrap();
    let (mut file, _) = StateFile::open(place.path()).unwrap();
    file.append(&[record(1), record(2)]).unwrap();
    drop(file);
    let path = place.path().join("signed.log");
    let whole = fs::read(&path).unwrap();
    let line = record(3).line().unwrap();
    for length in 1..line.len() {
        let torn = [&whole, &line.as_bytes()[..length]].concat();
        fs::write(&path, torn).unwrap();
        let (_, found) = StateFile::open(place.path()).unwrap();
        assert_eq!(found.len(), 2, "{length}");
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
    fs::write(&path, [&whole[..], &[0; 700]].concat()).unwrap();
    assert_eq!(StateFile::open(place.path()).unwrap().1.len(), 2);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&path, damaged).unwrap();
        // Without its line feed, the last line is one that was not written to its end.
        let is_last = at + 1 == whole.len();
        match StateFile::open(place.path()) {
            Err(StateError::Damaged(..)) => assert!(!is_last, "{at}"),
            Ok((_, found)) => assert!(is_last && found.len() == 1, "{at}"),
            Err(error) => panic!("{at}: {error}"),
        }
    }
}

#[test]
fn a_record_reads_as_it_was_written() {
    let seal = SealRecord {
        deployment: "bank".into(),
        environment: "test".into(),
        epoch: 1,
        seq: 7,
        lease: 2,
        prev: Some(digest(4)),
        digest: digest(7),
        kid: "a/b".into(),
        rewinds: true,
    };
    let line = Record::Seal(seal.clone()).line().unwrap();
    assert_eq!(
        Record::read(line.trim_end().as_bytes()),
        Ok(Record::Seal(seal))
    );
    assert!(Record::read(b"").is_err());
    assert!(Record::read(b"0123456789abcdef {}").is_err());
}
