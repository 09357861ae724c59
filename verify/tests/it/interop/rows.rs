use std::path::PathBuf;

use ledger::Digest;
use verify::keyring::{SignerEntry, SignersJson};
use verify::payload::{Action, Content, Origin, Payload, Seal, Trace};
use verify::{AuditRow, Kid, Micros, Name, SignedKeyring};

use super::key::Key;
use super::scratch::Scratch;
use super::tool::{Verdict, node};

/// Rows of both algorithms, one after the other.
pub(crate) fn chain(keys: &[Key], count: u64) -> Vec<AuditRow> {
    let mut rows: Vec<AuditRow> = Vec::new();
    for (seq, key) in (1..=count).zip(keys.iter().cycle()) {
        let prev = rows.last().map(AuditRow::digest);
        let content = match seq % 3 {
            0 => Content::Action {
                action: Action::ApprovalSigned,
                body: Digest::of(b"body"),
            },
            _ => seal(seq),
        };
        rows.push(row(key, content, seq, prev));
    }
    rows
}

fn seal(books: u64) -> Content {
    sealing(books, Digest::of(b"heads"))
}

/// The statement of a seal over a tree of heads.
pub(crate) fn sealing(books: u64, heads_root: Digest) -> Content {
    Content::Seal(Seal {
        books,
        heads_root,
        policy_set: Digest::of(b"policies"),
    })
}

pub(crate) fn row(key: &Key, content: Content, seq: u64, prev: Option<Digest>) -> AuditRow {
    let payload = Payload {
        alg: key.algorithm(),
        content,
        lease: 1,
        origin: Origin {
            deployment: Name::new("example").unwrap(),
            environment: Name::new("dev").unwrap(),
            epoch: 1,
        },
        prev,
        seq,
        signer_kid: key.kid.clone(),
        trace: Trace([7; 16]),
        ts: Micros::new(1_700_000_000_000_000 + seq).unwrap(),
    };
    let canonical = payload.canonical().unwrap();
    let digest = verify::payload::digest(&canonical, prev.as_ref());
    let row = AuditRow::new(canonical, key.sign_digest(&digest)).unwrap();
    assert_eq!(row.digest(), digest);
    row
}

pub(crate) fn lines(rows: &[AuditRow]) -> Vec<u8> {
    let mut lines = Vec::new();
    for row in rows {
        row.encode_line(&mut lines);
    }
    lines
}

/// A folder with a registry, in the shape that scripts read.
pub(crate) struct Files {
    pub(crate) scratch: Scratch,
    pub(crate) signers: PathBuf,
}

impl Files {
    pub(crate) fn new(keys: &[Key]) -> Self {
        let entry = |key: &Key| SignerEntry {
            signer_kid: key.kid.clone(),
            algorithm: key.algorithm(),
            public_key_pem: key.public.to_spki_pem(),
            deployed_at: "2025-11-01T00:00:00.000000Z".to_owned(),
            description: "seal".to_owned(),
        };
        Self::with(&SignersJson {
            signers: keys.iter().map(entry).collect(),
        })
    }

    fn with(signers: &SignersJson) -> Self {
        let scratch = Scratch::new();
        let signers = scratch.write("signers.json", signers.encode().unwrap());
        Self { scratch, signers }
    }

    /// With the keys of the vectors.
    pub(crate) fn of_vectors() -> Self {
        let bytes = include_bytes!("../../../vectors/keyring.json");
        let keyring = SignedKeyring::decode(bytes).unwrap().keyring;
        Self::with(&SignersJson::export(&keyring))
    }

    fn verify(&self, lines: &[u8], more: &[(&str, &str)]) -> Verdict {
        let rows = self.scratch.write("rows.jsonl", lines);
        let mut words = vec![
            ("rows", rows.to_str().unwrap()),
            ("signers", self.signers.to_str().unwrap()),
        ];
        words.extend(more);
        node("audit-verify.mjs", &words)
    }
}

