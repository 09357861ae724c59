//! What is passed to one policy of what the judge has gathered for the whole chain.

use wasmtime::component::{ComponentType, Lower};

use crate::contract::{AccountColumns, Context, Needs, TransferColumns};
use crate::fault::Fault;
use crate::limits::ROWS_MAX;

/// Accounts that stand for those that a policy does not see.
static ZEROS: [u32; ROWS_MAX] = [0; ROWS_MAX];

/// The arguments of one call.
#[derive(Debug)]
pub(crate) struct Passed<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) accounts: Accounts<'a>,
    pub(crate) transfers: Transfers<'a>,
    /// Transfers that the policy can speak about.
    pub(crate) members: usize,
    /// The longest column, which the time for the call grows with.
    pub(crate) rows: usize,
}

#[derive(Clone, Copy, Default, Debug, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Accounts<'a> {
    #[component(name = "id-low")]
    id_low: &'a [u64],
    #[component(name = "id-high")]
    id_high: &'a [u64],
    code: &'a [u16],
    asset: &'a [u32],
    #[component(name = "state-bits")]
    state_bits: &'a [u16],
    #[component(name = "tag-bits")]
    tag_bits: &'a [u64],
}

#[derive(Clone, Copy, Default, Debug, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Transfers<'a> {
    debit: &'a [u32],
    credit: &'a [u32],
    #[component(name = "amount-low")]
    amount_low: &'a [u64],
    #[component(name = "amount-high")]
    amount_high: &'a [u64],
    asset: &'a [u32],
    code: &'a [u16],
    #[component(name = "flag-bits")]
    flag_bits: &'a [u16],
    #[component(name = "id-low")]
    id_low: &'a [u64],
    #[component(name = "id-high")]
    id_high: &'a [u64],
    timeout: &'a [u32],
    #[component(name = "effective-at")]
    effective_at: &'a [u64],
    #[component(name = "user-data")]
    user_data: &'a [u64],
}

impl<'a> Passed<'a> {
    /// What a policy with these `needs` is passed.
    ///
    /// # Errors
    /// There are too many rows, or the columns are not of one length.
    pub(crate) fn new(
        needs: Needs,
        context: &Context<'a>,
        accounts: &'a AccountColumns,
        batch: &'a TransferColumns,
    ) -> Result<Self, Fault> {
        let mut context = *context;
        if !needs.contains(Needs::TIME) {
            context.now = 0;
        }
        if !needs.contains(Needs::REQUEST_ID) {
            context.request_id_low = 0;
            context.request_id_high = 0;
        }
        let (is_even, accounts) = if needs.contains(Needs::ACCOUNTS) {
            (accounts.is_even(), columns_of(accounts))
        } else {
            (true, Accounts::default())
        };
        let members = if needs.any_transfers() {
            batch.len()
        } else {
            0
        };
        let rows = accounts.id_low.len().max(members);
        if rows > ROWS_MAX || !is_even {
            return Err(Fault::Unavailable);
        }
        let transfers = Transfers::new(needs, batch);
        if !transfers.are_even(needs, members) {
            return Err(Fault::Unavailable);
        }
        Ok(Self {
            context,
            accounts,
            transfers,
            members,
            rows,
        })
    }
}

fn columns_of(accounts: &AccountColumns) -> Accounts<'_> {
    Accounts {
        id_low: &accounts.id_low,
        id_high: &accounts.id_high,
        code: &accounts.code,
        asset: &accounts.asset,
        state_bits: &accounts.state_bits,
        tag_bits: &accounts.tag_bits,
    }
}

impl<'a> Transfers<'a> {
    fn new(needs: Needs, batch: &'a TransferColumns) -> Self {
        let mut passed = Self::default();
        if needs.contains(Needs::TRANSFERS) {
            let hidden = !needs.contains(Needs::ACCOUNTS);
            let side = |column: &'a [u32]| {
                if hidden {
                    ZEROS.get(..column.len()).unwrap_or_default()
                } else {
                    column
                }
            };
            passed.debit = side(&batch.debit);
            passed.credit = side(&batch.credit);
            passed.amount_low = &batch.amount_low;
            passed.amount_high = &batch.amount_high;
            passed.asset = &batch.asset;
            passed.code = &batch.code;
            passed.flag_bits = &batch.flag_bits;
        }
        if needs.contains(Needs::TRANSFER_IDS) {
            passed.id_low = &batch.id_low;
            passed.id_high = &batch.id_high;
        }
        if needs.contains(Needs::TRANSFER_DETAILS) {
            passed.timeout = &batch.timeout;
            passed.effective_at = &batch.effective_at;
            passed.user_data = &batch.user_data;
        }
        passed
    }

    fn are_even(&self, needs: Needs, members: usize) -> bool {
        let rows = |need| if needs.contains(need) { members } else { 0 };
        let basic = rows(Needs::TRANSFERS);
        let ids = rows(Needs::TRANSFER_IDS);
        let details = rows(Needs::TRANSFER_DETAILS);
        [
            (self.debit.len(), basic),
            (self.credit.len(), basic),
            (self.amount_low.len(), basic),
            (self.amount_high.len(), basic),
            (self.asset.len(), basic),
            (self.code.len(), basic),
            (self.flag_bits.len(), basic),
            (self.id_low.len(), ids),
            (self.id_high.len(), ids),
            (self.timeout.len(), details),
            (self.effective_at.len(), details),
            (self.user_data.len(), details),
        ]
        .iter()
        .all(|(len, expected)| len == expected)
    }
}
