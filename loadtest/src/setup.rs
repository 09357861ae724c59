//! What a load needs before it: a tenant, an asset, books and accounts.

use client::{Client, ClientError};
use ledger::asset::{Asset, AssetCode};
use ledger::limits::BATCH_ACCOUNTS_MAX;
use ledger::registry::{Name, Tenant};
use ledger::{AssetId, BookId, Code, NewAccount, TenantId};
use tokio::task::JoinSet;
use wire::message::{CreateAsset, CreateBook, CreateTenant, ListRequest};

use crate::outcome::Outcome;
use crate::profile::Profiles;
use crate::session::{connect, retry_after};
use crate::workload::account_id;

/// Requests at once while books and accounts are created.
const AT_ONCE: usize = 16;
/// The asset that is created where there is none.
const ASSET: (AssetId, &str, u8) = (AssetId(840), "USD", 2);

/// Creates `count` books of the tenant, which nothing moved yet, and returns their numbers.
///
/// # Errors
/// The daemon refuses, or the connection is lost.
pub async fn create_books(profiles: &Profiles, count: u32) -> Outcome<(Vec<BookId>, AssetId)> {
    let operator = connect(&profiles.operator, AT_ONCE).await?;
    let made = create_books_at(&operator, &profiles.tenant, count).await?;
    operator.close().await;
    Ok(made)
}

/// Creates `count` books of the tenant over a connection of an operator.
///
/// # Errors
/// As [`create_books`].
pub async fn create_books_at(
    operator: &Client,
    tenant: &str,
    count: u32,
) -> Outcome<(Vec<BookId>, AssetId)> {
    let tenant = ensure_tenant(operator, tenant).await?;
    let asset = ensure_asset(operator).await?;
    let first = last_book(operator).await? + 1;
    let books: Vec<BookId> = (0..count).map(|at| BookId(first + at)).collect();
    let work = books.clone().into_iter().map(|book| {
        let operator = operator.clone();
        async move {
            let name = format!("load-{book}");
            let name = Name::parse(&name).ok_or("a book's name is too long")?;
            let request = CreateBook {
                book,
                tenant,
                name,
                importing: false,
            };
            expect_created(operator.create_book(request).await?.code, "book")
        }
    });
    all(work).await?;
    Ok((books, asset))
}

/// Creates accounts `0..count` in each of the books.
///
/// # Errors
/// The daemon refuses, or the connection is lost.
pub async fn create_accounts(
    profiles: &Profiles,
    books: &[BookId],
    asset: AssetId,
    count: u32,
) -> Outcome<()> {
    let admin = connect(&profiles.admin, AT_ONCE).await?;
    let starts = (0..count).step_by(BATCH_ACCOUNTS_MAX);
    let parts = books
        .iter()
        .flat_map(|book| starts.clone().map(move |start| (*book, start)));
    let work = parts.map(|(book, start)| {
        let admin = admin.clone();
        let end = count.min(start.saturating_add(BATCH_ACCOUNTS_MAX as u32));
        async move { create_part(&admin, book, asset, start..end).await }
    });
    all(work).await?;
    admin.close().await;
    Ok(())
}

async fn create_part(
    admin: &Client,
    book: BookId,
    asset: AssetId,
    indexes: std::ops::Range<u32>,
) -> Outcome<()> {
    let accounts: Vec<NewAccount> = indexes
        .map(|index| NewAccount {
            id: account_id(index),
            asset,
            code: 1,
            user_data: u64::from(index),
            settings: Default::default(),
        })
        .collect();
    loop {
        match admin.create_accounts(book, accounts.clone()).await {
            Ok(outcomes) => {
                let refused = outcomes
                    .exceptions
                    .iter()
                    .find(|each| !each.code.is_posted());
                return refused.map_or(Ok(()), |each| expect_created(each.code, "account"));
            }
            Err(error) => wait_or_fail(error).await?,
        }
    }
}

async fn wait_or_fail(error: ClientError) -> Outcome<()> {
    let Some(after) = retry_after(&error) else {
        return Err(error.into());
    };
    tokio::time::sleep(after).await;
    Ok(())
}

async fn ensure_tenant(operator: &Client, name: &str) -> Outcome<TenantId> {
    let name = Name::parse(name).ok_or_else(|| format!("`{name}` is not a tenant's name"))?;
    let (mut after, mut highest) = (0, 0);
    loop {
        let list = operator
            .list_tenants(ListRequest { after, limit: 0 })
            .await?;
        if let Some(tenant) = list.rows.iter().find(|tenant| tenant.name == name) {
            return Ok(tenant.id);
        }
        highest = list
            .rows
            .iter()
            .map(|tenant| tenant.id.0)
            .fold(highest, u32::max);
        if list.next == 0 {
            break;
        }
        after = list.next;
    }
    let id = TenantId(highest + 1);
    let request = CreateTenant {
        tenant: Tenant { id, name },
    };
    expect_created(operator.create_tenant(request).await?.code, "tenant")?;
    Ok(id)
}

async fn ensure_asset(operator: &Client) -> Outcome<AssetId> {
    let list = operator
        .list_assets(ListRequest { after: 0, limit: 1 })
        .await?;
    if let Some(asset) = list.rows.first() {
        return Ok(asset.id);
    }
    let (id, code, exponent) = ASSET;
    let code = AssetCode::parse(code).ok_or("the asset's code is wrong")?;
    let request = CreateAsset {
        asset: Asset { id, code, exponent },
    };
    expect_created(operator.create_asset(request).await?.code, "asset")?;
    Ok(id)
}

async fn last_book(operator: &Client) -> Outcome<u32> {
    let (mut after, mut highest) = (0, 0);
    loop {
        let list = operator.list_books(ListRequest { after, limit: 0 }).await?;
        highest = list
            .rows
            .iter()
            .map(|row| row.book.0)
            .fold(highest, u32::max);
        if list.next == 0 {
            return Ok(highest);
        }
        after = list.next;
    }
}

fn expect_created(code: Code, what: &str) -> Outcome<()> {
    if code.is_posted() {
        Ok(())
    } else {
        Err(format!("cannot create the {what}: `{code}`, {}", code.doc()).into())
    }
}

/// Runs all of `work`, at most [`AT_ONCE`] of it at a time.
async fn all<F>(work: impl Iterator<Item = F>) -> Outcome<()>
where
    F: Future<Output = Outcome<()>> + Send + 'static,
{
    let mut running = JoinSet::new();
    for each in work {
        while running.len() >= AT_ONCE {
            finish_one(&mut running).await?;
        }
        running.spawn(each);
    }
    while !running.is_empty() {
        finish_one(&mut running).await?;
    }
    Ok(())
}

async fn finish_one(running: &mut JoinSet<Outcome<()>>) -> Outcome<()> {
    match running.join_next().await {
        Some(done) => done?,
        None => Ok(()),
    }
}
