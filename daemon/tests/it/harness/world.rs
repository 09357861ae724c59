//! A daemon with a tenant, an asset, a book and accounts, and clients of every role.

use client::Client;
use ledger::account::AccountSettings;
use ledger::asset::{Asset, AssetCode};
use ledger::event::BookChange;
use ledger::registry::{Name, Tenant};
use ledger::{
    AccountChange, AccountId, AssetId, Balances, BookId, Code, Nanos, NewAccount, TenantId,
    Transfer, TransferId,
};
use wire::message as m;

use super::Place;
use super::process::Daemon;

/// The book of tenant `acme`.
pub(crate) const BOOK: BookId = BookId(7);
/// Tenant `acme`.
pub(crate) const ACME: TenantId = TenantId(1);
/// `USD/2`.
pub(crate) const USD: AssetId = AssetId(1);

/// A daemon with a tenant, an asset, a book and accounts.
pub(crate) struct World {
    pub(crate) place: Place,
    pub(crate) daemon: Daemon,
    pub(crate) operator: Client,
    pub(crate) admin: Client,
    pub(crate) write: Client,
}

impl World {
    /// A new daemon whose book has accounts 1 to `accounts`, without bounds.
    pub(crate) async fn new(accounts: u128) -> Self {
        Self::at(Place::new(), accounts).await
    }

    /// A new daemon at `place`.
    pub(crate) async fn at(place: Place, accounts: u128) -> Self {
        let daemon = place.start();
        let operator = connect(&place, &daemon, "operator").await;
        create_tenant(&operator, ACME, "acme").await;
        create_asset(&operator).await;
        create_book(&operator, BOOK, ACME, "main", false).await;
        let world = Self {
            admin: connect(&place, &daemon, "acme-admin").await,
            write: connect(&place, &daemon, "acme-write").await,
            place,
            daemon,
            operator,
        };
        create_accounts(&world.admin, BOOK, 1..=accounts).await;
        world
    }

    /// Connects as `name`.
    pub(crate) async fn connect(&self, name: &str) -> Client {
        connect(&self.place, &self.daemon, name).await
    }

    /// The same place with another daemon, which `end` and `start` make of the one that runs.
    pub(crate) async fn again(
        self,
        end: impl FnOnce(Daemon),
        start: impl FnOnce(&Place) -> Daemon,
    ) -> Self {
        end(self.daemon);
        let daemon = start(&self.place);
        Self {
            operator: connect(&self.place, &daemon, "operator").await,
            admin: connect(&self.place, &daemon, "acme-admin").await,
            write: connect(&self.place, &daemon, "acme-write").await,
            place: self.place,
            daemon,
        }
    }

    /// Posts transfers one by one in one request and gives their codes.
    pub(crate) async fn post(&self, transfers: &[Transfer]) -> Vec<Code> {
        let outcomes = self.write.post(BOOK, transfers, &[]).await.unwrap();
        codes(&outcomes)
    }

    /// Posts a transfer that must be created.
    pub(crate) async fn created(&self, transfer: Transfer) {
        assert_eq!(
            self.post(&[transfer]).await,
            [Code::Created],
            "{transfer:?}"
        );
    }

    /// Balances of `accounts` now.
    pub(crate) async fn balances(&self, accounts: &[u128]) -> Vec<Balances> {
        self.balances_as_of(accounts, m::AsOf::Now).await
    }

    /// Balances of `accounts`, which exist, at a point.
    pub(crate) async fn balances_as_of(&self, accounts: &[u128], as_of: m::AsOf) -> Vec<Balances> {
        let ids = accounts.iter().copied().map(AccountId).collect();
        let request = m::BalancesAsOf { as_of, ids };
        let found = self.write.balances_as_of(BOOK, request).await.unwrap();
        found.rows.into_iter().map(Option::unwrap).collect()
    }

    /// How many events the book has.
    pub(crate) async fn events(&self) -> u64 {
        self.write.totals(BOOK).await.unwrap().events
    }

    /// The transfer with this id, if there is one.
    pub(crate) async fn lookup(&self, id: u128) -> Option<m::TransferFound> {
        let found = self.write.lookup_transfers(BOOK, &[TransferId(id)]).await;
        found.unwrap().rows.remove(0)
    }

    /// Changes the book, which must succeed.
    pub(crate) async fn change_book(&self, change: BookChange) {
        let code = change_book(&self.operator, BOOK, change, Nanos(0)).await;
        assert_eq!(code, Code::Created);
    }

    /// Gives an account other flags, which must succeed.
    pub(crate) async fn set_flags(&self, account: u128, flags: u16) {
        let change = AccountChange {
            id: AccountId(account),
            settings: AccountSettings {
                flags: ledger::AccountFlags(flags),
                ..AccountSettings::default()
            },
        };
        let outcomes = self.admin.change_accounts(BOOK, vec![change]).await;
        assert_eq!(codes(&outcomes.unwrap()), [Code::Created]);
    }
}

/// How each item was decided.
pub(crate) fn codes(outcomes: &m::Outcomes) -> Vec<Code> {
    let count = u32::try_from(outcomes.count()).unwrap();
    (0..count).map(|index| outcomes.code(index)).collect()
}

/// Connects as `name`.
pub(crate) async fn connect(place: &Place, daemon: &Daemon, name: &str) -> Client {
    let config = place.config(name, daemon.address());
    Client::connect(&config).await.unwrap()
}

/// A name.
pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// Creates a tenant.
pub(crate) async fn create_tenant(operator: &Client, id: TenantId, text: &str) {
    let tenant = Tenant {
        id,
        name: name(text),
    };
    let request = m::CreateTenant { tenant };
    let decided = operator.create_tenant(request).await.unwrap();
    assert_eq!(decided.code, Code::Created);
}

/// `USD/2`.
pub(crate) fn usd() -> Asset {
    Asset {
        id: USD,
        code: AssetCode::parse("USD").unwrap(),
        exponent: 2,
    }
}

async fn create_asset(operator: &Client) {
    let decided = operator.create_asset(m::CreateAsset { asset: usd() }).await;
    assert_eq!(decided.unwrap().code, Code::Created);
}

/// Creates a book.
pub(crate) async fn create_book(
    operator: &Client,
    book: BookId,
    tenant: TenantId,
    text: &str,
    importing: bool,
) {
    let request = m::CreateBook {
        book,
        tenant,
        name: name(text),
        importing,
    };
    let decided = operator.create_book(request).await.unwrap();
    assert_eq!(decided.code, Code::Created);
}

/// Asks for a change of a book.
pub(crate) async fn change_book(
    client: &Client,
    book: BookId,
    change: BookChange,
    effective_lock: Nanos,
) -> Code {
    let request = m::ChangeBook {
        change,
        reason: 5,
        effective_lock,
    };
    client.change_book(book, request).await.unwrap().code
}

/// An account in `USD/2` without bounds.
pub(crate) fn account(id: u128) -> NewAccount {
    NewAccount {
        id: AccountId(id),
        asset: USD,
        code: 1,
        user_data: 0,
        settings: AccountSettings::default(),
    }
}

/// Creates accounts.
pub(crate) async fn create_accounts(admin: &Client, book: BookId, ids: impl Iterator<Item = u128>) {
    let accounts: Vec<NewAccount> = ids.map(account).collect();
    let count = accounts.len();
    let outcomes = admin.create_accounts(book, accounts).await.unwrap();
    assert_eq!(outcomes.created as usize, count);
}
