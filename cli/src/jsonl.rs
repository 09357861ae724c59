//! Transfers as lines of JSON. Pure.

mod problem;

use ledger::{AccountId, AssetId, Nanos, Transfer, TransferFlags, TransferId};
use serde::Deserialize;
use serde_json::Value;

use crate::amount;
use crate::assets::Assets;
use crate::batch::Item;
use crate::instant;
use crate::key::{AccountKey, TransferKey};

pub(crate) use problem::{LineFault, LineProblem};

/// The shape of a line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: Text,
    debit: Text,
    credit: Text,
    amount: Option<Value>,
    amount_minor: Option<Text>,
    asset: Option<String>,
    code: Option<u16>,
    #[serde(default)]
    flags: Vec<String>,
    target: Option<Text>,
    #[serde(default)]
    timeout: u32,
    effective_at: Option<String>,
    posted_at: Option<String>,
    #[serde(default)]
    user_data: Option<Text>,
    #[serde(default)]
    reference: String,
    metadata: Option<Value>,
}

/// A number may be written with or without quotes.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "neither text nor a whole number")]
enum Text {
    Text(String),
    Number(u64),
}

impl Text {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Reads a line; `asset` is the code of lines that name none. The line's number belongs to the
/// transfer.
pub(crate) fn parse(
    number: u64,
    line: &[u8],
    asset: Option<&str>,
    assets: &Assets,
) -> Result<Item<u64>, LineProblem> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let raw: Raw = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| LineProblem::misfit(number, error))?;
    json.end()
        .map_err(|error| LineProblem::not_json(number, &error))?;
    let at = |field, value: &str, fault| LineProblem::of(number, field, value, fault);

    let account = |field, text: Text| -> Result<AccountId, LineProblem> {
        let text = text.into_text();
        let key = text.parse::<AccountKey>();
        key.map(|key| key.id)
            .map_err(|error| at(field, &text, LineFault::Key(error)))
    };
    let transfer = |field, text: Text| -> Result<TransferId, LineProblem> {
        let text = text.into_text();
        let key = text.parse::<TransferKey>();
        key.map(|key| key.id)
            .map_err(|error| at(field, &text, LineFault::Key(error)))
    };
    let time = |field, text: Option<String>| match text {
        None => Ok(Nanos(0)),
        Some(text) => {
            instant::parse(&text).map_err(|error| at(field, &text, LineFault::Time(error)))
        }
    };
    let flags = flags(number, &raw.flags)?;
    let (amount, asset) = Amount {
        major: raw.amount,
        minor: raw.amount_minor,
        asset: raw.asset.as_deref().or(asset),
        may_be_absent: flags.has(TransferFlags::VOID),
    }
    .read(number, assets)?;
    let user_data = raw.user_data.map_or(Ok(0), |text| {
        let text = text.into_text();
        text.parse()
            .map_err(|_| at("user_data", &text, LineFault::NotNumber))
    })?;
    Ok(Item {
        transfer: Transfer {
            id: transfer("id", raw.id)?,
            debit: account("debit", raw.debit)?,
            credit: account("credit", raw.credit)?,
            amount,
            target: raw
                .target
                .map_or(Ok(TransferId(0)), |text| transfer("target", text))?,
            effective_at: time("effective_at", raw.effective_at)?,
            posted_at: time("posted_at", raw.posted_at)?,
            user_data,
            asset,
            timeout: raw.timeout,
            code: raw.code.unwrap_or(1),
            flags,
        },
        reference: raw.reference,
        metadata: match raw.metadata {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => text.into_bytes(),
            Some(value) => value.to_string().into_bytes(),
        },
        belongings: number,
    })
}

fn flags(number: u64, names: &[String]) -> Result<TransferFlags, LineProblem> {
    names.iter().try_fold(TransferFlags::NONE, |flags, name| {
        let mut known = TransferFlags::ALL.iter();
        match known.find(|(_, known)| known == name) {
            Some((flag, _)) => Ok(flags.with(*flag)),
            None => Err(LineProblem::of(number, "flags", name, LineFault::NoFlag)),
        }
    })
}

/// The amount of a line, in one of its two forms.
struct Amount<'a> {
    major: Option<Value>,
    minor: Option<Text>,
    asset: Option<&'a str>,
    may_be_absent: bool,
}

impl Amount<'_> {
    fn read(self, number: u64, assets: &Assets) -> Result<(u128, AssetId), LineProblem> {
        let at = |field, value: &str, fault| LineProblem::of(number, field, value, fault);
        let asset = match self.asset {
            Some(code) => Some(
                assets
                    .named(code)
                    .map_err(|error| at("asset", code, LineFault::Asset(error)))?,
            ),
            None => None,
        };
        let id = asset.map_or(AssetId(0), |asset| asset.id);
        match (self.major, self.minor) {
            (None, None) if self.may_be_absent => Ok((0, id)),
            (None, None) | (Some(_), Some(_)) => Err(at("amount", "", LineFault::OneAmount)),
            (None, Some(text)) => {
                let text = text.into_text();
                let minor = text
                    .parse()
                    .map_err(|_| at("amount_minor", &text, LineFault::NotNumber));
                minor.map(|minor| (minor, id))
            }
            (Some(Value::String(text)), None) => {
                let asset = asset.ok_or_else(|| at("asset", "", LineFault::NoAsset))?;
                let minor = amount::parse(&text, asset);
                let minor = minor.map_err(|error| at("amount", &text, LineFault::Amount(error)));
                minor.map(|minor| (minor, id))
            }
            (Some(value), None) => Err(at("amount", &value.to_string(), LineFault::AmountNotText)),
        }
    }
}

#[cfg(test)]
mod tests;
