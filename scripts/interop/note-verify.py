"""Verifies a checkpoint, and the inclusion proof of a record in its log, with sigstore and pymerkle
from PyPI. Only what these leave to their caller is done here: finding the key by its id, and taking
the tlog-proof text apart."""

import argparse
import hashlib
import re
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from pymerkle import InclusionProof, InvalidProof, verify_inclusion
from pymerkle.core import _inclusion_path_layout
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.trust import Keyring
from sigstore.errors import VerificationError
from sigstore_models.common import v1 as common


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", required=True)
    parser.add_argument("--note")
    parser.add_argument("--proof")
    parser.add_argument("--record")
    given = parser.parse_args()
    try:
        print(check(given))
    except (ValueError, VerificationError, InvalidProof) as error:
        sys.exit(f"refused: {error}")


def check(given):
    proof = proof_of(Path(given.proof).read_text()) if given.proof else None
    note = proof.note if proof else Path(given.note).read_text()
    signed = SignedCheckpoint.from_text(note)
    checkpoint = signed.checkpoint
    if all(line.name != checkpoint.origin for line in signed.signed_note.signatures):
        raise ValueError("no signature bears the origin")
    key = load_pem_public_key(Path(given.key).read_bytes())
    signed.signed_note.verify(keyring(key), key_id(checkpoint.origin, key))
    what = f"{checkpoint.origin} at {checkpoint.log_size}"
    if not proof:
        return f"checkpoint of {what} verified"
    record = Path(given.record).read_bytes()
    root = bytes.fromhex(checkpoint.log_hash)
    with_sigstore(proof, record, checkpoint.log_size, root)
    with_pymerkle(proof, record, checkpoint.log_size, root)
    return f"leaf {proof.index} of {what} verified"


def with_sigstore(proof, record, size, root):
    inclusion = SimpleNamespace(
        log_index=proof.index, tree_size=size, root_hash=root, hashes=proof.hashes
    )
    inner = SimpleNamespace(inclusion_proof=inclusion, canonicalized_body=record)
    verify_merkle_inclusion(SimpleNamespace(_inner=inner))


def with_pymerkle(proof, record, size, root):
    leaf = hashlib.sha256(b"\x00" + record).digest()
    index = proof.index + 1
    rule, _ = _inclusion_path_layout(index, size)
    path = [leaf, *proof.hashes]
    made = InclusionProof("sha256", True, size, index, rule, path)
    verify_inclusion(leaf, root, made, index=index, size=size, algorithm="sha256")


def keyring(key):
    """A ring of one key, as sigstore wants it."""
    details = common.PublicKeyDetails
    is_ed25519 = isinstance(key, Ed25519PublicKey)
    kind = (
        details.PKIX_ED25519 if is_ed25519 else details.PKIX_RSA_PKCS1V15_2048_SHA256
    )
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    entry = {"rawBytes": b64encode(der).decode(), "keyDetails": kind}
    return Keyring([common.PublicKey.from_dict(entry)])


def key_id(name, key):
    """The id of a key in notes: four bytes of SHA-256(name, line feed, type, key)."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, Ed25519PublicKey):
        typed = b"\x01" + der[-32:]
    else:
        typed = b"\xffPKIX-RSA-PKCS#1v1.5" + der
    return hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]


def proof_of(text):
    """`c2sp.org/tlog-proof@v1`: the index, hashes of the path, an empty line, the checkpoint."""
    head, _, note = text.partition("\n\n")
    header, index, *hashes = head.split("\n")
    if header != "c2sp.org/tlog-proof@v1":
        raise ValueError(f"header {header}")
    if not re.fullmatch(r"index \d+", index):
        raise ValueError(f"line {index}")
    return SimpleNamespace(
        index=int(index.removeprefix("index ")),
        hashes=[b64decode(each, validate=True) for each in hashes],
        note=note,
    )


main()
