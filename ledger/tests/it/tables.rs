//! What each feature answers, row by row, with the code at the end of the row.
//!
//! Every table runs three times: as it stands, with a restart after every row, and with restarts
//! that forget every id, so that the index of closed blocks has to know them.

mod accounts;
mod bounds;
mod denied;
mod form;
mod holds;
mod import;
mod known;
mod limits;
mod registry;
mod reversals;
mod row;
mod sets;
mod states;

use ledger::Code;
use ledger::event::BookChange;
use ledger::note::Note;
use ledger::posting::Batch;
use ledger::{AccountChange, AccountId, NewAccount, Transfer};

use crate::harness::Pair;
use row::Row;

/// What happens between two rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Between {
    Nothing,
    Restart,
    RestartOnIndex,
}

/// Runs a table in book 1, which takes postings, is importing if the table's first row says so,
/// and has assets 1 and 2 to choose from. The clock starts at 1,000 seconds.
pub(crate) fn check(table: &str) {
    for between in [Between::Nothing, Between::Restart, Between::RestartOnIndex] {
        Table::new(table).run(table, between);
    }
}

struct Table {
    pair: Pair,
    now: u64,
    /// Rows of a batch between braces, with the codes they expect.
    batch: Option<Vec<Posting>>,
}

/// A transfer to post and what it shall answer.
struct Posting {
    transfer: Transfer,
    note: Note,
    denied: bool,
    code: Code,
}

impl Table {
    fn new(table: &str) -> Self {
        let importing = table.trim_start().starts_with("importing");
        let mut pair = Pair::new();
        let now = row::time("1000s");
        let codes = [
            pair.create_tenant(now, 1, "acme"),
            pair.create_asset(now, 1, "USD", 2),
            pair.create_asset(now, 2, "EUR", 2),
            pair.create_book(now, 1, 1, "main", importing),
        ];
        assert_eq!(codes, [Code::Created; 4]);
        Self {
            pair,
            now,
            batch: None,
        }
    }

    fn run(&mut self, table: &str, between: Between) {
        let lines = table.lines().map(str::trim).enumerate();
        for (number, line) in lines.filter(|(_, l)| !l.is_empty() && *l != "importing") {
            let at = format!("row {}, {between:?}: {line}", number + 1);
            self.row(line, &at);
            self.pair.compare();
            match between {
                _ if self.batch.is_some() => {}
                Between::Nothing => {}
                Between::Restart => self.pair.restart(),
                Between::RestartOnIndex => self.pair.restart_on_index(),
            }
        }
        assert!(self.batch.is_none(), "a brace is not closed");
        self.pair.close();
    }

    fn row(&mut self, line: &str, at: &str) {
        let mut row = Row::parse(line);
        let code = match row.verb.as_str() {
            "post" => return self.post(&mut row, at),
            "dry" => self.dry(&mut row),
            "{" => {
                self.batch = Some(vec![]);
                return;
            }
            "}" => return self.post_batch(at),
            "clock" => {
                self.now = row.time();
                return;
            }
            "balance" => return self.balance(&mut row, at),
            "holds" => {
                let holds = self.pair.core.book(ledger::BookId(1)).unwrap().holds();
                assert_eq!(holds.len().to_string(), row.word(), "{at}");
                return;
            }
            "account" => {
                let new = self.new_account(&mut row);
                self.pair.create_accounts(self.now, 1, &[new])[0]
            }
            "change" => {
                let id = AccountId(row.account());
                let change = AccountChange {
                    id,
                    settings: row.settings(),
                };
                self.pair.change_accounts(self.now, 1, &[change])[0]
            }
            _ => self.administer(&mut row),
        };
        row.end(at);
        assert_eq!(Some(code), row.code, "{at}");
    }

