//! The configuration as it is written: everything may be left out, and is no limit then.

use plugins_sdk::{Amount, Config, FromJson, Json, PolicyError};

/// Types that take their fields from an object. What may be left out is an `Option`.
macro_rules! objects {
    ($(
        $(#[$doc:meta])*
        $name:ident $(<$of:ident>)? { $($field:ident: $take:ident -> $type:ty,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name $(<$of>)? {
            $(pub(crate) $field: $type,)*
        }

        impl $(<$of: FromJson>)? FromJson for $name $(<$of>)? {
            fn from_json(value: Json) -> Result<Self, PolicyError> {
                let mut fields = Config::from_json(value)?;
                let read = Self {
                    $($field: fields.$take(stringify!($field))?,)*
                };
                fields.finish()?;
                Ok(read)
            }
        }
    )*};
}

objects! {
    /// All of it.
    Limits {
        assets: take_if_set -> Option<Lists<u32>>,
        amounts: take_if_set -> Option<Vec<Bounds>>,
        batch: take_if_set -> Option<Batch>,
        codes: take_if_set -> Option<Codes>,
        debit: take_if_set -> Option<Side>,
        credit: take_if_set -> Option<Side>,
        hours: take_if_set -> Option<Hours>,
    }
    /// What may be, and what may not. No `allow` at all allows everything.
    Lists<T> {
        allow: take_if_set -> Option<Vec<T>>,
        deny: take_if_set -> Option<Vec<T>>,
    }
    /// Bounds of an asset's amounts; without an asset, of every asset that has none of its own.
    Bounds {
        asset: take_if_set -> Option<u32>,
        min: take_if_set -> Option<Amount>,
        max: take_if_set -> Option<Amount>,
        batch_total: take_if_set -> Option<Amount>,
    }
    /// Bounds of a batch.
    Batch {
        max_transfers: take_if_set -> Option<usize>,
    }
    /// Codes of accounts.
    Codes {
        allow: take_if_set -> Option<Vec<u16>>,
        deny: take_if_set -> Option<Vec<u16>>,
        amounts: take_if_set -> Option<Vec<CodeBound>>,
    }
    /// The most that a transfer may move from or to accounts of a code.
    CodeBound {
        code: take -> u16,
        asset: take_if_set -> Option<u32>,
        max: take -> Amount,
    }
    /// Accounts and tags of one side of a transfer.
    Side {
        accounts: take_if_set -> Option<Lists<Amount>>,
        tags: take_if_set -> Option<Lists<u8>>,
    }
    /// When postings are accepted.
    Hours {
        utc_offset_minutes: take_if_set -> Option<i16>,
        open: take -> Vec<Window>,
    }
    /// From a time of day to another, on some days; beyond midnight if it does not end later than
    /// it starts.
    Window {
        days: take -> Vec<Day>,
        from: take -> String,
        to: take -> String,
    }
}

impl Limits {
    /// Reads the whole configuration.
    pub(crate) fn parse(json: &str) -> Result<Self, PolicyError> {
        Self::from_json(Config::parse(json)?.into_json())
    }
}

/// A day of the week, counted from Monday.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Day(pub(crate) u8);

impl Day {
    /// Their names, in order.
    pub(crate) const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
}

impl FromJson for Day {
    fn from_json(value: Json) -> Result<Self, PolicyError> {
        let name = String::from_json(value)?;
        let mut days = (0..).zip(Self::NAMES);
        days.find(|(_, day)| *day == name)
            .map(|(number, _)| Self(number))
            .ok_or_else(|| PolicyError::BadConfig(format!("`{name}` is not a day such as `mon`")))
    }
}
