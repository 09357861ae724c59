use super::*;
use crate::fixture::{Chain, TestKey, keyring, mutations};
use crate::payload::tests::every_kind;

fn line(row: &AuditRow) -> Vec<u8> {
    let mut line = Vec::new();
    row.encode_line(&mut line);
    line
}

#[test]
fn a_row_of_every_kind_is_read_back() {
    let key = TestKey::new("seal-1");
    let mut chain = Chain::new();
    let mut file = Vec::new();
    for content in every_kind() {
        let row = chain.push(&key, content).clone();
        assert_eq!(AuditRow::decode_line(&line(&row)).as_ref(), Ok(&row));
        row.encode_line(&mut file);
        let value: serde_json::Value = serde_json::from_slice(&line(&row)).unwrap();
        let again = serde_json_canonicalizer::to_vec(&value).unwrap();
        assert_eq!([&again[..], b"\n"].concat(), line(&row));
    }
    let rows: Vec<AuditRow> = Lines(&file).map(Result::unwrap).collect();
    assert_eq!(rows, chain.rows);
    let cut = &file[..file.len() - 1];
    assert_eq!(Lines(cut).last(), Some(Err(RowError::CutShort)));
}

#[test]
fn columns_follow_from_the_payload() {
    let chain = Chain::of_seals(2);
    let row = &chain.rows[1];
    let text = String::from_utf8(line(row)).unwrap();
    let zeros = format!("\"{}\"", Digest::ZERO);
    let digest = format!("\"{}\"", row.digest());
    let prev = format!("\"prev_hash\":\"{}\"", row.prev().unwrap());
    for (from, to, error) in [
        (
            "created_at\":\"2025",
            "created_at\":\"2026",
            RowError::Column("created_at"),
        ),
        ("ledger.seal", "ledger.key", RowError::Column("event_type")),
        (&digest, &zeros, RowError::Column("hash")),
        ("\"id\":\"", "\"id\":\"0", RowError::Column("id")),
        (&prev, "\"prev_hash\":null", RowError::Column("prev_hash")),
        (
            ",\"seq\":2,\"signature\"",
            ",\"seq\":3,\"signature\"",
            RowError::Column("seq"),
        ),
        (
            "\"signature\":\"",
            "\"signature\":\"*",
            RowError::Column("signature"),
        ),
        (
            "\"signer_kid\":\"seal-1\"}\n",
            "\"signer_kid\":\"seal-2\"}\n",
            RowError::Column("signer_kid"),
        ),
        (
            "\"signer_kid\":\"seal-1\"}\n",
            "\"signer_kid\":\"seal-1\",\"signer_id\":\"\"}\n",
            RowError::NotARow,
        ),
        (
            "{\"created_at\"",
            "{ \"created_at\"",
            RowError::NotCanonical,
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert_eq!(
            AuditRow::decode_line(changed.as_bytes()),
            Err(error),
            "{from} to {to}"
        );
    }
}

#[test]
fn ids_are_uuids_of_version_8() {
    let id = RowId::of(&Digest([0xff; 32])).to_string();
    assert_eq!(id, "ffffffff-ffff-8fff-bfff-ffffffffffff");
}

/// A line with one byte changed is no row, or its signature does not verify.
#[test]
fn every_changed_byte_of_a_line_is_refused() {
    let keyring = keyring();
    let key = TestKey::new("seal-1");
    let mut chain = Chain::of_seals(1);
    for content in every_kind() {
        let row = chain.push(&key, content).clone();
        assert_eq!(keyring.verify_row(&row), Ok(None));
        for (at, changed) in mutations(&line(&row)) {
            let accepted =
                AuditRow::decode_line(&changed).is_ok_and(|row| keyring.verify_row(&row).is_ok());
            assert!(!accepted, "byte {at} of {}", row.event_type());
        }
    }
}
