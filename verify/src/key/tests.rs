pub(crate) mod openssl;

use ledger::Digest;

use super::*;
use crate::fixture::TestKey;
use openssl::{RsaKey, openssl};

#[test]
fn key_ids_are_of_a_safe_alphabet() {
    let long = "k".repeat(128);
    for (text, is_allowed) in [
        ("seal-1", true),
        ("alias/ledgerd_seal.v2", true),
        (
            "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef12",
            true,
        ),
        (&long, true),
        ("", false),
        (&format!("{long}k"), false),
        ("seal 1", false),
        ("seal\"1", false),
        ("seal\\1", false),
        ("seal\n", false),
        ("sêal", false),
    ] {
        assert_eq!(Kid::new(text).is_ok(), is_allowed, "{text}");
    }
}

#[test]
fn texts_of_enums_are_read_back() {
    for usage in Usage::ALL {
        assert_eq!(Usage::from_text(usage.text()), Some(*usage));
    }
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_text(algorithm.text()), Some(*algorithm));
    }
    assert_eq!(Algorithm::from_text("ED25519"), None);
}

#[test]
fn ed25519_keys_have_one_encoding() {
    let key = TestKey::new("a").public_key();
    assert_eq!(
        PublicKey::from_spki_pem(&key.to_spki_pem()),
        Ok(key.clone())
    );
    let der = key.to_spki_der();
    assert_eq!(PublicKey::from_spki_der(&der), Ok(key.clone()));
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    assert_eq!(key.signature_bytes(), 64);
    assert_eq!(
        PublicKey::from_spki_der(&[&der[..], &[0]].concat()),
        Err(KeyError::Der)
    );
    assert_eq!(PublicKey::from_spki_der(&der[..43]), Err(KeyError::Der));
    assert_eq!(PublicKey::from_spki_pem("a key"), Err(KeyError::Pem));
    let private = key.to_spki_pem().replace("PUBLIC", "PRIVATE");
    assert_eq!(PublicKey::from_spki_pem(&private), Err(KeyError::Pem));
}

/// Points of small order sign anything: the neutral element, one of order eight, and others. The
/// second is the neutral element in another encoding, with y = p + 1.
#[test]
fn weak_points_are_refused() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut noncanonical = [0xff; 32];
    noncanonical[0] = 0xee;
    noncanonical[31] = 0x7f;
    let eight =
        crate::hex::decode("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
    for point in [neutral, noncanonical, eight.unwrap(), [0; 32]] {
        assert_eq!(PublicKey::from_ed25519(&point), Err(KeyError::Weak));
    }
}

#[test]
fn ed25519_signatures_have_one_encoding() {
    let key = TestKey::new("a");
    let digest = Digest::of(b"row");
    let signature = key.sign(&digest.0);
    assert_eq!(key.public_key().verify_digest(&digest, &signature), Ok(()));
    assert_eq!(key.public_key().verify_note(&digest.0, &signature), Ok(()));
    assert_eq!(
        key.public_key().verify_note(b"row", &signature),
        Err(BadSignature)
    );
    let other = TestKey::new("b").public_key();
    assert_eq!(other.verify_digest(&digest, &signature), Err(BadSignature));
    // s + L is the same scalar, and another signature of whoever has no key.
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = signature.as_bytes().to_vec();
    let mut carry = 0;
    for (byte, of_l) in bytes[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(of_l) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    let malleated = Signature::new(bytes).unwrap();
    assert_eq!(
        key.public_key().verify_digest(&digest, &malleated),
        Err(BadSignature)
    );
}

/// `openssl` signs digests and texts with both kinds of keys as signers do.
#[test]
fn openssl_signs_what_verifies() {
    let rsa = RsaKey::generate(2_048);
    let key = rsa.public_key();
    assert_eq!(key.to_spki_pem(), rsa.pem());
    assert_eq!(key.algorithm(), Algorithm::RsaSha256);
    assert_eq!(key.signature_bytes(), 256);
    let digest = Digest::of(b"row");
    let signature = rsa.sign_digest(&digest);
    assert_eq!(key.verify_digest(&digest, &signature), Ok(()));
    // Over a text, RSA signs the hash of it, which is the same signature.
    assert_eq!(key.verify_note(b"row", &signature), Ok(()));
    // Hashed a second time, it is another one.
    let twice = rsa.sign_digest(&Digest::of(&digest.0));
    assert_eq!(key.verify_digest(&digest, &twice), Err(BadSignature));
    assert_eq!(
        key.verify_digest(&Digest::of(b"other"), &signature),
        Err(BadSignature)
    );

    let folder = rsa.folder.path();
    openssl(
        folder,
        &[
            "pkeyutl",
            "-sign",
            "-inkey",
            "key",
            "-in",
            "digest",
            "-out",
            "pss",
            "-pkeyopt",
            "rsa_padding_mode:pss",
            "-pkeyopt",
            "digest:sha256",
        ],
    );
    let pss = Signature::new(std::fs::read(folder.join("pss")).unwrap()).unwrap();
    assert_eq!(key.verify_digest(&digest, &pss), Err(BadSignature));

    std::fs::write(folder.join("digest"), digest.0).unwrap();
    openssl(folder, &["genpkey", "-algorithm", "ED25519", "-out", "ed"]);
    openssl(folder, &["pkey", "-in", "ed", "-pubout", "-out", "ed.pub"]);
    openssl(
        folder,
        &[
            "pkeyutl", "-sign", "-inkey", "ed", "-rawin", "-in", "digest", "-out", "ed.sig",
        ],
    );
    let pem = std::fs::read_to_string(folder.join("ed.pub")).unwrap();
    let key = PublicKey::from_spki_pem(&pem).unwrap();
    assert_eq!(key.to_spki_pem(), pem);
    let signature = Signature::new(std::fs::read(folder.join("ed.sig")).unwrap()).unwrap();
    assert_eq!(key.verify_digest(&digest, &signature), Ok(()));
}

/// And it verifies what our test keys sign.
#[test]
fn openssl_verifies_what_is_signed() {
    let key = TestKey::new("a");
    let digest = Digest::of(b"row");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("pub"), key.public_key().to_spki_pem()).unwrap();
    std::fs::write(folder.join("digest"), digest.0).unwrap();
    std::fs::write(folder.join("sig"), key.sign(&digest.0).as_bytes()).unwrap();
    openssl(
        folder,
        &[
            "pkeyutl", "-verify", "-pubin", "-inkey", "pub", "-rawin", "-in", "digest", "-sigfile",
            "sig",
        ],
    );
}

