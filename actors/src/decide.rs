//! How the shard decides each operation: requests in, ledger commands, answers out.

use ledger::account::Account;
use ledger::batch::Origin;
use ledger::event::{BookChange, BookChanged};
use ledger::limits::QUERY_ROWS_MAX;
use ledger::past::{KeyKind, PastUnreadable};
use ledger::{
    AccountId, Balances, Book, BookId, Code, Height, Nanos, NewAccount, Operation, Seq, TenantId,
    TransferId,
};
use plugins_host::{Permitted, Resource};
use wire::message as m;
use wire::{Answer, Request};

use crate::fatal;
use crate::shard::{Shard, refuse};
use crate::submit::{Command, Known, Point, Reply};

impl Shard {
    /// Decides one permitted request at `now`.
    pub(crate) fn decide(&mut self, command: Permitted<Command>, now: Nanos) -> Reply {
        if let Request::Post(_) | Request::DryRun(_) = command.value().request {
            return self.post(&command, now);
        }
        let ctx = ledger::ledger::Context {
            now,
            origin: command.origin(),
        };
        let resource = command.resource();
        let Command { book, request, .. } = command.into_value();
        let system = BookId::SYSTEM;
        match request {
            Request::CreateTenant(r) => {
                let code = self
                    .ledger
                    .create_tenant(&ctx, r.tenant.id, r.tenant.name.as_str());
                self.directory.publish(self.ledger.registry());
                Reply::Answer(Answer::CreateTenant(self.decided(system, code)))
            }
            Request::CreateAsset(r) => {
                let (id, code) = (r.asset.id, r.asset.code);
                let code = self
                    .ledger
                    .create_asset(&ctx, id, code.as_str(), r.asset.exponent);
                Reply::Answer(Answer::CreateAsset(self.decided(system, code)))
            }
            Request::CreateBook(r) => {
                let name = r.name.as_str();
                let code = self
                    .ledger
                    .create_book(&ctx, r.book, r.tenant, name, r.importing);
                self.directory.publish(self.ledger.registry());
                Reply::Answer(Answer::CreateBook(self.decided(system, code)))
            }
            Request::ChangeBook(r) => {
                let (change, lock) = (r.change, r.effective_lock);
                let code = self.ledger.change_book(&ctx, book, change, r.reason, lock);
                Reply::Answer(Answer::ChangeBook(self.decided(book, code)))
            }
            Request::ListTenants(r) => self.list_tenants(&r),
            Request::ListAssets(r) => self.list_assets(&r),
            Request::ListBooks(r) => self.list_books(resource, &r),
            other if is_beside(&other) => {
                refuse(Code::Unsupported, "it is answered beside the shard")
            }
            Request::EraseNote(r) => self.erase_note(&ctx, book, r),
            Request::CreateAccounts(r) => {
                let first = self.next_seq(book);
                let mut codes = Vec::with_capacity(r.accounts.len());
                self.ledger
                    .create_accounts(&ctx, book, &r.accounts, &mut codes);
                let ids = r.accounts.iter().map(|new| new.id);
                self.facts.changed(book, created(ids, &codes));
                let outcomes = self.outcomes(book, in_order(first, codes));
                Reply::Answer(Answer::CreateAccounts(outcomes))
            }
            Request::ChangeAccounts(r) => {
                let first = self.next_seq(book);
                let mut codes = Vec::with_capacity(r.changes.len());
                self.ledger
                    .change_accounts(&ctx, book, &r.changes, &mut codes);
                let ids = r.changes.iter().map(|change| change.id);
                self.facts.changed(book, created(ids, &codes));
                let outcomes = self.outcomes(book, in_order(first, codes));
                Reply::Answer(Answer::ChangeAccounts(outcomes))
            }
            other => self.read(book, other),
        }
    }

    fn read(&mut self, id: BookId, request: Request) -> Reply {
        let Some(book) = self.ledger.book(id) else {
            return refuse(
                Code::BookNotFound,
                "there is no such book; list them with `list_books`",
            );
        };
        let height = height_of(book);
        match request {
            Request::LookupAccounts(r) => Reply::Answer(Answer::LookupAccounts(m::AccountsFound {
                height,
                rows: r
                    .ids
                    .iter()
                    .map(|id| Some(row(book, book.account(*id)?)))
                    .collect(),
            })),
            Request::ListAccounts(r) => {
                let from = usize::try_from(r.after).unwrap_or(usize::MAX);
                let from = from.min(book.accounts().len());
                let to = book.accounts().len().min(from + page(r.limit));
                let rows = book.accounts()[from..to]
                    .iter()
                    .map(|a| row(book, a))
                    .collect();
                let next = if to < book.accounts().len() {
                    to as u64
                } else {
                    0
                };
                Reply::Answer(Answer::ListAccounts(m::AccountList { height, rows, next }))
            }
            Request::BalancesAsOf(r) if r.as_of == m::AsOf::Now => {
                let rows = r
                    .ids
                    .iter()
                    .map(|id| Some(book.account(*id)?.balances))
                    .collect();
                let events = book.next_seq().0;
                Reply::Answer(Answer::BalancesAsOf(m::BalancesFound {
                    height,
                    events,
                    rows,
                }))
            }
            Request::Totals(_) => {
                let mut rows: Vec<_> = book.totals().assets().iter().map(totals).collect();
                rows.sort_by_key(|row| row.asset);
                let events = book.next_seq().0;
                Reply::Answer(Answer::Totals(m::Totals {
                    height,
                    events,
                    rows,
                }))
            }
            Request::Subscribe(_) => {
                let events = book.next_seq().0;
                Reply::Answer(Answer::Subscribe(m::Subscribed { height, events }))
            }
            request => {
                let known = match &request {
                    Request::LookupTransfers(r) => self.known(book, &r.ids),
                    Request::Receipts(r) => self.known(book, &r.ids),
                    _ => Vec::new(),
                };
                Reply::Continue(Box::new(self.point(book, request, known)))
            }
        }
    }

