use super::*;
use crate::fixture::{Chain, TestKey, keyring, kid, sealed_head};
use crate::payload::{Action, Content};

fn decode(bytes: &[u8]) -> Result<SealedHead, DecodeError> {
    let mut r = Reader::new(bytes);
    let sealed = SealedHead::decode(&mut r)?;
    r.end()?;
    Ok(sealed)
}

fn encode(sealed: &SealedHead) -> Vec<u8> {
    let mut bytes = Vec::new();
    sealed.encode(&mut bytes);
    bytes
}

#[test]
fn heads_of_any_number_of_books_are_shown() {
    let mut chain = Chain::new();
    for books in 1..12 {
        let sealed = sealed_head(&mut chain, &TestKey::new("seal-1"), 5, books);
        assert_eq!(sealed.verify(&keyring()), Ok(()), "{books} books");
        assert_eq!(decode(&encode(&sealed)), Ok(sealed.clone()));
        let long = [encode(&sealed), vec![0; 32]].concat();
        assert_eq!(decode(&long), Err(DecodeError::TrailingBytes(32)));
    }
}

#[test]
fn another_place_or_head_is_refused() {
    let sealed = sealed_head(&mut Chain::new(), &TestKey::new("seal-1"), 5, 7);
    let mut changed = sealed.clone();
    changed.position = 2;
    assert_eq!(changed.verify(&keyring()), Err(SealedHeadError::Path));
    changed.position = 7;
    assert_eq!(changed.verify(&keyring()), Err(SealedHeadError::Path));
    assert_eq!(
        decode(&encode(&changed)),
        Err(DecodeError::BadField("position"))
    );
    let mut changed = sealed.clone();
    changed.head.size += 1;
    assert_eq!(changed.verify(&keyring()), Err(SealedHeadError::Path));
    let mut changed = sealed;
    changed.path.pop();
    assert_eq!(changed.verify(&keyring()), Err(SealedHeadError::Path));
}

#[test]
fn only_a_seal_seals() {
    let mut chain = Chain::new();
    let key = TestKey::new("seal-1");
    let mut sealed = sealed_head(&mut chain, &key, 5, 7);
    let action = Content::Action {
        action: Action::Operator,
        body: Digest::ZERO,
    };
    sealed.row = chain.push(&key, action).clone();
    assert_eq!(sealed.verify(&keyring()), Err(SealedHeadError::NotASeal));
    assert_eq!(
        decode(&encode(&sealed)),
        Err(DecodeError::BadField("payload"))
    );
}

#[test]
fn a_seal_by_a_key_that_does_not_count_seals_nothing() {
    let sealed = sealed_head(&mut Chain::new(), &TestKey::new("seal-9"), 5, 7);
    let fault = crate::keyring::KeyFault::Unknown(kid("seal-9"));
    let error = SealedHeadError::Row(fault.into());
    assert_eq!(sealed.verify(&keyring()), Err(error));
}
