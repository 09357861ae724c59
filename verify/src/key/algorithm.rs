use crate::text_enum::text_enum;

text_enum! {
    /// How a signature is made.
    Algorithm, "algorithm" {
        /// Ed25519 of RFC 8032 over the 32 bytes of a digest, or over the text of a note.
        Ed25519 = "ed25519",
        /// RSA PKCS#1 v1.5 with SHA-256. The 32 bytes of a digest are the hash in the signature:
        /// they are not hashed again.
        RsaSha256 = "rsa-sha256",
        /// HMAC with SHA-256 by a shared secret. It proves nothing to others, so that no public
        /// key has it and nothing signed by it verifies.
        HmacSha256 = "hmac-sha256",
    }
}
