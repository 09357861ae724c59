//! The plan: which transfer a row stands for, and which accounts it needs. Pure.

mod problem;

use std::collections::HashMap;

use jiff::fmt::strtime;
use ledger::account::AccountSettings;
use ledger::asset::Asset;
use ledger::limits::REFERENCE_BYTES_MAX;
use ledger::{AccountId, AssetId, Nanos, NewAccount, Transfer};

use super::mapping::{Bound, BoundAction};
use super::raw::{RawNegative, RawZero};
use super::rows::Row;
use super::template::Template;
use crate::amount;
use crate::instant;
use crate::key::{AccountKey, Domain};

pub(crate) use problem::{RowFault, RowProblem};

/// Most rows whose keys are remembered to find the same key twice in a file.
const KEYS_MAX: usize = 8_000_000;

/// The transfer that a row stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Move {
    /// Line of the row.
    pub(crate) line: u64,
    /// The rule that it fits, as an index.
    pub(crate) rule: usize,
    /// Kinds of the debit and the credit account, as indexes.
    pub(crate) kinds: [usize; 2],
    /// The transfer.
    pub(crate) transfer: Transfer,
    /// Its reference; empty if it has none.
    pub(crate) reference: String,
    /// Accounts that no row before needed.
    pub(crate) new_accounts: Vec<Named>,
}

/// An account as it must be created, with the name that its id stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Named {
    /// The name.
    pub(crate) name: String,
    /// The account.
    pub(crate) account: NewAccount,
}

/// Turns rows into transfers.
pub(crate) struct Planner<'a> {
    mapping: &'a Bound,
    assets: &'a [Asset],
    accounts: HashMap<AccountId, Seen>,
    keys: HashMap<u128, u64>,
}

/// An account that a row before needed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    kind: usize,
    asset: AssetId,
}

impl<'a> Planner<'a> {
    /// A planner at the start of a file, for a ledger that has these assets.
    pub(crate) fn new(mapping: &'a Bound, assets: &'a [Asset]) -> Self {
        Self {
            mapping,
            assets,
            accounts: HashMap::new(),
            keys: HashMap::new(),
        }
    }

    /// How many accounts of a kind the rows so far needed.
    pub(crate) fn accounts(&self, kind: usize, asset: AssetId) -> usize {
        let seen = Seen { kind, asset };
        self.accounts.values().filter(|each| **each == seen).count()
    }

    /// The transfer that a row stands for, if it stands for one. A bad row leaves no trace.
    pub(crate) fn plan(&mut self, row: &Row) -> Result<Option<Move>, RowProblem> {
        let view = RowView {
            mapping: self.mapping,
            row,
        };
        let (rule, action) = view.rule()?;
        let BoundAction::Move {
            debit,
            credit,
            code,
        } = action
        else {
            return Ok(None);
        };
        let asset = view.asset(self.assets)?;
        let Some((amount, is_swapped)) = view.amount(asset)? else {
            return Ok(None);
        };
        let [debit, credit] = if is_swapped {
            [credit, debit]
        } else {
            [debit, credit]
        };
        let id = view.id()?;
        let names = [view.name(debit)?, view.name(credit)?];
        let [debit_id, credit_id] = [&names[0], &names[1]].map(|name| AccountKey::named(name));
        if debit_id == credit_id {
            return Err(view.problem(None, RowFault::SameAccount));
        }
        let mut transfer = Transfer::new(id, debit_id.0, credit_id.0, amount, code);
        transfer.asset = asset.id;
        transfer.effective_at = view.date()?;
        let reference = view.reference()?;
        let mut new_accounts = Vec::new();
        for (kind, name) in [debit, credit].into_iter().zip(names) {
            let account = self.need(&view, kind, AccountKey::named(&name), asset)?;
            new_accounts.extend(account.map(|account| (kind, Named { name, account })));
        }
        self.remember(&view, id, row.line)?;
        let new_accounts = new_accounts.into_iter().map(|(kind, new)| {
            let asset = new.account.asset;
            self.accounts.insert(new.account.id, Seen { kind, asset });
            new
        });
        let new_accounts = new_accounts.collect();
        Ok(Some(Move {
            line: row.line,
            rule,
            kinds: [debit, credit],
            transfer,
            reference,
            new_accounts,
        }))
    }

    /// The account as it must be created, unless a row before needed it.
    fn need(
        &self,
        view: &RowView<'_>,
        kind: usize,
        id: AccountId,
        asset: &Asset,
    ) -> Result<Option<NewAccount>, RowProblem> {
        let (declared, _) = &self.mapping.kinds[kind];
        if let Some(seen) = self.accounts.get(&id) {
            if seen.asset != asset.id {
                return Err(view.problem(None, RowFault::OtherAsset(declared.name.clone())));
            }
            return if seen.kind == kind {
                Ok(None)
            } else {
                Err(view.problem(None, RowFault::OtherKind(declared.name.clone())))
            };
        }
        let bound = |text: &Option<String>| {
            let parse = |text: &String| amount::parse_signed(text, asset);
            text.as_ref()
                .map(parse)
                .transpose()
                .map_err(|error| view.problem(None, RowFault::Bound(declared.name.clone(), error)))
        };
        Ok(Some(NewAccount {
            id,
            asset: asset.id,
            code: declared.code,
            user_data: 0,
            settings: AccountSettings {
                flags: declared.flags,
                floor: bound(&declared.floor)?,
                ceiling: bound(&declared.ceiling)?,
                ..AccountSettings::default()
            },
        }))
    }