#[test]
fn a_script_from_the_page_verifies_the_chain_and_openssl_its_signatures() {
    let keys = Key::one_of_each();
    let rows = chain(&keys, 6);
    let files = Files::new(&keys);
    let said = files.verify(&lines(&rows), &[]).accepted();
    assert!(
        said.starts_with("6 rows verified from its beginning"),
        "{said}"
    );
    for (row, key) in rows.iter().zip(keys.iter().cycle()) {
        let (digest, signature) = (row.digest(), row.signature());
        key.public.verify_digest(&digest, signature).unwrap();
        key.openssl(&digest, signature).accepted();
        key.openssl(&Digest::of(&digest.0), signature).refused();
    }
}

#[test]
fn a_script_from_the_page_verifies_the_vectors() {
    let rows = include_bytes!("../../../vectors/rows.jsonl");
    let said = Files::of_vectors().verify(rows, &[]).accepted();
    assert!(said.starts_with("14 rows verified from"), "{said}");
}

#[test]
fn a_script_from_the_page_refuses_any_altered_byte() {
    let keys = Key::one_of_each();
    let files = Files::new(&keys);
    let lines = lines(&chain(&keys, 3));
    for mask in ["1", "128"] {
        let said = files.verify(&lines, &[("alter", mask)]).accepted();
        let all = format!("{} altered copies refused", lines.len());
        assert!(said.ends_with(&all), "{said}");
    }
}

#[test]
fn a_script_from_the_page_refuses_rows_out_of_place() {
    let keys = Key::one_of_each();
    let rows = chain(&keys, 5);
    let files = Files::new(&keys);
    let without = |gone: usize| {
        let mut rows = rows.clone();
        rows.remove(gone);
        lines(&rows)
    };
    let why = files.verify(&without(2), &[]).refused();
    assert!(why.contains("row 4: does not follow"), "{why}");
    let mut twice = lines(&rows);
    rows[3].encode_line(&mut twice);
    files.verify(&twice, &[]).refused();
    // In another order it is the same table.
    let mut turned = rows.clone();
    turned.reverse();
    files.verify(&lines(&turned), &[]).accepted();
    // A row that stands by itself, signed, of another environment.
    let other = row(&keys[0], seal(1), 5, Some(rows[3].digest()));
    let mut payload = other.payload().clone();
    payload.origin.environment = Name::new("staging").unwrap();
    let canonical = payload.canonical().unwrap();
    let digest = verify::payload::digest(&canonical, payload.prev.as_ref());
    let other = AuditRow::new(canonical, keys[0].sign_digest(&digest)).unwrap();
    let mut moved = rows[..4].to_vec();
    moved.push(other);
    let why = files.verify(&lines(&moved), &[]).refused();
    assert!(why.contains("environment staging"), "{why}");
}

/// The gaps that a reader of the newest rows has, which a known head closes.
#[test]
fn a_script_from_the_page_reads_the_newest_rows_alone() {
    let keys = Key::one_of_each();
    let rows = chain(&keys, 5);
    let files = Files::new(&keys);
    let said = files.verify(&lines(&rows), &[("limit", "2")]).accepted();
    assert!(said.starts_with("2 rows verified since"), "{said}");
    let mut broken = rows.clone();
    broken.remove(0);
    files.verify(&lines(&broken), &[("limit", "2")]).accepted();
    let head = rows[4].digest().to_string();
    let cut = lines(&rows[..4]);
    files.verify(&cut, &[]).accepted();
    files.verify(&cut, &[("head", &head)]).refused();
    files.verify(&lines(&rows), &[("head", &head)]).accepted();
}

#[test]
fn a_script_from_the_page_refuses_keys_that_are_not_in_the_registry() {
    let keys = Key::one_of_each();
    let rows = lines(&chain(&keys, 2));
    let why = Files::new(&keys[..1]).verify(&rows, &[]).refused();
    assert!(why.contains("unknown signer key-rsa"), "{why}");
    // Another key under the same id.
    let strangers = Key::one_of_each();
    let why = Files::new(&strangers).verify(&rows, &[]).refused();
    assert!(why.contains("row 1: bad signature"), "{why}");
    // The shape of a map from ids to keys is not the registry's.
    let files = Files::new(&keys);
    files.scratch.write("signers.json", r#"{"key-rsa":"PEM"}"#);
    files.verify(&rows, &[]).refused();
    assert_eq!(keys[1].kid, Kid::new("key-rsa").unwrap());
}
