//! Events of a book.

use ledger::Event;
use ledger::account::AccountSettings;
use ledger::asset::Asset;
use ledger::event::Denial;
use serde::Serialize;

use super::account::tags;
use super::transfer::TransferView;
use crate::amount::Money;
use crate::assets::{Assets, UnknownAsset};
use crate::instant;
use crate::key;

/// An event.
#[derive(Debug, Serialize)]
pub(crate) struct EventView {
    seq: u64,
    height: u64,
    posted_at: String,
    #[serde(flatten)]
    what: What,
}

/// What happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum What {
    AccountCreated {
        account: String,
        asset: String,
        code: u16,
        user_data: String,
        floor: Option<Money>,
        ceiling: Option<Money>,
        tags: Vec<u8>,
    },
    AccountChanged {
        account: String,
        account_seq: u64,
        flags: u16,
        /// In minor units: the event does not say in which asset.
        floor_minor: Option<String>,
        ceiling_minor: Option<String>,
        tags: Vec<u8>,
    },
    Transfer {
        transfer: Box<TransferView>,
    },
    HoldExpired {
        hold: String,
        debit: String,
        credit: String,
        /// In minor units: the event does not say in which asset.
        released_minor: String,
    },
    RequestDenied {
        operation: &'static str,
        result: &'static str,
        rule: u16,
        book: u32,
        /// Digests, as the event holds them.
        principal: String,
        request: String,
        policy: String,
        /// Requests that the event stands for.
        count: u64,
        /// Transfers denied while the others went on; 0 for whole requests.
        members: u64,
    },
    BookChanged {
        change: &'static str,
        reason: u16,
        effective_lock: Option<String>,
    },
    TenantCreated {
        tenant: u32,
        name: String,
    },
    AssetCreated {
        asset: u32,
        code: String,
        exponent: u8,
    },
    BookCreated {
        book: u32,
        tenant: u32,
        name: String,
        importing: bool,
    },
    NoteErased {
        target_seq: u64,
    },
}

impl EventView {
    /// An event that the block at `height` holds.
    pub(crate) fn of(event: &Event, height: u64, assets: &Assets) -> Result<Self, UnknownAsset> {
        Ok(Self {
            seq: event.seq().0,
            height,
            posted_at: instant::show(event.posted_at()),
            what: What::of(event, assets)?,
        })
    }
}

impl What {
    fn denied(denial: &Denial) -> Self {
        Self::RequestDenied {
            operation: denial.operation.name(),
            result: denial.result.name(),
            rule: denial.rule,
            book: denial.book.0,
            principal: denial.principal.to_string(),
            request: denial.request.to_string(),
            policy: denial.policy.to_string(),
            count: denial.count,
            members: denial.members,
        }
    }

    fn of(event: &Event, assets: &Assets) -> Result<Self, UnknownAsset> {
        Ok(match event {
            Event::AccountCreated(e) => {
                let asset = assets.get(e.asset)?;
                let [floor, ceiling] = bounds(&e.settings, asset);
                Self::AccountCreated {
                    account: key::show(e.id.0),
                    asset: asset.code.to_string(),
                    code: e.code,
                    user_data: e.user_data.to_string(),
                    floor,
                    ceiling,
                    tags: tags(e.settings.tags),
                }
            }
            Event::AccountChanged(e) => Self::AccountChanged {
                account: key::show(e.id.0),
                account_seq: e.account_seq,
                flags: e.settings.flags.0,
                floor_minor: e.settings.floor.map(|floor| floor.to_string()),
                ceiling_minor: e.settings.ceiling.map(|ceiling| ceiling.to_string()),
                tags: tags(e.settings.tags),
            },
            Event::Transfer(e) => Self::Transfer {
                transfer: Box::new(TransferView::of_record(e, assets.get(e.asset)?)),
            },
            Event::HoldExpired(e) => Self::HoldExpired {
                hold: key::show(e.hold.0),
                debit: key::show(e.debit.0),
                credit: key::show(e.credit.0),
                released_minor: e.released.to_string(),
            },
            Event::RequestDenied(e) => Self::denied(&e.denial),
            Event::BookChanged(e) => Self::BookChanged {
                change: e.change.name(),
                reason: e.reason,
                effective_lock: Some(instant::show(e.effective_lock)).filter(|s| !s.is_empty()),
            },
            Event::TenantCreated(e) => Self::TenantCreated {
                tenant: e.tenant.0,
                name: e.name.to_string(),
            },
            Event::AssetCreated(e) => Self::AssetCreated {
                asset: e.asset.0,
                code: e.code.to_string(),
                exponent: e.exponent,
            },
            Event::BookCreated(e) => Self::BookCreated {
                book: e.book.0,
                tenant: e.tenant.0,
                name: e.name.to_string(),
                importing: e.importing,
            },
            Event::NoteErased(e) => Self::NoteErased {
                target_seq: e.target.0,
            },
        })
    }
}

fn bounds(settings: &AccountSettings, asset: &Asset) -> [Option<Money>; 2] {
    [settings.floor, settings.ceiling].map(|bound| bound.map(|bound| Money::signed(bound, asset)))
}

/// The event in a line.
impl std::fmt::Display for EventView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:>8}  {}  {}",
            self.seq,
            instant::brief(&self.posted_at),
            self.what
        )
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AccountCreated {
                account,
                asset,
                code,
                ..
            } => {
                write!(f, "account {account} created: {asset}, code {code}")
            }
            Self::AccountChanged { account, .. } => write!(f, "account {account} changed"),
            Self::Transfer { transfer } => f.write_str(&transfer.line()),
            Self::HoldExpired {
                hold,
                debit,
                credit,
                released_minor,
            } => write!(
                f,
                "hold {hold} expired: {released_minor} minor units {debit} -> {credit}"
            ),
            Self::RequestDenied {
                operation,
                result,
                rule,
                principal,
                count,
                members,
                ..
            } => {
                write!(f, "{operation} {result} by rule {rule}")?;
                if *members != 0 {
                    write!(f, " for {members} transfers")?;
                }
                if *count != 1 {
                    write!(f, ", {count} times")?;
                }
                write!(f, ", to principal {principal:.16}…")
            }
            Self::BookChanged {
                change,
                reason,
                effective_lock,
            } => {
                write!(f, "book {change}, reason {reason}")?;
                match effective_lock {
                    Some(lock) => write!(f, ", locked before {lock}"),
                    None => Ok(()),
                }
            }
            Self::TenantCreated { tenant, name } => write!(f, "tenant {tenant} created: {name}"),
            Self::AssetCreated {
                asset,
                code,
                exponent,
            } => {
                write!(f, "asset {asset} created: {code}/{exponent}")
            }
            Self::BookCreated {
                book, tenant, name, ..
            } => {
                write!(f, "book {book} created: {name} of tenant {tenant}")
            }
            Self::NoteErased { target_seq } => write!(f, "note of sequence {target_seq} erased"),
        }
    }
}
