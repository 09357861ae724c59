//! Proofs, receipts, checkpoints and what they are checked with.

use ledger::Digest;
use verify::checkpoint::{Checkpoint, SignedNote};
use verify::consistency::{AddCheckpoint, ConsistencyProof};
use verify::keyring::NewKey;
use verify::ledger_proof::{LedgerProof, row_json, row_record};
use verify::range::RangeProof;
use verify::receipt::Receipt;
use verify::statement::StatementProof;
use verify::tlog_proof::TlogProof;
use verify::{Approver, ApproverSet, Keyring, Kid, Micros, Name, PublicKey, Usage};

use crate::Verdict;

/// The keys that an input begins with, 32 bytes each.
pub const KEYS: [(&str, Usage); 3] = [
    ("seal", Usage::Seal),
    ("checkpoint", Usage::Checkpoint),
    ("bundle", Usage::Bundle),
];
/// Deployment and environment of their keyring.
pub const ORIGIN: (&str, &str) = ("example", "dev");

type Read = fn(&[u8], Option<&Keyring>) -> Option<()>;

/// What the first byte of an input says the rest is, and what reads it.
const KINDS: &[(&str, Read)] = &[
    ("receipt", receipt),
    ("range", range),
    ("consistency", consistency),
    ("statement", statement),
    ("ledger", ledger),
    ("checkpoint", checkpoint),
    ("tlog", tlog),
    ("growth", growth),
    ("row", row),
    ("keyring", document),
];

/// The first byte of inputs of a kind.
pub fn kind(name: &str) -> Option<u8> {
    let at = KINDS.iter().position(|(kind, _)| *kind == name);
    at.and_then(|at| u8::try_from(at).ok())
}

/// The first byte says what is read; the keys follow, so that what they signed is accepted.
pub fn body(data: &[u8]) -> Verdict {
    let Some((kind, rest)) = data.split_first() else {
        return Verdict::Refused;
    };
    let Some((keys, bytes)) = rest.split_first_chunk::<96>() else {
        return Verdict::Refused;
    };
    let read = KINDS.get(usize::from(*kind) % KINDS.len());
    let accepted = read.and_then(|(_, read)| read(bytes, keyring(keys).as_ref()));
    Verdict::of(accepted.is_some())
}

/// The keyring of these keys; `None` if one is no key, or stands twice.
pub fn keyring(keys: &[u8; 96]) -> Option<Keyring> {
    let approver = Approver {
        kid: Kid::new("approver").ok()?,
        name: Name::new("approver").ok()?,
        public_key: PublicKey::from_ed25519(&APPROVER).ok()?,
    };
    let approvers = ApproverSet::new(vec![approver], 1).ok()?;
    let (deployment, environment) = (Name::new(ORIGIN.0).ok()?, Name::new(ORIGIN.1).ok()?);
    let mut keyring = Keyring::new(deployment, environment, approvers);
    for ((kid, usage), bytes) in KEYS.iter().zip(keys.chunks_exact(32)) {
        let kid = Kid::new(kid).ok()?;
        let new = NewKey {
            kid: kid.clone(),
            public_key: PublicKey::from_ed25519(bytes.try_into().ok()?).ok()?,
            usage: *usage,
            deployed_at: Micros::new(0)?,
        };
        keyring = keyring.with_key(new).ok()?.with_promoted(&kid, 1).ok()?;
    }
    Some(keyring)
}

/// The point with y = 4/5: a public key whose private key nobody needs.
const APPROVER: [u8; 32] = {
    let mut bytes = [0x66; 32];
    bytes[0] = 0x58;
    bytes
};

fn receipt(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let receipt = Receipt::decode(bytes).ok()?;
    assert_eq!(receipt.encode(), bytes, "a receipt has another encoding");
    receipt.verify(keyring?).ok()?;
    Some(())
}

fn range(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let proof = RangeProof::decode(bytes).ok()?;
    assert_eq!(proof.encode(), bytes, "a range has another encoding");
    let verified = proof.verify(keyring?).ok()?;
    // What was just read is no event of it.
    let mut events = verified.events();
    let pushed = events.push(bytes).and_then(|()| events.finish());
    assert!(pushed.is_err());
    Some(())
}

fn consistency(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let proof = ConsistencyProof::decode(bytes).ok()?;
    assert_eq!(proof.encode(), bytes, "a proof has another encoding");
    proof.verify(keyring?).ok()
}

fn statement(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let proof = StatementProof::decode(bytes).ok()?;
    assert_eq!(proof.encode(), bytes, "a statement has another encoding");
    let statement = proof.verify(keyring?).ok()?;
    assert_eq!(statement.events.len(), proof.count as usize);
    Some(())
}

fn ledger(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let proof = LedgerProof::decode(bytes).ok()?;
    assert_eq!(proof.encode().ok()?, bytes, "a proof has another encoding");
    let mut rows = proof.verify(keyring?).ok()?.rows();
    let pushed = rows.push(bytes);
    assert!(pushed.is_err());
    Some(())
}

fn checkpoint(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let text = std::str::from_utf8(bytes).ok()?;
    let note = SignedNote::parse(text).ok()?;
    let mut again = format!("{}\n", note.text);
    for signature in &note.signatures {
        signature.write(&mut again);
    }
    assert_eq!(again, text, "a note has another encoding");
    let claimed = Checkpoint::claimed(text).ok()?;
    assert_eq!(claimed.text(), note.text, "a checkpoint has another text");
    Checkpoint::verify(text, keyring?).ok()?;
    Some(())
}

/// The text, a zero byte, and the record beside it.
fn tlog(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let at = bytes.iter().position(|byte| *byte == 0)?;
    let (text, record) = bytes.split_at(at);
    let text = std::str::from_utf8(text).ok()?;
    let proof = TlogProof::decode(text).ok()?;
    assert_eq!(proof.encode(), text, "a proof has another encoding");
    proof.verify(record.get(1..)?, keyring?).ok()?;
    Some(())
}

/// The root before, and the text.
fn growth(bytes: &[u8], keyring: Option<&Keyring>) -> Option<()> {
    let (root, text) = bytes.split_first_chunk::<32>()?;
    let text = std::str::from_utf8(text).ok()?;
    let proof = AddCheckpoint::decode(text).ok()?;
    assert_eq!(proof.encode(), text, "a proof has another encoding");
    let old = (proof.old_size, &Digest(*root));
    proof.verify(old, keyring?).ok()?;
    Some(())
}

fn row(bytes: &[u8], _: Option<&Keyring>) -> Option<()> {
    let line = std::str::from_utf8(bytes).ok()?;
    let record = row_record(line).ok()?;
    assert_eq!(row_json(&record).ok()?, line, "a row has another spelling");
    Some(())
}

fn document(bytes: &[u8], _: Option<&Keyring>) -> Option<()> {
    let keyring = Keyring::decode(bytes).ok()?;
    assert_eq!(keyring.encode(), bytes, "a keyring has another encoding");
    Some(())
}
