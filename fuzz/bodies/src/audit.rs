//! The JSON that is hashed and signed: payloads, rows, keyrings, approvals.

use verify::approval::Request;
use verify::chain::Start;
use verify::keyring::SignersJson;
use verify::policy::{PolicyRecord, SignedManifest};
use verify::row::Lines;
use verify::{
    Approval, ApproverSet, AuditRow, ChainVerifier, Keyring, Payload, PublicKey, SignedKeyring, jcs,
};

use crate::Verdict;

type Read = fn(&[u8]) -> Option<()>;

/// What the first byte of an input says the rest is, and what reads it.
const KINDS: &[(&str, Read)] = &[
    ("json", json),
    ("payload", payload),
    ("rows", rows),
    ("signed", signed),
    ("approval", approval),
    ("request", request),
    ("signers", signers),
    ("key", key),
    ("chain", chain),
    ("manifest", manifest),
    ("record", record),
];

/// The first byte of inputs of a kind.
pub fn kind(name: &str) -> Option<u8> {
    let at = KINDS.iter().position(|(kind, _)| *kind == name);
    at.and_then(|at| u8::try_from(at).ok())
}

/// The first byte says what the rest is read as.
pub fn body(data: &[u8]) -> Verdict {
    let Some((kind, bytes)) = data.split_first() else {
        return Verdict::Refused;
    };
    let read = KINDS.get(usize::from(*kind) % KINDS.len());
    Verdict::of(read.and_then(|(_, read)| read(bytes)).is_some())
}

/// What is strict is JSON to others too, and the same value in its canonical form.
fn json(bytes: &[u8]) -> Option<()> {
    let value = jcs::parse(bytes).ok()?;
    let canonical = value.canonical();
    assert_eq!(jcs::parse_canonical(&canonical).as_ref(), Ok(&value));
    let ours: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let again: serde_json::Value = serde_json::from_slice(&canonical).ok()?;
    assert_eq!(ours, again, "the canonical form is another value");
    Some(())
}

fn payload(bytes: &[u8]) -> Option<()> {
    let payload = Payload::decode(bytes).ok()?;
    let again = payload.canonical().ok()?;
    assert_eq!(again, bytes, "a payload has another encoding");
    assert!(jcs::parse_canonical(bytes).is_ok());
    Some(())
}

fn rows(bytes: &[u8]) -> Option<()> {
    let mut again = Vec::new();
    for row in Lines(bytes) {
        row.ok()?.encode_line(&mut again);
    }
    assert_eq!(again, bytes, "rows have another encoding");
    Some(())
}

/// A signed keyring, as those who trust the approvers it names read it.
fn signed(bytes: &[u8]) -> Option<()> {
    let signed = SignedKeyring::decode(bytes).ok()?;
    let again = signed.encode().ok()?;
    assert_eq!(again, bytes, "a signed keyring has another encoding");
    let own: ApproverSet = signed.keyring.approvers().clone();
    let keyring = signed.verify(&own).ok()?;
    assert_eq!(Keyring::decode(&keyring.encode()), Ok(keyring));
    Some(())
}

fn approval(bytes: &[u8]) -> Option<()> {
    let approval = Approval::decode(bytes).ok()?;
    let again = approval.encode().ok()?;
    assert_eq!(again, bytes, "an approval has another encoding");
    Some(())
}

fn request(bytes: &[u8]) -> Option<()> {
    let request = Request::decode(bytes).ok()?;
    assert_eq!(request.encode(), bytes, "a request has another encoding");
    Some(())
}

fn signers(bytes: &[u8]) -> Option<()> {
    let signers = SignersJson::decode(bytes).ok()?;
    let again = SignersJson::decode(&signers.encode().ok()?);
    assert_eq!(again, Ok(signers));
    Some(())
}

/// The signed manifest of a policy.
fn manifest(bytes: &[u8]) -> Option<()> {
    let signed = SignedManifest::decode(bytes).ok()?;
    let again = signed.encode().ok()?;
    assert_eq!(again, bytes, "a signed manifest has another encoding");
    assert!(signed.manifest.check().is_ok());
    Some(())
}

/// What a row tells of a policy.
fn record(bytes: &[u8]) -> Option<()> {
    let record = PolicyRecord::decode(bytes).ok()?;
    let again = record.encode().ok()?;
    assert_eq!(again, bytes, "a record has another encoding");
    Some(())
}

/// A key as DER, or as PEM.
fn key(bytes: &[u8]) -> Option<()> {
    if let Ok(key) = PublicKey::from_spki_der(bytes) {
        assert_eq!(key.to_spki_der(), bytes, "a key has another encoding");
        return Some(());
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let key = PublicKey::from_spki_pem(text).ok()?;
    assert_eq!(PublicKey::from_spki_pem(&key.to_spki_pem()), Ok(key));
    Some(())
}

/// A signed keyring, and after its line the rows of a chain.
fn chain(bytes: &[u8]) -> Option<()> {
    let end = bytes.iter().position(|byte| *byte == b'\n')? + 1;
    let (signed, lines) = bytes.split_at(end);
    let signed = SignedKeyring::decode(signed).ok()?;
    let rows: Vec<AuditRow> = Lines(lines).collect::<Result<_, _>>().ok()?;
    let known = rows.last().map(AuditRow::head);
    let mut verifier = ChainVerifier::new(&signed.keyring, Start::Genesis, known);
    for row in &rows {
        verifier.push(row).ok()?;
    }
    let report = verifier.finish().ok()?;
    assert_eq!(Some(report.last), known);
    assert_eq!(report.rows, rows.len() as u64);
    Some(())
}
