use ledger::event::Records;
use ledger::leg::legs;
use ledger::proof::ProofError;

use super::*;
use crate::consistency::tests::world::{EVERY_BIT, World, mutations};

const ACCOUNT: AccountId = AccountId(2);

/// Records that touch the account, in order.
fn of_account(world: &World) -> Vec<Vec<u8>> {
    let touches = |event: &Event| match event {
        Event::AccountCreated(e) => e.id == ACCOUNT,
        Event::AccountChanged(e) => e.id == ACCOUNT,
        event => legs(event).is_some_and(|legs| legs.iter().any(|leg| leg.account == ACCOUNT)),
    };
    let records = world.records.iter();
    records
        .filter(|record| touches(&Event::decode(record).unwrap()))
        .cloned()
        .collect()
}

fn proof_of(world: &mut World, records: &[Vec<u8>]) -> StatementProof {
    let sealed = world.sealed(world.records.len() as u64);
    StatementProof::build(&mut world.tree, ACCOUNT, records.concat(), sealed).unwrap()
}

#[test]
fn statements_have_every_posting_of_the_account() {
    let mut world = World::new(60);
    let records = of_account(&world);
    assert!(records.len() > 30);
    for (from, to) in [(0, 1), (0, 5), (3, 4), (0, records.len()), (7, 20)] {
        let proof = proof_of(&mut world, &records[from..to]);
        let bytes = proof.encode();
        assert_eq!(StatementProof::decode(&bytes).as_ref(), Ok(&proof));
        let found = proof.verify(&world.keyring).unwrap();
        // The account's creation is 0, so that the index is the sequence.
        assert_eq!((found.first, found.last), (from as u64, to as u64 - 1));
        assert_eq!(found.events.len(), to - from);
        assert_eq!(found.closing().is_some(), from == 0);
    }
}

#[test]
fn sums_are_those_of_the_legs() {
    let mut world = World::new(60);
    let records = of_account(&world);
    let found = proof_of(&mut world, &records)
        .verify(&world.keyring)
        .unwrap();
    let [mut debits, mut credits, mut held, mut released] = [0; 4];
    for record in Records(&records.concat()) {
        let event = Event::decode(record.unwrap()).unwrap();
        for leg in legs(&event).into_iter().flatten() {
            if leg.account != ACCOUNT {
                continue;
            }
            match leg.side {
                ledger::leg::Side::Debit => debits += leg.posted,
                ledger::leg::Side::Credit => credits += leg.posted,
            }
            held += leg.held;
            released += leg.released;
        }
    }
    let sums = found.sums;
    assert_eq!((sums.debits, sums.credits), (debits, credits));
    assert_eq!(sums.debits_held + sums.credits_held, held);
    assert_eq!(sums.debits_released + sums.credits_released, released);
    let closing = found.closing().unwrap();
    assert_eq!(
        (closing.debits_posted, closing.credits_posted),
        (debits, credits)
    );
}

#[test]
fn every_altered_byte_is_refused() {
    let mut world = World::new(60);
    let records = of_account(&world);
    let bytes = proof_of(&mut world, &records[4..9]).encode();
    let holds = |bytes: &[u8]| {
        StatementProof::decode(bytes).is_ok_and(|proof| proof.verify(&world.keyring).is_ok())
    };
    assert!(holds(&bytes));
    for altered in mutations(&bytes, EVERY_BIT) {
        assert!(!holds(&altered));
    }
}

#[test]
fn gaps_strangers_and_nothing_are_refused() {
    let mut world = World::new(60);
    let records = of_account(&world);
    let gap = [records[2].clone(), records[4].clone()];
    let verdict = proof_of(&mut world, &gap).verify(&world.keyring);
    let expected = StatementError::Gap {
        expected: 3,
        found: 4,
    };
    assert_eq!(verdict, Err(expected));

    let stranger = world.records[0].clone();
    let verdict = proof_of(&mut world, &[stranger]).verify(&world.keyring);
    assert_eq!(verdict, Err(StatementError::OtherAccount { seq: 0 }));

    let mut empty = proof_of(&mut world, &records[2..3]);
    empty.count = 0;
    empty.records.clear();
    assert!(empty.verify(&world.keyring).is_err());
    assert!(StatementProof::decode(&empty.encode()).is_ok_and(|proof| {
        let verdict = proof.verify(&world.keyring);
        matches!(verdict, Err(StatementError::Root | StatementError::Empty))
    }));

    let mut more = proof_of(&mut world, &records[2..4]);
    more.count = 1;
    assert_eq!(more.verify(&world.keyring), Err(StatementError::Root));

    let sealed = world.sealed(60);
    let backwards = [records[3].clone(), records[2].clone()].concat();
    let refused = StatementProof::build(&mut world.tree, ACCOUNT, backwards, sealed);
    assert_eq!(refused, Err(ProofError::OutOfTree));
    let sealed = world.sealed(5);
    let later = StatementProof::build(&mut world.tree, ACCOUNT, records.concat(), sealed);
    assert_eq!(later, Err(ProofError::OutOfTree));
}

/// Each hash stands once: less than a path for each event.
#[test]
fn paths_are_shared() {
    let mut world = World::new(600);
    let records = of_account(&world);
    let proof = proof_of(&mut world, &records[20..120]);
    assert!(proof.path.len() < 120, "{} hashes", proof.path.len());
}