#[test]
fn rsa_keys_are_of_an_accepted_size() {
    let rsa = RsaKey::generate(1_024);
    assert_eq!(
        PublicKey::from_spki_pem(&rsa.pem()),
        Err(KeyError::Bits(1_024))
    );
    let folder = rsa.folder.path();
    openssl(
        folder,
        &[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-pkeyopt",
            "rsa_keygen_pubexp:3",
            "-out",
            "three",
        ],
    );
    openssl(
        folder,
        &["pkey", "-in", "three", "-pubout", "-out", "three.pub"],
    );
    let pem = std::fs::read_to_string(folder.join("three.pub")).unwrap();
    assert_eq!(PublicKey::from_spki_pem(&pem), Err(KeyError::Exponent));
    openssl(
        folder,
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            "ec",
        ],
    );
    openssl(folder, &["pkey", "-in", "ec", "-pubout", "-out", "ec.pub"]);
    let pem = std::fs::read_to_string(folder.join("ec.pub")).unwrap();
    assert_eq!(PublicKey::from_spki_pem(&pem), Err(KeyError::Algorithm));
}

/// The longest keys are beyond what the library takes by itself. A modulus is made up, because
/// finding primes of that length takes long.
#[test]
fn the_longest_rsa_key_is_read() {
    let rsa = RsaKey::generate(4_096);
    assert_eq!(rsa.public_key().signature_bytes(), 512);
    for (bytes, expected) in [(1_024, Ok(1_024)), (1_025, Err(KeyError::Bits(8_200)))] {
        let der = spki(bytes);
        let key = PublicKey::from_spki_der(&der);
        assert_eq!(key.map(|key| key.signature_bytes()), expected);
    }
}

/// A key whose modulus has `bytes` bytes, all bits set.
fn spki(bytes: usize) -> Vec<u8> {
    let tlv = |tag: u8, body: &[u8]| {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        let mut out = vec![tag];
        match body.len() {
            0..128 => out.push(length[1]),
            128..256 => out.extend_from_slice(&[0x81, length[1]]),
            _ => out.extend_from_slice(&[0x82, length[0], length[1]]),
        }
        out.extend_from_slice(body);
        out
    };
    let modulus = tlv(2, &[&[0][..], &vec![0xff; bytes]].concat());
    let key = tlv(0x30, &[modulus, tlv(2, &[1, 0, 1])].concat());
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let algorithm = tlv(0x30, &[tlv(6, &oid), tlv(5, &[])].concat());
    let bits = tlv(3, &[&[0][..], &key].concat());
    tlv(0x30, &[algorithm, bits].concat())
}