    fn erase_note(
        &mut self,
        ctx: &ledger::ledger::Context,
        book: BookId,
        request: m::EraseNote,
    ) -> Reply {
        let found = self
            .ledger
            .find(book, KeyKind::Transfer, request.id.0, &self.past);
        let seq = found.unwrap_or_else(|error| past_unreadable(error));
        let Some(seq) = seq else {
            return Reply::Answer(Answer::EraseNote(self.decided(book, Code::NotFound)));
        };
        let code = self.ledger.erase_note(ctx, book, seq);
        if code == Code::Created {
            self.erased.push((book, seq));
        }
        Reply::Answer(Answer::EraseNote(self.decided(book, code)))
    }

    /// Halts a book that was found wrong.
    pub(crate) fn halt(&mut self, book: BookId, now: Nanos) {
        let ctx = ledger::ledger::Context {
            now,
            origin: Origin::daemon(),
        };
        let reason = BookChanged::BY_DAEMON;
        let code = self
            .ledger
            .change_book(&ctx, book, BookChange::Halted, reason, Nanos(0));
        tracing::error!(%book, %code, "halting the book");
    }

    fn known(&self, book: &Book, ids: &[TransferId]) -> Vec<Known> {
        let find = |kind, id| self.ledger.ids().find(book.id, kind, id);
        ids.iter()
            .map(|id| Known {
                id: *id,
                seq: find(KeyKind::Transfer, id.0),
                ended: find(KeyKind::HoldEnd, id.0),
                reversed: find(KeyKind::Reversal, id.0),
                remaining: book.holds().get(*id).map(|hold| hold.remaining),
            })
            .collect()
    }

    fn point(&self, book: &Book, request: Request, known: Vec<Known>) -> Point {
        let is_open = !self.ledger.moved().is_empty();
        let cycle = if is_open {
            self.open_cycle
        } else {
            self.open_cycle - 1
        };
        let exists = |id: &AccountId| book.account(*id).is_some();
        let accounts = match &request {
            Request::BalancesAsOf(r) => r.ids.iter().map(exists).collect(),
            Request::Statement(r) => vec![exists(&r.account)],
            _ => Vec::new(),
        };
        Point {
            book: book.id,
            height: height_of(book),
            events: book.next_seq(),
            cycle,
            posted_at: book.last_posted_at(),
            request,
            known,
            accounts,
        }
    }

    pub(crate) fn height(&self, book: BookId) -> Height {
        self.ledger.book(book).map_or(Height(0), height_of)
    }

    fn next_seq(&self, book: BookId) -> Seq {
        self.ledger.book(book).map_or(Seq(0), Book::next_seq)
    }

    fn decided(&self, book: BookId, code: Code) -> m::Decided {
        let height = self.height(book);
        let last = self.ledger.book(book).filter(|_| code == Code::Created);
        m::Decided {
            code,
            height,
            seq: last.map_or(Seq(0), |book| Seq(book.next_seq().0 - 1)),
            posted_at: last.map_or(Nanos(0), Book::last_posted_at),
        }
    }

    pub(crate) fn outcomes(
        &self,
        book: BookId,
        results: impl Iterator<Item = (Code, Option<Seq>)>,
    ) -> m::Outcomes {
        let mut outcomes = m::Outcomes {
            height: self.height(book),
            first_seq: Seq(0),
            posted_at: Nanos(0),
            created: 0,
            exceptions: Vec::new(),
        };
        for (index, (code, seq)) in results.enumerate() {
            if code == Code::Created {
                if outcomes.created == 0 {
                    outcomes.first_seq = seq.unwrap_or(Seq(0));
                }
                outcomes.created += 1;
            } else {
                outcomes.exceptions.push(m::Exception {
                    index: index as u32,
                    code,
                    seq,
                });
            }
        }
        if let Some(book) = self.ledger.book(book).filter(|_| outcomes.created != 0) {
            outcomes.posted_at = book.last_posted_at();
        }
        outcomes
    }

