use std::collections::HashMap;

use ledger::AccountId;

use super::Distinct;

#[test]
fn places_are_those_of_first_appearance() {
    let mut random = fastrand::Rng::with_seed(7);
    let shifts = [0, 64, 100, 127];
    let ids: Vec<AccountId> = (0..16_380)
        .map(|_| AccountId(random.u128(0..9_000) << shifts[random.usize(0..4)]))
        .collect();
    let mut distinct = Distinct::with_capacity(ids.len());
    let mut model: HashMap<AccountId, u32> = HashMap::new();
    for id in ids {
        let next = u32::try_from(model.len()).unwrap();
        let expected = *model.entry(id).or_insert(next);
        assert_eq!(distinct.place(id), expected);
    }
    assert_eq!(distinct.ids.len(), model.len());
    assert!(
        distinct
            .ids
            .iter()
            .zip(0..)
            .all(|(id, place)| model[id] == place)
    );
}
