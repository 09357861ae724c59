//! A session: a connection, and what the options say about the requests on it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use client::{Client, ClientConfig, Credentials, certificates_from_pem};
use ledger::{AccountId, BookId, TenantId};
use wire::message::{AccountRow, BookRow, ListRequest};

use crate::args::Global;
use crate::assets::Assets;
use crate::fault::Fault;
use crate::key::AccountKey;
use crate::output::Output;
use crate::profile::Profile;

/// A connection, and what the options say about the requests on it.
pub(crate) struct Session {
    /// The connection.
    pub(crate) client: Client,
    /// How long a request may take.
    pub(crate) timeout: Duration,
    /// How results are printed.
    pub(crate) output: Output,
    book: Option<String>,
}

/// Most pages of a list that must be short.
const PAGES_MAX: usize = 10_000;

impl Session {
    /// Connects as the options say.
    pub(crate) async fn open(global: &Global, state_home: Option<&Path>) -> Result<Self, Fault> {
        let profile = Profile::find(global, state_home)?;
        let server = resolve(&profile.address)?;
        let pem = |file: &Path| Fault::Pem(file.to_owned());
        let roots = certificates_from_pem(&read(&profile.ca)?).map_err(|_| pem(&profile.ca))?;
        let chain = read(&profile.certificate)?;
        certificates_from_pem(&chain).map_err(|_| pem(&profile.certificate))?;
        let credentials =
            Credentials::from_pem(&chain, &read(&profile.key)?).map_err(|_| pem(&profile.key))?;
        let timeout = Duration::from_secs(u64::from(global.timeout.0));
        let config = ClientConfig {
            program: concat!("ledgerctl ", env!("CARGO_PKG_VERSION")).to_owned(),
            deadline: timeout,
            ..ClientConfig::new(server, &profile.server_name, roots, credentials)
        };
        let connected = Client::connect(&config).await;
        Ok(Self {
            client: connected.map_err(|error| Fault::Connect(profile.address, error))?,
            timeout,
            output: Output::of(global),
            book: global.book.clone(),
        })
    }

    /// Every asset of the ledger.
    pub(crate) async fn assets(&self) -> Result<Assets, Fault> {
        let list = async |request| {
            let page = self.client.list_assets(request).await?;
            Ok((page.rows, page.next))
        };
        Ok(Assets(all(list, u64::MAX).await?))
    }

    /// Every book that can be seen.
    pub(crate) async fn books(&self) -> Result<Vec<BookRow>, Fault> {
        let list = async |request| {
            let page = self.client.list_books(request).await?;
            Ok((page.rows, page.next))
        };
        all(list, u64::MAX).await
    }

    /// The book that `--book` names, or the only one in sight.
    pub(crate) async fn book(&self) -> Result<BookId, Fault> {
        if let Some(id) = self.book.as_ref().and_then(|text| text.parse().ok()) {
            return Ok(BookId(id));
        }
        let mut books = self.books().await?;
        if let Some(name) = &self.book {
            books.retain(|book| book.name.as_str() == name);
        }
        match (&books[..], &self.book) {
            ([book], _) => Ok(book.book),
            ([], Some(name)) => Err(Fault::NoBook(name.clone(), titles(&self.books().await?))),
            (books, _) => Err(Fault::WhichBook(titles(books))),
        }
    }

    /// A tenant by name or number.
    pub(crate) async fn tenant(&self, text: &str) -> Result<TenantId, Fault> {
        if let Ok(id) = text.parse() {
            return Ok(TenantId(id));
        }
        let list = async |request| {
            let page = self.client.list_tenants(request).await?;
            Ok((page.rows, page.next))
        };
        let tenants = all(list, u64::MAX).await?;
        let found = tenants.iter().find(|tenant| tenant.name.as_str() == text);
        found.map(|tenant| tenant.id).ok_or_else(|| {
            let names = tenants.iter().map(|tenant| tenant.name.to_string());
            Fault::NoTenant(text.to_owned(), names.collect())
        })
    }

    /// Accounts in the order of their ids; absent where there is no such account.
    pub(crate) async fn accounts(
        &self,
        book: BookId,
        ids: &[AccountId],
    ) -> Result<Vec<Option<AccountRow>>, Fault> {
        let most = self.client.hello().batch_accounts_max.max(1) as usize;
        let mut rows = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(most) {
            let found = self.client.lookup_accounts(book, chunk.to_vec()).await?;
            rows.extend(found.rows);
        }
        Ok(rows)
    }

    /// An account that must be there.
    pub(crate) async fn account(
        &self,
        book: BookId,
        key: &AccountKey,
    ) -> Result<AccountRow, Fault> {
        let rows = self.accounts(book, &[key.id]).await?;
        let row = rows.into_iter().next().flatten();
        row.ok_or_else(|| Fault::NoAccount(key.text.clone()))
    }
}

/// The rows of a list, page by page, until its end or `most` of them.
pub(crate) async fn all<T>(
    list: impl AsyncFn(ListRequest) -> Result<(Vec<T>, u64), Fault>,
    most: u64,
) -> Result<Vec<T>, Fault> {
    let mut rows = Vec::new();
    let mut after = 0;
    for _ in 0..PAGES_MAX {
        let left = most.saturating_sub(rows.len() as u64);
        let limit = u32::try_from(left).unwrap_or(0);
        let (page, next) = list(ListRequest { after, limit }).await?;
        rows.extend(page);
        if next == 0 || rows.len() as u64 >= most {
            rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            return Ok(rows);
        }
        if next <= after {
            break;
        }
        after = next;
    }
    Err(Fault::EndlessList)
}

fn titles(books: &[BookRow]) -> Vec<String> {
    let title = |book: &BookRow| format!("{} ({})", book.name, book.book);
    books.iter().map(title).collect()
}

fn resolve(address: &str) -> Result<SocketAddr, Fault> {
    let fault = |error| Fault::Address(address.to_owned(), error);
    let mut found = address.to_socket_addrs().map_err(fault)?;
    let none = || fault(std::io::ErrorKind::AddrNotAvailable.into());
    found.next().ok_or_else(none)
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(file).map_err(|error| Fault::Unreadable(file.to_owned(), error))
}