    fn list_tenants(&self, request: &m::ListRequest) -> Reply {
        let tenants = self.ledger.registry().tenants.values().copied();
        let (rows, next) = paged(tenants, request, |tenant| u64::from(tenant.id.0));
        let height = self.height(BookId::SYSTEM);
        Reply::Answer(Answer::ListTenants(m::TenantList { height, rows, next }))
    }

    fn list_assets(&self, request: &m::ListRequest) -> Reply {
        let assets = self.ledger.registry().assets.values().copied();
        let (rows, next) = paged(assets, request, |asset| u64::from(asset.id.0));
        let height = self.height(BookId::SYSTEM);
        Reply::Answer(Answer::ListAssets(m::AssetList { height, rows, next }))
    }

    fn list_books(&self, resource: Resource, request: &m::ListRequest) -> Reply {
        let may_see = |owner: TenantId| match resource {
            Resource::AllTenants => true,
            Resource::Tenant(tenant) => owner == tenant.tenant,
            _ => false,
        };
        let books = self
            .ledger
            .registry()
            .books
            .values()
            .filter(|book| may_see(book.tenant));
        let rows = books.filter_map(|info| {
            let book = self.ledger.book(info.id)?;
            let state = book.state();
            Some(m::BookRow {
                book: info.id,
                tenant: info.tenant,
                name: info.name,
                importing: state.importing,
                halted: state.halted,
                requires_sealed: state.requires_sealed,
                reason: state.reason,
                effective_lock: state.effective_lock,
                height: height_of(book),
                events: book.next_seq().0,
                accounts: book.accounts().len() as u64,
            })
        });
        let (rows, next) = paged(rows, request, |row| u64::from(row.book.0));
        let height = self.height(BookId::SYSTEM);
        Reply::Answer(Answer::ListBooks(m::BookList { height, rows, next }))
    }
}

/// Those of `ids` whose code says that something came to be.
fn created(
    ids: impl Iterator<Item = AccountId>,
    codes: &[Code],
) -> impl Iterator<Item = AccountId> {
    ids.zip(codes)
        .filter_map(|(id, code)| (*code == Code::Created).then_some(id))
}

/// Whether the gateway answers it without the shard.
fn is_beside(request: &Request) -> bool {
    use Operation as O;
    if let Request::Receipts(receipts) = request {
        // What recent ids point to only the shard knows.
        return receipts.ids.is_empty();
    }
    matches!(
        request.operation(),
        O::Hello
            | O::SealStatus
            | O::ProveConsistency
            | O::ProveRange
            | O::ProveStatement
            | O::ProveLedger
            | O::Checkpoint
            | O::TlogProof
            | O::AuditRows
            | O::Keyring
            | O::ChangeSigners
            | O::Approve
            | O::Approvals
            | O::RequestApproval
            | O::PushPolicy
            | O::ListPolicies
            | O::ShadowPolicy
            | O::ActivatePolicy
    )
}

/// Nothing can be decided safely once the past is not to be read.
pub(crate) fn past_unreadable(error: PastUnreadable) -> ! {
    fatal::stop("shard", &error)
}

/// Height that an answer about `book` is decided at: that of its open block, or of the last one.
pub(crate) fn height_of(book: &Book) -> Height {
    Height(book.height() + u64::from(book.open_events() != 0))
}

/// How items were decided whose events follow each other from `first` on.
fn in_order(first: Seq, codes: Vec<Code>) -> impl Iterator<Item = (Code, Option<Seq>)> {
    let mut next = first;
    codes.into_iter().map(move |code| {
        if code != Code::Created {
            return (code, None);
        }
        let seq = next;
        next.0 += 1;
        (code, Some(seq))
    })
}

fn totals((asset, sums): &(ledger::AssetId, ledger::totals::AssetTotals)) -> m::AssetTotals {
    m::AssetTotals {
        asset: *asset,
        accounts: sums.accounts,
        sums: Balances {
            debits_posted: sums.debits_posted,
            credits_posted: sums.credits_posted,
            debits_pending: sums.debits_pending,
            credits_pending: sums.credits_pending,
        },
    }
}

fn page(limit: u32) -> usize {
    match limit as usize {
        0 => QUERY_ROWS_MAX,
        limit => limit.min(QUERY_ROWS_MAX),
    }
}

/// Rows after `after` in order of their key, and where the next page starts.
fn paged<T>(
    rows: impl Iterator<Item = T>,
    request: &m::ListRequest,
    key: impl Fn(&T) -> u64,
) -> (Vec<T>, u64) {
    let limit = page(request.limit);
    let mut rows: Vec<T> = rows
        .filter(|row| key(row) > request.after)
        .take(limit + 1)
        .collect();
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map_or(0, key);
    (rows, next)
}

fn row(book: &Book, account: &Account) -> m::AccountRow {
    m::AccountRow {
        account: NewAccount {
            id: account.id,
            asset: account.asset,
            code: account.code,
            user_data: account.user_data,
            settings: book.settings(account),
        },
        balances: account.balances,
        seq: account.seq,
        created_at: account.created_at,
        open_holds: account.open_holds,
    }
}