    fn remember(&mut self, view: &RowView<'_>, id: u128, line: u64) -> Result<(), RowProblem> {
        if let Some(first) = self.keys.get(&id) {
            return Err(view.problem(self.mapping.key.first().copied(), RowFault::SameKey(*first)));
        }
        if self.keys.len() < KEYS_MAX {
            self.keys.insert(id, line);
        }
        Ok(())
    }
}

/// A row through the eyes of a mapping.
struct RowView<'a> {
    mapping: &'a Bound,
    row: &'a Row,
}

impl RowView<'_> {
    fn value(&self, column: usize) -> &str {
        self.row.values.get(column).map_or("", String::as_str)
    }

    fn problem(&self, column: Option<usize>, fault: RowFault) -> RowProblem {
        RowProblem {
            line: self.row.line,
            column: column.and_then(|at| self.mapping.columns.get(at).cloned()),
            value: column.map(|at| self.value(at).to_owned()),
            fault,
        }
    }

    fn fill(&self, template: &Template<usize>) -> Result<String, RowProblem> {
        template
            .fill(&self.row.values)
            .map_err(|column| self.problem(Some(column), RowFault::NoValue))
    }

    fn rule(&self) -> Result<(usize, BoundAction), RowProblem> {
        let rules = &self.mapping.rules;
        let fits = |(column, values): &(usize, Vec<String>)| {
            values.iter().any(|value| value == self.value(*column))
        };
        let found = rules.iter().position(|rule| rule.when.iter().all(fits));
        found.map(|at| (at, rules[at].action)).ok_or_else(|| {
            let mut columns: Vec<usize> = rules
                .iter()
                .flat_map(|rule| rule.when.iter().map(|(column, _)| *column))
                .collect();
            columns.sort_unstable();
            columns.dedup();
            let value = |at: usize| (self.mapping.columns[at].clone(), self.value(at).to_owned());
            self.problem(
                None,
                RowFault::NoRule(columns.into_iter().map(value).collect()),
            )
        })
    }

    fn asset<'b>(&self, assets: &'b [Asset]) -> Result<&'b Asset, RowProblem> {
        let code = self.fill(&self.mapping.asset)?;
        let found = assets.iter().find(|asset| asset.code.as_str() == code);
        found.ok_or_else(|| self.problem(None, RowFault::NoAsset(code)))
    }

    /// Minor units, and whether debit and credit change places; nothing for a row that moves
    /// nothing.
    fn amount(&self, asset: &Asset) -> Result<Option<(u128, bool)>, RowProblem> {
        let settings = &self.mapping.amount;
        let problem = |fault| self.problem(Some(settings.column), fault);
        let text = self.value(settings.column);
        let mut plain = text.to_owned();
        if let Some(group) = settings.group {
            plain.retain(|mark| mark != group);
        }
        if settings.decimal != '.' {
            if plain.contains('.') {
                return Err(problem(RowFault::Amount(amount::AmountError::NotDecimal)));
            }
            plain = plain.replace(settings.decimal, ".");
        }
        let signed = amount::parse_signed(&plain, asset)
            .map_err(|error| problem(RowFault::Amount(error)))?;
        match (signed, settings.negative, settings.zero) {
            (0, _, RawZero::Skip) => Ok(None),
            (0, _, RawZero::Refuse) => Err(problem(RowFault::Zero)),
            (..0, RawNegative::Refuse, _) => Err(problem(RowFault::Negative)),
            (..0, RawNegative::Swap, _) => Ok(Some((signed.unsigned_abs(), true))),
            _ => Ok(Some((signed.unsigned_abs(), false))),
        }
    }

    fn id(&self) -> Result<u128, RowProblem> {
        let key = &self.mapping.key;
        if let Some(empty) = key.iter().find(|column| self.value(**column).is_empty()) {
            return Err(self.problem(Some(*empty), RowFault::NoValue));
        }
        let parts = key.iter().map(|column| self.value(*column));
        let namespace = std::iter::once(self.mapping.namespace.as_str());
        Ok(Domain::Import.derive(namespace.chain(parts)))
    }

    fn name(&self, kind: usize) -> Result<String, RowProblem> {
        let (_, name) = &self.mapping.kinds[kind];
        self.fill(name)
    }

    fn date(&self) -> Result<Nanos, RowProblem> {
        let Some((column, format)) = &self.mapping.date else {
            return Ok(Nanos(0));
        };
        let problem = |fault| self.problem(Some(*column), fault);
        let bad = || problem(RowFault::Date(format.clone()));
        let parsed = strtime::parse(format, self.value(*column)).map_err(|_| bad())?;
        let time = match parsed.to_timestamp() {
            Ok(time) => instant::nanos(time),
            // Without an offset it is in UTC, and without hours the start of the day.
            Err(_) => {
                let date = parsed.to_date().map_err(|_| bad())?;
                let time = parsed.to_time().unwrap_or(jiff::civil::Time::midnight());
                instant::of_civil(date.to_datetime(time))
            }
        };
        time.map_err(|error| problem(RowFault::Time(error)))
    }

    fn reference(&self) -> Result<String, RowProblem> {
        let Some(template) = &self.mapping.reference else {
            return Ok(String::new());
        };
        let reference = self.fill(template)?;
        if reference.len() > REFERENCE_BYTES_MAX {
            return Err(self.problem(None, RowFault::LongReference(reference.len())));
        }
        Ok(reference)
    }
}

#[cfg(test)]
mod tests;
