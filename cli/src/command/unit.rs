//! What arguments mean in units of an asset.

use ledger::asset::Asset;
use ledger::window::WindowLimit;

use crate::amount;
use crate::args::LimitText;
use crate::fault::Fault;

/// An amount.
pub(super) fn amount(name: &'static str, text: &str, asset: &Asset) -> Result<u128, Fault> {
    let amount = amount::parse(text, asset);
    amount.map_err(|error| Fault::Amount(name, text.to_owned(), error))
}

/// A bound of a balance.
pub(super) fn bound(name: &'static str, text: &str, asset: &Asset) -> Result<i128, Fault> {
    let bound = amount::parse_signed(text, asset);
    bound.map_err(|error| Fault::Amount(name, text.to_owned(), error))
}

/// Rolling limits, of which an account has two.
pub(super) fn limits(texts: &[LimitText], asset: &Asset) -> Result<[WindowLimit; 2], Fault> {
    let mut limits = [WindowLimit::default(); 2];
    if texts.len() > limits.len() {
        return Err(Fault::Limits(texts.len()));
    }
    for (limit, text) in limits.iter_mut().zip(texts) {
        let most = text
            .amount
            .as_ref()
            .map(|text| amount("--limit", text, asset));
        *limit = WindowLimit {
            seconds: text.window.0,
            count: text.count,
            amount: most.transpose()?.unwrap_or(0),
        };
    }
    Ok(limits)
}
