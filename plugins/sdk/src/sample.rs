//! Requests to try a policy on, natively.

use crate::rows::{self, Account, Details, Transfer};
use crate::{Accounts, Context, Needs, Policy, Reason, Request, Resource, Transfers, Verdict};

/// A request made by hand: by tenant `acme`, about its book 2, unless told otherwise.
#[derive(Clone, Debug)]
pub struct Sample {
    context: Context,
    accounts: Vec<Account>,
    transfers: Vec<(u128, Transfer, Details)>,
}

impl Sample {
    /// A request for an operation.
    pub fn new(operation: &str) -> Self {
        let resource = Resource {
            kind: "book".to_owned(),
            id: "2".to_owned(),
            owner: "acme".to_owned(),
            owned: true,
        };
        let context = Context {
            operation: operation.to_owned(),
            resource,
            tenant: "acme".to_owned(),
            principal: "spiffe://example.org/acme/test".to_owned(),
            roles: Vec::new(),
            scopes: Vec::new(),
            attributes: Vec::new(),
            now: 0,
            request_id_low: 0,
            request_id_high: 0,
        };
        Self {
            context,
            accounts: Vec::new(),
            transfers: Vec::new(),
        }
    }

    /// By a principal of this tenant; the platform's has no name.
    #[must_use]
    pub fn tenant(mut self, name: &str) -> Self {
        name.clone_into(&mut self.context.tenant);
        self
    }

    /// With one more role.
    #[must_use]
    pub fn role(mut self, role: &str) -> Self {
        self.context.roles.push(role.to_owned());
        self
    }

    /// With one more scope.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.context.scopes.push(scope.to_owned());
        self
    }

    /// With one more attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        let attribute = (name.to_owned(), value.to_owned());
        self.context.attributes.push(attribute);
        self
    }

    /// About a resource of this kind, and of this owner if it has one.
    #[must_use]
    pub fn about(mut self, kind: &str, owner: Option<&str>) -> Self {
        self.context.resource = Resource {
            kind: kind.to_owned(),
            id: self.context.resource.id,
            owner: owner.unwrap_or_default().to_owned(),
            owned: owner.is_some(),
        };
        self
    }

    /// At this time, in nanoseconds since 1970.
    #[must_use]
    pub fn at(mut self, now: u64) -> Self {
        self.context.now = now;
        self
    }

    /// With more accounts; transfers name them by their places.
    #[must_use]
    pub fn accounts(mut self, accounts: impl IntoIterator<Item = Account>) -> Self {
        self.accounts.extend(accounts);
        self
    }

    /// With more transfers. Ids are 1, 2, 3 … and what is not in a [`Transfer`] is 0.
    #[must_use]
    pub fn transfers(mut self, transfers: impl IntoIterator<Item = Transfer>) -> Self {
        for transfer in transfers {
            let id = self.transfers.len() as u128 + 1;
            self.transfers.push((id, transfer, Details::default()));
        }
        self
    }

    /// The policy's verdict, on what it needs of the request.
    pub fn ask<P: Policy>(&self, policy: &P) -> Verdict {
        policy.evaluate(&self.request(policy.needs()))
    }

    /// Why the policy denies what it denies.
    pub fn explain<P: Policy>(&self, policy: &P) -> Vec<Reason> {
        policy.explain(self.request(policy.needs()))
    }

    /// Context and all columns.
    pub fn parts(&self) -> (Context, Accounts, Transfers) {
        let accounts = &self.accounts;
        let columns = Accounts {
            id_low: accounts
                .iter()
                .map(|each| rows::halves(each.id).0)
                .collect(),
            id_high: accounts
                .iter()
                .map(|each| rows::halves(each.id).1)
                .collect(),
            code: accounts.iter().map(|each| each.code).collect(),
            asset: accounts.iter().map(|each| each.asset).collect(),
            state_bits: accounts.iter().map(|each| each.state).collect(),
            tag_bits: accounts.iter().map(|each| each.tags).collect(),
        };
        (self.context.clone(), columns, self.transfer_columns())
    }

    fn transfer_columns(&self) -> Transfers {
        fn column<T>(
            of: &[(u128, Transfer, Details)],
            value: impl Fn(&(u128, Transfer, Details)) -> T,
        ) -> Vec<T> {
            of.iter().map(value).collect()
        }
        let of = &self.transfers;
        Transfers {
            debit: column(of, |(_, row, _)| row.debit),
            credit: column(of, |(_, row, _)| row.credit),
            amount_low: column(of, |(_, row, _)| rows::halves(row.amount).0),
            amount_high: column(of, |(_, row, _)| rows::halves(row.amount).1),
            asset: column(of, |(_, row, _)| row.asset),
            code: column(of, |(_, row, _)| row.code),
            flag_bits: column(of, |(_, row, _)| row.flags),
            id_low: column(of, |(id, _, _)| rows::halves(*id).0),
            id_high: column(of, |(id, _, _)| rows::halves(*id).1),
            timeout: column(of, |(_, _, details)| details.timeout),
            effective_at: column(of, |(_, _, details)| details.effective_at),
            user_data: column(of, |(_, _, details)| details.user_data),
        }
    }

    /// As the host passes it: what is not needed is left out.
    fn request(&self, needs: Needs) -> Request {
        let mut sample = self.clone();
        if !needs.contains(Needs::TIME) {
            sample.context.now = 0;
        }
        if !needs.contains(Needs::ACCOUNTS) {
            sample.accounts.clear();
        }
        let of_transfers = Needs::TRANSFERS | Needs::TRANSFER_IDS | Needs::TRANSFER_DETAILS;
        if !needs.intersects(of_transfers) {
            sample.transfers.clear();
        }
        let (context, accounts, transfers) = sample.parts();
        Request::new(needs, context, accounts, transfers)
    }
}