    fn administer(&mut self, row: &mut Row) -> Code {
        let now = self.now;
        match row.verb.as_str() {
            "halt" => self.pair.change_book(now, 1, BookChange::Halted, 1, 0),
            "resume" => self.pair.change_book(now, 1, BookChange::Resumed, 1, 0),
            "seal" => self
                .pair
                .change_book(now, 1, BookChange::SealedRequired, 1, 0),
            "unseal" => self
                .pair
                .change_book(now, 1, BookChange::SealedNotRequired, 1, 0),
            "open" => self.pair.change_book(now, 1, BookChange::Opened, 1, 0),
            "lock" => {
                let lock = row.time();
                self.pair.change_book(now, 1, BookChange::Locked, 1, lock)
            }
            "tenant" => {
                let id = row.number();
                self.pair.create_tenant(now, id, &row.word())
            }
            "asset" => {
                let (id, code) = (row.number(), row.word());
                let exponent = row.number() as u8;
                self.pair.create_asset(now, id, &code, exponent)
            }
            "book" => {
                let (id, tenant, name) = (row.number(), row.number(), row.word());
                self.pair.create_book(now, id, tenant, &name, false)
            }
            other => panic!("no row begins with `{other}`"),
        }
    }

    fn new_account(&mut self, row: &mut Row) -> NewAccount {
        NewAccount {
            id: AccountId(row.account()),
            asset: ledger::AssetId(row.value("asset").map_or(1, |text| text.parse().unwrap())),
            code: row.value("code").map_or(1, |text| text.parse().unwrap()),
            user_data: row.value("user").map_or(0, |text| text.parse().unwrap()),
            settings: row.settings(),
        }
    }

    fn post(&mut self, row: &mut Row, at: &str) {
        let denied = row.flag("denied");
        let (transfer, note) = row.transfer();
        row.end(at);
        let code = row
            .code
            .unwrap_or_else(|| panic!("no code at the end of {at}"));
        let posting = Posting {
            transfer,
            note,
            denied,
            code,
        };
        match &mut self.batch {
            Some(batch) => batch.push(posting),
            None => self.post_all(&[posting], at),
        }
    }

    fn dry(&mut self, row: &mut Row) -> Code {
        let denied = row.flag("denied").then_some((0, 7));
        let (transfer, note) = row.transfer();
        let batch = Batch {
            transfers: &[transfer],
            notes: &[(0, note)],
            denied: denied.as_slice(),
        };
        self.pair.dry_run(self.now, 1, &batch)[0]
    }

    fn post_batch(&mut self, at: &str) {
        let postings = self.batch.take().unwrap();
        self.post_all(&postings, at);
    }

    fn post_all(&mut self, postings: &[Posting], at: &str) {
        let transfers: Vec<Transfer> = postings.iter().map(|p| p.transfer).collect();
        let numbered = || (0..).zip(postings);
        let notes: Vec<(u32, Note)> = numbered().map(|(i, p)| (i, p.note.clone())).collect();
        let denied: Vec<(u32, u16)> = numbered()
            .filter(|(_, p)| p.denied)
            .map(|(i, _)| (i, 7))
            .collect();
        let batch = Batch {
            transfers: &transfers,
            notes: &notes,
            denied: &denied,
        };
        let expected: Vec<Code> = postings.iter().map(|p| p.code).collect();
        assert_eq!(self.pair.post_batch(self.now, 1, &batch), expected, "{at}");
    }

    /// `balance NAME POSTED [HELD_DEBITS HELD_CREDITS]`
    fn balance(&mut self, row: &mut Row, at: &str) {
        let book = self.pair.core.book(ledger::BookId(1)).unwrap();
        let account = book.account(AccountId(row.account())).unwrap();
        let posted = row.signed();
        assert_eq!(account.balances.posted(), posted, "{at}");
        let (debits, credits) = if row.has_more() {
            (row.amount(), row.amount())
        } else {
            (0, 0)
        };
        let held = (
            account.balances.debits_pending,
            account.balances.credits_pending,
        );
        assert_eq!(held, (debits, credits), "{at}");
        row.end(at);
    }
}
