//! The assets of a ledger, by number and by code.

use std::fmt;

use ledger::AssetId;
use ledger::asset::Asset;

/// The assets of a ledger.
#[derive(Clone, Debug)]
pub(crate) struct Assets(pub(crate) Vec<Asset>);

/// The ledger has no such asset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UnknownAsset {
    /// Its code or number.
    pub(crate) asset: String,
    /// Codes of those there are.
    pub(crate) known: Vec<String>,
}

impl Assets {
    /// The asset with this number.
    pub(crate) fn get(&self, id: AssetId) -> Result<&Asset, UnknownAsset> {
        let found = self.0.iter().find(|asset| asset.id == id);
        found.ok_or_else(|| self.unknown(id.to_string()))
    }

    /// The asset with this code.
    pub(crate) fn named(&self, code: &str) -> Result<&Asset, UnknownAsset> {
        let found = self.0.iter().find(|asset| asset.code.as_str() == code);
        found.ok_or_else(|| self.unknown(code.to_owned()))
    }

    fn unknown(&self, asset: String) -> UnknownAsset {
        let known = self.0.iter().map(|asset| asset.code.to_string());
        UnknownAsset {
            asset,
            known: known.collect(),
        }
    }
}

impl fmt::Display for UnknownAsset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no asset `{}` in the ledger; ", self.asset)?;
        if self.known.is_empty() {
            f.write_str("it has none, an operator makes one with `asset create`")
        } else {
            write!(f, "it has: {}", self.known.join(", "))
        }
    }
}

impl std::error::Error for UnknownAsset {}
