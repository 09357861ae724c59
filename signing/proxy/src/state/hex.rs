//! Digests in the records of the state, as hex digits.

/// Digests as text of serde's formats.
pub(crate) mod serde {
    use ledger::Digest;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    /// Writes 64 lower-case digits.
    pub(crate) fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(digest)
    }

    /// Reads what [`serialize`] wrote.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(from)?;
        let digest = verify::hex::digest(&text);
        digest.ok_or_else(|| D::Error::custom("not 64 lower-case hex digits"))
    }
}

/// The same for a digest that may not be there.
pub(crate) mod serde_option {
    use ledger::Digest;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    /// Writes 64 lower-case digits.
    #[expect(
        clippy::ref_option,
        reason = "serde calls it with a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        digest: &Option<Digest>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        digest.map(|digest| digest.to_string()).serialize(to)
    }

    /// Reads what [`serialize`] wrote.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Digest>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let digest = verify::hex::digest(&text);
        let digest = digest.ok_or_else(|| D::Error::custom("not 64 lower-case hex digits"));
        digest.map(Some)
    }
}
